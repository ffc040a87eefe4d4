import { handler } from '../../../src/guardrails/config/record-config.lambda';
import { FakeAwsError } from '../../support/fake-aws';
import { FakeCloudFormation } from '../../support/fake-cloudformation';
import { EVERYTHING, FakeConfig, FakeIam } from '../../support/fake-config';
import { Answer } from '../../support/fake-inspector';

jest.mock('timers/promises', () => jest.requireActual('../../support/short-pauses'));

const ACCOUNT = '111122223333';
const ENABLED = 'config-recorder/enabled-by-this-stack';
const UNCHANGED = 'config-recorder/not-enabled-by-this-stack';
const NAME = 'cdk-hipaa-51af3dc0-da77-11e4-872e-1234567db123';
/** The part of the invocation time that the handler reserves for its response. */
const MARGIN = 60_000;

type Request = Parameters<typeof handler>[0];
type Fields = Partial<Omit<Request, 'ResourceProperties'>> & {
  properties?: Partial<Request['ResourceProperties']>;
  time?: number;
};

const config = new FakeConfig();
const iam = new FakeIam();
const cloudFormation = new FakeCloudFormation();
const fakes = [config, iam, cloudFormation];
let errors: jest.SpyInstance;
let warnings: jest.SpyInstance;

beforeAll(async () => {
  for (const fake of fakes) await fake.start();
  process.env.AWS_ENDPOINT_URL_IAM = iam.url;
});

afterAll(async () => {
  for (const fake of fakes) await fake.stop();
});

beforeEach(() => {
  Object.assign(config, { recorders: [], channels: [], looks: 0, knowsRole: true });
  config.recording.clear();
  config.requests.length = 0;
  config.calm();
  iam.roles.clear();
  iam.refusal = undefined;
  errors = jest.spyOn(console, 'error').mockImplementation();
  warnings = jest.spyOn(console, 'warn').mockImplementation();
});

afterEach(() => {
  errors.mockRestore();
  warnings.mockRestore();
});

const CREATE = {
  Mode: 'create',
  WhereOffered: 'false',
  Frequency: 'CONTINUOUS',
  ExcludedTypes: [],
  BucketName: 'history',
  KeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1',
} as const;
const ADOPT = { Mode: 'adopt', WhereOffered: 'false' } as const;

