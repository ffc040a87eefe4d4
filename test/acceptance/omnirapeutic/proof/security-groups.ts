import { Template } from 'aws-cdk-lib/assertions';
import {
  AURORA,
  auroraGroup,
  BASTION,
  bastionGroup,
  CONTAINER_PORT,
  loadBalancerGroup,
  MIGRATION,
  migrationsGroup,
  POSTGRES_PORT,
  serviceGroup,
  usersGroup,
} from './parts';
import { EVERYWHERE, vpcOf } from '../../../support/template/network';
import {
  attribute,
  expectSame,
  inhabitants,
  only,
  Opening,
  openings,
  propertiesOf,
  ref,
  tcp,
} from '../../../support/template/reading';
import { FUNCTION, LOAD_BALANCER, SECURITY_GROUP, SERVICE } from '../../../support/template/types';

/** All resources with security groups, and their group. */
const GROUPS = {
  loadBalancer: loadBalancerGroup,
  api: (whole: Template) => serviceGroup(whole, 'Api'),
  web: (whole: Template) => serviceGroup(whole, 'Web'),
  worker: (whole: Template) => serviceGroup(whole, 'Worker'),
  migrations: migrationsGroup,
  users: usersGroup,
  aurora: auroraGroup,
  bastion: bastionGroup,
};
type Group = keyof typeof GROUPS;
const NAMES = Object.keys(GROUPS) as Group[];

/** The resource of each group. */
const OWNERS: Record<Group, string | string[]> = {
  loadBalancer: LOAD_BALANCER,
  api: SERVICE,
  web: SERVICE,
  worker: SERVICE,
  migrations: MIGRATION,
  // The policy allows the function to create network interfaces with this group.
  users: ['AWS::IAM::ManagedPolicy', FUNCTION],
  aurora: AURORA,
  bastion: BASTION,
};

interface Openings {
  readonly Ingress: Opening[];
  readonly Egress: Opening[];
}

const HTTPS = tcp(EVERYWHERE, 443);
const postgres = (peer: string) => tcp(peer, POSTGRES_PORT);
const toTasks = (peer: string) => tcp(peer, CONTAINER_PORT);

/** The allowed connections of the system. A peer is a group or a range of addresses. */
const REACH: Record<Group, Openings> = {
  loadBalancer: { Ingress: [tcp(EVERYWHERE, 80), HTTPS], Egress: [toTasks('api'), toTasks('web')] },
  api: { Ingress: [toTasks('loadBalancer')], Egress: [HTTPS, postgres('aurora')] },
  web: { Ingress: [toTasks('loadBalancer')], Egress: [HTTPS] },
  worker: { Ingress: [], Egress: [HTTPS, postgres('aurora')] },
  // One-off tasks, which run before the services are deployed.
  migrations: { Ingress: [], Egress: [HTTPS, postgres('aurora')] },
  // The function that creates the users of the database and rotates their passwords.
  users: { Ingress: [], Egress: [HTTPS, postgres('aurora')] },
  aurora: { Ingress: ['api', 'worker', 'migrations', 'users', 'bastion'].map(postgres), Egress: [] },
  bastion: { Ingress: [], Egress: [HTTPS, postgres('aurora')] },
};

const isGroup = ({ peer }: Opening) => peer in GROUPS;

/** The rules of a group, with peers by name. An unknown group has its ID. */
function openingsOf(whole: Template, name: Group, direction: keyof Openings): Opening[] {
  const known = new Map(NAMES.map((each) => [GROUPS[each](whole), each] as const));
  return openings(whole, direction, GROUPS[name](whole)).map(({ peer, ...ports }) => ({
    peer: known.get(peer) ?? peer,
    ...ports,
  }));
}

/** The exact rules of a group in one direction. */
export const opens = (name: Group, direction: keyof Openings) => (whole: Template) =>
  expectSame(openingsOf(whole, name, direction), REACH[name][direction]);

