import { ANSWER_MARGIN } from '../../../src/blocks/custom-resource';
import { formatUsers, secretDescription } from '../../../src/database/access/contract';
import { DatabaseFailure } from '../../../src/database/access/database-server';
import { handler } from '../../../src/database/access/manage-users.lambda';
import { FakeAws, FakeAwsError } from '../../support/fake-aws';
import { FakeCloudFormation } from '../../support/fake-cloudformation';
import { FakeSecret, FakeSecretsManager } from '../../support/fake-secrets-manager';

/** The requests of the handler to the server. The tests with real servers are `*.server.ts`. */
const mockServer = {
  address: undefined as unknown,
  engine: '',
  ensureUser: jest.fn(),
  setPassword: jest.fn(),
  disableUser: jest.fn(),
  logIn: jest.fn(),
  refusedLogin: (error: unknown) => (error as { code?: string }).code === 'refused',
};
function mockServerAt(engine: string, address: unknown): object {
  return Object.assign(mockServer, { address, engine });
}
jest.mock('../../../src/database/access/postgres-server.lambda', () => ({
  PostgresServer: function (address: unknown) { return mockServerAt('postgres', address); },
}));
jest.mock('../../../src/database/access/mysql-server.lambda', () => ({
  MysqlServer: function (address: unknown) { return mockServerAt('mysql', address); },
}));
jest.mock('timers/promises', () => ({ setTimeout: async () => undefined }));

const arnOf = (name: string) => `arn:aws:secretsmanager:us-east-1:111122223333:secret:${name}-a1b2c3`;
const API = { name: 'api', privileges: 'readWrite', iamToken: false, address: '1a1a1a1a' } as const;
const SIGNER = { name: 'signer', privileges: 'readWrite', iamToken: true, address: '2b2b2b2b' } as const;
const SECRET = arnOf('Api');
const FIRST = { username: 'api_1', password: 'first' };
const MASTER = { username: 'dbowner', password: 'master' };
const INVOCATION = { getRemainingTimeInMillis: () => 300_000 };

const aws = new FakeAws();
const secretsManager = new FakeSecretsManager(aws);
const cloudFormation = new FakeCloudFormation();
let secret: FakeSecret;
let master: FakeSecret;

