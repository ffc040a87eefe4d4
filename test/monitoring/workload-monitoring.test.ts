import { App, CfnParameter, Stack, Stage, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { WATCHED_METADATA } from '../../src/core/monitored-mark';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';
import { someRule, WatchedThing } from '../support/watched-thing';

const EMAIL = 'oncall@example.com';

describe('the path of an alarm message', () => {
  const stack = newStack();
  new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL }).watch(new WatchedThing(stack, 'Thing'));
  const template = templateOf(stack);
  const [topicId] = Object.keys(template.findResources('AWS::SNS::Topic'));
  const [keyId] = Object.keys(template.findResources('AWS::KMS::Key'));

  test('the alarm publishes to the topic when it fires and when it is over', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      ActionsEnabled: true,
      AlarmActions: [{ Ref: topicId }],
      OKActions: [{ Ref: topicId }],
    });
  });

  test('the topic is encrypted with the key', () => {
    template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: { 'Fn::GetAtt': [keyId, 'Arn'] } });
  });

  test('the key policy allows CloudWatch', () => {
    template.hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([Match.objectLike({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        })]),
      },
    });
  });

  test('the topic policy allows the alarms of this account and region only, and denies requests without TLS', () => {
    const statements = Object.values(propertiesOf(template, 'AWS::SNS::TopicPolicy')).flatMap(
      (policy) => policy.PolicyDocument.Statement,
    );
    expect(statements).toHaveLength(2);
    expect(statements).toContainEqual({
      Sid: 'CloudWatchAlarms',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: { Ref: topicId },
      Condition: {
        ArnLike: {
          'aws:SourceArn': {
            'Fn::Join': [
              '',
              [
                'arn:',
                { Ref: 'AWS::Partition' },
                ':cloudwatch:',
                { Ref: 'AWS::Region' },
                ':',
                { Ref: 'AWS::AccountId' },
                ':alarm:*',
              ],
            ],
          },
        },
        StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
      },
    });
    expect(statements).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Action: 'sns:Publish',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });

  test('the email address is subscribed', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: EMAIL,
      TopicArn: { Ref: topicId },
    });
  });
});

describe('alarms', () => {
  test('a definition becomes an alarm with the defaults of the interface', () => {
    const stack = newStack();
    new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL }).watch(new WatchedThing(stack, 'Thing'));
    templateOf(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateAgeOfOldestMessage',
      Threshold: 600,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      AlarmDescription: 'Look at the consumer: messages wait for more than ten minutes.',
    });
  });

  test('comparison and evaluation periods come from the definition', () => {
    const stack = newStack();
    const rule = someRule({ comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD, evaluationPeriods: 3 });
    new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL }).watch(
      new WatchedThing(stack, 'Thing', { alarms: [rule] }),
    );
    templateOf(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
    });
  });

  test('a small number of samples is evaluated, unless ignoreFewSamples is true', () => {
    const stack = newStack();
    const metric = new cloudwatch.Metric({
      namespace: 'Test',
      metricName: 'Some',
      statistic: cloudwatch.Stats.p(99.9),
    });
    const alarms = [
      someRule({ id: 'All', metric }),
      someRule({ id: 'Never', metric, ignoreFewSamples: false }),
      someRule({ id: 'Many', metric, ignoreFewSamples: true }),
    ];
    new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL }).watch(new WatchedThing(stack, 'Thing', { alarms }));
    expect(
      Object.values(propertiesOf(templateOf(stack), 'AWS::CloudWatch::Alarm')).map(
        (alarm) => alarm.EvaluateLowSampleCountPercentile,
      ),
    ).toEqual([undefined, undefined, 'ignore']);
  });

  test('all alarms are exposed', () => {
    const stack = newStack();
    const monitoring = new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL });
    expect(monitoring.alarms).toEqual([]);
    monitoring.watch(
      new WatchedThing(stack, 'A'),
      new WatchedThing(stack, 'B', { alarms: [someRule({ id: 'X' }), someRule({ id: 'Y' })] }),
    );
    expect(monitoring.alarms.map((alarm) => alarm.node.path)).toEqual([
      'Stack/Monitoring/Stack:A/OldestMessage', 'Stack/Monitoring/Stack:B/X', 'Stack/Monitoring/Stack:B/Y',
    ]);
  });

  test('alarm IDs come from the path of the construct: order is irrelevant, equal local IDs do not collide', () => {
    const ids = (order: string[]) => {
      const app = newApp();
      const stacks = ['Data', 'Web', 'Watch'].map((id) => new Stack(app, id));
      const things: Record<string, WatchedThing> = {
        data: new WatchedThing(stacks[0], 'Thing'),
        web: new WatchedThing(stacks[1], 'Thing'),
      };
      new WorkloadMonitoring(stacks[2], 'Monitoring', { email: EMAIL }).watch(...order.map((name) => things[name]));
      return Object.keys(templateOf(stacks[2]).findResources('AWS::CloudWatch::Alarm')).sort();
    };
    expect(ids(['data', 'web'])).toHaveLength(2);
    expect(ids(['web', 'data'])).toEqual(ids(['data', 'web']));
  });

  test('alarm IDs are the same in each stage of an app', () => {
    const app = newApp();
    const ids = ['Test', 'Prod'].map((name) => {
      const stack = new Stack(new Stage(app, name), 'Clinic');
      new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL }).watch(new WatchedThing(stack, 'Thing'));
      return Object.keys(templateOf(stack).findResources('AWS::CloudWatch::Alarm'));
    });
    expect(ids[0]).toEqual(ids[1]);
  });

  test('a watched construct is marked as watched for the compliance report', () => {
    const stack = newStack();
    const [watched, unwatched] = [new WatchedThing(stack, 'Watched'), new WatchedThing(stack, 'Unwatched')];
    new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL }).watch(watched);
    const types = [watched, unwatched].map((thing) => thing.node.metadata.map((entry) => entry.type));
    expect(types).toEqual([[WATCHED_METADATA], []]);
  });
});

