import { handler } from '../../../src/guardrails/inspector/enable-inspector.lambda';
import { Answer, FakeInspector } from '../../support/fake-inspector';

const ACCOUNT = '111122223333';
const STACK_ID = `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/Stack/1`;
const ENABLED = 'inspector-scan/EC2/enabled-by-this-stack';
const UNCHANGED = 'inspector-scan/EC2/not-enabled-by-this-stack';
/** The part of the invocation time that the handler reserves for its response. */
const MARGIN = 60_000;

type Request = Parameters<typeof handler>[0];
type Fields = Partial<Omit<Request, 'ResourceProperties'>> & {
  properties?: Partial<Request['ResourceProperties']>;
  time?: number;
};

let inspector: FakeInspector;
let errors: jest.SpyInstance;

beforeEach(async () => {
  inspector = new FakeInspector();
  await inspector.start();
  process.env.AWS_ENDPOINT_URL = inspector.url;
  process.env.AWS_REGION = 'eu-west-1';
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  errors = jest.spyOn(console, 'error').mockImplementation();
});

afterEach(async () => {
  errors.mockRestore();
  await inspector.stop();
});

/** Sends a request as CloudFormation does, and returns the response. */
async function ask(
  RequestType: Request['RequestType'],
  { properties, time = 30_000, ...fields }: Fields = {},
): Promise<Answer> {
  const request = {
    RequestType,
    ResponseURL: `${inspector.url}/answer`,
    StackId: STACK_ID,
    RequestId: 'request',
    LogicalResourceId: 'Scan',
    ...fields,
    ResourceProperties: {
      ScanType: 'EC2' as const,
      Mode: 'create' as const,
      WhereOffered: 'false' as const,
      ...properties,
    },
  };
  const before = inspector.answers.length;
  await handler(request, {
    invokedFunctionArn: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:Enable`,
    getRemainingTimeInMillis: () => MARGIN + time,
  });
  expect(inspector.answers).toHaveLength(before + 1);
  return inspector.answers[before];
}

describe('create', () => {
  test('enables a disabled scan, waits until it is enabled, and returns an ID that records the change', async () => {
    inspector.looks = 3;
    expect(await ask('Create')).toEqual({
      Status: 'SUCCESS',
      Reason: 'done',
      PhysicalResourceId: ENABLED,
      StackId: STACK_ID,
      RequestId: 'request',
      LogicalResourceId: 'Scan',
    });
    expect(inspector.scans.EC2).toBe('ENABLED');
    expect(inspector.calls).toEqual(['status', 'enable EC2', 'status', 'status', 'status', 'status']);
  });

  test('changes no other type of scan', async () => {
    await ask('Create');
    expect(inspector.scans).toEqual({
      EC2: 'ENABLED',
      ECR: 'DISABLED',
      LAMBDA: 'DISABLED',
      LAMBDA_CODE: 'DISABLED',
      CODE_REPOSITORY: 'DISABLED',
    });
  });

  test.each(['ECR', 'LAMBDA', 'LAMBDA_CODE', 'CODE_REPOSITORY'] as const)('enables %s', async (ScanType) => {
    const answer = await ask('Create', { properties: { ScanType } });
    expect(answer).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: `inspector-scan/${ScanType}/enabled-by-this-stack`,
    });
    expect(inspector.scans).toMatchObject({ [ScanType]: 'ENABLED', EC2: 'DISABLED' });
  });

  test('keeps an enabled scan and returns an ID that records no change', async () => {
    inspector.scans.EC2 = 'ENABLED';
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(inspector.changes).toEqual([]);
  });

  test('waits for a scan that another caller is enabling, and returns an ID that records no change', async () => {
    inspector.scans.EC2 = 'ENABLING';
    setTimeout(() => { inspector.scans.EC2 = 'ENABLED'; }, 300);
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(inspector.changes).toEqual([]);
  });

  test('returns an ID that records no change if another caller enables the scan '
    + 'between the read and the call', async () => {
    inspector.failedAccounts.enable.push('ALREADY_ENABLED');
    setTimeout(() => { inspector.scans.EC2 = 'ENABLED'; }, 100);
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
  });

  test('waits for a scan that is being disabled, and then enables it', async () => {
    inspector.scans.EC2 = 'DISABLING';
    setTimeout(() => { inspector.scans.EC2 = 'DISABLED'; }, 300);
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
  });

  test('enables a suspended scan', async () => {
    inspector.scans.EC2 = 'SUSPENDED';
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
  });

  test.each(['ENABLE_IN_PROGRESS', 'EVENTBRIDGE_THROTTLED', 'SSM_UNAVAILABLE', 'INTERNAL_ERROR'])(
    'retries after %s',
    async (code) => {
      inspector.failedAccounts.enable.push(code);
      expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
      expect(inspector.changes).toEqual(['enable EC2', 'enable EC2']);
    },
  );

  test('retries after throttling and server errors', async () => {
    inspector.faults.push(
      { call: 'status', status: 429, type: 'ThrottlingException', message: 'slow down', times: 2 },
      { call: 'enable', status: 429, type: 'ThrottlingException', message: 'slow down' },
      { call: 'enable', status: 500, type: 'InternalServerException', message: 'oops' },
    );
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(inspector.changes).toHaveLength(3);
  });

  test('retries until IAM has propagated the permissions', async () => {
    const message =
      'User: role is not authorized to perform: inspector2:Enable because no identity-based policy allows the '
        + 'inspector2:Enable action';
    inspector.faults.push({ call: 'enable', status: 403, type: 'AccessDeniedException', message });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(inspector.changes).toHaveLength(2);
  });

  test('retries a request whose response was lost, and returns an ID that records the change', async () => {
    inspector.faults.push({ call: 'enable', how: 'drop' });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(inspector.scans.EC2).toBe('ENABLED');
  });
});

describe('a scan that the region does not offer', () => {
  beforeEach(() => { inspector.notOffered = ['LAMBDA']; });

  test('is omitted if it is optional', async () => {
    const answer = await ask('Create', { properties: { ScanType: 'LAMBDA', WhereOffered: 'true' } });
    expect(answer).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'inspector-scan/LAMBDA/may-be-off',
    });
  });

  test('fails with the message of Inspector if it is required', async () => {
    const answer = await ask('Create', { properties: { ScanType: 'LAMBDA' } });
    expect(answer).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: 'inspector-scan/LAMBDA/not-enabled-by-this-stack',
      Reason:
        `Inspector's LAMBDA scanning cannot be enabled in account ${ACCOUNT}: LAMBDA scanning is not supported in `
          + 'eu-west-3; ' +
        'remove LAMBDA from inspector.resources of ComplianceGuardrails',
    });
  });

  test('does not include a scan that is denied', async () => {
    inspector.faults.push({
      call: 'enable',
      status: 403,
      type: 'AccessDeniedException',
      message: 'explicit deny in a service control policy',
    });
    expect(await ask('Create', { properties: { WhereOffered: 'true' } })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: UNCHANGED,
      Reason: `Inspector's EC2 scanning cannot be enabled in account ${ACCOUNT}: explicit deny in a service control `
        + 'policy',
    });
  });
});

