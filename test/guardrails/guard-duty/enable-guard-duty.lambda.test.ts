import { handler } from '../../../src/guardrails/guard-duty/enable-guard-duty.lambda';
import { FakeGuardDuty } from '../../support/fake-guard-duty';
import { ACCOUNT, Answer, Asked, askHandler, pointSdkAt, STACK_ID } from '../../support/fake-service';

jest.mock('timers/promises', () => jest.requireActual('../../support/short-pauses'));

const ENABLED = 'guardduty/detector/enabled-by-this-stack';
const RESUMED = 'guardduty/detector/resumed-by-this-stack/detector1';
const UNCHANGED = 'guardduty/detector/not-enabled-by-this-stack';
const S3_ENABLED = 'guardduty/S3_DATA_EVENTS/enabled-by-this-stack/detector1';
const S3_UNCHANGED = 'guardduty/S3_DATA_EVENTS/not-enabled-by-this-stack';
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

describe('creating the detector', () => {
  test('returns an ID that records the creation', async () => {
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', Reason: 'done', PhysicalResourceId: ENABLED });
    expect(guardDuty.detector).toMatchObject({ status: 'ENABLED', tags: { 'cdk-hipaa:enabled-by': STACK_ID } });
  });

  test('changes nothing if a detector exists, and returns an ID that records no creation', async () => {
    guardDuty.enable();
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(guardDuty.changes).toEqual([]);
  });

  test('keeps a detector that another caller creates between the read and the call', async () => {
    guardDuty.beforeCreation = () => guardDuty.enable();
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(guardDuty.changes).toEqual(['create enable=true']);
  });

  test('retries after a lost response and recognizes the detector by the tag of the stack', async () => {
    guardDuty.faults.push({ call: 'create', how: 'lose' });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(guardDuty.changes).toEqual(['create enable=true', 'create enable=true']);
  });

  test('retries after throttling, server errors and permissions that IAM has not propagated', async () => {
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

  test('fails with the reason if the request is denied', async () => {
    guardDuty.faults.push({
      call: 'create',
      status: 403,
      code: 'AccessDeniedException: explicit deny in a service control policy',
    });
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: UNCHANGED,
      Reason: `GuardDuty's detector cannot be enabled in account ${ACCOUNT}: explicit deny in a service control policy`,
    });
  });

  test('fails with an ID that records the creation if no response arrives in time', async () => {
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

  test('is suspended again on deletion, and not deleted', async () => {
    await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId: RESUMED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(guardDuty.detector?.status).toBe('DISABLED');
  });

  test('is not changed if an administrator manages it, and the error names the administrator', async () => {
    guardDuty.administrator = ADMINISTRATOR;
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: UNCHANGED,
      Reason:
        `GuardDuty's detector cannot be enabled in account ${ACCOUNT}: The request is rejected because the current `
          + 'account is a member of an organization.; ' +
        'the delegated administrator 999988887777 manages it: enable it there and add Guardrail.GUARD_DUTY to adopt '
          + 'of ComplianceGuardrails',
    });
  });
});

