import { handler } from '../../../src/service/capacity/release-instances.lambda';
import { FakeAutoScaling, FakeInstance } from '../../support/fake-auto-scaling';
import { Answer, Asked, askHandler, pointSdkAt } from '../../support/fake-service';

jest.mock('timers/promises', () => jest.requireActual('../../support/short-pauses'));

type Properties = Parameters<typeof handler>[0]['ResourceProperties'];

const GROUP = 'Stack-Group-1';
const ID = `released-instances/${GROUP}`;
const HOOK = 'ecs-managed-draining-termination-hook';

let service: FakeAutoScaling;
let logs: jest.SpyInstance[];

const instances = (count: number, state = 'InService', isProtected = true): Record<string, FakeInstance> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`i-${index + 1}`, { state, isProtected }]));
const held = (count: number, hooks = [HOOK]) => ({ protectsNew: true, instances: instances(count), hooks });
const RELEASED = (count: number) =>
  ({ protectsNew: false, instances: instances(count, 'InService', false), hooks: [] });

beforeEach(async () => {
  service = new FakeAutoScaling();
  service.groups[GROUP] = held(2);
  await service.start();
  pointSdkAt(service.url);
  logs = [jest.spyOn(console, 'error').mockImplementation(), jest.spyOn(console, 'log').mockImplementation()];
});

afterEach(async () => {
  logs.forEach((log) => log.mockRestore());
  await service.stop();
});

const ask = (type: 'Create' | 'Update' | 'Delete', asked?: Asked<Properties>): Promise<Answer> =>
  askHandler(handler, service, type, { AutoScalingGroupName: GROUP }, asked);
const remove = (asked: Asked<Properties> = {}) => ask('Delete', { PhysicalResourceId: ID, ...asked });

test('a deletion removes the protection of the group and of each instance, and the hook of ECS', async () => {
  expect(await remove()).toMatchObject({ Status: 'SUCCESS', Reason: 'done', PhysicalResourceId: ID });
  expect(service.groups[GROUP]).toEqual(RELEASED(2));
  expect(service.changes).toEqual(['UpdateAutoScalingGroup', 'DeleteLifecycleHook', 'SetInstanceProtection']);
  expect(console.log).toHaveBeenCalledWith(JSON.stringify({ group: GROUP, released: 2 }));
});

test('the result is verified by another reading', async () => {
  await remove();
  expect(service.calls.slice(-3)).toEqual(['DescribeAutoScalingGroups', 'DescribeLifecycleHooks', 'answer']);
});

test.each(['Create', 'Update'] as const)('a request of the type %s calls nothing', async (type) => {
  expect(await ask(type)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ID });
  expect(service.calls).toEqual(['answer']);
});

test('an update to another group has another physical ID, so that CloudFormation releases the old group', async () => {
  const asked = { PhysicalResourceId: ID, properties: { AutoScalingGroupName: 'Stack-Group-2' } };
  expect(await ask('Update', asked)).toMatchObject({ PhysicalResourceId: 'released-instances/Stack-Group-2' });
});

test('a deletion that is repeated changes nothing', async () => {
  await remove();
  const { length } = service.changes;
  expect(await remove()).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  expect(service.changes).toHaveLength(length);
});

test('a group that does not exist needs no release', async () => {
  delete service.groups[GROUP];
  expect(await remove()).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  expect(service.calls).toEqual(['DescribeAutoScalingGroups', 'answer']);
});

test('a group that is being deleted is not changed', async () => {
  service.groups[GROUP] = { ...held(1), status: 'Delete in progress' };
  expect(await remove()).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  expect(service.changes).toEqual([]);
});

test('a group that disappears between two calls needs no further release', async () => {
  service.meanwhile.DescribeLifecycleHooks = () => {
    delete service.groups[GROUP];
  };
  expect(await remove()).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
});

test('120 instances are released in three calls, because a call accepts 50', async () => {
  service.groups[GROUP] = held(120);
  expect(await remove()).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  expect(service.batches).toEqual([50, 50, 20]);
  expect(service.groups[GROUP]).toEqual(RELEASED(120));
});

test('hooks of the app stay', async () => {
  service.groups[GROUP] = held(1, ['Archive', HOOK]);
  await remove();
  expect(service.groups[GROUP].hooks).toEqual(['Archive']);
});

test('only protected instances are changed', async () => {
  service.groups[GROUP].instances['i-2'].isProtected = false;
  await remove();
  expect(service.batches).toEqual([1]);
});

test.each(['Terminating:Wait', 'Terminated', 'Detaching'])('an instance in the state %s is ignored', async (state) => {
  service.groups[GROUP].instances['i-2'].state = state;
  expect(await remove()).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  expect(service.batches).toEqual([1]);
});

test('an instance that starts is released when it is in service', async () => {
  service.groups[GROUP].instances['i-2'].state = 'Pending';
  service.meanwhile.SetInstanceProtection = () => {
    service.groups[GROUP].instances['i-2'].state = 'InService';
  };
  expect(await remove()).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  expect(service.groups[GROUP]).toEqual(RELEASED(2));
});

test('an instance that stops between two calls does not prevent the release of the others', async () => {
  service.meanwhile.SetInstanceProtection = () => {
    service.groups[GROUP].instances['i-1'].state = 'Terminating';
  };
  expect(await remove()).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  expect(service.groups[GROUP].instances['i-2'].isProtected).toBe(false);
});

test.each<[string, number, string]>([
  ['Throttling', 400, 'SetInstanceProtection'],
  ['ScalingActivityInProgress', 400, 'UpdateAutoScalingGroup'],
  ['ResourceContention', 500, 'DeleteLifecycleHook'],
  ['AccessDenied', 403, 'DescribeAutoScalingGroups'],
])('the error %s is attempted again', async (code, status, call) => {
  service.faults.push({ call, status, code });
  expect(await remove()).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  expect(service.groups[GROUP]).toEqual(RELEASED(2));
});

test('a response that is lost is attempted again', async () => {
  service.faults.push({ call: 'SetInstanceProtection', how: 'lose' });
  expect(await remove()).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  expect(service.groups[GROUP]).toEqual(RELEASED(2));
});

test('a failure is logged with the progress, and does not prevent the deletion of the stack', async () => {
  service.faults.push({ call: 'SetInstanceProtection', status: 403, code: 'AccessDenied: no', times: 9 });
  const { Status, Reason } = await remove({ time: 1_500 });
  const failure = `not finished within the time of the function; 0 instances of ${GROUP} were released`;
  expect([Status, Reason]).toEqual(['SUCCESS', failure]);
  expect(console.error).toHaveBeenCalledWith(JSON.stringify({ request: 'Delete', resource: 'Switch', failure }));
});
