import { setTimeout as sleep } from 'timers/promises';
import { strToU8, zipSync } from 'fflate';
import { handler } from '../../../src/site/deployment/deploy-site.lambda';
import { FakeCloudFormation } from '../../support/fake-cloudformation';
import { FakeCloudFront } from '../../support/fake-cloudfront';
import { Answer } from '../../support/fake-inspector';
import { FakeS3 } from '../../support/fake-s3';

jest.mock('timers/promises', () => ({ setTimeout: jest.fn(async () => undefined) }));

type Request = Parameters<typeof handler>[0];
type Fields = Partial<Request> & { time?: number; properties?: Partial<Request['ResourceProperties']> };
type Files = Record<string, string>;

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/site';
/** The part of the invocation time that the handler reserves for its response. */
const MARGIN = 60_000;
const IMMUTABLE = 'public, max-age=31536000, immutable';
const REVALIDATED = 'public, max-age=0, must-revalidate';

const FIRST: Files = { 'index.html': '<script src=/assets/app-1.js>', 'assets/app-1.js': 'one', 'robots.txt': 'all' };
const SECOND: Files = { 'index.html': '<script src=/assets/app-2.js>', 'assets/app-2.js': 'two', 'robots.txt': 'all' };

let s3: FakeS3;
let cloudFront: FakeCloudFront;
let cloudFormation: FakeCloudFormation;
let errors: jest.SpyInstance;
let log: jest.SpyInstance;

beforeEach(async () => {
  [s3, cloudFront, cloudFormation] = [new FakeS3(), new FakeCloudFront(), new FakeCloudFormation()];
  await Promise.all([s3.start(), cloudFront.start(), cloudFormation.start()]);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_CLOUDFRONT: cloudFront.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  Object.assign(s3.buckets, { archives: new Map(), site: new Map() });
  archive('first.zip', FIRST);
  archive('second.zip', SECOND);
  errors = jest.spyOn(console, 'error').mockImplementation();
  log = jest.spyOn(console, 'log').mockImplementation();
  jest.mocked(sleep).mockClear();
});

afterEach(async () => {
  errors.mockRestore();
  log.mockRestore();
  await Promise.all([s3.stop(), cloudFront.stop(), cloudFormation.stop()]);
});

/** Stores an archive as the CDK does. */
function archive(key: string, files: Files): void {
  const zip = zipSync(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, strToU8(content)])));
  s3.buckets.archives.set(key, { body: Buffer.from(zip) });
}

/** Sends a request as CloudFormation does, and returns the response. */
async function ask(RequestType: Request['RequestType'], ArchiveKey: string, fields: Fields = {}): Promise<Answer> {
  const { time = 30_000, properties, ...rest } = fields;
  const before = cloudFormation.answers.length;
  await handler(
    {
      RequestType,
      ResponseURL: `${cloudFormation.url}/answer`,
      StackId: 'stack',
      RequestId: `${RequestType} ${ArchiveKey}`,
      LogicalResourceId: 'Files',
      ...rest,
      ResourceProperties: {
        ArchiveBucket: 'archives',
        ArchiveKey,
        Bucket: 'site',
        KeyArn: KEY,
        DistributionId: 'E1',
        ImmutablePaths: ['/assets/*'],
        ...properties,
      },
    },
    { getRemainingTimeInMillis: () => MARGIN + time },
  );
  expect(cloudFormation.answers.length).toBeGreaterThan(before);
  return cloudFormation.answers.at(-1)!;
}

/** The content of the bucket of the site. */
const site = (): Files => Object.fromEntries([...s3.buckets.site].map(([key, { body }]) => [key, body.toString()]));
const changesSince = (count: number) => s3.changes.slice(count);

