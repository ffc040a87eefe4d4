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
import { clusterMonitoring, firstInstanceOf } from './cluster-monitoring';
import { ClusterSettings, clusterSettingsOf } from './cluster-settings';
import { clusterEntrance, usersOfCluster } from './cluster-users';
import { ClusterClient } from './cluster-variables';
import { IServiceBindable, ServiceBinding, ServiceBindingContext } from '../../binding/service-binding';
import { managedGrantee } from '../../blocks/managed-grantee';
import { checkArguments, checkProps } from '../../core/check-props';
import { pinFeatureFlags } from '../../core/feature-flags';
import { declareWatchable } from '../../core/monitored-mark';
import { RelaxationOptions } from '../../core/relaxation';
import { IMonitored, MonitoringPlan } from '../../monitoring/monitored';
import { DatabaseAccess } from '../access/database-access';
import { defineUser, IDatabaseUser, userAlarms, userOfService } from '../access/database-user';
import { backupAlarms, CLUSTER_SNAPSHOTS, DatabaseVault, databaseVault } from '../shared/database-backup';
import { DatabaseFoundation } from '../shared/database-foundation';
import { requireDatabaseUser } from '../shared/database-name';
import { tooManyOf } from '../shared/instance-class';
import { masterSecret, masterUser } from '../shared/master-password';
import { PerformanceInsights } from '../shared/performance-insights';
import { proxyAlarms } from '../shared/proxy-alarms';
import { proxiedCluster, ProxyInFront } from '../shared/proxy-in-front';
import { restoreCluster } from '../shared/snapshot';
import { recommendTerminationProtection } from '../shared/termination-protection';

/**
 * The promotion tier of all readers except the first. The writer is in tier 0. The first reader, in tier 1, takes over
 * first.
 */
const OTHER_READERS_TIER = 2;

/**
 * An Aurora PostgreSQL or MySQL cluster for PHI.
 *
 * The cluster is encrypted with a customer managed key, has a reader in a second zone that takes over from the writer,
 * is in isolated subnets, and requires TLS. No client can connect until the app allows it with `uses: [cluster]` or
 * `service.connections.allowToDefaultPort(cluster)`. RDS manages the master password and rotates it once a month
 * (disposable data: every 7 days). Connections, DDL and changes of privileges are logged and retained for six years.
 * Aurora and AWS Backup retain backups. When the stack is deleted, a snapshot, the key, the logs and the vault remain,
 * unless `DataProtection` declares the data disposable.
 *
 * @example
 * declare const network: HipaaVpc;
 *
 * const cluster = new EncryptedAuroraCluster(this, 'Database', {
 *   vpc: network,
 *   engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 }),
 * });
 */
export class EncryptedAuroraCluster extends Construct implements ec2.IConnectable, IMonitored, IServiceBindable {
  /** The cluster. The port of its own `connections` is a token: use the `connections` of this construct. */
  public readonly cluster: rds.DatabaseCluster;
  /** The parameter group of the cluster. */
  public readonly parameterGroup: rds.IParameterGroup;
  /** The log groups by log type: `postgresql`, or `audit`, `error` and `slowquery` for MySQL. */
  public readonly logGroups: { [logType: string]: logs.LogGroup };
  /** The secret with `username` and `password` of the master user. RDS creates, owns and rotates it. */
  public readonly secret: secretsmanager.ISecret;
  /** The RDS Proxy, if requested. Its own `connections` have no port: use `proxyConnections`. */
  public readonly proxy?: rds.DatabaseProxy;
  /** The connections of the proxy on the port of the engine, if there is a proxy. */
  public readonly proxyConnections?: ec2.Connections;
  /** The plan of the daily snapshots of AWS Backup. Undefined for disposable data. */
  public readonly backupPlan?: backup.BackupPlan;
  /** The vault of the snapshots. Undefined for disposable data, whose vault is empty. */
  public readonly backupVault?: backup.BackupVault;
  /** The key of everything that holds data. */
  public readonly encryptionKey: kms.IKey;
  /**
   * The connections of the cluster on the port of the engine. They allow no inbound source by default, and nothing
   * outbound.
   */
  public readonly connections: ec2.Connections;
  /** The name of the database that the cluster creates. */
  public readonly databaseName: string;

  private readonly settings: ClusterSettings;
  private readonly inFront?: ProxyInFront;

