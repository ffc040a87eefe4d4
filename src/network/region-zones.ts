import { Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';

/**
 * The regions with more than three availability zones, and the number of their zones.
 *
 * The numbers are those of CloudFormation Validate, which aws-cdk-lib contains. An account can see fewer zones.
 * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
 */
const ZONES: { readonly [region: string]: number } = {
  'us-east-1': 6, 'us-west-2': 4, 'ca-central-1': 4, 'ap-northeast-1': 4, 'ap-northeast-2': 4,
};
/** The number of zones of all other regions. Source: the same page. */
const ZONES_OF_OTHER_REGIONS = 3;

/** Whether the aws-cdk-lib of the app knows a region. */
export function isKnownRegion(region: string): boolean {
  return RegionInfo.regions.some(({ name }) => name === region);
}

/** The number of availability zones of a region. Undefined for a token and for a region that aws-cdk-lib lacks. */
export function zoneCountOf(region: string): number | undefined {
  if (Token.isUnresolved(region) || !isKnownRegion(region)) return undefined;
  return ZONES[region] ?? ZONES_OF_OTHER_REGIONS;
}
