import { Duration, Tokenization } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { backupAlarms, databaseVault, INSTANCE_SNAPSHOTS } from '../shared/database-backup';
import { EncryptedDatabaseInstanceProps } from './database-instance-props';
import { databaseLogGroups } from '../shared/database-logs';
import { instanceMonitoring } from './database-monitoring';
import { requireDatabaseUser } from '../shared/database-name';
import { databaseArnOf, databaseConnections } from '../shared/database-network';
import { deletionProtection } from '../shared/deletion-protection';
import { enhancedMonitoringRole, MONITORING_SECONDS } from '../shared/enhanced-monitoring';
import { acknowledgeInstance } from './instance-acknowledgements';
import { tooManyConnections } from '../shared/instance-class';
import { InstanceSettings, instanceSettingsOf } from './instance-settings';
import { MASTER_USER_NAME, masterSecret, masterUserBinding } from '../shared/master-password';
import { performanceInsights } from '../shared/performance-insights';
import { IServiceBindable, ServiceBinding, ServiceBindingContext } from '../../binding/service-binding';
import { IMonitored, MonitoringPlan } from '../../monitoring/monitored';
import { cloudWatchLogs, encryptionKeyFor } from '../../blocks/encryption-key';
import { checkArguments, checkProps } from '../../core/check-props';
import { pinFeatureFlags } from '../../core/feature-flags';
import { declareWatchable } from '../../core/monitored-mark';
import { DataProtection } from '../../core/data-protection';


/**
 * A PostgreSQL or MySQL database for PHI.
 *
 * Encrypted with a key of its own, with a standby in a second zone, in isolated subnets, reachable over TLS only and by
 * nobody until the app says who: `service.connections.allowToDefaultPort(database)`, or `uses: [database]`. RDS keeps the
 * master password and changes it every 30 days, every 7 where data is disposable. Connections and changes of structure and rights are logged, and kept for six
 * years. Backups are kept by RDS and by AWS Backup; deleting the stack leaves a snapshot, the key, the logs and the vault.
 * Where `DataProtection` says that data is disposable, nothing of it stays.
 */
export class EncryptedDatabaseInstance extends Construct implements ec2.IConnectable, IMonitored, IServiceBindable {
  /** The instance. Its own `connections` have a port that is known only at deployment; use those of this construct. */
  public readonly instance: rds.DatabaseInstance;
  /** The parameters of the server. */
  public readonly parameterGroup: rds.IParameterGroup;
  /** The options of the server: the audit plugin of MySQL. PostgreSQL has none. */
  public readonly optionGroup?: rds.OptionGroup;
  /** The logs of the server, by their type: `postgresql`, `upgrade`; `audit`, `error`, `slowquery`. */
  public readonly logGroups: { [logType: string]: logs.LogGroup };
  /** The master user's `username` and `password`. RDS made it, owns it and changes it. */
  public readonly secret: secretsmanager.ISecret;
  /** The daily snapshots of AWS Backup, unless data is disposable. */
  public readonly backupPlan?: backup.BackupPlan;
  /** The vault that the snapshots go into, unless data is disposable. */
  public readonly backupVault?: backup.BackupVault;
  /** The key for everything that holds data. */
  public readonly encryptionKey: kms.IKey;
  /** Who may connect, on the port of the engine. Nothing is let in by itself, and nothing out at all. */
  public readonly connections: ec2.Connections;
  /** The database that is created in the instance. */
  public readonly databaseName: string;

  private readonly settings: InstanceSettings;

