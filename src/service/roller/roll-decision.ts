/** The fields of a `DescribeServices` response that the decision reads. */
export interface ServiceState {
  readonly status?: string;
  readonly desiredCount?: number;
  readonly deployments?: ReadonlyArray<{ readonly status?: string; readonly createdAt?: Date }>;
}

/** Whether to start a new deployment of the service, and the reason. */
export interface RollDecision {
  readonly roll: boolean;
  readonly because: string;
}

/**
 * Decides whether the service needs a new deployment to read rotated secrets.
 *
 * A task reads its secrets when it starts, and the tasks of a deployment start after the deployment was created.
 * Therefore the service has old values only if a rotation ended after the latest deployment was created. The decision
 * depends on this state and not on the event: the same state gives the same decision, and a forced deployment ends the
 * need for another one.
 */
export function rollDecision(
  service: ServiceState | undefined,
  lastRotations: ReadonlyArray<Date | undefined>,
): RollDecision {
  if (!service) return { roll: false, because: 'the service does not exist' };
  if (service.status !== 'ACTIVE') return { roll: false, because: `the service is ${service.status}` };
  if (!service.desiredCount) {
    return { roll: false, because: 'the service is scaled to zero, and the next task reads the new values' };
  }
  const deployedAt = service.deployments?.find(({ status }) => status === 'PRIMARY')?.createdAt;
  if (!deployedAt) throw new Error('the service has no primary deployment: it must use rolling deployments');
  const rotatedAt = Math.max(...lastRotations.map((rotation) => rotation?.getTime() ?? 0));
  return rotatedAt > deployedAt.getTime()
    ? {
      roll: true,
      because:
          `a secret was rotated at ${new Date(rotatedAt).toISOString()}, ` +
          `after the deployment of ${deployedAt.toISOString()}`,
    }
    : { roll: false, because: `no secret was rotated after the deployment of ${deployedAt.toISOString()}` };
}
