import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as config from 'aws-cdk-lib/aws-config';
import * as kms from 'aws-cdk-lib/aws-kms';
import { needsAllResources } from '../../../src/compliance/policies/unscoped-actions';
import { DataProtection } from '../../../src/core/data-protection';
import { RELAXATION_METADATA } from '../../../src/core/relaxation';
import { ComplianceGuardrails } from '../../../src/guardrails/compliance-guardrails';
import { AdoptedRecording } from '../../../src/guardrails/config/adopted-recording';
import { ConfigRecording } from '../../../src/guardrails/config/config-recording';
import { Guardrail } from '../../../src/guardrails/guardrail';
import { newApp, newStack, propertiesOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import {
  actionsOf, adopt, alarmIds, Choice, create, only, propsOf, skip, statementsOf, templateOf,
} from '../some-guardrails';

const RECORDER = 'Custom::ConfigRecorder';
/** A recorder without the conformance pack. */
const WITHOUT_PACK = skip(Guardrail.CONFORMANCE_PACK, 'the organization has one');

/** A stack with guardrails of which only Config is set up. */
function stackWith(choice?: Choice, stack: Stack = newStack(), encryptionKey?: kms.IKey): Stack {
  only({ config: choice, encryptionKey }, stack);
  return stack;
}

const template = (choice?: Choice) => templateOf(stackWith(choice));
const recorderOf = (made: Template) => Object.values(propertiesOf(made, RECORDER))[0];
const relaxations = (stack: Stack) =>
  stack.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === RELAXATION_METADATA)
    .map(({ data }) => data.id as string)
    .filter((id) => /config|conformance/.test(id));

