import { everyFaultHeals } from './inject-faults';
import { startMariadb } from '../../support/database-servers';

everyFaultHeals('MariaDB', startMariadb);
