import { Fn, Stack, Tags, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DataSubnets } from './data-subnets';
import { FlowLogStorage, FlowLogTarget } from './flow-log-storage';
import { NatStrategy } from './nat-strategy';
import { NetworkAlarms, NetworkWatch } from './network-alarms';
import { flowLogMetric, natWidget } from './network-monitoring';
import { PrivateEndpoints } from './private-endpoints';
import { SubnetPlan, Tier } from './subnet-plan';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';
import { acknowledge } from '../core/acknowledge';
import { pinFeatureFlags } from '../core/feature-flags';
import { refuse, requireInteger, Situation } from '../core/refusal';
import { declareWatchable } from '../core/monitored-mark';

/** The block of a VPC of which nothing else is said: RFC 1918. */
const DEFAULT_CIDR = '10.0.0.0/16';
/** A database in several zones, and a load balancer, need two. */
const DEFAULT_ZONE_COUNT = 2;
const LEAST_ZONES = 2;
/** No region has more: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html */
const MOST_ZONES = 6;

/** What a network for PHI is made of. */
export interface HipaaVpcProps {
  /**
   * The addresses of the VPC: a private block (RFC 1918 or RFC 6598) of /16 to /20 that starts at its own first address,
   * known at synthesis. Subnets are /24, in a block of /20 they are /25. Changing it replaces the VPC and everything in it.
   * @default '10.0.0.0/16'
   */
  readonly cidr?: string;
  /**
   * In how many zones there are subnets: 2 to 6, known at synthesis. Raising it adds subnets and replaces none. The zones are
   * the first ones of the region; most regions have three, and the deployment of one zone too many fails.
   * @default 2
   */
  readonly maxAzs?: number;
  /**
   * The zones by name, 2 to 6 of them, where the first ones of the region do not fit. Names are those of one account: another
   * account's `us-east-1a` may be another zone. Changing a name replaces that zone's subnets; append new zones at the end.
   * Refused together with `maxAzs`.
   * @default - the first zones of the region, `maxAzs` of them
   */
  readonly availabilityZones?: string[];
  /**
   * How the private subnets reach the internet, if they do.
   * @default NatStrategy.onePerAz()
   */
  readonly nat?: NatStrategy;
  /**
   * Whether the subnets that hold databases have a way out to the internet.
   * @default DataSubnets.isolated()
   */
  readonly dataSubnets?: DataSubnets;
  /**
   * Where the record of all traffic goes.
   * @default FlowLogStorage.cloudWatchLogs()
   */
  readonly flowLogs?: FlowLogStorage;
  /**
   * The key that encrypts the flow logs. The policy that CloudWatch Logs (or log delivery) needs is added to it, unless it is
   * imported: then its policy has to be right already.
   * @default - a rotating key of the network's own
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * What somebody is told about, once `Monitoring` watches the network.
   * @default NetworkAlarms.essential()
   */
  readonly alarms?: NetworkAlarms;
}

/**
 * A network for PHI: public subnets for what faces the internet, private ones for what runs, data subnets for what holds
 * the data, in two zones or more.
 *
 * All traffic is recorded, the default security group lets nothing in or out, nothing gets a public address by itself, and
 * subnets keep their addresses when zones are added or the way to the internet changes. Neither account nor region has to be
 * known, and no zone is looked up.
 */
