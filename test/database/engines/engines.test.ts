import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { mysqlProfile } from '../../../src/database/engines/mysql-profile';
import { postgresProfile } from '../../../src/database/engines/postgres-profile';
import { newStack, templateOf } from '../../support/app';
import { MYSQL, only, POSTGRES, refusalOf, someDatabase } from '../instance/some-database';

const SECURE_TLS = 'a list of one or more of TLSv1.2, TLSv1.3, because older TLS versions are insecure';

const postgres = (version: rds.PostgresEngineVersion) => rds.DatabaseInstanceEngine.postgres({ version });
const mysql = (version: rds.MysqlEngineVersion) => rds.DatabaseInstanceEngine.mysql({ version });

function parametersOf(engine: rds.IInstanceEngine, parameters?: { [name: string]: string }): Record<string, string> {
  return only(templateOf(someDatabase(newStack(), { engine, parameters })), 'AWS::RDS::DBParameterGroup').Parameters;
}

describe('PostgreSQL', () => {
  const parameters = parametersOf(POSTGRES);

  test.each([
    ['every connection uses TLS', 'rds.force_ssl', '1'],
    ['TLS has at least version 1.2', 'ssl_min_protocol_version', 'TLSv1.2'],
    ['connections are logged', 'log_connections', '1'],
    ['disconnections are logged', 'log_disconnections', '1'],
    ['statements of more than ten seconds are logged', 'log_min_duration_statement', '10000'],
    ['logged statements have no bound values', 'log_parameter_max_length', '0'],
    ['failed statements have no bound values', 'log_parameter_max_length_on_error', '0'],
    ['ordinary statements are not logged', 'log_statement', 'none'],
    ['failed statements are not logged', 'log_min_error_statement', 'panic'],
    ['the row of an error is not logged', 'log_error_verbosity', 'terse'],
    ['the audit and the statistics are loaded', 'shared_preload_libraries', 'pg_stat_statements,pgaudit'],
    ['changes of schema and privileges are audited', 'pgaudit.log', 'ddl,role'],
    ['the audit has no bound values', 'pgaudit.log_parameter', '0'],
    ['users cannot change their passwords', 'rds.restrict_password_commands', '1'],
  ])('%s: %s = %s', (_what, name, value) => {
    expect(parameters[name]).toBe(value);
  });

  test('no other parameter is set', () => {
    expect(Object.keys(parameters)).toHaveLength(14);
  });

  test('version 18 selects the logged events of a connection', () => {
    expect(parametersOf(postgres(rds.PostgresEngineVersion.of('18.1', '18'))).log_connections).toBe('all');
  });

  test('the parameter group has the family of the version', () => {
    expect(
      only(
        templateOf(someDatabase(newStack(), { engine: postgres(rds.PostgresEngineVersion.VER_15_14) })),
        'AWS::RDS::DBParameterGroup',
      ).Family,
    ).toBe('postgres15');
  });

  test.each<[{ [name: string]: string }]>([
    [{ work_mem: '65536' }],
    [{ log_min_duration_statement: '2000' }],
    [{ 'rds.force_ssl': '1' }],
    [{ shared_preload_libraries: 'pg_cron, pgaudit, pg_stat_statements' }],
    [{ 'pgaudit.log': 'ddl,role,misc_set'.replace(',misc_set', '') }],
    [{ log_min_duration_sample: '-1' }],
    [{ log_min_messages: 'log', debug_print_plan: 'off', password_encryption: 'scram-sha-256' }],
    [{ 'pgaudit.log_level': 'log', 'pgaudit.log_statement': 'on', 'pgaudit.log_rows': '0', 'pgaudit.role': '' }],
  ])('accepts %j', (given) => {
    expect(parametersOf(POSTGRES, given)).toMatchObject(given);
  });

  test('refuses two names of one parameter, whose order would decide which value counts', () => {
    expect(() => parametersOf(POSTGRES, { work_mem: '65536', WORK_MEM: '1024' })).toThrow(
      'parameters must be names that differ by more than case, because RDS ignores the case, got work_mem and '
        + 'WORK_MEM. Remove one of the two.');
  });

  test('recognizes the name of a parameter in uppercase', () => {
    expect(parametersOf(POSTGRES, { LOG_MIN_DURATION_STATEMENT: '500' }).log_min_duration_statement).toBe('500');
  });

  test.each([
    ['rds.force_ssl', '0', "'1', which the construct requires"],
    ['RDS.Force_SSL', '0', "'1', which the construct requires"],
    ['ssl_min_protocol_version', 'TLSv1', "'TLSv1.2', which the construct requires"],
    ['log_connections', '0', "'1', which the construct requires"],
    ['log_statement', 'all', "'none', which the construct requires"],
    ['log_min_error_statement', 'error', "'panic', which the construct requires"],
    ['log_min_duration_statement', '-1', 'a number of at least 100, because ordinary statements can contain PHI'],
    ['log_min_duration_statement', '0', 'a number of at least 100, because ordinary statements can contain PHI'],
    ['log_min_duration_statement', '', 'a number of at least 100, because ordinary statements can contain PHI'],
    ['log_min_duration_statement', 'slow', 'a number of at least 100, because ordinary statements can contain PHI'],
    ['log_min_duration_sample', '100', "'-1', because sampled statements can contain PHI"],
    ['log_transaction_sample_rate', '0.1', "'0', because sampled statements can contain PHI"],
    ['auto_explain.log_min_duration', '1000', "'-1', because logged plans contain the values of the statement"],
    [
      'shared_preload_libraries',
      'pgaudit',
      'a list with pg_stat_statements and pgaudit, which Database Insights and the audit require',
    ],
    [
      'pgaudit.log',
      'ddl',
      'a list with ddl and role, without read, write, function, misc and all, which log statements with PHI',
    ],
    [
      'pgaudit.log',
      'ddl,role,write',
      'a list with ddl and role, without read, write, function, misc and all, which log statements with PHI',
    ],
    [
      'pgaudit.log',
      'ddl,role,-ddl',
      'a list with ddl and role, without read, write, function, misc and all, which log statements with PHI',
    ],
    [
      'log_min_messages',
      'fatal',
      'one of info, notice, warning, error, log, because other levels suppress the audit or log ordinary statements',
    ],
    [
      'log_min_messages',
      'PANIC',
      'one of info, notice, warning, error, log, because other levels suppress the audit or log ordinary statements',
    ],
    [
      'log_min_messages',
      'debug2',
      'one of info, notice, warning, error, log, because other levels suppress the audit or log ordinary statements',
    ],
    [
      'log_min_messages',
      '',
      'one of info, notice, warning, error, log, because other levels suppress the audit or log ordinary statements',
    ],
    ['debug_print_parse', 'on', "'0', because the tree of a statement contains its values"],
    ['debug_print_rewritten', 'on', "'0', because the tree of a statement contains its values"],
    ['debug_print_plan', 'on', "'0', because the tree of a statement contains its values"],
    ['debug_print_plan', '1', "'0', because the tree of a statement contains its values"],
    ['password_encryption', 'md5', "'scram-sha-256', because MD5 hashes are insecure"],
    ['ssl_ciphers', 'ALL', 'unset, because another list can contain weak ciphers'],
    ['pgaudit.log_level', 'debug1', "'log', because the log can exclude other levels"],
    ['pgaudit.log_statement', 'off', "'1', because the audit must contain the statement"],
    ['pgaudit.log_rows', 'on', "'0', because the audit covers DDL and privileges, not rows"],
    ['pgaudit.role', 'rds_pgaudit', "'', because object auditing logs data statements with PHI"],
  ])('refuses %s = %j', (name, value, allowed) => {
    expect(refusalOf({ parameters: { [name]: value } })).toBe(
      `[Stack/Database] parameters['${name}'] must be ${allowed}, got '${value}'. Remove the parameter, or use an `
        + 'allowed value.',
    );
  });

  const KEYS = 'parameters must be an object whose keys are names of parameters: a letter, then letters, digits, dots, '
    + 'underscores and hyphens, at most 64 characters';

  test.each([
    [' rds.force_ssl', "the key ' rds.force_ssl'", "Use 'rds.force_ssl'"],
    ['rds.force_ssl\t', "the key 'rds.force_ssl\\t'", "Use 'rds.force_ssl'"],
    ['', "the key ''", 'Correct the name'],
    ['  ', "the key '  '", 'Correct the name'],
    ['work mem', "the key 'work mem'", 'Correct the name'],
    ['work_mem\nrds.force_ssl', "the key 'work_mem\\nrds.force_ssl'", 'Correct the name'],
    ['1work_mem', "the key '1work_mem'", 'Correct the name'],
    ['__proto__', "the key '__proto__'", 'Correct the name'],
    ['a'.repeat(65), `the key '${'a'.repeat(60)}…'`, 'Correct the name'],
    ['${Token[Parameter.1]}', 'a token as a key', 'Correct the name'],
  ])('refuses the name %j, which no guard would match', (name, given, change) => {
    expect(refusalOf({ parameters: { [name]: '0' } })).toBe(`[Stack/Database] ${KEYS}, got ${given}. ${change}.`);
  });

  test.each([
    ['', "''"],
    [' ', "' '"],
    ['64MB\nssl = off', "'64MB\\nssl = off'"],
    ['64MB\r', "'64MB\\r'"],
    ['a\u0000b', "'a\\u0000b'"],
    ['9'.repeat(4_097), '4097 characters'],
  ])('refuses the value %j of a parameter', (value, given) => {
    expect(refusalOf({ parameters: { work_mem: value } })).toBe(
      "[Stack/Database] parameters['work_mem'] must be a non-blank value on one line of at most 4096 characters, got "
        + `${given}. Correct the value, or remove the parameter to use the default of the engine.`,
    );
  });

  test('refuses a second line after a safe value', () => {
    expect(refusalOf({ parameters: { 'rds.force_ssl': '1\n' } })).toBe(
      "[Stack/Database] parameters['rds.force_ssl'] must be a non-blank value on one line of at most 4096 characters, "
        + "got '1\\n'. Correct the value, or remove the parameter to use the default of the engine.",
    );
  });

  test.each([['constructor', 'x'], ['performance-schema-instrument', 'wait/lock/%=ON'], ['a'.repeat(64), 'SET x, y']])(
    'passes %s on', (name, value) => {
      expect(parametersOf(POSTGRES, { [name]: value })[name]).toBe(value);
    },
  );

  test.each<[string, unknown, string]>([
    ['rds.force_ssl', 0, '0'],
    ['work_mem', 65536, '65536'],
    ['log_disconnections', false, 'false'],
    ['rds.force_ssl', undefined, 'undefined'],
  ])('refuses %s = %p, which JavaScript can pass', (name, value, shown) => {
    expect(refusalOf({ parameters: { [name]: value as string } }))
      .toBe(`[Stack/Database] parameters['${name}'] must be a string, got ${shown}. Pass a string.`);
  });

  test('refuses a safeguard that is known only at deployment', () => {
    expect(refusalOf({ parameters: { 'rds.force_ssl': '${Token[Parameter.1]}' } }))
      .toBe("[Stack/Database] parameters['rds.force_ssl'] must be '1', which the construct requires, got a token. "
        + 'Remove the parameter, or use an allowed value.');
  });

  test.each([
    [rds.PostgresEngineVersion.VER_12_22, '12.22'],
    [rds.PostgresEngineVersion.of('9.6.24', '9.6'), '9.6.24'],
  ])('refuses a version that cannot exclude values from its logs', (version, written) => {
    expect(refusalOf({ engine: postgres(version) })).toBe(
      '[Stack/Database] engine must be PostgreSQL 13 or newer, which can keep bound values out of its logs, got '
        + `PostgreSQL ${written}. Choose a newer version.`,
    );
  });

  test.each(['app', 'Clinic_2', '_private', 'a'.repeat(63)])('accepts the database name %s', (databaseName) => {
    expect(someDatabase(newStack(), { databaseName }).databaseName).toBe(databaseName);
  });

  test.each(['', '1st', 'my-db', 'user', 'SELECT', 'template1', 'rdsadmin', 'a'.repeat(64)])(
    'refuses the database name %j',
    (databaseName) => {
      expect(refusalOf({ databaseName })).toBe(
        '[Stack/Database] databaseName must be a name of 1 to 63 letters, digits and underscores that does not start '
          + `with a digit and is not a reserved word of PostgreSQL, got '${databaseName}'. ` +
          'Choose another name.',
      );
    },
  );
});

