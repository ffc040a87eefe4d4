import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { defineSwitches, GuardrailContext, mayCreateServiceLinkedRole, SwitchMode } from '../switches';
import { HandlerFunction } from '../../blocks/handler-function';
import { refuse, Situation } from '../../core/refusal';
import { relax, RelaxationOptions } from '../../core/relaxation';

/** What Security Hub checks an account against. https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html */
export enum SecurityHubStandard {
  /** AWS Foundational Security Best Practices. */
  AWS_FOUNDATIONAL_BEST_PRACTICES = 'aws-foundational-security-best-practices/v/1.0.0',
  /** NIST SP 800-53 Rev. 5, to which NIST maps the Security Rule in SP 800-66. */
  NIST_800_53_R5 = 'nist-800-53/v/5.0.0',
  /** CIS AWS Foundations Benchmark 3.0.0. */
  CIS_AWS_FOUNDATIONS_V3 = 'cis-aws-foundations-benchmark/v/3.0.0',
}

/** What Security Hub has to check. */
export interface SecurityHubGuardrailOptions {
  /**
   * The standards. One named twice is refused, and what is none; one that the region does not offer fails the deployment. An empty list asks for the hub alone,
   * which collects the findings of the other services.
   * @default - `create`: AWS_FOUNDATIONAL_BEST_PRACTICES, and NIST_800_53_R5 where the region offers it. `adopt`: the same,
   * of which those that are not on fail no deployment: the log of the function says so
   */
  readonly standards?: SecurityHubStandard[];
}

/** What is on by default. */
function defaultStandards(): SecurityHubStandard[] {
  return [SecurityHubStandard.AWS_FOUNDATIONAL_BEST_PRACTICES, SecurityHubStandard.NIST_800_53_R5];
}

/** The short name of a standard in ids. */
const SHORT_NAMES: ReadonlyArray<[standard: string, id: string]> = [
  ['aws-foundational-security-best-practices/v/1.0.0', 'FoundationalBestPractices'],
  ['nist-800-53/v/5.0.0', 'Nist80053R5'],
  ['cis-aws-foundations-benchmark/v/3.0.0', 'CisFoundationsV3'],
];

/**
 * How AWS Security Hub CSPM comes to check an account and region, and to collect what other services find
 * (45 CFR 164.308(a)(1)(ii)(A), 164.308(a)(8)).
 *
 * CloudFormation's own type fails where Security Hub is on: a function of the stack calls it instead. Most checks are made by
 * AWS Config: without a recorder a standard stays incomplete until there is one, which is no failure.
 */
export abstract class SecurityHubGuardrail {
  /**
   * Enables what is not enabled yet, without Security Hub's own choice of standards, and leaves alone what is on. When the stack is deleted, what it
   * enabled itself is disabled again, unless an administrator of the organization manages Security Hub by then, or somebody has enabled the hub anew: with it stay its standards. With the
   * hub go all of its standards, and in time its findings.
   */
  public static create(options: SecurityHubGuardrailOptions = {}): SecurityHubGuardrail {
    return options.standards
      ? new WithHub('create', options.standards, [])
      : new WithHub('create', defaultStandards(), [SecurityHubStandard.NIST_800_53_R5]);
  }

  /**
   * Relies on what the organization, or another stack, has enabled: the deployment fails unless it is, and nothing is ever changed.
   * In place of `create`, name the standards that were named there: a custom resource that is taken out gives its standard back.
   */
  public static adopt(options: SecurityHubGuardrailOptions = {}): SecurityHubGuardrail {
    return options.standards ? new WithHub('adopt', options.standards, []) : new WithHub('adopt', defaultStandards(), defaultStandards());
  }

  /** Does without Security Hub. */
  public static skip(options: RelaxationOptions): SecurityHubGuardrail {
    return new NoHub(options.reason);
  }

  /**
   * Sets the guardrail up.
   * @internal
   */
  public abstract _bind(scope: Construct, context: GuardrailContext): HandlerFunction | undefined;
}

class NoHub extends SecurityHubGuardrail {
  constructor(private readonly reason: string) {
    super();
  }

  public _bind(scope: Construct): undefined {
    relax(scope, { id: 'security-hub-skipped', what: 'AWS Security Hub is not enabled by this stack', reason: this.reason });
  }
}

class WithHub extends SecurityHubGuardrail {
  constructor(
    private readonly mode: SwitchMode, private readonly standards: SecurityHubStandard[], private readonly whereOffered: SecurityHubStandard[],
  ) {
    super();
  }

  public _bind(scope: Construct, context: GuardrailContext): HandlerFunction {
    this.validate(scope);
    const isIn = (standards: SecurityHubStandard[], standard: string) => standards.some((each) => each === standard);
    return defineSwitches(scope, context, {
      name: 'SecurityHub',
      handler: 'security-hub/enable-security-hub',
      description: 'Enables AWS Security Hub for this account and region',
      resourceType: 'Custom::SecurityHubStandard',
      mode: this.mode,
      switches: [
        { id: 'Hub', properties: { Standard: 'HUB' } },
        ...SHORT_NAMES.filter(([standard]) => isIn(this.standards, standard))
          .map(([standard, id]) => ({ id, properties: { Standard: standard }, whereOffered: isIn(this.whereOffered, standard) })),
      ],
      statements: [readStatement(), ...(this.mode === 'create' ? [mayChange(), mayCreateRole(scope)] : [])],
      outsideVpcReason: 'Security Hub is enabled through its public API, by a function that runs for minutes in the life of a stack and sees standards and no records.',
      noReservedConcurrencyReason: 'The hub and its standards are enabled in a row by CloudFormation: the function never runs twice at once, and a reservation would be idle for good.',
    });
  }

  private validate(scope: Construct): void {
    const prop = `SecurityHubGuardrail.${this.mode} standards`;
    const unknown = this.standards.find((standard) => !Object.values(SecurityHubStandard).includes(standard));
    if (unknown !== undefined) {
      refuse(scope, {
        prop, given: unknown, allowed: `one of ${Object.values(SecurityHubStandard).join(', ')}`, change: 'use a member of SecurityHubStandard',
      });
    }
    const twice = this.standards.find((standard, index) => this.standards.indexOf(standard) !== index);
    if (twice) refuse(scope, { prop, given: new Situation(this.standards.join(', ')), allowed: 'each standard once', change: `remove the second ${twice}` });
  }
}

const HUB = () => [`arn:${Aws.PARTITION}:securityhub:${Aws.REGION}:${Aws.ACCOUNT_ID}:hub/default`];

function readStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: [
      'securityhub:DescribeHub', 'securityhub:DescribeStandards', 'securityhub:GetAdministratorAccount', 'securityhub:GetEnabledStandards',
      'securityhub:ListTagsForResource',
    ],
    resources: HUB(),
  });
}

function mayChange(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: [
      'securityhub:BatchDisableStandards', 'securityhub:BatchEnableStandards', 'securityhub:DisableSecurityHub', 'securityhub:EnableSecurityHub',
      'securityhub:TagResource',
    ],
    resources: HUB(),
  });
}

/** https://docs.aws.amazon.com/securityhub/latest/userguide/using-service-linked-roles.html */
function mayCreateRole(scope: Construct): iam.PolicyStatement {
  return mayCreateServiceLinkedRole(scope, ['securityhub.amazonaws.com', 'AWSServiceRoleForSecurityHub']);
}