/** Sends a request as CloudFormation does, and returns the response. */
async function ask(
  RequestType: Request['RequestType'],
  { properties, time = 30_000, ...fields }: Fields = {},
): Promise<Answer> {
  const before = cloudFormation.answers.length;
  await handler(
    {
      RequestType,
      ResponseURL: `${cloudFormation.url}/answer`,
      StackId: `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/Stack/51af3dc0-da77-11e4-872e-1234567db123`,
      RequestId: 'request',
      LogicalResourceId: 'Recorder',
      ...fields,
      ResourceProperties:
        properties?.Mode === 'adopt' ? { ...ADOPT, ...properties } : { ...CREATE, ExcludedTypes: [], ...properties },
    },
    {
      invokedFunctionArn: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:Record`,
      getRemainingTimeInMillis: () => MARGIN + time,
    },
  );
  expect(cloudFormation.answers).toHaveLength(before + 1);
  return cloudFormation.answers[before];
}

describe('create, in an empty account', () => {
  test('creates the role, the recorder and the channel and starts the recorder, in this order', async () => {
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', Reason: 'done', PhysicalResourceId: ENABLED });
    expect(iam.roles).toEqual(new Set(['config.amazonaws.com']));
    expect(config.changes).toEqual(['PutConfigurationRecorder', 'PutDeliveryChannel', 'StartConfigurationRecorder']);
    expect(config.recording).toEqual(new Set([NAME]));
  });

  test('records every type, including those of IAM, with the service-linked role of AWS Config', async () => {
    await ask('Create');
    expect(config.recorders).toEqual([
      {
        name: NAME,
        roleARN: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig`,
        recordingGroup: {
          allSupported: true,
          includeGlobalResourceTypes: true,
          recordingStrategy: { useOnly: 'ALL_SUPPORTED_RESOURCE_TYPES' },
        },
        recordingMode: { recordingFrequency: 'CONTINUOUS' },
      },
    ]);
  });

  test('delivers to the bucket and encrypts with the key', async () => {
    await ask('Create');
    expect(config.channels).toEqual([
      {
        name: NAME,
        s3BucketName: 'history',
        s3KmsKeyArn: CREATE.KeyArn,
        configSnapshotDeliveryProperties: { deliveryFrequency: 'TwentyFour_Hours' },
      },
    ]);
  });

  test('supports daily recording with excluded types', async () => {
    await ask('Create', { properties: { Frequency: 'DAILY', ExcludedTypes: ['AWS::EC2::NetworkInterface'] } });
    expect(config.recorders[0]).toMatchObject({
      recordingGroup: {
        exclusionByResourceTypes: { resourceTypes: ['AWS::EC2::NetworkInterface'] },
        recordingStrategy: { useOnly: 'EXCLUSION_BY_RESOURCE_TYPES' },
      },
      recordingMode: { recordingFrequency: 'DAILY' },
    });
  });

  test('waits until the recorder records', async () => {
    config.looks = 2;
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(config.looks).toBe(-1);
  });

  test('uses an existing role', async () => {
    iam.roles.add('config.amazonaws.com');
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
  });

  test('ignores the recorders that AWS services own', async () => {
    config.recorders.push({
      name: 'AWSConfigurationRecorderForObservabilityAdmin_1',
      servicePrincipal: 'observabilityadmin.amazonaws.com',
    });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(config.recorders.map(({ name }) => name)).toContain(NAME);
  });
});

describe('create, with an existing recorder or channel', () => {
  test('keeps a recorder that records, and returns an ID that records no creation', async () => {
    config.setUpBySomebodyElse();
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(config.changes).toEqual([]);
  });

  test('fails with the name of a recorder that does not record', async () => {
    config.setUpBySomebodyElse(false);
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: UNCHANGED,
      Reason: `The recorder 'default' of AWS Config exists in account ${ACCOUNT}, region eu-west-1 and does not `
        + 'record. Start it, or delete it and deploy again',
    });
    expect(config.changes).toEqual([]);
  });

  test('keeps a recorder that another caller creates between the read and the call', async () => {
    config.before('PutConfigurationRecorder', () => config.setUpBySomebodyElse());
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(config.recording).toEqual(new Set(['default']));
  });

  const existing = { name: 'default', s3BucketName: 'theirs' };
  const inTheWay = `The delivery channel 'default' of AWS Config exists in account ${ACCOUNT}, region eu-west-1 and `
    + 'delivers to the bucket \'theirs\'. Delete it and deploy again';

  test('fails with the name of an existing channel, because a second channel is not possible and the bucket would '
    + 'stay empty', async () => {
    config.channels.push(existing);
    expect(await ask('Create')).toMatchObject({ Status: 'FAILED', PhysicalResourceId: UNCHANGED, Reason: inTheWay });
    expect(config.changes).toEqual([]);
    config.channels = [];
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
  });

  test('fails if another caller creates a channel in between, and the rollback deletes the recorder', async () => {
    config.before('PutConfigurationRecorder', () => config.channels.push(existing));
    const { Status, PhysicalResourceId, Reason } = await ask('Create');
    expect({ Status, PhysicalResourceId, Reason }).toEqual({
      Status: 'FAILED',
      PhysicalResourceId: ENABLED,
      Reason: `AWS Config's recorder cannot be enabled in account ${ACCOUNT}: ${inTheWay}`,
    });
    await ask('Delete', { PhysicalResourceId });
    expect([config.recorders, config.channels]).toEqual([[], [existing]]);
  });

  test('logs a channel of another caller that replaced the channel of this '
    + 'stack, and the update succeeds', async () => {
    await ask('Create');
    config.channels = [existing];
    expect(await ask('Update', { PhysicalResourceId: ENABLED, properties: { Frequency: 'DAILY' } })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ENABLED,
    });
    expect(config.recorders).toMatchObject([{ recordingMode: { recordingFrequency: 'DAILY' } }]);
    expect(warnings.mock.calls).toEqual([
      [
        JSON.stringify({
          resource: 'Recorder',
          state:
            "the last state of the recorder was RECORDING: the channel 'default', which this stack did not create, "
              + "delivers to the bucket 'theirs'",
        }),
      ],
    ]);
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect([config.recorders, config.channels]).toEqual([[], [existing]]);
  });
});

