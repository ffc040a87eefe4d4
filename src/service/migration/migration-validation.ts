import { Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { MigrationTaskProps } from './migration-task-props';
import { refuse } from '../../core/refusal';
import { requireSeconds } from '../duration-bounds';

/** The maximum time of a run before a deployment, in minutes: the limit of Lambda without time to stop and answer. */
const MAX_TIMEOUT_MINUTES = 13;
const MIN_TIMEOUT_MINUTES = 1;
const SECONDS = 60;

/** Refuses props with which the task could not run, or could not run before a deployment. */
export function requireMigration(scope: Construct, props: MigrationTaskProps): void {
  if (props.uses.length === 0) {
    refuse(scope, {
      prop: 'uses',
      given: props.uses,
      allowed: 'an array with at least one resource',
      change: "pass the database that the command changes, such as database.access('Migrations', "
        + 'DatabaseAccess.owner())',
    });
  }
  props.runBefore?.forEach((service, index) => {
    if (Stack.of(service) === Stack.of(scope)) return;
    refuse(scope, {
      prop: `runBefore[${index}]`,
      given: service,
      allowed: 'a service in the stack of the migration',
      change: 'create the MigrationTask in the stack of the service',
    });
  });
  requireTimeout(scope, props);
}

function requireTimeout(scope: Construct, { timeout, runBefore = [] }: MigrationTaskProps): void {
  if (!timeout) return;
  if (runBefore.length === 0) {
    refuse(scope, {
      prop: 'timeout',
      given: timeout,
      allowed: 'left out without runBefore, because a run by command has no time limit',
      change: 'pass runBefore, or leave timeout out',
    });
  }
  if (!timeout.isUnresolved() && timeout.toMilliseconds() > Duration.minutes(MAX_TIMEOUT_MINUTES).toMilliseconds()) {
    refuse(scope, {
      prop: 'timeout',
      given: timeout,
      allowed: `at most ${MAX_TIMEOUT_MINUTES} minutes, because a Lambda function waits for the task`,
      change: 'start longer migrations with runCommand before the deployment, and leave runBefore out',
    });
  }
  requireSeconds(scope, 'timeout', timeout, MIN_TIMEOUT_MINUTES * SECONDS, MAX_TIMEOUT_MINUTES * SECONDS);
}
