import { Fact } from '../../../support/template/facts';
import { about, add, addTo, Change, edit, Mutation, named, Properties, remove, set } from '../../../support/template/mutations';
import { ALARM, KEY, TOPIC } from '../../../support/template/types';

const BUDGET = 'AWS::Budgets::Budget';
const RULE = 'AWS::Events::Rule';
const TOPIC_POLICY = 'AWS::SNS::TopicPolicy';
const TOPIC_KEY = named('NetworkMonitoringKey');
const ELSEWHERE = 'arn:aws:sns:us-east-1:111122223333:elsewhere';

/** Changes one statement of the topic's policy, and one of its key's. */
type Edit = (statement: Properties) => void;
const atTopic = (sid: string, change: Edit) => edit(TOPIC_POLICY, ({ PolicyDocument }) => change(bySid(PolicyDocument, sid)));
const atKey = (sid: string, change: Edit) => edit(KEY, ({ KeyPolicy }) => change(bySid(KeyPolicy, sid)), TOPIC_KEY);
const bySid = ({ Statement }: Properties, sid: string) => Statement.find(({ Sid }: Properties) => Sid === sid);
function withoutSid(document: Properties, sid: string) {
  document.Statement = document.Statement.filter(({ Sid }: Properties) => Sid !== sid);
}
const letIn = (document: Properties, statement: Properties) => document.Statement.push({ Effect: 'Allow', Resource: '*', ...statement });

const ALARMS: Array<[string, Change]> = [
  ['one says nothing', set(ALARM, { ActionsEnabled: false }, about('GuardrailsRootUse'))],
  ['one has nobody to tell', edit(ALARM, (alarm) => delete alarm.AlarmActions, about('DatabaseCpu'))],
  ['one tells another topic', set(ALARM, { AlarmActions: [ELSEWHERE] }, about('ApiNoHealthyTask'))],
  ['one tells another topic too', edit(ALARM, ({ AlarmActions }) => AlarmActions.push(ELSEWHERE), about('BastionStatusCheckFailed'))],
  ['one never says that it is over', edit(ALARM, (alarm) => delete alarm.OKActions, about('NatPortAllocation'))],
  ['all tell a topic that does not exist', set(ALARM, { AlarmActions: [ELSEWHERE], OKActions: [ELSEWHERE] })],
  ['there is a second topic', add(TOPIC, {})],
];

const FINDINGS: Array<[string, Change]> = [
  ['those of GuardDuty go nowhere', remove(RULE, about('GuardDutyFindings'))],
  ['those of Inspector go elsewhere', set(RULE, { Targets: [{ Id: 'Target0', Arn: ELSEWHERE }] }, about('InspectorFindings'))],
  ['those of Security Hub are off', set(RULE, { State: 'DISABLED' }, about('SecurityHubFindings'))],
  ['those of GuardDuty are looked for on another bus', set(RULE, { EventBusName: 'other' }, about('GuardDutyFindings'))],
];