describe('eventual consistency', () => {
  test.each([
    ['a bucket policy', 'PutDeliveryChannel', 'InsufficientDeliveryPolicyException'],
    ['a bucket', 'PutDeliveryChannel', 'NoSuchBucketException'],
    ['a key', 'PutDeliveryChannel', 'InvalidS3KmsKeyArnException'],
    ['a role', 'PutConfigurationRecorder', 'InvalidRoleException'],
  ])('retries if AWS Config does not find %s yet', async (_, operation, error) => {
    config.failNext(operation, new FakeAwsError(error));
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(config.calls(operation)).toHaveLength(2);
  });

  test('retries if IAM has not propagated the permissions of the function', async () => {
    config.failNext(
      'DescribeConfigurationRecorders',
      new FakeAwsError(
        'AccessDeniedException',
        'because no identity-based policy allows the config:DescribeConfigurationRecorders action',
      ),
    );
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
  });

  test('retries after throttling and server errors', async () => {
    config.failNext('PutConfigurationRecorder', new FakeAwsError('ThrottlingException', 'Rate exceeded'));
    config.failNext('StartConfigurationRecorder', new FakeAwsError('InternalServerError', 'oops', 500));
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
  });

  test('accepts a call whose response was lost', async () => {
    config.loseAnswerOfNext('PutConfigurationRecorder', new FakeAwsError('InternalServerError', 'lost', 500));
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(config.recorders).toHaveLength(1);
  });
});

describe('denied requests', () => {
  test('fail with the reason of IAM if the role cannot be created, and the ID records no creation', async () => {
    iam.refusal = { code: 'AccessDenied', message: 'explicit deny in a service control policy' };
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: UNCHANGED,
      Reason: `AWS Config's recorder cannot be enabled in account ${ACCOUNT}: explicit deny in a service control `
        + 'policy',
    });
    expect(config.changes).toEqual([]);
  });

  test('fail with an ID that records the recorder, so that the rollback '
    + 'deletes a recorder without a channel', async () => {
    config.failNext('PutDeliveryChannel', new FakeAwsError('InvalidS3KeyPrefixException', 'not such a prefix'));
    const { Status, PhysicalResourceId, Reason } = await ask('Create');
    expect({ Status, PhysicalResourceId, Reason }).toEqual({
      Status: 'FAILED',
      PhysicalResourceId: ENABLED,
      Reason: `AWS Config's recorder cannot be enabled in account ${ACCOUNT}: not such a prefix`,
    });
    expect(config.recorders).toHaveLength(1);
    expect(await ask('Delete', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(config.recorders).toEqual([]);
  });

  test('fail with the last state if recording does not start in time, and the ID records the creation', async () => {
    config.looks = 1_000;
    expect(await ask('Create', { time: 700 })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: ENABLED,
      Reason: 'not finished within the time of the function; the last state of the recorder was STOPPED',
    });
  });
});

