import { Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { containerOf, onlyOne, someService } from './fargate-fixtures';
import { needsAllResources } from '../../src/compliance/policies/unscoped-actions';
import { RELAXATION_METADATA } from '../../src/core/relaxation';
import { ExecAccess } from '../../src/service/exec-access';
import { newStack, propertiesOf, someVpc, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';

let stack: Stack;
beforeEach(() => stack = newStack());

const audited = ExecAccess.audited({ reason: 'first weeks in production' });

describe('without exec', () => {
  test.each([undefined, ExecAccess.none()])('the service disables ECS Exec (%#)', (exec) => {
    someService(stack, { exec });
    expect(onlyOne(stack, 'AWS::ECS::Service').EnableExecuteCommand).toBe(false);
    expect(onlyOne(stack, 'AWS::ECS::Cluster')).not.toHaveProperty('Configuration');
    expect(containerOf(stack)).not.toHaveProperty('MountPoints');
    expect(containerOf(stack).LinuxParameters.InitProcessEnabled).toBe(false);
  });

  test('the task role has no permission', () => {
    const { taskRole } = someService(stack);
    expect(
      Object.values(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy')).filter(
        ({ Roles }) => JSON.stringify(Roles) === JSON.stringify([stack.resolve(taskRole.roleName)]),
      ),
    ).toEqual([]);
  });
});

describe('audited exec', () => {
  test('has logs with stable IDs, because a changed ID would abandon the content', () => {
    someService(stack, { exec: audited });
    expect(Object.keys(templateOf(stack).findResources('AWS::Logs::LogGroup')).sort()).toEqual([
      'ApiExecLogC0BCF41C',
      'ApiLogA9343957',
    ]);
  });

  test('enables ECS Exec and mounts writable volumes for the agent on the read-only file system', () => {
    someService(stack, { exec: audited });
    expect(onlyOne(stack, 'AWS::ECS::Service').EnableExecuteCommand).toBe(true);
    expect(containerOf(stack)).toMatchObject({
      ReadonlyRootFilesystem: true,
      LinuxParameters: { InitProcessEnabled: true },
      MountPoints: [
        { ContainerPath: '/managed-agents', ReadOnly: false, SourceVolume: 'ExecAgent' },
        { ContainerPath: '/var/lib/amazon/ssm', ReadOnly: false, SourceVolume: 'ExecState' },
        { ContainerPath: '/var/log/amazon/ssm', ReadOnly: false, SourceVolume: 'ExecLog' },
      ],
    });
    expect(onlyOne(stack, 'AWS::ECS::TaskDefinition').Volumes).toEqual([
      { Name: 'ExecAgent' },
      { Name: 'ExecState' },
      { Name: 'ExecLog' },
    ]);
  });

  test('keeps sessions for six years in a log group that is encrypted with the key of the service', () => {
    someService(stack, { exec: audited });
    const [logGroup] = Object.entries(propertiesOf(templateOf(stack), 'AWS::Logs::LogGroup')).filter(
      ([, { RetentionInDays }]) => RetentionInDays === 2192,
    );
    const keyArn = { 'Fn::GetAtt': [Object.keys(templateOf(stack).findResources('AWS::KMS::Key'))[0], 'Arn'] };
    expect(logGroup[1].KmsKeyId).toEqual(keyArn);
    expect(onlyOne(stack, 'AWS::ECS::Cluster').Configuration.ExecuteCommandConfiguration).toEqual({
      KmsKeyId: keyArn,
      Logging: 'OVERRIDE',
      LogConfiguration: { CloudWatchLogGroupName: { Ref: logGroup[0] }, CloudWatchEncryptionEnabled: true },
    });
  });

  test('allows the tasks to open the channel and write the log, with wildcard resources only for actions that '
    + 'require them', () => {
    someService(stack, { exec: audited });
    const [policy] = Object.entries(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy')).filter(([id]) =>
      id.includes('ExecPolicy'),
    );
    const statements: Array<{ Action: string | string[]; Resource: unknown }> = policy[1].PolicyDocument.Statement;
    expect(statements.flatMap(({ Action }) => Action).sort()).toEqual([
      'kms:Decrypt',
      'logs:CreateLogStream',
      'logs:DescribeLogGroups',
      'logs:DescribeLogStreams',
      'logs:PutLogEvents',
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ]);
    const anywhere = statements.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);
    expect(anywhere).toHaveLength(5);
    expect(anywhere.filter((action) => !needsAllResources(action))).toEqual([]);
  });

  test('is a relaxation with its reason', () => {
    const service = someService(stack, { exec: audited });
    expect(service.node.metadata.find(({ type }) => type === RELAXATION_METADATA)!.data).toMatchObject({
      id: 'cdk-hipaa:exec-access',
      reason: 'first weeks in production',
    });
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Api',
      'people can run commands in the containers as root (reason given: first weeks in production) [ack: '
        + 'cdk-hipaa:exec-access]',
    );
  });

  test('has no rule-pack findings, while a wildcard of the app is reported', () => {
    const service = someService(stack, { exec: audited });
    expect(nagFindings(stack)).toEqual([]);
    service.taskRole.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: ['s3:ListAllMyBuckets'], resources: ['*'] }),
    );
    expect(nagFindings(stack)).toEqual(['AwsSolutions-IAM5[Resource::*] at Stack/Api/TaskRole/Policy/Resource']);
  });
});

describe('exec on an existing cluster', () => {
  test('uses the log configuration of the cluster, and no key if the cluster has none', () => {
    const vpc = someVpc(stack);
    const cluster = new ecs.Cluster(stack, 'Cluster', {
      vpc,
      executeCommandConfiguration: {
        logging: ecs.ExecuteCommandLogging.OVERRIDE,
        logConfiguration: { cloudWatchLogGroup: new logs.LogGroup(stack, 'Sessions') },
      },
    });
    someService(stack, { vpc, cluster, exec: audited });
    const [policy] = Object.entries(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy')).filter(([id]) =>
      id.includes('ExecPolicy'),
    );
    expect(JSON.stringify(policy[1])).toContain('Sessions');
    expect(JSON.stringify(policy[1])).not.toContain('kms:');
  });

  test('refuses a cluster that does not log sessions', () => {
    const vpc = someVpc(stack);
    expect(() =>
      someService(stack, { vpc, cluster: new ecs.Cluster(stack, 'Cluster', { vpc }), exec: audited }),
    ).toThrow(
      new Error(
        '[Stack/Api] ExecAccess.audited needs a cluster that logs sessions to a log group, but Stack/Cluster does ' +
          'not. Use a ServiceCluster, or set logging OVERRIDE and logConfiguration.cloudWatchLogGroup on the cluster.',
      ),
    );
  });
});

test('ExecAccess.audited refuses a blank reason', () => {
  expect(() => someService(stack, { exec: ExecAccess.audited({ reason: ' ' }) })).toThrow(
    new Error(
      "[Stack/Api] exec.reason must be a non-blank string, got ' '. State why people can open a shell in running "
        + 'containers.',
    ),
  );
});
