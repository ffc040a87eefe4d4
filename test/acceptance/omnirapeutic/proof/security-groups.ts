import { Template } from 'aws-cdk-lib/assertions';
import { AURORA, auroraGroup, BASTION, bastionGroup, CONTAINER_PORT, loadBalancerGroup, POSTGRES_PORT, serviceGroup } from './parts';
import { EVERYWHERE, vpcOf } from '../../../support/template/network';
import { attribute, expectSame, inhabitants, only, Opening, openings, propertiesOf, ref, tcp } from '../../../support/template/reading';
import { LOAD_BALANCER, SECURITY_GROUP, SERVICE } from '../../../support/template/types';

/** Everything that has security groups, and the one that it has. */
const GROUPS = {
  loadBalancer: loadBalancerGroup,
  api: (whole: Template) => serviceGroup(whole, 'Api'),
  web: (whole: Template) => serviceGroup(whole, 'Web'),
  worker: (whole: Template) => serviceGroup(whole, 'Worker'),
  aurora: auroraGroup,
  bastion: bastionGroup,
};
type Group = keyof typeof GROUPS;
const NAMES = Object.keys(GROUPS) as Group[];

/** What each of them is the group of. */
const OWNERS: Record<Group, string> = { loadBalancer: LOAD_BALANCER, api: SERVICE, web: SERVICE, worker: SERVICE, aurora: AURORA, bastion: BASTION };

interface Openings {
  readonly Ingress: Opening[];
  readonly Egress: Opening[];
}

const HTTPS = tcp(EVERYWHERE, 443);
const postgres = (peer: string) => tcp(peer, POSTGRES_PORT);
const toTasks = (peer: string) => tcp(peer, CONTAINER_PORT);

/** What may reach what, in the whole system. A peer is one of the groups, or a range of addresses. */
const REACH: Record<Group, Openings> = {
  loadBalancer: { Ingress: [tcp(EVERYWHERE, 80), HTTPS], Egress: [toTasks('api'), toTasks('web')] },
  api: { Ingress: [toTasks('loadBalancer')], Egress: [HTTPS, postgres('aurora')] },
  web: { Ingress: [toTasks('loadBalancer')], Egress: [HTTPS] },
  worker: { Ingress: [], Egress: [HTTPS, postgres('aurora')] },
  aurora: { Ingress: [postgres('api'), postgres('worker'), postgres('bastion')], Egress: [] },
  bastion: { Ingress: [], Egress: [HTTPS, postgres('aurora')] },
};

const isGroup = ({ peer }: Opening) => peer in GROUPS;

/** What a group opens, its peers by their names. A group that has none of them is called by its id. */
function openingsOf(whole: Template, name: Group, direction: keyof Openings): Opening[] {
  const known = new Map(NAMES.map((each) => [GROUPS[each](whole), each] as const));
  return openings(whole, direction, GROUPS[name](whole)).map(({ peer, ...ports }) => ({ peer: known.get(peer) ?? peer, ...ports }));
}

/** One direction of one group, exactly. */
export const opens = (name: Group, direction: keyof Openings) => (whole: Template) =>
  expectSame(openingsOf(whole, name, direction), REACH[name][direction]);

/** One opens this port to the other, which lets it in, and nothing else goes from the one to the other. */
export const arrow = (from: Group, to: Group, port: number) => (whole: Template) => {
  expect(openingsOf(whole, to, 'Ingress').filter(({ peer }) => peer === from)).toEqual([tcp(from, port)]);
  expect(openingsOf(whole, from, 'Egress').filter(({ peer }) => peer === to)).toEqual([tcp(to, port)]);
};

/** A group is that of one thing, which has no other. */
export const belongs = (...names: Group[]) => (whole: Template) => {
  for (const name of names) {
    const id = GROUPS[name](whole);
    expect(inhabitants(whole, id)).toEqual([OWNERS[name]]);
    expect(propertiesOf(whole, SECURITY_GROUP, id).VpcId).toEqual(ref(vpcOf(whole)));
  }
};

/** These six are all groups that there are, and every rule that is written anywhere is one of theirs. */
function thereAreNoOthers(whole: Template) {
  const ids = NAMES.map((name) => GROUPS[name](whole));
  expectSame(Object.keys(whole.findResources(SECURITY_GROUP)), ids);
  for (const direction of ['Ingress', 'Egress']) {
    for (const { Properties } of Object.values(whole.findResources(`AWS::EC2::SecurityGroup${direction}`))) {
      expect(ids.map((id) => attribute(id, 'GroupId'))).toContainEqual(Properties.GroupId);
    }
  }
}

/** The group that a VPC comes with lets everything out, and its own members in: both rules are taken from it. */
function theDefaultGroupIsClosed(whole: Template) {
  const closing = only(whole, 'Custom::VpcRestrictDefaultSG');
  expect(propertiesOf(whole, 'Custom::VpcRestrictDefaultSG', closing).DefaultSecurityGroupId).toEqual(attribute(vpcOf(whole), 'DefaultSecurityGroup'));
}

/** What may reach what: exactly the table, both ways of each arrow, and nothing besides. */
export function reachability(whole: Template) {
  thereAreNoOthers(whole);
  theDefaultGroupIsClosed(whole);
  belongs(...NAMES)(whole);
  for (const name of NAMES) {
    opens(name, 'Ingress')(whole);
    opens(name, 'Egress')(whole);
  }
  // What one group is let out to another is what the other lets in.
  const ends = (direction: keyof Openings) => NAMES
    .flatMap((name) => REACH[name][direction].filter(isGroup).map(({ peer, ...ports }) => ({ ends: [name, peer].sort(), ...ports })));
  expectSame(ends('Egress'), ends('Ingress'));
}

/** From the internet into the load balancer by its two ports, and into nothing else. */
export function onlyTheLoadBalancerIsOpen(whole: Template) {
  thereAreNoOthers(whole);
  const open = NAMES.flatMap((name) => openingsOf(whole, name, 'Ingress').filter((opening) => !isGroup(opening)).map((opening) => ({ name, ...opening })));
  expectSame(open, [80, 443].map((port) => ({ name: 'loadBalancer', ...tcp(EVERYWHERE, port) })));
}

/** Every task, of each service: nothing out but HTTPS and, where the service uses it, the database. */
export function tasksReachHttps(whole: Template) {
  for (const name of ['api', 'web', 'worker'] as const) {
    expect(openingsOf(whole, name, 'Egress').filter(({ peer }) => peer !== 'aurora')).toEqual([HTTPS]);
  }
}

/** The two services that use the database reach it by its port; that of the site cannot. */
export function tasksReachAurora(whole: Template) {
  arrow('api', 'aurora', POSTGRES_PORT)(whole);
  arrow('worker', 'aurora', POSTGRES_PORT)(whole);
  opens('web', 'Egress')(whole);
  opens('aurora', 'Ingress')(whole);
}

/** HTTPS to the world, and nothing else but the database. */
export function bastionReachesHttps(whole: Template) {
  expect(openingsOf(whole, 'bastion', 'Egress').filter(({ peer }) => peer !== 'aurora')).toEqual([HTTPS]);
}
