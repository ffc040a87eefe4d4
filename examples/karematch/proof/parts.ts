import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { only, propertiesOf } from '../../reading';

export const REGION = 'us-east-1';
export const SITE_DOMAIN = 'www.karematch.com';
export const API_DOMAIN = 'api.karematch.com';
export const ZONE = 'Z0EXAMPLE0000000000';
export const CONTAINER_PORT = 5000;
export const POSTGRES_PORT = 5432;
export const CERTIFICATE_BUNDLE = '/etc/ssl/rds/global-bundle.pem';

/** What keeps a bucket private whatever its policy says. */
export const CLOSED_TO_THE_PUBLIC = { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true };

export const ALARM = 'AWS::CloudWatch::Alarm';
export const BUCKET = 'AWS::S3::Bucket';
export const BUCKET_POLICY = 'AWS::S3::BucketPolicy';
export const CACHE_POLICY = 'AWS::CloudFront::CachePolicy';
export const CERTIFICATE = 'AWS::CertificateManager::Certificate';
export const CLUSTER = 'AWS::ECS::Cluster';
export const DATABASE = 'AWS::RDS::DBInstance';
export const DISTRIBUTION = 'AWS::CloudFront::Distribution';
export const FUNCTION = 'AWS::Lambda::Function';
export const KEY = 'AWS::KMS::Key';
export const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
export const LISTENER_RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
export const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
export const LOG_GROUP = 'AWS::Logs::LogGroup';
export const NAT_GATEWAY = 'AWS::EC2::NatGateway';
export const PARAMETERS = 'AWS::RDS::DBParameterGroup';
export const REPOSITORY = 'AWS::ECR::Repository';
export const ROLE = 'AWS::IAM::Role';
export const SCALABLE = 'AWS::ApplicationAutoScaling::ScalableTarget';
export const SCALING = 'AWS::ApplicationAutoScaling::ScalingPolicy';
export const SCHEDULE = 'AWS::SecretsManager::RotationSchedule';
export const SECRET = 'AWS::SecretsManager::Secret';
export const SERVICE = 'AWS::ECS::Service';
export const SITE_FILES = 'Custom::SiteFiles';
export const SUBNET = 'AWS::EC2::Subnet';
export const SUBNET_GROUP = 'AWS::RDS::DBSubnetGroup';
export const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
export const TASK = 'AWS::ECS::TaskDefinition';
export const VPC = 'AWS::EC2::VPC';

export const EXAMPLE_FOLDER = path.join(__dirname, '..');
export const API_FOLDER = path.join(EXAMPLE_FOLDER, 'api');
export const SITE_FOLDER = path.join(EXAMPLE_FOLDER, 'frontend', 'dist');

/** The properties of the only resource of a type. */
const theOne = (type: string) => (template: Template) => propertiesOf(template, type, only(template, type));

export const database = theOne(DATABASE);
export const loadBalancer = theOne(LOAD_BALANCER);
export const repository = theOne(REPOSITORY);
export const service = theOne(SERVICE);
export const siteFiles = theOne(SITE_FILES);
export const targetGroup = theOne(TARGET_GROUP);
export const task = theOne(TASK);
export const distribution = (template: Template) => theOne(DISTRIBUTION)(template).DistributionConfig;

export function container(template: Template) {
  const { ContainerDefinitions } = task(template);
  expect(ContainerDefinitions).toHaveLength(1);
  return ContainerDefinitions[0];
}

/** The one security group of what is in the VPC. */
function theGroup(groups: Array<{ 'Fn::GetAtt': string[] }>): string {
  expect(groups).toHaveLength(1);
  return groups[0]['Fn::GetAtt'][0];
}
export const databaseGroup = (template: Template) => theGroup(database(template).VPCSecurityGroups);
export const loadBalancerGroup = (template: Template) => theGroup(loadBalancer(template).SecurityGroups);
export const serviceGroup = (template: Template) => theGroup(service(template).NetworkConfiguration.AwsvpcConfiguration.SecurityGroups);

export const executionRole = (template: Template): string => task(template).ExecutionRoleArn['Fn::GetAtt'][0];
export const taskRole = (template: Template): string => task(template).TaskRoleArn['Fn::GetAtt'][0];
/** The bucket of the site: the one that its files are deployed to. */
export const siteBucket = (template: Template): string => siteFiles(template).Bucket.Ref;
/** The group that the container logs to. */
export const containerLog = (template: Template): string => container(template).LogConfiguration.Options['awslogs-group'].Ref;

export const tcp = (peer: string, port: number) => ({ peer, protocol: 'tcp', from: port, to: port });

/** Holds the same things, in whatever order. */
export function expectSame(actual: unknown[], expected: unknown[]): void {
  const ordered = (values: unknown[]) => values.map((value) => JSON.stringify(value)).sort();
  expect(ordered(actual)).toEqual(ordered(expected));
}
