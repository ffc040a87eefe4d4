import { Construct } from 'constructs';
import { Windows } from '../../../src/database/shared/windows';
import { newStack } from '../../support/app';
import { refusalOf } from '../instance/some-database';

const TOKEN = '${Token[Window.1]}';
const windows = (backup: string, maintenance: string) =>
  Windows.of(new Construct(newStack(), 'Database'), backup, maintenance);

describe('the hour of the snapshot', () => {
  test.each([
    ['03:00-04:00', 'sun:05:00-sun:06:00', 6, 'outside both windows and the hours before them'],
    ['03:00-04:00', 'sun:12:00-sun:13:00', 4, 'right after the backup'],
    ['03:00-03:30', 'sun:12:00-sun:13:00', 4, 'at the next full hour'],
    ['03:00-04:30', 'sun:06:00-sun:06:30', 7, 'not in a part of a window'],
    ['22:00-23:00', 'sat:23:30-sun:00:30', 1, 'on the next day'],
    ['23:30-00:30', 'mon:01:00-mon:01:30', 2, 'after a window that spans midnight'],
    ['00:00-08:00', 'mon:09:00-mon:17:00', 17, 'after the longest windows'],
    [
      TOKEN,
      'sun:05:00-sun:06:00',
      6,
      'after the one known window',
    ],
    ['03:00-04:00', TOKEN, 4, 'after the one known window'],
    [TOKEN, TOKEN, 0, 'at midnight if no window is known'],
  ])('%s and %s: %d, %s', (backup, maintenance, hour) => {
    expect(windows(backup, maintenance).snapshotHour).toBe(hour);
  });
});

describe('windows without an overlap are accepted', () => {
  test.each([
    ['03:00-04:00', 'sun:04:00-sun:05:00'],
    ['03:00-04:00', 'sun:02:00-sun:03:00'],
    ['23:30-00:30', 'sun:00:30-sun:01:00'],
    ['03:00-04:00', TOKEN],
  ])('%s and %s', (backup, maintenance) => {
    expect(() => windows(backup, maintenance)).not.toThrow();
  });
});

describe('refusals', () => {
  test.each([
    ['03:00-04:00', 'sun:03:30-sun:04:30'],
    ['03:00-06:00', 'wed:04:00-wed:04:30'],
    ['04:00-04:30', 'wed:03:00-wed:06:00'],
    ['23:30-00:30', 'mon:00:00-mon:01:00'],
    ['00:00-01:00', 'sun:23:30-mon:00:30'],
  ])('%s overlaps with %s', (window, maintenanceWindow) => {
    expect(refusalOf({ backup: { window }, maintenanceWindow })).toBe(
      `[Stack/Database] maintenanceWindow must be a window that does not overlap the backup window ${window}, got `
        + `'${maintenanceWindow}'. Change one of the two windows.`,
    );
  });

  test.each([
    '3:00-4:00',
    '03:00',
    '03:00-03:29',
    '03:00-03:00',
    '00:00-08:01',
    '24:00-01:00',
    '03:60-04:30',
    'sun:03:00-sun:04:00',
  ])('the backup window %s has a wrong format or length', (window) => {
    expect(refusalOf({ backup: { window } })).toBe(
      `[Stack/Database] backup.window must be a UTC window hh:mm-hh:mm of 30 minutes to 8 hours, got '${window}'. Use `
        + 'this format.',
    );
  });

  test.each([
    '05:00-06:00',
    'sun:05:00-sun:05:20',
    'sun:05:00-mon:06:00',
    'son:05:00-son:06:00',
    'sun:05:00-xyz:06:00',
    'sun:5:00-sun:6:00',
  ])('the maintenance window %s has a wrong format or length', (maintenanceWindow) => {
    expect(refusalOf({ maintenanceWindow })).toBe(
      '[Stack/Database] maintenanceWindow must be a UTC window ddd:hh:mm-ddd:hh:mm of 30 minutes to 8 hours, got '
        + `'${maintenanceWindow}'. Use this format.`,
    );
  });
});
