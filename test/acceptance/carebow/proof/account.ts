import { Template } from 'aws-cdk-lib/assertions';
import { BUCKET, TOPIC } from './parts';
import { alarms, all, only, propertiesOf, ref, text } from '../../../support/template/reading';

const TRAIL = 'AWS::CloudTrail::Trail';
const PACK = 'AWS::Config::ConformancePack';

const rules = (template: Template) =>
  [...text(propertiesOf(template, PACK, only(template, PACK)).TemplateBody).matchAll(/^ +ConfigRuleName: (.+)$/gm)]
    .map(([, name]) => name);

/** Calls in all regions, with the reads and writes of objects, in files that nobody can delete for six years. */
export function everyCallIsRecorded(template: Template) {
  const trail = propertiesOf(template, TRAIL, only(template, TRAIL));
  expect(trail).toMatchObject({
    IsLogging: true,
    IsMultiRegionTrail: true,
    IncludeGlobalServiceEvents: true,
    EnableLogFileValidation: true,
    EventSelectors: [
      { IncludeManagementEvents: true, ReadWriteType: 'All', DataResources: [{ Type: 'AWS::S3::Object' }] },
    ],
  });
  expect(propertiesOf(template, BUCKET, trail.S3BucketName.Ref).ObjectLockConfiguration.Rule.DefaultRetention)
    .toEqual({ Mode: 'COMPLIANCE', Days: 2192 });
}

/** AWS Config records all resources, and the 130 rules of the HIPAA pack evaluate them. */
export function config(template: Template) {
  expect(propertiesOf(template, 'Custom::ConfigRecorder', only(template, 'Custom::ConfigRecorder'))).toMatchObject({
    Mode: 'create', Frequency: 'CONTINUOUS', ExcludedTypes: [],
  });
  expect(rules(template)).toHaveLength(130);
}

/** The detector and its protection plans. A rule sends the findings of high severity to the topic. */
export function guardDuty(template: Template) {
  const features = all(template, 'Custom::GuardDutyFeature').map(({ Properties }) => Properties);
  expect(features.filter(({ Mode }) => Mode !== 'create')).toEqual([]);
  expect(features.map(({ Feature }) => Feature)).toEqual(
    expect.arrayContaining(['DETECTOR', 'RDS_LOGIN_EVENTS', 'S3_DATA_EVENTS']),
  );
  const sends = all(template, 'AWS::Events::Rule').map(({ Properties }) => Properties)
    .filter(({ EventPattern }) => EventPattern?.source?.includes('aws.guardduty')
      && EventPattern['detail-type']?.includes('GuardDuty Finding'));
  expect(sends).toMatchObject([{ State: 'ENABLED', Targets: [{ Arn: ref(only(template, TOPIC)) }] }]);
}

/** AWS Config reports users without MFA, and an alarm a console login without MFA. */
export function mfa(template: Template) {
  expect(rules(template)).toEqual(expect.arrayContaining(
    ['iam-user-mfa-enabled', 'mfa-enabled-for-iam-console-access', 'root-account-mfa-enabled'],
  ));
  expect(alarms(template)).toContainEqual(expect.objectContaining({
    metric: 'ConsoleWithoutMfa',
    threshold: 0,
    comparison: 'GreaterThanThreshold',
    actions: [ref(only(template, TOPIC))],
  }));
}

/** AWS Config and Access Analyzer evaluate the policies continuously, and changes of policies notify the topic. */
export function policiesAreReviewed(template: Template) {
  expect(rules(template)).toEqual(expect.arrayContaining([
    'iam-policy-no-statements-with-admin-access', 'iam-user-unused-credentials-check', 'iam-no-inline-policy-check',
    'access-keys-rotated',
  ]));
  only(template, 'Custom::AccessAnalyzer', { Mode: 'create' });
  expect(alarms(template)).toContainEqual(expect.objectContaining({ metric: 'IamChangedByHand' }));
}
