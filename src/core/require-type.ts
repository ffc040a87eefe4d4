import { IConstruct } from 'constructs';
import { refuse } from './refusal';

/** The type that a prop expects, recognized by its members: an app without a compiler can pass any object. */
export interface ExpectedType {
  /** Members that every object of the type has. */
  readonly members: string[];
  /** The type, as it continues "must be …". */
  readonly name: string;
  /** What to change, as an imperative without a full stop. */
  readonly change: string;
}

/** The type of a `vpc` prop. */
export const VPC_TYPE: ExpectedType = {
  members: ['vpcId', 'selectSubnets'], name: 'an ec2.IVpc', change: 'pass a VPC, such as a HipaaVpc',
};
/** The type of an `encryptionKey` prop. */
export const KEY_TYPE: ExpectedType = { members: ['keyArn', 'addToResourcePolicy'], name: 'a kms.IKey', change: 'pass a KMS key' };

/** Refuses a required prop that is missing or has another type, such as a construct that wraps the expected resource. */
export function requireType(scope: IConstruct, prop: string, given: unknown, expected: ExpectedType): void {
  if (typeof given === 'object' && given !== null && expected.members.every((member) => member in given)) return;
  refuse(scope, { prop, given, allowed: expected.name, change: expected.change });
}

/** Refuses an optional prop that has another type. `undefined` and `null` are accepted. */
export function requireOptionalType(scope: IConstruct, prop: string, given: unknown, expected: ExpectedType): void {
  if (given !== undefined && given !== null) requireType(scope, prop, given, expected);
}
