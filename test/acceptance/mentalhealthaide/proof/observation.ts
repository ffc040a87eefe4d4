import { Template } from 'aws-cdk-lib/assertions';
import { database, FIREWALL, LOG_GROUP } from './parts';
import { logsToCloudWatch } from './service';
import {
  all,
  allowing,
  attribute,
  granted,
  only,
  propertiesOf,
  ref,
  rotatingKeys,
} from '../../../support/template/reading';

export function logsAreEncrypted(template: Template) {
  const logService = { 'Fn::Join': ['', ['logs.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]] };
  for (const { Properties } of all(template, LOG_GROUP)) {
    expect(rotatingKeys(template)).toContainEqual(Properties.KmsKeyId);
    const key = propertiesOf(template, 'AWS::KMS::Key', Properties.KmsKeyId['Fn::GetAtt'][0]);
    expect(key.KeyPolicy.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: logService },
        Action: expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey']),
      }),
    );
  }
}

export function logsOfEverything(template: Template) {
  logsToCloudWatch(template);
  const groups = all(template, LOG_GROUP).map(({ Properties }) => JSON.stringify(Properties.LogGroupName ?? ''));
  for (const log of database(template).EnableCloudwatchLogsExports) {
    expect(groups.filter((name) => name.includes(`/${log}"`))).toHaveLength(1);
  }
  expect(database(template).EnableCloudwatchLogsExports).toEqual(['audit', 'error', 'slowquery']);
  const ofFirewall = propertiesOf(
    template,
    'AWS::WAFv2::LoggingConfiguration',
    only(template, 'AWS::WAFv2::LoggingConfiguration'),
  );
  // The exported logs have content: the audit plugin has events, and the slow log is on.
  const options = propertiesOf(template, 'AWS::RDS::OptionGroup', database(template).OptionGroupName.Ref);
  expect(options.OptionConfigurations).toMatchObject([{ OptionName: 'MARIADB_AUDIT_PLUGIN' }]);
  expect(JSON.stringify(options.OptionConfigurations)).toContain('CONNECT,QUERY_DDL,QUERY_DCL');
  expect(
    propertiesOf(template, 'AWS::RDS::DBParameterGroup', database(template).DBParameterGroupName.Ref).Parameters,
  ).toMatchObject({ slow_query_log: '1' });
  expect(ofFirewall).not.toHaveProperty('LoggingFilter');
  expect(ofFirewall.ResourceArn).toEqual(attribute(only(template, FIREWALL), 'Arn'));
  const [{ 'Fn::Join': [, arn] }] = ofFirewall.LogDestinationConfigs;
  propertiesOf(template, LOG_GROUP, arn.at(-1).Ref);
  const ofNetwork = propertiesOf(template, 'AWS::EC2::FlowLog', only(template, 'AWS::EC2::FlowLog'));
  expect(ofNetwork).toMatchObject({
    ResourceId: ref(only(template, 'AWS::EC2::VPC')),
    TrafficType: 'ALL',
    LogDestinationType: 'cloud-watch-logs',
  });
  propertiesOf(template, LOG_GROUP, ofNetwork.LogGroupName.Ref);
  const writer = ofNetwork.DeliverLogsPermissionArn['Fn::GetAtt'][0];
  expect(allowing(granted(template, writer), 'logs:PutLogEvents').map(({ Resource }) => Resource)).toEqual([
    attribute(ofNetwork.LogGroupName.Ref, 'Arn'),
  ]);
}

export function metricsAreWatched(template: Template) {
  const topic = ref(only(template, 'AWS::SNS::Topic'));
  const alarms = all(template, 'AWS::CloudWatch::Alarm');
  for (const { Properties } of alarms) {
    expect(Properties.AlarmActions).toEqual([topic]);
    expect(Properties.ActionsEnabled).toBe(true);
  }
  const mayPublish = all(template, 'AWS::SNS::TopicPolicy').flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement,
  );
  expect(mayPublish).toContainEqual(
    expect.objectContaining({
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: topic,
    }),
  );
  for (const namespace of ['AWS/ApplicationELB', 'AWS/ECS', 'AWS/RDS', 'AWS/WAFV2']) {
    expect(alarms.filter((alarm) => JSON.stringify(alarm).includes(namespace)).length).toBeGreaterThan(0);
  }
  template.hasResourceProperties('AWS::SNS::Subscription', { TopicArn: topic, Protocol: 'email' });
  template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  template.hasResourceProperties('AWS::ECS::Cluster', {
    ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }],
  });
}

export function alarmsAreEncrypted(template: Template) {
  metricsAreWatched(template);
  const key = propertiesOf(template, 'AWS::SNS::Topic', only(template, 'AWS::SNS::Topic')).KmsMasterKeyId;
  expect(rotatingKeys(template)).toContainEqual(key);
  const { KeyPolicy } = propertiesOf(template, 'AWS::KMS::Key', key['Fn::GetAtt'][0]);
  expect(KeyPolicy.Statement).toContainEqual(
    expect.objectContaining({
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    }),
  );
}

export function logsStay(template: Template) {
  for (const { Properties, DeletionPolicy, UpdateReplacePolicy } of all(template, LOG_GROUP)) {
    expect(Properties.RetentionInDays).toBeGreaterThanOrEqual(365);
    expect(DeletionPolicy).toMatch(/^Retain(ExceptOnCreate)?$/);
    expect(UpdateReplacePolicy).toBe('Retain');
  }
  // No role of this stack may delete them.
  expect(
    granted(template)
      .flatMap(({ Action }) => Action)
      .filter((action) => /^(logs:Delete|logs:\*|\*)/.test(action)),
  ).toEqual([]);
}
