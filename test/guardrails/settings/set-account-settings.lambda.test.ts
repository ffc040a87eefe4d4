import { handler } from '../../../src/guardrails/settings/set-account-settings.lambda';
import { FakeAccountSettings, FakePasswordPolicy, findAccountsAtHome } from '../../support/fake-account-settings';
import { ACCOUNT, Answer, Asked, askHandler, pointSdkAt } from '../../support/fake-service';

type Properties = Parameters<typeof handler>[0]['ResourceProperties'];
type Type = 'Create' | 'Update' | 'Delete';

const BLOCKED = { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true };
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1`;
const STRICT: FakePasswordPolicy = {
  MinimumPasswordLength: 14,
  MaxPasswordAge: 90,
  PasswordReusePrevention: 24,
  RequireLowercaseCharacters: true,
  RequireUppercaseCharacters: true,
  RequireNumbers: true,
  RequireSymbols: true,
  AllowUsersToChangePassword: true,
};

let settings: FakeAccountSettings;
let errors: jest.SpyInstance;
let lookup: jest.SpyInstance;

beforeEach(async () => {
  settings = new FakeAccountSettings();
  await settings.start();
  pointSdkAt(settings.url.replace('127.0.0.1', 'localhost'));
  lookup = findAccountsAtHome();
  errors = jest.spyOn(console, 'error').mockImplementation();
});

afterEach(async () => {
  errors.mockRestore();
  lookup.mockRestore();
  await settings.stop();
});

const asking = (given: Partial<Properties>) => (type: Type, asked?: Asked<Properties>): Promise<Answer> =>
  askHandler(handler, settings, type, given as Properties, asked);
const askPublicAccess = asking({ Setting: 'S3_PUBLIC_ACCESS_BLOCK' });
const askEbs = asking({ Setting: 'EBS_ENCRYPTION' });
const askPasswords = asking({
  Setting: 'PASSWORD_POLICY',
  MinimumLength: '14',
  MaxAgeDays: '90',
  ReusePrevention: '24',
});
const adopt = { properties: { Mode: 'adopt' as const } };

const enabled = (setting: string) => `account-setting/${setting}/enabled-by-this-stack`;
const notOurs = (setting: string) => `account-setting/${setting}/not-enabled-by-this-stack`;

describe('the public access block', () => {
  test('is put where there is none', async () => {
    expect(await askPublicAccess('Create')).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: enabled('s3-public-access-block'),
    });
    expect(settings.publicAccess).toEqual(BLOCKED);
  });

  test('is completed where it has gaps', async () => {
    settings.publicAccess = { ...BLOCKED, IgnorePublicAcls: false };
    await askPublicAccess('Create');
    expect(settings.publicAccess).toEqual(BLOCKED);
  });

  test('is left where it is complete', async () => {
    settings.publicAccess = BLOCKED;
    expect(await askPublicAccess('Create')).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: notOurs('s3-public-access-block'),
    });
    expect(settings.changes).toEqual([]);
  });

  test('is adopted where it is complete, and fails where it is not', async () => {
    settings.publicAccess = { ...BLOCKED, BlockPublicAcls: false };
    expect(await askPublicAccess('Create', adopt)).toMatchObject({
      Status: 'FAILED',
      Reason:
        `S3's account-level Block Public Access is without BlockPublicAcls in account ${ACCOUNT}, and adopt does not `
          + 'change it. ' +
        'Enable it in the account that manages S3, or remove Guardrail.S3_PUBLIC_ACCESS from adopt of '
          + 'ComplianceGuardrails',
    });
    settings.publicAccess = BLOCKED;
    expect(await askPublicAccess('Create', adopt)).toMatchObject({ Status: 'SUCCESS' });
    expect(settings.changes).toEqual([]);
  });

  test('that cannot be read, or not be put, is told', async () => {
    settings.faults.push({ call: 'GetPublicAccessBlock', status: 403, code: 'AccessDenied: explicit deny' });
    expect(await askPublicAccess('Create')).toMatchObject({ Status: 'FAILED', Reason: 'explicit deny' });
    settings.faults.push({
      call: 'PutPublicAccessBlock',
      status: 403,
      code: 'AccessDenied: managed by the organization',
    });
    expect(await askPublicAccess('Create')).toMatchObject({
      Status: 'FAILED',
      Reason: `S3's account-level Block Public Access cannot be enabled in account ${ACCOUNT}: managed by the `
        + 'organization',
    });
  });
});

