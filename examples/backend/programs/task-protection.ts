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
/** The agent ends its own request to ECS after 4 seconds. An answer that this program no longer reads would be lost. */
const TIMEOUT_MILLISECONDS = 5_000;

/** The answer of the agent. */
interface Answer {
  readonly protection?: { readonly ProtectionEnabled: boolean };
}

/** The time at which the protection began, or undefined without protection. */
let protectedSince: number | undefined;

const minutesOfProtection = () => protectedSince === undefined ? 0 : (Date.now() - protectedSince) / MILLISECONDS;

/**
 * Protects the task of this worker from scale-in and deployments, or ends the protection.
 *
 * It does nothing outside ECS. Without protection, ECS sends SIGTERM, and the worker returns a job that takes too long.
 * ECS refuses protection while more tasks are protected than the service needs, for example during a deployment. The
 * agent then responds with status 200 and a `failure` instead of a `protection`:
 * https://github.com/aws/amazon-ecs-agent/blob/master/ecs-agent/tmds/handlers/taskprotection/v1/handlers/handlers.go
 */
export async function protectTask(protection: boolean): Promise<void> {
  const { ECS_AGENT_URI } = process.env;
  if (minutesOfProtection() >= MINUTES) protectedSince = undefined;
  if (!ECS_AGENT_URI || protection === (protectedSince !== undefined)) return;
  const answer = await fetch(`${ECS_AGENT_URI}/task-protection/v1/state`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ProtectionEnabled: protection, ...protection && { ExpiresInMinutes: MINUTES } }),
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  }).then((response) => response.json() as Promise<Answer>).catch(() => undefined);
  if (answer?.protection?.ProtectionEnabled === protection) protectedSince = protection ? Date.now() : undefined;
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
