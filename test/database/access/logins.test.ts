import { idleLogin, loginNames, parseLogin, UserDefinition } from '../../../src/database/access/logins';

const USER: UserDefinition = { name: 'api', privileges: 'readWrite', iamToken: false };
const value = (fields: object) => JSON.stringify({ username: 'api_1', password: 'secret', ...fields });

describe('the logins of a user', () => {
  test('are two with a password, and one with the name of the user with an IAM token', () => {
    expect(loginNames(USER)).toEqual(['api_1', 'api_2']);
    expect(loginNames({ ...USER, iamToken: true })).toEqual(['api']);
  });

  test.each([['api_1', 'api_2'], ['api_2', 'api_1'], [undefined, 'api_1'], ['dbowner', 'api_1']])(
    'with %s in use, the idle one is %s', (current, idle) => expect(idleLogin(USER, current)).toBe(idle),
  );
});

describe('the value of a secret', () => {
  test('is read as a login, without other fields', () => {
    expect(parseLogin(USER, value({ username: 'api_2', host: 'db' })))
      .toEqual({ username: 'api_2', password: 'secret' });
  });

  test.each([
    undefined, '', 'no JSON', '{}', '[]', 'null', value({ username: 'dbowner' }), value({ username: 'api' }),
    value({ username: 'api_3' }), value({ password: '' }), value({ password: 1 }), value({ password: undefined }),
  ])('%j contains no login of the user', (text) => expect(parseLogin(USER, text)).toBeUndefined());
});
