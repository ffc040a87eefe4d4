import { CfnResource, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';

/**
 * The default quota of rules per security group and direction. An account can request a higher quota.
 * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 */
export const DEFAULT_RULE_QUOTA = 60;
/** The context value with the quota of the account, if it is higher. */
export const RULE_QUOTA = 'cdk-hipaa:securityGroupRules';

const MEASURED = Symbol.for('cdk-hipaa.core.measured-security-groups');

type Direction = 'inbound' | 'outbound';

/** A rule that is a resource of its own, with the ID of its security group. */
interface SeparateRule {
  readonly groupId?: string;
  readonly direction: Direction;
}

/**
 * Counts the rules of each security group of an app when the app is synthesized.
 *
 * Each service that uses a database, and each service behind a load balancer, adds rules. A security group with more
 * rules than the quota is refused with the name of the quota.
 */
export function measureSecurityGroupsOf(scope: IConstruct): void {
  const root: IConstruct & { [MEASURED]?: boolean } = scope.node.root;
  if (root[MEASURED]) return;
  root[MEASURED] = true;
  root.node.addValidation({ validate: () => measure(root) });
}

function measure(root: IConstruct): string[] {
  const resources = root.node.findAll().filter((child) => CfnResource.isCfnResource(child));
  const rules = resources.map(separateRule).filter((rule) => rule !== undefined);
  const groups = resources.filter((each) => isOfType<ec2.CfnSecurityGroup>(each, 'AWS::EC2::SecurityGroup'));
  return groups.flatMap((group) => (['inbound', 'outbound'] as const).flatMap((direction) => {
    const apart = rules.filter((rule) => rule.direction === direction && rule.groupId === group.attrGroupId);
    return compare(group, direction, apart.length + inlineRules(group, direction));
  }));
}

function compare(group: ec2.CfnSecurityGroup, direction: Direction, count: number): string[] {
  // The CDK CLI passes a context value as a text.
  const given = Number(group.node.tryGetContext(RULE_QUOTA));
  const quota = Number.isInteger(given) && given > 0 ? given : DEFAULT_RULE_QUOTA;
  if (count <= quota) return [];
  return [`[${group.node.path}] the ${direction} rules must be at most ${quota} (the quota "Inbound or outbound rules `
    + `per security group"), got ${count}. Connect fewer services to this resource. If the account has a higher quota, `
    + `set the context value ${RULE_QUOTA} to it.`];
}

function separateRule(resource: CfnResource): SeparateRule | undefined {
  if (isOfType<ec2.CfnSecurityGroupIngress>(resource, 'AWS::EC2::SecurityGroupIngress')) {
    return { groupId: resource.groupId, direction: 'inbound' };
  }
  if (isOfType<ec2.CfnSecurityGroupEgress>(resource, 'AWS::EC2::SecurityGroupEgress')) {
    return { groupId: resource.groupId, direction: 'outbound' };
  }
  return undefined;
}

/** The rules inside a security group. IPv6 has a quota of its own. */
function inlineRules(group: ec2.CfnSecurityGroup, direction: Direction): number {
  const { securityGroupIngress, securityGroupEgress } = group;
  const given = Stack.of(group).resolve(direction === 'inbound' ? securityGroupIngress : securityGroupEgress);
  return Array.isArray(given) ? given.filter((rule) => rule.cidrIpv6 === undefined).length : 0;
}

function isOfType<T extends CfnResource>(resource: CfnResource, type: string): resource is T {
  return resource.cfnResourceType === type;
}
