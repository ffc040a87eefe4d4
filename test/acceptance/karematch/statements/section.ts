import { Fact } from '../../../support/template/facts';
import { System } from '../proof/system';

export type Statement = Omit<Fact<System>, 'section'>;

/** The statements of one part of the document. */
export const section = (name: string, statements: Statement[]): Fact<System>[] => statements.map((statement) => ({ section: name, ...statement }));

export const NO_NAME = 'A name of ours could be taken: by a second copy, or by what a deleted stack has left. CloudFormation makes one from the stack\'s and the construct\'s, and tags what it has made.';
export const OWN_KEYS = 'AWS-managed keys are AES-256 too, but nobody can say who may use them, nor forbid it. Here it is a customer-managed key, also AES-256, rotated every year.';
export const NEWER_NODE = 'Node.js 20 gets no more fixes since April 2026; the image is built on the version with long-term support, 24.';
