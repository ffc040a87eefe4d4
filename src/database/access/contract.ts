import { Privileges, UserDefinition } from './logins';

const DESCRIPTION = 'Login of the database user ';
const SEPARATOR = ', copied to ';

/** A user in the environment of the function. */
export interface ManagedUser extends UserDefinition {
  /** Identifies the construct. It differs between a deleted user and a successor of the same name. */
  readonly address: string;
}

/** The environment variables of the function that manages the users of a database. They contain no secrets. */
export interface DatabaseUsersEnvironment {
  readonly ENGINE: 'postgres' | 'mysql';
  readonly HOST: string;
  readonly PORT: string;
  readonly DATABASE: string;
  readonly SCHEMA: string;
  /** The host name of the proxy that users with a password connect to, if there is one. */
  readonly PROXY?: string;
  /** The ARN of the secret of the master user, which RDS manages. */
  readonly ADMINISTRATOR: string;
  /** The users, as `formatUsers` writes them. */
  readonly USERS: string;
}

/** The properties of the custom resource of a user. A change of any property calls the function again. */
export interface DatabaseUserProperties {
  readonly User: string;
  readonly Privileges: string;
  readonly Login: LoginKind;
  readonly SecretArn?: string;
  /** The secrets that a proxy reads. The function writes them, so it must be called when the database gets a proxy. */
  readonly Copies?: string[];
  readonly Address: string;
  /** The host and the database. If one of them changes, the function creates each user in the new database. */
  readonly Host: string;
  readonly Database: string;
}

/** A request of a person to create or repair a user with an IAM token, which has no rotation. */
export interface RepairRequest {
  /** The name of the user. */
  readonly Repair: string;
}

/** How a user logs in. */
export type LoginKind = 'password' | 'iamToken';

/** Returns how a user logs in. */
export function loginKind({ iamToken }: UserDefinition): LoginKind {
  return iamToken ? 'iamToken' : 'password';
}

/** Writes users as short text: the environment of a function has a quota. `api:readWrite:password:1a2b3c4d,…` */
export function formatUsers(users: ManagedUser[]): string {
  return users.map((user) => [user.name, user.privileges, loginKind(user), user.address].join(':')).join(',');
}

/** Reads the text of `formatUsers`. */
export function parseUsers(text: string): ManagedUser[] {
  return text.split(',').filter((entry) => entry !== '').map((entry) => {
    const [name, privileges, kind, address] = entry.split(':');
    return { name, privileges: privileges as Privileges, iamToken: kind === 'iamToken', address };
  });
}

/**
 * Returns the description of a secret: its user and, behind a proxy, the copies of its logins.
 *
 * The function reads them from the description. A principal that can change the description can also change the value:
 * both need `secretsmanager:UpdateSecret`.
 */
export function secretDescription(user: string, copies: string[]): string {
  return [`${DESCRIPTION}${user}`, ...copies].join(SEPARATOR);
}

/** Reads the text of `secretDescription`: the user, and the secrets that a proxy reads, one for each login. */
export function describedSecret(description = ''): { readonly user?: string; readonly copies: string[] } {
  if (!description.startsWith(DESCRIPTION)) return { copies: [] };
  const [user, ...copies] = description.slice(DESCRIPTION.length).split(SEPARATOR);
  return { user, copies };
}