describe('an error of Inspector', () => {
  test('names the delegated administrator', async () => {
    inspector.administrator = { accountId: '999988887777', relationshipStatus: 'ENABLED' };
    inspector.failedAccounts.enable.push('ACCESS_DENIED');
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: UNCHANGED,
      Reason:
        `Inspector's EC2 scanning cannot be enabled in account ${ACCOUNT}: ACCESS_DENIED (as Inspector says it); ` +
        'the delegated administrator 999988887777 manages it: enable it there and add Guardrail.INSPECTOR to adopt of '
          + 'ComplianceGuardrails',
    });
  });

  test('contains the text of Inspector for a policy of the organization', async () => {
    inspector.failedAccounts.enable.push('BLOCKED_BY_ORGANIZATION_POLICY');
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      Reason: `Inspector's EC2 scanning cannot be enabled in account ${ACCOUNT}: BLOCKED_BY_ORGANIZATION_POLICY (as `
        + 'Inspector says it)',
    });
  });

  test('is returned even if the administrator cannot be read', async () => {
    inspector.failedAccounts.enable.push('ACCESS_DENIED');
    inspector.faults.push({
      call: 'administrator',
      status: 403,
      type: 'AccessDeniedException',
      message: 'not in an organization',
    });
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      Reason: `Inspector's EC2 scanning cannot be enabled in account ${ACCOUNT}: ACCESS_DENIED (as Inspector says it)`,
    });
  });

  test('is returned if Inspector does not return the status', async () => {
    inspector.failedAccounts.status.push('ACCESS_DENIED');
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: UNCHANGED,
      Reason: 'Inspector does not return its status: ACCESS_DENIED (as Inspector says it)',
    });
  });

  test('is truncated to the maximum length of CloudFormation', async () => {
    inspector.faults.push({ call: 'status', status: 400, type: 'ValidationException', message: 'x'.repeat(5_000) });
    const answer = await ask('Create');
    expect(answer.Status).toBe('FAILED');
    expect(JSON.stringify(answer).length).toBeLessThan(4_096);
  });
});

