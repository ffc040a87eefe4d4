import { Duration } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ExternalSecretOptions } from './external-secret';
import { GeneratedSecret } from './generated-secret';

/** The props of `RotatingSecrets`. At least one secret, generated or external, is required. */
export interface RotatingSecretsProps {
  /**
   * The secrets that are generated and rotated, by name. At most 20.
   *
   * A name starts with a letter and contains at most 64 letters, digits, hyphens and underscores. Names that differ
   * only by case are refused, also between `secrets` and `externalSecrets`.
   * @default - none
   */
  readonly secrets?: { [name: string]: GeneratedSecret };

  /**
   * The secrets that third parties issue and people enter, by name. At most 20.
   *
   * A name that `secrets` also contains is refused.
   * @default - none
   */
  readonly externalSecrets?: { [name: string]: ExternalSecretOptions };

  /**
   * The rotation period of each generated secret: 4 to 23 whole hours, or 1 to 999 whole days.
   *
   * These are the limits of Secrets Manager. A period of 7, 30, 60, 90, 120, 180 or 365 days means a week, or 1, 2, 3,
   * 4, 6 or 12 months, so that secrets rotate in `maintenanceWindow`. By default, 30 days means the first Sunday of
   * each month, that is, every 28 or 35 days. With other periods, Secrets Manager starts the window at midnight UTC. A
   * value that is known only at deployment must be in days. It has no window, and the secrets rotate at any time of the
   * day.
   * @default Duration.days(30)
   */
  readonly rotateEvery?: Duration;

  /**
   * The window in which generated secrets rotate: weekly `ddd:hh:mm-ddd:hh:mm` or daily `hh:mm-hh:mm`, in UTC.
   *
   * Rotations start at the first full hour of the window, and the window ends at the latest at the end of the UTC day.
   * A daily window applies to Sundays. A window of less than an hour is refused. A window that is known only at
   * deployment is refused.
   * @default 'sun:05:00-sun:06:00'
   */
  readonly maintenanceWindow?: string;

  /**
   * The key of the secrets, and of the logs, environments and dead-letter queues of the functions.
   *
   * A warning prints the statements for an imported key. An alias and a key of another region are refused.
   * @default - a new customer managed key that rotates yearly
   */
  readonly encryptionKey?: kms.IKey;
}
