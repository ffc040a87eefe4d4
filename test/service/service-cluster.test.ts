import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import { onlyOne, someService } from './fargate-fixtures';
import { guardFindings } from '../../scripts/examples/guard';
import { DataProtection } from '../../src/core/data-protection';
import { WATCHABLE_METADATA } from '../../src/core/monitored-mark';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { ExecAccess } from '../../src/service/exec-access';
import { ServiceCluster, ServiceClusterProps } from '../../src/service/service-cluster';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

let stack: Stack;
beforeEach(() => stack = newStack());

const CLUSTER = 'AWS::ECS::Cluster';
const LOG_GROUP = 'AWS::Logs::LogGroup';
const audited = ExecAccess.audited({ reason: 'first weeks in production' });
const someCluster = (scope: Stack = stack, props: Partial<ServiceClusterProps> = {}) =>
  new ServiceCluster(scope, 'Services', { vpc: props.vpc ?? someVpc(scope), ...props });

/** The first part of the stack ID, as a CloudFormation expression. */
const OF_THE_STACK = {
  'Fn::Select': [0, { 'Fn::Split': ['-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }] }],
};
const NAME = ['services-c11b3430-', OF_THE_STACK];
const KEY_ARN = { 'Fn::GetAtt': ['ServicesKeyD7B3FE60', 'Arn'] };

function grantedToFargate(template: Template): unknown[] {
  type Statement = { Principal: { Service?: unknown }; Action: unknown; Condition: unknown };
  const statements: Statement[] = Object.values(propertiesOf(template, 'AWS::KMS::Key'))[0].KeyPolicy.Statement;
  return statements
    .filter(({ Principal }) => Principal.Service === 'fargate.amazonaws.com')
    .map(({ Action, Condition }) => [Action, Condition]);
}

describe('defaults', () => {
  let template: Template;
  beforeAll(() => {
    const made = newStack();
    someCluster(made);
    template = templateOf(made);
  });
  const cluster = () => Object.values(propertiesOf(template, CLUSTER))[0];
  const logGroup = (id: string) => propertiesOf(template, LOG_GROUP)[id];

  test('include a cluster, two log groups and a key', () => {
    const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>)
      .map(({ Type }) => Type)
      .sort();
    expect(types).toEqual([CLUSTER, 'AWS::KMS::Key', LOG_GROUP, LOG_GROUP]);
  });

  test('enable Container Insights', () => {
    expect(cluster().ClusterSettings).toEqual([{ Name: 'containerInsights', Value: 'enabled' }]);
  });

  test('encrypt shell sessions in transit and at rest, and keep their log for six years', () => {
    expect(cluster().Configuration.ExecuteCommandConfiguration).toEqual({
      KmsKeyId: KEY_ARN,
      Logging: 'OVERRIDE',
      LogConfiguration: {
        CloudWatchLogGroupName: { Ref: 'ServicesExecLogD3EC9421' },
        CloudWatchEncryptionEnabled: true,
      },
    });
    expect(logGroup('ServicesExecLogD3EC9421')).toEqual({
      KmsKeyId: KEY_ARN, RetentionInDays: 2192, DeletionProtectionEnabled: true,
    });
  });

  test('keep the performance log of Container Insights for one year, encrypted, in a log group with the required '
    + 'name', () => {
    expect(cluster().ClusterName).toEqual({ 'Fn::Join': ['', NAME] });
    expect(logGroup('ServicesInsightsLogCBF5021E')).toEqual({
      KmsKeyId: KEY_ARN,
      RetentionInDays: 365,
      LogGroupName: { 'Fn::Join': ['', [`/aws/ecs/containerinsights/${NAME[0]}`, NAME[1], '/performance']] },
    });
  });

  test('create that log group before the cluster', () => {
    expect(Object.values(template.findResources(CLUSTER))[0].DependsOn).toEqual(['ServicesInsightsLogCBF5021E']);
  });

  test('encrypt the disks of tasks with the key, which Fargate can use only for this cluster in this account', () => {
    expect(cluster().Configuration.ManagedStorageConfiguration).toEqual({
      FargateEphemeralStorageKmsKeyId: { Ref: 'ServicesKeyD7B3FE60' },
    });
    const ofCluster = {
      'kms:EncryptionContext:aws:ecs:clusterAccount': [{ Ref: 'AWS::AccountId' }],
      'kms:EncryptionContext:aws:ecs:clusterName': [{ 'Fn::Join': ['', NAME] }],
    };
    expect(grantedToFargate(template)).toEqual([
      ['kms:GenerateDataKeyWithoutPlaintext', { StringEquals: ofCluster }],
      [
        'kms:CreateGrant',
        { 'StringEquals': ofCluster, 'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Decrypt'] } },
      ],
    ]);
  });

  test('rotate the key every year', () => {
    template.hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      RotationPeriodInDays: 365,
      PendingWindowInDays: 30,
    });
  });

  test('include no capacity providers, because the first cluster in an account would fail without the '
    + 'service-linked role', () => {
    expect(cluster()).not.toHaveProperty('CapacityProviders');
    template.resourceCountIs('AWS::ECS::ClusterCapacityProviderAssociations', 0);
  });

  test('have stable IDs for stateful resources', () => {
    expect(Object.keys({ ...template.findResources(LOG_GROUP), ...template.findResources('AWS::KMS::Key') }).sort())
      .toEqual(['ServicesExecLogD3EC9421', 'ServicesInsightsLogCBF5021E', 'ServicesKeyD7B3FE60']);
    expect(Object.keys(template.findResources(CLUSTER))).toEqual(['ServicesClusterFAAA2B60']);
  });

  test('retain stateful resources, except in a rolled-back creation', () => {
    template.hasResource('AWS::KMS::Key', { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    expect(template.findResources(LOG_GROUP)).toMatchObject({
      ServicesExecLogD3EC9421: { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' },
      ServicesInsightsLogCBF5021E: { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' },
    });
  });
});

describe('props', () => {
  test('enable Container Insights for single tasks and containers', () => {
    someCluster(stack, { containerInsights: ecs.ContainerInsights.ENHANCED });
    expect(onlyOne(stack, CLUSTER).ClusterSettings).toEqual([{ Name: 'containerInsights', Value: 'enhanced' }]);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('accept a key and add the required statements', () => {
    const encryptionKey = new kms.Key(stack, 'Shared', { enableKeyRotation: true });
    expect(someCluster(stack, { encryptionKey }).encryptionKey).toBe(encryptionKey);
    const services = onlyOne(stack, 'AWS::KMS::Key').KeyPolicy.Statement.map(({ Sid }: { Sid?: string }) => Sid);
    expect(services).toEqual([
      undefined,
      'CloudWatchLogs',
      'Allow generate data key access for Fargate tasks.',
      'Allow grant creation permission for Fargate tasks.',
    ]);
  });

  test('allow any cluster of the account to use a given key, because others can share it', () => {
    someCluster(stack, { encryptionKey: new kms.Key(stack, 'Shared', { enableKeyRotation: true }) });
    expect(grantedToFargate(templateOf(stack))[0]).toEqual([
      'kms:GenerateDataKeyWithoutPlaintext',
      { StringEquals: { 'kms:EncryptionContext:aws:ecs:clusterAccount': [{ Ref: 'AWS::AccountId' }] } },
    ]);
    expect(onlyOne(stack, CLUSTER).ClusterName).toEqual({ 'Fn::Join': ['', NAME] });
  });

  test('add the statements to a shared key once', () => {
    const encryptionKey = new kms.Key(stack, 'Shared', { enableKeyRotation: true });
    someCluster(stack, { encryptionKey });
    const before = onlyOne(stack, 'AWS::KMS::Key');
    const again = newStack();
    const shared = new kms.Key(again, 'Shared', { enableKeyRotation: true });
    const { cluster } = someCluster(again, { encryptionKey: shared });
    new ServiceCluster(again, 'Others', { vpc: cluster.vpc, encryptionKey: shared });
    expect(onlyOne(again, 'AWS::KMS::Key')).toEqual(before);
  });

  test('accept a key in another stack, which then has no reference to this stack', () => {
    const app = newApp();
    const keys = new Stack(app, 'Keys');
    const encryptionKey = new kms.Key(keys, 'Shared', { enableKeyRotation: true });
    const services = new Stack(app, 'Services');
    someCluster(services, { encryptionKey });
    expect(JSON.stringify(templateOf(keys).findResources('AWS::KMS::Key'))).not.toContain('AWS::StackId');
    expect([keys.dependencies, services.dependencies]).toEqual([[], [keys]]);
  });

  test('accept a key whose ARN is a token', () => {
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Given', new CfnParameter(stack, 'KeyArn').valueAsString);
    someCluster(stack, { encryptionKey });
    expect(JSON.stringify(onlyOne(stack, CLUSTER).Configuration.ManagedStorageConfiguration)).toContain(
      '{"Ref":"KeyArn"}',
    );
  });

  test('delete disposable data with the stack', () => {
    DataProtection.of(stack).disposable({ reason: 'synthetic records' });
    someCluster();
    const policies = Object.values({
      ...templateOf(stack).findResources(LOG_GROUP),
      ...templateOf(stack).findResources('AWS::KMS::Key'),
    }).map(({ DeletionPolicy }) => DeletionPolicy);
    expect(policies).toEqual(['Delete', 'Delete', 'Delete']);
  });
});

describe('monitoring', () => {
  const dashboard = (scope: Stack) =>
    JSON.stringify(
      scope.resolve(Object.values(propertiesOf(templateOf(scope), 'AWS::CloudWatch::Dashboard'))[0].DashboardBody),
    );

  test('includes no alarm, and no finding without monitoring', () => {
    const services = someCluster();
    expect(services.monitoringPlan().alarms).toEqual([]);
    expect(services.node.metadata.filter(({ type }) => type === WATCHABLE_METADATA)).toEqual([]);
  });

  test('shows the tasks of each service, the used part of the reservation, and the log of shell sessions', () => {
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(someCluster());
    const body = dashboard(stack);
    expect(body).toContain('## Cluster Stack/Services');
    expect(body).toContain('{ECS/ContainerInsights,ClusterName,ServiceName} ClusterName=');
    expect(body).toContain('RunningTaskCount');
    for (const [what, id] of [
      ['Cpu', 'cpu'],
      ['Memory', 'memory'],
    ]) {
      expect(body).toContain(`100 * ${id}Used / ${id}Reserved`);
      for (const kind of ['Utilized', 'Reserved']) expect(body).toContain(`${what}${kind}`);
    }
    expect(body).toContain('IncomingLogEvents');
    templateOf(stack).resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });

  test('shows no content of shell sessions', () => {
    expect(
      someCluster()
        .monitoringPlan()
        .widgets.flatMap((widget) => widget.toJson())
        .map(({ type }) => type),
    ).toEqual(['metric', 'metric', 'metric']);
  });
});

describe('validation', () => {
  const unfit = (kind: string) => `encryptionKey must be a single-Region key, got Stack/Key, which is ${kind}. `
    + 'Pass a single-Region key by its ARN, or leave encryptionKey out.';
  test.each<[string, (scope: Stack) => Partial<ServiceClusterProps>, string]>([
    [
      'disabled Container Insights',
      () => ({ containerInsights: ecs.ContainerInsights.DISABLED }),
      "containerInsights must be ContainerInsights.ENABLED or ContainerInsights.ENHANCED, got 'disabled'. Leave "
        + 'containerInsights out.',
    ],
    [
      'a multi-Region key',
      (scope) => ({ encryptionKey: new kms.Key(scope, 'Key', { multiRegion: true }) }),
      unfit('a multi-Region key'),
    ],
    [
      'a multi-Region key, imported',
      (scope) => ({
        encryptionKey: kms.Key.fromKeyArn(scope, 'Key', 'arn:aws:kms:us-east-1:111122223333:key/mrk-1234'),
      }),
      unfit('a multi-Region key'),
    ],
    [
      'an alias',
      (scope) => ({ encryptionKey: kms.Alias.fromAliasName(scope, 'Key', 'alias/services') }),
      'encryptionKey must be an enabled symmetric key, not an alias, got the alias alias/services. '
        + 'Pass the key behind the alias.',
    ],
  ])('refuses %s', (_name, props, sentence) => {
    expect(() => someCluster(stack, props(stack))).toThrow(new Error(`[Stack/Services] ${sentence}`));
  });

  test('accepts a single-region key, created or imported', () => {
    const { cluster } = someCluster(stack, { encryptionKey: new kms.Key(stack, 'Key', { multiRegion: false }) });
    new ServiceCluster(stack, 'Others', {
      vpc: cluster.vpc,
      encryptionKey: kms.Key.fromKeyArn(stack, 'Imported', 'arn:aws:kms:us-east-1:111122223333:key/1234'),
    });
    templateOf(stack).resourceCountIs(CLUSTER, 2);
  });
});

describe('the template', () => {
  const withService = (app: App) => {
    const made = new Stack(app, 'Stack');
    // CloudFormation Validate accepts only hexadecimal subnet IDs.
    const vpc = someVpc(made, (name) => `subnet-${Buffer.from(name).toString('hex').padStart(17, '0')}`);
    const { cluster } = someCluster(made, { vpc });
    someService(made, { vpc, cluster, exec: audited });
    return made;
  };

  function brokenControls(made: Stack): string[] {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cluster-'));
    const file = path.join(folder, 'stack.template.json');
    fs.writeFileSync(file, JSON.stringify(templateOf(made).toJSON()));
    const findings = guardFindings(file).map(({ rule, logicalId }) => `${rule} at ${logicalId}`);
    fs.rmSync(folder, { recursive: true });
    return findings;
  }

  test('has no rule-pack findings', () => {
    expect(nagFindings(withService(newApp()))).toEqual([]);
  });

  test('passes CloudFormation validation', () => {
    const app = newApp({ '@aws-cdk/core:validateAgainstDefaultRules': true });
    withService(app);
    expect(templateFindings(app)).toEqual([]);
  });

  test('breaks no Control Tower rule', () => {
    expect(brokenControls(withService(newApp()))).toEqual([]);
  });

  test('with ENHANCED breaks a Control Tower rule that accepts only the value ENABLED', () => {
    someCluster(stack, { containerInsights: ecs.ContainerInsights.ENHANCED });
    expect(brokenControls(stack)).toEqual(['ecs_container_insights_enabled_check at ServicesClusterFAAA2B60']);
  });

  test.each(['us-gov-west-1', 'cn-north-1'])('contains no fixed partition and no fixed endpoint in %s', (region) => {
    const elsewhere = newStack({ env: { account: '111122223333', region } });
    someCluster(elsewhere);
    expect(JSON.stringify(templateOf(elsewhere).toJSON().Resources)).not.toMatch(/arn:aws:|us-east-1/);
  });

  test('can contain two clusters', () => {
    const { cluster } = someCluster();
    new ServiceCluster(stack, 'Others', { vpc: cluster.vpc });
    const names = Object.values(propertiesOf(templateOf(stack), CLUSTER)).map(({ ClusterName }) =>
      JSON.stringify(ClusterName),
    );
    expect(new Set(names).size).toBe(2);
  });
});
