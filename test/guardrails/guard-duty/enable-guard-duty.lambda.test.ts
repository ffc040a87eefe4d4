import { handler } from '../../../src/guardrails/guard-duty/enable-guard-duty.lambda';
import { FakeGuardDuty } from '../../support/fake-guard-duty';
import { ACCOUNT, Answer, Asked, askHandler, pointSdkAt, STACK_ID } from '../../support/fake-service';

const ENABLED = 'guardduty/detector/enabled-by-this-stack';
const RESUMED = 'guardduty/detector/resumed-by-this-stack/detector1';
const NOT_OURS = 'guardduty/detector/not-enabled-by-this-stack';
const S3_ENABLED = 'guardduty/S3_DATA_EVENTS/enabled-by-this-stack/detector1';
const S3_NOT_OURS = 'guardduty/S3_DATA_EVENTS/not-enabled-by-this-stack';
const ADMINISTRATOR = { accountId: '999988887777', relationshipStatus: 'Enabled' };

type Properties = Parameters<typeof handler>[0]['ResourceProperties'];
type Type = 'Create' | 'Update' | 'Delete';

let guardDuty: FakeGuardDuty;
let errors: jest.SpyInstance;

beforeEach(async () => {
  guardDuty = new FakeGuardDuty();
  await guardDuty.start();
  pointSdkAt(guardDuty.url);
  errors = jest.spyOn(console, 'error').mockImplementation();
});

afterEach(async () => {
  errors.mockRestore();
  await guardDuty.stop();
});

const ask = (type: Type, asked?: Asked<Properties>): Promise<Answer> =>
  askHandler(handler, guardDuty, type, { Feature: 'DETECTOR' } as Properties, asked);
const askPlan = (type: Type, asked?: Asked<Properties>): Promise<Answer> =>
  askHandler(handler, guardDuty, type, { Feature: 'S3_DATA_EVENTS' } as Properties, asked);

describe('the detector is created', () => {
  test('where there is none, and it is remembered that it was us', async () => {
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', Reason: 'done', PhysicalResourceId: ENABLED });
    expect(guardDuty.detector).toMatchObject({ status: 'ENABLED', tags: { 'cdk-hipaa:enabled-by': STACK_ID } });
  });

  test('not where there is one: a success, and not ours', async () => {
    guardDuty.enable();
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(guardDuty.changes).toEqual([]);
  });

  test('not where somebody else is faster between the look and the call', async () => {
    guardDuty.beforeCreation = () => guardDuty.enable();
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(guardDuty.changes).toEqual(['create enable=true']);
  });

  test('once, though the answer was lost: what carries the stack\'s tag is ours', async () => {
    guardDuty.faults.push({ call: 'create', how: 'lose' });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(guardDuty.changes).toEqual(['create enable=true', 'create enable=true']);
  });

  test('after throttling, errors of the server and permissions that IAM has not spread yet', async () => {
    guardDuty.faults.push(
      { call: 'list', status: 429, code: 'TooManyRequestsException' },
      { call: 'create', status: 500, code: 'InternalServerErrorException' },
      {
        call: 'create',
        status: 403,
        code: 'AccessDeniedException: no identity-based policy allows the guardduty:CreateDetector action',
      },
    );
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
  });

  test('again in vain where it is refused: the reason is told', async () => {
    guardDuty.faults.push({
      call: 'create',
      status: 403,
      code: 'AccessDeniedException: explicit deny in a service control policy',
    });
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NOT_OURS,
      Reason: `GuardDuty's detector cannot be enabled in account ${ACCOUNT}: explicit deny in a service control policy`,
    });
  });

  test('and known to be ours although nobody answered in time', async () => {
    guardDuty.faults.push({ call: 'create', how: 'hang' });
    expect(await ask('Create', { time: 500 })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: ENABLED,
      Reason: 'not finished within the time of the function; the last state of the detector was missing',
    });
  });
});