describe('MySQL', () => {
  test('every connection uses TLS, slow statements are in an exported file, the general log is off', () => {
    expect(parametersOf(MYSQL)).toEqual({
      require_secure_transport: '1',
      general_log: '0',
      slow_query_log: '1',
      long_query_time: '10',
      log_output: 'FILE',
    });
  });

  test.each<[{ [name: string]: string }]>([
    [{ max_connections: '200' }],
    [{ long_query_time: '2.5' }],
    [{ log_queries_not_using_indexes: '0' }],
    [{ tls_version: 'TLSv1.2, TLSv1.3', log_raw: 'OFF' }],
    [{ tls_version: 'TLSv1.3' }],
  ])('accepts %j', (given) => {
    expect(parametersOf(MYSQL, given)).toMatchObject(given);
  });

  test.each([
    ['require_secure_transport', '0', "'1', which the construct requires"],
    ['general_log', '1', "'0', which the construct requires"],
    ['slow_query_log', '0', "'1', which the construct requires"],
    ['log_output', 'TABLE', "'FILE', which the construct requires"],
    ['long_query_time', '0', 'a number of at least 1, because a lower value logs ordinary statements with PHI'],
    ['log_queries_not_using_indexes', '1', "'0', because it logs ordinary statements with PHI"],
    ['log_raw', '1', "'0', because it writes passwords to the logs"],
    ['tls_version', 'TLSv1,TLSv1.2', SECURE_TLS],
    ['tls_version', 'TLSv1.1', SECURE_TLS],
    ['tls_version', '', SECURE_TLS],
    ['ssl_cipher', 'RC4-SHA', 'unset, because another list can contain weak ciphers'],
  ])('refuses %s = %j', (name, value, allowed) => {
    expect(refusalOf({ engine: MYSQL, parameters: { [name]: value } })).toBe(
      `[Stack/Database] parameters['${name}'] must be ${allowed}, got '${value}'. Remove the parameter, or use an `
        + 'allowed value.',
    );
  });

  test.each([
    rds.MysqlEngineVersion.of('8.0.28', '8.0'),
    rds.MysqlEngineVersion.VER_8_0,
    rds.MysqlEngineVersion.VER_8_0_44,
    rds.MysqlEngineVersion.VER_8_4_7,
    rds.MysqlEngineVersion.of('9.1', '9.1'),
  ])('accepts version $fullVersion', (version) => {
    expect(refusalOf({ engine: mysql(version) })).toBe('nothing was refused');
  });

  test.each([
    [rds.MysqlEngineVersion.of('8.0.27', '8.0'), '8.0.27'],
    [rds.MysqlEngineVersion.VER_5_7_44, '5.7.44'],
    [rds.MysqlEngineVersion.VER_5_7, '5.7'],
  ])('refuses a version without the audit plugin or with old TLS', (version, written) => {
    expect(refusalOf({ engine: mysql(version) })).toBe(
      '[Stack/Database] engine must be MySQL 8.0.28 or newer, which has the audit plugin and no TLS below 1.2, got '
        + `MySQL ${written}. Choose a newer version.`,
    );
  });

  test.each(['', '_private', '1st', 'my-db', 'mysql', 'Groups', 'a'.repeat(65)])(
    'refuses the database name %j',
    (databaseName) => {
      expect(refusalOf({ engine: MYSQL, databaseName })).toBe(
        '[Stack/Database] databaseName must be a name of 1 to 64 letters, digits and underscores that starts with a '
          + `letter and is not a reserved word of MySQL, got '${databaseName}'. ` +
          'Choose another name.',
      );
    },
  );
});