/** One group may reach this port of the other, and nothing else. */
export const arrow = (from: Group, to: Group, port: number) => (whole: Template) => {
  expect(openingsOf(whole, to, 'Ingress').filter(({ peer }) => peer === from)).toEqual([tcp(from, port)]);
  expect(openingsOf(whole, from, 'Egress').filter(({ peer }) => peer === to)).toEqual([tcp(to, port)]);
};

/** A group belongs to one resource, which has no other group. */
export const belongs = (...names: Group[]) => (whole: Template) => {
  for (const name of names) {
    const id = GROUPS[name](whole);
    expect(inhabitants(whole, id)).toEqual([OWNERS[name]].flat());
    expect(propertiesOf(whole, SECURITY_GROUP, id).VpcId).toEqual(ref(vpcOf(whole)));
  }
};

/** These groups have all rules of the template. */
function thereAreNoOthers(whole: Template) {
  const ids = NAMES.map((name) => GROUPS[name](whole));
  expectSame(Object.keys(whole.findResources(SECURITY_GROUP)), ids);
  for (const direction of ['Ingress', 'Egress']) {
    for (const { Properties } of Object.values(whole.findResources(`AWS::EC2::SecurityGroup${direction}`))) {
      expect(ids.map((id) => attribute(id, 'GroupId'))).toContainEqual(Properties.GroupId);
    }
  }
}

/** The default security group allows outbound traffic and its own members. Both rules are removed. */
function theDefaultGroupIsClosed(whole: Template) {
  const closing = only(whole, 'Custom::VpcRestrictDefaultSG');
  expect(propertiesOf(whole, 'Custom::VpcRestrictDefaultSG', closing).DefaultSecurityGroupId).toEqual(
    attribute(vpcOf(whole), 'DefaultSecurityGroup'),
  );
}

/** The allowed connections are exactly the table, in both directions. */
export function reachability(whole: Template) {
  thereAreNoOthers(whole);
  theDefaultGroupIsClosed(whole);
  belongs(...NAMES)(whole);
  for (const name of NAMES) {
    opens(name, 'Ingress')(whole);
    opens(name, 'Egress')(whole);
  }
  // The outbound rule to a group matches its inbound rule.
  const ends = (direction: keyof Openings) =>
    NAMES.flatMap((name) =>
      REACH[name][direction].filter(isGroup).map(({ peer, ...ports }) => ({ ends: [name, peer].sort(), ...ports })),
    );
  expectSame(ends('Egress'), ends('Ingress'));
}

/** The internet reaches the load balancer on its two ports, and nothing else. */
export function onlyTheLoadBalancerIsOpen(whole: Template) {
  thereAreNoOthers(whole);
  const open = NAMES.flatMap((name) =>
    openingsOf(whole, name, 'Ingress')
      .filter((opening) => !isGroup(opening))
      .map((opening) => ({ name, ...opening })),
  );
  expectSame(open, [80, 443].map((port) => ({ name: 'loadBalancer', ...tcp(EVERYWHERE, port) })));
}

/** Each task reaches HTTPS and, if its program uses it, the database. */
export function tasksReachHttps(whole: Template) {
  for (const name of ['api', 'web', 'worker', 'migrations'] as const) {
    expect(openingsOf(whole, name, 'Egress').filter(({ peer }) => peer !== 'aurora')).toEqual([HTTPS]);
  }
}

/**
 * The two services that use the database and the migrations reach its port. The site does not. Besides tasks and the
 * bastion, only the function that manages the users does.
 */
export function tasksReachAurora(whole: Template) {
  for (const name of ['api', 'worker', 'migrations', 'users'] as const) arrow(name, 'aurora', POSTGRES_PORT)(whole);
  opens('web', 'Egress')(whole);
  opens('aurora', 'Ingress')(whole);
}

/** Outbound: HTTPS to all addresses, and the database. */
export function bastionReachesHttps(whole: Template) {
  expect(openingsOf(whole, 'bastion', 'Egress').filter(({ peer }) => peer !== 'aurora')).toEqual([HTTPS]);
}
