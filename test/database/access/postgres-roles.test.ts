import { DatabaseFailure } from '../../../src/database/access/database-server';
import {
  administer, administerRoles, ensureRoles, setMemberships,
} from '../../../src/database/access/postgres-roles.lambda';
import { PostgresSession, Row } from '../../../src/database/access/postgres-session.lambda';
import { withoutConflicts } from '../../../src/database/access/postgres-turn.lambda';

// The real servers of the tests are PostgreSQL 15. Newer ones have memberships with a grantor and an ADMIN OPTION.

/** A session that records statements, and answers a query of the catalog with the rows of `answers` in turn. */
function sessionWith(answers: Row[][], failure?: DatabaseFailure) {
  const statements: string[] = [];
  const run = async (_: string, sql: string): Promise<Row[]> => {
    if (/^\s*SELECT/.test(sql)) return answers.shift() ?? [];
    statements.push(sql);
    if (failure) throw failure;
    return [];
  };
  return { statements, session: { run, user: 'dbowner' } as unknown as PostgresSession };
}

const membership = (role: string, member: string, grantor: string, complete = true) =>
  ({ role, member, grantor, complete });
const WANTED = [['app_readwrite', 'api']];

describe('memberships', () => {
  test('of another grantor are revoked from this grantor', async () => {
    const right = membership('app_readwrite', 'api', 'dbowner');
    const { statements, session } = sessionWith([[right, membership('app_owner', 'api', 'rdsadmin')], [right]]);
    await setMemberships(session, WANTED, ['api'], true);
    expect(statements).toEqual(['REVOKE "app_owner" FROM "api" GRANTED BY "rdsadmin" CASCADE']);
  });

  test('with another option are revoked and granted again', async () => {
    const { statements, session } = sessionWith([
      [membership('app_readwrite', 'api', 'dbowner', false)], [membership('app_readwrite', 'api', 'dbowner')],
    ]);
    await setMemberships(session, WANTED, ['api'], true);
    expect(statements).toEqual([
      'REVOKE "app_readwrite" FROM "api" GRANTED BY "dbowner" CASCADE', 'GRANT "app_readwrite" TO "api"',
    ]);
  });

  test('before PostgreSQL 16 have one grantor', async () => {
    const { statements, session } = sessionWith([[membership('app_owner', 'api', 'rdsadmin')], []]);
    await setMemberships(session, [], ['api'], false);
    expect(statements).toEqual(['REVOKE "app_owner" FROM "api" CASCADE']);
  });

  test('that are left are an error, because PostgreSQL only warns', async () => {
    const other = membership('app_owner', 'api', 'rdsadmin');
    const { session } = sessionWith([[other], [other]]);
    await expect(setMemberships(session, [], ['api'], true)).rejects
      .toThrow(new Error('api must not be a member of app_owner. As rdsadmin, revoke it'));
  });

  test('that are right need no statement', async () => {
    const { statements, session } = sessionWith([[membership('app_readwrite', 'api', 'rdsadmin')]]);
    await setMemberships(session, WANTED, ['api'], true);
    expect(statements).toEqual([]);
  });
});

describe('roles', () => {
  const role = {
    name: 'api',
    canLogIn: false,
    powerful: false,
    unrestricted: false,
    closed: false,
    expires: false,
    inherits: true,
    marked: true,
    administered: false,
  };

  test('that are right are not changed, which PostgreSQL 16 would refuse after an upgrade', async () => {
    const { statements, session } = sessionWith([[role]]);
    await ensureRoles(session, ['api'], []);
    expect(statements).toEqual([]);
  });

  test('can be administered before an upgrade to PostgreSQL 16', async () => {
    const { statements, session } = sessionWith([[role, { ...role, name: 'api_1', administered: true }]]);
    await administerRoles(session, ['api', 'api_1'], []);
    expect(statements).toEqual(['GRANT "api" TO CURRENT_USER WITH ADMIN OPTION']);
  });

  test('with an IAM token are not administered, because the master user could no longer use its password', async () => {
    const { statements, session } = sessionWith([[role, { ...role, name: 'signer', administered: true }]]);
    await administerRoles(session, ['api', 'signer'], ['api', 'signer']);
    expect(statements).toEqual(['REVOKE "signer" FROM CURRENT_USER']);
  });

  test('that are missing are created without attributes', async () => {
    const { statements, session } = sessionWith([[role]]);
    await ensureRoles(session, ['api', 'api_1'], ['api_1']);
    expect(statements)
      .toEqual(['CREATE ROLE "api_1" NOLOGIN NOINHERIT', 'COMMENT ON ROLE "api_1" IS \'cdk-hipaa\'']);
  });

  test('with other attributes are restricted', async () => {
    const { statements, session } = sessionWith([[{ ...role, unrestricted: true }, { ...role, name: 'api_1' }]]);
    await ensureRoles(session, ['api', 'api_1'], ['api_1']);
    expect(statements).toEqual([
      'ALTER ROLE "api" NOCREATEDB NOCREATEROLE INHERIT', 'ALTER ROLE "api_1" NOCREATEDB NOCREATEROLE NOINHERIT',
    ]);
  });

  test('that cannot be administered are an error that says what to do', async () => {
    const { session } = sessionWith([], new DatabaseFailure('set it', '42501', 'permission denied to alter role'));
    await expect(administer(session, 'api_1', 'set it', 'ALTER ROLE')).rejects.toThrow(new Error(
      'the database could not set it: 42501 permission denied to alter role. The master user needs the ADMIN OPTION of '
      + 'the role api_1, which a server that was upgraded from PostgreSQL 15 can lack. As a role that has it, run: '
      + 'GRANT "api_1" TO "dbowner" WITH ADMIN OPTION',
    ));
  });

  test('pass on other errors', async () => {
    const failure = new DatabaseFailure('set it', '55P03', 'lock timeout');
    await expect(administer(sessionWith([], failure).session, 'api_1', 'set it', 'ALTER ROLE')).rejects.toBe(failure);
  });
});

describe('work that another transaction', () => {
  const changed = new DatabaseFailure('grant', 'XX000', 'tuple concurrently updated');
  const blocked = new DatabaseFailure('grant', '55P03', 'canceling statement due to lock timeout');

  test.each<[string, number, Error]>([
    ['has changed meanwhile', 3, changed], ['blocks', 1, blocked],
  ])('%s, is tried %d times', async (_, times, failure) => {
    const work = jest.fn().mockRejectedValue(failure);
    await expect(withoutConflicts(work)).rejects.toBe(failure);
    expect(work).toHaveBeenCalledTimes(times);
  });

  test('blocks, is repeated after it is unblocked', async () => {
    const work = jest.fn().mockRejectedValueOnce(blocked).mockResolvedValue(undefined);
    const unblock = jest.fn();
    await withoutConflicts(work, unblock);
    expect([work.mock.calls.length, unblock.mock.calls.length]).toEqual([2, 1]);
  });
});
