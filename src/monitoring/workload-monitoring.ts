import { Annotations, Stack, Stage, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { AlarmDefinition } from './alarm-definition';
import { alarmTopic, hasSubscriber } from './alarm-topic';
import { DashboardSize } from './dashboard-size';
import { onLaterAlarms } from './later-alarms';
import { IMonitored, MonitoringPlan } from './monitored';
import { checkPlan } from './plan-checks';
import { cloudWatchAlarms, encryptionKeyFor } from '../blocks/encryption-key';
import { checkArguments, checkProps } from '../core/check-props';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatched } from '../core/monitored-mark';
import { refuse, refuseUse, Situation } from '../core/refusal';

/** The width of a dashboard, in grid units. */
const DASHBOARD_WIDTH = 24;
/** The default number of consecutive breaching periods after which an alarm fires. */
const DEFAULT_EVALUATION_PERIODS = 1;
/**
 * The value of `EvaluateLowSampleCountPercentile` that leaves the state unchanged.
 *
 * It applies to an evaluation with too few samples.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
const IGNORE = 'ignore';

/** The props of `WorkloadMonitoring`. */
export interface WorkloadMonitoringProps {
  /**
   * The email address that receives a message when an alarm fires and when it returns to OK.
   *
   * AWS sends one message that asks for confirmation. A value that is not an email address is refused.
   * @default - no subscription, and a warning until the app adds a subscription to `topic`
   */
  readonly email?: string;
  /**
   * An existing topic.
   *
   * The policies of the topic and its key must allow `cloudwatch.amazonaws.com`, and for notifications also
   * `events.amazonaws.com` and `budgets.amazonaws.com`. Otherwise, messages are lost without an error. If the key
   * belongs to the app, the construct extends its policy. For notifications, it also extends the policy of a topic of
   * the app. A warning prints the statements for an imported key. A topic of another region and a FIFO topic are
   * refused.
   * @default - a new topic, encrypted with `encryptionKey`, to which only alarms of this account and region can
   * publish
   */
  readonly topic?: sns.ITopic;
  /**
   * The key of the alarm topic.
   *
   * The construct allows CloudWatch in the key policy. For an imported key, a warning prints the statements that its
   * policy must contain. Refused together with `topic`.
   * An alias and a key of another region are refused.
   * @default - a new customer managed key that rotates yearly
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * An existing dashboard that receives the widgets.
   * @default - a new dashboard, created when the first construct is watched
   */
  readonly dashboard?: cloudwatch.Dashboard;
}

/**
 * Creates alarms and a dashboard for the constructs that it watches.
 *
 * It also creates an encrypted topic for the messages of the alarms. `watch` adds a construct. The Security Rule
 * requires regular reviews of system activity (45 CFR 164.308(a)(1)(ii)(D)) and a response to incidents
 * (164.308(a)(6)(ii)).
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const database: EncryptedDatabaseInstance;
 * declare const api: SecureFargateService;
 *
 * const monitoring = new WorkloadMonitoring(this, 'Monitoring', { email: 'oncall@example.com' });
 * monitoring.watch(network, database, api);
 */
export class WorkloadMonitoring extends Construct {
  /** The topic that every alarm publishes to. */
  public readonly topic: sns.ITopic;

  private readonly watched = new Set<IMonitored>();
  private readonly size = new DashboardSize();
  private readonly allAlarms: cloudwatch.Alarm[] = [];
  private readonly allWidgets: cloudwatch.IWidget[] = [];
  private ownDashboard?: cloudwatch.Dashboard;

  constructor(scope: Construct, id: string, private readonly props: WorkloadMonitoringProps = {}) {
    super(scope, id);
    checkProps(this, 'WorkloadMonitoringProps', props);
    pinFeatureFlags(this);
    this.validateProps();
    this.topic = props.topic ?? alarmTopic(this, props.encryptionKey);
    if (props.topic?.masterKey) {
      encryptionKeyFor(this, props.topic.masterKey, { description: 'Alarm messages', users: [cloudWatchAlarms] });
    }
    this.subscribe();
  }

  /** The alarms of all watched constructs. */
  public get alarms(): cloudwatch.Alarm[] {
    return [...this.allAlarms];
  }

  /** The widgets of all watched constructs, including headings. */
  public get widgets(): cloudwatch.IWidget[] {
    return [...this.allWidgets];
  }

  /** The dashboard. Undefined until a construct is watched, unless `dashboard` was passed. */
  public get dashboard(): cloudwatch.Dashboard | undefined {
    return this.props.dashboard ?? this.ownDashboard;
  }

