import { Fact } from '../../../support/template/facts';
import {
  about,
  add,
  addTo,
  Change,
  edit,
  Mutation,
  named,
  Properties,
  remove,
  set,
} from '../../../support/template/mutations';
import { ALARM, KEY, TOPIC } from '../../../support/template/types';

const BUDGET = 'AWS::Budgets::Budget';
const RULE = 'AWS::Events::Rule';
const TOPIC_POLICY = 'AWS::SNS::TopicPolicy';
const TOPIC_KEY = named('NetworkMonitoringKey');
const ELSEWHERE = 'arn:aws:sns:us-east-1:111122223333:elsewhere';

/** Changes one statement of a policy. */
type Edit = (statement: Properties) => void;
const atTopic = (sid: string, change: Edit) =>
  edit(TOPIC_POLICY, ({ PolicyDocument }) => change(bySid(PolicyDocument, sid)));
const atKey = (sid: string, change: Edit) => edit(KEY, ({ KeyPolicy }) => change(bySid(KeyPolicy, sid)), TOPIC_KEY);
const bySid = ({ Statement }: Properties, sid: string) => Statement.find(({ Sid }: Properties) => Sid === sid);
function withoutSid(document: Properties, sid: string) {
  document.Statement = document.Statement.filter(({ Sid }: Properties) => Sid !== sid);
}
const allow = (document: Properties, statement: Properties) =>
  document.Statement.push({ Effect: 'Allow', Resource: '*', ...statement });

const ALARMS: Array<[string, Change]> = [
  ['one has no actions', set(ALARM, { ActionsEnabled: false }, about('GuardrailsRootUse'))],
  ['one has no action when it fires', edit(ALARM, (alarm) => delete alarm.AlarmActions, about('DatabaseCpu'))],
  ['one notifies another topic', set(ALARM, { AlarmActions: [ELSEWHERE] }, about('ApiNoHealthyTask'))],
  [
    'one also notifies another topic',
    edit(ALARM, ({ AlarmActions }) => AlarmActions.push(ELSEWHERE), about('BastionStatusCheckFailed')),
  ],
  ['one has no OK action', edit(ALARM, (alarm) => delete alarm.OKActions, about('NatPortAllocation'))],
  ['all notify a topic that does not exist', set(ALARM, { AlarmActions: [ELSEWHERE], OKActions: [ELSEWHERE] })],
  ['there is a second topic', add(TOPIC, {})],
];

const FINDINGS: Array<[string, Change]> = [
  ['those of GuardDuty have no rule', remove(RULE, about('GuardDutyFindings'))],
  [
    'those of Inspector reach another topic',
    set(RULE, { Targets: [{ Id: 'Target0', Arn: ELSEWHERE }] }, about('InspectorFindings')),
  ],
  ['the rule of Security Hub is disabled', set(RULE, { State: 'DISABLED' }, about('SecurityHubFindings'))],
  ['the rule of GuardDuty is on another bus', set(RULE, { EventBusName: 'other' }, about('GuardDutyFindings'))],
];

