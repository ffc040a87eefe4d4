import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AccountSetting } from './account-settings';
import { SwitchMode } from '../switches';
import { relax, RelaxationOptions } from '../../core/relaxation';

/**
 * How no bucket of an account comes to be public, whatever its own settings say (45 CFR 164.312(a)(1)).
 *
 * The setting is the account's, for all of its regions.
 */
export abstract class PublicAccessGuardrail {
  /** Switches all four parts of the block on. They stay on when the stack is deleted: a bucket made under them could be public at once. */
  public static create(): PublicAccessGuardrail {
    return new Blocked('create');
  }

  /** Relies on a block that is there: the deployment fails unless all four parts are on, and nothing is ever changed. */
  public static adopt(): PublicAccessGuardrail {
    return new Blocked('adopt');
  }

  /** Leaves it to each bucket. */
  public static skip(options: RelaxationOptions): PublicAccessGuardrail {
    return new NotBlocked(options.reason);
  }

  /**
   * What is to be set.
   * @internal
   */
  public abstract _settings(scope: Construct): AccountSetting[];
}

class NotBlocked extends PublicAccessGuardrail {
  constructor(private readonly reason: string) {
    super();
  }

  public _settings(scope: Construct): AccountSetting[] {
    relax(scope, { id: 's3-public-access-skipped', what: 'public buckets are not blocked for the account by this stack', reason: this.reason });
    return [];
  }
}

class Blocked extends PublicAccessGuardrail {
  constructor(private readonly mode: SwitchMode) {
    super();
  }

  public _settings(): AccountSetting[] {
    const actions = ['s3:GetAccountPublicAccessBlock', ...(this.mode === 'create' ? ['s3:PutAccountPublicAccessBlock'] : [])];
    return [{
      id: 'PublicAccess',
      mode: this.mode,
      properties: { Setting: 'S3_PUBLIC_ACCESS_BLOCK' },
      statements: [new iam.PolicyStatement({ actions, resources: ['*'] })],
    }];
  }
}
