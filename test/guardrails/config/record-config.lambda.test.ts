import { handler } from '../../../src/guardrails/config/record-config.lambda';
import { FakeAwsError } from '../../support/fake-aws';
import { FakeCloudFormation } from '../../support/fake-cloudformation';
import { FakeConfig, FakeIam } from '../../support/fake-config';
import { Answer } from '../../support/fake-inspector';

const ACCOUNT = '111122223333';
const OURS = 'config-recorder/enabled-by-this-stack';
const NOT_OURS = 'config-recorder/not-enabled-by-this-stack';
const NAME = 'cdk-hipaa-51af3dc0-da77-11e4-872e-1234567db123';
/** What the handler keeps back of the invocation's time for its answer. */
const MARGIN = 60_000;

type Request = Parameters<typeof handler>[0];
type Fields = Partial<Omit<Request, 'ResourceProperties'>> & {
  properties?: Partial<Request['ResourceProperties']>;
  time?: number;
};

const config = new FakeConfig();
const iam = new FakeIam();
const cloudFormation = new FakeCloudFormation();
const stands = [config, iam, cloudFormation];
let errors: jest.SpyInstance;
let warnings: jest.SpyInstance;

beforeAll(async () => {
  for (const stand of stands) await stand.start();
  process.env.AWS_ENDPOINT_URL_IAM = iam.url;
});

