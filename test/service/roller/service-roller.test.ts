import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { overlappingContainerSecret, rotatedContainerSecret } from '../../../src/binding/container-secret';
import { SecureFargateService } from '../../../src/service/secure-fargate-service';
import { SecureFargateServiceProps } from '../../../src/service/secure-fargate-service-props';
import { ServiceCluster } from '../../../src/service/service-cluster';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { templateFindings } from '../../support/validate';
import { someService } from '../fargate-fixtures';

const FULL_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:imported-a1b2c3';
const PARTIAL_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:by-name';

/** A service that follows the rotations of a secret. */
function following(scope: Construct, props: Partial<SecureFargateServiceProps> = {}, id = 'Api'): SecureFargateService {
  return someService(scope, {
    restartOnRotation: [new secretsmanager.Secret(scope, `${id}Secret`)],
    ...props,
  }, id);
}

const idOf = (template: Template, type: string) => Object.keys(template.findResources(type))[0];
const ruleNamed = (template: Template, name: string) => Object.entries(propertiesOf(template, 'AWS::Events::Rule'))
  .find(([id]) => id.startsWith(`ApiRoller${name}`))![1];
/** The request that a rule sends, with the names of references in angle brackets. */
function requestOf(rule: { Targets: Array<{ InputTransformer: { InputTemplate: unknown } }> }): unknown {
  const template = rule.Targets[0].InputTransformer.InputTemplate;
  const { 'Fn::Join': [, parts] } = template as { 'Fn::Join': [string, unknown[]] };
  const text = parts.map((part) => typeof part === 'string' ? part : `<${Object.values(part as object).flat()[0]}>`);
  return JSON.parse(text.join('').replace(/:<(\w+)>}$/, ':"<$1>"}'));
}

describe('defaults', () => {
  const stack = newStack();
  const service = following(stack);
  const template = templateOf(stack);
  const secret = { Ref: idOf(template, 'AWS::SecretsManager::Secret') };
  const ecsService = idOf(template, 'AWS::ECS::Service');

  test('request a check on the Secrets Manager event about a new current value of this secret', () => {
    expect(ruleNamed(template, 'NewValue').EventPattern).toEqual({
      'source': ['aws.secretsmanager'],
      'detail-type': ['Secret Label Updated'],
      'resources': [secret],
      'detail': { labelUpdated: ['AWSCURRENT'] },
    });
  });

  test('request a check on the CloudTrail event about a successful rotation of this secret', () => {
    expect(ruleNamed(template, 'NewValue').ScheduleExpression).toBeUndefined();
    expect(ruleNamed(template, 'Rotated').EventPattern).toEqual({
      'source': ['aws.secretsmanager'],
      'detail-type': ['AWS Service Event via CloudTrail'],
      'detail': {
        eventSource: ['secretsmanager.amazonaws.com'],
        eventName: ['RotationSucceeded'],
        additionalEventData: { SecretId: [secret] },
      },
    });
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-events-rule.html
  test('request a check also every 15 minutes, so that each window of an hour has several', () => {
    expect(ruleNamed(template, 'Rotated').ScheduleExpression).toBe('rate(15 minutes)');
  });

  test('send the settings of the service, and the ID of the event, so that two requests are no duplicates', () => {
    for (const rule of Object.values(propertiesOf(template, 'AWS::Events::Rule'))) {
      expect(rule.Targets[0].InputTransformer.InputPathsMap).toEqual({ id: '$.id' });
      expect(requestOf(rule as never)).toEqual({
        cluster: `<${idOf(template, 'AWS::ECS::Cluster')}>`,
        service: `<${ecsService}>`,
        breaking: [`<${secret.Ref}>`],
        overlapping: [],
        window: 'sun:05:00-sun:07:00',
        event: '<id>',
      });
    }
  });

  test('send all requests of the service through one message group of one queue, so that checks do not overlap', () => {
    const queue = Object.keys(template.findResources('AWS::SQS::Queue')).find((id) => id.startsWith('ApiRollerReq'))!;
    const targets = Object.values(propertiesOf(template, 'AWS::Events::Rule')).map((rule) => rule.Targets[0]);
    expect(targets).toHaveLength(2);
    for (const { Arn, SqsParameters } of targets) {
      expect(Arn).toEqual({ 'Fn::GetAtt': [queue, 'Arn'] });
      expect(SqsParameters).toEqual({ MessageGroupId: service.node.addr });
    }
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
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

  test('keep failed requests for 14 days, in a dead-letter queue as CT.SQS.PR.1 requires', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      FifoQueue: true,
      MessageRetentionPeriod: 14 * 86400,
      KmsMasterKeyId: Match.anyValue(),
      RedriveAllowPolicy: { redrivePermission: 'allowAll' },
    });
  });

  test('allow the function to describe and update this service, and to describe this secret', () => {
    const role = idOf(template, 'AWS::Lambda::Function').replace('Function', 'FunctionRole').slice(0, 20);
    const [policy] = Object.entries(propertiesOf(template, 'AWS::IAM::ManagedPolicy'))
      .filter(([id]) => id.startsWith(role)).map(([, { PolicyDocument }]) => PolicyDocument);
    expect(policy.Statement).toContainEqual({
      Effect: 'Allow',
      Action: ['ecs:DescribeServices', 'ecs:ListServiceDeployments', 'ecs:UpdateService'],
      Resource: { Ref: ecsService },
    });
    expect(policy.Statement).toContainEqual({
      Effect: 'Allow', Action: 'secretsmanager:DescribeSecret', Resource: secret,
    });
    expect(JSON.stringify(policy)).not.toContain('*');
    expect(JSON.stringify(policy)).not.toContain('GetSecretValue');
  });

  test('allow EventBridge to send to the queue and use its key for this account only', () => {
    const sameAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
    for (const [type, policy] of [['AWS::SQS::QueuePolicy', 'PolicyDocument'], ['AWS::KMS::Key', 'KeyPolicy']]) {
      template.hasResourceProperties(type, {
        [policy]: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Condition: sameAccount,
            }),
          ]),
        },
      });
    }
  });

  test('base RollFailed on the metric that the function publishes for this service', () => {
    const watched = newStack();
    const { alarms } = following(watched).monitoringPlan();
    const { metric, threshold } = alarms.find(({ id }) => id === 'RollFailed')!;
    new cloudwatch.Alarm(watched, 'Alarm', { metric, threshold, evaluationPeriods: 1 });
    templateOf(watched).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'CdkHipaa/Services',
      MetricName: 'RollFailed',
      Dimensions: [{ Name: 'Service', Value: { Ref: Match.stringLikeRegexp('^ApiService') } }],
      Statistic: 'Maximum',
      Period: 900,
      Threshold: 0,
    });
  });

  test('have no rule-pack findings', () => {
    expect(nagFindings(service).filter((finding) => finding.includes('/Roller/'))).toEqual([]);
  });
});

