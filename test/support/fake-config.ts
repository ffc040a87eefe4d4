import { FakeAws, FakeAwsError } from './fake-aws';
import { Arrived, FakeHttp, Reply } from './fake-http';

interface Recorder {
  readonly name: string;
  readonly roleARN?: string;
  readonly servicePrincipal?: string;
  recordingGroup?: object;
  recordingMode?: object;
}

/** The result of the last attempt to record or to deliver. */
interface LastAttempt {
  readonly lastStatus: string;
  readonly lastErrorCode?: string;
  readonly lastErrorMessage?: string;
}

/** A recording group of all types. */
export const EVERYTHING = {
  allSupported: true,
  includeGlobalResourceTypes: true,
  recordingStrategy: { useOnly: 'ALL_SUPPORTED_RESOURCE_TYPES' },
};

interface Channel {
  readonly name: string;
  readonly s3BucketName?: string;
}

/**
 * AWS Config in one account and region, on 127.0.0.1. Allows one customer managed recorder and one delivery channel,
 * and requires the documented order of calls.
 */
export class FakeConfig extends FakeAws {
  /** The recorders, including the service-linked recorders of AWS services. */
  public recorders: Recorder[] = [];
  public channels: Channel[] = [];
  /** The names of the recorders that record. */
  public readonly recording = new Set<string>();
  /** The number of status calls until a started recorder is shown as recording. */
  public looks = 0;
  /** Whether AWS Config can assume the role of the recorder. */
  public knowsRole = true;
  /** The result of the last attempt of the recorder and of the deliveries. */
  public lastRecording: LastAttempt = { lastStatus: 'SUCCESS' };
  public readonly deliveries: Record<string, LastAttempt> = {};
  /** The status of each conformance pack. */
  public readonly packs: Record<string, { ConformancePackState: string; ConformancePackStatusReason?: string }> = {};

  constructor() {
    super();
    this.serve({
      DescribeConfigurationRecorders: () => ({ ConfigurationRecorders: this.recorders }),
      DescribeConfigurationRecorderStatus: ({
        ConfigurationRecorderNames: [name],
      }: {
        ConfigurationRecorderNames: string[];
      }) => ({
        ConfigurationRecordersStatus: [
          {
            name: this.known(name).name,
            recording: this.recording.has(name) && this.looks-- <= 0,
            ...this.lastRecording,
          },
        ],
      }),
      DescribeDeliveryChannels: () => ({ DeliveryChannels: this.channels }),
      DescribeDeliveryChannelStatus: () => ({
        DeliveryChannelsStatus: this.channels.map(({ name }) => ({ name, ...this.deliveries })),
      }),
      DescribeConformancePackStatus: ({ ConformancePackNames: [name] }: { ConformancePackNames: string[] }) => {
        if (!this.packs[name]) throw new FakeAwsError('NoSuchConformancePackException', 'No such pack.');
        return { ConformancePackStatusDetails: [{ ConformancePackName: name, ...this.packs[name] }] };
      },
      PutConfigurationRecorder: ({ ConfigurationRecorder }: { ConfigurationRecorder: Recorder }) =>
        this.putRecorder(ConfigurationRecorder),
      PutDeliveryChannel: ({ DeliveryChannel }: { DeliveryChannel: Channel }) => this.putChannel(DeliveryChannel),
      StartConfigurationRecorder: ({ ConfigurationRecorderName: name }: { ConfigurationRecorderName: string }) =>
        this.start_(name),
      StopConfigurationRecorder: ({ ConfigurationRecorderName: name }: { ConfigurationRecorderName: string }) => {
        this.recording.delete(this.known(name).name);
      },
      DeleteDeliveryChannel: ({ DeliveryChannelName: name }: { DeliveryChannelName: string }) =>
        this.deleteChannel(name),
      DeleteConfigurationRecorder: ({ ConfigurationRecorderName: name }: { ConfigurationRecorderName: string }) => {
        this.known(name);
        this.recorders = this.recorders.filter((recorder) => recorder.name !== name);
      },
    });
  }

