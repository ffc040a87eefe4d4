import { Duration, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sources from 'aws-cdk-lib/aws-lambda-event-sources';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { rollerAlarms } from './roller-alarms';
import { defineRequestRules } from './roller-rules';
import { secretArnPattern } from '../../binding/grant-read';
import { eventBridgeToQueue } from '../../blocks/aws-cdk-key-users';
import { cloudWatchLogs, encryptionKeyFor } from '../../blocks/encryption-key';
import { HandlerFunction } from '../../blocks/handler-function';
import { ManagedPolicyRole } from '../../blocks/managed-policy-role';
import { pinFeatureFlags } from '../../core/feature-flags';
import { receiveKey, receiverOf } from '../../core/given-key';
import { AlarmDefinition } from '../../monitoring/alarm-definition';

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
const SHARED_ID = 'ServiceRollers';
const ADDRESS_LENGTH = 8;

/** A secret whose rotations a service follows. */
export interface FollowedSecret {
  /** The secret: of any stack, imported, or managed by RDS. */
  readonly secret: secretsmanager.ISecret;
  /** Whether the previous value remains valid until the next rotation. */
  readonly overlaps: boolean;
}

/** A service whose tasks the roller replaces. */
export interface FollowingService {
  /** The service. It must use rolling deployments of ECS. */
  readonly service: ecs.BaseService;
  readonly secrets: FollowedSecret[];
  /** The window for secrets that overlap. By default, the hour in which secrets rotate, and the next one. */
  readonly maintenanceWindow?: string;
}

/**
 * Starts a new deployment of services after one of their secrets was rotated.
 *
 * Tasks read secrets only at start. Event rules of each service send requests to a FIFO queue, with one message group
 * for each service. Therefore checks of a service do not overlap. See docs/decisions/0007-rolling-services.md.
 */
export class ServiceRoller extends Construct {
  /**
   * Returns the roller for a service.
   *
   * Services of a stack that share a key, such as those of a `ServiceCluster`, share a roller. A service with a key of
   * its own has a roller of its own. The ID of a shared roller depends on the key alone, so another service does not
   * change it.
   */
  public static of(service: Construct, key: kms.IKey): ServiceRoller {
    if (key.node.scope === service) return new ServiceRoller(service, 'Roller', { encryptionKey: key });
    const stack = Stack.of(service);
    const shared = stack.node.tryFindChild(SHARED_ID) ?? new Construct(stack, SHARED_ID);
    receiveKey(shared, key, receiverOf(service, key));
    const id = key.node.addr.slice(-ADDRESS_LENGTH);
    return shared.node.tryFindChild(id) as ServiceRoller
      ?? new ServiceRoller(shared as Construct, id, { encryptionKey: key });
  }

  private readonly handler: HandlerFunction;
  private readonly failed: sqs.Queue;
  private readonly requests: sqs.Queue;

  /**
   * @param scope the scope
   * @param id the ID
   * @param props the key that encrypts the queues and the log. A warning prints
   * the statements for an imported key.
   */
  constructor(scope: Construct, id: string, props: { readonly encryptionKey: kms.IKey }) {
    super(scope, id);
    pinFeatureFlags(this);
    encryptionKeyFor(this, props.encryptionKey, {
      description: 'Queues and log of the roller of services',
      users: [cloudWatchLogs],
      usersOfAwsCdk: [eventBridgeToQueue],
    });
    this.handler = this.defineFunction(props.encryptionKey);
    this.failed = this.defineFailedRequests(props.encryptionKey);
    this.requests = this.defineRequests(props.encryptionKey);
    this.handler.function.addEventSource(
      new sources.SqsEventSource(this.requests, { batchSize: 10, reportBatchItemFailures: true }));
  }

  /**
   * Lets a service follow the rotations of its secrets. Returns the alarms for the monitoring plan of the service.
   * @param scope the construct of the service, in which the rules are created
   * @param following the service and its secrets, at least one
   */
  public follow(scope: Construct, following: FollowingService): AlarmDefinition[] {
    const { service, secrets } = following;
    const role = this.handler.function.role as ManagedPolicyRole;
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
    role.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: ['ecs:DescribeServices', 'ecs:ListServiceDeployments', 'ecs:UpdateService'],
      resources: [service.serviceArn],
    }));
    role.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: ['secretsmanager:DescribeSecret'],
      resources: secrets.map(({ secret }) => secretArnPattern(secret)),
    }));
    const overlapping = secrets.filter(({ overlaps }) => overlaps);
    if (overlapping.length > 0) {
      role.addToPrincipalPolicy(new iam.PolicyStatement({
        actions: ['secretsmanager:ListSecretVersionIds'],
        resources: overlapping.map(({ secret }) => secretArnPattern(secret)),
      }));
    }
    const rules = defineRequestRules(this.rulesOf(scope), following, this.requests);
    return rollerAlarms({ service, rules, handler: this.handler, requests: this.requests, failed: this.failed });
  }

  /** The scope of the rules of a service: the roller itself, or a scope with the same ID. */
  private rulesOf(service: Construct): Construct {
    return this.node.scope === service ? this : new Construct(service, 'Roller');
  }

  private defineFunction(encryptionKey: kms.IKey): HandlerFunction {
    return new HandlerFunction(this, 'Function', {
      handler: 'service/roller/roll-service',
      description: 'Starts a new deployment of a service after its secrets were rotated',
      timeout: Duration.seconds(ROLL_TIMEOUT_SECONDS),
      encryptionKey,
      statements: [],
      outsideVpcReason:
        `${this.node.path} calls the APIs of ECS and Secrets Manager and reads no secret value. In the VPC of ` +
        'its service it would need an outbound rule, and endpoints or a NAT gateway, without protecting data',
      noReservedConcurrencyReason:
        `The queue of ${this.node.path} delivers one batch of a service at a time, and rarely those of several ` +
        'services. A new account has 10 concurrent executions, and AWS requires that 10 stay unreserved',
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

  private defineRequests(key: kms.IKey): sqs.Queue {
    return new sqs.Queue(this, 'Requests', {
      fifo: true,
      contentBasedDeduplication: true,
      encryption: sqs.QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      deliveryDelay: Duration.seconds(SETTLE_SECONDS),
      visibilityTimeout: Duration.seconds(VISIBILITY_TIMEOUTS * ROLL_TIMEOUT_SECONDS),
      deadLetterQueue: { queue: this.failed, maxReceiveCount: MAX_ATTEMPTS },
    });
  }
}
