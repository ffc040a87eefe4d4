import { Stack } from 'aws-cdk-lib';
import { anImportedReplica, reports } from './some-bucket';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { MalwareScan } from '../../src/storage/malware-scan';
import { newStack, propertiesOf, templateOf } from '../support/app';

let stack: Stack;
beforeEach(() => stack = newStack());

const ids = (scope: Stack) => Object.keys(propertiesOf(templateOf(scope), 'AWS::CloudWatch::Alarm'));

test('a bucket without options has widgets and no alarms', () => {
  const plan = reports(stack).monitoringPlan();
  expect(plan).toMatchObject({ title: 'Bucket Stack/Reports', alarms: [], notifications: undefined });
  expect(plan.widgets).toHaveLength(2);
});

test('request metrics add alarms on the share of 4XX and 5XX responses', () => {
  new WorkloadMonitoring(stack, 'Monitoring').watch(reports(stack, { requestMetrics: true }));
  const alarms = Object.values(propertiesOf(templateOf(stack), 'AWS::CloudWatch::Alarm'));
  expect(alarms.map(({ MetricName, Threshold, EvaluationPeriods }) => [MetricName, Threshold, EvaluationPeriods]))
    .toEqual([['5xxErrors', 0.05, 3], ['4xxErrors', 0.5, 3]]);
  expect(alarms[0].Dimensions).toContainEqual({ Name: 'FilterId', Value: 'AllObjects' });
  templateOf(stack).hasResourceProperties('AWS::S3::Bucket', { MetricsConfigurations: [{ Id: 'AllObjects' }] });
});

test('replication adds an alarm on each failed replication', () => {
  new WorkloadMonitoring(stack, 'Monitoring').watch(reports(stack, { replicaBucket: anImportedReplica(stack) }));
  templateOf(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'AWS/S3',
    MetricName: 'OperationsFailedReplication',
    Dimensions: [
      { Name: 'DestinationBucket', Value: 'clinic-replicas' },
      { Name: 'RuleId', Value: 'AllObjects' },
      { Name: 'SourceBucket', Value: { Ref: 'ReportsBucket95FE29A2' } },
    ],
    Statistic: 'Sum',
    Threshold: 0,
  });
});

test('a scan adds notifications, whose messages contain no key of an object', () => {
  new WorkloadMonitoring(stack, 'Monitoring').watch(reports(stack, { malwareScan: MalwareScan.allObjects() }));
  const rules = Object.values(propertiesOf(templateOf(stack), 'AWS::Events::Rule'));
  const bucketName = [{ Ref: 'ReportsBucket95FE29A2' }];
  expect(rules.map(({ EventPattern }) => EventPattern['detail-type'])).toEqual([
    ['GuardDuty Malware Protection Object Scan Result'],
    ['GuardDuty Malware Protection Object Scan Result'],
    ['GuardDuty Malware Protection Post Scan Action Failed'],
    ['GuardDuty Malware Protection Resource Status Warning', 'GuardDuty Malware Protection Resource Status Error'],
  ]);
  expect(rules.map(({ EventPattern }) => EventPattern.detail)).toEqual([
    { s3ObjectDetails: { bucketName }, scanResultDetails: { scanResultStatus: ['THREATS_FOUND'] } },
    {
      s3ObjectDetails: { bucketName },
      scanResultDetails: { scanResultStatus: ['ACCESS_DENIED', 'FAILED', 'UNSUPPORTED'] },
    },
    { s3ObjectDetails: { bucketName } },
    { s3BucketDetails: { bucketName } },
  ]);
  expect(rules.map(({ Targets }) => Targets[0].InputTransformer)).toEqual(Array(4).fill(undefined));
  expect(ids(stack)).toHaveLength(4);
});
