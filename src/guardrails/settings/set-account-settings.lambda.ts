import { EC2Client, EnableEbsEncryptionByDefaultCommand, GetEbsDefaultKmsKeyIdCommand, GetEbsEncryptionByDefaultCommand, ModifyEbsDefaultKmsKeyIdCommand } from '@aws-sdk/client-ec2';
import { GetAccountPasswordPolicyCommand, IAMClient, PasswordPolicy, UpdateAccountPasswordPolicyCommand } from '@aws-sdk/client-iam';
import { GetPublicAccessBlockCommand, PublicAccessBlockConfiguration, PutPublicAccessBlockCommand, S3ControlClient } from '@aws-sdk/client-s3-control';
import { AccountSwitch, Invocation, isNamed, Place, SDK_ATTEMPTS, Standing, SwitchProperties, turn } from '../account-switch';
import { CustomResourceRequest } from '../../blocks/custom-resource';

/** One custom resource stands for one setting. */
interface SettingProperties extends SwitchProperties {
  readonly Setting: 'S3_PUBLIC_ACCESS_BLOCK' | 'EBS_ENCRYPTION' | 'PASSWORD_POLICY';
  /** The key of new volumes. Of EBS_ENCRYPTION alone, and only where the user chose one. */
  readonly KeyArn?: string;
  /** Of PASSWORD_POLICY alone. */
  readonly MinimumLength?: string;
  readonly MaxAgeDays?: string;
  readonly ReusePrevention?: string;
}

/** Sets or adopts one setting of the account. */
export async function handler(request: CustomResourceRequest<SettingProperties>, invocation: Invocation): Promise<void> {
  await turn(request, invocation, (properties, place) => {
    switch (properties.Setting) {
      case 'S3_PUBLIC_ACCESS_BLOCK': return new PublicAccessBlock(place);
      case 'EBS_ENCRYPTION': return new EbsEncryption(properties.KeyArn);
      case 'PASSWORD_POLICY': return new Passwords(properties);
    }
  });
}

/** A setting only ever becomes stricter, and stays when the stack goes: to loosen it would take a safeguard from what others made under it. */
abstract class Setting implements AccountSwitch {
  public readonly stays = true;
  public abstract readonly id: string;
  public abstract readonly service: string;
  public abstract readonly thing: string;
  public abstract readonly choice: string;

  public abstract look(signal: AbortSignal): Promise<Standing>;
  public abstract switchOn(signal: AbortSignal): Promise<boolean>;

  public get leaveOut(): string {
    return `use ${this.choice}.skip() with a reason`;
  }

  public async switchOff(): Promise<void> {
    // Never called: see `stays`.
  }

  /** These settings exist in every region. */
  public isUnoffered(): boolean {
    return false;
  }

  public async administrator(): Promise<undefined> {
    return undefined;
  }
}

class PublicAccessBlock extends Setting {
  public readonly id = 'account-setting/s3-public-access-block';
  public readonly service = 'S3';
  public readonly thing = 'public access block of the account';
  public readonly choice = 'PublicAccessGuardrail';

  private readonly client = new S3ControlClient({ maxAttempts: SDK_ATTEMPTS });

  constructor(private readonly place: Place) {
    super();
  }

  public async look(signal: AbortSignal): Promise<Standing> {
    const { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets } = await this.current(signal);
    const parts = { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets };
    const missing = Object.entries(parts).filter(([, on]) => !on).map(([part]) => part);
    return missing.length === 0 ? { state: 'on', word: 'ENABLED' } : { state: 'off', word: `without ${missing.join(', ')}` };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    await this.client.send(new PutPublicAccessBlockCommand({
      AccountId: this.place.account,
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
    }), { abortSignal: signal });
    return true;
  }

  private async current(signal: AbortSignal): Promise<PublicAccessBlockConfiguration> {
    try {
      const answer = await this.client.send(new GetPublicAccessBlockCommand({ AccountId: this.place.account }), { abortSignal: signal });
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
  public readonly choice = 'EbsEncryptionGuardrail';

  private readonly client = new EC2Client({ maxAttempts: SDK_ATTEMPTS });
  /** What EC2 calls the key: an alias is told as it pleases. */
  private accepted?: string;

  constructor(private readonly keyArn: string | undefined) {
    super();
  }

  public async look(signal: AbortSignal): Promise<Standing> {
    const { EbsEncryptionByDefault } = await this.client.send(new GetEbsEncryptionByDefaultCommand({}), { abortSignal: signal });
    if (!EbsEncryptionByDefault) return { state: 'off', word: 'DISABLED' };
    if (this.keyArn === undefined) return { state: 'on', word: 'ENABLED' };
    const { KmsKeyId } = await this.client.send(new GetEbsDefaultKmsKeyIdCommand({}), { abortSignal: signal });
    return [this.keyArn, this.accepted].includes(KmsKeyId) ? { state: 'on', word: 'ENABLED' } : { state: 'off', word: `ENABLED under ${KmsKeyId}` };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    // The key first: no volume is to be made under another one in between.
    if (this.keyArn !== undefined) {
      const { KmsKeyId } = await this.client.send(new ModifyEbsDefaultKmsKeyIdCommand({ KmsKeyId: this.keyArn }), { abortSignal: signal });
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
  public readonly choice = 'PasswordPolicyGuardrail';

  private readonly client = new IAMClient({ maxAttempts: SDK_ATTEMPTS });
  private readonly minimumLength: number;
  private readonly maxAge: number;
  private readonly reusePrevention: number;
  private found: Partial<PasswordPolicy> = {};

  constructor({ MinimumLength, MaxAgeDays, ReusePrevention }: SettingProperties) {
    super();
    [this.minimumLength, this.maxAge, this.reusePrevention] = [MinimumLength, MaxAgeDays, ReusePrevention].map(Number);
  }

  public async look(signal: AbortSignal): Promise<Standing> {
    this.found = await this.current(signal);
    const loose = Object.entries(this.stricter()).filter(([part, value]) => this.found[part as keyof PasswordPolicy] !== value).map(([part]) => part);
    return loose.length === 0 ? { state: 'on', word: 'ENABLED' } : { state: 'off', word: `too loose in ${loose.join(', ')}` };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    // What is not named goes back to IAM's own default, so what is of no concern here is repeated.
    const { AllowUsersToChangePassword = true, HardExpiry } = this.found;
    const command = new UpdateAccountPasswordPolicyCommand({ AllowUsersToChangePassword, HardExpiry, ...this.stricter() });
    await this.client.send(command, { abortSignal: signal });
    return true;
  }

  /** In each point the stricter of what is there and what is asked for. */
  private stricter() {
    const { MinimumPasswordLength = 0, MaxPasswordAge, PasswordReusePrevention = 0 } = this.found;
    return {
      MinimumPasswordLength: Math.max(MinimumPasswordLength, this.minimumLength),
      // No age, or none that counts, means that passwords never expire.
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
      return (await this.client.send(new GetAccountPasswordPolicyCommand({}), { abortSignal: signal })).PasswordPolicy ?? {};
    } catch (error) {
      if (isNamed(error, 'NoSuchEntityException', 'NoSuchEntity')) return {};
      throw error;
    }
  }
}
