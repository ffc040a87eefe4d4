import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AuroraCapacity } from './aurora-capacity';
import { DatabaseBackupOptions } from '../shared/database-backup-options';
import { DatabaseProxy } from '../shared/database-proxy';

/** The props of `EncryptedAuroraCluster`. */
export interface EncryptedAuroraClusterProps {
  /** The VPC. */
  readonly vpc: ec2.IVpc;
  /**
   * Aurora PostgreSQL 13 or newer, or Aurora MySQL 3.04 or newer, with its version. Other engines are refused. `access`
   * and `uses` require PostgreSQL 15 or newer. A minor version that AWS has retired fails at deployment. CloudFormation
   * Validate usually reports it at synthesis.
   */
  readonly engine: rds.IClusterEngine;
  /**
   * The capacity of the instances.
   * @default AuroraCapacity.serverless({ minAcu: 0.5, maxAcu: 4 })
   */
  readonly capacity?: AuroraCapacity;
  /**
   * The number of readers, 0 to 15. The first reader is in a different zone from the writer, has the same size, and
   * takes over if the writer fails: 45 CFR 164.308(a)(7)(ii)(C), emergency mode operation plan. 0 is refused for
   * retained data and recorded as a relaxation for disposable data. Adding a reader replaces nothing.
   * @default 1
   */
  readonly readers?: number;
  /**
   * An RDS Proxy that services connect to. It pools connections and keeps them open through a failover.
   * @default - none: services connect to the cluster
   */
  readonly proxy?: DatabaseProxy;
  /**
   * The snapshot from which the cluster is restored, by name or ARN: of RDS, of AWS Backup or of a person.
   *
   * The master user is that of the snapshot. Aurora encrypts the cluster with its own key. The ARN of a snapshot of an
   * RDS instance migrates its data to Aurora.
   * Set it when you create the construct, and keep it: with another value or without it, CloudFormation would replace
   * the cluster, which fails while the old one exists. `databaseName` is the name of a database in the snapshot.
   * @default - the cluster starts empty
   */
  readonly snapshotIdentifier?: string;
  /**
   * The name of the database that the cluster creates and services use. Changing it replaces the cluster.
   * @default 'app'
   */
  readonly databaseName?: string;
  /**
   * The backup window and the retention of backups.
   * @default - daily, retained for 35 days by Aurora and, unless data is disposable, by AWS Backup
   */
  readonly backup?: DatabaseBackupOptions;
  /**
   * The window in which RDS can patch and restart the cluster, and in which its password rotates.
   *
   * In UTC, as `ddd:hh:mm-ddd:hh:mm` of 30 minutes to 8 hours. Refused if it overlaps the backup window. The password
   * rotates once a month, unless data is disposable: from the first full hour of the first window, until the end of
   * the window or of the UTC day, and at least for an hour. If the window is known only at deployment, the password
   * rotates in the default window.
   * @default 'sun:05:00-sun:06:00'
   */
  readonly maintenanceWindow?: string;
  /**
   * The subnets, in at least two zones. Public subnets are refused.
   * @default - the isolated subnets of the VPC; refused if it has none
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Additional parameters of the parameter group. Values that weaken TLS or the audit, or write PHI to logs, are
   * refused, as are names and values that no parameter can have.
   * @default - the parameters of the construct only
   */
  readonly parameters?: { [name: string]: string };
  /**
   * The key for data, snapshots, Performance Insights, logs, the master password and the vault. The construct adds the
   * statement for CloudWatch Logs to its policy. The policy of an imported key must contain it. Changing the key
   * replaces the cluster.
   * An alias and a key of another region are refused.
   * @default - a new customer managed key that rotates yearly
   */
  readonly encryptionKey?: kms.IKey;
}
