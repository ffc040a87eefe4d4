import {
  CfnElement,
  CfnResource,
  DefaultTokenResolver,
  IPostProcessor,
  IResolvable,
  IResolveContext,
  Reference,
  Stack,
  StringConcat,
  Tokenization,
} from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';

/**
 * The types of resources that complete another one: the property that refers to the completed resource, and properties
 * that refer to further resources.
 */
const COMPLETING: { readonly [type: string]: readonly [string, ...string[]] } = {
  'AWS::DocDB::DBInstance': ['dbClusterIdentifier'],
  'AWS::EFS::MountTarget': ['fileSystemId'],
  'AWS::FSx::StorageVirtualMachine': ['fileSystemId'],
  'AWS::MSK::BatchScramSecret': ['clusterArn', 'secretArnList'],
  'AWS::Neptune::DBInstance': ['dbClusterIdentifier'],
  'AWS::RDS::DBInstance': ['dbClusterIdentifier'],
  'AWS::RDS::DBProxyEndpoint': ['dbProxyName'],
  'AWS::RDS::DBProxyTargetGroup': ['dbProxyName'],
  'AWS::RDS::DBShardGroup': ['dbClusterIdentifier'],
  'AWS::SecretsManager::SecretTargetAttachment': ['secretId', 'targetId'],
};
/** The property of databases and proxies with their security groups. */
const GROUPS = 'vpcSecurityGroupIds';
/** The logical IDs in a resolved value. */
const LOGICAL_IDS = /"Ref":"([^"]+)"|"Fn::GetAtt":\["([^"]+)"|"Fn::GetAtt":"([^".]+)|\$\{([A-Za-z0-9]+)[.}]/g;

/**
 * The resources that complete what tasks use: the instances of a database cluster, the targets of a proxy, the host in
 * a secret that is attached to a database, and the mount targets of a file system.
 *
 * The tasks use what their task definition refers to, with a token or with a logical ID, and what they connect to.
 */
export function completionsOf(
  taskDefinition: ecs.TaskDefinition, connectables: ec2.IConnectable[], resources: CfnResource[],
): CfnResource[] {
  const candidates = resources.filter(({ cfnResourceType }) => cfnResourceType in COMPLETING).map((resource) => {
    const [completed, ...others] = COMPLETING[resource.cfnResourceType].map((name) => propertyOf(resource, name));
    return { resource, key: keyOf(resource), completed: keysIn(resource, completed), others: keysIn(resource, others) };
  });
  if (candidates.length === 0) return [];
  const { containerDefinitions, volumes } = taskDefinition.node.defaultChild as ecs.CfnTaskDefinition;
  const used = keysIn(taskDefinition, [containerDefinitions, volumes]);
  for (const resource of connectables.flatMap((each) => behind(each, resources))) used.add(keyOf(resource));
  // The set grows during the iteration: an attached secret leads to a cluster, and the cluster to its instances.
  for (const each of used) {
    for (const { key, completed, others } of candidates) {
      if (each !== key && !completed.has(each)) continue;
      for (const other of [key, ...completed, ...others]) used.add(other);
    }
  }
  return candidates.filter(({ key }) => used.has(key)).map(({ resource }) => resource);
}

/** The resources of a connectable: those in its construct, and those that have one of its security groups. */
function behind(connectable: ec2.IConnectable, resources: CfnResource[]): CfnResource[] {
  const within = (connectable as Partial<IConstruct>).node?.findAll().filter(CfnResource.isCfnResource) ?? [];
  const groups = new Set(connectable.connections.securityGroups.flatMap((group) =>
    [...keysIn(group, group.securityGroupId)]));
  const having = resources.filter((each) => propertyOf(each, GROUPS) !== undefined
    && [...keysIn(each, propertyOf(each, GROUPS))].some((key) => groups.has(key)));
  return [...within, ...having];
}

function propertyOf(resource: CfnResource, name: string): unknown {
  return (resource as unknown as { readonly [property: string]: unknown })[name];
}

/** Identifies an element of the app by its stack and its logical ID. */
function keyOf(element: CfnElement): string {
  return keyIn(element.stack, element.stack.resolve(element.logicalId));
}

function keyIn(stack: Stack, logicalId: string): string {
  return `${stack.node.path} ${logicalId}`;
}

/** The keys of the elements that a value refers to. */
function keysIn(scope: IConstruct, value: unknown): Set<string> {
  const found = new Set<IConstruct>();
  const rest = Tokenization.resolve(value, {
    scope, resolver: new ReferenceCollector(found, false), preparing: false,
  });
  return new Set([
    ...[...found].filter(CfnElement.isCfnElement).map(keyOf),
    ...logicalIdsIn(rest).map((id) => keyIn(Stack.of(scope), id)),
  ]);
}

/** The logical IDs that a resolved value refers to. */
export function logicalIdsIn(resolved: unknown): string[] {
  const text = JSON.stringify(resolved) ?? '';
  return [...text.matchAll(LOGICAL_IDS)].map(([, ...names]) => names.find((name) => name !== undefined)!);
}

/** The constructs that the tokens in a value refer to. */
export function referencesIn(scope: IConstruct, value: unknown): Set<IConstruct> {
  const found = new Set<IConstruct>();
  Tokenization.resolve(value, { scope, resolver: new ReferenceCollector(found), preparing: false });
  return found;
}

class ReferenceCollector extends DefaultTokenResolver {
  /**
   * @param found the constructs that were found
   * @param keep whether the resolved value contains the references
   */
  constructor(private readonly found: Set<IConstruct>, private readonly keep = true) {
    super(new StringConcat());
  }

  public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (Reference.isReference(token)) {
      this.found.add(token.target);
      if (!this.keep) return '';
    }
    return super.resolveToken(token, context, postProcessor);
  }
}
