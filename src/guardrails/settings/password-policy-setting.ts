import { Duration, Tokenization } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { AccountSetting, onAccount } from './account-settings';
import { refuse, requireInteger } from '../../core/refusal';
import { GuardrailMode } from '../guardrail';

/**
 * The defaults, which are the requirements of the rule `iam-password-policy`.
 *
 * The rule is part of the AWS conformance pack for HIPAA.
 * https://docs.aws.amazon.com/config/latest/developerguide/operational-best-practices-for-hipaa_security.html
 */
const MINIMUM_LENGTH = 14;
const MAX_AGE_DAYS = 90;
const REUSE_PREVENTION = 24;
/** The maximum of IAM. https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html */
const LONGEST_LENGTH = 128;

/**
 * The password policy of the account, for its IAM users in all regions: 45 CFR 164.308(a)(5)(ii)(D).
 *
 * A password needs uppercase and lowercase letters, digits and symbols, and must differ from the last 24 passwords.
 */
export interface PasswordPolicyOptions {
  /**
   * The minimum number of characters, from 14 to 128.
   * @default 14
   */
  readonly minimumLength?: number;
  /**
   * The maximum age of a password: 1 to 90 whole days.
   * @default Duration.days(90)
   */
  readonly maxAge?: Duration;
}

/**
 * Sets the password policy, unless the existing one is stricter, or requires one that is as strict.
 *
 * The policy remains when the stack is deleted. Without a policy, IAM accepts passwords of eight characters of three
 * types that never expire.
 */
export function passwordPolicySetting(
  scope: Construct, mode: GuardrailMode, options: PasswordPolicyOptions = {},
): AccountSetting[] {
  if (mode === 'skip') return [];
  const { minimumLength = MINIMUM_LENGTH, maxAge = Duration.days(MAX_AGE_DAYS) } = options;
  requireInteger(scope, 'passwordPolicy.minimumLength', minimumLength, MINIMUM_LENGTH, LONGEST_LENGTH);
  const days = maxAge.isUnresolved() ? MAX_AGE_DAYS : maxAge.toDays({ integral: false });
  if (!Number.isInteger(days) || days < 1 || days > MAX_AGE_DAYS) {
    refuse(scope, {
      prop: 'passwordPolicy.maxAge',
      given: maxAge,
      allowed: `1 to ${MAX_AGE_DAYS} whole days`,
      change: 'use Duration.days(…)',
    });
  }
  return [{
    id: 'PasswordPolicy',
    mode,
    properties: {
      Setting: 'PASSWORD_POLICY',
      MinimumLength: Tokenization.stringifyNumber(minimumLength),
      MaxAgeDays: Tokenization.stringifyNumber(maxAge.toDays()),
      ReusePrevention: String(REUSE_PREVENTION),
    },
    reads: [onAccount('iam:GetAccountPasswordPolicy')],
    changes: mode === 'create' ? [onAccount('iam:UpdateAccountPasswordPolicy')] : [],
  }];
}
