import { App, Aspects, CfnParameter, CfnResource, Fn, Stack, Stage, Tags, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { FlowLogStorage } from '../../src/network/flow-log-storage';
import { HipaaVpc, HipaaVpcProps } from '../../src/network/hipaa-vpc';
import { NatStrategy } from '../../src/network/nat-strategy';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

const FIRST_ZONE = { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] };
const SECOND_ZONE = { 'Fn::Select': [1, { 'Fn::GetAZs': '' }] };

function networkTemplate(props?: HipaaVpcProps): Template {
  const stack = newStack();
  new HipaaVpc(stack, 'Network', props);
  return templateOf(stack);
}

/** The address range and the zone of each subnet of a tier, in zone order. */
function tier(template: Template, name: string): unknown[] {
  return Object.values(propertiesOf(template, 'AWS::EC2::Subnet'))
    .filter((subnet) =>
      subnet.Tags.some(
        (tag: { Key: string; Value: string }) => tag.Key === 'aws-cdk:subnet-name' && tag.Value === name,
      ),
    )
    .map((subnet) => [subnet.CidrBlock, subnet.AvailabilityZone]);
}

/** The type of target of each default route, by the ID of the subnet. */
function defaultRoutes(network: HipaaVpc): Record<string, string> {
  const subnets = [...network.vpc.publicSubnets, ...network.vpc.privateSubnets, ...network.vpc.isolatedSubnets];
  return Object.fromEntries(subnets.map((subnet) => {
    const route = subnet.node.tryFindChild('DefaultRoute') as ec2.CfnRoute | undefined;
    return [subnet.node.id, route?.gatewayId ? 'internet' : route?.natGatewayId ? 'nat' : 'none'];
  }));
}

describe('a network with default props', () => {
  const stack = newStack();
  const network = new HipaaVpc(stack, 'Network');
  const template = templateOf(stack);

  test('has three tiers in two zones, each numbered from a separate base', () => {
    expect(tier(template, 'Public')).toEqual([['10.0.1.0/24', FIRST_ZONE], ['10.0.2.0/24', SECOND_ZONE]]);
    expect(tier(template, 'Private')).toEqual([['10.0.11.0/24', FIRST_ZONE], ['10.0.12.0/24', SECOND_ZONE]]);
    expect(tier(template, 'Data')).toEqual([['10.0.21.0/24', FIRST_ZONE], ['10.0.22.0/24', SECOND_ZONE]]);
    template.resourceCountIs('AWS::EC2::Subnet', 6);
  });

  test('uses the addresses of 10.0.0.0/16, and resolves DNS names', () => {
    template.hasResourceProperties('AWS::EC2::VPC', {
      CidrBlock: '10.0.0.0/16', EnableDnsHostnames: true, EnableDnsSupport: true, InstanceTenancy: 'default',
    });
  });

  test('assigns no public IP address automatically', () => {
    template.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
  });

  test('names its resources after its construct path', () => {
    template.hasResourceProperties('AWS::EC2::VPC', { Tags: [{ Key: 'Name', Value: 'Stack/Network' }] });
    template.hasResourceProperties('AWS::EC2::Subnet', {
      CidrBlock: '10.0.22.0/24',
      Tags: Match.arrayWith([{ Key: 'Name', Value: 'Stack/Network/DataSubnet2' }]),
    });
  });

  test('routes public subnets to the internet, private subnets to the NAT gateway of their zone, and data subnets '
    + 'nowhere', () => {
    expect(defaultRoutes(network)).toEqual({
      PublicSubnet1: 'internet',
      PublicSubnet2: 'internet',
      PrivateSubnet1: 'nat',
      PrivateSubnet2: 'nat',
      DataSubnet1: 'none',
      DataSubnet2: 'none',
    });
    for (const zone of [1, 2]) {
      template.hasResourceProperties('AWS::EC2::Route', {
        RouteTableId: { Ref: Match.stringLikeRegexp(`^NetworkPrivateSubnet${zone}RouteTable`) },
        NatGatewayId: { Ref: Match.stringLikeRegexp(`^NetworkPublicSubnet${zone}NATGateway`) },
        DestinationCidrBlock: '0.0.0.0/0',
      });
    }
  });

  test('logs all traffic of the VPC', () => {
    template.hasResourceProperties('AWS::EC2::FlowLog', {
      ResourceType: 'VPC',
      ResourceId: { Ref: Match.stringLikeRegexp('^Network') },
      TrafficType: 'ALL',
      MaxAggregationInterval: 600,
    });
  });

  test('exposes the wrapped resources', () => {
    expect(network.flowLog.flowLogId).toBeDefined();
    expect(network.flowLogGroup).toBeDefined();
    expect(network.flowLogBucket).toBeUndefined();
    expect(network.encryptionKey).toBeDefined();
    expect(network.natGateways).toHaveLength(2);
    expect(network.endpoints).toEqual({});
    expect(network.s3Endpoint).toBeUndefined();
  });

  test('exposes each tier as a subnet selection', () => {
    const cidrs = (selection: ec2.SubnetSelection) =>
      network.vpc.selectSubnets(selection).subnets.map((subnet) => subnet.ipv4CidrBlock);
    expect(cidrs(network.publicTier)).toEqual(['10.0.1.0/24', '10.0.2.0/24']);
    expect(cidrs(network.privateTier)).toEqual(['10.0.11.0/24', '10.0.12.0/24']);
    expect(cidrs(network.dataTier)).toEqual(['10.0.21.0/24', '10.0.22.0/24']);
  });

  test('creates no output and no parameter', () => {
    expect(template.findOutputs('*')).toEqual({});
    expect(template.toJSON().Parameters).toEqual({ BootstrapVersion: expect.anything() });
  });

  test('keeps the IDs of stateful resources', () => {
    const ids = (type: string) => Object.keys(template.findResources(type));
    expect(ids('AWS::EC2::VPC')).toEqual(['Network6E62CE96']);
    expect(ids('AWS::KMS::Key')).toEqual(['NetworkKey1D162FA0']);
    expect(ids('AWS::Logs::LogGroup')).toEqual([
      'NetworkFlowLogGroup4F8CEEEF', 'NetworkDefaultSecurityGroupFunctionLogBFB40923',
    ]);
    expect(ids('AWS::EC2::EIP')).toEqual(['NetworkPublicSubnet1EIP4549873D', 'NetworkPublicSubnet2EIP5A7F3C27']);
    expect(ids('AWS::EC2::Subnet')).toEqual([
      'NetworkPublicSubnet1SubnetBAFD76B4', 'NetworkPublicSubnet2SubnetCFA3CB04',
      'NetworkPrivateSubnet1Subnet80FBBF93', 'NetworkPrivateSubnet2SubnetF8FE1BD8',
      'NetworkDataSubnet1SubnetAD5EB0F3', 'NetworkDataSubnet2SubnetA42211D3',
    ]);
  });
});

