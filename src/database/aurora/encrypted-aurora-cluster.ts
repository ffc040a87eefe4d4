import { Annotations, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { EncryptedAuroraClusterProps } from './aurora-cluster-props';
import { acknowledgeCluster } from './cluster-acknowledgements';
import { clusterMonitoring, proxyAlarms } from './cluster-monitoring';
import { ClusterSettings, clusterSettingsOf } from './cluster-settings';
import { backupAlarms, CLUSTER_SNAPSHOTS, DatabaseVault, missingBackupAlarm } from '../shared/database-backup';
import { databaseLogGroups } from '../shared/database-logs';
import { requireDatabaseUser } from '../shared/database-name';
import { databaseArnOf, databaseConnections } from '../shared/database-network';
import { enhancedMonitoringRole, MONITORING_SECONDS } from '../shared/enhanced-monitoring';
import { tooManyOf } from '../shared/instance-class';
import { MASTER_USER_NAME, rotateMasterPassword } from '../shared/master-password';
import { PerformanceInsights, performanceInsights } from '../shared/performance-insights';
import { ProxyInFront } from './proxy-in-front';
import { IServiceBindable, ServiceBinding, ServiceBindingContext } from '../../binding/service-binding';
import { IMonitored, MonitoringPlan } from '../../monitoring/monitored';
import { cloudWatchLogs, encryptionKeyFor } from '../../blocks/encryption-key';
import { checkArguments, checkProps } from '../../core/check-props';
import { pinFeatureFlags } from '../../core/feature-flags';
import { declareWatchable } from '../../core/monitored-mark';
import { rotatedContainerSecret } from '../../binding/container-secret';

/** The writer starts in promotion tier 0. The first reader, in tier 1, is always as large as the writer and takes over first; the others are in this one. */
const OTHER_READERS_TIER = 2;

/**
 * An Aurora cluster for PHI: PostgreSQL or MySQL.
 *
 * Encrypted with a key of its own, with a reader in a second zone that takes over from the writer, in isolated subnets, reachable over
 * TLS only and by nobody until the app says who: `service.connections.allowToDefaultPort(cluster)`, or `uses: [cluster]`. RDS keeps the
 * master password and changes it every 30 days, every 7 where data is disposable. Connections and changes of structure and rights are
 * logged, and kept for six years. Backups are kept by Aurora and by AWS Backup; deleting the stack leaves a snapshot, the key, the logs and
 * the vault. Where `DataProtection` says that data is disposable, nothing of it stays.
 */
export class EncryptedAuroraCluster extends Construct implements ec2.IConnectable, IMonitored, IServiceBindable {
  /** The cluster. Its own `connections` have a port that is known only at deployment; use those of this construct. */
  public readonly cluster: rds.DatabaseCluster;
  /** The parameters of every instance. */
  public readonly parameterGroup: rds.IParameterGroup;
  /** The logs of the servers, by their type: `postgresql`; `audit`, `error`, `slowquery`. */
  public readonly logGroups: { [logType: string]: logs.LogGroup };
  /** The master user's `username` and `password`. RDS made it, owns it and changes it. */
  public readonly secret: secretsmanager.ISecret;
  /** The proxy in front of the cluster, if there is one. Its own `connections` have no port; use `proxyConnections`. */
  public readonly proxy?: rds.DatabaseProxy;
  /** Who may connect to the proxy, on the port of the engine, if there is one. */
  public readonly proxyConnections?: ec2.Connections;
  /** The daily snapshots of AWS Backup, unless data is disposable. */
  public readonly backupPlan?: backup.BackupPlan;
  /** The vault that the snapshots go into, unless data is disposable. */
  public readonly backupVault?: backup.BackupVault;
  /** The key for everything that holds data. */
  public readonly encryptionKey: kms.IKey;
  /** Who may connect to the cluster itself, on the port of the engine. Nothing is let in by itself, and nothing out at all. */
  public readonly connections: ec2.Connections;
  /** The database that is created in the cluster. */
  public readonly databaseName: string;

  private readonly settings: ClusterSettings;
  private readonly inFront?: ProxyInFront;
  private readonly asksForToken: boolean;

  constructor(scope: Construct, id: string, props: EncryptedAuroraClusterProps) {
    super(scope, id);
    checkProps(this, 'EncryptedAuroraClusterProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    this.settings = clusterSettingsOf(this, props);
    this.databaseName = this.settings.databaseName;
    this.asksForToken = props.proxy?._asksForToken ?? false;

    this.encryptionKey = encryptionKeyFor(this, props.encryptionKey, {
      description: `Aurora ${this.node.path}: data, snapshots, insights, logs, master password`,
      users: [cloudWatchLogs],
    });
    this.connections = databaseConnections(this, props.vpc, this.settings.profile.port);
    this.parameterGroup = this.defineParameters(props.engine);
    this.logGroups = databaseLogGroups(this, `/aws/rds/cluster/${this.settings.identifier}`, this.settings.profile.logTypes, this.encryptionKey);
    this.cluster = this.defineCluster(props);
    this.secret = this.defineSecret();
    this.inFront = this.defineProxy(props);
    const vault = this.settings.disposable ? undefined : this.defineVault();
    acknowledgeCluster(this.cluster, this.instanceIds, this.settings);
    this.node.addValidation({ validate: () => this.tellOfTerminationProtection() });

    this.proxy = this.inFront?.proxy;
    this.proxyConnections = this.inFront?.connections;
    this.backupPlan = vault?.plan;
    this.backupVault = vault?.vault;
  }

  /**
   * The CPU, memory and connections of the busiest instance, the lag of readers, what piles up where cleaning does not keep up, failed and missing backups,
   * and whether a proxy reaches the writer.
   */
  public monitoringPlan(): MonitoringPlan {
    const { profile, capacity, parameters, readers } = this.settings;
    const plan = clusterMonitoring(`Aurora ${this.node.path}`, this.cluster, {
      memoryGib: capacity.memoryGib,
      tooManyConnections: tooManyOf(capacity.connections, parameters),
      pauses: capacity.pauses,
      hasReaders: readers > 0,
      transactionIdsWrapAround: profile.transactionIdsWrapAround,
    });
    const besides = [
      ...this.backupVault ? [...backupAlarms(this.backupVault), missingBackupAlarm(this.backupVault, this.cluster.metricVolumeBytesUsed())] : [],
      ...this.proxy ? proxyAlarms(this.proxy) : [],
    ];
    return { ...plan, alarms: [...plan.alarms, ...besides] };
  }

  /**
   * What a service needs in order to log in as the master user: to the proxy where there is one, else to the cluster.
   *
   * PostgreSQL: `PGHOST`, where writing is possible, and where there are readers `PGHOST_READONLY`, which they share; `PGPORT`, `PGDATABASE`,
   * `PGUSER`, `PGPASSWORD`, and `PGSSLMODE`: `verify-full` with `PGSSLROOTCERT` where the image has the certificate bundle, else `require`.
   * MySQL: `MYSQL_HOST`, `MYSQL_HOST_READONLY`, `MYSQL_TCP_PORT`, `MYSQL_PWD`, `MYSQL_DATABASE`, `MYSQL_USER` and `MYSQL_SSL_CA`.
   * A proxy that asks for a token of IAM leaves no password to hand over: the service gets the name of the user alone.
   */
  public bindToService(context: ServiceBindingContext): ServiceBinding {
    const { certificateBundlePath } = context;
    const { clusterEndpoint, clusterReadEndpoint } = this.cluster;
    if (this.inFront && certificateBundlePath !== undefined) {
      Annotations.of(context.service).addInfoV2('cdk-hipaa:proxy-certificates',
        `${this.node.path} is behind a proxy, which shows certificates of Amazon Trust Services: ${certificateBundlePath} has to hold their roots too`);
    }
    const variables = this.settings.profile.clientVariables({
      host: this.inFront?.proxy.endpoint ?? clusterEndpoint.hostname,
      readOnlyHost: this.settings.readers > 0 ? this.inFront?.readOnlyHost ?? clusterReadEndpoint.hostname : undefined,
      databaseName: this.databaseName,
      certificateBundlePath,
    });
    const connectable = this.inFront?.connections ?? this;
    if (this.asksForToken) return { connectable, environment: { ...variables.environment, [variables.user]: MASTER_USER_NAME } };
    return {
      connectable,
      environment: variables.environment,
      secrets: {
        [variables.user]: rotatedContainerSecret(this.secret, 'username'),
        [variables.password]: rotatedContainerSecret(this.secret, 'password'),
      },
      rotatedSecrets: [this.secret],
    };
  }

  /**
   * Lets somebody log in as a database user with a token of IAM instead of a password: to the cluster, and to a proxy that asks for tokens.
   * For the cluster, the user has to be created in the database with `rds_iam` (PostgreSQL) or `AWSAuthenticationPlugin` (MySQL); for the
   * proxy, it has to be `dbowner` or one of the proxy's secrets. A blank name, and one with a wildcard, is refused.
   */
  public grantConnect(grantee: iam.IGrantable, dbUser: string): iam.Grant {
    checkArguments(this, 'EncryptedAuroraCluster.grantConnect', { grantee, dbUser });
    requireDatabaseUser(this, dbUser);
    const grant = this.cluster.grantConnect(grantee, dbUser);
    return this.proxy && this.asksForToken ? grant.combine(this.proxy.grantConnect(grantee, dbUser)) : grant;
  }

  /** The instances are numbered: which one is the writer is decided anew by every failover. */
  private get instanceIds(): string[] {
    return Array.from({ length: this.settings.readers + 1 }, (_, index) => `Instance${index + 1}`);
  }

  private defineParameters(engine: rds.IClusterEngine): rds.IParameterGroup {
    return rds.ParameterGroup.forCluster(this, 'Parameters', { engine, parameters: this.settings.parameters, description: `TLS and audit of ${this.settings.profile.product}` });
  }

  private defineCluster(props: EncryptedAuroraClusterProps): rds.DatabaseCluster {
    const { profile, identifier, capacity } = this.settings;
    const monitoringRole = enhancedMonitoringRole(this, 'MonitoringRole', [databaseArnOf(this, 'db', '*')]);
    const insights = performanceInsights(this, profile, this.encryptionKey, capacity.instanceType);
    const [writer, ...readers] = this.defineInstances(insights);
    const cluster = new rds.DatabaseCluster(this, 'Cluster', {
      engine: props.engine,
      clusterIdentifier: identifier,
      ...capacity.scaling,
      writer,
      readers,
      ...this.network(props.vpc),
      defaultDatabaseName: this.databaseName,
      credentials: rds.Credentials.fromUsername(MASTER_USER_NAME, { encryptionKey: this.encryptionKey }),
      manageMasterUserPassword: true,
      iamAuthentication: true,
      storageEncrypted: true,
      storageEncryptionKey: this.encryptionKey,
      parameterGroup: this.parameterGroup,
      cloudwatchLogsExports: profile.logTypes,
      monitoringInterval: Duration.seconds(MONITORING_SECONDS),
      monitoringRole,
      ...insights,
      autoMinorVersionUpgrade: true,
      engineLifecycleSupport: rds.EngineLifecycleSupport.OPEN_SOURCE_RDS_EXTENDED_SUPPORT,
      preferredMaintenanceWindow: this.settings.maintenanceWindow,
      backup: { retention: this.settings.retention, preferredWindow: this.settings.backupWindow },
      copyTagsToSnapshot: true,
      ...this.protection(),
    });
    cluster.node.addDependency(monitoringRole, ...Object.values(this.logGroups));
    return cluster;
  }

  private defineInstances(insights: PerformanceInsights): rds.IClusterInstance[] {
    const { capacity, zones, maintenanceWindow } = this.settings;
    const { enablePerformanceInsights, performanceInsightEncryptionKey, performanceInsightRetention } = insights;
    return this.instanceIds.map((id, index) => capacity.instance(id, Math.min(index, OTHER_READERS_TIER), {
      availabilityZone: zones[index],
      publiclyAccessible: false,
      caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
      autoMinorVersionUpgrade: true,
      preferredMaintenanceWindow: maintenanceWindow,
      enablePerformanceInsights,
      performanceInsightEncryptionKey,
      performanceInsightRetention,
    }));
  }

  private network(vpc: ec2.IVpc): Pick<rds.DatabaseClusterProps, 'vpc' | 'vpcSubnets' | 'subnetGroup' | 'securityGroups' | 'networkType' | 'port'> {
    const { placement, subnets, profile } = this.settings;
    const subnetGroup = new rds.SubnetGroup(this, 'Subnets', { vpc, vpcSubnets: placement, description: `Subnets of Aurora ${this.node.path}` });
    return {
      vpc,
      // aws-cdk-lib counts the subnets, and takes a list that is known only at deployment for one.
      vpcSubnets: { subnets: subnets.length > 1 ? subnets : [...subnets, ...subnets] },
      subnetGroup,
      securityGroups: this.connections.securityGroups,
      networkType: rds.NetworkType.IPV4,
      port: profile.port,
    };
  }

  private protection(): Pick<rds.DatabaseClusterProps, 'deletionProtection' | 'deleteAutomatedBackups' | 'removalPolicy'> {
    const { disposable } = this.settings;
    return {
      deletionProtection: !disposable,
      deleteAutomatedBackups: disposable,
      removalPolicy: disposable ? RemovalPolicy.DESTROY : RemovalPolicy.SNAPSHOT,
    };
  }

  /** CloudFormation deletes the instances before it asks for the cluster, which then refuses: the data stays, but nothing serves it. */
  private tellOfTerminationProtection(): string[] {
    if (!this.settings.disposable && !Stack.of(this).terminationProtection) {
      Annotations.of(this).addInfoV2('cdk-hipaa:no-termination-protection',
        'the cluster is protected from deletion, but an attempt to delete its stack would take the instances first: set terminationProtection on the stack');
    }
    return [];
  }

  private defineSecret(): secretsmanager.ISecret {
    const secret = this.cluster.secret!;
    if (!this.settings.disposable) rotateMasterPassword(this, 'PasswordRotation', secret);
    return secret;
  }

  private defineProxy({ proxy }: EncryptedAuroraClusterProps): ProxyInFront | undefined {
    return proxy && new ProxyInFront(this, 'Proxy', {
      choice: proxy,
      cluster: this.cluster,
      connections: this.connections,
      port: this.settings.profile.port,
      subnets: this.settings.subnets,
      masterSecret: this.secret,
      encryptionKey: this.encryptionKey,
      hasReaders: this.settings.readers > 0,
    });
  }

  private defineVault(): DatabaseVault {
    return new DatabaseVault(this, 'Backup', {
      resource: backup.BackupResource.fromRdsDatabaseCluster(this.cluster),
      resourceArn: this.cluster.clusterArn,
      snapshots: CLUSTER_SNAPSHOTS,
      encryptionKey: this.encryptionKey,
      retention: this.settings.vaultRetention,
      hour: this.settings.snapshotHour,
    });
  }
}
