import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Replication, REPLICATION_RULE } from './replication';
import { AlarmDefinition } from '../monitoring/alarm-definition';
import { MonitoringPlan } from '../monitoring/monitored';
import { Notification } from '../monitoring/notification';

/** The ID of the request metrics of all objects, which is one of their dimensions. */
export const REQUEST_METRICS = 'AllObjects';
/** The thresholds of the alarms on requests, in percent. A single failed request at night exceeds them. */
export const SERVER_ERROR_PERCENT = 5;
export const CLIENT_ERROR_PERCENT = 50;
/** The number of consecutive periods of five minutes. */
export const ERROR_PERIODS = 3;

const PERIOD_MINUTES = 5;
const PERCENT = 100;
const SOURCE = ['aws.guardduty'];
const EVENT = 'GuardDuty Malware Protection';

/** The parts of a bucket that have alarms. */
export interface WatchedBucket {
  readonly path: string;
  readonly bucket: s3.IBucket;
  readonly replication?: Replication;
  readonly scans: boolean;
  readonly hasRequestMetrics: boolean;
}

/** The alarms, widgets and notifications of a bucket. */
export function bucketPlan(watched: WatchedBucket): MonitoringPlan {
  const { path, bucket, replication, scans, hasRequestMetrics } = watched;
  const failed = replication && failedReplication(bucket, replication);
  const requests = hasRequestMetrics ? requestAlarms(path, bucket) : [];
  return {
    title: `Bucket ${path}`,
    alarms: [...failed ? [replicationAlarm(path, failed)] : [], ...requests],
    widgets: [
      ...sizeWidgets(bucket),
      ...failed ? [graph('Failed replications', failed)] : [],
      ...hasRequestMetrics ? [graph('Share of failed requests', ...requests.map(({ metric }) => metric))] : [],
    ],
    notifications: scans ? scanNotifications(path, bucket) : undefined,
  };
}

/** S3 publishes these metrics once a day, without a charge. */
function sizeWidgets(bucket: s3.IBucket): cloudwatch.IWidget[] {
  const daily = (metricName: string, storageType: string) => new cloudwatch.Metric({
    namespace: 'AWS/S3',
    metricName,
    dimensionsMap: { BucketName: bucket.bucketName, StorageType: storageType },
    statistic: cloudwatch.Stats.AVERAGE,
    period: Duration.days(1),
  });
  return [
    graph('Objects, with noncurrent versions', daily('NumberOfObjects', 'AllStorageTypes')),
    graph('Size of the standard storage class (bytes)', daily('BucketSizeBytes', 'StandardStorage')),
  ];
}

function graph(title: string, ...left: cloudwatch.IMetric[]): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({ title, left, leftYAxis: { min: 0 } });
}

/**
 * The failed replications. S3 publishes this metric in the region of the source.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
 */
function failedReplication(bucket: s3.IBucket, { destinationName }: Replication): cloudwatch.IMetric {
  return new cloudwatch.Metric({
    namespace: 'AWS/S3',
    metricName: 'OperationsFailedReplication',
    dimensionsMap: {
      SourceBucket: bucket.bucketName, DestinationBucket: destinationName, RuleId: REPLICATION_RULE,
    },
    statistic: cloudwatch.Stats.SUM,
    period: Duration.minutes(PERIOD_MINUTES),
  });
}

function replicationAlarm(path: string, metric: cloudwatch.IMetric): AlarmDefinition {
  return {
    id: 'FailedReplication',
    metric,
    threshold: 0,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: `S3 could not replicate objects of ${path}, which now have no copy. First compare the role, the `
      + 'policies of the destination bucket and of its key, its versioning and its object lock with the template. Then '
      + 'replicate the failed objects with an S3 Batch Replication job.',
  };
}

