import { handler } from '../../../src/guardrails/security-hub/enable-security-hub.lambda';
import { FakeSecurityHub } from '../../support/fake-security-hub';
import { ACCOUNT, Answer, Asked, askHandler, pointSdkAt, STACK_ID } from '../../support/fake-service';

jest.mock('timers/promises', () => jest.requireActual('../../support/short-pauses'));

const ENABLED = 'securityhub/hub/enabled-by-this-stack';
const UNCHANGED = 'securityhub/hub/not-enabled-by-this-stack';
const NIST = 'nist-800-53/v/5.0.0';
/** The ID ends with the time at which the hub was enabled. */
const NIST_ENABLED = `securityhub/${NIST}/enabled-by-this-stack/2026-01-01T00:00:00.000Z`;
const NIST_UNCHANGED = `securityhub/${NIST}/not-enabled-by-this-stack`;
const ADMINISTRATOR = { AccountId: '999988887777', MemberStatus: 'Enabled' };

type Properties = Parameters<typeof handler>[0]['ResourceProperties'];
type Type = 'Create' | 'Update' | 'Delete';

let hub: FakeSecurityHub;
let errors: jest.SpyInstance;
let warnings: jest.SpyInstance;

beforeEach(async () => {
  hub = new FakeSecurityHub();
  await hub.start();
  pointSdkAt(hub.url);
  errors = jest.spyOn(console, 'error').mockImplementation();
  warnings = jest.spyOn(console, 'warn').mockImplementation();
});

afterEach(async () => {
  errors.mockRestore();
  warnings.mockRestore();
  await hub.stop();
});

const ask = (type: Type, asked?: Asked<Properties>): Promise<Answer> =>
  askHandler(handler, hub, type, { Standard: 'HUB' } as Properties, asked);
const askStandard = (type: Type, asked?: Asked<Properties>): Promise<Answer> =>
  askHandler(handler, hub, type, { Standard: NIST } as Properties, asked);

describe('enabling the hub', () => {
  test('excludes the default standards and returns an ID that records the change', async () => {
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(hub.hub).toMatchObject({ tags: { 'cdk-hipaa:enabled-by': STACK_ID }, defaultStandards: false });
  });

  test('changes nothing if the hub is on, and returns an ID that records no change', async () => {
    hub.enable();
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(hub.changes).toEqual([]);
  });

  test('keeps a hub that another caller enables between the read and the call', async () => {
    hub.beforeEnabling = () => hub.enable();
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
  });

  test('retries after a lost response and recognizes the hub by the tag of the stack', async () => {
    hub.faults.push({ call: 'enable', how: 'lose' });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(hub.changes).toEqual(['enable', 'enable']);
  });

  test('retries after throttling and server errors', async () => {
    hub.faults.push(
      { call: 'hub', status: 429, code: 'ThrottlingException' },
      { call: 'enable', status: 500, code: 'InternalException' },
    );
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
  });

  test('fails with the name of the administrator if the request is denied', async () => {
    hub.administrator = ADMINISTRATOR;
    hub.faults.push({ call: 'enable', status: 403, code: 'AccessDeniedException: no' });
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: UNCHANGED,
      Reason:
        `Security Hub's hub cannot be enabled in account ${ACCOUNT}: no; ` +
        'the delegated administrator 999988887777 manages it: enable it there and add Guardrail.SECURITY_HUB to adopt '
          + 'of ComplianceGuardrails',
    });
  });

  test('fails if the state of the hub cannot be read', async () => {
    hub.faults.push({ call: 'hub', status: 403, code: 'AccessDeniedException: explicit deny' });
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: UNCHANGED,
      Reason: 'explicit deny',
    });
    expect(hub.changes).toEqual([]);
  });
});

