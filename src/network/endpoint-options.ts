import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { zoneCountOf } from './region-zones';
import { refuse, requireInteger, Situation } from '../core/refusal';

/** The port of the services of AWS, unless another one is documented. */
const HTTPS_PORT = 443;
/**
 * The ports of services for which aws-cdk-lib has HTTPS.
 *
 * The SMTP endpoint of SES accepts 25, 465, 587, 2465 and 2587. EC2 restricts 25, and SES names 587 as a replacement.
 * https://docs.aws.amazon.com/ses/latest/dg/send-email-set-up-vpc-endpoints.html
 */
const SERVICE_PORTS: { readonly [shortName: string]: number } = { 'email-smtp': 587 };
/** The zones in which SES has no SMTP endpoint, by region. Source: the same page. */
const ZONES_WITHOUT_SERVICE: { readonly [shortName: string]: { readonly [region: string]: string[] } } = {
  'email-smtp': {
    'us-east-1': ['use1-az2', 'use1-az3', 'use1-az5'],
    'us-west-1': ['usw1-az2'],
    'us-west-2': ['usw2-az4'],
    'ap-northeast-2': ['apne2-az4'],
    'ca-central-1': ['cac1-az3', 'cac1-az4'],
  },
};
const FIND_ZONES = 'aws ec2 describe-vpc-endpoint-services lists the zones of each service';
const MAX_PORT = 65_535;
/**
 * The default quota of inbound rules of a security group.
 * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 */
const MAX_RULES = 60;

/** Options for one interface endpoint of `NatStrategy.none()`. */
export interface PrivateEndpointOptions {
  /**
   * The TCP ports that the private subnets can reach: integers from 1 to 65535, without duplicates.
   *
   * The first port is the default port of the connections of the endpoint, for example
   * `endpoints['email-smtp'].connections`. Consecutive ports are one rule for each private subnet. More than 60 rules
   * are refused, which is the quota "Inbound or outbound rules per security group".
   * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
   * @default - the port that aws-cdk-lib has for the service, which is 443 for most; 587 for `email-smtp`, whose
   * endpoint also accepts 25, 465, 2465 and 2587:
   * https://docs.aws.amazon.com/ses/latest/dg/send-email-set-up-vpc-endpoints.html
   */
  readonly ports?: number[];
  /**
   * The zones of the endpoint: the numbers of private subnets, from 1 to the number of zones of the network.
   *
   * Use it for a service that is not available in every zone, together with `availabilityZones` of the network.
   * Resources in the other zones also use the endpoint, and pay for the traffic between zones. An endpoint in one zone
   * of several raises the warning `cdk-hipaa:endpoint-in-one-zone`. An empty list, a duplicate and a zone that the
   * network does not have are refused.
   * @default - all zones of the network
   */
  readonly zones?: number[];
}

/** The ports and the zones of an endpoint. */
export interface EndpointPlan {
  /** The ports. The first one is the default port of the connections. */
  readonly ports: number[];
  /** The positions of the private subnets, from 0. */
  readonly zones: number[];
}

/** Refuses options for a service that has no endpoint. */
export function requireEndpointNames(
  scope: IConstruct, options: { readonly [shortName: string]: PrivateEndpointOptions }, names: string[],
): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  refuse(scope, {
    prop: 'nat.endpointOptions',
    given: unknown,
    allowed: `a map whose keys are among ${names.join(', ')}`,
    change: 'use the short name of a service that has an endpoint, or add the service to additionalEndpoints',
  });
}