describe('defaults', () => {
  const made = template();

  test('the recorder records every type continuously to the bucket with its key', () => {
    expect(recorderOf(made)).toEqual({
      ServiceToken: { 'Fn::GetAtt': ['ComplianceGuardrailsConfigFunction', 'Arn'] },
      ServiceTimeout: '1080',
      Mode: 'create',
      WhereOffered: 'false',
      Frequency: 'CONTINUOUS',
      ExcludedTypes: [],
      BucketName: { Ref: 'GuardrailsConfigBucketBB42AA5D' },
      KeyArn: { 'Fn::GetAtt': ['GuardrailsConfigKey474DD955', 'Arn'] },
    });
  });

  test('the recorder and channel resources of CloudFormation are not used, because they depend on each other', () => {
    made.resourceCountIs('AWS::Config::ConfigurationRecorder', 0);
    made.resourceCountIs('AWS::Config::DeliveryChannel', 0);
  });

  test('the recorder depends on the policy of the bucket, and the conformance pack depends on the recorder', () => {
    made.hasResource(RECORDER, { DependsOn: ['GuardrailsConfigBucketPolicyC39436CF'] });
    made.hasResource('AWS::Config::ConformancePack', { DependsOn: ['ComplianceGuardrailsConfigRecorder'] });
  });

  test('the function has a timeout of five minutes and memory for two SDK clients, and CloudFormation waits for '
    + 'three attempts', () => {
    made.hasResourceProperties('AWS::Lambda::Function', { Timeout: 300, MemorySize: 256, Runtime: 'nodejs24.x' });
  });

  test('the function can read, start, stop and delete in AWS Config, and nothing else', () => {
    expect(actionsOf(made, /^(config|iam|s3):/)).toEqual([
      'config:DeleteConfigurationRecorder',
      'config:DeleteDeliveryChannel',
      'config:DescribeConfigurationRecorderStatus',
      'config:DescribeConfigurationRecorders',
      'config:DescribeDeliveryChannels',
      'config:PutConfigurationRecorder',
      'config:PutDeliveryChannel',
      'config:StartConfigurationRecorder',
      'config:StopConfigurationRecorder',
      'iam:CreateServiceLinkedRole',
      'iam:PassRole',
    ]);
  });

  test('the function can create and pass only the service-linked role of AWS Config', () => {
    const Resource = {
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':iam::',
          { Ref: 'AWS::AccountId' },
          ':role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig',
        ],
      ],
    };
    const ofIam = statementsOf(made).filter(({ Action }) => /^iam:/.test(String(Action)));
    expect(ofIam).toEqual([
      {
        Effect: 'Allow',
        Action: 'iam:CreateServiceLinkedRole',
        Resource,
        Condition: { StringEquals: { 'iam:AWSServiceName': ['config.amazonaws.com'] } },
      },
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource,
        Condition: { StringEquals: { 'iam:PassedToService': 'config.amazonaws.com' } },
      },
    ]);
  });

  test('only actions that require a wildcard resource have one', () => {
    const wide = statementsOf(made)
      .filter(({ Resource }) => [Resource].flat().includes('*'))
      .flatMap(({ Action }) => Action);
    expect(wide.filter((action) => !needsAllResources(action))).toEqual([]);
    expect([...wide].sort()).toEqual([
      'config:DeleteDeliveryChannel',
      'config:DescribeConfigurationRecorderStatus',
      'config:DescribeConfigurationRecorders',
      'config:DescribeDeliveryChannels',
      'config:PutDeliveryChannel',
    ]);
  });

  test('the function can create, start, stop and delete only the recorder with the name of this stack', () => {
    expect(
      statementsOf(made).filter(({ Action }) =>
        [Action].flat().some((action) => /^config:.*(Put|Start|Stop|Delete)ConfigurationRecorder/.test(action)),
      ),
    ).toEqual([
      {
        Effect: 'Allow',
        Action: [
          'config:DeleteConfigurationRecorder',
          'config:PutConfigurationRecorder',
          'config:StartConfigurationRecorder',
          'config:StopConfigurationRecorder',
        ],
        Resource: {
          'Fn::Join': [
            '',
            [
              'arn:',
              { Ref: 'AWS::Partition' },
              ':config:',
              { Ref: 'AWS::Region' },
              ':',
              { Ref: 'AWS::AccountId' },
              ':configuration-recorder/cdk-hipaa-',
              { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] },
              '/*',
            ],
          ],
        },
      },
    ]);
  });

  test('AWS Config can check the bucket, write its history for this account, and use the key', () => {
    const policy = Object.values(propertiesOf(made, 'AWS::S3::BucketPolicy'))[0].PolicyDocument.Statement;
    expect(policy).toContainEqual(
      expect.objectContaining({
        Sid: 'ConfigWrites',
        Principal: { Service: 'config.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: {
          'Fn::Join': [
            '',
            [
              { 'Fn::GetAtt': ['GuardrailsConfigBucketBB42AA5D', 'Arn'] },
              '/AWSLogs/',
              { Ref: 'AWS::AccountId' },
              '/Config/*',
            ],
          ],
        },
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' }, 's3:x-amz-acl': 'bucket-owner-full-control' },
        },
      }),
    );
    expect(policy).toContainEqual(
      expect.objectContaining({
        Sid: 'ConfigLooks',
        Action: ['s3:GetBucketAcl', 's3:ListBucket'],
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    );
    made.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'ConfigDelivery',
            Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  test('the history is kept for six years without Object Lock, because AWS Config '
    + 'cannot write to a locked bucket', () => {
    made.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: Match.objectLike({
        ObjectLockConfiguration: Match.absent(),
        LifecycleConfiguration: {
          Rules: Match.arrayWith([Match.objectLike({ Id: 'Retention', ExpirationInDays: 2192 })]),
        },
      }),
    });
  });

  test('the function uses the key of all functions, and the history has its own key', () => {
    expect(Object.keys(made.findResources('AWS::KMS::Key')).sort()).toEqual([
      'GuardrailsConfigKey474DD955',
      'GuardrailsKey099910AF',
    ]);
  });

  test('the construct exposes the bucket and the conformance pack', () => {
    const stack = newStack();
    const guardrails = only({ config: undefined }, stack);
    expect(stack.resolve(guardrails.configBucket!.bucketName)).toEqual({ Ref: 'GuardrailsConfigBucketBB42AA5D' });
    expect(guardrails.conformancePack).toBeInstanceOf(config.CfnConformancePack);
    expect(alarmIds(guardrails)).toEqual(['RecorderGaveUp']);
  });
});

describe('recording', () => {
  const excluded = {
    types: [config.ResourceType.of('AWS::EC2::NetworkInterface'), config.ResourceType.EBS_VOLUME],
    reason: 'tasks come and go',
  };

  test('can be daily', () => {
    expect(
      recorderOf(template(create(Guardrail.CONFIG, { config: { recording: ConfigRecording.daily() } }))),
    ).toMatchObject({ Frequency: 'DAILY', ExcludedTypes: [] });
  });

  test.each([
    ['continuously', ConfigRecording.continuous({ excluded })],
    ['daily', ConfigRecording.daily({ excluded })],
  ])('can be %s without some types, which is a relaxation', (_, recording) => {
    const stack = stackWith(create(Guardrail.CONFIG, { config: { recording } }));
    expect(recorderOf(templateOf(stack)).ExcludedTypes).toEqual(['AWS::EC2::NetworkInterface', 'AWS::EC2::Volume']);
    expect(relaxations(stack)).toEqual(['cdk-hipaa:config-types-excluded']);
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Guardrails',
      Match.stringLikeRegexp(
        'AWS Config does not record AWS::EC2::NetworkInterface, AWS::EC2::Volume \\(reason given: tasks come and go\\)',
      ),
    );
  });
});

