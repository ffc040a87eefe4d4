import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { refuse, requireText, Situation } from '../../core/refusal';
import { EngineProfile } from '../engines/engine-profile';

const DEFAULT_DATABASE_NAME = 'app';

/**
 * The name of the database. A name that the engine refuses, or that statements would have to quote, is refused. Tokens
 * pass.
 */
export function databaseNameOf(
  scope: Construct,
  profile: EngineProfile,
  given: string = DEFAULT_DATABASE_NAME,
): string {
  const { pattern, allowed, reserved } = profile.databaseName;
  if (Token.isUnresolved(given) || (pattern.test(given) && !reserved.includes(given.toLowerCase()))) return given;
  refuse(scope, { prop: 'databaseName', given, allowed, change: 'choose another name' });
}

/**
 * The longest names of users. PostgreSQL would shorten a longer name, so that the policy names another user.
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 * https://dev.mysql.com/doc/refman/8.4/en/user-names.html
 */
const LONGEST_USER = {
  postgres: { product: 'PostgreSQL', max: 63, unit: 'bytes', sizeOf: (name: string) => Buffer.byteLength(name) },
  mysql: { product: 'MySQL', max: 32, unit: 'characters', sizeOf: (name: string) => [...name].length },
};

/** Refuses a value that is not the name of one database user. Tokens pass. */
export function requireDatabaseUser(scope: Construct, { engine }: EngineProfile, dbUser: string): void {
  requireText(scope, 'dbUser', dbUser, 'name the database user that the grantee logs in as');
  if (Token.isUnresolved(dbUser)) return;
  if (/[*?]|\p{Cc}/u.test(dbUser)) {
    refuse(scope, {
      prop: 'dbUser',
      given: dbUser,
      allowed: 'the name of one database user',
      change: 'grant each user by name',
    });
  }
  const { product, max, unit, sizeOf } = LONGEST_USER[engine];
  const size = sizeOf(dbUser);
  if (size <= max) return;
  refuse(scope, {
    prop: 'dbUser',
    given: new Situation(`a name of ${size} ${unit}`),
    allowed: `a name of at most ${max} ${unit}, the maximum of ${product}`,
    change: 'use a shorter name',
  });
}