  constructor(scope: Construct, id: string, props: EncryptedAuroraClusterProps) {
    super(scope, id);
    checkProps(this, 'EncryptedAuroraClusterProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    this.settings = clusterSettingsOf(this, props);
    this.databaseName = this.settings.databaseName;

    const foundation = this.defineFoundation(props);
    this.encryptionKey = foundation.encryptionKey;
    this.connections = foundation.connections;
    this.logGroups = foundation.logGroups;
    this.parameterGroup = this.defineParameters(props.engine);
    this.cluster = this.defineCluster(props, foundation);
    this.secret = masterSecret(this, this.cluster.secret!, this.settings);
    this.inFront = this.defineProxy(props);
    acknowledgeCluster(this.cluster, this.instanceIds, this.settings);
    recommendTerminationProtection(this, this.settings.disposable);

    this.proxy = this.inFront?.proxy;
    this.proxyConnections = this.inFront?.connections;
    const vault = this.defineVault();
    this.backupPlan = vault?.plan;
    this.backupVault = vault?.vault;
  }

  /**
   * The alarms and widgets of the cluster: CPU, memory and connections of the busiest instance, replica lag, old row
   * versions, missing and failed backups, the function of users, and whether a proxy reaches the writer.
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
    return { ...plan, alarms: [...plan.alarms, ...this.otherAlarms()] };
  }

  /**
   * The binding of a service that logs in as its own database user, which reads and changes the data.
   *
   * The user has the path of the service as its name: `api` for the service `Api` of the same stack. The service cannot
   * change the schema. For other privileges, use `access`.
   * The service connects to the proxy if there is one, otherwise to the cluster.
   * PostgreSQL: `PGHOST` (writer), `PGHOST_READONLY` (readers, if any), `PGPORT`, `PGDATABASE`, `PGUSER`, `PGPASSWORD`
   * and `PGSSLMODE`, which is `verify-full` with `PGSSLROOTCERT` if the image has the certificate bundle, otherwise
   * `require`. MySQL: `MYSQL_HOST`, `MYSQL_HOST_READONLY`, `MYSQL_TCP_PORT`, `MYSQL_PWD`, `MYSQL_DATABASE`,
   * `MYSQL_USER` and `MYSQL_SSL_CA`. With a proxy that requires IAM tokens, the service receives the user name and no
   * password. Without the bundle, the service has the warning `cdk-hipaa:unverified-database-server`.
   */
  public bindToService(context: ServiceBindingContext): ServiceBinding {
    return userOfService(this, context.service, () => usersOfCluster(this, this.client)).bindToService(context);
  }

  /**
   * Creates a user of the database, with which a service, a function or a person logs in.
   *
   * The ID becomes the name of the user: `NightlyReports` becomes `nightly_reports`. An ID with characters other than
   * letters and digits is refused. A second user with the same name is refused too. A custom resource creates the user
   * in the database, and its function also rotates the password every month. The user connects to the proxy if the
   * proxy accepts its kind of login, otherwise to the cluster.
   */
  public access(id: string, access: DatabaseAccess): IDatabaseUser {
    checkArguments(this, 'EncryptedAuroraCluster.access', { id, access });
    return defineUser(this, id, access, () => usersOfCluster(this, this.client));
  }

  /**
   * The master user, as an item of `uses`: for a service that administers the database.
   *
   * The service connects to the cluster, not to a proxy. The master user can change every role and, on PostgreSQL, the
   * audit, and its password becomes invalid at each rotation. Requires a reason, which is in a warning and in the
   * compliance report.
   */
  public asMasterUser(options: RelaxationOptions): IServiceBindable {
    checkArguments(this, 'EncryptedAuroraCluster.asMasterUser', { options });
    return masterUser(this, options, { ...clusterEntrance(this, this.client), secret: this.secret });
  }

  /**
   * Grants the right to log in as a database user with an IAM token, in a managed policy.
   *
   * The user can log in to the cluster and to a proxy that requires tokens. Create the user in the database with
   * `rds_iam` (PostgreSQL) or `AWSAuthenticationPlugin` (MySQL). A blank name, a name with a wildcard and
   * a name that is too long for the engine are refused.
   */
  public grantConnect(grantee: iam.IGrantable, dbUser: string): iam.Grant {
    checkArguments(this, 'EncryptedAuroraCluster.grantConnect', { grantee, dbUser });
    requireDatabaseUser(this, this.settings.profile, dbUser);
    const managed = managedGrantee(grantee);
    const grant = this.cluster.grantConnect(managed, dbUser);
    if (!this.inFront?.asksForToken) return grant;
    this.inFront.addTokenUser(dbUser);
    return grant.combine(this.inFront.proxy.grantConnect(managed, dbUser));
  }

  private get client(): ClusterClient {
    const { cluster, settings, databaseName, inFront } = this;
    return { cluster, settings, databaseName, inFront };
  }

  /** The IDs of the instances. They have numbers, because a failover changes which one is the writer. */
  private get instanceIds(): string[] {
    return Array.from({ length: this.settings.readers + 1 }, (_, index) => `Instance${index + 1}`);
  }

  private otherAlarms(): MonitoringPlan['alarms'] {
    const { backupVault: vault, cluster, proxy } = this;
    const ofBackups = vault ? backupAlarms(vault, cluster.metricVolumeBytesUsed(), 'Aurora') : [];
    return [...ofBackups, ...userAlarms(this), ...(proxy ? proxyAlarms(proxy, firstInstanceOf(cluster)) : [])];
  }

  private defineFoundation({ vpc, encryptionKey }: EncryptedAuroraClusterProps): DatabaseFoundation {
    return new DatabaseFoundation(this, this.settings, {
      vpc,
      encryptionKey,
      title: 'Aurora',
      logPath: 'cluster',
      monitored: '*',
      instanceType: this.settings.capacity.instanceType,
    });
  }

  private defineParameters(engine: rds.IClusterEngine): rds.IParameterGroup {
    return rds.ParameterGroup.forCluster(this, 'Parameters', {
      engine,
      parameters: this.settings.parameters,
      description: `TLS and audit of ${this.settings.profile.product}`,
    });
  }

  private defineCluster(props: EncryptedAuroraClusterProps, foundation: DatabaseFoundation): rds.DatabaseCluster {
    const { identifier, capacity, retention, backupWindow } = this.settings;
    const [writer, ...readers] = this.defineInstances(foundation.insights);
    const cluster = new rds.DatabaseCluster(this, 'Cluster', {
      ...foundation.safeguards,
      engine: props.engine,
      clusterIdentifier: identifier,
      ...capacity.scaling,
      writer,
      readers,
      ...this.network(props.vpc),
      defaultDatabaseName: this.databaseName,
      parameterGroup: this.parameterGroup,
      backup: { retention, preferredWindow: backupWindow },
    });
    restoreCluster(this, cluster.node.defaultChild as rds.CfnDBCluster, props);
    foundation.precede(cluster);
    return cluster;
  }

  private defineInstances(insights: PerformanceInsights): rds.IClusterInstance[] {
    const { capacity, zones, maintenanceWindow } = this.settings;
    const { enablePerformanceInsights, performanceInsightEncryptionKey, performanceInsightRetention } = insights;
    return this.instanceIds.map((id, index) =>
      capacity.instance(id, Math.min(index, OTHER_READERS_TIER), {
        availabilityZone: zones[index],
        publiclyAccessible: false,
        caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
        autoMinorVersionUpgrade: true,
        preferredMaintenanceWindow: maintenanceWindow,
        enablePerformanceInsights,
        performanceInsightEncryptionKey,
        performanceInsightRetention,
      }),
    );
  }

  private network(vpc: ec2.IVpc): Pick<rds.DatabaseClusterProps, 'vpc' | 'vpcSubnets' | 'subnetGroup'> {
    const { placement, subnets } = this.settings;
    const subnetGroup = new rds.SubnetGroup(this, 'Subnets', {
      vpc,
      vpcSubnets: placement,
      description: `Subnets of Aurora ${this.node.path}`,
    });
    return {
      vpc,
      // aws-cdk-lib requires two subnets and counts a list that is a token as one.
      vpcSubnets: { subnets: subnets.length > 1 ? subnets : [...subnets, ...subnets] },
      subnetGroup,
    };
  }

  private defineProxy({ proxy }: EncryptedAuroraClusterProps): ProxyInFront | undefined {
    return proxy && new ProxyInFront(this, 'Proxy', {
      choice: proxy,
      database: proxiedCluster(this.cluster),
      connections: this.connections,
      port: this.settings.profile.port,
      subnets: this.settings.subnets,
      masterSecret: this.secret,
      encryptionKey: this.encryptionKey,
      hasReaders: this.settings.readers > 0,
    });
  }

  private defineVault(): DatabaseVault | undefined {
    return databaseVault(this, this.settings, {
      resource: backup.BackupResource.fromRdsDatabaseCluster(this.cluster),
      resourceArn: this.cluster.clusterArn,
      snapshots: CLUSTER_SNAPSHOTS,
      encryptionKey: this.encryptionKey,
    });
  }
}
