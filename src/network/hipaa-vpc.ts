import { Fn, Tags, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ClosedDefaultGroup } from './closed-default-group';
import { DelegatingVpc } from './delegating-vpc';
import { FlowLogStorage, FlowLogTarget } from './flow-log-storage';
import { NatStrategy } from './nat-strategy';
import { NetworkAlarms, NetworkWatch } from './network-alarms';
import { flowLogMetric, natWidget } from './network-monitoring';
import { PrivateEndpoints } from './private-endpoints';
import { SubnetPlan, Tier } from './subnet-plan';
import { vpcWithoutLookup } from './vpc-without-lookup';
import { requireZoneCount, requireZones } from './zone-names';
import { acknowledge } from '../core/acknowledge';
import { checkProps } from '../core/check-props';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatchable } from '../core/monitored-mark';
import { refuse, requireInteger, Situation } from '../core/refusal';
import { relax, RelaxationOptions } from '../core/relaxation';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

/** The default CIDR block, a private one: RFC 1918. */
const DEFAULT_CIDR = '10.0.0.0/16';
/** A Multi-AZ database and a load balancer need two zones. */
const DEFAULT_ZONE_COUNT = 2;
const MIN_ZONES = 2;
/** No region has more: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html */
const MAX_ZONES = 6;

/** Properties of `HipaaVpc`. */
export interface HipaaVpcProps {
  /**
   * The CIDR block of the VPC: a private block (RFC 1918 or RFC 6598) from /16 to /20, known at synthesis.
   *
   * The address must be the first address of the block. Subnets are /24, or /25 in a /20 block. A change replaces the
   * VPC and everything in it.
   * @default '10.0.0.0/16'
   */
  readonly cidr?: string;
  /**
   * The number of availability zones: an integer from 2 to 6, known at synthesis.
   *
   * The zones are the first zones of the region. A higher number adds subnets and does not replace existing ones. Most
   * regions have three zones. A number above the number of zones of the region is refused. In a stack without a region,
   * and in an account that has access to fewer zones, the deployment fails instead.
   * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
   * @default 2
   */
  readonly maxAzs?: number;
  /**
   * The availability zones by name, 2 to 6 of them.
   *
   * Use it if the first zones of the region are not suitable. Zone names belong to one account: `us-east-1a` can be
   * another zone in another account. A changed name replaces the subnets of that zone. Add new zones at the end. Zones
   * of two regions, of a region other than that of the stack, or of a region that aws-cdk-lib does not know, are
   * refused, and so are Local Zones and Wavelength Zones. Not allowed together with `maxAzs`.
   * @default - the first `maxAzs` zones of the region
   */
  readonly availabilityZones?: string[];
  /**
   * How the private subnets reach the internet.
   * @default NatStrategy.onePerAz()
   */
  readonly nat?: NatStrategy;
  /**
   * Routes the data subnets to the NAT gateways. Not allowed together with `NatStrategy.none()`.
   * @default - the data subnets are isolated: they reach only the VPC, which is enough for databases
   */
  readonly dataSubnetEgress?: RelaxationOptions;
  /**
   * The storage of the flow logs.
   * @default FlowLogStorage.cloudWatchLogs()
   */
  readonly flowLogs?: FlowLogStorage;
  /**
   * The KMS key that encrypts the flow logs.
   *
   * It also encrypts the log and the environment of the function that removes the rules of the default security group.
   * The construct adds the statements that CloudWatch Logs and log delivery need to the key policy. The policy of an
   * imported key must already contain them. An alias and a key of another region are refused.
   * @default - the network creates a key that rotates
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * The alarms that `WorkloadMonitoring` creates when it watches the network.
   * @default NetworkAlarms.essential()
   */
  readonly alarms?: NetworkAlarms;
}

/**
 * Creates a VPC with public, private and data subnets in two or more availability zones.
 *
 * The construct implements `ec2.IVpc`: pass it as the `vpc` of any construct. Flow logs record all traffic, the default
 * security group allows no traffic, and no subnet assigns public IP addresses. Subnets keep their addresses when zones
 * are added or the NAT strategy changes. The construct needs no account, no region and no context lookup.
 *
 * @example
 * declare const postgres: rds.IInstanceEngine;
 *
 * const network = new HipaaVpc(this, 'Network', { maxAzs: 3 });
 * new EncryptedDatabaseInstance(this, 'Database', { vpc: network, engine: postgres });
 */
