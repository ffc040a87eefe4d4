import { Template } from 'aws-cdk-lib/assertions';
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
/** The logical ID of the key that encrypts the topic. */
const theKey = (whole: Template): string => theOne(TOPIC)(whole).KmsMasterKeyId['Fn::GetAtt'][0];

/** A service, and the conditions under which it may publish. */
interface Publisher {
  readonly sid: string;
  readonly service: string;
  readonly conditions?: object;
}

const HERE = { StringEquals: { 'aws:SourceAccount': ACCOUNT } };
/** The services that may publish. EventBridge supports no condition. */
const PUBLISHERS: Publisher[] = [
  { sid: 'CloudWatchAlarms', service: 'cloudwatch.amazonaws.com', conditions: HERE },
  { sid: 'EventBridgeRules', service: 'events.amazonaws.com' },
  {
    sid: 'Budgets',
    service: 'budgets.amazonaws.com',
    conditions: { ...HERE, ArnLike: { 'aws:SourceArn': `arn:${PARTITION}:budgets::${ACCOUNT_TEXT}:*` } },
  },
];

/** The statements of a policy. The ARN in a condition is one text. */
function statementsOf({
  Statement,
}: {
  Statement: Array<{ Condition?: { ArnLike?: Record<string, unknown> } }>;
}): unknown[] {
  return Statement.map((statement) => {
    const arn = statement.Condition?.ArnLike?.['aws:SourceArn'];
    return arn === undefined
      ? statement
      : { ...statement, Condition: { ...statement.Condition, ArnLike: { 'aws:SourceArn': text(arn) } } };
  });
}

/** Each alarm notifies the one topic when it fires and when it is over, and does nothing else. */
export function everyAlarmNotifies(whole: Template) {
  expect(all(whole, ALARM).length).toBeGreaterThan(21);
  const notified = [theTopic(whole)];
  for (const {
    Properties: { ActionsEnabled, AlarmActions, OKActions, InsufficientDataActions },
  } of all(whole, ALARM)) {
    expect({ ActionsEnabled, AlarmActions, OKActions, InsufficientDataActions }).toEqual({
      ActionsEnabled: true,
      AlarmActions: notified,
      OKActions: notified,
    });
  }
}

function noOtherKindOfAlarm(whole: Template) {
  whole.resourceCountIs('AWS::CloudWatch::CompositeAlarm', 0);
}

/** Checks every statement of the policy: no other principal may publish, and no statement denies these. */
const topicAllows = (region: string) => (whole: Template) => {
  const topic = theTopic(whole);
  const { Topics, PolicyDocument } = theOne(TOPIC_POLICY)(whole);
  expect(Topics).toEqual([topic]);
  const [overTls, ...allowed] = statementsOf(PolicyDocument);
  expect(overTls).toEqual({
    Sid: 'AllowPublishThroughSSLOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sns:Publish',
    Resource: topic,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });
  const alarmsOf = { ArnLike: { 'aws:SourceArn': `arn:${PARTITION}:cloudwatch:${region}:${ACCOUNT_TEXT}:alarm:*` } };
  expectSame(allowed.map(sorted), PUBLISHERS.map(({ sid, service, conditions }) => sorted({
    Sid: sid,
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sns:Publish',
    Resource: topic,
    ...conditions && { Condition: { ...conditions, ...sid === 'CloudWatchAlarms' && alarmsOf } },
  })));
};

/** A customer managed key of the stack encrypts the topic. It is enabled, can encrypt, and rotates yearly. */
function topicIsEncrypted(whole: Template) {
  expect(theOne(TOPIC)(whole)).toEqual({ KmsMasterKeyId: attribute(theKey(whole), 'Arn') });
  const {
    Enabled = true,
    EnableKeyRotation,
    RotationPeriodInDays,
    KeySpec = 'SYMMETRIC_DEFAULT',
    KeyUsage = 'ENCRYPT_DECRYPT',
  } = propertiesOf(whole, KEY, theKey(whole));
  expect({ Enabled, EnableKeyRotation, RotationPeriodInDays, KeySpec, KeyUsage }).toEqual({
    Enabled: true,
    EnableKeyRotation: true,
    RotationPeriodInDays: 365,
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyUsage: 'ENCRYPT_DECRYPT',
  });
}

