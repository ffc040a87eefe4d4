import { Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { refuse, Situation } from '../../core/refusal';

/** RDS wants a subnet in each of at least two zones. */
const LEAST_SUBNETS = 2;

/** The subnets of a database: isolated ones unless others were chosen, never public ones. */
export function placementOf(scope: Construct, vpc: ec2.IVpc, chosen: ec2.SubnetSelection | undefined): ec2.SubnetSelection {
  if (!chosen && vpc.isolatedSubnets.length === 0) {
    refuse(scope, {
      prop: 'vpcSubnets',
      given: undefined,
      allowed: 'a selection of subnets, since this VPC has no isolated ones',
      change: 'choose the private subnets that hold data, as vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }, or give the VPC isolated ones',
    });
  }
  const placement = chosen ?? { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };
  const { hasPublic, subnets } = vpc.selectSubnets(placement);
  if (hasPublic) {
    refuse(scope, { prop: 'vpcSubnets', given: new Situation('a selection with public subnets'), allowed: 'isolated or private subnets', change: 'choose subnets without a route from the internet' });
  }
  if (subnets.length < LEAST_SUBNETS && subnets.every(isOneSubnet)) {
    refuse(scope, {
      prop: 'vpcSubnets',
      given: new Situation(`a selection of ${subnets.length} subnet`),
      allowed: `at least ${LEAST_SUBNETS}, in different zones`,
      change: 'choose more subnets, or use a VPC with two zones',
    });
  }
  if (subnets.every(isOneSubnet) && firstOfEachZone(scope, subnets).length < LEAST_SUBNETS) {
    refuse(scope, {
      prop: 'vpcSubnets',
      given: new Situation(`a selection of ${subnets.length} subnets of one zone`),
      allowed: `subnets of at least ${LEAST_SUBNETS} zones`,
      change: 'choose a subnet of another zone too, or use a VPC with two zones',
    });
  }
  return placement;
}

/** A subnet, and not an imported list that is known only at deployment: that looks like one subnet and may be many. */
function isOneSubnet({ subnetId }: ec2.ISubnet): boolean {
  return !Token.isUnresolved([subnetId]);
}

/** One subnet of each zone, in their order. A list that is known only at deployment stays the one entry that it looks like. */
export function firstOfEachZone(scope: Construct, subnets: ec2.ISubnet[]): ec2.ISubnet[] {
  if (!subnets.every(isOneSubnet)) return subnets;
  const zones = subnets.map((subnet) => zoneOf(scope, subnet));
  return subnets.filter((_subnet, index) => zones.indexOf(zones[index]) === index);
}

/** A subnet of unknown zone counts as one of a zone of its own. */
function zoneOf(scope: Construct, subnet: ec2.ISubnet): string {
  const zone = knownZone(scope, subnet);
  return zone === undefined ? subnet.node.path : JSON.stringify(Stack.of(scope).resolve(zone));
}

/** The zone of a subnet. None of an imported one of which nobody has said it: aws-cdk-lib throws when it is asked. */
export function knownZone(scope: Construct, subnet: ec2.ISubnet): string | undefined {
  try {
    const zone = subnet.availabilityZone;
    Stack.of(scope).resolve(zone);
    return zone;
  } catch {
    return undefined;
  }
}
