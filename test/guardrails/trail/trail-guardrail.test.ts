import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DataProtection } from '../../../src/core/data-protection';
import { RELAXATION_METADATA } from '../../../src/core/relaxation';
import { Guardrail } from '../../../src/guardrails/guardrail';
import { WorkloadMonitoring } from '../../../src/monitoring/workload-monitoring';
import { newApp, newStack, propertiesOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { adopt, alarmIds, Choice, create, only, skip, templateOf } from '../some-guardrails';

/** A stack with guardrails of which only the trail is set up. */
function stackWith(trail?: Choice, stack: Stack = newStack(), encryptionKey?: kms.IKey): Stack {
  only({ trail, encryptionKey }, stack);
  return stack;
}

const template = (trail?: Choice) => templateOf(stackWith(trail));
const buckets = (scope: Construct, count: number) =>
  Array.from({ length: count }, (_, index) => s3.Bucket.fromBucketName(scope, `B${index}`, `phi-${index}`));
/** The statements of the only policy of a type, by their SIDs. */
const statements = (made: Template, type: string, property = 'PolicyDocument') =>
  Object.fromEntries(
    Object.values(propertiesOf(made, type))[0][property].Statement.map((each: { Sid: string }) => [each.Sid, each]),
  );
const suffix = {
  'Fn::Select': [0, { 'Fn::Split': ['-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }] }],
};
const NAME = 'hipaa-trail-fcd08bbe-';
const trailArn = (region: unknown[] = [':cloudtrail:', { Ref: 'AWS::Region' }, ':']) => ({
  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...region, { Ref: 'AWS::AccountId' }, `:trail/${NAME}`, suffix]],
});

describe('the default trail', () => {
  const made = template();

  test('records every region, the calls of global services, reads and writes', () => {
    made.hasResourceProperties('AWS::CloudTrail::Trail', {
      IsLogging: true,
      IsMultiRegionTrail: true,
      IncludeGlobalServiceEvents: true,
      EventSelectors: [{ IncludeManagementEvents: true, ReadWriteType: 'All' }],
    });
  });

  test('records data events on the objects of every bucket', () => {
    made.hasResourceProperties('AWS::CloudTrail::Trail', {
      EventSelectors: [
        {
          DataResources: [
            { Type: 'AWS::S3::Object', Values: [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3']] }] },
          ],
        },
      ],
    });
  });

  test('validates its files, encrypts with the key, and writes to the bucket and the log group', () => {
    const id = (type: string) => Object.keys(made.findResources(type))[0];
    made.hasResourceProperties('AWS::CloudTrail::Trail', {
      EnableLogFileValidation: true,
      KMSKeyId: { 'Fn::GetAtt': [id('AWS::KMS::Key'), 'Arn'] },
      S3BucketName: { Ref: id('AWS::S3::Bucket') },
      CloudWatchLogsLogGroupArn: { 'Fn::GetAtt': [id('AWS::Logs::LogGroup'), 'Arn'] },
      CloudWatchLogsRoleArn: { 'Fn::GetAtt': [id('AWS::IAM::Role'), 'Arn'] },
    });
  });

  test('depends on the policies of its bucket and its role', () => {
    made.hasResource('AWS::CloudTrail::Trail', {
      DependsOn: Match.arrayWith(['GuardrailsTrailBucketPolicy2F2685B8', 'GuardrailsTrailLogRolePolicy0B132268']),
    });
  });

  test('has a name that is unique per stack', () => {
    made.hasResourceProperties('AWS::CloudTrail::Trail', { TrailName: { 'Fn::Join': ['', [NAME, suffix]] } });
  });

  test('is retained on stack deletion with everything that it needs, and a rolled-back creation deletes it', () => {
    for (const type of [
      'AWS::CloudTrail::Trail', 'AWS::IAM::Role', 'AWS::IAM::ManagedPolicy', 'AWS::S3::Bucket', 'AWS::KMS::Key',
    ]) {
      made.allResources(
        type,
        Match.objectLike({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }),
      );
    }
    // The policy protects a bucket with files, which a rollback cannot delete. Neither can it delete a protected log.
    made.allResources('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    made.allResources('AWS::S3::BucketPolicy', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('has an encrypted log group with a retention of one year for alarms; the files are the record', () => {
    made.hasResourceProperties('AWS::Logs::LogGroup', {
      RetentionInDays: 365, KmsKeyId: Match.anyValue(), DeletionProtectionEnabled: true,
    });
  });

  test('has a role that only writes to the log streams of CloudTrail', () => {
    const [{ PolicyDocument }] = Object.values(propertiesOf(made, 'AWS::IAM::ManagedPolicy'));
    expect(PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: {
          'Fn::Join': [
            '',
            [
              'arn:',
              { Ref: 'AWS::Partition' },
              ':logs:',
              { Ref: 'AWS::Region' },
              ':',
              { Ref: 'AWS::AccountId' },
              ':log-group:',
              { Ref: 'GuardrailsTrailLog2F341581' },
              ':log-stream:',
              { Ref: 'AWS::AccountId' },
              '_CloudTrail_',
              { Ref: 'AWS::Region' },
              '*',
            ],
          ],
        },
      },
    ]);
    made.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [{
          Principal: { Service: 'cloudtrail.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }],
      },
    });
  });
});

describe('the default bucket', () => {
  const made = template();
  const policy = statements(made, 'AWS::S3::BucketPolicy');

  test('allows nobody to delete a file or shorten its retention for six years', () => {
    made.hasResourceProperties('AWS::S3::Bucket', {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 2192 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: Match.arrayWith([Match.objectLike({ Id: 'Retention', ExpirationInDays: 2192 })]),
      },
    });
    expect(policy.NobodyDeletes).toMatchObject({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
    });
    expect(policy.NobodyDeletes.Condition).toBeUndefined();
  });

  test('allows only this trail to write, below the prefix of its account', () => {
    expect(policy.TrailWrites).toMatchObject({
      Effect: 'Allow',
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: {
        'Fn::Join': [
          '',
          [{ 'Fn::GetAtt': ['GuardrailsTrailBucket79AC19B3', 'Arn'] }, '/AWSLogs/', { Ref: 'AWS::AccountId' }, '/*'],
        ],
      },
      Condition: { StringEquals: { 'aws:SourceArn': trailArn(), 's3:x-amz-acl': 'bucket-owner-full-control' } },
    });
    expect(policy.NobodyElseWrites).toMatchObject({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 's3:PutObject',
      Condition: { ArnNotEquals: { 'aws:SourceArn': trailArn() } },
    });
    expect(policy.TrailLooks).toMatchObject({
      Action: 's3:GetBucketAcl',
      Condition: { StringEquals: { 'aws:SourceArn': trailArn() } },
    });
  });

  test('uses a data key for each file, because CloudTrail requests one for each file', () => {
    made.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' }, BucketKeyEnabled: Match.absent() },
        ],
      },
    });
  });
});

