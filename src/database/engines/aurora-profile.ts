import { Token } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { EngineProfile, OldVersion } from './engine-profile';
import { AUDIT_EVENTS, MYSQL } from './mysql-profile';
import { exactly, switchedOn } from './parameter-guard';
import { postgresProfile } from './postgres-profile';
import { refuse, Situation } from '../../core/refusal';

/** The oldest Aurora MySQL whose server knows no TLS below 1.2: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Security.html */
const OLDEST_AURORA_MYSQL = [3, 4];
/** The MySQL that Aurora MySQL 3 is compatible with. */
const OLDEST_COMPATIBLE = 8;
/** Of the parameter group `default.aurora-mysql8.0`: GREATEST({log(DBInstanceClassMemory/805306368)*45},{log(DBInstanceClassMemory/8187281408)*1000}), to the base of 2. */
const SMALL_SERVER = { bytes: 805_306_368, connections: 45 };
const LARGE_SERVER = { bytes: 8_187_281_408, connections: 1000 };
const MOST_MYSQL_CONNECTIONS = 16_000;

/** From which minor version on serverless instances can pause; later major versions always can. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html */
const POSTGRES_PAUSES_SINCE: { readonly [major: string]: number } = { 13: 15, 14: 12, 15: 7, 16: 3 };
const MYSQL_PAUSES_SINCE = [3, 8];
/** The same of instances that grow to 256 ACU instead of 128: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html */
const POSTGRES_GROWS_SINCE: { readonly [major: string]: number } = { 13: 13, 14: 10, 15: 5, 16: 1 };
const MYSQL_GROWS_SINCE = [3, 6];
/** How many connections serverless MySQL allows from so many ACU on, by the same page: its table does not follow the formula above. */
const SERVERLESS_MYSQL_CONNECTIONS = [[1, 90], [4, 135], [8, 1000], [16, 2000], [32, 3000], [64, 4000], [128, 5000], [192, 6000]];

/** Whatever the most capacity is. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html */
const POSTGRES_CONNECTIONS_OF_SMALL_START = 2000;

/** PostgreSQL as Aurora has it: the same server, whose log of upgrades is not exported. */
export function auroraPostgresProfile(scope: Construct, version: rds.EngineVersion): EngineProfile {
  const written = version.fullVersion ?? version.majorVersion;
  return {
    ...postgresProfile(scope, version),
    product: 'Aurora PostgreSQL',
    logTypes: ['postgresql'],
    connectionsOfSmallStart: POSTGRES_CONNECTIONS_OF_SMALL_START,
    cannotPause: olderPostgres(written, POSTGRES_PAUSES_SINCE),
    growsToHalf: olderPostgres(written, POSTGRES_GROWS_SINCE),
  };
}

/** The version, if it is older than the minor version of its major one. */
function olderPostgres(written: string, minors: { readonly [major: string]: number }): OldVersion | undefined {
  const [major, minor] = Token.isUnresolved(written) ? [] : written.split('.');
  const since = major === undefined || minor === undefined ? undefined : minors[major];
  return since !== undefined && Number(minor) < since ? { version: `Aurora PostgreSQL ${written}`, since: `${major}.${since} or newer` } : undefined;
}

/**
 * MySQL as Aurora has it: the audit is a matter of parameters instead of a plugin.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Auditing.html
 */
export function auroraMysqlProfile(scope: Construct, version: rds.EngineVersion): EngineProfile {
  const aurora = auroraVersionOf(scope, version);
  const everybody = 'since every user is audited';
  return {
    ...MYSQL,
    product: 'Aurora MySQL',
    // What is 0 or 1 for MySQL of RDS is OFF or ON here: "Invalid parameter value: 1 for: require_secure_transport allowed values are: ON,OFF".
    parameters: { ...MYSQL.parameters, require_secure_transport: 'ON', server_audit_logging: '1', server_audit_events: AUDIT_EVENTS },
    guards: {
      ...MYSQL.guards,
      server_audit_incl_users: exactly('', everybody),
      server_audit_excl_users: exactly('', everybody),
      server_audit_logs_upload: switchedOn('since the audit is kept in CloudWatch'),
    },
    withheldLog: {
      logType: 'general',
      reason: 'the general log of Aurora MySQL would hold every statement together with its values, PHI included; who connects and who changes structure or rights stands in the audit log',
    },
    auditOption: undefined,
    // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DatabaseInsights.Engines.html
    withoutPerformanceInsights: /^t3\.|^t4g\.(micro|small)$/,
    cannotPause: olderMysql(aurora, MYSQL_PAUSES_SINCE),
    growsToHalf: olderMysql(aurora, MYSQL_GROWS_SINCE),
    connectionsOfServerless: serverlessMysqlConnections,
    defaultConnections: (bytes) => Math.min(MOST_MYSQL_CONNECTIONS, Math.max(
      ...[SMALL_SERVER, LARGE_SERVER].map((server) => Math.log2(bytes / server.bytes) * server.connections))),
  };
}

/** The numbers behind `mysql_aurora` of a version, or nothing where there are none: the newest of its kind, or known only at deployment. */
function auroraVersionOf(scope: Construct, version: rds.EngineVersion): number[] | undefined {
  const written = version.fullVersion ?? version.majorVersion;
  if (Token.isUnresolved(written)) return undefined;
  const [, compatible, aurora] = /^(\d+\.\d+)(?:\.mysql_aurora\.(\d+\.\d+))?/.exec(written) ?? [];
  const numbers = aurora?.split('.').map(Number);
  if (numbers ? !isBefore(numbers, OLDEST_AURORA_MYSQL) : Number(compatible) >= OLDEST_COMPATIBLE) return numbers;
  refuse(scope, {
    prop: 'engine',
    given: new Situation(`Aurora MySQL ${written}`),
    allowed: 'Aurora MySQL 3.04 or newer, which has no TLS below 1.2',
    change: 'choose a newer version',
  });
}

/** Between two rows of AWS's table, those of the lower one. */
function serverlessMysqlConnections(maxAcu: number): number {
  return Math.max(...SERVERLESS_MYSQL_CONNECTIONS.filter(([acu]) => acu <= maxAcu).map(([, connections]) => connections));
}

/** The version, if it is older than another one. */
function olderMysql(aurora: number[] | undefined, since: number[]): OldVersion | undefined {
  return aurora && isBefore(aurora, since) ? { version: `Aurora MySQL ${dotted(aurora)}`, since: `${dotted(since)} or newer` } : undefined;
}

function isBefore([major, minor]: number[], [otherMajor, otherMinor]: number[]): boolean {
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

/** 3.4 is written 3.04. */
function dotted([major, minor]: number[]): string {
  return `${major}.${`${minor}`.padStart(2, '0')}`;
}