export class HipaaVpc extends DelegatingVpc implements IMonitored {
  /** The wrapped VPC. With any routes, `privateSubnets` is the private tier and `isolatedSubnets` is the data tier. */
  public readonly vpc: ec2.Vpc;
  /** The flow log of all traffic. */
  public readonly flowLog: ec2.FlowLog;
  /** The log group of the flow log. Undefined if the flow log writes to a bucket. */
  public readonly flowLogGroup?: logs.LogGroup;
  /** The bucket of the flow log. Undefined if the flow log writes to a log group. */
  public readonly flowLogBucket?: s3.IBucket;
  /** The key that encrypts the flow logs. Undefined if the flow log writes to your own bucket. */
  public readonly encryptionKey?: kms.IKey;
  /** The NAT gateways: one per zone, one, or none. */
  public readonly natGateways: ec2.CfnNatGateway[];
  /**
   * The interface endpoints of `NatStrategy.none()` by short service name: `ecr.api`, `logs`, `secretsmanager`.
   *
   * Empty for any other strategy.
   */
  public readonly endpoints: { [service: string]: ec2.InterfaceVpcEndpoint };
  /** The S3 gateway endpoint of `NatStrategy.none()`. Undefined for any other strategy. */
  public readonly s3Endpoint?: ec2.GatewayVpcEndpoint;
  /** Selects the public subnets: internet-facing load balancers and NAT gateways. */
  public readonly publicTier: ec2.SubnetSelection = { subnetGroupName: 'Public' };
  /** Selects the private subnets: services and functions. */
  public readonly privateTier: ec2.SubnetSelection = { subnetGroupName: 'Private' };
  /** Selects the data subnets: databases and caches. */
  public readonly dataTier: ec2.SubnetSelection = { subnetGroupName: 'Data' };

  private readonly watch: () => NetworkWatch;

