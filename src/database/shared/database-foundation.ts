import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { databaseLogGroups } from './database-logs';
import { databaseArnOf, databaseConnections } from './database-network';
import { DatabaseSettings } from './database-settings';
import { DeletionProtection, deletionProtection } from './deletion-protection';
import { enhancedMonitoringRole, MONITORING_SECONDS } from './enhanced-monitoring';
import { MASTER_USER_NAME } from './master-password';
import { PerformanceInsights, performanceInsights } from './performance-insights';
import { cloudWatchLogs, encryptionKeyFor } from '../../blocks/encryption-key';

/** The differences between the foundations of an instance and of a cluster. */
export interface DatabaseFoundationOptions {
  readonly vpc: ec2.IVpc;
  /** The key of the user. A new key is created by default. */
  readonly encryptionKey?: kms.IKey;
  /** The start of the description of the new key. */
  readonly title: string;
  /** The part of the log group names that RDS uses for the database type. */
  readonly logPath: 'cluster' | 'instance';
  /** The identifier of the monitored instances, which can contain a wildcard. */
  readonly monitored: string;
  /** The instance class. Undefined for serverless capacity. */
  readonly instanceType?: ec2.InstanceType;
}

/** The safeguards that an instance and a cluster set with the same props. */
export interface Safeguards extends PerformanceInsights, DeletionProtection {
  readonly credentials: rds.Credentials;
  readonly manageMasterUserPassword: boolean;
  readonly iamAuthentication: boolean;
  readonly securityGroups: ec2.ISecurityGroup[];
  readonly networkType: rds.NetworkType;
  readonly port: number;
  readonly storageEncrypted: boolean;
  readonly storageEncryptionKey: kms.IKey;
  readonly cloudwatchLogsExports: string[];
  readonly monitoringInterval: Duration;
  readonly monitoringRole: iam.IRole;
  readonly autoMinorVersionUpgrade: boolean;
  readonly engineLifecycleSupport: rds.EngineLifecycleSupport;
  readonly preferredMaintenanceWindow: string;
  readonly copyTagsToSnapshot: boolean;
}

/**
 * Creates the resources that a database needs before it exists: its key, security group, log groups and monitoring
 * role.
 */
export class DatabaseFoundation {
  public readonly encryptionKey: kms.IKey;
  public readonly connections: ec2.Connections;
  public readonly logGroups: { [logType: string]: logs.LogGroup };
  public readonly insights: PerformanceInsights;

  private readonly monitoringRole: iam.Role;

  constructor(scope: Construct, private readonly settings: DatabaseSettings, options: DatabaseFoundationOptions) {
    const { profile, identifier } = settings;
    this.encryptionKey = encryptionKeyFor(scope, options.encryptionKey, {
      description: `${options.title} ${scope.node.path}: data, snapshots, Performance Insights, logs, master password`,
      users: [cloudWatchLogs],
    });
    this.connections = databaseConnections(scope, options.vpc, profile.port);
    const prefix = `/aws/rds/${options.logPath}/${identifier}`;
    this.logGroups = databaseLogGroups(scope, prefix, profile.logTypes, this.encryptionKey);
    const monitored = databaseArnOf(scope, 'db', options.monitored);
    this.monitoringRole = enhancedMonitoringRole(scope, 'MonitoringRole', [monitored]);
    this.insights = performanceInsights(scope, profile, this.encryptionKey, options.instanceType);
  }

  /** The props of encryption, login, network, logs, monitoring, updates and deletion protection. */
  public get safeguards(): Safeguards {
    const { profile, maintenanceWindow, disposable } = this.settings;
    return {
      credentials: rds.Credentials.fromUsername(MASTER_USER_NAME, { encryptionKey: this.encryptionKey }),
      manageMasterUserPassword: true,
      iamAuthentication: true,
      securityGroups: this.connections.securityGroups,
      networkType: rds.NetworkType.IPV4,
      port: profile.port,
      storageEncrypted: true,
      storageEncryptionKey: this.encryptionKey,
      cloudwatchLogsExports: profile.logTypes,
      monitoringInterval: Duration.seconds(MONITORING_SECONDS),
      monitoringRole: this.monitoringRole,
      ...this.insights,
      autoMinorVersionUpgrade: true,
      engineLifecycleSupport: rds.EngineLifecycleSupport.OPEN_SOURCE_RDS_EXTENDED_SUPPORT,
      preferredMaintenanceWindow: maintenanceWindow,
      copyTagsToSnapshot: true,
      ...deletionProtection(disposable),
    };
  }

  /** Creates the database after the log groups and the monitoring role. RDS would create the groups without a key. */
  public precede(database: Construct): void {
    database.node.addDependency(this.monitoringRole, ...Object.values(this.logGroups));
  }
}
