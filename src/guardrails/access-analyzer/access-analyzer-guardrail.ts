import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { defineSwitches, GuardrailContext, mayCreateServiceLinkedRole, policyOf, SwitchMode } from '../switches';
import { acknowledge } from '../../core/acknowledge';
import { HandlerFunction } from '../../blocks/handler-function';
import { relax, RelaxationOptions } from '../../core/relaxation';

/** The analyzer's name: its service demands one, and an account has one analyzer of this kind in a region. */
const ANALYZER_NAME = 'cdk-hipaa-external-access';

/**
 * How IAM Access Analyzer comes to tell what of an account and region can be reached from outside of it: buckets, keys, queues,
 * roles, secrets, snapshots (45 CFR 164.308(a)(4), 164.312(a)(1)).
 *
 * CloudFormation's own type fails where there is an analyzer of this kind: a function of the stack calls Access Analyzer instead.
 */
export abstract class AccessAnalyzerGuardrail {
  /** Makes an analyzer unless there is one. When the stack is deleted, the one that it made is deleted, and no other. */
  public static create(): AccessAnalyzerGuardrail {
    return new WithAnalyzer('create');
  }

  /** Relies on an analyzer that the account has already: the deployment fails unless there is one, and nothing is ever changed. */
  public static adopt(): AccessAnalyzerGuardrail {
    return new WithAnalyzer('adopt');
  }

  /** Does without an analyzer, or with that of the organization, which lives in its administrator's account. */
  public static skip(options: RelaxationOptions): AccessAnalyzerGuardrail {
    return new NoAnalyzer(options.reason);
  }

  /**
   * Sets the guardrail up.
   * @internal
   */
  public abstract _bind(scope: Construct, context: GuardrailContext): HandlerFunction | undefined;
}

class NoAnalyzer extends AccessAnalyzerGuardrail {
  constructor(private readonly reason: string) {
    super();
  }

  public _bind(scope: Construct): undefined {
    relax(scope, { id: 'access-analyzer-skipped', what: 'IAM Access Analyzer is not enabled by this stack', reason: this.reason });
  }
}

class WithAnalyzer extends AccessAnalyzerGuardrail {
  constructor(private readonly mode: SwitchMode) {
    super();
  }

  public _bind(scope: Construct, context: GuardrailContext): HandlerFunction {
    const handler = defineSwitches(scope, context, {
      name: 'AccessAnalyzer',
      handler: 'access-analyzer/enable-access-analyzer',
      description: 'Enables IAM Access Analyzer for this account and region',
      resourceType: 'Custom::AccessAnalyzer',
      mode: this.mode,
      switches: [{ id: 'ExternalAccess', properties: { AnalyzerName: ANALYZER_NAME } }],
      statements: [readStatement(), ...(this.mode === 'create' ? [mayChange(), mayCreateRole(scope)] : [])],
      outsideVpcReason: 'Making an analyzer is one call to a public API when the stack is deployed; what the analyzer then finds never passes through this function.',
      noReservedConcurrencyReason: 'There is one analyzer and so one request of CloudFormation\'s at a time to this function: nothing would use a reservation.',
    });
    acknowledge(policyOf(handler), {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: 'Whether an account has an analyzer already is asked of all of them: listing takes no resource (Service Authorization Reference, AWS IAM Access Analyzer).',
    });
    return handler;
  }
}

function readStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['access-analyzer:ListAnalyzers'], resources: ['*'] });
}

function mayChange(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['access-analyzer:CreateAnalyzer', 'access-analyzer:DeleteAnalyzer', 'access-analyzer:TagResource'],
    resources: [`arn:${Aws.PARTITION}:access-analyzer:${Aws.REGION}:${Aws.ACCOUNT_ID}:analyzer/${ANALYZER_NAME}`],
  });
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-using-service-linked-roles.html */
function mayCreateRole(scope: Construct): iam.PolicyStatement {
  return mayCreateServiceLinkedRole(scope, ['access-analyzer.amazonaws.com', 'AWSServiceRoleForAccessAnalyzer']);
}
