import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { defineSwitches, GuardrailContext, mayCreateServiceLinkedRole, policyOf } from '../switches';
import { acknowledge } from '../../core/acknowledge';
import { HandlerFunction } from '../../blocks/handler-function';
import { refuse, Situation } from '../../core/refusal';
import { relax, RelaxationOptions } from '../../core/relaxation';

/** What Amazon Inspector scans. */
export enum InspectorResource {
  /** Virtual machines: packages with known vulnerabilities, ports open to the internet. */
  EC2 = 'EC2',
  /** Container images in ECR. The registry changes to enhanced scanning. */
  ECR = 'ECR',
  /** The dependencies of Lambda functions. */
  LAMBDA = 'LAMBDA',
  /** The code of Lambda functions, in addition to `LAMBDA`. Few regions offer it. */
  LAMBDA_CODE = 'LAMBDA_CODE',
  /** Repositories of source code that are connected to Inspector. Few regions offer it. */
  CODE_REPOSITORY = 'CODE_REPOSITORY',
}

/** What Inspector has to scan. */
export interface InspectorGuardrailOptions {
  /**
   * The types of resources. An empty list, a type named twice, what is none, and `LAMBDA_CODE` without `LAMBDA` are refused; one that
   * the region does not offer fails the deployment with Inspector's own words.
   * @default - `create`: EC2, ECR, and LAMBDA where the region offers it. `adopt`: the same, of which LAMBDA need not
   * be on: the log of the function says so
   */
  readonly resources?: InspectorResource[];
}

/**
 * How Amazon Inspector v2 comes to scan an account and region for known vulnerabilities (45 CFR 164.308(a)(1)(ii)(A)).
 *
 * There is no CloudFormation type that enables it: a function of the stack calls Inspector and waits.
 */
export abstract class InspectorGuardrail {
  /**
   * Enables what is not enabled yet, and leaves alone what is. When the stack is deleted, what it enabled itself is
   * disabled again, unless Inspector refuses that, as it does where a delegated administrator manages the account by then. Whether somebody else has
   * disabled and enabled it since, Inspector does not tell: then it is disabled all the same.
   */
  public static create(options: InspectorGuardrailOptions = {}): InspectorGuardrail {
    return new ScannedResources('create', options.resources ?? [InspectorResource.EC2, InspectorResource.ECR],
      options.resources ? [] : [InspectorResource.LAMBDA]);
  }

  /**
   * Relies on what the organization, or another stack, has enabled: the deployment fails unless it is, and nothing is
   * ever enabled or disabled. In place of `create`, name the types that were named there: a custom resource that is taken out
   * gives its scan back.
   */
  public static adopt(options: InspectorGuardrailOptions = {}): InspectorGuardrail {
    return new ScannedResources('adopt', options.resources ?? [InspectorResource.EC2, InspectorResource.ECR],
      options.resources ? [] : [InspectorResource.LAMBDA]);
  }

  /** Does without Inspector. */
  public static skip(options: RelaxationOptions): InspectorGuardrail {
    return new NoInspector(options.reason);
  }

  /**
   * Sets the guardrail up.
   * @internal
   */
  public abstract _bind(scope: Construct, context: GuardrailContext): HandlerFunction | undefined;
}

class NoInspector extends InspectorGuardrail {
  constructor(private readonly reason: string) {
    super();
  }

  public _bind(scope: Construct): undefined {
    relax(scope, { id: 'inspector-skipped', what: 'Amazon Inspector is not enabled by this stack', reason: this.reason });
  }
}

class ScannedResources extends InspectorGuardrail {
  constructor(private readonly mode: 'create' | 'adopt', private readonly required: InspectorResource[], private readonly whereOffered: InspectorResource[]) {
    super();
  }

  public _bind(scope: Construct, context: GuardrailContext): HandlerFunction {
    this.validate(scope);
    const handler = defineSwitches(scope, context, {
      name: 'Inspector',
      handler: 'inspector/enable-inspector',
      description: 'Enables Amazon Inspector for this account and region',
      resourceType: 'Custom::InspectorScan',
      mode: this.mode,
      switches: Object.values(InspectorResource)
        .filter((type) => [...this.required, ...this.whereOffered].includes(type))
        .map((type) => ({ id: type, properties: { ScanType: type }, whereOffered: this.whereOffered.includes(type) })),
      statements: this.mode === 'create' ? [readStatement(), mayChange(), mayCreateServiceLinkedRoles(scope)] : [readStatement()],
      outsideVpcReason: 'The function that enables Inspector runs only while its stack is deployed and calls nothing but Inspector\'s public API and CloudFormation: '
        + 'a VPC would add a way into the network and protect no data.',
      noReservedConcurrencyReason: 'The function that enables Inspector is called by CloudFormation alone, one request at a time: '
        + 'reserving concurrency would take it from the account for good.',
    });
    acknowledge(policyOf(handler), {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: 'Inspector is enabled, disabled and asked about for a whole account: none of these actions takes a resource (Service Authorization Reference, Amazon Inspector2).',
    });
    return handler;
  }

  private validate(scope: Construct): void {
    const prop = `InspectorGuardrail.${this.mode} resources`;
    const known = Object.values(InspectorResource).join(', ');
    if (this.required.length === 0) {
      refuse(scope, { prop, given: new Situation('empty'), allowed: `at least one of ${known}`, change: 'name a type, or use InspectorGuardrail.skip with a reason' });
    }
    const unknown = this.required.find((type) => !Object.values(InspectorResource).includes(type));
    if (unknown !== undefined) {
      refuse(scope, {
        prop, given: unknown, allowed: `one of ${Object.values(InspectorResource).join(', ')}`, change: 'use a member of InspectorResource',
      });
    }
    const twice = this.required.find((type, index) => this.required.indexOf(type) !== index);
    if (twice) {
      refuse(scope, { prop, given: new Situation(`${this.required.join(', ')}`), allowed: 'each type once', change: `remove the second ${twice}` });
    }
    if (this.required.includes(InspectorResource.LAMBDA_CODE) && !this.required.includes(InspectorResource.LAMBDA)) {
      refuse(scope, { prop, given: new Situation('LAMBDA_CODE without LAMBDA'), allowed: 'LAMBDA_CODE together with LAMBDA', change: 'add LAMBDA' });
    }
  }
}

function readStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['inspector2:BatchGetAccountStatus'], resources: ['*'] });
}

function mayChange(): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['inspector2:Disable', 'inspector2:Enable', 'inspector2:GetDelegatedAdminAccount'], resources: ['*'] });
}

/** The two roles that Inspector makes for itself. https://docs.aws.amazon.com/inspector/latest/user/using-service-linked-roles.html */
function mayCreateServiceLinkedRoles(scope: Construct): iam.PolicyStatement {
  return mayCreateServiceLinkedRole(scope,
    ['inspector2.amazonaws.com', 'AWSServiceRoleForAmazonInspector2'],
    ['agentless.inspector2.amazonaws.com', 'AWSServiceRoleForAmazonInspector2Agentless']);
}
