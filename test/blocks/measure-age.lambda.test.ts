import { handler } from '../../src/blocks/measure-age.lambda';
import { ageInDays, AgeRequest, embeddedMetric } from '../../src/blocks/secret-age';
import { FakeAws, FakeAwsError } from '../support/fake-aws';
import { FakeSecret, FakeSecretsManager } from '../support/fake-secrets-manager';

const ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:Twilio-a1b2c3';
const OTHER = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:OpenAi-d4e5f6';
const REQUEST: AgeRequest = { dimension: 'SecretArn', secretArns: [ARN, OTHER] };
const DAY = 24 * 60 * 60 * 1000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY);

let aws: FakeAws;
let secretsManager: FakeSecretsManager;
let written: string[];

beforeAll(async () => {
  process.env.AWS_LAMBDA_FUNCTION_NAME = 'measure-age';
  aws = new FakeAws();
  secretsManager = new FakeSecretsManager(aws);
  await aws.start();
});
afterAll(() => aws.stop());
beforeEach(() => {
  aws.requests.length = 0;
  written = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => Boolean(written.push(String(line))));
  secretsManager.add(new FakeSecret(ARN, 'value', daysAgo(10)));
  secretsManager.add(new FakeSecret(OTHER, 'value', daysAgo(100)));
});
afterEach(() => jest.restoreAllMocks());

const ages = () =>
  Object.fromEntries(
    written.map((line) => JSON.parse(line)).map((metric) => [metric.SecretArn, Math.round(metric.AgeInDays)]),
  );

describe('the handler', () => {
  test('publishes one metric for each secret, one per line', async () => {
    await handler(REQUEST);
    expect(ages()).toEqual({ [ARN]: 10, [OTHER]: 100 });
    expect(written.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true);
  });

  test('publishes the ages of all secrets as one metric of the function', async () => {
    await handler({ ...REQUEST, dimension: 'FunctionName' });
    expect(ages()).toEqual({ [ARN]: 10, [OTHER]: 100 });
    const measured = written.map((line) => JSON.parse(line))
      .map(({ _aws, FunctionName }) => [FunctionName, _aws.CloudWatchMetrics[0].Dimensions]);
    expect(measured).toEqual(Array(2).fill(['measure-age', [['FunctionName']]]));
  });

  test('measures the age of the current value, not of the secret', async () => {
    const secret = secretsManager.add(new FakeSecret(ARN, 'not-entered-yet', daysAgo(300)));
    secret.versions.set('entered', { value: 'key', stages: new Set(), createdAt: daysAgo(3) });
    secret.label('AWSCURRENT', 'entered');
    await handler(REQUEST);
    expect(ages()[ARN]).toBe(3);
  });

  test('reports a placeholder until a second value exists, with a message', async () => {
    const entered = secretsManager.add(new FakeSecret(OTHER, 'not-entered-yet', daysAgo(300)));
    entered.versions.set('entered', { value: 'key', stages: new Set(), createdAt: daysAgo(3) });
    entered.label('AWSCURRENT', 'entered');
    await handler({ ...REQUEST, placeholders: true });
    const lines = written.map((line) => JSON.parse(line));
    const reported = lines.map((line) => [line.SecretArn, line.ContainsPlaceholder, line.message]);
    expect(reported).toEqual([
      [ARN, 1, 'The secret contains its placeholder. Enter its value with put-secret-value, and redeploy the services '
        + 'that read it.'],
      [OTHER, 0, undefined],
    ]);
    const names = lines[0]._aws.CloudWatchMetrics[0].Metrics.map(({ Name }: { Name: string }) => Name);
    expect(names).toEqual(['AgeInDays', 'ContainsPlaceholder']);
  });

  test('searches all pages for the current value', async () => {
    const secret = secretsManager.add(new FakeSecret(ARN, 'value', daysAgo(20)));
    for (const id of ['one', 'two']) {
      secret.versions.set(id, { value: id, stages: new Set([id]), createdAt: daysAgo(1) });
    }
    await handler(REQUEST);
    expect(ages()[ARN]).toBe(20);
    expect(aws.calls('ListSecretVersionIds')).toHaveLength(4);
  });

  test('requests only the list of versions', async () => {
    await handler(REQUEST);
    expect(new Set(aws.requests.map(({ operation }) => operation))).toEqual(new Set(['ListSecretVersionIds']));
  });

  test('measures the other secrets if one fails, and then fails', async () => {
    aws.failNext('ListSecretVersionIds', new FakeAwsError('AccessDeniedException', 'not authorized'));
    await expect(handler(REQUEST)).rejects.toThrow('not authorized');
    expect(written).toHaveLength(1);
  });

  test('fails for a secret without a current value', async () => {
    secretsManager.add(new FakeSecret(ARN, 'value')).versions.clear();
    await expect(handler(REQUEST)).rejects.toThrow(`${ARN} has no current value`);
    expect(ages()).toEqual({ [OTHER]: 100 });
  });

  test('retries after throttling', async () => {
    aws.failNext('ListSecretVersionIds', new FakeAwsError('ThrottlingException', 'Rate exceeded'));
    await handler(REQUEST);
    expect(written).toHaveLength(2);
  });
});

describe('the age of a value', () => {
  const now = new Date('2026-03-01T12:00:00Z');

  test('is a number of days with fractions', () => {
    expect(ageInDays([{ VersionStages: ['AWSCURRENT'], CreatedDate: new Date('2026-02-28T00:00:00Z') }], now)).toBe(
      1.5,
    );
  });

  test.each([
    ['no version', []],
    ['no current version', [{ VersionStages: ['AWSPREVIOUS'], CreatedDate: now }]],
    ['a version without labels', [{ CreatedDate: now }]],
  ])('is unknown with %s', (_, versions) => {
    expect(ageInDays(versions, now)).toBeUndefined();
  });
});

describe('the log line is a metric in the embedded metric format', () => {
  test.each(['SecretArn', 'FunctionName'] as const)('by %s', (dimension) => {
    const measured = { SecretArn: ARN, FunctionName: 'measure-age' };
    const line = embeddedMetric(measured, dimension, { AgeInDays: 1.5 }, new Date('2026-03-01T12:00:00Z'));
    expect(JSON.parse(line)).toEqual({
      _aws: {
        Timestamp: 1772366400000,
        CloudWatchMetrics: [
          { Namespace: 'CdkHipaa/Secrets', Dimensions: [[dimension]], Metrics: [{ Name: 'AgeInDays' }] },
        ],
      },
      SecretArn: ARN,
      FunctionName: 'measure-age',
      AgeInDays: 1.5,
    });
  });
});
