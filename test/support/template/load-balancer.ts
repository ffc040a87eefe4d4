import { Template } from 'aws-cdk-lib/assertions';
import { only, propertiesOf, ref, theOne } from './reading';
import { BUCKET, LISTENER, LISTENER_RULE, LOAD_BALANCER, TARGET_GROUP } from './types';

/** TLS 1.2 and 1.3, with ciphers that have forward secrecy. */
export const TLS_POLICY = 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09';
const loadBalancer = theOne(LOAD_BALANCER);
export const httpsListener = (template: Template) => only(template, LISTENER, { Port: 443, Protocol: 'HTTPS' });

/** The load balancer serves the internet, rejects unusual requests, and logs all others. Returns the log bucket. */
export function servesTheInternet(template: Template): string {
  const { Type, Scheme, LoadBalancerAttributes } = loadBalancer(template);
  expect({ Type, Scheme }).toEqual({ Type: 'application', Scheme: 'internet-facing' });
  const attributes = Object.fromEntries(LoadBalancerAttributes
    .map(({ Key, Value }: { Key: string; Value: unknown }) => [Key, Value]));
  const bucket: string = attributes['access_logs.s3.bucket'].Ref;
  expect(attributes).toEqual({
    'deletion_protection.enabled': 'true',
    'routing.http2.enabled': 'true',
    'routing.http.drop_invalid_header_fields.enabled': 'true',
    'routing.http.desync_mitigation_mode': 'defensive',
    'routing.http.xff_header_processing.mode': 'append',
    'routing.http.xff_client_port.enabled': 'false',
    'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'false',
    'idle_timeout.timeout_seconds': '60',
    'waf.fail_open.enabled': 'false',
    'access_logs.s3.enabled': 'true',
    'access_logs.s3.bucket': ref(bucket),
    'access_logs.s3.prefix': 'access-logs',
    'connection_logs.s3.enabled': 'true',
    'connection_logs.s3.bucket': ref(bucket),
    'connection_logs.s3.prefix': 'connection-logs',
  });
  propertiesOf(template, BUCKET, bucket);
  return bucket;
}

/** HTTP only redirects, and browsers use HTTPS for a year. */
export function redirectsToHttps(template: Template) {
  const http = propertiesOf(template, LISTENER, only(template, LISTENER, { Port: 80 }));
  expect(http.DefaultActions).toEqual([
    { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
  ]);
  expect(propertiesOf(template, LISTENER, httpsListener(template)).ListenerAttributes).toEqual([{
    Key: 'routing.http.response.strict_transport_security.header_value',
    Value: 'max-age=31536000; includeSubDomains',
  }]);
  template.resourceCountIs(LISTENER, 2);
}

/** All requests over HTTPS go to the targets. */
export function forwardsEverything(template: Template) {
  expect(propertiesOf(template, LISTENER, httpsListener(template)).LoadBalancerArn)
    .toEqual(ref(only(template, LOAD_BALANCER)));
  const { ListenerArn, Conditions, Actions } = propertiesOf(template, LISTENER_RULE, only(template, LISTENER_RULE));
  expect({ ListenerArn, Conditions, Actions }).toEqual({
    ListenerArn: ref(httpsListener(template)),
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
    Actions: [{ Type: 'forward', TargetGroupArn: ref(only(template, TARGET_GROUP)) }],
  });
}
