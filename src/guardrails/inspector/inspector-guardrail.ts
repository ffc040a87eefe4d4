import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ScanProperties } from './contract';
import { HandlerFunction } from '../../blocks/handler-function';
import { acknowledge } from '../../core/acknowledge';
import { refuse, requireDistinct, Situation } from '../../core/refusal';
import { GuardrailMode } from '../guardrail';
import { createServiceLinkedRoleStatement, defineSwitches, GuardrailContext } from '../switches';

/** A resource type that Amazon Inspector scans. */
export enum InspectorResource {
  /** EC2 instances: packages with known vulnerabilities and ports that are open to the internet. */
  EC2 = 'EC2',
  /** Container images in ECR. The registry changes to enhanced scanning. */
  ECR = 'ECR',
  /** The dependencies of Lambda functions. */
  LAMBDA = 'LAMBDA',
  /** The code of Lambda functions, in addition to `LAMBDA`. Few regions offer it. */
  LAMBDA_CODE = 'LAMBDA_CODE',
  /** Source code repositories that are connected to Inspector. Few regions offer it. */
  CODE_REPOSITORY = 'CODE_REPOSITORY',
}

/** The settings of Amazon Inspector v2: 45 CFR 164.308(a)(1)(ii)(A). */
export interface InspectorOptions {
  /**
   * The resource types. An empty list, a type that is listed twice, and `LAMBDA_CODE` without `LAMBDA` are refused. The
   * deployment fails for a type that the region does not offer.
   * @default - EC2, ECR, and LAMBDA if the region offers it. With `adopt`, LAMBDA can be off, which the function logs.
   */
  readonly resources?: InspectorResource[];
}

const REQUIRED_BY_DEFAULT = [InspectorResource.EC2, InspectorResource.ECR];
const OPTIONAL_BY_DEFAULT = [InspectorResource.LAMBDA];

/**
 * Enables the scans of Inspector, or requires them.
 *
 * A handler calls Inspector and waits, because no CloudFormation type enables it.
 */
export function defineInspector(
  scope: Construct, context: GuardrailContext, mode: GuardrailMode, options: InspectorOptions = {},
): HandlerFunction | undefined {
  if (mode === 'skip') return undefined;
  validate(scope, options);
  const required = options.resources ?? REQUIRED_BY_DEFAULT;
  const optional = options.resources ? [] : OPTIONAL_BY_DEFAULT;
  const handler = defineSwitches<ScanProperties>(scope, context, {
    name: 'Inspector',
    handler: 'inspector/enable-inspector',
    description: 'Enables Amazon Inspector for this account and region',
    resourceType: 'Custom::InspectorScan',
    mode,
    switches: Object.values(InspectorResource)
      .filter((type) => [...required, ...optional].includes(type))
      .map((type) => ({
        id: type,
        properties: { ScanType: `${type}` as const },
        whereOffered: optional.includes(type),
      })),
    reads: [readStatement()],
    changes: mode === 'create' ? [changeStatement(), roleStatement(scope)] : [],
    outsideVpcReason:
      'The function that enables Inspector runs during a deployment and calls the public APIs of ' +
      'Inspector and CloudFormation. A VPC would add network access and protect no data.',
    noReservedConcurrencyReason:
      'Only CloudFormation calls the function that enables Inspector, one request at a ' +
      'time. A reservation would take concurrency from the account permanently.',
  });
  acknowledge(handler.policy, {
    rules: ['AwsSolutions-IAM5[Resource::*]'],
    reason: 'Enable, Disable, BatchGetAccountStatus and GetDelegatedAdminAccount have no resource type, because they '
      + 'apply to the account (Service Authorization Reference, Amazon Inspector2).',
  });
  return handler;
}

function validate(scope: Construct, { resources }: InspectorOptions): void {
  if (!resources) return;
  const prop = 'inspector.resources';
  if (resources.length === 0) {
    refuse(scope, {
      prop,
      given: resources,
      allowed: `at least one of ${Object.values(InspectorResource).join(', ')}`,
      change: 'name a type, or skip INSPECTOR with a reason',
    });
  }
  requireDistinct(scope, prop, resources);
  if (resources.includes(InspectorResource.LAMBDA_CODE) && !resources.includes(InspectorResource.LAMBDA)) {
    refuse(scope, {
      prop,
      given: new Situation('LAMBDA_CODE without LAMBDA'),
      allowed: 'LAMBDA_CODE together with LAMBDA',
      change: 'add LAMBDA',
    });
  }
}

function readStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['inspector2:BatchGetAccountStatus'], resources: ['*'] });
}

function changeStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['inspector2:Disable', 'inspector2:Enable', 'inspector2:GetDelegatedAdminAccount'], resources: ['*'],
  });
}

/**
 * The service-linked roles of Inspector.
 * https://docs.aws.amazon.com/inspector/latest/user/using-service-linked-roles.html
 */
function roleStatement(scope: Construct): iam.PolicyStatement {
  return createServiceLinkedRoleStatement(scope,
    ['inspector2.amazonaws.com', 'AWSServiceRoleForAmazonInspector2'],
    ['agentless.inspector2.amazonaws.com', 'AWSServiceRoleForAmazonInspector2Agentless']);
}
