import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { HipaaVpc, HipaaVpcProps } from '../../src/network/hipaa-vpc';
import { DEFAULT_ELASTIC_IP_QUOTA, NatStrategy } from '../../src/network/nat-strategy';
import { newStack, propertiesOf, templateOf } from '../support/app';

function network(props: HipaaVpcProps, region?: string) {
  const stack = newStack(region ? { env: { account: '123456789012', region } } : {});
  const construct = new HipaaVpc(stack, 'Network', props);
  const template = templateOf(stack);
  const natRoutes = Object.values(propertiesOf(template, 'AWS::EC2::Route'))
    .filter((route) => route.NatGatewayId)
    .map((route) => route.NatGatewayId.Ref);
  return { stack, construct, template, natRoutes };
}

describe('one per zone', () => {
  test('is a public gateway with an elastic IP address in each public subnet', () => {
    const { template } = network({ nat: NatStrategy.onePerAz(), maxAzs: 3 });
    template.resourceCountIs('AWS::EC2::NatGateway', 3);
    template.resourceCountIs('AWS::EC2::EIP', 3);
    template.allResourcesProperties('AWS::EC2::NatGateway', {
      ConnectivityType: 'public',
      SubnetId: { Ref: Match.stringLikeRegexp('^NetworkPublicSubnet') },
    });
  });

  test('is created after the route to the internet', () => {
    network({}).template.allResources('AWS::EC2::NatGateway', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^NetworkPublicSubnet\\dDefaultRoute')]),
    });
  });

  test('has no warning up to the default quota of Elastic IP addresses', () => {
    const { stack } = network({ maxAzs: DEFAULT_ELASTIC_IP_QUOTA });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('has a warning above the default quota', () => {
    const { stack } = network({ maxAzs: 6 });
    Annotations.fromStack(stack).hasWarning('/Stack/Network',
      '6 NAT gateways need 6 Elastic IP addresses, but the default quota is 5 per region: '
      + 'raise the quota before you deploy, or use NatStrategy.regional() [ack: cdk-hipaa:elastic-ip-quota]');
  });
});

describe('single', () => {
  const { stack, construct, template, natRoutes } = network({
    nat: NatStrategy.single({ reason: 'development' }),
    maxAzs: 3,
  });

  test('is one gateway for all zones', () => {
    template.resourceCountIs('AWS::EC2::EIP', 1);
    expect(construct.natGateways).toHaveLength(1);
    expect(natRoutes).toEqual(Array(3).fill(Object.keys(template.findResources('AWS::EC2::NatGateway'))[0]));
  });

  test('is a relaxation', () => {
    Annotations.fromStack(stack).hasWarning('/Stack/Network',
      'all zones reach the internet through one NAT gateway, which fails together with its zone (reason given: '
        + 'development) [ack: cdk-hipaa:single-nat-gateway]');
  });

  test('is refused without a reason', () => {
    expect(() => new HipaaVpc(newStack(), 'Network', { nat: NatStrategy.single({ reason: '' }) })).toThrow(
      "[Stack/Network] reason must be a non-blank string, got ''. "
      + 'Say why it is acceptable that all zones reach the internet through one NAT gateway, which fails together '
      + 'with its zone.');
  });
});

describe('regional', () => {
  test('is one gateway of the VPC, without a subnet and with addresses that AWS manages', () => {
    const { template, natRoutes } = network({ nat: NatStrategy.regional(), maxAzs: 3 });
    expect(propertiesOf(template, 'AWS::EC2::NatGateway')).toEqual({
      NetworkRegionalNatGateway76F16A08: {
        AvailabilityMode: 'regional',
        ConnectivityType: 'public',
        VpcId: { Ref: 'Network6E62CE96' },
        Tags: [{ Key: 'Name', Value: 'Stack/Network/RegionalNatGateway' }],
      },
    });
    template.resourceCountIs('AWS::EC2::EIP', 0);
    expect(natRoutes).toEqual(Array(3).fill('NetworkRegionalNatGateway76F16A08'));
  });

  test('is created after the route to the internet', () => {
    network({ nat: NatStrategy.regional() }).template.hasResource('AWS::EC2::NatGateway', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^NetworkPublicSubnet1DefaultRoute')]),
    });
  });

  test.each(['us-gov-west-1', 'cn-north-1'])('has a warning in %s', (region) => {
    Annotations.fromStack(network({ nat: NatStrategy.regional() }, region).stack).hasWarning('/Stack/Network',
      `${region} did not offer regional NAT gateways at their announcement: check that the region offers them, or use `
        + 'NatStrategy.onePerAz() [ack: cdk-hipaa:regional-nat-unavailable]');
  });

  test.each([undefined, 'eu-west-1'])('has no warning in %p', (region) => {
    Annotations.fromStack(network({ nat: NatStrategy.regional() }, region).stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('none', () => {
  test('creates neither a gateway nor a route', () => {
    const { construct, template, natRoutes } = network({ nat: NatStrategy.none() });
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.resourceCountIs('AWS::EC2::EIP', 0);
    expect(natRoutes).toEqual([]);
    expect(construct.natGateways).toEqual([]);
  });

  test('keeps the private tier as the default subnets of services', () => {
    const { construct } = network({ nat: NatStrategy.none() });
    expect(construct.vpc.selectSubnets().subnets.map((subnet) => subnet.ipv4CidrBlock)).toEqual([
      '10.0.11.0/24',
      '10.0.12.0/24',
    ]);
  });
});
