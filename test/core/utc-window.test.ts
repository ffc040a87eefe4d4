import { DAY, UtcWindow, WEEK } from '../../src/core/utc-window';

const at = (text: string) => new Date(`${text}:00.000Z`);
/** 1 March 2026 is a Sunday. */
const SUNDAY = '2026-03-01';

describe('a window is read', () => {
  test.each([
    ['03:00-04:00', 180, 60, DAY],
    ['23:30-00:30', 1410, 60, DAY],
    ['mon:00:00-mon:01:30', 0, 90, WEEK],
    ['sun:05:00-sun:06:00', 6 * DAY + 300, 60, WEEK],
    ['SUN:23:30-Mon:00:30', 6 * DAY + 1410, 60, WEEK],
  ])('%s', (text, start, length, period) => {
    expect(UtcWindow.parse(text)).toEqual(new UtcWindow(start, length, period));
  });

  test.each(['', '3:00-4:00', '24:00-25:00', '03:60-04:00', 'xyz:03:00-xyz:04:00', 'sun:03:00-04:00', 'sun 03:00'])(
    "'%s' is not a window", (text) => expect(UtcWindow.parse(text)).toBeUndefined());

  test('the two forms are distinguished', () => {
    expect(UtcWindow.daily('sun:05:00-sun:06:00')).toBeUndefined();
    expect(UtcWindow.weekly('05:00-06:00')).toBeUndefined();
  });
});

describe('a weekly window', () => {
  const window = UtcWindow.parse('sun:05:00-sun:06:00')!;

  test.each([
    ['2026-03-01T04:59', false],
    ['2026-03-01T05:00', true],
    ['2026-03-01T05:59', true],
    ['2026-03-01T06:00', false],
    ['2026-03-02T05:30', false],
    ['2026-03-08T05:30', true],
  ])('at %s: %s', (time, open) => expect(window.contains(at(time))).toBe(open));

  test('has an end and a next start', () => {
    expect(window.endAfter(at(`${SUNDAY}T05:10`))).toEqual(at(`${SUNDAY}T06:00`));
    expect(window.nextStart(at(`${SUNDAY}T04:00`))).toEqual(at(`${SUNDAY}T05:00`));
    expect(window.nextStart(at(`${SUNDAY}T05:00`))).toEqual(at('2026-03-08T05:00'));
    expect(window.weekday).toBe('SUN');
  });

  test('can span the end of the week', () => {
    const night = UtcWindow.parse('sun:22:00-mon:02:00')!;
    expect(night.contains(at('2026-03-02T01:59'))).toBe(true);
    expect(night.endAfter(at(`${SUNDAY}T23:00`))).toEqual(at('2026-03-02T02:00'));
  });
});

test('a daily window is open every day, and has no weekday', () => {
  const window = UtcWindow.parse('23:30-00:30')!;
  expect(['2026-03-01T23:30', '2026-03-02T00:29', '2026-03-02T00:30'].map((time) => window.contains(at(time))))
    .toEqual([true, true, false]);
  expect(window.nextStart(at('2026-03-02T00:00'))).toEqual(at('2026-03-02T23:30'));
  expect(window.weekday).toBeUndefined();
});
