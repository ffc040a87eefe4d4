import { FORCED_WILDCARDS } from '../forced-wildcards';
import { Rule } from '../rule';
import { at, list, referenced, TemplateResource } from '../template';

const ACCESS_CONTROL = '45 CFR 164.312(a)(1), access control';
const EVERYWHERE = ['0.0.0.0/0', '::/0'];

function opensAll(rule: unknown): boolean {
  const everyPort =
    String(at(rule, 'IpProtocol')) === '-1' ||
    (Number(at(rule, 'FromPort')) <= 1 && Number(at(rule, 'ToPort')) === 65535);
  return everyPort && [at(rule, 'CidrIp'), at(rule, 'CidrIpv6')].some((cidr) => EVERYWHERE.includes(String(cidr)));
}

/** Whether a security group has no egress rule, inline or as a resource. EC2 then allows all outbound traffic. */
function hasNoEgressRule(group: TemplateResource): boolean {
  return (
    at(group.properties, 'SecurityGroupEgress') === undefined &&
    ![...group.siblings.values()].some(
      (sibling) =>
        sibling.type === 'AWS::EC2::SecurityGroupEgress' &&
        referenced(sibling, at(sibling.properties, 'GroupId')) === group,
    )
  );
}

/** Returns the policy documents of a resource, with their property paths. */
function policyDocuments(resource: TemplateResource): Array<[path: string, document: unknown]> {
  return [
    ['PolicyDocument', at(resource.properties, 'PolicyDocument')],
    ...list(at(resource.properties, 'Policies')).map<[string, unknown]>((policy, index) =>
      [`Policies.${index}.PolicyDocument`, at(policy, 'PolicyDocument')]),
  ];
}

function wildcardStatements(resource: TemplateResource): string[] {
  return policyDocuments(resource).flatMap(([path, document]) =>
    list(at(document, 'Statement')).flatMap((statement, index) => {
      if (at(statement, 'Effect') !== 'Allow' || !list(at(statement, 'Resource')).includes('*')) return [];
      const forced = list(at(statement, 'Action')).every((action) => FORCED_WILDCARDS.has(String(action)));
      return forced ? [] : [`${path}.Statement.${index}.Resource`];
    }),
  );
}

/** The rules about access to resources. */
export const accessRules: Rule[] = [
  {
    id: 'SecurityGroupAllowsAllEgress',
    types: ['AWS::EC2::SecurityGroup'],
    problem: 'A security group allows all outbound traffic, so a compromised resource can send PHI to any address',
    fix: 'Allow only the required ports and peers.',
    source: ACCESS_CONTROL,
    violations: (resource) => {
      if (hasNoEgressRule(resource)) return ['SecurityGroupEgress'];
      return list(at(resource.properties, 'SecurityGroupEgress'))
        .flatMap((rule, index) => opensAll(rule) ? [`SecurityGroupEgress.${index}`] : []);
    },
  },
  {
    id: 'EgressRuleAllowsAllTraffic',
    types: ['AWS::EC2::SecurityGroupEgress'],
    problem: 'An egress rule allows all outbound traffic of a security group',
    fix: 'Allow only the required port and peer.',
    source: ACCESS_CONTROL,
    violations: (resource) => opensAll(resource.properties) ? ['IpProtocol'] : [],
  },
  {
    id: 'PolicyAllowsEveryResource',
    types: ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Role', 'AWS::IAM::User', 'AWS::IAM::Group'],
    problem: 'A policy allows an action on all resources, although the action supports resource-level permissions',
    fix: 'Specify the resources of the statement.',
    source: '45 CFR 164.308(a)(4)(ii)(B), access authorization',
    violations: wildcardStatements,
  },
  {
    id: 'FunctionUrlIsPublic',
    types: ['AWS::Lambda::Url'],
    problem: 'A function URL accepts unauthenticated requests from the internet',
    fix: 'Set AuthType to AWS_IAM, or use a load balancer with a web ACL in front of the function.',
    source: ACCESS_CONTROL,
    violations: ({ properties }) => at(properties, 'AuthType') === 'NONE' ? ['AuthType'] : [],
  },
];
