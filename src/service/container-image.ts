import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { requireImageName } from './image-name';
import { DataProtection } from '../core/data-protection';
import { deployedStackOf } from '../core/deployed-stack';
import { refuse, Situation } from '../core/refusal';

/**
 * Refuses an image from a repository of the same stack. Nobody can push to that repository before the first deployment,
 * so the deployment would wait until the circuit breaker rolls it back.
 */
export function requirePushableImage(scope: IConstruct, image: ecs.ContainerImage): void {
  const repository = repositoryOf(image);
  if (repository === undefined || !CfnResource.isCfnResource(repository.node.defaultChild)) return;
  if (deployedStackOf(repository) === deployedStackOf(scope)) refuseOwn(scope, repository);
  requireReachable(scope, repository, repository.node.defaultChild as ecr.CfnRepository);
  // Across regions the image name is a literal, so aws-cdk-lib adds no dependency.
  Stack.of(scope).addStackDependency(Stack.of(repository));
}

/** Refuses an image name whose tokens refer to a repository of the same stack. */
export function requireForeignRepository(scope: IConstruct, imageName: string): void {
  if (!Token.isUnresolved(imageName)) return;
  const written = JSON.stringify(Stack.of(scope).resolve(imageName));
  const own = deployedStackOf(scope).node.findAll().find((construct) => construct instanceof ecr.CfnRepository
    && deployedStackOf(construct) === deployedStackOf(scope)
    && written.includes(`"${Stack.of(construct).resolve(construct.logicalId)}"`));
  if (own) refuseOwn(scope, own.node.scope!);
}

/**
 * Refuses a repository of another account or region whose name CloudFormation generates.
 *
 * The name is unknown here.
 */
function requireReachable(scope: IConstruct, repository: ecr.IRepository, { repositoryName }: ecr.CfnRepository): void {
  const [there, here] = [Stack.of(repository), Stack.of(scope)];
  const elsewhere = [[there.region, here.region], [there.account, here.account]]
    .find(([its, ours]) => !Token.isUnresolved(its) && !Token.isUnresolved(ours) && its !== ours);
  if (!elsewhere || there.resolve(repositoryName) !== undefined) return;
  refuse(scope, {
    prop: 'image',
    given: new Situation(`one from ${repository.node.path} in ${elsewhere[0]} with a generated name`),
    allowed: `an image from a repository in ${elsewhere[1]} or from one with an explicit name`,
    change: `pass repositoryName to the repository, or create the repository in ${elsewhere[1]}`,
  });
}

function refuseOwn(scope: IConstruct, repository: IConstruct): never {
  refuse(scope, {
    prop: 'image',
    given: new Situation(`one from ${repository.node.path} in the same stack`),
    allowed: 'an image from a repository that exists before the tasks start',
    change: 'move the repository to a stack that is deployed first',
  });
}

/**
 * Refuses a name that Docker cannot parse. Unless data is disposable, refuses an image without a tag or with the tag
 * `latest`: the tag would not identify the code that handled the data. Tokens are accepted.
 */
export function requirePinnedImage(scope: IConstruct, imageName: string): void {
  requireImageName(scope, imageName);
  if (!hasMovingTag(imageName) || DataProtection.of(scope).isDisposable) return;
  refuse(scope, {
    prop: 'image',
    given: imageName,
    allowed: 'identified by a digest or by a tag other than latest, unless data is disposable',
    change: 'name the version to run',
  });
}

function hasMovingTag(imageName: string): boolean {
  if (imageName.includes('@')) return false;
  const [, tag] = imageName.slice(imageName.lastIndexOf('/') + 1).split(':');
  if (tag === undefined) return !Token.isUnresolved(imageName.slice(imageName.lastIndexOf('/') + 1));
  return tag === 'latest';
}

/** The platforms of Docker, by the CPU architecture of Fargate. */
const PLATFORMS: { readonly [architecture: string]: string } = { X86_64: 'linux/amd64', ARM64: 'linux/arm64' };

/**
 * Refuses an image that is built for another CPU architecture than that of the task. Without a platform, Docker builds
 * for the computer on which it runs, which is unknown here.
 */
export function requirePlatform(scope: IConstruct, image: ecs.ContainerImage, architecture: ecs.CpuArchitecture): void {
  const given = platformOf(image);
  const needed = PLATFORMS[architecture._cpuArchitecture];
  if (given === undefined || needed === undefined || given === needed) return;
  refuse(scope, {
    prop: 'image',
    given: new Situation(`one that is built for ${given}`),
    allowed: `an image for ${needed}, the platform of cpuArchitecture`,
    change: 'change the platform of the image, or pass cpuArchitecture',
  });
}

/** Returns the platform of an image that aws-cdk-lib builds. It keeps the options in a private field. */
function platformOf(image: ecs.ContainerImage): string | undefined {
  return (image as ecs.ContainerImage & { props?: { platform?: { platform?: string } } }).props?.platform?.platform;
}

/** Returns the ECR repository of an image. aws-cdk-lib keeps it in a private field and offers no other access to it. */
function repositoryOf(image: ecs.ContainerImage): ecr.IRepository | undefined {
  return (image as ecs.ContainerImage & { repository?: ecr.IRepository }).repository;
}
