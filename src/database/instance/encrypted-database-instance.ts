import { Tokenization } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { EncryptedDatabaseInstanceProps } from './database-instance-props';
import { instanceMonitoring } from './database-monitoring';
import { acknowledgeInstance } from './instance-acknowledgements';
import { InstanceSettings, instanceSettingsOf } from './instance-settings';
import { InstanceClient, instanceEntrance, usersOfInstance } from './instance-users';
import { refuseReadReplicas } from './read-replicas';
import { IServiceBindable, ServiceBinding, ServiceBindingContext } from '../../binding/service-binding';
import { managedGrantee } from '../../blocks/managed-grantee';
import { checkArguments, checkProps } from '../../core/check-props';
import { protectionOf } from '../../core/data-protection';
import { pinFeatureFlags } from '../../core/feature-flags';
import { declareWatchable } from '../../core/monitored-mark';
import { RelaxationOptions } from '../../core/relaxation';
import { IMonitored, MonitoringPlan } from '../../monitoring/monitored';
import { DatabaseAccess } from '../access/database-access';
import { defineUser, IDatabaseUser, userAlarms, userOfService } from '../access/database-user';
import { backupAlarms, DatabaseVault, databaseVault, INSTANCE_SNAPSHOTS } from '../shared/database-backup';
import { DatabaseFoundation } from '../shared/database-foundation';
import { requireDatabaseUser } from '../shared/database-name';
import { memoryGib, tooManyConnections } from '../shared/instance-class';
import { masterSecret, masterUser } from '../shared/master-password';
import { proxyAlarms } from '../shared/proxy-alarms';
import { proxiedInstance, ProxyInFront } from '../shared/proxy-in-front';
import { restoreInstance } from '../shared/snapshot';

/**
 * An RDS for PostgreSQL or MySQL instance for PHI.
 *
 * The instance is encrypted with a customer managed key, has a standby in a second zone, is in isolated subnets, and
 * requires TLS. No client can connect until the app allows it with `uses: [database]` or
 * `service.connections.allowToDefaultPort(database)`. RDS manages the master password and rotates it once a month
 * (disposable data: every 7 days). Connections, DDL and changes of privileges are logged and retained for six years.
 * RDS and AWS Backup retain backups. When the stack is deleted, a snapshot, the key, the logs and the vault remain,
 * unless `DataProtection` declares the data disposable.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const images: HardenedRepository;
 *
 * const database = new EncryptedDatabaseInstance(this, 'Database', {
 *   vpc: network,
 *   engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_13 }),
 * });
 * new SecureFargateService(this, 'Api', { vpc: network, image: images.image('1.4.2'), uses: [database] });
 */
export class EncryptedDatabaseInstance extends Construct implements ec2.IConnectable, IMonitored, IServiceBindable {
  /** The instance. The port of its own `connections` is a token: use the `connections` of this construct. */
  public readonly instance: rds.DatabaseInstance;
  /** The parameter group of the instance. */
  public readonly parameterGroup: rds.IParameterGroup;
  /** The option group with the audit plugin of MySQL. Undefined for PostgreSQL. */
  public readonly optionGroup?: rds.OptionGroup;
  /** The log groups by log type: `postgresql` and `upgrade`, or `audit`, `error` and `slowquery` for MySQL. */
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
   * The connections of the instance on the port of the engine. They allow no inbound source by default, and nothing
   * outbound.
   */
  public readonly connections: ec2.Connections;
  /** The name of the database that the instance creates. */
  public readonly databaseName: string;

  private readonly settings: InstanceSettings;
  private readonly vpc: ec2.IVpc;
  private readonly inFront?: ProxyInFront;

