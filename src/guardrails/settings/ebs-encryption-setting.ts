import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AccountSetting, onAccount } from './account-settings';
import { GuardrailMode } from '../guardrail';

/**
 * Turns EBS encryption by default on, for new volumes and snapshot copies of the account and region:
 * 45 CFR 164.312(a)(2)(iv). Existing volumes do not change.
 *
 * The setting and its key stay when the stack is deleted. Otherwise, later volumes would be unencrypted.
 */
export function ebsEncryptionSetting(mode: GuardrailMode, key?: kms.IKey): AccountSetting[] {
  if (mode === 'skip') return [];
  const reads = ['ec2:GetEbsEncryptionByDefault', ...(key ? ['ec2:GetEbsDefaultKmsKeyId'] : [])];
  const writes = ['ec2:EnableEbsEncryptionByDefault', ...(key ? ['ec2:ModifyEbsDefaultKmsKeyId'] : [])];
  return [{
    id: 'EbsEncryption',
    mode,
    properties: { Setting: 'EBS_ENCRYPTION', KeyArn: key?.keyArn },
    reads: [onAccount(...reads)],
    changes: mode !== 'create' ? [] : [
      onAccount(...writes),
      ...(key ? [new iam.PolicyStatement({ actions: ['kms:DescribeKey'], resources: [key.keyArn] })] : []),
    ],
  }];
}
