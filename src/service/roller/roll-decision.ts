import { CHECK_MINUTES } from './roll-request';
import { UtcWindow } from '../../core/utc-window';

const HOUR_MILLISECONDS = 60 * 60_000;
/**
 * The longest rotation window of Secrets Manager: the rest of a UTC day. A rotation happens at most this long before
 * `NextRotationDate`, which is the end of the window.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
 */
const LONGEST_ROTATION_WINDOW = 24 * HOUR_MILLISECONDS;
/** The time within which a secret and its first version are created. */
const AT_ONCE = 60_000;
/** How long a roll waits for another deployment before the alarm fires. */
const LONGEST_WAIT = 3 * HOUR_MILLISECONDS;
/** The states of a deployment that ended without new tasks. */
export const FAILED = ['ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED', 'STOPPED'] as const;
/**
 * The states of a deployment that has not ended.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
 */
export const RUNNING = [
  'PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS',
] as const;
const SUCCESSFUL = 'SUCCESSFUL';

/** The fields of a `DescribeServices` response that the decision reads. */
export interface ServiceState {
  readonly status?: string;
  readonly desiredCount?: number;
  readonly deployments?: ReadonlyArray<{
    readonly status?: string;
    readonly createdAt?: Date;
    readonly rolloutState?: string;
  }>;
}

/** A deployment in the history of a service, as `ListServiceDeployments` returns it. */
export interface DeploymentState {
  readonly status?: string;
  readonly createdAt?: Date;
}

/** The rotations of a secret. */
export interface SecretState {
  /** Whether the previous value remains valid until the next rotation. */
  readonly overlaps: boolean;
  readonly rotatedAt?: Date;
  /** The latest time of the next rotation. */
  readonly nextRotation?: Date;
  /** When the secret was created, with its first version as the current one. */
  readonly createdAt?: Date;
  /** When the version before the current one was created. It became current at that time or later. */
  readonly previousCreatedAt?: Date;
  /** When the current version was created. The version before it was current at that time. */
  readonly currentCreatedAt?: Date;
}

/** The state that the decision depends on. */
export interface RollState {
  readonly service: ServiceState | undefined;
  readonly secrets: SecretState[];
  /** The deployments since the first rotation. The successful ones matter only if another one failed. */
  readonly deployments: DeploymentState[];
  readonly window: UtcWindow;
  readonly now: Date;
}

/** Whether to start a new deployment of the service, and the reason. */
export interface RollDecision {
  readonly roll: boolean;
  readonly because: string;
  /** Whether tasks keep a value that they should have replaced. Undefined while the answer is not known. */
  readonly failed?: boolean;
}

/** Why nothing can be deployed, or undefined. */
export function notDeployable(service: ServiceState | undefined): string | undefined {
  if (!service) return 'the service does not exist';
  if (service.status !== 'ACTIVE') return `the service is ${service.status}`;
  return service.desiredCount ? undefined : 'the service is scaled to zero, and the next task reads the new values';
}

/** The time of the primary deployment. Its tasks have the values of this time, or newer ones. */
export function deployedAt({ deployments }: ServiceState): Date {
  const createdAt = deployments?.find(({ status }) => status === 'PRIMARY')?.createdAt;
  if (!createdAt) throw new Error('the service has no primary deployment: it must use rolling deployments');
  return createdAt;
}

/**
 * Whether tasks can have the previous value: the secret was rotated after the primary deployment was created.
 *
 * ECS rolls back to the previous deployment. If the primary deployment is newer than one that failed and none succeeded
 * since the rotation, the rollback created it, and the tasks are older.
 */
export function isStale({ rotatedAt }: SecretState, deployed: Date, deployments: DeploymentState[]): boolean {
  if (rotatedAt === undefined) return false;
  if (rotatedAt > deployed) return true;
  const after = deployments.filter(({ createdAt }) => createdAt! > rotatedAt);
  return after.some(({ status, createdAt }) => isFailed(status) && createdAt! < deployed)
    && !after.some(({ status }) => status === SUCCESSFUL);
}

/**
 * Decides whether the service needs a new deployment to read rotated secrets.
 *
 * A task reads its secrets when it starts, and the tasks of a deployment start after the deployment was created.
 * Therefore the service has old values only if a rotation ended after the primary deployment was created. The decision
 * depends on this state and not on the event: the same state gives the same decision, and a forced deployment ends the
 * need for another one. After a rollback, the primary deployment is the old one again, and the history of the service
 * contains the deployment that failed.
 */
