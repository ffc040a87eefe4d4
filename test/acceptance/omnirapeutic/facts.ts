import { COMPONENTS } from './statements/components';
import { FLOWS } from './statements/flows';
import { NETWORK } from './statements/network';
import { SECURITY } from './statements/security';
import { Fact } from '../../support/template/facts';

/** The document of the system, statement by statement, in its order. */
export const FACTS: Fact[] = [
  ...NETWORK,
  ...SECURITY,
  ...FLOWS,
  ...COMPONENTS,
];
