import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isKnownRegion, zoneCountOf } from './region-zones';
import { refuse, Situation } from '../core/refusal';

/**
 * The name of a zone, with its region: `us-east-1a`.
 *
 * No region has more than six zones, and the last one of us-east-1 is `us-east-1f`.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-regions-availability-zones.html
 * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
 */
const ZONE = /^([a-z]{2,4}(?:-[a-z]+)+-\d+)[a-f]$/;
/**
 * The name of a Local Zone, `us-west-2-lax-1a`, or of a Wavelength Zone, `us-east-1-wl1-bos-wlz-1`.
 *
 * Only some services are available in them.
 * https://docs.aws.amazon.com/local-zones/latest/ug/how-local-zones-work.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-wavelength.html
 */
const ZONE_OUTSIDE = /^[a-z]{2,4}(?:-[a-z]+)+-\d+-[a-z0-9-]+$/;

/**
 * Refuses names that are not names of zones, and zones of two regions or of another region.
 *
 * Also refuses zones of a region that does not exist. Tokens pass.
 */
export function requireZones(scope: IConstruct, zones: string[]): void {
  // An element of a list token is recognized only inside a list.
  const known = zones.filter((zone) => !Token.isUnresolved(zone) && !Token.isUnresolved([zone]));
  const invalid = known.find((zone) => !ZONE.test(zone));
  if (invalid !== undefined) {
    const isOutside = ZONE_OUTSIDE.test(invalid);
    refuse(scope, {
      prop: 'availabilityZones',
      given: invalid,
      allowed: isOutside ? 'Availability Zones of the region' : "names of zones, such as 'us-east-1a'",
      change: isOutside
        ? 'use no Local Zone or Wavelength Zone, because they do not have all services of the network'
        : 'use the names that aws ec2 describe-availability-zones lists',
    });
  }
  const { region } = Stack.of(scope);
  const regions = known.map((zone) => ZONE.exec(zone)![1]);
  const home = Token.isUnresolved(region) ? regions[0] : region;
  if (regions.every((each) => each === home)) return requireRegion(scope, region, regions[0]);
  refuse(scope, {
    prop: 'availabilityZones',
    given: zones,
    allowed: Token.isUnresolved(region) ? 'zones of one region' : `zones of ${region}, the region of the stack`,
    change: 'use zones of the region in which the stack is deployed',
  });
}

/**
 * Refuses a region that aws-cdk-lib does not know, unless the stack names it too.
 *
 * An old version of aws-cdk-lib does not know a new region.
 */
function requireRegion(scope: IConstruct, ofStack: string, given: string | undefined): void {
  if (given === undefined || given === ofStack || isKnownRegion(given)) return;
  refuse(scope, {
    prop: 'availabilityZones',
    given: new Situation(`zones of ${given}`),
    allowed: 'zones of a region that aws-cdk-lib knows',
    change: 'correct the region, or set it in env of the stack if it is a new one',
  });
}

/** Refuses more zones than the region has. An unknown region passes. */
export function requireZoneCount(scope: IConstruct, count: number): void {
  const { region } = Stack.of(scope);
  const existing = zoneCountOf(region);
  if (existing === undefined || count <= existing) return;
  refuse(scope, {
    prop: 'maxAzs',
    given: count,
    allowed: `at most ${existing}, the number of zones in ${region}`,
    change: 'use fewer zones, or name the zones with availabilityZones if the region has a new one',
  });
}
