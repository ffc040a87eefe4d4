import { CfnResource, NestedStack, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct, IDependable } from 'constructs';
import { ServicePlacement } from './service-placement';
import { completionsOf } from './task-references';
import { dependencyOn, endpointsOf, GroupRule, groupRulesAmong, isOfType } from '../binding/readiness';

/** A service whose tasks start when it is created. */
export interface StartingService extends ec2.IConnectable {
  readonly service: ecs.FargateService;
  readonly taskRole: IConstruct;
  readonly executionRole: IConstruct;
}

/** The resources that the tasks of a service use when they start. */
export interface TaskStartProps {
  readonly placement: ServicePlacement;
  /** The load balancer that checks the tasks. */
  readonly source?: ec2.IConnectable;
  /** The dependables of the resources in `uses`. */
  readonly waitFor: IDependable[];
  /** The resources in `uses` that name no dependables. */
  readonly whole: IConstruct[];
}

/**
 * Creates a service after everything that its tasks need when they start.
 *
 * No property of the service refers to some of it. A task that starts too early fails, and three such tasks fail the
 * deployment. On deletion, the service is first.
 */
export function createLast(starting: StartingService, props: TaskStartProps): void {
  const { service, taskRole, executionRole } = starting;
  const { subnets, vpc } = props.placement;
  // The roles include their policies. The subnets include their route to the internet.
  service.node.addDependency(taskRole, executionRole, subnets.internetConnectivityEstablished);
  const found = dependencyOn(() => {
    // Such a resource in another stack refers to the service, or its stack is deployed first.
    const own = resourcesOf(Stack.of(service));
    const around = [...own, ...parentsOf(Stack.of(service)).flatMap(resourcesOf)];
    const used = props.whole.flatMap((each) => each.node.findAll()).filter(CfnResource.isCfnResource);
    const laterGroups = groupsOrderedAfter(service, own);
    const isLater = (rule: GroupRule) => [rule.from, rule.to].some((group) => laterGroups.includes(group));
    const laterRules = groupRulesAmong([...own, ...used]).filter(isLater).map(({ rule }) => rule);
    return [
      ...connectionRules(starting, props.source, own),
      ...completionsOf(service.taskDefinition, around),
      ...endpointsOf(vpc, around),
      ...used,
    ].filter((each) => !laterRules.includes(each) && !isOrderedAfter(each, service));
  });
  service.node.defaultChild!.node.addDependency(found, ...props.waitFor);
}

/** The outbound rules, and the inbound rules from the load balancer. Other clients connect to tasks that run. */
function connectionRules(
  tasks: ec2.IConnectable, source: ec2.IConnectable | undefined, resources: CfnResource[],
): CfnResource[] {
  const idsOf = (of?: ec2.IConnectable) => (of?.connections.securityGroups ?? []).map((each) => each.securityGroupId);
  const [own, sources] = [tasks, source].map(idsOf);
  return groupRulesAmong(resources)
    .filter(({ from = '', to = '' }) => own.includes(from) || (own.includes(to) && sources.includes(from)))
    .map(({ rule }) => rule);
}

/** The IDs of the security groups of resources that the app creates after a service. */
function groupsOrderedAfter(service: IConstruct, resources: CfnResource[]): Array<string | undefined> {
  return resources.filter((each): each is ec2.CfnSecurityGroup => isOfType(each, 'AWS::EC2::SecurityGroup'))
    .filter((each) => isOrderedAfter(each, service)).map(({ attrGroupId }) => attrGroupId);
}

/** Whether the app itself creates a resource after the service. The service cannot wait for it. */
function isOrderedAfter(resource: IConstruct, service: IConstruct): boolean {
  return resource.node.scopes.some((scope) =>
    scope.node.dependencies.some((each) => service.node.scopes.includes(each)));
}

function resourcesOf(stack: Stack): CfnResource[] {
  return stack.node.findAll().filter((each): each is CfnResource => CfnResource.isCfnResource(each))
    .filter((each) => each.stack === stack);
}

function parentsOf(stack: Stack): Stack[] {
  const parent = NestedStack.isNestedStack(stack) ? stack.nestedStackParent : undefined;
  return parent ? [parent, ...parentsOf(parent)] : [];
}