export class HipaaVpc extends Construct implements IMonitored {
  /** The VPC. Its private subnets are the private tier, its isolated subnets are the data tier, whatever their routes. */
  public readonly vpc: ec2.Vpc;
  /** The record of all traffic. */
  public readonly flowLog: ec2.FlowLog;
  /** The log group that the flow log writes into, unless it writes into a bucket. */
  public readonly flowLogGroup?: logs.LogGroup;
  /** The bucket that the flow log writes into, unless it writes into a log group. */
  public readonly flowLogBucket?: s3.IBucket;
  /** The key that encrypts the flow logs, unless they go into a bucket that was given. */
  public readonly encryptionKey?: kms.IKey;
  /** The NAT gateways: one per zone, one, or none. */
  public readonly natGateways: ec2.CfnNatGateway[];
  /** The interface endpoints that `NatStrategy.none` makes, by the short name of the service: `ecr.api`, `logs`, `secretsmanager`. Empty otherwise. */
  public readonly endpoints: { [service: string]: ec2.InterfaceVpcEndpoint };
  /** The S3 endpoint that `NatStrategy.none` makes. */
  public readonly s3Endpoint?: ec2.GatewayVpcEndpoint;
  /** The public subnets: internet-facing load balancers and NAT gateways. */
  public readonly publicSubnets: ec2.SubnetSelection = { subnetGroupName: 'Public' };
  /** The private subnets: services and functions. */
  public readonly privateSubnets: ec2.SubnetSelection = { subnetGroupName: 'Private' };
  /** The data subnets: databases and caches. */
  public readonly dataSubnets: ec2.SubnetSelection = { subnetGroupName: 'Data' };

  private readonly watch: () => NetworkWatch;

  constructor(scope: Construct, id: string, props: HipaaVpcProps = {}) {
    super(scope, id);
    pinFeatureFlags(this);
    declareWatchable(this);
    const nat = props.nat ?? NatStrategy.onePerAz();
    const dataSubnets = props.dataSubnets ?? DataSubnets.isolated();
    this.refuseEgressWithoutWay(nat, dataSubnets);
    const zones = this.chooseZones(props);
    const plan = SubnetPlan.of(this, props.cidr ?? DEFAULT_CIDR);

    this.vpc = this.defineVpc(plan, zones);
    this.acknowledgePublicRoutes();
    this.natGateways = this.defineNat(nat, dataSubnets);
    const endpoints = nat._reachesInternet ? undefined : this.defineEndpoints(nat);
    const flowLogs = (props.flowLogs ?? FlowLogStorage.cloudWatchLogs())._bind(this, props.encryptionKey);
    this.flowLog = this.defineFlowLog(flowLogs);

    this.flowLogGroup = flowLogs.logGroup;
    this.flowLogBucket = flowLogs.bucket;
    this.encryptionKey = flowLogs.encryptionKey;
    this.endpoints = endpoints?.interfaces ?? {};
    this.s3Endpoint = endpoints?.s3;
    this.watch = (props.alarms ?? NetworkAlarms.essential())._bind(this, { vpc: this.vpc, gateways: this.natGateways, logGroup: this.flowLogGroup });
  }

