import { Annotations, Stack, Stage, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { alarmTopic, hasSubscriber } from './alarm-topic';
import { DashboardSize } from './dashboard-size';
import { AlarmDefinition, IMonitored, MonitoringPlan } from './monitored';
import { checkPlan } from './plan-checks';
import { pinFeatureFlags } from '../core/feature-flags';
import { refuse, Situation } from '../core/refusal';
import { declareWatched } from '../core/monitored-mark';

/** The width of a dashboard, in its own units. */
const DASHBOARD_WIDTH = 24;
/** How many periods in a row must be breaching, unless the rule says otherwise. */
const DEFAULT_EVALUATION_PERIODS = 1;
/** How CloudWatch calls it that too few samples change nothing: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const IGNORE = 'ignore';

/** Who is told, and how. */
export interface WorkloadMonitoringProps {
  /**
   * The address that gets a message when an alarm fires and when it is over. Amazon asks it once to confirm.
   * What is not an e-mail address is refused.
   * @default - nobody: a warning says so until something subscribes to `topic`
   */
  readonly email?: string;
  /**
   * A topic of your own. Its policy and its key must let `cloudwatch.amazonaws.com` in, or alarms are lost without a trace; where notifications are
   * watched, `events.amazonaws.com` and `budgets.amazonaws.com` too, which is added unless the topic was imported.
   * A topic that is known to be in another region is refused.
   * @default - a topic encrypted under `encryptionKey`, to which only the alarms of this account and region may publish
   */
  readonly topic?: sns.ITopic;
  /**
   * The key for the alarm topic. Its policy is extended for CloudWatch, which does nothing to a key imported by its ARN.
   * Refused together with `topic`, whose key is its own.
   * @default - a customer-managed key of its own that rotates yearly
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * A dashboard of your own that gets the widgets.
   * @default - one of its own, made when the first construct is watched
   */
  readonly dashboard?: cloudwatch.Dashboard;
}

/**
 * Tells people when something needs them: alarms with an encrypted topic that CloudWatch can really publish to, and a
 * dashboard (45 CFR 164.308(a)(1)(ii)(D), 164.308(a)(6)(ii)).
 *
 * Nothing is watched until `watch` is called.
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
    pinFeatureFlags(this);
    this.validateProps();
    this.topic = props.topic ?? alarmTopic(this, props.encryptionKey);
    this.subscribe();
  }

  /** Every alarm made so far. */
  public get alarms(): cloudwatch.Alarm[] {
    return [...this.allAlarms];
  }

  /** Every widget put on the dashboard so far, headings included. */
  public get widgets(): cloudwatch.IWidget[] {
    return [...this.allWidgets];
  }

  /** The dashboard: the one that was given, or one of its own, which does not exist before something is watched. */
  public get dashboard(): cloudwatch.Dashboard | undefined {
    return this.props.dashboard ?? this.ownDashboard;
  }

  /**
   * Makes the alarms of each construct and puts its widgets on the dashboard under a heading.
   *
   * The alarms live below this construct, under ids taken from the watched construct's path: the order of the calls
   * does not matter. Refused are a construct that is already watched, an alarm without a description of what to do
   * first, and one on a metric of another region.
   */
  public watch(...constructs: IMonitored[]): void {
    for (const construct of constructs) this.watchOne(construct);
  }

  private watchOne(construct: IMonitored): void {
    if (this.watched.has(construct)) {
      refuse(this, { prop: 'watch', given: new Situation(`${construct.node.path} again`), allowed: 'each construct once', change: 'remove the second call' });
    }
    const plan = construct.monitoringPlan();
    checkPlan(this, construct, plan);
    this.watched.add(construct);
    const scope = new Construct(this, idFromPath(construct));
    const ofNotices = (plan.notifications ?? []).flatMap((notice) => notice._bind(scope, this.topic));
    this.defineAlarms(scope, [...plan.alarms, ...ofNotices]);
    this.defineWidgets(construct, plan);
    declareWatched(construct);
  }

  private defineAlarms(scope: Construct, rules: AlarmDefinition[]): void {
    const notify = new actions.SnsAction(this.topic);
    for (const rule of rules) {
      const alarm = new cloudwatch.Alarm(scope, rule.id, {
        metric: rule.metric,
        threshold: rule.threshold,
        alarmDescription: rule.description,
        comparisonOperator: rule.comparison ?? cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: rule.evaluationPeriods ?? DEFAULT_EVALUATION_PERIODS,
        treatMissingData: rule.missingData,
        evaluateLowSampleCountPercentile: rule.ignoreFewSamples ? IGNORE : undefined,
        actionsEnabled: true,
      });
      alarm.addAlarmAction(notify);
      alarm.addOkAction(notify);
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
      new sns.Subscription(this, 'Email', { topic: this.topic, protocol: sns.SubscriptionProtocol.EMAIL, endpoint: email });
    } else if (topic === undefined) {
      this.node.addValidation({ validate: () => this.warnIfNobodyListens() });
    }
  }

  private warnIfNobodyListens(): string[] {
    if (!hasSubscriber(this.topic)) {
      Annotations.of(this).addWarningV2('cdk-hipaa:nobody-subscribed', 'nobody is told about alarms: pass `email`, or subscribe something to `topic`');
    }
    return [];
  }

  private validateProps(): void {
    const { email, encryptionKey, topic } = this.props;
    if (email !== undefined && !Token.isUnresolved(email) && !/^[^\s@]+@[^\s@]+$/.test(email)) {
      refuse(this, { prop: 'email', given: email, allowed: 'an e-mail address', change: 'pass the address of the people on call' });
    }
    if (topic && encryptionKey) {
      refuse(this, { prop: 'encryptionKey', given: encryptionKey, allowed: 'no key beside a topic of your own', change: 'set the key on the topic' });
    }
    const region = Stack.of(this).region;
    if (topic && [topic.env.region, region].every((known) => !Token.isUnresolved(known)) && topic.env.region !== region) {
      refuse(this, {
        prop: 'topic',
        given: new Situation(`a topic of ${topic.env.region}`),
        allowed: `a topic of ${region}, since alarms publish in their own region only`,
        change: 'pass a topic of this region, or none',
      });
    }
  }
}

/** An id that says where the watched construct stands: stable whatever else is watched, and the same in each stage of an app. */
function idFromPath(construct: Construct): string {
  const outside = Stage.of(construct)!.node.scopes.length;
  return construct.node.scopes.slice(outside).map((scope) => scope.node.id).join(':');
}
