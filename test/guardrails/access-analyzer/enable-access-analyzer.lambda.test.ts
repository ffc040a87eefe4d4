import { handler } from '../../../src/guardrails/access-analyzer/enable-access-analyzer.lambda';
import { FakeAccessAnalyzer } from '../../support/fake-access-analyzer';
import { ACCOUNT, Answer, Asked, askHandler, pointSdkAt, STACK_ID } from '../../support/fake-service';

jest.mock('timers/promises', () => jest.requireActual('../../support/short-pauses'));

const ENABLED = 'access-analyzer/external-access/enabled-by-this-stack';
const UNCHANGED = 'access-analyzer/external-access/not-enabled-by-this-stack';

type Properties = Parameters<typeof handler>[0]['ResourceProperties'];

let service: FakeAccessAnalyzer;
let errors: jest.SpyInstance;

beforeEach(async () => {
  service = new FakeAccessAnalyzer();
  await service.start();
  pointSdkAt(service.url);
  errors = jest.spyOn(console, 'error').mockImplementation();
});

afterEach(async () => {
  errors.mockRestore();
  await service.stop();
});

const ask = (type: 'Create' | 'Update' | 'Delete', asked?: Asked<Properties>): Promise<Answer> =>
  askHandler(handler, service, type, { AnalyzerName: 'ours' } as Properties, asked);

describe('create', () => {
  test('creates an analyzer, waits until it is active, and returns an ID that records the creation', async () => {
    service.looks = 3;
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(service.analyzers).toEqual([
      { name: 'ours', type: 'ACCOUNT', status: 'ACTIVE', tags: { 'cdk-hipaa:enabled-by': STACK_ID } },
    ]);
  });

  test.each(['ACCOUNT', 'ORGANIZATION'])('keeps an existing analyzer of the type %s and returns an ID that records '
    + 'no creation', async (type) => {
    service.add({ type });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(service.changes).toEqual([]);
  });

  test('creates an analyzer next to an analyzer of unused access', async () => {
    service.add({ type: 'ACCOUNT_UNUSED_ACCESS' });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(service.analyzers).toHaveLength(2);
  });

  test('keeps an analyzer that another caller creates between the read and the call', async () => {
    service.beforeCreation = () => { service.add(); };
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(service.changes).toEqual(['create ours']);
  });

  test('keeps an analyzer that another stack of this library creates first', async () => {
    service.beforeCreation = () => { service.add({ name: 'ours', tags: { 'cdk-hipaa:enabled-by': 'another' } }); };
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
  });

  test('retries after a lost response and recognizes the analyzer by the tag of the stack', async () => {
    service.faults.push({ call: 'create', how: 'lose' });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(service.changes).toEqual(['create ours', 'create ours']);
  });

  test('retries throttled calls', async () => {
    service.faults.push(
      { call: 'list', status: 429, code: 'ThrottlingException' },
      { call: 'create', status: 429, code: 'ThrottlingException' },
    );
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
  });

  test('fails with the name of a failed analyzer that blocks the creation', async () => {
    service.add({ status: 'FAILED', statusReason: { code: 'SERVICE_LINKED_ROLE_CREATION_FAILED' } });
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: UNCHANGED,
      Reason: `IAM Access Analyzer's external access analyzer cannot be enabled in account ${ACCOUNT}: `
        + 'the analyzer theirs is FAILED, and an account has one per region; delete it',
    });
  });

  test('replaces a failed analyzer that this stack created', async () => {
    service.add({ name: 'ours', status: 'FAILED', tags: { 'cdk-hipaa:enabled-by': STACK_ID } });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(service.changes).toEqual(['delete ours', 'create ours']);
  });

  test.each([
    ['SERVICE_LINKED_ROLE_CREATION_FAILED', { code: 'SERVICE_LINKED_ROLE_CREATION_FAILED' }],
    ['no reason is given', undefined],
  ])(
    'fails if the analyzer ends as FAILED (%s), and the rollback deletes the analyzer',
    async (text, statusReason) => {
      service.endsAs = { status: 'FAILED', statusReason };
      const { Status, Reason, PhysicalResourceId } = await ask('Create');
      expect({ Status, Reason, PhysicalResourceId }).toEqual({
        Status: 'FAILED',
        Reason: `IAM Access Analyzer's external access analyzer cannot be enabled in account ${ACCOUNT}: the creation `
          + `failed: ${text}`,
        PhysicalResourceId: ENABLED,
      });
      expect(await ask('Delete', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
      expect(service.analyzers).toEqual([]);
    },
  );

  test.each([
    ['a limit without an existing analyzer', 'ServiceQuotaExceededException: limit', 'limit'],
    ['a denied request', 'AccessDeniedException: explicit deny', 'explicit deny'],
  ])('fails with the reason for %s', async (_, code, reason) => {
    service.faults.push({ call: 'create', status: 402, code });
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: UNCHANGED,
      Reason: `IAM Access Analyzer's external access analyzer cannot be enabled in account ${ACCOUNT}: ${reason}`,
    });
  });
});

