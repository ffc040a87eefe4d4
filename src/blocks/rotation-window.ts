import { Duration } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { DAY, HOUR, UtcWindow, WEEK } from '../core/utc-window';

/** The default maintenance window in which secrets rotate: that of the databases. */
export const DEFAULT_ROTATION_WINDOW = 'sun:05:00-sun:06:00';
/** The day of a rotation whose window is open every day. */
const DEFAULT_WEEKDAY = 'SUN';
const DAYS_PER_WEEK = 7;
/** Periods in days that a cron expression can state as months, because they divide a year. */
const MONTHS: { readonly [days: number]: number } = { 30: 1, 60: 2, 90: 3, 120: 4, 180: 6, 365: 12 };
const MONTHS_PER_YEAR = 12;
/**
 * The maximum age of a value that rotates every month, in days.
 *
 * The first Sundays of two consecutive months are 28 or 35 days apart, and a window ends on the day on which it starts.
 */
export const LONGEST_MONTH_DAYS = 36;

/**
 * Returns the rotation rules of a secret: a schedule, and a window of whole hours.
 *
 * Without a window, Secrets Manager rotates at any time of the day. Only a cron expression can state the start, so a
 * period of a week or of months starts in the maintenance window. For other periods in days, the window starts at
 * midnight UTC, and for periods in hours, it is the first hour. A window starts at a full hour and ends on the same
 * UTC day.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
 * @param every the period: whole days, or fewer than 24 whole hours
 * @param maintenanceWindow the window, which can be a token
 */
export function rotationRules(
  every: Duration, maintenanceWindow: string,
): secretsmanager.CfnRotationSchedule.RotationRulesProperty {
  // The unit of a rate depends on the number: 1 day, 2 days.
  if (every.isUnresolved()) return { automaticallyAfterDays: every.toDays() };
  const days = every.toDays({ integral: false });
  if (!Number.isInteger(days)) return { scheduleExpression: `rate(${every.toHours()} hours)`, duration: '1h' };
  const { weekday, hour, hours } = wholeHours(UtcWindow.parse(maintenanceWindow)
    ?? UtcWindow.parse(DEFAULT_ROTATION_WINDOW)!);
  const duration = `${hours}h`;
  if (days === DAYS_PER_WEEK) return { scheduleExpression: `cron(0 ${hour} ? * ${weekday} *)`, duration };
  const months = MONTHS[days];
  if (!months) return { scheduleExpression: `rate(${days} ${days === 1 ? 'day' : 'days'})`, duration };
  return { scheduleExpression: `cron(0 ${hour} ? ${everyMonths(months)} ${weekday}#1 *)`, duration };
}

function everyMonths(months: number): string {
  if (months === 1) return '*';
  return months === MONTHS_PER_YEAR ? '1' : `1/${months}`;
}

/** The whole hours of a window: from its first full hour to the end of the window or of the day, at least one hour. */
function wholeHours(window: UtcWindow): { weekday: string; hour: number; hours: number } {
  const start = Math.ceil(window.start / HOUR) * HOUR;
  const length = Math.max(HOUR, window.start + window.length - start);
  const first = new UtcWindow(start % window.period, length, window.period);
  const hour = first.start % DAY / HOUR;
  return {
    weekday: window.period === WEEK ? first.weekday! : DEFAULT_WEEKDAY,
    hour,
    hours: Math.min(Math.floor(length / HOUR), DAY / HOUR - hour),
  };
}