describe('update', () => {
  test('applies changed recording settings and creates nothing', async () => {
    await ask('Create');
    config.requests.length = 0;
    expect(await ask('Update', { PhysicalResourceId: ENABLED, properties: { Frequency: 'DAILY' } })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ENABLED,
    });
    expect(config.changes).toEqual(['PutConfigurationRecorder', 'PutDeliveryChannel', 'StartConfigurationRecorder']);
    expect(config.recorders).toMatchObject([{ name: NAME, recordingMode: { recordingFrequency: 'DAILY' } }]);
  });

  test.each<[string, Partial<Request['ResourceProperties']>]>([
    ['another bucket', { BucketName: 'other' }],
    ['another key', { KeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/2' }],
    ['an excluded type', { ExcludedTypes: ['AWS::EC2::NetworkInterface'] }],
  ])('applies %s, and reverts it when the update is rolled back', async (_, properties) => {
    await ask('Create');
    const before = structuredClone([config.recorders, config.channels]);
    await ask('Update', { PhysicalResourceId: ENABLED, properties });
    expect([config.recorders, config.channels]).not.toEqual(before);
    await ask('Update', { PhysicalResourceId: ENABLED });
    expect([config.recorders, config.channels]).toEqual(before);
  });

  test('changes nothing if the properties are equal', async () => {
    await ask('Create', { properties: { ExcludedTypes: ['AWS::EC2::Volume', 'AWS::EC2::NetworkInterface'] } });
    config.requests.length = 0;
    await ask('Update', {
      PhysicalResourceId: ENABLED,
      properties: { ExcludedTypes: ['AWS::EC2::NetworkInterface', 'AWS::EC2::Volume'] },
    });
    expect(config.changes).toEqual([]);
  });

  test('starts a stopped recorder', async () => {
    await ask('Create');
    config.recording.clear();
    expect(await ask('Update', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ENABLED,
    });
    expect(config.recording).toEqual(new Set([NAME]));
  });

  test('creates a recorder after the one that was found is deleted; deleting '
    + 'the old ID then changes nothing', async () => {
    config.setUpBySomebodyElse();
    const { PhysicalResourceId: old } = await ask('Create');
    Object.assign(config, { recorders: [], channels: [] });
    config.recording.clear();
    expect(await ask('Update', { PhysicalResourceId: old })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ENABLED,
    });
    await ask('Delete', { PhysicalResourceId: old });
    expect(config.recording).toEqual(new Set([NAME]));
  });
});

describe('delete', () => {
  test('stops and deletes everything that this stack created except the role, and can be repeated', async () => {
    await ask('Create');
    for (let time = 1; time <= 2; time++) {
      expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
        Status: 'SUCCESS',
        Reason: 'done',
        PhysicalResourceId: ENABLED,
      });
      expect([config.recorders, config.channels]).toEqual([[], []]);
    }
    expect(iam.roles.size).toBe(1);
  });

  test('completes an earlier interrupted deletion', async () => {
    await ask('Create');
    config.failNext('DeleteConfigurationRecorder', new FakeAwsError('ValidationException', 'not now'));
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(config.recorders).toHaveLength(1);
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(config.recorders).toEqual([]);
  });

  test('deletes a channel without a recorder', async () => {
    await ask('Create');
    config.recorders = [];
    config.recording.clear();
    await ask('Delete', { PhysicalResourceId: ENABLED });
    expect(config.channels).toEqual([]);
  });

  test('keeps an earlier recorder', async () => {
    config.setUpBySomebodyElse();
    const { PhysicalResourceId } = await ask('Create');
    await ask('Delete', { PhysicalResourceId });
    expect(config.recording).toEqual(new Set(['default']));
    expect(config.changes).toEqual([]);
  });

  test('keeps a recorder of another caller that replaced the recorder of this stack', async () => {
    config.setUpBySomebodyElse();
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(config.changes).toEqual([]);
  });

  test('succeeds despite an error', async () => {
    await ask('Create');
    config.failNext('StopConfigurationRecorder', new FakeAwsError('AccessDeniedException', 'explicit deny'));
    expect(await ask('Delete', { PhysicalResourceId: ENABLED })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'explicit deny',
    });
    expect(errors).toHaveBeenCalledWith(expect.stringContaining('explicit deny'));
  });
});

