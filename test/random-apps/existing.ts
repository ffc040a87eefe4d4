import { RemovalPolicy } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { arn, Making, Place } from './generator';

/** The existing resources of the user, which the checks do not judge. */
const UUID = '12345678-1234-1234-1234-123456789012';
const US_EAST_1 = { region: 'us-east-1' };

export const ZONE = 'example.com';

/** A key: the shared one, one that the app creates, an imported one, or the key of the construct. */
export function aKey({ generator, random, place }: Making): kms.IKey | undefined {
  if (place.sharedKey) return place.sharedKey;
  if (random.chance(0.6)) return new kms.Key(place.users, generator.unique('Key'), { enableKeyRotation: true });
  return kms.Key.fromKeyArn(place.users, generator.unique('ImportedKey'), arn(place, 'kms', 'key', UUID));
}

export function aCertificate({ generator, place }: Making): acm.ICertificate {
  return acm.Certificate.fromCertificateArn(
    place.users, generator.unique('Certificate'), arn(place, 'acm', 'certificate', UUID));
}

export function aCertificateOfUsEast1({ generator, place }: Making): acm.ICertificate {
  return acm.Certificate.fromCertificateArn(
    place.users, generator.unique('EdgeCertificate'), arn(place, 'acm', 'certificate', UUID, US_EAST_1));
}

export function aWebAclArn(place: Place, scope: 'regional' | 'global'): string {
  return arn(place, 'wafv2', scope, `webacl/company/${UUID}`, scope === 'global' ? US_EAST_1 : {});
}

export function aHostedZone({ generator, place }: Making): route53.IHostedZone {
  return route53.PublicHostedZone.fromPublicHostedZoneAttributes(place.users, generator.unique('Zone'), {
    hostedZoneId: 'Z0123456789ABCDEFGHIJ', zoneName: ZONE,
  });
}

export function aSecret({ generator, place }: Making): secretsmanager.ISecret {
  const id = generator.unique('Secret');
  const secretArn = arn(place, 'secretsmanager', 'secret', `${id}-AbCdEf`);
  return secretsmanager.Secret.fromSecretCompleteArn(place.users, id, secretArn);
}

export function aBucket({ generator, place }: Making): s3.Bucket {
  return new s3.Bucket(place.users, generator.unique('Bucket'), {
    encryption: s3.BucketEncryption.S3_MANAGED,
    objectOwnership: s3.ObjectOwnership.OBJECT_WRITER,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}

/** A bucket in another region, imported. */
export function aReplica({ generator, place }: Making): s3.IBucket {
  const id = generator.unique('Replica');
  const region = place.region === 'us-west-2' ? 'us-east-2' : 'us-west-2';
  return s3.Bucket.fromBucketAttributes(place.users, id, {
    bucketName: `company-${id.toLowerCase()}`,
    region,
    encryptionKey: kms.Key.fromKeyArn(place.users, `${id}Key`, arn(place, 'kms', 'key', UUID, { region })),
  });
}

/** The endpoint of a VPC for S3. */
export function anS3Endpoint({ generator, place }: Making): ec2.IVpcEndpoint {
  return ec2.GatewayVpcEndpoint.fromGatewayVpcEndpointId(
    place.users, generator.unique('Endpoint'), 'vpce-0123456789abcdef0');
}

export function aRole({ generator, place }: Making, service?: string): iam.Role {
  return new iam.Role(place.users, generator.unique('Role'), {
    assumedBy: service ? new iam.ServicePrincipal(service) : new iam.AccountRootPrincipal(),
  });
}

export function aLogGroup({ generator, place }: Making): logs.ILogGroup {
  return logs.LogGroup.fromLogGroupName(place.users, generator.unique('LogGroup'), 'aws-controltower/CloudTrailLogs');
}

export function aQueue({ generator, place }: Making): sqs.Queue {
  return new sqs.Queue(place.users, generator.unique('Queue'), { enforceSSL: true });
}

/** A server of the user on a port. */
export function aServer({ generator, place }: Making): ec2.IConnectable {
  const securityGroup = new ec2.SecurityGroup(place.users, generator.unique('Server'), {
    vpc: place.vpc!, allowAllOutbound: false,
  });
  return { connections: new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(6_379) }) };
}

export function aListener({ generator, place }: Making): elbv2.IApplicationListener {
  const id = generator.unique('Listener');
  return elbv2.ApplicationListener.fromApplicationListenerAttributes(place.users, id, {
    listenerArn: arn(place, 'elasticloadbalancing', 'listener', `app/${id}/0123456789abcdef/0123456789abcdef`),
    securityGroup: ec2.SecurityGroup.fromSecurityGroupId(place.users, `${id}Group`, 'sg-12345678', {
      allowAllOutbound: false,
    }),
    defaultPort: 443,
  });
}

export function aLoadBalancer({ generator, place }: Making): elbv2.IApplicationLoadBalancer {
  const id = generator.unique('LoadBalancer');
  return elbv2.ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(place.users, id, {
    loadBalancerArn: arn(place, 'elasticloadbalancing', 'loadbalancer', `app/${id}/0123456789abcdef`),
    securityGroupId: 'sg-87654321',
    vpc: place.vpc,
  });
}

/** A VPC that is imported by its attributes. */
export function anImportedVpc({ generator, place }: Making): ec2.IVpc {
  const { region = 'us-east-1' } = place;
  const ids = (prefix: string, tier: string) => [1, 2].map((zone) => `${prefix}-0123456789abcde${tier}${zone}`);
  return ec2.Vpc.fromVpcAttributes(place.users, generator.unique('Vpc'), {
    vpcId: 'vpc-0123456789abcdef0',
    vpcCidrBlock: '10.50.0.0/16',
    availabilityZones: [`${region}a`, `${region}b`],
    publicSubnetIds: ids('subnet', 'a'),
    publicSubnetRouteTableIds: ids('rtb', 'a'),
    privateSubnetIds: ids('subnet', 'b'),
    privateSubnetRouteTableIds: ids('rtb', 'b'),
    isolatedSubnetIds: ids('subnet', 'c'),
    isolatedSubnetRouteTableIds: ids('rtb', 'c'),
  });
}