describe('a suspended detector', () => {
  beforeEach(() => { guardDuty.enable().status = 'DISABLED'; });

  test('is resumed', async () => {
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: RESUMED });
    expect(guardDuty.changes).toEqual(['update enable=true']);
  });

  test('is suspended again in the end, and not deleted', async () => {
    await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId: RESUMED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(guardDuty.detector?.status).toBe('DISABLED');
  });

  test('that an administrator manages is left, and the administrator named', async () => {
    guardDuty.administrator = ADMINISTRATOR;
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NOT_OURS,
      Reason:
        `GuardDuty's detector cannot be enabled in account ${ACCOUNT}: The request is rejected because the current `
          + 'account is a member of an organization.; ' +
        'the delegated administrator 999988887777 manages it: enable it there and add Guardrail.GUARD_DUTY to adopt '
          + 'of ComplianceGuardrails',
    });
  });
});

describe('the detector is given back', () => {
  test('deleted, if we made it', async () => {
    const { PhysicalResourceId } = await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
      PhysicalResourceId: ENABLED,
    });
    expect(guardDuty.detector).toBeUndefined();
  });

  test.each([
    ['was there before', NOT_OURS],
    ['belongs to a plan', S3_ENABLED],
    ['never answered its creation, so that CloudFormation made up the id', 'Stack-Switch-1ABCDEF'],
  ])('not what %s', async (_, PhysicalResourceId) => {
    guardDuty.enable();
    expect(await ask('Delete', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(guardDuty.changes).toEqual([]);
  });

  test('not if somebody has made another since', async () => {
    await ask('Create');
    guardDuty.enable();
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS', Reason: 'the detector stays enabled: another caller has enabled it since',
    });
    expect(guardDuty.detector).toBeDefined();
  });

  test('not if an administrator manages it by now', async () => {
    await ask('Create');
    guardDuty.administrator = ADMINISTRATOR;
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS', Reason: 'the detector stays enabled: the delegated administrator 999988887777 manages it',
    });
    expect(guardDuty.detector).toBeDefined();
    expect(errors).toHaveBeenCalledWith(expect.stringContaining('stays enabled'));
  });

  test('if the administrator has let go', async () => {
    await ask('Create');
    guardDuty.administrator = { ...ADMINISTRATOR, relationshipStatus: 'Removed' };
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(guardDuty.detector).toBeUndefined();
  });

  test('if an account without an administrator is told so by an error', async () => {
    await ask('Create');
    guardDuty.faults.push({ call: 'administrator', status: 400, code: 'BadRequestException' });
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(guardDuty.detector).toBeUndefined();
  });

  test('gone already is fine', async () => {
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(guardDuty.changes).toEqual([]);
  });

  test('an error of the service does not fail the deletion', async () => {
    await ask('Create');
    guardDuty.faults.push({ call: 'administrator', status: 500, code: 'InternalServerErrorException', times: 99 });
    expect(await ask('Delete', { PhysicalResourceId: ENABLED, time: 500 })).toMatchObject({ Status: 'SUCCESS' });
    expect(guardDuty.detector).toBeDefined();
  });
});

