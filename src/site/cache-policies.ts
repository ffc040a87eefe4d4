import { Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import { physicalName } from '../blocks/physical-name';

/**
 * The maximum age of a file with a hash in its name, in days. Such a file never changes: new content gets a new name.
 */
export const IMMUTABLE_DAYS = 365;
/**
 * The maximum age of a page, in seconds. If all three ages of a cache policy are zero, CloudFront caches nothing and
 * compresses nothing.
 */
export const PAGE_MAX_SECONDS = 1;

/**
 * The errors that CloudFront caches for ten seconds by default.
 *
 * It caches them for all viewers and with any cache policy. It does not cache 416.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html
 */
const CACHED_ERRORS = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504];

/** Disables the caching of errors, without a mapping: each request gets the error of its origin. */
export function errorsNotKept(): cloudfront.ErrorResponse[] {
  return CACHED_ERRORS.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) }));
}

/** The cache policy for files with a hash in their names. */
export function immutableCache(scope: Construct): cloudfront.CachePolicy {
  const year = Duration.days(IMMUTABLE_DAYS);
  return cachePolicy(scope, 'ImmutableCache', 'immutable', 'Files with a hash in their names: one year', {
    defaultTtl: year,
    maxTtl: year,
  });
}

/** The cache policy for all other files: CloudFront revalidates them with the bucket at each request. */
export function pageCache(scope: Construct): cloudfront.CachePolicy {
  return cachePolicy(scope, 'PageCache', 'pages', 'Pages: not cached', {
    defaultTtl: Duration.seconds(0), maxTtl: Duration.seconds(PAGE_MAX_SECONDS),
  });
}

/**
 * A cache policy whose cache key contains only the path and the accepted encodings. CloudFront forwards nothing else.
 */
function cachePolicy(
  scope: Construct, id: string, name: string, comment: string, ttl: { defaultTtl: Duration; maxTtl: Duration },
): cloudfront.CachePolicy {
  return new cloudfront.CachePolicy(scope, id, {
    cachePolicyName: physicalName(scope, name),
    comment,
    minTtl: Duration.seconds(0),
    ...ttl,
    cookieBehavior: cloudfront.CacheCookieBehavior.none(),
    headerBehavior: cloudfront.CacheHeaderBehavior.none(),
    queryStringBehavior: cloudfront.CacheQueryStringBehavior.none(),
    enableAcceptEncodingGzip: true,
    enableAcceptEncodingBrotli: true,
  });
}
