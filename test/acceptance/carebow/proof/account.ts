import { Template } from 'aws-cdk-lib/assertions';
import { BUCKET, CLOSED_TO_THE_PUBLIC, TOPIC } from './parts';
import { above, fires, of, quiet, readable } from '../../../support/template/alarms';
import { countsLines } from '../../../support/template/log-metrics';
import {
  all, expectSame, only, propertiesOf, ref, rotatingKeys, storesTakeTlsAlone, text, theOne,
} from '../../../support/template/reading';

const trailOf = theOne('AWS::CloudTrail::Trail');
const arnOf = ({ Arn }: { Arn: unknown }) => Arn;
const PACK = 'AWS::Config::ConformancePack';

const rules = (template: Template) =>
  [...text(propertiesOf(template, PACK, only(template, PACK)).TemplateBody).matchAll(/^ +ConfigRuleName: (.+)$/gm)]
    .map(([, name]) => name);

/** Calls in all regions, with the reads and writes of objects, in files that nobody can delete for six years. */
export function everyCallIsRecorded(template: Template) {
  const trail = trailOf(template);
  const { IsLogging, IsMultiRegionTrail, IncludeGlobalServiceEvents, EnableLogFileValidation, EventSelectors } = trail;
  expect({ IsLogging, IsMultiRegionTrail, IncludeGlobalServiceEvents, EnableLogFileValidation }).toEqual({
    IsLogging: true, IsMultiRegionTrail: true, IncludeGlobalServiceEvents: true, EnableLogFileValidation: true,
  });
  const everyBucket = { 'Fn::Join': ['', ['arn:', ref('AWS::Partition'), ':s3']] };
  expect(EventSelectors).toEqual([{
    IncludeManagementEvents: true,
    ReadWriteType: 'All',
    DataResources: [{ Type: 'AWS::S3::Object', Values: [everyBucket] }],
  }]);
  expect(rotatingKeys(template)).toContainEqual(trail.KMSKeyId);
  storesTakeTlsAlone(template);
  expect(propertiesOf(template, BUCKET, trail.S3BucketName.Ref)).toMatchObject({
    ObjectLockConfiguration: {
      ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 2192 } },
    },
    PublicAccessBlockConfiguration: CLOSED_TO_THE_PUBLIC,
  });
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
  expectSame(features.map(({ Feature }) => Feature), [
    'DETECTOR', 'S3_DATA_EVENTS', 'RDS_LOGIN_EVENTS', 'LAMBDA_NETWORK_LOGS', 'EBS_MALWARE_PROTECTION',
  ]);
  const sends = all(template, 'AWS::Events::Rule').map(({ Properties }) => Properties)
    .filter(({ EventPattern }) => EventPattern?.source?.includes('aws.guardduty'));
  expect(sends.map(({ State, EventPattern, Targets }) => ({ State, EventPattern, to: Targets.map(arnOf) }))).toEqual([{
    State: 'ENABLED',
    EventPattern: {
      'source': ['aws.guardduty'],
      'detail-type': ['GuardDuty Finding'],
      'detail': { severity: [{ numeric: ['>=', 7] }] },
    },
    to: [ref(only(template, TOPIC))],
  }]);
}

/** The filter counts the events of the trail that match, and an alarm fires at the first one. */
function firesAtEvent(template: Template, metric: string, pattern: string) {
  const [, log] = /^(\w+)\.Arn$/.exec(readable(trailOf(template).CloudWatchLogsLogGroupArn))!;
  const namespace = countsLines(template, metric, pattern, log);
  fires(template, `Guardrails${metric}`, { metrics: of(namespace, {})(metric, 'Sum'), ...above(0), ...quiet });
}

/** The calls that change who may do what. */
const CHANGES_OF_POLICIES = [
  'DeleteGroupPolicy', 'DeleteRolePolicy', 'DeleteUserPolicy', 'PutGroupPolicy', 'PutRolePolicy', 'PutUserPolicy',
  'CreatePolicy', 'DeletePolicy', 'CreatePolicyVersion', 'DeletePolicyVersion', 'AttachRolePolicy', 'DetachRolePolicy',
  'AttachUserPolicy', 'DetachUserPolicy', 'AttachGroupPolicy', 'DetachGroupPolicy', 'SetDefaultPolicyVersion',
  'UpdateAssumeRolePolicy',
];

/** AWS Config reports users without MFA, and an alarm a console login without MFA. */
export function mfa(template: Template) {
  expect(rules(template)).toEqual(expect.arrayContaining(
    ['iam-user-mfa-enabled', 'mfa-enabled-for-iam-console-access', 'root-account-mfa-enabled'],
  ));
  firesAtEvent(template, 'ConsoleWithoutMfa', '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != '
    + '"Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }');
}

/** AWS Config and Access Analyzer evaluate the policies continuously, and changes of policies notify the topic. */
export function policiesAreReviewed(template: Template) {
  expect(rules(template)).toEqual(expect.arrayContaining([
    'iam-policy-no-statements-with-admin-access', 'iam-user-unused-credentials-check', 'iam-no-inline-policy-check',
    'access-keys-rotated',
  ]));
  only(template, 'Custom::AccessAnalyzer', { Mode: 'create' });
  const calls = CHANGES_OF_POLICIES.map((name) => `($.eventName = ${name})`).join(' || ');
  firesAtEvent(template, 'IamChangedByHand', `{ ($.eventSource = "iam.amazonaws.com") && (${calls}) `
    + '&& ($.sourceIPAddress != "cloudformation.amazonaws.com") }');
}
