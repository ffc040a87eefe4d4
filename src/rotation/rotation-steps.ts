/** The four steps in which Secrets Manager calls a rotation function, always in this order. */
export type RotationStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

/** What Secrets Manager sends. */
export interface RotationRequest {
  readonly Step: RotationStep;
  readonly SecretId: string;
  /** The id of the version that is to become the new one. */
  readonly ClientRequestToken: string;
}

/** What `DescribeSecret` says about the secret, as far as a rotation depends on it. */
export interface SecretState {
  readonly RotationEnabled?: boolean;
  readonly VersionIdsToStages?: Record<string, string[]>;
}

/** Where the requested version stands: `finished` once it is current, `pending` while it is being made. */
export type RotationProgress = 'finished' | 'pending';

/**
 * Where the requested version stands, or an error if it is not part of a rotation at all.
 *
 * A finished version is no error: Secrets Manager repeats steps whose answer it has not seen.
 */
export function rotationProgress(request: RotationRequest, state: SecretState): RotationProgress {
  const { SecretId: secret, ClientRequestToken: version } = request;
  if (!state.RotationEnabled) throw new Error(`rotation is not turned on for ${secret}`);
  const stages = state.VersionIdsToStages?.[version];
  if (!stages) throw new Error(`${secret} has no version ${version} with a staging label`);
  if (stages.includes('AWSCURRENT')) return 'finished';
  if (!stages.includes('AWSPENDING')) throw new Error(`version ${version} of ${secret} is staged ${stages.join(', ')}, not AWSPENDING`);
  return 'pending';
}

/** The version that is current, if there is one. */
export function currentVersion(state: SecretState): string | undefined {
  return Object.entries(state.VersionIdsToStages ?? {}).find(([, stages]) => stages.includes('AWSCURRENT'))?.[0];
}

/** Whether the requested version has a staging label. */
export function isStaged(request: RotationRequest, state: SecretState, stage: string): boolean {
  return state.VersionIdsToStages?.[request.ClientRequestToken]?.includes(stage) ?? false;
}
