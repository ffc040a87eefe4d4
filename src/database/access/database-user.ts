import { Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { loginKind, secretDescription } from './contract';
import { DatabaseAccess } from './database-access';
import { DatabaseUsers } from './database-users';
import { groupRoles, loginNames, UserDefinition } from './logins';
import { passwordAgeAlarms } from './password-age';
import { DatabaseEntrance, LoginProxy, UserDatabase } from './user-database';
import { nameOfService, UserName, userNameOf } from './user-name';
import { overlappingContainerSecret } from '../../binding/container-secret';
import { grantSecretRead } from '../../binding/grant-read';
import { IServiceBindable, ServiceBinding, ServiceBindingContext } from '../../binding/service-binding';
import { protectedSecret } from '../../blocks/protected-secret';
import { acknowledge } from '../../core/acknowledge';
import { checkArguments } from '../../core/check-props';
import { refuse, refuseUse } from '../../core/refusal';
import { AlarmDefinition } from '../../monitoring/alarm-definition';
import { functionAlarms } from '../../monitoring/function-alarms';
import { addLaterAlarms } from '../../monitoring/later-alarms';

/** The number of characters of the first password, which CloudFormation generates. */
const PASSWORD_LENGTH = 32;
/** The punctuation that it does not contain. It contains an underscore, as the passwords of the function do. */
const EXCLUDED = '!"#$%&\'()*+,-./:;<=>?@[\\]^`{|}~';

/** A user of a database, which `access` of the database creates. */
export interface IDatabaseUser extends IServiceBindable {
  /** The name of the user in the database. With a password, the logins have this name with `_1` and `_2`. */
  readonly userName: string;
  /** The secret with `username` and `password` of the login in use. Undefined for a user with an IAM token. */
  readonly secret?: secretsmanager.ISecret;
  /**
   * Allows a principal to log in as this user, in a managed policy.
   *
   * The principal can read the secret, or request an IAM token for the user. The network connection is not included:
   * use the `connections` of the principal.
   */
  grantLogin(grantee: iam.IGrantable): iam.Grant;
}

/** The props of a user. */
interface DatabaseUserProps {
  readonly name: string;
  readonly access: DatabaseAccess;
  readonly database: UserDatabase;
  /** The service that received this user because it uses the database. */
  readonly service?: Construct;
}

/** A user of a database with the privileges of a `DatabaseAccess`. */
class DatabaseUser extends Construct implements IDatabaseUser {
  public readonly userName: string;
  public readonly secret?: secretsmanager.ISecret;

  public readonly service?: Construct;

  private readonly database: UserDatabase;
  private readonly definition: UserDefinition;

  constructor(users: DatabaseUsers, id: string, { name, access, database, service }: DatabaseUserProps) {
    super(users, id);
    this.service = service;
    this.userName = name;
    this.database = database;
    this.definition = access._define(name);
    const { proxy } = this.entrance;
    const copies = proxy && !this.definition.iamToken ? this.defineCopies(proxy) : [];
    if (this.definition.iamToken) proxy?.addTokenUser(name);
    else this.secret = this.defineSecret(copies);
    users.add(this, { user: this.definition, owner: service ?? this, secret: this.secret, copies });
  }

  public bindToService(context: ServiceBindingContext): ServiceBinding {
    const { connectable, ready, variables } = this.entrance;
    const { environment, user, password } = variables(context);
    const shared = { connectable, waitFor: [...ready, this] };
    const { secret } = this;
    if (!secret) {
      if (isGrantable(context.service)) this.grantLogin(context.service);
      return { ...shared, environment: { ...environment, [user]: this.userName } };
    }
    return {
      ...shared,
      environment,
      secrets: {
        [user]: overlappingContainerSecret(secret, 'username'),
        [password]: overlappingContainerSecret(secret, 'password'),
      },
      overlappingSecrets: [secret],
    };
  }

  public grantLogin(grantee: iam.IGrantable): iam.Grant {
    checkArguments(this, 'IDatabaseUser.grantLogin', { grantee });
    return this.secret
      ? grantSecretRead(grantee, [this.secret])
      : this.database.grantConnect(grantee, this.userName);
  }

  private get entrance(): DatabaseEntrance {
    return this.database.entrances[loginKind(this.definition)];
  }

  /** The secret of the login in use. */
  private defineSecret(copies: secretsmanager.ISecret[]): secretsmanager.ISecret {
    const [first] = loginNames(this.definition);
    const description = secretDescription(this.userName, copies.map(({ secretArn }) => secretArn));
    return this.secretOf('Secret', first, description);
  }

  /** The secrets from which a proxy knows the password of each login. The function writes their values. */
  private defineCopies(proxy: LoginProxy): secretsmanager.ISecret[] {
    return loginNames(this.definition).map((login, index) => {
      const copy = this.secretOf(`ProxyLogin${index + 1}`, login, `Login ${login} of a proxy`);
      acknowledge(copy, {
        rules: ['HIPAA.Security-SecretsManagerRotationEnabled', 'NIST.800.53.R5-SecretsManagerRotationEnabled',
          'AwsSolutions-SMG4'],
        reason: `The rotation of the secret of the user ${this.userName} also writes this copy of the login ${login}.`,
      });
      proxy.addLogin(copy);
      return copy;
    });
  }

  private secretOf(id: string, username: string, description: string): secretsmanager.Secret {
    return protectedSecret(this, id, {
      description,
      encryptionKey: this.database.encryptionKey,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username }),
        generateStringKey: 'password',
        passwordLength: PASSWORD_LENGTH,
        excludeCharacters: EXCLUDED,
        excludePunctuation: false,
        includeSpace: false,
        requireEachIncludedType: true,
      },
    });
  }
}

