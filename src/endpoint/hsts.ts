import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { relax, RelaxationOptions } from '../core/relaxation';

/** The maximum age of HSTS, in days. It is the minimum for the preload list of browsers: https://hstspreload.org */
export const HSTS_DAYS = 365;
const SECONDS_PER_DAY = 86_400;

/** Whether HSTS includes the subdomains of a site or load balancer. Records the relaxation if it does not. */
export function includeSubdomains(scope: Construct, domainOnly: RelaxationOptions | undefined, of: string): boolean {
  // Without types, null may be passed; the relaxation then refuses the missing reason.
  if (domainOnly === undefined) return true;
  const what = `browsers may use plain HTTP for the subdomains of the ${of} (HSTS without includeSubDomains)`;
  relax(scope, { id: 'hsts-domain-only', what, reason: domainOnly?.reason });
  return false;
}

/**
 * Adds the header Strict-Transport-Security to all responses of an HTTPS listener. It replaces the header of a target.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html
 */
export function sendHsts(listener: elbv2.ApplicationListener, subdomains: boolean): void {
  listener.setAttribute('routing.http.response.strict_transport_security.header_value',
    `max-age=${HSTS_DAYS * SECONDS_PER_DAY}${subdomains ? '; includeSubDomains' : ''}`);
}
