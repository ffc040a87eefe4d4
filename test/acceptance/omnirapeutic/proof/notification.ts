import { Template } from 'aws-cdk-lib/assertions';
import { REGION } from './parts';
import { Fact } from '../../../support/template/facts';
import { all, attribute, expectSame, only, propertiesOf, ref, text, theOne } from '../../../support/template/reading';
import { ALARM, KEY, TOPIC } from '../../../support/template/types';

const BUDGET = 'AWS::Budgets::Budget';
const RULE = 'AWS::Events::Rule';
const SUBSCRIPTION = 'AWS::SNS::Subscription';
const TOPIC_POLICY = 'AWS::SNS::TopicPolicy';

const ACCOUNT = { Ref: 'AWS::AccountId' };
const PARTITION = '${{\'Ref\':\'AWS::Partition\'}}';
const ACCOUNT_TEXT = '${{\'Ref\':\'AWS::AccountId\'}}';

const theTopic = (whole: Template) => ref(only(whole, TOPIC));
/** The logical id of the key that the topic is encrypted under. */
const theKey = (whole: Template): string => theOne(TOPIC)(whole).KmsMasterKeyId['Fn::GetAtt'][0];

/** A service, and what it has to say of itself before it is let in. */
interface Publisher {
  readonly sid: string;
  readonly service: string;
  readonly conditions?: object;
}

/** The alarms of this account and region, its rules, which bring no condition that a topic could ask for, and where costs are watched by one its budget. */
function publishers(region: string): Publisher[] {
  const here = { StringEquals: { 'aws:SourceAccount': ACCOUNT } };
  const budgets = { sid: 'Budgets', service: 'budgets.amazonaws.com', conditions: { ...here, ArnLike: { 'aws:SourceArn': `arn:${PARTITION}:budgets::${ACCOUNT_TEXT}:*` } } };
  return [
    { sid: 'CloudWatchAlarms', service: 'cloudwatch.amazonaws.com', conditions: here },
    { sid: 'EventBridgeRules', service: 'events.amazonaws.com' },
    ...region === REGION ? [] : [budgets],
  ];
}

/** The statements of a policy, with the ARN that they ask for as one text. */
function statementsOf({ Statement }: { Statement: Array<{ Condition?: { ArnLike?: Record<string, unknown> } }> }): unknown[] {
  return Statement.map((statement) => {
    const arn = statement.Condition?.ArnLike?.['aws:SourceArn'];
    return arn === undefined ? statement : { ...statement, Condition: { ...statement.Condition, ArnLike: { 'aws:SourceArn': text(arn) } } };
  });
}

/** Each says to the one topic that it fires, and that it is over, and does nothing else. */
export function everyAlarmTells(whole: Template) {
  expect(all(whole, ALARM).length).toBeGreaterThan(21);
  const told = [theTopic(whole)];
  for (const { Properties: { ActionsEnabled, AlarmActions, OKActions, InsufficientDataActions } } of all(whole, ALARM)) {
    expect({ ActionsEnabled, AlarmActions, OKActions, InsufficientDataActions })
      .toEqual({ ActionsEnabled: true, AlarmActions: told, OKActions: told });
  }
}

function noOtherKindOfAlarm(whole: Template) {
  whole.resourceCountIs('AWS::CloudWatch::CompositeAlarm', 0);
}

/** The policy, statement by statement: nothing else lets anybody in, and nothing keeps these out. */
const topicLetsIn = (region: string) => (whole: Template) => {
  const topic = theTopic(whole);
  const { Topics, PolicyDocument } = theOne(TOPIC_POLICY)(whole);
  expect(Topics).toEqual([topic]);
  const [overTls, ...letIn] = statementsOf(PolicyDocument);
  expect(overTls).toEqual({
    Sid: 'AllowPublishThroughSSLOnly', Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: topic, Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });
  const alarmsOf = { ArnLike: { 'aws:SourceArn': `arn:${PARTITION}:cloudwatch:${region}:${ACCOUNT_TEXT}:alarm:*` } };
  expectSame(letIn.map(sorted), publishers(region).map(({ sid, service, conditions }) => sorted({
    Sid: sid,
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sns:Publish',
    Resource: topic,
    ...conditions && { Condition: { ...conditions, ...sid === 'CloudWatchAlarms' && alarmsOf } },
  })));
};