export function rollDecision(state: RollState): RollDecision {
  const { service, secrets } = state;
  const obstacle = notDeployable(service);
  if (obstacle) return { roll: false, because: obstacle, failed: false };
  const deployed = deployedAt(service!);
  const running = isRunning(service!, state.deployments);
  const stale = secrets.filter((secret) => isStale(secret, deployed, state.deployments));
  const of = `the deployment of ${deployed.toISOString()}`;
  if (stale.length === 0) {
    return { roll: false, because: `no secret was rotated after ${of}`, failed: running ? undefined : false };
  }
  const due = dueSecrets(state, stale, deployed);
  const rotatedAt = latest((due.length === 0 ? stale : due).map((secret) => secret.rotatedAt!));
  const rotation = `a secret was rotated at ${rotatedAt.toISOString()}`;
  const failure = state.deployments.find(({ status, createdAt }) => isFailed(status) && createdAt! > rotatedAt);
  if (due.length === 0 && !failure) return { roll: false, because: reasonToDefer(state), failed: false };
  if (running) {
    const overdue = state.now.getTime() - rotatedAt.getTime() > LONGEST_WAIT && due.some(({ overlaps }) => !overlaps);
    const because = `${rotation}, and another deployment is in progress`;
    return { roll: false, because, failed: failure !== undefined || overdue };
  }
  if (failure) {
    const because = `${rotation}, and the deployment of ${failure.createdAt!.toISOString()} after it failed`;
    return { roll: false, because, failed: true };
  }
  return { roll: true, because: `${rotation}, after ${of}`, failed: false };
}

/** Whether a deployment ended without new tasks. */
export function isFailed(status: string | undefined): boolean {
  return FAILED.some((each) => each === status);
}

/** Whether ECS still replaces tasks. Old tasks that finish their requests count too. */
function isRunning({ deployments = [] }: ServiceState, history: DeploymentState[]): boolean {
  return deployments.length > 1
    || deployments[0]?.rolloutState === 'IN_PROGRESS'
    || history.some(({ status }) => RUNNING.some((each) => each === status));
}

/** The secrets for which the service needs new tasks now: all that changed, or only those that cannot wait. */
function dueSecrets(state: RollState, stale: SecretState[], deployed: Date): SecretState[] {
  const urgent = stale.filter((secret) => isUrgent(state, secret, deployed));
  return state.window.contains(state.now) && !moreRotationsFollow(state) ? stale : urgent;
}

/** Whether tasks have a value that is invalid, or that becomes invalid before the next window. */
function isUrgent({ window, now }: RollState, secret: SecretState, deployed: Date): boolean {
  if (!secret.overlaps) return true;
  // Two rotations: the value of the tasks is older than the previous one.
  if (mayBeOlderThanPrevious(secret, deployed)) return true;
  const validUntil = secret.nextRotation && secret.nextRotation.getTime() - LONGEST_ROTATION_WINDOW;
  return validUntil !== undefined && window.nextStart(now).getTime() >= validUntil;
}

/**
 * Whether the previous version can have become current after the deployment.
 *
 * Secrets Manager reports when a version was created, and not when it became current, which is later if a step of the
 * rotation failed at first. A deployment between the two has an older value. Such a rotation is followed by another one
 * so early only if a person started it: the versions were created in less than half of the time between rotations.
 */
function mayBeOlderThanPrevious(secret: SecretState, deployed: Date): boolean {
  const { createdAt, previousCreatedAt, currentCreatedAt, rotatedAt, nextRotation } = secret;
  if (currentCreatedAt !== undefined && currentCreatedAt < deployed) return true;
  if (previousCreatedAt === undefined) return false;
  if (previousCreatedAt > deployed) return true;
  if (createdAt !== undefined && previousCreatedAt.getTime() - createdAt.getTime() < AT_ONCE) return false;
  if (currentCreatedAt === undefined || rotatedAt === undefined || nextRotation === undefined) return false;
  const period = nextRotation.getTime() - rotatedAt.getTime();
  return currentCreatedAt.getTime() - previousCreatedAt.getTime() < period / 2;
}

/**
 * Whether another secret rotates before the window ends. One deployment then serves all rotations.
 *
 * The last check of a window does not wait.
 */
function moreRotationsFollow({ window, now, secrets }: RollState): boolean {
  const end = window.endAfter(now);
  if (end.getTime() - now.getTime() <= CHECK_MINUTES * 60_000) return false;
  return secrets.some(({ nextRotation }) => nextRotation !== undefined && nextRotation > now && nextRotation <= end);
}

function reasonToDefer({ window, now }: RollState): string {
  return window.contains(now)
    ? 'the previous value remains valid, and another secret rotates in this maintenance window'
    : 'the previous value remains valid until the maintenance window that starts at '
      + window.nextStart(now).toISOString();
}

function latest(times: Date[]): Date {
  return new Date(Math.max(...times.map((time) => time.getTime())));
}
