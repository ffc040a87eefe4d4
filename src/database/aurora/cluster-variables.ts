import * as rds from 'aws-cdk-lib/aws-rds';
import { IConstruct } from 'constructs';
import { ClusterSettings } from './cluster-settings';
import { ServiceBindingContext } from '../../binding/service-binding';
import { ClientVariables } from '../engines/engine-profile';
import { requireProxyCertificates } from '../shared/entrances';
import { ProxyInFront } from '../shared/proxy-in-front';
import { warnAboutUnverifiedServer } from '../shared/verified-server';

/** The parts of a cluster on which the environment variables of a client depend. */
export interface ClusterClient {
  readonly cluster: rds.DatabaseCluster;
  readonly settings: ClusterSettings;
  readonly databaseName: string;
  readonly inFront?: ProxyInFront;
}

/** The environment variables of a client, which connects to the proxy if there is one. */
export function clusterVariables(
  scope: IConstruct, { cluster, settings, databaseName, inFront }: ClusterClient, context: ServiceBindingContext,
): ClientVariables {
  const { certificateBundlePath } = context;
  warnAboutUnverifiedServer(scope, context);
  requireProxyCertificates(scope, inFront, context);
  const readOnlyHost = inFront?.readOnlyHost ?? cluster.clusterReadEndpoint.hostname;
  return settings.profile.clientVariables({
    host: inFront?.proxy.endpoint ?? cluster.clusterEndpoint.hostname,
    readOnlyHost: settings.readers > 0 ? readOnlyHost : undefined,
    databaseName,
    certificateBundlePath,
  });
}