describe('deleting the detector', () => {
  test('succeeds if this stack created it', async () => {
    const { PhysicalResourceId } = await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
      PhysicalResourceId: ENABLED,
    });
    expect(guardDuty.detector).toBeUndefined();
  });

  test.each([
    ['existed before', UNCHANGED],
    ['has the ID of a plan', S3_ENABLED],
    ['has an ID from CloudFormation and no tag', 'Stack-Switch-1ABCDEF'],
  ])('changes nothing if the detector %s', async (_, PhysicalResourceId) => {
    guardDuty.enable();
    expect(await ask('Delete', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(guardDuty.changes).toEqual([]);
  });

  test('keeps a detector that another caller created later', async () => {
    await ask('Create');
    guardDuty.enable();
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS', Reason: 'the detector stays enabled: another caller has enabled it since',
    });
    expect(guardDuty.detector).toBeDefined();
  });

  test('keeps a detector that an administrator manages by then', async () => {
    await ask('Create');
    guardDuty.administrator = ADMINISTRATOR;
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS', Reason: 'the detector stays enabled: the delegated administrator 999988887777 manages it',
    });
    expect(guardDuty.detector).toBeDefined();
    expect(errors).toHaveBeenCalledWith(expect.stringContaining('stays enabled'));
  });

  test('succeeds if the account has left its administrator', async () => {
    await ask('Create');
    guardDuty.administrator = { ...ADMINISTRATOR, relationshipStatus: 'Removed' };
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(guardDuty.detector).toBeUndefined();
  });

  test('succeeds if GuardDuty reports a missing administrator as an error', async () => {
    await ask('Create');
    guardDuty.faults.push({ call: 'administrator', status: 400, code: 'BadRequestException' });
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(guardDuty.detector).toBeUndefined();
  });

  test('succeeds if the detector is already deleted', async () => {
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(guardDuty.changes).toEqual([]);
  });

  test('succeeds despite an error of the service', async () => {
    await ask('Create');
    guardDuty.faults.push({ call: 'administrator', status: 500, code: 'InternalServerErrorException', times: 99 });
    expect(await ask('Delete', { PhysicalResourceId: ENABLED, time: 500 })).toMatchObject({ Status: 'SUCCESS' });
    expect(guardDuty.detector).toBeDefined();
  });
});

