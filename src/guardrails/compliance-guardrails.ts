import { CustomResource, Duration } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as config from 'aws-cdk-lib/aws-config';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { defineAccessAnalyzer } from './access-analyzer/access-analyzer-guardrail';
import { checkCostLimit, costNotifications, findingNotifications } from './account-notifications';
import { ConfigOptions, defineConfig } from './config/config-guardrail';
import { CheckPlan } from './drift/check-plan';
import { DriftCheck } from './drift/drift-check';
import { defineGuardDuty, GuardDutyOptions } from './guard-duty/guard-duty-guardrail';
import { Guardrail, GuardrailModes, SkippedGuardrails } from './guardrail';
import { defineInspector, InspectorOptions } from './inspector/inspector-guardrail';
import { defineSecurityHub, SecurityHubOptions } from './security-hub/security-hub-guardrail';
import { AccountSetting, defineAccountSettings } from './settings/account-settings';
import { ebsEncryptionSetting } from './settings/ebs-encryption-setting';
import { PasswordPolicyOptions, passwordPolicySetting } from './settings/password-policy-setting';
import { publicAccessSetting } from './settings/public-access-setting';
import { defineTrail, TrailInPlace, TrailOptions } from './trail/trail-guardrail';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { HandlerFunction } from '../blocks/handler-function';
import { checkProps } from '../core/check-props';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatchable } from '../core/monitored-mark';
import { refuseUse } from '../core/refusal';
import { inOnePlace } from '../core/same-region';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

/** The period of the metrics of the functions, in minutes. */
const METRIC_PERIOD_MINUTES = 5;

/** The props of `ComplianceGuardrails`. Each guardrail enables its service unless it is in `adopt` or in `skip`. */
export interface ComplianceGuardrailsProps {
  /**
   * The guardrails that the account or its organization already has. The deployment fails if one of them is off, and
   * the stack never changes it. To move a guardrail from create to adopt, list the same plans, standards or resource
   * types as before: the deletion of a custom resource disables the feature that the resource enabled.
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
   * The key for new EBS volumes that specify none. Its policy must allow every principal that starts instances to use
   * it, including the service-linked role of Auto Scaling.
   * An alias and a key of another region are refused.
   * @default - the current default key of the account, which is `aws/ebs` unless it was changed
   */
  readonly ebsEncryptionKey?: kms.IKey;
  /**
   * The password policy for IAM users.
   * @default - 14 characters of four types, a maximum age of 90 days, and none of the last 24 passwords
   */
  readonly passwordPolicy?: PasswordPolicyOptions;
  /**
   * The maximum cost of the account in a calendar month, in USD. If `WorkloadMonitoring` watches the guardrails, it
   * creates a budget, which sends a notification when the costs of the month exceed the limit, and when AWS forecasts
   * that they will. The limit is a number from 0.01 to 10^12. It is refused in a region outside the partition `aws`,
   * where AWS bills differently, and in a region without budgets, such as eu-north-1.
   * @default - no notification about costs
   */
  readonly monthlyCostLimit?: number;
  /**
   * The key of the functions, of the trail and of AWS Config.
   *
   * It encrypts the logs, the environment and the dead letters of the functions, the log files and the log group of the
   * trail, and the bucket of AWS Config. The guardrails allow CloudWatch Logs, CloudTrail and AWS Config in its policy.
   * The policy of an imported key must already allow them. An alias and a key of another region are refused.
   * @default - customer managed keys that rotate yearly: one for all functions, one for the trail, and one for AWS
   * Config
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Enables the security services and settings that exist once per account, or once per region.
 *
 * Use one construct per account and region. A second construct is refused in the same stack, and in another stack if it
 * is known to be deployed to the same account and region.
 *
 * @example
 * const guardrails = new ComplianceGuardrails(this, 'Guardrails');
 * const monitoring = new WorkloadMonitoring(this, 'Monitoring', { email: 'security@example.com' });
 * monitoring.watch(guardrails);
 */
export class ComplianceGuardrails extends Construct implements IMonitored {
  /** The trail. Undefined unless the stack creates it. */
  public readonly trail?: cloudtrail.CfnTrail;
  /** The bucket of the log files of the trail. Undefined unless the stack creates the trail. */
  public readonly trailBucket?: s3.Bucket;
  /**
   * The log group that the alarms of the trail read: the log group of the new trail, or the one that was passed for an
   * adopted trail.
   */
  public readonly trailLogGroup?: logs.ILogGroup;
  /** The bucket of the configuration history. Undefined unless the stack creates the recorder. */
  public readonly configBucket?: s3.Bucket;
  /** The conformance pack. Undefined if it or AWS Config is skipped. */
  public readonly conformancePack?: config.CfnConformancePack;
  /** The function that enables Inspector. Undefined if Inspector is skipped. */
  public readonly inspectorFunction?: lambda.IFunction;

