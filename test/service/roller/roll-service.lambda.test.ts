import { handler } from '../../../src/service/roller/roll-service.lambda';
import { FakeAws, FakeAwsError } from '../../support/fake-aws';
import { FakeEcsService } from '../../support/fake-ecs';
import { FakeSecret, FakeSecretsManager } from '../../support/fake-secrets-manager';

const SERVICE = 'arn:aws:ecs:us-east-1:111122223333:service/clinic/api';
const CLUSTER = 'arn:aws:ecs:us-east-1:111122223333:cluster/clinic';
const FIRST = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:Session-a1b2c3';
const SECOND = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:rds!cluster-d4e5f6';
const DEPLOYED = new Date('2026-03-01T12:00:00.000Z');
const at = (milliseconds: number) => new Date(DEPLOYED.getTime() + milliseconds);

let aws: FakeAws;
let service: FakeEcsService;
let secrets: FakeSecret[];
let secretsManager: FakeSecretsManager;
let log: jest.SpyInstance;

beforeAll(async () => {
  Object.assign(process.env, { CLUSTER, SERVICE, SECRET_ARNS: JSON.stringify([FIRST, SECOND]) });
  aws = new FakeAws();
  secretsManager = new FakeSecretsManager(aws);
  await aws.start();
});
afterAll(() => aws.stop());
beforeEach(() => {
  log = jest.spyOn(console, 'log').mockImplementation();
  aws.requests.length = 0;
  service = new FakeEcsService(aws, SERVICE, DEPLOYED);
  secrets = [FIRST, SECOND].map((arn) => secretsManager.add(new FakeSecret(arn, 'value')));
});

const rolls = () => aws.calls('UpdateService').length;

describe('a rotation', () => {
  test('after the deployment forces one deployment of exactly this service', async () => {
    secrets[0].lastRotatedAt = at(1);
    await handler();
    expect(aws.calls('UpdateService')).toEqual([{ cluster: CLUSTER, service: SERVICE, forceNewDeployment: true }]);
    expect(service.deployments).toHaveLength(2);
  });

  test.each([
    ['before the deployment', -1],
    ['at the time of the deployment, whose tasks start later,', 0],
  ])('%s forces no deployment', async (_, milliseconds) => {
    secrets[0].lastRotatedAt = at(milliseconds);
    await handler();
    expect(rolls()).toBe(0);
  });

  test('that never happened forces no deployment', async () => {
    await handler();
    expect(rolls()).toBe(0);
  });

  test('of any of the secrets forces a deployment', async () => {
    secrets[0].lastRotatedAt = at(-1000);
    secrets[1].lastRotatedAt = at(1000);
    await handler();
    expect(rolls()).toBe(1);
  });

  test('of both secrets forces one deployment', async () => {
    secrets[0].lastRotatedAt = at(1000);
    secrets[1].lastRotatedAt = at(2000);
    await handler();
    expect(rolls()).toBe(1);
  });
});

describe('a repeated request', () => {
  test('forces one deployment', async () => {
    secrets[0].lastRotatedAt = at(1);
    for (let i = 0; i < 5; i++) await handler();
    expect(rolls()).toBe(1);
  });

  test('after a later rotation forces another deployment', async () => {
    secrets[0].lastRotatedAt = at(1);
    await handler();
    secrets[0].lastRotatedAt = new Date(Date.now() + 1000);
    await handler();
    expect(rolls()).toBe(2);
  });

  test('forces no deployment if another caller deployed after the rotation', async () => {
    secrets[0].lastRotatedAt = at(1);
    service.deployments = [{ status: 'ACTIVE', createdAt: DEPLOYED }, { status: 'PRIMARY', createdAt: at(2) }];
    await handler();
    expect(rolls()).toBe(0);
  });

  test('after a lost response forces no second deployment', async () => {
    secrets[0].lastRotatedAt = at(1);
    aws.loseAnswerOfNext('UpdateService', new FakeAwsError('ClientException', 'the connection broke'));
    await expect(handler()).rejects.toThrow('the connection broke');
    await handler();
    expect(rolls()).toBe(1);
    expect(service.deployments).toHaveLength(2);
  });
});

describe('a service that cannot be restarted', () => {
  beforeEach(() => {
    secrets[0].lastRotatedAt = at(1);
  });

  test.each([
    [
      'scaled to zero',
      () => {
        service.desiredCount = 0;
      },
      'the service is scaled to zero, and the next task reads the new values',
    ],
    [
      'draining',
      () => {
        service.status = 'DRAINING';
      },
      'the service is DRAINING',
    ],
    [
      'inactive',
      () => {
        service.status = 'INACTIVE';
      },
      'the service is INACTIVE',
    ],
    [
      'deleted',
      () => {
        service.exists = false;
      },
      'the service does not exist',
    ],
  ])('is not restarted if it is %s, and the log contains the reason', async (_, arrange, because) => {
    arrange();
    await handler();
    expect(rolls()).toBe(0);
    expect(log).toHaveBeenCalledWith(JSON.stringify({ roll: false, because }));
  });

  test('is not restarted if it is deleted between the read and the call', async () => {
    aws.failNext('UpdateService', new FakeAwsError('ServiceNotActiveException', 'Service was not ACTIVE.'));
    await handler();
    expect(service.deployments).toHaveLength(1);
  });

  test('causes an error if it does not use rolling deployments', async () => {
    service.deployments = [];
    await expect(handler()).rejects.toThrow('the service has no primary deployment: it must use rolling deployments');
  });
});

describe('error handling', () => {
  test('retries throttled calls', async () => {
    secrets[0].lastRotatedAt = at(1);
    aws.failNext('DescribeServices', new FakeAwsError('ThrottlingException', 'Rate exceeded'));
    aws.failNext('UpdateService', new FakeAwsError('ThrottlingException', 'Rate exceeded'));
    await handler();
    expect(service.deployments).toHaveLength(2);
  });

  test('restarts the service for another secret if one secret cannot be described, and then fails', async () => {
    secrets[1].lastRotatedAt = at(1);
    aws.failNext(
      'DescribeSecret',
      new FakeAwsError('AccessDeniedException', 'not authorized to perform: secretsmanager:DescribeSecret'),
    );
    await expect(handler()).rejects.toThrow('not authorized to perform: secretsmanager:DescribeSecret');
    expect(rolls()).toBe(1);
  });

  test('fails if the deployment is denied, so that the queue retries', async () => {
    secrets[0].lastRotatedAt = at(1);
    aws.failNext(
      'UpdateService',
      new FakeAwsError('AccessDeniedException', 'not authorized to perform: ecs:UpdateService'),
    );
    await expect(handler()).rejects.toThrow('not authorized to perform: ecs:UpdateService');
  });
});

test('the function never reads the value of a secret', async () => {
  secrets[0].lastRotatedAt = at(1);
  await handler();
  expect(new Set(aws.requests.map(({ operation }) => operation))).toEqual(
    new Set(['DescribeSecret', 'DescribeServices', 'UpdateService']),
  );
});

test('the log contains the times of the rotation and the deployment', async () => {
  secrets[0].lastRotatedAt = at(60_000);
  await handler();
  expect(log).toHaveBeenCalledWith(JSON.stringify({
    roll: true,
    because: 'a secret was rotated at 2026-03-01T12:01:00.000Z, after the deployment of 2026-03-01T12:00:00.000Z',
  }));
});
