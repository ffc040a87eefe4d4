import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { defineSwitches, GuardrailContext, mayCreateServiceLinkedRole, policyOf, SwitchMode } from '../switches';
import { acknowledge } from '../../core/acknowledge';
import { HandlerFunction } from '../../blocks/handler-function';
import { refuse, Situation } from '../../core/refusal';
import { relax, RelaxationOptions } from '../../core/relaxation';

/** What GuardDuty looks at beyond CloudTrail's management events, flow logs and DNS queries, which it always does. */
export enum GuardDutyPlan {
  /** Reads and writes of objects in S3. */
  S3_DATA_EVENTS = 'S3_DATA_EVENTS',
  /** Logins to Aurora and RDS databases. */
  RDS_LOGIN_EVENTS = 'RDS_LOGIN_EVENTS',
  /** The network traffic of Lambda functions. */
  LAMBDA_NETWORK_LOGS = 'LAMBDA_NETWORK_LOGS',
  /** The volumes of an instance or container that behaves suspiciously, scanned for malware. */
  EBS_MALWARE_PROTECTION = 'EBS_MALWARE_PROTECTION',
  /** The audit logs of Kubernetes clusters in EKS. */
  EKS_AUDIT_LOGS = 'EKS_AUDIT_LOGS',
  /**
   * What processes do in Fargate tasks, by an agent that GuardDuty puts beside them. GuardDuty makes an endpoint and a
   * security group in each VPC for it, which CloudFormation does not know of: they have to be deleted by hand before the VPC can be.
   */
  RUNTIME_MONITORING = 'RUNTIME_MONITORING',
}

/** What GuardDuty has to look at. */
export interface GuardDutyGuardrailOptions {
  /**
   * The protection plans. A plan named twice is refused, and what is none; one that the region does not offer fails the deployment with GuardDuty's own words.
   * An empty list asks for the detector alone.
   * @default - `create`: S3_DATA_EVENTS, RDS_LOGIN_EVENTS, LAMBDA_NETWORK_LOGS and EBS_MALWARE_PROTECTION, each where the region offers it. `adopt`: the same,
   * of which those that are not on fail no deployment: the log of the function says so
   */
  readonly protectionPlans?: GuardDutyPlan[];
}

/** What is on by default: what this library's architectures have something for, and what changes nothing in a VPC. */
function defaultPlans(): GuardDutyPlan[] {
  return [GuardDutyPlan.S3_DATA_EVENTS, GuardDutyPlan.RDS_LOGIN_EVENTS, GuardDutyPlan.LAMBDA_NETWORK_LOGS, GuardDutyPlan.EBS_MALWARE_PROTECTION];
}

/**
 * How Amazon GuardDuty comes to watch an account and region for signs of an intruder (45 CFR 164.308(a)(1)(ii)(D), 164.308(a)(5)(ii)(B)).
 *
 * A region has one detector, and CloudFormation's own type fails where there is one: a function of the stack calls GuardDuty instead.
 */
export abstract class GuardDutyGuardrail {
  /**
   * Enables what is not enabled yet, resumes what is suspended, and leaves alone what is on. When the stack is deleted, what it
   * did itself is taken back, unless an administrator of the organization manages GuardDuty by then, or somebody has made another detector: with it stay its plans.
   */
  public static create(options: GuardDutyGuardrailOptions = {}): GuardDutyGuardrail {
    return new WithDetector('create', options.protectionPlans ?? defaultPlans(), options.protectionPlans === undefined);
  }

  /**
   * Relies on what the organization, or another stack, has enabled: the deployment fails unless it is, and nothing is ever changed.
   * In place of `create`, name the plans that were named there: a custom resource that is taken out gives its plan back.
   */
  public static adopt(options: GuardDutyGuardrailOptions = {}): GuardDutyGuardrail {
    return new WithDetector('adopt', options.protectionPlans ?? defaultPlans(), options.protectionPlans === undefined);
  }

  /** Does without GuardDuty. */
  public static skip(options: RelaxationOptions): GuardDutyGuardrail {
    return new NoDetector(options.reason);
  }

  /**
   * Sets the guardrail up.
   * @internal
   */
  public abstract _bind(scope: Construct, context: GuardrailContext): HandlerFunction | undefined;
}

class NoDetector extends GuardDutyGuardrail {
  constructor(private readonly reason: string) {
    super();
  }

