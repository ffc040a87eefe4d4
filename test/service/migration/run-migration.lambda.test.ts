import { handler } from '../../../src/service/migration/run-migration.lambda';
import { FakeEcsTasks } from '../../support/fake-ecs-tasks';
import { ACCOUNT, Answer, Asked, askHandler, invoke, pointSdkAt, REGION } from '../../support/fake-service';

jest.mock('timers/promises', () => jest.requireActual('../../support/short-pauses'));

type Properties = Parameters<typeof handler>[0]['ResourceProperties'];

const PROPERTIES: Properties = {
  Cluster: `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/clinic`,
  TaskDefinition: `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/Migration:7`,
  Container: 'app',
  Subnets: ['subnet-1', 'subnet-2'],
  SecurityGroup: 'sg-1',
  LogGroup: 'MigrationLog',
  TimeoutSeconds: '600',
};
const TASK = `arn:aws:ecs:${REGION}:${ACCOUNT}:task/clinic/task1`;
const LOG = 'Read the log stream migration/app/task1 of the log group MigrationLog';
const ended = (exitCode: number | undefined, reason?: string) => ({
  stoppedReason: exitCode === undefined ? 'Task failed to start' : 'Essential container in task exited',
  // The agent of GuardDuty, which AWS adds to tasks, is not the program.
  containers: [{ name: 'aws-guardduty-agent', exitCode: 143 }, { name: 'app', exitCode, reason }],
});

let ecs: FakeEcsTasks;
let logs: jest.SpyInstance[];

beforeEach(async () => {
  ecs = new FakeEcsTasks();
  ecs.end = ended(0);
  await ecs.start();
  pointSdkAt(ecs.url);
  logs = [jest.spyOn(console, 'error').mockImplementation(), jest.spyOn(console, 'log').mockImplementation()];
});

afterEach(async () => {
  logs.forEach((log) => log.mockRestore());
  await ecs.stop();
});

const ask = (type: 'Create' | 'Update' | 'Delete' = 'Create', asked?: Asked<Properties>): Promise<Answer> =>
  askHandler(handler, ecs, type, PROPERTIES, asked);

describe('a deployment', () => {
  test.each(['Create', 'Update'] as const)('%s runs one task in the network of the service, and waits for it', async (
    type,
  ) => {
    ecs.looks = 2;
    expect(await ask(type)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'migration/Switch' });
    expect(ecs.calls).toEqual(['DescribeStacks', 'RunTask', 'DescribeTasks', 'DescribeTasks', 'answer']);
    expect(ecs.inputs[0]).toEqual({
      cluster: PROPERTIES.Cluster,
      taskDefinition: PROPERTIES.TaskDefinition,
      launchType: 'FARGATE',
      count: 1,
      clientToken: 'request',
      startedBy: 'cloudformation/Switch',
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'], assignPublicIp: 'DISABLED',
        },
      },
    });
    expect(ecs.inputs[1]).toEqual({ cluster: PROPERTIES.Cluster, tasks: [TASK] });
  });

  test('keeps the physical ID, so that CloudFormation deletes nothing after an update', async () => {
    expect(await ask('Update', { PhysicalResourceId: 'migration/Old' }))
      .toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'migration/Old' });
  });

  test('fails when the command fails, and names the task, the exit code and the log', async () => {
    ecs.end = ended(1);
    expect(await ask()).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: 'migration/Switch',
      Reason: `The migration failed with exit code 1 (Essential container in task exited); task ${TASK}. ${LOG}`,
    });
  });

  test('fails when the task cannot start, with the reasons of ECS', async () => {
    ecs.end = ended(undefined, 'CannotPullContainerError: image not found');
    expect((await ask()).Reason).toBe('The migration did not start (Task failed to start: CannotPullContainerError: '
      + `image not found); task ${TASK}. ${LOG}`);
  });

  test('fails when the program was killed, with the reason of its container', async () => {
    ecs.end = ended(137, 'OutOfMemoryError: Container killed due to memory usage');
    expect((await ask()).Reason)
      .toContain('failed with exit code 137 (Essential container in task exited: OutOfMemoryError');
  });

  test('fails when ECS describes no container and no reason', async () => {
    ecs.end = { stoppedReason: '', containers: [] };
    expect((await ask()).Reason).toBe(`The migration did not start (ECS named no reason); task ${TASK}. ${LOG}`);
  });

  test('shortens the reasons of ECS, so that the answer names the log', async () => {
    ecs.end = ended(1, 'x'.repeat(2_000));
    const { Reason } = await ask();
    expect(Reason.length).toBeLessThan(600);
    expect(Reason.endsWith(LOG)).toBe(true);
  });

  test.each([
    [[{ reason: 'RESOURCE:ENI', detail: 'no address is left' }], 'RESOURCE:ENI: no address is left'],
    [[{ reason: 'Capacity is unavailable at this time' }], 'Capacity is unavailable at this time'],
  ])('fails when ECS has no capacity: %j', async (refusals, reason) => {
    ecs.refusals = refusals;
    expect(await ask()).toMatchObject({ Status: 'FAILED', Reason: `ECS started no task: ${reason}` });
    expect(ecs.calls).toEqual(['DescribeStacks', 'RunTask', 'answer']);
  });

  test('fails on any other error of ECS, with its message', async () => {
    ecs.faults.push({ call: 'RunTask', status: 400, code: 'InvalidParameterException: the subnet is unknown' });
    expect(await ask()).toMatchObject({ Status: 'FAILED', Reason: 'the subnet is unknown' });
  });

  test('logs the task and no other property', async () => {
    await ask();
    expect((console.log as jest.Mock).mock.calls.flat()).toEqual([
      JSON.stringify({ task: TASK }), JSON.stringify({ task: TASK, exitCode: 0 }),
    ]);
  });
});

