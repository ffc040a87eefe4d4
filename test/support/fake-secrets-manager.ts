import { FakeAws, FakeAwsError } from './fake-aws';

/** The inputs of the operations that the tests use. */
interface Input {
  readonly SecretId: string;
  readonly VersionId?: string;
  readonly VersionStage?: string;
  readonly MoveToVersionId?: string;
  readonly RemoveFromVersionId?: string;
  readonly NextToken?: string;
}
interface PutInput {
  readonly SecretId: string;
  readonly ClientRequestToken: string;
  readonly SecretString: string;
  readonly VersionStages?: string[];
}

interface FakeVersion {
  value?: string;
  stages: Set<string>;
  createdAt: Date;
}

/** A secret, as in the API reference of Secrets Manager. */
export class FakeSecret {
  public readonly versions = new Map<string, FakeVersion>();
  public rotationEnabled = true;
  public lastRotatedAt?: Date;
  public nextRotationAt?: Date;

  public description?: string;

  constructor(public readonly arn: string, value: string, public readonly createdAt = new Date()) {
    this.versions.set('version-0', { value, stages: new Set(['AWSCURRENT']), createdAt });
  }

  /** The value with a staging label. */
  public valueOf(stage: string): string | undefined {
    return this.holder(stage)?.[1].value;
  }

  /** The staging labels of a version. */
  public stagesOf(versionId: string): string[] {
    return [...this.versions.get(versionId)?.stages ?? []].sort();
  }

  /** Starts a rotation as Secrets Manager does: creates an empty version with the label AWSPENDING. */
  public startRotation(versionId: string): void {
    const pending = this.holder('AWSPENDING');
    if (pending && !pending[1].stages.has('AWSCURRENT')) {
      throw new FakeAwsError(
        'InvalidRequestException',
        'A previous rotation isn’t complete. That rotation will be reattempted.',
      );
    }
    this.versions.set(versionId, { stages: new Set(), createdAt: new Date() });
    this.label('AWSPENDING', versionId);
  }

  /** Moves a label to a version. AWSPREVIOUS follows AWSCURRENT. */
  public label(stage: string, versionId: string): void {
    const before = this.holder(stage);
    before?.[1].stages.delete(stage);
    if (stage === 'AWSCURRENT' && before && before[0] !== versionId) this.label('AWSPREVIOUS', before[0]);
    this.versions.get(versionId)!.stages.add(stage);
  }

  public holder(stage: string): [string, FakeVersion] | undefined {
    return [...this.versions].find(([, { stages }]) => stages.has(stage));
  }
}

/** The operations of Secrets Manager that the rotation handlers and the roller use. */
export class FakeSecretsManager {
  private readonly secrets = new Map<string, FakeSecret>();

  constructor(aws: FakeAws) {
    aws.serve({
      DescribeSecret: (input: Input) => this.describe(this.find(input.SecretId)),
      GetSecretValue: (input: Input) => this.getValue(this.find(input.SecretId), input.VersionId, input.VersionStage),
      PutSecretValue: (input: PutInput) =>
        this.putValue(
          this.find(input.SecretId),
          input.ClientRequestToken,
          input.SecretString,
          input.VersionStages ?? ['AWSCURRENT'],
        ),
      UpdateSecretVersionStage: (input: Input) =>
        this.moveStage(
          this.find(input.SecretId),
          input.VersionStage!,
          input.MoveToVersionId,
          input.RemoveFromVersionId,
        ),
      ListSecretVersionIds: (input: Input) => this.listVersions(this.find(input.SecretId), input.NextToken),
    });
  }

  public add(secret: FakeSecret): FakeSecret {
    this.secrets.set(secret.arn, secret);
    return secret;
  }

  private find(secretId: string): FakeSecret {
    const secret =
      this.secrets.get(secretId) ?? [...this.secrets.values()].find(({ arn }) => arn.slice(0, -7) === secretId);
    if (!secret) {
      throw new FakeAwsError('ResourceNotFoundException', 'Secrets Manager can’t find the specified secret.');
    }
    return secret;
  }

  private describe(secret: FakeSecret): unknown {
    const labelled = [...secret.versions].filter(([, { stages }]) => stages.size > 0);
    return {
      ARN: secret.arn,
      Description: secret.description,
      RotationEnabled: secret.rotationEnabled,
      LastRotatedDate: secret.lastRotatedAt && secret.lastRotatedAt.getTime() / 1000,
      NextRotationDate: secret.nextRotationAt && secret.nextRotationAt.getTime() / 1000,
      CreatedDate: secret.createdAt.getTime() / 1000,
      VersionIdsToStages: Object.fromEntries(labelled.map(([id, { stages }]) => [id, [...stages]])),
    };
  }

  private getValue(secret: FakeSecret, versionId?: string, stage = versionId ? undefined : 'AWSCURRENT'): unknown {
    const id = versionId ?? secret.holder(stage!)?.[0];
    const version = id === undefined ? undefined : secret.versions.get(id);
    if (version?.value === undefined || (stage && !version.stages.has(stage))) {
      throw new FakeAwsError(
        'ResourceNotFoundException',
        'Secrets Manager can’t find the specified secret value for VersionId.',
      );
    }
    return { ARN: secret.arn, VersionId: id, SecretString: version.value, VersionStages: [...version.stages] };
  }

  private putValue(secret: FakeSecret, versionId: string, value: string, stages: string[]): unknown {
    const existing = secret.versions.get(versionId);
    if (existing?.value !== undefined && existing.value !== value) {
      throw new FakeAwsError(
        'ResourceExistsException',
        `You can’t use ClientRequestToken ${versionId} because that value is already in use.`,
      );
    }
    secret.versions.set(versionId, {
      value,
      stages: existing?.stages ?? new Set(),
      createdAt: existing?.createdAt ?? new Date(),
    });
    for (const stage of stages) secret.label(stage, versionId);
    return { ARN: secret.arn, VersionId: versionId, VersionStages: stages };
  }

  private moveStage(secret: FakeSecret, stage: string, to?: string, from?: string): unknown {
    const holder = secret.holder(stage)?.[0];
    if (holder !== undefined && holder !== to && holder !== from) {
      throw new FakeAwsError(
        'InvalidParameterException',
        `The parameter RemoveFromVersionId can’t be empty. Staging label ${stage} is currently attached to version `
          + `${holder}.`,
      );
    }
    if (from !== undefined && holder !== from) {
      throw new FakeAwsError('InvalidParameterException', `Staging label ${stage} is not attached to version ${from}.`);
    }
    if (to === undefined) {secret.versions.get(from!)!.stages.delete(stage);} else if (!secret.versions.has(to)) {
      throw new FakeAwsError('ResourceNotFoundException', `There is no version ${to}.`);
    } else {
      secret.label(stage, to);
    }
    return { ARN: secret.arn };
  }

  /** Lists one version per page, so that a caller without pagination misses versions. */
  private listVersions(secret: FakeSecret, token = '0'): unknown {
    const labelled = [...secret.versions].filter(([, { stages }]) => stages.size > 0).reverse();
    const index = Number(token);
    return {
      ARN: secret.arn,
      Versions: labelled.slice(index, index + 1).map(([id, version]) => ({
        VersionId: id, VersionStages: [...version.stages], CreatedDate: version.createdAt.getTime() / 1000,
      })),
      NextToken: index + 1 < labelled.length ? String(index + 1) : undefined,
    };
  }
}