describe('the dashboard', () => {
  const body = (stack: Stack) => {
    const [dashboard] = Object.values(propertiesOf(templateOf(stack), 'AWS::CloudWatch::Dashboard'));
    return JSON.stringify(dashboard.DashboardBody);
  };

  test('does not exist while nothing is watched', () => {
    const stack = newStack();
    expect(new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL }).dashboard).toBeUndefined();
    templateOf(stack).resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });

  test('has a heading and the widgets of each construct', () => {
    const stack = newStack();
    const monitoring = new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL });
    monitoring.watch(new WatchedThing(stack, 'One'), new WatchedThing(stack, 'Two'));
    expect(monitoring.dashboard).toBeInstanceOf(cloudwatch.Dashboard);
    expect(monitoring.widgets).toHaveLength(4);
    expect(body(stack)).toMatch(/## Queue One.*ApproximateAgeOfOldestMessage.*## Queue Two/);
  });

  test('has the heading of a construct without widgets', () => {
    const stack = newStack();
    const monitoring = new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL });
    monitoring.watch(new WatchedThing(stack, 'One', { widgets: [] }));
    expect(monitoring.widgets).toHaveLength(1);
    expect(body(stack)).toContain('## Queue One');
  });

  test('can be a given dashboard', () => {
    const stack = newStack();
    const dashboard = new cloudwatch.Dashboard(stack, 'Mine', { dashboardName: 'mine' });
    const monitoring = new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL, dashboard });
    monitoring.watch(new WatchedThing(stack, 'One'));
    expect(monitoring.dashboard).toBe(dashboard);
    templateOf(stack).resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    expect(body(stack)).toContain('## Queue One');
  });
});

