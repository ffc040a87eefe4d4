import {
  EC2Client, EnableEbsEncryptionByDefaultCommand, GetEbsDefaultKmsKeyIdCommand, GetEbsEncryptionByDefaultCommand,
  ModifyEbsDefaultKmsKeyIdCommand,
} from '@aws-sdk/client-ec2';
import {
  GetAccountPasswordPolicyCommand,
  IAMClient,
  PasswordPolicy,
  UpdateAccountPasswordPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  GetPublicAccessBlockCommand, PublicAccessBlockConfiguration, PutPublicAccessBlockCommand, S3ControlClient,
} from '@aws-sdk/client-s3-control';
import { SettingProperties } from './contract';
import { CustomResourceRequest } from '../../blocks/custom-resource';
import {
  AccountSwitch, Invocation, isNamed, ObservedState, Place, SDK_ATTEMPTS, SwitchFactory,
} from '../account-switch';
import { SwitchProperties } from '../contract';
import { reconcile } from '../reconciliation';

/** Sets or requires one setting of the account. */
export async function handler(
  request: CustomResourceRequest<SettingProperties & SwitchProperties>, invocation: Invocation,
): Promise<void> {
  await reconcile(request, invocation, switchOf);
}

/** A setting of the account. */
export const switchOf: SwitchFactory<SettingProperties> = (properties, place) => {
  switch (properties.Setting) {
    case 'S3_PUBLIC_ACCESS_BLOCK': return new PublicAccessBlock(place);
    case 'EBS_ENCRYPTION': return new EbsEncryption(properties.KeyArn);
    case 'PASSWORD_POLICY': return new Passwords(properties);
  }
};

/**
 * A setting that the stack only makes stricter, and that stays when the stack is deleted. To loosen it would remove a
 * safeguard from resources that were created with it.
 */
abstract class Setting extends AccountSwitch {
  public override readonly stays = true;

  public async switchOff(): Promise<void> {
    // A setting stays, so nothing calls this.
  }
}

class PublicAccessBlock extends Setting {
  public readonly id = 'account-setting/s3-public-access-block';
  public readonly service = 'S3';
  public readonly thing = 'account-level Block Public Access';
  public readonly guardrail = 'S3_PUBLIC_ACCESS';

  private readonly client = new S3ControlClient({ maxAttempts: SDK_ATTEMPTS });

  constructor(private readonly place: Place) {
    super();
  }

  public async observe(signal: AbortSignal): Promise<ObservedState> {
    const { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets } = await this.current(signal);
    const parts = { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets };
    const missing = Object.entries(parts).filter(([, on]) => !on).map(([part]) => part);
    return missing.length === 0
      ? { state: 'on', word: 'ENABLED' }
      : { state: 'off', word: `without ${missing.join(', ')}` };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    await this.client.send(
      new PutPublicAccessBlockCommand({
        AccountId: this.place.account,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      }),
      { abortSignal: signal },
    );
    return true;
  }

  private async current(signal: AbortSignal): Promise<PublicAccessBlockConfiguration> {
    try {
      const answer = await this.client.send(new GetPublicAccessBlockCommand({ AccountId: this.place.account }), {
        abortSignal: signal,
      });
      return answer.PublicAccessBlockConfiguration ?? {};
    } catch (error) {
      if (isNamed(error, 'NoSuchPublicAccessBlockConfiguration')) return {};
      throw error;
    }
  }
}

class EbsEncryption extends Setting {
  public readonly id = 'account-setting/ebs-encryption';
  public readonly service = 'EBS';
  public readonly thing = 'encryption by default';
  public readonly guardrail = 'EBS_ENCRYPTION';

  private readonly client = new EC2Client({ maxAttempts: SDK_ATTEMPTS });
  /** The ARN that EC2 returns for the key: it may replace an alias. */
  private accepted?: string;

  constructor(private readonly keyArn: string | undefined) {
    super();
  }

