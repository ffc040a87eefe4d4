import { sortedEntries } from '../../src/core/sorted-entries';

test('the entries are sorted by key, uppercase letters first', () => {
  expect(sortedEntries({ b: 1, a: 2, C: 3, B: 4 })).toEqual([['B', 4], ['C', 3], ['a', 2], ['b', 1]]);
});

test('no map has no entries', () => expect(sortedEntries(undefined)).toEqual([]));