/** Each service that may publish may use the key, and no other service may. */
function keyAllows(whole: Template) {
  const [account, grants, ...allowed] = statementsOf(propertiesOf(whole, KEY, theKey(whole)).KeyPolicy);
  expect(account).toEqual({ Effect: 'Allow', Principal: { AWS: expect.anything() }, Action: 'kms:*', Resource: '*' });
  expect(text((account as { Principal: { AWS: unknown } }).Principal.AWS)).toBe(
    `arn:${PARTITION}:iam::${ACCOUNT_TEXT}:root`,
  );
  expect(grants).toMatchObject({ Sid: 'OnlyServicesCreateGrants', Effect: 'Deny', Action: 'kms:CreateGrant' });
  expectSame(
    allowed.map(sorted),
    PUBLISHERS.map(({ sid, service, conditions }) =>
      sorted({
        Sid: sid,
        Effect: 'Allow',
        Principal: { Service: service },
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: '*',
        ...(conditions && { Condition: conditions }),
      }),
    ),
  );
}

export function onCallIsSubscribed(whole: Template) {
  expect(theOne(SUBSCRIPTION)(whole)).toEqual({
    TopicArn: theTopic(whole),
    Protocol: 'email',
    Endpoint: 'oncall@omnirapeutic.com',
  });
}

/** The rules for findings publish to the topic only. */
function findingsReachTheTopic(whole: Template) {
  const rules = Object.entries(whole.findResources(RULE))
    .filter(([id]) => id.startsWith('Guardrails') && !id.includes('DriftCheck'))
    .map(([, { Properties }]) => Properties);
  expectSame(
    rules.map(({ EventPattern }) => EventPattern.source),
    [['aws.guardduty'], ['aws.securityhub'], ['aws.inspector2'], ['aws.access-analyzer'], ['aws.config']],
  );
  for (const { State, Targets, EventBusName } of rules) {
    expect({ State, EventBusName }).toEqual({ State: 'ENABLED', EventBusName: undefined });
    expect(Targets).toEqual([
      {
        Id: 'Target0',
        Arn: theTopic(whole),
        InputTransformer: { InputPathsMap: expect.any(Object), InputTemplate: expect.stringMatching(/^".+"$/) },
      },
    ]);
  }
}

/** A budget notifies of actual and forecast costs, in every region. */
export function costsReachTheTopic(whole: Template) {
  expect(all(whole, ALARM).filter(({ Properties }) => Properties.Namespace === 'AWS/Billing')).toEqual([]);
  const { Budget, NotificationsWithSubscribers: notifications } = theOne(BUDGET)(whole);
  expect(Budget).toEqual({ BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 1000, Unit: 'USD' } });
  expect(notifications).toEqual(['ACTUAL', 'FORECASTED'].map((NotificationType) => ({
    Notification: { NotificationType, ComparisonOperator: 'GREATER_THAN', Threshold: 100, ThresholdType: 'PERCENTAGE' },
    Subscribers: [{ SubscriptionType: 'SNS', Address: theTopic(whole) }],
  })));
}

/** Returns a value with the keys of each level in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** The path of a message in a region, link by link: from its source to its recipient. */
export function notificationPath(region: string): Fact[] {
  const section = 'The notification path';
  return [
    {
      section,
      words: 'every alarm of every stack notifies the one topic when it fires and when it is over',
      shown: everyAlarmNotifies,
    },
    { section, words: 'there is no composite alarm', shown: noOtherKindOfAlarm },
    { section, words: 'findings of high severity reach the topic', shown: findingsReachTheTopic },
    { section, words: 'costs reach the topic, through a budget', shown: costsReachTheTopic },
    {
      section,
      words: 'only the alarms of this account and region, its rules and its budget may publish, over TLS',
      shown: topicAllows(region),
    },
    { section, words: 'a key of the stack encrypts the topic', shown: topicIsEncrypted },
    { section, words: 'each publisher may use the key, and no other service', shown: keyAllows },
    { section, words: 'the on-call address is subscribed', shown: onCallIsSubscribed },
  ];
}