describe('the key', () => {
  test('allows this trail by name if the construct creates it', () => {
    const policy = statements(template(), 'AWS::KMS::Key', 'KeyPolicy');
    expect(policy.CloudTrail).toEqual({
      Sid: 'CloudTrail',
      Effect: 'Allow',
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: 'kms:GenerateDataKey',
      Resource: '*',
      Condition: {
        ArnLike: { 'aws:SourceArn': trailArn() },
        StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': trailArn([':cloudtrail:*:']) },
      },
    });
    expect(policy.CloudTrailLooks).toMatchObject({
      Action: 'kms:DescribeKey',
      Condition: { ArnLike: { 'aws:SourceArn': trailArn() } },
    });
    expect(policy.CloudWatchLogs).toBeDefined();
  });

  test('allows all trails of the account if it is given, so that it can be in another stack', () => {
    const app = newApp();
    const keys = new Stack(app, 'Keys');
    const stack = stackWith(undefined, new Stack(app, 'Stack'), new kms.Key(keys, 'Key'));
    templateOf(stack).resourceCountIs('AWS::KMS::Key', 0);
    expect(
      statements(templateOf(keys), 'AWS::KMS::Key', 'KeyPolicy').CloudTrail.Condition.ArnLike['aws:SourceArn'][
        'Fn::Join'
      ][1].at(-1),
    ).toBe(':trail/*');
    expect(keys.dependencies).toEqual([]);
  });
});

