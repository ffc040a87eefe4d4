import { handler } from '../../../src/guardrails/settings/set-account-settings.lambda';
import { FakeAccountSettings, FakePasswordPolicy, findAccountsAtHome } from '../../support/fake-account-settings';
import { ACCOUNT, Answer, Asked, askHandler, pointSdkAt } from '../../support/fake-service';

jest.mock('timers/promises', () => jest.requireActual('../../support/short-pauses'));

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
const unchanged = (setting: string) => `account-setting/${setting}/not-enabled-by-this-stack`;

describe('the public access block', () => {
  test('is set if it does not exist', async () => {
    expect(await askPublicAccess('Create')).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: enabled('s3-public-access-block'),
    });
    expect(settings.publicAccess).toEqual(BLOCKED);
  });

  test('is completed if it is incomplete', async () => {
    settings.publicAccess = { ...BLOCKED, IgnorePublicAcls: false };
    await askPublicAccess('Create');
    expect(settings.publicAccess).toEqual(BLOCKED);
  });

  test('is kept if it is complete', async () => {
    settings.publicAccess = BLOCKED;
    expect(await askPublicAccess('Create')).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: unchanged('s3-public-access-block'),
    });
    expect(settings.changes).toEqual([]);
  });

  test('is adopted if it is complete; adopt fails otherwise', async () => {
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

  test('fails with the reason if it cannot be read or set', async () => {
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
  test('is enabled with the default key of the account if it is off', async () => {
    expect(await askEbs('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: enabled('ebs-encryption') });
    expect(settings.ebs).toEqual({ encrypted: true, key: 'alias/aws/ebs' });
    expect(settings.changes).toEqual(['EnableEbsEncryptionByDefault']);
  });

  test('is kept if it is on', async () => {
    settings.ebs.encrypted = true;
    expect(await askEbs('Create')).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: unchanged('ebs-encryption'),
    });
    expect(settings.changes).toEqual([]);
  });

  test('gets the given key before it is enabled', async () => {
    await askEbs('Create', { properties: { KeyArn: KEY } });
    expect(settings.ebs).toEqual({ encrypted: true, key: KEY });
    expect(settings.changes).toEqual(['ModifyEbsDefaultKmsKeyId', 'EnableEbsEncryptionByDefault']);
  });

  test('gets the given key if it is on with another key, and is kept if it has the key', async () => {
    settings.ebs.encrypted = true;
    expect(await askEbs('Create', { properties: { KeyArn: KEY } })).toMatchObject({
      PhysicalResourceId: enabled('ebs-encryption'),
    });
    expect(await askEbs('Create', { properties: { KeyArn: KEY } })).toMatchObject({
      PhysicalResourceId: unchanged('ebs-encryption'),
    });
    expect(settings.ebs.key).toBe(KEY);
  });

  test('accepts an alias if EC2 returns the ARN of the key', async () => {
    settings.keyAsTold = KEY;
    expect(
      await askEbs('Create', { properties: { KeyArn: `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/ebs` } }),
    ).toMatchObject({ Status: 'SUCCESS' });
  });

  test('is not adopted with another key', async () => {
    settings.ebs.encrypted = true;
    expect(await askEbs('Create', { properties: { Mode: 'adopt', KeyArn: KEY } })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining("EBS's encryption by default is ENABLED with the key alias/aws/ebs"),
    });
    expect(await askEbs('Create', adopt)).toMatchObject({ Status: 'SUCCESS' });
  });

  test('waits until IAM has propagated the permissions', async () => {
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
  test('is created if there is none', async () => {
    expect(await askPasswords('Create')).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: enabled('password-policy'),
    });
    expect(settings.passwords).toEqual(STRICT);
  });

  test('becomes as strict as required, and keeps stricter and unrelated values', async () => {
    const kept = { MinimumPasswordLength: 20, AllowUsersToChangePassword: false, HardExpiry: true };
    settings.passwords = { ...STRICT, ...kept, MaxPasswordAge: 365, RequireSymbols: false };
    await askPasswords('Create');
    expect(settings.passwords).toEqual({ ...STRICT, ...kept });
  });

  test('gets a maximum age if it has none, because its passwords never expire', async () => {
    settings.passwords = { ...STRICT, MaxPasswordAge: undefined };
    delete settings.passwords.MaxPasswordAge;
    await askPasswords('Create');
    expect(settings.passwords.MaxPasswordAge).toBe(90);
  });

  test('is kept if it is at least as strict', async () => {
    settings.passwords = { ...STRICT, MaxPasswordAge: 30 };
    expect(await askPasswords('Create')).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: unchanged('password-policy'),
    });
    expect(settings.changes).toEqual([]);
  });

  test('follows an update to stricter values, and keeps them on an update to looser values', async () => {
    const { PhysicalResourceId } = await askPasswords('Create');
    await askPasswords('Update', { PhysicalResourceId, properties: { MinimumLength: '16' } });
    expect(settings.passwords).toMatchObject({ MinimumPasswordLength: 16 });
    expect(await askPasswords('Update', { PhysicalResourceId })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId,
    });
    expect(settings.passwords).toMatchObject({ MinimumPasswordLength: 16 });
  });

  test('is not adopted if it is too loose, and the error lists the values', async () => {
    settings.passwords = { ...STRICT, MinimumPasswordLength: 8, RequireNumbers: false };
    expect(await askPasswords('Create', adopt)).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining("IAM's password policy is too loose in MinimumPasswordLength, RequireNumbers"),
    });
    expect(settings.changes).toEqual([]);
  });

  test('fails with the reason if it cannot be read', async () => {
    settings.faults.push({ call: 'GetAccountPasswordPolicy', status: 403, code: 'AccessDenied: explicit deny' });
    expect(await askPasswords('Create')).toMatchObject({ Status: 'FAILED', Reason: 'explicit deny' });
  });

  test('is retried while IAM is busy', async () => {
    settings.faults.push(
      { call: 'UpdateAccountPasswordPolicy', status: 400, code: 'Throttling' },
      { call: 'GetAccountPasswordPolicy', status: 500, code: 'ServiceFailure' },
    );
    expect(await askPasswords('Create')).toMatchObject({ Status: 'SUCCESS' });
    expect(settings.passwords).toEqual(STRICT);
  });
});

describe('deletion of the stack', () => {
  test.each([
    ['the public access block', askPublicAccess, () => settings.publicAccess, BLOCKED],
    ['EBS encryption by default', askEbs, () => settings.ebs.encrypted, true],
    ['the password policy', askPasswords, () => settings.passwords, STRICT],
  ])('keeps %s, also in a rollback', async (_, ask, current, expected) => {
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