describe('a timeout', () => {
  test('fails with the last status and an ID that records the change', async () => {
    inspector.looks = 1_000;
    inspector.stateError = 'EC2_SSM_ASSOCIATION_VERSION_LIMIT_EXCEEDED';
    expect(await ask('Create', { time: 700 })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: ENABLED,
      Reason:
        'not finished within the time of the function; ' +
        'the last state of the EC2 scanning was ENABLING: EC2_SSM_ASSOCIATION_VERSION_LIMIT_EXCEEDED (as Inspector '
          + 'says it)',
    });
  });

  test('fails if a service does not respond', async () => {
    inspector.faults.push({ call: 'status', how: 'hang' });
    expect(await ask('Create', { time: 300 })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: UNCHANGED,
      Reason: 'not finished within the time of the function; Inspector did not answer',
    });
  });

  test('fails with the reason if permissions are never propagated', async () => {
    inspector.faults.push({
      call: 'status',
      status: 403,
      type: 'AccessDeniedException',
      message: 'no identity-based policy allows it',
      times: 99,
    });
    expect(await ask('Create', { time: 1_500 })).toMatchObject({ Status: 'FAILED', PhysicalResourceId: UNCHANGED });
    expect(inspector.calls).toEqual(['status', 'status']);
  });

  test('returns an ID that records the change if the request to enable does not return', async () => {
    inspector.faults.push({ call: 'enable', how: 'hang' });
    expect(await ask('Create', { time: 300 })).toMatchObject({ Status: 'FAILED', PhysicalResourceId: ENABLED });
  });

  test('fails at once if no time is left', async () => {
    expect(await ask('Create', { time: -50_000 })).toMatchObject({ Status: 'FAILED' });
  });

  test('succeeds for a deletion', async () => {
    inspector.scans.EC2 = 'ENABLED';
    inspector.looks = 1_000;
    expect(await ask('Delete', { PhysicalResourceId: ENABLED, time: 700 })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ENABLED,
    });
  });
});