describe('EBS encryption by default', () => {
  test('is enabled where it is not, under the key that the account has', async () => {
    expect(await askEbs('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: enabled('ebs-encryption') });
    expect(settings.ebs).toEqual({ encrypted: true, key: 'alias/aws/ebs' });
    expect(settings.changes).toEqual(['EnableEbsEncryptionByDefault']);
  });

  test('is left where it is on', async () => {
    settings.ebs.encrypted = true;
    expect(await askEbs('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: notOurs('ebs-encryption') });
    expect(settings.changes).toEqual([]);
  });

  test('gets the given key before it is enabled', async () => {
    await askEbs('Create', { properties: { KeyArn: KEY } });
    expect(settings.ebs).toEqual({ encrypted: true, key: KEY });
    expect(settings.changes).toEqual(['ModifyEbsDefaultKmsKeyId', 'EnableEbsEncryptionByDefault']);
  });

  test('gets the given key where it is on under another, and is left where it has it', async () => {
    settings.ebs.encrypted = true;
    expect(await askEbs('Create', { properties: { KeyArn: KEY } })).toMatchObject({
      PhysicalResourceId: enabled('ebs-encryption'),
    });
    expect(await askEbs('Create', { properties: { KeyArn: KEY } })).toMatchObject({
      PhysicalResourceId: notOurs('ebs-encryption'),
    });
    expect(settings.ebs.key).toBe(KEY);
  });

  test('takes an alias, whatever EC2 calls it', async () => {
    settings.keyAsTold = KEY;
    expect(
      await askEbs('Create', { properties: { KeyArn: `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/ebs` } }),
    ).toMatchObject({ Status: 'SUCCESS' });
  });

  test('is not adopted under another key', async () => {
    settings.ebs.encrypted = true;
    expect(await askEbs('Create', { properties: { Mode: 'adopt', KeyArn: KEY } })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining("EBS's encryption by default is ENABLED with the key alias/aws/ebs"),
    });
    expect(await askEbs('Create', adopt)).toMatchObject({ Status: 'SUCCESS' });
  });

  test('waits for permissions that IAM has not spread yet', async () => {
    const message =
      'You are not authorized to perform this operation. no identity-based policy allows the '
        + 'ec2:EnableEbsEncryptionByDefault action';
    settings.faults.push({
      call: 'EnableEbsEncryptionByDefault',
      status: 403,
      code: `UnauthorizedOperation: ${message}`,
    });
    expect(await askEbs('Create')).toMatchObject({ Status: 'SUCCESS' });
    expect(settings.changes).toHaveLength(2);
  });
});

describe('the password policy', () => {
  test('is made where there is none', async () => {
    expect(await askPasswords('Create')).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: enabled('password-policy'),
    });
    expect(settings.passwords).toEqual(STRICT);
  });

  test('becomes as strict as is asked for, and keeps what is stricter or of no concern', async () => {
    const kept = { MinimumPasswordLength: 20, AllowUsersToChangePassword: false, HardExpiry: true };
    settings.passwords = { ...STRICT, ...kept, MaxPasswordAge: 365, RequireSymbols: false };
    await askPasswords('Create');
    expect(settings.passwords).toEqual({ ...STRICT, ...kept });
  });

  test('without an age gets one, since its passwords never expire', async () => {
    settings.passwords = { ...STRICT, MaxPasswordAge: undefined };
    delete settings.passwords.MaxPasswordAge;
    await askPasswords('Create');
    expect(settings.passwords.MaxPasswordAge).toBe(90);
  });

  test('that is as strict, or stricter, is left', async () => {
    settings.passwords = { ...STRICT, MaxPasswordAge: 30 };
    expect(await askPasswords('Create')).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: notOurs('password-policy'),
    });
    expect(settings.changes).toEqual([]);
  });

  test('follows an update to stricter values, and stays when it is to be looser', async () => {
    const { PhysicalResourceId } = await askPasswords('Create');
    await askPasswords('Update', { PhysicalResourceId, properties: { MinimumLength: '16' } });
    expect(settings.passwords).toMatchObject({ MinimumPasswordLength: 16 });
    expect(await askPasswords('Update', { PhysicalResourceId })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId,
    });
    expect(settings.passwords).toMatchObject({ MinimumPasswordLength: 16 });
  });

  test('is not adopted where it is too loose, and the gaps are named', async () => {
    settings.passwords = { ...STRICT, MinimumPasswordLength: 8, RequireNumbers: false };
    expect(await askPasswords('Create', adopt)).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining("IAM's password policy is too loose in MinimumPasswordLength, RequireNumbers"),
    });
    expect(settings.changes).toEqual([]);
  });

  test('that cannot be read is told', async () => {
    settings.faults.push({ call: 'GetAccountPasswordPolicy', status: 403, code: 'AccessDenied: explicit deny' });
    expect(await askPasswords('Create')).toMatchObject({ Status: 'FAILED', Reason: 'explicit deny' });
  });

  test('is waited for while IAM is busy', async () => {
    settings.faults.push(
      { call: 'UpdateAccountPasswordPolicy', status: 400, code: 'Throttling' },
      { call: 'GetAccountPasswordPolicy', status: 500, code: 'ServiceFailure' },
    );
    expect(await askPasswords('Create')).toMatchObject({ Status: 'SUCCESS' });
    expect(settings.passwords).toEqual(STRICT);
  });
});

describe('when the stack goes', () => {
  test.each([
    ['the public access block', askPublicAccess, () => settings.publicAccess, BLOCKED],
    ['EBS encryption by default', askEbs, () => settings.ebs.encrypted, true],
    ['the password policy', askPasswords, () => settings.passwords, STRICT],
  ])('%s stays, also in a rollback', async (_, ask, current, expected) => {
    const { PhysicalResourceId } = await ask('Create');
    const before = settings.calls.length;
    expect(await ask('Delete', { PhysicalResourceId })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
      PhysicalResourceId,
    });
    expect(settings.calls.slice(before)).toEqual(['answer']);
    expect(current()).toEqual(expected);
  });
});
