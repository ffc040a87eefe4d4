import { IConstruct } from 'constructs';

/** The metadata of a construct that defines alarms. */
export const WATCHABLE_METADATA = 'cdk-hipaa:watchable';
/** The metadata of a construct that a `WorkloadMonitoring` watches. */
export const WATCHED_METADATA = 'cdk-hipaa:watched';

/** Marks a construct that defines alarms. The compliance report lists it until a `WorkloadMonitoring` watches it. */
export function declareWatchable(scope: IConstruct): void {
  declare(scope, WATCHABLE_METADATA);
}

/** Marks a construct as watched. */
export function declareWatched(scope: IConstruct): void {
  declare(scope, WATCHED_METADATA);
}

function declare(scope: IConstruct, type: string): void {
  if (!scope.node.metadata.some((entry) => entry.type === type)) scope.node.addMetadata(type, true);
}

/** Returns the constructs below a root that define alarms and that no `WorkloadMonitoring` watches. */
export function unwatched(root: IConstruct): IConstruct[] {
  const has = (construct: IConstruct, type: string) => construct.node.metadata.some((entry) => entry.type === type);
  return root.node.findAll()
    .filter((construct) => has(construct, WATCHABLE_METADATA) && !has(construct, WATCHED_METADATA));
}