describe('other engines', () => {
  test.each([
    [rds.DatabaseInstanceEngine.mariaDb({ version: rds.MariaDbEngineVersion.VER_10_11 }), 'mariadb'],
    [rds.DatabaseInstanceEngine.sqlServerEx({ version: rds.SqlServerEngineVersion.VER_16 }), 'sqlserver-ex'],
    [rds.DatabaseInstanceEngine.oracleSe2({ version: rds.OracleEngineVersion.VER_19 }), 'oracle-se2'],
  ])('are refused', (engine, type) => {
    expect(refusalOf({ engine })).toBe(`[Stack/Database] engine must be PostgreSQL or MySQL, got '${type}'. `
      + 'Use rds.DatabaseInstanceEngine.postgres({ version }) or rds.DatabaseInstanceEngine.mysql({ version }).');
  });

  test.each([
    [rds.DatabaseInstanceEngine.POSTGRES, 'postgres'],
    [rds.DatabaseInstanceEngine.MYSQL, 'mysql'],
  ])('an engine without a version is refused', (engine, type) => {
    expect(refusalOf({ engine })).toBe(
      '[Stack/Database] engine must be an engine with a version, because parameters and options depend on it, got '
        + `${type} without a version. ` +
        `Use rds.DatabaseInstanceEngine.${type}({ version }).`,
    );
  });
});

describe('a version with a known major version only', () => {
  const scope = () => new Construct(newStack(), 'Database');

  test('is checked by its major version', () => {
    expect(postgresProfile(scope(), { majorVersion: '17' }).product).toBe('PostgreSQL');
    expect(() => postgresProfile(scope(), { majorVersion: '12' })).toThrow('got PostgreSQL 12.');
    expect(() => mysqlProfile(scope(), { majorVersion: '5.7' })).toThrow('got MySQL 5.7.');
  });

  test('that is known only at deployment is treated as the oldest allowed version', () => {
    expect(postgresProfile(scope(), { majorVersion: '${Token[Major.1]}' }).parameters.log_connections).toBe('1');
    expect(mysqlProfile(scope(), { majorVersion: '${Token[Major.1]}' }).port).toBe(3306);
  });
});
