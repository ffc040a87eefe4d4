import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse } from '../core/refusal';

/** Refuses a command without a program. Tokens and `undefined` pass. */
export function requireCommand(scope: IConstruct, command: string[] | undefined): void {
  if (command === undefined) return;
  // An element of a list token is recognized only inside a list.
  if (Token.isUnresolved(command) || command.some((word) => Token.isUnresolved([word]))) return;
  if (command.length > 0 && command[0].trim() !== '') return;
  refuse(scope, {
    prop: 'command',
    given: command,
    allowed: 'a program and its arguments',
    change: "pass the program first, as in ['alembic', 'upgrade', 'head']",
  });
}
