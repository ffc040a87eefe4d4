import { setTimeout as sleep } from 'timers/promises';
import {
  ConfigServiceClient,
  ConfigurationRecorder,
  ConfigurationRecorderStatus,
  DeleteConfigurationRecorderCommand,
  DeleteDeliveryChannelCommand,
  DeliveryChannel,
  DeliveryChannelStatus,
  DescribeConfigurationRecordersCommand,
  DescribeConfigurationRecorderStatusCommand,
  DescribeDeliveryChannelsCommand,
  DescribeDeliveryChannelStatusCommand,
  PutConfigurationRecorderCommand,
  PutDeliveryChannelCommand,
  StartConfigurationRecorderCommand,
  StopConfigurationRecorderCommand,
} from '@aws-sdk/client-config-service';
import { CreateServiceLinkedRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { RecorderProperties } from './contract';
import { failuresOf } from './delivery-status';
import { CONFIG_SERVICE, RecorderSettings } from './recorder-settings';
import { CustomResourceRequest } from '../../blocks/custom-resource';
import {
  AccountSwitch, Invocation, isNamed, ObservedState, Place, Refused, SDK_ATTEMPTS, SwitchFactory,
} from '../account-switch';
import { SwitchProperties } from '../contract';
import { reconcile } from '../reconciliation';

/**
 * The wait until AWS Config knows a new role, bucket or bucket policy, in milliseconds. It doubles each time, up to 31
 * seconds in total.
 */
const FIRST_PAUSE = 1_000;
const LAST_PAUSE = 16_000;
const NOT_KNOWN_YET = [
  'InsufficientDeliveryPolicyException', 'InvalidRoleException', 'InvalidS3KmsKeyArnException', 'NoSuchBucketException',
];

/** Creates, requires or deletes the recorder and the delivery channel. A region has one of each. */
export async function handler(
  request: CustomResourceRequest<RecorderProperties & SwitchProperties>, invocation: Invocation,
): Promise<void> {
  await reconcile(request, invocation, switchOf);
}

/** The recorder. */
export const switchOf: SwitchFactory<RecorderProperties> = (properties, place, requestType) =>
  new Recorder(properties, place, requestType);

/** The recorder. The administrator of an organization reads configuration items, but records none in members. */
class Recorder extends AccountSwitch {
  public readonly id = 'config-recorder';
  public readonly service = 'AWS Config';
  public readonly thing = 'recorder';
  public readonly guardrail = 'CONFIG';

  private readonly config = new ConfigServiceClient({ maxAttempts: SDK_ATTEMPTS });
  /** The name of the recorder and of the channel, which contains the ID of the stack. */
  private readonly name: string;
  private readonly settings: RecorderSettings;

  constructor(
    private readonly properties: RecorderProperties & SwitchProperties,
    private readonly place: Place,
    private readonly requestType: CustomResourceRequest<unknown>['RequestType'],
  ) {
    super();
    this.name = `cdk-hipaa-${place.stackId.split('/')[2]}`;
    this.settings = new RecorderSettings(properties, place, this.name);
  }

  public async observe(signal: AbortSignal): Promise<ObservedState> {
    const recorder = await this.recorder(signal);
    if (this.requestType === 'Delete') return this.observeOwn(recorder, signal);
    if (!recorder) {
      if (this.properties.Mode === 'create') await this.refuseOtherChannel(signal);
      return { state: 'off', word: 'OFF' };
    }
    const records = (await this.status(recorder.name!, signal)).recording === true;
    if (recorder.name !== this.name) return this.observeOther(recorder, records);
    const createdByThisStack = true;
    if (!records) return { state: 'off', word: 'STOPPED', createdByThisStack };
    if (this.properties.Mode === 'create' && !await this.areRequested(recorder, signal)) {
      return { state: 'off', word: 'RECORDING WITH OTHER SETTINGS', createdByThisStack };
    }
    return { state: 'on', word: 'RECORDING', detail: await this.deliveryElsewhere(signal), createdByThisStack };
  }

  /** The recorder, what it records, its settings, the bucket, and the result of the last delivery. */
  public override async differences(signal: AbortSignal): Promise<string[]> {
    const recorder = await this.recorder(signal);
    if (!recorder) return [`No recorder of AWS Config ${this.existsHere}`];
    const status = await this.status(recorder.name!, signal);
    const own = this.properties.Mode === 'create' && recorder.name === this.name;
    const elsewhere = own ? await this.deliveryElsewhere(signal) : undefined;
    const isChanged = own && !await this.areRequested(recorder, signal);
    const what = `The recorder '${recorder.name}' of AWS Config`;
    return [
      ...(status.recording ? [] : [`${what} does not record`]),
      ...this.settings.gaps(recorder).map((gap) => `${what} ${gap}`),
      ...(isChanged ? [`${what}, its bucket or its key has other settings than the stack`] : []),
      ...(elsewhere ? [`AWS Config delivers elsewhere: ${elsewhere}`] : []),
      ...((await this.channels(signal)).length > 0 ? [] : [`No delivery channel of AWS Config ${this.existsHere}`]),
      ...failuresOf(status, await this.channelStatus(signal)),
    ];
  }

  /**
   * Creates the recorder and the channel and starts the recorder, in this order.
   *
   * Neither then waits for the other.
   * As two CloudFormation resources, each waits for the other and the deployment hangs for 30 minutes: aws-cdk #3577.
   */
  public async switchOn(signal: AbortSignal): Promise<boolean> {
    try {
      await this.ensureRole(signal);
      const recorder = new PutConfigurationRecorderCommand({ ConfigurationRecorder: this.settings.recorder });
      await patiently(signal, () => this.config.send(recorder, { abortSignal: signal }));
    } catch (error) {
      if (isNamed(error, 'MaxNumberOfConfigurationRecordersExceededException')) return false;
      throw error;
    }
    try {
      await this.ensureChannel(signal);
      await this.config.send(new StartConfigurationRecorderCommand({ ConfigurationRecorderName: this.name }), {
        abortSignal: signal,
      });
    } catch (error) {
      // An error of the SDK would mean that nothing changed. The recorder exists, so it must be deleted with the stack.
      throw new Error((error as Error).message);
    }
    return true;
  }

  /**
   * Deletes only the recorder and the channel with the name of this stack. The recorder stops first, because AWS Config
   * does not delete the channel of a running recorder.
   */
  public async switchOff(_: unknown, signal: AbortSignal): Promise<void> {
    const options = { abortSignal: signal };
    await unlessGone(() =>
      this.config.send(new StopConfigurationRecorderCommand({ ConfigurationRecorderName: this.name }), options),
    );
    await unlessGone(() =>
      this.config.send(new DeleteDeliveryChannelCommand({ DeliveryChannelName: this.name }), options),
    );
    await unlessGone(() =>
      this.config.send(new DeleteConfigurationRecorderCommand({ ConfigurationRecorderName: this.name }), options),
    );
  }

  private async observeOwn(recorder: ConfigurationRecorder | undefined, signal: AbortSignal): Promise<ObservedState> {
    const exists = recorder?.name === this.name || (await this.channels(signal)).some(({ name }) => name === this.name);
    return exists ? { state: 'on', word: 'PRESENT', createdByThisStack: true } : { state: 'off', word: 'MISSING' };
  }

  /**
   * A recorder that this stack did not create. Adopted, it must record what the stack requires. Otherwise, the stack
   * leaves it as it is: the log and the check of the guardrails report the gap.
   */
  private observeOther(recorder: ConfigurationRecorder, records: boolean): ObservedState {
    const what = `The recorder '${recorder.name}' of AWS Config ${this.existsHere}`;
    if (!records) throw new Refused(`${what} and does not record. Start it, or delete it and deploy again`);
    const gaps = this.settings.gaps(recorder);
    if (gaps.length > 0 && this.properties.Mode === 'adopt') {
      throw new Refused(`${what} and ${gaps.join(' and ')}. Record what is missing, or accept it by name with `
        + 'config.adoptedRecording of ComplianceGuardrails');
    }
    return { state: 'on', word: 'RECORDING', detail: gaps.length > 0 ? `it ${gaps.join(' and ')}` : undefined };
  }

  /**
   * Refuses a delivery channel without a recorder. Its bucket may not exist, a region has no second channel, and
   * nothing would reach the bucket of this stack.
   */
  private async refuseOtherChannel(signal: AbortSignal): Promise<void> {
    const other = await this.otherChannel(signal);
    if (!other) return;
    throw new Refused(`The delivery channel '${other.name}' of AWS Config ${this.existsHere} and delivers to the `
      + `bucket '${other.s3BucketName}'. Delete it and deploy again`);
  }

  private get existsHere(): string {
    return `exists in account ${this.place.account}, region ${this.place.region}`;
  }

  /**
   * The detail about another channel that replaced the channel of this stack. It is logged and does not fail an update,
   * whose rollback would fail too.
   */
  private async deliveryElsewhere(signal: AbortSignal): Promise<string | undefined> {
    const other = await this.otherChannel(signal);
    return other && `the channel '${other.name}', which this stack did not create, delivers to the bucket `
      + `'${other.s3BucketName}'`;
  }

  /** The customer managed recorder, of which a region has one. The recorders of AWS services do not count. */
  private async recorder(signal: AbortSignal): Promise<ConfigurationRecorder | undefined> {
    const { ConfigurationRecorders } = await this.config.send(new DescribeConfigurationRecordersCommand({}), {
      abortSignal: signal,
    });
    return ConfigurationRecorders?.find(({ servicePrincipal }) => servicePrincipal === undefined);
  }

  private async status(name: string, signal: AbortSignal): Promise<ConfigurationRecorderStatus> {
    const command = new DescribeConfigurationRecorderStatusCommand({ ConfigurationRecorderNames: [name] });
    const { ConfigurationRecordersStatus } = await this.config.send(command, { abortSignal: signal });
    return ConfigurationRecordersStatus?.[0] ?? {};
  }

  private async channelStatus(signal: AbortSignal): Promise<DeliveryChannelStatus[]> {
    const command = new DescribeDeliveryChannelStatusCommand({});
    return (await this.config.send(command, { abortSignal: signal })).DeliveryChannelsStatus ?? [];
  }

  private async channels(signal: AbortSignal): Promise<DeliveryChannel[]> {
    return (
      (await this.config.send(new DescribeDeliveryChannelsCommand({}), { abortSignal: signal })).DeliveryChannels ?? []
    );
  }

  private async otherChannel(signal: AbortSignal): Promise<DeliveryChannel | undefined> {
    return (await this.channels(signal)).find(({ name }) => name !== this.name);
  }

  private async ensureChannel(signal: AbortSignal): Promise<void> {
    if (this.requestType === 'Update' && await this.otherChannel(signal)) return;
    await this.refuseOtherChannel(signal);
    await patiently(signal, () =>
      this.config.send(new PutDeliveryChannelCommand({ DeliveryChannel: this.settings.channel }), {
        abortSignal: signal,
      }),
    );
  }

  private async ensureRole(signal: AbortSignal): Promise<void> {
    try {
      const role = new CreateServiceLinkedRoleCommand({ AWSServiceName: CONFIG_SERVICE });
      await new IAMClient({ maxAttempts: SDK_ATTEMPTS }).send(role, { abortSignal: signal });
    } catch (error) {
      if (!/has been taken in this account/.test((error as Error).message)) throw error;
    }
  }

  private async areRequested(recorder: ConfigurationRecorder, signal: AbortSignal): Promise<boolean> {
    return this.settings.areThoseOf(recorder, (await this.channels(signal))[0]);
  }
}

/** Repeats a call while AWS Config does not know a new resource. */
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

/** Ignores that the resource does not exist, because every step can be repeated. */
async function unlessGone(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!isNamed(error, 'NoSuchConfigurationRecorderException', 'NoSuchDeliveryChannelException')) throw error;
  }
}
