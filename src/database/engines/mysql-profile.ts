import { Token } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { EngineProfile } from './engine-profile';
import { atLeast, exactly, leftToTheEngine, listOf, switchedOff } from './parameter-guard';
import { refuse, Situation } from '../../core/refusal';

/** The default port of MySQL clients. */
const MYSQL_PORT = 3306;
/**
 * The oldest version without TLS below 1.2 and with the audit plugin of RDS.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.MySQL.Options.AuditPlugin.html
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.SSLSupport.html
 */
const OLDEST_VERSION = [8, 0, 28];
/** The duration above which statements are logged, in seconds. */
const SLOW_STATEMENT_SECONDS = 10;
/**
 * The audited events: connections, DDL and privilege changes. `QUERY` and `QUERY_DML` would log statements with PHI.
 */
export const AUDIT_EVENTS = 'CONNECT,QUERY_DDL,QUERY_DCL';
/**
 * The formula of the parameter group `default.mysql*`: {DBInstanceClassMemory/12582880}. The maximum of MySQL is
 * 100,000.
 */
const CONNECTIONS = { bytesEach: 12_582_880, most: 100_000 };
/**
 * The system schemas, the database with the lock of users, and likely names among the keywords.
 *
 * https://dev.mysql.com/doc/refman/8.4/en/keywords.html
 */
const RESERVED_NAMES = [
  'cdk_hipaa innodb information_schema mysql performance_schema sys',
  'add all alter analyze and as before between both by call case change character check column condition constraint '
    + 'create cross current_date',
  'current_user cursor database databases default delete desc describe distinct drop each else empty except exists '
    + 'false for foreign from',
  'function grant group groups having if in index insert interval into is join key keys kill left like limit lock '
    + 'manual match natural not null of',
  'on option or order out over partition primary procedure range rank read recursive references release rename '
    + 'replace require return right row',
  'rows schema schemas select set show sql ssl system table tables then to trigger true union unique update usage use '
    + 'using values view when where',
  'window with write',
].flatMap((line) => line.split(' '));

/** The profile of MySQL: TLS required, an audit log of connections and DDL, a slow query log, and no general log. */
export const MYSQL: EngineProfile = {
  product: 'MySQL',
  engine: 'mysql',
  port: MYSQL_PORT,
  parameters: {
    require_secure_transport: '1',
    general_log: '0',
    slow_query_log: '1',
    long_query_time: `${SLOW_STATEMENT_SECONDS}`,
    log_output: 'FILE',
  },
  guards: {
    long_query_time: atLeast(1, 'because a lower value logs ordinary statements with PHI'),
    log_queries_not_using_indexes: exactly('0', 'because it logs ordinary statements with PHI'),
    log_raw: switchedOff('because it writes passwords to the logs'),
    tls_version: listOf(['TLSv1.2', 'TLSv1.3'], 'because older TLS versions are insecure'),
    ssl_cipher: leftToTheEngine('because another list can contain weak ciphers'),
  },
  logTypes: ['audit', 'error', 'slowquery'],
  withheldLog: {
    logType: 'general',
    reason: 'the general log of MySQL contains every statement with its values, including PHI; the audit log contains '
      + 'connections, DDL and privilege changes but no data statements',
  },
  auditOption: { name: 'MARIADB_AUDIT_PLUGIN', settings: { SERVER_AUDIT_EVENTS: AUDIT_EVENTS } },
  databaseName: {
    pattern: /^[A-Za-z][A-Za-z0-9_]{0,63}$/,
    allowed:
      'a name of 1 to 64 letters, digits and underscores that starts with a letter and is not a reserved word of MySQL',
    reserved: RESERVED_NAMES,
  },
  withoutPerformanceInsights: /^t[34]g?\.(micro|small)$/,
  transactionIdsWrapAround: false,
  defaultConnections: (memoryBytes) => Math.min(memoryBytes / CONNECTIONS.bytesEach, CONNECTIONS.most),
  clientVariables: (target) => ({
    environment: {
      MYSQL_HOST: target.host,
      ...(target.readOnlyHost === undefined ? {} : { MYSQL_HOST_READONLY: target.readOnlyHost }),
      MYSQL_TCP_PORT: `${MYSQL_PORT}`,
      MYSQL_DATABASE: target.databaseName,
      ...(target.certificateBundlePath === undefined ? {} : { MYSQL_SSL_CA: target.certificateBundlePath }),
    },
    user: 'MYSQL_USER',
    password: 'MYSQL_PWD',
  }),
};

/** The profile of MySQL. Versions that cannot be hardened are refused. */
export function mysqlProfile(scope: Construct, version: rds.EngineVersion): EngineProfile {
  requireVersion(scope, version);
  return MYSQL;
}

function requireVersion(scope: Construct, version: rds.EngineVersion): void {
  const written = version.fullVersion ?? version.majorVersion;
  if (Token.isUnresolved(written)) return;
  const parts = written.split('.').slice(0, OLDEST_VERSION.length).map(Number);
  // '8.0' is the newest 8.0 that RDS offers.
  const differing = parts.findIndex((part, index) => part !== OLDEST_VERSION[index]);
  if (differing === -1 || parts[differing] > OLDEST_VERSION[differing]) return;
  refuse(scope, {
    prop: 'engine',
    given: new Situation(`MySQL ${written}`),
    allowed: `MySQL ${OLDEST_VERSION.join('.')} or newer, which has the audit plugin and no TLS below 1.2`,
    change: 'choose a newer version',
  });
}
