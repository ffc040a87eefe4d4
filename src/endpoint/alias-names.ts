import { Token } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct, IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

const CLAIMED = Symbol.for('cdk-hipaa.endpoint.alias-names');
/** The ID that every hosted zone has before its lookup. */
const DUMMY_ZONE_ID = 'DUMMY';

/** The domain name of a construct's alias records. */
interface Claim {
  readonly holder: string;
  readonly zone: route53.IHostedZone;
  readonly name: string;
}

/**
 * Refuses alias records that another construct of the app creates in the same hosted zone. Tokens pass.
 *
 * Route 53 refuses the second records at deployment.
 */
export function claimAliasName(scope: Construct, zone: route53.IHostedZone, domainName: string): void {
  if (Token.isUnresolved(domainName)) return;
  const claims = claimsOf(scope);
  const name = domainName.toLowerCase();
  const taken = claims.find((claim) => claim.name === name && isSameZone(claim.zone, zone));
  if (taken) {
    refuse(scope, {
      prop: 'domainName',
      given: new Situation(`'${domainName}', for which ${taken.holder} creates them in the same hosted zone`),
      allowed: 'a name for which no other construct of the app creates alias records',
      change: 'use another name. To share a load balancer, create a SecureLoadBalancer and pass it to '
        + 'ServiceIngress.loadBalancer. To replace one of the two, pass createAliasRecords: false to the other one',
    });
  }
  claims.push({ holder: scope.node.path, zone, name });
}

function isSameZone(one: route53.IHostedZone, other: route53.IHostedZone): boolean {
  if (one === other) return true;
  const ids = [one, other].map(({ hostedZoneId }) => hostedZoneId);
  return ids[0] === ids[1] && ids[0] !== DUMMY_ZONE_ID && !Token.isUnresolved(ids[0]);
}

function claimsOf(scope: IConstruct): Claim[] {
  const root = scope.node.root as IConstruct & { [CLAIMED]?: Claim[] };
  return root[CLAIMED] ??= [];
}