  constructor(scope: Construct, id: string, props: EncryptedDatabaseInstanceProps) {
    super(scope, id);
    checkProps(this, 'EncryptedDatabaseInstanceProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    this.settings = instanceSettingsOf(this, props);
    this.databaseName = this.settings.databaseName;

    this.encryptionKey = encryptionKeyFor(this, props.encryptionKey, {
      description: `Database ${this.node.path}: data, snapshots, insights, logs, master password`,
      users: [cloudWatchLogs],
    });
    this.connections = databaseConnections(this, props.vpc, this.settings.profile.port);
    this.parameterGroup = this.defineParameters(props.engine);
    this.optionGroup = this.defineOptions(props.engine);
    this.logGroups = databaseLogGroups(this, `/aws/rds/instance/${this.settings.identifier}`, this.settings.profile.logTypes, this.encryptionKey);
    this.instance = this.defineInstance(props);
    this.secret = masterSecret(this, this.instance.secret!, this.settings.disposable);
    const vault = databaseVault(this, this.settings, {
      resource: backup.BackupResource.fromRdsDatabaseInstance(this.instance),
      resourceArn: this.instance.instanceArn,
      snapshots: INSTANCE_SNAPSHOTS,
      encryptionKey: this.encryptionKey,
    });
    acknowledgeInstance(this.instance, this.settings);

    this.backupPlan = vault?.plan;
    this.backupVault = vault?.vault;
  }

  /** The CPU, memory, storage, connections and latency of the instance, for PostgreSQL its transaction ids, and failed backups. */
  public monitoringPlan(): MonitoringPlan {
    const { profile, instanceType, parameters, storage } = this.settings;
    const plan = instanceMonitoring(`Database ${this.node.path}`, this.instance, {
      tooFewFreeBytes: storage.tooFewFreeBytes,
      tooManyConnections: tooManyConnections(profile, instanceType, parameters),
      transactionIdsWrapAround: profile.transactionIdsWrapAround,
    });
    return { ...plan, alarms: [...plan.alarms, ...this.backupVault ? backupAlarms(this.backupVault) : []] };
  }

  /**
   * What a service needs in order to log in as the master user.
   *
   * PostgreSQL: `PGHOST`, `PGPORT`, `PGDATABASE`, `PGUSER`, `PGPASSWORD`, and `PGSSLMODE`: `verify-full` with `PGSSLROOTCERT`
   * where the image has the RDS certificate bundle, else `require`. libpq and what is built on it reads them by itself.
   * MySQL: `MYSQL_HOST`, `MYSQL_TCP_PORT` and `MYSQL_PWD`, which its own clients read, and `MYSQL_DATABASE`, `MYSQL_USER` and
   * `MYSQL_SSL_CA` (where the image has the bundle), which the application reads.
   */
  public bindToService(context: ServiceBindingContext): ServiceBinding {
    const variables = this.settings.profile.clientVariables({
      host: this.instance.instanceEndpoint.hostname,
      databaseName: this.databaseName,
      certificateBundlePath: context.certificateBundlePath,
    });
    return masterUserBinding(this, variables, this.secret);
  }

  /**
   * Lets somebody log in as a database user with a token of IAM instead of a password. The user has to be created in the
   * database, with `rds_iam` (PostgreSQL) or `AWSAuthenticationPlugin` (MySQL). A blank name, and one with a wildcard, is refused.
   */
  public grantConnect(grantee: iam.IGrantable, dbUser: string): iam.Grant {
    checkArguments(this, 'EncryptedDatabaseInstance.grantConnect', { grantee, dbUser });
    requireDatabaseUser(this, dbUser);
    return this.instance.grantConnect(grantee, dbUser);
  }

  private defineParameters(engine: rds.IInstanceEngine): rds.IParameterGroup {
    return rds.ParameterGroup.forInstance(this, 'Parameters', { engine, parameters: this.settings.parameters, description: `TLS and audit of ${this.settings.profile.product}` });
  }

  private defineOptions(engine: rds.IInstanceEngine): rds.OptionGroup | undefined {
    if (!this.settings.profile.auditOption) return undefined;
    const configurations = [this.settings.profile.auditOption];
    const options = new rds.OptionGroup(this, 'Options', { engine, configurations, description: `Audit of ${this.settings.profile.product}` });
    // The snapshot that stays behind refers to its option group, and RDS deletes none that a snapshot refers to.
    (options.node.defaultChild as rds.CfnOptionGroup).applyRemovalPolicy(DataProtection.of(this).removalPolicy);
    return options;
  }

  private defineInstance(props: EncryptedDatabaseInstanceProps): rds.DatabaseInstance {
    const { identifier, instanceType, storage } = this.settings;
    const monitoringRole = enhancedMonitoringRole(this, 'MonitoringRole', [databaseArnOf(this, 'db', identifier)]);
    const instance = new rds.DatabaseInstance(this, 'Instance', {
      engine: props.engine,
      instanceIdentifier: identifier,
      instanceType,
      vpc: props.vpc,
      vpcSubnets: this.settings.placement,
      securityGroups: this.connections.securityGroups,
      port: this.settings.profile.port,
      publiclyAccessible: false,
      networkType: rds.NetworkType.IPV4,
      multiAz: this.settings.multiAz,
      databaseName: this.databaseName,
      credentials: rds.Credentials.fromUsername(MASTER_USER_NAME, { encryptionKey: this.encryptionKey }),
      manageMasterUserPassword: true,
      iamAuthentication: true,
      caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
      storageType: rds.StorageType.GP3,
      allocatedStorage: storage.allocatedGib,
      maxAllocatedStorage: storage.maxAllocatedGib,
      storageEncrypted: true,
      storageEncryptionKey: this.encryptionKey,
      parameterGroup: this.parameterGroup,
      optionGroup: this.optionGroup,
      cloudwatchLogsExports: this.settings.profile.logTypes,
      monitoringInterval: Duration.seconds(MONITORING_SECONDS),
      monitoringRole,
      ...performanceInsights(this, this.settings.profile, this.encryptionKey, this.settings.instanceType),
      autoMinorVersionUpgrade: true,
      allowMajorVersionUpgrade: false,
      engineLifecycleSupport: rds.EngineLifecycleSupport.OPEN_SOURCE_RDS_EXTENDED_SUPPORT,
      preferredMaintenanceWindow: this.settings.maintenanceWindow,
      preferredBackupWindow: this.settings.backupWindow,
      backupRetention: this.settings.retention,
      copyTagsToSnapshot: true,
      ...deletionProtection(this.settings.disposable),
    });
    // aws-cdk-lib writes the number into a text, which spoils a number that is known only at deployment.
    (instance.node.defaultChild as rds.CfnDBInstance).allocatedStorage = Tokenization.stringifyNumber(storage.allocatedGib);
    instance.node.addDependency(monitoringRole, ...Object.values(this.logGroups));
    return instance;
  }
}
