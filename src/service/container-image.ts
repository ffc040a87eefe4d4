import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { deployedStackOf } from '../core/deployed-stack';
import { refuse, Situation } from '../core/refusal';
import { DataProtection } from '../core/data-protection';

/**
 * Refuses an image whose repository is made by the service's own stack: the first deployment would wait for an image that
 * nobody could have pushed, until the circuit breaker rolls everything back.
 */
export function requirePushableImage(scope: IConstruct, image: ecs.ContainerImage): void {
  const repository = repositoryOf(image);
  if (repository === undefined || !CfnResource.isCfnResource(repository.node.defaultChild)) return;
  if (deployedStackOf(repository) === deployedStackOf(scope)) refuseOwn(scope, repository);
  requireReachable(scope, repository, repository.node.defaultChild as ecr.CfnRepository);
  // Over regions, nothing else says so: the image's name is written out.
  Stack.of(scope).addStackDependency(Stack.of(repository));
}

/** The same for an image that is named by its address: what of it is known only at deployment may come from such a repository. */
export function requireForeignRepository(scope: IConstruct, imageName: string): void {
  if (!Token.isUnresolved(imageName)) return;
  const written = JSON.stringify(Stack.of(scope).resolve(imageName));
  const own = deployedStackOf(scope).node.findAll().find((construct) => construct instanceof ecr.CfnRepository
    && deployedStackOf(construct) === deployedStackOf(scope) && written.includes(`"${Stack.of(construct).resolve(construct.logicalId)}"`));
  if (own) refuseOwn(scope, own.node.scope!);
}

/** A name that AWS makes up is known in one region of one account alone. */
function requireReachable(scope: IConstruct, repository: ecr.IRepository, { repositoryName }: ecr.CfnRepository): void {
  const [there, here] = [Stack.of(repository), Stack.of(scope)];
  const elsewhere = [[there.region, here.region], [there.account, here.account]]
    .find(([its, ours]) => !Token.isUnresolved(its) && !Token.isUnresolved(ours) && its !== ours);
  if (!elsewhere || there.resolve(repositoryName) !== undefined) return;
  refuse(scope, {
    prop: 'image',
    given: new Situation(`from ${repository.node.path}, a repository of ${elsewhere[0]} without a name of its own`),
    allowed: `a repository of ${elsewhere[1]}, or one with a name`,
    change: 'pass repositoryName to the repository, or make it where the service is',
  });
}

function refuseOwn(scope: IConstruct, repository: IConstruct): never {
  refuse(scope, {
    prop: 'image',
    given: new Situation(`from ${repository.node.path}, a repository of the service's own stack`),
    allowed: 'an image of a repository that is there, and pushed to, before the service',
    change: 'move the repository into a stack that is deployed first',
  });
}

/** Refuses an image whose tag is missing or `latest` while data is kept: nobody could say which code has handled it. Tokens pass. */
export function requirePinnedImage(scope: IConstruct, imageName: string): void {
  if (!moves(imageName) || DataProtection.of(scope).isDisposable) return;
  refuse(scope, {
    prop: 'image',
    given: new Situation(Token.isUnresolved(imageName) ? 'tagged latest or not at all' : `'${imageName}'`),
    allowed: 'an image with a digest or with a tag other than latest, while data is kept',
    change: 'name the version that is to run',
  });
}

function moves(imageName: string): boolean {
  if (imageName.includes('@')) return false;
  const [, tag] = imageName.slice(imageName.lastIndexOf('/') + 1).split(':');
  if (tag === undefined) return !Token.isUnresolved(imageName.slice(imageName.lastIndexOf('/') + 1));
  return tag === 'latest';
}

/** The repository of an image that aws-cdk-lib reads from ECR. It keeps it to itself; there is no other way to know it. */
function repositoryOf(image: ecs.ContainerImage): ecr.IRepository | undefined {
  return (image as ecs.ContainerImage & { repository?: ecr.IRepository }).repository;
}
