import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { DatabaseAccess } from './database-access';
import { DatabaseUsers } from './database-users';
import { loginNames, UserDefinition } from './logins';
import { UserDatabase } from './user-database';
import { overlappingContainerSecret } from '../../binding/container-secret';
import { grantSecretRead } from '../../binding/grant-read';
import { IServiceBindable, ServiceBinding, ServiceBindingContext } from '../../binding/service-binding';
import { protectedSecret } from '../../blocks/protected-secret';
import { checkArguments } from '../../core/check-props';
import { isWatched } from '../../core/monitored-mark';
import { refuse, refuseUse } from '../../core/refusal';
import { AlarmDefinition } from '../../monitoring/alarm-definition';
import { functionAlarms } from '../../monitoring/function-alarms';

/** The number of letters and digits of the first password, which CloudFormation generates. */
const PASSWORD_LENGTH = 32;

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
}

/** A user of a database with the privileges of a `DatabaseAccess`. */
class DatabaseUser extends Construct implements IDatabaseUser {
  public readonly userName: string;
  public readonly secret?: secretsmanager.ISecret;

  private readonly database: UserDatabase;
  private readonly definition: UserDefinition;

  constructor(users: DatabaseUsers, id: string, { name, access, database }: DatabaseUserProps) {
    super(users, id);
    this.userName = name;
    this.database = database;
    this.definition = access._define(name);
    this.secret = this.definition.iamToken ? undefined : this.defineSecret();
    users.add(this, this.definition, this.secret);
  }

  public bindToService(context: ServiceBindingContext): ServiceBinding {
    const { environment, user, password } = this.database.variables(context);
    const shared = { connectable: this.database.connectable, waitFor: [...this.database.ready, this] };
    const { secret } = this;
    if (!secret) return { ...shared, environment: { ...environment, [user]: this.userName } };
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

  private defineSecret(): secretsmanager.ISecret {
    const [first] = loginNames(this.definition);
    return protectedSecret(this, 'Secret', {
      description: `Login of the database user ${this.node.path}`,
      encryptionKey: this.database.encryptionKey,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: first }),
        generateStringKey: 'password',
        passwordLength: PASSWORD_LENGTH,
        excludePunctuation: true,
        includeSpace: false,
        requireEachIncludedType: true,
      },
    });
  }
}

/** The ID of the construct that contains the users of a database. */
const USERS = 'Users';
/** The first sentence of the descriptions of alarms. */
const FAILED = 'A user of the database could not be created, or its password could not be rotated. Its current login '
  + 'remains valid.';
/** The longest name of a user: MySQL accepts 32 characters, and a login has two more than its user. */
const LONGEST_NAME = 30;
const USER_ID = /^[A-Za-z][A-Za-z0-9]*$/;
/** The endings of the logins, and of the roles that hold the privileges on a schema of PostgreSQL. */
const TAKEN_ENDING = /_(1|2|owner|readwrite|readonly)$/;
/** The names of RDS: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.Constraints */
const RESERVED_NAME = /^(rds|pg_|mysql|dbowner$|root$|public$|postgres$|admin$|none$)/;

/**
 * Creates a user of a database. Its ID in PascalCase becomes its name: `NightlyReports` becomes `nightly_reports`.
 * @param describe returns what the users need to know, and refuses a database that cannot have users
 */
export function defineUser(
  scope: Construct, id: string, access: DatabaseAccess, describe: () => UserDatabase,
): IDatabaseUser {
  const name = userNameOf(scope, id);
  const database = describe();
  if (!usersOf(scope) && isWatched(scope)) {
    refuseUse(scope, 'access must be called before the database is watched, because its users have alarms',
      'create the first user before you pass the database to watch');
  }
  const users = usersOf(scope) ?? new DatabaseUsers(scope, USERS, database);
  if (users.has(name)) {
    refuseUse(scope, `the database has a user ${name} already`, 'choose another ID, or use that user');
  }
  return new DatabaseUser(users, id, { name, access, database });
}

/** The alarms of the function that manages the users of a database, if the database has users. */
export function userAlarms(scope: Construct): AlarmDefinition[] {
  const users = usersOf(scope);
  return users ? functionAlarms('Users', users.handler, FAILED) : [];
}

function usersOf(scope: Construct): DatabaseUsers | undefined {
  return scope.node.tryFindChild(USERS) as DatabaseUsers | undefined;
}

function userNameOf(scope: Construct, id: string): string {
  const name = id.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
  const isUsable = USER_ID.test(id) && name.length <= LONGEST_NAME && !TAKEN_ENDING.test(name);
  if (isUsable && !RESERVED_NAME.test(name)) return name;
  return refuse(scope, {
    prop: 'id',
    given: id,
    allowed: `letters and digits, starting with a letter, that form a user name of at most ${LONGEST_NAME} characters `
      + 'that the database and this library do not use themselves',
    change: 'choose another ID, such as \'NightlyReports\'',
  });
}