const TOPICS: Array<[string, Change]> = [
  ['no alarm may publish', edit(TOPIC_POLICY, ({ PolicyDocument }) => withoutSid(PolicyDocument, 'CloudWatchAlarms'))],
  [
    'alarms of every account may publish',
    atTopic('CloudWatchAlarms', (statement) => delete statement.Condition.StringEquals),
  ],
  [
    'a source other than an alarm may publish',
    atTopic('CloudWatchAlarms', (statement) => delete statement.Condition.ArnLike),
  ],
  [
    'alarms of another region may publish',
    atTopic('CloudWatchAlarms', ({ Condition }) => {
      const parts = Condition.ArnLike['aws:SourceArn']['Fn::Join'][1];
      Condition.ArnLike['aws:SourceArn']['Fn::Join'][1] = parts.map((part: unknown) =>
        typeof part === 'string' ? part.replace(/:cloudwatch:[\w-]+:/, ':cloudwatch:ap-south-1:') : part,
      );
    }),
  ],
  ['no rule may publish', edit(TOPIC_POLICY, ({ PolicyDocument }) => withoutSid(PolicyDocument, 'EventBridgeRules'))],
  [
    'requests without TLS are allowed',
    edit(TOPIC_POLICY, ({ PolicyDocument }) => withoutSid(PolicyDocument, 'AllowPublishThroughSSLOnly')),
  ],
  [
    'every principal may publish',
    edit(TOPIC_POLICY, ({ PolicyDocument }) => allow(PolicyDocument, { Principal: '*', Action: 'sns:Publish' })),
  ],
  [
    'CloudWatch is denied',
    edit(TOPIC_POLICY, ({ PolicyDocument }) =>
      allow(PolicyDocument, { Effect: 'Deny', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:*' }),
    ),
  ],
  ['the policy applies to another topic', set(TOPIC_POLICY, { Topics: [ELSEWHERE] })],
];

const ENCRYPTION: Array<[string, Change]> = [
  ['with the AWS managed key, which CloudWatch may not use', set(TOPIC, { KmsMasterKeyId: 'alias/aws/sns' })],
  ['without a key', edit(TOPIC, (topic) => delete topic.KmsMasterKeyId)],
  ['with a disabled key', set(KEY, { Enabled: false }, TOPIC_KEY)],
  ['with a key that does not rotate', set(KEY, { EnableKeyRotation: false }, TOPIC_KEY)],
  ['with a key that only signs', set(KEY, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }, TOPIC_KEY)],
  ['with a key that does not exist', remove(KEY, TOPIC_KEY)],
];

const KEYS: Array<[string, Change]> = [
  ['except CloudWatch', edit(KEY, ({ KeyPolicy }) => withoutSid(KeyPolicy, 'CloudWatchAlarms'), TOPIC_KEY)],
  ['except EventBridge', edit(KEY, ({ KeyPolicy }) => withoutSid(KeyPolicy, 'EventBridgeRules'), TOPIC_KEY)],
  [
    'CloudWatch only to decrypt',
    atKey('CloudWatchAlarms', (statement) => Object.assign(statement, { Action: 'kms:Decrypt' })),
  ],
  [
    'EventBridge only to encrypt',
    atKey('EventBridgeRules', (statement) => Object.assign(statement, { Action: 'kms:GenerateDataKey' })),
  ],
  ['CloudWatch for every account', atKey('CloudWatchAlarms', (statement) => delete statement.Condition)],
  [
    'every principal',
    edit(KEY, ({ KeyPolicy }) => allow(KeyPolicy, { Principal: '*', Action: 'kms:Decrypt' }), TOPIC_KEY),
  ],
];

const SUBSCRIPTIONS: Array<[string, Change]> = [
  ['no address', remove('AWS::SNS::Subscription')],
  ['another address', set('AWS::SNS::Subscription', { Endpoint: 'other@example.com' })],
  [
    'another address in addition',
    addTo(
      TOPIC,
      () => true,
      (id) => ['AWS::SNS::Subscription', { TopicArn: { Ref: id }, Protocol: 'email', Endpoint: 'other@example.com' }],
    ),
  ],
  ['with a filter that matches no message', set('AWS::SNS::Subscription', { FilterPolicy: { never: ['sent'] } })],
];

const BUDGETS: Array<[string, Change]> = [
  ['there is no budget', remove(BUDGET)],
  [
    'the budget notifies another topic',
    edit(BUDGET, ({ NotificationsWithSubscribers: [first] }) =>
      Object.assign(first.Subscribers[0], { Address: ELSEWHERE }),
    ),
  ],
  [
    'there is no notification of forecast costs',
    edit(BUDGET, ({ NotificationsWithSubscribers }) => NotificationsWithSubscribers.pop()),
  ],
  ['the limit is different', edit(BUDGET, ({ Budget }) => Object.assign(Budget.BudgetLimit, { Amount: 100_000 }))],
];
const BUDGETS_AT_TOPIC: Array<[string, Change]> = [
  ['no budget may publish', edit(TOPIC_POLICY, ({ PolicyDocument }) => withoutSid(PolicyDocument, 'Budgets'))],
  ['budgets of every account may publish', atTopic('Budgets', (statement) => delete statement.Condition)],
];
const BUDGETS_AT_KEY: Array<[string, Change]> = [
  ['except budgets', edit(KEY, ({ KeyPolicy }) => withoutSid(KeyPolicy, 'Budgets'), TOPIC_KEY)],
];

/** The changes that interrupt the path of a message. Each must fail the row of its link. */
export function notificationMutations(path: Fact[]): Mutation[] {
  const [alarms, ofAlarms, findings, spent, topic, encryption, key, subscription] = path.map(({ words }) => words);
  const mutations: Array<[string, Array<[string, Change]>]> = [
    [alarms, ALARMS],
    [ofAlarms, [['there is one', add('AWS::CloudWatch::CompositeAlarm', { AlarmRule: 'FALSE' })]]],
    [findings, FINDINGS],
    [spent, BUDGETS],
    [topic, [...TOPICS, ...BUDGETS_AT_TOPIC]],
    [encryption, ENCRYPTION],
    [key, [...KEYS, ...BUDGETS_AT_KEY]],
    [subscription, SUBSCRIPTIONS],
  ];
  return mutations.flatMap(([words, changes]) =>
    changes.map(([what, change]) => ({ rows: path, words, what, change })),
  );
}