beforeAll(async () => {
  await aws.start();
  await cloudFormation.start();
});
afterAll(async () => {
  await aws.stop();
  await cloudFormation.stop();
});
beforeEach(() => {
  Object.assign(process.env, {
    ENGINE: 'postgres',
    HOST: 'db.example',
    PORT: '5432',
    DATABASE: 'app',
    SCHEMA: 'public',
    ADMINISTRATOR: arnOf('Master'),
    USERS: formatUsers([API, SIGNER]),
  });
  delete process.env.PROXY;
  secret = secretsManager.add(new FakeSecret(SECRET, JSON.stringify(FIRST)));
  secret.description = secretDescription('api', []);
  master = secretsManager.add(new FakeSecret(arnOf('Master'), JSON.stringify(MASTER)));
  for (const method of ['ensureUser', 'setPassword', 'disableUser', 'logIn'] as const) {
    mockServer[method].mockReset().mockResolvedValue(undefined);
  }
  cloudFormation.answers.length = 0;
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => jest.restoreAllMocks());

async function deploy(
  RequestType: 'Create' | 'Update' | 'Delete', User = 'api', Address: string = API.address, remaining = 300_000,
) {
  await handler({
    RequestType,
    ResponseURL: cloudFormation.url,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'User',
    ResourceProperties: {
      User,
      Privileges: 'readWrite',
      Login: User === 'signer' ? 'iamToken' : 'password',
      SecretArn: User === 'signer' ? undefined : SECRET,
      Address,
      Host: 'db.example',
      Database: 'app',
    },
  }, { getRemainingTimeInMillis: () => remaining });
  return cloudFormation.answers.at(-1)!;
}

async function rotate(): Promise<void> {
  secret.startRotation('version-1');
  for (const Step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) {
    await handler({ Step, SecretId: secret.arn, ClientRequestToken: 'version-1' }, INVOCATION);
  }
}

describe('a request of CloudFormation', () => {
  test.each(['Create', 'Update'] as const)('%s repairs the user and tries its login', async (type) => {
    expect(await deploy(type)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'api' });
    expect(mockServer.ensureUser).toHaveBeenCalledWith(MASTER, API);
    expect(mockServer.logIn).toHaveBeenCalledWith(FIRST, API);
    expect(mockServer.setPassword).not.toHaveBeenCalled();
  });

  test('for a user with an IAM token reads no secret of it', async () => {
    expect(await deploy('Create', 'signer', SIGNER.address))
      .toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'signer' });
    expect(mockServer.ensureUser).toHaveBeenCalledWith(MASTER, SIGNER);
    expect(mockServer.logIn).not.toHaveBeenCalled();
  });

  test('Delete disables the logins of both kinds', async () => {
    expect(await deploy('Delete')).toMatchObject({ Status: 'SUCCESS' });
    expect(mockServer.disableUser.mock.calls.map(([, { name, iamToken }]) => [name, iamToken]))
      .toEqual([['api', false], ['api', true]]);
  });

  test('Delete disables a user that has left the app', async () => {
    process.env.USERS = formatUsers([SIGNER]);
    expect(await deploy('Delete')).toMatchObject({ Status: 'SUCCESS' });
    expect(mockServer.disableUser).toHaveBeenCalledTimes(2);
  });

  test.each([
    ['with a password', 'api', API.address], ['with an IAM token', 'signer', SIGNER.address],
  ])('Delete disables a user %s whose removal created no successor', async (_, name, address) => {
    expect(await deploy('Delete', name, address)).toMatchObject({ Status: 'SUCCESS' });
    expect(mockServer.disableUser).toHaveBeenCalledTimes(2);
  });

  test.each(['api', 'signer'])('Delete leaves the successor of the same name %s', async (name) => {
    expect(await deploy('Delete', name, '9f9f9f9f')).toMatchObject({ Status: 'SUCCESS' });
    expect(mockServer.disableUser).not.toHaveBeenCalled();
  });

  test('Delete succeeds without the database, which can be deleted already', async () => {
    mockServer.disableUser.mockRejectedValue(new Error('no route'));
    // The error of the function fires the alarm, because a user that was removed can still log in.
    await expect(deploy('Delete')).rejects.toThrow('no route');
    expect(cloudFormation.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS' })]);
  });

  test('for an unknown user fails', async () => {
    expect(await deploy('Create', 'intruder'))
      .toMatchObject({ Status: 'FAILED', Reason: 'intruder is not one of the users that this function manages' });
  });

  test('changes nothing after its time is up', async () => {
    let end!: () => void;
    mockServer.logIn.mockImplementation(() => new Promise((_, reject) => {
      end = () => reject(new DatabaseFailure('let api_1 log in', 'refused', ''));
    }));
    expect(await deploy('Update', 'api', API.address, ANSWER_MARGIN + 300)).toMatchObject({
      Status: 'FAILED', Reason: expect.stringContaining('not finished within the time of the function'),
    });
    end();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(mockServer.setPassword).not.toHaveBeenCalled();
    expect(mockServer.disableUser).toHaveBeenCalledTimes(1);
  });

  test('Delete whose time is up is answered, and the error of the function fires the alarm', async () => {
    mockServer.disableUser.mockReturnValue(new Promise(() => undefined));
    await expect(deploy('Delete', 'api', API.address, ANSWER_MARGIN + 300))
      .rejects.toThrow('the user api is not disabled yet');
    expect(cloudFormation.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS' })]);
  });

  test('for an empty secret fails and states what to do', async () => {
    secret.versions.get('version-0')!.value = undefined;
    expect(await deploy('Update')).toMatchObject({
      Status: 'FAILED', Reason: 'the secret of the user api does not contain a login of this user. Rotate the secret',
    });
  });
});

