import { Template } from 'aws-cdk-lib/assertions';
import { testAlarms } from './alarms';
import { testDocuments } from './documents';
import { FACTS } from './facts';
import { COMPONENTS } from './mutations/components';
import { FLOWS } from './mutations/flows';
import { WATCHING } from './mutations/monitoring';
import { NETWORK } from './mutations/network';
import { SECURITY } from './mutations/security';
import { apiSwitchesTheAuditOn } from './proof/api';
import { read } from './proof/parts';
import { omnirapeutic, omnirapeuticTemplates } from './proof/synthesis';
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
  const STATEMENT = 'CREATE EXTENSION IF NOT EXISTS pgaudit;';
  const START = 'start().catch';

  test('answers its health check without a database, and enables the audit before it answers anything else', () => {
    apiSwitchesTheAuditOn(source);
  });

  test.each<[string, string, string]>([
    ['the statement is an SQL comment', STATEMENT, `-- ${STATEMENT}`],
    ['the statement is an SQL comment of several lines', STATEMENT, `/* ${STATEMENT} */`],
    ['the query is a JavaScript comment', 'await database.query(`', '// `\n  void (`'],
    ['it does not try again', 'await pause(PAUSE_SECONDS * 1000);', 'return;'],
    ['it waits for the database', '  }, answer).listen', '  }, (await prepare(), answer)).listen'],
    ['nobody starts it', START, 'Promise.resolve(start).catch'],
    ['the start is a comment', START, '// start();\nPromise.resolve().catch'],
    ['it does not wait', 'await database.query(`', 'database.query(`'],
    ['it is not committed', 'COMMIT;', 'ROLLBACK;'],
    ['another extension', STATEMENT, 'CREATE EXTENSION IF NOT EXISTS pg_trgm;'],
    ['it reports another value', 'audited: rowCount === 1', 'audited: rowCount === 0'],
  ])('fails this test if %s', (_what, given, instead) => {
    expect(source.split(given)).toHaveLength(2);
    expect(() => apiSwitchesTheAuditOn(source.replace(given, instead))).toThrow();
  });
});

describe('the alarms', () => {
  testAlarms(whole);
});

describe('the documents', () => {
  testDocuments(app, templates, whole);
});
