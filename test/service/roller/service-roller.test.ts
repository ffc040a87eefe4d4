import { App, Aws, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ServiceRoller, ServiceRollerProps } from '../../../src/service/roller/service-roller';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { templateFindings } from '../../support/validate';

const FULL_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:imported-a1b2c3';
const PARTIAL_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:by-name';

function someService(scope: Construct): ecs.FargateService {
  const taskDefinition = new ecs.FargateTaskDefinition(scope, 'Task');
  taskDefinition.addContainer('Main', { image: ecs.ContainerImage.fromRegistry('example/api:1') });
  return new ecs.FargateService(scope, 'Service', {
    cluster: new ecs.Cluster(scope, 'Cluster', { vpc: someVpc(scope) }),
    taskDefinition,
  });
}

function newRoller(scope: Construct, props: Partial<ServiceRollerProps> = {}): ServiceRoller {
  const secrets = props.secrets ?? [new secretsmanager.Secret(scope, 'Secret')];
  return new ServiceRoller(scope, 'Roller', {
    service: props.service ?? someService(scope),
    secrets,
    encryptionKey: props.encryptionKey,
  });
}

const secretOf = (template: Template) => ({
  Ref: Object.keys(template.findResources('AWS::SecretsManager::Secret'))[0],
});
const serviceOf = (template: Template) => ({ Ref: Object.keys(template.findResources('AWS::ECS::Service'))[0] });
const ruleNamed = (template: Template, name: string) =>
  propertiesOf(template, 'AWS::Events::Rule')[
    Object.keys(template.findResources('AWS::Events::Rule')).find((id) => id.startsWith(`Roller${name}`))!
  ];