afterAll(async () => {
  for (const stand of stands) await stand.stop();
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

/** Sends one request as CloudFormation does, and returns what it was answered. */
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

describe('create, in a bare account', () => {
  test('makes the role, the recorder, the channel, and starts: in this order', async () => {
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', Reason: 'done', PhysicalResourceId: OURS });
    expect(iam.roles).toEqual(new Set(['config.amazonaws.com']));
    expect(config.changes).toEqual(['PutConfigurationRecorder', 'PutDeliveryChannel', 'StartConfigurationRecorder']);
    expect(config.recording).toEqual(new Set([NAME]));
  });

  test('records every type, those of IAM included, with the role that Config keeps for itself', async () => {
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

  test('delivers into the bucket, under the key', async () => {
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

  test('daily, without some types', async () => {
    await ask('Create', { properties: { Frequency: 'DAILY', ExcludedTypes: ['AWS::EC2::NetworkInterface'] } });
    expect(config.recorders[0]).toMatchObject({
      recordingGroup: {
        exclusionByResourceTypes: { resourceTypes: ['AWS::EC2::NetworkInterface'] },
        recordingStrategy: { useOnly: 'EXCLUSION_BY_RESOURCE_TYPES' },
      },
      recordingMode: { recordingFrequency: 'DAILY' },
    });
  });

  test('waits until it records', async () => {
    config.looks = 2;
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
    expect(config.looks).toBe(-1);
  });

  test('a role that is there already is used', async () => {
    iam.roles.add('config.amazonaws.com');
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
  });

  test('recorders that services of AWS keep for themselves are none of ours', async () => {
    config.recorders.push({
      name: 'AWSConfigurationRecorderForObservabilityAdmin_1',
      servicePrincipal: 'observabilityadmin.amazonaws.com',
    });
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
    expect(config.recorders.map(({ name }) => name)).toContain(NAME);
  });
});

describe('create, where somebody is there before', () => {
  test('a recorder that records is left alone, and not ours', async () => {
    config.setUpBySomebodyElse();
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(config.changes).toEqual([]);
  });

  test('one that does not record is told by its name', async () => {
    config.setUpBySomebodyElse(false);
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NOT_OURS,
      Reason: `The recorder 'default' of AWS Config exists in account ${ACCOUNT}, region eu-west-1 and does not `
        + 'record. Start it, or delete it and deploy again',
    });
    expect(config.changes).toEqual([]);
  });

  test('somebody else is faster between the look and the call: not ours', async () => {
    config.before('PutConfigurationRecorder', () => config.setUpBySomebodyElse());
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(config.recording).toEqual(new Set(['default']));
  });

  const theirs = { name: 'default', s3BucketName: 'theirs' };
  const inTheWay = `The delivery channel 'default' of AWS Config exists in account ${ACCOUNT}, region eu-west-1 and `
    + 'delivers to the bucket \'theirs\'. Delete it and deploy again';

  test('a channel that was left behind is told by its name: there can be no second one, and our bucket would stay '
    + 'empty', async () => {
    config.channels.push(theirs);
    expect(await ask('Create')).toMatchObject({ Status: 'FAILED', PhysicalResourceId: NOT_OURS, Reason: inTheWay });
    expect(config.changes).toEqual([]);
    config.channels = [];
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
  });

  test('so is one that somebody makes in between, and the recorder is taken away again', async () => {
    config.before('PutConfigurationRecorder', () => config.channels.push(theirs));
    const { Status, PhysicalResourceId, Reason } = await ask('Create');
    expect({ Status, PhysicalResourceId, Reason }).toEqual({
      Status: 'FAILED',
      PhysicalResourceId: OURS,
      Reason: `AWS Config's recorder cannot be enabled in account ${ACCOUNT}: ${inTheWay}`,
    });
    await ask('Delete', { PhysicalResourceId });
    expect([config.recorders, config.channels]).toEqual([[], [theirs]]);
  });

  test('one that somebody puts in the place of ours later fails no update, and the log tells of it', async () => {
    await ask('Create');
    config.channels = [theirs];
    expect(await ask('Update', { PhysicalResourceId: OURS, properties: { Frequency: 'DAILY' } })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: OURS,
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
    await ask('Delete', { PhysicalResourceId: OURS });
    expect([config.recorders, config.channels]).toEqual([[], [theirs]]);
  });
});

describe('what was made a moment ago', () => {
  test.each([
    ['a bucket policy', 'PutDeliveryChannel', 'InsufficientDeliveryPolicyException'],
    ['a bucket', 'PutDeliveryChannel', 'NoSuchBucketException'],
    ['a key', 'PutDeliveryChannel', 'InvalidS3KmsKeyArnException'],
    ['a role', 'PutConfigurationRecorder', 'InvalidRoleException'],
  ])('%s may not be known yet: then again', async (_, operation, error) => {
    config.failNext(operation, new FakeAwsError(error));
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
    expect(config.calls(operation)).toHaveLength(2);
  });

  test('permissions of the function may not have spread yet', async () => {
    config.failNext(
      'DescribeConfigurationRecorders',
      new FakeAwsError(
        'AccessDeniedException',
        'because no identity-based policy allows the config:DescribeConfigurationRecorders action',
      ),
    );
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
  });

  test('throttling and server errors are retried', async () => {
    config.failNext('PutConfigurationRecorder', new FakeAwsError('ThrottlingException', 'Rate exceeded'));
    config.failNext('StartConfigurationRecorder', new FakeAwsError('InternalServerError', 'oops', 500));
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
  });

  test('a call whose answer was lost counts', async () => {
    config.loseAnswerOfNext('PutConfigurationRecorder', new FakeAwsError('InternalServerError', 'lost', 500));
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
    expect(config.recorders).toHaveLength(1);
  });
});

describe('what is refused', () => {
  test('a role that may not be made is told in the words of IAM, and nothing is ours', async () => {
    iam.refusal = { code: 'AccessDenied', message: 'explicit deny in a service control policy' };
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: NOT_OURS,
      Reason: `AWS Config's recorder cannot be enabled in account ${ACCOUNT}: explicit deny in a service control `
        + 'policy',
    });
    expect(config.changes).toEqual([]);
  });

  test('a recorder without a channel is ours all the same, so that the rollback takes it away', async () => {
    config.failNext('PutDeliveryChannel', new FakeAwsError('InvalidS3KeyPrefixException', 'not such a prefix'));
    const { Status, PhysicalResourceId, Reason } = await ask('Create');
    expect({ Status, PhysicalResourceId, Reason }).toEqual({
      Status: 'FAILED',
      PhysicalResourceId: OURS,
      Reason: `AWS Config's recorder cannot be enabled in account ${ACCOUNT}: not such a prefix`,
    });
    expect(config.recorders).toHaveLength(1);
    expect(await ask('Delete', { PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(config.recorders).toEqual([]);
  });

  test('what does not record in time fails with the last look, and is ours', async () => {
    config.looks = 1_000;
    expect(await ask('Create', { time: 700 })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: OURS,
      Reason: 'not finished within the time of the function; the last state of the recorder was STOPPED',
    });
  });
});

describe('update', () => {
  test('what has changed about the recording is put; nothing is made anew', async () => {
    await ask('Create');
    config.requests.length = 0;
    expect(await ask('Update', { PhysicalResourceId: OURS, properties: { Frequency: 'DAILY' } })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: OURS,
    });
    expect(config.changes).toEqual(['PutConfigurationRecorder', 'PutDeliveryChannel', 'StartConfigurationRecorder']);
    expect(config.recorders).toMatchObject([{ name: NAME, recordingMode: { recordingFrequency: 'DAILY' } }]);
  });

  test.each<[string, Partial<Request['ResourceProperties']>]>([
    ['another bucket', { BucketName: 'other' }],
    ['another key', { KeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/2' }],
    ['an excluded type', { ExcludedTypes: ['AWS::EC2::NetworkInterface'] }],
  ])('%s, and back again when the update is rolled back', async (_, properties) => {
    await ask('Create');
    const before = structuredClone([config.recorders, config.channels]);
    await ask('Update', { PhysicalResourceId: OURS, properties });
    expect([config.recorders, config.channels]).not.toEqual(before);
    await ask('Update', { PhysicalResourceId: OURS });
    expect([config.recorders, config.channels]).toEqual(before);
  });

  test('nothing is put where nothing has changed', async () => {
    await ask('Create', { properties: { ExcludedTypes: ['AWS::EC2::Volume', 'AWS::EC2::NetworkInterface'] } });
    config.requests.length = 0;
    await ask('Update', {
      PhysicalResourceId: OURS,
      properties: { ExcludedTypes: ['AWS::EC2::NetworkInterface', 'AWS::EC2::Volume'] },
    });
    expect(config.changes).toEqual([]);
  });

  test('what somebody stopped is started', async () => {
    await ask('Create');
    config.recording.clear();
    expect(await ask('Update', { PhysicalResourceId: OURS })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: OURS,
    });
    expect(config.recording).toEqual(new Set([NAME]));
  });

  test('what was found, and has gone since, is made; the old id is then deleted without a change', async () => {
    config.setUpBySomebodyElse();
    const { PhysicalResourceId: old } = await ask('Create');
    Object.assign(config, { recorders: [], channels: [] });
    config.recording.clear();
    expect(await ask('Update', { PhysicalResourceId: old })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: OURS,
    });
    await ask('Delete', { PhysicalResourceId: old });
    expect(config.recording).toEqual(new Set([NAME]));
  });
});

describe('delete', () => {
  test('stops and takes away what we made, the role aside, and may be repeated', async () => {
    await ask('Create');
    for (let time = 1; time <= 2; time++) {
      expect(await ask('Delete', { PhysicalResourceId: OURS })).toMatchObject({
        Status: 'SUCCESS',
        Reason: 'done',
        PhysicalResourceId: OURS,
      });
      expect([config.recorders, config.channels]).toEqual([[], []]);
    }
    expect(iam.roles.size).toBe(1);
  });

  test('a deletion that broke off is finished by the next one', async () => {
    await ask('Create');
    config.failNext('DeleteConfigurationRecorder', new FakeAwsError('ValidationException', 'not now'));
    await ask('Delete', { PhysicalResourceId: OURS });
    expect(config.recorders).toHaveLength(1);
    await ask('Delete', { PhysicalResourceId: OURS });
    expect(config.recorders).toEqual([]);
  });

  test('a channel that is left alone is taken away', async () => {
    await ask('Create');
    config.recorders = [];
    config.recording.clear();
    await ask('Delete', { PhysicalResourceId: OURS });
    expect(config.channels).toEqual([]);
  });

  test('what was there before stays', async () => {
    config.setUpBySomebodyElse();
    const { PhysicalResourceId } = await ask('Create');
    await ask('Delete', { PhysicalResourceId });
    expect(config.recording).toEqual(new Set(['default']));
    expect(config.changes).toEqual([]);
  });

  test('so does what somebody else has made in the place of ours', async () => {
    config.setUpBySomebodyElse();
    expect(await ask('Delete', { PhysicalResourceId: OURS })).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(config.changes).toEqual([]);
  });

  test('an error does not fail the deletion', async () => {
    await ask('Create');
    config.failNext('StopConfigurationRecorder', new FakeAwsError('AccessDeniedException', 'explicit deny'));
    expect(await ask('Delete', { PhysicalResourceId: OURS })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'explicit deny',
    });
    expect(errors).toHaveBeenCalledWith(expect.stringContaining('explicit deny'));
  });
});

describe('an answer that CloudFormation never got', () => {
  test('of an interrupted invocation: the next one finds the recorder and recognizes its name', async () => {
    await ask('Create');
    config.requests.length = 0;
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: OURS });
    expect(config.changes).toEqual([]);
  });

  test('at all: the rollback comes with an id that CloudFormation made up, and the names say that recorder and '
    + 'channel are ours', async () => {
    await ask('Create');
    expect(await ask('Delete', { PhysicalResourceId: 'Stack-Recorder-1ABCDEF' })).toMatchObject({
      Status: 'SUCCESS',
      Reason: 'done',
    });
    expect([config.recorders, config.channels]).toEqual([[], []]);
  });

  test('what somebody else has made stays', async () => {
    config.setUpBySomebodyElse();
    await ask('Delete', { PhysicalResourceId: 'Stack-Recorder-1ABCDEF' });
    expect(config.changes).toEqual([]);
  });
});

describe('adopt', () => {
  const properties = ADOPT;

  test('what records is fine, whoever made it', async () => {
    config.setUpBySomebodyElse();
    expect(await ask('Create', { properties })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NOT_OURS });
    expect(config.changes).toEqual([]);
  });

  test('where nothing records, the deployment fails and nothing is made', async () => {
    expect(await ask('Create', { properties })).toMatchObject({
      Status: 'FAILED',
      Reason:
        `AWS Config's recorder is OFF in account ${ACCOUNT}, and adopt does not change it. ` +
        'Enable it in the account that manages AWS Config, or remove Guardrail.CONFIG from adopt of '
          + 'ComplianceGuardrails',
    });
    expect(config.changes).toEqual([]);
  });

  test('create, then adopt, then delete: what was made stays', async () => {
    const { PhysicalResourceId } = await ask('Create');
    expect(await ask('Update', { PhysicalResourceId, properties })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: OURS,
    });
    await ask('Delete', { PhysicalResourceId, properties });
    expect(config.recording).toEqual(new Set([NAME]));
  });

  test('two stacks: the second adopts what the first made, and takes nothing away', async () => {
    await ask('Create');
    const StackId = `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/Second/99999999-da77-11e4-872e-1234567db123`;
    const { PhysicalResourceId } = await ask('Create', { StackId });
    expect(PhysicalResourceId).toBe(NOT_OURS);
    await ask('Delete', { StackId, PhysicalResourceId });
    expect(config.recording).toEqual(new Set([NAME]));
  });
});
