import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ProxyInFront } from './proxy-in-front';
import { ServiceBindingContext } from '../../binding/service-binding';
import { DatabaseEntrance, UserDatabase } from '../access/user-database';

/**
 * The place to which users connect, for each kind of login.
 *
 * It is the proxy if there is one and it accepts the kind, otherwise the database.
 * @param variables the environment variables of a client of the proxy
 */
export function entrancesOf(
  direct: DatabaseEntrance, inFront: ProxyInFront | undefined, variables: DatabaseEntrance['variables'],
): Pick<UserDatabase, 'entrances' | 'prefersIamToken'> {
  const front = inFront && {
    connectable: inFront.connections, ready: [...direct.ready, ...inFront.ready], proxy: inFront, variables,
  };
  return {
    entrances: {
      password: front && !inFront.asksForToken ? front : direct,
      iamToken: front && inFront.asksForToken ? front : direct,
    },
    prefersIamToken: inFront?.asksForToken ?? false,
  };
}

/** Tells a service with a certificate bundle that the bundle must contain the roots of the proxy. */
export function requireProxyCertificates(
  scope: IConstruct, inFront: ProxyInFront | undefined, { service, certificateBundlePath }: ServiceBindingContext,
): void {
  if (!inFront || certificateBundlePath === undefined) return;
  Annotations.of(service).addInfoV2(
    'cdk-hipaa:proxy-certificates',
    `${scope.node.path} has a proxy, which presents certificates of Amazon Trust Services: `
      + `${certificateBundlePath} must also contain their roots`,
  );
}
