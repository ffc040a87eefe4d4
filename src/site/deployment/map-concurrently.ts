/**
 * Does the work for each item, some at a time, in order of their beginning.
 *
 * After a failure no further work begins, and what has begun is waited for: whatever is still under way when a function answers is frozen with it, and
 * goes on in the middle of its next request.
 */
export async function mapConcurrently<Item>(items: Iterable<Item>, atATime: number, work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const next = () => failures.length > 0 ? undefined : queue.next();
  const worker = async () => {
    for (let item = next(); item && !item.done; item = next()) {
      await work(item.value).catch((error) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  if (failures.length > 0) throw failures[0];
}
