import * as kms from 'aws-cdk-lib/aws-kms';
import { IConstruct } from 'constructs';

const GIVEN = Symbol.for('cdk-hipaa.core.given-keys');

type Receiver = IConstruct & { [GIVEN]?: Set<kms.IKey> };

/** Marks a construct that was given a key. */
export function receiveKey(scope: IConstruct, key: kms.IKey): void {
  const receiver = scope as Receiver;
  (receiver[GIVEN] ??= new Set()).add(key);
}

/** Returns the outermost construct that was given the key, or the scope itself. */
export function receiverOf(scope: IConstruct, key: kms.IKey): IConstruct {
  return scope.node.scopes.find((parent) => (parent as Receiver)[GIVEN]?.has(key)) ?? scope;
}
