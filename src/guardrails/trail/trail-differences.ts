import type { GetEventSelectorsResponse, GetTrailStatusResponse, Trail } from '@aws-sdk/client-cloudtrail';
import { TrailSettings } from '../drift/contract';

/** The differences between a trail and the trail of the stack. */
export function settingDifferences(
  trail: Trail, selectors: GetEventSelectorsResponse, wanted: TrailSettings,
): string[] {
  const settings: Array<[what: string, found: unknown, required: unknown]> = [
    ['logs all regions', trail.IsMultiRegionTrail, true],
    ['logs global services', trail.IncludeGlobalServiceEvents, true],
    ['validates its log files', trail.LogFileValidationEnabled, true],
    ['bucket', trail.S3BucketName, wanted.BucketName],
    ['key', trail.KmsKeyId, wanted.KeyArn],
    ['log group', withoutStreams(trail.CloudWatchLogsLogGroupArn), withoutStreams(wanted.LogGroupArn)],
    ['role', trail.CloudWatchLogsRoleArn, wanted.RoleArn],
  ];
  return [
    ...settings.filter(([, found, required]) => found !== required).map(([what, found, required]) =>
      `The trail ${wanted.Name} has other settings than the stack: ${what} is ${found ?? 'not set'} instead of `
      + `${required}`),
    ...selectorDifferences(selectors, wanted),
  ];
}

/**
 * The failures of the last deliveries of a trail.
 *
 * The cause can be a changed key, bucket or role. CloudTrail publishes no metric about it. The status is that of the
 * region of the request.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
 */
export function statusDifferences(name: string, status: GetTrailStatusResponse): string[] {
  const deliveries: Array<[what: string, error: string | undefined]> = [
    ['log files to its bucket', status.LatestDeliveryError],
    ['digests to its bucket', status.LatestDigestDeliveryError],
    ['events to its log group', status.LatestCloudWatchLogsDeliveryError],
  ];
  return [
    ...(status.IsLogging ? [] : [`The trail ${name} does not log`]),
    ...deliveries.filter(([, error]) => error).map(([what, error]) =>
      `The trail ${name} cannot deliver ${what}: ${error}`),
  ];
}

/** The difference if a trail does not log all management events, which the alarms need. */
export function managementDifferences(
  name: string, { EventSelectors = [], AdvancedEventSelectors = [] }: GetEventSelectorsResponse,
): string[] {
  const isManaged = EventSelectors.some(({ ReadWriteType, IncludeManagementEvents, ExcludeManagementEventSources }) =>
    ReadWriteType === 'All' && IncludeManagementEvents && !ExcludeManagementEventSources?.length)
    || AdvancedEventSelectors.some(({ FieldSelectors = [] }) => FieldSelectors.length === 1
      && FieldSelectors[0].Field === 'eventCategory' && FieldSelectors[0].Equals?.includes('Management'));
  return isManaged ? [] : [`The trail ${name} does not log all management events`];
}

function selectorDifferences(selectors: GetEventSelectorsResponse, wanted: TrailSettings): string[] {
  const { EventSelectors = [], AdvancedEventSelectors = [] } = selectors;
  const all = EventSelectors.filter(({ ReadWriteType }) => ReadWriteType === 'All');
  const logged = all.flatMap(({ DataResources = [] }) => DataResources)
    .flatMap(({ Type, Values = [] }) => Type === 'AWS::S3::Object' ? Values : []);
  const missing = wanted.DataEventArns?.filter((arn) => !logged.includes(arn)) ?? [];
  const tooFew = logged.length < Number(wanted.DataEvents);
  return [
    ...(AdvancedEventSelectors.length === 0
      ? [] : [`The trail ${wanted.Name} has advanced event selectors, which the stack does not set`]),
    ...managementDifferences(wanted.Name, selectors),
    ...missing.map((arn) => `The trail ${wanted.Name} does not log the object-level events of ${arn}`),
    ...(tooFew && missing.length === 0
      ? [`The trail ${wanted.Name} logs the object-level events of ${logged.length} instead of ${wanted.DataEvents} `
        + 'ARNs'] : []),
  ];
}

/** The ARN of a log group without the end `:*`. */
function withoutStreams(arn: string | undefined): string | undefined {
  return arn?.replace(/:\*$/, '');
}
