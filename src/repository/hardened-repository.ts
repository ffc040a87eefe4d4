import { Duration, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { requireImageReference } from './image-reference';
import { encryptionKeyFor } from '../blocks/encryption-key';
import { managedGrantee } from '../blocks/managed-grantee';
import { checkArguments, checkProps } from '../core/check-props';
import { protectionOf } from '../core/data-protection';
import { pinFeatureFlags } from '../core/feature-flags';
import { refuse, refuseUse, requireInteger, requireText } from '../core/refusal';
import { relax, RelaxationOptions } from '../core/relaxation';
import { inOnePlace } from '../core/same-region';

/**
 * The number of tagged images to keep: the versions of the last ten deployments, each of which can be deployed again.
 */
export const DEFAULT_MAX_IMAGES = 10;
/** The retention of untagged images, in days. A failed push leaves untagged images. */
export const DEFAULT_UNTAGGED_DAYS = 7;

/**
 * Below the default quota of images per repository.
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
 */
const MOST_IMAGES = 10_000;
const MOST_UNTAGGED_DAYS = 3_650;
/** Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
const REPOSITORY_NAME = /^(?=.{2,256}$)([a-z0-9]+([._-][a-z0-9]+)*\/)*[a-z0-9]+([._-][a-z0-9]+)*$/;

/** Properties of a `HardenedRepository`. */
export interface HardenedRepositoryProps {
  /**
   * The name of the repository: 2 to 256 lowercase letters, digits and `. _ - /`. A name that another repository of the
   * app has in the same account and region is refused. Services in another account or region need an explicit name.
   * @default - CloudFormation generates a name
   */
  readonly repositoryName?: string;
  /**
   * Allows tags to move to another image. A tag then does not identify the code that ran.
   * @default - tags are immutable
   */
  readonly mutableTags?: RelaxationOptions;
  /**
   * The number of tagged images to keep, latest push first: 1 to 10,000. ECR deletes older images even if a service
   * runs them, and then no new task of that service can start. The number must be known at synthesis, because the
   * lifecycle policy is a text that contains it.
   * @default 10
   */
  readonly maxImageCount?: number;
  /**
   * The retention of untagged images: 1 to 3,650 whole days. The duration must be known at synthesis, because the
   * lifecycle policy is a text that contains it.
   * @default Duration.days(7)
   */
  readonly untaggedRetention?: Duration;
  /**
   * The key that encrypts the images. A change of the key replaces the repository. The policy of an imported key must
   * allow the principal that deploys to create grants for AWS services. An alias and a key of another region are
   * refused.
   * @default - the repository creates a key that rotates every year
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * An ECR repository with immutable tags, scanning on push, and encryption with a customer managed key.
 *
 * Create it in a stack that you deploy, and push images to, before the stack of the service.
 *
 * @example
 * declare const pipeline: iam.IRole;
 *
 * const images = new HardenedRepository(this, 'Images', { repositoryName: 'clinic/api' });
 * images.grantPush(pipeline);
 * // The image of a service, in a stack that you deploy after this one.
 * const image = images.image('1.4.2');
 */
export class HardenedRepository extends Construct {
  /** The repository. */
  public readonly repository: ecr.Repository;
  private readonly mutableTags: boolean;

  /** Creates an empty repository. Deploy services that run its images later. */
  constructor(scope: Construct, id: string, props: HardenedRepositoryProps = {}) {
    super(scope, id);
    checkProps(this, 'HardenedRepositoryProps', props);
    pinFeatureFlags(this);
    this.validate(props);
    // Only a stated reason makes tags mutable: null and false do not.
    this.mutableTags = Boolean(props.mutableTags);
    if (props.mutableTags) this.relaxTags(props.mutableTags);
    this.repository = this.defineRepository(props);
  }

  /**
   * Returns an image of the repository, for a service of another stack.
   *
   * The execution role of the service gets the permission to pull in its own policy. A value that is neither a tag nor
   * a digest is refused. A tag that identifies no version, such as `latest`, is refused unless tags are mutable.
   * @param version a tag, or a digest (`sha256:` and 64 hexadecimal digits). A token is treated as a tag
   */
  public image(version: string): ecs.ContainerImage {
    checkArguments(this, 'HardenedRepository.image', { version });
    requireImageReference(this, version, this.mutableTags);
    return ecs.ContainerImage.fromEcrRepository(this.repository, version);
  }

  /**
   * Grants permission to push images, for example to a pipeline.
   *
   * A role gets a managed policy that allows actions only on the repositories that it pushes to. The grants of all
   * repositories share this policy. Only the login to the registry supports no resource-level permissions, so it has a
   * second policy. For a role of another account, the policy of the repository also allows the push.
   * @param grantee the principal that pushes
   */
  public grantPush(grantee: iam.IGrantable): iam.Grant {
    checkArguments(this, 'HardenedRepository.grantPush', { grantee });
    return this.repository.grantPush(managedGrantee(grantee));
  }

  private validate({ repositoryName, maxImageCount, untaggedRetention }: HardenedRepositoryProps): void {
    requireText(this, 'repositoryName', repositoryName, 'name the repository, or leave repositoryName out');
    if (repositoryName !== undefined && !Token.isUnresolved(repositoryName) && !REPOSITORY_NAME.test(repositoryName)) {
      refuse(this, {
        prop: 'repositoryName',
        given: repositoryName,
        allowed: '2 to 256 lowercase letters and digits, separated by single . _ - /',
        change: 'rename the repository',
      });
    }
    this.requireUniqueName(repositoryName);
    this.requireKnown('maxImageCount', maxImageCount);
    this.requireKnown('untaggedRetention', untaggedRetention);
    requireInteger(this, 'maxImageCount', maxImageCount, 1, MOST_IMAGES);
    requireInteger(
      this,
      'untaggedRetention in days',
      untaggedRetention?.toDays({ integral: false }),
      1,
      MOST_UNTAGGED_DAYS,
    );
  }

  /** A registry has one repository of a name. */
  private requireUniqueName(name: string | undefined): void {
    if (name === undefined || Token.isUnresolved(name)) return;
    const other = this.node.root.node.findAll().find((node) =>
      node instanceof ecr.CfnRepository && node.repositoryName === name && inOnePlace(node, this));
    if (!other) return;
    const problem = `repositoryName must be unique per account and region, but ${other.node.path} is named '${name}'`;
    refuseUse(this, problem, 'rename one of the two, or leave repositoryName out');
  }

  /** A lifecycle policy is a text, in which a token would appear as the placeholder of a parameter. */
  private requireKnown(prop: string, given: unknown): void {
    const unknown = given instanceof Duration ? given.isUnresolved() : Token.isUnresolved(given);
    if (unknown) {
      refuse(this, { prop, given: Token.asAny(given), allowed: 'known at synthesis', change: 'pass a literal value' });
    }
  }

  private relaxTags({ reason }: RelaxationOptions): void {
    const what = 'a tag can move to another image, so a tag does not identify the code that ran';
    relax(this, { id: 'mutable-image-tags', what, reason });
  }

  /**
   * Creates the repository, whose key ECR uses through grants.
   *
   * ECR creates the grants on behalf of the principal that creates the repository. The policy of the key denies grants
   * to other principals: a grant for an AWS service has `kms:GrantIsForAWSResource`.
   * Principals that push and pull need no permission for the key.
   * https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
   */
  private defineRepository(props: HardenedRepositoryProps): ecr.Repository {
    const protection = protectionOf(this);
    return new ecr.Repository(this, 'Repository', {
      repositoryName: props.repositoryName,
      imageScanOnPush: true,
      imageTagMutability: this.mutableTags ? ecr.TagMutability.MUTABLE : ecr.TagMutability.IMMUTABLE,
      encryption: ecr.RepositoryEncryption.KMS,
      encryptionKey: encryptionKeyFor(this, props.encryptionKey, { description: `Images of ${this.node.path}` }),
      lifecycleRules: [
        {
          description: 'Untagged images',
          tagStatus: ecr.TagStatus.UNTAGGED,
          maxImageAge: props.untaggedRetention ?? Duration.days(DEFAULT_UNTAGGED_DAYS),
        },
        {
          description: 'All images except the latest versions',
          tagStatus: ecr.TagStatus.TAGGED,
          tagPatternList: ['*'],
          maxImageCount: props.maxImageCount ?? DEFAULT_MAX_IMAGES,
        },
      ],
      removalPolicy: protection.removalPolicy,
      emptyOnDelete: protection.isDisposable,
    });
  }
}