describe('a plan', () => {
  test('is enabled if it is off, and disabled on deletion', async () => {
    guardDuty.enable();
    expect(await askPlan('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: S3_ENABLED });
    expect(guardDuty.on).toEqual(['S3_DATA_EVENTS']);
    expect(await askPlan('Delete', { PhysicalResourceId: S3_ENABLED })).toMatchObject({ Status: 'SUCCESS' });
    expect(guardDuty.on).toEqual([]);
  });

  test('is kept if it is on, also on deletion', async () => {
    guardDuty.enable('S3_DATA_EVENTS');
    expect(await askPlan('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: S3_UNCHANGED });
    await askPlan('Delete', { PhysicalResourceId: S3_UNCHANGED });
    expect(guardDuty.changes).toEqual([]);
  });

  test('changes no other plan', async () => {
    guardDuty.enable('EKS_AUDIT_LOGS');
    await askPlan('Create');
    expect(guardDuty.changes).toEqual(['update S3_DATA_EVENTS=ENABLED']);
    expect(guardDuty.on).toEqual(['S3_DATA_EVENTS', 'EKS_AUDIT_LOGS']);
  });

  test('is refused without a detector', async () => {
    expect(await askPlan('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: S3_UNCHANGED,
      Reason: `GuardDuty's plan S3_DATA_EVENTS cannot be enabled in account ${ACCOUNT}: there is no detector`,
    });
  });

  test('counts as deleted if the detector is deleted', async () => {
    expect(await askPlan('Delete', { PhysicalResourceId: S3_ENABLED })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
    });
  });

  test('is omitted if it is optional and the region does not offer it', async () => {
    guardDuty.offered = ['RDS_LOGIN_EVENTS'];
    guardDuty.enable();
    expect(await askPlan('Create', { properties: { WhereOffered: 'true' } })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'guardduty/S3_DATA_EVENTS/may-be-off',
    });
  });

  test('fails if it is required and the region does not offer it', async () => {
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

  test('fails if the region offers it and GuardDuty denies it, even if it is optional', async () => {
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

  test('is enabled and disabled together with the Fargate agent', async () => {
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

  test('keeps other settings if it was on: only the agent is enabled and later disabled', async () => {
    guardDuty.enable('RUNTIME_MONITORING');
    const { PhysicalResourceId } = await ask('Create', { properties });
    expect(PhysicalResourceId).toBe('guardduty/RUNTIME_MONITORING/resumed-by-this-stack/detector1');
    await ask('Delete', { PhysicalResourceId, properties });
    expect(agent()).toMatchObject({ status: 'ENABLED', additionalConfiguration: [{ status: 'DISABLED' }] });
  });
});

describe('a detector that another caller created again later', () => {
  test('is kept, although this stack resumed the old one', async () => {
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

  test('gets a plan on an update: only the new ID, which names the detector, disables the plan', async () => {
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

  test('is deleted if an update of this stack created it, although this stack resumed the old one', async () => {
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

  test('also accepts an ID that does not name a detector', async () => {
    guardDuty.enable('S3_DATA_EVENTS');
    const PhysicalResourceId = 'guardduty/S3_DATA_EVENTS/enabled-by-this-stack';
    expect(await askPlan('Update', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    await askPlan('Delete', { PhysicalResourceId });
    expect(guardDuty.on).toEqual([]);
  });
});

describe('a response that CloudFormation did not receive', () => {
  test('of an interrupted invocation is repeated: the next invocation '
    + 'recognizes the detector by its tag', async () => {
    await ask('Create');
    const { PhysicalResourceId } = await ask('Create');
    expect(PhysicalResourceId).toBe(ENABLED);
    await ask('Delete', { PhysicalResourceId });
    expect(guardDuty.detector).toBeUndefined();
    expect(guardDuty.changes).toEqual(['create enable=true', 'delete']);
  });

  test('leads to a rollback with an ID from CloudFormation, and the tag identifies the detector', async () => {
    await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF' })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
    });
    expect(guardDuty.detector).toBeUndefined();
  });

  test('of a detector that is suspended since then is repeated: the tag identifies the detector', async () => {
    await ask('Create');
    guardDuty.detector!.status = 'DISABLED';
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(guardDuty.detector!.status).toBe('ENABLED');
  });

  test('of a plan in a detector of another caller leaves the plan enabled, because a plan has no tag', async () => {
    guardDuty.enable();
    await askPlan('Create');
    expect(await askPlan('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: S3_UNCHANGED });
    await askPlan('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF' });
    expect(guardDuty.on).toEqual(['S3_DATA_EVENTS']);
  });
});

describe('the lifecycle of a stack', () => {
  test('keeps the detector when a second stack is created and deleted', async () => {
    const first = await ask('Create');
    const second = await ask('Create', { StackId: `${STACK_ID}0` });
    expect(second).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    await ask('Delete', { PhysicalResourceId: second.PhysicalResourceId, StackId: `${STACK_ID}0` });
    expect(guardDuty.detector).toBeDefined();
    await ask('Delete', { PhysicalResourceId: first.PhysicalResourceId });
    expect(guardDuty.detector).toBeUndefined();
  });

  test('includes a failed creation, whose rollback disables first the plan and then the detector', async () => {
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

  test('includes an update that keeps the ID and resumes a suspended detector', async () => {
    const { PhysicalResourceId } = await ask('Create');
    guardDuty.detector!.status = 'DISABLED';
    expect(await ask('Update', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(guardDuty.detector!.status).toBe('ENABLED');
  });

  test('includes an update that creates a deleted detector; deleting the old ID then changes nothing', async () => {
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

  test('keeps the detector after create, adopt and delete, and deletes it '
    + 'if adopt is rolled back first', async () => {
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

  test('accepts an enabled detector and plan without a change', async () => {
    guardDuty.enable('S3_DATA_EVENTS');
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(await askPlan('Create', { properties })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: S3_UNCHANGED,
    });
    expect(guardDuty.changes).toEqual([]);
  });

  test('logs an optional plan that is off', async () => {
    guardDuty.enable();
    const warnings = jest.spyOn(console, 'warn').mockImplementation();
    expect(await askPlan('Create', { properties: { ...properties, WhereOffered: 'true' } })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'guardduty/S3_DATA_EVENTS/may-be-off',
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
  ])('fails if the detector is %s, and does not change it', async (word, given) => {
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
