import { Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { Ec2CapacityProps } from './ec2-capacity-props';
import { requireKnownTypes } from './instance-size';
import { refuse, requireInteger, Situation } from '../../core/refusal';

/** A limit that keeps a typing error from starting thousands of instances. */
const MOST_INSTANCES = 1_000;
/**
 * The maximum number of instance types of a group.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html
 */
const MOST_TYPES = 40;

/** The default number of instances: one in each of two zones, and room for a deployment of services. */
export const DEFAULT_MIN_INSTANCES = 2;
export const DEFAULT_MAX_INSTANCES = 6;

/** Refuses capacity that cannot be deployed, or on which tasks do not start or slow down. */
export function requireCapacity(scope: IConstruct, props: Ec2CapacityProps, types: ec2.InstanceType[]): void {
  requireSameStack(scope, props);
  requireTypes(scope, types);
  const { minInstances = DEFAULT_MIN_INSTANCES, maxInstances = DEFAULT_MAX_INSTANCES, spot } = props;
  requireInteger(scope, 'minInstances', minInstances, 0, MOST_INSTANCES);
  requireInteger(scope, 'maxInstances', maxInstances, 1, MOST_INSTANCES);
  requireInteger(scope, 'spot.onDemandInstances', spot?.onDemandInstances, 0, MOST_INSTANCES);
  requireInteger(scope, 'spot.spotPercentage', spot?.spotPercentage, 1, 100, 'use a percentage in this range, or '
    + 'leave spot out for On-Demand Instances only');
  if (spot && Token.isUnresolved(spot.spotPercentage)) {
    refuse(scope, {
      prop: 'spot.spotPercentage',
      given: spot.spotPercentage,
      allowed: 'a number that is known at synthesis, because the group sets the percentage of On-Demand Instances',
      change: 'pass a number',
    });
  }
  if (!Token.isUnresolved(minInstances) && !Token.isUnresolved(maxInstances) && minInstances > maxInstances) {
    refuse(scope, {
      prop: 'minInstances',
      given: minInstances,
      allowed: `at most maxInstances (${maxInstances})`,
      change: 'lower minInstances, or raise maxInstances',
    });
  }
  requireSpotInstances(scope, maxInstances, spot?.onDemandInstances);
  requireRecurring(scope, props);
}

/** With as many On-Demand Instances as the group can have, no Spot Instance ever starts. */
function requireSpotInstances(scope: IConstruct, maxInstances: number, onDemandInstances: number | undefined): void {
  if (onDemandInstances === undefined || Token.isUnresolved(onDemandInstances)) return;
  if (Token.isUnresolved(maxInstances) || onDemandInstances < maxInstances) return;
  refuse(scope, {
    prop: 'spot.onDemandInstances',
    given: onDemandInstances,
    allowed: `less than maxInstances (${maxInstances}), because the group would otherwise never start a Spot Instance`,
    change: 'lower it, raise maxInstances, or leave spot out',
  });
}

/** The cluster refers to its capacity, and the instances refer to the cluster. */
function requireSameStack(scope: IConstruct, { cluster }: Ec2CapacityProps): void {
  if (Stack.of(scope) === Stack.of(cluster)) return;
  refuse(scope, {
    prop: 'cluster',
    given: new Situation(`${cluster.node.path}, which is in another stack`),
    allowed: 'a cluster in the stack of the capacity, because each of the two refers to the other',
    change: 'create the capacity in the stack of its cluster',
  });
}

function requireTypes(scope: IConstruct, types: ec2.InstanceType[]): void {
  const names = types.map((type) => type.toString());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (types.length < 1 || types.length > MOST_TYPES || twice !== undefined) {
    refuse(scope, {
      prop: 'instanceTypes',
      given: twice === undefined ? new Situation(`${types.length} types`) : new Situation(`${twice} twice`),
      allowed: `a list of 1 to ${MOST_TYPES} different instance types`,
      change: 'list each type once, or leave instanceTypes out',
    });
  }
  if (names.some((name) => Token.isUnresolved(name))) {
    refuse(scope, {
      prop: 'instanceTypes',
      given: new Situation('a token'),
      allowed: 'types that are known at synthesis, because their CPU architecture selects the image',
      change: 'pass literal types, such as new ec2.InstanceType("m7i.large")',
    });
  }
  const burstable = types.find((type) => type.isBurstable());
  if (burstable) {
    refuse(scope, {
      prop: 'instanceTypes',
      given: burstable.toString(),
      allowed: 'types that are not burstable, because tasks slow down when the CPU credits of an instance end',
      change: 'use a type such as m7i.large, or run the service on Fargate',
    });
  }
  requireKnownTypes(scope, types);
  requireOneArchitecture(scope, types);
}

function requireOneArchitecture(scope: IConstruct, types: ec2.InstanceType[]): void {
  const other = types.find(({ architecture }) => architecture !== types[0].architecture);
  if (!other) return;
  refuse(scope, {
    prop: 'instanceTypes',
    given: new Situation(`${types[0].toString()} (${types[0].architecture}) and ${other.toString()} `
      + `(${other.architecture})`),
    allowed: 'types with one CPU architecture, because an image has one',
    change: 'create one Ec2Capacity for each architecture',
  });
}

function requireRecurring(scope: IConstruct, { renewal }: Ec2CapacityProps): void {
  const expression = renewal?.expressionString;
  if (expression === undefined || Token.isUnresolved(expression) || /^(cron|rate)\(.+\)$/.test(expression)) return;
  refuse(scope, {
    prop: 'renewal',
    given: expression,
    allowed: 'a recurring schedule, because instances keep the image with which they started',
    change: 'use ScheduleExpression.cron or ScheduleExpression.rate',
  });
}