  private readonly handlers: HandlerFunction[];
  /** The guardrails that are not skipped. */
  private readonly created: Guardrail[];
  private readonly driftCheck?: DriftCheck;
  private functionKey?: kms.IKey;
  private readonly trailInPlace: TrailInPlace;

  constructor(scope: Construct, id: string, private readonly props: ComplianceGuardrailsProps = {}) {
    super(scope, id);
    checkProps(this, 'ComplianceGuardrailsProps', props);
    pinFeatureFlags(this);
    this.refuseSecond();
    checkCostLimit(this, props.monthlyCostLimit);
    const modes = this.chooseModes();
    const context = { encryptionKey: () => this.functionKey ??= this.defineFunctionKey(), check: new CheckPlan() };
    const inspector = defineInspector(this, context, modes.of(Guardrail.INSPECTOR), props.inspector);
    this.inspectorFunction = inspector?.function;
    this.trailInPlace = defineTrail(this, { ...context, givenKey: props.encryptionKey }, modes.of(Guardrail.TRAIL),
      props.trail);
    ({ trail: this.trail, bucket: this.trailBucket, logGroup: this.trailLogGroup } = this.trailInPlace);
    const recording = { recorder: modes.of(Guardrail.CONFIG), pack: modes.of(Guardrail.CONFORMANCE_PACK) };
    const recorder = defineConfig(this, { ...context, givenKey: props.encryptionKey }, recording, props.config);
    ({ bucket: this.configBucket, conformancePack: this.conformancePack } = recorder);
    const guardDuty = defineGuardDuty(this, context, modes.of(Guardrail.GUARD_DUTY), props.guardDuty);
    const securityHub = defineSecurityHub(this, context, modes.of(Guardrail.SECURITY_HUB), props.securityHub);
    const accessAnalyzer = defineAccessAnalyzer(this, context, modes.of(Guardrail.ACCESS_ANALYZER));
    const settings = defineAccountSettings(this, context, this.accountSettings(modes));
    this.handlers = [inspector, recorder.handler, guardDuty, securityHub, accessAnalyzer, settings]
      .filter((handler) => handler !== undefined);
    this.created = this.existing(modes);
    this.driftCheck = this.created.length === 0 ? undefined : new DriftCheck(this, 'DriftCheck', context, this.created);
    this.recordBeforeChecking(securityHub);
    declareWatchable(this);
  }

