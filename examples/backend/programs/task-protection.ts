// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html

/** The protection ends by itself after this time, for example if the worker hangs. */
const MINUTES = 60;
/**
 * The time after which the protection ends between two jobs. Until it ends, ECS does not stop the task for a deployment
 * or at scale-in: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
 *
 * A job that begins just before has protection for 45 minutes, which must be longer than any job.
 */
const LONGEST_MINUTES = 15;
const MILLISECONDS = 60_000;
const TIMEOUT_MILLISECONDS = 2_000;

/** The time at which the protection began, or undefined without protection. */
let protectedSince: number | undefined;

const minutesOfProtection = () => protectedSince === undefined ? 0 : (Date.now() - protectedSince) / MILLISECONDS;

/**
 * Protects the task of this worker from scale-in and deployments, or ends the protection.
 *
 * It does nothing outside ECS. Without protection, ECS sends SIGTERM, and the worker returns a job that takes too long.
 * ECS refuses protection while more tasks are protected than the service needs.
 */
export async function protectTask(protection: boolean): Promise<void> {
  const { ECS_AGENT_URI } = process.env;
  if (minutesOfProtection() >= MINUTES) protectedSince = undefined;
  if (!ECS_AGENT_URI || protection === (protectedSince !== undefined)) return;
  const response = await fetch(`${ECS_AGENT_URI}/task-protection/v1/state`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ProtectionEnabled: protection, ...protection && { ExpiresInMinutes: MINUTES } }),
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  }).catch(() => undefined);
  if (response?.ok) protectedSince = protection ? Date.now() : undefined;
}

/**
 * Ends a protection that began 15 minutes ago, and returns whether it did. Call it between two jobs, and then begin no
 * job for a minute: a worker whose queue is never empty would otherwise delay deployments forever.
 */
export async function endLongProtection(): Promise<boolean> {
  if (minutesOfProtection() < LONGEST_MINUTES) return false;
  await protectTask(false);
  return protectedSince === undefined;
}