  /**
   * Creates the alarms and notifications of each construct, and adds its widgets to the dashboard.
   *
   * The IDs of the alarms contain the path of the watched construct, so the order of the calls has no effect. A call
   * without constructs, a construct that is already watched, an alarm without a description, and a metric of another
   * region are refused.
   */
  public watch(...constructs: IMonitored[]): void {
    checkArguments(this, 'WorkloadMonitoring.watch', { constructs });
    if (constructs.length === 0) {
      refuseUse(this, 'watch must be called with at least one construct', 'pass the constructs to watch');
    }
    for (const construct of constructs) this.watchOne(construct);
  }

  private watchOne(construct: IMonitored): void {
    if (this.watched.has(construct)) {
      refuseUse(
        this,
        `watch must be called once for each construct, but ${construct.node.path} is already watched`,
        'remove the second call',
      );
    }
    const plan = construct.monitoringPlan();
    checkPlan(this, construct, plan);
    this.watched.add(construct);
    const scope = new Construct(this, idFromPath(construct));
    const ofNotifications = (plan.notifications ?? []).flatMap((notification) => notification._bind(scope, this.topic));
    this.defineAlarms(scope, [...plan.alarms, ...ofNotifications]);
    this.defineWidgets(construct, plan);
    declareWatched(construct);
    onLaterAlarms(construct, (alarms) => this.defineAlarms(scope, alarms));
  }

  private defineAlarms(scope: Construct, definitions: AlarmDefinition[]): void {
    const notify = new actions.SnsAction(this.topic);
    for (const definition of definitions) {
      const alarm = new cloudwatch.Alarm(scope, definition.id, {
        metric: definition.metric,
        threshold: definition.threshold,
        alarmDescription: definition.description,
        comparisonOperator: definition.comparison ?? cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: definition.evaluationPeriods ?? DEFAULT_EVALUATION_PERIODS,
        treatMissingData: definition.missingData,
        evaluateLowSampleCountPercentile: definition.ignoreFewSamples ? IGNORE : undefined,
        actionsEnabled: true,
      });
      alarm.addAlarmAction(notify);
      alarm.addOkAction(notify);
      if (definition.createdAfter) alarm.node.addDependency(...definition.createdAfter);
      this.allAlarms.push(alarm);
    }
  }

  private defineWidgets(construct: IMonitored, plan: MonitoringPlan): void {
    const heading = new cloudwatch.TextWidget({ markdown: `## ${plan.title}`, width: DASHBOARD_WIDTH, height: 1 });
    this.size.add(construct, [heading, ...plan.widgets]);
    const dashboard = this.dashboard ?? (this.ownDashboard = new cloudwatch.Dashboard(this, 'Dashboard'));
    dashboard.addWidgets(heading);
    if (plan.widgets.length > 0) dashboard.addWidgets(...plan.widgets);
    this.allWidgets.push(heading, ...plan.widgets);
  }

  private subscribe(): void {
    const { email, topic } = this.props;
    if (email !== undefined) {
      new sns.Subscription(this, 'Email', {
        topic: this.topic,
        protocol: sns.SubscriptionProtocol.EMAIL,
        endpoint: email,
      });
    } else if (topic === undefined) {
      this.node.addValidation({ validate: () => this.warnIfNobodySubscribes() });
    }
  }

  private warnIfNobodySubscribes(): string[] {
    if (!hasSubscriber(this.topic)) {
      Annotations.of(this).addWarningV2(
        'cdk-hipaa:nobody-subscribed',
        'the alarm topic has no subscription: pass `email`, or add a subscription to `topic`',
      );
    }
    return [];
  }

  private validateProps(): void {
    const { email, encryptionKey, topic } = this.props;
    if (email !== undefined && !Token.isUnresolved(email) && !/^[^\s@]+@[^\s@]+$/.test(email)) {
      refuse(this, {
        prop: 'email',
        given: email,
        allowed: 'an email address',
        change: 'pass the address of the people on call',
      });
    }
    if (topic && encryptionKey) {
      refuseUse(this, 'encryptionKey and topic must not be used together', 'set the key on the topic');
    }
    if (topic?.fifo) {
      refuse(this, {
        prop: 'topic',
        given: new Situation(`the FIFO topic ${topic.node.path}`),
        allowed: 'a standard topic, because neither alarms nor EventBridge publish to a FIFO topic',
        change: 'pass a topic without fifo: true',
      });
    }
    const region = Stack.of(this).region;
    if (
      topic &&
      [topic.env.region, region].every((known) => !Token.isUnresolved(known)) &&
      topic.env.region !== region
    ) {
      refuse(this, {
        prop: 'topic',
        given: new Situation(`a topic of ${topic.env.region}`),
        allowed: `a topic of ${region}, because alarms publish in their own region only`,
        change: 'pass a topic of this region, or omit it',
      });
    }
  }
}

/**
 * Returns an ID that contains the path of the watched construct in its stage. Other watched constructs do not affect
 * it.
 */
function idFromPath(construct: Construct): string {
  const outside = Stage.of(construct)!.node.scopes.length;
  return construct.node.scopes.slice(outside).map((scope) => scope.node.id).join(':');
}