  public _bind(scope: Construct): undefined {
    relax(scope, { id: 'guard-duty-skipped', what: 'Amazon GuardDuty is not enabled by this stack', reason: this.reason });
  }
}

class WithDetector extends GuardDutyGuardrail {
  constructor(private readonly mode: SwitchMode, private readonly plans: GuardDutyPlan[], private readonly whereOffered: boolean) {
    super();
  }

  public _bind(scope: Construct, context: GuardrailContext): HandlerFunction {
    this.validate(scope);
    const plans = Object.values(GuardDutyPlan).filter((plan) => this.plans.includes(plan));
    const handler = defineSwitches(scope, context, {
      name: 'GuardDuty',
      handler: 'guard-duty/enable-guard-duty',
      description: 'Enables Amazon GuardDuty for this account and region',
      resourceType: 'Custom::GuardDutyFeature',
      mode: this.mode,
      switches: [
        { id: 'Detector', properties: { Feature: 'DETECTOR' } },
        ...plans.map((plan) => ({ id: plan, properties: { Feature: plan }, whereOffered: this.whereOffered })),
      ],
      statements: [...readStatement(), ...(this.mode === 'create' ? [...mayChange(), ...mayCreateRoles(scope)] : [])],
      outsideVpcReason: 'Enabling GuardDuty takes calls to its public API during a deployment and an answer to CloudFormation; the function handles no data that a VPC could keep in.',
      noReservedConcurrencyReason: 'CloudFormation asks for one of GuardDuty\'s switches after the other, so one instance of the function runs at a time whatever is reserved.',
    });
    acknowledge(policyOf(handler),
      {
        rules: ['AwsSolutions-IAM5[Resource::*]'],
        reason: 'Which detectors exist is asked of a region, as is who administers them, and a new one has no ARN before it is made: '
          + 'these actions take no resource (Service Authorization Reference, Amazon GuardDuty).',
      },
      {
        rules: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:guardduty:<AWS::Region>:<AWS::AccountId>:detector/*]'],
        reason: 'GuardDuty chooses the id of the region\'s one detector, which may be older than this stack: there is no narrower name for it at synthesis.',
      });
    return handler;
  }

  private validate(scope: Construct): void {
    const prop = `GuardDutyGuardrail.${this.mode} protectionPlans`;
    const unknown = this.plans.find((plan) => !Object.values(GuardDutyPlan).includes(plan));
    if (unknown !== undefined) {
      refuse(scope, {
        prop, given: unknown, allowed: `one of ${Object.values(GuardDutyPlan).join(', ')}`, change: 'use a member of GuardDutyPlan',
      });
    }
    const twice = this.plans.find((plan, index) => this.plans.indexOf(plan) !== index);
    if (twice) refuse(scope, { prop, given: new Situation(this.plans.join(', ')), allowed: 'each plan once', change: `remove the second ${twice}` });
  }
}

const DETECTORS = () => [`arn:${Aws.PARTITION}:guardduty:${Aws.REGION}:${Aws.ACCOUNT_ID}:detector/*`];

function readStatement(): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({ actions: ['guardduty:ListDetectors', 'guardduty:GetAdministratorAccount'], resources: ['*'] }),
    new iam.PolicyStatement({ actions: ['guardduty:GetDetector'], resources: DETECTORS() }),
  ];
}

function mayChange(): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({ actions: ['guardduty:CreateDetector'], resources: ['*'] }),
    new iam.PolicyStatement({ actions: ['guardduty:DeleteDetector', 'guardduty:TagResource', 'guardduty:UpdateDetector'], resources: DETECTORS() }),
  ];
}

/**
 * https://docs.aws.amazon.com/guardduty/latest/ug/slr-permissions.html
 * https://docs.aws.amazon.com/guardduty/latest/ug/slr-permissions-malware-protection.html
 */
function mayCreateRoles(scope: Construct): iam.PolicyStatement[] {
  const forMalware: [string, string] = ['malware-protection.guardduty.amazonaws.com', 'AWSServiceRoleForAmazonGuardDutyMalwareProtection'];
  return [
    mayCreateServiceLinkedRole(scope, ['guardduty.amazonaws.com', 'AWSServiceRoleForAmazonGuardDuty'], forMalware),
    // GuardDuty sees with the caller's permissions whether the role is there.
    new iam.PolicyStatement({ actions: ['iam:GetRole'], resources: [`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/aws-service-role/${forMalware.join('/')}`] }),
  ];
}