describe('recipients', () => {
  const warnings = (stack: Stack) =>
    Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('the alarm topic has no subscription')).length;

  test('a given topic is used, and no other topic or key is created', () => {
    const stack = newStack();
    const topic = sns.Topic.fromTopicArn(stack, 'Mine', 'arn:aws:sns:eu-west-1:111122223333:mine');
    const monitoring = new WorkloadMonitoring(stack, 'Monitoring', { topic });
    monitoring.watch(new WatchedThing(stack, 'Thing'));
    expect(monitoring.topic).toBe(topic);
    const template = templateOf(stack);
    for (const type of ['AWS::SNS::Topic', 'AWS::SNS::Subscription', 'AWS::KMS::Key']) {
      template.resourceCountIs(type, 0);
    }
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [topic.topicArn],
      OKActions: [topic.topicArn],
    });
    expect(warnings(stack)).toBe(0);
  });

  test('an address can be subscribed to a given topic', () => {
    const stack = newStack();
    const topic = sns.Topic.fromTopicArn(stack, 'Mine', 'arn:aws:sns:eu-west-1:111122223333:mine');
    new WorkloadMonitoring(stack, 'Monitoring', { topic, email: EMAIL });
    templateOf(stack).hasResourceProperties('AWS::SNS::Subscription', { Endpoint: EMAIL, TopicArn: topic.topicArn });
  });

  test('a given key encrypts the topic, and its policy allows CloudWatch', () => {
    const stack = newStack();
    const encryptionKey = new kms.Key(stack, 'Mine');
    new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL, encryptionKey });
    const template = templateOf(stack);
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: stack.resolve(encryptionKey.keyArn) });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([Match.objectLike({ Principal: { Service: 'cloudwatch.amazonaws.com' } })]),
      },
    });
  });

  test('an imported key can be used', () => {
    const stack = newStack();
    const arn = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-1111-1111-111111111111';
    new WorkloadMonitoring(stack, 'Monitoring', {
      email: EMAIL,
      encryptionKey: kms.Key.fromKeyArn(stack, 'Mine', arn),
    });
    templateOf(stack).hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: arn });
  });

  test('a missing subscription is a warning', () => {
    const stack = newStack();
    new WorkloadMonitoring(stack, 'Monitoring');
    expect(warnings(stack)).toBe(1);
  });

  test('a later subscription removes the warning', () => {
    const stack = newStack();
    const monitoring = new WorkloadMonitoring(stack, 'Monitoring');
    monitoring.topic.addSubscription(new subscriptions.UrlSubscription('https://pager.example.com/'));
    expect(warnings(stack)).toBe(0);
  });

  test('the address can be a parameter', () => {
    const stack = newStack();
    const parameter = new CfnParameter(stack, 'Address');
    new WorkloadMonitoring(stack, 'Monitoring', { email: parameter.valueAsString });
    templateOf(stack).hasResourceProperties('AWS::SNS::Subscription', { Endpoint: { Ref: 'Address' } });
  });
});