describe('disabling the hub', () => {
  test('succeeds if this stack enabled it', async () => {
    await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(hub.hub).toBeUndefined();
  });

  test.each([UNCHANGED, NIST_ENABLED, 'Stack-Switch-1ABCDEF'])('changes nothing for '
    + 'the ID %s', async (PhysicalResourceId) => {
    hub.enable();
    await ask('Delete', { PhysicalResourceId });
    expect(hub.changes).toEqual([]);
  });

  test('keeps a hub that another caller enabled again later', async () => {
    await ask('Create');
    hub.enable();
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS', Reason: 'the hub stays enabled: another caller has enabled it since',
    });
    expect(hub.changes).toEqual(['enable']);
  });

  test('keeps a hub that an administrator manages by then', async () => {
    await ask('Create');
    hub.administrator = ADMINISTRATOR;
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS', Reason: 'the hub stays enabled: the delegated administrator 999988887777 manages it',
    });
    expect(hub.hub).toBeDefined();
  });

  test('succeeds if Security Hub reports a missing administrator as an error', async () => {
    await ask('Create');
    hub.faults.push({ call: 'administrator', status: 401, code: 'InvalidAccessException' });
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(hub.hub).toBeUndefined();
  });

  test('succeeds despite an error of the service', async () => {
    await ask('Create');
    hub.faults.push({ call: 'administrator', status: 500, code: 'InternalException', times: 99 });
    expect(await ask('Delete', { PhysicalResourceId: ENABLED, time: 500 })).toMatchObject({ Status: 'SUCCESS' });
    expect(hub.hub).toBeDefined();
  });
});