describe('retention', () => {
  test('sets the expiration of the history', () => {
    template(create(Guardrail.CONFIG, { config: { retention: Duration.days(3653) } })).hasResourceProperties(
      'AWS::S3::Bucket',
      {
        LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ ExpirationInDays: 3653 })]) },
      },
    );
  });

  test('deletes the recorder before its bucket is emptied if data is disposable', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason: 'development' });
    const made = templateOf(stackWith(undefined, stack));
    made.hasResource(RECORDER, {
      DependsOn: Match.arrayWith([Object.keys(made.findResources('Custom::S3AutoDeleteObjects'))[0]]),
    });
  });
});

describe('encryptionKey', () => {
  test('replaces both keys and can be in another stack', () => {
    const app = newApp();
    const keys = new Stack(app, 'Keys');
    const made = templateOf(stackWith(undefined, new Stack(app, 'Stack'), new kms.Key(keys, 'Key')));
    made.resourceCountIs('AWS::KMS::Key', 0);
    expect(keys.dependencies).toEqual([]);
    templateOf(keys).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'ConfigDelivery' })]) },
    });
  });
});

describe('adopt', () => {
  const made = template(adopt(Guardrail.CONFIG));

  test('checks for a recorder and can change nothing', () => {
    expect(recorderOf(made)).toMatchObject({ Mode: 'adopt' });
    expect(actionsOf(made, /^(config|iam):/)).toEqual([
      'config:DescribeConfigurationRecorderStatus',
      'config:DescribeConfigurationRecorders',
      'config:DescribeDeliveryChannels',
    ]);
    made.resourceCountIs('AWS::S3::Bucket', 0);
  });

  const types = [config.ResourceType.S3_BUCKET, config.ResourceType.IAM_ROLE];
  const reason = 'the home region records them';

  test.each<[string, AdoptedRecording, object, string[], string | undefined]>([
    ['everything', AdoptedRecording.everything(), {}, [], undefined],
    [
      'everything except some types', AdoptedRecording.everythingExcept({ types, reason }),
      { ExcludedTypes: ['AWS::IAM::Role', 'AWS::S3::Bucket'] }, ['cdk-hipaa:config-gap-accepted'],
      'the adopted recorder of AWS Config may leave out AWS::IAM::Role, AWS::S3::Bucket \\(reason given: the home',
    ],
    [
      'at least some types', AdoptedRecording.atLeast({ types, reason }),
      { RequiredTypes: ['AWS::IAM::Role', 'AWS::S3::Bucket'] }, ['cdk-hipaa:config-gap-accepted'],
      'the adopted recorder of AWS Config may leave out every type except AWS::IAM::Role, AWS::S3::Bucket',
    ],
  ])('requires a recorder of %s', (_what, adoptedRecording, properties, ids, warning) => {
    const stack = stackWith(adopt(Guardrail.CONFIG, { config: { adoptedRecording } }));
    expect(recorderOf(templateOf(stack))).toEqual({
      ...recorderOf(made), ...properties,
    });
    expect(relaxations(stack)).toEqual(ids);
    if (warning) Annotations.fromStack(stack).hasWarning('/Stack/Guardrails', Match.stringLikeRegexp(warning));
  });

  test('still creates the conformance pack', () => {
    made.hasResource('AWS::Config::ConformancePack', { DependsOn: ['ComplianceGuardrailsConfigRecorder'] });
    template({ ...adopt(Guardrail.CONFIG), ...WITHOUT_PACK }).resourceCountIs('AWS::Config::ConformancePack', 0);
  });
});