describe('delete', () => {
  test('deletes the analyzer that this stack created', async () => {
    await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(service.analyzers).toEqual([]);
  });

  test.each(['FAILED', 'DISABLED'])('deletes the analyzer of this stack in the status %s', async (status) => {
    await ask('Create');
    Object.assign(service.analyzers[0], { status });
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(service.analyzers).toEqual([]);
  });

  test('waits for an analyzer that is still in creation, and then deletes it', async () => {
    service.add({ name: 'ours', status: 'CREATING', tags: { 'cdk-hipaa:enabled-by': STACK_ID } });
    setTimeout(() => { service.analyzers[0].status = 'FAILED'; }, 200);
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(service.analyzers).toEqual([]);
  });

  test.each([UNCHANGED, 'Stack-Switch-1ABCDEF'])('changes nothing for the ID %s', async (PhysicalResourceId) => {
    service.add();
    await ask('Delete', { PhysicalResourceId });
    expect(service.changes).toEqual([]);
  });

  test('keeps an analyzer that another caller created later', async () => {
    await ask('Create');
    service.analyzers = [];
    service.add();
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS', Reason: 'the external access analyzer stays enabled: another caller has enabled it since',
    });
    expect(service.changes).toEqual(['create ours']);
  });

  test('deletes the analyzer of this stack and keeps an analyzer of the organization', async () => {
    await ask('Create');
    service.add({ type: 'ORGANIZATION' });
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(service.analyzers.map(({ name }) => name)).toEqual(['theirs']);
  });

  test('succeeds if the analyzer is already deleted', async () => {
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  });
});

describe('a response that CloudFormation did not receive', () => {
  test('of an interrupted invocation is repeated: the next invocation '
    + 'recognizes the analyzer by its tag', async () => {
    await ask('Create');
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(service.changes).toEqual(['create ours']);
  });

  test('leads to a rollback with an ID from CloudFormation, and the tag identifies the analyzer', async () => {
    await ask('Create');
    await ask('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF' });
    expect(service.analyzers).toEqual([]);
  });

  test('is repeated if the analyzer is still in creation', async () => {
    service.add({ name: 'ours', status: 'CREATING', tags: { 'cdk-hipaa:enabled-by': STACK_ID } });
    setTimeout(() => { service.analyzers[0].status = 'ACTIVE'; }, 200);
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
  });
});

describe('the lifecycle of a stack', () => {
  test('keeps the analyzer when a second stack is created and deleted', async () => {
    await ask('Create');
    const { PhysicalResourceId } = await ask('Create', { StackId: 'another' });
    await ask('Delete', { PhysicalResourceId, StackId: 'another' });
    expect(service.analyzers).toHaveLength(1);
  });

  test('includes a rollback that deletes an analyzer that was not active in time', async () => {
    service.looks = 1_000;
    const { Status, PhysicalResourceId } = await ask('Create', { time: 500 });
    expect([Status, PhysicalResourceId]).toEqual(['FAILED', ENABLED]);
    service.analyzers[0].status = 'ACTIVE';
    await ask('Delete', { PhysicalResourceId });
    expect(service.analyzers).toEqual([]);
  });

  test('includes an update that creates a deleted analyzer again', async () => {
    const { PhysicalResourceId } = await ask('Create');
    service.analyzers = [];
    expect(await ask('Update', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(service.analyzers).toHaveLength(1);
  });
});

describe('adopt', () => {
  const properties = { Mode: 'adopt' as const };

  test('accepts an existing analyzer', async () => {
    service.add();
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
  });

  test('fails if there is no analyzer, and does not create one', async () => {
    expect(await ask('Create', { properties })).toMatchObject({
      Status: 'FAILED',
      Reason:
        `IAM Access Analyzer's external access analyzer is missing in account ${ACCOUNT}, and adopt does not change `
          + 'it. ' +
        'Enable it in the account that manages IAM Access Analyzer, or remove Guardrail.ACCESS_ANALYZER from adopt of '
          + 'ComplianceGuardrails',
    });
    expect(service.changes).toEqual([]);
  });
});
