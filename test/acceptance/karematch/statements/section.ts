import { Fact } from '../../../support/template/facts';
import { System } from '../proof/system';

export type Statement = Omit<Fact<System>, 'section'>;

/** The statements of one part of the document. */
export const section = (name: string, statements: Statement[]): Fact<System>[] =>
  statements.map((statement) => ({ section: name, ...statement }));

export const NO_NAME = 'A fixed name can already be in use: by a second copy of the stack, or by a resource that a '
  + 'deleted stack left behind. CloudFormation generates the name from the stack and the construct, and tags the '
  + 'resource.';
export const OWN_KEYS = 'AWS managed keys are AES-256 too, but their policy cannot be changed. The system uses '
  + 'customer managed keys, which are AES-256 and rotate every year.';
export const ALSO_USERS = 'The tasks are those of the API and of the migrations. A function that manages the database '
  + 'users is in the private subnets too: it creates the user of each program and rotates its password.';
export const NEWER_NODE = 'Node.js 20 has received no fixes since April 2026. The image uses Node.js 24, which has '
  + 'long-term support.';
