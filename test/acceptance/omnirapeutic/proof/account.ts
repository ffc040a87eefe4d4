import { Template } from 'aws-cdk-lib/assertions';
import { single, SIX_YEARS } from './parts';
import { Properties } from '../../../support/template/mutations';
import {
  all,
  CLOSED_TO_THE_PUBLIC,
  granted,
  only,
  propertiesOf,
  ref,
  rotatingKeys,
  text,
} from '../../../support/template/reading';
import { ALARM, BUCKET, BUCKET_POLICY, FLOW_LOG, LOG_GROUP, TOPIC } from '../../../support/template/types';

const TRAIL = 'AWS::CloudTrail::Trail';
const PACK = 'AWS::Config::ConformancePack';
const RECORDER = 'Custom::ConfigRecorder';
const RULE = 'AWS::Events::Rule';
export const FILTER = 'AWS::Logs::MetricFilter';
/** Rules that do not apply: guardrails-stack.ts states the reason for each. */
const LEFT_OUT = [
  'ebs-in-backup-plan',
  'ec2-resources-protected-by-backup-plan',
  'no-unrestricted-route-to-igw',
  's3-bucket-logging-enabled',
  's3-bucket-replication-enabled',
  's3-default-encryption-kms',
  'secretsmanager-rotation-enabled-check',
];
const ALL_RULES = 130;

const trail = (whole: Template) => propertiesOf(whole, TRAIL, only(whole, TRAIL));
export const trailLog = (whole: Template): string => trail(whole).CloudWatchLogsLogGroupArn['Fn::GetAtt'][0];

/**
 * Calls of the console, programs and the command line in all regions: changes, reads, and each read and write of an
 * object.
 */
export function everyCallIsRecorded(whole: Template) {
  const { IsLogging, IsMultiRegionTrail, IncludeGlobalServiceEvents, EnableLogFileValidation, EventSelectors } =
    trail(whole);
  expect({ IsLogging, IsMultiRegionTrail, IncludeGlobalServiceEvents, EnableLogFileValidation }).toEqual({
    IsLogging: true,
    IsMultiRegionTrail: true,
    IncludeGlobalServiceEvents: true,
    EnableLogFileValidation: true,
  });
  expect(EventSelectors).toMatchObject([
    { IncludeManagementEvents: true, ReadWriteType: 'All', DataResources: [{ Type: 'AWS::S3::Object' }] },
  ]);
  expect(EventSelectors[0]).not.toHaveProperty('ExcludeManagementEventSources');
  expect(EventSelectors[0].DataResources[0].Values.map(text)).toEqual([expect.stringMatching(/^arn:.*:s3$/)]);
}

/** Six years in a locked bucket that only the trail writes to, with its own key. */
export function recordsAreKept(whole: Template) {
  const { S3BucketName, KMSKeyId } = trail(whole);
  expect(rotatingKeys(whole)).toContainEqual(KMSKeyId);
  const { ObjectLockConfiguration, PublicAccessBlockConfiguration, VersioningConfiguration } = propertiesOf(
    whole,
    BUCKET,
    S3BucketName.Ref,
  );
  expect(ObjectLockConfiguration.Rule.DefaultRetention).toEqual({ Mode: 'COMPLIANCE', Days: SIX_YEARS });
  expect({ PublicAccessBlockConfiguration, VersioningConfiguration }).toEqual({
    PublicAccessBlockConfiguration: CLOSED_TO_THE_PUBLIC,
    VersioningConfiguration: { Status: 'Enabled' },
  });
  const policy = single(Object.values(whole.findResources(BUCKET_POLICY, { Properties: { Bucket: S3BucketName } })));
  const writing = policy.Properties.PolicyDocument.Statement.filter(
    ({ Effect, Action }: Properties) => Effect === 'Allow' && [Action].flat().includes('s3:PutObject'),
  );
  expect(writing).toMatchObject([
    {
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceArn': expect.anything() } },
    },
  ]);
  everyCallIsRecorded(whole);
}

