import { POSTGRES } from './faulty-postgres';
import { everyFaultHeals } from './inject-faults';

everyFaultHeals(POSTGRES, /deployment|deletion/);