  constructor(scope: Construct, id: string, props: HipaaVpcProps = {}) {
    super(scope, id);
    checkProps(this, 'HipaaVpcProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    const nat = props.nat ?? NatStrategy.onePerAz();
    const zones = this.chooseZones(props);
    const plan = SubnetPlan.of(this, props.cidr ?? DEFAULT_CIDR);

    this.vpc = this.defineVpc(plan, zones);
    this.acknowledgePublicRoutes();
    this.natGateways = this.defineNat(nat, this.chooseNatTiers(nat, props.dataSubnetEgress));
    const endpoints = nat._reachesInternet ? undefined : this.defineEndpoints(nat);
    const flowLogs = (props.flowLogs ?? FlowLogStorage.cloudWatchLogs())._bind(this, props.encryptionKey);
    this.flowLog = this.defineFlowLog(flowLogs);
    new ClosedDefaultGroup(this, 'DefaultSecurityGroup', { vpc: this.vpc, encryptionKey: flowLogs.encryptionKey });

    this.flowLogGroup = flowLogs.logGroup;
    this.flowLogBucket = flowLogs.bucket;
    this.encryptionKey = flowLogs.encryptionKey;
    this.endpoints = endpoints?.interfaces ?? {};
    this.s3Endpoint = endpoints?.s3;
    const parts = { vpc: this.vpc, gateways: this.natGateways, logGroup: this.flowLogGroup };
    this.watch = (props.alarms ?? NetworkAlarms.essential())._bind(this, parts);
  }

  /** Returns the alarms and graphs of the NAT gateways and the flow logs that `alarms` selects. */
  public monitoringPlan(): MonitoringPlan {
    const gateways = this.natGateways;
    const flowLog = this.flowLogGroup;
    const { alarms, widgets } = this.watch();
    return {
      title: `Network ${this.node.path}`,
      alarms,
      widgets: [
        ...(gateways.length > 0 ? [
          natWidget('Bytes to the internet', gateways, 'BytesOutToDestination'),
          natWidget('Open connections to the internet', gateways, 'ActiveConnectionCount', cloudwatch.Stats.MAXIMUM),
        ] : []),
        ...(flowLog ? [
          new cloudwatch.GraphWidget({ title: 'Flow log records', left: [flowLogMetric(flowLog)], width: 12 }),
        ] : []),
        ...widgets,
      ],
    };
  }

  private chooseZones(props: HipaaVpcProps): string[] {
    const { maxAzs: count = DEFAULT_ZONE_COUNT, availabilityZones: named } = props;
    if (named && props.maxAzs !== undefined) {
      const allowed = 'left out when availabilityZones is set';
      refuse(this, { prop: 'maxAzs', given: count, allowed, change: 'remove one of the two props' });
    }
    if (Token.isUnresolved(named ?? count)) {
      refuse(this, {
        prop: named ? 'availabilityZones' : 'maxAzs',
        given: named ?? count,
        allowed: named ? 'a list that is known at synthesis' : 'a number that is known at synthesis',
        change: 'use a literal value, because the zones determine which resources exist',
      });
    }
    const countProp = named ? 'the number of availabilityZones' : 'maxAzs';
    requireInteger(this, countProp, named?.length ?? count, MIN_ZONES, MAX_ZONES,
      'use at least two zones, which a Multi-AZ database needs, and at most six, because no region has more');
    if (named && new Set(named).size < named.length) {
      refuse(this, {
        prop: 'availabilityZones',
        given: named,
        allowed: 'a list without duplicates',
        change: 'remove the repeated zone',
      });
    }
    if (named) requireZones(this, named);
    else requireZoneCount(this, count);
    return named ?? Array.from({ length: count }, (_, zone) => Fn.select(zone, Fn.getAzs()));
  }

  private defineVpc(plan: SubnetPlan, zones: string[]): ec2.Vpc {
    const tier = (name: Tier, subnetType: ec2.SubnetType, more: Partial<ec2.SubnetConfiguration> = {}) =>
      ({ name, subnetType, ...more });
    const vpc = vpcWithoutLookup(this, 'Resource', {
      vpcName: this.node.path,
      ipProtocol: ec2.IpProtocol.IPV4_ONLY,
      ipAddresses: plan,
      availabilityZones: zones,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      defaultInstanceTenancy: ec2.DefaultInstanceTenancy.DEFAULT,
      // The function of aws-cdk-lib has an inline policy and an AWS managed policy. See ClosedDefaultGroup.
      restrictDefaultSecurityGroup: false,
      natGateways: 0,
      // Constructs find subnets by this type, and a tag of each subnet contains it, so it is the same for any routes.
      subnetConfiguration: [
        tier('Public', ec2.SubnetType.PUBLIC, { mapPublicIpOnLaunch: false }),
        tier('Private', ec2.SubnetType.PRIVATE_WITH_EGRESS),
        tier('Data', ec2.SubnetType.PRIVATE_ISOLATED),
      ],
    });
    for (const subnet of [...vpc.publicSubnets, ...vpc.privateSubnets, ...vpc.isolatedSubnets]) {
      Tags.of(subnet).add('Name', `${this.node.path}/${subnet.node.id}`);
      if (Token.isUnresolved(subnet.availabilityZone)) continue;
      const reason = `The app itself names the zone of ${subnet.node.id}, through availabilityZones`;
      acknowledge(subnet, { rules: ['CloudFormation-Validate::W3010'], reason });
    }
    return vpc;
  }

  private acknowledgePublicRoutes(): void {
    this.vpc.publicSubnets.forEach((subnet, zone) => acknowledge(subnet.node.findChild('DefaultRoute'), {
      rules: ['HIPAA.Security-VPCNoUnrestrictedRouteToIGW', 'NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW'],
      reason: `Public subnet ${zone + 1} is for load balancers and NAT gateways, which need this route to the `
        + 'internet gateway; the subnet assigns no public IP addresses, and services and databases are in the private '
        + 'and data subnets',
    }));
  }

  private chooseNatTiers(nat: NatStrategy, egress: RelaxationOptions | undefined): ec2.ISubnet[][] {
    if (!egress) return [this.vpc.privateSubnets];
    if (!nat._reachesInternet) {
      refuse(this, {
        prop: 'nat',
        given: new Situation('NatStrategy.none()'),
        allowed: 'a strategy with a route to the internet when dataSubnetEgress is set',
        change: 'remove dataSubnetEgress, or choose another NAT strategy',
      });
    }
    relax(this, { id: 'data-subnet-egress', what: 'the data subnets can reach the internet', reason: egress.reason });
    return [this.vpc.privateSubnets, this.vpc.isolatedSubnets];
  }

  private defineNat(nat: NatStrategy, tiers: ec2.ISubnet[][]): ec2.CfnNatGateway[] {
    const { vpc } = this;
    const publicSubnets = vpc.publicSubnets as ec2.PublicSubnet[];
    const gateways = nat._gatewayOfEachZone({ scope: this, vpc, publicSubnets });
    for (const subnets of tiers) {
      gateways.forEach((gateway, zone) => (subnets[zone] as ec2.PrivateSubnet).addDefaultNatRoute(gateway.ref));
    }
    return [...new Set(gateways)];
  }

  private defineEndpoints(nat: NatStrategy): PrivateEndpoints {
    return new PrivateEndpoints(this, 'Endpoints', {
      vpc: this.vpc,
      subnets: this.vpc.privateSubnets,
      additional: nat._additionalEndpoints,
      options: nat._endpointOptions,
    });
  }

  private defineFlowLog(target: FlowLogTarget): ec2.FlowLog {
    const flowLog = new ec2.FlowLog(this, 'FlowLog', {
      resourceType: ec2.FlowLogResourceType.fromVpc(this.vpc),
      trafficType: ec2.FlowLogTrafficType.ALL,
      maxAggregationInterval: ec2.FlowLogMaxAggregationInterval.TEN_MINUTES,
      destination: target.destination,
    });
    flowLog.node.addDependency(...target.ready);
    return flowLog;
  }
}