describe('the first deployment', () => {
  test('uploads every file and responds', async () => {
    expect(await ask('Create', 'first.zip')).toEqual({
      Status: 'SUCCESS',
      Reason: 'done',
      PhysicalResourceId: 'site-files/Files',
      StackId: 'stack',
      RequestId: 'Create first.zip',
      LogicalResourceId: 'Files',
    });
    expect(site()).toEqual(FIRST);
  });

  test('uploads each file with its content type and cache control', async () => {
    await ask('Create', 'first.zip');
    const headers = [...s3.buckets.site].map(([key, { contentType, cacheControl }]) => [
      key,
      contentType,
      cacheControl,
    ]);
    expect(headers.sort()).toEqual([
      ['assets/app-1.js', 'text/javascript; charset=utf-8', IMMUTABLE],
      ['index.html', 'text/html; charset=utf-8', REVALIDATED],
      ['robots.txt', 'text/plain; charset=utf-8', REVALIDATED],
    ]);
  });

  test('uploads no file as immutable if no path is given', async () => {
    await ask('Create', 'first.zip', { properties: { ImmutablePaths: undefined } });
    expect(s3.buckets.site.get('assets/app-1.js')).toMatchObject({ cacheControl: REVALIDATED });
  });

  test('uploads pages and service workers after the files that they reference', async () => {
    archive('ordered.zip', {
      'index.html': 'a',
      'docs/index.html': 'b',
      'sw.js': 'c',
      'assets/app.js': 'd',
      'logo.svg': 'e',
      '.well-known/security.txt': 'f',
    });
    await ask('Create', 'ordered.zip');
    const order = s3.changes.map((change) => change.replace('put ', ''));
    expect(order.slice(0, 3).sort()).toEqual(['.well-known/security.txt', 'assets/app.js', 'logo.svg']);
    expect(order.slice(3).sort()).toEqual(['docs/index.html', 'index.html', 'sw.js']);
  });

  test('invalidates the whole distribution, which can be older than the deployment', async () => {
    await ask('Create', 'first.zip');
    expect(cloudFront.invalidations).toEqual(['E1 Create first.zip /*']);
  });

  test('logs the number of changes', async () => {
    await ask('Create', 'first.zip');
    expect(log).toHaveBeenCalledWith(
      '{"request":"Create","archive":"first.zip","uploaded":3,"unchanged":0,"removed":0}',
    );
  });

  test('uploads a hundred files concurrently, at most twenty at a time', async () => {
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`assets/${index}.js`, String(index)]));
    archive('hundred.zip', files);
    s3.delay = 20;
    expect(await ask('Create', 'hundred.zip')).toMatchObject({ Status: 'SUCCESS' });
    expect(site()).toEqual(files);
    expect(s3.mostAtATime).toBeGreaterThan(1);
    expect(s3.mostAtATime).toBeLessThanOrEqual(20);
  });
});

describe('a later deployment', () => {
  beforeEach(async () => { await ask('Create', 'first.zip'); });

  test('uploads new files, keeps equal files, and removes files that are no longer in the archive', async () => {
    await ask('Update', 'second.zip', { PhysicalResourceId: 'as-it-was' });
    expect(site()).toEqual(SECOND);
    expect(changesSince(3)).toEqual(['put assets/app-2.js', 'put index.html', 'delete']);
    expect(s3.removals).toEqual([['assets/app-1.js']]);
    expect(log).toHaveBeenLastCalledWith(
      '{"request":"Update","archive":"second.zip","uploaded":2,"unchanged":1,"removed":1}',
    );
  });

  test('keeps its physical ID, so that CloudFormation deletes nothing', async () => {
    expect(await ask('Update', 'second.zip', { PhysicalResourceId: 'as-it-was' })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'as-it-was',
    });
  });

  test('invalidates again', async () => {
    await ask('Update', 'second.zip');
    expect(cloudFront.invalidations).toEqual(['E1 Create first.zip /*', 'E1 Update second.zip /*']);
  });

  test('removes pages before the files that they reference', async () => {
    archive('small.zip', { 'home.html': 'home' });
    await ask('Update', 'small.zip');
    expect(s3.removals).toEqual([['index.html', 'assets/app-1.js', 'robots.txt']]);
  });

  test.each<[string, object]>([
    ['different content of the same length', { body: Buffer.from('any'), checksum: 'other' }],
    ['a different type', { contentType: 'text/html' }],
    ['a different cache control', { cacheControl: IMMUTABLE }],
    ['no checksum, because another tool uploaded it', { checksum: undefined }],
    ['the previous key of the bucket', { keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/before' }],
  ])('uploads a file again that has %s', async (_, difference) => {
    const good = s3.buckets.site.get('robots.txt')!;
    s3.buckets.site.set('robots.txt', { ...good, ...difference });
    await ask('Update', 'first.zip');
    expect(changesSince(3)).toEqual(['put robots.txt']);
    expect(s3.buckets.site.get('robots.txt')).toEqual(good);
  });

  test('uploads every file again with a new key of the bucket', async () => {
    s3.keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/new';
    await ask('Update', 'first.zip', { properties: { KeyArn: s3.keyArn } });
    expect(changesSince(3).sort()).toEqual(['put assets/app-1.js', 'put index.html', 'put robots.txt']);
  });

  test('reads all pages of a listing', async () => {
    s3.pageSize = 1;
    await ask('Update', 'second.zip');
    expect(site()).toEqual(SECOND);
  });

  test('removes more than a thousand files in several calls', async () => {
    for (let index = 0; index < 1_500; index++) {
      s3.buckets.site.set(`old/${index} & <more>.txt`, { body: Buffer.from('old') });
    }
    await ask('Update', 'first.zip');
    expect(site()).toEqual(FIRST);
    expect(s3.removals.map(({ length }) => length)).toEqual([1_000, 500]);
  });

  test('restores the previous files in a rollback', async () => {
    await ask('Update', 'second.zip');
    await ask('Update', 'first.zip', { RequestId: 'rollback' });
    expect(site()).toEqual(FIRST);
    expect(cloudFront.invalidations).toHaveLength(3);
  });
});

describe('the deletion', () => {
  test('keeps the files, which are deleted with their bucket', async () => {
    await ask('Create', 'first.zip');
    const calls = s3.calls.length;
    expect(await ask('Delete', 'first.zip', { PhysicalResourceId: 'as-it-was' })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'as-it-was',
    });
    expect(s3.calls).toHaveLength(calls);
    expect(site()).toEqual(FIRST);
    expect(cloudFront.invalidations).toHaveLength(1);
  });

  test('succeeds if the creation did not finish', async () => {
    expect(await ask('Delete', 'lost.zip')).toMatchObject({ Status: 'SUCCESS' });
  });
});

