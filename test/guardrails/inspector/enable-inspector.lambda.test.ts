import { handler } from '../../../src/guardrails/inspector/enable-inspector.lambda';
import { Answer, FakeInspector } from '../../support/fake-inspector';

const ACCOUNT = '111122223333';
const STACK_ID = `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/Stack/1`;
const OURS = 'inspector-scan/EC2/enabled-by-this-stack';
const NOT_OURS = 'inspector-scan/EC2/not-enabled-by-this-stack';
/** What the handler keeps back of the invocation's time for its answer. */
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

/** Sends one request as CloudFormation does, and returns what it was answered. */
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
  test('enables what is disabled, waits until it is enabled, and remembers that it was us', async () => {
    inspector.looks = 3;
    expect(await ask('Create')).toEqual({
      Status: 'SUCCESS',
      Reason: 'done',
      PhysicalResourceId: OURS,
      StackId: STACK_ID,
      RequestId: 'request',
      LogicalResourceId: 'Scan',
    });
    expect(inspector.scans.EC2).toBe('ENABLED');
    expect(inspector.calls).toEqual(['status', 'enable EC2', 'status', 'status', 'status', 'status']);
  });

  test('touches no other type of scan', async () => {
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

  test('what is enabled already is a success, and not ours', async () => {
    inspector.scans.EC2 = 'ENABLED';
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(inspector.changes).toEqual([]);
  });

  test('what somebody else is enabling is waited for, and not ours', async () => {
    inspector.scans.EC2 = 'ENABLING';
    setTimeout(() => { inspector.scans.EC2 = 'ENABLED'; }, 300);
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(inspector.changes).toEqual([]);
  });

  test('somebody else is faster between the look and the call: not ours', async () => {
    inspector.failedAccounts.enable.push('ALREADY_ENABLED');
    setTimeout(() => { inspector.scans.EC2 = 'ENABLED'; }, 100);
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
  });

  test('what is just being disabled is waited for, and then enabled', async () => {
    inspector.scans.EC2 = 'DISABLING';
    setTimeout(() => { inspector.scans.EC2 = 'DISABLED'; }, 300);
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
  });

  test('what is suspended is enabled', async () => {
    inspector.scans.EC2 = 'SUSPENDED';
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
  });

  test.each(['ENABLE_IN_PROGRESS', 'EVENTBRIDGE_THROTTLED', 'SSM_UNAVAILABLE', 'INTERNAL_ERROR'])(
    '%s is tried again',
    async (code) => {
      inspector.failedAccounts.enable.push(code);
      expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
      expect(inspector.changes).toEqual(['enable EC2', 'enable EC2']);
    },
  );

  test('throttling and server errors are retried', async () => {
    inspector.faults.push(
      { call: 'status', status: 429, type: 'ThrottlingException', message: 'slow down', times: 2 },
      { call: 'enable', status: 429, type: 'ThrottlingException', message: 'slow down' },
      { call: 'enable', status: 500, type: 'InternalServerException', message: 'oops' },
    );
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
    expect(inspector.changes).toHaveLength(3);
  });

  test('permissions that IAM has not spread yet are waited for', async () => {
    const message =
      'User: role is not authorized to perform: inspector2:Enable because no identity-based policy allows the '
        + 'inspector2:Enable action';
    inspector.faults.push({ call: 'enable', status: 403, type: 'AccessDeniedException', message });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
    expect(inspector.changes).toHaveLength(2);
  });

  test('a request whose answer was lost is retried, and counts as ours', async () => {
    inspector.faults.push({ call: 'enable', how: 'drop' });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
    expect(inspector.scans.EC2).toBe('ENABLED');
  });
});

describe('where a region does not offer the scan', () => {
  beforeEach(() => { inspector.notOffered = ['LAMBDA']; });

  test('it is left out, if it need not be', async () => {
    const answer = await ask('Create', { properties: { ScanType: 'LAMBDA', WhereOffered: 'true' } });
    expect(answer).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'inspector-scan/LAMBDA/not-enabled-by-this-stack',
    });
  });

  test('it fails with Inspector\'s words, if it was asked for', async () => {
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

  test('a denied access is no such case', async () => {
    inspector.faults.push({
      call: 'enable',
      status: 403,
      type: 'AccessDeniedException',
      message: 'explicit deny in a service control policy',
    });
    expect(await ask('Create', { properties: { WhereOffered: 'true' } })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NOT_OURS,
      Reason: `Inspector's EC2 scanning cannot be enabled in account ${ACCOUNT}: explicit deny in a service control `
        + 'policy',
    });
  });
});

