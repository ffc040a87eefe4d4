import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { AccountSetting } from './account-settings';
import { SwitchMode } from '../switches';
import { relax, RelaxationOptions } from '../../core/relaxation';

/** How new volumes are encrypted. */
export interface EbsEncryptionGuardrailOptions {
  /**
   * The key for new volumes that name none. Its policy has to let in everybody who starts instances, the service-linked roles of Auto Scaling
   * and the like included, or these start nothing any more.
   * @default - the key that the account has for this already: the AWS managed `aws/ebs`, unless somebody chose another
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * How every new EBS volume and snapshot copy of an account and region comes to be encrypted, whoever makes it (45 CFR 164.312(a)(2)(iv)).
 * Volumes that exist are not changed.
 */
export abstract class EbsEncryptionGuardrail {
  /** Switches encryption by default on, under the given key. Both stay when the stack is deleted: volumes made afterwards would be in the clear. */
  public static create(options: EbsEncryptionGuardrailOptions = {}): EbsEncryptionGuardrail {
    return new Encrypted('create', options.encryptionKey);
  }

  /** Relies on encryption that is on: the deployment fails unless it is, under the given key if there is one, and nothing is ever changed. */
  public static adopt(options: EbsEncryptionGuardrailOptions = {}): EbsEncryptionGuardrail {
    return new Encrypted('adopt', options.encryptionKey);
  }

  /** Leaves it to each volume. */
  public static skip(options: RelaxationOptions): EbsEncryptionGuardrail {
    return new NotEncrypted(options.reason);
  }

  /**
   * What is to be set.
   * @internal
   */
  public abstract _settings(scope: Construct): AccountSetting[];
}

class NotEncrypted extends EbsEncryptionGuardrail {
  constructor(private readonly reason: string) {
    super();
  }

  public _settings(scope: Construct): AccountSetting[] {
    relax(scope, { id: 'ebs-encryption-skipped', what: 'new EBS volumes are not encrypted by default by this stack', reason: this.reason });
    return [];
  }
}

class Encrypted extends EbsEncryptionGuardrail {
  constructor(private readonly mode: SwitchMode, private readonly key?: kms.IKey) {
    super();
  }

  public _settings(): AccountSetting[] {
    const reads = ['ec2:GetEbsEncryptionByDefault', ...(this.key ? ['ec2:GetEbsDefaultKmsKeyId'] : [])];
    const writes = ['ec2:EnableEbsEncryptionByDefault', ...(this.key ? ['ec2:ModifyEbsDefaultKmsKeyId'] : [])];
    return [{
      id: 'EbsEncryption',
      mode: this.mode,
      properties: { Setting: 'EBS_ENCRYPTION', KeyArn: this.key?.keyArn },
      statements: [
        new iam.PolicyStatement({ actions: this.mode === 'create' ? [...reads, ...writes] : reads, resources: ['*'] }),
        ...(this.key && this.mode === 'create' ? [new iam.PolicyStatement({ actions: ['kms:DescribeKey'], resources: [this.key.keyArn] })] : []),
      ],
    }];
  }
}
