import * as rds from 'aws-cdk-lib/aws-rds';
import { AURORA_MYSQL, AURORA_POSTGRES, clusterRefusalOf, someCluster } from '../aurora/some-cluster';
import { only } from '../instance/some-database';
import { newStack, templateOf } from '../../support/app';

const postgres = (version: rds.AuroraPostgresEngineVersion) => rds.DatabaseClusterEngine.auroraPostgres({ version });
const mysql = (version: rds.AuroraMysqlEngineVersion) => rds.DatabaseClusterEngine.auroraMysql({ version });

function groupOf(engine: rds.IClusterEngine, parameters?: { [name: string]: string }): Record<string, unknown> {
  return only(templateOf(someCluster(newStack(), { engine, parameters })), 'AWS::RDS::DBClusterParameterGroup');
}

describe('Aurora PostgreSQL', () => {
  test('the parameters of every instance', () => {
    expect(groupOf(AURORA_POSTGRES)).toEqual({
      Description: 'TLS and audit of Aurora PostgreSQL',
      Family: 'aurora-postgresql16',
      Parameters: {
        'rds.force_ssl': '1',
        'ssl_min_protocol_version': 'TLSv1.2',
        'log_connections': '1',
        'log_disconnections': '1',
        'log_statement': 'none',
        'log_min_duration_statement': '10000',
        'log_parameter_max_length': '0',
        'log_parameter_max_length_on_error': '0',
        'log_min_error_statement': 'panic',
        'log_error_verbosity': 'terse',
        'shared_preload_libraries': 'pg_stat_statements,pgaudit',
        'pgaudit.log': 'ddl,role',
        'pgaudit.log_parameter': '0',
      },
    });
  });

  test('instances have no parameters of their own, which would win', () => {
    const template = templateOf(someCluster());
    template.resourceCountIs('AWS::RDS::DBParameterGroup', 0);
    template.allResourcesProperties('AWS::RDS::DBInstance', { Engine: 'aurora-postgresql' });
  });

  test('takes more of them', () => {
    expect(groupOf(AURORA_POSTGRES, { work_mem: '65536' }).Parameters).toMatchObject({ 'work_mem': '65536', 'rds.force_ssl': '1' });
  });

  test.each([
    ['rds.force_ssl', '0', "'1', which this construct relies on"],
    ['pgaudit.log_parameter', '1', "'0', which this construct relies on"],
    ['pgaudit.role', 'rds_pgaudit', "'', since the audit of a role logs statements that read and write, with PHI in them"],
    ['log_min_messages', 'fatal', 'one of info, notice, warning, error, log, since others silence what is logged and audited, or log ordinary statements'],
    ['pgaudit.log', 'none', 'a list that has ddl and role, without read, write, function, misc and all, which log statements with PHI in them'],
    ['shared_preload_libraries', 'pg_stat_statements', 'a list that has pg_stat_statements and pgaudit, which Database Insights and the audit need'],
  ])('refuses %s = %j', (name, value, allowed) => {
    expect(clusterRefusalOf({ parameters: { [name]: value } }))
      .toBe(`[Stack/Database] parameters['${name}'] must be ${allowed}, got '${value}'. Leave the parameter out, or give it an allowed value.`);
  });

  test('refuses a version that cannot keep values out of its logs', () => {
    expect(clusterRefusalOf({ engine: postgres(rds.AuroraPostgresEngineVersion.VER_12_22) }))
      .toBe('[Stack/Database] engine must be PostgreSQL 13 or newer, which can keep bound values out of its logs, got PostgreSQL 12.22. Choose a newer version.');
  });

  test('refuses a name that every statement would have to quote', () => {
    expect(clusterRefusalOf({ databaseName: 'user' })).toBe("Stack/Database: databaseName is 'user', allowed must be ${allowed}, got a name of 1 to 63 letters, digits and underscores "
      + 'that does not start with a digit and is no reserved word of PostgreSQL; choose another name.');
  });
});

