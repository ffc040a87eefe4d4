import { mapConcurrently } from '../../../src/site/deployment/map-concurrently';

const moment = () => new Promise((resolve) => setImmediate(resolve));

test('every item is worked on once, so many at a time, in order', async () => {
  const begun: number[] = [];
  let [now, most] = [0, 0];
  await mapConcurrently([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    begun.push(item);
    most = Math.max(most, ++now);
    await moment();
    now--;
  });
  expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
});

test('no items are no work', async () => {
  const work = jest.fn();
  await mapConcurrently([], 3, work);
  expect(work).not.toHaveBeenCalled();
});

test('after a failure nothing begins, and what has begun is waited for', async () => {
  const [begun, ended]: [number[], number[]] = [[], []];
  const work = async (item: number) => {
    begun.push(item);
    if (item === 2) throw new Error('no');
    await moment();
    ended.push(item);
  };
  await expect(mapConcurrently([1, 2, 3, 4, 5], 2, work)).rejects.toThrow('no');
  expect(begun).toEqual([1, 2]);
  expect(ended).toEqual([1]);
});

test('of several failures the first is told', async () => {
  await expect(
    mapConcurrently([1, 2], 2, async (item) => {
      throw new Error(`failure ${item}`);
    }),
  ).rejects.toThrow('failure 1');
});
