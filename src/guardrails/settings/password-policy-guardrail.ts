import { Duration, Tokenization } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AccountSetting } from './account-settings';
import { SwitchMode } from '../switches';
import { refuse, requireInteger } from '../../core/refusal';
import { relax, RelaxationOptions } from '../../core/relaxation';

/**
 * What the rule `iam-password-policy` of AWS's conformance pack for HIPAA asks for, beside a capital letter, a small one, a digit and a symbol.
 * https://docs.aws.amazon.com/config/latest/developerguide/operational-best-practices-for-hipaa_security.html
 */
const MINIMUM_LENGTH = 14;
const MAX_AGE_DAYS = 90;
const REUSE_PREVENTION = 24;
/** The longest that IAM takes. https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html */
const LONGEST_LENGTH = 128;

/** What the passwords of IAM users have to be like. */
export interface PasswordPolicyGuardrailOptions {
  /**
   * The least number of characters, from 14 to 128.
   * @default 14
   */
  readonly minimumLength?: number;
  /**
   * After how long a password has to be changed: whole days, at most 90.
   * @default Duration.days(90)
   */
  readonly maxAge?: Duration;
}

/**
 * What the passwords of an account's IAM users have to be like (45 CFR 164.308(a)(5)(ii)(D)): by default 14 characters, letters of both
 * cases, digits and symbols, a new one every 90 days, none of the last 24 again.
 *
 * The policy is the account's, for all of its regions.
 */
export abstract class PasswordPolicyGuardrail {
  /**
   * Makes the policy as strict as is asked for. Where it is stricter already, it stays so: a policy never becomes looser through this class, and
   * it stays when the stack is deleted: without one IAM takes eight characters of three kinds, which never expire.
   */
  public static create(options: PasswordPolicyGuardrailOptions = {}): PasswordPolicyGuardrail {
    return new WithPolicy('create', options);
  }

  /** Relies on a policy that is there: the deployment fails unless it is as strict, and nothing is ever changed. */
  public static adopt(options: PasswordPolicyGuardrailOptions = {}): PasswordPolicyGuardrail {
    return new WithPolicy('adopt', options);
  }

  /** Does without: people sign in through an identity provider, say, and there are no IAM users. */
  public static skip(options: RelaxationOptions): PasswordPolicyGuardrail {
    return new NoPolicy(options.reason);
  }

  /**
   * What is to be set.
   * @internal
   */
  public abstract _settings(scope: Construct): AccountSetting[];
}

class NoPolicy extends PasswordPolicyGuardrail {
  constructor(private readonly reason: string) {
    super();
  }

  public _settings(scope: Construct): AccountSetting[] {
    relax(scope, { id: 'password-policy-skipped', what: 'the passwords of IAM users are not made strong by this stack', reason: this.reason });
    return [];
  }
}

class WithPolicy extends PasswordPolicyGuardrail {
  constructor(private readonly mode: SwitchMode, private readonly options: PasswordPolicyGuardrailOptions) {
    super();
  }

  public _settings(scope: Construct): AccountSetting[] {
    const { minimumLength = MINIMUM_LENGTH, maxAge = Duration.days(MAX_AGE_DAYS) } = this.options;
    const prop = (name: string) => `PasswordPolicyGuardrail.${this.mode} ${name}`;
    requireInteger(scope, prop('minimumLength'), minimumLength, MINIMUM_LENGTH, LONGEST_LENGTH);
    const days = maxAge.isUnresolved() ? MAX_AGE_DAYS : maxAge.toDays({ integral: false });
    if (!Number.isInteger(days) || days < 1 || days > MAX_AGE_DAYS) {
      refuse(scope, { prop: prop('maxAge'), given: maxAge, allowed: `whole days, from one to ${MAX_AGE_DAYS}`, change: 'say it as Duration.days(…)' });
    }
    const actions = ['iam:GetAccountPasswordPolicy', ...(this.mode === 'create' ? ['iam:UpdateAccountPasswordPolicy'] : [])];
    return [{
      id: 'PasswordPolicy',
      mode: this.mode,
      properties: {
        Setting: 'PASSWORD_POLICY',
        MinimumLength: Tokenization.stringifyNumber(minimumLength),
        MaxAgeDays: Tokenization.stringifyNumber(maxAge.toDays()),
        ReusePrevention: String(REUSE_PREVENTION),
      },
      statements: [new iam.PolicyStatement({ actions, resources: ['*'] })],
    }];
  }
}
