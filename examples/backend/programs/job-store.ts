/** Records the jobs that are done together with their result. */
export interface JobStore<Transaction> {
  /**
   * Runs the work of a job, unless the job is done. Returns whether it ran the work.
   *
   * The result of the work and the record become durable in one transaction, or neither does. SQS can deliver a job
   * twice, also to two workers at the same time: the second one waits for the first one.
   */
  once(id: string, work: (transaction: Transaction) => Promise<void>): Promise<boolean>;
}