  /** Failing and dropped connections at the NAT gateways, flow logs that fall silent, and what `alarms` adds. */
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
        ...(flowLog ? [new cloudwatch.GraphWidget({ title: 'Flow log records', left: [flowLogMetric(flowLog)], width: 12 })] : []),
        ...widgets,
      ],
    };
  }

  private refuseEgressWithoutWay(nat: NatStrategy, dataSubnets: DataSubnets): void {
    if (nat._reachesInternet || !dataSubnets._egress) return;
    refuse(this, {
      prop: 'dataSubnets',
      given: new Situation('DataSubnets.withEgress'),
      allowed: 'isolated while nat is NatStrategy.none',
      change: 'leave dataSubnets out, or choose another NAT strategy',
    });
  }

  private chooseZones(props: HipaaVpcProps): string[] {
    const { maxAzs: count = DEFAULT_ZONE_COUNT, availabilityZones: named } = props;
    if (named && props.maxAzs !== undefined) {
      refuse(this, {
        prop: 'maxAzs',
        given: count,
        allowed: 'nothing beside availabilityZones',
        change: 'leave one of the two out',
      });
    }
    if (Token.isUnresolved(named ?? count)) {
      refuse(this, {
        prop: named ? 'availabilityZones' : 'maxAzs',
        given: named ?? count,
        allowed: 'a value known at synthesis',
        change: 'write it out, since it decides which resources there are',
      });
    }
    requireInteger(this, named ? 'the number of availabilityZones' : 'maxAzs', named?.length ?? count, LEAST_ZONES, MOST_ZONES,
      'pass one in that range, since a database in several zones needs two, and no region has more than six');
    if (named && new Set(named).size < named.length) {
      refuse(this, { prop: 'availabilityZones', given: named, allowed: 'each zone once', change: 'remove the repeated zone' });
    }
    return named ?? Array.from({ length: count }, (_, zone) => Fn.select(zone, Fn.getAzs()));
  }

  private defineVpc(plan: SubnetPlan, zones: string[]): ec2.Vpc {
    const tier = (name: Tier, subnetType: ec2.SubnetType, more: Partial<ec2.SubnetConfiguration> = {}) => ({ name, subnetType, ...more });
    const vpc = withoutZoneLookUp(Stack.of(this), () => new ec2.Vpc(this, 'Resource', {
      vpcName: this.node.path,
      ipProtocol: ec2.IpProtocol.IPV4_ONLY,
      ipAddresses: plan,
      availabilityZones: zones,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      defaultInstanceTenancy: ec2.DefaultInstanceTenancy.DEFAULT,
      restrictDefaultSecurityGroup: true,
      natGateways: 0,
      // A tier's type is what others find it by, and stands in a tag of its subnets: it stays the same whatever the routes are.
      subnetConfiguration: [
        tier('Public', ec2.SubnetType.PUBLIC, { mapPublicIpOnLaunch: false }),
        tier('Private', ec2.SubnetType.PRIVATE_WITH_EGRESS),
        tier('Data', ec2.SubnetType.PRIVATE_ISOLATED),
      ],
    }));
    for (const subnet of [...vpc.publicSubnets, ...vpc.privateSubnets, ...vpc.isolatedSubnets]) {
      Tags.of(subnet).add('Name', `${this.node.path}/${subnet.node.id}`);
      if (!Token.isUnresolved(subnet.availabilityZone)) {
        acknowledge(subnet, { rules: ['CloudFormation-Validate::W3010'], reason: `The app itself names the zone of ${subnet.node.id}, through availabilityZones` });
      }
    }
    return vpc;
  }

  private acknowledgePublicRoutes(): void {
    this.vpc.publicSubnets.forEach((subnet, zone) => acknowledge(subnet.node.findChild('DefaultRoute'), {
      rules: ['HIPAA.Security-VPCNoUnrestrictedRouteToIGW', 'NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW'],
      reason: `Public subnet ${zone + 1} holds only what has to face the internet (load balancers, NAT gateways), which is unreachable without this route; `
        + 'nothing in it gets a public address by itself, and what holds PHI stands in the private and data subnets',
    }));
  }

  private defineNat(nat: NatStrategy, dataSubnets: DataSubnets): ec2.CfnNatGateway[] {
    const { vpc } = this;
    const gateways = nat._gatewayOfEachZone({ scope: this, vpc, publicSubnets: vpc.publicSubnets as ec2.PublicSubnet[] });
    dataSubnets._announce(this);
    const tiers = dataSubnets._egress ? [vpc.privateSubnets, vpc.isolatedSubnets] : [vpc.privateSubnets];
    for (const subnets of tiers) {
      gateways.forEach((gateway, zone) => (subnets[zone] as ec2.PrivateSubnet).addDefaultNatRoute(gateway.ref));
    }
    return [...new Set(gateways)];
  }

  private defineEndpoints(nat: NatStrategy): PrivateEndpoints {
    return new PrivateEndpoints(this, 'Endpoints', { vpc: this.vpc, subnets: this.vpc.privateSubnets, additional: nat._additionalEndpoints });
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

/**
 * Makes a VPC whose zones are given.
 *
 * ec2.Vpc asks the stack for its zones even then, only to compare: with account and region known, that starts a look-up
 * that needs credentials and pins its answer in cdk.context.json. The stack answers here that it knows of none.
 */
function withoutZoneLookUp(stack: Stack, make: () => ec2.Vpc): ec2.Vpc {
  const own = Object.getOwnPropertyDescriptor(stack, 'availabilityZones');
  Object.defineProperty(stack, 'availabilityZones', { configurable: true, value: [] });
  try {
    return make();
  } finally {
    Reflect.deleteProperty(stack, 'availabilityZones');
    if (own) Object.defineProperty(stack, 'availabilityZones', own);
  }
}
