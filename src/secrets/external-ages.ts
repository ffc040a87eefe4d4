import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { NOT_ENTERED } from './external-secret';
import { AgeWatch, MISSED_DAYS } from '../blocks/age-watch';
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
    super(scope, id, { what: 'external secrets', dimension: 'SecretArn', placeholders: true, encryptionKey });
    this.secrets = secrets;
    for (const { secret } of secrets) this.add(secret);
  }

  /** Returns an alarm on missing measurements, and two alarms for each secret: on its placeholder and on its age. */
  public alarms(): AlarmDefinition[] {
    return [
      this.silentAlarm(),
      ...this.secrets.flatMap((secret) => [this.placeholderAlarm(secret), this.ageAlarm(secret)]),
    ];
  }

  /** FILL gives a day without a run the value 0. Otherwise, the alarm would evaluate more days. */
  private silentAlarm(): AlarmDefinition {
    const runs = this.handler.function.metricInvocations({ statistic: cloudwatch.Stats.SUM, period: Duration.days(1) });
    return {
      id: 'AgeSilent',
      metric: new cloudwatch.MathExpression({
        expression: 'FILL(runs, 0)',
        usingMetrics: { runs },
        label: 'Measurements of the age of external secrets',
        period: Duration.days(1),
      }),
      threshold: 1,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: MISSED_DAYS,
      missingData: cloudwatch.TreatMissingData.BREACHING,
      createdAfter: [this.rule],
      description: `The age of external secrets was not measured for ${MISSED_DAYS} days, so their other alarms keep `
        + `their state. First enable the rule ${this.rule.ruleName}, and check that its target is the function, and `
        + 'that EventBridge has permission to invoke it. The alarm ends after the next measurement, which the rule '
        + 'starts every day and after each deployment.',
    };
  }

  /** The metric falls to zero at the first measurement after a person has entered the value. */
  private placeholderAlarm({ name, secret }: AgingSecret): AlarmDefinition {
    return {
      id: `NoValueOf${capitalized(name)}`,
      metric: this.placeholder(secret.secretArn),
      threshold: 0,
      missingData: cloudwatch.TreatMissingData.IGNORE,
      description: `Nobody has entered the value of secret ${name}: services that read it get the text ${NOT_ENTERED}. `
        + 'First request the value from its issuer. Then enter it with aws secretsmanager put-secret-value --secret-id '
        + `${secret.secretName} --secret-string file://value.txt, where the file has no line break, and redeploy the `
        + 'services that use it.',
    };
  }

  private ageAlarm({ name, secret, maxAgeDays }: AgingSecret): AlarmDefinition {
    return {
      id: `AgeOf${capitalized(name)}`,
      metric: this.age(secret.secretArn, name),
      threshold: maxAgeDays,
      missingData: cloudwatch.TreatMissingData.IGNORE,
      description: `The value of secret ${name} is too old, or was never entered. First request a new value from its `
        + `issuer, and enter it in secret ${secret.secretName}. Then redeploy the services that use it, and revoke the `
        + 'old value.',
    };
  }

  /** Returns the age metric of each secret, in days. */
  public ages(): cloudwatch.Metric[] {
    return this.secrets.map(({ name, secret }) => this.age(secret.secretArn, name));
  }
}

function capitalized(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