  public async observe(signal: AbortSignal): Promise<ObservedState> {
    const { EbsEncryptionByDefault } = await this.client.send(new GetEbsEncryptionByDefaultCommand({}), {
      abortSignal: signal,
    });
    if (!EbsEncryptionByDefault) return { state: 'off', word: 'DISABLED' };
    if (this.keyArn === undefined) return { state: 'on', word: 'ENABLED' };
    const { KmsKeyId } = await this.client.send(new GetEbsDefaultKmsKeyIdCommand({}), { abortSignal: signal });
    return [this.keyArn, this.accepted].includes(KmsKeyId)
      ? { state: 'on', word: 'ENABLED' }
      : { state: 'off', word: `ENABLED with the key ${KmsKeyId}` };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    // The key is set first, so that no volume is encrypted with another key in between.
    if (this.keyArn !== undefined) {
      const { KmsKeyId } = await this.client.send(new ModifyEbsDefaultKmsKeyIdCommand({ KmsKeyId: this.keyArn }), {
        abortSignal: signal,
      });
      this.accepted = KmsKeyId;
    }
    await this.client.send(new EnableEbsEncryptionByDefaultCommand({}), { abortSignal: signal });
    return true;
  }
}

class Passwords extends Setting {
  public readonly id = 'account-setting/password-policy';
  public readonly service = 'IAM';
  public readonly thing = 'password policy';
  public readonly guardrail = 'PASSWORD_POLICY';

  private readonly client = new IAMClient({ maxAttempts: SDK_ATTEMPTS });
  private readonly minimumLength: number;
  private readonly maxAge: number;
  private readonly reusePrevention: number;
  private found: Partial<PasswordPolicy> = {};

  constructor({ MinimumLength, MaxAgeDays, ReusePrevention }: SettingProperties) {
    super();
    [this.minimumLength, this.maxAge, this.reusePrevention] = [MinimumLength, MaxAgeDays, ReusePrevention].map(Number);
  }

  public async observe(signal: AbortSignal): Promise<ObservedState> {
    this.found = await this.current(signal);
    const loose = Object.entries(this.stricter())
      .filter(([part, value]) => this.found[part as keyof PasswordPolicy] !== value)
      .map(([part]) => part);
    return loose.length === 0
      ? { state: 'on', word: 'ENABLED' }
      : { state: 'off', word: `too loose in ${loose.join(', ')}` };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    // IAM resets a field that the request omits to its default, so the other fields repeat their current values.
    const { AllowUsersToChangePassword = true, HardExpiry } = this.found;
    const command = new UpdateAccountPasswordPolicyCommand({
      AllowUsersToChangePassword,
      HardExpiry,
      ...this.stricter(),
    });
    await this.client.send(command, { abortSignal: signal });
    return true;
  }

  /** The stricter of the current and the requested value of each field. */
  private stricter() {
    const { MinimumPasswordLength = 0, MaxPasswordAge, PasswordReusePrevention = 0 } = this.found;
    return {
      MinimumPasswordLength: Math.max(MinimumPasswordLength, this.minimumLength),
      // Without an age or with 0, passwords never expire.
      MaxPasswordAge: Math.min(MaxPasswordAge || this.maxAge, this.maxAge),
      PasswordReusePrevention: Math.max(PasswordReusePrevention, this.reusePrevention),
      RequireLowercaseCharacters: true,
      RequireUppercaseCharacters: true,
      RequireNumbers: true,
      RequireSymbols: true,
    };
  }

  private async current(signal: AbortSignal): Promise<Partial<PasswordPolicy>> {
    try {
      return (
        (await this.client.send(new GetAccountPasswordPolicyCommand({}), { abortSignal: signal })).PasswordPolicy ?? {}
      );
    } catch (error) {
      if (isNamed(error, 'NoSuchEntityException', 'NoSuchEntity')) return {};
      throw error;
    }
  }
}
