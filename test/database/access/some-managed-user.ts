import { randomUUID } from 'crypto';
import { createServer } from 'http';
import { AddressInfo } from 'net';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { formatUsers, secretDescription } from '../../../src/database/access/contract';
import { Login, parseLogin, UserDefinition } from '../../../src/database/access/logins';
import { handler } from '../../../src/database/access/manage-users.lambda';
import { RotationStep } from '../../../src/rotation/rotation-steps';
import { ADMINISTRATOR, SERVER_NAME, StartedServer } from '../../support/database-servers';
import { SecretsManagerServer } from '../../support/secrets-manager-server';

export const STEPS: RotationStep[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const ADDRESS = '1a2b3c4d';
const INVOCATION = { getRemainingTimeInMillis: () => 300_000 };

/** The access control lists of the database, its schemas, its functions and its future objects. */
const ACCESS_CONTROL = 'SELECT \'database\' AS kind, datacl AS acl FROM pg_database WHERE datname = \'app\' '
  + 'UNION ALL SELECT \'schema \' || nspname, nspacl FROM pg_namespace WHERE nspname !~ \'^pg_\' '
  + 'UNION ALL SELECT \'function \' || proname, COALESCE(proacl, acldefault(\'f\', proowner)) FROM pg_proc '
  + 'WHERE pronamespace = \'public\'::regnamespace '
  + 'UNION ALL SELECT \'table \' || relname, relacl FROM pg_class WHERE relnamespace = \'public\'::regnamespace '
  + 'UNION ALL SELECT \'future \' || defaclrole::regrole || defaclobjtype::text, defaclacl FROM pg_default_acl';

/** The answer of the function to CloudFormation. */
export interface Answer {
  readonly Status: string;
  readonly Reason: string;
}

/** A database user that the function manages, on a real server, with its secret in a real Secrets Manager API. */
export class SomeManagedUser {
  /** Creates the secrets. The user does not exist yet. */
  public static async on(
    server: StartedServer, secretsManager: SecretsManagerServer, user: UserDefinition, database = 'app',
  ): Promise<SomeManagedUser> {
    return SomeManagedUser.create(server, secretsManager, user, database, []);
  }

  /** Like `on`, with a copy of each login for a proxy. The server itself stands for the proxy. */
  public static async behindProxy(
    server: StartedServer, secretsManager: SecretsManagerServer, user: UserDefinition,
  ): Promise<SomeManagedUser> {
    const copy = (login: string) =>
      secretsManager.create(`${login}-${randomUUID()}`, JSON.stringify({ username: login, password: 'generated' }));
    const copies = [await copy(`${user.name}_1`), await copy(`${user.name}_2`)];
    return SomeManagedUser.create(server, secretsManager, user, 'app', copies);
  }

  private static async create(
    server: StartedServer, secretsManager: SecretsManagerServer, user: UserDefinition, database: string,
    copies: string[],
  ): Promise<SomeManagedUser> {
    const administrator = await secretsManager.create(`master-${randomUUID()}`, JSON.stringify(ADMINISTRATOR));
    const first = { username: `${user.name}_1`, password: 'FirstPassword1_FirstPassword1' };
    const description = secretDescription(user.name, copies);
    const arn = await secretsManager.create(`${user.name}-${randomUUID()}`, JSON.stringify(first), description);
    return new SomeManagedUser(server, secretsManager, user, database, arn, administrator, copies);
  }

  private constructor(
    private readonly server: StartedServer, private readonly secretsManager: SecretsManagerServer,
    private readonly user: UserDefinition, private readonly database: string,
    public readonly arn: string, public readonly administratorArn: string, private readonly copies: string[],
  ) {}

  /** The same user with another access, and the same secrets. */
  public as(user: UserDefinition): SomeManagedUser {
    return new SomeManagedUser(
      this.server, this.secretsManager, user, this.database, this.arn, this.administratorArn, this.copies);
  }

  /** Points the function at the server and its only user. */
  private configure(host = SERVER_NAME): void {
    Object.assign(process.env, {
      ENGINE: this.server.engine,
      HOST: host,
      PORT: `${this.server.port}`,
      DATABASE: this.database,
      SCHEMA: 'public',
      ADMINISTRATOR: this.administratorArn,
      USERS: formatUsers([{ ...this.user, address: ADDRESS }]),
    });
    delete process.env.PROXY;
    if (this.copies.length > 0) process.env.PROXY = SERVER_NAME;
  }

  /** Sends a request of CloudFormation to the function, and returns its answer. */
  public async deploy(RequestType: 'Create' | 'Update' | 'Delete' = 'Create', host?: string): Promise<Answer> {
    this.configure(host);
    let answered!: (text: string) => void;
    const answer = new Promise<string>((resolve) => { answered = resolve; });
    const endpoint = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        response.end();
        answered(Buffer.concat(chunks).toString());
      });
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    await handler({
      RequestType,
      ResponseURL: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'User',
      PhysicalResourceId: RequestType === 'Create' ? undefined : this.user.name,
      ResourceProperties: {
        User: this.user.name,
        Privileges: this.user.privileges,
        Login: 'password',
        SecretArn: this.arn,
        Copies: this.copies.length > 0 ? this.copies : undefined,
        Address: ADDRESS,
        Host: host ?? SERVER_NAME,
        Database: this.database,
      },
    }, INVOCATION).finally(() => {
      endpoint.closeAllConnections();
      endpoint.close();
    });
    return JSON.parse(await answer);
  }

  /** Sends the request of a person to repair the user. */
  public async repair(): Promise<void> {
    this.configure();
    await handler({ Repair: this.user.name }, INVOCATION);
  }

  public async startRotation(): Promise<string> {
    const token = randomUUID();
    await this.secretsManager.startRotation(this.arn, token);
    return token;
  }

  public async step(Step: RotationStep, token: string): Promise<void> {
    this.configure();
    await handler({ Step, SecretId: this.arn, ClientRequestToken: token }, INVOCATION);
  }

  /** Calls the four steps, as Secrets Manager does in one attempt of a rotation. */
  public async rotate(token?: string): Promise<void> {
    const requested = token ?? await this.startRotation();
    for (const each of STEPS) await this.step(each, requested);
  }

  /** The login with a staging label, or undefined if the version has no login of the user. */
  public async login(stage = 'AWSCURRENT'): Promise<Login | undefined> {
    return parseLogin(this.user, await this.secretsManager.valueOf(this.arn, stage));
  }

  /** The logins that a proxy reads. */
  public async copied(): Promise<unknown[]> {
    const values = await Promise.all(this.copies.map((each) => this.secretsManager.valueOf(each)));
    return values.map((value) => JSON.parse(value!));
  }

  /** Runs statements as a login, over TLS with a verified server. */
  public async run({ username, password }: Login, ...statements: string[]): Promise<void> {
    const connection = {
      host: SERVER_NAME,
      port: this.server.port,
      database: this.database,
      user: username,
      password,
      ssl: { ca: this.server.ca },
    };
    if (this.server.engine === 'postgres') {
      const client = new Client(connection);
      await client.connect();
      try {
        for (const each of statements) await client.query(each);
      } finally {
        await client.end();
      }
    } else {
      const client = await createConnection(connection);
      try {
        for (const each of statements) await client.query(each);
      } finally {
        await client.end();
      }
    }
  }

  public async canLogIn(login: Login | undefined): Promise<boolean> {
    return login !== undefined && this.run(login, 'SELECT 1').then(() => true, () => false);
  }

  /** The privileges of the user and its logins on the server, in a form that can be compared. */
  public async privileges(): Promise<string[]> {
    const { name } = this.user;
    if (this.server.engine === 'mysql') {
      const logins = await this.server.rows(`SELECT User FROM mysql.user WHERE User REGEXP '^${name}_[12]$'`);
      const grants = await Promise.all(logins.map((login) => this.server.rows(`SHOW GRANTS FOR '${login}'@'%'`)));
      return grants.flat().map((each) => each.replace(/IDENTIFIED BY PASSWORD '[^']*'/g, '')).sort();
    }
    const rows = await this.server.rows(
      'SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolinherit, rolconnlimit, '
        + 'COALESCE(rolvaliduntil < \'infinity\', false) FROM pg_roles '
        + `WHERE rolname ~ '^${name}' ORDER BY 1;`
        + `SELECT 'logs in', rolcanlogin FROM pg_roles WHERE rolname = '${name}';`
        + 'SELECT roleid::regrole, member::regrole, admin_option FROM pg_auth_members '
        + `WHERE member::regrole::text ~ '^${name}' ORDER BY 1, 2;`
        + 'SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants '
        + `WHERE grantee ~ '^${name}' ORDER BY 1, 2, 3;`
        + 'SELECT setrole::regrole, setdatabase, unnest(setconfig) FROM pg_db_role_setting '
        + `WHERE setrole::regrole::text ~ '^${name}' ORDER BY 1, 2, 3;`
        + `SELECT kind, pg_get_userbyid(a.grantee) AS grantee, a.privilege_type FROM (${ACCESS_CONTROL}) o, `
        + 'aclexplode(o.acl) a '
        + `WHERE a.grantee = 0 OR pg_get_userbyid(a.grantee) ~ '^(${name}|app)' ORDER BY 1, 2, 3`,
    );
    return rows.sort();
  }
}
