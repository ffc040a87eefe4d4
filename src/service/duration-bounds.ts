import { Duration } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse } from '../core/refusal';

/** Refuses a duration that is not in whole seconds or not within the bounds. Tokens and `undefined` are accepted. */
export function requireSeconds(
  scope: IConstruct, prop: string, given: Duration | undefined, min: number, max: number,
): void {
  if (!given || given.isUnresolved()) return;
  const seconds = given.toMilliseconds() / 1000;
  if (Number.isInteger(seconds) && seconds >= min && seconds <= max) return;
  refuse(scope, {
    prop,
    given,
    allowed: `from ${min} to ${max} whole seconds`,
    change: 'use a duration in this range',
  });
}
