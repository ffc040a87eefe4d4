import { CustomResource, Duration, Stack, Token } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as config from 'aws-cdk-lib/aws-config';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, IConstruct } from 'constructs';
import { AccessAnalyzerGuardrail } from './access-analyzer/access-analyzer-guardrail';
import { checkCostLimit, costWatch, findingNotices, FindingServices } from './account-notifications';
import { defineAccountSettings } from './settings/account-settings';
import { ConfigGuardrail } from './config/config-guardrail';
import { EbsEncryptionGuardrail } from './settings/ebs-encryption-guardrail';
import { GuardDutyGuardrail } from './guard-duty/guard-duty-guardrail';
import { InspectorGuardrail } from './inspector/inspector-guardrail';
import { PasswordPolicyGuardrail } from './settings/password-policy-guardrail';
import { PublicAccessGuardrail } from './settings/public-access-guardrail';
import { SecurityHubGuardrail } from './security-hub/security-hub-guardrail';
import { TrailGuardrail, TrailInPlace } from './trail/trail-guardrail';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { pinFeatureFlags } from '../core/feature-flags';
import { HandlerFunction } from '../blocks/handler-function';
import { refuse, Situation } from '../core/refusal';
import { declareWatchable } from '../core/monitored-mark';

/** How finely the metrics of the functions are read, in minutes. */
const METRIC_PERIOD_MINUTES = 5;

/** The guardrails of an account. Each is a choice: create it, adopt what is there, or skip it with a reason. */
export interface ComplianceGuardrailsProps {
  /**
   * How the calls of the AWS API come to be recorded.
   * @default TrailGuardrail.create()
   */
  readonly trail?: TrailGuardrail;
  /**
   * How resources come to be recorded, and judged by the HIPAA conformance pack.
   * @default ConfigGuardrail.create()
   */
  readonly config?: ConfigGuardrail;
  /**
   * How Amazon Inspector v2 comes to scan this account and region for known vulnerabilities.
   * @default InspectorGuardrail.create()
   */
  readonly inspector?: InspectorGuardrail;
  /**
   * How Amazon GuardDuty comes to watch this account and region for signs of an intruder.
   * @default GuardDutyGuardrail.create()
   */
  readonly guardDuty?: GuardDutyGuardrail;
  /**
   * How AWS Security Hub comes to check this account and region, and to collect what other services find.
   * @default SecurityHubGuardrail.create()
   */
  readonly securityHub?: SecurityHubGuardrail;
  /**
   * How IAM Access Analyzer comes to tell what can be reached from outside of the account.
   * @default AccessAnalyzerGuardrail.create()
   */
  readonly accessAnalyzer?: AccessAnalyzerGuardrail;
  /**
   * How no bucket of the account comes to be public, in any region.
   * @default PublicAccessGuardrail.create()
   */
  readonly s3PublicAccess?: PublicAccessGuardrail;
  /**
   * How every new EBS volume of the account and region comes to be encrypted.
   * @default EbsEncryptionGuardrail.create()
   */
  readonly ebsEncryption?: EbsEncryptionGuardrail;
  /**
   * What the passwords of the account's IAM users have to be like.
   * @default PasswordPolicyGuardrail.create()
   */
  readonly passwordPolicy?: PasswordPolicyGuardrail;
  /**
   * What the account may cost in a calendar month, in USD. Once `Monitoring` watches the guardrails, it tells when the month's costs exceed this: by an
   * alarm on the billing metric in us-east-1, and by a budget where the region is another or unknown. A number that is not positive, and a region
   * outside of the partition `aws`, whose bills come otherwise, are refused.
   * @default - nobody is told about costs
   */
  readonly monthlyCostLimit?: number;
  /**
   * The key for all that the guardrails keep: the logs, the environment and the dead letters of the functions that set them up, the files and the log
   * group of a trail, the bucket of AWS Config. It must let CloudWatch Logs use it, and CloudTrail and AWS Config where a trail or a recorder is created.
   * That is added to its policy, unless the key was imported: then its policy has to say it already.
   * @default - customer-managed keys that rotate yearly: one for all functions, and one each for the trail and for AWS Config
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * The services and settings that AWS offers once for an account, or once for its region, set up for HIPAA.
 *
 * One for each account and region: a second one in the same stack, or in another stack that is known to be deployed to
 * the same account and region, is refused.
 */
export class ComplianceGuardrails extends Construct implements IMonitored {
  /** The trail of this stack's own, if it makes one. */
  public readonly trail?: cloudtrail.CfnTrail;
  /** The bucket that the trail of this stack's own writes to. */
  public readonly trailBucket?: s3.Bucket;
  /** The log group in which the events of the trail are watched: its own, or that of the adopted trail, if it was given. */
  public readonly trailLogGroup?: logs.ILogGroup;
  /** The bucket that AWS Config writes its history to, unless the recorder is adopted or there is none. */
  public readonly configBucket?: s3.Bucket;
  /** The conformance pack, unless there is none. */
  public readonly conformancePack?: config.CfnConformancePack;
  /** The function that enables Inspector, or undefined when Inspector is skipped. */
  public readonly inspectorFunction?: lambda.IFunction;

