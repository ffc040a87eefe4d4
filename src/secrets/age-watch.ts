import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { AGE_DIMENSION, AGE_METRIC, AGE_NAMESPACE } from './secret-age';
import { HandlerFunction } from '../blocks/handler-function';
import { AlarmDefinition } from '../monitoring/alarm-definition';

/** The time limit of one measurement, in seconds. */
const MEASURE_TIMEOUT_SECONDS = 60;

/** A secret with a maximum age. */
export interface AgingSecret {
  readonly name: string;
  readonly secret: secretsmanager.ISecret;
  readonly maxAgeDays: number;
}

/** The props of `AgeWatch`. */
export interface AgeWatchProps {
  readonly secrets: AgingSecret[];
  readonly encryptionKey: kms.IKey;
}

/** Measures the age of external secrets once a day. */
export class AgeWatch extends Construct {
  public readonly handler: HandlerFunction;

  constructor(scope: Construct, id: string, private readonly props: AgeWatchProps) {
    super(scope, id);
    const secretArns = props.secrets.map(({ secret }) => secret.secretArn);
    this.handler = new HandlerFunction(this, 'Function', {
      handler: 'secrets/measure-age',
      description: 'Measures the age of external secrets',
      timeout: Duration.seconds(MEASURE_TIMEOUT_SECONDS),
      encryptionKey: props.encryptionKey,
      environment: { SECRET_ARNS: Stack.of(this).toJsonString(secretArns) },
      statements: [
        new iam.PolicyStatement({ actions: ['secretsmanager:ListSecretVersionIds'], resources: secretArns }),
      ],
      outsideVpcReason:
        'The function that measures the age of secrets reads dates and no values. In a VPC it would ' +
        'need an endpoint or a NAT gateway, billed by the hour, for one call a day.',
      noReservedConcurrencyReason:
        'A schedule measures the age of secrets once a day, so at most one execution runs. ' +
        'A reservation would permanently use one of the 10 concurrent executions of a new account.',
    });
    new events.Rule(this, 'Daily', {
      description: 'Measures the age of external secrets',
      schedule: events.Schedule.rate(Duration.days(1)),
      targets: [new targets.LambdaFunction(this.handler.function)],
    });
  }

  /** Returns one alarm for each secret, on its maximum age. */
  public alarms(): AlarmDefinition[] {
    return this.props.secrets.map(({ name, secret, maxAgeDays }) => ({
      id: `AgeOf${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      metric: this.age(name, secret),
      threshold: maxAgeDays,
      missingData: cloudwatch.TreatMissingData.IGNORE,
      description: `The value of secret ${name} is too old, or was never entered. First request a new value from its `
        + `issuer, and enter it in secret ${secret.secretName}. Then redeploy the services that use it, and revoke the `
        + 'old value.',
    }));
  }

  /** Returns the age metric of each secret, in days. */
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
