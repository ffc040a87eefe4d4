import { everyFaultHeals } from './inject-faults';
import { startPostgres } from '../../support/database-servers';

everyFaultHeals('PostgreSQL', startPostgres);