describe('defaults', () => {
  const stack = newStack();
  const roller = newRoller(stack);
  const template = templateOf(stack);

  test('request a restart on the Secrets Manager event about a new current value of this secret', () => {
    expect(ruleNamed(template, 'NewValue').EventPattern).toEqual({
      'source': ['aws.secretsmanager'],
      'detail-type': ['Secret Label Updated'],
      'resources': [secretOf(template)],
      'detail': { labelUpdated: ['AWSCURRENT'] },
    });
  });

  test('request a restart on the CloudTrail event about a successful rotation of this secret', () => {
    expect(ruleNamed(template, 'Rotated').EventPattern).toEqual({
      'source': ['aws.secretsmanager'],
      'detail-type': ['AWS Service Event via CloudTrail'],
      'detail': {
        eventSource: ['secretsmanager.amazonaws.com'],
        eventName: ['RotationSucceeded'],
        additionalEventData: { SecretId: [secretOf(template)] },
      },
    });
  });

  test('request a check every hour', () => {
    expect(ruleNamed(template, 'Clock').ScheduleExpression).toBe('rate(1 hour)');
  });

  test('send all requests through one message group of one queue, so that checks do not overlap', () => {
    const queue = Object.keys(template.findResources('AWS::SQS::Queue')).find((id) => id.startsWith('RollerRequests'))!;
    const targets = Object.values(propertiesOf(template, 'AWS::Events::Rule')).map((rule) => rule.Targets);
    expect(targets).toEqual(
      Array(3).fill([
        { Arn: { 'Fn::GetAtt': [queue, 'Arn'] }, Id: 'Target0', SqsParameters: { MessageGroupId: 'roll' } },
      ]),
    );
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      EventSourceArn: { 'Fn::GetAtt': [queue, 'Arn'] },
    });
  });

  test('deduplicate events in the queue, delay them for 30 seconds, and discard them after three attempts', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      FifoQueue: true,
      ContentBasedDeduplication: true,
      DelaySeconds: 30,
      VisibilityTimeout: 360,
      RedrivePolicy: { maxReceiveCount: 3, deadLetterTargetArn: Match.anyValue() },
      KmsMasterKeyId: Match.anyValue(),
    });
  });

  test('keep failed requests for 14 days', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      FifoQueue: true,
      MessageRetentionPeriod: 14 * 86400,
      KmsMasterKeyId: Match.anyValue(),
    });
  });

  test('mark the queue of failed requests as a dead-letter queue, as CT.SQS.PR.1 requires', () => {
    const [queue] = Object.entries(propertiesOf(template, 'AWS::SQS::Queue')).filter(([id]) =>
      id.startsWith('RollerFailedRequests'),
    );
    expect(queue[1].RedriveAllowPolicy).toEqual({ redrivePermission: 'allowAll' });
  });

  test('pass the cluster, the service and the secrets to the function', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 60,
      Environment: {
        Variables: {
          CLUSTER: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Cluster'), 'Arn'] },
          SERVICE: serviceOf(template),
          SECRET_ARNS: { 'Fn::Join': ['', ['["', secretOf(template), '"]']] },
        },
      },
    });
  });

  test('allow the function to describe and update this service and to describe this secret, without reading its '
    + 'value', () => {
    const statements = Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy'))[0].PolicyDocument.Statement;
    expect(statements).toContainEqual({
      Effect: 'Allow',
      Action: ['ecs:DescribeServices', 'ecs:UpdateService'],
      Resource: serviceOf(template),
    });
    expect(statements).toContainEqual({
      Effect: 'Allow',
      Action: 'secretsmanager:DescribeSecret',
      Resource: secretOf(template),
    });
    expect(JSON.stringify(statements)).not.toContain('*');
    expect(JSON.stringify(statements)).not.toContain('GetSecretValue');
  });

  test('allow EventBridge to send to the queue and use its key for this account only', () => {
    const sameAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
    for (const [type, policy] of [['AWS::SQS::QueuePolicy', 'PolicyDocument'], ['AWS::KMS::Key', 'KeyPolicy']]) {
      template.hasResourceProperties(type, {
        [policy]: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Condition: sameAccount,
            }),
          ]),
        },
      });
    }
  });

  test('include alarms for a failed restart and for a missing request', () => {
    expect(roller.alarms.map(({ id }) => id)).toEqual(['RollGivenUp', 'RollNotRequested']);
  });

  test('base the alarms on the queue of failed requests and on all three rules', () => {
    const watched = newStack();
    for (const { id, metric } of newRoller(watched).alarms) {
      new cloudwatch.Alarm(watched, id, { metric, threshold: 0, evaluationPeriods: 1 });
    }
    const alarms = propertiesOf(templateOf(watched), 'AWS::CloudWatch::Alarm');
    expect(Object.values(alarms)[0]).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [
        { Name: 'QueueName', Value: { 'Fn::GetAtt': [expect.stringMatching(/^RollerFailedRequests/), 'QueueName'] } },
      ],
    });
    const metrics = Object.values(alarms)[1].Metrics;
    expect(
      metrics.filter(
        (metric: { MetricStat?: { Metric: { MetricName: string } } }) =>
          metric.MetricStat?.Metric.MetricName === 'FailedInvocations',
      ),
    ).toHaveLength(3);
    expect(metrics[0].Expression).toBe('SUM(METRICS())');
  });

  test('have no rule-pack findings', () => {
    expect(nagFindings(roller).filter((finding) => finding.includes('/Roller/'))).toEqual([]);
  });
});

