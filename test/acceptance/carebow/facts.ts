import { DETAILS } from './statements/details';
import { OPERATIONS } from './statements/operations';
import { OVERVIEW } from './statements/overview';
import { Row } from './statements/section';

/** The document of the system, statement by statement, in its order. */
export const FACTS: Row[] = [...OVERVIEW, ...DETAILS, ...OPERATIONS];