describe('a standard', () => {
  beforeEach(() => hub.enable());

  test('is enabled, awaited, and disabled on deletion', async () => {
    hub.looks = 3;
    expect(await askStandard('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NIST_ENABLED });
    expect(hub.standards[NIST]).toEqual({ status: 'READY' });
    expect(await askStandard('Delete', { PhysicalResourceId: NIST_ENABLED })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
    });
    expect(hub.standards[NIST]).toBeUndefined();
    expect(hub.changes).toEqual([`register ${NIST}`, `deregister ${NIST}`]);
  });

  test('is kept if it is on, also on deletion, and other standards are kept', async () => {
    hub.standards['cis-aws-foundations-benchmark/v/3.0.0'] = { status: 'READY' };
    hub.standards[NIST] = { status: 'READY' };
    expect(await askStandard('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NIST_UNCHANGED });
    await askStandard('Delete', { PhysicalResourceId: NIST_UNCHANGED });
    expect(hub.changes).toEqual([]);
  });

  test('is enabled after another caller has disabled it', async () => {
    hub.standards[NIST] = { status: 'DELETING' };
    setTimeout(() => { hub.standards[NIST] = undefined; }, 200);
    expect(await askStandard('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NIST_ENABLED });
  });

  test.each(['NO_AVAILABLE_CONFIGURATION_RECORDER', 'MAXIMUM_NUMBER_OF_CONFIG_RULES_EXCEEDED', 'INTERNAL_ERROR'])(
    'is enabled even if it is incomplete, and the log contains the reason: %s', async (reason) => {
      hub.endsAs = { status: 'INCOMPLETE', reason };
      expect(await askStandard('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NIST_ENABLED });
      expect(warnings.mock.calls).toEqual([
        [
          JSON.stringify({
            resource: 'Switch',
            state: `the last state of the standard ${NIST} was INCOMPLETE: ${reason}`,
          }),
        ],
      ]);
    });

  test('is enabled again if another caller could not disable it, and disabled on deletion', async () => {
    hub.standards[NIST] = { status: 'FAILED', reason: 'INTERNAL_ERROR' };
    const { Status, PhysicalResourceId } = await askStandard('Create');
    expect({ Status, PhysicalResourceId }).toEqual({
      Status: 'SUCCESS',
      PhysicalResourceId: `securityhub/${NIST}/resumed-by-this-stack/2026-01-01T00:00:00.000Z`,
    });
    expect(hub.standards[NIST]).toEqual({ status: 'READY' });
    await askStandard('Delete', { PhysicalResourceId });
    expect(hub.standards[NIST]).toBeUndefined();
  });

  test('is disabled with retries before the hub is disabled', async () => {
    await askStandard('Create');
    hub.failures = 2;
    expect(await askStandard('Delete', { PhysicalResourceId: NIST_ENABLED })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
    });
    expect(hub.standards[NIST]).toBeUndefined();
    expect(hub.changes).toEqual([`register ${NIST}`, ...Array(3).fill(`deregister ${NIST}`)]);
  });

  test('is logged with the reason of Security Hub if it cannot be disabled', async () => {
    await askStandard('Create');
    hub.failures = 1_000;
    const { Status, Reason } = await askStandard('Delete', { PhysicalResourceId: NIST_ENABLED, time: 400 });
    expect(Status).toBe('SUCCESS');
    expect(Reason).toMatch(
      /^not finished within the time of the function; the last state of the standard \S+ was (FAILED: INTERNAL_ERROR|DELETING)$/,
    );
    expect(errors).toHaveBeenCalledWith(expect.stringContaining('not finished'));
    expect(hub.standards[NIST]).toBeDefined();
  });

  test('fails in time if it stays pending, with an ID that records the change', async () => {
    hub.looks = 1_000;
    expect(await askStandard('Create', { time: 700 })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NIST_ENABLED,
      Reason: `not finished within the time of the function; the last state of the standard ${NIST} was PENDING`,
    });
  });

  test('is omitted if it is optional and the region does not offer it', async () => {
    hub.offered = ['aws-foundational-security-best-practices/v/1.0.0'];
    expect(await askStandard('Create', { properties: { WhereOffered: 'true' } })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: `securityhub/${NIST}/may-be-off`,
    });
    expect(hub.changes).toEqual([]);
  });

  test('fails if it is required and the region does not offer it', async () => {
    hub.offered = [];
    expect(await askStandard('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NIST_UNCHANGED,
      Reason:
        `Security Hub's standard ${NIST} cannot be enabled in account ${ACCOUNT}: standard ${NIST} is not offered in `
          + 'eu-west-1; ' +
        `remove ${NIST} from securityHub.standards of ComplianceGuardrails`,
    });
  });

  test('fails in an account with central configuration, with the name of the administrator', async () => {
    hub.administrator = ADMINISTRATOR;
    expect(await askStandard('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NIST_UNCHANGED,
      Reason: expect.stringContaining('the delegated administrator 999988887777 manages it'),
    });
  });

  test('counts as deleted if the hub is disabled', async () => {
    hub.hub = undefined;
    const answer = await askStandard('Delete', { PhysicalResourceId: NIST_ENABLED });
    expect(answer).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  });

  test('fails if its state cannot be read', async () => {
    hub.faults.push({ call: 'standards', status: 403, code: 'AccessDeniedException: explicit deny' });
    expect(await askStandard('Create')).toMatchObject({ Status: 'FAILED', Reason: 'explicit deny' });
  });
});

describe('a hub that another caller enabled again later', () => {
  beforeEach(async () => {
    hub.enable();
    await askStandard('Create');
    hub.enable();
  });

  test('keeps its standards', async () => {
    expect(await askStandard('Delete', { PhysicalResourceId: NIST_ENABLED })).toMatchObject({
      Status: 'SUCCESS', Reason: `the standard ${NIST} stays enabled: another caller has enabled it since`,
    });
    expect(hub.standards[NIST]).toEqual({ status: 'READY' });
  });

  test('gets a standard on an update, and only the new ID disables the standard', async () => {
    hub.standards[NIST] = undefined;
    const { PhysicalResourceId } = await askStandard('Update', { PhysicalResourceId: NIST_ENABLED });
    expect(PhysicalResourceId).toBe(`securityhub/${NIST}/enabled-by-this-stack/2026-01-02T00:00:00.000Z`);
    await askStandard('Delete', { PhysicalResourceId: NIST_ENABLED });
    expect(hub.standards[NIST]).toEqual({ status: 'READY' });
    await askStandard('Delete', { PhysicalResourceId });
    expect(hub.standards[NIST]).toBeUndefined();
  });

  test('also accepts an ID that contains no time', async () => {
    const PhysicalResourceId = `securityhub/${NIST}/enabled-by-this-stack`;
    expect(await askStandard('Update', { PhysicalResourceId })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId,
    });
    await askStandard('Delete', { PhysicalResourceId });
    expect(hub.standards[NIST]).toBeUndefined();
  });
});

describe('a response that CloudFormation did not receive', () => {
  test('of an interrupted invocation is repeated: the next invocation recognizes the hub by its tag', async () => {
    await ask('Create');
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(hub.changes).toEqual(['enable']);
  });

  test('of an update is handled as that of a creation', async () => {
    await ask('Create');
    expect(await ask('Update', { PhysicalResourceId: UNCHANGED })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ENABLED,
    });
  });

  test('leads to a rollback with an ID from CloudFormation, and the tag identifies the hub', async () => {
    await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF' })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
    });
    expect(hub.hub).toBeUndefined();
  });

  test('leads to a rollback that keeps a hub with the tag of another stack', async () => {
    await ask('Create');
    await ask('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF', StackId: `${STACK_ID}0` });
    expect(hub.changes).toEqual(['enable']);
  });

  test('of a standard leaves the standard enabled, because a standard has no tag', async () => {
    hub.enable();
    await askStandard('Create');
    expect(await askStandard('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NIST_UNCHANGED });
    await askStandard('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF' });
    expect(hub.standards[NIST]).toEqual({ status: 'READY' });
  });
});

