import { Rule } from '../rule';
import { isEverywhere } from './addresses';
import { policyRules } from './policies';
import { prefixesOf, publicIngressRules } from './public-ingress';
import { publicTaskRules } from './public-tasks';
import { resourcePolicyRules } from './resource-policies';
import { at, list, referenced, TemplateResource } from '../template';

const ACCESS_CONTROL = '45 CFR 164.312(a)(1), access control';
/** More ports than this are not the ports of one service: those of passive FTP or of an RPC service are fewer. */
const MOST_PORTS = 32_768;

/** Whether a rule opens most ports to every address, also by a prefix list of the template. */
function opensAll(resource: TemplateResource, rule: unknown): boolean {
  const ports = Number(at(rule, 'ToPort')) - Number(at(rule, 'FromPort')) + 1;
  if (String(at(rule, 'IpProtocol')) !== '-1' && !(ports > MOST_PORTS)) return false;
  const addresses = prefixesOf(resource, at(rule, 'DestinationPrefixListId'));
  return [at(rule, 'CidrIp'), at(rule, 'CidrIpv6'), ...addresses].some(isEverywhere);
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
    types: ['AWS::EC2::SecurityGroupEgress'],
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
