import { CfnParameter, Duration } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { RELAXATION_METADATA } from '../../../src/core/relaxation';
import { Guardrail } from '../../../src/guardrails/guardrail';
import { newStack, propertiesOf } from '../../support/app';
import {
  actionsOf,
  adopt,
  Choice,
  Choices,
  create,
  only,
  statementsOf,
  templateOfOnly,
  templateOf,
} from '../some-guardrails';

const SETTINGS = { s3PublicAccess: undefined, ebsEncryption: undefined, passwordPolicy: undefined };

/** The properties of the custom resources, without those that are equal for all. */
function settings(props: Choices): Array<Record<string, unknown>> {
  return Object.values(propertiesOf(templateOfOnly(props), 'Custom::AccountSetting')).map((properties) =>
    Object.fromEntries(
      Object.entries(properties).filter(([name]) => !['ServiceToken', 'ServiceTimeout', 'WhereOffered'].includes(name)),
    ),
  );
}

describe('defaults', () => {
  test('block public buckets, encrypt volumes, and set the password policy that the AWS Config rule requires', () => {
    expect(settings(SETTINGS)).toEqual([
      { Setting: 'S3_PUBLIC_ACCESS_BLOCK', Mode: 'create' },
      { Setting: 'EBS_ENCRYPTION', Mode: 'create' },
      { Setting: 'PASSWORD_POLICY', Mode: 'create', MinimumLength: '14', MaxAgeDays: '90', ReusePrevention: '24' },
    ]);
  });

  test('use one function for all settings, with no other permission', () => {
    const template = templateOfOnly(SETTINGS);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    expect(actionsOf(template, /^(s3|ec2|iam):/)).toEqual([
      'ec2:EnableEbsEncryptionByDefault', 'ec2:GetEbsEncryptionByDefault',
      'iam:GetAccountPasswordPolicy', 'iam:UpdateAccountPasswordPolicy',
      's3:GetAccountPublicAccessBlock', 's3:PutAccountPublicAccessBlock',
    ]);
  });
});

describe('each setting', () => {
  test.each<[string, Choices, string, string[]]>([
    [
      'the public access block, created',
      { s3PublicAccess: create(Guardrail.S3_PUBLIC_ACCESS) },
      'S3_PUBLIC_ACCESS_BLOCK',
      ['s3:GetAccountPublicAccessBlock', 's3:PutAccountPublicAccessBlock'],
    ],
    [
      'the public access block, adopted',
      { s3PublicAccess: adopt(Guardrail.S3_PUBLIC_ACCESS) },
      'S3_PUBLIC_ACCESS_BLOCK',
      ['s3:GetAccountPublicAccessBlock'],
    ],
    [
      'EBS encryption, adopted',
      { ebsEncryption: adopt(Guardrail.EBS_ENCRYPTION) },
      'EBS_ENCRYPTION',
      ['ec2:GetEbsEncryptionByDefault'],
    ],
    [
      'the password policy, adopted',
      { passwordPolicy: adopt(Guardrail.PASSWORD_POLICY) },
      'PASSWORD_POLICY',
      ['iam:GetAccountPasswordPolicy'],
    ],
  ])('has its own permissions: %s', (_, props, setting, actions) => {
    expect(settings(props).map(({ Setting }) => Setting)).toEqual([setting]);
    expect(actionsOf(templateOfOnly(props), /^(s3|ec2|iam):/)).toEqual(actions);
  });
});