describe('phiBuckets', () => {
  test('a bucket that is listed twice is refused, also with two imports', () => {
    const stack = newStack();
    const [one] = buckets(stack, 1);
    const text = (path: string) =>
      `trail.phiBuckets must be a list of different values, got ${path} twice. Remove one of the two.`;
    expect(() => stackWith(create(Guardrail.TRAIL, { trail: { phiBuckets: [one, one] } }), stack)).toThrow(
      text('Stack/B0'));
    const other = newStack();
    const created = new s3.Bucket(other, 'Phi');
    expect(() => stackWith(create(Guardrail.TRAIL, { trail: { phiBuckets: [created, created] } }), other)).toThrow(
      text('Stack/Phi'));
    const third = newStack();
    const [first] = buckets(third, 1);
    const twin = s3.Bucket.fromBucketName(third, 'Again', 'phi-0');
    expect(() => stackWith(create(Guardrail.TRAIL, { trail: { phiBuckets: [first, twin] } }), third)).toThrow(
      text('Stack/Again'));
  });

  test('limits data events to the objects of these buckets', () => {
    const stack = newStack();
    stackWith(create(Guardrail.TRAIL, { trail: { phiBuckets: buckets(stack, 2) } }), stack);
    templateOf(stack).hasResourceProperties('AWS::CloudTrail::Trail', {
      EventSelectors: [
        {
          DataResources: [
            {
              Type: 'AWS::S3::Object',
              Values: [
                { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::phi-0/']] },
                { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::phi-1/']] },
              ],
            },
          ],
        },
      ],
    });
  });
});

describe('retention', () => {
  test('sets the expiration and the lock of files', () => {
    template(create(Guardrail.TRAIL, { trail: { retention: Duration.days(3653) } })).hasResourceProperties(
      'AWS::S3::Bucket',
      {
        ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 3653 } } },
        LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ ExpirationInDays: 3653 })]) },
      },
    );
  });

  test('locks nothing if data is disposable, and the trail is deleted before its bucket is emptied', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason: 'development' });
    const made = templateOf(stackWith(undefined, stack));
    made.hasResourceProperties('AWS::S3::Bucket', { ObjectLockConfiguration: Match.absent() });
    expect(statements(made, 'AWS::S3::BucketPolicy')).not.toHaveProperty('NobodyDeletes');
    made.hasResource('AWS::CloudTrail::Trail', {
      DeletionPolicy: 'Delete',
      DependsOn: Match.arrayWith([Object.keys(made.findResources('Custom::S3AutoDeleteObjects'))[0]]),
    });
  });
});

describe('adopt', () => {
  test('creates only the daily check and its key', () => {
    expect(Object.keys(template(adopt(Guardrail.TRAIL)).toJSON().Resources)).toEqual(['GuardrailsKey099910AF']);
  });

  test('monitors the log group if it is given', () => {
    const stack = newStack();
    const logGroup = logs.LogGroup.fromLogGroupName(stack, 'Theirs', 'organization-trail');
    const guardrails = only({ trail: adopt(Guardrail.TRAIL, { trail: { logGroup } }) }, stack);
    const made = templateOf(stack);
    made.resourceCountIs('AWS::Logs::MetricFilter', 40);
    made.allResourcesProperties('AWS::Logs::MetricFilter', { LogGroupName: 'organization-trail' });
    expect(guardrails.trailLogGroup).toBe(logGroup);
    expect(guardrails.monitoringPlan().alarms.map(({ id }) => id)).toContain('TrailSilent');
    expect(alarmIds(guardrails)).toHaveLength(22);
  });
});

