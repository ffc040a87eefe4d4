import { Token } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { VersionWithoutUsers } from './engine-profile';

/**
 * The first version in which a login cannot grant its own role.
 * https://www.postgresql.org/docs/release/15.0/
 */
const USERS_ARE_RESTRICTED = 15;
/**
 * The first minor version in which a login acts as its role, also after `DISCARD ALL`. Later major versions always do.
 *
 * The fix of CVE-2024-10978 in the version before it made the server ignore the role of a login.
 * https://www.postgresql.org/docs/release/15.9/
 * https://www.postgresql.org/docs/release/15.10/
 */
const LOGINS_KEEP_THEIR_ROLE: { readonly [major: number]: number } = { 15: 10, 16: 6, 17: 2 };

/** The version, if the library cannot restrict users in it. Tokens and versions without a minor version pass. */
export function postgresWithoutUsers(version: rds.EngineVersion, major: number): VersionWithoutUsers | undefined {
  if (Token.isUnresolved(version.majorVersion)) return undefined;
  if (major < USERS_ARE_RESTRICTED) {
    return {
      since: `PostgreSQL ${USERS_ARE_RESTRICTED} or newer`,
      reason: `a user of PostgreSQL ${major} can grant its own role to others, which can lock out the master user`,
    };
  }
  const [written, minor] = /^\d+\.(\d+)/.exec(version.fullVersion ?? '') ?? [];
  const since = LOGINS_KEEP_THEIR_ROLE[major];
  return minor !== undefined && Number(minor) < since
    ? { since: `PostgreSQL ${major}.${since} or newer`, reason: `a login can lose its role in PostgreSQL ${written}` }
    : undefined;
}
