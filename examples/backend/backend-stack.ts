import { CfnOutput, Duration, Stack, StackProps } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { Parameters } from './parameters';
import {
  AuroraCapacity,
  DatabaseAccess,
  DatabaseProxy,
  Ec2Capacity,
  EncryptedAuroraCluster,
  EncryptedDatabaseInstance,
  GeneratedSecret,
  HipaaVpc,
  JobQueue,
  MigrationTask,
  PhiBucket,
  RotatingSecrets,
  ScalingPolicy,
  ScheduledTask,
  SecureLoadBalancer,
  ServiceCapacity,
  ServiceCluster,
  ServiceIngress,
  SshBastion,
  WebEndpoint,
  WorkloadMonitoring,
} from 'cdk-hipaa';

/** The capacity range of Aurora Serverless v2, or the class of an RDS instance. */
export type DatabaseCapacity = AuroraCapacity | ec2.InstanceType;

export interface BackendStackProps extends StackProps {
  readonly parameters: Parameters;
  /** Chooses the database: a capacity of Aurora creates a cluster, an instance type an RDS instance. */
  readonly capacity: DatabaseCapacity;
  /** The image of the programs, in a repository of an earlier stack. */
  readonly image: ecs.ContainerImage;
}

/** Enough for the smallest number of tasks of the API. */
const ON_DEMAND_INSTANCES = 2;

/** An API behind a load balancer, a worker on its queue, their database and storage, and a bastion. */
export class BackendStack extends Stack {
  constructor(scope: Construct, id: string, props: BackendStackProps) {
    super(scope, id, props);
    const { parameters } = props;

    const network = new HipaaVpc(this, 'Network');
    const database = this.defineDatabase(network, props);
    const storage = new PhiBucket(this, 'Storage', {
      lifecycle: [{ prefix: 'jobs/', expireAfter: Duration.days(90) }],
    });
    const jobs = new JobQueue(this, 'Jobs');
    const secrets = new RotatingSecrets(this, 'Secrets', { secrets: { apiKeys: GeneratedSecret.signingKeys() } });

    const certificate = acm.Certificate.fromCertificateArn(this, 'Certificate', parameters.certificateArn);
    const entrance = new SecureLoadBalancer(this, 'Entrance', {
      vpc: network,
      endpoint: WebEndpoint.certificate(certificate, parameters.domainName),
    });
    const cluster = new ServiceCluster(this, 'Cluster', { vpc: network });
    const instances = new Ec2Capacity(this, 'Instances', {
      cluster,
      instanceTypes: ['c7i.large', 'c6i.large'].map((type) => new ec2.InstanceType(type)),
      minInstances: ON_DEMAND_INSTANCES,
      maxInstances: 10,
      spot: parameters.useSpot ? { onDemandInstances: ON_DEMAND_INSTANCES, spotPercentage: 100 } : undefined,
    });
    const program = {
      image: props.image,
      certificateBundlePath: '/etc/ssl/rds/global-bundle.pem',
      writablePaths: ['/tmp'],
      environment: { AWS_REGION: this.region },
    };
    const service = {
      ...program,
      capacity: ServiceCapacity.ec2(instances),
      healthCheck: { command: ['CMD', 'node', 'healthcheck.js'] },
    };
    const api = cluster.addService(this, 'Api', {
      ...service,
      command: ['node', 'api.js'],
      containerPort: 8443,
      ingress: ServiceIngress.loadBalancer(entrance, {
        containerProtocol: elbv2.ApplicationProtocol.HTTPS,
        healthCheckPath: '/healthz',
      }),
      uses: [database, storage, jobs.sendOnly()],
      secrets: { API_KEYS: secrets.forContainer('apiKeys') },
    });
    const worker = cluster.addService(this, 'Worker', {
      ...service,
      command: ['node', 'process-jobs.js'],
      uses: [database, storage.readOnly(), jobs.receiveOnly()],
      scaling: ScalingPolicy.backlog({ queue: jobs, jobsPerTask: 10, min: 0, max: 8 }),
      stopTimeout: Duration.minutes(2),
    });
    const migrations = new MigrationTask(this, 'Migrations', {
      ...program,
      cluster,
      command: ['node', 'migrate.js'],
      uses: [database.access('Migrations', DatabaseAccess.owner())],
      runBefore: [api, worker],
    });
    const cleanup = new ScheduledTask(this, 'Cleanup', {
      ...program,
      cluster,
      command: ['node', 'clean-up.js'],
      schedule: scheduler.ScheduleExpression.rate(Duration.days(1)),
      uses: [database],
    });

    const bastion = new SshBastion(this, 'Bastion', {
      vpc: network,
      allowedAddress: parameters.myIpAddress,
      keyPair: new ec2.KeyPair(this, 'KeyPair', { publicKeyMaterial: parameters.sshPublicKey }),
      reason: 'the document requires SSH from one address',
    });
    bastion.allowTo(database);

    const monitoring = new WorkloadMonitoring(this, 'Monitoring', { email: parameters.alarmEmail });
    monitoring.watch(
      network, database, storage, jobs, secrets, entrance, cluster, instances, api, worker, migrations, cleanup,
      bastion,
    );
    this.defineOutputs({
      LoadBalancer: entrance.loadBalancer.loadBalancerDnsName,
      Migrate: migrations.runCommand,
      CleanUp: cleanup.runCommand,
      Redrive: jobs.redriveCommand,
      Renew: instances.renewCommand,
      Shell: bastion.sshCommand,
    });
  }

  private defineDatabase(vpc: ec2.IVpc, { capacity, parameters: { databaseName } }: BackendStackProps) {
    const common = { vpc, databaseName, proxy: DatabaseProxy.withPassword() };
    if (capacity instanceof AuroraCapacity) {
      return new EncryptedAuroraCluster(this, 'Database', {
        ...common,
        engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 }),
        capacity,
      });
    }
    return new EncryptedDatabaseInstance(this, 'Database', {
      ...common,
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_13 }),
      instanceType: capacity,
    });
  }

  private defineOutputs(values: { [name: string]: string }): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}
