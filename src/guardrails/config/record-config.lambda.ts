import { setTimeout as sleep } from 'timers/promises';
import {
  ConfigServiceClient, ConfigurationRecorder, DeleteConfigurationRecorderCommand, DeleteDeliveryChannelCommand, DeliveryChannel,
  DescribeConfigurationRecordersCommand, DescribeConfigurationRecorderStatusCommand, DescribeDeliveryChannelsCommand,
  PutConfigurationRecorderCommand, PutDeliveryChannelCommand, RecordingFrequency, ResourceType, StartConfigurationRecorderCommand,
  StopConfigurationRecorderCommand,
} from '@aws-sdk/client-config-service';
import { CreateServiceLinkedRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { AccountSwitch, Invocation, isNamed, Place, Refused, SDK_ATTEMPTS, Standing, SwitchProperties, turn } from '../account-switch';
import { CustomResourceRequest } from '../../blocks/custom-resource';

/** What is recorded, how often, and where it goes. Missing where a recorder is only adopted. */
interface RecorderProperties extends SwitchProperties {
  readonly Frequency?: RecordingFrequency;
  /** Types that are not recorded. */
  readonly ExcludedTypes?: string[];
  readonly BucketName?: string;
  readonly KeyArn?: string;
}

/** The role that AWS Config keeps for itself. Security Hub's control Config.1 asks for it. */
const CONFIG_SERVICE = 'config.amazonaws.com';
const CONFIG_ROLE = 'AWSServiceRoleForConfig';

/** How long a role, a bucket or its policy that was made a moment ago may be unknown to AWS Config, in milliseconds: doubled each time, half a minute in all. */
const FIRST_PAUSE = 1_000;
const LAST_PAUSE = 16_000;
const NOT_KNOWN_YET = ['InsufficientDeliveryPolicyException', 'InvalidRoleException', 'InvalidS3KmsKeyArnException', 'NoSuchBucketException'];

/** Has AWS Config record the account's resources in this region. There is one recorder, and one channel, in a region. */
export async function handler(request: CustomResourceRequest<RecorderProperties>, invocation: Invocation): Promise<void> {
  await turn(request, invocation, (properties, place) => new Recorder(properties, place, request.RequestType));
}

class Recorder implements AccountSwitch {
  public readonly id = 'config-recorder';
  public readonly service = 'AWS Config';
  public readonly thing = 'recorder';
  public readonly choice = 'ConfigGuardrail';
  public readonly leaveOut = 'use ConfigGuardrail.skip() with a reason';

  private readonly config = new ConfigServiceClient({ maxAttempts: SDK_ATTEMPTS });
  /** Recorder and channel say by their name which stack made them. */
  private readonly name: string;

  constructor(private readonly properties: RecorderProperties, private readonly place: Place, private readonly asked: CustomResourceRequest<unknown>['RequestType']) {
    this.name = `cdk-hipaa-${place.stackId.split('/')[2]}`;
  }

  public async look(signal: AbortSignal): Promise<Standing> {
    const recorder = await this.recorder(signal);
    if (this.asked === 'Delete') return this.lookForOwn(recorder, signal);
    if (!recorder) {
      if (this.properties.Mode === 'create') await this.refuseOtherChannel(signal);
      return { state: 'off', word: 'OFF' };
    }
    const records = await this.records(recorder.name!, signal);
    if (recorder.name !== this.name) return this.lookAtOther(recorder.name!, records);
    const madeByThisStack = true;
    if (!records) return { state: 'off', word: 'STOPPED', madeByThisStack };
    if (this.properties.Mode === 'create' && !await this.isAsAsked(recorder, signal)) return { state: 'off', word: 'RECORDING OTHERWISE', madeByThisStack };
    return { state: 'on', word: 'RECORDING', detail: await this.deliveredOtherwise(signal), madeByThisStack };
  }

  /**
   * Recorder, channel, start: in this order nothing waits for the other. (As two resources of CloudFormation, each of which waits
   * for the other to settle, they hang for half an hour: aws-cdk #3577.)
   */
  public async switchOn(signal: AbortSignal): Promise<boolean> {
    try {
      await this.ensureRole(signal);
      const recorder = new PutConfigurationRecorderCommand({ ConfigurationRecorder: this.wanted });
      await patiently(signal, () => this.config.send(recorder, { abortSignal: signal }));
    } catch (error) {
      if (isNamed(error, 'MaxNumberOfConfigurationRecordersExceededException')) return false;
      throw error;
    }
    try {
      await this.ensureChannel(signal);
      await this.config.send(new StartConfigurationRecorderCommand({ ConfigurationRecorderName: this.name }), { abortSignal: signal });
    } catch (error) {
      // Not an error of the SDK any more, which would mean that nothing was done: the recorder is there, and is deleted with the stack.
      throw new Error((error as Error).message);
    }
    return true;
  }

  /** Never anybody else's: recorder and channel of this stack's name, and in this order, since a channel cannot go before its recorder has stopped. */
  public async switchOff(_deed: unknown, signal: AbortSignal): Promise<void> {
    const options = { abortSignal: signal };
    await unlessGone(() => this.config.send(new StopConfigurationRecorderCommand({ ConfigurationRecorderName: this.name }), options));
    await unlessGone(() => this.config.send(new DeleteDeliveryChannelCommand({ DeliveryChannelName: this.name }), options));
    await unlessGone(() => this.config.send(new DeleteConfigurationRecorderCommand({ ConfigurationRecorderName: this.name }), options));
  }

  public isUnoffered(): boolean {
    return false;
  }

  /** An organization's administrator reads what is recorded, and records nothing in its members. */
  public async administrator(): Promise<undefined> {}

  private async lookForOwn(recorder: ConfigurationRecorder | undefined, signal: AbortSignal): Promise<Standing> {
    const isThere = recorder?.name === this.name || (await this.channels(signal)).some(({ name }) => name === this.name);
    return isThere ? { state: 'on', word: 'THERE', madeByThisStack: true } : { state: 'off', word: 'NOT THERE' };
  }

  private lookAtOther(name: string, records: boolean): Standing {
    if (records) return { state: 'on', word: 'RECORDING' };
    throw new Refused(`The recorder '${name}' of AWS Config ${this.isThere}, and does not record: start it, or delete it and deploy again`);
  }

  /** A channel that was left behind, whose bucket may be gone: there can be no second one, and under it nothing would reach the bucket of this stack. */
  private async refuseOtherChannel(signal: AbortSignal): Promise<void> {
    const other = await this.otherChannel(signal);
    if (!other) return;
    throw new Refused(`The delivery channel '${other.name}' of AWS Config ${this.isThere}, and delivers to the bucket '${other.s3BucketName}': delete it and deploy again`);
  }

  private get isThere(): string {
    return `is there in account ${this.place.account}, region ${this.place.region}`;
  }

  /** What somebody has put in the place of this stack's channel since is no reason to fail an update, whose rollback would fail too; it is told in the log. */
  private async deliveredOtherwise(signal: AbortSignal): Promise<string | undefined> {
    const other = await this.otherChannel(signal);
    return other && `it delivers to the bucket '${other.s3BucketName}', through the channel '${other.name}', which this stack has not made`;
  }

  /** The recorder that customers make, of which there is one. Those that services of AWS keep for themselves do not count. */
  private async recorder(signal: AbortSignal): Promise<ConfigurationRecorder | undefined> {
    const { ConfigurationRecorders } = await this.config.send(new DescribeConfigurationRecordersCommand({}), { abortSignal: signal });
    return ConfigurationRecorders?.find(({ servicePrincipal }) => servicePrincipal === undefined);
  }

  private async records(name: string, signal: AbortSignal): Promise<boolean> {
    const command = new DescribeConfigurationRecorderStatusCommand({ ConfigurationRecorderNames: [name] });
    const { ConfigurationRecordersStatus } = await this.config.send(command, { abortSignal: signal });
    return ConfigurationRecordersStatus?.[0]?.recording === true;
  }

  private async channels(signal: AbortSignal): Promise<DeliveryChannel[]> {
    return (await this.config.send(new DescribeDeliveryChannelsCommand({}), { abortSignal: signal })).DeliveryChannels ?? [];
  }

  private async otherChannel(signal: AbortSignal): Promise<DeliveryChannel | undefined> {
    return (await this.channels(signal)).find(({ name }) => name !== this.name);
  }

  private async ensureChannel(signal: AbortSignal): Promise<void> {
    if (this.asked === 'Update' && await this.otherChannel(signal)) return;
    await this.refuseOtherChannel(signal);
    await patiently(signal, () => this.config.send(new PutDeliveryChannelCommand({ DeliveryChannel: this.channel }), { abortSignal: signal }));
  }

  private async ensureRole(signal: AbortSignal): Promise<void> {
    try {
      const role = new CreateServiceLinkedRoleCommand({ AWSServiceName: CONFIG_SERVICE });
      await new IAMClient({ maxAttempts: SDK_ATTEMPTS }).send(role, { abortSignal: signal });
    } catch (error) {
      if (!/has been taken in this account/.test((error as Error).message)) throw error;
    }
  }

  private async isAsAsked(recorder: ConfigurationRecorder, signal: AbortSignal): Promise<boolean> {
    const { roleARN, recordingGroup, recordingMode } = this.wanted;
    const excluded = (group = recorder.recordingGroup) => [...group?.exclusionByResourceTypes?.resourceTypes ?? []].sort().join();
    const channel = (await this.channels(signal))[0];
    return recorder.roleARN === roleARN && excluded() === excluded(recordingGroup)
      && (recorder.recordingMode?.recordingFrequency ?? 'CONTINUOUS') === recordingMode!.recordingFrequency
      && (channel?.name !== this.name || (channel.s3BucketName === this.channel.s3BucketName && channel.s3KmsKeyArn === this.channel.s3KmsKeyArn));
  }

  private get wanted(): ConfigurationRecorder {
    const { ExcludedTypes = [], Frequency } = this.properties;
    return {
      name: this.name,
      roleARN: `arn:${this.place.partition}:iam::${this.place.account}:role/aws-service-role/${CONFIG_SERVICE}/${CONFIG_ROLE}`,
      recordingGroup: ExcludedTypes.length === 0
        ? { allSupported: true, includeGlobalResourceTypes: true, recordingStrategy: { useOnly: 'ALL_SUPPORTED_RESOURCE_TYPES' } }
        : { exclusionByResourceTypes: { resourceTypes: ExcludedTypes as ResourceType[] }, recordingStrategy: { useOnly: 'EXCLUSION_BY_RESOURCE_TYPES' } },
      recordingMode: { recordingFrequency: Frequency },
    };
  }

  private get channel(): DeliveryChannel {
    return {
      name: this.name,
      s3BucketName: this.properties.BucketName,
      s3KmsKeyArn: this.properties.KeyArn,
      configSnapshotDeliveryProperties: { deliveryFrequency: 'TwentyFour_Hours' },
    };
  }
}

/** Tries again while AWS Config does not know yet of what was made a moment ago. */
async function patiently(signal: AbortSignal, call: () => Promise<unknown>): Promise<void> {
  for (let pause = FIRST_PAUSE; ; pause *= 2) {
    try {
      await call();
      return;
    } catch (error) {
      if (pause > LAST_PAUSE || !isNamed(error, ...NOT_KNOWN_YET)) throw error;
      await sleep(pause, undefined, { signal });
    }
  }
}

/** What is gone already is fine: every step may be repeated. */
async function unlessGone(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!isNamed(error, 'NoSuchConfigurationRecorderException', 'NoSuchDeliveryChannelException')) throw error;
  }
}
