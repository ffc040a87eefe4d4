import { COMPONENTS } from './statements/components';
import { OPERATIONS } from './statements/operations';
import { Row } from './statements/section';

/** The document of the system, statement by statement, in its order. */
export const FACTS: Row[] = [...COMPONENTS, ...OPERATIONS];
