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
import { chunkPatterns, newValuePattern, rotatedPattern } from './rotation-patterns';
import { secretArnPattern } from '../../binding/grant-read';
import { eventBridgeToQueue } from '../../blocks/aws-cdk-key-users';
import { cloudWatchLogs, encryptionKeyFor } from '../../blocks/encryption-key';
import { environmentLength, HandlerFunction, MAX_ENVIRONMENT_BYTES } from '../../blocks/handler-function';
import { inChunks } from '../../blocks/text-size';
import { pinFeatureFlags } from '../../core/feature-flags';
import { refuse } from '../../core/refusal';
import { AlarmDefinition } from '../../monitoring/alarm-definition';

/** The interval of the scheduled check, in hours: the maximum delay of a roll if an event is lost. */
const RECONCILE_HOURS = 1;
/** The delay of a request, in seconds: the rotation ends, and duplicate requests arrive. */
const SETTLE_SECONDS = 30;
/** The timeout of the function, in seconds. */
const ROLL_TIMEOUT_SECONDS = 60;
/**
 * The visibility timeout as a multiple of the function's timeout, as AWS recommends.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const VISIBILITY_TIMEOUTS = 6;
/** The number of attempts before a request moves to the dead-letter queue. */
const MAX_ATTEMPTS = 3;
/** The retention of failed requests, in days: the maximum of SQS. */
const FAILED_REQUEST_RETENTION_DAYS = 14;

/** Properties of a `ServiceRoller`. */
export interface ServiceRollerProps {
  /** The service. It must use rolling deployments of ECS. */
  readonly service: ecs.FargateService;
  /** The secrets: of any stack, imported, or managed by RDS. An empty list is refused. */
  readonly secrets: secretsmanager.ISecret[];
  /**
   * The key that encrypts the queues and the log. The policy of an imported key must allow `events.amazonaws.com` and
   * CloudWatch Logs to use it.
   * @default - the roller creates a key that rotates every year
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Starts a new deployment of a service after one of its secrets was rotated.
 *
 * Tasks read secrets only at start. Events and a schedule send requests to a FIFO queue with a single message group.
 * Therefore checks do not overlap, and one check handles up to ten requests. See
 * docs/decisions/0007-rolling-services.md.
 */
export class ServiceRoller extends Construct {
  /** The alarms of the roller, for the monitoring plan of the service. */
  public readonly alarms: AlarmDefinition[];

  constructor(scope: Construct, id: string, props: ServiceRollerProps) {
    super(scope, id);
    pinFeatureFlags(this);
    this.validate(props.secrets);
    const key = encryptionKeyFor(this, props.encryptionKey, {
      description: 'Queues and log of the roller of a service',
      users: [cloudWatchLogs],
      usersOfAwsCdk: [eventBridgeToQueue],
    });
    const handler = this.defineFunction(props, key);
    const failed = this.defineFailedRequests(key);
    const requests = this.defineRequests(key, failed);
    handler.function.addEventSource(new sources.SqsEventSource(requests, { batchSize: 10 }));
    const rules = this.defineRules(props.secrets, requests);
    this.alarms = this.defineAlarms(handler, failed, rules);
  }

  private validate(secrets: secretsmanager.ISecret[]): void {
    if (secrets.length > 0) return;
    refuse(this, {
      prop: 'secrets',
      given: secrets,
      allowed: 'at least one secret',
      change: 'create no roller for a service without rotating secrets',
    });
  }

  private defineFunction(props: ServiceRollerProps, encryptionKey: kms.IKey): HandlerFunction {
    const { service, secrets } = props;
    return new HandlerFunction(this, 'Function', {
      handler: 'service/roller/roll-service',
      description: 'Starts a new deployment of a service after its secrets were rotated',
      timeout: Duration.seconds(ROLL_TIMEOUT_SECONDS),
      encryptionKey,
      environment: rollerEnvironment(this, service, secrets),
      statements: [
        new iam.PolicyStatement({
          actions: ['ecs:DescribeServices', 'ecs:UpdateService'],
          resources: [service.serviceArn],
        }),
        new iam.PolicyStatement({
          actions: ['secretsmanager:DescribeSecret'],
          resources: secrets.map(secretArnPattern),
        }),
      ],
      outsideVpcReason:
        `${this.node.path} calls the APIs of ECS and Secrets Manager and reads no secret value. In the VPC of ` +
        'its service it would need an outbound rule, and endpoints or a NAT gateway, without protecting data',
      noReservedConcurrencyReason:
        `The queue of ${this.node.path} delivers one batch at a time, so the function never runs ` +
        'concurrently. A new account has 10 concurrent executions, and AWS requires that 10 stay unreserved',
    });
  }

