import { handler } from '../../../src/guardrails/security-hub/enable-security-hub.lambda';
import { FakeSecurityHub } from '../../support/fake-security-hub';
import { ACCOUNT, Answer, Asked, askHandler, pointSdkAt, STACK_ID } from '../../support/fake-service';

const ENABLED = 'securityhub/hub/enabled-by-this-stack';
const NOT_OURS = 'securityhub/hub/not-enabled-by-this-stack';
const NIST = 'nist-800-53/v/5.0.0';
/** With the time at which the hub was enabled. */
const NIST_ENABLED = `securityhub/${NIST}/enabled-by-this-stack/2026-01-01T00:00:00.000Z`;
const NIST_NOT_OURS = `securityhub/${NIST}/not-enabled-by-this-stack`;
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

describe('the hub is enabled', () => {
  test('where it is not, without the default standards, and it is remembered that it was us', async () => {
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(hub.hub).toMatchObject({ tags: { 'cdk-hipaa:enabled-by': STACK_ID }, defaultStandards: false });
  });

  test('not where it is on: a success, and not ours', async () => {
    hub.enable();
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(hub.changes).toEqual([]);
  });

  test('not where somebody else is faster between the look and the call', async () => {
    hub.beforeEnabling = () => hub.enable();
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
  });

  test('once, though the answer was lost: what carries the stack\'s tag is ours', async () => {
    hub.faults.push({ call: 'enable', how: 'lose' });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(hub.changes).toEqual(['enable', 'enable']);
  });

  test('after throttling and errors of the server', async () => {
    hub.faults.push(
      { call: 'hub', status: 429, code: 'ThrottlingException' },
      { call: 'enable', status: 500, code: 'InternalException' },
    );
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
  });

  test('again in vain where it is refused, and the administrator is named', async () => {
    hub.administrator = ADMINISTRATOR;
    hub.faults.push({ call: 'enable', status: 403, code: 'AccessDeniedException: no' });
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NOT_OURS,
      Reason:
        `Security Hub's hub cannot be enabled in account ${ACCOUNT}: no; ` +
        'the delegated administrator 999988887777 manages it: enable it there and add Guardrail.SECURITY_HUB to adopt '
          + 'of ComplianceGuardrails',
    });
  });

  test('never where its state cannot be told', async () => {
    hub.faults.push({ call: 'hub', status: 403, code: 'AccessDeniedException: explicit deny' });
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NOT_OURS,
      Reason: 'explicit deny',
    });
    expect(hub.changes).toEqual([]);
  });
});

describe('the hub is given back', () => {
  test('disabled, if we enabled it', async () => {
    await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(hub.hub).toBeUndefined();
  });

  test.each([NOT_OURS, NIST_ENABLED, 'Stack-Switch-1ABCDEF'])('not for %s', async (PhysicalResourceId) => {
    hub.enable();
    await ask('Delete', { PhysicalResourceId });
    expect(hub.changes).toEqual([]);
  });

  test('not if somebody has enabled it anew since', async () => {
    await ask('Create');
    hub.enable();
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS', Reason: 'the hub stays enabled: another caller has enabled it since',
    });
    expect(hub.changes).toEqual(['enable']);
  });

  test('not if an administrator manages it by now', async () => {
    await ask('Create');
    hub.administrator = ADMINISTRATOR;
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS', Reason: 'the hub stays enabled: the delegated administrator 999988887777 manages it',
    });
    expect(hub.hub).toBeDefined();
  });

  test('if the administrator is none any more, or an error says that there is none', async () => {
    await ask('Create');
    hub.faults.push({ call: 'administrator', status: 401, code: 'InvalidAccessException' });
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(hub.hub).toBeUndefined();
  });

  test('an error of the service does not fail the deletion', async () => {
    await ask('Create');
    hub.faults.push({ call: 'administrator', status: 500, code: 'InternalException', times: 99 });
    expect(await ask('Delete', { PhysicalResourceId: ENABLED, time: 500 })).toMatchObject({ Status: 'SUCCESS' });
    expect(hub.hub).toBeDefined();
  });
});