  /**
   * Returns the alarms and notifications of the guardrails.
   *
   * They are the alarms of the trail, an alarm for each guardrail that differs from its required state, an alarm for
   * each function that does not respond to CloudFormation, and the notifications about findings, about rules that are
   * not met and about the monthly costs.
   */
  public monitoringPlan(): MonitoringPlan {
    const period = Duration.minutes(METRIC_PERIOD_MINUTES);
    return {
      title: `Compliance guardrails of ${this.node.path}`,
      alarms: [...this.trailInPlace.alarms, ...this.driftCheck?.alarms() ?? [], ...this.handlers.map((handler) => ({
        id: `${handler.node.id}GaveUp`,
        metric: handler.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period }),
        threshold: 0,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: `The function ${handler.node.id} did not answer a request of CloudFormation, and its guardrail `
          + 'may be off. First read the request in the dead-letter queue of the function, and the log of the function '
          + 'at that time. Then check in the console whether the guardrail is enabled, and deploy the stack again. '
          + 'Delete the message afterwards.',
      }))],
      widgets: [
        ...this.trailInPlace.widgets,
        ...this.driftCheck?.widgets() ?? [],
        ...this.handlers.map((handler) => new cloudwatch.GraphWidget({
          title: `${handler.node.id}: calls and errors`,
          left: [handler.function.metricInvocations({ period }), handler.function.metricErrors({ period })],
        })),
      ],
      notifications: [
        ...findingNotifications(this.created), ...costNotifications(this.props.monthlyCostLimit),
      ],
    };
  }

  /** The guardrails that are not skipped. Without AWS Config, there is no conformance pack. */
  private existing(modes: GuardrailModes): Guardrail[] {
    return Object.values(Guardrail).filter((guardrail) => guardrail === Guardrail.CONFORMANCE_PACK
      ? this.conformancePack !== undefined : modes.of(guardrail) !== 'skip');
  }

  private accountSettings(modes: GuardrailModes): AccountSetting[] {
    const { ebsEncryptionKey, passwordPolicy } = this.props;
    return [
      ...publicAccessSetting(modes.of(Guardrail.S3_PUBLIC_ACCESS)),
      ...ebsEncryptionSetting(modes.of(Guardrail.EBS_ENCRYPTION), ebsEncryptionKey),
      ...passwordPolicySetting(this, modes.of(Guardrail.PASSWORD_POLICY), passwordPolicy),
    ];
  }

  /** The mode of each guardrail. Props that a mode does not use are refused. */
  private chooseModes(): GuardrailModes {
    const {
      trail,
      config: recording,
      inspector,
      guardDuty,
      securityHub,
      ebsEncryptionKey,
      passwordPolicy,
    } = this.props;
    const modes = new GuardrailModes(this, this.props);
    modes.refuseUnused(Guardrail.TRAIL, 'skip', { trail });
    modes.refuseUnused(Guardrail.TRAIL, 'adopt', {
      'trail.phiBuckets': trail?.phiBuckets,
      'trail.retention': trail?.retention,
    });
    modes.refuseUnused(Guardrail.TRAIL, 'create', { 'trail.logGroup': trail?.logGroup });
    modes.refuseUnused(Guardrail.CONFIG, 'skip', { config: recording });
    modes.refuseUnused(Guardrail.CONFIG, 'create', { 'config.adoptedRecording': recording?.adoptedRecording });
    modes.refuseUnused(Guardrail.CONFIG, 'adopt', {
      'config.recording': recording?.recording,
      'config.retention': recording?.retention,
    });
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

  /** Creates the key that all functions share. */
  private defineFunctionKey(): kms.IKey {
    return encryptionKeyFor(this, this.props.encryptionKey, {
      description: `${this.node.path}: logs, environment and dead letters of the functions of the guardrails`,
      users: [cloudWatchLogs],
    });
  }

  /** Enables the standards of Security Hub after the recorder: without a recorder, a standard is incomplete. */
  private recordBeforeChecking(securityHub: HandlerFunction | undefined): void {
    const recorder = this.node.tryFindChild('Config')?.node.tryFindChild('Resource');
    if (!recorder || !securityHub) return;
    securityHub.node.children
      .filter((child) => child instanceof CustomResource)
      .forEach((standard) => standard.node.addDependency(recorder));
  }

  private refuseSecond(): void {
    const other = this.node.root.node.findAll()
      .find((node) => node !== this && node instanceof ComplianceGuardrails && inOnePlace(node, this));
    if (!other) return;
    const problem = `ComplianceGuardrails must be unique per account and region, but ${other.node.path} exists`;
    refuseUse(this, problem, 'remove one of the two');
  }
}
