import {
  CfnResource,
  DefaultTokenResolver,
  IPostProcessor,
  IResolvable,
  IResolveContext,
  Reference,
  StringConcat,
  Tokenization,
} from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';

/**
 * The types of resources that complete another one: the property that refers to the completed resource, and properties
 * that refer to further resources.
 */
const COMPLETING: { readonly [type: string]: readonly [string, ...string[]] } = {
  'AWS::EFS::MountTarget': ['fileSystemId'],
  'AWS::RDS::DBInstance': ['dbClusterIdentifier'],
  'AWS::RDS::DBProxyEndpoint': ['dbProxyName'],
  'AWS::RDS::DBProxyTargetGroup': ['dbProxyName'],
  'AWS::SecretsManager::SecretTargetAttachment': ['secretId', 'targetId'],
};

/**
 * The resources that complete what a task definition refers to: the instances of a database cluster, the targets of a
 * proxy, the host in a secret that is attached to a database, and the mount targets of a file system.
 */
export function completionsOf(taskDefinition: ecs.TaskDefinition, resources: CfnResource[]): CfnResource[] {
  const candidates = resources.filter(({ cfnResourceType }) => cfnResourceType in COMPLETING).map((resource) => {
    const [completed, ...others] = COMPLETING[resource.cfnResourceType].map((name) => propertyOf(resource, name));
    return { resource, completed: referencesIn(resource, completed), others: referencesIn(resource, others) };
  });
  if (candidates.length === 0) return [];
  const { containerDefinitions, volumes } = taskDefinition.node.defaultChild as ecs.CfnTaskDefinition;
  const used = referencesIn(taskDefinition, [containerDefinitions, volumes]);
  // The set grows during the iteration: an attached secret leads to a cluster, and the cluster to its instances.
  for (const each of used) {
    for (const { resource, completed, others } of candidates) {
      if (each !== resource && !completed.has(each)) continue;
      for (const other of [resource, ...completed, ...others]) used.add(other);
    }
  }
  return candidates.map(({ resource }) => resource).filter((resource) => used.has(resource));
}

function propertyOf(resource: CfnResource, name: string): unknown {
  return (resource as unknown as { readonly [property: string]: unknown })[name];
}

/** The constructs that the tokens in a value refer to. */
export function referencesIn(scope: IConstruct, value: unknown): Set<IConstruct> {
  const found = new Set<IConstruct>();
  Tokenization.resolve(value, { scope, resolver: new ReferenceCollector(found), preparing: false });
  return found;
}

class ReferenceCollector extends DefaultTokenResolver {
  constructor(private readonly found: Set<IConstruct>) {
    super(new StringConcat());
  }

  public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (Reference.isReference(token)) this.found.add(token.target);
    return super.resolveToken(token, context, postProcessor);
  }
}