const TOPICS: Array<[string, Change]> = [
  ['no alarm may publish', edit(TOPIC_POLICY, ({ PolicyDocument }) => withoutSid(PolicyDocument, 'CloudWatchAlarms'))],
  ['alarms of every account may publish', atTopic('CloudWatchAlarms', (statement) => delete statement.Condition.StringEquals)],
  ['what is no alarm may publish as one', atTopic('CloudWatchAlarms', (statement) => delete statement.Condition.ArnLike)],
  ['alarms of another region may publish', atTopic('CloudWatchAlarms', ({ Condition }) => {
    const parts = Condition.ArnLike['aws:SourceArn']['Fn::Join'][1];
    Condition.ArnLike['aws:SourceArn']['Fn::Join'][1] = parts.map((part: unknown) => typeof part === 'string' ? part.replace(/:cloudwatch:[\w-]+:/, ':cloudwatch:ap-south-1:') : part);
  })],
  ['no rule may publish', edit(TOPIC_POLICY, ({ PolicyDocument }) => withoutSid(PolicyDocument, 'EventBridgeRules'))],
  ['what comes without TLS is let in', edit(TOPIC_POLICY, ({ PolicyDocument }) => withoutSid(PolicyDocument, 'AllowPublishThroughSSLOnly'))],
  ['everybody is let in', edit(TOPIC_POLICY, ({ PolicyDocument }) => letIn(PolicyDocument, { Principal: '*', Action: 'sns:Publish' }))],
  ['CloudWatch is kept out', edit(TOPIC_POLICY, ({ PolicyDocument }) =>
    letIn(PolicyDocument, { Effect: 'Deny', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:*' }))],
  ['the policy is that of no topic', set(TOPIC_POLICY, { Topics: [ELSEWHERE] })],
];

const ENCRYPTION: Array<[string, Change]> = [
  ['under the key that AWS manages, which CloudWatch may not use', set(TOPIC, { KmsMasterKeyId: 'alias/aws/sns' })],
  ['not at all', edit(TOPIC, (topic) => delete topic.KmsMasterKeyId)],
  ['under a key that is off', set(KEY, { Enabled: false }, TOPIC_KEY)],
  ['under a key that never turns', set(KEY, { EnableKeyRotation: false }, TOPIC_KEY)],
  ['under a key that only signs', set(KEY, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }, TOPIC_KEY)],
  ['under a key that is gone', remove(KEY, TOPIC_KEY)],
];

const KEYS: Array<[string, Change]> = [
  ['but CloudWatch', edit(KEY, ({ KeyPolicy }) => withoutSid(KeyPolicy, 'CloudWatchAlarms'), TOPIC_KEY)],
  ['but EventBridge', edit(KEY, ({ KeyPolicy }) => withoutSid(KeyPolicy, 'EventBridgeRules'), TOPIC_KEY)],
  ['but CloudWatch only to read', atKey('CloudWatchAlarms', (statement) => Object.assign(statement, { Action: 'kms:Decrypt' }))],
  ['but EventBridge only to write', atKey('EventBridgeRules', (statement) => Object.assign(statement, { Action: 'kms:GenerateDataKey' }))],
  ['and CloudWatch for every account', atKey('CloudWatchAlarms', (statement) => delete statement.Condition)],
  ['and so may everybody', edit(KEY, ({ KeyPolicy }) => letIn(KeyPolicy, { Principal: '*', Action: 'kms:Decrypt' }), TOPIC_KEY)],
];

const LISTENERS: Array<[string, Change]> = [
  ['nobody', remove('AWS::SNS::Subscription')],
  ['a stranger', set('AWS::SNS::Subscription', { Endpoint: 'somebody@example.com' })],
  ['a stranger too', addTo(TOPIC, () => true, (id) => ['AWS::SNS::Subscription', { TopicArn: { Ref: id }, Protocol: 'email', Endpoint: 'somebody@example.com' }])],
  ['only what is not sent', set('AWS::SNS::Subscription', { FilterPolicy: { never: ['sent'] } })],
];

const BILLING: Array<[string, Change]> = [
  ['nobody is told', remove(ALARM, about('MonthlyCosts'))],
];
const BUDGETS: Array<[string, Change]> = [
  ['nobody is told', remove(BUDGET)],
  ['another topic is told', edit(BUDGET, ({ NotificationsWithSubscribers: [first] }) => Object.assign(first.Subscribers[0], { Address: ELSEWHERE }))],
  ['nobody is told of what is to come', edit(BUDGET, ({ NotificationsWithSubscribers }) => NotificationsWithSubscribers.pop())],
  ['the limit is another', edit(BUDGET, ({ Budget }) => Object.assign(Budget.BudgetLimit, { Amount: 100_000 }))],
];
const BUDGETS_AT_TOPIC: Array<[string, Change]> = [
  ['no budget may publish', edit(TOPIC_POLICY, ({ PolicyDocument }) => withoutSid(PolicyDocument, 'Budgets'))],
  ['budgets of every account may publish', atTopic('Budgets', (statement) => delete statement.Condition)],
];
const BUDGETS_AT_KEY: Array<[string, Change]> = [
  ['but budgets', edit(KEY, ({ KeyPolicy }) => withoutSid(KeyPolicy, 'Budgets'), TOPIC_KEY)],
];

/** What breaks the way of a message. Each has to be found by the link that it is about. */
export function notificationMutations(path: Fact[], costs: 'billing' | 'budget'): Mutation[] {
  const [alarms, ofAlarms, findings, spent, topic, encryption, key, listeners] = path.map(({ words }) => words);
  const budgets = costs === 'budget';
  const mutations: Array<[string, Array<[string, Change]>]> = [
    [alarms, ALARMS],
    [ofAlarms, [['one is', add('AWS::CloudWatch::CompositeAlarm', { AlarmDefinition: 'FALSE' })]]],
    [findings, FINDINGS],
    [spent, budgets ? BUDGETS : BILLING],
    [topic, [...TOPICS, ...budgets ? BUDGETS_AT_TOPIC : []]],
    [encryption, ENCRYPTION],
    [key, [...KEYS, ...budgets ? BUDGETS_AT_KEY : []]],
    [listeners, LISTENERS],
  ];
  return mutations.flatMap(([words, changes]) => changes.map(([what, change]) => ({ rows: path, words, what, change })));
}