describe('delete', () => {
  beforeEach(() => { inspector.scans.EC2 = 'ENABLED'; });

  test('disables a scan that this stack enabled, and waits until it is disabled', async () => {
    inspector.looks = 2;
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ENABLED,
    });
    expect(inspector.scans.EC2).toBe('DISABLED');
    expect(inspector.changes).toEqual(['disable EC2']);
  });

  test.each([
    ['was enabled before', UNCHANGED],
    ['has the ID of another type', 'inspector-scan/ECR/enabled-by-this-stack'],
    ['has an ID from CloudFormation', 'Stack-Scan-1ABCDEF'],
  ])('keeps a scan that %s', async (_, PhysicalResourceId) => {
    expect(await ask('Delete', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(inspector.changes).toEqual([]);
  });

  test('keeps a scan that is adopted by then', async () => {
    await ask('Delete', { PhysicalResourceId: ENABLED, properties: { Mode: 'adopt' } });
    expect(inspector.calls).toEqual([]);
  });

  test('keeps a scan that a delegated administrator manages by then, '
    + 'according to an error for the account', async () => {
    inspector.administrator = { accountId: '999988887777', relationshipStatus: 'ENABLED' };
    inspector.failedAccounts.disable.push('ACCESS_DENIED');
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS',
      Reason:
        'the EC2 scanning stays enabled: ACCESS_DENIED (as Inspector says it); the delegated administrator of the '
          + 'organization is 999988887777',
    });
    expect(inspector.scans.EC2).toBe('ENABLED');
    expect(errors).toHaveBeenCalledWith(expect.stringContaining('stays enabled'));
  });

  test('keeps a scan that a delegated administrator manages by then, according to '
    + 'an error for the whole request', async () => {
    inspector.administrator = { accountId: '999988887777', relationshipStatus: 'ENABLED' };
    inspector.faults.push({
      call: 'disable',
      status: 403,
      type: 'AccessDeniedException',
      message: 'Invoking account is not authorized to disable itself',
    });
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Reason:
        'the EC2 scanning stays enabled: Invoking account is not authorized to disable itself; the delegated '
          + 'administrator of the organization is 999988887777',
    });
  });

  test.each([
    ['another account, and does not manage this one', '999988887777', 'ENABLED'],
    ['no longer one', '999988887777', 'REMOVED'],
    ['this very account', ACCOUNT, 'ENABLED'],
  ])(
    'disables the scan of this stack if the delegated administrator of the organization is %s',
    async (_, accountId, relationshipStatus) => {
      inspector.administrator = { accountId, relationshipStatus };
      expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
      expect(inspector.scans.EC2).toBe('DISABLED');
    },
  );

  test('does not name this account as the administrator', async () => {
    inspector.administrator = { accountId: ACCOUNT, relationshipStatus: 'ENABLED' };
    inspector.failedAccounts.disable.push('DISASSOCIATE_ALL_MEMBERS');
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'DISASSOCIATE_ALL_MEMBERS (as Inspector says it)',
    });
  });

  test('succeeds if the scan is already disabled or suspended', async () => {
    for (const status of ['DISABLED', 'SUSPENDED']) {
      inspector.scans.EC2 = status;
      expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    }
    expect(inspector.changes).toEqual([]);
  });

  test('retries if Inspector is busy', async () => {
    inspector.failedAccounts.disable.push('ENABLE_IN_PROGRESS');
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(inspector.scans.EC2).toBe('DISABLED');
  });

  test.each(['ACCESS_DENIED', 'RESOURCE_SCAN_NOT_DISABLED', 'DISASSOCIATE_ALL_MEMBERS'])(
    'succeeds despite the error %s',
    async (code) => {
      inspector.failedAccounts.disable.push(code);
      expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
        Status: 'SUCCESS',
        Reason: `${code} (as Inspector says it)`,
      });
    },
  );

  test('succeeds despite an error of the service', async () => {
    inspector.faults.push({
      call: 'disable',
      status: 500,
      type: 'InternalServerException',
      message: 'oops',
      times: 99,
    });
    expect(await ask('Delete', { PhysicalResourceId: ENABLED, time: 500 })).toMatchObject({ Status: 'SUCCESS' });
    expect(inspector.scans.EC2).toBe('ENABLED');
  });
});

