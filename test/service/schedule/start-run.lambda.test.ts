import { handler } from '../../../src/service/schedule/start-run.lambda';
import { Arrived, Reply } from '../../support/fake-http';
import { ACCOUNT, FakeService, pointSdkAt, REGION } from '../../support/fake-service';

const CLUSTER = `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/clinic`;
const REVISION = `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/Report:7`;
const EVENT = {
  schedule: `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/Group/Report`, time: '2027-01-10T03:30:00Z',
};
/** The SHA-256 of the schedule and the time. */
const TOKEN = /^[0-9a-f]{64}$/;

interface FakeTask {
  readonly token?: string;
  readonly family: string;
  readonly arn: string;
  isRunning: boolean;
}

/** ECS, as far as a function that starts tasks uses it. */
class FakeEcs extends FakeService {
  public readonly tasks: FakeTask[] = [];
  public readonly inputs: Array<Record<string, unknown>> = [];
  public refusals: Array<{ reason?: string; detail?: string }> | undefined;

  protected readonly changing = /^RunTask$/;

  protected callOf({ headers }: Arrived): string {
    return String(headers['x-amz-target']).split('.')[1];
  }

  protected serve(call: string, { body }: Arrived): Reply {
    const input = JSON.parse(body.toString());
    this.inputs.push(input);
    return this.json(call === 'ListTasks' ? this.list(input) : this.run(input));
  }

  private list({ family, startedBy }: { family?: string; startedBy?: string }): object {
    // ECS refuses a second filter.
    if (family && startedBy) throw new Error('two filters');
    const found = this.tasks.filter(({ isRunning }) => isRunning)
      .filter((task) => family ? task.family === family : task.token === startedBy);
    return { taskArns: found.map(({ arn }) => arn) };
  }

  private run({ clientToken: token }: { clientToken: string }): object {
    if (this.refusals) return { tasks: [], failures: this.refusals };
    const known = this.tasks.find((task) => task.token === token);
    const task = known ?? { token, family: 'Report', arn: `task${this.tasks.length + 1}`, isRunning: true };
    if (!known) this.tasks.push(task);
    return { tasks: [{ taskArn: task.arn }], failures: [] };
  }
}

let ecs: FakeEcs;
let log: jest.SpyInstance;

beforeEach(async () => {
  ecs = new FakeEcs();
  await ecs.start();
  pointSdkAt(ecs.url);
  log = jest.spyOn(console, 'log').mockImplementation();
  Object.assign(process.env, {
    CLUSTER,
    TASK_DEFINITION: REVISION,
    FAMILY: 'Report',
    SUBNETS: 'subnet-1,subnet-2',
    SECURITY_GROUP: 'sg-1',
    ALLOW_OVERLAP: 'false',
  });
});

afterEach(async () => {
  log.mockRestore();
  await ecs.stop();
});

const another = (time = '2027-01-11T03:30:00Z') => handler({ ...EVENT, time });

test('starts one task of the revision in the network of the construct', async () => {
  await handler(EVENT);
  expect(ecs.calls).toEqual(['ListTasks', 'ListTasks', 'RunTask']);
  expect(ecs.inputs).toEqual([
    { cluster: CLUSTER, startedBy: expect.stringMatching(TOKEN), desiredStatus: 'RUNNING', maxResults: 1 },
    { cluster: CLUSTER, family: 'Report', desiredStatus: 'RUNNING', maxResults: 1 },
    {
      cluster: CLUSTER,
      taskDefinition: REVISION,
      launchType: 'FARGATE',
      count: 1,
      clientToken: expect.stringMatching(TOKEN),
      startedBy: ecs.inputs[0].startedBy,
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'], assignPublicIp: 'DISABLED',
        },
      },
    },
  ]);
  expect(JSON.parse(log.mock.lastCall![0])).toEqual({ time: EVENT.time, task: 'task1' });
});

describe('an event that arrives twice', () => {
  test('starts no second task while the first one runs', async () => {
    await handler(EVENT);
    await handler(EVENT);
    expect(ecs.tasks).toHaveLength(1);
    expect(JSON.parse(log.mock.lastCall![0])).toEqual({ time: EVENT.time, repeated: true });
  });

  test('starts no second task after the first one has ended', async () => {
    await handler(EVENT);
    ecs.tasks[0].isRunning = false;
    await handler(EVENT);
    expect(ecs.tasks).toHaveLength(1);
  });
});

describe('the next run', () => {
  test('starts after the previous one has ended', async () => {
    await handler(EVENT);
    ecs.tasks[0].isRunning = false;
    await another();
    expect(ecs.tasks).toHaveLength(2);
  });

  test('fails while the previous one runs, so that Lambda repeats and then reports it', async () => {
    await handler(EVENT);
    await expect(another()).rejects.toThrow(new Error(
      'the run of 2027-01-11T03:30:00Z did not start, because another task of Report still runs'));
    expect(ecs.tasks).toHaveLength(1);
    ecs.tasks[0].isRunning = false;
    await another();
    expect(ecs.tasks).toHaveLength(2);
  });

  test('fails while a task runs that a person started', async () => {
    ecs.tasks.push({ family: 'Report', arn: 'byHand', isRunning: true });
    await expect(handler(EVENT)).rejects.toThrow('still runs');
  });

  test('is not concerned with another task of the cluster', async () => {
    ecs.tasks.push({ family: 'Migration', arn: 'other', isRunning: true });
    await handler(EVENT);
    expect(ecs.tasks).toHaveLength(2);
  });

  test('starts while the previous one runs, if runs can overlap', async () => {
    process.env.ALLOW_OVERLAP = 'true';
    await handler(EVENT);
    await another();
    await another();
    expect(ecs.tasks).toHaveLength(2);
  });
});

test.each([
  [[{ reason: 'CAPACITY', detail: 'Capacity is unavailable' }], 'CAPACITY: Capacity is unavailable'],
  [[{ reason: 'RESOURCE:CPU' }, { reason: 'AGENT' }], 'RESOURCE:CPU; AGENT'],
  [[], 'ECS named no reason'],
])('fails if ECS answers without a task (%#)', async (refusals, reason) => {
  ecs.refusals = refusals;
  await expect(handler(EVENT)).rejects.toThrow(
    new Error(`the run of 2027-01-10T03:30:00Z did not start (${reason})`));
});
