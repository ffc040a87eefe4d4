import type {
  ConfigurationRecorder, DeliveryChannel, RecordingGroup, ResourceType,
} from '@aws-sdk/client-config-service';
import { RecorderProperties } from './contract';
import { Place } from '../account-switch';

/** The service-linked role of AWS Config. The control Config.1 of Security Hub requires it. */
export const CONFIG_SERVICE = 'config.amazonaws.com';
const CONFIG_ROLE = 'AWSServiceRoleForConfig';

/**
 * The types that a recorder of all types leaves out without `includeGlobalResourceTypes`.
 * https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigurationRecorder.html
 */
const GLOBAL_TYPES = ['AWS::IAM::Group', 'AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::IAM::User'];

/** The recorder and the delivery channel that the properties of the custom resource describe. */
export class RecorderSettings {
  constructor(
    private readonly properties: RecorderProperties,
    private readonly place: Place,
    private readonly name: string,
  ) {}

  public get recorder(): ConfigurationRecorder {
    const { ExcludedTypes = [], Frequency } = this.properties;
    return {
      name: this.name,
      roleARN:
        `arn:${this.place.partition}:iam::${this.place.account}:role/` +
        `aws-service-role/${CONFIG_SERVICE}/${CONFIG_ROLE}`,
      recordingGroup:
        ExcludedTypes.length === 0
          ? {
            allSupported: true,
            includeGlobalResourceTypes: true,
            recordingStrategy: { useOnly: 'ALL_SUPPORTED_RESOURCE_TYPES' },
          }
          : {
            exclusionByResourceTypes: { resourceTypes: ExcludedTypes as ResourceType[] },
            recordingStrategy: { useOnly: 'EXCLUSION_BY_RESOURCE_TYPES' },
          },
      recordingMode: { recordingFrequency: Frequency },
    };
  }

  public get channel(): DeliveryChannel {
    return {
      name: this.name,
      s3BucketName: this.properties.BucketName,
      s3KmsKeyArn: this.properties.KeyArn,
      configSnapshotDeliveryProperties: { deliveryFrequency: 'TwentyFour_Hours' },
    };
  }

  /** Whether the recorder of this stack, and its channel if it has one, have exactly these settings. */
  public areThoseOf(recorder: ConfigurationRecorder, channel: DeliveryChannel | undefined): boolean {
    const { roleARN, recordingGroup } = this.recorder;
    const isOwn = channel?.name === this.name;
    return recorder.roleARN === roleARN
      && recordedTypes(recorder.recordingGroup) === recordedTypes(recordingGroup)
      && this.frequencyGap(recorder).length === 0
      && (!isOwn || (
        channel.s3BucketName === this.channel.s3BucketName && channel.s3KmsKeyArn === this.channel.s3KmsKeyArn));
  }

  /**
   * The types that the recorder does not record or records less often, although the stack requires it. Without a
   * frequency, as with `adopt`, both frequencies are sufficient.
   */
  public gaps(recorder: ConfigurationRecorder): string[] {
    const types = missingTypes(recorder.recordingGroup, this.properties);
    return [...(types.length > 0 ? [`does not record ${types.join(', ')}`] : []), ...this.frequencyGap(recorder)];
  }

  private frequencyGap({ recordingMode }: ConfigurationRecorder): string[] {
    const { Frequency } = this.properties;
    const overrides = recordingMode?.recordingModeOverrides ?? [];
    const others = [
      { of: 'every type', recordingFrequency: recordingMode?.recordingFrequency ?? 'CONTINUOUS' },
      ...overrides.map(({ resourceTypes = [], recordingFrequency }) =>
        ({ of: resourceTypes.join(', '), recordingFrequency })),
    ].filter(({ recordingFrequency }) => recordingFrequency !== Frequency);
    if (Frequency === undefined) return [];
    return others.map(({ of, recordingFrequency }) =>
      `records ${of} with the frequency ${recordingFrequency} instead of ${Frequency}`);
  }
}

/** The types that a group records, in one text that two groups can be compared by. */
function recordedTypes(group: RecordingGroup | undefined): string {
  const { strategy, types } = recordedBy(group);
  return [strategy, ...[...types].sort()].join();
}

/**
 * The types that a group leaves out and that the properties require, each by its name. A group of listed types leaves
 * out so many that the text names the listed ones.
 */
function missingTypes(
  group: RecordingGroup | undefined, { ExcludedTypes = [], RequiredTypes }: RecorderProperties,
): string[] {
  const { strategy, types } = recordedBy(group);
  if (strategy === 'only') {
    return RequiredTypes?.filter((type) => !types.includes(type)) ?? [`any type except ${types.join(', ') || 'none'}`];
  }
  return types.filter((type) => RequiredTypes?.includes(type) ?? !ExcludedTypes.includes(type)).sort();
}

/**
 * The listed types of a group, and whether it records only these or all others. Older recorders have no strategy.
 * https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html
 */
function recordedBy(group: RecordingGroup = { allSupported: true }): { strategy: 'only' | 'except'; types: string[] } {
  const excluded = group.exclusionByResourceTypes?.resourceTypes ?? [];
  const useOnly = group.recordingStrategy?.useOnly;
  if (group.allSupported || useOnly === 'ALL_SUPPORTED_RESOURCE_TYPES') {
    return { strategy: 'except', types: group.includeGlobalResourceTypes ? [] : GLOBAL_TYPES };
  }
  if (useOnly === 'EXCLUSION_BY_RESOURCE_TYPES' || (useOnly === undefined && excluded.length > 0)) {
    return { strategy: 'except', types: excluded };
  }
  return { strategy: 'only', types: group.resourceTypes ?? [] };
}