describe('skipping', () => {
  test('creates no resource, adds a warning, and adds the reason to the report', () => {
    const stack = stackWith(skip(Guardrail.TRAIL, 'the organization has one'));
    expect(templateOf(stack).toJSON().Resources).toBeUndefined();
    Annotations.fromStack(stack).hasWarning('/Stack/Guardrails', Match.stringLikeRegexp(
      'the stack creates no CloudTrail trail \\(reason given: the organization has one\\)'));
    expect(
      stack.node
        .findChild('Guardrails')
        .node.metadata.filter(({ type }) => type === RELAXATION_METADATA)
        .map(({ data }) => data.id),
    ).toContain('cdk-hipaa:trail-skipped');
  });
});

describe('the alarms on the trail', () => {
  const stack = newStack();
  const guardrails = only({ trail: undefined }, stack);
  new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(guardrails);
  const made = templateOf(stack);
  const patterns: Record<string, string> = Object.fromEntries(
    Object.values(propertiesOf(made, 'AWS::Logs::MetricFilter')).map(
      ({ MetricTransformations: [{ MetricName }], FilterPattern }) => [MetricName, FilterPattern],
    ),
  );
  /** Every pattern of each metric. */
  const allPatterns = (name: string): string[] =>
    Object.values(propertiesOf(made, 'AWS::Logs::MetricFilter'))
      .filter(({ MetricTransformations: [{ MetricName }] }) => MetricName === name)
      .map(({ FilterPattern }) => FilterPattern);
  const alarms = Object.fromEntries(
    Object.values(propertiesOf(made, 'AWS::CloudWatch::Alarm'))
      .filter(({ MetricName }) => MetricName)
      .map((alarm) => [alarm.MetricName, alarm]),
  );

  test.each([
    ['RootUse', 0],
    ['ConsoleWithoutMfa', 0],
    ['ConsoleFailures', 5],
    ['DeniedCalls', 25],
    ['IamChangedByHand', 0],
    ['TrailChanged', 0],
    ['ConfigChanged', 0],
    ['KeyAtRisk', 0],
    ['BucketChangedByHand', 0],
    ['SecurityGroupChangedByHand', 0],
    ['NetworkAclChangedByHand', 0],
    ['GatewayChangedByHand', 0],
    ['RouteTableChangedByHand', 0],
    ['VpcChangedByHand', 0],
    ['KeyPolicyChangedByHand', 0],
    ['OrganizationChanged', 0],
    ['GuardrailSwitchedOff', 0],
    ['AlarmChainChangedByHand', 0],
    ['CredentialsCreatedByHand', 0],
    ['SafeguardChangedByHand', 0],
    ['SecretRotationFailed', 0],
  ])('include %s for more than %i events in five minutes', (name, Threshold) => {
    expect(alarms[name]).toMatchObject({
      Namespace: { 'Fn::Join': ['', [{ Ref: 'AWS::StackName' }, '/Guardrails/Trail']] },
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold,
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: Object.keys(made.findResources('AWS::SNS::Topic'))[0] }],
    });
    expect(JSON.stringify(alarms[name].AlarmDescription)).toContain('First ');
  });

  test('include no others', () => {
    expect(Object.keys(alarms)).toHaveLength(21);
    expect(Object.keys(patterns).sort()).toEqual(Object.keys(alarms).sort());
  });

  test('use filters that count one for each event and publish no zeros, which have a cost', () => {
    made.allResourcesProperties('AWS::Logs::MetricFilter', {
      LogGroupName: { Ref: 'GuardrailsTrailLog2F341581' },
      MetricTransformations: [{ MetricValue: '1', DefaultValue: Match.absent(), Unit: 'Count' }],
    });
  });

  test.each([
    [
      'RootUse',
      '{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != '
        + '"AwsServiceEvent") }',
    ],
    [
      'ConsoleWithoutMfa',
      '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = '
        + '"IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
    ],
    [
      'KeyAtRisk',
      '{ ($.eventSource = "kms.amazonaws.com") && (($.eventName = DisableKey) || '
        + '($.eventName = ScheduleKeyDeletion)) }',
    ],
    [
      'ConfigChanged',
      '{ ($.eventSource = "config.amazonaws.com") && (($.eventName = StopConfigurationRecorder) || ($.eventName = '
        + 'DeleteConfigurationRecorder) || ($.eventName = DeleteDeliveryChannel) || ($.eventName = '
        + 'PutDeliveryChannel) || ($.eventName = PutConfigurationRecorder)) }',
    ],
  ])('count these events for %s', (name, pattern) => {
    expect(patterns[name]).toBe(pattern);
  });

  const eventsOf = (name: string) => [...patterns[name].matchAll(/\$\.eventName = (\w+)/g)].map(([, event]) => event);

  test.each([
    [
      'OrganizationChanged',
      'organizations',
      [
        'AcceptHandshake',
        'AttachPolicy',
        'CreateAccount',
        'CreateOrganizationalUnit',
        'CreatePolicy',
        'DeclineHandshake',
        'DeleteOrganization',
        'DeleteOrganizationalUnit',
        'DeletePolicy',
        'DetachPolicy',
        'DisablePolicyType',
        'EnablePolicyType',
        'InviteAccountToOrganization',
        'LeaveOrganization',
        'MoveAccount',
        'RemoveAccountFromOrganization',
        'UpdateOrganizationalUnit',
        'UpdatePolicy',
      ],
    ],
    ['KeyPolicyChangedByHand', 'kms', ['PutKeyPolicy']],
    [
      'BucketChangedByHand',
      's3',
      [
        'DeleteAccountPublicAccessBlock',
        'DeleteBucketCors',
        'DeleteBucketEncryption',
        'DeleteBucketLifecycle',
        'DeleteBucketPolicy',
        'DeleteBucketPublicAccessBlock',
        'DeleteBucketReplication',
        'PutAccountPublicAccessBlock',
        'PutBucketAcl',
        'PutBucketCors',
        'PutBucketEncryption',
        'PutBucketLifecycle',
        'PutBucketLogging',
        'PutBucketObjectLockConfiguration',
        'PutBucketPolicy',
        'PutBucketPublicAccessBlock',
        'PutBucketReplication',
        'PutBucketVersioning',
        'PutObjectLockConfiguration',
      ],
    ],
    [
      'IamChangedByHand',
      'iam',
      [
        'AttachGroupPolicy',
        'AttachRolePolicy',
        'AttachUserPolicy',
        'CreatePolicy',
        'CreatePolicyVersion',
        'DeleteGroupPolicy',
        'DeletePolicy',
        'DeletePolicyVersion',
        'DeleteRolePolicy',
        'DeleteUserPolicy',
        'DetachGroupPolicy',
        'DetachRolePolicy',
        'DetachUserPolicy',
        'PutGroupPolicy',
        'PutRolePolicy',
        'PutUserPolicy',
        'SetDefaultPolicyVersion',
        'UpdateAssumeRolePolicy',
      ],
    ],
  ])('count these events for %s of %s', (name, service, expected) => {
    expect(eventsOf(name).sort()).toEqual(expected);
    expect(patterns[name]).toContain(`($.eventSource = "${service}.amazonaws.com")`);
  });

  test.each([
    ['GuardrailSwitchedOff', 'guardduty', 'DeleteDetector'],
    ['GuardrailSwitchedOff', 'guardduty', 'UpdateDetector'],
    ['GuardrailSwitchedOff', 'securityhub', 'DisableSecurityHub'],
    ['GuardrailSwitchedOff', 'securityhub', 'BatchDisableStandards'],
    ['GuardrailSwitchedOff', 'securityhub', 'BatchUpdateStandardsControlAssociations'],
    ['GuardrailSwitchedOff', 'guardduty', 'UpdateFilter'],
    ['GuardrailSwitchedOff', 'guardduty', 'CreateIPSet'],
    ['GuardrailSwitchedOff', 'guardduty', 'UpdateIPSet'],
    ['GuardrailSwitchedOff', 'guardduty', 'CreateTrustedEntitySet'],
    ['GuardrailSwitchedOff', 'securityhub', 'CreateAutomationRule'],
    ['GuardrailSwitchedOff', 'securityhub', 'BatchUpdateAutomationRules'],
    ['GuardrailSwitchedOff', 'securityhub', 'DisableImportFindingsForProduct'],
    ['GuardrailSwitchedOff', 'securityhub', 'UpdateSecurityControl'],
    ['GuardrailSwitchedOff', 'access-analyzer', 'UpdateAnalyzer'],
    ['GuardrailSwitchedOff', 'ec2', 'ModifyEbsDefaultKmsKeyId'],
    ['GuardrailSwitchedOff', 'ec2', 'ResetEbsDefaultKmsKeyId'],
    ['GuardrailSwitchedOff', 'inspector2', 'Disable'],
    ['GuardrailSwitchedOff', 'access-analyzer', 'DeleteAnalyzer'],
    ['GuardrailSwitchedOff', 'config', 'DeleteConformancePack'],
    ['GuardrailSwitchedOff', 'config', 'DeleteConfigRule'],
    ['GuardrailSwitchedOff', 'ec2', 'DisableEbsEncryptionByDefault'],
    ['GuardrailSwitchedOff', 'iam', 'DeleteAccountPasswordPolicy'],
    ['GuardrailSwitchedOff', 'iam', 'UpdateAccountPasswordPolicy'],
    ['AlarmChainChangedByHand', 'monitoring', 'DeleteAlarms'],
    ['AlarmChainChangedByHand', 'monitoring', 'DisableAlarmActions'],
    ['AlarmChainChangedByHand', 'monitoring', 'PutMetricAlarm'],
    ['AlarmChainChangedByHand', 'logs', 'PutMetricFilter'],
    ['AlarmChainChangedByHand', 'logs', 'DeleteMetricFilter'],
    ['AlarmChainChangedByHand', 'logs', 'DeleteLogGroup'],
    ['AlarmChainChangedByHand', 'logs', 'PutRetentionPolicy'],
    ['AlarmChainChangedByHand', 'logs', 'DeleteRetentionPolicy'],
    ['AlarmChainChangedByHand', 'events', 'PutRule'],
    ['AlarmChainChangedByHand', 'events', 'PutTargets'],
    ['AlarmChainChangedByHand', 'events', 'DisableRule'],
    ['AlarmChainChangedByHand', 'events', 'DeleteRule'],
    ['AlarmChainChangedByHand', 'events', 'RemoveTargets'],
    ['AlarmChainChangedByHand', 'sns', 'Unsubscribe'],
    ['AlarmChainChangedByHand', 'sns', 'DeleteTopic'],
    ['AlarmChainChangedByHand', 'sns', 'SetTopicAttributes'],
    ['AlarmChainChangedByHand', 'sns', 'SetSubscriptionAttributes'],
    ['AlarmChainChangedByHand', 'sns', 'RemovePermission'],
    ['AlarmChainChangedByHand', 'sns', 'PutDataProtectionPolicy'],
    ['AlarmChainChangedByHand', 'monitoring', 'PutAlarmMuteRule'],
    ['AlarmChainChangedByHand', 'logs', 'PutLogGroupDeletionProtection'],
    ['AlarmChainChangedByHand', 'logs', 'DisassociateKmsKey'],
    ['AlarmChainChangedByHand', 'logs', 'DeleteDelivery'],
    ['VpcChangedByHand', 'ec2', 'DeleteFlowLogs'],
    ['SafeguardChangedByHand', 'secretsmanager', 'CancelRotateSecret'],
    ['SafeguardChangedByHand', 'secretsmanager', 'DeleteSecret'],
    ['SafeguardChangedByHand', 'secretsmanager', 'DeleteResourcePolicy'],
    ['SafeguardChangedByHand', 'wafv2', 'AssociateWebACL'],
    ['SafeguardChangedByHand', 'wafv2', 'DisassociateWebACL'],
    ['SafeguardChangedByHand', 'wafv2', 'DeleteLoggingConfiguration'],
    ['SafeguardChangedByHand', 'elasticloadbalancing', 'ModifyLoadBalancerAttributes'],
    ['SafeguardChangedByHand', 'elasticloadbalancing', 'ModifyListener'],
    ['SafeguardChangedByHand', 'rds', 'ModifyDBInstance'],
    ['SafeguardChangedByHand', 'rds', 'ModifyDBCluster'],
    ['SafeguardChangedByHand', 'rds', 'ModifyDBParameterGroup'],
    ['SafeguardChangedByHand', 'rds', 'ModifyDBClusterParameterGroup'],
    ['SafeguardChangedByHand', 'kms', 'DisableKeyRotation'],
    ['SafeguardChangedByHand', 'ecr', 'PutImageTagMutability'],
    ['SafeguardChangedByHand', 'ecr', 'PutImageScanningConfiguration'],
    ['SafeguardChangedByHand', 'guardduty', 'UpdateMalwareProtectionPlan'],
    ['SafeguardChangedByHand', 'guardduty', 'DeleteMalwareProtectionPlan'],
    ['SafeguardChangedByHand', 'config', 'PutRetentionConfiguration'],
    ['SafeguardChangedByHand', 'config', 'PutConformancePack'],
    ['SafeguardChangedByHand', 'backup', 'DeleteBackupVaultAccessPolicy'],
    ['SafeguardChangedByHand', 'backup', 'DeleteBackupVaultLockConfiguration'],
    ['SafeguardChangedByHand', 'backup', 'DeleteRecoveryPoint'],
    ['SecretRotationFailed', 'secretsmanager', 'RotationFailed'],
    ['SecretRotationFailed', 'secretsmanager', 'RotationAbandoned'],
    ['CredentialsCreatedByHand', 'iam', 'CreateAccessKey'],
    ['CredentialsCreatedByHand', 'iam', 'CreateUser'],
    ['CredentialsCreatedByHand', 'iam', 'CreateLoginProfile'],
  ])('count for %s, in one pattern of %s, %s', (name, service, event) => {
    const matching = allPatterns(name).filter((pattern) =>
      pattern.includes(`($.eventSource = "${service}.amazonaws.com")`) && pattern.includes(`($.eventName = ${event})`));
    expect(matching).toHaveLength(1);
  });

  test('exclude the alarms of target tracking', () => {
    const [scaling] = allPatterns('AlarmChainChangedByHand').filter((pattern) => pattern.includes('monitoring.'));
    expect(scaling).toContain('($.sourceIPAddress != "application-autoscaling.amazonaws.com")');
    expect(scaling).toContain('($.sourceIPAddress != "autoscaling.amazonaws.com")');
  });

  test('exclude CloudFormation in all patterns of a metric, or in none', () => {
    const mixed = Object.keys(patterns).filter((name) => new Set(allPatterns(name)
      .map((pattern) => pattern.includes('($.sourceIPAddress != "cloudformation.amazonaws.com")'))).size !== 1);
    expect(mixed).toEqual([]);
  });

  test('exclude CloudFormation in exactly those filters that every deployment would match', () => {
    const excluding = Object.keys(patterns).filter((name) =>
      patterns[name].includes('($.sourceIPAddress != "cloudformation.amazonaws.com")'),
    );
    expect(excluding.sort()).toEqual(Object.keys(patterns).filter((name) => name.endsWith('ByHand')).sort());
  });

  test('have patterns of at most 1,024 characters, the limit of CloudWatch Logs', () => {
    const all = Object.keys(patterns).flatMap(allPatterns);
    expect(all).toHaveLength(40);
    expect(all.filter((pattern) => pattern.length > 1024)).toEqual([]);
  });

  test('are far fewer than 100, the quota of metric filters per log group', () => {
    expect(Object.keys(patterns).flatMap(allPatterns).length).toBeLessThanOrEqual(50);
  });

  test('exclude the rules that services put', () => {
    const [replaced] = allPatterns('AlarmChainChangedByHand').filter((pattern) => pattern.includes('PutRule'));
    expect(replaced).toContain('($.userIdentity.invokedBy NOT EXISTS)');
  });

  test('exclude calls of services to safeguards, which AWS Backup and RDS make on their own', () => {
    const without = allPatterns('SafeguardChangedByHand')
      .filter((pattern) => !pattern.includes('($.userIdentity.invokedBy NOT EXISTS)'));
    expect(without).toEqual([]);
  });

  test('count only those changes of a database that remove a safeguard', () => {
    const [databases] = allPatterns('SafeguardChangedByHand').filter((pattern) => pattern.includes('rds.'));
    expect(databases).toContain('(($.requestParameters.deletionProtection IS FALSE) || '
      + '($.requestParameters.backupRetentionPeriod = 0) || ($.requestParameters.publiclyAccessible IS TRUE) || '
      + '($.requestParameters.dBParameterGroupName = "*") || '
      + '($.requestParameters.dBClusterParameterGroupName = "*") || '
      + '($.requestParameters.optionGroupName = "*") || '
      + '($.requestParameters.cloudwatchLogsExportConfiguration.disableLogTypes[0] = "*"))');
  });

  test('have quotation marks around each value with other characters than letters, digits and underscores', () => {
    const all = Object.keys(patterns).flatMap(allPatterns);
    const values = all.flatMap((pattern) => [...pattern.matchAll(/ !?= ([^)]+)\)/g)].map(([, value]) => value));
    expect(values.length).toBeGreaterThan(100);
    expect(values.filter((value) => !/^(\w+|"[^"]+")$/.test(value))).toEqual([]);
  });

  test('are on one widget, beside the two of the daily check', () => {
    expect(guardrails.monitoringPlan().widgets).toHaveLength(1 + 2);
  });
});

