/** What `DescribeServices` says about the service, as far as rolling it depends on it. */
export interface ServiceState {
  readonly status?: string;
  readonly desiredCount?: number;
  readonly deployments?: ReadonlyArray<{ readonly status?: string; readonly createdAt?: Date }>;
}

/** Whether to roll the service, and why. */
export interface RollDecision {
  readonly roll: boolean;
  readonly because: string;
}

/**
 * Decides from what is, not from what was announced: asked twice about the same state, it gives the same answer, and a
 * forced deployment turns the answer into no.
 *
 * A task reads its secrets when it starts, and the tasks of a deployment start after it was created. So the service
 * holds old values if a rotation ended after the newest deployment was created, and only then.
 */
export function rollDecision(service: ServiceState | undefined, lastRotations: ReadonlyArray<Date | undefined>): RollDecision {
  if (!service) return { roll: false, because: 'the service does not exist' };
  if (service.status !== 'ACTIVE') return { roll: false, because: `the service is ${service.status}` };
  if (!service.desiredCount) return { roll: false, because: 'the service is scaled to zero: the next task reads the new values' };
  const deployedAt = service.deployments?.find(({ status }) => status === 'PRIMARY')?.createdAt;
  if (!deployedAt) throw new Error('the service has no primary deployment: only services with rolling deployments can be rolled');
  const rotatedAt = Math.max(...lastRotations.map((rotation) => rotation?.getTime() ?? 0));
  return rotatedAt > deployedAt.getTime()
    ? { roll: true, because: `a secret was rotated at ${new Date(rotatedAt).toISOString()}, after the deployment of ${deployedAt.toISOString()}` }
    : { roll: false, because: `no secret was rotated after the deployment of ${deployedAt.toISOString()}` };
}
