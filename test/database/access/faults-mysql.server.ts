import { everyFaultHeals } from './inject-faults';
import { startMariadb } from '../../support/database-servers';

everyFaultHeals({
  engine: 'MariaDB',
  start: startMariadb,
  calls: false,
  tokens: false,
  existing: [
    'CREATE TABLE app.visits (id int)', 'CREATE ROLE power', 'GRANT power TO \'dbowner\'@\'%\' WITH ADMIN OPTION',
  ],
  damage: [
    'DROP DATABASE cdk_hipaa; DROP USER \'api_1\'@\'%\'',
    'ALTER USER \'api_2\'@\'%\' IDENTIFIED BY \'of a person\' REQUIRE NONE',
    'GRANT DROP ON app.* TO \'api_2\'@\'%\' WITH GRANT OPTION',
    'GRANT CREATE USER ON *.* TO \'api_2\'@\'%\'; GRANT SELECT (id) ON app.visits TO \'api_2\'@\'%\'',
    'GRANT power TO \'api_2\'@\'%\'; SET DEFAULT ROLE power FOR \'api_2\'@\'%\'',
  ],
  loss: ['DROP DATABASE IF EXISTS cdk_hipaa', 'DROP USER IF EXISTS \'api_1\'@\'%\', \'api_2\'@\'%\''],
});