describe('Aurora MySQL', () => {
  test('the parameters of every instance: the audit is among them', () => {
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

  test('takes the upload of the audit, which is asked for anyway', () => {
    expect(groupOf(AURORA_MYSQL, { server_audit_logs_upload: '1' }).Parameters).toMatchObject({ server_audit_logs_upload: '1' });
  });

  test('there is no plugin', () => {
    templateOf(someCluster(newStack(), { engine: AURORA_MYSQL })).resourceCountIs('AWS::RDS::OptionGroup', 0);
  });

  test.each([
    ['server_audit_logging', '0', "'1', which this construct relies on"],
    ['server_audit_events', 'CONNECT,QUERY', "'CONNECT,QUERY_DDL,QUERY_DCL', which this construct relies on"],
    ['server_audit_excl_users', 'batch', "'', since every user is audited"],
    ['server_audit_incl_users', 'dbowner', "'', since every user is audited"],
    ['server_audit_logs_upload', '0', "'1', since the audit is kept in CloudWatch"],
    ['tls_version', 'TLSv1.1,TLSv1.2', 'a list of TLSv1.2 and TLSv1.3, since older versions of TLS are broken'],
    ['log_raw', 'ON', "'0', since it writes passwords into the logs"],
    ['general_log', '1', "'0', which this construct relies on"],
    ['require_secure_transport', 'OFF', "'ON', which this construct relies on"],
    ['long_query_time', '0', 'a number of at least 1, since a lower one logs ordinary statements with PHI in them'],
  ])('refuses %s = %j', (name, value, allowed) => {
    expect(clusterRefusalOf({ engine: AURORA_MYSQL, parameters: { [name]: value } }))
      .toBe(`[Stack/Database] parameters['${name}'] must be ${allowed}, got '${value}'. Leave the parameter out, or give it an allowed value.`);
  });

  test.each([
    rds.AuroraMysqlEngineVersion.VER_3_04_0,
    rds.AuroraMysqlEngineVersion.VER_3_12_0,
    rds.AuroraMysqlEngineVersion.of('8.4.mysql_aurora.4.01.0', '8.4'),
    rds.AuroraMysqlEngineVersion.of('8.0', '8.0'),
  ])('takes version $auroraMysqlFullVersion', (version) => {
    expect(clusterRefusalOf({ engine: mysql(version) })).toBe('nothing was refused');
  });

  test.each([
    [rds.AuroraMysqlEngineVersion.VER_3_03_3, '8.0.mysql_aurora.3.03.3'],
    [rds.AuroraMysqlEngineVersion.VER_2_11_5, '5.7.mysql_aurora.2.11.5'],
    [rds.AuroraMysqlEngineVersion.of('5.7', '5.7'), '5.7'],
    [rds.AuroraMysqlEngineVersion.of('newest', '8.0'), 'newest'],
  ])('refuses a version with old TLS', (version, written) => {
    expect(clusterRefusalOf({ engine: mysql(version) }))
      .toBe(`[Stack/Database] engine must be Aurora MySQL 3.04 or newer, which has no TLS below 1.2, got Aurora MySQL ${written}. Choose a newer version.`);
  });

  test('refuses an engine that says no version: it means one with old TLS', () => {
    expect(clusterRefusalOf({ engine: rds.DatabaseClusterEngine.AURORA_MYSQL })).toContain('engine is Aurora MySQL 5.7, allowed is');
  });
});

describe('other engines', () => {
  test('are refused', () => {
    expect(clusterRefusalOf({ engine: rds.DatabaseClusterEngine.AURORA }))
      .toBe("Stack/Database: engine is 'aurora', allowed must be an engine with a version, since parameters and options differ between versions, got Aurora PostgreSQL or Aurora MySQL; "
        + 'use rds.DatabaseClusterEngine.auroraPostgres({ version }) or rds.DatabaseClusterEngine.auroraMysql({ version }).');
  });

  test('an engine without a version is refused', () => {
    expect(clusterRefusalOf({ engine: rds.DatabaseClusterEngine.AURORA_POSTGRESQL }))
      .toBe('Stack/Database: engine is aurora-postgresql without a version. '
        + 'Use rds.DatabaseClusterEngine.auroraPostgres({ version }).');
  });
});
