import { Fact } from '../../../support/template/facts';
import { Proof, System } from '../proof/system';

/** A statement, with the stack that shows it. */
export interface Statement {
  readonly words: string;
  /**
   * The stack.
   * @default 'main'
   */
  readonly of?: keyof System;
  readonly proof?: Proof;
  readonly replaced?: string;
  readonly notInfrastructure?: string;
}

/** A row, with the proof that its mutations must fail. */
export interface Row extends Fact<System> {
  readonly of: keyof System;
  readonly proof?: Proof;
}

/** The statements of one part of the document. */
export const section = (name: string, statements: Statement[]): Row[] =>
  statements.map(({ of = 'main', proof, ...statement }) => ({
    section: name, of, proof, shown: proof && ((system: System) => proof(system[of])), ...statement,
  }));

export const NO_NAME = 'A fixed name can already be in use: by a second copy of the stack, or by a resource that a '
  + 'deleted stack left behind. CloudFormation generates the name, and an output contains it.';
export const ONE_SCRIPT = 'carebow.sh runs the same steps with the values of the stack, as one command:';
export const NO_TERRAFORM = 'The example is an AWS CDK app. The command is in the README:';
export const A_MOMENT = 'A check of a running system. OPERATIONS.md has the command.';
