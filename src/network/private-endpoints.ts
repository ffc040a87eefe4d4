import { Aws, Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  EndpointPlan, endpointPlan, portRanges, PrivateEndpointOptions, requireEndpointNames,
} from './endpoint-options';
import { refuse } from '../core/refusal';

/** Properties of `PrivateEndpoints`. */
export interface PrivateEndpointsProps {
  /** The VPC. */
  readonly vpc: ec2.Vpc;
  /** The private subnets, one per zone, which are the only ones that can use the endpoints. */
  readonly subnets: ec2.ISubnet[];
  /** Services in addition to those that a Fargate task needs. */
  readonly additional: ec2.InterfaceVpcEndpointAwsService[];
  /** The ports and zones of endpoints, by the short name of their service. */
  readonly options: { readonly [service: string]: PrivateEndpointOptions };
}

/** VPC endpoints for subnets without a route to the internet. */
export class PrivateEndpoints extends Construct {
  /** The interface endpoints by the short name of their service. */
  public readonly interfaces: { [service: string]: ec2.InterfaceVpcEndpoint } = {};
  /** The gateway endpoint for S3. */
  public readonly s3: ec2.GatewayVpcEndpoint;

  constructor(scope: Construct, id: string, private readonly props: PrivateEndpointsProps) {
    super(scope, id);
    this.s3 = this.defineS3();
    for (const service of servicesOfFargateTasks()) this.defineInterface(service).addToPolicy(accountOnly());
    for (const service of props.additional) this.defineInterface(service);
    requireEndpointNames(scope, props.options, Object.keys(this.interfaces));
  }

  private defineInterface(service: ec2.InterfaceVpcEndpointAwsService): ec2.InterfaceVpcEndpoint {
    const name = service.shortName;
    if (this.interfaces[name]) {
      refuse(this.node.scope!, {
        prop: 'nat.additionalEndpoints',
        given: name,
        allowed: `a service other than ${Object.keys(this.interfaces).join(', ')}`,
        change: 'remove it, because it already has an endpoint',
      });
    }
    const { vpc, subnets, options } = this.props;
    const plan = endpointPlan(this.node.scope!, service, subnets.length, options[name]);
    const id = name.split(/[^A-Za-z0-9]/).map((word) => word[0].toUpperCase() + word.slice(1)).join('');
    const endpoint = new ec2.InterfaceVpcEndpoint(this, id, {
      vpc,
      service: { name: service.name, port: plan.ports[0], privateDnsDefault: service.privateDnsDefault },
      subnets: { subnets: plan.zones.map((zone) => subnets[zone]) },
      privateDnsEnabled: true,
      open: false,
      securityGroups: [this.defineSecurityGroup(`${id}SecurityGroup`, name, plan)],
    });
    this.interfaces[name] = endpoint;
    return endpoint;
  }

  private defineSecurityGroup(id: string, name: string, { ports }: EndpointPlan): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(this, id, {
      vpc: this.props.vpc,
      description: `Allows the private subnets to reach the ${name} endpoint`,
      allowAllOutbound: false,
    });
    for (const port of portRanges(ports)) {
      this.props.subnets.forEach((subnet, zone) =>
        group.addIngressRule(ec2.Peer.ipv4(subnet.ipv4CidrBlock), port, `From private subnet ${zone + 1}`));
    }
    return group;
  }

  /**
   * Creates the endpoint for S3, which also reaches two buckets of AWS.
   *
   * They contain the image layers of ECR, and the responses of the function of database users to CloudFormation. In the
   * name of the second one, the region has no dashes.
   * https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/vpc-interface-endpoints.html
   */
  private defineS3(): ec2.GatewayVpcEndpoint {
    const endpoint = new ec2.GatewayVpcEndpoint(this, 'S3', {
      vpc: this.props.vpc,
      service: ec2.GatewayVpcEndpointAwsService.S3,
      subnets: [{ subnets: this.props.subnets }],
    });
    endpoint.addToPolicy(accountOnly({ 'aws:ResourceAccount': Aws.ACCOUNT_ID }));
    endpoint.addToPolicy(this.allowBucket('ImageLayers', 's3:GetObject', `prod-${Aws.REGION}-starport-layer-bucket`));
    const responses = `cloudformation-custom-resource-response-${Fn.join('', Fn.split('-', Aws.REGION))}`;
    endpoint.addToPolicy(this.allowBucket('CustomResources', 's3:PutObject', responses));
    return endpoint;
  }

  /** Allows an action on the objects of a bucket of AWS. */
  private allowBucket(sid: string, action: string, bucket: string): iam.PolicyStatement {
    const arn = Stack.of(this).formatArn({
      service: 's3', region: '', account: '', resource: bucket, resourceName: '*',
    });
    return new iam.PolicyStatement({ sid, principals: [new iam.AnyPrincipal()], actions: [action], resources: [arn] });
  }
}

/** Limits an endpoint to identities of this account. An endpoint policy grants nothing: it bounds other policies. */
function accountOnly(more: { [condition: string]: string } = {}): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'ThisAccount',
    principals: [new iam.AnyPrincipal()],
    actions: ['*'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID, ...more } },
  });
}

/**
 * The services that a Fargate task calls.
 *
 * It calls them for its image, log, secrets, ECS Exec sessions, metrics and credentials.
 */
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
