import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { refuse } from '../core/refusal';

/** How old a value may become, in days: the default of AWS Config's `secretsmanager-secret-periodic-rotation`. */
const MAX_AGE_DAYS = 90;
/** The oldest that may be asked for, in days. A year and a month: what is renewed yearly has a month to be late. */
const LONGEST_MAX_AGE_DAYS = 397;

/** How a secret of somebody else's is looked after. */
export interface ManualSecretOptions {
  /**
   * How old the value may become before an alarm asks for a new one: whole days, from 1 to 397.
   * @default Duration.days(90)
   */
  readonly maxAge?: Duration;
}

/** A secret that somebody else issues, as the API key of a vendor. It is neither generated nor rotated, but watched for age. */
export abstract class ExternalSecret {
  /**
   * A person enters the value, and enters a new one before it becomes too old.
   *
   * Until then the secret holds the text `not-entered-yet`, so that services which read it can be deployed before.
   */
  public static manual(options: ManualSecretOptions = {}): ExternalSecret {
    return new ManualSecret(options);
  }

  /** @internal */
  public abstract _validate(scope: Construct, prop: string): void;

  /** @internal */
  public abstract _maxAgeDays(): number;
}

class ManualSecret extends ExternalSecret {
  constructor(private readonly options: ManualSecretOptions) {
    super();
  }

  public _validate(scope: Construct, prop: string): void {
    const { maxAge } = this.options;
    if (!maxAge || maxAge.isUnresolved()) return;
    const days = maxAge.toDays({ integral: false });
    if (Number.isInteger(days) && days >= 1 && days <= LONGEST_MAX_AGE_DAYS) return;
    refuse(scope, {
      prop: `${prop}.maxAge`,
      given: maxAge,
      allowed: `a whole number of days from 1 to ${LONGEST_MAX_AGE_DAYS}`,
      change: 'pass Duration.days(…) in that range',
    });
  }

  public _maxAgeDays(): number {
    return this.options.maxAge?.toDays() ?? MAX_AGE_DAYS;
  }
}
