import { Duration, Stage, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { requireImageReference } from './image-reference';
import { acknowledge } from '../core/acknowledge';
import { encryptionKeyFor } from '../blocks/encryption-key';
import { pinFeatureFlags } from '../core/feature-flags';
import { refuse, requireInteger, requireText } from '../core/refusal';
import { relax, RelaxationOptions } from '../core/relaxation';
import { DataProtection } from '../core/data-protection';

/** How many tagged images stay: a version for each of the last ten deployments, so that any of them can be deployed again. */
export const DEFAULT_KEPT_IMAGES = 10;
/** How many days an image stays that no tag points to: what a broken push leaves behind. */
export const DEFAULT_UNTAGGED_DAYS = 7;

/** Far beyond what anybody rolls back to, and below what a repository holds by default: https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
const MOST_KEPT_IMAGES = 10_000;
const MOST_UNTAGGED_DAYS = 3_650;
/** Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
const REPOSITORY_NAME = /^(?=.{2,256}$)([a-z0-9]+([._-][a-z0-9]+)*\/)*[a-z0-9]+([._-][a-z0-9]+)*$/;

/** A repository of container images. */
export interface HardenedRepositoryProps {
  /**
   * The name by which people and pipelines push: 2 to 256 lower-case letters, digits and `. _ - /`. Another account or region can only
   * pull from a repository with a name.
   * @default - made by CloudFormation
   */
  readonly repositoryName?: string;
  /**
   * Lets a tag be moved to another image. Nobody can then say from its tag which code has run.
   * @default - a tag stays with the image that it was pushed for
   */
  readonly mutableTags?: RelaxationOptions;
  /**
   * How many tagged images are kept, the latest pushed: 1 to 10,000. An older one is deleted even while it runs, and then no new task of it
   * starts. Known when the app is synthesised, since it is part of a text.
   * @default 10
   */
  readonly maxImageCount?: number;
  /**
   * How long an image without a tag is kept: whole days, 1 to 3,650. Known when the app is synthesised, since it is part of a text.
   * @default Duration.days(7)
   */
  readonly untaggedRetention?: Duration;
  /**
   * The key that encrypts the images. Another key replaces the repository. The policy of an imported key must let whoever deploys create
   * grants for AWS services.
   * @default - a rotating key of its own
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Container images: scanned when they are pushed, encrypted under a key of your own, with tags that stay where they are.
 *
 * Put it into a stack that is deployed, and pushed to, before the stack of the service.
 */
export class HardenedRepository extends Construct {
  /** The repository. */
  public readonly repository: ecr.Repository;
  private readonly mutableTags: boolean;

  /** Makes the repository. It is empty, so what runs its images has to be deployed later. */
  constructor(scope: Construct, id: string, props: HardenedRepositoryProps = {}) {
    super(scope, id);
    pinFeatureFlags(this);
    this.validate(props);
    this.mutableTags = props.mutableTags !== undefined;
    if (props.mutableTags) this.relaxTags(props.mutableTags);
    this.repository = this.defineRepository(props);
  }

  /**
   * An image of the repository, for a service of another stack. Whoever starts its tasks gets the right to pull on its own policy.
   *
   * Refused is what is neither a tag nor a digest, and a tag that says nothing of a version, as `latest`, unless tags are mutable.
   * @param version a tag, or a digest (`sha256:` and 64 hexadecimal digits). What is known only at deployment is taken for a tag
   */
  public image(version: string): ecs.ContainerImage {
    requireImageReference(this, version, this.mutableTags);
    return ecs.ContainerImage.fromEcrRepository(this.repository, version);
  }

  /**
   * Lets a pipeline push images. A role of this account gets a managed policy that names the actions, and the repository as their resource;
   * only the login to the registry takes none.
   * @param grantee who pushes
   */
  public grantPush(grantee: iam.IGrantable): iam.Grant {
    const { grantPrincipal } = grantee;
    return this.repository.grantPush(isRole(grantPrincipal) && this.isOfThisAccount(grantPrincipal) ? this.pushPolicy(grantPrincipal) : grantee);
  }

  private validate({ repositoryName, maxImageCount, untaggedRetention }: HardenedRepositoryProps): void {
    requireText(this, 'repositoryName', repositoryName, 'name the repository, or leave the name to CloudFormation');
    if (repositoryName !== undefined && !Token.isUnresolved(repositoryName) && !REPOSITORY_NAME.test(repositoryName)) {
      refuse(this, {
        prop: 'repositoryName',
        given: repositoryName,
        allowed: '2 to 256 lower-case letters and digits, with single . _ - / between them',
        change: 'rename the repository',
      });
    }
    this.requireKnown('maxImageCount', maxImageCount);
    this.requireKnown('untaggedRetention', untaggedRetention);
    requireInteger(this, 'maxImageCount', maxImageCount, 1, MOST_KEPT_IMAGES);
    requireInteger(this, 'untaggedRetention in days', untaggedRetention?.toDays({ integral: false }), 1, MOST_UNTAGGED_DAYS);
  }

  /** A lifecycle policy is a text; a value that is known only at deployment would end up in it as the name of a parameter. */
  private requireKnown(prop: string, given: unknown): void {
    const unknown = given instanceof Duration ? given.isUnresolved() : Token.isUnresolved(given);
    if (unknown) refuse(this, { prop, given: Token.asAny(given), allowed: 'a value that is known at synthesis', change: 'write the number out' });
  }

  private relaxTags({ reason }: RelaxationOptions): void {
    relax(this, { id: 'mutable-image-tags', what: 'a tag may be moved to another image, so that it does not say which code has run', reason });
  }

  /**
   * ECR works by grants on the key, which it creates on behalf of whoever creates the repository. The key refuses grants to people only: those
   * of a service that KMS works with carry `kms:GrantIsForAWSResource`. Who pushes and pulls needs no right on the key.
   * https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
   */
  private defineRepository(props: HardenedRepositoryProps): ecr.Repository {
    const protection = DataProtection.of(this);
    return new ecr.Repository(this, 'Repository', {
      repositoryName: props.repositoryName,
      imageScanOnPush: true,
      imageTagMutability: this.mutableTags ? ecr.TagMutability.MUTABLE : ecr.TagMutability.IMMUTABLE,
      encryption: ecr.RepositoryEncryption.KMS,
      encryptionKey: encryptionKeyFor(this, props.encryptionKey, { description: `Images of ${this.node.path}` }),
      lifecycleRules: [
        {
          description: 'What no tag points to',
          tagStatus: ecr.TagStatus.UNTAGGED,
          maxImageAge: props.untaggedRetention ?? Duration.days(DEFAULT_UNTAGGED_DAYS),
        },
        {
          description: 'All but the latest versions',
          tagStatus: ecr.TagStatus.TAGGED,
          tagPatternList: ['*'],
          maxImageCount: props.maxImageCount ?? DEFAULT_KEPT_IMAGES,
        },
      ],
      removalPolicy: props.repositoryName === undefined ? protection.removalPolicy : protection.namedRemovalPolicy,
      emptyOnDelete: protection.isDisposable,
    });
  }

  /** A policy of its own, so that the login's wildcard is acknowledged here and those of the pipeline stay reported. */
  private pushPolicy(role: iam.IRole): iam.ManagedPolicy {
    const outside = Stage.of(this)!.node.scopes.length;
    const id = ['Push', ...this.node.scopes.slice(outside).map((scope) => scope.node.id)].join(':');
    const made = role.node.tryFindChild(id);
    if (made) return made as iam.ManagedPolicy;
    const policy = new iam.ManagedPolicy(role, id, { roles: [role], description: `Pushes images to ${this.node.path}` });
    acknowledge(policy, {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: `Whoever pushes to ${this.node.path} has to log in to the registry of the account, by an action that takes no resource; the other actions name the repository`,
    });
    return policy;
  }

  /** Across accounts the repository has to say yes too, which aws-cdk-lib sees to. */
  private isOfThisAccount({ principalAccount = this.repository.env.account }: iam.IRole): boolean {
    const { account } = this.repository.env;
    return Token.isUnresolved(account) || Token.isUnresolved(principalAccount) || account === principalAccount;
  }
}

function isRole(principal: iam.IPrincipal): principal is iam.IRole {
  return (principal as Partial<iam.IRole>).roleName !== undefined;
}
