import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { refuse } from '../core/refusal';

/** The tiers, by the name of their subnets, with the number of each one's first subnet: 10.0.1.0/24, 10.0.11.0/24, 10.0.21.0/24. */
export const TIER_BASES = { Public: 1, Private: 11, Data: 21 };
/** A tier: what may be reached from the internet, what runs the application, what holds its data. */
export type Tier = keyof typeof TIER_BASES;

/** The largest block that a VPC takes: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
const LARGEST_VPC_PREFIX = 16;
/** The smallest block of which every subnet still has room for over a hundred addresses. */
const SMALLEST_VPC_PREFIX = 20;
/** The prefix length of a subnet, wherever the block is large enough. */
const SUBNET_PREFIX = 24;
/** A block is cut into at least 2^5 = 32 subnets, since the last number needed is 26: the sixth zone of the data tier. */
const LEAST_SUBNET_BITS = 5;

const IPV4_BLOCK = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\/(\d{1,2})$/;
/** The blocks that no host of the internet has: RFC 1918, section 3, and RFC 6598, section 7. */
const PRIVATE_BLOCKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

interface Block {
  readonly address: number;
  readonly prefix: number;
}

/**
 * The addresses of the VPC and of its subnets.
 *
 * Each tier counts its zones from a base of its own, so that one zone more is one subnet more per tier, and no subnet
 * that exists already gets another address (which would replace it, with everything in it).
 */
export class SubnetPlan implements ec2.IIpAddresses {
  /** The plan for a block, which is refused unless it holds three tiers of six zones. */
  public static of(scope: IConstruct, cidr: string): SubnetPlan {
    return new SubnetPlan(cidr, validated(scope, cidr));
  }

  private constructor(private readonly cidr: string, private readonly block: Block) {}

  public allocateVpcCidr(): ec2.VpcIpamOptions {
    return { cidrBlock: this.cidr };
  }

  public allocateSubnetsCidr(request: ec2.AllocateCidrRequest): ec2.SubnetIpamOptions {
    const next: Record<string, number> = { ...TIER_BASES };
    return { allocatedSubnets: request.requestedSubnets.map(({ configuration }) => ({ cidr: this.subnetCidr(next[configuration.name]++) })) };
  }

  private subnetCidr(number: number): string {
    const prefix = Math.max(SUBNET_PREFIX, this.block.prefix + LEAST_SUBNET_BITS);
    return `${dotted(this.block.address + number * sizeOf(prefix))}/${prefix}`;
  }
}

function validated(scope: IConstruct, cidr: string): Block {
  const refuseCidr = (allowed: string, change: string) => refuse(scope, { prop: 'cidr', given: cidr, allowed, change });
  if (Token.isUnresolved(cidr)) refuseCidr('a block known at synthesis', 'write the block out, since the subnets are numbered from it');
  const block = parse(cidr);
  if (!block) return refuseCidr("an IPv4 block such as '10.0.0.0/16'", 'write four numbers up to 255, a slash and the prefix length');
  if (block.prefix < LARGEST_VPC_PREFIX || block.prefix > SMALLEST_VPC_PREFIX) {
    refuseCidr(`a block of /${LARGEST_VPC_PREFIX} to /${SMALLEST_VPC_PREFIX}`, block.prefix < LARGEST_VPC_PREFIX
      ? `choose /${LARGEST_VPC_PREFIX}, the largest that a VPC takes`
      : `choose /${SMALLEST_VPC_PREFIX} or larger, since three tiers of six zones do not fit otherwise`);
  }
  const start = dotted(block.address - block.address % sizeOf(block.prefix));
  if (start !== dotted(block.address)) refuseCidr('a block that starts at its own first address', `write '${start}/${block.prefix}'`);
  if (!PRIVATE_BLOCKS.some((range) => contains(parse(range)!, block))) {
    refuseCidr(`a block inside of ${PRIVATE_BLOCKS.join(', ')}`, 'choose private addresses, since others belong to somebody on the internet');
  }
  return block;
}

function parse(cidr: string): Block | undefined {
  const [, ...numbers] = (IPV4_BLOCK.exec(cidr) ?? []).map(Number);
  const prefix = numbers.pop();
  if (prefix === undefined || prefix > 32 || numbers.some((octet) => octet > 255)) return undefined;
  return { address: numbers.reduce((address, octet) => address * 256 + octet, 0), prefix };
}

function contains(outer: Block, inner: Block): boolean {
  return inner.address >= outer.address && inner.address < outer.address + sizeOf(outer.prefix);
}

/** How many addresses a block has. */
function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

/** An address as people write it. Division stands in for bit shifts, which are signed in JavaScript. */
function dotted(address: number): string {
  return [3, 2, 1, 0].map((position) => Math.floor(address / 256 ** position) % 256).join('.');
}
