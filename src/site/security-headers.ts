import { Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import { physicalName } from '../blocks/physical-name';
import { relax, RelaxationOptions } from '../core/relaxation';

/** The maximum age of HSTS, in days. It is the minimum for the preload list of browsers: https://hstspreload.org */
export const HSTS_DAYS = 365;

/**
 * The security headers of all responses of the site and its API.
 *
 * Responses that CloudFront or the firewall creates before a request reaches an origin do not have these headers.
 */
export function securityHeaders(
  scope: Construct, contentSecurityPolicy: string, hstsDomainOnly: RelaxationOptions | undefined,
): cloudfront.ResponseHeadersPolicy {
  // Without types, null may be passed; the relaxation then refuses the missing reason.
  const includeSubdomains = hstsDomainOnly === undefined;
  if (!includeSubdomains) {
    const what = 'browsers may use plain HTTP for the subdomains of the site (HSTS without includeSubDomains)';
    relax(scope, { id: 'hsts-domain-only', what, reason: hstsDomainOnly?.reason });
  }
  return new cloudfront.ResponseHeadersPolicy(scope, 'SecurityHeaders', {
    responseHeadersPolicyName: physicalName(scope, 'headers'),
    comment: 'Security headers',
    securityHeadersBehavior: {
      strictTransportSecurity: {
        accessControlMaxAge: Duration.days(HSTS_DAYS),
        includeSubdomains,
        preload: false,
        override: true,
      },
      contentSecurityPolicy: { contentSecurityPolicy, override: true },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
      // Other sites do not get the origin either: it would reveal that a visitor comes from a page of a clinic.
      referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.SAME_ORIGIN, override: true },
    },
  });
}
