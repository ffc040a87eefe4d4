import { handler } from '../../../src/guardrails/access-analyzer/enable-access-analyzer.lambda';
import { FakeAccessAnalyzer } from '../../support/fake-access-analyzer';
import { ACCOUNT, Answer, Asked, askHandler, pointSdkAt, STACK_ID } from '../../support/fake-service';

const ENABLED = 'access-analyzer/external-access/enabled-by-this-stack';
const NOT_OURS = 'access-analyzer/external-access/not-enabled-by-this-stack';

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
  test('makes an analyzer, waits until it is active, and remembers that it was us', async () => {
    service.looks = 3;
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(service.analyzers).toEqual([
      { name: 'ours', type: 'ACCOUNT', status: 'ACTIVE', tags: { 'cdk-hipaa:enabled-by': STACK_ID } },
    ]);
  });

  test.each(['ACCOUNT', 'ORGANIZATION'])('leaves what there is for the %s: a success, and not ours', async (type) => {
    service.add({ type });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(service.changes).toEqual([]);
  });

  test('an analyzer of unused access is another thing', async () => {
    service.add({ type: 'ACCOUNT_UNUSED_ACCESS' });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(service.analyzers).toHaveLength(2);
  });

  test('somebody else is faster between the look and the call: not ours', async () => {
    service.beforeCreation = () => { service.add(); };
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(service.changes).toEqual(['create ours']);
  });

  test('another stack of this library is faster: not ours', async () => {
    service.beforeCreation = () => { service.add({ name: 'ours', tags: { 'cdk-hipaa:enabled-by': 'another' } }); };
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
  });

  test('an answer that was lost is asked for again: what carries the stack\'s tag is ours', async () => {
    service.faults.push({ call: 'create', how: 'lose' });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(service.changes).toEqual(['create ours', 'create ours']);
  });

  test('throttling is waited for', async () => {
    service.faults.push(
      { call: 'list', status: 429, code: 'ThrottlingException' },
      { call: 'create', status: 429, code: 'ThrottlingException' },
    );
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
  });

  test('an analyzer that failed is in the way, and named', async () => {
    service.add({ status: 'FAILED', statusReason: { code: 'SERVICE_LINKED_ROLE_CREATION_FAILED' } });
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NOT_OURS,
      Reason: `IAM Access Analyzer's external access analyzer cannot be enabled in account ${ACCOUNT}: `
        + 'the analyzer theirs is FAILED, and an account has one per region; delete it',
    });
  });

  test('an analyzer of this stack that failed is deleted, and made again', async () => {
    service.add({ name: 'ours', status: 'FAILED', tags: { 'cdk-hipaa:enabled-by': STACK_ID } });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(service.changes).toEqual(['delete ours', 'create ours']);
  });

  test.each([
    ['SERVICE_LINKED_ROLE_CREATION_FAILED', { code: 'SERVICE_LINKED_ROLE_CREATION_FAILED' }],
    ['no reason is given', undefined],
  ])(
    'a creation that ends as FAILED is told (%s), and the rollback deletes what it left behind',
    async (told, statusReason) => {
      service.endsAs = { status: 'FAILED', statusReason };
      const { Status, Reason, PhysicalResourceId } = await ask('Create');
      expect({ Status, Reason, PhysicalResourceId }).toEqual({
        Status: 'FAILED',
        Reason: `IAM Access Analyzer's external access analyzer cannot be enabled in account ${ACCOUNT}: the creation `
          + `failed: ${told}`,
        PhysicalResourceId: ENABLED,
      });
      expect(await ask('Delete', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
      expect(service.analyzers).toEqual([]);
    },
  );

  test.each([
    ['a limit that no analyzer explains', 'ServiceQuotaExceededException: limit', 'limit'],
    ['a refusal', 'AccessDeniedException: explicit deny', 'explicit deny'],
  ])('%s is told', async (_, code, reason) => {
    service.faults.push({ call: 'create', status: 402, code });
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NOT_OURS,
      Reason: `IAM Access Analyzer's external access analyzer cannot be enabled in account ${ACCOUNT}: ${reason}`,
    });
  });
});

describe('delete', () => {
  test('deletes what we made', async () => {
    await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(service.analyzers).toEqual([]);
  });

  test.each(['FAILED', 'DISABLED'])('deletes what we made though it is %s', async (status) => {
    await ask('Create');
    Object.assign(service.analyzers[0], { status });
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(service.analyzers).toEqual([]);
  });

  test('waits for what we made while it is being made, and deletes it then', async () => {
    service.add({ name: 'ours', status: 'CREATING', tags: { 'cdk-hipaa:enabled-by': STACK_ID } });
    setTimeout(() => { service.analyzers[0].status = 'FAILED'; }, 200);
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(service.analyzers).toEqual([]);
  });

  test.each([NOT_OURS, 'Stack-Switch-1ABCDEF'])('leaves everything for %s', async (PhysicalResourceId) => {
    service.add();
    await ask('Delete', { PhysicalResourceId });
    expect(service.changes).toEqual([]);
  });

  test('leaves what somebody else has made since', async () => {
    await ask('Create');
    service.analyzers = [];
    service.add();
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS', Reason: 'the external access analyzer stays enabled: another caller has enabled it since',
    });
    expect(service.changes).toEqual(['create ours']);
  });

  test('deletes what we made, and leaves what the organization has made beside it', async () => {
    await ask('Create');
    service.add({ type: 'ORGANIZATION' });
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(service.analyzers.map(({ name }) => name)).toEqual(['theirs']);
  });

  test('what is gone already is fine', async () => {
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  });
});

describe('an answer that CloudFormation never got', () => {
  test('of an interrupted invocation: the next one finds the analyzer and recognizes its tag', async () => {
    await ask('Create');
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(service.changes).toEqual(['create ours']);
  });

  test('at all: the rollback has an ID of CloudFormation, and the tag identifies the analyzer', async () => {
    await ask('Create');
    await ask('Delete', { PhysicalResourceId: 'Stack-Switch-1ABCDEF' });
    expect(service.analyzers).toEqual([]);
  });

  test('while it is being made', async () => {
    service.add({ name: 'ours', status: 'CREATING', tags: { 'cdk-hipaa:enabled-by': STACK_ID } });
    setTimeout(() => { service.analyzers[0].status = 'ACTIVE'; }, 200);
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
  });
});

describe('the life of a stack', () => {
  test('made twice, in two stacks: the second takes nothing away', async () => {
    await ask('Create');
    const { PhysicalResourceId } = await ask('Create', { StackId: 'another' });
    await ask('Delete', { PhysicalResourceId, StackId: 'another' });
    expect(service.analyzers).toHaveLength(1);
  });

  test('an analyzer that is not active in time is deleted by the rollback', async () => {
    service.looks = 1_000;
    const { Status, PhysicalResourceId } = await ask('Create', { time: 500 });
    expect([Status, PhysicalResourceId]).toEqual(['FAILED', ENABLED]);
    service.analyzers[0].status = 'ACTIVE';
    await ask('Delete', { PhysicalResourceId });
    expect(service.analyzers).toEqual([]);
  });

  test('an update makes what somebody deleted', async () => {
    const { PhysicalResourceId } = await ask('Create');
    service.analyzers = [];
    expect(await ask('Update', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(service.analyzers).toHaveLength(1);
  });
});

describe('adopt', () => {
  const properties = { Mode: 'adopt' as const };

  test('what is there is fine', async () => {
    service.add();
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
  });

  test('what is not there fails, and is not made', async () => {
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
