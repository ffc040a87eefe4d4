import { Aws, Duration, Stack, Token } from 'aws-cdk-lib';
import * as budgets from 'aws-cdk-lib/aws-budgets';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { AlarmDefinition } from './alarm-definition';
import { requireBudgets } from './budget-regions';
import { COST_LIMITS, isCostLimit } from './cost-limit';
import { requirePattern, requirePatternSize } from './event-pattern';
import { checkFactory } from '../core/check-props';
import { markChoice } from '../core/choice';
import { allowInKeyPolicy } from '../core/imported-key-policy';
import { refuse, requireId, requireText, Situation } from '../core/refusal';

/** The period of the metric for failed deliveries, in minutes. */
const DELIVERY_PERIOD_MINUTES = 5;
/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html */
const MAX_DESCRIPTION_LENGTH = 512;
/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html */
const MAX_MESSAGE_LENGTH = 8_192;

/** The options of a notification about events. */
export interface EventNotificationOptions {
  /** The ID of the notification below the construct, in PascalCase, as the ID of an alarm: `Findings`. */
  readonly id: string;
  /**
   * The pattern of the events on the account's default event bus.
   *
   * A pattern without a field, an empty list in it, and a pattern of more than 2,048 characters are refused.
   */
  readonly eventPattern: events.EventPattern;
  /**
   * The description of the rule, which the console shows. A blank text and a text of more than 512 characters are
   * refused.
   */
  readonly description: string;
  /**
   * The message: lines of text that can contain `events.EventField` values. A blank text and a text of more than 8,192
   * characters are refused.
   *
   * Messages leave the account by email. Do not use a field that can contain PHI, such as names of objects, users or
   * records, or free text.
   */
  readonly message: string;
}

/** The options of a notification about costs. */
export interface CostNotificationOptions {
  /** The ID of the notification below the construct, in PascalCase, as the ID of an alarm: `MonthlyCosts`. */
  readonly id: string;
  /** The limit for the costs of the account in a calendar month, in USD: from 0.01 to 10^12. */
  readonly monthlyLimit: number;
}

/**
 * A notification raised by an event or a budget rather than by a metric.
 *
 * @example
 * const restores = Notification.event({
 *   id: 'Restores',
 *   description: 'Failed restores of AWS Backup',
 *   eventPattern: { source: ['aws.backup'], detailType: ['Restore Job State Change'] },
 *   message: 'A restore failed.',
 * });
 * const plan: MonitoringPlan = { title: 'Restores', alarms: [], widgets: [], notifications: [restores] };
 */
export abstract class Notification {
  /**
   * Publishes a message for each event that matches a pattern.
   *
   * The notification is an EventBridge rule, with an alarm on messages that could not be delivered.
   */
  public static event(options: EventNotificationOptions): Notification {
    checkFactory('Notification.event', { options });
    requireId('Notification.event', 'id', options.id);
    requireText('Notification.event', 'description', options.description, 'describe the events');
    requireText('Notification.event', 'message', options.message, 'state what happened and what to do first');
    requireLength('description', options.description, MAX_DESCRIPTION_LENGTH);
    requireLength('message', options.message, MAX_MESSAGE_LENGTH);
    requirePattern(options.eventPattern);
    return new EventNotification(options);
  }

  /**
   * Publishes a message when the costs of the account exceed a monthly limit.
   *
   * It also publishes a message when AWS forecasts that they will. The notification is an AWS Budgets budget. A region
   * in which CloudFormation does not offer budgets, such as eu-north-1, is refused.
   */
  public static costs(options: CostNotificationOptions): Notification {
    checkFactory('Notification.costs', { options });
    requireId('Notification.costs', 'id', options.id);
    requireLimit(options.monthlyLimit);
    return new CostNotification(options);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'Notification');

  /**
   * The IDs of the notification and of its alarms.
   * @internal
   */
  public abstract readonly _ids: string[];

  /**
   * Creates the resources of the notification, and returns the alarms on them.
   * @internal
   */
  public abstract _bind(scope: Construct, topic: sns.ITopic): AlarmDefinition[];
}

