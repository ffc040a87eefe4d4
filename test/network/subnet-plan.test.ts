import { CfnParameter } from 'aws-cdk-lib';
import { HipaaVpc } from '../../src/network/hipaa-vpc';
import { newStack, propertiesOf, templateOf } from '../support/app';

function subnetsOf(cidr: string, maxAzs: number): string[] {
  const stack = newStack();
  new HipaaVpc(stack, 'Network', { cidr, maxAzs });
  return Object.values(propertiesOf(templateOf(stack), 'AWS::EC2::Subnet')).map((subnet) => subnet.CidrBlock);
}

/** The first and last address of a block. */
function range(cidr: string): [number, number] {
  const [address, prefix] = cidr.split('/');
  const first = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return [first, first + 2 ** (32 - Number(prefix)) - 1];
}

test.each([
  ['10.0.0.0/16', ['10.0.1.0/24', '10.0.2.0/24', '10.0.11.0/24', '10.0.12.0/24', '10.0.21.0/24', '10.0.22.0/24']],
  [
    '172.31.128.0/17',
    ['172.31.129.0/24', '172.31.130.0/24', '172.31.139.0/24', '172.31.140.0/24', '172.31.149.0/24', '172.31.150.0/24'],
  ],
  [
    '192.168.64.0/18',
    ['192.168.65.0/24', '192.168.66.0/24', '192.168.75.0/24', '192.168.76.0/24', '192.168.85.0/24', '192.168.86.0/24'],
  ],
  [
    '10.20.224.0/19',
    ['10.20.225.0/24', '10.20.226.0/24', '10.20.235.0/24', '10.20.236.0/24', '10.20.245.0/24', '10.20.246.0/24'],
  ],
  [
    '100.64.16.0/20',
    ['100.64.16.128/25', '100.64.17.0/25', '100.64.21.128/25', '100.64.22.0/25', '100.64.26.128/25', '100.64.27.0/25'],
  ],
])('%s is numbered from 1, 11 and 21', (cidr, subnets) => {
  expect(subnetsOf(cidr, 2)).toEqual(subnets);
});

test.each(['10.0.0.0/16', '172.16.0.0/17', '192.168.192.0/18', '10.255.224.0/19', '100.127.240.0/20'])(
  'three tiers of six zones fit into %s without overlap',
  (cidr) => {
    const [first, last] = range(cidr);
    const subnets = subnetsOf(cidr, 6)
      .map(range)
      .sort(([a], [b]) => a - b);
    expect(subnets).toHaveLength(18);
    subnets.forEach(([from, to], index) => {
      expect(from).toBeGreaterThan(index === 0 ? first : subnets[index - 1][1]);
      expect(to).toBeLessThanOrEqual(last);
    });
  },
);

const PRIVATE = [
  'a block within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10',
  'Use private addresses, because others belong to internet hosts',
];
const FORM = ["an IPv4 block such as '10.0.0.0/16'", 'Use four numbers up to 255, a slash and the prefix length'];
const START = 'a block that starts at its own first address';

test.each<[string, string[]]>([
  ['10.0.0.0', FORM],
  ['10.0.0/16', FORM],
  ['10.0.0.256/16', FORM],
  ['010.0.0.0/16', FORM],
  ['10.0.0.0/33', FORM],
  ['fd00::/56', FORM],
  ['', FORM],
  ['10.0.0.0/21', ['a block of /16 to /20', 'Use /20 or a larger block, which holds three tiers of six zones']],
  ['10.0.0.0/8', ['a block of /16 to /20', 'Use /16, the largest block of a VPC']],
  ['10.0.1.0/16', [START, "Use '10.0.0.0/16'"]],
  ['10.0.24.0/20', [START, "Use '10.0.16.0/20'"]],
  ['8.8.0.0/16', PRIVATE],
  ['172.32.0.0/16', PRIVATE],
  ['172.15.0.0/16', PRIVATE],
  ['100.128.0.0/16', PRIVATE],
  ['192.169.0.0/16', PRIVATE],
])('%p is refused', (cidr, [allowed, change]) => {
  expect(() => new HipaaVpc(newStack(), 'Network', { cidr })).toThrow(
    `[Stack/Network] cidr must be ${allowed}, got '${cidr}'. ${change}.`,
  );
});

test('a block that is known only at deployment is refused', () => {
  const stack = newStack();
  const parameter = new CfnParameter(stack, 'Cidr');
  expect(() => new HipaaVpc(stack, 'Network', { cidr: parameter.valueAsString })).toThrow(
    '[Stack/Network] cidr must be a block that is known at synthesis, got a token. Use a literal value, because it '
      + 'determines the subnet addresses.');
});
