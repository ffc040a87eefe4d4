import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { isKeyList, whyNotFollowed } from './key-list';
import { currentVersion, isStaged, RotationRequest, rotationProgress, SecretState } from '../../rotation/rotation-steps';
import { flawOf, generateValue, RotatedGroup, ValueShape } from './secret-value';

const secretsManager = new SecretsManagerClient();

/**
 * Rotates a secret that only its readers use, so that there is no other place in which the value has to be set.
 * Each step may be repeated, come late, or be cut off halfway: no value that somebody reads is ever lost.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export const handler = async (request: RotationRequest): Promise<void> => {
  const shape = shapeOf(request.SecretId);
  const state = await describe(request);
  if (rotationProgress(request, state) === 'finished') return request.Step === 'finishSecret' ? settle(request, state) : undefined;
  switch (request.Step) {
    case 'createSecret': return create(request, shape, state);
    case 'setSecret': return;
    case 'testSecret': return test(request, shape, state);
    case 'finishSecret': return finish(request, shape, state);
    default: throw new Error(`there is no rotation step ${request.Step}`);
  }
};

/** Stores a new value under the requested version, unless an earlier attempt has stored one. */
async function create(request: RotationRequest, shape: ValueShape, state: SecretState): Promise<void> {
  if (await pendingValue(request) !== undefined) return;
  const current = await valueToFollow(request, shape, state);
  try {
    await secretsManager.send(new PutSecretValueCommand({
      SecretId: request.SecretId,
      ClientRequestToken: request.ClientRequestToken,
      SecretString: generateValue(shape, current),
      VersionStages: ['AWSPENDING'],
    }));
  } catch (error) {
    // A twin of this invocation was faster. Its value is as good as ours.
    if (!(error instanceof ResourceExistsException)) throw error;
  }
}

/**
 * The current value, where the new one follows from it. One that is not understood is refused and stays as it is: what
 * it decrypts could not be read without it. Only a secret that never had a value has none to follow.
 */
async function valueToFollow({ SecretId }: RotationRequest, shape: ValueShape, state: SecretState): Promise<string | undefined> {
  const version = currentVersion(state);
  if (!isKeyList(shape) || version === undefined) return undefined;
  const current = await valueOf(SecretId, version);
  if (current === undefined) throw new Error(`the current version of ${SecretId} has no text that could be read, so no keys can follow from it`);
  const reason = whyNotFollowed(current, shape);
  if (reason) throw new Error(`${SecretId} ${reason}`);
  return current;
}

/**
 * Reads the new value as a service would, and looks at its shape.
 *
 * A pending version without a value is no failure: Secrets Manager makes one, and asks for this step alone, when it
 * tries out a rotation schedule that does not rotate at once.
 */
async function test(request: RotationRequest, shape: ValueShape, state: SecretState): Promise<void> {
  const value = await pendingValue(request);
  if (value !== undefined) await requireUsable(value, request, shape, state);
}

/** Makes the requested version current. Secrets Manager labels the one before it AWSPREVIOUS in the same call. */
async function finish(request: RotationRequest, shape: ValueShape, state: SecretState): Promise<void> {
  const { SecretId, ClientRequestToken } = request;
  const value = await pendingValue(request);
  if (value === undefined) throw new Error(`version ${ClientRequestToken} of ${SecretId} has no value yet, so it cannot become current`);
  await requireUsable(value, request, shape, state);
  try {
    await secretsManager.send(new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: ClientRequestToken,
      RemoveFromVersionId: currentVersion(state),
    }));
  } catch (error) {
    // The label may have been moved by a twin of this invocation, or by a call whose answer was lost.
    if (rotationProgress(request, await describe(request)) !== 'finished') throw error;
  }
  await settle(request, await describe(request));
}

/**
 * Takes the label AWSPENDING off the version that has become current. Secrets Manager lets it stay there, but once a person
 * enters a value it would stand on an older version, which the next rotation would take for one that is not complete.
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

/**
 * Gives up a pending value that must not become current, so that the next rotation starts afresh instead of meeting
 * the same value for ever.
 */
async function requireUsable(value: string, request: RotationRequest, shape: ValueShape, state: SecretState): Promise<void> {
  const { SecretId } = request;
  const version = currentVersion(state);
  // A current version without text holds no keys that a list could follow from.
  const current = version === undefined ? undefined : await valueOf(SecretId, version) ?? '';
  const flaw = isStaged(request, state, 'AWSPREVIOUS') ? 'was current before' : flawOf(value, current, shape);
  if (!flaw) return;
  await removePending(request);
  throw new Error(`the pending value of ${SecretId} ${flaw}; it was given up, rotate again`);
}

function removePending({ SecretId, ClientRequestToken }: RotationRequest): Promise<unknown> {
  return secretsManager.send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: ClientRequestToken }));
}

function describe(request: RotationRequest): Promise<SecretState> {
  return secretsManager.send(new DescribeSecretCommand({ SecretId: request.SecretId }));
}

function pendingValue(request: RotationRequest): Promise<string | undefined> {
  return valueOf(request.SecretId, request.ClientRequestToken);
}

/** The value of a version, `undefined` while it has none. */
async function valueOf(secretId: string, versionId: string): Promise<string | undefined> {
  try {
    return (await secretsManager.send(new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId }))).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** The shape of a secret's values. A secret that the function was not made for is refused. */
function shapeOf(secretArn: string): ValueShape {
  const groups: RotatedGroup[] = JSON.parse(process.env.ROTATED!);
  const group = groups.find(({ secretArns }) => secretArns.includes(secretArn));
  if (!group) throw new Error(`${secretArn} is not one of the secrets that this function rotates`);
  return group.shape;
}
