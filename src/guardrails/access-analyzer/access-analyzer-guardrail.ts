import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AnalyzerProperties } from './contract';
import { HandlerFunction } from '../../blocks/handler-function';
import { acknowledge } from '../../core/acknowledge';
import { GuardrailMode } from '../guardrail';
import { createServiceLinkedRoleStatement, defineSwitches, GuardrailContext } from '../switches';

/** The name of the analyzer. The service requires a name, and a region has one analyzer of this kind. */
const ANALYZER_NAME = 'cdk-hipaa-external-access';

/**
 * Creates an analyzer of external access unless the region has one, or requires one. It reports buckets, keys, queues,
 * roles, secrets and snapshots that are shared outside the account: 45 CFR 164.308(a)(4), 164.312(a)(1).
 *
 * A handler calls Access Analyzer, because the CloudFormation type fails if an analyzer of this kind exists.
 */
export function defineAccessAnalyzer(
  scope: Construct, context: GuardrailContext, mode: GuardrailMode,
): HandlerFunction | undefined {
  if (mode === 'skip') return undefined;
  const handler = defineSwitches<AnalyzerProperties>(scope, context, {
    name: 'AccessAnalyzer',
    handler: 'access-analyzer/enable-access-analyzer',
    description: 'Enables IAM Access Analyzer for this account and region',
    resourceType: 'Custom::AccessAnalyzer',
    mode,
    switches: [{ id: 'ExternalAccess', properties: { AnalyzerName: ANALYZER_NAME } }],
    reads: [readStatement()],
    changes: mode === 'create' ? [changeStatement(), roleStatement(scope)] : [],
    outsideVpcReason: 'The function calls the public API of Access Analyzer once per deployment. The findings of the '
      + 'analyzer do not pass through it.',
    noReservedConcurrencyReason: 'A region has one analyzer, so CloudFormation sends this function one request at a '
      + 'time and a reservation would stay unused.',
  });
  acknowledge(handler.policy, {
    rules: ['AwsSolutions-IAM5[Resource::*]'],
    reason: 'ListAnalyzers has no resource type: the action lists all analyzers of the account (Service Authorization '
      + 'Reference, AWS IAM Access Analyzer).',
  });
  return handler;
}

function readStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['access-analyzer:ListAnalyzers'], resources: ['*'] });
}

function changeStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['access-analyzer:CreateAnalyzer', 'access-analyzer:DeleteAnalyzer', 'access-analyzer:TagResource'],
    resources: [`arn:${Aws.PARTITION}:access-analyzer:${Aws.REGION}:${Aws.ACCOUNT_ID}:analyzer/${ANALYZER_NAME}`],
  });
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-using-service-linked-roles.html */
function roleStatement(scope: Construct): iam.PolicyStatement {
  return createServiceLinkedRoleStatement(scope, ['access-analyzer.amazonaws.com', 'AWSServiceRoleForAccessAnalyzer']);
}