  /** The calls that changed a setting, in order. */
  public get changes(): string[] {
    return this.requests.map(({ operation }) => operation).filter((operation) => !operation.startsWith('Describe'));
  }

  /** Adds the recorder and channel of an organization or another principal. */
  public setUpBySomebodyElse(recording = true, recordingGroup: object = EVERYTHING): void {
    this.recorders.push({ name: 'default', roleARN: 'arn:aws:iam::111122223333:role/theirs', recordingGroup });
    this.channels.push({ name: 'default', s3BucketName: 'theirs' });
    if (recording) this.recording.add('default');
  }

  private get ofCustomers(): Recorder[] {
    return this.recorders.filter(({ servicePrincipal }) => servicePrincipal === undefined);
  }

  private known(name: string): Recorder {
    const recorder = this.recorders.find((each) => each.name === name);
    if (!recorder) {
      throw new FakeAwsError(
        'NoSuchConfigurationRecorderException',
        `Cannot find configuration recorder with the specified name '${name}'.`,
      );
    }
    return recorder;
  }

  private putRecorder(recorder: Recorder): void {
    if (!this.knowsRole) throw new FakeAwsError('InvalidRoleException', 'The role cannot be assumed.');
    if (this.ofCustomers.some(({ name }) => name !== recorder.name)) {
      throw new FakeAwsError(
        'MaxNumberOfConfigurationRecordersExceededException',
        `Failed to put configuration recorder '${recorder.name}' because the maximum number of customer managed `
          + 'configuration records: 1 is reached.',
      );
    }
    this.recorders = [...this.recorders.filter(({ name }) => name !== recorder.name), recorder];
  }

  private putChannel(channel: Channel): void {
    if (this.ofCustomers.length === 0) {
      throw new FakeAwsError('NoAvailableConfigurationRecorderException', 'There is no configuration recorder.');
    }
    if (this.channels.some(({ name }) => name !== channel.name)) {
      throw new FakeAwsError(
        'MaxNumberOfDeliveryChannelsExceededException',
        'The maximum number of delivery channels: 1 is reached.',
      );
    }
    this.channels = [channel];
  }

  private start_(name: string): void {
    this.known(name);
    if (this.channels.length === 0) {
      throw new FakeAwsError(
        'NoAvailableDeliveryChannelException',
        'Delivery channel is not available to start configuration recorder.',
      );
    }
    this.recording.add(name);
  }

  private deleteChannel(name: string): void {
    if (!this.channels.some((channel) => channel.name === name)) {
      throw new FakeAwsError(
        'NoSuchDeliveryChannelException',
        `Cannot find delivery channel with specified name '${name}'.`,
      );
    }
    if (this.recording.size > 0) {
      throw new FakeAwsError(
        'LastDeliveryChannelDeleteFailedException',
        `Failed to delete last specified delivery channel with name '${name}', because there is a running `
          + 'configuration recorder.',
      );
    }
    this.channels = [];
  }
}

/** The operation of IAM that creates service-linked roles, with the XML protocol. */
export class FakeIam extends FakeHttp {
  /** The services with a service-linked role. */
  public readonly roles = new Set<string>();
  /** The error of the next call. */
  public refusal?: { readonly code: string; readonly message: string };

  protected nameOf({ body }: Arrived): string {
    const form = new URLSearchParams(body.toString());
    return `${form.get('Action')} ${form.get('AWSServiceName')}`;
  }

  protected perform(call: string): Reply {
    const service = call.split(' ')[1];
    const refusal =
      this.refusal ??
      (this.roles.has(service)
        ? {
          code: 'InvalidInput',
          message:
              'Service role name AWSServiceRoleForConfig has been taken in this account, please try a different '
                + 'suffix.',
        }
        : undefined);
    if (refusal) return { status: 400, body: this.errorBody(refusal.code, refusal.message) };
    this.roles.add(service);
    return {
      body: '<CreateServiceLinkedRoleResponse><CreateServiceLinkedRoleResult/></CreateServiceLinkedRoleResponse>',
    };
  }

  protected errorBody(code: string, message = code): string {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
    return `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>`;
  }
}
