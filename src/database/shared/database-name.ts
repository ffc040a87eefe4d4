import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { refuse, requireText } from '../../core/refusal';
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

/** Refuses a value that is not the name of one database user. Tokens pass. */
export function requireDatabaseUser(scope: Construct, dbUser: string): void {
  requireText(scope, 'dbUser', dbUser, 'name the database user that the grantee logs in as');
  if (/[*?]/.test(dbUser)) {
    refuse(scope, {
      prop: 'dbUser',
      given: dbUser,
      allowed: 'the name of one database user',
      change: 'grant each user by name',
    });
  }
}