describe('zones', () => {
  test('can be six', () => {
    const template = networkTemplate({ maxAzs: 6 });
    expect(tier(template, 'Data').at(-1)).toEqual(['10.0.26.0/24', { 'Fn::Select': [5, { 'Fn::GetAZs': '' }] }]);
    template.resourceCountIs('AWS::EC2::Subnet', 18);
  });

  test('can be set by name', () => {
    expect(tier(networkTemplate({ availabilityZones: ['us-east-1b', 'us-east-1d'] }), 'Private'))
      .toEqual([['10.0.11.0/24', 'us-east-1b'], ['10.0.12.0/24', 'us-east-1d']]);
  });

  test('can be set by names that are tokens', () => {
    const stack = newStack();
    const zone = new CfnParameter(stack, 'Zone', { type: 'AWS::EC2::AvailabilityZone::Name' });
    new HipaaVpc(stack, 'Network', { availabilityZones: [zone.valueAsString, 'us-east-1b'] });
    expect(tier(templateOf(stack), 'Public')).toEqual([
      ['10.0.1.0/24', { Ref: 'Zone' }],
      ['10.0.2.0/24', 'us-east-1b'],
    ]);
  });

  test('are not looked up, even if account and region are known', () => {
    const stack = newStack({ env: { account: '123456789012', region: 'eu-west-1' } });
    new HipaaVpc(stack, 'Network', { maxAzs: 3 });
    expect((stack.node.root as App).synth().manifest.missing).toBeUndefined();
    expect(tier(templateOf(stack), 'Public')[0]).toEqual(['10.0.1.0/24', FIRST_ZONE]);
  });
});