describe('the lifecycle of a stack', () => {
  const properties = { Mode: 'adopt' as const };

  test('includes a failed creation, whose rollback disables the enabled scan', async () => {
    inspector.looks = 1_000;
    const { Status, PhysicalResourceId } = await ask('Create', { time: 700 });
    expect(Status).toBe('FAILED');
    inspector.scans.EC2 = 'ENABLED';
    inspector.looks = 1;
    expect(await ask('Delete', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS' });
    expect(inspector.scans.EC2).toBe('DISABLED');
  });

  test('includes a creation that fails before a change, whose rollback changes nothing', async () => {
    inspector.failedAccounts.enable.push('ACCESS_DENIED');
    const { PhysicalResourceId } = await ask('Create');
    inspector.scans.EC2 = 'ENABLED';
    await ask('Delete', { PhysicalResourceId });
    expect(inspector.scans.EC2).toBe('ENABLED');
  });

  test('includes an update that keeps the ID', async () => {
    const { PhysicalResourceId } = await ask('Create');
    expect(await ask('Update', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(inspector.changes).toEqual(['enable EC2']);
  });

  test('includes an update that enables a disabled scan; deleting the old ID then changes nothing', async () => {
    inspector.scans.EC2 = 'ENABLED';
    const { PhysicalResourceId: old } = await ask('Create');
    inspector.scans.EC2 = 'DISABLED';
    expect(await ask('Update', { PhysicalResourceId: old })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ENABLED,
    });
    await ask('Delete', { PhysicalResourceId: old });
    expect(inspector.scans.EC2).toBe('ENABLED');
  });

  test('disables a scan that a person disabled and enabled again, because Inspector records no owner', async () => {
    const { PhysicalResourceId } = await ask('Create');
    inspector.scans.EC2 = 'DISABLED';
    inspector.scans.EC2 = 'ENABLED';
    await ask('Delete', { PhysicalResourceId });
    expect(inspector.scans.EC2).toBe('DISABLED');
  });

  test('keeps the enabled scan after create, adopt and delete', async () => {
    const { PhysicalResourceId } = await ask('Create');
    expect(await ask('Update', { PhysicalResourceId, properties })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId,
    });
    await ask('Delete', { PhysicalResourceId, properties });
    expect(inspector.scans.EC2).toBe('ENABLED');
  });

  test('disables the scan after create, adopt, a rollback and delete', async () => {
    const { PhysicalResourceId } = await ask('Create');
    await ask('Update', { PhysicalResourceId, properties });
    await ask('Update', { PhysicalResourceId });
    await ask('Delete', { PhysicalResourceId });
    expect(inspector.scans.EC2).toBe('DISABLED');
  });

  test('keeps an existing scan after adopt, create and delete', async () => {
    inspector.scans.EC2 = 'ENABLED';
    const { PhysicalResourceId } = await ask('Create', { properties });
    expect(await ask('Update', { PhysicalResourceId })).toMatchObject({ PhysicalResourceId: UNCHANGED });
    await ask('Delete', { PhysicalResourceId });
    expect(inspector.scans.EC2).toBe('ENABLED');
  });

  test('disables one type of scan and keeps the other', async () => {
    await ask('Create');
    await ask('Create', { properties: { ScanType: 'ECR' } });
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(inspector.scans).toMatchObject({ EC2: 'DISABLED', ECR: 'ENABLED' });
  });

  test('allows repeated requests, because Lambda can deliver a request twice', async () => {
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    // Inspector does not record who enabled a scan. CloudFormation uses the first response. If the first invocation had
    // returned no response, the scan would stay enabled.
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(inspector.changes).toEqual(['enable EC2']);
  });
});

describe('adopt', () => {
  const properties = { Mode: 'adopt' as const };

  test('accepts an enabled scan', async () => {
    inspector.scans.EC2 = 'ENABLED';
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(inspector.calls).toEqual(['status']);
  });

  test('waits for a scan that is being enabled', async () => {
    inspector.scans.EC2 = 'ENABLING';
    setTimeout(() => { inspector.scans.EC2 = 'ENABLED'; }, 300);
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS' });
  });

  test('fails if the scan is disabled, and does not enable it', async () => {
    expect(await ask('Create', { properties })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: UNCHANGED,
      Reason:
        `Inspector's EC2 scanning is DISABLED in account ${ACCOUNT}, and adopt does not change it. ` +
        'Enable it in the account that manages Inspector, or remove Guardrail.INSPECTOR from adopt of '
          + 'ComplianceGuardrails',
    });
    expect(inspector.changes).toEqual([]);
  });
});

describe('the response', () => {
  test('has no content type, which would not match the signature of the URL', async () => {
    await ask('Delete', { PhysicalResourceId: UNCHANGED });
    expect(inspector.answerHeaders[0]['content-type']).toBeUndefined();
    expect(Number(inspector.answerHeaders[0]['content-length'])).toBeGreaterThan(0);
  });
});
