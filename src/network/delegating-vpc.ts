import { interfaces, RemovalPolicy, ResourceEnvironment, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct, IDependable } from 'constructs';

/**
 * A construct that is an `ec2.IVpc`: every member forwards to the VPC that the construct contains.
 *
 * Inheriting from `ec2.Vpc` instead would change the logical id of every subnet. jsii copies the members of an internal
 * base class into its public subclass.
 * @internal
 */
export abstract class DelegatingVpc extends Construct implements ec2.IVpc {
  /** The VPC that the members forward to. */
  public abstract readonly vpc: ec2.Vpc;

  /** The ID of the VPC. */
  public get vpcId(): string {
    return this.vpc.vpcId;
  }

  /** The ARN of the VPC. */
  public get vpcArn(): string {
    return this.vpc.vpcArn;
  }

  /** The IPv4 CIDR block of the VPC. */
  public get vpcCidrBlock(): string {
    return this.vpc.vpcCidrBlock;
  }

  /** A reference to the VPC resource. */
  public get vpcRef(): interfaces.aws_ec2.VPCReference {
    return this.vpc.vpcRef;
  }

  /** The public subnets: internet-facing load balancers and NAT gateways. */
  public get publicSubnets(): ec2.ISubnet[] {
    return this.vpc.publicSubnets;
  }

  /** The private subnets: services and functions. */
  public get privateSubnets(): ec2.ISubnet[] {
    return this.vpc.privateSubnets;
  }

  /** The data subnets: databases and caches. They keep this type when they have a route to the internet. */
  public get isolatedSubnets(): ec2.ISubnet[] {
    return this.vpc.isolatedSubnets;
  }

  /** The availability zones of the subnets. */
  public get availabilityZones(): string[] {
    return this.vpc.availabilityZones;
  }

  /** A dependency on the route of the public subnets to the internet gateway. */
  public get internetConnectivityEstablished(): IDependable {
    return this.vpc.internetConnectivityEstablished;
  }

  /** The ID of the VPN gateway. Undefined until `enableVpnGateway` or `addVpnConnection` creates it. */
  public get vpnGatewayId(): string | undefined {
    return this.vpc.vpnGatewayId;
  }

  /** The account and region of the VPC. */
  public get env(): ResourceEnvironment {
    return this.vpc.env;
  }

  /** The stack of the VPC. */
  public get stack(): Stack {
    return this.vpc.stack;
  }

  /**
   * Selects subnets of the VPC.
   * @param selection the subnets to select: a tier of this network, or the private subnets if omitted
   */
  public selectSubnets(selection?: ec2.SubnetSelection): ec2.SelectedSubnets {
    return this.vpc.selectSubnets(selection);
  }

  /**
   * Adds a VPN gateway to the VPC.
   * @param options the type of the gateway and the subnets that it propagates routes to
   */
  public enableVpnGateway(options: ec2.EnableVpnGatewayOptions): void {
    this.vpc.enableVpnGateway(options);
  }

  /**
   * Adds a VPN connection to the VPC.
   * @param id the construct id of the connection
   * @param options the customer gateway and the tunnels
   */
  public addVpnConnection(id: string, options: ec2.VpnConnectionOptions): ec2.VpnConnection {
    return this.vpc.addVpnConnection(id, options);
  }

  /**
   * Adds a client VPN endpoint to the VPC.
   * @param id the construct id of the endpoint
   * @param options the clients and how they authenticate
   */
  public addClientVpnEndpoint(id: string, options: ec2.ClientVpnEndpointOptions): ec2.ClientVpnEndpoint {
    return this.vpc.addClientVpnEndpoint(id, options);
  }

  /**
   * Adds a gateway endpoint to the VPC.
   * @param id the construct id of the endpoint
   * @param options the service and the subnets that route to it
   */
  public addGatewayEndpoint(id: string, options: ec2.GatewayVpcEndpointOptions): ec2.GatewayVpcEndpoint {
    return this.vpc.addGatewayEndpoint(id, options);
  }

  /**
   * Adds an interface endpoint to the VPC.
   * @param id the construct id of the endpoint
   * @param options the service and the subnets of the endpoint
   */
  public addInterfaceEndpoint(id: string, options: ec2.InterfaceVpcEndpointOptions): ec2.InterfaceVpcEndpoint {
    return this.vpc.addInterfaceEndpoint(id, options);
  }

  /**
   * Adds a flow log to the VPC, in addition to `flowLog`.
   * @param id the construct id of the flow log
   * @param options the destination and the traffic
   */
  public addFlowLog(id: string, options?: ec2.FlowLogOptions): ec2.FlowLog {
    return this.vpc.addFlowLog(id, options);
  }

  /**
   * Sets the removal policy of the VPC resource.
   * @param policy what happens to the VPC when CloudFormation stops managing it
   */
  public applyRemovalPolicy(policy: RemovalPolicy): void {
    this.vpc.applyRemovalPolicy(policy);
  }
}