/** CloudWatch keeps one year for searches and alarms, in a log group with a generated name. */
export function trailIsSearchable(whole: Template) {
  const { LogGroupName, RetentionInDays, KmsKeyId } = propertiesOf(whole, LOG_GROUP, trailLog(whole));
  expect({ LogGroupName, RetentionInDays, KmsKeyId }).toEqual({
    LogGroupName: undefined,
    RetentionInDays: 365,
    KmsKeyId: trail(whole).KMSKeyId,
  });
  const role: string = trail(whole).CloudWatchLogsRoleArn['Fn::GetAtt'][0];
  expect(granted(whole, role)).toMatchObject([
    { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] },
  ]);
  recordsAreKept(whole);
}

const packRules = (whole: Template) =>
  [...text(propertiesOf(whole, PACK, only(whole, PACK)).TemplateBody).matchAll(/^ +ConfigRuleName: (.+)$/gm)].map(
    ([, name]) => name,
  );

/** AWS Config records every resource continuously, and the pack evaluates it by all rules except eight. */
export function judgedByThePack(whole: Template) {
  const rules = packRules(whole);
  expect(rules).toHaveLength(ALL_RULES - LEFT_OUT.length);
  expect(rules).toEqual([...new Set(rules)]);
  expect(rules.filter((rule) => LEFT_OUT.includes(rule))).toEqual([]);
  const { Mode, Frequency, ExcludedTypes, BucketName } = propertiesOf(whole, RECORDER, only(whole, RECORDER));
  expect({ Mode, Frequency, ExcludedTypes }).toEqual({ Mode: 'create', Frequency: 'CONTINUOUS', ExcludedTypes: [] });
  expect(propertiesOf(whole, BUCKET, BucketName.Ref).PublicAccessBlockConfiguration).toEqual(CLOSED_TO_THE_PUBLIC);
}

/** An EventBridge rule notifies the topic of the findings of a service, from a severity. */
export const findingsAreTold = (source: string, severity: unknown[]) => (whole: Template) => {
  const rules = all(whole, RULE).map(({ Properties: properties }) => properties);
  expect(single(rules.filter(({ EventPattern }) => EventPattern?.source?.includes(source)))).toMatchObject({
    State: 'ENABLED',
    EventPattern: { source: [source], detail: { severity } },
    Targets: [{ Arn: ref(only(whole, TOPIC)) }],
  });
};

/**
 * The detector and its features: objects, database logins, functions, volumes. Findings of high severity notify the
 * topic.
 */
export function threatsAreFound(whole: Template) {
  const features = all(whole, 'Custom::GuardDutyFeature').map(
    ({ Properties: { Feature, Mode } }) => `${Mode} ${Feature}`,
  );
  expect(features.sort()).toEqual(
    ['DETECTOR', 'EBS_MALWARE_PROTECTION', 'LAMBDA_NETWORK_LOGS', 'RDS_LOGIN_EVENTS', 'S3_DATA_EVENTS'].map(
      (feature) => `create ${feature}`,
    ),
  );
  findingsAreTold('aws.guardduty', [{ numeric: ['>=', 7] }])(whole);
}

/** An alarm fires for a console login without MFA, and AWS Config finds users without MFA. */
export function signingInWithoutMfaIsTold(whole: Template) {
  const filter = only(whole, FILTER, { MetricTransformations: [{ MetricName: 'ConsoleWithoutMfa' }] });
  const { LogGroupName, FilterPattern } = propertiesOf(whole, FILTER, filter);
  expect(LogGroupName).toEqual(ref(trailLog(whole)));
  expect(FilterPattern).toContain('($.additionalEventData.MFAUsed != "Yes")');
  const alarm = single(
    all(whole, ALARM).filter(({ Properties: { MetricName } }) => MetricName === 'ConsoleWithoutMfa'),
  );
  expect(alarm.Properties).toMatchObject({
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 0,
    AlarmActions: [ref(only(whole, TOPIC))],
  });
  expect(packRules(whole)).toEqual(
    expect.arrayContaining(['iam-user-mfa-enabled', 'mfa-enabled-for-iam-console-access', 'root-account-mfa-enabled']),
  );
}

export const flowLog = (whole: Template) => propertiesOf(whole, FLOW_LOG, only(whole, FLOW_LOG));