describe('ebsEncryption', () => {
  const withKey = (choose: (key: kms.IKey) => Choice) => {
    const stack = newStack();
    only({ ebsEncryption: choose(new kms.Key(stack, 'Volumes')) }, stack);
    return templateOf(stack);
  };
  const key = { 'Fn::GetAtt': [expect.stringMatching(/^Volumes/), 'Arn'] };

  test('accepts a key that the function can describe', () => {
    const template = withKey((encryptionKey) => create(Guardrail.EBS_ENCRYPTION, { ebsEncryptionKey: encryptionKey }));
    expect(Object.values(propertiesOf(template, 'Custom::AccountSetting'))).toEqual([
      expect.objectContaining({ Setting: 'EBS_ENCRYPTION', KeyArn: key }),
    ]);
    expect(actionsOf(template, /^ec2:/)).toEqual([
      'ec2:EnableEbsEncryptionByDefault',
      'ec2:GetEbsDefaultKmsKeyId',
      'ec2:GetEbsEncryptionByDefault',
      'ec2:ModifyEbsDefaultKmsKeyId',
    ]);
    expect(statementsOf(template)).toContainEqual(
      expect.objectContaining({ Action: 'kms:DescribeKey', Resource: key }),
    );
  });

  test('adopts a key without a permission on it', () => {
    const template = withKey((encryptionKey) => adopt(Guardrail.EBS_ENCRYPTION, { ebsEncryptionKey: encryptionKey }));
    expect(actionsOf(template, /^ec2:|DescribeKey/)).toEqual([
      'ec2:GetEbsDefaultKmsKeyId',
      'ec2:GetEbsEncryptionByDefault',
    ]);
  });
});

describe('passwordPolicy', () => {
  test('accepts a greater length and a shorter age', () => {
    const passwordPolicy = create(Guardrail.PASSWORD_POLICY, {
      passwordPolicy: { minimumLength: 20, maxAge: Duration.days(60) },
    });
    expect(settings({ passwordPolicy })).toEqual([
      expect.objectContaining({ MinimumLength: '20', MaxAgeDays: '60', ReusePrevention: '24' }),
    ]);
  });

  test('accepts tokens', () => {
    const stack = newStack();
    const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    only(
      {
        passwordPolicy: create(Guardrail.PASSWORD_POLICY, {
          passwordPolicy: { minimumLength: number('Length'), maxAge: Duration.days(number('Days')) },
        }),
      },
      stack,
    );
    templateOf(stack).hasResourceProperties('Custom::AccountSetting', {
      MinimumLength: { Ref: 'Length' },
      MaxAgeDays: { Ref: 'Days' },
    });
  });

  test.each<[string, Choice, string]>([
    ['a short password length', create(Guardrail.PASSWORD_POLICY, { passwordPolicy: { minimumLength: 13 } }),
      'passwordPolicy.minimumLength must be an integer from 14 to 128, got 13. Use an integer in this range.'],
    ['a length above the maximum of IAM', adopt(Guardrail.PASSWORD_POLICY, { passwordPolicy: { minimumLength: 129 } }),
      'passwordPolicy.minimumLength must be an integer from 14 to 128, got 129. Use an integer in this range.'],
    ['a long password age', create(Guardrail.PASSWORD_POLICY, { passwordPolicy: { maxAge: Duration.days(91) } }),
      'passwordPolicy.maxAge must be 1 to 90 whole days, got 91 days. Use Duration.days(…).'],
    ['a password age of zero days', create(Guardrail.PASSWORD_POLICY, { passwordPolicy: { maxAge: Duration.days(0) } }),
      'passwordPolicy.maxAge must be 1 to 90 whole days, got 0 days. Use Duration.days(…).'],
    ['hours', create(Guardrail.PASSWORD_POLICY, { passwordPolicy: { maxAge: Duration.hours(36) } }),
      'passwordPolicy.maxAge must be 1 to 90 whole days, got 1 day 12 hours. Use Duration.days(…).'],
  ])('refuses %s', (_, passwordPolicy, text) => {
    expect(() => only({ passwordPolicy })).toThrow(new Error(`[Stack/Guardrails] ${text}`));
  });
});

describe('skipping', () => {
  test('creates no resource and adds the reason of each setting to the report', () => {
    const made = only({});
    const relaxations = made.node.metadata
      .filter((entry) => entry.type === RELAXATION_METADATA)
      .map((entry) => `${entry.data.id}: ${entry.data.what}`);
    expect(relaxations).toEqual(expect.arrayContaining([
      'cdk-hipaa:s3-public-access-skipped: the stack does not block public S3 access for the account',
      'cdk-hipaa:ebs-encryption-skipped: the stack does not encrypt new EBS volumes by default',
      'cdk-hipaa:password-policy-skipped: the stack sets no password policy for IAM users',
    ]));
  });
});
