import { Annotations, Stack, Tags, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { PrivateEndpointOptions } from './endpoint-options';
import { checkFactory } from '../core/check-props';
import { markChoice } from '../core/choice';
import { relax, RelaxationOptions } from '../core/relaxation';

/**
 * The default quota of Elastic IP addresses per region and account.
 *
 * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 */
export const DEFAULT_ELASTIC_IP_QUOTA = 5;
/** Prefixes of the regions without regional NAT gateways at their announcement in November 2025. */
const REGIONS_WITHOUT_REGIONAL_NAT = ['us-gov-', 'cn-'];

/** Options for `NatStrategy.none()`. */
export interface NoNatOptions {
  /**
   * AWS services that get an interface endpoint in addition to those of `NatStrategy.none()`.
   *
   * A service that already has an endpoint is refused. These endpoints have the default endpoint policy, which allows
   * full access, because not every service supports another policy.
   * @default - no additional endpoints
   */
  readonly additionalEndpoints?: ec2.InterfaceVpcEndpointAwsService[];
  /**
   * The ports and zones of endpoints, by the short name of their service: `email-smtp`, `ecr.api`.
   *
   * A name without an endpoint is refused.
   * @default - each endpoint is in all zones of the network, and allows the port of its service
   */
  readonly endpointOptions?: { [shortName: string]: PrivateEndpointOptions };
}

/** The subnets in which a strategy creates its NAT gateways. */
export interface NatSite {
  /** The scope of the gateways. */
  readonly scope: Construct;
  /** The VPC. */
  readonly vpc: ec2.Vpc;
  /** The public subnets of the VPC, one per zone. */
  readonly publicSubnets: ec2.PublicSubnet[];
}

/**
 * How the private subnets reach the internet.
 *
 * A change of the strategy changes gateways and routes. It does not replace a subnet or change a private address. Open
 * connections through a deleted gateway break.
 *
 * @example
 * new HipaaVpc(this, 'Production', { nat: NatStrategy.onePerAz() });
 * new HipaaVpc(this, 'Development', { nat: NatStrategy.single({ reason: 'development' }) });
 */
export abstract class NatStrategy {
  /**
   * Creates one NAT gateway in each zone. If a zone fails, the other zones still reach the internet.
   *
   * Each gateway has an Elastic IP address. The default quota is five addresses per region, so a network with six zones
   * raises the warning `cdk-hipaa:elastic-ip-quota`: its deployment fails unless you raise the quota first.
   */
  public static onePerAz(): NatStrategy {
    return new OnePerAz();
  }

  /** Creates one NAT gateway for all zones. It costs less, but if its zone fails, no zone reaches the internet. */
  public static single(options: RelaxationOptions): NatStrategy {
    checkFactory('NatStrategy.single', { options });
    return new Single(options);
  }

  /**
   * Creates one regional NAT gateway, which AWS expands to the zones in use.
   *
   * AWS allocates the addresses. The gateway is not in a subnet. AWS needs up to one hour to expand it to a new zone.
   * Until then, the traffic of that zone leaves through another zone. AWS GovCloud (US) and China did not offer it at
   * its announcement: a stack that is known to be in one of these regions raises the warning
   * `cdk-hipaa:regional-nat-unavailable`. https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
   */
  public static regional(): NatStrategy {
    return new Regional();
  }

  /**
   * Creates no route to the internet. VPC endpoints reach the AWS services that a Fargate task needs.
   *
   * The services are ECR (API and registry), S3, CloudWatch Logs, Secrets Manager, KMS, ECS Exec, STS and CloudWatch
   * metrics. The endpoints allow only identities of this account. The S3 endpoint allows only the buckets of this
   * account, the bucket with the image layers of ECR, and the bucket for responses to CloudFormation, so that no data
   * can be copied to a bucket of another customer. To allow more, use `endpoints['sts'].addToPolicy(…)` and
   * `s3Endpoint.addToPolicy(…)`.
   */
  public static none(options: NoNatOptions = {}): NatStrategy {
    checkFactory('NatStrategy.none', { options });
    return new NoNat(options);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'NatStrategy');

  /**
   * Whether the private subnets have a route to the internet.
   * @internal
   */
  public readonly _reachesInternet: boolean = true;

  /**
   * Services that get an endpoint in addition to those of a Fargate task.
   * @internal
   */
  public readonly _additionalEndpoints: ec2.InterfaceVpcEndpointAwsService[] = [];

  /**
   * The ports and zones of endpoints, by the short name of their service.
   * @internal
   */
  public readonly _endpointOptions: { [shortName: string]: PrivateEndpointOptions } = {};

  /**
   * Creates the gateways and returns the gateway of each zone.
   * @internal
   */
  public abstract _gatewayOfEachZone(site: NatSite): ec2.CfnNatGateway[];
}

class OnePerAz extends NatStrategy {
  public _gatewayOfEachZone({ scope, publicSubnets }: NatSite): ec2.CfnNatGateway[] {
    if (publicSubnets.length > DEFAULT_ELASTIC_IP_QUOTA) {
      Annotations.of(scope).addWarningV2('cdk-hipaa:elastic-ip-quota',
        `${publicSubnets.length} NAT gateways need ${publicSubnets.length} Elastic IP addresses, but the default quota `
        + `is ${DEFAULT_ELASTIC_IP_QUOTA} per region: raise the quota before you deploy, or use `
        + 'NatStrategy.regional()');
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
      what: 'all zones reach the internet through one NAT gateway, which fails together with its zone',
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
        `${region} did not offer regional NAT gateways at their announcement: check that the region offers them, `
        + 'or use NatStrategy.onePerAz()');
    }
    const gateway = new ec2.CfnNatGateway(scope, 'RegionalNatGateway', {
      vpcId: vpc.vpcId, availabilityMode: 'regional', connectivityType: 'public',
    });
    Tags.of(gateway).add('Name', gateway.node.path);
    // The internet gateway must be attached first. The default route of a public subnet waits for the attachment.
    gateway.node.addDependency(publicSubnets[0].internetConnectivityEstablished);
    return publicSubnets.map(() => gateway);
  }
}

class NoNat extends NatStrategy {
  public readonly _reachesInternet = false;
  public readonly _additionalEndpoints: ec2.InterfaceVpcEndpointAwsService[];
  public readonly _endpointOptions: { [shortName: string]: PrivateEndpointOptions };

  constructor(options: NoNatOptions) {
    super();
    this._additionalEndpoints = options.additionalEndpoints ?? [];
    this._endpointOptions = options.endpointOptions ?? {};
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
