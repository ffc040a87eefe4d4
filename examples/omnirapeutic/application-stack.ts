import { CfnOutput, Size, Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import {
  DatabaseAccess,
  EncryptedAuroraCluster,
  MigrationTask,
  WorkloadMonitoring,
  RotatingSecrets,
  ScalingPolicy,
  SecureLoadBalancer,
  ServiceCluster,
  ServiceIngress,
  WebEndpoint,
} from 'cdk-hipaa';

export interface ApplicationStackProps extends StackProps {
  readonly vpc: ec2.IVpc;
  readonly database: EncryptedAuroraCluster;
  /** The images, in repositories of an earlier stack. */
  readonly images: Images;
  readonly domain: Domain;
  readonly topic: sns.ITopic;
}

export interface Images {
  readonly api: ecs.ContainerImage;
  readonly web: ecs.ContainerImage;
  readonly worker: ecs.ContainerImage;
}

export interface Domain {
  readonly name: string;
  readonly hostedZoneId: string;
  readonly zoneName: string;
  /** False while another system uses the name: the stack then creates no alias records. */
  readonly createAliasRecords?: boolean;
}

/** The workload: an API and a site behind one load balancer, a worker without ingress, and the migrations. */
export class ApplicationStack extends Stack {
  constructor(scope: Construct, id: string, props: ApplicationStackProps) {
    super(scope, id, props);
    const { vpc, database, images, domain } = props;

    const secrets = new RotatingSecrets(this, 'Secrets', {
      externalSecrets: { clearinghouse: {} },
    });
    const hostedZone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', domain);
    const entrance = new SecureLoadBalancer(this, 'Entrance', {
      vpc,
      endpoint: WebEndpoint.domain({
        domainName: domain.name,
        hostedZone,
        createAliasRecords: domain.createAliasRecords,
      }),
    });

    const services = new ServiceCluster(this, 'Cluster', { vpc });
    const program = { cpu: 512, memory: Size.mebibytes(1024) };
    const writablePaths = ['/tmp'];
    const encrypted = { containerProtocol: elbv2.ApplicationProtocol.HTTPS };
    const certificateBundlePath = '/etc/ssl/rds/global-bundle.pem';
    const api = services.addService(this, 'Api', {
      ...program,
      image: images.api,
      containerPort: 8443,
      writablePaths,
      ingress: ServiceIngress.loadBalancer(entrance, { ...encrypted, path: '/api/*', healthCheckPath: '/health' }),
      certificateBundlePath,
      uses: [database],
    });
    const web = services.addService(this, 'Web', {
      ...program,
      image: images.web,
      containerPort: 8443,
      writablePaths,
      ingress: ServiceIngress.loadBalancer(entrance, { ...encrypted, healthCheckPath: '/' }),
    });
    const worker = services.addService(this, 'Worker', {
      ...program,
      image: images.worker,
      scaling: ScalingPolicy.constant(1),
      certificateBundlePath,
      uses: [database],
      secrets: { CLEARINGHOUSE_API_KEY: secrets.forContainer('clearinghouse') },
    });
    const migrations = new MigrationTask(this, 'Migrations', {
      cluster: services,
      image: images.api,
      command: ['node', 'migrate.js'],
      certificateBundlePath,
      uses: [database.access('Migrations', DatabaseAccess.owner())],
      runBefore: [api, worker],
    });
    new CfnOutput(this, 'Migrate', { value: migrations.runCommand, description: 'Runs the migrations' });

    const monitoring = new WorkloadMonitoring(this, 'Monitoring', { topic: props.topic });
    monitoring.watch(secrets, entrance, services, api, web, worker, migrations);
  }
}
