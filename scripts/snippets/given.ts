import { Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import {
  ComplianceGuardrails, Ec2Capacity, EncryptedAuroraCluster, EncryptedDatabaseInstance, FieldEncryptionKey,
  GeneratedSecret, HardenedRepository, HipaaVpc, JobQueue, NatStrategy, PhiBucket, RotatingSecrets,
  SecureFargateService, SecureLoadBalancer, ServiceCluster, ServiceIngress, SshBastion, SsmBastion, WebEndpoint,
  WebFirewall, WorkloadMonitoring,
} from 'cdk-hipaa';

/**
 * The objects that a snippet may use without creating them. This file is not executed: extract.ts copies the statements
 * that a snippet requires into its module. A snippet that declares an object, such as `declare const vpc: HipaaVpc`,
 * gets the object here with this name and type. If there is none, it gets the first with this type.
 *
 * The statements use only names that no snippet declares: `given…`.
 */

/** The stack of the snippet, and another stack that is deployed first. */
declare const stack: Stack;
declare const given: Stack;

/** The interface of docs/production-and-development.md. */
interface Environment {
  readonly terminationProtection: boolean;
  readonly nat: NatStrategy;
  readonly multiAz: boolean;
}

export const givenNetwork: HipaaVpc = new HipaaVpc(given, 'Network');
export const givenImage: ecs.ContainerImage =
  ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.28');
export const givenEngine: rds.IInstanceEngine =
  rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_13 });
export const givenClusterEngine: rds.IClusterEngine =
  rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 });
export const givenCertificate: acm.ICertificate = acm.Certificate.fromCertificateArn(
  given, 'Certificate', 'arn:aws:acm:us-east-1:111122223333:certificate/11112222-3333-4444-5555-666677778888');
export const givenZone: route53.IHostedZone = route53.HostedZone.fromHostedZoneAttributes(
  given, 'Zone', { hostedZoneId: 'Z0EXAMPLE0000000000', zoneName: 'example.com' });
export const givenKeyArn: string = 'arn:aws:kms:us-east-1:111122223333:key/11112222-3333-4444-5555-666677778888';
// In the stack of the snippet, because a capacity and a migration must be in the stack of their services.
export const givenServices: ServiceCluster = new ServiceCluster(stack, 'GivenServices', { vpc: givenNetwork });
export const givenLoadBalancer: elbv2.ApplicationLoadBalancer =
  new elbv2.ApplicationLoadBalancer(given, 'LoadBalancer', { vpc: givenNetwork });
export const givenSecurityGroup: ec2.SecurityGroup =
  new ec2.SecurityGroup(given, 'SecurityGroup', { vpc: givenNetwork });

export const production: boolean = false;
export const vpc: ec2.IVpc = givenNetwork;
export const network: HipaaVpc = givenNetwork;
export const isolated: HipaaVpc = new HipaaVpc(given, 'Isolated', { nat: NatStrategy.none() });
export const image: ecs.ContainerImage = givenImage;
export const engine: rds.IInstanceEngine = givenEngine;
export const auroraEngine: rds.IClusterEngine = givenClusterEngine;
export const certificate: acm.ICertificate = givenCertificate;
export const forPatients: acm.ICertificate = new acm.Certificate(
  given, 'ForPatients', { domainName: 'patients.example.com' });
export const forClinics: acm.ICertificate = new acm.Certificate(
  given, 'ForClinics', { domainName: 'clinics.example.com' });
export const hostedZone: route53.IHostedZone = givenZone;
export const database: EncryptedDatabaseInstance = new EncryptedDatabaseInstance(
  given, 'Database', { vpc: givenNetwork, engine: givenEngine });
export const cluster: EncryptedAuroraCluster = new EncryptedAuroraCluster(
  given, 'Cluster', { vpc: givenNetwork, engine: givenClusterEngine });
export const secrets: RotatingSecrets = new RotatingSecrets(
  given, 'Secrets', { secrets: { session: GeneratedSecret.password() }, externalSecrets: { twilio: {} } });
export const entrance: SecureLoadBalancer = new SecureLoadBalancer(
  given, 'Entrance', { vpc: givenNetwork, endpoint: WebEndpoint.certificate(givenCertificate) });
export const api: SecureFargateService = givenServices.addService(stack, 'GivenApi', {
  image: givenImage,
  containerPort: 8080,
  ingress: ServiceIngress.https({ domainName: 'given.example.com', hostedZone: givenZone }),
});
export const worker: SecureFargateService = givenServices.addService(
  stack, 'GivenWorker', { image: givenImage });
