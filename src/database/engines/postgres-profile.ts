import { Token } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { EngineProfile } from './engine-profile';
import { atLeast, exactly, leftToTheEngine, listWith, oneOf, switchedOff, switchedOn } from './parameter-guard';
import { postgresWithoutUsers } from './postgres-users';
import { refuse, Situation } from '../../core/refusal';

/** The default port of PostgreSQL clients. */
const POSTGRES_PORT = 5432;
/** The first major version with `log_parameter_max_length`: https://www.postgresql.org/docs/release/13.0/ */
const OLDEST_MAJOR_VERSION = 13;
/**
 * The first version in which `log_connections` is a list.
 * https://www.postgresql.org/docs/18/runtime-config-logging.html
 */
const LOG_CONNECTIONS_IS_A_LIST = 18;
/** The duration above which statements are logged, in milliseconds. */
const SLOW_STATEMENT_MILLISECONDS = 10_000;
/** The minimum of that duration. A lower one would log ordinary statements with their literals. */
const LEAST_SLOW_STATEMENT_MILLISECONDS = 100;
const TREES_HOLD_VALUES = 'because the tree of a statement contains its values';
/** The formula of the parameter group `default.postgres*`: LEAST({DBInstanceClassMemory/9531392},5000). */
const CONNECTIONS = { bytesEach: 9_531_392, most: 5000 };
/**
 * The system databases and the reserved words.
 *
 * https://www.postgresql.org/docs/current/sql-keywords-appendix.html
 */
const RESERVED_NAMES = [
  'postgres rdsadmin template0 template1',
  'all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create '
    + 'current_catalog current_date',
  'current_role current_time current_timestamp current_user default deferrable desc distinct do else end except false '
    + 'fetch for foreign from',
  'grant group having in initially intersect into lateral leading limit localtime localtimestamp not null offset on '
    + 'only or order placing',
  'primary references returning select session_user some symmetric system_user table then to trailing true union '
    + 'unique user using variadic',
  'when where window with',
].flatMap((line) => line.split(' '));

/** The profile of PostgreSQL: TLS required, connections and DDL logged without values, and passwords protected. */
export function postgresProfile(scope: Construct, version: rds.EngineVersion): EngineProfile {
  const major = majorVersionOf(scope, version);
  return {
    product: 'PostgreSQL',
    engine: 'postgres',
    port: POSTGRES_PORT,
    parameters: {
      'rds.force_ssl': '1',
      'ssl_min_protocol_version': 'TLSv1.2',
      'log_connections': major >= LOG_CONNECTIONS_IS_A_LIST ? 'all' : '1',
      'log_disconnections': '1',
      'log_statement': 'none',
      'log_min_duration_statement': `${SLOW_STATEMENT_MILLISECONDS}`,
      'log_parameter_max_length': '0',
      'log_parameter_max_length_on_error': '0',
      'log_min_error_statement': 'panic',
      'log_error_verbosity': 'terse',
      'shared_preload_libraries': 'pg_stat_statements,pgaudit',
      'pgaudit.log': 'ddl,role',
      'pgaudit.log_parameter': '0',
      // Otherwise, each user can change its own password. The master user is a member of rds_password.
      // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.RestrictPasswordMgmt.html
      'rds.restrict_password_commands': '1',
    },
    guards: {
      'log_min_duration_statement': atLeast(
        LEAST_SLOW_STATEMENT_MILLISECONDS,
        'because ordinary statements can contain PHI',
      ),
      'log_min_duration_sample': exactly('-1', 'because sampled statements can contain PHI'),
      'log_transaction_sample_rate': exactly('0', 'because sampled statements can contain PHI'),
      'auto_explain.log_min_duration': exactly('-1', 'because logged plans contain the values of the statement'),
      'shared_preload_libraries': listWith(
        ['pg_stat_statements', 'pgaudit'],
        'which Database Insights and the audit require',
      ),
      // The levels fatal and panic exclude `log` messages. From debug2 on, the log contains every parsed statement.
      'log_min_messages': oneOf(
        ['info', 'notice', 'warning', 'error', 'log'],
        'because other levels suppress the audit or log ordinary statements',
      ),
      'debug_print_parse': switchedOff(TREES_HOLD_VALUES),
      'debug_print_rewritten': switchedOff(TREES_HOLD_VALUES),
      'debug_print_plan': switchedOff(TREES_HOLD_VALUES),
      'password_encryption': exactly('scram-sha-256', 'because MD5 hashes are insecure'),
      'ssl_ciphers': leftToTheEngine('because another list can contain weak ciphers'),
      'pgaudit.log_level': exactly('log', 'because the log can exclude other levels'),
      'pgaudit.log_statement': switchedOn('because the audit must contain the statement'),
      'pgaudit.log_rows': switchedOff('because the audit covers DDL and privileges, not rows'),
      'pgaudit.role': exactly('', 'because object auditing logs data statements with PHI'),
      'pgaudit.log': listWith(
        ['ddl', 'role'],
        'without read, write, function, misc and all, which log statements with PHI',
        /^-|^(read|write|function|misc|misc_set|all|none)$/,
      ),
    },
    logTypes: ['postgresql', 'upgrade'],
    databaseName: {
      pattern: /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
      allowed:
        'a name of 1 to 63 letters, digits and underscores that does not start with a digit and is not a reserved '
          + 'word of PostgreSQL',
      reserved: RESERVED_NAMES,
    },
    withoutPerformanceInsights: /^$/,
    transactionIdsWrapAround: true,
    withoutUsers: postgresWithoutUsers(version, major),
    defaultConnections: (memoryBytes) => Math.min(memoryBytes / CONNECTIONS.bytesEach, CONNECTIONS.most),
    clientVariables: (target) => ({
      environment: {
        PGHOST: target.host,
        ...(target.readOnlyHost === undefined ? {} : { PGHOST_READONLY: target.readOnlyHost }),
        PGPORT: `${POSTGRES_PORT}`,
        PGDATABASE: target.databaseName,
        ...(target.certificateBundlePath === undefined
          ? { PGSSLMODE: 'require' }
          : { PGSSLMODE: 'verify-full', PGSSLROOTCERT: target.certificateBundlePath }),
      },
      user: 'PGUSER',
      password: 'PGPASSWORD',
    }),
  };
}

function majorVersionOf(scope: Construct, version: rds.EngineVersion): number {
  if (Token.isUnresolved(version.majorVersion)) return OLDEST_MAJOR_VERSION;
  const major = Number(version.majorVersion.split('.')[0]);
  if (major >= OLDEST_MAJOR_VERSION) return major;
  refuse(scope, {
    prop: 'engine',
    given: new Situation(`PostgreSQL ${version.fullVersion ?? version.majorVersion}`),
    allowed: `PostgreSQL ${OLDEST_MAJOR_VERSION} or newer, which can keep bound values out of its logs`,
    change: 'choose a newer version',
  });
}