describe('a response that CloudFormation did not receive', () => {
  test('of an interrupted invocation is repeated: the next invocation '
    + 'recognizes the recorder by its name', async () => {
    await ask('Create');
    config.requests.length = 0;
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
    expect(config.changes).toEqual([]);
  });

  test('leads to a rollback with an ID from CloudFormation, and the names '
    + 'identify the recorder and the channel', async () => {
    await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId: 'Stack-Recorder-1ABCDEF' })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
    });
    expect([config.recorders, config.channels]).toEqual([[], []]);
  });

  test('leads to a rollback that keeps the recorder of another caller', async () => {
    config.setUpBySomebodyElse();
    await ask('Delete', { PhysicalResourceId: 'Stack-Recorder-1ABCDEF' });
    expect(config.changes).toEqual([]);
  });
});

describe('create, with a recorder of another owner that records less', () => {
  const gapsOf = async (recordingGroup: object, recordingMode?: object, properties = {}): Promise<string> => {
    config.setUpBySomebodyElse(true, recordingGroup);
    config.recorders[0].recordingMode = recordingMode;
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(config.changes).toEqual([]);
    return warnings.mock.calls.map(([line]) => JSON.parse(line).state).join();
  };

  test('leaves it as it is, and logs the types', async () => {
    expect(await gapsOf({ resourceTypes: ['AWS::S3::Bucket'] })).toBe(
      'the last state of the recorder was RECORDING: it does not record any type except AWS::S3::Bucket');
  });

  test('logs the frequency', async () => {
    const override = { resourceTypes: ['AWS::EC2::Volume'], recordingFrequency: 'DAILY' };
    expect(await gapsOf(EVERYTHING, { recordingFrequency: 'CONTINUOUS', recordingModeOverrides: [override] })).toBe(
      'the last state of the recorder was RECORDING: it records AWS::EC2::Volume with the frequency DAILY instead of '
        + 'CONTINUOUS');
  });

  test('logs nothing if the stack excludes the same types', async () => {
    const group = { exclusionByResourceTypes: { resourceTypes: ['AWS::EC2::Volume'] } };
    expect(await gapsOf(group, undefined, { ExcludedTypes: ['AWS::EC2::Volume'] })).toBe('');
  });
});

test.each<[string, object]>([
  ['records S3 only', { recordingGroup: { resourceTypes: ['AWS::S3::Bucket'] } }],
  ['records no type of IAM', { recordingGroup: { allSupported: true, includeGlobalResourceTypes: false } }],
  [
    'records a type daily',
    { recordingMode: { recordingFrequency: 'CONTINUOUS', recordingModeOverrides: [{ recordingFrequency: 'DAILY' }] } },
  ],
])('an update corrects the recorder of the stack if it %s', async (_what, changed) => {
  const { PhysicalResourceId } = await ask('Create');
  const [made] = config.recorders;
  Object.assign(config, { recorders: [{ ...made, ...changed }] });
  expect(await ask('Update', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ENABLED });
  expect(config.recorders).toEqual([made]);
});

