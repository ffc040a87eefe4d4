import { Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { requireSubnetsOf } from './same-vpc';
import { refuse, requireDistinct, show, Situation } from '../core/refusal';

/**
 * The subnets of a selection. Refuses an empty list, a subnet that is in the list twice, a selection that aws-cdk-lib
 * cannot resolve, a selection that matches no subnet, and subnets that are known to be in another VPC. The result of a
 * pending lookup is unknown, so it passes.
 * @param given whether the user chose the selection in the prop `vpcSubnets`
 */
export function selectSubnets(
  scope: IConstruct, vpc: ec2.IVpc, selection: ec2.SubnetSelection, given = true,
): ec2.SelectedSubnets {
  if (selection.subnets?.length === 0) {
    refuse(scope, {
      prop: 'vpcSubnets.subnets',
      given: selection.subnets,
      allowed: 'a list with at least one subnet',
      change: 'list the subnets, or leave vpcSubnets out',
    });
  }
  requireDistinct(scope, 'vpcSubnets.subnets', selection.subnets, ({ subnetId }) => subnetId);
  const selected = resolve(scope, vpc, selection);
  if (selected.subnets.length === 0 && !selected.isPendingLookup) {
    refuse(scope, {
      prop: given ? 'vpcSubnets' : 'vpc',
      given: new Situation('none'),
      allowed: given ? `a selection that matches a subnet of ${vpc.node.path}` : 'a VPC with private subnets',
      change: given ? 'select subnets that the VPC has' : 'pass such a VPC, or select other subnets with vpcSubnets',
    });
  }
  if (selection.subnets) requireSubnetsOf(scope, { prop: 'vpcSubnets', what: 'subnets', vpc }, selected.subnets);
  return selected;
}

/** aws-cdk-lib throws for an unknown group of subnets, and for two criteria that exclude each other. */
function resolve(scope: IConstruct, vpc: ec2.IVpc, selection: ec2.SubnetSelection): ec2.SelectedSubnets {
  try {
    return vpc.selectSubnets(selection);
  } catch (error) {
    const { subnetGroupName, subnetType, subnets } = selection;
    const criteria = Object.entries({ subnetGroupName, subnetType, subnets: subnets && new Situation('a list') })
      .filter(([, value]) => value !== undefined).map(([name, value]) => `${name} ${show(value)}`);
    return refuse(scope, {
      prop: 'vpcSubnets',
      given: new Situation(criteria.join(' and ')),
      allowed: `a selection of subnets of ${vpc.node.path}`,
      change: (error as Error).message.replace(/\.$/, ''),
    });
  }
}

/** Whether a subnet is a single one. An imported list that is a token looks like one subnet and can be several. */
export function isOneSubnet({ subnetId }: ec2.ISubnet): boolean {
  return !Token.isUnresolved([subnetId]);
}

/** The first subnet of each zone, in their order. A list that is a token stays one entry. */
export function firstOfEachZone(scope: IConstruct, subnets: ec2.ISubnet[]): ec2.ISubnet[] {
  if (!subnets.every(isOneSubnet)) return subnets;
  const zones = subnets.map((subnet) => zoneOf(scope, subnet));
  return subnets.filter((_subnet, index) => zones.indexOf(zones[index]) === index);
}

/** A subnet with an unknown zone counts as a zone of its own. */
function zoneOf(scope: IConstruct, subnet: ec2.ISubnet): string {
  const zone = knownZone(scope, subnet);
  return zone === undefined ? subnet.node.path : JSON.stringify(Stack.of(scope).resolve(zone));
}

/** The zone of a subnet, or undefined for a subnet imported without one, for which aws-cdk-lib throws. */
export function knownZone(scope: IConstruct, subnet: ec2.ISubnet): string | undefined {
  try {
    const zone = subnet.availabilityZone;
    Stack.of(scope).resolve(zone);
    return zone;
  } catch {
    return undefined;
  }
}