function requestAlarms(path: string, bucket: s3.IBucket): AlarmDefinition[] {
  // The average of these metrics is the share of requests, from 0 to 1.
  const share = (metricName: string) => new cloudwatch.Metric({
    namespace: 'AWS/S3',
    metricName,
    dimensionsMap: { BucketName: bucket.bucketName, FilterId: REQUEST_METRICS },
    statistic: cloudwatch.Stats.AVERAGE,
    period: Duration.minutes(PERIOD_MINUTES),
  });
  const lasting = { evaluationPeriods: ERROR_PERIODS, missingData: cloudwatch.TreatMissingData.NOT_BREACHING };
  return [
    {
      id: 'ServerErrors',
      metric: share('5xxErrors'),
      threshold: SERVER_ERROR_PERCENT / PERCENT,
      ...lasting,
      description: `S3 has answered more than ${SERVER_ERROR_PERCENT} % of the requests to ${path} with 5XX for 15 `
        + 'minutes. First look at the AWS Health Dashboard. Responses with 503 Slow Down mean too many requests to one '
        + 'prefix: divide the keys among several prefixes.',
    },
    {
      id: 'ClientErrors',
      metric: share('4xxErrors'),
      threshold: CLIENT_ERROR_PERCENT / PERCENT,
      ...lasting,
      description: `S3 has answered more than ${CLIENT_ERROR_PERCENT} % of the requests to ${path} with 4XX for 15 `
        + 'minutes. First look in the access logs for the requesters and the status: 403 means that a policy or the '
        + 'gate of the malware scan denied the request, 404 that an object is missing. If the requester is unknown, '
        + 'revoke its credentials.',
    },
  ];
}

/**
 * The notifications about scans. Their messages contain no keys of objects, which can contain PHI.
 * https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html
 */
function scanNotifications(path: string, { bucketName }: s3.IBucket): Notification[] {
  const object = { s3ObjectDetails: { bucketName: [bucketName] } };
  const result = (...scanResultStatus: string[]) => ({ ...object, scanResultDetails: { scanResultStatus } });
  const notification = (
    id: string, types: string[], detail: { [field: string]: unknown }, description: string, message: string,
  ) => Notification.event({
    id,
    eventPattern: { source: SOURCE, detailType: types.map((type) => `${EVENT} ${type}`), detail },
    description,
    message,
  });
  return [
    notification('MalwareFound', ['Object Scan Result'], result('THREATS_FOUND'), `Malware in ${path}`,
      `GuardDuty found malware in an object of ${path}. Nobody can read the object. First find it by its tag `
      + 'GuardDutyMalwareScanStatus=THREATS_FOUND, and who uploaded it in the access logs. Keep it as evidence or '
      + 'delete it, and block the account of the person if the upload was not accidental.'),
    notification('ScanIncomplete', ['Object Scan Result'], result('ACCESS_DENIED', 'FAILED', 'UNSUPPORTED'),
      `Objects of ${path} that were not scanned`,
      `GuardDuty could not scan an object of ${path}, so nobody can read it. First read its tag `
      + 'GuardDutyMalwareScanStatus: UNSUPPORTED means a size or an archive above the quotas, ACCESS_DENIED a missing '
      + 'permission of the scan role. Then request a scan with aws guardduty send-object-malware-scan.'),
    notification('ScanNotTagged', ['Post Scan Action Failed'], object, `Objects of ${path} without a scan tag`,
      `GuardDuty scanned an object of ${path} but could not tag it, so nobody can read it. First check that the object `
      + 'has fewer than 10 tags and that the scan role can tag objects. Then request a scan with aws guardduty '
      + 'send-object-malware-scan.'),
    notification('ScanStopped', ['Resource Status Warning', 'Resource Status Error'],
      { s3BucketDetails: { bucketName: [bucketName] } }, `Malware scan of ${path} is degraded`,
      `GuardDuty reports a warning or an error of the malware protection plan of ${path}. Without scans, nobody can `
      + 'read new objects. First read the reasons with aws guardduty get-malware-protection-plan. Then restore the '
      + 'scan role and the key policy, for example with a drift-aware change set.'),
  ];
}
