/**
 * Processes the items with limited concurrency, and starts them in order.
 *
 * After a failure, no other item starts, and the started ones finish: Lambda freezes work that is in progress when a
 * function returns, and resumes it during the next request.
 */
export async function mapConcurrently<Item>(
  items: Iterable<Item>, concurrency: number, work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const next = () => failures.length > 0 ? undefined : queue.next();
  const worker = async () => {
    for (let item = next(); item && !item.done; item = next()) {
      await work(item.value).catch((error) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  if (failures.length > 0) throw failures[0];
}
