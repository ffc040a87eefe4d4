import { DatabaseFailure, DatabaseServer } from '../../../src/database/access/database-server';
import { ensureLogin, generatePassword, loginRotation } from '../../../src/database/access/login-rotation';
import { Login, loginNames, UserDefinition } from '../../../src/database/access/logins';

const USER: UserDefinition = { name: 'api', privileges: 'readWrite', iamToken: false };
const ADMINISTRATOR = { username: 'dbowner', password: 'master' };
const loginOf = (username: string, password = 'secret') => JSON.stringify({ username, password });

/** A server that records what is done, and refuses logins whose password it does not have. */
class FakeServer implements DatabaseServer {
  public readonly done: string[] = [];
  public readonly passwords: Record<string, string> = { api_1: 'secret' };
  public failure?: Error;
  /** The failure to repair privileges. */
  public blocked?: Error;

  public async ensureUser(administrator: Login, { name }: UserDefinition): Promise<Error | void> {
    this.done.push(`${administrator.username} ensures ${name}`);
    return this.blocked;
  }

  public async setPassword(administrator: Login, { username, password }: Login): Promise<void> {
    this.done.push(`${administrator.username} sets ${username}`);
    this.passwords[username] = password;
  }

  public async disableUser(
    administrator: Login, user: UserDefinition, logins: string[] = loginNames(user),
  ): Promise<void> {
    this.done.push(`${administrator.username} disables ${logins.join(' and ')}`);
  }

  public async logIn({ username, password }: Login): Promise<void> {
    this.done.push(`${username} logs in`);
    if (this.failure) throw this.failure;
    if (this.passwords[username] !== password) throw new DatabaseFailure('log in', '28P01', 'refused');
  }

  public refusedLogin(error: unknown): boolean {
    return (error as DatabaseFailure).code === '28P01';
  }
}

/** The user is repaired, and the login with an IAM token that it can have had is disabled. */
const ensured = ['dbowner ensures api', 'dbowner disables api'];
let server: FakeServer;
beforeEach(() => { server = new FakeServer(); });
const asAdministrator = <T>(work: (administrator: Login) => Promise<T>) => work(ADMINISTRATOR);
const rotation = () => loginRotation(USER, server, asAdministrator);

describe('the next value', () => {
  test.each([['api_1', 'api_2'], ['api_2', 'api_1']])('after %s contains %s and a new password', (current, next) => {
    expect(JSON.parse(rotation().next(loginOf(current)))).toEqual({
      username: next, password: expect.stringMatching(/^(?=.*_)(?=.*\d)[A-Za-z0-9_]{32}$/),
    });
  });

  test.each([undefined, '', 'not entered'])('after the value %j contains the first login', (current) => {
    expect(JSON.parse(rotation().next(current)).username).toBe('api_1');
  });
});

test.each([
  [loginOf('api_1'), true], [loginOf('worker_1'), false], ['{"user":"mistaken"}', false], ['', false],
])('a rotation continues the value %s: %s', (value, continues) => {
  expect(rotation().continues!(value)).toBe(continues);
});

describe('a value that must not become current', () => {
  test.each([
    ['no login', '{}', 'is not a login of the user api'],
    ['the login of another user', loginOf('worker_2'), 'is not a login of the user api'],
    ['the login in use', loginOf('api_1', 'another'), 'contains the login in use'],
  ])('contains %s', (_, value, flaw) => expect(rotation().flawOf(value, loginOf('api_1'))).toBe(flaw));

  test('does not contain the other login, or any login if the current value has none', () => {
    expect(rotation().flawOf(loginOf('api_2'), loginOf('api_1'))).toBeUndefined();
    expect(rotation().flawOf(loginOf('api_1'), '')).toBeUndefined();
  });
});

test('the user is repaired before the password is set, and the test is a login', async () => {
  const value = loginOf('api_2', 'new');
  await rotation().set!(value, loginOf('api_1'));
  await rotation().test!(value);
  expect(server.done).toEqual([...ensured, 'dbowner sets api_2', 'api_1 logs in', 'api_2 logs in']);
  await expect(rotation().test!(loginOf('api_2', 'wrong'))).rejects.toThrow('the database could not log in');
});

describe('the login in use', () => {
  test('receives its password if the server refuses it, as after a restore from a snapshot', async () => {
    server.passwords.api_1 = 'of the snapshot';
    await rotation().set!(loginOf('api_2', 'new'), loginOf('api_1'));
    expect(server.passwords).toEqual({ api_1: 'secret', api_2: 'new' });
  });

  test('receives its password again if it cannot connect, and does not stop the rotation', async () => {
    server.failure = new DatabaseFailure('log in', '53300', 'too many connections for role "api_1"');
    await rotation().set!(loginOf('api_2', 'new'), loginOf('api_1'));
    expect(server.done).toEqual([...ensured, 'dbowner sets api_2', 'api_1 logs in', 'dbowner sets api_1']);
    expect(server.passwords).toEqual({ api_1: 'secret', api_2: 'new' });
  });

  test.each([undefined, '', '{}'])('can be unknown: %j. The rotation disables the other login', async (current) => {
    await rotation().set!(loginOf('api_1', 'new'), current);
    expect(server.done).toEqual([...ensured, 'dbowner sets api_1', 'dbowner disables api_2']);
  });
});

