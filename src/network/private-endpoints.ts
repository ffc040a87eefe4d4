import { Aws, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { refuse } from '../core/refusal';

/** What the endpoints serve. */
export interface PrivateEndpointsProps {
  /** The network. */
  readonly vpc: ec2.Vpc;
  /** The subnets that the endpoints stand in, and the only ones that may use them. */
  readonly subnets: ec2.ISubnet[];
  /** Services beside those that a Fargate task needs. */
  readonly additional: ec2.InterfaceVpcEndpointAwsService[];
}

/** The ways to AWS's services that subnets without a way to the internet have. */
export class PrivateEndpoints extends Construct {
  /** The interface endpoints, by the short name of their service. */
  public readonly interfaces: { [service: string]: ec2.InterfaceVpcEndpoint } = {};
  /** The gateway endpoint of S3. */
  public readonly s3: ec2.GatewayVpcEndpoint;

  constructor(scope: Construct, id: string, private readonly props: PrivateEndpointsProps) {
    super(scope, id);
    this.s3 = this.defineS3();
    for (const service of servicesOfFargateTasks()) this.defineInterface(service).addToPolicy(accountOnly());
    for (const service of props.additional) this.defineInterface(service);
  }

  private defineInterface(service: ec2.InterfaceVpcEndpointAwsService): ec2.InterfaceVpcEndpoint {
    const name = service.shortName;
    if (this.interfaces[name]) {
      refuse(this.node.scope!, {
        prop: 'nat.additionalEndpoints',
        given: name,
        allowed: `a service besides ${Object.keys(this.interfaces).join(', ')}`,
        change: 'leave it out, since it has an endpoint already',
      });
    }
    const id = name.split(/[^A-Za-z0-9]/).map((word) => word[0].toUpperCase() + word.slice(1)).join('');
    const endpoint = new ec2.InterfaceVpcEndpoint(this, id, {
      vpc: this.props.vpc,
      service,
      subnets: { subnets: this.props.subnets },
      privateDnsEnabled: true,
      open: false,
      securityGroups: [this.defineSecurityGroup(`${id}SecurityGroup`, service)],
    });
    this.interfaces[name] = endpoint;
    return endpoint;
  }

  private defineSecurityGroup(id: string, service: ec2.InterfaceVpcEndpointAwsService): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(this, id, {
      vpc: this.props.vpc,
      description: `What may reach ${service.shortName} from the private subnets`,
      allowAllOutbound: false,
    });
    this.props.subnets.forEach((subnet, zone) =>
      group.addIngressRule(ec2.Peer.ipv4(subnet.ipv4CidrBlock), ec2.Port.tcp(service.port), `From private subnet ${zone + 1}`));
    return group;
  }

  /** https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms names the bucket of the image layers. */
  private defineS3(): ec2.GatewayVpcEndpoint {
    const endpoint = new ec2.GatewayVpcEndpoint(this, 'S3', {
      vpc: this.props.vpc,
      service: ec2.GatewayVpcEndpointAwsService.S3,
      subnets: [{ subnets: this.props.subnets }],
    });
    endpoint.addToPolicy(accountOnly({ 'aws:ResourceAccount': Aws.ACCOUNT_ID }));
    endpoint.addToPolicy(new iam.PolicyStatement({
      sid: 'ImageLayers',
      principals: [new iam.AnyPrincipal()],
      actions: ['s3:GetObject'],
      resources: [Stack.of(this).formatArn({ service: 's3', region: '', account: '', resource: `prod-${Aws.REGION}-starport-layer-bucket`, resourceName: '*' })],
    }));
    return endpoint;
  }
}

/** An endpoint's policy grants nothing by itself: it only bounds what the caller's own policies may grant. */
function accountOnly(more: { [condition: string]: string } = {}): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'ThisAccount',
    principals: [new iam.AnyPrincipal()],
    actions: ['*'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID, ...more } },
  });
}

/** What a Fargate task calls: to pull its image, write its log, read its secrets, serve ECS Exec, and for its own metrics and credentials. */
function servicesOfFargateTasks(): ec2.InterfaceVpcEndpointAwsService[] {
  const service = ec2.InterfaceVpcEndpointAwsService;
  return [
    service.ECR,
    service.ECR_DOCKER,
    service.CLOUDWATCH_LOGS,
    service.SECRETS_MANAGER,
    service.KMS,
    service.SSM_MESSAGES,
    service.STS,
    service.CLOUDWATCH_MONITORING,
  ];
}
