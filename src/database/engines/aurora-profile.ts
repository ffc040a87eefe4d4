import { Token } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { EngineProfile, OldVersion } from './engine-profile';
import { AUDIT_EVENTS, MYSQL } from './mysql-profile';
import { exactly, switchedOn } from './parameter-guard';
import { postgresProfile } from './postgres-profile';
import { refuse, Situation } from '../../core/refusal';

/**
 * The oldest Aurora MySQL without TLS below 1.2.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Security.html
 */
const OLDEST_AURORA_MYSQL = [3, 4];
/** The MySQL version that Aurora MySQL 3 is compatible with. */
const OLDEST_COMPATIBLE = 8;
/**
 * The terms of `max_connections` in the parameter group `default.aurora-mysql8.0`.
 *
 * The formula, with base-2 logarithms:
 * GREATEST({log(DBInstanceClassMemory/805306368)*45},{log(DBInstanceClassMemory/8187281408)*1000})
 */
const SMALL_SERVER = { bytes: 805_306_368, connections: 45 };
const LARGE_SERVER = { bytes: 8_187_281_408, connections: 1000 };
const MOST_MYSQL_CONNECTIONS = 16_000;

/**
 * The first minor version whose serverless instances can pause. Later major versions always can.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html */
const POSTGRES_PAUSES_SINCE: { readonly [major: string]: number } = { 13: 15, 14: 12, 15: 7, 16: 3 };
const MYSQL_PAUSES_SINCE = [3, 8];
/** The first minor version with a maximum of 256 ACU instead of 128.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html */
const POSTGRES_GROWS_SINCE: { readonly [major: string]: number } = { 13: 13, 14: 10, 15: 5, 16: 1 };
const MYSQL_GROWS_SINCE = [3, 6];
/**
 * The connections of serverless MySQL by maximum ACU. Source: the same page, whose table differs from the formula
 * above.
 */
const SERVERLESS_MYSQL_CONNECTIONS = [
  [1, 90],
  [4, 135],
  [8, 1000],
  [16, 2000],
  [32, 3000],
  [64, 4000],
  [128, 5000],
  [192, 6000],
];

/** The limit for a small minimum capacity, independent of the maximum.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html */
const POSTGRES_CONNECTIONS_OF_SMALL_START = 2000;

/** The profile of Aurora PostgreSQL, which does not export an upgrade log. */
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

/** The version if it is older than the given minor version of its major version. */
function olderPostgres(written: string, minors: { readonly [major: string]: number }): OldVersion | undefined {
  const [major, minor] = Token.isUnresolved(written) ? [] : written.split('.');
  const since = major === undefined || minor === undefined ? undefined : minors[major];
  return since !== undefined && Number(minor) < since
    ? { version: `Aurora PostgreSQL ${written}`, since: `${major}.${since} or newer` }
    : undefined;
}

/**
 * The profile of Aurora MySQL, whose audit is configured with parameters instead of a plugin.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Auditing.html
 */
export function auroraMysqlProfile(scope: Construct, version: rds.EngineVersion): EngineProfile {
  const aurora = auroraVersionOf(scope, version);
  const everybody = 'because every user is audited';
  return {
    ...MYSQL,
    product: 'Aurora MySQL',
    // Aurora accepts ON and OFF where RDS for MySQL accepts 1 and 0.
    parameters: {
      ...MYSQL.parameters,
      require_secure_transport: 'ON',
      server_audit_logging: '1',
      server_audit_events: AUDIT_EVENTS,
    },
    guards: {
      ...MYSQL.guards,
      server_audit_incl_users: exactly('', everybody),
      server_audit_excl_users: exactly('', everybody),
      server_audit_logs_upload: switchedOn('because CloudWatch Logs retains the audit'),
    },
    withheldLog: {
      logType: 'general',
      reason: 'the general log of Aurora MySQL contains every statement with its values, including PHI; the audit log '
        + 'contains connections, DDL and privilege changes',
    },
    auditOption: undefined,
    // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DatabaseInsights.Engines.html
    withoutPerformanceInsights: /^t3\.|^t4g\.(micro|small)$/,
    cannotPause: olderMysql(aurora, MYSQL_PAUSES_SINCE),
    growsToHalf: olderMysql(aurora, MYSQL_GROWS_SINCE),
    connectionsOfServerless: serverlessMysqlConnections,
    defaultConnections: (bytes) =>
      Math.min(
        MOST_MYSQL_CONNECTIONS,
        Math.max(...[SMALL_SERVER, LARGE_SERVER].map((server) => Math.log2(bytes / server.bytes) * server.connections)),
      ),
  };
}

/** The numbers after `mysql_aurora` of a version, or undefined if the version has none or is a token. */
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

/** The connections of the highest row of the AWS table that does not exceed the capacity. */
function serverlessMysqlConnections(maxAcu: number): number {
  return Math.max(
    ...SERVERLESS_MYSQL_CONNECTIONS.filter(([acu]) => acu <= maxAcu).map(([, connections]) => connections),
  );
}

/** The version if it is older than the given one. */
function olderMysql(aurora: number[] | undefined, since: number[]): OldVersion | undefined {
  return aurora && isBefore(aurora, since)
    ? { version: `Aurora MySQL ${dotted(aurora)}`, since: `${dotted(since)} or newer` }
    : undefined;
}

function isBefore([major, minor]: number[], [otherMajor, otherMinor]: number[]): boolean {
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

/** Formats 3.4 as 3.04. */
function dotted([major, minor]: number[]): string {
  return `${major}.${`${minor}`.padStart(2, '0')}`;
}
