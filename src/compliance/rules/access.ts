import { Rule } from '../rule';
import { isEverywhere } from './addresses';
import { policyRules } from './policies';
import { isUnknownAddress, prefixesOf, publicIngressRules } from './public-ingress';
import { publicTaskRules } from './public-tasks';
import { resourcePolicyRules } from './resource-policies';
import { at, list, referenced, TemplateResource } from '../template';

const EGRESS_RULE = 'AWS::EC2::SecurityGroupEgress';
/** The types with outbound rules. */
export const EGRESS_TYPES = ['AWS::EC2::SecurityGroup', EGRESS_RULE];
const ACCESS_CONTROL = '45 CFR 164.312(a)(1), access control';
/** More ports than this are not the ports of one service: those of passive FTP or of an RPC service are fewer. */
const MOST_PORTS = 32_768;

/** The addresses to which a rule opens most ports, also those of a prefix list. There are none for a few ports. */
function widelyOpened(resource: TemplateResource, rule: unknown): unknown[] {
  const ports = Number(at(rule, 'ToPort')) - Number(at(rule, 'FromPort')) + 1;
  if (String(at(rule, 'IpProtocol')) !== '-1' && !(ports > MOST_PORTS)) return [];
  const prefixes = prefixesOf(resource, at(rule, 'DestinationPrefixListId'));
  return [at(rule, 'CidrIp'), at(rule, 'CidrIpv6'), ...prefixes];
}

const opensAll = (resource: TemplateResource, rule: unknown) => widelyOpened(resource, rule).some(isEverywhere);

/** Whether only the deployment knows the addresses to which an outbound rule opens most ports. */
export function hasUnknownEgress(resource: TemplateResource): boolean {
  const { type, properties } = resource;
  const rules = type === EGRESS_RULE ? [properties] : list(at(properties, 'SecurityGroupEgress'));
  return EGRESS_TYPES.includes(type)
    && rules.some((rule) => widelyOpened(resource, rule).some((cidr) => isUnknownAddress(resource, cidr)));
}

/** Whether a security group has no egress rule, inline or as a resource. EC2 then allows all outbound traffic. */
function hasNoEgressRule(group: TemplateResource): boolean {
  return list(at(group.properties, 'SecurityGroupEgress')).length === 0
    && !group.siblings.ofTypes('AWS::EC2::SecurityGroupEgress').some((rule) =>
      referenced(rule, at(rule.properties, 'GroupId'))?.logicalId === group.logicalId);
}

/** The rules about access to resources. */
export const accessRules: Rule[] = [
  {
    id: 'SecurityGroupAllowsAllEgress',
    types: ['AWS::EC2::SecurityGroup'],
    problem: 'A security group allows outbound traffic on most ports, so a compromised resource can send PHI to any '
      + 'address',
    fix: 'Allow only the required ports and peers.',
    source: ACCESS_CONTROL,
    violations: (resource) => {
      if (hasNoEgressRule(resource)) return ['SecurityGroupEgress'];
      return list(at(resource.properties, 'SecurityGroupEgress'))
        .flatMap((rule, index) => opensAll(resource, rule) ? [`SecurityGroupEgress.${index}`] : []);
    },
  },
  {
    id: 'EgressRuleAllowsAllTraffic',
    types: [EGRESS_RULE],
    problem: 'An egress rule allows outbound traffic of a security group on most ports to any address',
    fix: 'Allow only the required port and peer.',
    source: ACCESS_CONTROL,
    violations: (resource) => opensAll(resource, resource.properties) ? ['IpProtocol'] : [],
  },
  ...publicIngressRules,
  ...publicTaskRules,
  ...policyRules,
  ...resourcePolicyRules,
  {
    id: 'FunctionUrlIsPublic',
    types: ['AWS::Lambda::Url'],
    problem: 'A function URL accepts unauthenticated requests from the internet',
    fix: 'Set AuthType to AWS_IAM, or use a load balancer with a web ACL in front of the function.',
    source: ACCESS_CONTROL,
    violations: ({ properties }) => at(properties, 'AuthType') === 'NONE' ? ['AuthType'] : [],
  },
];
