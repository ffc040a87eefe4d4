import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import {
  EncryptedAuroraCluster, EncryptedDatabaseInstance, HipaaVpc, SecureFargateService, SecureLoadBalancer, ServiceCluster,
  SsmBastion, WebEndpoint,
} from '../../src';
import { newApp, newStack, templateOf } from '../support/app';

const IMAGE = ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3');
const ARM = ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MICRO);
const POSTGRES = rds.PostgresEngineVersion.VER_16_8;

function certificate(scope: Construct): acm.ICertificate {
  return acm.Certificate.fromCertificateArn(scope, 'Certificate', 'arn:aws:acm:us-east-1:111122223333:certificate/abc');
}

/** Constructs that accept a VPC, by name. */
const CONSUMERS: Record<string, (scope: Construct, vpc: ec2.IVpc) => void> = {
  // aws-cdk-lib
  SecurityGroup: (scope, vpc) => new ec2.SecurityGroup(scope, 'Consumer', { vpc, allowAllOutbound: false }),
  Instance: (scope, vpc) =>
    new ec2.Instance(scope, 'Consumer', {
      vpc,
      instanceType: ARM,
      machineImage: ec2.MachineImage.genericLinux({ 'us-east-1': 'ami-0123456789abcdef0' }),
    }),
  Function: (scope, vpc) =>
    new lambda.Function(scope, 'Consumer', {
      vpc,
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = 1;'),
    }),
  DatabaseInstance: (scope, vpc) =>
    new rds.DatabaseInstance(scope, 'Consumer', {
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      engine: rds.DatabaseInstanceEngine.postgres({ version: POSTGRES }),
    }),
  DatabaseCluster: (scope, vpc) =>
    new rds.DatabaseCluster(scope, 'Consumer', {
      vpc,
      vpcSubnets: { subnetGroupName: 'Data' },
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 }),
      writer: rds.ClusterInstance.serverlessV2('Writer'),
    }),
  ApplicationLoadBalancer: (scope, vpc) => {
    const balancer = new elbv2.ApplicationLoadBalancer(scope, 'Consumer', { vpc, internetFacing: true });
    balancer
      .addListener('Listener', { port: 80, open: false })
      .addTargets('Targets', { port: 8080, protocol: elbv2.ApplicationProtocol.HTTP });
  },
  NetworkLoadBalancer: (scope, vpc) => new elbv2.NetworkLoadBalancer(scope, 'Consumer', { vpc }),
  FargateService: (scope, vpc) => {
    const taskDefinition = new ecs.FargateTaskDefinition(scope, 'Task');
    taskDefinition.addContainer('App', { image: IMAGE });
    new ecs.FargateService(scope, 'Service', { cluster: new ecs.Cluster(scope, 'Consumer', { vpc }), taskDefinition });
  },
  InterfaceVpcEndpoint: (scope, vpc) =>
    new ec2.InterfaceVpcEndpoint(scope, 'Consumer', {
      vpc,
      service: ec2.InterfaceVpcEndpointAwsService.SNS,
      subnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    }),
  GatewayVpcEndpoint: (scope, vpc) =>
    new ec2.GatewayVpcEndpoint(scope, 'Consumer', { vpc, service: ec2.GatewayVpcEndpointAwsService.DYNAMODB }),
  FlowLog: (scope, vpc) => new ec2.FlowLog(scope, 'Consumer', { resourceType: ec2.FlowLogResourceType.fromVpc(vpc) }),
  NetworkAcl: (scope, vpc) =>
    new ec2.NetworkAcl(scope, 'Consumer', { vpc, subnetSelection: { subnetGroupName: 'Data' } }),
  PrivateHostedZone: (scope, vpc) =>
    new route53.PrivateHostedZone(scope, 'Consumer', { vpc, zoneName: 'clinic.internal' }),
  FileSystem: (scope, vpc) => new efs.FileSystem(scope, 'Consumer', { vpc }),
  // this library
  EncryptedAuroraCluster: (scope, vpc) =>
    new EncryptedAuroraCluster(scope, 'Consumer', {
      vpc,
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 }),
    }),
  EncryptedDatabaseInstance: (scope, vpc) =>
    new EncryptedDatabaseInstance(scope, 'Consumer', {
      vpc,
      engine: rds.DatabaseInstanceEngine.postgres({ version: POSTGRES }),
    }),
  SecureLoadBalancer: (scope, vpc) =>
    new SecureLoadBalancer(scope, 'Consumer', { vpc, endpoint: WebEndpoint.certificate(certificate(scope)) }),
  SecureFargateService: (scope, vpc) => new SecureFargateService(scope, 'Consumer', { vpc, image: IMAGE }),
  ServiceCluster: (scope, vpc) => new ServiceCluster(scope, 'Consumer', { vpc }),
  SsmBastion: (scope, vpc) => new SsmBastion(scope, 'Consumer', { vpc }),
};

/** The templates of an app with a network and a consumer, in one stack or in two. */
function templates(
  consume: (scope: Construct, vpc: ec2.IVpc) => void,
  pick: (network: HipaaVpc) => ec2.IVpc,
  stacks: 1 | 2,
): unknown[] {
  const app = newApp();
  const base = new Stack(app, 'Base');
  const network = new HipaaVpc(base, 'Network');
  const consumer = stacks === 1 ? base : new Stack(app, 'Consumer');
  consume(consumer, pick(network));
  return app.synth().stacks.map(({ template }) => template);
}