describe('changing a network', () => {
  const before = networkTemplate();

  /** The resources of a type that exist in both templates, before and after. */
  function kept(after: Template, type: string) {
    const old = before.findResources(type);
    return { old, now: Object.fromEntries(Object.entries(after.findResources(type)).filter(([id]) => id in old)) };
  }

  test.each([
    'AWS::EC2::VPC',
    'AWS::EC2::Subnet',
    'AWS::EC2::RouteTable',
    'AWS::EC2::Route',
    'AWS::EC2::EIP',
    'AWS::EC2::NatGateway',
    'AWS::EC2::FlowLog',
  ])('from two zones to three does not change any %s', (type) => {
    const { old, now } = kept(networkTemplate({ maxAzs: 3 }), type);
    expect(now).toEqual(old);
  });

  test('from two zones to three adds one subnet to each tier', () => {
    const after = networkTemplate({ maxAzs: 3 });
    const added = Object.entries(propertiesOf(after, 'AWS::EC2::Subnet')).filter(
      ([id]) => !(id in before.findResources('AWS::EC2::Subnet')),
    );
    expect(added.map(([, subnet]) => subnet.CidrBlock)).toEqual(['10.0.3.0/24', '10.0.13.0/24', '10.0.23.0/24']);
  });

  test.each<[string, HipaaVpcProps]>([
    ['a single NAT gateway', { nat: NatStrategy.single({ reason: 'development' }) }],
    ['a regional NAT gateway', { nat: NatStrategy.regional() }],
    ['no NAT gateway', { nat: NatStrategy.none() }],
    ['data subnets with egress', { dataSubnetEgress: { reason: 'a database function calls an API' } }],
    ['flow logs in a bucket', { flowLogs: FlowLogStorage.bucket() }],
  ])('to %s does not change subnets or route tables', (_, props) => {
    const after = networkTemplate(props);
    expect(after.findResources('AWS::EC2::Subnet')).toEqual(before.findResources('AWS::EC2::Subnet'));
    expect(after.findResources('AWS::EC2::RouteTable')).toEqual(before.findResources('AWS::EC2::RouteTable'));
    expect(after.findResources('AWS::EC2::VPC')).toEqual(before.findResources('AWS::EC2::VPC'));
  });

  test('to other gateways updates the routes instead of replacing them', () => {
    const ids = (template: Template) => Object.keys(template.findResources('AWS::EC2::Route'));
    expect(ids(networkTemplate({ nat: NatStrategy.regional() }))).toEqual(ids(before));
    expect(ids(networkTemplate({ nat: NatStrategy.single({ reason: 'development' }) }))).toEqual(ids(before));
  });
});

