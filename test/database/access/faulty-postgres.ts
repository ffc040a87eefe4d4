import { FaultyEngine } from './inject-faults';
import { startPostgres } from '../../support/database-servers';

/** PostgreSQL, which has all scenarios. */
export const POSTGRES: FaultyEngine = {
  engine: 'PostgreSQL',
  start: startPostgres,
  calls: true,
  tokens: true,
  existing: [
    'REVOKE CONNECT ON DATABASE app FROM PUBLIC', 'CREATE TABLE visits (id int)', 'ALTER TABLE visits OWNER TO dbowner',
  ],
  damage: [
    'DROP SCHEMA cdk_hipaa CASCADE; DROP OWNED BY api_1; DROP ROLE api_1',
    'ALTER ROLE api_2 CREATEROLE CONNECTION LIMIT 0 VALID UNTIL \'2000-01-01\' PASSWORD \'of a person\'',
    'ALTER ROLE api_2 SET work_mem = \'1MB\'; ALTER ROLE api_2 IN DATABASE app SET role = \'none\'',
    'GRANT app_owner TO api; ALTER ROLE api LOGIN; GRANT api TO api_2 WITH ADMIN OPTION',
    'GRANT TRIGGER ON visits TO api; GRANT INSERT ON visits TO PUBLIC; REVOKE SELECT ON visits FROM app_readonly',
    'GRANT CREATE ON SCHEMA public TO api; GRANT CREATE ON DATABASE app TO api_2',
    'ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT INSERT ON TABLES TO PUBLIC',
  ],
  loss: [
    'ALTER TABLE visits OWNER TO dbowner; DROP SCHEMA IF EXISTS cdk_hipaa CASCADE',
    'DO $$ DECLARE role name; BEGIN FOR role IN SELECT rolname FROM pg_roles WHERE rolname ~ \'^(api|app_)\' LOOP '
      + 'EXECUTE format(\'DROP OWNED BY %I\', role); EXECUTE format(\'DROP ROLE %I\', role); END LOOP; END $$',
  ],
};
