import { Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { requireSeconds } from './duration-bounds';
import { refuse, requireInteger } from '../core/refusal';

/** The ranges of ECS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
const INTERVAL_SECONDS = { min: 5, max: 300 };
const TIMEOUT_SECONDS = { min: 2, max: 60 };
const RETRIES = { min: 1, max: 10 };
const LONGEST_START_PERIOD_SECONDS = 300;
/** The first words of a command. `NONE` would turn a health check off. */
const WORDS = ['CMD', 'CMD-SHELL', 'NONE'];

/** Refuses a health check that ECS does not accept, and a command without a program. Tokens are accepted. */
export function requireHealthCheck(scope: IConstruct, healthCheck: ecs.HealthCheck | undefined): void {
  if (!healthCheck) return;
  requireCommand(scope, healthCheck.command);
  const { interval, timeout, retries, startPeriod } = healthCheck;
  requireSeconds(scope, 'healthCheck.interval', interval, INTERVAL_SECONDS.min, INTERVAL_SECONDS.max);
  requireSeconds(scope, 'healthCheck.timeout', timeout, TIMEOUT_SECONDS.min, TIMEOUT_SECONDS.max);
  requireInteger(scope, 'healthCheck.retries', retries, RETRIES.min, RETRIES.max);
  requireSeconds(scope, 'healthCheck.startPeriod', startPeriod, 0, LONGEST_START_PERIOD_SECONDS);
  if (!interval || !timeout || interval.isUnresolved() || timeout.isUnresolved()) return;
  const most = interval.toSeconds();
  if (timeout.toSeconds() <= most) return;
  refuse(scope, {
    prop: 'healthCheck.timeout',
    given: timeout,
    allowed: `at most healthCheck.interval, which is ${most} seconds`,
    change: 'use a shorter timeout or a longer interval',
  });
}

function requireCommand(scope: IConstruct, command: string[]): void {
  // An element of a list token is recognized only inside a list.
  if (Token.isUnresolved(command) || command.some((word) => Token.isUnresolved([word]))) return;
  const program = WORDS.includes(command[0]) ? command.slice(1) : command;
  const isComplete = program.length > 0 && program[0].trim() !== '' && command[0] !== 'NONE';
  // Docker passes one text to the shell.
  if (isComplete && (command[0] !== 'CMD-SHELL' || program.length === 1)) return;
  refuse(scope, {
    prop: 'healthCheck.command',
    given: command,
    allowed: 'CMD with a program and its arguments, or CMD-SHELL with one text',
    change: "use a command such as ['CMD-SHELL', 'curl -f http://localhost:8080/ || exit 1']",
  });
}
