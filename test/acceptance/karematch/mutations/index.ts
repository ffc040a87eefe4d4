import { Mutation } from './changes';
import { COMPUTE_CHANGES } from './compute';
import { CONTENT_CHANGES } from './content';
import { DATABASE_CHANGES } from './database';
import { LOAD_BALANCING_CHANGES } from './load-balancing';
import { MONITORING_CHANGES } from './monitoring';
import { NETWORKING_CHANGES } from './networking';
import { OVERVIEW_CHANGES } from './overview';
import { PRACTICE_CHANGES } from './practice';
import { REGISTRY_CHANGES } from './registry';
import { ROLES_CHANGES } from './roles';
import { SECRETS_CHANGES } from './secrets';
import { SECURITY_CHANGES } from './security';

/** The changes of all parts of the document, in its order. */
export const MUTATIONS: Mutation[] = [
  ...OVERVIEW_CHANGES,
  ...NETWORKING_CHANGES,
  ...COMPUTE_CHANGES,
  ...DATABASE_CHANGES,
  ...LOAD_BALANCING_CHANGES,
  ...CONTENT_CHANGES,
  ...REGISTRY_CHANGES,
  ...SECRETS_CHANGES,
  ...ROLES_CHANGES,
  ...MONITORING_CHANGES,
  ...SECURITY_CHANGES,
  ...PRACTICE_CHANGES,
];
