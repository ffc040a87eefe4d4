import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { AGE_DIMENSION, AGE_METRIC, AGE_NAMESPACE } from './secret-age';
import { AlarmDefinition } from '../monitoring/monitored';
import { HandlerFunction } from '../blocks/handler-function';

/** How long one measurement may take, in seconds. */
const MEASURE_TIMEOUT_SECONDS = 60;

/** A secret whose age is watched. */
export interface AgingSecret {
  readonly name: string;
  readonly secret: secretsmanager.ISecret;
  readonly maxAgeDays: number;
}

/** Secrets whose age is watched. */
export interface AgeWatchProps {
  readonly secrets: AgingSecret[];
  readonly encryptionKey: kms.IKey;
}

/** Measures once a day how old the values of secrets are that people enter. */
export class AgeWatch extends Construct {
  public readonly handler: HandlerFunction;

  constructor(scope: Construct, id: string, private readonly props: AgeWatchProps) {
    super(scope, id);
    const secretArns = props.secrets.map(({ secret }) => secret.secretArn);
    this.handler = new HandlerFunction(this, 'Function', {
      handler: 'secrets/measure-age',
      description: 'Measures the age of secrets that people enter',
      timeout: Duration.seconds(MEASURE_TIMEOUT_SECONDS),
      encryptionKey: props.encryptionKey,
      environment: { SECRET_ARNS: Stack.of(this).toJsonString(secretArns) },
      statements: [new iam.PolicyStatement({ actions: ['secretsmanager:ListSecretVersionIds'], resources: secretArns })],
      outsideVpcReason: 'The measurement of the age of secrets reads dates and no values. Its secrets belong to no VPC: to stand in one it would need a way out of it, paid by the hour, for a call a day',
      noReservedConcurrencyReason: 'The age of secrets is measured once a day by the clock, so at most one execution runs; reserving it would take it for good from a new account, which has 10',
    });
    new events.Rule(this, 'Daily', {
      description: 'Measures the age of secrets that people enter',
      schedule: events.Schedule.rate(Duration.days(1)),
      targets: [new targets.LambdaFunction(this.handler.function)],
    });
  }

  /** One alarm for each secret, at its own age. */
  public alarms(): AlarmDefinition[] {
    return this.props.secrets.map(({ name, secret, maxAgeDays }) => ({
      id: `AgeOf${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      metric: this.age(name, secret),
      threshold: maxAgeDays,
      missingData: cloudwatch.TreatMissingData.IGNORE,
      description: `The value of the secret ${name} is too old, or was never entered. First have its issuer make a new one, put it into ${secret.secretName}, deploy or roll what uses it, then revoke the old one.`,
    }));
  }

  /** The age of a secret's value, in days. */
  public ages(): cloudwatch.Metric[] {
    return this.props.secrets.map(({ name, secret }) => this.age(name, secret));
  }

  private age(name: string, secret: secretsmanager.ISecret): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: AGE_NAMESPACE,
      metricName: AGE_METRIC,
      dimensionsMap: { [AGE_DIMENSION]: secret.secretArn },
      statistic: 'Maximum',
      period: Duration.days(1),
      label: name,
    });
  }
}
