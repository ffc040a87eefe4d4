import { Token } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { IConstruct } from 'constructs';
import { refuse } from '../../core/refusal';

/** The name of a snapshot. The snapshots of RDS and of AWS Backup have a prefix. */
const NAME = '((rds|awsbackup):)?[A-Za-z][A-Za-z0-9-]{0,254}';
const ARN = 'arn:[\\w-]+:rds:[a-z0-9-]+:\\d{12}:';
const OF_INSTANCE = new RegExp(`^(${ARN}snapshot:)?${NAME}$`);
const OF_CLUSTER = new RegExp(`^(${ARN}(cluster-)?snapshot:)?${NAME}$`);
const PROP = 'snapshotIdentifier';

/** The props of a database that can be restored. */
export interface RestorableProps {
  readonly snapshotIdentifier?: string;
  readonly encryptionKey?: kms.IKey;
}

/**
 * Restores an instance from a snapshot, if the props name one.
 *
 * A restored instance has the master user, the databases and the key of the snapshot. CloudFormation restores first,
 * and then lets RDS manage the password, so the template has neither a user nor a database name. It keeps the key,
 * which CloudFormation does not use here: the template shows the encryption that the instance has.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbinstance.html
 */
export function restoreInstance(scope: IConstruct, instance: rds.CfnDBInstance, props: RestorableProps): void {
  const { snapshotIdentifier, encryptionKey } = props;
  if (snapshotIdentifier === undefined) return;
  requireName(scope, snapshotIdentifier, OF_INSTANCE, 'the name or the ARN of a snapshot of an instance');
  if (!encryptionKey) {
    refuse(scope, {
      prop: 'encryptionKey',
      given: undefined,
      allowed: 'the key of the snapshot, because a restored instance keeps that key',
      change: 'pass that key, or first copy the snapshot with the key to use: aws rds copy-db-snapshot --kms-key-id',
    });
  }
  instance.dbSnapshotIdentifier = snapshotIdentifier;
  instance.masterUsername = undefined;
  instance.dbName = undefined;
}

/** Restores a cluster from a snapshot, if the props name one. Aurora encrypts the copy with the key of the cluster. */
export function restoreCluster(scope: IConstruct, cluster: rds.CfnDBCluster, props: RestorableProps): void {
  const { snapshotIdentifier } = props;
  if (snapshotIdentifier === undefined) return;
  requireName(scope, snapshotIdentifier, OF_CLUSTER, 'the name or the ARN of a snapshot');
  cluster.snapshotIdentifier = snapshotIdentifier;
  cluster.masterUsername = undefined;
  cluster.databaseName = undefined;
}

function requireName(scope: IConstruct, given: string, pattern: RegExp, allowed: string): void {
  if (Token.isUnresolved(given) || pattern.test(given)) return;
  const change = 'copy it from the RDS console, or run aws rds describe-db-snapshots or describe-db-cluster-snapshots';
  refuse(scope, { prop: PROP, given, allowed, change });
}
