import { Annotations, App, CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { pageUrl } from '../core/page-url';

/** The number of zones that a network for retained data needs, and that a load balancer requires. */
const LEAST_ZONES = 2;
const VPC = 'AWS::EC2::VPC';
const FLOW_LOG = 'AWS::EC2::FlowLog';
const ENDPOINT = 'AWS::EC2::VPCEndpoint';
/** The custom resource that removes the rules of the default security group. */
const CLOSED_GROUP = 'Custom::VpcRestrictDefaultSG';
const PAGE = pageUrl('imported-vpcs.md');

/** A property of a network that an imported VPC lacks, or that only the account can show. */
export interface ImportedVpcGap {
  /** The stable ID. The warning is acknowledged as `cdk-hipaa:<id>`. */
  readonly id: string;
  readonly problem: string;
  readonly remedy: string;
}

/** A gap of one VPC. */
export interface FoundGap extends ImportedVpcGap {
  readonly vpc: IConstruct;
  /** Whether the app acknowledged the warning. aws-cdk-lib keeps neither the reason nor the construct of it. */
  readonly acknowledged: boolean;
}

/**
 * At synthesis, warns about each imported VPC of an app: what it lacks, and what only the account can show. Returns a
 * function that lists the gaps of the last synthesis.
 *
 * The attributes of an import show the subnets and zones. The app shows the flow logs and endpoints that it creates
 * itself. A VPC that is imported several times in a stack has one set of warnings.
 */
export function warnAboutImportedVpcs(app: App): () => FoundGap[] {
  let gaps: Array<ImportedVpcGap & { readonly vpc: IConstruct }> = [];
  app.node.addValidation({
    validate: () => {
      gaps = [];
      const seen = new Set<string>();
      for (const vpc of app.node.findAll().filter(isImportedVpc)) {
        const key = `${Stack.of(vpc).node.path} ${textOf(vpc, vpc.vpcId)}`;
        if (seen.has(key)) continue;
        seen.add(key);
        for (const gap of gapsOf(app, vpc)) {
          Annotations.of(vpc).addWarningV2(warningOf(gap), `${gap.problem}: ${gap.remedy} (${PAGE})`);
          gaps.push({ ...gap, vpc });
        }
      }
      return [];
    },
  });
  return () => gaps.map((gap) => ({ ...gap, acknowledged: !hasWarning(gap.vpc, gap) }));
}

/** The ID with which an app acknowledges the warning. */
export function warningOf({ id }: ImportedVpcGap): string {
  return `cdk-hipaa:${id}`;
}

/** aws-cdk-lib removes the warnings that are acknowledged. */
function hasWarning(vpc: IConstruct, gap: ImportedVpcGap): boolean {
  const tag = `[ack: ${warningOf(gap)}]`;
  return vpc.node.metadata.some(({ data }) => typeof data === 'string' && data.includes(tag));
}

/** An imported VPC has the members of a VPC and no resource of its own. */
function isImportedVpc(node: IConstruct): node is IConstruct & ec2.IVpc {
  return 'vpcId' in node && 'selectSubnets' in node && 'isolatedSubnets' in node
    && !node.node.findAll().some((each) => CfnResource.isCfnResource(each) && each.cfnResourceType === VPC)
    && !isPending(node as IConstruct & ec2.IVpc);
}

/** While a lookup is pending, the attributes are dummies. */
function isPending(vpc: ec2.IVpc): boolean {
  try {
    return vpc.selectSubnets().isPendingLookup === true;
  } catch {
    return false;
  }
}

function gapsOf(app: App, vpc: IConstruct & ec2.IVpc): ImportedVpcGap[] {
  const inApp = (type: string) => app.node.findAll().some((node) =>
    CfnResource.isCfnResource(node) && node.cfnResourceType === type && concerns(node, vpc));
  return [
    ...subnetGaps(vpc),
    ...inApp(FLOW_LOG) ? [] : [{
      id: 'imported-vpc-flow-logs',
      problem: `nothing in the app shows that the imported VPC ${vpc.vpcId} has flow logs (45 CFR 164.312(b))`,
      remedy: 'run aws ec2 describe-flow-logs, add a flow log with vpc.addFlowLog if there is none, and then '
        + 'acknowledge this warning',
    }],
    ...inApp(CLOSED_GROUP) ? [] : [{
      id: 'imported-vpc-default-security-group',
      problem: `nothing in the app shows that the default security group of the imported VPC ${vpc.vpcId} has no rules`,
      remedy: 'run aws ec2 describe-security-groups, remove the rules of the group, and then acknowledge this warning',
    }],
    ...inApp(ENDPOINT) ? [] : [endpointGap(vpc)],
  ];
}

/** The tiers and zones, as far as the import names them. A list that is a token has an unknown length. */
function subnetGaps(vpc: ec2.IVpc): ImportedVpcGap[] {
  const { vpcId, privateSubnets, isolatedSubnets, publicSubnets } = vpc;
  return [
    ...tierGap(vpcId, 'private', privateSubnets, 'services and functions need'),
    ...tierGap(vpcId, 'isolated', isolatedSubnets, 'databases need'),
    // A VPC without public subnets can be intended: it has no internet-facing load balancer.
    ...publicSubnets.length === 0 ? [] : tierGap(vpcId, 'public', publicSubnets, 'a load balancer needs'),
    ...targetGap(vpcId, publicSubnets, privateSubnets.length > 0 ? privateSubnets : isolatedSubnets),
  ];
}

function tierGap(vpcId: string, tier: string, subnets: ec2.ISubnet[], needs: string): ImportedVpcGap[] {
  if (isUnknown(subnets)) return [];
  const zones = zonesOf(subnets);
  const count = zones?.size ?? subnets.length;
  if (count >= LEAST_ZONES) return [];
  const [one] = zones ?? [];
  return [{
    id: `imported-vpc-${tier}-subnets`,
    problem: `the imported VPC ${vpcId} has ${subnets.length} ${tier} subnet${subnets.length === 1 ? '' : 's'}`
      + `${one && subnets.length > 1 ? `, all in ${one}` : ''}, and ${needs} ${LEAST_ZONES} in different zones (45 CFR `
      + '164.308(a)(7)(ii)(C))',
    remedy: `add the ${tier}SubnetIds and availabilityZones of the other zones to the import, or create these subnets`,
  }];
}

/**
 * A load balancer sends no requests to a target in a zone in which it has no subnet:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
 */
function targetGap(vpcId: string, publicSubnets: ec2.ISubnet[], targets: ec2.ISubnet[]): ImportedVpcGap[] {
  if (publicSubnets.length === 0 || isUnknown([...publicSubnets, ...targets])) return [];
  const [zones, wanted] = [zonesOf(publicSubnets), zonesOf(targets)];
  const missing = zones && wanted ? [...wanted].filter((zone) => !zones.has(zone)).sort() : [];
  if (missing.length === 0) return [];
  return [{
    id: 'imported-vpc-public-zones',
    problem: `the imported VPC ${vpcId} has no public subnet in ${missing.join(' and ')}, so an internet-facing load `
      + 'balancer sends no requests to tasks in this zone',
    remedy: 'add the public subnet of each zone to the import, or create it, or let services use vpcSubnets with the '
      + 'zones of the public subnets',
  }];
}

const isUnknown = (subnets: ec2.ISubnet[]) => subnets.some(({ subnetId }) => Token.isUnresolved([subnetId]));

/** The zones of subnets, or undefined if one of them is known only at deployment. */
function zonesOf(subnets: ec2.ISubnet[]): Set<string> | undefined {
  const zones = subnets.map(zoneOf);
  return zones.every((zone) => zone !== undefined) ? new Set(zones) : undefined;
}

/** A subnet that was imported without its zone throws when it is asked for it. */
function zoneOf(subnet: ec2.ISubnet): string | undefined {
  try {
    return Token.isUnresolved([subnet.availabilityZone]) ? undefined : subnet.availabilityZone;
  } catch {
    return undefined;
  }
}

function endpointGap(vpc: ec2.IVpc): ImportedVpcGap {
  const effect = vpc.privateSubnets.length === 0
    ? 'without which tasks in isolated subnets do not start'
    : 'so traffic to AWS uses the internet';
  return {
    id: 'imported-vpc-endpoints',
    problem: `nothing in the app shows that the imported VPC ${vpc.vpcId} has VPC endpoints, ${effect}`,
    remedy: 'run aws ec2 describe-vpc-endpoints, add the missing ones with vpc.addGatewayEndpoint and '
      + 'vpc.addInterfaceEndpoint, and then acknowledge this warning',
  };
}

/** Whether a resource of the app names the VPC in one of its properties. */
function concerns(resource: CfnResource, vpc: IConstruct & ec2.IVpc): boolean {
  const stack = Stack.of(resource);
  const template = JSON.stringify(stack.resolve((resource as unknown as { _toCloudFormation(): object })
    ._toCloudFormation()));
  return template.includes(textOf(vpc, vpc.vpcId).slice(1, -1));
}

/** A value as JSON, in which a token is the function that CloudFormation resolves. */
function textOf(scope: IConstruct, value: string): string {
  return JSON.stringify(Stack.of(scope).resolve(value));
}