describe('validation', () => {
  const stack = newStack();
  test.each<[string, Choice, string]>([
    [
      'an empty list of buckets',
      create(Guardrail.TRAIL, { trail: { phiBuckets: [] } }),
      'trail.phiBuckets must be 1 to 250 buckets, got a list of 0 buckets. List the buckets that contain PHI, or '
        + 'remove the prop for every bucket of the account.',
    ],
    [
      'too many buckets',
      create(Guardrail.TRAIL, { trail: { phiBuckets: buckets(stack, 251) } }),
      'trail.phiBuckets must be 1 to 250 buckets, got a list of 251 buckets. List the buckets that contain PHI, or '
        + 'remove the prop for every bucket of the account.',
    ],
    [
      'a retention of zero days',
      create(Guardrail.TRAIL, { trail: { retention: Duration.days(0) } }),
      'trail.retention in days must be an integer from 1 to 36500, got 0. Use an integer in this range.',
    ],
    [
      'a retention of one and a half days',
      create(Guardrail.TRAIL, { trail: { retention: Duration.hours(36) } }),
      'trail.retention in days must be an integer from 1 to 36500, got 1.5. Use an integer in this range.',
    ],
    [
      'a retention of more than 100 years',
      create(Guardrail.TRAIL, { trail: { retention: Duration.days(36_501) } }),
      'trail.retention in days must be an integer from 1 to 36500, got 36501. Use an integer in this range.',
    ],
    [
      'a blank reason',
      skip(Guardrail.TRAIL, ''),
      "reason must be a non-blank string, got ''. Say why it is acceptable that the stack creates no CloudTrail trail.",
    ],
  ])('refuses %s', (_, trail, text) => {
    expect(() => stackWith(trail)).toThrow(new Error(`[Stack/Guardrails] ${text}`));
  });
});

describe('logical IDs and checks', () => {
  test('IDs of stateful resources are stable', () => {
    expect(
      ['AWS::KMS::Key', 'AWS::S3::Bucket', 'AWS::Logs::LogGroup', 'AWS::CloudTrail::Trail'].map((type) =>
        Object.keys(template().findResources(type)),
      ),
    ).toEqual([
      ['GuardrailsTrailKey27D6FD0B', 'GuardrailsKey099910AF'],
      ['GuardrailsTrailBucket79AC19B3'],
      ['GuardrailsTrailLog2F341581'],
      ['GuardrailsTrail5D3B9670'],
    ]);
  });

  test.each([
    ['an unknown environment', undefined],
    ['eu-west-1', { account: '111122223333', region: 'eu-west-1' }],
  ])('the rule packs have no unacknowledged findings with %s', (_, env) => {
    expect(nagFindings(stackWith(undefined, newStack({ env })))).toEqual([]);
  });
});
