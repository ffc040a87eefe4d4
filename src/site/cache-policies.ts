import { Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import { physicalName } from '../blocks/physical-name';

/** How long a file whose name holds a hash is kept, in days: it never changes, since what changes gets another name. */
export const IMMUTABLE_DAYS = 365;
/** How long a page is kept at most, in seconds. Not zero: with all three times at zero CloudFront caches nothing, and compresses nothing either. */
export const PAGE_MAX_SECONDS = 1;

/**
 * The errors that CloudFront would answer the next request with, too, for ten seconds, whoever asks and whatever the cache policy says. 416 is no error
 * that it keeps. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html
 */
const KEPT_ERRORS = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504];

/** No error is kept, and none is mapped: each is what its origin said to this request. */
export function errorsNotKept(): cloudfront.ErrorResponse[] {
  return KEPT_ERRORS.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) }));
}

/** For files whose names hold a hash. */
export function immutableCache(scope: Construct): cloudfront.CachePolicy {
  const year = Duration.days(IMMUTABLE_DAYS);
  return cachePolicy(scope, 'ImmutableCache', 'immutable', 'Files whose names hold a hash: a year', { defaultTtl: year, maxTtl: year });
}

/** For everything else: asked for at the bucket each time, which answers that nothing has changed. */
export function pageCache(scope: Construct): cloudfront.CachePolicy {
  return cachePolicy(scope, 'PageCache', 'pages', 'Pages: not cached', { defaultTtl: Duration.seconds(0), maxTtl: Duration.seconds(PAGE_MAX_SECONDS) });
}

/** Nothing of a request is forwarded or told apart but its path and what encodings it takes. */
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
