import { RotationStep } from '../../../src/rotation/rotation-steps';
import { MAX_KEYS } from '../../../src/secrets/rotator/key-list';
import { handler } from '../../../src/secrets/rotator/rotate-secret.lambda';
import { FakeAws, FakeAwsError } from '../../support/fake-aws';
import { FakeSecret, FakeSecretsManager } from '../../support/fake-secrets-manager';

const RING_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:Fields-a1b2c3';
const SIGNING_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:Session-d4e5f6';
const FIRST = 'firstKeyAsCloudFormationMakesIt0123456789abc';
const STEPS: RotationStep[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

let aws: FakeAws;
let ring: FakeSecret;
let signing: FakeSecret;

beforeAll(async () => {
  process.env.ROTATED = JSON.stringify([
    { shape: { kind: 'keyRing', bytes: 33 }, secretArns: [RING_ARN] },
    { shape: { kind: 'signingKeys', bytes: 66 }, secretArns: [SIGNING_ARN] },
  ]);
  aws = new FakeAws();
  await aws.start();
});
afterAll(() => aws.stop());
beforeEach(() => {
  aws.requests.length = 0;
  const secretsManager = new FakeSecretsManager(aws);
  ring = secretsManager.add(new FakeSecret(RING_ARN, FIRST));
  signing = secretsManager.add(new FakeSecret(SIGNING_ARN, FIRST.repeat(2)));
});

const keysOf = (secret: FakeSecret, stage = 'AWSCURRENT') => secret.valueOf(stage)!.split(',');
const run = (step: RotationStep, version: string, secret = ring) =>
  handler({ Step: step, SecretId: secret.arn, ClientRequestToken: version });
async function rotate(version: string, secret = ring): Promise<void> {
  secret.startRotation(version);
  for (const step of STEPS) await run(step, version, secret);
}
/** Stores a value as a person does with `put-secret-value`: a new version becomes current. */
function enter(secret: FakeSecret, value: string, version = 'manual'): void {
  secret.versions.set(version, { value, stages: new Set(), createdAt: new Date() });
  secret.label('AWSCURRENT', version);
}

describe('a key ring', () => {
  test('announces a key at each rotation, encrypts with the key announced before, and keeps the others', async () => {
    await rotate('version-1');
    const [, second] = keysOf(ring);
    await rotate('version-2');
    const [, third] = keysOf(ring);
    await rotate('version-3');
    expect(keysOf(ring)).toEqual([third, expect.stringMatching(/^[A-Za-z0-9_-]{44}$/), second, FIRST]);
  });

  test('has every key after twenty rotations', async () => {
    const everUsed = new Set<string>();
    for (let i = 1; i <= 20; i++) {
      await rotate(`version-${i}`);
      keysOf(ring).forEach((key) => everUsed.add(key));
    }
    expect(everUsed.size).toBe(21);
    expect(new Set(keysOf(ring))).toEqual(everUsed);
  });

  test('loses no used key if the previous value becomes current again', async () => {
    await rotate('version-1');
    await rotate('version-2');
    const [used] = keysOf(ring);
    ring.label('AWSCURRENT', 'version-1');
    await rotate('version-3');
    expect(keysOf(ring)[0]).toBe(used);
    expect(keysOf(ring)).toContain(FIRST);
  });

  test('accepts a list from which a person removed the oldest keys', async () => {
    for (let i = 1; i <= 4; i++) await rotate(`version-${i}`);
    const [first, announced, older] = keysOf(ring);
    enter(ring, [first, announced, older].join(','));
    await rotate('version-5');
    expect(keysOf(ring)).toEqual([announced, expect.any(String), first, older]);
  });
});

describe('signing keys', () => {
  test('are at most three: the signing key, the announced key, and the previous signing key', async () => {
    const signed = [keysOf(signing)[0]];
    for (let i = 1; i <= 10; i++) {
      await rotate(`version-${i}`, signing);
      expect(keysOf(signing)).toContain(signed.at(-1));
      signed.push(keysOf(signing)[0]);
    }
    expect(keysOf(signing)).toHaveLength(3);
    expect(new Set(signed).size).toBe(10);
  });

  test('that leaked are all removed after three rotations', async () => {
    for (let i = 1; i <= 3; i++) await rotate(`version-${i}`, signing);
    const leaked = keysOf(signing);
    for (let i = 4; i <= 6; i++) await rotate(`version-${i}`, signing);
    expect(keysOf(signing).filter((key) => leaked.includes(key))).toEqual([]);
  });
});

describe('an invalid current value', () => {
  test.each([
    ['a password', 'hunter2-hunter2-hunter2-hunter2'],
    ['a list with a line break', `${FIRST}\n`],
    ['JSON', '{"key":"secret"}'],
  ])('%s is never overwritten', async (_, value) => {
    enter(ring, value);
    ring.startRotation('version-1');
    await expect(run('createSecret', 'version-1')).rejects.toThrow(
      `${RING_ARN} must contain a comma-separated list of keys with at least 44 characters each, without spaces or `
        + 'line breaks. ' +
        'The value was not changed. Enter a valid list, then rotate again',
    );
    expect(aws.calls('PutSecretValue')).toEqual([]);
    expect(ring.valueOf('AWSCURRENT')).toBe(value);
  });

  test('is not in the error', async () => {
    enter(ring, 'hunter2-hunter2-hunter2-hunter2');
    ring.startRotation('version-1');
    await expect(run('createSecret', 'version-1')).rejects.not.toThrow('hunter2');
  });

  test('blocks the rotation until a person corrects the list', async () => {
    enter(ring, 'oops');
    ring.startRotation('version-1');
    await expect(run('createSecret', 'version-1')).rejects.toThrow('The value was not changed');
    enter(ring, FIRST, 'repaired');
    for (const step of STEPS) await run(step, 'version-1');
    expect(keysOf(ring)).toEqual([FIRST, expect.any(String)]);
  });

  test('without text is refused, also at the end of a rotation', async () => {
    ring.startRotation('version-1');
    await run('createSecret', 'version-1');
    ring.versions.get('version-0')!.value = undefined;
    await expect(run('finishSecret', 'version-1')).rejects.toThrow(
      'does not continue the current list, so keys would be lost',
    );
    ring.startRotation('version-2');
    await expect(run('createSecret', 'version-2')).rejects.toThrow(
      `the current version of ${RING_ARN} must contain text, so that a list of keys can continue it`,
    );
    expect(ring.stagesOf('version-0')).toEqual(['AWSCURRENT']);
  });

  test('that is a full ring remains in use until a person removes keys', async () => {
    const full = Array.from({ length: MAX_KEYS }, (_, index) => String(index).padStart(44, '0'));
    enter(ring, full.join(','));
    ring.startRotation('version-1');
    await expect(run('createSecret', 'version-1')).rejects.toThrow(
      `${RING_ARN} must contain fewer than 500 keys, got 500. The current list remains valid.`,
    );
    expect(keysOf(ring)).toEqual(full);
    enter(ring, full.slice(0, 20).join(','), 'retired');
    for (const step of STEPS) await run(step, 'version-1');
    expect(keysOf(ring)).toHaveLength(21);
  });
});

describe('a current value that changes while a rotation runs', () => {
  const DISCARDED =
    `the pending value of ${RING_ARN} does not continue the current list, so keys would be lost. It was discarded. ` +
    'Rotate again';

  test.each<RotationStep>(['testSecret', 'finishSecret'])(
    'after createSecret: %s discards the pending value, and the next rotation keeps every key',
    async (step) => {
      ring.startRotation('version-1');
      await run('createSecret', 'version-1');
      const entered = `${FIRST},${'x'.repeat(44)}`;
      enter(ring, entered);
      await expect(run(step, 'version-1')).rejects.toThrow(DISCARDED);
      expect(ring.valueOf('AWSCURRENT')).toBe(entered);
      expect(ring.valueOf('AWSPENDING')).toBeUndefined();
      await rotate('version-2');
      expect(keysOf(ring)).toEqual(['x'.repeat(44), expect.any(String), FIRST]);
    },
  );

  test('between the check and the move of the label: the move is refused, and the rotation fails', async () => {
    ring.startRotation('version-1');
    await run('createSecret', 'version-1');
    const entered = `${FIRST},${'x'.repeat(44)}`;
    aws.before('UpdateSecretVersionStage', () => enter(ring, entered));
    await expect(run('finishSecret', 'version-1')).rejects.toThrow(
      'AWSCURRENT is currently attached to version manual',
    );
    expect(ring.valueOf('AWSCURRENT')).toBe(entered);
  });

  test('also discards pending signing keys', async () => {
    signing.startRotation('version-1');
    await run('createSecret', 'version-1', signing);
    enter(signing, 'y'.repeat(88));
    await expect(run('finishSecret', 'version-1', signing)).rejects.toThrow('It was discarded. Rotate again');
    expect(signing.valueOf('AWSCURRENT')).toBe('y'.repeat(88));
  });

  test('a pending ring without an earlier key never becomes current', async () => {
    await rotate('version-1');
    await rotate('version-2');
    ring.startRotation('version-3');
    await run('createSecret', 'version-3');
    ring.versions.get('version-3')!.value = keysOf(ring, 'AWSPENDING').slice(0, 3).join(',');
    await expect(run('finishSecret', 'version-3')).rejects.toThrow(DISCARDED);
    expect(keysOf(ring)).toContain(FIRST);
  });
});

test('a secret without a value gets one key', async () => {
  ring.versions.delete('version-0');
  await rotate('version-1');
  expect(keysOf(ring)).toEqual([expect.stringMatching(/^[A-Za-z0-9_-]{44}$/)]);
});

describe('repeated, concurrent, reordered and interrupted steps', () => {
  /** The same numbers at each run, so that a failure can be reproduced. */
  function randomNumbers(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = state * 16_807 % 2_147_483_647;
      return state % below;
    };
  }

  /** One step, once or twice concurrently, sometimes with a lost response or a failed call. */
  async function runWithFaults(step: RotationStep, version: string, next: (below: number) => number): Promise<void> {
    const operation = ['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage', 'DescribeSecret'][next(4)];
    const error = new FakeAwsError(next(2) ? 'AccessDeniedException' : 'InvalidRequestException', 'disturbed');
    const disturbance = next(4);
    if (disturbance === 0) aws.failNext(operation, error);
    if (disturbance === 1) aws.loseAnswerOfNext(operation, error);
    await Promise.allSettled(Array.from({ length: 1 + next(2) }, () => run(step, version)));
    aws.calm();
  }

  test.each([1, 2, 3, 4, 5, 6])('no key that was ever current is lost (seed %s)', async (seed) => {
    const next = randomNumbers(seed);
    const everCurrent = new Set([FIRST]);
    const firsts = [FIRST];
    for (let rotation = 1; rotation <= 6; rotation++) {
      const version = `version-${rotation}`;
      ring.startRotation(version);
      for (let i = 0; i < 8; i++) await runWithFaults(STEPS[next(4)], version, next);
      for (const step of STEPS) await run(step, version);
      expect(keysOf(ring)).toEqual(expect.arrayContaining([...everCurrent]));
      keysOf(ring).forEach((key) => everCurrent.add(key));
      // A reader of the previous value knows the key that encrypts now.
      expect(keysOf(ring, 'AWSPREVIOUS')).toContain(keysOf(ring)[0]);
      firsts.push(keysOf(ring)[0]);
    }
    expect(keysOf(ring)).toHaveLength(7);
    expect(new Set(firsts).size).toBe(6);
  });
});
