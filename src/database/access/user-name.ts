import { createHash } from 'crypto';
import { Construct } from 'constructs';
import { isInherited } from '../../core/inherited-names';
import { refuse } from '../../core/refusal';

/** The longest name of a user: MySQL accepts 32 characters, and a login has two more than its user. */
const LONGEST_NAME = 30;
/** The number of hexadecimal digits that keep shortened names apart. */
const HASH_LENGTH = 8;
const USER_ID = /^[A-Za-z][A-Za-z0-9]*$/;
/** The endings of the logins, and of the roles that hold the privileges on a schema of PostgreSQL. */
const TAKEN_ENDING = /_(1|2|owner|readwrite|readonly)$/;
/** The names of RDS: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.Constraints */
const RESERVED_NAME = /^(rds|pg_|mysql|dbowner$|root$|public$|postgres$|admin$|none$)/;
/** The constructs that are beside those of the users. */
const TAKEN_IDS = ['Function', 'SecurityGroup'];

/** The ID of the construct of a user, and its name in the database. */
export interface UserName {
  readonly id: string;
  readonly name: string;
}

/** The name of a user with an ID of the app: `NightlyReports` becomes `nightly_reports`. Refuses other IDs. */
export function userNameOf(scope: Construct, id: string): UserName {
  const name = inSnakeCase(id);
  if (USER_ID.test(id) && isUsable(name) && !isInherited(id)) return { id: freeId(id), name };
  return refuse(scope, {
    prop: 'id',
    given: id,
    allowed: `letters and digits, starting with a letter, that form a user name of at most ${LONGEST_NAME} characters `
      + 'that the database, this library and JavaScript objects do not use themselves',
    change: 'choose another ID, such as \'NightlyReports\'',
  });
}

/**
 * The name of the user of a service: its path below the closest scope that also contains the database.
 *
 * The service `Api` in the stack of the database has the user `api`. In another stack `Web`, it has `web_api`. A name
 * that the database does not accept is extended or shortened.
 */
export function nameOfService(database: Construct, service: Construct): UserName {
  const scopes = service.node.scopes;
  const shared = database.node.scopes.filter((scope) => scopes.includes(scope)).length;
  const ids = scopes.slice(shared).map(({ node }) => node.id.replace(/[^A-Za-z0-9]/g, ''));
  const path = ids.map(inSnakeCase).filter((part) => part !== '').join('_');
  return { id: freeId(ids.join('-') || 'Service'), name: usableName(path || 'service') };
}

function freeId(id: string): string {
  return TAKEN_IDS.includes(id) ? `${id}-User` : id;
}

function usableName(path: string): string {
  const name = [path, `service_${path}`].find((each) => /^[a-z]/.test(each) && !isTaken(each)) ?? `${path}_service`;
  if (name.length <= LONGEST_NAME) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  return `${name.slice(0, LONGEST_NAME - HASH_LENGTH - 1)}_${hash}`;
}

function inSnakeCase(id: string): string {
  return id.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
}

function isUsable(name: string): boolean {
  return name.length <= LONGEST_NAME && !isTaken(name);
}

function isTaken(name: string): boolean {
  return TAKEN_ENDING.test(name) || RESERVED_NAME.test(name);
}
