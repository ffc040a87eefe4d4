import { Template } from 'aws-cdk-lib/assertions';
import { groups } from './network';
import { CERTIFICATE, DOMAIN, LISTENER, LOAD_BALANCER } from './parts';
import { firewallBlocks, firewallIsAttached, firewallLogs } from '../../../support/template/firewall';
import {
  forwardsEverything, httpsListener, redirectsToHttps, servesTheInternet, TLS_POLICY,
} from '../../../support/template/load-balancer';
import { attribute, only, propertiesOf } from '../../../support/template/reading';

/** All requests over HTTPS go to the tasks. */
export function routesToTheTasks(template: Template) {
  servesTheInternet(template);
  forwardsEverything(template);
  groups(template);
}

/** TLS 1.2 or newer, with a certificate that the stack requests. HTTP only redirects. */
export function tls(template: Template) {
  const { Certificates, SslPolicy } = propertiesOf(template, LISTENER, httpsListener(template));
  expect(SslPolicy).toBe(TLS_POLICY);
  const [{ CertificateArn }, ...more] = Certificates;
  expect(more).toEqual([]);
  expect(propertiesOf(template, CERTIFICATE, CertificateArn.Ref)).toMatchObject({
    DomainName: DOMAIN, ValidationMethod: 'DNS',
  });
  redirectsToHttps(template);
}

/** Records for IPv4 and IPv6 point the domain name to the load balancer. */
export function domain(template: Template) {
  for (const Type of ['A', 'AAAA']) {
    const record = only(template, 'AWS::Route53::RecordSet', { Type, Name: `${DOMAIN}.` });
    expect(propertiesOf(template, 'AWS::Route53::RecordSet', record).AliasTarget.DNSName).toEqual({
      'Fn::Join': ['', ['dualstack.', attribute(only(template, LOAD_BALANCER), 'DNSName')]],
    });
  }
}

/** The firewall blocks requests by its rules before the load balancer forwards them, and logs them. */
export function firewall(template: Template) {
  firewallBlocks(template);
  firewallIsAttached(template);
  firewallLogs(template);
}