test('privileges that cannot be repaired fail only the first attempt, after it has set the password', async () => {
  server.blocked = new DatabaseFailure('grant', '55P03', 'lock timeout');
  const logged = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const value = loginOf('api_2', 'new');
  await expect(rotation().set!(value, loginOf('api_1'))).rejects.toBe(server.blocked);
  await rotation().test!(value);
  expect(logged).not.toHaveBeenCalled();
  await rotation().set!(value, loginOf('api_1'));
  expect(logged).toHaveBeenCalledWith(
    'The rotation continues without a repair of the privileges: the database could not grant: 55P03 lock timeout');
});

test('if the login in use is unknown, the other login is disabled when nothing is left to repeat', async () => {
  server.blocked = new DatabaseFailure('grant', '55P03', 'lock timeout');
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const value = loginOf('api_1', 'new');
  await expect(rotation().set!(value, '{}')).rejects.toBe(server.blocked);
  expect(server.done).toEqual([...ensured, 'api_1 logs in', 'dbowner sets api_1']);
  await rotation().set!(value, '{}');
  expect(server.done.at(-1)).toBe('dbowner disables api_2');
});

describe('a deployment', () => {
  const deploy = (current: string | undefined, user = USER, previous?: string, pending?: string) => ensureLogin(
    user, async (stage) => ({ AWSCURRENT: current, AWSPREVIOUS: previous, AWSPENDING: pending })[stage], server,
    asAdministrator,
  );

  test('leaves a login that works', async () => {
    await deploy(loginOf('api_1'));
    expect(server.done).toEqual([...ensured, 'api_1 logs in']);
  });

  test('fails if privileges cannot be repaired', async () => {
    server.blocked = new DatabaseFailure('grant', '55P03', 'lock timeout');
    await expect(deploy(loginOf('api_1'))).rejects.toBe(server.blocked);
  });

  const refused = [...ensured, 'api_2 logs in'];
  test('sets the password of a login that is refused, and logs in with it', async () => {
    await deploy(loginOf('api_2'), USER, loginOf('api_1', 'previous'));
    expect(server.done).toEqual([...refused, 'dbowner sets api_1', 'dbowner sets api_2', 'api_2 logs in']);
    expect(server.passwords).toEqual({ api_1: 'previous', api_2: 'secret' });
  });

  test('sets the password of the other login to the value of a rotation that has not ended', async () => {
    await deploy(loginOf('api_2'), USER, loginOf('api_1', 'previous'), loginOf('api_1', 'pending'));
    expect(server.passwords).toEqual({ api_1: 'pending', api_2: 'secret' });
  });

  test('repairs the login that a rotation has made current meanwhile', async () => {
    server.passwords.api_1 = 'of the snapshot';
    const values = { AWSCURRENT: loginOf('api_1'), AWSPREVIOUS: loginOf('api_2', 'previous'), AWSPENDING: undefined };
    await ensureLogin(USER, async (stage) => {
      const value = values[stage];
      // The rotation ends after this attempt has read the values.
      if (stage === 'AWSPREVIOUS') {
        Object.assign(values, { AWSCURRENT: loginOf('api_2', 'new'), AWSPREVIOUS: loginOf('api_1') });
      }
      return value;
    }, server, asAdministrator);
    expect(server.passwords).toEqual({ api_1: 'secret', api_2: 'new' });
  });

  test('fails if the server still refuses a password that was set', async () => {
    jest.spyOn(server, 'setPassword').mockResolvedValue();
    await expect(deploy(loginOf('api_2'))).rejects.toThrow('the database could not log in: 28P01 refused');
  });

  test.each([
    undefined, '{}', loginOf('api_2', 'previous'), loginOf('worker_1'),
  ])('disables the other login if the previous value is %j, which is not of this login', async (previous) => {
    await deploy(loginOf('api_2'), USER, previous);
    expect(server.done).toEqual([...refused, 'dbowner disables api_1', 'dbowner sets api_2', 'api_2 logs in']);
  });

  test('does not change a password because the server does not respond', async () => {
    server.failure = new DatabaseFailure('log in', 'ETIMEDOUT', '');
    await expect(deploy(loginOf('api_1'))).rejects.toThrow(server.failure);
    expect(server.done).not.toContain('dbowner sets api_1');
  });

  test('fails for a secret without a login, before it changes something', async () => {
    await expect(deploy('')).rejects
      .toThrow(new Error('the secret of the user api does not contain a login of this user. Rotate the secret'));
    expect(server.done).toEqual([]);
  });

  test('of a user with an IAM token needs no secret, and disables the logins with a password', async () => {
    await deploy(undefined, { ...USER, iamToken: true });
    expect(server.done).toEqual(['dbowner ensures api', 'dbowner disables api_1 and api_2']);
  });
});

test('a password has 32 letters, digits and underscores, and at least one of each, in both cases', () => {
  const passwords = Array.from({ length: 500 }, generatePassword);
  expect(new Set(passwords).size).toBe(500);
  for (const password of passwords) expect(password).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*_)[A-Za-z0-9_]{32}$/);
});
