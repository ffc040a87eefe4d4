import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { isKeyList, whyNotContinued } from './key-list';
import { flawOf, generateValue, RotatedGroup, ValueShape } from './secret-value';
import {
  currentVersion,
  isStaged,
  RotationRequest,
  rotationProgress,
  SecretState,
} from '../../rotation/rotation-steps';

const secretsManager = new SecretsManagerClient();

/**
 * Rotates a secret whose value is stored only in Secrets Manager.
 *
 * Each step can be repeated, delayed or interrupted without losing a value in use.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export const handler = async (request: RotationRequest): Promise<void> => {
  const shape = shapeOf(request.SecretId);
  const state = await describe(request);
  if (rotationProgress(request, state) === 'finished') {
    return request.Step === 'finishSecret' ? settle(request, state) : undefined;
  }
  switch (request.Step) {
    case 'createSecret': return create(request, shape, state);
    case 'setSecret': return;
    case 'testSecret': return test(request, shape, state);
    case 'finishSecret': return finish(request, shape, state);
    default: throw new Error(`unknown rotation step ${request.Step}`);
  }
};

/** Stores a new value as the requested version, unless an earlier attempt stored one. */
async function create(request: RotationRequest, shape: ValueShape, state: SecretState): Promise<void> {
  if (await pendingValue(request) !== undefined) return;
  const current = await listToContinue(request, shape, state);
  try {
    await secretsManager.send(new PutSecretValueCommand({
      SecretId: request.SecretId,
      ClientRequestToken: request.ClientRequestToken,
      SecretString: generateValue(shape, current),
      VersionStages: ['AWSPENDING'],
    }));
  } catch (error) {
    // A concurrent invocation stored a value. Either value is valid.
    if (!(error instanceof ResourceExistsException)) throw error;
  }
}

/**
 * Returns the current value if the new value is a list that continues it.
 *
 * Throws if the current value is not a list of keys, and does not change it: without these keys, encrypted data would
 * be lost. A secret that never had a value has no list to continue.
 */
async function listToContinue(
  { SecretId }: RotationRequest,
  shape: ValueShape,
  state: SecretState,
): Promise<string | undefined> {
  const version = currentVersion(state);
  if (!isKeyList(shape) || version === undefined) return undefined;
  const current = await valueOf(SecretId, version);
  if (current === undefined) {
    throw new Error(`the current version of ${SecretId} must contain text, so that a list of keys can continue it`);
  }
  const reason = whyNotContinued(current, shape);
  if (reason) throw new Error(`${SecretId} ${reason}`);
  return current;
}

/**
 * Reads the new value as a service does, and checks its shape.
 *
 * A pending version without a value is not an error: to test a schedule that does not rotate immediately, Secrets
 * Manager creates such a version and calls only this step.
 */
async function test(request: RotationRequest, shape: ValueShape, state: SecretState): Promise<void> {
  const value = await pendingValue(request);
  if (value !== undefined) await requireUsable(value, request, shape, state);
}

/** Makes the requested version current. In the same call, Secrets Manager labels the previous version AWSPREVIOUS. */
async function finish(request: RotationRequest, shape: ValueShape, state: SecretState): Promise<void> {
  const { SecretId, ClientRequestToken } = request;
  const value = await pendingValue(request);
  if (value === undefined) {
    throw new Error(`version ${ClientRequestToken} of ${SecretId} has no value, so it cannot become current`);
  }
  await requireUsable(value, request, shape, state);
  try {
    await secretsManager.send(new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: ClientRequestToken,
      RemoveFromVersionId: currentVersion(state),
    }));
  } catch (error) {
    // A concurrent invocation, or a call whose response was lost, can have moved the label.
    if (rotationProgress(request, await describe(request)) !== 'finished') throw error;
  }
  await settle(request, await describe(request));
}

/**
 * Removes the label AWSPENDING from the version that is current.
 *
 * Secrets Manager leaves the label there. When a person then enters a value, the label is on an older version, which
 * the next rotation would treat as an incomplete rotation.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
 */
async function settle(request: RotationRequest, state: SecretState): Promise<void> {
  if (!isStaged(request, state, 'AWSPENDING')) return;
  try {
    await removePending(request);
  } catch (error) {
    if (isStaged(request, await describe(request), 'AWSPENDING')) throw error;
  }
}

/** Discards a pending value that must not become current. The next rotation then generates another value. */
async function requireUsable(
  value: string,
  request: RotationRequest,
  shape: ValueShape,
  state: SecretState,
): Promise<void> {
  const { SecretId } = request;
  const version = currentVersion(state);
  // A list cannot continue a current version without text.
  const current = version === undefined ? undefined : ((await valueOf(SecretId, version)) ?? '');
  const flaw = isStaged(request, state, 'AWSPREVIOUS') ? 'was current before' : flawOf(value, current, shape);
  if (!flaw) return;
  await removePending(request);
  throw new Error(`the pending value of ${SecretId} ${flaw}. It was discarded. Rotate again`);
}

function removePending({ SecretId, ClientRequestToken }: RotationRequest): Promise<unknown> {
  return secretsManager.send(new UpdateSecretVersionStageCommand({
    SecretId,
    VersionStage: 'AWSPENDING',
    RemoveFromVersionId: ClientRequestToken,
  }));
}

function describe(request: RotationRequest): Promise<SecretState> {
  return secretsManager.send(new DescribeSecretCommand({ SecretId: request.SecretId }));
}

function pendingValue(request: RotationRequest): Promise<string | undefined> {
  return valueOf(request.SecretId, request.ClientRequestToken);
}

/** Returns the value of a version, or undefined if it has none. */
async function valueOf(secretId: string, versionId: string): Promise<string | undefined> {
  try {
    const { SecretString } = await secretsManager.send(
      new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId }),
    );
    return SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Returns the shape of a secret's values. Throws if the function does not rotate this secret. */
function shapeOf(secretArn: string): ValueShape {
  const groups: RotatedGroup[] = JSON.parse(process.env.ROTATED!);
  const group = groups.find(({ secretArns }) => secretArns.includes(secretArn));
  if (!group) throw new Error(`${secretArn} is not one of the secrets that this function rotates`);
  return group.shape;
}
