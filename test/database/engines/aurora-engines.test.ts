import * as rds from 'aws-cdk-lib/aws-rds';
import { newStack, templateOf } from '../../support/app';
import { POSTGRES_PARAMETERS } from '../../support/template/postgres';
import { AURORA_MYSQL, AURORA_POSTGRES, clusterRefusalOf, someCluster } from '../aurora/some-cluster';
import { only } from '../instance/some-database';

const SECURE_TLS = 'a list of one or more of TLSv1.2, TLSv1.3, because older TLS versions are insecure';

const postgres = (version: rds.AuroraPostgresEngineVersion) => rds.DatabaseClusterEngine.auroraPostgres({ version });
const mysql = (version: rds.AuroraMysqlEngineVersion) => rds.DatabaseClusterEngine.auroraMysql({ version });

function groupOf(engine: rds.IClusterEngine, parameters?: { [name: string]: string }): Record<string, unknown> {
  return only(templateOf(someCluster(newStack(), { engine, parameters })), 'AWS::RDS::DBClusterParameterGroup');
}

describe('Aurora PostgreSQL', () => {
  test('every instance has these parameters', () => {
    expect(groupOf(AURORA_POSTGRES)).toEqual({
      Description: 'TLS and audit of Aurora PostgreSQL',
      Family: 'aurora-postgresql16',
      Parameters: POSTGRES_PARAMETERS,
    });
  });

  test('instances have no parameter group, which would override the parameters of the cluster', () => {
    const template = templateOf(someCluster());
    template.resourceCountIs('AWS::RDS::DBParameterGroup', 0);
    template.allResourcesProperties('AWS::RDS::DBInstance', { Engine: 'aurora-postgresql' });
  });

  test('accepts more parameters', () => {
    expect(groupOf(AURORA_POSTGRES, { work_mem: '65536' }).Parameters).toMatchObject({
      'work_mem': '65536',
      'rds.force_ssl': '1',
    });
  });

  test.each([
    ['rds.force_ssl', '0', "'1', which the construct requires"],
    ['pgaudit.log_parameter', '1', "'0', which the construct requires"],
    ['pgaudit.role', 'rds_pgaudit', "'', because object auditing logs data statements with PHI"],
    [
      'log_min_messages',
      'fatal',
      'one of info, notice, warning, error, log, because other levels suppress the audit or log ordinary statements',
    ],
    [
      'pgaudit.log',
      'none',
      'a list with ddl and role, without read, write, function, misc and all, which log statements with PHI',
    ],
    [
      'shared_preload_libraries',
      'pg_stat_statements',
      'a list with pg_stat_statements and pgaudit, which Database Insights and the audit require',
    ],
  ])('refuses %s = %j', (name, value, allowed) => {
    expect(clusterRefusalOf({ parameters: { [name]: value } })).toBe(
      `[Stack/Database] parameters['${name}'] must be ${allowed}, got '${value}'. Remove the parameter, or use an `
        + 'allowed value.',
    );
  });

  test('refuses a version that cannot exclude values from its logs', () => {
    expect(clusterRefusalOf({ engine: postgres(rds.AuroraPostgresEngineVersion.VER_12_22) })).toBe(
      '[Stack/Database] engine must be PostgreSQL 13 or newer, which can keep bound values out of its logs, got '
        + 'PostgreSQL 12.22. Choose a newer version.',
    );
  });

  test('refuses a name that every statement would have to quote', () => {
    expect(clusterRefusalOf({ databaseName: 'user' })).toBe(
      '[Stack/Database] databaseName must be a name of 1 to 63 letters, digits and underscores ' +
        "that does not start with a digit and is not a reserved word of PostgreSQL, got 'user'. Choose another name.",
    );
  });
});