describe('data subnets', () => {
  test('reach the internet with dataSubnetEgress, with a warning', () => {
    const stack = newStack();
    const network = new HipaaVpc(stack, 'Network', {
      dataSubnetEgress: { reason: 'extensions call a license server' },
    });
    expect(defaultRoutes(network)).toMatchObject({ DataSubnet1: 'nat', DataSubnet2: 'nat' });
    Annotations.fromStack(stack).hasWarning('/Stack/Network',
      Match.stringLikeRegexp('the data subnets can reach the internet \\(reason given: extensions call a license '
        + 'server\\) \\[ack: cdk-hipaa:data-subnet-egress\\]'));
  });

  test('with egress remain the isolated subnets of the VPC, so that databases select them', () => {
    const network = new HipaaVpc(newStack(), 'Network', {
      dataSubnetEgress: { reason: 'extensions call a license server' },
    });
    expect(network.vpc.isolatedSubnets.map((subnet) => subnet.node.id)).toEqual(['DataSubnet1', 'DataSubnet2']);
    expect(network.vpc.privateSubnets.map((subnet) => subnet.node.id)).toEqual(['PrivateSubnet1', 'PrivateSubnet2']);
  });

  test('are isolated without a warning if dataSubnetEgress is undefined', () => {
    const stack = newStack();
    const network = new HipaaVpc(stack, 'Network', { dataSubnetEgress: undefined });
    expect(defaultRoutes(network)).toMatchObject({ DataSubnet1: 'none', DataSubnet2: 'none' });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('refusals', () => {
  const given = (stack: Stack, props: HipaaVpcProps) => () => new HipaaVpc(stack, 'Network', props);

  test.each([1, 7, 2.5])('%p zones', (count) => {
    expect(given(newStack(), { maxAzs: count })).toThrow('[Stack/Network] maxAzs must be an integer from 2 to 6, got '
      + `${count}. `
      + 'Use at least two zones, which a Multi-AZ database needs, and at most six, because no region has more.');
  });

  test('a number of zones that is known only at deployment', () => {
    const stack = newStack();
    const parameter = new CfnParameter(stack, 'Count', { type: 'Number' });
    expect(given(stack, { maxAzs: parameter.valueAsNumber })).toThrow(
      '[Stack/Network] maxAzs must be a number that is known at synthesis, got a token. '
      + 'Use a literal value, because the zones determine which resources exist.');
  });

  test('a list of zones that is known only at deployment', () => {
    expect(given(newStack(), { availabilityZones: Fn.getAzs() })).toThrow(
      '[Stack/Network] availabilityZones must be a list that is known at synthesis, got a token. '
      + 'Use a literal value, because the zones determine which resources exist.');
  });

  test('one named zone', () => {
    expect(given(newStack(), { availabilityZones: ['us-east-1a'] })).toThrow(
      '[Stack/Network] the number of availabilityZones must be an integer from 2 to 6, got 1. '
      + 'Use at least two zones, which a Multi-AZ database needs, and at most six, because no region has more.');
  });

  test('a zone named twice', () => {
    expect(given(newStack(), { availabilityZones: ['us-east-1a', 'us-east-1a'] })).toThrow(
      "[Stack/Network] availabilityZones must be a list without duplicates, got ['us-east-1a', 'us-east-1a']. Remove "
        + 'the repeated zone.');
  });

  test('both maxAzs and availabilityZones', () => {
    expect(given(newStack(), { availabilityZones: ['us-east-1a', 'us-east-1b'], maxAzs: 2 })).toThrow(
      '[Stack/Network] maxAzs must be left out when availabilityZones is set, got 2. Remove one of the two props.');
  });

  test('egress of the data subnets without a route to the internet', () => {
    expect(given(newStack(), { nat: NatStrategy.none(), dataSubnetEgress: { reason: 'updates' } })).toThrow(
      '[Stack/Network] nat must be a strategy with a route to the internet when dataSubnetEgress is set, got '
      + 'NatStrategy.none(). '
      + 'Remove dataSubnetEgress, or choose another NAT strategy.');
  });

  test.each<[unknown, string]>([
    [' ', "reason must be a non-blank string, got ' '. "
      + 'Say why it is acceptable that the data subnets can reach the internet.'],
    [undefined, 'dataSubnetEgress.reason must be a string, got undefined. State why the safeguard is not needed.'],
  ])('egress of the data subnets with %p as the reason', (reason, text) => {
    expect(given(newStack(), { dataSubnetEgress: { reason: reason as string } }))
      .toThrow(new Error(`[Stack/Network] ${text}`));
  });
});

test('null for the egress of the data subnets is refused', () => {
  expect(() => new HipaaVpc(newStack(), 'Network', { dataSubnetEgress: null } as unknown as HipaaVpcProps)).toThrow(
    new Error('[Stack/Network] dataSubnetEgress must be a RelaxationOptions object, got null. Leave it out.'));
});

describe('checks', () => {
  test.each<[string, HipaaVpcProps]>([
    ['defaults', {}],
    [
      'no NAT gateway',
      { nat: NatStrategy.none({ additionalEndpoints: [ec2.InterfaceVpcEndpointAwsService.SQS] }) },
    ],
    ['flow logs in a bucket', { flowLogs: FlowLogStorage.bucket(), nat: NatStrategy.regional() }],
  ])('the packs report no finding without an acknowledgement: %s', (_, props) => {
    const stack = newStack();
    new HipaaVpc(stack, 'Network', props);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('a route of the app to an internet gateway is still reported', () => {
    const stack = newStack();
    const network = new HipaaVpc(stack, 'Network');
    const subnet = network.vpc.privateSubnets[0];
    new ec2.CfnRoute(stack, 'Own', {
      routeTableId: subnet.routeTable.routeTableId,
      destinationCidrBlock: '0.0.0.0/0',
      gatewayId: network.vpc.internetGatewayId,
    });
    expect(nagFindings(stack)).toEqual([
      'HIPAA.Security-VPCNoUnrestrictedRouteToIGW at Stack/Own',
      'NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW at Stack/Own',
    ]);
  });

  test('the acknowledgement of each public route has a separate reason', () => {
    const stack = newStack();
    const network = new HipaaVpc(stack, 'Network', { maxAzs: 3 });
    const reasons = network.vpc.publicSubnets.flatMap((subnet) => subnet.node.findChild('DefaultRoute').node.metadata)
      .filter((entry) => entry.type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .map((entry) => Object.values(entry.data)[0]);
    expect([...new Set(reasons)]).toEqual(
      [1, 2, 3].map((zone) =>
        expect.stringContaining(`Public subnet ${zone} is for load balancers and NAT gateways`),
      ),
    );
  });

  test('CloudFormation Validate reports nothing', () => {
    const app = newApp({ '@aws-cdk/core:validateAgainstDefaultRules': true });
    new HipaaVpc(new Stack(app, 'Default'), 'Network');
    new HipaaVpc(new Stack(app, 'Named'), 'Network', {
      availabilityZones: ['us-east-1a', 'us-east-1b'],
      nat: NatStrategy.regional(),
    });
    new HipaaVpc(new Stack(app, 'None'), 'Network', { nat: NatStrategy.none(), flowLogs: FlowLogStorage.bucket() });
    expect(templateFindings(app)).toEqual([]);
  });
});

describe('apps', () => {
  test.each(['eu-west-1', 'us-gov-west-1', 'cn-north-1'])('in %s no context lookup is needed', (region) => {
    const stack = newStack({ env: { account: '123456789012', region } });
    new HipaaVpc(stack, 'Network', { nat: NatStrategy.none() });
    expect((stack.node.root as App).synth().manifest.missing).toBeUndefined();
    expect(JSON.stringify(templateOf(stack).toJSON())).not.toContain('arn:aws:');
  });

  test('one stack can contain two networks', () => {
    const stack = newStack();
    new HipaaVpc(stack, 'One');
    new HipaaVpc(stack, 'Two', { cidr: '10.1.0.0/16' });
    const template = templateOf(stack);
    template.resourceCountIs('AWS::EC2::VPC', 2);
    template.resourceCountIs('Custom::VpcRestrictDefaultSG', 2);
    template.resourceCountIs('AWS::EC2::FlowLog', 2);
  });

  test('a network can be in a stage', () => {
    const stack = new Stack(new Stage(newApp(), 'Production'), 'Stack');
    new HipaaVpc(stack, 'Network');
    templateOf(stack).hasResourceProperties('AWS::EC2::VPC', {
      Tags: [{ Key: 'Name', Value: 'Production/Stack/Network' }],
    });
  });

  test('another stack can use the network', () => {
    const app = newApp();
    const network = new HipaaVpc(new Stack(app, 'Base'), 'Network');
    const consumer = new Stack(app, 'Consumer');
    new ec2.InterfaceVpcEndpoint(consumer, 'Endpoint', {
      vpc: network.vpc, service: ec2.InterfaceVpcEndpointAwsService.SNS, subnets: network.privateTier,
    });
    templateOf(consumer).hasResourceProperties('AWS::EC2::VPCEndpoint', {
      SubnetIds: [
        { 'Fn::ImportValue': Match.stringLikeRegexp('PrivateSubnet1') },
        { 'Fn::ImportValue': Match.stringLikeRegexp('PrivateSubnet2') },
      ],
    });
  });

  test('aspects and tags of the app apply', () => {
    const stack = newStack();
    const visited: string[] = [];
    Aspects.of(stack).add({
      visit: (node: IConstruct) => {
        if (CfnResource.isCfnResource(node)) visited.push(node.cfnResourceType);
      },
    });
    Tags.of(stack).add('team', 'clinic');
    new HipaaVpc(stack, 'Network');
    templateOf(stack).allResourcesProperties('AWS::EC2::Subnet', {
      Tags: Match.arrayWith([{ Key: 'team', Value: 'clinic' }]),
    });
    expect(visited).toContain('AWS::EC2::FlowLog');
  });

  test('the feature flags of the app do not change the template', () => {
    const flags = {
      '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': false,
      '@aws-cdk/aws-s3:createDefaultLoggingPolicy': false,
      '@aws-cdk/aws-iam:minimizePolicies': false,
      '@aws-cdk/core:enablePartitionLiterals': false,
    };
    const stack = newStack({ context: flags });
    new HipaaVpc(stack, 'Network', { flowLogs: FlowLogStorage.bucket() });
    const withoutFlags = networkTemplate({ flowLogs: FlowLogStorage.bucket() });
    expect(templateOf(stack).findResources('AWS::EC2::FlowLog')).toEqual(
      withoutFlags.findResources('AWS::EC2::FlowLog'),
    );
    expect(Object.keys(templateOf(stack).toJSON().Resources)).toEqual(Object.keys(withoutFlags.toJSON().Resources));
  });
});
