import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { FeatureProperties } from './contract';
import { HandlerFunction } from '../../blocks/handler-function';
import { acknowledge } from '../../core/acknowledge';
import { requireDistinct } from '../../core/refusal';
import { GuardrailMode } from '../guardrail';
import { createServiceLinkedRoleStatement, defineSwitches, GuardrailContext } from '../switches';

/**
 * A protection plan of GuardDuty.
 *
 * A plan adds a data source to CloudTrail management events, VPC flow logs and DNS logs.
 */
export enum GuardDutyPlan {
  /** S3 Protection: reads and writes of S3 objects. */
  S3_DATA_EVENTS = 'S3_DATA_EVENTS',
  /** RDS Protection: logins to Aurora and RDS databases. */
  RDS_LOGIN_EVENTS = 'RDS_LOGIN_EVENTS',
  /** Lambda Protection: the network traffic of Lambda functions. */
  LAMBDA_NETWORK_LOGS = 'LAMBDA_NETWORK_LOGS',
  /** Malware Protection for EC2: scans the EBS volumes of a suspicious instance or container. */
  EBS_MALWARE_PROTECTION = 'EBS_MALWARE_PROTECTION',
  /** EKS Protection: the Kubernetes audit logs of EKS clusters. */
  EKS_AUDIT_LOGS = 'EKS_AUDIT_LOGS',
  /**
   * Runtime Monitoring: the processes of Fargate tasks, with an agent that GuardDuty adds to the tasks. GuardDuty
   * creates a VPC endpoint and a security group in each VPC. Delete both manually before you delete the VPC.
   */
  RUNTIME_MONITORING = 'RUNTIME_MONITORING',
}

/** The settings of GuardDuty: 45 CFR 164.308(a)(1)(ii)(D), 164.308(a)(5)(ii)(B). */
export interface GuardDutyOptions {
  /**
   * The protection plans. A plan that is listed twice is refused. The deployment fails for a plan that the region does
   * not offer. With an empty list, the stack enables or requires only the detector.
   * @default - S3_DATA_EVENTS, RDS_LOGIN_EVENTS, LAMBDA_NETWORK_LOGS and EBS_MALWARE_PROTECTION, if the region offers
   * them. With `adopt`, the log of the function lists the plans that are off, and the deployment continues.
   */
  readonly protectionPlans?: GuardDutyPlan[];
}

/** The default plans: those that apply to the constructs of this library and change nothing in a VPC. */
const DEFAULT_PLANS = [
  GuardDutyPlan.S3_DATA_EVENTS, GuardDutyPlan.RDS_LOGIN_EVENTS, GuardDutyPlan.LAMBDA_NETWORK_LOGS,
  GuardDutyPlan.EBS_MALWARE_PROTECTION,
];

/**
 * Enables the detector and its plans, or requires them.
 *
 * A region has one detector. A handler calls GuardDuty, because the CloudFormation type fails if a detector exists.
 */
export function defineGuardDuty(
  scope: Construct, context: GuardrailContext, mode: GuardrailMode, options: GuardDutyOptions = {},
): HandlerFunction | undefined {
  if (mode === 'skip') return undefined;
  const { protectionPlans = DEFAULT_PLANS } = options;
  requireDistinct(scope, 'guardDuty.protectionPlans', protectionPlans);
  const plans = Object.values(GuardDutyPlan).filter((plan) => protectionPlans.includes(plan));
  const handler = defineSwitches<FeatureProperties>(scope, context, {
    name: 'GuardDuty',
    handler: 'guard-duty/enable-guard-duty',
    description: 'Enables Amazon GuardDuty for this account and region',
    resourceType: 'Custom::GuardDutyFeature',
    mode,
    switches: [
      { id: 'Detector', properties: { Feature: 'DETECTOR' } },
      ...plans.map((plan) => ({
        id: plan, properties: { Feature: `${plan}` as const }, whereOffered: options.protectionPlans === undefined,
      })),
    ],
    reads: readStatements(),
    changes: mode === 'create' ? [...changeStatements(), ...roleStatements(scope)] : [],
    outsideVpcReason: 'The function calls the public API of GuardDuty during a deployment and answers CloudFormation. '
      + 'It handles no data that a VPC could protect.',
    noReservedConcurrencyReason: 'CloudFormation sends the requests for GuardDuty one after another, so one instance '
      + 'of the function runs at a time without a reservation.',
  });
  acknowledge(handler.policy,
    {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: 'ListDetectors, GetAdministratorAccount and CreateDetector have no resource type, because a new '
        + 'detector has no ARN yet (Service Authorization Reference, Amazon GuardDuty).',
    },
    {
      rules: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:guardduty:<AWS::Region>:<AWS::AccountId>:detector/*]'],
      reason: 'GuardDuty chooses the ID of the only detector of a region, which may be older than this stack. No '
        + 'narrower ARN is known at synthesis.',
    });
  return handler;
}

const DETECTORS = () => [`arn:${Aws.PARTITION}:guardduty:${Aws.REGION}:${Aws.ACCOUNT_ID}:detector/*`];

function readStatements(): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      actions: ['guardduty:ListDetectors', 'guardduty:GetAdministratorAccount'],
      resources: ['*'],
    }),
    new iam.PolicyStatement({ actions: ['guardduty:GetDetector'], resources: DETECTORS() }),
  ];
}

function changeStatements(): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({ actions: ['guardduty:CreateDetector'], resources: ['*'] }),
    new iam.PolicyStatement({
      actions: ['guardduty:DeleteDetector', 'guardduty:TagResource', 'guardduty:UpdateDetector'],
      resources: DETECTORS(),
    }),
  ];
}

/**
 * The permissions for the service-linked roles of GuardDuty.
 *
 * https://docs.aws.amazon.com/guardduty/latest/ug/slr-permissions.html
 * https://docs.aws.amazon.com/guardduty/latest/ug/slr-permissions-malware-protection.html
 */
function roleStatements(scope: Construct): iam.PolicyStatement[] {
  const forMalware: [string, string] = [
    'malware-protection.guardduty.amazonaws.com',
    'AWSServiceRoleForAmazonGuardDutyMalwareProtection',
  ];
  return [
    createServiceLinkedRoleStatement(
      scope,
      ['guardduty.amazonaws.com', 'AWSServiceRoleForAmazonGuardDuty'],
      forMalware,
    ),
    // GuardDuty checks with the permissions of the caller whether the role exists.
    new iam.PolicyStatement({
      actions: ['iam:GetRole'],
      resources: [`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/aws-service-role/${forMalware.join('/')}`],
    }),
  ];
}
