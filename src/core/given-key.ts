import * as kms from 'aws-cdk-lib/aws-kms';
import { IConstruct } from 'constructs';

const GIVEN = Symbol.for('cdk-hipaa.core.given-keys');

/** A construct that was given keys, with the construct that has the warning about each key. */
type Receiver = IConstruct & { [GIVEN]?: Map<kms.IKey, IConstruct> };

/**
 * Marks a construct that was given a key.
 * @param warned the construct of the app that passed the key on, if it is not an ancestor
 */
export function receiveKey(scope: IConstruct, key: kms.IKey, warned: IConstruct = scope): void {
  const given = (scope as Receiver)[GIVEN] ??= new Map<kms.IKey, IConstruct>();
  if (!given.has(key)) given.set(key, warned);
}

/** Returns the outermost construct that was given the key, or the scope itself. */
export function receiverOf(scope: IConstruct, key: kms.IKey): IConstruct {
  const outermost = scope.node.scopes.find((parent) => (parent as Receiver)[GIVEN]?.has(key)) as Receiver | undefined;
  return outermost?.[GIVEN]?.get(key) ?? scope;
}
