import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ServiceBindingContext } from '../../binding/service-binding';
import { DataProtection } from '../../core/data-protection';
import { pageUrl } from '../../core/page-url';

/**
 * Warns about a service that does not verify the server of a database with retained data.
 *
 * 45 CFR 164.312(e)(1) requires transmission security. TLS without the certificate bundle encrypts the connection and
 * does not prove who decrypts it.
 */
export function warnAboutUnverifiedServer(
  database: IConstruct, { service, certificateBundlePath }: ServiceBindingContext,
): void {
  if (certificateBundlePath !== undefined || DataProtection.of(database).isDisposable) return;
  Annotations.of(service).addWarningV2('cdk-hipaa:unverified-database-server',
    `the client of ${database.node.path} uses TLS without verifying the server: add the RDS certificate bundle to the `
    + 'image, set certificateBundlePath, and pass the bundle to the driver '
    + `(${pageUrl('encrypted-database-instance.md')})`);
}
