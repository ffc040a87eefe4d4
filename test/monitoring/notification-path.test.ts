import { Notification } from '../../src/monitoring/notification';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { newStack, propertiesOf, templateOf } from '../support/app';
import { someRule, WatchedThing } from '../support/watched-thing';

/** A topic that receives every kind of message: alarms, events and a budget. */
const stack = newStack({ env: { region: 'eu-west-1' } });
new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(
  new WatchedThing(stack, 'Thing', {
    alarms: [someRule()],
    notifications: [
      Notification.event({
        id: 'Findings',
        description: 'Findings',
        eventPattern: { source: ['aws.something'] },
        message: 'Found',
      }),
      Notification.costs({ id: 'MonthlyCosts', monthlyLimit: 500 }),
    ],
  }),
);
const template = templateOf(stack);
const [[topic, { KmsMasterKeyId, ...others }]] = Object.entries(propertiesOf(template, 'AWS::SNS::Topic'));
const [[key, { KeyPolicy, EnableKeyRotation, Enabled, KeySpec, KeyUsage }]] = Object.entries(
  propertiesOf(template, 'AWS::KMS::Key'),
);

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal: object;
}
const summary = ({ Sid, Effect, Principal }: Statement) => ({ Sid, Effect, Principal });
const service = (name: string) => ({ Service: `${name}.amazonaws.com` });
const PUBLISHERS = [
  { Sid: 'CloudWatchAlarms', Effect: 'Allow', Principal: service('cloudwatch') },
  { Sid: 'EventBridgeRules', Effect: 'Allow', Principal: service('events') },
  { Sid: 'Budgets', Effect: 'Allow', Principal: service('budgets') },
];
const bySid = (one: Statement, other: Statement) => String(one.Sid).localeCompare(String(other.Sid));

test('the topic accepts these three publishers only, and denies requests without TLS', () => {
  const [{ Topics, PolicyDocument }] = Object.values(propertiesOf(template, 'AWS::SNS::TopicPolicy'));
  expect(Topics).toEqual([{ Ref: topic }]);
  const denied = { Sid: 'AllowPublishThroughSSLOnly', Effect: 'Deny', Principal: '*' };
  expect(PolicyDocument.Statement.map(summary).sort(bySid)).toEqual([denied, ...PUBLISHERS].sort(bySid as never));
});

test('the topic is encrypted with a separate key, which rotates and supports encryption', () => {
  expect({ KmsMasterKeyId, others }).toEqual({ KmsMasterKeyId: { 'Fn::GetAtt': [key, 'Arn'] }, others: {} });
  expect({ EnableKeyRotation, Enabled, KeySpec, KeyUsage })
    .toEqual({ EnableKeyRotation: true, Enabled: undefined, KeySpec: undefined, KeyUsage: undefined });
});

test('the key accepts the account and the same three publishers only', () => {
  const account = { Sid: undefined, Effect: 'Allow', Principal: { AWS: expect.anything() } };
  const grants = { Sid: 'OnlyServicesCreateGrants', Effect: 'Deny', Principal: expect.anything() };
  expect(KeyPolicy.Statement.map(summary).sort(bySid)).toEqual([account, grants, ...PUBLISHERS].sort(bySid as never));
});

test('each alarm only publishes to the topic, when it fires and when it is over', () => {
  for (const { ActionsEnabled, AlarmActions, OKActions, InsufficientDataActions } of Object.values(
    propertiesOf(template, 'AWS::CloudWatch::Alarm'),
  )) {
    const actions = [{ Ref: topic }];
    expect({ ActionsEnabled, AlarmActions, OKActions, InsufficientDataActions }).toEqual({
      ActionsEnabled: true,
      AlarmActions: actions,
      OKActions: actions,
    });
  }
});
