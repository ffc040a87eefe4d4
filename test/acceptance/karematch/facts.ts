import { System } from './proof/system';
import { COMPUTE, DATABASE, LOAD_BALANCING } from './statements/components';
import { CONTENT, MONITORING, REGISTRY, ROLES, SECRETS } from './statements/delivery';
import { NETWORKING, OVERVIEW } from './statements/overview';
import { AVAILABILITY, COMPLIANCE, COST, MAINTENANCE, SCALABILITY, SECURITY } from './statements/practice';
import { Fact } from '../../support/template/facts';

/** The document of the system, statement by statement, in its order. */
export const FACTS: Fact<System>[] = [
  ...OVERVIEW,
  ...NETWORKING,
  ...COMPUTE,
  ...DATABASE,
  ...LOAD_BALANCING,
  ...CONTENT,
  ...REGISTRY,
  ...SECRETS,
  ...ROLES,
  ...MONITORING,
  ...SECURITY,
  ...AVAILABILITY,
  ...COST,
  ...COMPLIANCE,
  ...SCALABILITY,
  ...MAINTENANCE,
];
