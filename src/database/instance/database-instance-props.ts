import { Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { DatabaseBackupOptions } from '../shared/database-backup-options';

/** What a database instance for PHI is made of. */
export interface EncryptedDatabaseInstanceProps {
  /** The network. */
  readonly vpc: ec2.IVpc;
  /**
   * PostgreSQL 13 or newer, or MySQL 8.0.28 or newer, with its version; other engines are refused. A minor version that AWS
   * offers no longer, or not with the instance class, fails at deployment: CloudFormation Validate reports the second before, the first not always.
   */
  readonly engine: rds.IInstanceEngine;
  /**
   * The instance class. Refused where RDS offers no such class with encryption.
   * @default - db.t4g.medium
   */
  readonly instanceType?: ec2.InstanceType;
  /**
   * The size of the volume (gp3), in whole GiB, 20 at least. It cannot be made smaller later.
   * @default Size.gibibytes(20)
   */
  readonly allocatedStorage?: Size;
  /**
   * How far the volume may grow by itself. At least 10 % more than `allocatedStorage`, at most 65,536 GiB.
   * @default - five times `allocatedStorage`; 1,000 GiB where that is known only at deployment
   */
  readonly maxAllocatedStorage?: Size;
  /**
   * Whether there is a standby in a second zone. `false` is refused while data is kept (45 CFR 164.308(a)(7)(ii)(C), the
   * emergency mode operation plan); where `DataProtection` says that data is disposable it is allowed, with a warning.
   * @default true
   */
  readonly multiAz?: boolean;
  /**
   * The database that is created in the instance, and that services are told to use. Changing it replaces the instance.
   * @default 'app'
   */
  readonly databaseName?: string;
  /**
   * When the database is backed up, and for how long backups are kept.
   * @default - daily, kept for 35 days by RDS and, unless data is disposable, by AWS Backup
   */
  readonly backup?: DatabaseBackupOptions;
  /**
   * When RDS may patch and restart the database, in UTC, as `ddd:hh:mm-ddd:hh:mm` of 30 minutes to 8 hours.
   * @default 'sun:05:00-sun:06:00'
   */
  readonly maintenanceWindow?: string;
  /**
   * The subnets, in two zones at least. Public ones are refused.
   * @default - the isolated subnets of the VPC; refused where it has none
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * More parameters for the parameter group. Refused where they weaken TLS or the audit, or would write PHI into logs.
   * @default - those of this construct alone
   */
  readonly parameters?: { [name: string]: string };
  /**
   * The key for data, snapshots, insights, logs, the master password and the vault. The policy that CloudWatch Logs needs is
   * added to it, unless it is imported: then its policy has to be right already. Changing it replaces the instance.
   * @default - a rotating key of the database's own
   */
  readonly encryptionKey?: kms.IKey;
}
