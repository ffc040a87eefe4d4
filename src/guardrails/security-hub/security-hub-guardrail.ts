import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { StandardProperties } from './contract';
import { HandlerFunction } from '../../blocks/handler-function';
import { requireDistinct } from '../../core/refusal';
import { GuardrailMode } from '../guardrail';
import { createServiceLinkedRoleStatement, defineSwitches, GuardrailContext } from '../switches';

/**
 * A security standard of Security Hub.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html
 */
export enum SecurityHubStandard {
  /** AWS Foundational Security Best Practices. */
  AWS_FOUNDATIONAL_BEST_PRACTICES = 'aws-foundational-security-best-practices/v/1.0.0',
  /** NIST SP 800-53 Rev. 5, to which NIST maps the Security Rule in SP 800-66. */
  NIST_800_53_R5 = 'nist-800-53/v/5.0.0',
  /** CIS AWS Foundations Benchmark 3.0.0. */
  CIS_AWS_FOUNDATIONS_V3 = 'cis-aws-foundations-benchmark/v/3.0.0',
}

/** The settings of Security Hub CSPM: 45 CFR 164.308(a)(1)(ii)(A), 164.308(a)(8). */
export interface SecurityHubOptions {
  /**
   * The standards. A standard that is listed twice is refused. The deployment fails for a standard that the region does
   * not offer. With an empty list, the stack enables or requires only the hub, which collects the findings of other
   * services.
   * @default - AWS_FOUNDATIONAL_BEST_PRACTICES, and NIST_800_53_R5 if the region offers it. With `adopt`, the log of
   * the function lists the standards that are off, and the deployment continues.
   */
  readonly standards?: SecurityHubStandard[];
}

const DEFAULT_STANDARDS = [SecurityHubStandard.AWS_FOUNDATIONAL_BEST_PRACTICES, SecurityHubStandard.NIST_800_53_R5];

/** The short names of the standards in IDs. */
const SHORT_NAMES: ReadonlyArray<[standard: string, id: string]> = [
  ['aws-foundational-security-best-practices/v/1.0.0', 'FoundationalBestPractices'],
  ['nist-800-53/v/5.0.0', 'Nist80053R5'],
  ['cis-aws-foundations-benchmark/v/3.0.0', 'CisFoundationsV3'],
];

/**
 * Enables the hub and its standards, or requires them.
 *
 * A handler calls Security Hub, because the CloudFormation type fails if the hub is enabled. AWS Config evaluates most
 * checks: a standard is incomplete until a recorder exists, which is not a failure.
 */
export function defineSecurityHub(
  scope: Construct, context: GuardrailContext, mode: GuardrailMode, options: SecurityHubOptions = {},
): HandlerFunction | undefined {
  if (mode === 'skip') return undefined;
  const { standards = DEFAULT_STANDARDS } = options;
  requireDistinct(scope, 'securityHub.standards', standards);
  const isOptional = (standard: string) => options.standards === undefined
    && (mode === 'adopt' || standard === SecurityHubStandard.NIST_800_53_R5);
  return defineSwitches<StandardProperties>(scope, context, {
    name: 'SecurityHub',
    handler: 'security-hub/enable-security-hub',
    description: 'Enables AWS Security Hub for this account and region',
    resourceType: 'Custom::SecurityHubStandard',
    mode,
    switches: [
      { id: 'Hub', properties: { Standard: 'HUB' } },
      ...SHORT_NAMES.filter(([standard]) => standards.some((each) => each === standard))
        .map(([standard, id]) => ({ id, properties: { Standard: standard }, whereOffered: isOptional(standard) })),
    ],
    reads: [readStatement()],
    changes: mode === 'create' ? [changeStatement(), roleStatement(scope)] : [],
    outsideVpcReason: 'The function enables Security Hub through its public API, runs for minutes per deployment, and '
      + 'reads the names of standards but no PHI.',
    noReservedConcurrencyReason: 'CloudFormation enables the hub and its standards one after another. The function '
      + 'never runs twice at once, so a reservation would stay unused.',
  });
}

const HUB = () => [`arn:${Aws.PARTITION}:securityhub:${Aws.REGION}:${Aws.ACCOUNT_ID}:hub/default`];

function readStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: [
      'securityhub:DescribeHub',
      'securityhub:DescribeStandards',
      'securityhub:GetAdministratorAccount',
      'securityhub:GetEnabledStandards',
      'securityhub:ListTagsForResource',
    ],
    resources: HUB(),
  });
}

function changeStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: [
      'securityhub:BatchDisableStandards',
      'securityhub:BatchEnableStandards',
      'securityhub:DisableSecurityHub',
      'securityhub:EnableSecurityHub',
      'securityhub:TagResource',
    ],
    resources: HUB(),
  });
}

/** https://docs.aws.amazon.com/securityhub/latest/userguide/using-service-linked-roles.html */
function roleStatement(scope: Construct): iam.PolicyStatement {
  return createServiceLinkedRoleStatement(scope, ['securityhub.amazonaws.com', 'AWSServiceRoleForSecurityHub']);
}
