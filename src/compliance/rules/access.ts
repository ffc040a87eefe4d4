import { plaintextSecret } from '../../core/plaintext-secret';
import { FORCED_WILDCARDS } from '../forced-wildcards';
import { Rule } from '../rule';
import { at, list, referenced, TemplateResource } from '../template';

const ACCESS_CONTROL = '45 CFR 164.312(a)(1), access control';
const EVERYWHERE = ['0.0.0.0/0', '::/0'];

function opensAll(rule: unknown): boolean {
  const everyPort = String(at(rule, 'IpProtocol')) === '-1' || (Number(at(rule, 'FromPort')) <= 1 && Number(at(rule, 'ToPort')) === 65535);
  return everyPort && [at(rule, 'CidrIp'), at(rule, 'CidrIpv6')].some((cidr) => EVERYWHERE.includes(String(cidr)));
}

/** EC2 lets everything out of a group for which no egress rule is given at all, neither inline nor beside it. */
function hasNoEgressRule(group: TemplateResource): boolean {
  return at(group.properties, 'SecurityGroupEgress') === undefined && ![...group.siblings.values()].some((sibling) =>
    sibling.type === 'AWS::EC2::SecurityGroupEgress' && referenced(sibling, at(sibling.properties, 'GroupId')) === group);
}

/** The policy documents in a resource, with the path at which each stands. */
function policyDocuments(resource: TemplateResource): Array<[path: string, document: unknown]> {
  return [
    ['PolicyDocument', at(resource.properties, 'PolicyDocument')],
    ...list(at(resource.properties, 'Policies')).map<[string, unknown]>((policy, index) => [`Policies.${index}.PolicyDocument`, at(policy, 'PolicyDocument')]),
  ];
}

function wildcardStatements(resource: TemplateResource): string[] {
  return policyDocuments(resource).flatMap(([path, document]) => list(at(document, 'Statement')).flatMap((statement, index) => {
    if (at(statement, 'Effect') !== 'Allow' || !list(at(statement, 'Resource')).includes('*')) return [];
    const forced = list(at(statement, 'Action')).every((action) => FORCED_WILDCARDS.has(String(action)));
    return forced ? [] : [`${path}.Statement.${index}.Resource`];
  }));
}

function plaintextVariables(resource: TemplateResource): string[] {
  const ofContainers = list(at(resource.properties, 'ContainerDefinitions')).flatMap((container, index) =>
    list(at(container, 'Environment')).map((variable) => ({
      path: `ContainerDefinitions.${index}.Environment.${at(variable, 'Name')}`, name: at(variable, 'Name'), value: at(variable, 'Value'),
    })));
  const ofFunction = Object.entries(at(resource.properties, 'Environment', 'Variables') ?? {})
    .map(([name, value]) => ({ path: `Environment.Variables.${name}`, name, value }));
  return [...ofContainers, ...ofFunction]
    .filter(({ name, value }) => typeof value === 'string' && plaintextSecret(String(name), value) !== undefined)
    .map(({ path }) => path);
}

/** What may be said of who reaches what. */
export const accessRules: Rule[] = [
  {
    id: 'PlaintextSecret',
    types: ['AWS::ECS::TaskDefinition', 'AWS::Lambda::Function'],
    problem: 'An environment variable looks like a secret in the open: everybody who may read the template or the console reads it',
    fix: 'Keep it in Secrets Manager and hand it over as a secret.',
    source: '45 CFR 164.312(d), person or entity authentication',
    violations: plaintextVariables,
  },
  {
    id: 'SecurityGroupLetsAllOut',
    types: ['AWS::EC2::SecurityGroup'],
    problem: 'A security group lets everything out, so whatever is taken over can send PHI anywhere',
    fix: 'Name the ports and peers it may reach.',
    source: ACCESS_CONTROL,
    violations: (resource) => hasNoEgressRule(resource) ? ['SecurityGroupEgress'] : list(at(resource.properties, 'SecurityGroupEgress'))
      .flatMap((rule, index) => opensAll(rule) ? [`SecurityGroupEgress.${index}`] : []),
  },
  {
    id: 'EgressRuleLetsAllOut',
    types: ['AWS::EC2::SecurityGroupEgress'],
    problem: 'An egress rule lets everything out of a security group',
    fix: 'Name the port and the peer.',
    source: ACCESS_CONTROL,
    violations: (resource) => opensAll(resource.properties) ? ['IpProtocol'] : [],
  },
  {
    id: 'PolicyAllowsEveryResource',
    types: ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Role', 'AWS::IAM::User', 'AWS::IAM::Group'],
    problem: 'A policy allows an action on every resource, although AWS lets it be narrowed',
    fix: 'Name the resources of the statement.',
    source: '45 CFR 164.308(a)(4)(ii)(B), access authorization',
    violations: wildcardStatements,
  },
  {
    id: 'FunctionUrlIsOpen',
    types: ['AWS::Lambda::Url'],
    problem: 'A function URL answers everybody on the internet',
    fix: 'Set AuthType to AWS_IAM, or put the function behind a load balancer with a firewall.',
    source: ACCESS_CONTROL,
    violations: ({ properties }) => at(properties, 'AuthType') === 'NONE' ? ['AuthType'] : [],
  },
];
