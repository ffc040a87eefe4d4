/** The four steps of a rotation, in the order in which Secrets Manager calls them. */
export type RotationStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

/** A request of Secrets Manager to a rotation function. */
export interface RotationRequest {
  readonly Step: RotationStep;
  readonly SecretId: string;
  /** The ID of the new version. */
  readonly ClientRequestToken: string;
}

/** The values of one secret: how the next one is generated, judged, set and tested. */
export interface RotatedValue {
  /**
   * Whether a rotation can continue a value. Otherwise, the previous value is the current one for the methods below, if
   * a rotation can continue that: the current one was overwritten with something else.
   */
  continues?(value: string): boolean;
  /** Returns the next value. Throws if it cannot continue the current value, which is undefined in an empty secret. */
  next(current: string | undefined): string;
  /** Returns why a value must not replace the current one, or undefined. */
  flawOf(value: string, current: string | undefined): string | undefined;
  /** Sets the value where the secret is used. Called again after a failure, also after a partial success. */
  set?(value: string, current: string | undefined): Promise<void>;
  /** Uses the value as a reader of the secret does. Throws if that fails. */
  test?(value: string): Promise<void>;
}

/** The result of `DescribeSecret`, reduced to what a rotation needs. */
export interface SecretState {
  readonly RotationEnabled?: boolean;
  readonly VersionIdsToStages?: Record<string, string[]>;
}

/** The progress of the requested version: `pending`, and `finished` when it is current. */
export type RotationProgress = 'finished' | 'pending';

/**
 * Returns the progress of the requested version. Throws if the version is not part of a rotation.
 *
 * A finished version is not an error: Secrets Manager repeats a step whose response was lost.
 */
export function rotationProgress(request: RotationRequest, state: SecretState): RotationProgress {
  const { SecretId: secret, ClientRequestToken: version } = request;
  if (!state.RotationEnabled) throw new Error(`rotation is not enabled for ${secret}`);
  const stages = state.VersionIdsToStages?.[version];
  if (!stages) throw new Error(`${secret} has no version ${version} with a staging label`);
  if (stages.includes('AWSCURRENT')) return 'finished';
  if (!stages.includes('AWSPENDING')) {
    throw new Error(`version ${version} of ${secret} must have the label AWSPENDING, got ${stages.join(', ')}`);
  }
  return 'pending';
}

/** Returns the ID of the current version, or undefined. */
export function currentVersion(state: SecretState): string | undefined {
  return versionWith(state, 'AWSCURRENT');
}

/** Returns the ID of the version with a staging label, or undefined. */
export function versionWith(state: SecretState, stage: string): string | undefined {
  return Object.entries(state.VersionIdsToStages ?? {}).find(([, stages]) => stages.includes(stage))?.[0];
}

/** Whether the requested version has a staging label. */
export function isStaged(request: RotationRequest, state: SecretState, stage: string): boolean {
  return state.VersionIdsToStages?.[request.ClientRequestToken]?.includes(stage) ?? false;
}
