import { Aws, Duration, Stack } from 'aws-cdk-lib';
import * as budgets from 'aws-cdk-lib/aws-budgets';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { AlarmDefinition } from './monitored';

/** How finely deliveries that fail are counted, in minutes. */
const DELIVERY_PERIOD_MINUTES = 5;

/** An event that somebody is told about. */
export interface EventNotificationOptions {
  /** The notice's id below the construct, in PascalCase: `Findings`. */
  readonly id: string;
  /** Which events of the account's default bus are told. */
  readonly eventPattern: events.EventPattern;
  /** What the rule is for, as the console shows it. */
  readonly description: string;
  /**
   * The message: lines of text with `events.EventField`s in them. A topic's messages leave the account by e-mail, so name
   * no field that could hold PHI: no names of objects, users or records, and no free text.
   */
  readonly message: string;
}

/** Costs that somebody is told about. */
export interface CostNotificationOptions {
  /** The notice's id below the construct, in PascalCase: `MonthlyCosts`. */
  readonly id: string;
  /** What the account may cost in a calendar month, in USD. */
  readonly monthlyLimit: number;
}

/** Something that is told as it happens, by a service that publishes no metric of it: what an alarm could not watch. */
export abstract class Notification {
  /** Tells each event that matches a pattern, by a rule of EventBridge, and raises an alarm when a message could not be delivered. */
  public static event(options: EventNotificationOptions): Notification {
    return new EventNotification(options);
  }

  /** Tells when the costs of the account in this month exceed a limit, and when they are expected to, by a budget. */
  public static costs(options: CostNotificationOptions): Notification {
    return new CostNotification(options);
  }

  /**
   * Makes it, and returns what is to be watched about it.
   * @internal
   */
  public abstract _bind(scope: Construct, topic: sns.ITopic): AlarmDefinition[];
}

class EventNotification extends Notification {
  constructor(private readonly options: EventNotificationOptions) {
    super();
  }

  public _bind(scope: Construct, topic: sns.ITopic): AlarmDefinition[] {
    const { id, eventPattern, description, message } = this.options;
    letPublish(topic, 'EventBridgeRules', 'events.amazonaws.com');
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
      description: `EventBridge could not publish a message (${description}) to this topic. First see whether the policies of the topic and of its key still let `
        + 'events.amazonaws.com in, and read what was missed in the service that it came from.',
    }];
  }
}

class CostNotification extends Notification {
  constructor(private readonly options: CostNotificationOptions) {
    super();
  }

  public _bind(scope: Construct, topic: sns.ITopic): AlarmDefinition[] {
    const { id, monthlyLimit } = this.options;
    letPublish(topic, 'Budgets', 'budgets.amazonaws.com', {
      StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
      ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:budgets::${Stack.of(scope).account}:*` },
    });
    const subscribers = [{ subscriptionType: 'SNS', address: topic.topicArn }];
    const budget = new budgets.CfnBudget(scope, id, {
      budget: { budgetType: 'COST', timeUnit: 'MONTHLY', budgetLimit: { amount: monthlyLimit, unit: 'USD' } },
      notificationsWithSubscribers: ['ACTUAL', 'FORECASTED'].map((notificationType) => ({
        notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold: 100, thresholdType: 'PERCENTAGE' },
        subscribers,
      })),
    });
    budget.node.addDependency(topic);
    return [];
  }
}

/**
 * Lets a service publish to the topic, and use the key that the topic is encrypted under. Neither does anything to a topic that was imported.
 *
 * EventBridge comes without conditions: "You can't use Condition blocks in Amazon SNS topic policies for EventBridge", and with a role
 * in place of the policy deliveries to encrypted topics fail. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 * Budgets says for whom it comes: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
 */
function letPublish(topic: sns.ITopic, sid: string, service: string, conditions?: { [operator: string]: { [key: string]: string } }): void {
  const statement = { sid, principals: [new iam.ServicePrincipal(service)], conditions };
  topic.addToResourcePolicy(new iam.PolicyStatement({ ...statement, actions: ['sns:Publish'], resources: [topic.topicArn] }));
  topic.masterKey?.addToResourcePolicy(new iam.PolicyStatement({ ...statement, actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: ['*'] }));
}
