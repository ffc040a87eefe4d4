import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { site, US } from './some-cdn';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { newStack } from '../support/app';
import { above, alarmRows, below, DAY, of, quiet, unknown } from '../support/template/alarms';

test('the alarms of a site and of its firewall have these fields', () => {
  const stack = newStack({ env: US });
  const certificate = acm.Certificate.fromCertificateArn(
    stack,
    'Some',
    'arn:aws:acm:us-east-1:111122223333:certificate/1',
  );
  const subject = site({ endpoint: WebEndpoint.certificate(certificate, 'www.example.com') }, stack);
  expect(alarmRows(stack, subject)).toEqual({
    ServerErrors: {
      metrics: of('AWS/CloudFront', { DistributionId: 'SiteDistribution', Region: 'Global' })(
        '5xxErrorRate',
        'Average',
      ),
      ...above(5, 3),
      ...quiet,
    },
    CertificateExpiry: {
      metrics: of('AWS/CertificateManager', { CertificateArn: certificate.certificateArn })(
        'DaysToExpiry',
        'Minimum',
        DAY,
      ),
      ...below(30),
      ...unknown,
    },
    // A web ACL for CloudFront publishes its metrics without the dimension Region.
    BlockedSurge: {
      metrics: of('AWS/WAFV2', { Rule: 'ALL', WebACL: 'StackSiteFirewall' })('BlockedRequests', 'Sum'),
      ...above(1000),
      ...quiet,
    },
  });
});