describe.each([1, 2] as const)(
  'vpc: network gives the same templates as vpc: network.vpc, in %d stack(s)',
  (stacks) => {
    test.each(Object.entries(CONSUMERS))('%s', (_, consume) => {
      expect(templates(consume, (network) => network, stacks)).toEqual(
        templates(consume, (network) => network.vpc, stacks),
      );
    });
  },
);

describe('the members of ec2.IVpc', () => {
  /** Replaces a construct by its path, which can be resolved and compared. */
  const described = (value: unknown) => (Construct.isConstruct(value) ? value.node.path : value);

  /** The names of the members of ec2.Vpc and of its base classes below Construct. */
  function membersOf(vpc: ec2.Vpc): string[] {
    const names = new Set<string>();
    for (
      let proto = Object.getPrototypeOf(vpc);
      proto.constructor.name !== 'Construct';
      proto = Object.getPrototypeOf(proto)
    ) {
      Object.getOwnPropertyNames(proto).forEach((name) => names.add(name));
    }
    return [...names].sort();
  }

  const stack = newStack();
  const network = new HipaaVpc(stack, 'Network');
  const { vpc } = network;

  test.each([
    'vpcId',
    'vpcArn',
    'vpcCidrBlock',
    'vpcRef',
    'publicSubnets',
    'privateSubnets',
    'isolatedSubnets',
    'availabilityZones',
    'env',
  ] as const)('%s equals that of the wrapped VPC', (name) => {
    expect(stack.resolve([network[name]].flat().map(described))).toEqual(
      stack.resolve([vpc[name]].flat().map(described)),
    );
    expect([network[name]].flat().length).toBeGreaterThan(0);
  });

  test.each(['stack', 'internetConnectivityEstablished'] as const)('%s equals that of the wrapped VPC', (name) => {
    expect(network[name] === vpc[name]).toBe(true);
  });

  test('include every method of ec2.Vpc that is in the interface', () => {
    const implementation = ['constructor', 'with', 'physicalName', 'addS3Endpoint', 'addDynamoDbEndpoint'];
    const isPrivate =
      /^_|^(create|calculate|restrict|resolve|reify|apply(?!RemovalPolicy)|generate|getResource)|^selectSubnetObjects/;
    const missing = membersOf(vpc).filter(
      (name) => !(name in network) && !implementation.includes(name) && !isPrivate.test(name),
    );
    expect(missing).toEqual([]);
  });

  test('select the subnets of each tier', () => {
    const selected = [network.publicTier, network.privateTier, network.dataTier].map(
      (tier) => network.selectSubnets(tier).subnets,
    );
    expect(selected.map((subnets) => subnets.map(described))).toEqual(
      [network.publicSubnets, network.privateSubnets, network.isolatedSubnets].map((subnets) => subnets.map(described)),
    );
    expect(network.selectSubnets().subnets.map(described)).toEqual(network.privateSubnets.map(described));
  });
});

describe('the methods of ec2.IVpc', () => {
  /** The template of a network after a call of one method. */
  function after(act: (vpc: ec2.IVpc) => unknown, pick: (network: HipaaVpc) => ec2.IVpc): unknown {
    const stack = newStack();
    act(pick(new HipaaVpc(stack, 'Network')));
    return templateOf(stack).toJSON();
  }

  test.each<[string, (vpc: ec2.IVpc) => unknown]>([
    ['enableVpnGateway', (vpc) => vpc.enableVpnGateway({ type: ec2.VpnConnectionType.IPSEC_1 })],
    ['addVpnConnection', (vpc) => vpc.addVpnConnection('Partner', { ip: '203.0.113.5' })],
    [
      'addClientVpnEndpoint',
      (vpc) =>
        vpc.addClientVpnEndpoint('Staff', {
          cidr: '10.200.0.0/16',
          serverCertificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/abc',
          logging: false,
          clientCertificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/def',
        }),
    ],
    ['addGatewayEndpoint', (vpc) => vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3 })],
    [
      'addInterfaceEndpoint',
      (vpc) => vpc.addInterfaceEndpoint('Sns', { service: ec2.InterfaceVpcEndpointAwsService.SNS }),
    ],
    ['addFlowLog', (vpc) => vpc.addFlowLog('Rejected', { trafficType: ec2.FlowLogTrafficType.REJECT })],
    ['applyRemovalPolicy', (vpc) => vpc.applyRemovalPolicy(RemovalPolicy.RETAIN)],
  ])('%s changes the template as it does on the wrapped VPC', (_, act) => {
    const changed = after(act, (network) => network);
    expect(changed).toEqual(after(act, (network) => network.vpc));
    expect(changed).not.toEqual(
      after(
        () => undefined,
        (network) => network,
      ),
    );
  });

  test('vpnGatewayId is undefined until there is a VPN gateway', () => {
    const stack = newStack();
    const network = new HipaaVpc(stack, 'Network');
    expect(network.vpnGatewayId).toBeUndefined();
    network.enableVpnGateway({ type: ec2.VpnConnectionType.IPSEC_1 });
    expect(stack.resolve(network.vpnGatewayId)).toEqual({ Ref: expect.stringMatching(/^NetworkVpnGateway/) });
  });
});
