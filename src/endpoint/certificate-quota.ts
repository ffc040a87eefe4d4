import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/**
 * The default quota of certificates of a load balancer.
 *
 * It excludes the default certificate of each listener. An account can request a higher one.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
export const MAX_ADDITIONAL_CERTIFICATES = 25;

/** Refuses more certificates than the default quota of a load balancer. */
export function requireCertificateQuota(scope: IConstruct, prop: string, given: number, max: number): void {
  if (given <= max) return;
  refuse(scope, {
    prop,
    given: new Situation(`${given} certificates`),
    allowed: `a list of at most ${max} certificates (the quota "Certificates per Application Load Balancer (excluding `
      + 'default certificates)")',
    change: 'request certificates for several names or a wildcard, or create another load balancer. With a higher '
      + 'quota, add the others with addCertificates of the listener',
  });
}