describe('what Inspector refuses', () => {
  test('a delegated administrator is named', async () => {
    inspector.administrator = { accountId: '999988887777', relationshipStatus: 'ENABLED' };
    inspector.failedAccounts.enable.push('ACCESS_DENIED');
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NOT_OURS,
      Reason:
        `Inspector's EC2 scanning cannot be enabled in account ${ACCOUNT}: ACCESS_DENIED (as Inspector says it); ` +
        'the delegated administrator 999988887777 manages it: enable it there and add Guardrail.INSPECTOR to adopt of '
          + 'ComplianceGuardrails',
    });
  });

  test('an organization\'s policy is told as Inspector tells it', async () => {
    inspector.failedAccounts.enable.push('BLOCKED_BY_ORGANIZATION_POLICY');
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      Reason: `Inspector's EC2 scanning cannot be enabled in account ${ACCOUNT}: BLOCKED_BY_ORGANIZATION_POLICY (as `
        + 'Inspector says it)',
    });
  });

  test('an administrator that cannot be looked up hides nothing: the answer is given', async () => {
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

  test('a status that is not told', async () => {
    inspector.failedAccounts.status.push('ACCESS_DENIED');
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NOT_OURS,
      Reason: 'Inspector does not return its status: ACCESS_DENIED (as Inspector says it)',
    });
  });

  test('a long reason is cut to what CloudFormation takes', async () => {
    inspector.faults.push({ call: 'status', status: 400, type: 'ValidationException', message: 'x'.repeat(5_000) });
    const answer = await ask('Create');
    expect(answer.Status).toBe('FAILED');
    expect(JSON.stringify(answer).length).toBeLessThan(4_096);
  });
});

describe('time', () => {
  test('what does not become enabled in time fails with the last status, and is known to be ours', async () => {
    inspector.looks = 1_000;
    inspector.stateError = 'EC2_SSM_ASSOCIATION_VERSION_LIMIT_EXCEEDED';
    expect(await ask('Create', { time: 700 })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: OURS,
      Reason:
        'not finished within the time of the function; ' +
        'the last state of the EC2 scanning was ENABLING: EC2_SSM_ASSOCIATION_VERSION_LIMIT_EXCEEDED (as Inspector '
          + 'says it)',
    });
  });

  test('a service that hangs is answered for', async () => {
    inspector.faults.push({ call: 'status', how: 'hang' });
    expect(await ask('Create', { time: 300 })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NOT_OURS,
      Reason: 'not finished within the time of the function; Inspector did not answer',
    });
  });

  test('permissions that never come are told', async () => {
    inspector.faults.push({
      call: 'status',
      status: 403,
      type: 'AccessDeniedException',
      message: 'no identity-based policy allows it',
      times: 99,
    });
    expect(await ask('Create', { time: 1_500 })).toMatchObject({ Status: 'FAILED', PhysicalResourceId: NOT_OURS });
    expect(inspector.calls).toEqual(['status', 'status']);
  });

  test('a request to enable that hangs counts as ours', async () => {
    inspector.faults.push({ call: 'enable', how: 'hang' });
    expect(await ask('Create', { time: 300 })).toMatchObject({ Status: 'FAILED', PhysicalResourceId: OURS });
  });

  test('an invocation that has no time left is answered at once', async () => {
    expect(await ask('Create', { time: -50_000 })).toMatchObject({ Status: 'FAILED' });
  });

  test('a deletion that does not finish in time succeeds', async () => {
    inspector.scans.EC2 = 'ENABLED';
    inspector.looks = 1_000;
    expect(await ask('Delete', { PhysicalResourceId: OURS, time: 700 })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: OURS,
    });
  });
});

