import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { refuse } from '../core/refusal';

/** The number of the first subnet of each tier: 10.0.1.0/24, 10.0.11.0/24, 10.0.21.0/24. */
export const TIER_BASES = { Public: 1, Private: 11, Data: 21 };
/** A tier: public for internet-facing resources, private for workloads, data for databases. */
export type Tier = keyof typeof TIER_BASES;

/** The largest block that a VPC can have: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
const LARGEST_VPC_PREFIX = 16;
/** The smallest block whose subnets have more than 100 addresses each. */
const SMALLEST_VPC_PREFIX = 20;
/** The prefix length of a subnet if the block is large enough. */
const SUBNET_PREFIX = 24;
/** A block holds at least 2^5 = 32 subnets: the highest number is 26, the sixth zone of the data tier. */
const MIN_SUBNET_BITS = 5;

const IPV4_BLOCK = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\/(\d{1,2})$/;
/** The blocks that no internet host has: RFC 1918, section 3, and RFC 6598, section 7. */
const PRIVATE_BLOCKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

interface Block {
  readonly address: number;
  readonly prefix: number;
}

/**
 * The addresses of the VPC and its subnets.
 *
 * Each tier numbers its subnets from its own base. An additional zone adds one subnet per tier and changes no address
 * of an existing subnet. A changed address would replace the subnet and everything in it.
 */
export class SubnetPlan implements ec2.IIpAddresses {
  /** Creates the plan for a block. Refuses a block that cannot hold three tiers of six zones. */
  public static of(scope: IConstruct, cidr: string): SubnetPlan {
    return new SubnetPlan(cidr, validated(scope, cidr));
  }

  private constructor(private readonly cidr: string, private readonly block: Block) {}

  public allocateVpcCidr(): ec2.VpcIpamOptions {
    return { cidrBlock: this.cidr };
  }

  public allocateSubnetsCidr(request: ec2.AllocateCidrRequest): ec2.SubnetIpamOptions {
    const next: Record<string, number> = { ...TIER_BASES };
    return {
      allocatedSubnets: request.requestedSubnets
        .map(({ configuration }) => ({ cidr: this.subnetCidr(next[configuration.name]++) })),
    };
  }

  private subnetCidr(number: number): string {
    const prefix = Math.max(SUBNET_PREFIX, this.block.prefix + MIN_SUBNET_BITS);
    return `${dotted(this.block.address + number * sizeOf(prefix))}/${prefix}`;
  }
}

function validated(scope: IConstruct, cidr: string): Block {
  const refuseCidr = (allowed: string, change: string) =>
    refuse(scope, { prop: 'cidr', given: cidr, allowed, change });
  if (Token.isUnresolved(cidr)) {
    refuseCidr('a block that is known at synthesis', 'use a literal value, because it determines the subnet addresses');
  }
  const block = parse(cidr);
  if (!block) {
    return refuseCidr("an IPv4 block such as '10.0.0.0/16'",
      'use four numbers up to 255, a slash and the prefix length');
  }
  if (block.prefix < LARGEST_VPC_PREFIX || block.prefix > SMALLEST_VPC_PREFIX) {
    refuseCidr(`a block of /${LARGEST_VPC_PREFIX} to /${SMALLEST_VPC_PREFIX}`, block.prefix < LARGEST_VPC_PREFIX
      ? `use /${LARGEST_VPC_PREFIX}, the largest block of a VPC`
      : `use /${SMALLEST_VPC_PREFIX} or a larger block, which holds three tiers of six zones`);
  }
  const start = dotted(block.address - block.address % sizeOf(block.prefix));
  if (start !== dotted(block.address)) {
    refuseCidr('a block that starts at its own first address', `use '${start}/${block.prefix}'`);
  }
  if (!PRIVATE_BLOCKS.some((range) => contains(parse(range)!, block))) {
    refuseCidr(`a block within ${PRIVATE_BLOCKS.join(', ')}`,
      'use private addresses, because others belong to internet hosts');
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

/** The number of addresses in a block. */
function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

/** Formats an address in dotted notation. Divides, because bit shifts are signed in JavaScript. */
function dotted(address: number): string {
  return [3, 2, 1, 0].map((position) => Math.floor(address / 256 ** position) % 256).join('.');
}