/** Whether a construct has a role already. */
function isGrantable(construct: Construct & Partial<iam.IGrantable>): construct is Construct & iam.IGrantable {
  return construct.grantPrincipal !== undefined;
}

/** The ID of the construct that contains the users of a database. */
const USERS = 'Users';
/** The first sentence of the descriptions of alarms. */
const FAILED = 'The password of a database user could not be rotated, or a user that was removed can still log in. '
  + 'The current logins remain valid.';
/** The number of bytes that PostgreSQL keeps of the name of a role, and the prefix of its own roles. */
const LONGEST_ROLE = 63;
const RESERVED_PREFIX = /^pg_/;
/** Returns the parts of a database that its users need. */
type Describe = () => UserDatabase;

/** Creates a user of a database. Its ID in PascalCase becomes its name: `NightlyReports` becomes `nightly_reports`. */
export function defineUser(scope: Construct, id: string, access: DatabaseAccess, describe: Describe): IDatabaseUser {
  return createUser(scope, userNameOf(scope, id), access, describe);
}

/** Returns the user of a service, which reads and changes the data. Creates it at the first call. */
export function userOfService(scope: Construct, service: Construct, describe: Describe): IDatabaseUser {
  const userName = nameOfService(scope, service);
  const present = usersOf(scope)?.node.tryFindChild(userName.id);
  return present instanceof DatabaseUser && present.service === service
    ? present
    : createUser(scope, userName, undefined, describe, service);
}

function createUser(
  scope: Construct, { id, name }: UserName, given: DatabaseAccess | undefined, describe: Describe, service?: Construct,
): DatabaseUser {
  const database = describe();
  requireRestrictedUsers(scope, database);
  requireNamesOfRoles(scope, database);
  const access = given ?? (database.prefersIamToken ? DatabaseAccess.iamToken() : DatabaseAccess.readWrite());
  const users = usersOf(scope) ?? createUsers(scope, database);
  const owner = users.ownerOf(name);
  if (owner) {
    refuseUse(scope, `the database has a user ${name} already, of the construct ${owner.node.path}`,
      'choose another ID, or use that user');
  }
  return new DatabaseUser(users, id, { name, access, database, service });
}

/** Refuses a version in which a user can get other privileges than those of its access, or lose them. Tokens pass. */
function requireRestrictedUsers(scope: Construct, { profile: { withoutUsers: old } }: UserDatabase): void {
  if (!old) return;
  refuseUse(scope, `database users must be on ${old.since}, because ${old.reason}`,
    'choose a newer engine, or call asMasterUser with a reason');
}

/**
 * Refuses a database whose roles would have a long or reserved name. MySQL has no such roles. Tokens pass.
 *
 * PostgreSQL would shorten a longer name without an error, so that two roles could have the same.
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */
function requireNamesOfRoles(scope: Construct, { profile: { engine }, databaseName }: UserDatabase): void {
  if (engine !== 'postgres' || Token.isUnresolved(databaseName)) return;
  const most = LONGEST_ROLE - Math.max(...Object.values(groupRoles('')).map((ending) => ending.length));
  if (databaseName.length <= most && !RESERVED_PREFIX.test(databaseName)) return;
  refuse(scope, {
    prop: 'databaseName',
    given: databaseName,
    allowed: `at most ${most} characters that do not start with 'pg_', if the database has users, because PostgreSQL `
      + `limits the names of their roles, such as ${groupRoles('app').readWrite}, to ${LONGEST_ROLE} bytes and `
      + 'reserves this prefix',
    change: 'choose another name, or call asMasterUser with a reason',
  });
}

/** Creates the function of the users, and its alarms if the database is watched already. */
function createUsers(scope: Construct, database: UserDatabase): DatabaseUsers {
  const users = new DatabaseUsers(scope, USERS, database);
  addLaterAlarms(scope, userAlarms(scope));
  return users;
}

/** The alarms of the users of a database, and of the age of their passwords, if they have any. */
export function userAlarms(scope: Construct): AlarmDefinition[] {
  const users = usersOf(scope);
  return users ? [...functionAlarms('Users', users.handler, FAILED), ...passwordAgeAlarms(scope)] : [];
}

function usersOf(scope: Construct): DatabaseUsers | undefined {
  return scope.node.tryFindChild(USERS) as DatabaseUsers | undefined;
}
