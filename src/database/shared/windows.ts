import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { refuse } from '../../core/refusal';
import { DAY, HOUR, UtcWindow, WEEK } from '../../core/utc-window';

/**
 * The minimum window of RDS, in minutes.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
 */
const SHORTEST_WINDOW = 30;
/** The maximum window, in minutes: an hour for AWS Backup always remains. */
const LONGEST_WINDOW = 8 * HOUR;
/**
 * The time before each window that stays free: an hour.
 *
 * RDS rejects a snapshot request of AWS Backup during either window and shortly before it.
 */
const KEPT_FREE_BEFORE = HOUR;

/** A period on a cyclic clock: the start and the length, in minutes. */
interface Span {
  readonly start: number;
  readonly length: number;
}

/** The daily backup window and the weekly maintenance window of a database, in UTC. */
export class Windows {
  /** Validates the windows as RDS does. Tokens pass. */
  public static of(scope: Construct, backup: string, maintenance: string): Windows {
    const windows = new Windows(
      parse(scope, backup, { prop: 'backup.window', form: 'hh:mm-hh:mm', read: UtcWindow.daily }),
      parse(scope, maintenance, { prop: 'maintenanceWindow', form: 'ddd:hh:mm-ddd:hh:mm', read: UtcWindow.weekly }),
    );
    if (windows.overlap()) {
      refuse(scope, {
        prop: 'maintenanceWindow',
        given: maintenance,
        allowed: `a window that does not overlap the backup window ${backup}`,
        change: 'change one of the two windows',
      });
    }
    return windows;
  }

  private constructor(private readonly backup: Span | undefined, private readonly maintenance: Span | undefined) {}

  /** The first full hour (UTC) after the backup window in which AWS Backup can take snapshots every day. */
  public get snapshotHour(): number {
    const kept = [this.backup, this.maintenance].flatMap((span) => span ? [withHourBefore(span)] : []);
    const first = kept.length > 0 ? Math.ceil((kept[0].start + kept[0].length) / HOUR) : 0;
    const hours = Array.from({ length: DAY / HOUR }, (_, index) => (first + index) % (DAY / HOUR));
    return hours.find((hour) => !kept.some((span) => meet({ start: hour * HOUR, length: HOUR }, span, DAY)))!;
  }

  private overlap(): boolean {
    const { backup, maintenance } = this;
    if (!backup || !maintenance) return false;
    const days = Array.from({ length: WEEK / DAY }, (_, day) => day * DAY);
    return days.some((day) => meet({ start: day + backup.start, length: backup.length }, maintenance, WEEK));
  }
}

/** A window on any day, with the free hour before it. */
function withHourBefore(span: Span): Span {
  return { start: span.start % DAY - KEPT_FREE_BEFORE, length: span.length + KEPT_FREE_BEFORE };
}

/** The notation of a window. */
interface Notation {
  readonly prop: string;
  readonly form: string;
  read(text: string): UtcWindow | undefined;
}

function parse(scope: Construct, given: string, { prop, form, read }: Notation): UtcWindow | undefined {
  if (Token.isUnresolved(given)) return undefined;
  const window = read(given);
  if (window && window.length >= SHORTEST_WINDOW && window.length <= LONGEST_WINDOW) return window;
  refuse(scope, { prop, given, allowed: `a UTC window ${form} of 30 minutes to 8 hours`, change: 'use this format' });
}

function meet(one: Span, other: Span, round: number): boolean {
  const after = (from: Span, to: Span) => ((to.start - from.start) % round + round) % round;
  return after(one, other) < one.length || after(other, one) < other.length;
}
