import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AuroraCapacity } from './aurora-capacity';
import { ClusterProxy } from './cluster-proxy';
import { DatabaseBackupOptions } from '../shared/database-backup-options';

/** What an Aurora cluster for PHI is made of. */
export interface EncryptedAuroraClusterProps {
  /** The network. */
  readonly vpc: ec2.IVpc;
  /**
   * Aurora PostgreSQL 13 or newer, or Aurora MySQL 3.04 or newer, with its version; other engines are refused. A minor version that
   * AWS offers no longer fails at deployment: CloudFormation Validate reports it before, though not always.
   */
  readonly engine: rds.IClusterEngine;
  /**
   * How large the instances are.
   * @default AuroraCapacity.serverless({ minAcu: 0.5, maxAcu: 4 })
   */
  readonly capacity?: AuroraCapacity;
  /**
   * How many readers there are beside the writer, 0 to 15. The first one stands in another zone than the writer, is as large, and takes
   * over when the writer fails (45 CFR 164.308(a)(7)(ii)(C), the emergency mode operation plan). 0 is refused while data is
   * kept; where `DataProtection` says that data is disposable it is allowed, with a warning. Adding a reader replaces nothing.
   * @default 1
   */
  readonly readers?: number;
  /**
   * A proxy that services connect to instead of the cluster: it keeps connections open and holds them through a failover.
   * @default - none: services connect to the cluster
   */
  readonly proxy?: ClusterProxy;
  /**
   * The database that is created in the cluster, and that services are told to use. Changing it replaces the cluster.
   * @default 'app'
   */
  readonly databaseName?: string;
  /**
   * When the cluster is backed up, and for how long backups are kept.
   * @default - daily, kept for 35 days by Aurora and, unless data is disposable, by AWS Backup
   */
  readonly backup?: DatabaseBackupOptions;
  /**
   * When RDS may patch and restart the cluster, in UTC, as `ddd:hh:mm-ddd:hh:mm` of 30 minutes to 8 hours.
   * @default 'sun:05:00-sun:06:00'
   */
  readonly maintenanceWindow?: string;
  /**
   * The subnets, in two zones at least. Public ones are refused.
   * @default - the isolated subnets of the VPC; refused where it has none
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * More parameters for the cluster's parameter group. Refused where they weaken TLS or the audit, or would write PHI into logs.
   * @default - those of this construct alone
   */
  readonly parameters?: { [name: string]: string };
  /**
   * The key for data, snapshots, insights, logs, the master password and the vault. The policy that CloudWatch Logs needs is
   * added to it, unless it is imported: then its policy has to be right already. Changing it replaces the cluster.
   * @default - a rotating key of the cluster's own
   */
  readonly encryptionKey?: kms.IKey;
}