class EventNotification extends Notification {
  public readonly _ids: string[];

  constructor(private readonly options: EventNotificationOptions) {
    super();
    this._ids = [options.id, `${options.id}Undelivered`];
  }

  public _bind(scope: Construct, topic: sns.ITopic): AlarmDefinition[] {
    const { id, eventPattern, description, message } = this.options;
    requirePatternSize(scope, id, eventPattern);
    allowToPublish(scope, topic, 'EventBridgeRules', 'events.amazonaws.com');
    const rule = new events.Rule(scope, id, {
      eventPattern,
      description,
      targets: [{ bind: () => ({ arn: topic.topicArn, input: events.RuleTargetInput.fromText(message) }) }],
    });
    rule.node.addDependency(topic);
    return [{
      id: `${id}Undelivered`,
      metric: new cloudwatch.Metric({
        namespace: 'AWS/Events',
        metricName: 'FailedInvocations',
        dimensionsMap: { RuleName: rule.ruleName },
        statistic: cloudwatch.Stats.SUM,
        period: Duration.minutes(DELIVERY_PERIOD_MINUTES),
      }),
      threshold: 0,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: `EventBridge could not publish a message (${description}) to this topic. First, check that the `
        + 'policies of the topic and its key allow events.amazonaws.com. Then read the missed events in the service '
        + 'that sent them.',
    }];
  }
}

class CostNotification extends Notification {
  public readonly _ids: string[];

  constructor(private readonly options: CostNotificationOptions) {
    super();
    this._ids = [options.id];
  }

  public _bind(scope: Construct, topic: sns.ITopic): AlarmDefinition[] {
    const { id, monthlyLimit } = this.options;
    requireBudgets(scope, 'Notification.costs');
    allowToPublish(scope, topic, 'Budgets', 'budgets.amazonaws.com', {
      StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
      ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:budgets::${Stack.of(scope).account}:*` },
    });
    const subscribers = [{ subscriptionType: 'SNS', address: topic.topicArn }];
    const budget = new budgets.CfnBudget(scope, id, {
      budget: { budgetType: 'COST', timeUnit: 'MONTHLY', budgetLimit: { amount: monthlyLimit, unit: 'USD' } },
      notificationsWithSubscribers: ['ACTUAL', 'FORECASTED'].map((notificationType) => ({
        notification: {
          notificationType,
          comparisonOperator: 'GREATER_THAN',
          threshold: 100,
          thresholdType: 'PERCENTAGE',
        },
        subscribers,
      })),
    });
    budget.node.addDependency(topic);
    return [];
  }
}

/** Refuses a longer text. The length of a text with tokens is unknown. */
function requireLength(prop: string, text: string, max: number): void {
  if (Token.isUnresolved(text) || text.length <= max) return;
  refuse('Notification.event', {
    prop,
    given: new Situation(`${text.length} characters`),
    allowed: `at most ${max} characters`,
    change: 'shorten the text',
  });
}

function requireLimit(limit: number): void {
  if (isCostLimit(limit)) return;
  refuse('Notification.costs', {
    prop: 'monthlyLimit',
    given: limit,
    allowed: COST_LIMITS,
    change: 'pass an amount in USD',
  });
}

/**
 * Allows a service to publish to the topic and to use its key. The policies of an imported topic or key do not
 * change.
 *
 * The statement for EventBridge has no conditions: "You can't use Condition blocks in Amazon SNS topic policies for
 * EventBridge". With a role instead of the policy, deliveries to encrypted topics fail.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 * The statement for AWS Budgets has the conditions of
 * https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
 */
function allowToPublish(
  scope: Construct, topic: sns.ITopic, sid: string, service: string, conditions?: iam.Conditions,
): void {
  const allow = (actions: string[], resource: string) => new iam.PolicyStatement({
    sid, principals: [new iam.ServicePrincipal(service)], actions, resources: [resource], conditions,
  });
  topic.addToResourcePolicy(allow(['sns:Publish'], topic.topicArn));
  if (topic.masterKey) allowInKeyPolicy(scope, topic.masterKey, [allow(['kms:Decrypt', 'kms:GenerateDataKey'], '*')]);
}
