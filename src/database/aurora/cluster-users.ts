import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct } from 'constructs';
import { ClusterClient, clusterVariables } from './cluster-variables';
import { DatabaseEntrance, UserDatabase } from '../access/user-database';
import { entrancesOf } from '../shared/entrances';
import { passwordRotation } from '../shared/master-password';

/** The cluster of the library. */
interface Cluster extends IConstruct, ec2.IConnectable {
  readonly secret: secretsmanager.ISecret;
  readonly encryptionKey: kms.IKey;
  grantConnect(grantee: iam.IGrantable, dbUser: string): iam.Grant;
}

/** Returns the cluster itself, for clients that do not connect to a proxy. */
export function clusterEntrance(scope: Cluster, client: ClusterClient): DatabaseEntrance {
  return {
    connectable: scope,
    ready: [client.cluster, ...passwordRotation(scope)],
    variables: (context) => clusterVariables(scope, { ...client, inFront: undefined }, context),
  };
}

/** The description of a cluster for its users. They connect to its proxy if it accepts their kind of login. */
export function usersOfCluster(scope: Cluster, client: ClusterClient): UserDatabase {
  const { cluster, settings, databaseName, inFront } = client;
  const direct = clusterEntrance(scope, client);
  return {
    profile: settings.profile,
    vpc: cluster.vpc,
    host: cluster.clusterEndpoint.hostname,
    databaseName,
    connectable: scope,
    masterSecret: scope.secret,
    encryptionKey: scope.encryptionKey,
    maintenanceWindow: settings.maintenanceWindow,
    ready: direct.ready,
    ...entrancesOf(direct, inFront, (context) => clusterVariables(scope, client, context)),
    grantConnect: (grantee, dbUser) => scope.grantConnect(grantee, dbUser),
  };
}
