import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sources from 'aws-cdk-lib/aws-lambda-event-sources';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { secretArnPattern } from '../../binding/grant-read';
import { AlarmDefinition } from '../../monitoring/monitored';
import { encryptionKeyFor } from '../../blocks/encryption-key';
import { pinFeatureFlags } from '../../core/feature-flags';
import { HandlerFunction } from '../../blocks/handler-function';
import { refuse } from '../../core/refusal';

/** How often the roller looks by itself, in hours: an event that never came delays the roll by no more. */
const RECONCILE_HOURS = 1;
/** How long a request waits, in seconds, so that the rotation which it announces has ended and its twins have arrived. */
const SETTLE_SECONDS = 30;
/** How long one look may take, in seconds. */
const ROLL_TIMEOUT_SECONDS = 60;
/** AWS asks for six times the function's timeout: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const VISIBILITY_TIMEOUTS = 6;
/** How often a request is tried before a person has to look. */
const MAX_ATTEMPTS = 3;
/** How long a request that failed waits for a person, in days: the longest that SQS offers. */
const FAILED_REQUEST_RETENTION_DAYS = 14;

/** The service to roll, and the secrets whose rotation it has to follow. */
export interface ServiceRollerProps {
  /** The service. Its deployments are ECS's own rolling ones. */
  readonly service: ecs.FargateService;
  /** The secrets: of this or another stack, imported, or managed by RDS. None is refused. */
  readonly secrets: secretsmanager.ISecret[];
  /**
   * The key for requests, log and dead letters. The policy of an imported key must let `events.amazonaws.com` and CloudWatch Logs use it.
   * @default - a rotating key of its own
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Gives a service one new deployment after one of its secrets was rotated, since tasks read secrets only when they start.
 *
 * Requests to look come from events and from the clock. They go through a FIFO queue with a single message group, so
 * that no two looks overlap and ten requests make one look. See docs/decisions/0007-rolling-services.md.
 */
export class ServiceRoller extends Construct {
  /** What has to be watched: for the monitoring plan of the service. */
  public readonly alarms: AlarmDefinition[];

  constructor(scope: Construct, id: string, props: ServiceRollerProps) {
    super(scope, id);
    pinFeatureFlags(this);
    this.validate(props.secrets);
    const key = encryptionKeyFor(this, props.encryptionKey, { description: 'Rolls a service after a rotation: requests, log, dead letters' });
    const handler = this.defineFunction(props, key);
    const failed = this.defineFailedRequests(key);
    const requests = this.defineRequests(key, failed);
    handler.function.addEventSource(new sources.SqsEventSource(requests, { batchSize: 10 }));
    const rules = this.defineRules(props.secrets, requests);
    this.alarms = this.defineAlarms(handler, failed, rules);
  }

  private validate(secrets: secretsmanager.ISecret[]): void {
    if (secrets.length > 0) return;
    refuse(this, { prop: 'secrets', given: secrets, allowed: 'at least one secret', change: 'leave the roller out when nothing rotates' });
  }

  private defineFunction({ service, secrets }: ServiceRollerProps, encryptionKey: kms.IKey): HandlerFunction {
    return new HandlerFunction(this, 'Function', {
      handler: 'service/roller/roll-service',
      description: 'Rolls a service after its secrets were rotated',
      timeout: Duration.seconds(ROLL_TIMEOUT_SECONDS),
      encryptionKey,
      environment: {
        CLUSTER: service.cluster.clusterArn,
        SERVICE: service.serviceArn,
        SECRET_ARNS: Stack.of(this).toJsonString(secrets.map((secret) => secret.secretFullArn ?? secret.secretArn)),
      },
      statements: [
        new iam.PolicyStatement({ actions: ['ecs:DescribeServices', 'ecs:UpdateService'], resources: [service.serviceArn] }),
        new iam.PolicyStatement({ actions: ['secretsmanager:DescribeSecret'], resources: secrets.map(secretArnPattern) }),
      ],
      outsideVpcReason: `${this.node.path} calls the APIs of ECS and Secrets Manager and reads no value. In the VPC of its service it would need endpoints for both, and a rule that lets it out: a wider network for no data`,
      noReservedConcurrencyReason: `The queue before ${this.node.path} hands out one batch at a time, so the function never runs twice at once; a new account has 10 executions and 10 have to stay unreserved`,
    });
  }