describe('delete', () => {
  beforeEach(() => { inspector.scans.EC2 = 'ENABLED'; });

  test('disables what we enabled, and waits until it is', async () => {
    inspector.looks = 2;
    expect(await ask('Delete', { PhysicalResourceId: OURS })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: OURS,
    });
    expect(inspector.scans.EC2).toBe('DISABLED');
    expect(inspector.changes).toEqual(['disable EC2']);
  });

  test.each([
    ['was enabled before', NOT_OURS],
    ['is another type\'s', 'inspector-scan/ECR/enabled-by-this-stack'],
    ['never answered its creation, so that CloudFormation made up the id', 'Stack-Scan-1ABCDEF'],
  ])('leaves what %s', async (_, PhysicalResourceId) => {
    expect(await ask('Delete', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(inspector.changes).toEqual([]);
  });

  test('leaves what has been adopted since', async () => {
    await ask('Delete', { PhysicalResourceId: OURS, properties: { Mode: 'adopt' } });
    expect(inspector.calls).toEqual([]);
  });

  test('leaves what a delegated administrator manages by now, which a refusal tells', async () => {
    inspector.administrator = { accountId: '999988887777', relationshipStatus: 'ENABLED' };
    inspector.failedAccounts.disable.push('ACCESS_DENIED');
    expect(await ask('Delete', { PhysicalResourceId: OURS })).toMatchObject({
      Status: 'SUCCESS',
      Reason:
        'the EC2 scanning stays enabled: ACCESS_DENIED (as Inspector says it); the delegated administrator of the '
          + 'organization is 999988887777',
    });
    expect(inspector.scans.EC2).toBe('ENABLED');
    expect(errors).toHaveBeenCalledWith(expect.stringContaining('stays enabled'));
  });

  test('also where Inspector refuses the whole request', async () => {
    inspector.administrator = { accountId: '999988887777', relationshipStatus: 'ENABLED' };
    inspector.faults.push({
      call: 'disable',
      status: 403,
      type: 'AccessDeniedException',
      message: 'Invoking account is not authorized to disable itself',
    });
    expect(await ask('Delete', { PhysicalResourceId: OURS })).toMatchObject({
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
    "disables what we enabled where the organization's administrator is %s",
    async (_, accountId, relationshipStatus) => {
      inspector.administrator = { accountId, relationshipStatus };
      expect(await ask('Delete', { PhysicalResourceId: OURS })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
      expect(inspector.scans.EC2).toBe('DISABLED');
    },
  );

  test('this account is not named as the administrator that has to be asked', async () => {
    inspector.administrator = { accountId: ACCOUNT, relationshipStatus: 'ENABLED' };
    inspector.failedAccounts.disable.push('DISASSOCIATE_ALL_MEMBERS');
    expect(await ask('Delete', { PhysicalResourceId: OURS })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'DISASSOCIATE_ALL_MEMBERS (as Inspector says it)',
    });
  });

  test('what somebody disabled or suspended already is fine', async () => {
    for (const status of ['DISABLED', 'SUSPENDED']) {
      inspector.scans.EC2 = status;
      expect(await ask('Delete', { PhysicalResourceId: OURS })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    }
    expect(inspector.changes).toEqual([]);
  });

  test('what is busy is tried again', async () => {
    inspector.failedAccounts.disable.push('ENABLE_IN_PROGRESS');
    await ask('Delete', { PhysicalResourceId: OURS });
    expect(inspector.scans.EC2).toBe('DISABLED');
  });

  test.each(['ACCESS_DENIED', 'RESOURCE_SCAN_NOT_DISABLED', 'DISASSOCIATE_ALL_MEMBERS'])(
    '%s does not fail the deletion',
    async (code) => {
      inspector.failedAccounts.disable.push(code);
      expect(await ask('Delete', { PhysicalResourceId: OURS })).toMatchObject({
        Status: 'SUCCESS',
        Reason: `${code} (as Inspector says it)`,
      });
    },
  );

  test('an error of the service does not fail the deletion', async () => {
    inspector.faults.push({
      call: 'disable',
      status: 500,
      type: 'InternalServerException',
      message: 'oops',
      times: 99,
    });
    expect(await ask('Delete', { PhysicalResourceId: OURS, time: 500 })).toMatchObject({ Status: 'SUCCESS' });
    expect(inspector.scans.EC2).toBe('ENABLED');
  });
});

describe('the life of a stack', () => {
  const properties = { Mode: 'adopt' as const };

  test('a creation that fails is rolled back with the id of its answer: what it enabled is disabled', async () => {
    inspector.looks = 1_000;
    const { Status, PhysicalResourceId } = await ask('Create', { time: 700 });
    expect(Status).toBe('FAILED');
    inspector.scans.EC2 = 'ENABLED';
    inspector.looks = 1;
    expect(await ask('Delete', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS' });
    expect(inspector.scans.EC2).toBe('DISABLED');
  });

  test('a creation that failed before it enabled anything is rolled back without a change', async () => {
    inspector.failedAccounts.enable.push('ACCESS_DENIED');
    const { PhysicalResourceId } = await ask('Create');
    inspector.scans.EC2 = 'ENABLED';
    await ask('Delete', { PhysicalResourceId });
    expect(inspector.scans.EC2).toBe('ENABLED');
  });

  test('an update keeps the id of what is ours, whoever enables it again', async () => {
    const { PhysicalResourceId } = await ask('Create');
    expect(await ask('Update', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(inspector.changes).toEqual(['enable EC2']);
  });

  test('an update enables what somebody disabled; the old id is then deleted without a change', async () => {
    inspector.scans.EC2 = 'ENABLED';
    const { PhysicalResourceId: old } = await ask('Create');
    inspector.scans.EC2 = 'DISABLED';
    expect(await ask('Update', { PhysicalResourceId: old })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: OURS,
    });
    await ask('Delete', { PhysicalResourceId: old });
    expect(inspector.scans.EC2).toBe('ENABLED');
  });

  test('disables what a person disabled and enabled again: Inspector has no mark of it', async () => {
    const { PhysicalResourceId } = await ask('Create');
    inspector.scans.EC2 = 'DISABLED';
    inspector.scans.EC2 = 'ENABLED';
    await ask('Delete', { PhysicalResourceId });
    expect(inspector.scans.EC2).toBe('DISABLED');
  });

  test('create, then adopt, then delete: what was enabled stays', async () => {
    const { PhysicalResourceId } = await ask('Create');
    expect(await ask('Update', { PhysicalResourceId, properties })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId,
    });
    await ask('Delete', { PhysicalResourceId, properties });
    expect(inspector.scans.EC2).toBe('ENABLED');
  });

  test('create, then adopt, rolled back, then delete: what was enabled goes', async () => {
    const { PhysicalResourceId } = await ask('Create');
    await ask('Update', { PhysicalResourceId, properties });
    await ask('Update', { PhysicalResourceId });
    await ask('Delete', { PhysicalResourceId });
    expect(inspector.scans.EC2).toBe('DISABLED');
  });

  test('adopt, then create, then delete: what was found stays', async () => {
    inspector.scans.EC2 = 'ENABLED';
    const { PhysicalResourceId } = await ask('Create', { properties });
    expect(await ask('Update', { PhysicalResourceId })).toMatchObject({ PhysicalResourceId: NOT_OURS });
    await ask('Delete', { PhysicalResourceId });
    expect(inspector.scans.EC2).toBe('ENABLED');
  });

  test('one type of scan is given back, the other stays', async () => {
    await ask('Create');
    await ask('Create', { properties: { ScanType: 'ECR' } });
    await ask('Delete', { PhysicalResourceId: OURS });
    expect(inspector.scans).toMatchObject({ EC2: 'DISABLED', ECR: 'ENABLED' });
  });

  test('the same request twice, as Lambda may deliver it, changes nothing more', async () => {
    await ask('Delete', { PhysicalResourceId: OURS });
    expect(await ask('Delete', { PhysicalResourceId: OURS })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
    // A scan bears no mark of who enabled it. CloudFormation takes the first answer; had the first invocation given
    // none, the scan would stay on.
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(inspector.changes).toEqual(['enable EC2']);
  });
});

describe('adopt', () => {
  const properties = { Mode: 'adopt' as const };

  test('what is enabled is fine', async () => {
    inspector.scans.EC2 = 'ENABLED';
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(inspector.calls).toEqual(['status']);
  });

  test('what is being enabled is waited for', async () => {
    inspector.scans.EC2 = 'ENABLING';
    setTimeout(() => { inspector.scans.EC2 = 'ENABLED'; }, 300);
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS' });
  });

  test('what is disabled fails, and is not enabled', async () => {
    expect(await ask('Create', { properties })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NOT_OURS,
      Reason:
        `Inspector's EC2 scanning is DISABLED in account ${ACCOUNT}, and adopt does not change it. ` +
        'Enable it in the account that manages Inspector, or remove Guardrail.INSPECTOR from adopt of '
          + 'ComplianceGuardrails',
    });
    expect(inspector.changes).toEqual([]);
  });
});

describe('the answer', () => {
  test('has no content type, which would not match the signature of the URL', async () => {
    await ask('Delete', { PhysicalResourceId: NOT_OURS });
    expect(inspector.answerHeaders[0]['content-type']).toBeUndefined();
    expect(Number(inspector.answerHeaders[0]['content-length'])).toBeGreaterThan(0);
  });
});
