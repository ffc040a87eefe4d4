import { setTimeout as sleep } from 'timers/promises';
import { answer, ANSWER_MARGIN, CustomResourceRequest, Work } from '../../src/blocks/custom-resource';
import { FakeInspector } from '../support/fake-inspector';

jest.mock('timers/promises', () => ({ setTimeout: jest.fn(async () => undefined) }));

let server: FakeInspector;
let errors: jest.SpyInstance;

beforeEach(async () => {
  server = new FakeInspector();
  await server.start();
  errors = jest.spyOn(console, 'error').mockImplementation();
  jest.mocked(sleep).mockClear();
});

afterEach(async () => {
  errors.mockRestore();
  await server.stop();
});

const request = (RequestType: 'Create' | 'Update' | 'Delete'): CustomResourceRequest<object> => ({
  RequestType,
  ResponseURL: `${server.url}/answer`,
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Thing',
  ResourceProperties: {},
});
const work = (fields: Partial<Work> = {}): Work => ({
  physicalId: () => 'thing',
  standing: () => 'half way',
  timeLeft: 10_000,
  run: async () => undefined,
  ...fields,
});
const crash = async () => { throw new TypeError('cannot read properties of undefined'); };

test('completed work is a success', async () => {
  await answer(request('Create'), work());
  expect(server.answers).toEqual([
    {
      Status: 'SUCCESS',
      Reason: 'done',
      PhysicalResourceId: 'thing',
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Thing',
    },
  ]);
  expect(errors).not.toHaveBeenCalled();
});

test.each(['Create', 'Update'] as const)('an error fails the %s and is logged', async (type) => {
  await answer(request(type), work({ run: crash }));
  expect(server.answers).toMatchObject([
    { Status: 'FAILED', Reason: 'cannot read properties of undefined', PhysicalResourceId: 'thing' },
  ]);
  expect(errors).toHaveBeenCalledWith(
    JSON.stringify({ request: type, resource: 'Thing', failure: 'cannot read properties of undefined' }),
  );
});

test('an error does not fail a deletion, but is logged', async () => {
  await answer(request('Delete'), work({ run: crash }));
  expect(server.answers).toMatchObject([{ Status: 'SUCCESS' }]);
  expect(errors).toHaveBeenCalledTimes(1);
});

test('the response has the physical ID at the end of the work', async () => {
  let id = 'before';
  await answer(request('Create'), work({ physicalId: () => id, run: async () => { id = 'after'; } }));
  expect(server.answers).toMatchObject([{ PhysicalResourceId: 'after' }]);
});

test('work that does not end is aborted, and the response is sent', async () => {
  let stopped = false;
  const run = (signal: AbortSignal) =>
    new Promise<void>(() =>
      signal.addEventListener('abort', () => {
        stopped = true;
      }),
    );
  await answer(request('Create'), work({ run, timeLeft: 20 }));
  expect(server.answers).toMatchObject([
    { Status: 'FAILED', Reason: 'not finished within the time of the function; half way' },
  ]);
  expect(stopped).toBe(true);
});

test('an undelivered response is sent up to five times, with increasing pauses, within the margin', async () => {
  server.answerFailures = 4;
  await answer(request('Create'), work());
  expect(server.answers).toHaveLength(1);
  const pauses = jest.mocked(sleep).mock.calls.map(([pause]) => pause!);
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(pauses.reduce((sum, pause) => sum + pause, 5 * 5_000)).toBeLessThan(ANSWER_MARGIN);
});

test('a response that is never delivered fails the invocation, so that Lambda retries', async () => {
  server.answerFailures = 5;
  await expect(answer(request('Create'), work())).rejects.toThrow(
    'the response URL of CloudFormation returned status 503',
  );
  expect(server.answers).toEqual([]);
});
