import { ResourceEnvironment, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse, Situation } from './refusal';

/** A resource. A class of another language can have no environment. */
interface Placed {
  readonly env?: ResourceEnvironment;
}

/** The resources that a prop accepts only from its region, with the field of their ARN, by type. */
const OF_ONE_REGION: { readonly [type: string]: readonly [what: string, arn: string] } = {
  'ec2.IVpc': ['a VPC', 'vpcArn'],
  'ecs.ICluster': ['a cluster', 'clusterArn'],
  'logs.ILogGroup': ['a log group', 'logGroupArn'],
  'secretsmanager.ISecret': ['a secret', 'secretArn'],
};
/** The position of the region between the colons of an ARN. */
const REGION_OF_ARN = 3;

/** Refuses a resource that works only in its own region and is known to be in another one. */
export function requireSameRegion(scope: IConstruct, prop: string, type: string, given: unknown): void {
  if (!Object.hasOwn(OF_ONE_REGION, type)) return;
  const [what, arn] = OF_ONE_REGION[type];
  requireRegionOf(scope, prop, what, given as Placed, (given as Record<string, string | undefined>)[arn]);
}

/**
 * Refuses a resource that is known to be in another region than the stack of a construct.
 * @param what the resource with its article: `a bucket`
 * @param arn its ARN, where an import does not tell the region otherwise
 */
export function requireRegionOf(scope: IConstruct, prop: string, what: string, given: Placed, arn?: string): void {
  const there = regionOf(given, arn);
  const { region } = Stack.of(scope);
  if (there === undefined || Token.isUnresolved(region) || there === region) return;
  refuse(scope, {
    prop,
    given: new Situation(`${what} in ${there}`),
    allowed: `${what} in ${region}, the region of the stack`,
    change: `pass ${what} in ${region}`,
  });
}

/** Whether two constructs are known to be deployed to the same account and region. */
export function inOnePlace(one: IConstruct, other: IConstruct): boolean {
  const [a, b] = [Stack.of(one), Stack.of(other)];
  const known = (value: string) => !Token.isUnresolved(value);
  return a === b || (known(a.account) && known(a.region) && a.account === b.account && a.region === b.region);
}

/** The region of a resource, or undefined if it is unknown. */
function regionOf(given: Placed, arn: string | undefined): string | undefined {
  const isKnown = arn !== undefined && !Token.isUnresolved(arn);
  const region = isKnown ? arn.split(':')[REGION_OF_ARN] : given.env?.region;
  return region === undefined || region === '' || Token.isUnresolved(region) ? undefined : region;
}
