import { Annotations, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { aroundSynthesis } from './around-synthesis';
import { checkArguments, checkFactory } from './check-props';
import { refuseUse } from './refusal';
import { relax, RelaxationOptions } from './relaxation';

const DISPOSABLE = Symbol.for('cdk-hipaa.protection.disposable');
const HOLDER = Symbol.for('cdk-hipaa.protection.holder');

/** The ID of the relaxation and of its warnings, without the name of the library. */
const WARNING = 'disposable-data';

type Marked = IConstruct & { [DISPOSABLE]?: boolean; [HOLDER]?: IConstruct };

/**
 * Determines whether the data below a scope is retained or disposable.
 *
 * By default, data is retained: when a stack is deleted, its databases, keys, buckets and log groups remain or leave a
 * snapshot, and deletion protection is on. HIPAA requires retrievable exact copies of PHI (45 CFR 164.308(a)(7)(ii)(A))
 * and documentation for six years (45 CFR 164.316(b)(2)(i)).
 *
 * @example
 * declare const production: boolean;
 *
 * if (!production) {
 *   DataProtection.of(this).disposable({ reason: 'development holds synthetic records only' });
 * }
 */
export class DataProtection {
  /** Returns the data protection of a scope: an app, a stage, a stack or any construct. */
  public static of(scope: IConstruct): DataProtection {
    return new DataProtection(scope);
  }

  private constructor(private readonly scope: IConstruct) {
    checkFactory('DataProtection.of', { scope });
  }

  /**
   * Makes all data below this scope disposable: constructs created below it delete their data with their stack.
   *
   * On an app or a stage, the warning of this relaxation is also on each stack.
   *
   * Throws if a construct that holds data already exists below the scope, because that construct is retained.
   */
  public disposable(options: RelaxationOptions): void {
    checkArguments(this.scope, 'DataProtection.disposable', { options });
    const holder = (this.scope as Marked)[HOLDER];
    if (holder) {
      refuseUse(
        this.scope,
        'DataProtection.disposable must be called before constructs that hold data are created below this scope, '
          + `but ${holder.node.path} already exists`,
        'move the call to directly after the creation of the scope',
      );
    }
    const { reason } = options;
    relax(this.scope, { id: WARNING, what: 'all data below this scope is deleted with its stack', reason });
    (this.scope as Marked)[DISPOSABLE] = true;
    if (Stage.isStage(this.scope)) warnOnStacks(this.scope, reason);
  }

  /** Whether the data of this scope is disposable. A call on the scope itself or on one of its parents makes it so. */
  public get isDisposable(): boolean {
    return this.scope.node.scopes.some((scope) => (scope as Marked)[DISPOSABLE]);
  }

  /**
   * The removal policy: `RETAIN_ON_UPDATE_OR_DELETE` for retained data, `DESTROY` for disposable data.
   *
   * Retained data remains after updates and after the deletion of its stack. Only the rollback of the operation that
   * created a resource deletes it, so that a failed first deployment leaves nothing that costs money or blocks the next
   * attempt. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
   */
  public get removalPolicy(): RemovalPolicy {
    return this.isDisposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
  }

  /**
   * The removal policy of a resource that a rollback of its creation must not delete: `RETAIN` or `DESTROY`.
   *
   * A resource gets it only if its deletion would make the rollback fail, or if it is deleted together with another
   * resource.
   * @internal
   */
  public get _rollbackRemovalPolicy(): RemovalPolicy {
    return this.isDisposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
  }
}

/**
 * Adds the warning to each stack of an app or a stage, also to stacks that are created later.
 *
 * The CDK CLI prints only the warnings inside stacks. An aspect of an app does not visit the stacks of its stages.
 */
function warnOnStacks(scope: Stage, reason: string): void {
  aroundSynthesis(scope, (synthesize) => (options) => {
    // An acknowledgement on the scope removes its own warning.
    const constructs = isWarned(scope) ? scope.node.findAll() : [];
    const stacks = constructs.filter(Stack.isStack).filter(({ nestedStackParent }) => !nestedStackParent);
    for (const stack of stacks.filter((each) => !isWarned(each))) {
      Annotations.of(stack).addWarningV2(
        `cdk-hipaa:${WARNING}`, `all data of this stack is deleted with the stack (reason given: ${reason})`,
      );
    }
    return synthesize(options);
  });
}

function isWarned(construct: IConstruct): boolean {
  return construct.node.metadata.some(({ data }) => String(data).includes(`[ack: cdk-hipaa:${WARNING}]`));
}

/**
 * Returns the data protection of a construct that holds data or is protected from deletion.
 *
 * A later call of `disposable` on the construct or one of its parents is refused, because it would come too late.
 */
export function protectionOf(holder: IConstruct): DataProtection {
  for (const scope of holder.node.scopes) (scope as Marked)[HOLDER] ??= holder;
  return DataProtection.of(holder);
}