describe('the time limit', () => {
  test('stops the task and fails', async () => {
    ecs.end = undefined;
    expect(await ask('Create', { properties: { TimeoutSeconds: '1' } })).toMatchObject({
      Status: 'FAILED',
      Reason: `The migration did not end within its timeout of 1 seconds and was stopped; task ${TASK}. ${LOG}`,
    });
    expect(ecs.changes).toEqual(['RunTask', 'StopTask']);
    expect(ecs.inputs.at(-1)).toEqual({
      cluster: PROPERTIES.Cluster,
      task: TASK,
      reason: 'The migration did not end within its timeout of 1 seconds',
    });
  });

  test('fails too if the task cannot be stopped', async () => {
    ecs.end = undefined;
    ecs.faults.push({ call: 'StopTask', status: 400, code: 'InvalidParameterException: no' });
    expect((await ask('Create', { properties: { TimeoutSeconds: '1' } })).Reason)
      .toContain('and could not be stopped (InvalidParameterException); task');
  });

  test('does not stop a task that ends at the last look', async () => {
    expect(await ask('Create', { properties: { TimeoutSeconds: '1' } })).toMatchObject({ Status: 'SUCCESS' });
    expect(ecs.changes).toEqual(['RunTask']);
  });

  test('leaves the function enough time to stop the task and to answer', async () => {
    ecs.end = undefined;
    // The handler reserves 15 seconds for the call that stops the task.
    expect(await ask('Create', { time: 16_000 })).toMatchObject({ Status: 'FAILED' });
    expect(ecs.changes).toEqual(['RunTask', 'StopTask']);
  });

  test('is answered with the task when the time of the function ends', async () => {
    ecs.end = undefined;
    ecs.faults.push({ call: 'StopTask', how: 'hang' });
    expect((await ask('Create', { time: 1_000 })).Reason)
      .toBe(`not finished within the time of the function; task ${TASK}. ${LOG}`);
  });

  test('is answered without a task when none was started', async () => {
    ecs.faults.push({ call: 'DescribeStacks', how: 'hang' });
    expect((await ask('Create', { time: 500 })).Reason)
      .toBe('not finished within the time of the function; no task was started');
  });
});

describe('a repeated invocation', () => {
  test('waits for the same task', async () => {
    await ask();
    expect(await ask()).toMatchObject({ Status: 'SUCCESS' });
    expect(ecs.tasks.size).toBe(1);
    // The task has already stopped, so ECS returns its outcome with the start.
    expect(ecs.calls.slice(4)).toEqual(['DescribeStacks', 'RunTask', 'answer']);
  });

  test('has the same outcome', async () => {
    ecs.end = ended(1);
    const first = await ask();
    expect(await ask()).toEqual(first);
  });

  test('continues after a start whose response was lost', async () => {
    ecs.faults.push({ call: 'RunTask', how: 'lose' });
    expect(await ask()).toMatchObject({ Status: 'SUCCESS' });
    expect(ecs.tasks.size).toBe(1);
    expect(ecs.changes).toEqual(['RunTask', 'RunTask']);
  });

  test('continues after a request of CloudFormation whose answer was lost', async () => {
    ecs.faults.push({ call: 'answer', how: 'lose' });
    await invoke(handler, `${ecs.url}/answer`, 'Create', PROPERTIES);
    expect(ecs.answers).toHaveLength(2);
    expect(ecs.tasks.size).toBe(1);
  });
});

describe('a new role or task', () => {
  test.each([
    ['DescribeStacks', 'AccessDenied'],
    ['RunTask', 'AccessDeniedException'],
    ['RunTask', 'ClientException: ECS was unable to assume the role arn'],
  ])('%s is attempted again after %s', async (call, code) => {
    ecs.faults.push({ call, status: 400, code });
    expect(await ask()).toMatchObject({ Status: 'SUCCESS' });
    expect(ecs.tasks.size).toBe(1);
  });

  test('that ECS does not know at first is looked up again', async () => {
    ecs.unknownFor = 1;
    expect(await ask()).toMatchObject({ Status: 'SUCCESS' });
    expect(ecs.calls.filter((call) => call === 'DescribeTasks')).toHaveLength(2);
  });

  test('that ECS does not know after five looks fails', async () => {
    ecs.unknownFor = 9;
    expect((await ask('Create', { time: 60_000 })).Reason).toBe(`ECS does not know the task; task ${TASK}. ${LOG}`);
  });
});

describe('a rollback', () => {
  test.each(['UPDATE_ROLLBACK_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS'])(
    'runs nothing and succeeds, because the previous image does not know newer migrations: %s', async (status) => {
      ecs.stackStatus = status;
      expect(await ask('Update', { PhysicalResourceId: 'migration/Switch' })).toMatchObject({
        Status: 'SUCCESS', PhysicalResourceId: 'migration/Switch',
      });
      expect(ecs.calls).toEqual(['DescribeStacks', 'answer']);
      expect(console.log).toHaveBeenCalledWith(JSON.stringify({ skipped: status }));
    },
  );
});

test('a deletion calls nothing and succeeds', async () => {
  expect(await ask('Delete', { PhysicalResourceId: 'migration/Switch' })).toMatchObject({
    Status: 'SUCCESS', PhysicalResourceId: 'migration/Switch',
  });
  expect(ecs.calls).toEqual(['answer']);
});
