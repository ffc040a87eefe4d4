import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { IMonitored, MonitoringPlan } from '../../src/monitoring/monitored';
import { Notification } from '../../src/monitoring/notification';
import { WorkloadMonitoring, WorkloadMonitoringProps } from '../../src/monitoring/workload-monitoring';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';

const EVENT = Notification.event({
  id: 'Findings',
  description: 'Findings of something',
  eventPattern: { source: ['aws.something'] },
  message: 'Found something',
});

class Watched extends Construct implements IMonitored {
  constructor(scope: Construct, id: string, private readonly notifications?: Notification[]) {
    super(scope, id);
  }

  public monitoringPlan(): MonitoringPlan {
    return { title: 'Something', alarms: [], widgets: [], notifications: this.notifications };
  }
}

function watched(
  notice: Notification,
  props: (stack: Stack) => WorkloadMonitoringProps = () => ({ email: 'oncall@example.com' }),
): { stack: Stack; template: Template } {
  const stack = newStack();
  new WorkloadMonitoring(stack, 'Monitoring', props(stack)).watch(new Watched(stack, 'Thing', [notice]));
  return { stack, template: templateOf(stack) };
}

const statements = (template: Template, type: 'AWS::SNS::TopicPolicy' | 'AWS::KMS::Key') =>
  Object.values(propertiesOf(template, type)).flatMap(
    ({ PolicyDocument, KeyPolicy }) => (PolicyDocument ?? KeyPolicy).Statement,
  );

describe('an event notification', () => {
  const { stack, template } = watched(EVENT);
  const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));

  test('the rule publishes to the topic without a role, which the resource policy of the topic allows', () => {
    expect(Object.values(propertiesOf(template, 'AWS::Events::Rule'))).toEqual([{
      Description: 'Findings of something',
      EventPattern: { source: ['aws.something'] },
      State: 'ENABLED',
      Targets: [{ Arn: { Ref: topic }, Id: 'Target0', Input: '"Found something"' }],
    }]);
  });

  test('the topic policy allows EventBridge without conditions, because EventBridge does not support them', () => {
    expect(statements(template, 'AWS::SNS::TopicPolicy')).toContainEqual({
      Sid: 'EventBridgeRules',
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: { Ref: topic },
    });
  });

  test('the key policy allows EventBridge without conditions', () => {
    expect(statements(template, 'AWS::KMS::Key')).toContainEqual({
      Sid: 'EventBridgeRules',
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
    });
  });

  test('an undelivered message raises an alarm', () => {
    const [rule] = Object.keys(template.findResources('AWS::Events::Rule'));
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/Events',
      MetricName: 'FailedInvocations',
      Dimensions: [{ Name: 'RuleName', Value: { Ref: rule } }],
      Statistic: 'Sum',
      Threshold: 0,
      Period: 300,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: topic }],
    });
  });

  test('the rule is created after the policy of the topic', () => {
    expect(Object.values(template.findResources('AWS::Events::Rule'))[0].DependsOn).toEqual(
      expect.arrayContaining([expect.stringMatching(/TopicPolicy/)]),
    );
  });

  test('the packs report no finding without an acknowledgement', () => {
    expect(nagFindings(stack)).toEqual([]);
  });

  test('the message can contain fields of the event', () => {
    const notice = Notification.event({
      id: 'Findings',
      description: 'Findings',
      eventPattern: { source: ['aws.something'] },
      message: `Found ${events.EventField.fromPath('$.detail.id')}`,
    });
    expect(
      Object.values(propertiesOf(watched(notice).template, 'AWS::Events::Rule'))[0].Targets[0].InputTransformer,
    ).toEqual({
      InputPathsMap: { 'detail-id': '$.detail.id' },
      InputTemplate: '"Found <detail-id>"',
    });
  });
});

