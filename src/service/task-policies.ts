import { CfnResource, NestedStack, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { logicalIdsIn, referencesIn } from './task-references';

const POLICIES = ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy', 'AWS::IAM::RolePolicy'];
/** The properties with the roles of a policy. The names of a generic resource have a capital letter. */
const ROLES = /^(roles|roleName)$/i;

/**
 * Whether a search runs.
 *
 * A search evaluates the dependencies of other tasks, which must not start another search. Therefore, these tasks
 * depend on all their policies while a search runs. This also finds a cycle of two tasks whose policies refer to each
 * other.
 */
let isSearching = false;

/**
 * The policies that the app attaches to roles, for example `new ManagedPolicy(scope, id, { roles })`.
 *
 * A policy that refers to the tasks, or to something that depends on them, is left out: the tasks cannot wait for it.
 */
export function policiesOf(roles: IConstruct[], starts: IConstruct, resources: CfnResource[]): CfnResource[] {
  const attached = resources.filter((each) => POLICIES.includes(each.cfnResourceType)
    && !each.node.scopes.some((scope) => roles.includes(scope)) && appliesTo(each, roles));
  if (attached.length === 0 || isSearching) return attached;
  isSearching = true;
  try {
    const graph = new ResourceGraph(Stack.of(starts), resources);
    return attached.filter((policy) => !graph.leads(policy, starts.node.defaultChild!));
  } finally {
    isSearching = false;
  }
}

function appliesTo(policy: CfnResource, roles: IConstruct[]): boolean {
  const { cfnProperties } = policy as unknown as { readonly cfnProperties: Record<string, unknown> };
  const named = Object.keys(cfnProperties).filter((name) => ROLES.test(name)).map((name) => cfnProperties[name]);
  return [...referencesIn(policy, named)].some(({ node }) => node.scopes.some((scope) => roles.includes(scope)));
}

/** The dependencies between the resources of a stack: references, logical IDs and `addDependency`. */
class ResourceGraph {
  private readonly byId: Map<string, CfnResource>;
  /** The nested stacks, by the resource that creates them. */
  private readonly nested: Map<IConstruct, NestedStack>;
  private readonly dependencies = new Map<IConstruct, CfnResource[]>();

  constructor(private readonly stack: Stack, resources: CfnResource[]) {
    this.byId = new Map(resources.map((each) => [stack.resolve(each.logicalId) as string, each]));
    this.nested = new Map(stack.node.findAll()
      .filter((each): each is NestedStack => NestedStack.isNestedStack(each))
      .filter((each) => each.nestedStackParent === stack)
      .map((each) => [each.nestedStackResource!, each]));
  }

  /** Whether a resource directly or indirectly depends on another one. */
  public leads(from: CfnResource, to: IConstruct): boolean {
    const reached = new Set<IConstruct>([from]);
    // The set grows during the iteration.
    for (const each of reached) {
      if (each === to) return true;
      for (const next of this.requiredBy(each as CfnResource)) reached.add(next);
    }
    return false;
  }

  private requiredBy(resource: CfnResource): CfnResource[] {
    const nested = this.nested.get(resource);
    const parts = nested ? [resource, ...resourcesBelow(nested)] : [resource];
    return parts.flatMap((part) => [
      ...this.referencesOf(part),
      ...part.obtainDependencies().filter(CfnResource.isCfnResource),
      ...part.node.scopes.flatMap((scope) => this.dependenciesOf(scope)),
    ]).flatMap((each) => this.representative(each) ?? []);
  }

  private referencesOf(resource: CfnResource): CfnResource[] {
    const { _toCloudFormation: definition } = resource as unknown as { _toCloudFormation(): object };
    const template = definition.call(resource);
    const ids = resource.stack === this.stack ? logicalIdsIn(resource.stack.resolve(template)) : [];
    return [
      ...[...referencesIn(resource, template)].filter(CfnResource.isCfnResource),
      ...ids.flatMap((id) => this.byId.get(id) ?? []),
    ];
  }

  private dependenciesOf(scope: IConstruct): CfnResource[] {
    const known = this.dependencies.get(scope) ?? scope.node.dependencies.flatMap(resourcesBelow);
    this.dependencies.set(scope, known);
    return known;
  }

  /** The resource itself, or the resource of this stack that creates its nested stack. */
  private representative(resource: CfnResource): CfnResource | undefined {
    if (resource.stack === this.stack) return resource;
    const creator = [...this.nested].find(([, stack]) => resource.node.scopes.includes(stack))?.[0];
    return creator as CfnResource | undefined;
  }
}

function resourcesBelow(construct: IConstruct): CfnResource[] {
  return construct.node.findAll().filter(CfnResource.isCfnResource);
}
