import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { firstOfEachZone, isOneSubnet, selectSubnets } from '../../blocks/subnet-selection';
import { refuse, Situation } from '../../core/refusal';

/** RDS requires subnets in at least two Availability Zones. */
const LEAST_SUBNETS = 2;

/** The subnets of a database. The default is the isolated subnets. Public subnets are refused. */
export function placementOf(
  scope: Construct,
  vpc: ec2.IVpc,
  chosen: ec2.SubnetSelection | undefined,
): ec2.SubnetSelection {
  if (!chosen && vpc.isolatedSubnets.length === 0) {
    refuse(scope, {
      prop: 'vpcSubnets',
      given: undefined,
      allowed: 'a subnet selection, because the VPC has no isolated subnets',
      change:
        'select private subnets with { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }, or add isolated subnets to '
          + 'the VPC',
    });
  }
  const placement = chosen ?? { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };
  const { hasPublic, subnets } = selectSubnets(scope, vpc, placement);
  if (hasPublic) {
    refuse(scope, {
      prop: 'vpcSubnets',
      given: new Situation('a selection with public subnets'),
      allowed: 'isolated or private subnets',
      change: 'select subnets without a route from the internet',
    });
  }
  if (subnets.length < LEAST_SUBNETS && subnets.every(isOneSubnet)) {
    refuse(scope, {
      prop: 'vpcSubnets',
      given: new Situation(`a selection of ${subnets.length} subnet`),
      allowed: `at least ${LEAST_SUBNETS} subnets in different zones`,
      change: 'select more subnets, or use a VPC with two zones',
    });
  }
  if (subnets.every(isOneSubnet) && firstOfEachZone(scope, subnets).length < LEAST_SUBNETS) {
    refuse(scope, {
      prop: 'vpcSubnets',
      given: new Situation(`a selection of ${subnets.length} subnets of one zone`),
      allowed: `subnets in at least ${LEAST_SUBNETS} zones`,
      change: 'also select a subnet of another zone, or use a VPC with two zones',
    });
  }
  return placement;
}