describe('repeated, reordered and interrupted requests', () => {
  test('change nothing and invalidate once if a request is delivered twice', async () => {
    await ask('Create', 'first.zip');
    expect(await ask('Create', 'first.zip')).toMatchObject({ Status: 'SUCCESS' });
    expect(s3.changes).toHaveLength(3);
    expect(cloudFront.invalidations).toEqual(['E1 Create first.zip /*']);
  });

  test('deploy the whole site if a request is processed twice at the same time', async () => {
    await ask('Create', 'first.zip');
    await Promise.all([ask('Update', 'second.zip'), ask('Update', 'second.zip')]);
    expect(cloudFormation.answers.map(({ Status }) => Status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect(site()).toEqual(SECOND);
  });

  test('deploy the whole older site if an older request is processed last, '
    + 'without references to missing files', async () => {
    await ask('Update', 'second.zip');
    await ask('Create', 'first.zip');
    expect(site()).toEqual(FIRST);
  });

  test.each(['put assets/app-2.js', 'put index.html', 'delete'])(
    'leave no page with a missing reference after a failure at "%s", and the next request completes the deployment',
    async (call) => {
      await ask('Create', 'first.zip');
      s3.faults.push({ call, status: 400, code: 'InvalidRequest' });
      expect(await ask('Update', 'second.zip')).toMatchObject({ Status: 'FAILED' });
      const script = /src=\/(.*)>/.exec(site()['index.html'])![1];
      expect(Object.keys(site())).toContain(script);
      expect(await ask('Update', 'second.zip')).toMatchObject({ Status: 'SUCCESS' });
      expect(site()).toEqual(SECOND);
    },
  );

  test('complete the invalidation after a failure, although no file differs', async () => {
    cloudFront.faults.push({ call: 'invalidate', status: 400, code: 'InvalidArgument' });
    expect(await ask('Create', 'first.zip')).toMatchObject({ Status: 'FAILED' });
    expect(await ask('Create', 'first.zip')).toMatchObject({ Status: 'SUCCESS' });
    expect(cloudFront.invalidations).toEqual(['E1 Create first.zip /*']);
  });

  test.each(['put index.html', 'head robots.txt', 'delete', 'list', 'get second.zip'])(
    'retry after a lost response to "%s"',
    async (call) => {
      await ask('Create', 'first.zip');
      s3.faults.push({ call, how: 'lose' });
      expect(await ask('Update', 'second.zip')).toMatchObject({ Status: 'SUCCESS' });
      expect(site()).toEqual(SECOND);
    },
  );

  test('create one invalidation after a lost response', async () => {
    cloudFront.faults.push({ call: 'invalidate', how: 'lose' });
    expect(await ask('Create', 'first.zip')).toMatchObject({ Status: 'SUCCESS' });
    expect(cloudFront.invalidations).toHaveLength(1);
  });

  test('read the archive again after an interrupted download', async () => {
    s3.faults.push({ call: 'get', how: 'break' });
    expect(await ask('Create', 'first.zip')).toMatchObject({ Status: 'SUCCESS' });
    expect(s3.calls.filter((call) => call === 'get first.zip')).toHaveLength(2);
  });

  test('are retried after throttling and server errors', async () => {
    s3.faults.push(
      { call: 'put index.html', status: 503, code: 'SlowDown', times: 2 },
      { call: 'list', status: 500, code: 'InternalError' },
    );
    cloudFront.faults.push({ call: 'invalidate', status: 503, code: 'ServiceUnavailable' });
    expect(await ask('Create', 'first.zip')).toMatchObject({ Status: 'SUCCESS' });
    expect(site()).toEqual(FIRST);
  });

  test('upload a file that another caller removes in the meantime', async () => {
    await ask('Create', 'first.zip');
    s3.faults.push({ call: 'head robots.txt', status: 404, code: 'NotFound' });
    expect(await ask('Update', 'second.zip')).toMatchObject({ Status: 'SUCCESS' });
    expect(site()).toEqual(SECOND);
  });
});

describe('a temporary error is retried', () => {
  test.each(['get first.zip', 'list', 'put'])('if IAM has not propagated the permission for "%s"', async (call) => {
    s3.faults.push({ call, status: 403, code: 'AccessDenied' });
    expect(await ask('Create', 'first.zip')).toMatchObject({ Status: 'SUCCESS' });
    expect(site()).toEqual(FIRST);
  });

  test('if too many invalidations are in progress', async () => {
    cloudFront.faults.push({ call: 'invalidate', status: 400, code: 'TooManyInvalidationsInProgress', times: 2 });
    expect(await ask('Create', 'first.zip')).toMatchObject({ Status: 'SUCCESS' });
    expect(cloudFront.invalidations).toHaveLength(1);
  });

  test('for two minutes with increasing delays, and then reported', async () => {
    s3.faults.push({ call: 'get first.zip', status: 403, code: 'AccessDenied', times: 99 });
    expect(await ask('Create', 'first.zip')).toMatchObject({
      Status: 'FAILED', Reason: 'reading the archive s3://archives/first.zip: AccessDenied: as S3 says it',
    });
    expect(jest.mocked(sleep).mock.calls.map(([pause]) => pause)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000,
    ]);
  });
});

describe('an error is reported', () => {
  test('if S3 refuses a file, and no other upload starts', async () => {
    archive('many.zip', Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${index}.txt`, 'text'])));
    s3.faults.push({ call: 'put 0.txt', status: 400, code: 'InvalidRequest' });
    expect(await ask('Create', 'many.zip')).toMatchObject({
      Status: 'FAILED',
      Reason: 'writing 0.txt: InvalidRequest: as S3 says it',
    });
    expect(s3.changes.length).toBeLessThan(100);
    expect(log).not.toHaveBeenCalled();
  });

  test('if a file cannot be read', async () => {
    await ask('Create', 'first.zip');
    s3.faults.push({ call: 'head robots.txt', status: 400, code: 'none' });
    expect(await ask('Update', 'second.zip')).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/^looking at robots.txt: /),
    });
  });

  test('if a file cannot be removed', async () => {
    await ask('Create', 'first.zip');
    s3.irremovable.push('assets/app-1.js');
    expect(await ask('Update', 'second.zip')).toMatchObject({
      Status: 'FAILED', Reason: 'removing assets/app-1.js: Error: AccessDenied: as S3 says it',
    });
  });

  test('if the archive is not a ZIP file', async () => {
    s3.buckets.archives.set('broken.zip', { body: Buffer.from('nothing of the kind, but long enough to be one') });
    expect(await ask('Create', 'broken.zip')).toMatchObject({
      Status: 'FAILED', Reason: 'the archive of the site cannot be read: invalid zip data; nothing was changed',
    });
    expect(s3.changes).toEqual([]);
  });

  test('if the archive is empty, because it would remove the site', async () => {
    await ask('Create', 'first.zip');
    archive('empty.zip', {});
    expect(await ask('Update', 'empty.zip')).toMatchObject({
      Status: 'FAILED',
      Reason: 'the archive of the site contains no file, and its deployment would delete the '
        + 'whole site; nothing was changed',
    });
    expect(site()).toEqual(FIRST);
  });

  test('if the time is too short, with the number of completed changes', async () => {
    await ask('Create', 'first.zip');
    s3.faults.push({ call: 'put index.html', how: 'hang' });
    expect(await ask('Update', 'second.zip', { time: 500 })).toMatchObject({
      Status: 'FAILED', Reason: 'not finished within the time of the function; 1 files were written and 0 removed',
    });
    expect(site()['index.html']).toBe(FIRST['index.html']);
  });

  test('after all work has stopped', async () => {
    s3.faults.push({ call: 'put assets/app-1.js', how: 'hang' });
    await ask('Create', 'first.zip', { time: 500 });
    const calls = s3.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(s3.calls).toHaveLength(calls);
  });
});
