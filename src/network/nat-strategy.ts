import { Annotations, Stack, Tags, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { relax, RelaxationOptions } from '../core/relaxation';

/** How many elastic IP addresses an account has in a region by default: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
export const DEFAULT_ELASTIC_IP_QUOTA = 5;
/** Where regional NAT gateways were not offered when they were announced, in November 2025. */
const REGIONS_WITHOUT_REGIONAL_NAT = ['us-gov-', 'cn-'];

/** What a network without a way to the internet has instead. */
export interface NoNatOptions {
  /**
   * Services that the private subnets reach besides those of `NatStrategy.none`, each over an interface endpoint of its own.
   * A service that is there already is refused. Unlike those, these endpoints carry the policy that AWS gives them, which
   * lets everybody through: not every service supports another.
   * @default - none
   */
  readonly additionalEndpoints?: ec2.InterfaceVpcEndpointAwsService[];
}

/** Where the gateways are to stand. */
export interface NatSite {
  /** The construct that the network is made in. */
  readonly scope: Construct;
  /** The network. */
  readonly vpc: ec2.Vpc;
  /** Its public subnets, one per zone. */
  readonly publicSubnets: ec2.PublicSubnet[];
}

/**
 * How the private subnets reach the internet, if they do.
 *
 * Going from one strategy to another changes gateways and routes; no subnet is replaced and no address changes. Open
 * connections through a gateway that goes away are cut.
 */
export abstract class NatStrategy {
  /**
   * One NAT gateway in each zone, so that the loss of a zone takes no other zone's way out.
   *
   * Each gateway has an elastic IP address. An account has five of these in a region by default: with six zones there is
   * a warning under the id `cdk-hipaa:elastic-ip-quota`, since the deployment fails unless the quota was raised before.
   */
  public static onePerAz(): NatStrategy {
    return new OnePerAz();
  }

  /** One NAT gateway for all zones: cheaper, but when its zone fails, every zone loses its way out. */
  public static single(options: RelaxationOptions): NatStrategy {
    return new Single(options);
  }

  /**
   * One regional NAT gateway, which AWS spreads over the zones that hold something, with addresses that AWS chooses.
   *
   * It stands in no subnet. AWS takes up to an hour to spread it into a zone that becomes used; until then the zone's
   * traffic leaves through another one. Not offered in AWS GovCloud (US) and China when it was announced: there is a
   * warning under the id `cdk-hipaa:regional-nat-unavailable` when the stack is known to be there.
   * https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
   */
  public static regional(): NatStrategy {
    return new Regional();
  }

  /**
   * No way to the internet. The private subnets reach, over endpoints inside of the VPC, what a Fargate task needs:
   * ECR (API and registry), S3, CloudWatch Logs, Secrets Manager, KMS, ECS Exec, STS and CloudWatch metrics.
   *
   * These endpoints let through identities of this account only, and the S3 endpoint leads to buckets of this account (and
   * to the bucket from which ECR serves image layers) only, so that nothing can be carried out to somebody else's bucket.
   * Allow more with `endpoints['sts'].addToPolicy(…)` and `s3Endpoint.addToPolicy(…)`.
   */
  public static none(options: NoNatOptions = {}): NatStrategy {
    return new NoNat(options);
  }

  /**
   * Whether the private subnets have a way to the internet.
   * @internal
   */
  public readonly _reachesInternet: boolean = true;

  /**
   * Services that get an endpoint beside the usual ones.
   * @internal
   */
  public readonly _additionalEndpoints: ec2.InterfaceVpcEndpointAwsService[] = [];

  /**
   * Makes the gateways, and names for each zone the one that it uses.
   * @internal
   */
  public abstract _gatewayOfEachZone(site: NatSite): ec2.CfnNatGateway[];
}

class OnePerAz extends NatStrategy {
  public _gatewayOfEachZone({ scope, publicSubnets }: NatSite): ec2.CfnNatGateway[] {
    if (publicSubnets.length > DEFAULT_ELASTIC_IP_QUOTA) {
      Annotations.of(scope).addWarningV2('cdk-hipaa:elastic-ip-quota',
        `${publicSubnets.length} NAT gateways need ${publicSubnets.length} elastic IP addresses, but an account has ${DEFAULT_ELASTIC_IP_QUOTA} in a region by default: `
        + 'raise the quota before deploying, or use NatStrategy.regional()');
    }
    return publicSubnets.map(zonalGateway);
  }
}

class Single extends NatStrategy {
  constructor(private readonly options: RelaxationOptions) {
    super();
  }

  public _gatewayOfEachZone({ scope, publicSubnets }: NatSite): ec2.CfnNatGateway[] {
    relax(scope, {
      id: 'single-nat-gateway',
      what: 'all zones reach the internet through one NAT gateway and lose it together with its zone',
      reason: this.options.reason,
    });
    const gateway = zonalGateway(publicSubnets[0]);
    return publicSubnets.map(() => gateway);
  }
}

class Regional extends NatStrategy {
  public _gatewayOfEachZone({ scope, vpc, publicSubnets }: NatSite): ec2.CfnNatGateway[] {
    const { region } = Stack.of(scope);
    if (!Token.isUnresolved(region) && REGIONS_WITHOUT_REGIONAL_NAT.some((prefix) => region.startsWith(prefix))) {
      Annotations.of(scope).addWarningV2('cdk-hipaa:regional-nat-unavailable',
        `regional NAT gateways were not offered in ${region} when they were announced: make sure that they are now, or use NatStrategy.onePerAz()`);
    }
    const gateway = new ec2.CfnNatGateway(scope, 'RegionalNatGateway', { vpcId: vpc.vpcId, availabilityMode: 'regional', connectivityType: 'public' });
    Tags.of(gateway).add('Name', gateway.node.path);
    // The way out has to be there first, and a public subnet's default route waits for the internet gateway to be attached.
    gateway.node.addDependency(publicSubnets[0].internetConnectivityEstablished);
    return publicSubnets.map(() => gateway);
  }
}

class NoNat extends NatStrategy {
  public readonly _reachesInternet = false;
  public readonly _additionalEndpoints: ec2.InterfaceVpcEndpointAwsService[];

  constructor(options: NoNatOptions) {
    super();
    this._additionalEndpoints = options.additionalEndpoints ?? [];
  }

  public _gatewayOfEachZone(): ec2.CfnNatGateway[] {
    return [];
  }
}

function zonalGateway(subnet: ec2.PublicSubnet): ec2.CfnNatGateway {
  const gateway = subnet.addNatGateway();
  gateway.connectivityType = 'public';
  return gateway;
}
