import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { AgeWatch } from '../blocks/age-watch';
import { AlarmDefinition } from '../monitoring/alarm-definition';

/** A secret with a maximum age. */
export interface AgingSecret {
  readonly name: string;
  readonly secret: secretsmanager.ISecret;
  readonly maxAgeDays: number;
}

/** The props of `ExternalAges`. */
export interface ExternalAgesProps {
  readonly secrets: AgingSecret[];
  readonly encryptionKey: kms.IKey;
}

/** Measures the age of external secrets. */
export class ExternalAges extends AgeWatch {
  private readonly secrets: AgingSecret[];

  constructor(scope: Construct, id: string, { secrets, encryptionKey }: ExternalAgesProps) {
    super(scope, id, { what: 'external secrets', dimension: 'SecretArn', encryptionKey });
    this.secrets = secrets;
    for (const { secret } of secrets) this.add(secret);
  }

  /** Returns one alarm for each secret, on its maximum age. */
  public alarms(): AlarmDefinition[] {
    return this.secrets.map(({ name, secret, maxAgeDays }) => ({
      id: `AgeOf${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      metric: this.age(secret.secretArn, name),
      threshold: maxAgeDays,
      missingData: cloudwatch.TreatMissingData.IGNORE,
      description: `The value of secret ${name} is too old, or was never entered. First request a new value from its `
        + `issuer, and enter it in secret ${secret.secretName}. Then redeploy the services that use it, and revoke the `
        + 'old value.',
    }));
  }

  /** Returns the age metric of each secret, in days. */
  public ages(): cloudwatch.Metric[] {
    return this.secrets.map(({ name, secret }) => this.age(secret.secretArn, name));
  }
}
