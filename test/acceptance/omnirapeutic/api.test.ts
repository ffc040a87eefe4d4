import { apiSwitchesTheAuditOn } from './proof/api';
import { read } from './proof/parts';

const source = read('api', 'server.js');

test('the API switches the audit on before it listens, and says so', () => {
  apiSwitchesTheAuditOn(source);
});

const STATEMENT = 'CREATE EXTENSION IF NOT EXISTS pgaudit;';
const START = 'start().catch';

test.each<[string, string, string]>([
  ['the statement is a comment of SQL', STATEMENT, `-- ${STATEMENT}`],
  ['the statement is a comment of SQL of several lines', STATEMENT, `/* ${STATEMENT} */`],
  ['the query is a comment of JavaScript', 'await database.query(`', '// `\n  void (`'],
  ['nobody starts it', START, 'Promise.resolve(start).catch'],
  ['the start is a comment', START, '// start();\nPromise.resolve().catch'],
  ['it does not wait', 'await database.query(`', 'database.query(`'],
  ['it is not committed', 'COMMIT;', 'ROLLBACK;'],
  ['another extension', STATEMENT, 'CREATE EXTENSION IF NOT EXISTS pg_trgm;'],
  ['it says so of itself', 'audited: rowCount === 1', 'audited: rowCount === 0'],
])('it would be found if %s', (_what, given, instead) => {
  expect(source.split(given)).toHaveLength(2);
  expect(() => apiSwitchesTheAuditOn(source.replace(given, instead))).toThrow();
});