describe('adopt', () => {
  const properties = ADOPT;

  test('accepts a recorder of any owner', async () => {
    config.setUpBySomebodyElse();
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: UNCHANGED });
    expect(config.changes).toEqual([]);
  });

  test.each<[string, object, object, string | undefined]>([
    ['every type', EVERYTHING, {}, undefined],
    [
      'all types except those of IAM', { allSupported: true, includeGlobalResourceTypes: false }, {},
      'does not record AWS::IAM::Group, AWS::IAM::Policy, AWS::IAM::Role, AWS::IAM::User',
    ],
    ['S3 only', { resourceTypes: ['AWS::S3::Bucket'] }, {}, 'does not record any type except AWS::S3::Bucket'],
    [
      'all types except volumes, by its strategy',
      {
        exclusionByResourceTypes: { resourceTypes: ['AWS::EC2::Volume'] },
        recordingStrategy: { useOnly: 'EXCLUSION_BY_RESOURCE_TYPES' },
      },
      {}, 'does not record AWS::EC2::Volume',
    ],
    [
      'all types except an accepted one', { exclusionByResourceTypes: { resourceTypes: ['AWS::EC2::Volume'] } },
      { ExcludedTypes: ['AWS::EC2::Volume', 'AWS::EC2::VPC'] }, undefined,
    ],
    [
      'all types except an accepted and another one',
      { exclusionByResourceTypes: { resourceTypes: ['AWS::EC2::Volume', 'AWS::IAM::Role'] } },
      { ExcludedTypes: ['AWS::EC2::Volume'] }, 'does not record AWS::IAM::Role',
    ],
    [
      'listed types instead of all except an accepted one', { resourceTypes: ['AWS::S3::Bucket'] },
      { ExcludedTypes: ['AWS::EC2::Volume'] }, 'does not record any type except AWS::S3::Bucket',
    ],
    [
      'the accepted types', { resourceTypes: ['AWS::S3::Bucket', 'AWS::IAM::Role'] },
      { RequiredTypes: ['AWS::S3::Bucket'] }, undefined,
    ],
    [
      'not all of the accepted types', { resourceTypes: ['AWS::S3::Bucket'] },
      { RequiredTypes: ['AWS::S3::Bucket', 'AWS::IAM::Role'] }, 'does not record AWS::IAM::Role',
    ],
    [
      'all types except a required one', { allSupported: true }, { RequiredTypes: ['AWS::IAM::Role'] },
      'does not record AWS::IAM::Role',
    ],
  ])('requires what the app did not accept: %s', async (_what, recordingGroup, accepted, gap) => {
    config.setUpBySomebodyElse(true, recordingGroup);
    expect(await ask('Create', { properties: { ...properties, ...accepted } })).toMatchObject(gap === undefined
      ? { Status: 'SUCCESS', PhysicalResourceId: UNCHANGED }
      : {
        Status: 'FAILED',
        Reason: `The recorder 'default' of AWS Config exists in account ${ACCOUNT}, region eu-west-1 and ${gap}. `
          + 'Record what is missing, or accept it by name with config.adoptedRecording of ComplianceGuardrails',
      });
    expect(config.changes).toEqual([]);
  });

  test('accepts daily recording', async () => {
    config.setUpBySomebodyElse();
    config.recorders[0].recordingMode = { recordingFrequency: 'DAILY' };
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS' });
  });

  test('fails if no recorder records, and creates nothing', async () => {
    expect(await ask('Create', { properties })).toMatchObject({
      Status: 'FAILED',
      Reason:
        `AWS Config's recorder is OFF in account ${ACCOUNT}, and adopt does not change it. ` +
        'Enable it in the account that manages AWS Config, or remove Guardrail.CONFIG from adopt of '
          + 'ComplianceGuardrails',
    });
    expect(config.changes).toEqual([]);
  });

  test('keeps the created recorder after create, adopt and delete', async () => {
    const { PhysicalResourceId } = await ask('Create');
    expect(await ask('Update', { PhysicalResourceId, properties })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ENABLED,
    });
    await ask('Delete', { PhysicalResourceId, properties });
    expect(config.recording).toEqual(new Set([NAME]));
  });

  test('keeps the recorder of the first stack when a second stack adopts it and is deleted', async () => {
    await ask('Create');
    const StackId = `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/Second/99999999-da77-11e4-872e-1234567db123`;
    const { PhysicalResourceId } = await ask('Create', { StackId });
    expect(PhysicalResourceId).toBe(UNCHANGED);
    await ask('Delete', { StackId, PhysicalResourceId });
    expect(config.recording).toEqual(new Set([NAME]));
  });
});
