// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html

/** Longer than any job. The protection ends by itself if the worker hangs. */
const MINUTES = 60;
const MILLISECONDS = 60_000;
const TIMEOUT_MILLISECONDS = 2_000;

/** The time at which the protection ends by itself, or 0 without protection. */
let protectedUntil = 0;

/**
 * Protects the task of this worker from scale-in and deployments, or ends the protection.
 *
 * It does nothing outside ECS. Without protection, ECS sends SIGTERM, and the worker returns a job that takes too long.
 */
export async function protectTask(protection: boolean): Promise<void> {
  const { ECS_AGENT_URI } = process.env;
  // A worker with many jobs renews the protection in its second half.
  const isAsWanted = protection ? protectedUntil - Date.now() > MINUTES / 2 * MILLISECONDS : protectedUntil === 0;
  if (!ECS_AGENT_URI || isAsWanted) return;
  const response = await fetch(`${ECS_AGENT_URI}/task-protection/v1/state`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ProtectionEnabled: protection, ...protection && { ExpiresInMinutes: MINUTES } }),
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  }).catch(() => undefined);
  if (response?.ok) protectedUntil = protection ? Date.now() + MINUTES * MILLISECONDS : 0;
}
