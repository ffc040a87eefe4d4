/** The parameters of PostgreSQL: TLS 1.2 or newer, and logs of connections and definitions without values. */
export const POSTGRES_PARAMETERS = {
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
  'rds.restrict_password_commands': '1',
};
