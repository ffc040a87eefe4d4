import { RemovalPolicy } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse, Situation } from './refusal';
import { relax, RelaxationOptions } from './relaxation';

const DISPOSABLE = Symbol.for('cdk-hipaa.protection.disposable');
const READ = Symbol.for('cdk-hipaa.protection.read');

type Marked = IConstruct & { [DISPOSABLE]?: boolean; [READ]?: IConstruct };

/**
 * Whether the data below a scope is kept or disposable.
 *
 * Data is kept unless a scope is said to be disposable: databases, keys, buckets and log groups stay (or leave a
 * snapshot) when their stack is deleted, and deletion protection is on. HIPAA asks for retrievable exact copies of
 * PHI (45 CFR 164.308(a)(7)(ii)(A)) and for six years of documentation (45 CFR 164.316(b)(2)(i)).
 */
export class DataProtection {
  /** The data protection of a scope: an app, a stage, a stack or any construct. */
  public static of(scope: IConstruct): DataProtection {
    return new DataProtection(scope);
  }

  private constructor(private readonly scope: IConstruct) {}

  /**
   * Says that all data below this scope may be lost: what is made below it afterwards is deleted with its stack.
   *
   * Refused once a construct that holds data exists below the scope, since that one has already decided to keep it.
   */
  public disposable(options: RelaxationOptions): void {
    const reader = (this.scope as Marked)[READ];
    if (reader) {
      refuse(this.scope, {
        prop: 'DataProtection.disposable',
        given: new Situation(`said after ${reader.node.path} was made`),
        allowed: 'before anything that holds data is made below this scope',
        change: 'move the call up, to right after the scope is created',
      });
    }
    relax(this.scope, { id: 'disposable-data', what: 'all data below this scope is deleted with its stack', reason: options.reason });
    (this.scope as Marked)[DISPOSABLE] = true;
  }

  /** Whether this scope, or one that holds it, has been said to be disposable. */
  public get isDisposable(): boolean {
    for (const scope of this.scope.node.scopes) {
      if (!(scope as Marked)[READ]) (scope as Marked)[READ] = this.scope;
    }
    return this.scope.node.scopes.some((scope) => (scope as Marked)[DISPOSABLE]);
  }

  /** `RETAIN` while data is kept, `DESTROY` once it is disposable. */
  public get removalPolicy(): RemovalPolicy {
    return this.isDisposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
  }

  /**
   * The same for a resource with a fixed physical name: kept data survives deletion, but a creation that is rolled
   * back is cleaned up, so that the next attempt does not meet "already exists".
   */
  public get namedRemovalPolicy(): RemovalPolicy {
    return this.isDisposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
  }
}
