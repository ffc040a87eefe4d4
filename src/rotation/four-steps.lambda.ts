import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import {
  currentVersion, isStaged, RotatedValue, RotationRequest, rotationProgress, SecretState, versionWith,
} from './rotation-steps';

const secretsManager = new SecretsManagerClient();

/**
 * Does one step of a rotation.
 *
 * Secrets Manager repeats steps whose response was lost, so each step is idempotent.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export async function takeStep(request: RotationRequest, values: RotatedValue): Promise<void> {
  const state = await describe(request);
  if (rotationProgress(request, state) === 'finished') {
    return request.Step === 'finishSecret' ? settle(request, state) : undefined;
  }
  switch (request.Step) {
    case 'createSecret': return create(request, values, state);
    case 'setSecret': return set(request, values, state);
    case 'testSecret': return test(request, values, state);
    case 'finishSecret': return finish(request, values, state);
    default: throw new Error(`unknown rotation step ${request.Step}`);
  }
}

/** Stores a new value as the requested version, unless an earlier attempt stored one. */
async function create(request: RotationRequest, values: RotatedValue, state: SecretState): Promise<void> {
  if (await pendingValue(request) !== undefined) return;
  const current = await currentValue(request, values, state);
  try {
    await secretsManager.send(new PutSecretValueCommand({
      SecretId: request.SecretId,
      ClientRequestToken: request.ClientRequestToken,
      SecretString: values.next(current),
      VersionStages: ['AWSPENDING'],
    }));
  } catch (error) {
    // A concurrent invocation stored a value. Either value is valid.
    if (!(error instanceof ResourceExistsException)) throw error;
  }
}

/** Sets the new value where the secret is used. A value that must not become current is discarded before. */
async function set(request: RotationRequest, values: RotatedValue, state: SecretState): Promise<void> {
  if (!values.set) return;
  const value = await requirePending(request);
  const current = await requireUsable(value, request, values, state);
  await values.set(value, current);
}

/**
 * Reads the new value as a service does, checks its shape, and uses it.
 *
 * A pending version without a value is not an error: to test a schedule that does not rotate immediately, Secrets
 * Manager creates such a version and calls only this step.
 */
async function test(request: RotationRequest, values: RotatedValue, state: SecretState): Promise<void> {
  const value = await pendingValue(request);
  if (value === undefined) return;
  await requireUsable(value, request, values, state);
  await values.test?.(value);
}

/** Makes the requested version current. In the same call, Secrets Manager labels the previous version AWSPREVIOUS. */
async function finish(request: RotationRequest, values: RotatedValue, state: SecretState): Promise<void> {
  const { SecretId, ClientRequestToken } = request;
  const value = await requirePending(request);
  await requireUsable(value, request, values, state);
  // A step can be skipped or called out of order. The label must not move to a value that nobody can use.
  await values.test?.(value);
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

/** Returns the current value. Discards a pending value that must not replace it: the next rotation makes another. */
async function requireUsable(
  value: string, request: RotationRequest, values: RotatedValue, state: SecretState,
): Promise<string | undefined> {
  const current = await currentValue(request, values, state);
  const flaw = isStaged(request, state, 'AWSPREVIOUS') ? 'was current before' : values.flawOf(value, current);
  if (!flaw) return current;
  await removePending(request);
  throw new Error(`the pending value of ${request.SecretId} ${flaw}. It was discarded. Rotate again`);
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

/**
 * Returns the current value: undefined for a secret that never had one, empty for a version without text. If a rotation
 * cannot continue it, returns the previous value.
 */
async function currentValue(
  { SecretId, ClientRequestToken }: RotationRequest, values: RotatedValue, state: SecretState,
): Promise<string | undefined> {
  const version = currentVersion(state);
  const current = version === undefined ? undefined : (await valueOf(SecretId, version)) ?? '';
  const before = versionWith(state, 'AWSPREVIOUS');
  if (!values.continues || before === undefined || before === ClientRequestToken) return current;
  if (current !== undefined && values.continues(current)) return current;
  const previous = await valueOf(SecretId, before);
  return previous !== undefined && values.continues(previous) ? previous : current;
}

async function requirePending(request: RotationRequest): Promise<string> {
  const value = await pendingValue(request);
  if (value !== undefined) return value;
  const { SecretId, ClientRequestToken } = request;
  throw new Error(`version ${ClientRequestToken} of ${SecretId} has no value, so it cannot become current`);
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
