import { CfnResource, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct, IDependable } from 'constructs';
import { ServicePlacement } from './service-placement';
import { policiesOf } from './task-policies';
import { completionsOf } from './task-references';
import {
  dependencyOn, endpointsOf, GroupRule, groupRulesAmong, isOfType, resourcesAround, resourcesOf,
} from '../binding/readiness';

/** Tasks that start when a resource is created. */
export interface StartingTasks extends ec2.IConnectable {
  /** The service, or the custom resource that runs a task. */
  readonly starts: Construct;
  /** Services that are created after `starts`. */
  readonly followers?: IConstruct[];
  readonly taskDefinition: ecs.TaskDefinition;
  readonly taskRole: IConstruct;
  readonly executionRole: IConstruct;
}

/** The resources that tasks use when they start. */
export interface TaskStartProps {
  readonly placement: ServicePlacement;
  /** The load balancer that checks the tasks. */
  readonly source?: ec2.IConnectable;
  /** The dependables of the resources in `uses`. */
  readonly waitFor: IDependable[];
  /** The resources in `uses` that name no dependables. */
  readonly whole: IConstruct[];
  /** The connectables of the resources in `uses` that name no dependables. */
  readonly connected: ec2.IConnectable[];
}

/**
 * Creates the resource that starts tasks after everything that they need when they start.
 *
 * No property of the resource refers to some of it. A task that starts too early fails, and three such tasks fail the
 * deployment of a service. On deletion, the resource is first.
 */
export function createLast(starting: StartingTasks, props: TaskStartProps): void {
  const { starts, followers = [], taskRole, executionRole } = starting;
  const { subnets, vpc } = props.placement;
  // The roles include their policies. The subnets include their route to the internet.
  starts.node.addDependency(taskRole, executionRole, subnets.internetConnectivityEstablished);
  const found = dependencyOn(() => {
    // Such a resource in another stack refers to the tasks, or its stack is deployed first.
    const own = resourcesOf(Stack.of(starts));
    const around = resourcesAround(Stack.of(starts));
    const used = props.whole.flatMap((each) => each.node.findAll()).filter(CfnResource.isCfnResource);
    const laterGroups = groupsOrderedAfter([starts, ...followers], own);
    const isLater = (rule: GroupRule) => [rule.from, rule.to].some((group) => laterGroups.includes(group));
    const laterRules = groupRulesAmong([...own, ...used]).filter(isLater).map(({ rule }) => rule);
    return [
      ...connectionRules(starting, props.source, own),
      ...completionsOf(starting.taskDefinition, props.connected, around),
      ...endpointsOf(vpc, around),
      ...policiesOf([taskRole, executionRole], starts, own),
      ...used,
    ].filter((each) => !laterRules.includes(each) && !isOrderedAfter(each, [starts, ...followers]));
  });
  starts.node.defaultChild!.node.addDependency(found, ...props.waitFor);
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

/** The IDs of the security groups of resources that the app creates after one of some constructs. */
function groupsOrderedAfter(first: IConstruct[], resources: CfnResource[]): Array<string | undefined> {
  return resources.filter((each): each is ec2.CfnSecurityGroup => isOfType(each, 'AWS::EC2::SecurityGroup'))
    .filter((each) => isOrderedAfter(each, first)).map(({ attrGroupId }) => attrGroupId);
}

/** Whether the app itself creates a resource after one of some constructs. They cannot wait for it. */
function isOrderedAfter(resource: IConstruct, first: IConstruct[]): boolean {
  const scopes = first.flatMap(({ node }) => node.scopes);
  return resource.node.scopes.some((scope) => scope.node.dependencies.some((each) => scopes.includes(each)));
}
