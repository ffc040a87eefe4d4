import { Template } from 'aws-cdk-lib/assertions';
import { Fact } from '../../../support/template/facts';

export type Statement = Omit<Fact, 'section'>;

/** Shows that each of several things holds. */
export const all =
  (...proofs: Array<(whole: Template) => void>) =>
    (whole: Template) =>
      proofs.forEach((proof) => proof(whole));

/** The statements of one part of the document. */
export const section = (name: string, statements: Statement[]): Fact[] =>
  statements.map((statement) => ({ section: name, ...statement }));

export const NO_NAME = 'A fixed name can already be in use: by a second copy of the stack, or by a resource that a '
  + 'deleted stack left behind. CloudFormation generates the name from the stack and the construct, and tags the '
  + 'resource.';
