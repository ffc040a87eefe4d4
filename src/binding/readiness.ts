import { CfnResource, NestedStack, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Dependable, IConstruct, IDependable } from 'constructs';

/** A dependency on constructs that are looked up at synthesis, because the app can add some until then. */
export function dependencyOn(find: () => IConstruct[]): IDependable {
  const dependable = {};
  Dependable.implement(dependable, {
    get dependencyRoots() {
      return find();
    },
  });
  return dependable;
}

/** The resources of a stack, without those of its nested stacks. */
export function resourcesOf(stack: Stack): CfnResource[] {
  return stack.node.findAll().filter((each): each is CfnResource => CfnResource.isCfnResource(each))
    .filter((each) => each.stack === stack);
}

/**
 * The resources of a stack and of the stacks around it, which deploy it as a nested stack.
 *
 * A nested stack that depends on a resource of its parent is created after it.
 */
export function resourcesAround(stack: Stack): CfnResource[] {
  const parent = NestedStack.isNestedStack(stack) ? stack.nestedStackParent : undefined;
  return [...resourcesOf(stack), ...(parent ? resourcesAround(parent) : [])];
}

/** A resource that is the rule between two security groups. */
export interface GroupRule {
  readonly rule: CfnResource;
  /** The ID of the security group that sends. */
  readonly from?: string;
  /** The ID of the security group that receives. */
  readonly to?: string;
}

/** The rules between security groups among some constructs. A rule inside a security group is not a resource. */
export function groupRulesAmong(constructs: IConstruct[]): GroupRule[] {
  return constructs.flatMap((rule): GroupRule[] => {
    if (isOfType<ec2.CfnSecurityGroupEgress>(rule, 'AWS::EC2::SecurityGroupEgress')) {
      return [{ rule, from: rule.groupId, to: rule.destinationSecurityGroupId }];
    }
    if (isOfType<ec2.CfnSecurityGroupIngress>(rule, 'AWS::EC2::SecurityGroupIngress')) {
      return [{ rule, from: rule.sourceSecurityGroupId, to: rule.groupId }];
    }
    return [];
  });
}

/** A dependency on the rules with which security groups reach others of the same stack. */
export function rulesBetween(from: ec2.IConnectable, to: ec2.IConnectable): IDependable {
  const [senders, receivers] = [from, to].map(({ connections }) => connections.securityGroups);
  const idsOf = (groups: ec2.ISecurityGroup[]) => groups.map(({ securityGroupId }) => securityGroupId);
  const isOf = (groups: ec2.ISecurityGroup[], id = '') => idsOf(groups).includes(id);
  return dependencyOn(() =>
    groupRulesAmong([...senders, ...receivers].flatMap((group) => group.node.findAll()))
      .filter((each) => isOf(senders, each.from) && isOf(receivers, each.to))
      .map(({ rule }) => rule),
  );
}

/** Whether a construct is a resource of a type, also of another copy of aws-cdk-lib. */
export function isOfType<T extends CfnResource>(construct: IConstruct, type: string): construct is T {
  return CfnResource.isCfnResource(construct) && construct.cfnResourceType === type;
}

/** The endpoints of a VPC through which clients without a route to the internet reach AWS services. */
export function endpointsOf(vpc: ec2.IVpc, resources: CfnResource[]): CfnResource[] {
  return resources.filter((each) =>
    isOfType<ec2.CfnVPCEndpoint>(each, 'AWS::EC2::VPCEndpoint') && each.vpcId === vpc.vpcId && !isOfThisApp(each));
}

/** Whether an endpoint leads to a service that this app provides, perhaps with the same tasks. */
function isOfThisApp(endpoint: ec2.CfnVPCEndpoint): boolean {
  const name = JSON.stringify(Stack.of(endpoint).resolve(endpoint.serviceName) ?? '');
  return /"(Ref|Fn::GetAtt)":(?!"AWS::)/.test(name);
}
