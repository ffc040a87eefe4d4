import { CfnResource, Reference, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/** The ID in aws-cdk-lib of a VPC whose lookup is pending. */
const DUMMY_ID = 'vpc-12345';

/** A VPC as far as it is known: a resource of the app, or an ID. */
interface Identity {
  readonly resource?: IConstruct;
  readonly id?: string;
  /** The stack that creates the VPC or that contains the ID. */
  readonly stack: Stack;
}

/** A resource that must be in a VPC, and its description in a refusal. */
export interface InVpc {
  readonly prop: string;
  /** The resource, such as `a database`. */
  readonly what: string;
  /** The VPC in which the resource must be. */
  readonly vpc: ec2.IVpc;
}

/**
 * Refuses a VPC that is known to be another one. A VPC that is imported twice is the same one.
 *
 * The IDs of two imports are compared, and two VPCs that the app creates. A VPC that is created in one stack and an ID
 * in another stack can be the same VPC, so the pair passes. An ID that is a token passes too.
 */
export function requireSameVpc(scope: IConstruct, { prop, what, vpc }: InVpc, other: ec2.IVpc | undefined): void {
  if (other !== undefined) compare(scope, { prop, what, vpc }, identityOfVpc(other));
}

/** Refuses connections whose security groups are known to be in another VPC. */
export function requireReachable(scope: IConstruct, expected: InVpc, { connections }: ec2.IConnectable): void {
  for (const group of connections.securityGroups) {
    const resource = group.node.defaultChild;
    if (!(resource instanceof ec2.CfnSecurityGroup) || resource.vpcId === undefined) continue;
    compare(scope, expected, identityOf(resource, resource.vpcId));
  }
}

/** Refuses subnets that are known to be in another VPC. The VPC of a subnet that is imported alone is unknown. */
export function requireSubnetsOf(scope: IConstruct, expected: InVpc, subnets: ec2.ISubnet[]): void {
  for (const subnet of subnets) {
    const resource = subnet.node.defaultChild;
    if (resource instanceof ec2.CfnSubnet) compare(scope, expected, identityOf(resource, resource.vpcId));
    else if (isVpc(subnet.node.scope)) requireSameVpc(scope, expected, subnet.node.scope);
  }
}

function isVpc(scope: IConstruct | undefined): scope is ec2.IVpc {
  return scope !== undefined && 'vpcId' in scope && 'selectSubnets' in scope;
}

function compare(scope: IConstruct, { prop, what, vpc }: InVpc, there: Identity | undefined): void {
  const here = identityOfVpc(vpc);
  if (!here || !there || !differ(here, there)) return;
  refuse(scope, {
    prop,
    given: new Situation(`${what} in ${name(there)}`),
    allowed: `${what} in ${name(here)}`,
    change: 'create both in the same VPC',
  });
}

/** The identity of a VPC, or undefined while its lookup is pending: until then, its ID is a dummy. */
function identityOfVpc(vpc: ec2.IVpc): Identity | undefined {
  return isPending(vpc) ? undefined : identityOf(vpc, vpc.vpcId);
}

function isPending(vpc: ec2.IVpc): boolean {
  try {
    return vpc.selectSubnets().isPendingLookup === true;
  } catch {
    // A VPC without subnets.
    return false;
  }
}

/** The identity of a VPC, or undefined if its ID is a parameter, an import or another token. */
function identityOf(scope: IConstruct, vpcId: string): Identity | undefined {
  const stack = Stack.of(scope);
  if (!Token.isUnresolved(vpcId)) return vpcId === DUMMY_ID && !isVpc(scope) ? undefined : { id: vpcId, stack };
  const reference = Tokenization.reverseString(vpcId).firstToken;
  const target = Reference.isReference(reference) ? reference.target : undefined;
  if (!CfnResource.isCfnResource(target) || target.cfnResourceType !== ec2.CfnVPC.CFN_RESOURCE_TYPE_NAME) {
    return undefined;
  }
  return { resource: target, stack: Stack.of(target) };
}

function differ(one: Identity, other: Identity): boolean {
  if (one.id !== undefined && other.id !== undefined) return one.id !== other.id;
  if (one.resource && other.resource) return one.resource !== other.resource;
  // No template can contain the ID of a VPC that it creates.
  return one.stack === other.stack;
}

function name({ resource, id }: Identity): string {
  return `the VPC ${resource?.node.scope?.node.path ?? id}`;
}