describe('a cost notification', () => {
  const { stack, template } = watched(Notification.costs({ id: 'MonthlyCosts', monthlyLimit: 500 }));
  const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
  const conditions = {
    StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    ArnLike: {
      'aws:SourceArn': {
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':budgets::', { Ref: 'AWS::AccountId' }, ':*']],
      },
    },
  };

  test('the budget notifies when the limit is exceeded, and when the forecast exceeds it', () => {
    const Subscribers = [{ SubscriptionType: 'SNS', Address: { Ref: topic } }];
    const notification = (NotificationType: string) => ({
      Notification: {
        NotificationType,
        ComparisonOperator: 'GREATER_THAN',
        Threshold: 100,
        ThresholdType: 'PERCENTAGE',
      },
      Subscribers,
    });
    expect(Object.values(propertiesOf(template, 'AWS::Budgets::Budget'))).toEqual([{
      Budget: { BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 500, Unit: 'USD' } },
      NotificationsWithSubscribers: [notification('ACTUAL'), notification('FORECASTED')],
    }]);
  });

  test('the topic and the key allow the budgets of this account only', () => {
    const common = {
      Sid: 'Budgets',
      Effect: 'Allow',
      Principal: { Service: 'budgets.amazonaws.com' },
      Condition: conditions,
    };
    expect(statements(template, 'AWS::SNS::TopicPolicy')).toContainEqual({
      ...common,
      Action: 'sns:Publish',
      Resource: { Ref: topic },
    });
    expect(statements(template, 'AWS::KMS::Key')).toContainEqual({
      ...common,
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
    });
  });

  test('the budget is created after the policy of the topic, because Budgets requires it', () => {
    expect(Object.values(template.findResources('AWS::Budgets::Budget'))[0].DependsOn).toEqual(
      expect.arrayContaining([expect.stringMatching(/TopicPolicy/)]),
    );
  });

  test('there is no alarm, because a budget has no metric', () => {
    template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });

  test('the packs report no finding without an acknowledgement', () => {
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('a given topic', () => {
  test('allows EventBridge, and so does its key', () => {
    const { template } = watched(EVENT, (stack) => ({
      topic: new sns.Topic(stack, 'Mine', { masterKey: new kms.Key(stack, 'Key'), enforceSSL: true }),
    }));
    for (const type of ['AWS::SNS::TopicPolicy', 'AWS::KMS::Key'] as const) {
      expect(statements(template, type).map(({ Sid }) => Sid)).toContain('EventBridgeRules');
    }
  });

  test('is not changed if it is imported', () => {
    const { template } = watched(EVENT, (stack) => ({
      topic: sns.Topic.fromTopicArn(stack, 'Mine', 'arn:aws:sns:us-east-1:111122223333:alarms'),
    }));
    template.resourceCountIs('AWS::SNS::TopicPolicy', 0);
    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [{ Arn: 'arn:aws:sns:us-east-1:111122223333:alarms' }],
    });
  });
});

describe('the rule of a notification', () => {
  test('is created below WorkloadMonitoring, in its stack, so that the watched construct can be in another stack '
    + '', () => {
    const app = newApp();
    const [guarded, watching] = ['Guarded', 'Watching'].map((name) => new Stack(app, name));
    new WorkloadMonitoring(watching, 'Monitoring', { email: 'oncall@example.com' }).watch(
      new Watched(guarded, 'Thing', [EVENT]),
    );
    expect(Object.keys(Template.fromStack(watching).findResources('AWS::Events::Rule'))).toEqual([
      expect.stringMatching(/^MonitoringGuardedThingFindings/),
    ]);
    expect(Template.fromStack(guarded).toJSON().Resources).toBeUndefined();
    expect(guarded.dependencies).toEqual([]);
  });

  test('does not exist if the plan has no notifications', () => {
    const stack = newStack();
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(new Watched(stack, 'Thing'));
    templateOf(stack).resourceCountIs('AWS::Events::Rule', 0);
  });
});