describe('a request of a person', () => {
  test('repairs a user with an IAM token', async () => {
    await handler({ Repair: 'signer' }, INVOCATION);
    expect(mockServer.ensureUser).toHaveBeenCalledWith(MASTER, SIGNER);
    expect(mockServer.disableUser).toHaveBeenCalledWith(MASTER, { ...SIGNER, iamToken: false });
    expect(mockServer.setPassword).not.toHaveBeenCalled();
  });

  test.each([
    ['api', 'the user api has a password. Rotate its secret, which repairs the user'],
    ['intruder', 'intruder is not one of the users that this function manages'],
  ])('for the user %s is refused', async (name, message) => {
    await expect(handler({ Repair: name }, INVOCATION)).rejects.toThrow(message);
    expect(mockServer.ensureUser).not.toHaveBeenCalled();
  });
});

describe('a rotation', () => {
  test('switches to the other login', async () => {
    await rotate();
    const { username, password } = JSON.parse(secret.valueOf('AWSCURRENT')!);
    expect(username).toBe('api_2');
    expect(mockServer.setPassword).toHaveBeenCalledWith(MASTER, { username, password });
    expect(JSON.parse(secret.valueOf('AWSPREVIOUS')!)).toEqual(FIRST);
  });

  test('leaves the current value if the new login is refused', async () => {
    mockServer.logIn.mockRejectedValue(new DatabaseFailure('let api_2 log in', 'refused', ''));
    await expect(rotate()).rejects.toThrow('the database could not let api_2 log in: refused');
    expect(JSON.parse(secret.valueOf('AWSCURRENT')!)).toEqual(FIRST);
  });

  test.each([
    undefined, 'Something else', secretDescription('intruder', []), secretDescription('signer', []),
  ])('of another secret, with the description %j, is refused', async (description) => {
    const SecretId = arnOf('Other');
    secretsManager.add(new FakeSecret(SecretId, '{}')).description = description;
    await expect(handler({ Step: 'createSecret', SecretId, ClientRequestToken: 'version-1' }, INVOCATION))
      .rejects.toThrow(`${SecretId} is not one of the secrets that this function rotates`);
  });
});

