import { setTimeout as sleep } from 'timers/promises';

/** How long before the end of the invocation the answer is given at the latest, in milliseconds: enough for every attempt below. */
export const ANSWER_MARGIN = 60_000;
const ANSWER_ATTEMPTS = 5;
const ANSWER_TIMEOUT = 5_000;
const FIRST_PAUSE = 1_000;
/** CloudFormation takes an answer of 4,096 bytes; the reason is the one part without a bound. */
const MAX_REASON_LENGTH = 1_000;

/** What CloudFormation asks. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
export interface CustomResourceRequest<Properties> {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Properties;
}

/** What the answer to a request depends on. */
export interface Work {
  /** The physical id as it stands at any moment, so that the answer to a failure tells what was done before it. */
  readonly physicalId: () => string;
  /** How far the work has come, for the reason of an answer that is given because the time is up. */
  readonly standing: () => string;
  /** How long the work may take, in milliseconds. */
  readonly timeLeft: number;
  /** The work itself. The signal is aborted when the time is up. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/**
 * Does the work and always answers CloudFormation, which otherwise waits for an hour: when the work fails, and when the
 * time runs out. A deletion that fails is told in the log and answered with success: it would only leave a stack that
 * cannot be deleted.
 */
export async function answer(request: CustomResourceRequest<unknown>, work: Work): Promise<void> {
  const failure = await failureOf(work);
  if (failure !== undefined) console.error(JSON.stringify({ request: request.RequestType, resource: request.LogicalResourceId, failure }));
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
  const end = new Promise<never>((_, reject) => timeUp.signal.addEventListener('abort', () => reject(timeUp.signal.reason)));
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

/** Puts the answer to the URL that CloudFormation signed. The body is bytes: a content type would not match the signature. */
async function send(url: string, body: object): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const bytes = new TextEncoder().encode(JSON.stringify(body));
      const response = await fetch(url, { method: 'PUT', body: bytes, signal: AbortSignal.timeout(ANSWER_TIMEOUT) });
      if (response.ok) return;
      throw new Error(`CloudFormation's answer URL said ${response.status}`);
    } catch (error) {
      if (attempt === ANSWER_ATTEMPTS) throw error;
      await sleep(FIRST_PAUSE * 2 ** (attempt - 1));
    }
  }
}