describe('skipping', () => {
  test('creates no resource, adds a warning, and adds the reason to the report', () => {
    const stack = stackWith(skip(Guardrail.CONFIG, 'another product records'));
    expect(templateOf(stack).toJSON().Resources).toBeUndefined();
    expect(relaxations(stack)).toEqual(['cdk-hipaa:config-skipped']);
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Guardrails',
      Match.stringLikeRegexp(
        'AWS Config does not record or evaluate resources for this stack \\(reason given: another product records\\)',
      ),
    );
  });

  test('can omit only the conformance pack', () => {
    const stack = stackWith(WITHOUT_PACK);
    templateOf(stack).resourceCountIs('AWS::Config::ConformancePack', 0);
    templateOf(stack).resourceCountIs(RECORDER, 1);
    expect(relaxations(stack)).toEqual(['cdk-hipaa:conformance-pack-skipped']);
  });
});

describe('validation', () => {
  const excluding = (...names: string[]) =>
    create(Guardrail.CONFIG, {
      config: {
        recording: ConfigRecording.daily({
          excluded: { types: names.map((name) => config.ResourceType.of(name)), reason: 'x' },
        }),
      },
    });
  test.each<[string, Choice, string]>([
    [
      'a retention of zero days',
      create(Guardrail.CONFIG, { config: { retention: Duration.days(0) } }),
      '[Stack/Guardrails] config.retention in days must be an integer from 1 to 36500, got 0. '
        + 'Use an integer in this range.',
    ],
    [
      'a retention of half a day',
      create(Guardrail.CONFIG, { config: { retention: Duration.hours(12) } }),
      '[Stack/Guardrails] config.retention in days must be an integer from 1 to 36500, got 0.5. '
        + 'Use an integer in this range.',
    ],
    [
      'an empty list of excluded types',
      excluding(),
      '[Stack/Guardrails] ConfigRecording excluded.types must be a list of at least one type, without duplicates, got '
        + 'an empty list. Name a type, or remove excluded.',
    ],
    [
      'an empty list of accepted types',
      adopt(Guardrail.CONFIG, {
        config: { adoptedRecording: AdoptedRecording.everythingExcept({ types: [], reason: 'none' }) },
      }),
      '[Stack/Guardrails] AdoptedRecording.everythingExcept types must be a list of at least one type, without '
        + 'duplicates, got an empty list. Name a type, or use everything().',
    ],
    [
      'an accepted gap of a recorder that is not adopted',
      create(Guardrail.CONFIG, { config: { adoptedRecording: AdoptedRecording.everything() } }),
      '[Stack/Guardrails] config.adoptedRecording must not be set when the stack creates CONFIG. Remove it, or add '
        + 'CONFIG to adopt.',
    ],
    [
      'a duplicate type',
      excluding('AWS::S3::Bucket', 'AWS::S3::Bucket'),
      '[Stack/Guardrails] ConfigRecording excluded.types must be a list of at least one type, without duplicates, got '
        + 'AWS::S3::Bucket, AWS::S3::Bucket. Remove the duplicate.',
    ],
    [
      'a blank reason',
      skip(Guardrail.CONFIG, ' '),
      "[Stack/Guardrails] reason must be a non-blank string, got ' '. Say why it is acceptable that AWS Config does "
        + 'not record or evaluate resources for this stack.',
    ],
  ])('refuses %s', (_, choice, text) => {
    expect(() => stackWith(choice)).toThrow(new Error(text));
  });
});

describe('logical IDs and checks', () => {
  test('IDs do not depend on the path of the construct, because a new ID would stop the recorder', () => {
    const ids = (id: string) => {
      const stack = newStack();
      new ComplianceGuardrails(stack, id, propsOf({ config: undefined }));
      return ['AWS::Lambda::Function', RECORDER].flatMap((type) => Object.keys(templateOf(stack).findResources(type)));
    };
    expect(ids('Guardrails')).toEqual(['ComplianceGuardrailsConfigFunction', 'ComplianceGuardrailsConfigRecorder']);
    expect(ids('Renamed')).toEqual(ids('Guardrails'));
  });

  test('IDs of stateful resources are stable', () => {
    expect(Object.keys(template().findResources('AWS::S3::Bucket'))).toEqual(['GuardrailsConfigBucketBB42AA5D']);
    expect(Object.keys(template().findResources('AWS::Config::ConformancePack'))).toEqual([
      'GuardrailsConfigConformancePack70F9224D',
    ]);
  });

  test.each([
    ['created', create(Guardrail.CONFIG), undefined],
    ['created in a known environment', create(Guardrail.CONFIG), { account: '111122223333', region: 'eu-west-1' }],
    ['adopted', adopt(Guardrail.CONFIG), undefined],
  ])('the rule packs have no unacknowledged findings when %s', (_, choice, env) => {
    expect(nagFindings(stackWith(choice, newStack({ env })))).toEqual([]);
  });
});
