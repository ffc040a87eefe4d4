import { CfnParameter, Duration } from 'aws-cdk-lib';
import { LONGEST_MONTH_DAYS, rotationRules } from '../../src/blocks/rotation-window';
import { newStack } from '../support/app';

const SUNDAY = 'sun:05:00-sun:06:00';

// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
describe('the period', () => {
  test.each([
    [Duration.days(7), 'cron(0 5 ? * SUN *)'],
    [Duration.days(30), 'cron(0 5 ? * SUN#1 *)'],
    [Duration.days(60), 'cron(0 5 ? 1/2 SUN#1 *)'],
    [Duration.days(90), 'cron(0 5 ? 1/3 SUN#1 *)'],
    [Duration.days(120), 'cron(0 5 ? 1/4 SUN#1 *)'],
    [Duration.days(180), 'cron(0 5 ? 1/6 SUN#1 *)'],
    [Duration.days(365), 'cron(0 5 ? 1 SUN#1 *)'],
    [Duration.days(1), 'rate(1 day)'],
    [Duration.days(14), 'rate(14 days)'],
    [Duration.hours(48), 'rate(2 days)'],
    [Duration.hours(4), 'rate(4 hours)'],
  ])('of %p is %s', (every, scheduleExpression) => {
    expect(rotationRules(every, SUNDAY)).toEqual({ scheduleExpression, duration: '1h' });
  });

  test('that is known only at deployment has no window', () => {
    const days = new CfnParameter(newStack(), 'Days', { type: 'Number' }).valueAsNumber;
    expect(rotationRules(Duration.days(days), SUNDAY)).toEqual({ automaticallyAfterDays: days });
  });
});

describe('the window', () => {
  test.each([
    ['sun:05:00-sun:06:00', 'cron(0 5 ? * SUN#1 *)', '1h'],
    ['tue:22:00-wed:01:00', 'cron(0 22 ? * TUE#1 *)', '2h'],
    ['sat:02:30-sat:06:30', 'cron(0 3 ? * SAT#1 *)', '3h'],
    ['wed:03:30-wed:04:00', 'cron(0 4 ? * WED#1 *)', '1h'],
    ['sun:23:30-mon:00:30', 'cron(0 0 ? * MON#1 *)', '1h'],
    ['02:00-05:00', 'cron(0 2 ? * SUN#1 *)', '3h'],
    ['23:30-01:00', 'cron(0 0 ? * SUN#1 *)', '1h'],
    ['${Token[Window.1]}', 'cron(0 5 ? * SUN#1 *)', '1h'],
  ])('%s is %s for %s', (window, scheduleExpression, duration) => {
    expect(rotationRules(Duration.days(30), window)).toEqual({ scheduleExpression, duration });
  });
});

test('the first weekdays of two months are at most 35 days apart, which is less than the longest age', () => {
  const DAY = 24 * 60 * 60 * 1000;
  const first = (month: number, weekday: number) => {
    const start = new Date(Date.UTC(2000, month, 1));
    return start.getTime() / DAY + (weekday - start.getUTCDay() + 7) % 7;
  };
  // The calendar repeats after 400 years.
  const gaps = Array.from({ length: 400 * 12 * 7 }, (_, index) => [Math.floor(index / 7), index % 7])
    .map(([month, weekday]) => first(month + 1, weekday) - first(month, weekday));
  expect(new Set(gaps)).toEqual(new Set([28, 35]));
  expect(LONGEST_MONTH_DAYS).toBe(36);
});
