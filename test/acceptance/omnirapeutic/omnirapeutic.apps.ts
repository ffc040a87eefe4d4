import * as fs from 'fs';
import { Template } from 'aws-cdk-lib/assertions';
import { testAlarms } from './alarms';
import { testDocuments } from './documents';
import { FACTS } from './facts';
import { COMPONENTS } from './mutations/components';
import { FLOWS } from './mutations/flows';
import { WATCHING } from './mutations/monitoring';
import { NETWORK } from './mutations/network';
import { SECURITY } from './mutations/security';
import { apiReportsTheAudit } from './proof/api';
import { migrationsCreateTheTable } from './proof/migrate';
import { read } from './proof/parts';
import { omnirapeutic, omnirapeuticTemplates } from './proof/synthesis';
import { POSTGRES, usersSwitchTheAuditOn } from './proof/users';
import { appOf } from '../../support/template/example';
import { testFacts } from '../../support/template/facts';
import { Mutation, testCoverage, testMutations } from '../../support/template/mutations';
import { testSize } from '../../support/template/source';

// One synthesis for all tests of the system.
const app = appOf('omnirapeutic');
const templates = omnirapeuticTemplates();
const whole = omnirapeutic(templates);

describe('the document', () => {
  testFacts(FACTS, () => whole);
});

describe('a mutated template fails the row of', () => {
  const mutations = [...NETWORK, ...SECURITY, ...FLOWS, ...COMPONENTS, ...WATCHING];
  testMutations<Template, Mutation>(mutations, { template: () => whole, system: (changed) => changed });

  testCoverage(FACTS, mutations);
});

describe('the app', () => {
  testSize('omnirapeutic', [
    'application-stack.ts',
    'data-stack.ts',
    'guardrails-stack.ts',
    'images-stack.ts',
    'network-stack.ts',
    'stacks.ts',
  ]);
});

describe('the API', () => {
  const source = read('api', 'server.js');
  const START = '\nstart();';

  test('answers its health check without a database, and reports whether the database is audited', () => {
    apiReportsTheAudit(source);
  });

  test.each<[string, string, string]>([
    ['it answers only if the database is available', 'const route = ', 'await database.query(\'\'); const route = '],
    ['its health check queries the database', '() => ({ status', 'async () => await database.query(\'\') && ({ status'],
    ['nobody starts it', START, ''],
    ['the start is a comment', START, '\n// start();'],
    ['it asks for another extension', 'extname = \\\'pgaudit\\\'', 'extname = \\\'pg_trgm\\\''],
    ['it does not ask', 'await database.query(', '(await database.query, { rowCount: 1 }); void ('],
    ['it reports another value', 'audited: rowCount === 1', 'audited: rowCount === 0'],
    ['it always reports an audit', 'audited: rowCount === 1', 'audited: true'],
    ['it exits when the database is unavailable', 'return say(500', 'process.exit(1); return say(500'],
  ])('fails this test if %s', (_what, given, instead) => {
    expect(source.split(given)).toHaveLength(2);
    expect(() => apiReportsTheAudit(source.replace(given, () => instead))).toThrow();
  });
});

describe('the migrations', () => {
  const source = read('api', 'migrate.js');
  const TABLE = 'CREATE TABLE IF NOT EXISTS jobs';

  test('create the table once, and stop the deployment if they cannot', () => {
    migrationsCreateTheTable(source);
  });

  test.each<[string, string, string]>([
    ['the statement is an SQL comment', `    ${TABLE}`, `    -- ${TABLE}`],
    ['it fails for a table that exists', TABLE, 'CREATE TABLE jobs'],
    ['there is no lock', 'SELECT pg_advisory_xact_lock(1);', ''],
    ['it is not committed', 'COMMIT;', 'ROLLBACK;'],
    ['it does not wait for the statement', 'await database.query(', 'database.query('],
    ['a failure is ignored', 'process.exit(1);', 'process.exit(0);'],
    ['it does not connect', 'await database.connect();', ''],
    ['nobody starts it', '\nmigrate().catch', '\nPromise.resolve(migrate).catch'],
  ])('fail this test if %s', (_what, given, instead) => {
    expect(source.split(given)).toHaveLength(2);
    expect(() => migrationsCreateTheTable(source.replace(given, () => instead))).toThrow();
  });
});

describe('the function that manages the users', () => {
  const source = fs.readFileSync(POSTGRES, 'utf8');
  const CALL = 'await enableAudit(session);';
  const STATEMENT = 'CREATE EXTENSION IF NOT EXISTS pgaudit';

  test('enables the audit before a program has a login', () => {
    usersSwitchTheAuditOn(whole, 'Migrations');
  });

  test.each<[string, string, string]>([
    ['it does not enable the audit', CALL, ''],
    ['it ignores a failure', CALL, 'await enableAudit(session).catch(() => undefined);'],
    ['another extension', STATEMENT, 'CREATE EXTENSION IF NOT EXISTS pg_trgm'],
    ['users can create objects that the statement calls', 'SCHEMA ${OWN_SCHEMA}', 'SCHEMA public'],
    ['the statement is an SQL comment', STATEMENT, `-- ${STATEMENT}`],
  ])('fails this test if %s', (_what, given, instead) => {
    expect(source.split(given)).toHaveLength(2);
    expect(() => usersSwitchTheAuditOn(whole, 'Api', { file: POSTGRES, given, instead })).toThrow();
  });
});

describe('the alarms', () => {
  testAlarms(whole);
});

describe('the documents', () => {
  testDocuments(app, templates, whole);
});