describe('Aurora MySQL', () => {
  test('every instance has these parameters, including the audit', () => {
    expect(groupOf(AURORA_MYSQL)).toEqual({
      Description: 'TLS and audit of Aurora MySQL',
      Family: 'aurora-mysql8.0',
      Parameters: {
        require_secure_transport: 'ON',
        general_log: '0',
        slow_query_log: '1',
        long_query_time: '10',
        log_output: 'FILE',
        server_audit_logging: '1',
        server_audit_events: 'CONNECT,QUERY_DDL,QUERY_DCL',
      },
    });
  });

  test('accepts the upload of the audit, which is the default', () => {
    expect(groupOf(AURORA_MYSQL, { server_audit_logs_upload: '1' }).Parameters).toMatchObject({
      server_audit_logs_upload: '1',
    });
  });

  test('there is no option group', () => {
    templateOf(someCluster(newStack(), { engine: AURORA_MYSQL })).resourceCountIs('AWS::RDS::OptionGroup', 0);
  });

  test.each([
    ['server_audit_logging', '0', "'1', which the construct requires"],
    ['server_audit_events', 'CONNECT,QUERY', "'CONNECT,QUERY_DDL,QUERY_DCL', which the construct requires"],
    ['server_audit_excl_users', 'batch', "'', because every user is audited"],
    ['server_audit_incl_users', 'dbowner', "'', because every user is audited"],
    ['server_audit_logs_upload', '0', "'1', because CloudWatch Logs retains the audit"],
    ['tls_version', 'TLSv1.1,TLSv1.2', SECURE_TLS],
    ['log_raw', 'ON', "'0', because it writes passwords to the logs"],
    ['general_log', '1', "'0', which the construct requires"],
    ['require_secure_transport', 'OFF', "'ON', which the construct requires"],
    ['long_query_time', '0', 'a number of at least 1, because a lower value logs ordinary statements with PHI'],
  ])('refuses %s = %j', (name, value, allowed) => {
    expect(clusterRefusalOf({ engine: AURORA_MYSQL, parameters: { [name]: value } })).toBe(
      `[Stack/Database] parameters['${name}'] must be ${allowed}, got '${value}'. Remove the parameter, or use an `
        + 'allowed value.',
    );
  });

  test.each([
    rds.AuroraMysqlEngineVersion.VER_3_04_0,
    rds.AuroraMysqlEngineVersion.VER_3_12_0,
    rds.AuroraMysqlEngineVersion.of('8.4.mysql_aurora.4.01.0', '8.4'),
    rds.AuroraMysqlEngineVersion.of('8.0', '8.0'),
  ])('accepts version $auroraMysqlFullVersion', (version) => {
    expect(clusterRefusalOf({ engine: mysql(version) })).toBe('nothing was refused');
  });

  test.each([
    [rds.AuroraMysqlEngineVersion.VER_3_03_3, '8.0.mysql_aurora.3.03.3'],
    [rds.AuroraMysqlEngineVersion.VER_2_11_5, '5.7.mysql_aurora.2.11.5'],
    [rds.AuroraMysqlEngineVersion.of('5.7', '5.7'), '5.7'],
    [rds.AuroraMysqlEngineVersion.of('newest', '8.0'), 'newest'],
  ])('refuses a version with old TLS', (version, written) => {
    expect(clusterRefusalOf({ engine: mysql(version) })).toBe(
      '[Stack/Database] engine must be Aurora MySQL 3.04 or newer, which has no TLS below 1.2, got Aurora MySQL '
        + `${written}. Choose a newer version.`,
    );
  });

  test('refuses an engine without a version, which means a version with old TLS', () => {
    expect(clusterRefusalOf({ engine: rds.DatabaseClusterEngine.AURORA_MYSQL })).toContain('got Aurora MySQL 5.7.');
  });
});

describe('other engines', () => {
  test('are refused', () => {
    expect(clusterRefusalOf({ engine: rds.DatabaseClusterEngine.AURORA })).toBe(
      "[Stack/Database] engine must be Aurora PostgreSQL or Aurora MySQL, got 'aurora'. " +
        'Use rds.DatabaseClusterEngine.auroraPostgres({ version }) or rds.DatabaseClusterEngine.auroraMysql({ version '
          + '}).',
    );
  });

  test('an engine without a version is refused', () => {
    expect(clusterRefusalOf({ engine: rds.DatabaseClusterEngine.AURORA_POSTGRESQL })).toBe(
      '[Stack/Database] engine must be an engine with a version, because parameters and options depend on it, got '
        + 'aurora-postgresql without a version. ' +
        'Use rds.DatabaseClusterEngine.auroraPostgres({ version }).',
    );
  });
});