describe('the lifecycle of a stack', () => {
  test('keeps the hub and the standard when a second stack is created and deleted', async () => {
    await ask('Create');
    await askStandard('Create');
    const other = { StackId: `${STACK_ID}0` };
    const second = [await ask('Create', other), await askStandard('Create', other)].map(
      ({ PhysicalResourceId }) => PhysicalResourceId,
    );
    expect(second).toEqual([UNCHANGED, NIST_UNCHANGED]);
    await askStandard('Delete', { ...other, PhysicalResourceId: second[1] });
    await ask('Delete', { ...other, PhysicalResourceId: second[0] });
    expect(hub.standards[NIST]).toEqual({ status: 'READY' });
    expect(hub.hub).toBeDefined();
  });

  test('includes a failed creation, whose rollback uses the returned ID', async () => {
    hub.enable();
    hub.looks = 1_000;
    const { PhysicalResourceId } = await askStandard('Create', { time: 500 });
    hub.standards[NIST] = { status: 'READY' };
    hub.looks = 1;
    await askStandard('Delete', { PhysicalResourceId });
    expect(hub.standards[NIST]).toBeUndefined();
  });

  test('includes an update that keeps the ID and enables a disabled hub', async () => {
    const { PhysicalResourceId } = await ask('Create');
    hub.hub = undefined;
    expect(await ask('Update', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(hub.hub).toBeDefined();
  });
});

describe('adopt', () => {
  const properties = { Mode: 'adopt' as const };

  test('accepts an enabled hub, and waits for a pending standard', async () => {
    hub.enable();
    hub.standards[NIST] = { status: 'PENDING' };
    setTimeout(() => { hub.standards[NIST] = { status: 'READY' }; }, 200);
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(await askStandard('Create', { properties })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: NIST_UNCHANGED,
    });
    expect(hub.changes).toEqual([]);
  });

  test('fails for a standard that another caller could not disable', async () => {
    hub.enable();
    hub.standards[NIST] = { status: 'FAILED' };
    expect(await askStandard('Create', { properties })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining(`standard ${NIST} is FAILED in account`),
    });
    expect(hub.changes).toEqual([]);
  });

  test('keeps the hub that the stack enabled earlier', async () => {
    await ask('Create');
    await ask('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF', properties });
    expect(hub.hub).toBeDefined();
  });

  test('fails if the hub is off, and does not enable it', async () => {
    expect(await ask('Create', { properties })).toMatchObject({
      Status: 'FAILED',
      Reason:
        `Security Hub's hub is DISABLED in account ${ACCOUNT}, and adopt does not change it. ` +
        'Enable it in the account that manages Security Hub, or remove Guardrail.SECURITY_HUB from adopt of '
          + 'ComplianceGuardrails',
    });
    expect(hub.changes).toEqual([]);
  });
});
