import { isEverywhere } from './addresses';
import { Rule, Violation } from '../rule';
import { at, list, referenced, TemplateResource } from '../template';
import { intrinsicOf, UNKNOWN } from '../values';

/** The ports of a public website. */
const WEB_PORTS = [80, 443];
/** The names of the protocols with ports, by the names and numbers that EC2 accepts. */
const WITH_PORTS: Record<string, string> = { tcp: 'tcp', 6: 'tcp', udp: 'udp', 17: 'udp' };
const GROUP = 'AWS::EC2::SecurityGroup';
const RULE = 'AWS::EC2::SecurityGroupIngress';
/** The types with inbound rules. */
export const INGRESS_TYPES = [GROUP, RULE];
const PREFIX_LIST = 'AWS::EC2::PrefixList';
/** The resources whose attributes and references are private addresses. */
const PRIVATE_NETWORKS = ['AWS::EC2::VPC', 'AWS::EC2::Subnet'];

/** Whether a rule is open, or undefined if that is known only at deployment. */
type Openness = boolean | undefined;

interface InboundRule {
  readonly location: string;
  readonly rule: unknown;
}

function inboundRules({ type, properties }: TemplateResource): InboundRule[] {
  if (type === RULE) return [{ location: 'IpProtocol', rule: properties }];
  return list(at(properties, 'SecurityGroupIngress'))
    .map((rule, index) => ({ location: `SecurityGroupIngress.${index}`, rule }));
}

/** Whether a rule opens a port other than 80 and 443. */
function opensOtherPort(rule: unknown): Openness {
  const [protocol, from, to] = ['IpProtocol', 'FromPort', 'ToPort'].map((name) => at(rule, name));
  if (isUnknown(protocol)) return undefined;
  if (WITH_PORTS[String(protocol).toLowerCase()] === undefined) return true;
  // The port of a database is an attribute, and a port of a website never is.
  if ([from, to].some((port) => intrinsicOf(port)?.[0] === 'Fn::GetAtt')) return true;
  if (isUnknown(from) || isUnknown(to)) return undefined;
  return Number(from) !== Number(to) || !WEB_PORTS.includes(Number(from));
}

/** Whether a rule accepts traffic from the internet. */
function isFromEverywhere(resource: TemplateResource, rule: unknown): Openness {
  const cidrs = [at(rule, 'CidrIp'), at(rule, 'CidrIpv6'), ...prefixesOf(resource, at(rule, 'SourcePrefixListId'))];
  if (cidrs.some(isEverywhere)) return true;
  return cidrs.some((cidr) => isUnknownAddress(resource, cidr)) ? undefined : false;
}

/** The addresses of a prefix list. A list that is not in the template is unknown. */
export function prefixesOf(resource: TemplateResource, prefixList: unknown): unknown[] {
  if (prefixList === undefined) return [];
  const found = referenced(resource, prefixList);
  return found?.type === PREFIX_LIST
    ? list(at(found.properties, 'Entries')).map((entry) => at(entry, 'Cidr'))
    : [UNKNOWN];
}

/** Whether an address is known only at deployment, and is not one of a VPC or a subnet. */
export function isUnknownAddress(resource: TemplateResource, cidr: unknown): boolean {
  return isUnknown(cidr) && !isPrivate(resource, cidr);
}

function isPrivate(resource: TemplateResource, cidr: unknown): boolean {
  const attribute = at(cidr, 'Fn::GetAtt');
  return String(list(attribute)[1]).startsWith('CidrBlock')
    && PRIVATE_NETWORKS.includes(referenced(resource, cidr)?.type ?? '');
}

function isUnknown(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || (typeof value === 'string' && value.includes(UNKNOWN));
}

function opennessOf(resource: TemplateResource, rule: unknown): Openness {
  const [port, addresses] = [opensOtherPort(rule), isFromEverywhere(resource, rule)];
  if (port === false || addresses === false) return false;
  return port && addresses ? true : undefined;
}

/** The protocol and the ports of a rule, for the ID of the finding. */
function portsOf(rule: unknown): string {
  const protocol = String(at(rule, 'IpProtocol')).toLowerCase();
  const named = WITH_PORTS[protocol];
  if (named === undefined) return protocol === '-1' ? 'all' : protocol;
  const [from, to] = ['FromPort', 'ToPort'].map((name) => at(rule, name))
    .map((port) => isUnknown(port) ? 'port' : String(port));
  return from === to ? `${named}-${from}` : `${named}-${from}-${to}`;
}

/** Whether the ports or addresses of an inbound rule are known only at deployment. */
export function hasUnknownIngress(resource: TemplateResource): boolean {
  return INGRESS_TYPES.includes(resource.type)
    && inboundRules(resource).some(({ rule }) => opennessOf(resource, rule) === undefined);
}

/** The rule about inbound traffic from the internet. */
export const publicIngressRules: Rule[] = [
  {
    id: 'SecurityGroupAllowsPublicIngress',
    types: INGRESS_TYPES,
    problem: 'A security group accepts traffic from the internet on a port other than 80 and 443',
    fix: 'Allow only the security groups or the private addresses of the clients.',
    source: '45 CFR 164.312(a)(1), access control',
    violations: (resource) => inboundRules(resource).flatMap(({ location, rule }): Violation[] =>
      opennessOf(resource, rule) ? [{ location, part: portsOf(rule) }] : []),
  },
];
