import { AccountSetting, onAccount } from './account-settings';
import { GuardrailMode } from '../guardrail';

/**
 * Turns S3 Block Public Access on for the account, in all of its regions: 45 CFR 164.312(a)(1).
 *
 * It stays on when the stack is deleted. Otherwise, a bucket that was created under it could become public at once.
 */
export function publicAccessSetting(mode: GuardrailMode): AccountSetting[] {
  if (mode === 'skip') return [];
  return [{
    id: 'PublicAccess',
    mode,
    properties: { Setting: 'S3_PUBLIC_ACCESS_BLOCK' },
    reads: [onAccount('s3:GetAccountPublicAccessBlock')],
    changes: mode === 'create' ? [onAccount('s3:PutAccountPublicAccessBlock')] : [],
  }];
}
