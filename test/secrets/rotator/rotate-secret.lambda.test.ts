import { RotationStep } from '../../../src/rotation/rotation-steps';
import { handler } from '../../../src/secrets/rotator/rotate-secret.lambda';
import { hasShape, PasswordShape, SigningKeyShape } from '../../../src/secrets/rotator/secret-value';
import { FakeAws, FakeAwsError } from '../../support/fake-aws';
import { FakeSecret, FakeSecretsManager } from '../../support/fake-secrets-manager';

const ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:Session-a1b2c3';
const KEY_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:Signing-d4e5f6';
const PASSWORD: PasswordShape = { kind: 'password', length: 32, excludeCharacters: '!"#$%&\'()*+,/:;<=>?@[\\]^`{|}' };
const KEY: SigningKeyShape = { kind: 'signingKey', bytes: 66 };
const FIRST = 'firstValueMadeByCloudFormation12';
const STEPS: RotationStep[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

let aws: FakeAws;
let secretsManager: FakeSecretsManager;
let secret: FakeSecret;

beforeAll(async () => {
  process.env.ROTATED = JSON.stringify([{ shape: PASSWORD, secretArns: [ARN] }, { shape: KEY, secretArns: [KEY_ARN] }]);
  aws = new FakeAws();
  secretsManager = new FakeSecretsManager(aws);
  await aws.start();
});
afterAll(() => aws.stop());
beforeEach(() => {
  aws.requests.length = 0;
  secret = secretsManager.add(new FakeSecret(ARN, FIRST));
});

const run = (step: RotationStep, version = 'version-1', arn = ARN) =>
  handler({ Step: step, SecretId: arn, ClientRequestToken: version });
const rotate = async (version = 'version-1', steps = STEPS) => {
  for (const step of steps) await run(step, version);
};

describe('a rotation', () => {
  test('makes a new value current and labels the previous value AWSPREVIOUS', async () => {
    secret.startRotation('version-1');
    await rotate();
    expect(hasShape(secret.valueOf('AWSCURRENT')!, PASSWORD)).toBe(true);
    expect(secret.valueOf('AWSPREVIOUS')).toBe(FIRST);
    expect(secret.stagesOf('version-1')).toEqual(['AWSCURRENT']);
  });

  test('can be followed by another', async () => {
    secret.startRotation('version-1');
    await rotate('version-1');
    const second = secret.valueOf('AWSCURRENT');
    secret.startRotation('version-2');
    await rotate('version-2');
    expect(secret.valueOf('AWSPREVIOUS')).toBe(second);
    expect(secret.stagesOf('version-2')).toEqual(['AWSCURRENT']);
    expect(secret.stagesOf('version-0')).toEqual([]);
  });

  test('stores values of the shape of each secret', async () => {
    const key = secretsManager.add(new FakeSecret(KEY_ARN, FIRST));
    key.startRotation('version-1');
    for (const step of STEPS) await run(step, 'version-1', KEY_ARN);
    expect(hasShape(key.valueOf('AWSCURRENT')!, KEY)).toBe(true);
  });

  test('names the requested version in each change, so that no other version is created', async () => {
    secret.startRotation('version-1');
    await rotate();
    expect(aws.calls('PutSecretValue')).toEqual([
      expect.objectContaining({ ClientRequestToken: 'version-1', VersionStages: ['AWSPENDING'] }),
    ]);
    expect(aws.calls('UpdateSecretVersionStage')).toEqual([
      { SecretId: ARN, VersionStage: 'AWSCURRENT', MoveToVersionId: 'version-1', RemoveFromVersionId: 'version-0' },
      { SecretId: ARN, VersionStage: 'AWSPENDING', RemoveFromVersionId: 'version-1' },
    ]);
  });
});

describe('createSecret', () => {
  beforeEach(() => secret.startRotation('version-1'));

  test('stores a value as pending and does not change the current value', async () => {
    await run('createSecret');
    expect(hasShape(secret.valueOf('AWSPENDING')!, PASSWORD)).toBe(true);
    expect(secret.valueOf('AWSCURRENT')).toBe(FIRST);
  });

  test('keeps the value of an earlier attempt', async () => {
    await run('createSecret');
    const value = secret.valueOf('AWSPENDING');
    await run('createSecret');
    expect(secret.valueOf('AWSPENDING')).toBe(value);
    expect(aws.calls('PutSecretValue')).toHaveLength(1);
  });

  test('keeps the value of a concurrent invocation', async () => {
    await Promise.all([run('createSecret'), run('createSecret')]);
    expect(hasShape(secret.valueOf('AWSPENDING')!, PASSWORD)).toBe(true);
    expect([...secret.versions.keys()]).toEqual(['version-0', 'version-1']);
  });

  test('finds its own value after a lost response', async () => {
    aws.loseAnswerOfNext('PutSecretValue', new FakeAwsError('InternalServiceError', 'the connection broke', 500));
    await run('createSecret');
    expect(hasShape(secret.valueOf('AWSPENDING')!, PASSWORD)).toBe(true);
  });

  test('fails if the value cannot be stored, and succeeds at the next attempt', async () => {
    aws.failNext(
      'PutSecretValue',
      new FakeAwsError('AccessDeniedException', 'not authorized to perform: kms:GenerateDataKey'),
    );
    await expect(run('createSecret')).rejects.toThrow('not authorized to perform: kms:GenerateDataKey');
    expect(secret.valueOf('AWSCURRENT')).toBe(FIRST);
    await rotate();
    expect(secret.valueOf('AWSPREVIOUS')).toBe(FIRST);
  });

  test('fails if it cannot read the pending value', async () => {
    aws.failNext('GetSecretValue', new FakeAwsError('AccessDeniedException', 'not authorized to perform: kms:Decrypt'));
    await expect(run('createSecret')).rejects.toThrow('not authorized to perform: kms:Decrypt');
    expect(aws.calls('PutSecretValue')).toHaveLength(0);
  });

  test('retries after throttling', async () => {
    aws.failNext('DescribeSecret', new FakeAwsError('ThrottlingException', 'Rate exceeded'));
    await run('createSecret');
    expect(aws.calls('DescribeSecret')).toHaveLength(2);
    expect(secret.valueOf('AWSPENDING')).toBeDefined();
  });
});

describe('setSecret', () => {
  test('changes nothing, because the value is not stored anywhere else', async () => {
    secret.startRotation('version-1');
    await run('createSecret');
    aws.requests.length = 0;
    await run('setSecret');
    expect(aws.requests.map(({ operation }) => operation)).toEqual(['DescribeSecret']);
  });
});

describe('testSecret', () => {
  beforeEach(() => secret.startRotation('version-1'));

  test('accepts the test of a new schedule, whose pending version has no value', async () => {
    await run('testSecret');
    expect(secret.stagesOf('version-1')).toEqual(['AWSPENDING']);
    expect(secret.valueOf('AWSCURRENT')).toBe(FIRST);
  });

  test('discards a pending value of another shape, so that the next rotation starts again', async () => {
    secret.versions.get('version-1')!.value = 'put here manually';
    await expect(run('testSecret')).rejects.toThrow(
      `the pending value of ${ARN} is not a password as configured. It was discarded. Rotate again`,
    );
    expect(secret.stagesOf('version-1')).toEqual([]);
    secret.startRotation('version-2');
    await rotate('version-2');
    expect(secret.valueOf('AWSPREVIOUS')).toBe(FIRST);
  });

  test('discards a pending value that equals the current value', async () => {
    secret.versions.get('version-0')!.value = secret.versions.get('version-1')!.value = 'aB3-'.repeat(8);
    await expect(run('testSecret')).rejects.toThrow(
      `the pending value of ${ARN} is the current value. It was discarded. Rotate again`,
    );
    expect(secret.stagesOf('version-0')).toEqual(['AWSCURRENT']);
  });
});

describe('finishSecret', () => {
  beforeEach(() => secret.startRotation('version-1'));

  test('keeps the current value if the pending version has no value', async () => {
    await expect(run('finishSecret')).rejects.toThrow(
      `version version-1 of ${ARN} has no value, so it cannot become current`,
    );
    expect(secret.valueOf('AWSCURRENT')).toBe(FIRST);
  });

  test('keeps the current value if the pending value has another shape', async () => {
    secret.versions.get('version-1')!.value = 'short';
    await expect(run('finishSecret')).rejects.toThrow('It was discarded. Rotate again');
    expect(secret.valueOf('AWSCURRENT')).toBe(FIRST);
  });

  test('does nothing when repeated', async () => {
    await rotate();
    const value = secret.valueOf('AWSCURRENT');
    await run('finishSecret');
    expect(secret.valueOf('AWSCURRENT')).toBe(value);
    expect(secret.valueOf('AWSPREVIOUS')).toBe(FIRST);
    expect(aws.calls('UpdateSecretVersionStage')).toHaveLength(2);
  });

  test('succeeds if a concurrent invocation moved the label', async () => {
    await run('createSecret');
    await Promise.all([run('finishSecret'), run('finishSecret')]);
    expect(secret.stagesOf('version-1')).toEqual(['AWSCURRENT']);
    expect(secret.valueOf('AWSPREVIOUS')).toBe(FIRST);
  });

  test('succeeds if the label was moved but the response was lost', async () => {
    await run('createSecret');
    aws.loseAnswerOfNext(
      'UpdateSecretVersionStage',
      new FakeAwsError('InvalidRequestException', 'the connection broke'),
    );
    await run('finishSecret');
    expect(secret.valueOf('AWSPREVIOUS')).toBe(FIRST);
  });

  test('removes AWSPENDING at the next attempt if the first one failed', async () => {
    await run('createSecret');
    aws.before('UpdateSecretVersionStage', () => aws.before('UpdateSecretVersionStage', () => {
      aws.failNext('UpdateSecretVersionStage', new FakeAwsError('AccessDeniedException', 'not now'));
    }));
    await expect(run('finishSecret')).rejects.toThrow('not now');
    expect(secret.stagesOf('version-1')).toEqual(['AWSCURRENT', 'AWSPENDING']);
    await run('finishSecret');
    expect(secret.stagesOf('version-1')).toEqual(['AWSCURRENT']);
  });

  test('leaves no label that would restore an old value after a person stores another', async () => {
    await rotate();
    secret.versions.set('manual', { value: 'entered manually', stages: new Set(), createdAt: new Date() });
    secret.label('AWSCURRENT', 'manual');
    secret.startRotation('version-2');
    await rotate('version-2');
    expect(secret.valueOf('AWSPREVIOUS')).toBe('entered manually');
  });

  test('keeps the current value if the pending value was current before', async () => {
    await run('createSecret');
    secret.label('AWSCURRENT', 'version-1');
    secret.versions.set('manual', { value: 'entered manually', stages: new Set(), createdAt: new Date() });
    secret.label('AWSCURRENT', 'manual');
    await expect(run('finishSecret')).rejects.toThrow(
      `the pending value of ${ARN} was current before. It was discarded. Rotate again`,
    );
    expect(secret.valueOf('AWSCURRENT')).toBe('entered manually');
  });

  test('fails if the label cannot be moved', async () => {
    await run('createSecret');
    aws.failNext('UpdateSecretVersionStage', new FakeAwsError('AccessDeniedException', 'not authorized'));
    await expect(run('finishSecret')).rejects.toThrow('not authorized');
    expect(secret.valueOf('AWSCURRENT')).toBe(FIRST);
  });

  test('makes the first value of a secret current', async () => {
    secret.versions.delete('version-0');
    await rotate();
    expect(hasShape(secret.valueOf('AWSCURRENT')!, PASSWORD)).toBe(true);
  });
});

describe('steps in any order, any number of times', () => {
  test.each([
    [
      'late steps after the end',
      ['createSecret', 'setSecret', 'testSecret', 'finishSecret', 'createSecret', 'testSecret', 'setSecret'],
    ],
    [
      'each step twice',
      [
        'createSecret',
        'createSecret',
        'setSecret',
        'setSecret',
        'testSecret',
        'testSecret',
        'finishSecret',
        'finishSecret',
      ],
    ],
    ['test before create', ['testSecret', 'setSecret', 'createSecret', 'finishSecret']],
    ['no test', ['createSecret', 'finishSecret']],
    ['a second start after createSecret', ['createSecret', 'createSecret', 'setSecret', 'testSecret', 'finishSecret']],
  ] as Array<[string, RotationStep[]]>)('%s: there is one new value, and the old value is kept', async (_, steps) => {
    secret.startRotation('version-1');
    await rotate('version-1', steps);
    expect(hasShape(secret.valueOf('AWSCURRENT')!, PASSWORD)).toBe(true);
    expect(secret.valueOf('AWSPREVIOUS')).toBe(FIRST);
    expect(aws.calls('PutSecretValue')).toHaveLength(1);
  });

  test('a failed first rotation can be continued', async () => {
    secret.startRotation('version-1');
    aws.failNext('PutSecretValue', new FakeAwsError('AccessDeniedException', 'no'));
    await expect(run('createSecret')).rejects.toThrow('no');
    expect(() => secret.startRotation('version-2')).toThrow('A previous rotation isn’t complete');
    await rotate('version-1');
    secret.startRotation('version-2');
    await rotate('version-2');
    expect(secret.stagesOf('version-1')).toEqual(['AWSPREVIOUS']);
  });

  test('a step of an abandoned rotation changes nothing', async () => {
    secret.startRotation('version-1');
    await run('createSecret');
    secret.versions.set('version-2', { stages: new Set(), createdAt: new Date() });
    secret.label('AWSPENDING', 'version-2');
    await expect(run('finishSecret', 'version-1')).rejects.toThrow(
      `${ARN} has no version version-1 with a staging label`,
    );
    expect(secret.valueOf('AWSCURRENT')).toBe(FIRST);
  });
});

describe('refusals', () => {
  test('a version that does not exist', async () => {
    await expect(run('createSecret', 'version-9')).rejects.toThrow(
      `${ARN} has no version version-9 with a staging label`,
    );
  });

  test('a version that is not pending', async () => {
    secret.versions.set('version-1', { value: 'old', stages: new Set(['AWSPREVIOUS', 'mine']), createdAt: new Date() });
    await expect(run('createSecret')).rejects.toThrow(
      `version version-1 of ${ARN} must have the label AWSPENDING, got AWSPREVIOUS, mine`,
    );
  });

  test('a secret whose rotation is off', async () => {
    secret.startRotation('version-1');
    secret.rotationEnabled = false;
    await expect(run('createSecret')).rejects.toThrow(`rotation is not enabled for ${ARN}`);
  });

  test('a secret of another function, before any request about it', async () => {
    await expect(run('createSecret', 'version-1', `${ARN}x`)).rejects.toThrow(
      `${ARN}x is not one of the secrets that this function rotates`,
    );
    expect(aws.requests).toEqual([]);
  });

  test('a step that does not exist', async () => {
    secret.startRotation('version-1');
    await expect(run('dropSecret' as RotationStep)).rejects.toThrow('unknown rotation step dropSecret');
  });
});