  private readonly handlers: HandlerFunction[];
  private readonly finding: FindingServices;
  private functionKey?: kms.IKey;
  private readonly trailInPlace: TrailInPlace;

  constructor(scope: Construct, id: string, private readonly props: ComplianceGuardrailsProps = {}) {
    super(scope, id);
    pinFeatureFlags(this);
    this.refuseSecond();
    checkCostLimit(this, props.monthlyCostLimit);
    const context = { encryptionKey: () => this.functionKey ??= this.defineFunctionKey() };
    const inspector = (props.inspector ?? InspectorGuardrail.create())._bind(this, context);
    this.inspectorFunction = inspector?.function;
    this.trailInPlace = (props.trail ?? TrailGuardrail.create())._bind(this, { encryptionKey: props.encryptionKey });
    ({ trail: this.trail, bucket: this.trailBucket, logGroup: this.trailLogGroup } = this.trailInPlace);
    const recorder = (props.config ?? ConfigGuardrail.create())._bind(this, { ...context, givenKey: props.encryptionKey });
    ({ bucket: this.configBucket, conformancePack: this.conformancePack } = recorder);
    const guardDuty = (props.guardDuty ?? GuardDutyGuardrail.create())._bind(this, context);
    const securityHub = (props.securityHub ?? SecurityHubGuardrail.create())._bind(this, context);
    const accessAnalyzer = (props.accessAnalyzer ?? AccessAnalyzerGuardrail.create())._bind(this, context);
    const settings = defineAccountSettings(this, context, [
      ...(props.s3PublicAccess ?? PublicAccessGuardrail.create())._settings(this),
      ...(props.ebsEncryption ?? EbsEncryptionGuardrail.create())._settings(this),
      ...(props.passwordPolicy ?? PasswordPolicyGuardrail.create())._settings(this),
    ]);
    this.handlers = [inspector, recorder.handler, guardDuty, securityHub, accessAnalyzer, settings].filter((handler) => handler !== undefined);
    this.finding = { guardDuty: guardDuty !== undefined, securityHub: securityHub !== undefined, inspector: inspector !== undefined };
    this.recordBeforeChecking(securityHub);
    declareWatchable(this);
  }

  /**
   * What the trail tells, the month's costs, and an alarm for each function that gave up on a request of CloudFormation's. Findings are no metric: those of
   * high severity are told as they come in.
   */
  public monitoringPlan(): MonitoringPlan {
    const period = Duration.minutes(METRIC_PERIOD_MINUTES);
    const costs = costWatch(this, this.props.monthlyCostLimit);
    return {
      title: `Compliance guardrails of ${this.node.path}`,
      alarms: [...this.trailInPlace.alarms, ...costs.alarms, ...this.handlers.map((handler) => ({
        id: `${handler.node.id}GaveUp`,
        metric: handler.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period }),
        threshold: 0,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: `Function ${handler.node.id} has given up, and its guardrail may be off. First read the message in its dead-letter queue, a request of CloudFormation's that got no answer, and its log at that time. `
          + 'Then see in the console whether the guardrail is enabled, and deploy the stack again. Delete the message afterwards.',
      }))],
      widgets: [...this.trailInPlace.widgets, ...this.handlers.map((handler) => new cloudwatch.GraphWidget({
        title: `${handler.node.id}: calls and errors`,
        left: [handler.function.metricInvocations({ period }), handler.function.metricErrors({ period })],
      }))],
      notifications: [...findingNotices(this.finding), ...costs.notifications],
    };
  }

  /** One key for all functions: what they write is the same kind of thing. */
  private defineFunctionKey(): kms.IKey {
    return encryptionKeyFor(this, this.props.encryptionKey, {
      description: `${this.node.path}: logs, environment and dead letters of the functions that set the guardrails up`,
      users: [cloudWatchLogs],
    });
  }

  /** Most of Security Hub's checks are made by AWS Config: a standard that finds no recorder is incomplete. */
  private recordBeforeChecking(securityHub: HandlerFunction | undefined): void {
    const recorder = this.node.tryFindChild('Config')?.node.tryFindChild('Resource');
    if (!recorder || !securityHub) return;
    securityHub.node.children.filter((child) => child instanceof CustomResource).forEach((standard) => standard.node.addDependency(recorder));
  }

  private refuseSecond(): void {
    const other = this.node.root.node.findAll().find((node) => node !== this && node instanceof ComplianceGuardrails && inOnePlace(node, this));
    if (!other) return;
    refuse(this, {
      prop: 'ComplianceGuardrails',
      given: new Situation(`made beside ${other.node.path}`),
      allowed: 'one for each account and region',
      change: 'remove one of the two',
    });
  }
}

/** Whether two constructs are known to be deployed to the same account and region. */
function inOnePlace(one: IConstruct, other: IConstruct): boolean {
  const [a, b] = [Stack.of(one), Stack.of(other)];
  const known = (value: string) => !Token.isUnresolved(value);
  return a === b || (known(a.account) && known(a.region) && a.account === b.account && a.region === b.region);
}
