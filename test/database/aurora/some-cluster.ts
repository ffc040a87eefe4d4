import { Stack } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { DataProtection } from '../../../src/core/data-protection';
import { EncryptedAuroraClusterProps } from '../../../src/database/aurora/aurora-cluster-props';
import { EncryptedAuroraCluster } from '../../../src/database/aurora/encrypted-aurora-cluster';
import { newStack, someVpc, templateOf } from '../../support/app';
import { only, Properties } from '../instance/some-database';

export const AURORA_POSTGRES = rds.DatabaseClusterEngine.auroraPostgres({
  version: rds.AuroraPostgresEngineVersion.VER_16_8,
});
export const AURORA_MYSQL = rds.DatabaseClusterEngine.auroraMysql({ version: rds.AuroraMysqlEngineVersion.VER_3_10_4 });

/** An Aurora PostgreSQL cluster with the ID `Database`, with the given and the required props only. */
export function someCluster(
  scope: Construct = newStack(),
  props: Partial<EncryptedAuroraClusterProps> = {},
): EncryptedAuroraCluster {
  const vpc = props.vpc ?? someVpc(scope);
  return new EncryptedAuroraCluster(scope, 'Database', { engine: AURORA_POSTGRES, ...props, vpc });
}

/** A stack with disposable data. */
export function disposableStack(): Stack {
  const stack = newStack();
  DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
  return stack;
}

/** The properties of the cluster. */
export function clusterOf(cluster: EncryptedAuroraCluster): Properties {
  return only(templateOf(cluster), 'AWS::RDS::DBCluster');
}

/** The error of the given props, or `nothing was refused`. */
export function clusterRefusalOf(props: Partial<EncryptedAuroraClusterProps>, stack: Stack = newStack()): string {
  try {
    someCluster(stack, props);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
}
