import { Annotations, CfnResource, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';

/**
 * The default quota of rules per security group and direction. An account can request a higher quota.
 * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 */
export const DEFAULT_RULE_QUOTA = 60;

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
 * rules than the default quota has a warning with the name of the quota.
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
  for (const group of groups) {
    for (const direction of ['inbound', 'outbound'] as const) {
      const apart = rules.filter((rule) => rule.direction === direction && rule.groupId === group.attrGroupId);
      warn(group, direction, apart.length + inlineRules(group, direction));
    }
  }
  return [];
}

function warn(group: ec2.CfnSecurityGroup, direction: Direction, count: number): void {
  if (count <= DEFAULT_RULE_QUOTA) return;
  Annotations.of(group).addWarningV2('cdk-hipaa:security-group-rules',
    `the security group has ${count} ${direction} rules, and the default quota "Inbound or outbound rules per security `
      + `group" is ${DEFAULT_RULE_QUOTA}: raise the quota before you deploy, or connect fewer services to this `
      + 'resource');
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
