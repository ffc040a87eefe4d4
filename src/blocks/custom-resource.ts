import { setTimeout as sleep } from 'timers/promises';

/** The time reserved for the answer at the end of the invocation, in milliseconds. It is enough for all attempts. */
export const ANSWER_MARGIN = 60_000;
const ANSWER_ATTEMPTS = 5;
const ANSWER_TIMEOUT = 5_000;
const FIRST_PAUSE = 1_000;
/** CloudFormation accepts an answer of 4,096 bytes. Only the reason has no fixed length. */
const MAX_REASON_LENGTH = 1_000;

/**
 * A request of CloudFormation. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */
export interface CustomResourceRequest<Properties> {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Properties;
}

/** The work that a request starts, and its state. */
export interface Work {
  /** Returns the current physical ID, so that the answer to a failure records what was done before it. */
  readonly physicalId: () => string;
  /** Returns the progress of the work, for the reason of an answer that is sent because the time is up. */
  readonly standing: () => string;
  /** The time limit of the work, in milliseconds. */
  readonly timeLeft: number;
  /** Does the work. The signal is aborted when the time is up. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/**
 * Does the work and always answers CloudFormation, also when the work fails or the time runs out.
 *
 * Without an answer, CloudFormation waits for an hour. A deletion that fails is logged and answered with success: a
 * failure would leave a stack that cannot be deleted.
 */
export async function answer(request: CustomResourceRequest<unknown>, work: Work): Promise<void> {
  const failure = await failureOf(work);
  if (failure !== undefined) {
    console.error(JSON.stringify({ request: request.RequestType, resource: request.LogicalResourceId, failure }));
  }
  const failed = failure !== undefined && request.RequestType !== 'Delete';
  await send(request.ResponseURL, {
    Status: failed ? 'FAILED' : 'SUCCESS',
    Reason: (failure ?? 'done').slice(0, MAX_REASON_LENGTH),
    PhysicalResourceId: work.physicalId(),
    StackId: request.StackId,
    RequestId: request.RequestId,
    LogicalResourceId: request.LogicalResourceId,
  });
}

async function failureOf(work: Work): Promise<string | undefined> {
  const timeUp = new AbortController();
  const end = new Promise<never>((_, reject) => {
    timeUp.signal.addEventListener('abort', () => reject(timeUp.signal.reason));
  });
  const stop = () => timeUp.abort(new Error(`not finished within the time of the function; ${work.standing()}`));
  const timer = setTimeout(stop, Math.max(0, work.timeLeft));
  try {
    await Promise.race([work.run(timeUp.signal), end]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    clearTimeout(timer);
  }
}

/** Sends the answer to the presigned URL. The body is bytes, because a content type would not match the signature. */
async function send(url: string, body: object): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const bytes = new TextEncoder().encode(JSON.stringify(body));
      const response = await fetch(url, { method: 'PUT', body: bytes, signal: AbortSignal.timeout(ANSWER_TIMEOUT) });
      if (response.ok) return;
      throw new Error(`the response URL of CloudFormation returned status ${response.status}`);
    } catch (error) {
      if (attempt === ANSWER_ATTEMPTS) throw error;
      await sleep(FIRST_PAUSE * 2 ** (attempt - 1));
    }
  }
}