/** Under a key of the customer's own, which is there, is not about to be deleted, and turns by itself. */
function topicIsEncrypted(whole: Template) {
  expect(theOne(TOPIC)(whole)).toEqual({ KmsMasterKeyId: attribute(theKey(whole), 'Arn') });
  const { Enabled = true, EnableKeyRotation, RotationPeriodInDays, KeySpec = 'SYMMETRIC_DEFAULT', KeyUsage = 'ENCRYPT_DECRYPT' } = propertiesOf(whole, KEY, theKey(whole));
  expect({ Enabled, EnableKeyRotation, RotationPeriodInDays, KeySpec, KeyUsage })
    .toEqual({ Enabled: true, EnableKeyRotation: true, RotationPeriodInDays: 365, KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT' });
}

/** Whoever may publish may use the key for it, and no other service may; what is denied is no business of theirs. */
const keyLetsIn = (region: string) => (whole: Template) => {
  const [account, grants, ...letIn] = statementsOf(propertiesOf(whole, KEY, theKey(whole)).KeyPolicy);
  expect(account).toEqual({ Effect: 'Allow', Principal: { AWS: expect.anything() }, Action: 'kms:*', Resource: '*' });
  expect(text((account as { Principal: { AWS: unknown } }).Principal.AWS)).toBe(`arn:${PARTITION}:iam::${ACCOUNT_TEXT}:root`);
  expect(grants).toMatchObject({ Sid: 'OnlyServicesCreateGrants', Effect: 'Deny', Action: 'kms:CreateGrant' });
  expectSame(letIn.map(sorted), publishers(region).map(({ sid, service, conditions }) => sorted({
    Sid: sid, Effect: 'Allow', Principal: { Service: service }, Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: '*', ...conditions && { Condition: conditions },
  })));
};

export function somebodyListens(whole: Template) {
  expect(theOne(SUBSCRIPTION)(whole)).toEqual({ TopicArn: theTopic(whole), Protocol: 'email', Endpoint: 'oncall@omnirapeutic.com' });
}

/** The rules that tell of findings publish to the topic, and nowhere else. */
function findingsAreTold(whole: Template) {
  const rules = Object.entries(whole.findResources(RULE)).filter(([id]) => id.startsWith('Guardrails')).map(([, { Properties }]) => Properties);
  expectSame(rules.map(({ EventPattern }) => EventPattern.source), [['aws.guardduty'], ['aws.securityhub'], ['aws.inspector2']]);
  for (const { State, Targets, EventBusName } of rules) {
    expect({ State, EventBusName }).toEqual({ State: 'ENABLED', EventBusName: undefined });
    expect(Targets).toEqual([{ Id: 'Target0', Arn: theTopic(whole), InputTransformer: { InputPathsMap: expect.any(Object), InputTemplate: expect.stringMatching(/^".+"$/) } }]);
  }
}

/** In us-east-1 by the billing metric, which is published nowhere else; there by a budget, of what was spent and of what is going to be. */
const costsAreTold = (region: string) => (whole: Template) => {
  const billing = all(whole, ALARM).filter(({ Properties }) => Properties.Namespace === 'AWS/Billing');
  if (region === REGION) {
    expect(billing).toHaveLength(1);
    whole.resourceCountIs(BUDGET, 0);
    return;
  }
  expect(billing).toEqual([]);
  const { Budget, NotificationsWithSubscribers: notifications } = theOne(BUDGET)(whole);
  expect(Budget).toEqual({ BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 1000, Unit: 'USD' } });
  expect(notifications).toEqual(['ACTUAL', 'FORECASTED'].map((NotificationType) => ({
    Notification: { NotificationType, ComparisonOperator: 'GREATER_THAN', Threshold: 100, ThresholdType: 'PERCENTAGE' },
    Subscribers: [{ SubscriptionType: 'SNS', Address: theTopic(whole) }],
  })));
};

/** A value whose keys, on every level, stand in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => one.localeCompare(other)).map(([key, inner]) => [key, sorted(inner)]));
}

/** The way of a message, link by link, in a region: from what notifications something to who reads it. */
export function notificationPath(region: string): Fact[] {
  const section = 'The notification path';
  return [
    { section, words: 'every alarm of every stack tells the one topic that it fires, and that it is over', shown: everyAlarmTells },
    { section, words: 'no alarm is made of alarms', shown: noOtherKindOfAlarm },
    { section, words: 'findings of high severity go to the topic', shown: findingsAreTold },
    { section, words: 'costs go to the topic, by the billing metric or by a budget', shown: costsAreTold(region) },
    { section, words: 'the topic lets in the alarms of this account and region, its rules and its budget, over TLS, and nobody else', shown: topicLetsIn(region) },
    { section, words: 'the topic is encrypted under a key of its own', shown: topicIsEncrypted },
    { section, words: 'whoever publishes may use the key', shown: keyLetsIn(region) },
    { section, words: 'somebody reads it', shown: somebodyListens },
  ];
}