describe('secrets', () => {
  test('imported by the complete ARN are matched by the ARN', () => {
    const stack = newStack();
    newRoller(stack, { secrets: [secretsmanager.Secret.fromSecretCompleteArn(stack, 'Imported', FULL_ARN)] });
    const template = templateOf(stack);
    expect(ruleNamed(template, 'NewValue').EventPattern.resources).toEqual([FULL_ARN]);
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: 'secretsmanager:DescribeSecret', Resource: FULL_ARN })]),
      },
    });
  });

  test('imported by the partial ARN are matched with a wildcard for the last six characters', () => {
    const stack = newStack();
    newRoller(stack, { secrets: [secretsmanager.Secret.fromSecretPartialArn(stack, 'Imported', PARTIAL_ARN)] });
    const template = templateOf(stack);
    expect(ruleNamed(template, 'NewValue').EventPattern.resources).toEqual([{ prefix: `${PARTIAL_ARN}-` }]);
    expect(ruleNamed(template, 'Rotated').EventPattern.detail.additionalEventData).toEqual({
      SecretId: [{ prefix: `${PARTIAL_ARN}-` }],
    });
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'secretsmanager:DescribeSecret', Resource: `${PARTIAL_ARN}-??????` }),
        ]),
      },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { SECRET_ARNS: `["${PARTIAL_ARN}"]` } },
    });
  });

  test('use the same number of rules for any number of secrets', () => {
    const stack = newStack();
    newRoller(stack, { secrets: ['One', 'Two', 'Three'].map((id) => new secretsmanager.Secret(stack, id)) });
    const template = templateOf(stack);
    template.resourceCountIs('AWS::Events::Rule', 3);
    expect(ruleNamed(template, 'NewValue').EventPattern.resources).toHaveLength(3);
  });

  test('in another stack add a dependency from the stack of the service only', () => {
    const app = newApp();
    const data = new Stack(app, 'Data');
    const application = new Stack(app, 'Application');
    newRoller(application, {
      secrets: [new secretsmanager.Secret(data, 'Secret', { encryptionKey: new kms.Key(data, 'Key') })],
    });
    app.synth();
    expect(application.dependencies).toEqual([data]);
    expect(data.dependencies).toEqual([]);
  });
});

describe('encryptionKey', () => {
  test('encrypts the queues and the function, and the roller creates no key', () => {
    const stack = newStack();
    const key = new kms.Key(stack, 'Mine');
    newRoller(stack, { encryptionKey: key });
    const template = templateOf(stack);
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: stack.resolve(key.keyArn) });
    template.hasResourceProperties('AWS::Lambda::Function', { KmsKeyArn: stack.resolve(key.keyArn) });
  });

  test('in another stack causes no dependency cycle', () => {
    const app = newApp();
    const shared = new Stack(app, 'Shared');
    const application = new Stack(app, 'Application');
    newRoller(application, { encryptionKey: new kms.Key(shared, 'Key') });
    app.synth();
    expect(shared.dependencies).toEqual([]);
  });

  test('can be imported', () => {
    const stack = newStack();
    newRoller(stack, {
      encryptionKey: kms.Key.fromKeyArn(
        stack,
        'Imported',
        'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      ),
    });
    templateOf(stack).resourceCountIs('AWS::KMS::Key', 0);
  });
});

describe('ServiceRoller refuses', () => {
  test('an empty list of secrets', () => {
    const stack = newStack();
    expect(() => newRoller(stack, { secrets: [] })).toThrow(
      '[Stack/Roller] secrets must be at least one secret, got []. Create no roller for a service without rotating '
        + 'secrets.',
    );
  });
});

test.each(['us-gov-west-1', 'cn-north-1', 'eu-west-1'])('the template contains no fixed '
  + 'partition in %s', (region) => {
  const stack = newStack({ env: { region, account: '111122223333' } });
  newRoller(stack);
  expect(JSON.stringify(templateOf(stack).toJSON())).not.toMatch(/arn:aws:/);
});

test('two rollers in one stack have their own rules', () => {
  const stack = newStack();
  for (const id of ['One', 'Two']) {
    newRoller(new Construct(stack, id), {
      secrets: [secretsmanager.Secret.fromSecretCompleteArn(stack, `Imported${id}`, FULL_ARN)],
    });
  }
  templateOf(stack).resourceCountIs('AWS::Events::Rule', 6);
});

test('the template passes CloudFormation validation', () => {
  const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
  const stack = new Stack(app, 'Stack');
  const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('Main', { image: ecs.ContainerImage.fromRegistry('example/api:1') });
  const cluster = new ecs.Cluster(stack, 'Cluster', {
    vpc: new ec2.Vpc(stack, 'Vpc', { availabilityZones: [`${Aws.REGION}a`] }),
  });
  newRoller(stack, { service: new ecs.FargateService(stack, 'Service', { cluster, taskDefinition }) });
  expect(templateFindings(app).filter((finding) => finding.includes('/Roller/'))).toEqual([]);
});
