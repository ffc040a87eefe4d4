import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { AFTER_DEPLOYMENT } from './deployment-events';
import { MAX_INPUT_LENGTH, MAX_TARGETS } from './event-sizes';
import { HandlerFunction } from './handler-function';
import { AGE_METRIC, AGE_NAMESPACE, AgeDimension, AgeRequest, PLACEHOLDER_METRIC } from './secret-age';
import { estimatedLength } from './text-size';
import { refuse, Situation } from '../core/refusal';

/** The time limit of one measurement, in seconds. */
const MEASURE_TIMEOUT_SECONDS = 60;
/** The time between two measurements, in days. Deployments of the stack start further ones. */
const INTERVAL_DAYS = 1;
/** The days without a measurement after which an alarm fires. A period can begin just after a measurement. */
export const MISSED_DAYS = 2;

/** The props of `AgeWatch`. */
export interface AgeWatchProps {
  /** The secrets, as texts name them: `external secrets`. */
  readonly what: string;
  /** The dimension of the metric. */
  readonly dimension: AgeDimension;
  /** Whether the first value of each secret is a placeholder. Default: false. */
  readonly placeholders?: boolean;
  /** The key of the function's environment, log and dead-letter queue. */
  readonly encryptionKey: kms.IKey;
}

/** Measures the age of the current values of secrets every day and after each deployment. */
export class AgeWatch extends Construct {
  public readonly handler: HandlerFunction;
  public readonly rule: events.Rule;

  /** The ARNs of the secrets, by target of the rule. */
  private readonly groups: string[][] = [];

  constructor(scope: Construct, id: string, private readonly measured: AgeWatchProps) {
    super(scope, id);
    const { what, encryptionKey } = measured;
    this.handler = new HandlerFunction(this, 'Function', {
      handler: 'blocks/measure-age',
      description: `Measures the age of ${what}`,
      timeout: Duration.seconds(MEASURE_TIMEOUT_SECONDS),
      encryptionKey,
      statements: [],
      outsideVpcReason: `The function that measures the age of ${what} reads dates and no values. In a VPC it would `
        + 'need an endpoint or a NAT gateway, billed by the hour, for one call a day.',
      noReservedConcurrencyReason: `A schedule measures the age of ${what} once a day, and two measurements at once do `
        + 'no harm. A reservation would permanently use one of the 10 concurrent executions of a new account.',
    });
    this.rule = new events.Rule(this, 'Daily', {
      description: `Measures the age of ${what} every day and after each deployment`,
      schedule: events.Schedule.rate(Duration.days(INTERVAL_DAYS)),
      eventPattern: AFTER_DEPLOYMENT,
    });
  }

  /** Also measures this secret. The function can list its versions, and cannot read its value. */
  public add({ secretArn }: secretsmanager.ISecret): void {
    this.handler.function.addToRolePolicy(new iam.PolicyStatement({
      actions: ['secretsmanager:ListSecretVersionIds'],
      resources: [secretArn],
    }));
    const last = this.groups.at(-1);
    if (last && this.fits([...last, secretArn])) last.push(secretArn);
    else this.addTarget([secretArn]);
  }

  /** The age of a secret, or the highest age of the secrets of a function, in days. It has a value every day. */
  protected age(of: string, label?: string): cloudwatch.Metric {
    return this.metric(AGE_METRIC, of, label);
  }

  /** 1 while a secret contains its placeholder, otherwise 0. It has a value every day and after each deployment. */
  protected placeholder(of: string): cloudwatch.Metric {
    return this.metric(PLACEHOLDER_METRIC, of);
  }

  private metric(metricName: string, of: string, label?: string): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: AGE_NAMESPACE,
      metricName,
      dimensionsMap: { [this.measured.dimension]: of },
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.days(INTERVAL_DAYS),
      label,
    });
  }

  private addTarget(secretArns: string[]): void {
    if (this.groups.length === MAX_TARGETS) {
      refuse(this.node.scope!, {
        prop: `the number of ${this.measured.what}`,
        given: new Situation(`more than fit into ${MAX_TARGETS} targets`),
        allowed: `a number whose ARNs fit into ${MAX_TARGETS} targets of a rule (the EventBridge quota "Targets per `
          + 'rule")',
        change: 'divide the secrets between two constructs, or give them shorter names',
      });
    }
    this.groups.push(secretArns);
    this.rule.addTarget(new targets.LambdaFunction(this.handler.function, {
      event: laterInput(() => this.request(secretArns)),
    }));
  }

  private fits(secretArns: string[]): boolean {
    return estimatedLength(this, this.request(secretArns)) <= MAX_INPUT_LENGTH;
  }

  private request(secretArns: string[]): AgeRequest {
    const { dimension, placeholders } = this.measured;
    return { dimension, secretArns, ...placeholders && { placeholders } };
  }
}

/**
 * The input of a target that is known only at synthesis. aws-cdk-lib writes an input when its target is added.
 *
 * An object, because a subclass would load the file of its base class with the library.
 */
function laterInput(produce: () => AgeRequest): events.RuleTargetInput {
  return {
    bind: (rule) => ({ input: Lazy.uncachedString({ produce: () => Stack.of(rule).toJsonString(produce()) }) }),
  };
}
