import { handler } from '../../src/network/close-default-group.lambda';
import { FakeEc2 } from '../support/fake-ec2';
import { Answer, Asked, askHandler, pointSdkAt } from '../support/fake-service';

jest.mock('timers/promises', () => jest.requireActual('../support/short-pauses'));

type Properties = Parameters<typeof handler>[0]['ResourceProperties'];

const GROUP = 'sg-1';
const OPEN = () => ({ inbound: ['-1 sg-1'], outbound: ['-1 0.0.0.0/0'] });
const CLOSED = { inbound: [], outbound: [] };

let ec2: FakeEc2;
let logs: jest.SpyInstance[];

beforeEach(async () => {
  ec2 = new FakeEc2();
  ec2.groups[GROUP] = OPEN();
  await ec2.start();
  pointSdkAt(ec2.url);
  logs = [jest.spyOn(console, 'error').mockImplementation(), jest.spyOn(console, 'log').mockImplementation()];
});

afterEach(async () => {
  logs.forEach((log) => log.mockRestore());
  await ec2.stop();
});

const ask = (type: 'Create' | 'Update' | 'Delete', asked?: Asked<Properties>): Promise<Answer> =>
  askHandler(handler, ec2, type, { DefaultSecurityGroupId: GROUP }, asked);

test('the two rules that EC2 creates are removed, and the result is verified', async () => {
  expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'closed-security-group/Switch' });
  expect(ec2.groups[GROUP]).toEqual(CLOSED);
  expect(ec2.calls).toEqual([
    'DescribeSecurityGroups', 'RevokeSecurityGroupIngress', 'RevokeSecurityGroupEgress', 'DescribeSecurityGroups',
    'answer',
  ]);
});

test('rules that were added later are removed, from every kind of source', async () => {
  ec2.groups[GROUP].inbound.push('tcp 22 203.0.113.0/24', 'tcp 443 ::/0', 'udp 53 pl-1', '-1 sg-2');
  ec2.groups[GROUP].outbound.push('-1 ::/0');
  expect(await ask('Update')).toMatchObject({ Status: 'SUCCESS' });
  expect(ec2.groups[GROUP]).toEqual(CLOSED);
  expect(console.log).toHaveBeenCalledWith(JSON.stringify({ group: GROUP, removed: 7 }));
});

test('a group without rules is not changed', async () => {
  ec2.groups[GROUP] = { inbound: [], outbound: [] };
  expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
  expect(ec2.changes).toEqual([]);
});

test.each<[string, { inbound: string[]; outbound: string[] }, string]>([
  ['inbound', { inbound: ['-1 sg-1'], outbound: [] }, 'RevokeSecurityGroupIngress'],
  ['outbound', { inbound: [], outbound: ['-1 0.0.0.0/0'] }, 'RevokeSecurityGroupEgress'],
])('only %s rules need one call', async (_, group, call) => {
  ec2.groups[GROUP] = group;
  expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
  expect(ec2.changes).toEqual([call]);
});

test('a deletion calls nothing and succeeds, because EC2 deletes the group with its VPC', async () => {
  expect(await ask('Delete', { PhysicalResourceId: 'closed-security-group/Switch' })).toMatchObject({
    Status: 'SUCCESS', PhysicalResourceId: 'closed-security-group/Switch',
  });
  expect(ec2.calls).toEqual(['answer']);
  expect(ec2.groups[GROUP]).toEqual(OPEN());
});

test('an update keeps the physical ID, also for the group of a new VPC', async () => {
  ec2.groups['sg-2'] = { inbound: ['-1 sg-2'], outbound: [] };
  const asked = { PhysicalResourceId: 'closed-security-group/Old', properties: { DefaultSecurityGroupId: 'sg-2' } };
  expect(await ask('Update', asked)).toMatchObject({ PhysicalResourceId: 'closed-security-group/Old' });
  expect(ec2.groups).toEqual({ [GROUP]: OPEN(), 'sg-2': CLOSED });
});

test('a rule that another principal removes at the same time does not matter', async () => {
  ec2.groups[GROUP].inbound.push('tcp 22 0.0.0.0/0');
  ec2.meanwhile.RevokeSecurityGroupIngress = () => ec2.groups[GROUP].inbound.pop();
  expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
  expect(ec2.groups[GROUP]).toEqual(CLOSED);
});

test('a rule that another principal adds at the same time is removed too', async () => {
  ec2.meanwhile.RevokeSecurityGroupEgress = () => ec2.groups[GROUP].inbound.push('tcp 22 0.0.0.0/0');
  expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
  expect(ec2.groups[GROUP]).toEqual(CLOSED);
});

test.each(['UnauthorizedOperation', 'InvalidGroup.NotFound'])(
  '%s after the creation of the role or the group is attempted again', async (code) => {
    ec2.faults.push({ call: 'DescribeSecurityGroups', status: 403, code });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
    expect(ec2.groups[GROUP]).toEqual(CLOSED);
  },
);

test('a failure between the two directions is attempted again, and continues with the rest', async () => {
  ec2.faults.push({ call: 'RevokeSecurityGroupEgress', status: 403, code: 'UnauthorizedOperation' });
  expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
  expect(ec2.changes).toEqual([
    'RevokeSecurityGroupIngress', 'RevokeSecurityGroupEgress', 'RevokeSecurityGroupEgress',
  ]);
});

test('a response that is lost is attempted again', async () => {
  ec2.faults.push({ call: 'RevokeSecurityGroupIngress', how: 'lose' });
  expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
  expect(ec2.groups[GROUP]).toEqual(CLOSED);
});

test('any other error fails at once, with the service, its message and the progress', async () => {
  ec2.faults.push({ call: 'RevokeSecurityGroupEgress', status: 400, code: 'InvalidParameterValue: not this group' });
  const answer = await ask('Create');
  expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'closed-security-group/Switch' });
  expect(answer.Reason).toBe('InvalidParameterValue: not this group; 1 rules of sg-1 were removed');
});

test('the end of the time is answered with the progress', async () => {
  ec2.faults.push({ call: 'DescribeSecurityGroups', status: 403, code: 'UnauthorizedOperation', times: 9 });
  const { Status, Reason } = await ask('Create', { time: 1_500 });
  expect(Status).toBe('FAILED');
  expect(Reason).toContain('not finished within the time of the function; 0 rules of sg-1 were removed');
});
