import { BatchResult, handler } from '../../../src/service/roller/roll-service.lambda';
import { FakeAws, FakeAwsError } from '../../support/fake-aws';
import { FakeEcsService } from '../../support/fake-ecs';
import { FakeSecret, FakeSecretsManager } from '../../support/fake-secrets-manager';

const SERVICE = 'arn:aws:ecs:us-east-1:111122223333:service/clinic/api';
const CLUSTER = 'arn:aws:ecs:us-east-1:111122223333:cluster/clinic';
const arnOf = (name: string) => `arn:aws:secretsmanager:us-east-1:111122223333:secret:${name}-a1b2c3`;
const [PASSWORD, TOKEN, SESSION, FIELDS, FOREIGN] = ['rds!cluster', 'Token', 'Session', 'Fields', 'Foreign'].map(arnOf);
/** A Wednesday. The window of the requests is on Sundays. */
const DEPLOYED = new Date('2026-03-04T12:00:00.000Z');
const WINDOW = 'sun:05:00-sun:07:00';
const SUNDAY = new Date('2026-03-08T05:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const after = (time: Date, milliseconds: number) => new Date(time.getTime() + milliseconds);
const at = (milliseconds: number) => after(DEPLOYED, milliseconds);

let aws: FakeAws;
let service: FakeEcsService;
let secretsManager: FakeSecretsManager;
let secrets: Record<string, FakeSecret>;
let log: jest.SpyInstance;
let metrics: Array<{ Service: string; RollFailed: number }>;

beforeAll(async () => {
  aws = new FakeAws();
  secretsManager = new FakeSecretsManager(aws);
  await aws.start();
});
afterAll(() => aws.stop());
beforeEach(() => {
  jest.useFakeTimers({
    now: at(HOUR),
    doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout', 'setInterval',
      'clearInterval', 'queueMicrotask', 'performance', 'hrtime'],
  });
  log = jest.spyOn(console, 'log').mockImplementation();
  jest.spyOn(console, 'error').mockImplementation();
  metrics = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => metrics.push(JSON.parse(String(line))) > 0);
  aws.requests.length = 0;
  aws.calm();
  service = new FakeEcsService(aws, SERVICE, DEPLOYED);
  secrets = Object.fromEntries([PASSWORD, TOKEN, SESSION, FIELDS, FOREIGN].map((arn) =>
    [arn, secretsManager.add(new FakeSecret(arn, 'value', at(-90 * DAY)))]));
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const request = { cluster: CLUSTER, service: SERVICE, breaking: [PASSWORD, TOKEN], overlapping: [SESSION, FIELDS] };
const batchOf = (...bodies: object[]) => ({
  Records: bodies.map((body, index) => ({ messageId: `m${index}`, body: JSON.stringify({ window: WINDOW, ...body }) })),
});
const check = (): Promise<BatchResult> => handler(batchOf({ ...request, event: 'e1' }));
const checkAt = (now: Date) => {
  jest.setSystemTime(now);
  return check();
};
const rolls = () => aws.calls('UpdateService').length;
const failed = () => metrics.at(-1)?.RollFailed;

/** Rotates a secret as Secrets Manager does. The version can be created earlier, if steps failed at first. */
function rotate(arn: string, time: Date, nextRotation = after(time, 30 * DAY), createdAt = time) {
  const secret = secrets[arn];
  const versionId = `version-${secret.versions.size}`;
  secret.versions.set(versionId, { value: versionId, stages: new Set(), createdAt });
  secret.label('AWSCURRENT', versionId);
  secret.lastRotatedAt = time;
  secret.nextRotationAt = nextRotation;
}

describe('the rotation of a secret whose previous value stops working', () => {
  test('after the deployment forces one deployment of exactly this service', async () => {
    rotate(PASSWORD, at(1));
    expect(await check()).toEqual({ batchItemFailures: [] });
    expect(aws.calls('UpdateService')).toEqual([{ cluster: CLUSTER, service: SERVICE, forceNewDeployment: true }]);
    expect(service.deployments).toHaveLength(2);
  });

  test.each([
    ['before the deployment', -1],
    ['at the time of the deployment, whose tasks start later,', 0],
  ])('%s forces no deployment', async (_, milliseconds) => {
    rotate(PASSWORD, at(milliseconds));
    await check();
    expect(rolls()).toBe(0);
  });

  test('that never happened forces no deployment', async () => {
    await check();
    expect(rolls()).toBe(0);
  });

  test('that the service does not use forces no deployment', async () => {
    rotate(FOREIGN, at(1));
    await check();
    expect(rolls()).toBe(0);
    expect(aws.calls('DescribeSecret').map(({ SecretId }) => SecretId)).not.toContain(FOREIGN);
  });

  test('of any of the secrets forces a deployment', async () => {
    rotate(PASSWORD, at(-1000));
    rotate(TOKEN, at(1000));
    await check();
    expect(rolls()).toBe(1);
  });
});

describe('several requests', () => {
  test('of a burst of rotations force one deployment', async () => {
    [PASSWORD, TOKEN, SESSION, FIELDS].forEach((arn, index) => rotate(arn, at(1000 * (index + 1))));
    await handler(batchOf(...Array.from({ length: 8 }, (_, index) => ({ ...request, event: `e${index}` }))));
    await check();
    service.succeed();
    await check();
    expect(rolls()).toBe(1);
  });

  test('with the same settings are one check', async () => {
    await handler(batchOf({ ...request, event: 'e1' }, { ...request, event: 'e2' }));
    expect(aws.calls('DescribeServices')).toHaveLength(1);
  });

  test('after a later rotation force another deployment', async () => {
    rotate(PASSWORD, at(1));
    await check();
    service.succeed();
    rotate(PASSWORD, at(2 * HOUR));
    await checkAt(at(3 * HOUR));
    expect(rolls()).toBe(2);
  });

  test('force no deployment if another caller deployed after the rotation', async () => {
    rotate(PASSWORD, at(1));
    service.startDeployment(at(2));
    service.succeed();
    await check();
    expect(rolls()).toBe(0);
  });

  test('after a lost response force no second deployment', async () => {
    rotate(PASSWORD, at(1));
    aws.loseAnswerOfNext('UpdateService', new FakeAwsError('ClientException', 'the connection broke'));
    expect(await check()).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    await check();
    expect(rolls()).toBe(1);
    expect(service.deployments).toHaveLength(2);
  });

  test('of two services fail separately', async () => {
    rotate(PASSWORD, at(1));
    const other = { ...request, breaking: [arnOf('Deleted')], overlapping: [] };
    expect(await handler(batchOf({ ...other, event: 'e1' }, request, { ...other, event: 'e2' })))
      .toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm2' }] });
    expect(rolls()).toBe(1);
  });
});

describe('while a deployment is in progress', () => {
  test('that began before the rotation, the roll waits, and is not lost', async () => {
    service.startDeployment(at(1));
    rotate(PASSWORD, at(2));
    await check();
    expect(rolls()).toBe(0);
    service.succeed();
    await check();
    expect(rolls()).toBe(1);
  });

  test('that began before the rotation and fails, the roll follows', async () => {
    service.startDeployment(at(1));
    rotate(PASSWORD, at(2));
    await check();
    service.fail();
    await check();
    expect(rolls()).toBe(1);
  });

  test('that began after the rotation, nothing is forced, and the metric has no value', async () => {
    rotate(PASSWORD, at(1));
    service.startDeployment(at(2));
    await check();
    expect(metrics).toEqual([]);
    service.succeed();
    await check();
    expect(rolls()).toBe(0);
  });

  test.each(['PENDING', 'STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'])(
    'in the state %s, the roll waits', async (status) => {
      rotate(PASSWORD, at(1));
      service.history.push({ status, createdAt: at(2) });
      await check();
      expect(rolls()).toBe(0);
    });

  test('for more than three hours, the metric reports old values', async () => {
    service.startDeployment(at(1));
    rotate(PASSWORD, at(2));
    await checkAt(at(2 * HOUR));
    expect(failed()).toBe(0);
    await checkAt(at(4 * HOUR));
    expect(failed()).toBe(1);
  });
});

describe('a deployment that began after the rotation and failed', () => {
  beforeEach(async () => {
    rotate(PASSWORD, at(1));
    await check();
    expect(rolls()).toBe(1);
  });

  test.each(['ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED', 'STOPPED'])(
    '%s stops the roller, and the metric stays at 1', async (status) => {
      service.fail(status);
      for (let hour = 2; hour < 30; hour++) {
        await checkAt(at(hour * HOUR));
        expect(failed()).toBe(1);
      }
      expect(rolls()).toBe(1);
      expect(metrics.at(-1)).toMatchObject({
        _aws: {
          CloudWatchMetrics: [
            { Namespace: 'CdkHipaa/Services', Dimensions: [['Service']], Metrics: [{ Name: 'RollFailed' }] },
          ],
        },
        Service: SERVICE,
      });
    });

  test('stops the roller also if the history has several pages', async () => {
    service.fail();
    service.history.unshift(...[1, 2, 3].map((minutes) => ({ status: 'STOPPED', createdAt: at(-minutes * MINUTE) })));
    rotate(TOKEN, at(-HOUR));
    await check();
    expect([rolls(), failed()]).toEqual([1, 1]);
  });

  test('stops the roller also if the rollback is a newer deployment', async () => {
    service.fail();
    service.deployments = [{ status: 'PRIMARY', createdAt: at(2 * HOUR), rolloutState: 'COMPLETED' }];
    await checkAt(at(3 * HOUR));
    expect([rolls(), failed()]).toEqual([1, 1]);
  });

  test('is over after a newer deployment that succeeds', async () => {
    service.fail();
    await check();
    service.startDeployment(at(2 * HOUR));
    await checkAt(at(2 * HOUR));
    expect(failed()).toBe(1);
    service.succeed();
    await checkAt(at(3 * HOUR));
    expect([rolls(), failed()]).toEqual([1, 0]);
  });

  test('is over after a newer rotation, which forces another deployment', async () => {
    service.fail();
    rotate(PASSWORD, at(2 * HOUR));
    await checkAt(at(3 * HOUR));
    expect([rolls(), failed()]).toEqual([2, 0]);
    service.succeed();
    await checkAt(at(4 * HOUR));
    expect([rolls(), failed()]).toEqual([2, 0]);
  });

  test('before the rotation does not count', async () => {
    service.succeed();
    service.startDeployment(at(2 * HOUR));
    service.fail();
    rotate(PASSWORD, at(3 * HOUR));
    await checkAt(at(4 * HOUR));
    expect([rolls(), failed()]).toEqual([2, 0]);
  });
});

describe('the rotation of a secret whose previous value remains valid', () => {
  test('waits for the maintenance window', async () => {
    rotate(SESSION, at(1));
    await checkAt(after(SUNDAY, -1));
    expect(rolls()).toBe(0);
    expect(log).toHaveBeenLastCalledWith(JSON.stringify({
      service: SERVICE,
      roll: false,
      because: 'the previous value remains valid until the maintenance window that starts at 2026-03-08T05:00:00.000Z',
    }));
    await checkAt(SUNDAY);
    expect(rolls()).toBe(1);
  });

  test('keeps the metric at 1 after the window if its deployment failed, until another one succeeds', async () => {
    rotate(SESSION, at(1));
    await checkAt(SUNDAY);
    service.fail();
    for (const hours of [1, 3, 30, 100]) {
      await checkAt(after(SUNDAY, hours * HOUR));
      expect([rolls(), failed()]).toEqual([1, 1]);
    }
    service.startDeployment(after(SUNDAY, 101 * HOUR));
    await checkAt(after(SUNDAY, 101 * HOUR));
    expect(failed()).toBe(1);
    service.succeed();
    await checkAt(after(SUNDAY, 102 * HOUR));
    expect([rolls(), failed()]).toEqual([1, 0]);
  });

  test('rolls again after the failed deployment of an earlier rotation', async () => {
    rotate(SESSION, at(1));
    await checkAt(SUNDAY);
    service.fail();
    rotate(SESSION, after(SUNDAY, DAY));
    await checkAt(after(SUNDAY, DAY));
    expect([rolls(), failed()]).toEqual([2, 0]);
  });

  test('is included in a deployment that cannot wait', async () => {
    rotate(SESSION, at(1));
    rotate(PASSWORD, at(2));
    await check();
    service.succeed();
    await checkAt(SUNDAY);
    expect(rolls()).toBe(1);
  });

  test('does not wait if the next rotation can come before the next window', async () => {
    rotate(SESSION, at(1), after(SUNDAY, DAY));
    await check();
    expect(rolls()).toBe(1);
  });

  test('waits if the next rotation comes later than a day after the start of the next window', async () => {
    rotate(SESSION, at(1), after(SUNDAY, DAY + MINUTE));
    await check();
    expect(rolls()).toBe(0);
  });

  test('waits if no further rotation is planned', async () => {
    rotate(SESSION, at(1));
    secrets[SESSION].nextRotationAt = undefined;
    await check();
    expect(rolls()).toBe(0);
  });

  test('does not wait after a second rotation, because the value in use is older than the previous one', async () => {
    rotate(SESSION, at(1));
    await check();
    rotate(SESSION, at(2));
    await check();
    expect(rolls()).toBe(1);
  });

  test('does not wait if its version is older than the deployment: the rotation failed at first', async () => {
    rotate(SESSION, at(1), undefined, at(-DAY));
    await check();
    expect(rolls()).toBe(1);
  });

  test('does not wait after two rotations since the deployment, of which the first one had failed before', async () => {
    rotate(SESSION, at(1), undefined, at(-DAY));
    rotate(SESSION, at(5 * MINUTE));
    await check();
    expect(rolls()).toBe(1);
  });

  test('waits after the first rotation of a new secret', async () => {
    secrets[SESSION] = secretsManager.add(new FakeSecret(SESSION, 'value', at(-HOUR)));
    rotate(SESSION, at(1));
    await check();
    expect(rolls()).toBe(0);
  });

  test('waits in the window for secrets that rotate before its end, so that one deployment serves all', async () => {
    const end = after(SUNDAY, HOUR);
    secrets[FIELDS].nextRotationAt = end;
    rotate(SESSION, after(SUNDAY, 10 * MINUTE));
    await checkAt(after(SUNDAY, 15 * MINUTE));
    expect(rolls()).toBe(0);
    rotate(FIELDS, after(SUNDAY, 40 * MINUTE));
    await checkAt(after(SUNDAY, 45 * MINUTE));
    expect(rolls()).toBe(1);
  });

  test('waits in the window no longer than until its last check', async () => {
    secrets[FIELDS].nextRotationAt = after(SUNDAY, 2 * HOUR);
    rotate(SESSION, at(1));
    await checkAt(after(SUNDAY, 104 * MINUTE));
    expect(rolls()).toBe(0);
    await checkAt(after(SUNDAY, 105 * MINUTE));
    expect(rolls()).toBe(1);
  });

  test('does not wait in the window for a rotation that is overdue', async () => {
    secrets[FIELDS].nextRotationAt = after(SUNDAY, -MINUTE);
    rotate(SESSION, at(1));
    await checkAt(SUNDAY);
    expect(rolls()).toBe(1);
  });

  test('starts the stopped roller again in the window', async () => {
    rotate(PASSWORD, at(1));
    await check();
    service.fail();
    rotate(SESSION, at(2 * HOUR));
    await checkAt(at(3 * HOUR));
    expect([rolls(), failed()]).toEqual([1, 1]);
    await checkAt(SUNDAY);
    expect([rolls(), failed()]).toEqual([2, 0]);
  });
});

describe('a service that cannot be restarted', () => {
  beforeEach(() => rotate(PASSWORD, at(1)));

  test.each([
    ['scaled to zero', () => (service.desiredCount = 0),
      'the service is scaled to zero, and the next task reads the new values'],
    ['draining', () => (service.status = 'DRAINING'), 'the service is DRAINING'],
    ['inactive', () => (service.status = 'INACTIVE'), 'the service is INACTIVE'],
    ['deleted', () => (service.exists = false), 'the service does not exist'],
  ])('is not restarted if it is %s, and the log contains the reason', async (_, arrange, because) => {
    arrange();
    await check();
    expect([rolls(), failed()]).toEqual([0, 0]);
    expect(log).toHaveBeenCalledWith(JSON.stringify({ service: SERVICE, roll: false, because }));
  });

  test('is not restarted if it is deleted between the read and the call', async () => {
    aws.failNext('UpdateService', new FakeAwsError('ServiceNotActiveException', 'Service was not ACTIVE.'));
    expect(await check()).toEqual({ batchItemFailures: [] });
    expect(service.deployments).toHaveLength(1);
  });

  test('causes an error if it does not use rolling deployments', async () => {
    service.deployments = [];
    expect((await check()).batchItemFailures).toHaveLength(1);
    expect(console.error).toHaveBeenCalledWith({
      service: SERVICE,
      error: new Error('the service has no primary deployment: it must use rolling deployments'),
    });
  });
});

describe('error handling', () => {
  test('retries throttled calls', async () => {
    rotate(PASSWORD, at(1));
    for (const operation of ['DescribeServices', 'ListServiceDeployments', 'UpdateService']) {
      aws.failNext(operation, new FakeAwsError('ThrottlingException', 'Rate exceeded'));
    }
    expect(await check()).toEqual({ batchItemFailures: [] });
    expect(service.deployments).toHaveLength(2);
  });

  test.each(['DescribeServices', 'ListServiceDeployments', 'UpdateService', 'DescribeSecret'])(
    'repeats the request if %s is denied', async (operation) => {
      rotate(PASSWORD, at(1));
      aws.failNext(operation, new FakeAwsError('AccessDeniedException', `not authorized to perform: ${operation}`));
      expect((await check()).batchItemFailures).toHaveLength(1);
    });

  test('restarts the service for another secret if one secret cannot be described', async () => {
    rotate(TOKEN, at(1));
    aws.failNext('DescribeSecret', new FakeAwsError('AccessDeniedException', 'not authorized'));
    await check();
    expect(rolls()).toBe(1);
  });

  test('repeats a request whose window is not a window', async () => {
    expect((await handler(batchOf({ ...request, window: 'sunday' }))).batchItemFailures).toHaveLength(1);
    expect(console.error).toHaveBeenCalledWith({
      service: SERVICE, error: new Error("maintenanceWindow must be a UTC window, got 'sunday'"),
    });
  });
});

test('the function never reads the value of a secret', async () => {
  rotate(PASSWORD, at(1));
  rotate(SESSION, at(1));
  await check();
  expect(new Set(aws.requests.map(({ operation }) => operation))).toEqual(new Set([
    'DescribeSecret', 'DescribeServices', 'ListSecretVersionIds', 'ListServiceDeployments', 'UpdateService',
  ]));
});

test('the log contains the times of the rotation and the deployment', async () => {
  rotate(PASSWORD, at(MINUTE));
  await check();
  expect(log).toHaveBeenCalledWith(JSON.stringify({
    service: SERVICE,
    roll: true,
    because: 'a secret was rotated at 2026-03-04T12:01:00.000Z, after the deployment of 2026-03-04T12:00:00.000Z',
  }));
});
