import { mapConcurrently } from '../../../src/site/deployment/map-concurrently';

const nextTick = () => new Promise((resolve) => setImmediate(resolve));

test('each item is processed once and in order, with a limit on concurrency', async () => {
  const started: number[] = [];
  let [now, most] = [0, 0];
  await mapConcurrently([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    started.push(item);
    most = Math.max(most, ++now);
    await nextTick();
    now--;
  });
  expect(started).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
});

test('an empty list is not processed', async () => {
  const work = jest.fn();
  await mapConcurrently([], 3, work);
  expect(work).not.toHaveBeenCalled();
});

test('after a failure, no item starts and the started ones are awaited', async () => {
  const [started, ended]: [number[], number[]] = [[], []];
  const work = async (item: number) => {
    started.push(item);
    if (item === 2) throw new Error('no');
    await nextTick();
    ended.push(item);
  };
  await expect(mapConcurrently([1, 2, 3, 4, 5], 2, work)).rejects.toThrow('no');
  expect(started).toEqual([1, 2]);
  expect(ended).toEqual([1]);
});

test('the first of several failures is thrown', async () => {
  await expect(
    mapConcurrently([1, 2], 2, async (item) => {
      throw new Error(`failure ${item}`);
    }),
  ).rejects.toThrow('failure 1');
});
