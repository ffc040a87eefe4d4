import { Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import { physicalName } from '../blocks/physical-name';
import { RelaxationOptions } from '../core/relaxation';
import { HSTS_DAYS, includeSubdomains } from '../endpoint/hsts';

/**
 * The security headers of all responses of the site and its API.
 *
 * Responses that CloudFront or the firewall creates before a request reaches an origin do not have these headers.
 */
export function securityHeaders(
  scope: Construct, contentSecurityPolicy: string, hstsDomainOnly: RelaxationOptions | undefined,
): cloudfront.ResponseHeadersPolicy {
  return new cloudfront.ResponseHeadersPolicy(scope, 'SecurityHeaders', {
    responseHeadersPolicyName: physicalName(scope, 'headers'),
    comment: 'Security headers',
    securityHeadersBehavior: {
      strictTransportSecurity: {
        accessControlMaxAge: Duration.days(HSTS_DAYS),
        includeSubdomains: includeSubdomains(scope, hstsDomainOnly, 'site'),
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
