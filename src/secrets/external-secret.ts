import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/** The initial text of an external secret. Do not change it: CloudFormation would overwrite the entered values. */
export const NOT_ENTERED = 'not-entered-yet';
/** The default maximum age, in days: the default of the AWS Config rule `secretsmanager-secret-periodic-rotation`. */
const MAX_AGE_DAYS = 90;
/** The highest maximum age, in days: a year, and a month for the renewal. */
const LONGEST_MAX_AGE_DAYS = 397;

/**
 * A secret that a third party issues, for example the API key of a vendor.
 *
 * A person enters the value. Until then, the secret contains the text `not-entered-yet`, so that services that read it
 * can be deployed first, and an alarm names the secret and the command that enters its value. The value does not
 * rotate. Another alarm fires when the value exceeds its maximum age.
 */
export interface ExternalSecretOptions {
  /**
   * The maximum age of the value, after which an alarm fires: 1 to 397 whole days.
   * @default Duration.days(90)
   */
  readonly maxAge?: Duration;
}

/** Refuses a value that is not an `ExternalSecretOptions`, and a maximum age out of range. */
export function requireExternalSecret(scope: Construct, prop: string, options: ExternalSecretOptions): void {
  // An app without a compiler can pass any value, for example a `GeneratedSecret`.
  if (Object.getPrototypeOf(options ?? '') !== Object.prototype) {
    refuse(scope, {
      prop,
      given: typeof options === 'object' && options !== null ? new Situation(options.constructor.name) : options,
      allowed: 'the options of an external secret',
      change: 'pass {}, or { maxAge }',
    });
  }
  const { maxAge } = options;
  if (!maxAge || maxAge.isUnresolved()) return;
  const days = maxAge.toDays({ integral: false });
  if (Number.isInteger(days) && days >= 1 && days <= LONGEST_MAX_AGE_DAYS) return;
  refuse(scope, {
    prop: `${prop}.maxAge`,
    given: maxAge,
    allowed: `1 to ${LONGEST_MAX_AGE_DAYS} whole days`,
    change: 'use Duration.days() with a number in this range',
  });
}

/** Returns the maximum age of an external secret, in days. */
export function maxAgeInDays({ maxAge }: ExternalSecretOptions): number {
  return maxAge?.toDays() ?? MAX_AGE_DAYS;
}
