import { Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { DatabaseBackupOptions } from '../shared/database-backup-options';
import { DatabaseProxy } from '../shared/database-proxy';

/** The props of `EncryptedDatabaseInstance`. */
export interface EncryptedDatabaseInstanceProps {
  /** The VPC. */
  readonly vpc: ec2.IVpc;
  /**
   * PostgreSQL 13 or newer, or MySQL 8.0.28 or newer, with its version. Other engines are refused. `access` and `uses`
   * require PostgreSQL 15 or newer. A minor version that AWS has retired, or does not offer on the instance class,
   * fails at deployment. At synthesis, CloudFormation Validate reports the second case, and usually the first.
   */
  readonly engine: rds.IInstanceEngine;
  /**
   * The instance class. A class that RDS does not offer with encryption is refused.
   * @default - db.t4g.medium. RDS does not offer it in ca-west-1, where this prop is required
   */
  readonly instanceType?: ec2.InstanceType;
  /**
   * The size of the gp3 volume, in whole GiB: 20 to 59,578. It cannot shrink later.
   * @default Size.gibibytes(20)
   */
  readonly allocatedStorage?: Size;
  /**
   * The limit of storage autoscaling: at least 10 % more than `allocatedStorage`, at most 65,536 GiB.
   * @default - five times `allocatedStorage`; 1,000 GiB if that is a token
   */
  readonly maxAllocatedStorage?: Size;
  /**
   * Whether the database has a standby in a second zone: 45 CFR 164.308(a)(7)(ii)(C), emergency mode operation plan.
   * `false` is refused for retained data and recorded as a relaxation for disposable data.
   * @default true
   */
  readonly multiAz?: boolean;
  /**
   * An RDS Proxy that services connect to. It pools connections and keeps them open through a failover.
   * @default - none: services connect to the instance
   */
  readonly proxy?: DatabaseProxy;
  /**
   * The snapshot from which the instance is restored, by name or ARN: of RDS, of AWS Backup or of a person.
   *
   * The master user, the engine version and the key are those of the snapshot: pass the key as `encryptionKey`.
   * Set it when you create the construct, and keep it: with another value or without it, CloudFormation would replace
   * the instance, which fails while the old one exists. `databaseName` is the name of a database in the snapshot.
   * @default - the instance starts empty
   */
  readonly snapshotIdentifier?: string;
  /**
   * The name of the database that the instance creates and services use. Changing it replaces the instance.
   * @default 'app'
   */
  readonly databaseName?: string;
  /**
   * The backup window and the retention of backups.
   * @default - daily, retained for 35 days by RDS and, unless data is disposable, by AWS Backup
   */
  readonly backup?: DatabaseBackupOptions;
  /**
   * The window in which RDS can patch and restart the database, and in which its password rotates.
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
   * replaces the instance.
   * An alias and a key of another region are refused.
   * @default - a new customer managed key that rotates yearly
   */
  readonly encryptionKey?: kms.IKey;
}
