import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse } from '../core/refusal';

/**
 * The name of a zone, with its region: `us-east-1a`, or `us-west-2-lax-1a` for a Local Zone.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-regions-availability-zones.html
 */
const ZONE = /^([a-z]{2,4}(?:-[a-z]+)+-\d+)(?:-[a-z]+-\d+)?[a-z]$/;

/** Refuses names that are not names of zones, and zones of two regions or of another region. Tokens pass. */
export function requireZones(scope: IConstruct, zones: string[]): void {
  // An element of a list token is recognized only inside a list.
  const known = zones.filter((zone) => !Token.isUnresolved(zone) && !Token.isUnresolved([zone]));
  const invalid = known.find((zone) => !ZONE.test(zone));
  if (invalid !== undefined) {
    refuse(scope, {
      prop: 'availabilityZones',
      given: invalid,
      allowed: "names of zones, such as 'us-east-1a'",
      change: 'use the names that aws ec2 describe-availability-zones lists',
    });
  }
  const { region } = Stack.of(scope);
  const regions = known.map((zone) => ZONE.exec(zone)![1]);
  const home = Token.isUnresolved(region) ? regions[0] : region;
  if (regions.every((each) => each === home)) return;
  refuse(scope, {
    prop: 'availabilityZones',
    given: zones,
    allowed: Token.isUnresolved(region) ? 'zones of one region' : `zones of ${region}, the region of the stack`,
    change: 'use zones of the region in which the stack is deployed',
  });
}