describe('secrets', () => {
  test('imported by the complete ARN are matched by the ARN', () => {
    const stack = newStack();
    following(stack, { restartOnRotation: [secretsmanager.Secret.fromSecretCompleteArn(stack, 'Imported', FULL_ARN)] });
    const template = templateOf(stack);
    expect(ruleNamed(template, 'NewValue').EventPattern.resources).toEqual([FULL_ARN]);
    expect(requestOf(ruleNamed(template, 'Rotated') as never)).toMatchObject({ breaking: [FULL_ARN] });
  });

  test('imported by the partial ARN are matched with a wildcard for the last six characters', () => {
    const stack = newStack();
    const imported = secretsmanager.Secret.fromSecretPartialArn(stack, 'Imported', PARTIAL_ARN);
    following(stack, { restartOnRotation: [imported] });
    const template = templateOf(stack);
    expect(ruleNamed(template, 'NewValue').EventPattern.resources).toEqual([{ prefix: `${PARTIAL_ARN}-` }]);
    expect(ruleNamed(template, 'Rotated').EventPattern.detail.additionalEventData)
      .toEqual({ SecretId: [{ prefix: `${PARTIAL_ARN}-` }] });
    expect(requestOf(ruleNamed(template, 'Rotated') as never)).toMatchObject({ breaking: [PARTIAL_ARN] });
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'secretsmanager:DescribeSecret', Resource: `${PARTIAL_ARN}-??????` }),
        ]),
      },
    });
  });

  test('whose previous value remains valid are sent as overlapping, unless they are also rotated otherwise', () => {
    const stack = newStack();
    const [keys, both, password] = ['Keys', 'Both', 'Password'].map((id) => new secretsmanager.Secret(stack, id));
    following(stack, {
      restartOnRotation: [],
      secrets: {
        KEYS: overlappingContainerSecret(keys),
        BOTH: overlappingContainerSecret(both),
        ALSO: rotatedContainerSecret(both),
        PASSWORD: rotatedContainerSecret(password),
      },
      maintenanceWindow: '02:00-03:00',
    });
    const template = templateOf(stack);
    const named = (of: secretsmanager.Secret) => `<${stack.resolve(of.secretArn).Ref}>`;
    expect(requestOf(ruleNamed(template, 'NewValue') as never)).toMatchObject({
      breaking: [both, password].map(named), overlapping: [named(keys)], window: '02:00-03:00',
    });
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([{
          Effect: 'Allow', Action: 'secretsmanager:ListSecretVersionIds', Resource: stack.resolve(keys.secretArn),
        }]),
      },
    });
  });

  test('use the same number of rules for any number of secrets', () => {
    const stack = newStack();
    following(stack, { restartOnRotation: ['One', 'Two', 'Three'].map((id) => new secretsmanager.Secret(stack, id)) });
    templateOf(stack).resourceCountIs('AWS::Events::Rule', 2);
  });

  test('in another stack add a dependency from the stack of the service only', () => {
    const app = newApp();
    const data = new Stack(app, 'Data');
    const application = new Stack(app, 'Application');
    following(application, {
      restartOnRotation: [new secretsmanager.Secret(data, 'Secret', { encryptionKey: new kms.Key(data, 'Key') })],
    });
    app.synth();
    expect(application.dependencies).toEqual([data]);
    expect(data.dependencies).toEqual([]);
  });
});