describe('behind a proxy', () => {
  const COPIES = ['Copy1', 'Copy2'].map(arnOf);
  const copied = () => copies.map((copy) => JSON.parse(copy.valueOf('AWSCURRENT')!));
  let copies: FakeSecret[];
  beforeEach(() => {
    process.env.PROXY = 'proxy.example';
    secret.description = secretDescription('api', COPIES);
    copies = COPIES.map((arn, index) =>
      secretsManager.add(new FakeSecret(arn, JSON.stringify({ username: `api_${index + 1}`, password: 'generated' }))));
  });

  test('a deployment copies the login in use', async () => {
    expect(await deploy('Create')).toMatchObject({ Status: 'SUCCESS' });
    expect(copied()).toEqual([FIRST, { username: 'api_2', password: 'generated' }]);
  });

  test('a deployment after a restore copies both values, also after a rotation that failed', async () => {
    await deploy('Create');
    await rotate();
    const [current, previous] = ['AWSCURRENT', 'AWSPREVIOUS'].map((stage) => JSON.parse(secret.valueOf(stage)!));
    copies[0].versions.get('version-0')!.value = JSON.stringify({ ...previous, password: 'of a rotation that failed' });
    mockServer.logIn.mockRejectedValueOnce(new DatabaseFailure('let api_2 log in', 'refused', ''));
    expect(await deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    expect(copied()).toEqual([previous, current]);
  });

  test('a deployment does not write a copy again', async () => {
    copies[0].versions.get('version-0')!.value = JSON.stringify(FIRST);
    await deploy('Update');
    expect(copies[0].versions.size).toBe(1);
  });

  test('a rotation copies the other login, and logs in through the proxy before it is current', async () => {
    await deploy('Create');
    const hosts: unknown[] = [];
    mockServer.logIn.mockImplementation(async () => {
      hosts.push((mockServer.address as { host: string }).host);
    });
    await rotate();
    const login = JSON.parse(secret.valueOf('AWSCURRENT')!);
    expect(login.username).toBe('api_2');
    expect(copied()).toEqual([FIRST, login]);
    // setSecret with the login in use, testSecret, and once more in finishSecret
    expect(hosts).toEqual(['db.example', 'db.example', 'proxy.example', 'db.example', 'proxy.example']);
  });

  test('a proxy that does not know the new password yet is tried again', async () => {
    let refusals = 3;
    mockServer.logIn.mockImplementation(async () => {
      const atProxy = (mockServer.address as { host: string }).host === 'proxy.example';
      if (atProxy && refusals-- > 0) throw new DatabaseFailure('let api_2 log in', 'refused', '');
    });
    await rotate();
    expect(JSON.parse(secret.valueOf('AWSCURRENT')!).username).toBe('api_2');
  });

  test('a proxy that never knows the new password leaves the current value', async () => {
    mockServer.logIn.mockImplementation(async () => {
      const atProxy = (mockServer.address as { host: string }).host === 'proxy.example';
      if (atProxy) throw new DatabaseFailure('let api_2 log in', 'refused', '');
    });
    await expect(rotate()).rejects.toThrow('the database could not let api_2 log in: refused');
    expect(JSON.parse(secret.valueOf('AWSCURRENT')!)).toEqual(FIRST);
  });
});

describe('the master user', () => {
  test('is read again while RDS rotates its password', async () => {
    mockServer.ensureUser.mockImplementationOnce(async () => {
      master.versions.get('version-0')!.value = JSON.stringify({ ...MASTER, password: 'rotated' });
      throw new DatabaseFailure('let dbowner log in', 'refused', '');
    });
    expect(await deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    expect(mockServer.ensureUser.mock.calls.map(([administrator]) => administrator.password))
      .toEqual(['master', 'rotated']);
  });

  test('is tried five times', async () => {
    mockServer.ensureUser.mockRejectedValue(new DatabaseFailure('let dbowner log in', 'refused', ''));
    expect(await deploy('Update')).toMatchObject({ Status: 'FAILED' });
    expect(mockServer.ensureUser).toHaveBeenCalledTimes(5);
  });

  test('is not tried again after another failure', async () => {
    mockServer.ensureUser.mockRejectedValue(new DatabaseFailure('grant', '42501', 'permission denied'));
    expect(await deploy('Update'))
      .toMatchObject({ Status: 'FAILED', Reason: 'the database could not grant: 42501 permission denied' });
    expect(mockServer.ensureUser).toHaveBeenCalledTimes(1);
  });

  test.each([
    JSON.stringify({ username: 'dbowner' }), 'TextOfAPassword', '["TextOfAPassword"]', 'null',
  ])('without a login, with the value %s, is an error that contains no value', async (value) => {
    master.versions.get('version-0')!.value = value;
    expect(await deploy('Update')).toMatchObject({
      Status: 'FAILED', Reason: 'the secret of the master user does not contain a user name and a password',
    });
  });

  test('that cannot be read is a failure', async () => {
    aws.failNext('GetSecretValue', new FakeAwsError('AccessDeniedException', 'not allowed'));
    expect(await deploy('Update')).toMatchObject({ Status: 'FAILED', Reason: 'not allowed' });
  });
});

test.each(['postgres', 'mysql'])('ENGINE selects %s at the address in the environment', async (engine) => {
  process.env.ENGINE = engine;
  await deploy('Update');
  expect(mockServer.engine).toBe(engine);
  expect(mockServer.address).toEqual({ host: 'db.example', port: 5432, database: 'app', schema: 'public' });
});
