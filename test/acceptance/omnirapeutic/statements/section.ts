import { Template } from 'aws-cdk-lib/assertions';
import { Fact } from '../../../support/template/facts';

export type Statement = Omit<Fact, 'section'>;

/** Shows that each of several things holds. */
export const all = (...proofs: Array<(whole: Template) => void>) => (whole: Template) => proofs.forEach((proof) => proof(whole));

/** The statements of one part of the document. */
export const section = (name: string, statements: Statement[]): Fact[] => statements.map((statement) => ({ section: name, ...statement }));

export const NO_NAME = 'A name of ours could be taken: by a second copy, or by what a deleted stack has left. CloudFormation makes one from the stack\'s and the construct\'s, and tags what it has made.';
