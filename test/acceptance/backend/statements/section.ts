import { Fact } from '../../../support/template/facts';
import { Proof, System } from '../proof/system';

/** A statement, with the templates that show it. */
export interface Statement {
  readonly words: string;
  /**
   * The templates. Each of them shows the statement.
   * @default - those of both variants
   */
  readonly of?: Array<keyof System>;
  readonly proof?: Proof;
  readonly replaced?: string;
  readonly notInfrastructure?: string;
}

/** A row, with the proof that its mutations must fail in each template. */
export interface Row extends Fact<System> {
  readonly of: Array<keyof System>;
  readonly proof?: Proof;
}

/** The statements of one part of the document. */
export const section = (name: string, statements: Statement[]): Row[] =>
  statements.map(({ of = ['aurora', 'instance'], proof, ...statement }) => ({
    section: name,
    of,
    proof,
    shown: proof && ((system: System) => of.forEach((each) => proof(system[each]))),
    ...statement,
  }));

export const TYPED = 'The example is an AWS CDK app. Its parameters are a typed object, which the compiler checks:';
