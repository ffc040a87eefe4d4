import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';

/** The mark of a `ServiceCluster`. It is a global symbol, so that two copies of the package recognize each other's. */
const MARK = Symbol.for('cdk-hipaa.service.cluster');

/** A cluster with a key that its services share. */
export interface ClusterWithKey extends ecs.ICluster {
  readonly encryptionKey: kms.IKey;
  /** The wrapped cluster. */
  readonly cluster: ecs.Cluster;
}

/** Marks a `ServiceCluster`, so that `serviceClusterKey` recognizes it. */
export function markServiceCluster(cluster: ClusterWithKey): void {
  Object.defineProperty(cluster, MARK, { value: true });
}

/** Returns the key of a `ServiceCluster`, and undefined for every other cluster. */
export function serviceClusterKey(cluster: ecs.ICluster | undefined): kms.IKey | undefined {
  return (cluster as (ClusterWithKey & { [MARK]?: boolean }) | undefined)?.[MARK]
    ? (cluster as ClusterWithKey).encryptionKey
    : undefined;
}

/** Returns the cluster that a `ServiceCluster` wraps, and every other cluster itself. */
export function wrappedCluster(cluster: ecs.ICluster): ecs.ICluster {
  return serviceClusterKey(cluster) ? (cluster as ClusterWithKey).cluster : cluster;
}
