import { CustomResource, Duration, Stack, Token } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as config from 'aws-cdk-lib/aws-config';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, IConstruct } from 'constructs';
import { defineAccessAnalyzer } from './access-analyzer/access-analyzer-guardrail';
import { checkCostLimit, costWatch, findingNotices, FindingServices } from './account-notifications';
import { ConfigOptions, defineConfig } from './config/config-guardrail';
import { defineGuardDuty, GuardDutyOptions } from './guard-duty/guard-duty-guardrail';
import { Guardrail, GuardrailModes, SkippedGuardrails } from './guardrail';
import { defineInspector, InspectorOptions } from './inspector/inspector-guardrail';
import { defineSecurityHub, SecurityHubOptions } from './security-hub/security-hub-guardrail';
import { defineAccountSettings } from './settings/account-settings';
import { ebsEncryptionSetting } from './settings/ebs-encryption-setting';
import { PasswordPolicyOptions, passwordPolicySetting } from './settings/password-policy-setting';
import { publicAccessSetting } from './settings/public-access-setting';
import { defineTrail, TrailInPlace, TrailOptions } from './trail/trail-guardrail';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { checkProps } from '../core/check-props';
import { pinFeatureFlags } from '../core/feature-flags';
import { HandlerFunction } from '../blocks/handler-function';
import { refuseUse } from '../core/refusal';
import { declareWatchable } from '../core/monitored-mark';

/** How finely the metrics of the functions are read, in minutes. */
const METRIC_PERIOD_MINUTES = 5;

/** The props of `ComplianceGuardrails`. Each guardrail enables its service unless it is in `adopt` or in `skip`. */
export interface ComplianceGuardrailsProps {
  /**
   * The guardrails that the account or its organization has already. The deployment fails if one of them is off, and the stack
   * never changes it. To move a guardrail from create to adopt, list the same plans, standards or resource types as before: the
   * deletion of a custom resource disables what that resource enabled.
   * @default - none: the stack enables what is off and does not change what is on
   */
  readonly adopt?: Guardrail[];
  /**
   * The guardrails that the stack leaves out, with the reasons. A relaxation.
   * @default - none
   */
  readonly skip?: SkippedGuardrails[];
  /**
   * The CloudTrail trail.
   * @default - a trail of all regions with the object-level events of all S3 buckets, retained for six years
   */
  readonly trail?: TrailOptions;
  /**
   * AWS Config and the HIPAA conformance pack.
   * @default - continuous recording of all resource types, and a pack with 130 rules
   */
  readonly config?: ConfigOptions;
  /**
   * Amazon Inspector v2.
   * @default - scans of EC2, ECR, and Lambda where the region offers it
   */
  readonly inspector?: InspectorOptions;
  /**
   * Amazon GuardDuty.
   * @default - the detector and four protection plans, where the region offers them
   */
  readonly guardDuty?: GuardDutyOptions;
  /**
   * AWS Security Hub CSPM.
   * @default - the hub with AWS Foundational Security Best Practices and NIST SP 800-53 Rev. 5
   */
  readonly securityHub?: SecurityHubOptions;
  /**
   * The key for new EBS volumes that specify none. Its policy must allow everybody who starts instances to use it, including
   * the service-linked roles of Auto Scaling.
   * @default - the current default key of the account, which is `aws/ebs` unless someone changed it
   */
  readonly ebsEncryptionKey?: kms.IKey;
  /**
   * The password policy for IAM users.
   * @default - 14 characters of four types, at most 90 days old, not one of the last 24
   */
  readonly passwordPolicy?: PasswordPolicyOptions;
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
    checkProps(this, 'ComplianceGuardrailsProps', props);
    pinFeatureFlags(this);
    this.refuseSecond();
    checkCostLimit(this, props.monthlyCostLimit);
    const modes = this.chooseModes();
    const context = { encryptionKey: () => this.functionKey ??= this.defineFunctionKey() };
    const inspector = defineInspector(this, context, modes.of(Guardrail.INSPECTOR), props.inspector);
    this.inspectorFunction = inspector?.function;
    this.trailInPlace = defineTrail(this, { encryptionKey: props.encryptionKey }, modes.of(Guardrail.TRAIL), props.trail);
    ({ trail: this.trail, bucket: this.trailBucket, logGroup: this.trailLogGroup } = this.trailInPlace);
    const recording = { recorder: modes.of(Guardrail.CONFIG), pack: modes.of(Guardrail.CONFORMANCE_PACK) };
    const recorder = defineConfig(this, { ...context, givenKey: props.encryptionKey }, recording, props.config);
    ({ bucket: this.configBucket, conformancePack: this.conformancePack } = recorder);
    const guardDuty = defineGuardDuty(this, context, modes.of(Guardrail.GUARD_DUTY), props.guardDuty);
    const securityHub = defineSecurityHub(this, context, modes.of(Guardrail.SECURITY_HUB), props.securityHub);
    const accessAnalyzer = defineAccessAnalyzer(this, context, modes.of(Guardrail.ACCESS_ANALYZER));
    const settings = defineAccountSettings(this, context, [
      ...publicAccessSetting(modes.of(Guardrail.S3_PUBLIC_ACCESS)),
      ...ebsEncryptionSetting(modes.of(Guardrail.EBS_ENCRYPTION), props.ebsEncryptionKey),
      ...passwordPolicySetting(this, modes.of(Guardrail.PASSWORD_POLICY), props.passwordPolicy),
    ]);
    this.handlers = [inspector, recorder.handler, guardDuty, securityHub, accessAnalyzer, settings]
      .filter((handler) => handler !== undefined);
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

