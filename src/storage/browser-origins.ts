import { Token } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { IConstruct } from 'constructs';
import { refuse, requireDistinct, Situation } from '../core/refusal';

/** The scheme, the host and the port of a page. A browser sends no path. */
const ORIGIN = /^https:\/\/[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/;
/** The number of origins of a rule. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html */
const MOST_ORIGINS = 100;
/** The headers of a presigned upload: its type, its checksum, and its metadata. */
const UPLOAD_HEADERS = ['content-disposition', 'content-md5', 'content-type', 'x-amz-*'];
/** The headers that a page reads: that of an uploaded part, the name of a file, and the version. */
const READ_HEADERS = ['Content-Disposition', 'Content-Length', 'ETag', 'x-amz-version-id'];
/** How long a browser reuses the answer to a preflight request, in seconds. */
const PREFLIGHT_SECONDS = 3_600;

/** Refuses origins that are not those of named HTTPS pages. Tokens pass. */
export function requireOrigins(scope: IConstruct, origins: string[] | undefined): void {
  if (origins === undefined || Token.isUnresolved(origins)) return;
  if (origins.length === 0 || origins.length > MOST_ORIGINS) {
    refuse(scope, {
      prop: 'browserOrigins',
      given: new Situation(`${origins.length} origins`),
      allowed: `1 to ${MOST_ORIGINS} origins`,
      change: 'name the pages, or leave browserOrigins out',
    });
  }
  requireDistinct(scope, 'browserOrigins', origins);
  for (const [index, origin] of origins.entries()) {
    if (Token.isUnresolved(origin) || ORIGIN.test(origin)) continue;
    refuse(scope, {
      prop: `browserOrigins[${index}]`,
      given: origin,
      allowed: "the HTTPS origin of one page in lowercase, such as 'https://app.example.com', without path or wildcard",
      change: changeFor(origin),
    });
  }
}

function changeFor(origin: string): string {
  if (origin.includes('*')) return 'name each origin: with a wildcard, any page of the pattern reads the answers';
  if (/^http:/i.test(origin)) return 'serve the page over HTTPS';
  return 'write https://, the host and, if it is not 443, the port';
}

/**
 * The rule by which browsers let pages of these origins use presigned URLs.
 *
 * It is no permission: a request without a valid signature is denied.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 */
export function corsRules(origins: string[] | undefined): s3.CorsRule[] | undefined {
  if (origins === undefined) return undefined;
  const { GET, HEAD, POST, PUT } = s3.HttpMethods;
  return [{
    id: 'PresignedRequests',
    allowedMethods: [GET, HEAD, POST, PUT],
    allowedOrigins: origins,
    allowedHeaders: UPLOAD_HEADERS,
    exposedHeaders: READ_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
  }];
}
