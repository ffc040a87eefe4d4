const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const MINUTE_MILLISECONDS = 60_000;
/** The lengths of an hour, a day and a week, in minutes. */
export const HOUR = 60;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;
/** The minutes from midnight on Monday to the start of 1970, a Thursday. */
const EPOCH = 3 * DAY;

const DAILY = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/;
const WEEKLY = /^([a-z]{3}):(\d\d):(\d\d)-([a-z]{3}):(\d\d):(\d\d)$/;

/**
 * A recurring period in UTC: every day (`hh:mm-hh:mm`) or every week (`ddd:hh:mm-ddd:hh:mm`).
 *
 * Handlers read it too, so this file imports nothing.
 */
export class UtcWindow {
  /** Reads a daily window, or returns undefined. */
  public static daily(text: string): UtcWindow | undefined {
    const match = DAILY.exec(text);
    if (!match) return undefined;
    const [startHour, startMinute, endHour, endMinute] = match.slice(1);
    return windowBetween(clock(startHour, startMinute), clock(endHour, endMinute), DAY);
  }

  /** Reads a weekly window, or returns undefined. */
  public static weekly(text: string): UtcWindow | undefined {
    const match = WEEKLY.exec(text.toLowerCase());
    if (!match) return undefined;
    const [startDay, startHour, startMinute, endDay, endHour, endMinute] = match.slice(1);
    return windowBetween(clock(startHour, startMinute, startDay), clock(endHour, endMinute, endDay), WEEK);
  }

  /** Reads a daily or weekly window, or returns undefined. */
  public static parse(text: string): UtcWindow | undefined {
    return UtcWindow.daily(text) ?? UtcWindow.weekly(text);
  }

  /**
   * @param start the start, in minutes since midnight, or since midnight on Monday
   * @param length the length, in minutes
   * @param period the time from one window to the next: `DAY` or `WEEK`
   */
  constructor(public readonly start: number, public readonly length: number, public readonly period: number) {}

  /** The name of the weekday on which the window starts, in uppercase. Undefined for a daily window. */
  public get weekday(): string | undefined {
    return this.period === WEEK ? DAYS[Math.floor(this.start / DAY)].toUpperCase() : undefined;
  }

  /** Whether the window is open at a time. */
  public contains(time: Date): boolean {
    return this.minutesSinceStart(time) < this.length;
  }

  /** The end of the window that is open at a time. */
  public endAfter(time: Date): Date {
    return inMinutes(time, this.length - this.minutesSinceStart(time));
  }

  /** The start of the first window after a time. */
  public nextStart(time: Date): Date {
    return inMinutes(time, this.period - this.minutesSinceStart(time));
  }

  private minutesSinceStart(time: Date): number {
    const minutes = time.getTime() / MINUTE_MILLISECONDS + EPOCH - this.start;
    return (minutes % this.period + this.period) % this.period;
  }
}

function inMinutes(time: Date, minutes: number): Date {
  return new Date(time.getTime() + minutes * MINUTE_MILLISECONDS);
}

function windowBetween(start: number | undefined, end: number | undefined, period: number): UtcWindow | undefined {
  if (start === undefined || end === undefined) return undefined;
  return new UtcWindow(start, (end - start + period) % period, period);
}

/** The minutes since midnight, or since midnight on Monday. */
function clock(hour: string, minute: string, day: string = DAYS[0]): number | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || !DAYS.includes(day)) return undefined;
  return DAYS.indexOf(day) * DAY + Number(hour) * HOUR + Number(minute);
}