describe('services that share a key', () => {
  /** A cluster with services of these IDs. */
  function withServices(...ids: string[]) {
    const stack = newStack();
    const cluster = new ServiceCluster(stack, 'Cluster', { vpc: someVpc(stack) });
    return { stack, services: ids.map((id) => following(stack, { cluster, vpc: undefined }, id)) };
  }

  test('share one function and one queue, and each has its own rules and message group', () => {
    const { stack, services } = withServices('Api', 'Worker');
    const template = templateOf(stack);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    template.resourceCountIs('AWS::SQS::Queue', 3);
    const rules = Object.values(propertiesOf(template, 'AWS::Events::Rule'));
    const groups = rules.map(({ Targets }) => Targets[0].SqsParameters.MessageGroupId);
    expect(groups.sort()).toEqual(services.flatMap(({ node }) => [node.addr, node.addr]).sort());
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([{
          Effect: 'Allow',
          Action: ['ecs:DescribeServices', 'ecs:ListServiceDeployments', 'ecs:UpdateService'],
          Resource: services.map(({ service }) => stack.resolve(service.serviceArn)),
        }]),
      },
    });
  });

  test('have two resources each for the rotation', () => {
    const { services: [first, second] } = withServices('Api', 'Worker');
    const rollers = [first, second].map(({ node }) => node.findChild('Roller').node.findAll());
    expect(rollers.map((all) => all.filter((each) => CfnResource.isCfnResource(each)).length)).toEqual([2, 2]);
  });

  test('keep all logical IDs and properties but the permissions when another one is added before them', () => {
    const withoutPolicies = (...ids: string[]) => {
      const resources = templateOf(withServices(...ids).stack).toJSON().Resources as Record<string, CfnResource>;
      return Object.fromEntries(Object.entries(resources).filter(([id]) => !id.includes('Policy')));
    };
    expect(withoutPolicies('First', 'Api')).toMatchObject(withoutPolicies('Api'));
  });

  test('of two stacks have a roller in each', () => {
    const app = newApp();
    const shared = new Stack(app, 'Shared');
    const cluster = new ServiceCluster(shared, 'Cluster', { vpc: someVpc(shared) });
    const stacks = ['One', 'Two'].map((id) => new Stack(app, id));
    for (const stack of stacks) following(stack, { cluster, vpc: undefined });
    app.synth();
    expect(shared.dependencies).toEqual([]);
    for (const stack of stacks) templateOf(stack).resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('can be many: the permissions are divided between policies', () => {
    const { stack } = withServices(...Array.from({ length: 30 }, (_, index) => `Service${index}`));
    templateOf(stack).resourceCountIs('AWS::Lambda::Function', 1);
    const policies = Object.keys(templateOf(stack).findResources('AWS::IAM::ManagedPolicy'));
    expect(policies.filter((id) => id.startsWith('ServiceRollers')).length).toBeGreaterThan(1);
  });
});

describe('encryptionKey', () => {
  test('encrypts the queues and the function, and the roller creates no key', () => {
    const stack = newStack();
    const key = new kms.Key(stack, 'Mine');
    following(stack, { encryptionKey: key });
    const template = templateOf(stack);
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: stack.resolve(key.keyArn) });
    template.hasResourceProperties('AWS::Lambda::Function', { KmsKeyArn: stack.resolve(key.keyArn) });
  });

  test('in another stack causes no dependency cycle', () => {
    const app = newApp();
    const shared = new Stack(app, 'Shared');
    const application = new Stack(app, 'Application');
    following(application, { encryptionKey: new kms.Key(shared, 'Key') });
    app.synth();
    expect(shared.dependencies).toEqual([]);
  });
});

test.each(['us-gov-west-1', 'cn-north-1', 'eu-west-1'])('the template has no fixed partition in %s', (region) => {
  const stack = newStack({ env: { region, account: '111122223333' } });
  following(stack);
  expect(JSON.stringify(templateOf(stack).toJSON())).not.toMatch(/arn:aws:/);
});

describe('maintenanceWindow', () => {
  test.each(['sunday', 'sun:05:00-sun:05:30', '05:00-05:59'])('%s is refused', (maintenanceWindow) => {
    expect(() => following(newStack(), { maintenanceWindow })).toThrow(new Error(
      '[Stack/Api] maintenanceWindow must be a UTC window ddd:hh:mm-ddd:hh:mm or hh:mm-hh:mm of at least 1 hour, got '
        + `'${maintenanceWindow}'. Use one of these formats, such as 'sun:05:00-sun:06:00'.`));
  });
});

test('the template passes CloudFormation validation', () => {
  const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
  following(new Stack(app, 'Stack'));
  expect(templateFindings(app).filter((finding) => finding.includes('/Roller/'))).toEqual([]);
});
