import { Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import { physicalName } from '../blocks/physical-name';
import { relax, RelaxationOptions } from '../core/relaxation';

/** For how long browsers speak nothing but HTTPS to the site, in days: what the preload list of browsers asks for at least, https://hstspreload.org */
export const HSTS_DAYS = 365;

/** What every answer of the site and of its API says. What CloudFront or the firewall answers before either is asked has no such headers. */
export function securityHeaders(scope: Construct, contentSecurityPolicy: string, hstsDomainOnly: RelaxationOptions | undefined): cloudfront.ResponseHeadersPolicy {
  const includeSubdomains = hstsDomainOnly === undefined;
  if (!includeSubdomains) {
    const what = 'browsers may use plain HTTP for the subdomains of the site (HSTS without includeSubDomains)';
    relax(scope, { id: 'hsts-domain-only', what, reason: hstsDomainOnly?.reason });
  }
  return new cloudfront.ResponseHeadersPolicy(scope, 'SecurityHeaders', {
    responseHeadersPolicyName: physicalName(scope, 'headers'),
    comment: 'Security headers',
    securityHeadersBehavior: {
      strictTransportSecurity: { accessControlMaxAge: Duration.days(HSTS_DAYS), includeSubdomains, preload: false, override: true },
      contentSecurityPolicy: { contentSecurityPolicy, override: true },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
      // Not even the origin: that somebody comes from a page of a clinic is told to nobody.
      referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.SAME_ORIGIN, override: true },
    },
  });
}