  private defineFailedRequests(key: kms.IKey): sqs.Queue {
    return new sqs.Queue(this, 'FailedRequests', {
      fifo: true,
      encryption: sqs.QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(FAILED_REQUEST_RETENTION_DAYS),
      // The default of SQS. An explicit policy identifies a dead-letter queue, which needs no dead-letter queue itself
      // (CT.SQS.PR.1).
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
   * Rules that send a request to the queue.
   *
   * The event of Secrets Manager needs only EventBridge. The event of CloudTrail needs a trail, and also exists where
   * Secrets Manager sends no event. EventBridge retries a failed delivery for a day; the schedule is faster.
   */
  private defineRules(secrets: secretsmanager.ISecret[], requests: sqs.Queue): events.Rule[] {
    const request = [new targets.SqsQueue(requests, { messageGroupId: 'roll' })];
    return [
      ...this.defineEventRules('NewValue', 'A secret has a new current value', secrets, newValuePattern, request),
      ...this.defineEventRules('Rotated', 'A rotation succeeded', secrets, rotatedPattern, request),
      new events.Rule(this, 'Clock', {
        description: 'Checks for rotations whose events were lost',
        schedule: events.Schedule.rate(Duration.hours(RECONCILE_HOURS)),
        targets: request,
      }),
    ];
  }

  /** As many rules as the size of their patterns requires. The first one has the given ID. */
  private defineEventRules(
    id: string,
    description: string,
    secrets: secretsmanager.ISecret[],
    patternOf: (arns: string[]) => events.EventPattern,
    requests: events.IRuleTarget[],
  ): events.Rule[] {
    return chunkPatterns(this, secrets, patternOf).map((eventPattern, index) =>
      new events.Rule(this, index === 0 ? id : `${id}${index + 1}`, { description, eventPattern, targets: requests }),
    );
  }

  private defineAlarms(handler: HandlerFunction, failed: sqs.Queue, rules: events.Rule[]): AlarmDefinition[] {
    const period = Duration.minutes(5);
    return [
      {
        id: 'RollGivenUp',
        metric: failed.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
        threshold: 0,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description:
          'The function that replaces the tasks after a rotation failed, so tasks can have old secrets. First read ' +
          `the log of the function ${handler.function.functionName}. Then force a new deployment of the service, and ` +
          `purge the queue ${failed.queueName}: the alarm stays until the queue is empty.`,
      },
      {
        id: 'RollNotRequested',
        metric: new cloudwatch.MathExpression({
          expression: 'SUM(METRICS())',
          label: 'failed requests',
          usingMetrics: Object.fromEntries(rules.map((rule, index) => [`m${index}`, failedInvocations(rule, period)])),
          period,
        }),
        threshold: 0,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description:
          'EventBridge could not send a request to replace the tasks, so after a rotation they can have old ' +
          'secrets. First check that the queue exists, that its policy allows the rules, and that ' +
          'events.amazonaws.com can use its key. Then force a new deployment of the service.',
      },
    ];
  }
}

/** The environment variables of the roller's function. */
function rollerEnvironment(
  scope: Construct,
  service: ecs.FargateService,
  secrets: secretsmanager.ISecret[],
): { [name: string]: string } {
  return {
    CLUSTER: service.cluster.clusterArn,
    SERVICE: service.serviceArn,
    SECRET_ARNS: Stack.of(scope).toJsonString(secrets.map((secret) => secret.secretFullArn ?? secret.secretArn)),
  };
}

/**
 * Divides the secrets of a service, in their order, between as many rollers as they need.
 */
export function secretsOfRollers(
  scope: Construct,
  service: ecs.FargateService,
  secrets: secretsmanager.ISecret[],
): secretsmanager.ISecret[][] {
  const fits = (some: secretsmanager.ISecret[]) =>
    environmentLength(scope, rollerEnvironment(scope, service, some)) <= MAX_ENVIRONMENT_BYTES;
  return inChunks(secrets, fits);
}

function failedInvocations(rule: events.Rule, period: Duration): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Events',
    metricName: 'FailedInvocations',
    dimensionsMap: { RuleName: rule.ruleName },
    statistic: 'Sum',
    period,
  });
}
