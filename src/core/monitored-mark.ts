import { IConstruct } from 'constructs';

/** The metadata of a construct that wants to be watched. */
export const WATCHABLE_METADATA = 'cdk-hipaa:watchable';
/** The metadata of a construct that somebody watches. */
export const WATCHED_METADATA = 'cdk-hipaa:watched';

/** Declares that a construct has alarms of its own, so that the compliance report can tell when nobody watches it. */
export function declareWatchable(scope: IConstruct): void {
  declare(scope, WATCHABLE_METADATA);
}

/** Declares that a construct is watched. */
export function declareWatched(scope: IConstruct): void {
  declare(scope, WATCHED_METADATA);
}

function declare(scope: IConstruct, type: string): void {
  if (!scope.node.metadata.some((entry) => entry.type === type)) scope.node.addMetadata(type, true);
}

/** The constructs below a root that want to be watched and are not. */
export function unwatched(root: IConstruct): IConstruct[] {
  const has = (construct: IConstruct, type: string) => construct.node.metadata.some((entry) => entry.type === type);
  return root.node.findAll().filter((construct) => has(construct, WATCHABLE_METADATA) && !has(construct, WATCHED_METADATA));
}
