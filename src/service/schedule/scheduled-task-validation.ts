import { Duration, Token } from 'aws-cdk-lib';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { refuse } from '../../core/refusal';

/** https://docs.aws.amazon.com/scheduler/latest/APIReference/API_FlexibleTimeWindow.html */
const MAX_WINDOW_MINUTES = 1_440;

/** Refuses a schedule that runs once, and a window that EventBridge Scheduler refuses. */
export function requireSchedule(
  scope: Construct, schedule: scheduler.ScheduleExpression, window: Duration | undefined,
): void {
  const { expressionString } = schedule;
  if (!Token.isUnresolved(expressionString) && !/^(cron|rate)\(.+\)$/.test(expressionString)) {
    refuse(scope, {
      prop: 'schedule',
      given: expressionString,
      allowed: 'a recurring schedule',
      change: 'use ScheduleExpression.cron or ScheduleExpression.rate, or run a MigrationTask by its command',
    });
  }
  if (!window || window.isUnresolved()) return;
  const minutes = window.toMilliseconds() / Duration.minutes(1).toMilliseconds();
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= MAX_WINDOW_MINUTES) return;
  refuse(scope, {
    prop: 'window',
    given: window,
    allowed: `from 1 to ${MAX_WINDOW_MINUTES} whole minutes`,
    change: 'use a duration in this range, or leave window out',
  });
}