describe('a plan', () => {
  test('that is off is enabled, and disabled in the end', async () => {
    guardDuty.enable();
    expect(await askPlan('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: S3_ENABLED });
    expect(guardDuty.on).toEqual(['S3_DATA_EVENTS']);
    expect(await askPlan('Delete', { PhysicalResourceId: S3_ENABLED })).toMatchObject({ Status: 'SUCCESS' });
    expect(guardDuty.on).toEqual([]);
  });

  test('that is on is left, to the end', async () => {
    guardDuty.enable('S3_DATA_EVENTS');
    expect(await askPlan('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: S3_NOT_OURS });
    await askPlan('Delete', { PhysicalResourceId: S3_NOT_OURS });
    expect(guardDuty.changes).toEqual([]);
  });

  test('changes no other plan', async () => {
    guardDuty.enable('EKS_AUDIT_LOGS');
    await askPlan('Create');
    expect(guardDuty.changes).toEqual(['update S3_DATA_EVENTS=ENABLED']);
    expect(guardDuty.on).toEqual(['S3_DATA_EVENTS', 'EKS_AUDIT_LOGS']);
  });

  test('without a detector is refused', async () => {
    expect(await askPlan('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: S3_NOT_OURS,
      Reason: `GuardDuty's plan S3_DATA_EVENTS cannot be enabled in account ${ACCOUNT}: there is no detector`,
    });
  });

  test('whose detector has gone is gone too', async () => {
    expect(await askPlan('Delete', { PhysicalResourceId: S3_ENABLED })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
    });
  });

  test('that the region does not offer is left out, if it need not be there', async () => {
    guardDuty.offered = ['RDS_LOGIN_EVENTS'];
    guardDuty.enable();
    expect(await askPlan('Create', { properties: { WhereOffered: 'true' } })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: S3_NOT_OURS,
    });
  });

  test('that the region does not offer fails, if it was asked for', async () => {
    guardDuty.offered = ['RDS_LOGIN_EVENTS'];
    guardDuty.enable();
    expect(await askPlan('Create')).toMatchObject({
      Status: 'FAILED',
      Reason:
        `GuardDuty's plan S3_DATA_EVENTS cannot be enabled in account ${ACCOUNT}: The request is rejected because an `
          + 'invalid or out-of-range value is specified as an input parameter.; ' +
        'remove S3_DATA_EVENTS from guardDuty.protectionPlans of ComplianceGuardrails',
    });
  });

  test('that is refused although the region offers it fails, even if it need not be there', async () => {
    guardDuty.enable();
    guardDuty.administrator = ADMINISTRATOR;
    expect(await askPlan('Create', { properties: { WhereOffered: 'true' } })).toMatchObject({
      Status: 'FAILED', Reason: expect.stringContaining('the delegated administrator 999988887777 manages it'),
    });
  });
});

describe('runtime monitoring', () => {
  const properties = { Feature: 'RUNTIME_MONITORING' as const };
  const agent = () => guardDuty.detector!.features.find(({ name }) => name === 'RUNTIME_MONITORING')!;

  test('comes with the agent of Fargate, and goes with it', async () => {
    guardDuty.enable();
    const { PhysicalResourceId } = await ask('Create', { properties });
    expect(PhysicalResourceId).toBe('guardduty/RUNTIME_MONITORING/enabled-by-this-stack/detector1');
    expect(agent()).toMatchObject({
      status: 'ENABLED',
      additionalConfiguration: [{ name: 'ECS_FARGATE_AGENT_MANAGEMENT', status: 'ENABLED' }],
    });
    await ask('Delete', { PhysicalResourceId, properties });
    expect(agent()).toMatchObject({ status: 'DISABLED', additionalConfiguration: [{ status: 'DISABLED' }] });
  });

  test('that was on for other things gets the agent, and in the end loses the agent alone', async () => {
    guardDuty.enable('RUNTIME_MONITORING');
    const { PhysicalResourceId } = await ask('Create', { properties });
    expect(PhysicalResourceId).toBe('guardduty/RUNTIME_MONITORING/resumed-by-this-stack/detector1');
    await ask('Delete', { PhysicalResourceId, properties });
    expect(agent()).toMatchObject({ status: 'ENABLED', additionalConfiguration: [{ status: 'DISABLED' }] });
  });
});

describe('a detector that somebody has made anew since', () => {
  test('is left as it is, though the old one was resumed', async () => {
    guardDuty.enable().status = 'DISABLED';
    await ask('Create');
    guardDuty.enable();
    expect(await ask('Delete', { PhysicalResourceId: RESUMED })).toMatchObject({
      Status: 'SUCCESS', Reason: 'the detector stays enabled: another caller has enabled it since',
    });
    expect(guardDuty.detector?.status).toBe('ENABLED');
  });

  test('keeps its plans', async () => {
    guardDuty.enable();
    await askPlan('Create');
    guardDuty.enable('S3_DATA_EVENTS');
    expect(await askPlan('Update', { PhysicalResourceId: S3_ENABLED })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: S3_ENABLED,
    });
    expect(await askPlan('Delete', { PhysicalResourceId: S3_ENABLED })).toMatchObject({
      Status: 'SUCCESS', Reason: 'the plan S3_DATA_EVENTS stays enabled: another caller has enabled it since',
    });
    expect(guardDuty.on).toEqual(['S3_DATA_EVENTS']);
  });

  test('gets a plan of this stack by an update, and the id says so: that plan is disabled in the end, and not by the '
    + 'old id', async () => {
    guardDuty.enable();
    await askPlan('Create');
    guardDuty.enable();
    const { PhysicalResourceId } = await askPlan('Update', { PhysicalResourceId: S3_ENABLED });
    expect(PhysicalResourceId).toBe('guardduty/S3_DATA_EVENTS/enabled-by-this-stack/detector2');
    await askPlan('Delete', { PhysicalResourceId: S3_ENABLED });
    expect(guardDuty.on).toEqual(['S3_DATA_EVENTS']);
    await askPlan('Delete', { PhysicalResourceId });
    expect(guardDuty.on).toEqual([]);
  });

  test('by an update of this stack is deleted in the end, though the old one was resumed', async () => {
    guardDuty.enable().status = 'DISABLED';
    await ask('Create');
    Object.assign(guardDuty, { detector: undefined });
    expect(await ask('Update', { PhysicalResourceId: RESUMED })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ENABLED,
    });
    await ask('Delete', { PhysicalResourceId: RESUMED });
    expect(guardDuty.detector?.status).toBe('ENABLED');
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(guardDuty.detector).toBeUndefined();
  });

  test('an id without a detector still tells what was done', async () => {
    guardDuty.enable('S3_DATA_EVENTS');
    const PhysicalResourceId = 'guardduty/S3_DATA_EVENTS/enabled-by-this-stack';
    expect(await askPlan('Update', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    await askPlan('Delete', { PhysicalResourceId });
    expect(guardDuty.on).toEqual([]);
  });
});

describe('an answer that CloudFormation never got', () => {
  test('of an interrupted invocation: the next one finds the detector and recognizes its tag', async () => {
    await ask('Create');
    const { PhysicalResourceId } = await ask('Create');
    expect(PhysicalResourceId).toBe(ENABLED);
    await ask('Delete', { PhysicalResourceId });
    expect(guardDuty.detector).toBeUndefined();
    expect(guardDuty.changes).toEqual(['create enable=true', 'delete']);
  });

  test('at all: the rollback has an ID of CloudFormation, and the tag identifies the detector', async () => {
    await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF' })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
    });
    expect(guardDuty.detector).toBeUndefined();
  });

  test('a suspended detector of ours is ours all the same', async () => {
    await ask('Create');
    guardDuty.detector!.status = 'DISABLED';
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(guardDuty.detector!.status).toBe('ENABLED');
  });

  test('a plan has no tag: in a detector of somebody else it stays on', async () => {
    guardDuty.enable();
    await askPlan('Create');
    expect(await askPlan('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: S3_NOT_OURS });
    await askPlan('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF' });
    expect(guardDuty.on).toEqual(['S3_DATA_EVENTS']);
  });
});

describe('the life of a stack', () => {
  test('made twice, in two stacks: the second changes nothing and takes nothing away', async () => {
    const first = await ask('Create');
    const second = await ask('Create', { StackId: `${STACK_ID}0` });
    expect(second).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    await ask('Delete', { PhysicalResourceId: second.PhysicalResourceId, StackId: `${STACK_ID}0` });
    expect(guardDuty.detector).toBeDefined();
    await ask('Delete', { PhysicalResourceId: first.PhysicalResourceId });
    expect(guardDuty.detector).toBeUndefined();
  });

  test('a creation that fails half-way is rolled back: plan first, then detector', async () => {
    const detector = await ask('Create');
    guardDuty.detector!.features.forEach((feature) => { feature.status = 'DISABLED'; });
    guardDuty.faults.push({
      call: 'update S3_DATA_EVENTS=ENABLED',
      status: 403,
      code: 'AccessDeniedException: explicit deny',
    });
    const plan = await askPlan('Create');
    expect([detector.Status, plan.Status]).toEqual(['SUCCESS', 'FAILED']);
    await askPlan('Delete', { PhysicalResourceId: plan.PhysicalResourceId });
    await ask('Delete', { PhysicalResourceId: detector.PhysicalResourceId });
    expect(guardDuty.detector).toBeUndefined();
  });

  test('an update keeps the id of what is ours, also where somebody has suspended it', async () => {
    const { PhysicalResourceId } = await ask('Create');
    guardDuty.detector!.status = 'DISABLED';
    expect(await ask('Update', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(guardDuty.detector!.status).toBe('ENABLED');
  });

  test('an update makes what somebody deleted; the old id is then deleted without a change', async () => {
    guardDuty.enable();
    const { PhysicalResourceId: old } = await ask('Create');
    guardDuty.detector = undefined;
    expect(await ask('Update', { PhysicalResourceId: old })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ENABLED,
    });
    await ask('Delete', { PhysicalResourceId: old });
    expect(guardDuty.detector).toBeDefined();
  });

  test('create, adopt, delete: what was enabled stays. Create, adopt, rolled back, delete: it goes', async () => {
    const adopt = { properties: { Mode: 'adopt' as const } };
    const { PhysicalResourceId } = await ask('Create');
    await ask('Update', { PhysicalResourceId, ...adopt });
    await ask('Delete', { PhysicalResourceId, ...adopt });
    expect(guardDuty.detector).toBeDefined();
    await ask('Update', { PhysicalResourceId });
    await ask('Delete', { PhysicalResourceId });
    expect(guardDuty.detector).toBeUndefined();
  });
});

describe('adopt', () => {
  const properties = { Mode: 'adopt' as const };

  test('what is on is fine, and not touched', async () => {
    guardDuty.enable('S3_DATA_EVENTS');
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(await askPlan('Create', { properties })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: S3_NOT_OURS,
    });
    expect(guardDuty.changes).toEqual([]);
  });

  test('a plan that need not be on is looked at: where it is off, the log says so', async () => {
    guardDuty.enable();
    const warnings = jest.spyOn(console, 'warn').mockImplementation();
    expect(await askPlan('Create', { properties: { ...properties, WhereOffered: 'true' } })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: S3_NOT_OURS,
    });
    expect(warnings.mock.calls).toEqual([
      [JSON.stringify({ resource: 'Switch', state: 'the last state of the plan S3_DATA_EVENTS was DISABLED' })],
    ]);
    warnings.mockRestore();
    expect(await askPlan('Create', { properties })).toMatchObject({ Status: 'FAILED' });
    expect(guardDuty.changes).toEqual([]);
  });

  test.each([
    ['missing', () => undefined],
    ['SUSPENDED', () => { guardDuty.enable().status = 'DISABLED'; }],
  ])('what is %s fails, and is not changed', async (word, given) => {
    given();
    expect(await ask('Create', { properties })).toMatchObject({
      Status: 'FAILED',
      Reason:
        `GuardDuty's detector is ${word} in account ${ACCOUNT}, and adopt does not change it. ` +
        'Enable it in the account that manages GuardDuty, or remove Guardrail.GUARD_DUTY from adopt of '
          + 'ComplianceGuardrails',
    });
    expect(guardDuty.changes).toEqual([]);
  });
});