  /** The mode of each guardrail. Props that a mode does not use are refused. */
  private chooseModes(): GuardrailModes {
    const { trail, config: recording, inspector, guardDuty, securityHub, ebsEncryptionKey, passwordPolicy } = this.props;
    const modes = new GuardrailModes(this, this.props);
    modes.refuseUnused(Guardrail.TRAIL, 'skip', { trail });
    modes.refuseUnused(Guardrail.TRAIL, 'adopt', { 'trail.phiBuckets': trail?.phiBuckets, 'trail.retention': trail?.retention });
    modes.refuseUnused(Guardrail.TRAIL, 'create', { 'trail.logGroup': trail?.logGroup });
    modes.refuseUnused(Guardrail.CONFIG, 'skip', { config: recording });
    modes.refuseUnused(Guardrail.CONFIG, 'adopt', { 'config.recording': recording?.recording, 'config.retention': recording?.retention });
    modes.refuseUnused(Guardrail.CONFORMANCE_PACK, 'skip', {
      'config.ruleParameters': recording?.ruleParameters, 'config.excludedRules': recording?.excludedRules,
    });
    modes.refuseUnused(Guardrail.INSPECTOR, 'skip', { inspector });
    modes.refuseUnused(Guardrail.GUARD_DUTY, 'skip', { guardDuty });
    modes.refuseUnused(Guardrail.SECURITY_HUB, 'skip', { securityHub });
    modes.refuseUnused(Guardrail.EBS_ENCRYPTION, 'skip', { ebsEncryptionKey });
    modes.refuseUnused(Guardrail.PASSWORD_POLICY, 'skip', { passwordPolicy });
    return modes;
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
    refuseUse(this, `ComplianceGuardrails must be unique per account and region, but ${other.node.path} exists`, 'remove one of the two');
  }
}

/** Whether two constructs are known to be deployed to the same account and region. */
function inOnePlace(one: IConstruct, other: IConstruct): boolean {
  const [a, b] = [Stack.of(one), Stack.of(other)];
  const known = (value: string) => !Token.isUnresolved(value);
  return a === b || (known(a.account) && known(a.region) && a.account === b.account && a.region === b.region);
}