describe('different apps', () => {
  test('constructs of other stacks are watched without a cycle, and their stacks do not depend on the monitoring '
    + 'stack', () => {
    const app = newApp();
    const data = new Stack(app, 'Data');
    const web = new Stack(app, 'Web');
    const watch = new Stack(app, 'Watch');
    const things = [new WatchedThing(data, 'Thing'), new WatchedThing(web, 'Thing')];
    new WorkloadMonitoring(watch, 'Monitoring', { email: EMAIL }).watch(...things);
    app.synth();
    expect(watch.dependencies.map((stack) => stack.node.id).sort()).toEqual(['Data', 'Web']);
    expect([...data.dependencies, ...web.dependencies]).toEqual([]);
    templateOf(watch).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::ImportValue': Match.stringLikeRegexp('^Data:') } }],
    });
  });

  test('one stack can have two WorkloadMonitoring constructs', () => {
    const stack = newStack();
    const thing = new WatchedThing(stack, 'Thing');
    new WorkloadMonitoring(stack, 'One', { email: EMAIL }).watch(thing);
    new WorkloadMonitoring(stack, 'Two', { email: EMAIL }).watch(thing);
    templateOf(stack).resourceCountIs('AWS::CloudWatch::Alarm', 2);
  });

  test.each(['eu-west-1', 'us-gov-west-1', 'cn-north-1'])(
    'in %s the alarms of this account and region can publish',
    (region) => {
      const stack = newStack({ env: { account: '111122223333', region } });
      new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL }).watch(new WatchedThing(stack, 'Thing'));
      templateOf(stack).hasResourceProperties('AWS::SNS::TopicPolicy', {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Condition: {
                ArnLike: {
                  'aws:SourceArn': {
                    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:cloudwatch:${region}:111122223333:alarm:*`]],
                  },
                },
                StringEquals: { 'aws:SourceAccount': '111122223333' },
              },
            }),
          ]),
        },
      });
    },
  );

  test('tags are added to the topic', () => {
    const stack = newStack();
    new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL }).watch(new WatchedThing(stack, 'Thing'));
    Tags.of(stack).add('team', 'clinic');
    templateOf(stack).hasResourceProperties('AWS::SNS::Topic', { Tags: [{ Key: 'team', Value: 'clinic' }] });
  });

  test('the feature flags of the app do not change the template', () => {
    const template = (context: Record<string, unknown>) => {
      const stack = newStack({ context });
      new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL });
      return templateOf(stack).toJSON();
    };
    expect(
      template({ '@aws-cdk/core:enablePartitionLiterals': true, '@aws-cdk/aws-iam:minimizePolicies': true }),
    ).toEqual(template({}));
  });
});

describe('refusals', () => {
  const monitoring = (props: object = {}, env?: { region: string }) => {
    const stack = newStack({ env });
    return { stack, monitoring: new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL, ...props }) };
  };

  test.each(['', 'nobody', 'a b@example.com', 'a@b@c', '@example.com'])('%p is not an email address', (email) => {
    expect(() => monitoring({ email })).toThrow(new Error(
      `[Stack/Monitoring] email must be an email address, got '${email}'. Pass the address of the people on call.`));
  });

  test('encryptionKey with topic', () => {
    const stack = newStack();
    const topic = sns.Topic.fromTopicArn(stack, 'Mine', 'arn:aws:sns:eu-west-1:111122223333:mine');
    expect(
      () => new WorkloadMonitoring(stack, 'Monitoring', { topic, encryptionKey: new kms.Key(stack, 'Key') }),
    ).toThrow('[Stack/Monitoring] encryptionKey and topic must not be used together. Set the key on the topic.');
  });

  test('a FIFO topic', () => {
    const stack = newStack();
    const topic = new sns.Topic(stack, 'Mine', { fifo: true });
    expect(() => new WorkloadMonitoring(stack, 'Monitoring', { topic })).toThrow(new Error(
      '[Stack/Monitoring] topic must be a standard topic, because neither alarms nor EventBridge publish to a FIFO '
        + 'topic, got the FIFO topic Stack/Mine. Pass a topic without fifo: true.'));
  });

  test('a topic of another region', () => {
    const stack = newStack({ env: { region: 'us-east-1' } });
    const topic = sns.Topic.fromTopicArn(stack, 'Mine', 'arn:aws:sns:eu-west-1:111122223333:mine');
    expect(() => new WorkloadMonitoring(stack, 'Monitoring', { topic })).toThrow(
      '[Stack/Monitoring] topic must be a topic of us-east-1, because alarms publish in their own region only, '
        + 'got a topic of eu-west-1. Pass a topic of this region, or omit it.');
  });

  test('a construct that is already watched', () => {
    const { stack, monitoring: watcher } = monitoring();
    const thing = new WatchedThing(stack, 'Thing');
    watcher.watch(thing);
    expect(() => watcher.watch(thing)).toThrow(
      '[Stack/Monitoring] watch must be called once for each construct, but Stack/Thing is already watched. '
        + 'Remove the second call.');
  });
});

describe('checks', () => {
  test('the packs report nothing', () => {
    const stack = newStack();
    new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL }).watch(
      new WatchedThing(stack, 'Thing', { alarms: [someRule()] }),
    );
    expect(nagFindings(stack).filter((finding) => finding.includes('Stack/Monitoring'))).toEqual([]);
  });

  test('CloudFormation Validate reports nothing', () => {
    const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    const stack = new Stack(app, 'Stack');
    new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL }).watch(new WatchedThing(stack, 'Thing'));
    expect(templateFindings(app)).toEqual([]);
  });

  test('the logical IDs of stateful resources do not change', () => {
    const stack = newStack();
    new WorkloadMonitoring(stack, 'Monitoring', { email: EMAIL }).watch(new WatchedThing(stack, 'Thing'));
    const template = Template.fromStack(stack);
    const ids = ['AWS::KMS::Key', 'AWS::SNS::Topic', 'AWS::CloudWatch::Alarm'].map((type) =>
      Object.keys(template.findResources(type)),
    );
    expect(ids).toEqual([
      ['MonitoringKey61F0DC42'],
      ['MonitoringTopic2EDA8B02'],
      ['MonitoringStackThingOldestMessageAE8FB886'],
    ]);
  });
});