  constructor(scope: Construct, id: string, props: EncryptedDatabaseInstanceProps) {
    super(scope, id);
    checkProps(this, 'EncryptedDatabaseInstanceProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    this.settings = instanceSettingsOf(this, props);
    this.vpc = props.vpc;
    this.databaseName = this.settings.databaseName;

    const foundation = this.defineFoundation(props);
    this.encryptionKey = foundation.encryptionKey;
    this.connections = foundation.connections;
    this.logGroups = foundation.logGroups;
    this.parameterGroup = this.defineParameters(props.engine);
    this.optionGroup = this.defineOptions(props.engine);
    this.instance = this.defineInstance(props, foundation);
    this.secret = masterSecret(this, this.instance.secret!, this.settings);
    this.inFront = this.defineProxy(props);
    this.proxy = this.inFront?.proxy;
    this.proxyConnections = this.inFront?.connections;
    acknowledgeInstance(this.instance, this.settings);

    const vault = this.defineVault();
    this.backupPlan = vault?.plan;
    this.backupVault = vault?.vault;
  }

  /**
   * The alarms and widgets of the instance: CPU, memory, storage, connections, latency, transaction IDs, and failed,
   * aborted, expired and missing backups, failures of the function that manages users, and whether a proxy reaches the
   * instance.
   */
  public monitoringPlan(): MonitoringPlan {
    const { profile, instanceType, parameters, storage } = this.settings;
    const plan = instanceMonitoring(`Database ${this.node.path}`, this.instance, {
      tooFewFreeBytes: storage.tooFewFreeBytes,
      memoryGib: memoryGib(instanceType),
      tooManyConnections: tooManyConnections(profile, instanceType, parameters),
      transactionIdsWrapAround: profile.transactionIdsWrapAround,
    });
    const size = this.instance.metricFreeStorageSpace();
    const ofBackups = this.backupVault ? backupAlarms(this.backupVault, size) : [];
    const ofProxy = this.proxy ? proxyAlarms(this.proxy, [this.instance]) : [];
    return { ...plan, alarms: [...plan.alarms, ...ofBackups, ...userAlarms(this), ...ofProxy] };
  }

  /**
   * The binding of a service that logs in as its own database user, which reads and changes the data.
   *
   * The user has the path of the service as its name: `api` for the service `Api` of the same stack. The service cannot
   * change the schema. For other privileges, use `access`.
   * The service connects to the proxy if there is one, otherwise to the instance. With a proxy that requires IAM
   * tokens, the service receives the user name and no password.
   * PostgreSQL: `PGHOST`, `PGPORT`, `PGDATABASE`, `PGUSER`, `PGPASSWORD` and `PGSSLMODE`, which is `verify-full` with
   * `PGSSLROOTCERT` if the image has the RDS certificate bundle, otherwise `require`. Clients based on libpq read all
   * of them. MySQL: `MYSQL_HOST`, `MYSQL_TCP_PORT`, `MYSQL_PWD`, `MYSQL_DATABASE`, `MYSQL_USER`, and `MYSQL_SSL_CA` if
   * the image has the bundle. The application reads them. Without the bundle, the service has the warning
   * `cdk-hipaa:unverified-database-server`, unless data is disposable.
   */
  public bindToService(context: ServiceBindingContext): ServiceBinding {
    return userOfService(this, context.service, () => usersOfInstance(this, this.client)).bindToService(context);
  }

  /**
   * Creates a user of the database, with which a service, a function or a person logs in.
   *
   * The ID becomes the name of the user: `NightlyReports` becomes `nightly_reports`. An ID with characters other than
   * letters and digits is refused. A second user with the same name is refused too. A custom resource creates the user
   * in the database, and its function also rotates the password every month. The user connects to the proxy if the
   * proxy accepts its kind of login, otherwise to the instance.
   */
  public access(id: string, access: DatabaseAccess): IDatabaseUser {
    checkArguments(this, 'EncryptedDatabaseInstance.access', { id, access });
    return defineUser(this, id, access, () => usersOfInstance(this, this.client));
  }

  /**
   * The master user, as an item of `uses`: for a service that administers the database.
   *
   * The service connects to the instance, not to a proxy. The master user can change every role and, on PostgreSQL, the
   * audit, and its password becomes invalid at each rotation. Requires a reason, which is in a warning and in the
   * compliance report.
   */
  public asMasterUser(options: RelaxationOptions): IServiceBindable {
    checkArguments(this, 'EncryptedDatabaseInstance.asMasterUser', { options });
    return masterUser(this, options, { ...instanceEntrance(this, this.client), secret: this.secret });
  }

  /**
   * Grants the right to log in as a database user with an IAM token, in a managed policy.
   *
   * The user can log in to the instance and to a proxy that requires tokens. Create the user in the database with
   * `rds_iam` (PostgreSQL) or `AWSAuthenticationPlugin` (MySQL). A blank name, a name with a wildcard and a name that
   * is too long for the engine are refused.
   */
  public grantConnect(grantee: iam.IGrantable, dbUser: string): iam.Grant {
    checkArguments(this, 'EncryptedDatabaseInstance.grantConnect', { grantee, dbUser });
    requireDatabaseUser(this, this.settings.profile, dbUser);
    const managed = managedGrantee(grantee);
    const grant = this.instance.grantConnect(managed, dbUser);
    if (!this.inFront?.asksForToken) return grant;
    this.inFront.addTokenUser(dbUser);
    return grant.combine(this.inFront.proxy.grantConnect(managed, dbUser));
  }

  private get client(): InstanceClient {
    const { settings, vpc, inFront } = this;
    return { settings, vpc, inFront };
  }

  private defineProxy({ proxy, vpc }: EncryptedDatabaseInstanceProps): ProxyInFront | undefined {
    return proxy && new ProxyInFront(this, 'Proxy', {
      choice: proxy,
      database: proxiedInstance(this.instance, vpc),
      connections: this.connections,
      port: this.settings.profile.port,
      subnets: vpc.selectSubnets(this.settings.placement).subnets,
      masterSecret: this.secret,
      encryptionKey: this.encryptionKey,
      hasReaders: false,
    });
  }

  private defineFoundation({ vpc, encryptionKey }: EncryptedDatabaseInstanceProps): DatabaseFoundation {
    const { identifier, instanceType } = this.settings;
    return new DatabaseFoundation(this, this.settings, {
      vpc,
      encryptionKey,
      title: 'Database',
      logPath: 'instance',
      monitored: identifier,
      instanceType,
    });
  }

  private defineParameters(engine: rds.IInstanceEngine): rds.IParameterGroup {
    return rds.ParameterGroup.forInstance(this, 'Parameters', {
      engine,
      parameters: this.settings.parameters,
      description: `TLS and audit of ${this.settings.profile.product}`,
    });
  }

  private defineOptions(engine: rds.IInstanceEngine): rds.OptionGroup | undefined {
    if (!this.settings.profile.auditOption) return undefined;
    const configurations = [this.settings.profile.auditOption];
    const options = new rds.OptionGroup(this, 'Options', {
      engine,
      configurations,
      description: `Audit of ${this.settings.profile.product}`,
    });
    // Snapshots and retained automated backups use the option group, also after a rollback, and RDS cannot delete an
    // option group that they use. An option group is free.
    const { _rollbackRemovalPolicy } = protectionOf(this);
    (options.node.defaultChild as rds.CfnOptionGroup).applyRemovalPolicy(_rollbackRemovalPolicy);
    return options;
  }

  private defineInstance(props: EncryptedDatabaseInstanceProps, foundation: DatabaseFoundation): rds.DatabaseInstance {
    const { identifier, instanceType, placement, storage, multiAz, retention, backupWindow } = this.settings;
    const instance = new rds.DatabaseInstance(this, 'Instance', {
      ...foundation.safeguards,
      engine: props.engine,
      instanceIdentifier: identifier,
      instanceType,
      vpc: props.vpc,
      vpcSubnets: placement,
      publiclyAccessible: false,
      multiAz,
      databaseName: this.databaseName,
      caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
      storageType: rds.StorageType.GP3,
      allocatedStorage: storage.allocatedGib,
      maxAllocatedStorage: storage.maxAllocatedGib,
      parameterGroup: this.parameterGroup,
      optionGroup: this.optionGroup,
      allowMajorVersionUpgrade: false,
      preferredBackupWindow: backupWindow,
      backupRetention: retention,
    });
    // aws-cdk-lib formats the number as a string, which breaks a token.
    const resource = instance.node.defaultChild as rds.CfnDBInstance;
    resource.allocatedStorage = Tokenization.stringifyNumber(storage.allocatedGib);
    restoreInstance(this, resource, props);
    refuseReadReplicas(this, resource);
    foundation.precede(instance);
    return instance;
  }

  private defineVault(): DatabaseVault | undefined {
    return databaseVault(this, this.settings, {
      resource: backup.BackupResource.fromRdsDatabaseInstance(this.instance),
      resourceArn: this.instance.instanceArn,
      snapshots: INSTANCE_SNAPSHOTS,
      encryptionKey: this.encryptionKey,
    });
  }
}
