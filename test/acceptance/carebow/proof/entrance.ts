import { Template } from 'aws-cdk-lib/assertions';
import { groups } from './network';
import { CERTIFICATE, DOMAIN, LISTENER, LISTENER_RULE, LOAD_BALANCER, loadBalancer, TARGET_GROUP } from './parts';
import { firewallBlocks, firewallIsAttached } from '../../../support/template/firewall';
import { attribute, only, propertiesOf, ref } from '../../../support/template/reading';

const https = (template: Template) => only(template, LISTENER, { Port: 443, Protocol: 'HTTPS' });

export function applicationLoadBalancer(template: Template) {
  const { Type, Scheme } = loadBalancer(template);
  expect({ Type, Scheme }).toEqual({ Type: 'application', Scheme: 'internet-facing' });
}

/** All requests over HTTPS go to the tasks. */
export function routesToTheTasks(template: Template) {
  applicationLoadBalancer(template);
  expect(propertiesOf(template, LISTENER_RULE, only(template, LISTENER_RULE))).toMatchObject({
    ListenerArn: ref(https(template)),
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
    Actions: [{ Type: 'forward', TargetGroupArn: ref(only(template, TARGET_GROUP)) }],
  });
  groups(template);
}

/** TLS 1.2 or newer, with a certificate that the stack requests. HTTP only redirects. */
export function tls(template: Template) {
  const { Certificates, SslPolicy } = propertiesOf(template, LISTENER, https(template));
  expect(SslPolicy).toMatch(/^ELBSecurityPolicy-TLS13-1-2-/);
  const [{ CertificateArn }, ...more] = Certificates;
  expect(more).toEqual([]);
  expect(propertiesOf(template, CERTIFICATE, CertificateArn.Ref)).toMatchObject({
    DomainName: DOMAIN, ValidationMethod: 'DNS',
  });
  expect(propertiesOf(template, LISTENER, only(template, LISTENER, { Port: 80 })).DefaultActions).toMatchObject([
    { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443' } },
  ]);
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

/** The firewall blocks requests by its rules before the load balancer forwards them. */
export function firewall(template: Template) {
  firewallBlocks(template);
  firewallIsAttached(template);
}