/** Returns the ports and zones of an endpoint. Refuses those with which the deployment would fail. */
export function endpointPlan(
  scope: IConstruct, service: ec2.InterfaceVpcEndpointAwsService, zoneCount: number,
  options: PrivateEndpointOptions = {},
): EndpointPlan {
  const prop = `nat.endpointOptions['${service.shortName}']`;
  const ports = options.ports ?? [defaultPort(service)];
  requireList(scope, { prop: `${prop}.ports`, given: ports, max: MAX_PORT, what: 'a port' });
  const rules = portRanges(ports).length * zoneCount;
  if (rules > MAX_RULES) {
    refuse(scope, {
      prop: `${prop}.ports`,
      given: new Situation(`ports that need ${rules} rules`),
      allowed: `ports that need at most ${MAX_RULES} rules, one for each range of ports and each of the `
        + `${zoneCount} private subnets (the quota "Inbound or outbound rules per security group")`,
      change: 'use fewer ports, or ports that follow one another',
    });
  }
  const zones = options.zones ?? Array.from({ length: zoneCount }, (_, zone) => zone + 1);
  requireList(scope, { prop: `${prop}.zones`, given: zones, max: zoneCount, what: 'a zone' });
  const plan = { ports, zones: zones.map((zone) => zone - 1) };
  requireServiceInZones(scope, service.shortName, plan, options.zones === undefined);
  if (zones.length === 1 && zoneCount > 1) warnOfOneZone(scope, service.shortName);
  return plan;
}

/** The ports as rules of a security group: consecutive ports are one range. */
export function portRanges(ports: number[]): ec2.Port[] {
  const known = ports.filter((port) => !Token.isUnresolved(port)).sort((one, other) => one - other);
  const starts = known.filter((port) => !known.includes(port - 1));
  const ends = known.filter((port) => !known.includes(port + 1));
  return [
    ...starts.map((start, range) =>
      start === ends[range] ? ec2.Port.tcp(start) : ec2.Port.tcpRange(start, ends[range])),
    ...ports.filter((port) => Token.isUnresolved(port)).map((port) => ec2.Port.tcp(port)),
  ];
}

/** A port that the app gave to a service of its own takes precedence over the table. */
function defaultPort(service: ec2.InterfaceVpcEndpointAwsService): number {
  return service.port === HTTPS_PORT ? SERVICE_PORTS[service.shortName] ?? HTTPS_PORT : service.port;
}

function requireList(
  scope: IConstruct, { prop, given, max, what }: { prop: string; given: number[]; max: number; what: string },
): void {
  const change = `name ${what} once, or leave the list out`;
  if (given.length === 0) refuse(scope, { prop, given, allowed: 'a list that is not empty', change });
  if (what === 'a zone' && given.some((zone) => Token.isUnresolved(zone))) {
    refuse(scope, { prop, given, allowed: 'numbers that are known at synthesis', change: 'use literal numbers' });
  }
  given.forEach((each, index) => requireInteger(scope, `${prop}[${index}]`, each, 1, max));
  if (new Set(given).size < given.length) {
    refuse(scope, { prop, given, allowed: 'a list without duplicates', change });
  }
}

/**
 * Refuses an endpoint in more zones than have the service, and warns of zones that can lack it.
 *
 * A zone ID such as `use1-az2` has another name in each account, so it does not tell which subnet is in the zone.
 */
function requireServiceInZones(scope: IConstruct, name: string, plan: EndpointPlan, isDefault: boolean): void {
  const lacking = ZONES_WITHOUT_SERVICE[name];
  if (lacking === undefined) return;
  const { region } = Stack.of(scope);
  const zones = Token.isUnresolved(region) ? Object.values(lacking).flat() : lacking[region] ?? [];
  if (zones.length === 0) return;
  const most = (zoneCountOf(region) ?? Infinity) - zones.length;
  if (plan.zones.length > most) {
    refuse(scope, {
      prop: `nat.endpointOptions['${name}'].zones`,
      given: new Situation(`${plan.zones.length} zones`),
      allowed: `at most ${most} zones in ${region}, because ${zones.join(', ')} lack the service`,
      change: `name the zones of the network that have it: ${FIND_ZONES}`,
    });
  }
  if (!isDefault) return;
  Annotations.of(scope).addWarningV2('cdk-hipaa:endpoint-zones',
    `The ${name} endpoint is in all zones of the network, but ${zones.join(', ')} lack the service. If the network `
    + `uses one of them, the deployment fails: name the zones with endpointOptions['${name}'].zones (${FIND_ZONES})`);
}

function warnOfOneZone(scope: IConstruct, name: string): void {
  Annotations.of(scope).addWarningV2('cdk-hipaa:endpoint-in-one-zone',
    `The ${name} endpoint is in one zone. If that zone fails, no zone reaches the service: use a second zone if it `
    + 'has the service');
}