  private defineFailedRequests(key: kms.IKey): sqs.Queue {
    return new sqs.Queue(this, 'FailedRequests', {
      fifo: true,
      encryption: sqs.QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(FAILED_REQUEST_RETENTION_DAYS),
      // What SQS does anyway; said aloud, it marks a queue for failed requests, which needs none itself (CT.SQS.PR.1).
      redriveAllowPolicy: { redrivePermission: sqs.RedrivePermission.ALLOW_ALL },
    });
  }

  private defineRequests(key: kms.IKey, failed: sqs.Queue): sqs.Queue {
    return new sqs.Queue(this, 'Requests', {
      fifo: true,
      contentBasedDeduplication: true,
      encryption: sqs.QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      deliveryDelay: Duration.seconds(SETTLE_SECONDS),
      visibilityTimeout: Duration.seconds(VISIBILITY_TIMEOUTS * ROLL_TIMEOUT_SECONDS),
      deadLetterQueue: { queue: failed, maxReceiveCount: MAX_ATTEMPTS },
    });
  }

  /**
   * Secrets Manager's own event needs nothing but EventBridge; the one of CloudTrail needs a trail, and also comes where
   * the first is not offered. EventBridge retries for a day what the queue does not take, which the clock outruns.
   * https://docs.aws.amazon.com/secretsmanager/latest/userguide/event-detail-secret-label-updated-secretsmanager.html
   * https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-eventbridge.html
   */
  private defineRules(secrets: secretsmanager.ISecret[], requests: sqs.Queue): events.Rule[] {
    const arns = secrets.flatMap((secret) => secret.secretFullArn ? [secret.secretFullArn] : events.Match.prefix(`${secret.secretArn}-`));
    const request = [new targets.SqsQueue(requests, { messageGroupId: 'roll' })];
    return [
      new events.Rule(this, 'NewValue', {
        description: 'A new value of a secret has become current',
        eventPattern: { source: ['aws.secretsmanager'], detailType: ['Secret Label Updated'], resources: arns, detail: { labelUpdated: ['AWSCURRENT'] } },
        targets: request,
      }),
      new events.Rule(this, 'Rotated', {
        description: 'A rotation has succeeded',
        eventPattern: {
          source: ['aws.secretsmanager'],
          detailType: ['AWS Service Event via CloudTrail'],
          detail: { eventSource: ['secretsmanager.amazonaws.com'], eventName: ['RotationSucceeded'], additionalEventData: { SecretId: arns } },
        },
        targets: request,
      }),
      new events.Rule(this, 'Clock', {
        description: 'Looks for rotations whose events never came',
        schedule: events.Schedule.rate(Duration.hours(RECONCILE_HOURS)),
        targets: request,
      }),
    ];
  }

  private defineAlarms(handler: HandlerFunction, failed: sqs.Queue, rules: events.Rule[]): AlarmDefinition[] {
    const period = Duration.minutes(5);
    return [
      {
        id: 'RollGivenUp',
        metric: failed.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
        threshold: 0,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: `The service could not be rolled after a rotation, so its tasks may hold old secrets. First read the log of function ${handler.function.functionName}, then force a new deployment of the service and purge queue ${failed.queueName}: until it is empty the alarm stays.`,
      },
      {
        id: 'RollNotRequested',
        metric: new cloudwatch.MathExpression({
          expression: 'SUM(METRICS())',
          label: 'requests that never reached the queue',
          usingMetrics: Object.fromEntries(rules.map((rule, index) => [`m${index}`, failedInvocations(rule, period)])),
          period,
        }),
        threshold: 0,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: 'EventBridge could not ask for the service to be rolled after a rotation. First let events.amazonaws.com use the key of the queue, then force a new deployment of the service.',
      },
    ];
  }
}

function failedInvocations(rule: events.Rule, period: Duration): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: 'AWS/Events', metricName: 'FailedInvocations', dimensionsMap: { RuleName: rule.ruleName }, statistic: 'Sum', period });
}