describe('a standard', () => {
  beforeEach(() => hub.enable());

  test('is subscribed to, waited for, and unsubscribed from in the end', async () => {
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

  test('that is subscribed to is left, to the end, and so are the others', async () => {
    hub.standards['cis-aws-foundations-benchmark/v/3.0.0'] = { status: 'READY' };
    hub.standards[NIST] = { status: 'READY' };
    expect(await askStandard('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NIST_NOT_OURS });
    await askStandard('Delete', { PhysicalResourceId: NIST_NOT_OURS });
    expect(hub.changes).toEqual([]);
  });

  test('that somebody is unsubscribing from is waited for, and then subscribed to', async () => {
    hub.standards[NIST] = { status: 'DELETING' };
    setTimeout(() => { hub.standards[NIST] = undefined; }, 200);
    expect(await askStandard('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NIST_ENABLED });
  });

  test.each(['NO_AVAILABLE_CONFIGURATION_RECORDER', 'MAXIMUM_NUMBER_OF_CONFIG_RULES_EXCEEDED', 'INTERNAL_ERROR'])(
    'that could be enabled in part only is subscribed to, and the log says why: %s', async (reason) => {
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

  test('that somebody could not disable is enabled again, and disabled in the end', async () => {
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

  test('that cannot be disabled at once is disabled again, before the hub goes', async () => {
    await askStandard('Create');
    hub.failures = 2;
    expect(await askStandard('Delete', { PhysicalResourceId: NIST_ENABLED })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
    });
    expect(hub.standards[NIST]).toBeUndefined();
    expect(hub.changes).toEqual([`register ${NIST}`, ...Array(3).fill(`deregister ${NIST}`)]);
  });

  test('that cannot be disabled at all is told in the log, with Security Hub\'s reason', async () => {
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

  test('that stays pending fails in time, and is known to be ours', async () => {
    hub.looks = 1_000;
    expect(await askStandard('Create', { time: 700 })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NIST_ENABLED,
      Reason: `not finished within the time of the function; the last state of the standard ${NIST} was PENDING`,
    });
  });

  test('that the region does not offer is left out, if it need not be there', async () => {
    hub.offered = ['aws-foundational-security-best-practices/v/1.0.0'];
    expect(await askStandard('Create', { properties: { WhereOffered: 'true' } })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: NIST_NOT_OURS,
    });
    expect(hub.changes).toEqual([]);
  });

  test('that the region does not offer fails, if it was asked for', async () => {
    hub.offered = [];
    expect(await askStandard('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NIST_NOT_OURS,
      Reason:
        `Security Hub's standard ${NIST} cannot be enabled in account ${ACCOUNT}: standard ${NIST} is not offered in `
          + 'eu-west-1; ' +
        `remove ${NIST} from securityHub.standards of ComplianceGuardrails`,
    });
  });

  test('of an account with central configuration is the administrator\'s', async () => {
    hub.administrator = ADMINISTRATOR;
    expect(await askStandard('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NIST_NOT_OURS,
      Reason: expect.stringContaining('the delegated administrator 999988887777 manages it'),
    });
  });

  test('whose hub has gone is gone too', async () => {
    hub.hub = undefined;
    const answer = await askStandard('Delete', { PhysicalResourceId: NIST_ENABLED });
    expect(answer).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  });

  test('whose state cannot be told fails', async () => {
    hub.faults.push({ call: 'standards', status: 403, code: 'AccessDeniedException: explicit deny' });
    expect(await askStandard('Create')).toMatchObject({ Status: 'FAILED', Reason: 'explicit deny' });
  });
});

describe('a hub that somebody has enabled anew since', () => {
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

  test('gets a standard of this stack by an update, and the id says so', async () => {
    hub.standards[NIST] = undefined;
    const { PhysicalResourceId } = await askStandard('Update', { PhysicalResourceId: NIST_ENABLED });
    expect(PhysicalResourceId).toBe(`securityhub/${NIST}/enabled-by-this-stack/2026-01-02T00:00:00.000Z`);
    await askStandard('Delete', { PhysicalResourceId: NIST_ENABLED });
    expect(hub.standards[NIST]).toEqual({ status: 'READY' });
    await askStandard('Delete', { PhysicalResourceId });
    expect(hub.standards[NIST]).toBeUndefined();
  });

  test('an id without a time still tells what was done', async () => {
    const PhysicalResourceId = `securityhub/${NIST}/enabled-by-this-stack`;
    expect(await askStandard('Update', { PhysicalResourceId })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId,
    });
    await askStandard('Delete', { PhysicalResourceId });
    expect(hub.standards[NIST]).toBeUndefined();
  });
});

describe('an answer that CloudFormation never got', () => {
  test('of an interrupted invocation: the next one finds the hub enabled and recognizes its tag', async () => {
    await ask('Create');
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(hub.changes).toEqual(['enable']);
  });

  test('in an update as in a creation', async () => {
    await ask('Create');
    expect(await ask('Update', { PhysicalResourceId: NOT_OURS })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ENABLED,
    });
  });

  test('at all: the rollback has an ID of CloudFormation, and the tag identifies the hub', async () => {
    await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF' })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
    });
    expect(hub.hub).toBeUndefined();
  });

  test('the tag of another stack says nothing', async () => {
    await ask('Create');
    await ask('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF', StackId: `${STACK_ID}0` });
    expect(hub.changes).toEqual(['enable']);
  });

  test('a standard has no tag, and stays on', async () => {
    hub.enable();
    await askStandard('Create');
    expect(await askStandard('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NIST_NOT_OURS });
    await askStandard('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF' });
    expect(hub.standards[NIST]).toEqual({ status: 'READY' });
  });
});

describe('the life of a stack', () => {
  test('made twice, in two stacks: the second changes nothing and takes nothing away', async () => {
    await ask('Create');
    await askStandard('Create');
    const other = { StackId: `${STACK_ID}0` };
    const second = [await ask('Create', other), await askStandard('Create', other)].map(
      ({ PhysicalResourceId }) => PhysicalResourceId,
    );
    expect(second).toEqual([NOT_OURS, NIST_NOT_OURS]);
    await askStandard('Delete', { ...other, PhysicalResourceId: second[1] });
    await ask('Delete', { ...other, PhysicalResourceId: second[0] });
    expect(hub.standards[NIST]).toEqual({ status: 'READY' });
    expect(hub.hub).toBeDefined();
  });

  test('a creation that fails is rolled back with the id of its answer', async () => {
    hub.enable();
    hub.looks = 1_000;
    const { PhysicalResourceId } = await askStandard('Create', { time: 500 });
    hub.standards[NIST] = { status: 'READY' };
    hub.looks = 1;
    await askStandard('Delete', { PhysicalResourceId });
    expect(hub.standards[NIST]).toBeUndefined();
  });

  test('an update keeps the id of what is ours, and enables what somebody disabled', async () => {
    const { PhysicalResourceId } = await ask('Create');
    hub.hub = undefined;
    expect(await ask('Update', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(hub.hub).toBeDefined();
  });
});

describe('adopt', () => {
  const properties = { Mode: 'adopt' as const };

  test('what is on is fine, and what is pending is waited for', async () => {
    hub.enable();
    hub.standards[NIST] = { status: 'PENDING' };
    setTimeout(() => { hub.standards[NIST] = { status: 'READY' }; }, 200);
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(await askStandard('Create', { properties })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: NIST_NOT_OURS,
    });
    expect(hub.changes).toEqual([]);
  });

  test('what somebody could not disable is off', async () => {
    hub.enable();
    hub.standards[NIST] = { status: 'FAILED' };
    expect(await askStandard('Create', { properties })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining(`standard ${NIST} is FAILED in account`),
    });
    expect(hub.changes).toEqual([]);
  });

  test('what it once enabled itself is left', async () => {
    await ask('Create');
    await ask('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF', properties });
    expect(hub.hub).toBeDefined();
  });

  test('what is off fails, and is not enabled', async () => {
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