export const queue: JobQueue = new JobQueue(given, 'Queue');
export const guardrails: ComplianceGuardrails = new ComplianceGuardrails(given, 'Guardrails');
export const bucket: s3.IBucket = s3.Bucket.fromBucketName(given, 'Bucket', 'clinic-bucket');
export const partnerBucket: s3.IBucket = s3.Bucket.fromBucketName(given, 'PartnerBucket', 'partner-bucket');
export const repository: ecr.IRepository = new ecr.Repository(given, 'Repository');
export const images: HardenedRepository = new HardenedRepository(given, 'Images');
export const existingLoadBalancer: elbv2.IApplicationLoadBalancer = givenLoadBalancer;
export const existingListener: elbv2.IApplicationListener = givenLoadBalancer.addListener('Https', {
  port: 443,
  certificates: [elbv2.ListenerCertificate.fromCertificateManager(givenCertificate)],
  open: false,
  defaultAction: elbv2.ListenerAction.fixedResponse(404),
});
export const smtp: secretsmanager.ISecret = new rds.DatabaseSecret(given, 'Smtp', { username: 'smtp' });
export const cache: ec2.IConnectable = new ec2.Connections({
  securityGroups: [givenSecurityGroup], defaultPort: ec2.Port.tcp(6379),
});
export const rotation: ec2.IConnectable = givenSecurityGroup;
export const monitoring: WorkloadMonitoring = new WorkloadMonitoring(
  given, 'Monitoring', { email: 'oncall@example.com' });

// Only for snippets that declare the name or the type.
export const services: ServiceCluster = givenServices;
export const instances: Ec2Capacity = new Ec2Capacity(
  stack, 'GivenInstances', { cluster: givenServices });
export const reports: PhiBucket = new PhiBucket(given, 'Reports');
export const fields: FieldEncryptionKey = new FieldEncryptionKey(given, 'Fields', { contextKeys: ['table'] });
export const firewall: WebFirewall = new WebFirewall(given, 'Firewall');
export const sshBastion: SshBastion = new SshBastion(given, 'SshBastion', {
  vpc: givenNetwork,
  allowedAddress: '203.0.113.7/32',
  keyPair: ec2.KeyPair.fromKeyPairName(given, 'KeyPair', 'analysts'),
  reason: 'the client of the analysts supports SSH only',
});
export const ssmBastion: SsmBastion = new SsmBastion(given, 'SsmBastion', { vpc: givenNetwork });
export const trial: Stack = stack;
export const east: Stack = new Stack(given, 'East', { env: { account: '111122223333', region: 'us-east-1' } });
export const west: Stack = new Stack(given, 'West', { env: { account: '111122223333', region: 'us-west-2' } });
export const writer: Construct = new Construct(given, 'Writer');
export const ownBucket: s3.Bucket = new s3.Bucket(given, 'OwnBucket');
export const sqsQueue: sqs.Queue = new sqs.Queue(given, 'SqsQueue');
export const topic: sns.Topic = new sns.Topic(given, 'Topic');
export const rule: events.Rule = new events.Rule(given, 'Rule', { eventPattern: { source: ['clinic'] } });
export const role: iam.Role = new iam.Role(given, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
export const analysts: iam.IRole = new iam.Role(given, 'Analysts', { assumedBy: new iam.AccountRootPrincipal() });
export const taskDefinition: ecs.FargateTaskDefinition = new ecs.FargateTaskDefinition(given, 'TaskDefinition');
export const encryptionKey: kms.IKey = kms.Key.fromKeyArn(given, 'Key', givenKeyArn);
export const key: kms.CfnKey = new kms.CfnKey(given, 'CfnKey');
export const policy: iam.PolicyDocument = new iam.PolicyDocument();
export const statements: iam.PolicyStatement[] = [
  new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: ['*'], principals: [new iam.AccountRootPrincipal()] }),
];
export const ourRules: wafv2.CfnRuleGroup = new wafv2.CfnRuleGroup(given, 'OurRules', {
  capacity: 10,
  scope: 'REGIONAL',
  visibilityConfig: { metricName: 'OurRules', cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false },
});
export const environment: Environment = {
  terminationProtection: true, nat: NatStrategy.onePerAz(), multiAz: true,
};
export const defaultBehavior: cloudfront.BehaviorOptions = { origin: new origins.HttpOrigin('downloads.example.com') };
