import { Template } from 'aws-cdk-lib/assertions';
import { entranceGroup, everyTierInTwoZones, publicSubnetsAreForTheEntrance, tasksGroup } from './network';
import {
  API_DOMAIN,
  BUCKET,
  BUCKET_POLICY,
  CERTIFICATE,
  CLOSED_TO_THE_PUBLIC,
  container,
  CONTAINER_PORT,
  LISTENER,
  LISTENER_RULE,
  LOAD_BALANCER,
  loadBalancer,
  service,
  TARGET_GROUP,
  targetGroup,
  ZONE,
} from './parts';
import { health, programSpeaksHttps } from './service';
import { attribute, only, propertiesOf, ref, text } from '../../../support/template/reading';

const STRICT_POLICY = 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09';

const attributes = (template: Template): Record<string, unknown> =>
  Object.fromEntries(
    loadBalancer(template).LoadBalancerAttributes.map(({ Key, Value }: { Key: string; Value: unknown }) => [
      Key,
      Value,
    ]),
  );
const targetAttributes = (template: Template): Record<string, unknown> =>
  Object.fromEntries(
    targetGroup(template).TargetGroupAttributes.map(({ Key, Value }: { Key: string; Value: unknown }) => [Key, Value]),
  );

export function applicationLoadBalancer(template: Template) {
  const { Type, Scheme } = loadBalancer(template);
  expect({ Type, Scheme }).toEqual({ Type: 'application', Scheme: 'internet-facing' });
}

export function withoutName(template: Template) {
  expect(loadBalancer(template)).not.toHaveProperty('Name');
}

export function overTwoZones(template: Template) {
  publicSubnetsAreForTheEntrance(template);
  everyTierInTwoZones(template);
}

export function targetsWithoutName(template: Template) {
  expect(targetGroup(template)).not.toHaveProperty('Name');
}

/** The load balancer connects to the program with TLS. */
export function targetsSpeakHttps(template: Template) {
  const { Protocol, HealthCheckProtocol } = targetGroup(template);
  expect({ Protocol, HealthCheckProtocol }).toEqual({ Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS' });
  programSpeaksHttps();
}

export function targetsPort(template: Template) {
  expect(targetGroup(template).Port).toBe(80);
  expect(targetGroup(template)).not.toHaveProperty('HealthCheckPort');
  expect(container(template).PortMappings).toEqual([{ ContainerPort: CONTAINER_PORT, Protocol: 'tcp' }]);
  expect(service(template).LoadBalancers).toMatchObject([{ ContainerPort: CONTAINER_PORT }]);
  expect(container(template).Environment).toContainEqual({ Name: 'PORT', Value: String(CONTAINER_PORT) });
}

export function targetsAreAddresses(template: Template) {
  expect(targetGroup(template).TargetType).toBe('ip');
}

export function healthyAfterTwo(template: Template) {
  expect(targetGroup(template).HealthyThresholdCount).toBe(2);
}

export function unhealthyAfterThree(template: Template) {
  expect(targetGroup(template).UnhealthyThresholdCount).toBe(3);
}

export function unhealthyTasksAreReplaced(template: Template) {
  health(template);
  healthyAfterTwo(template);
  unhealthyAfterThree(template);
}

export function sticksForADay(template: Template) {
  expect(targetAttributes(template)).toMatchObject({
    'stickiness.enabled': 'true',
    'stickiness.type': 'lb_cookie',
    'stickiness.lb_cookie.duration_seconds': String(24 * 60 * 60),
  });
}

export function deregistersIn30Seconds(template: Template) {
  expect(targetAttributes(template)['deregistration_delay.timeout_seconds']).toBe('30');
}

/** All requests to a port go to the tasks. */
function forwards(template: Template, listener: string) {
  expect(propertiesOf(template, LISTENER_RULE, only(template, LISTENER_RULE))).toMatchObject({
    ListenerArn: ref(listener),
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
    Actions: [{ Type: 'forward', TargetGroupArn: ref(only(template, TARGET_GROUP)) }],
  });
}

/** The stack requests the certificate and validates it with a record in the zone. */
export function listensOnHttps(template: Template) {
  const listener = only(template, LISTENER, { Port: 443, Protocol: 'HTTPS' });
  const { LoadBalancerArn, Certificates } = propertiesOf(template, LISTENER, listener);
  expect(LoadBalancerArn).toEqual(ref(only(template, LOAD_BALANCER)));
  expect(Certificates).toHaveLength(1);
  expect(propertiesOf(template, CERTIFICATE, Certificates[0].CertificateArn.Ref)).toMatchObject({
    DomainName: API_DOMAIN,
    ValidationMethod: 'DNS',
    DomainValidationOptions: [{ DomainName: API_DOMAIN, HostedZoneId: ZONE }],
  });
}

export function modernTls(template: Template) {
  expect(propertiesOf(template, LISTENER, only(template, LISTENER, { Protocol: 'HTTPS' })).SslPolicy).toBe(
    STRICT_POLICY,
  );
}

export function httpsForwards(template: Template) {
  forwards(template, only(template, LISTENER, { Port: 443, Protocol: 'HTTPS' }));
}

export function httpRedirects(template: Template) {
  template.resourceCountIs(LISTENER, 2);
  const { LoadBalancerArn, Protocol, DefaultActions } = propertiesOf(
    template,
    LISTENER,
    only(template, LISTENER, { Port: 80 }),
  );
  expect({ LoadBalancerArn, Protocol }).toEqual({
    LoadBalancerArn: ref(only(template, LOAD_BALANCER)),
    Protocol: 'HTTP',
  });
  expect(DefaultActions).toEqual([
    { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
  ]);
}

/** Without a certificate, the load balancer has one listener. */
export function httpForwards(template: Template) {
  const listener = only(template, LISTENER);
  const { LoadBalancerArn, Protocol, Port } = propertiesOf(template, LISTENER, listener);
  expect({ LoadBalancerArn, Protocol, Port }).toEqual({
    LoadBalancerArn: ref(only(template, LOAD_BALANCER)),
    Protocol: 'HTTP',
    Port: 80,
  });
  forwards(template, listener);
}

export function noCertificate(template: Template) {
  template.resourceCountIs(CERTIFICATE, 0);
  template.resourcePropertiesCountIs(LISTENER, { Protocol: 'HTTPS' }, 0);
}

/** Clients use the domain name of the certificate, over HTTPS, and reach the tasks. */
export function internetComesInOverHttps(template: Template) {
  for (const Type of ['A', 'AAAA']) {
    const record = only(template, 'AWS::Route53::RecordSet', { Type, Name: `${API_DOMAIN}.` });
    expect(propertiesOf(template, 'AWS::Route53::RecordSet', record).AliasTarget).toEqual({
      DNSName: { 'Fn::Join': ['', ['dualstack.', attribute(only(template, LOAD_BALANCER), 'DNSName')]] },
      HostedZoneId: attribute(only(template, LOAD_BALANCER), 'CanonicalHostedZoneID'),
    });
  }
  applicationLoadBalancer(template);
  listensOnHttps(template);
  modernTls(template);
  entranceGroup(80, 443)(template);
}

export function balancesOverHealthyTasks(template: Template) {
  unhealthyTasksAreReplaced(template);
  tasksGroup(template);
  expect(service(template).LoadBalancers).toMatchObject([{ TargetGroupArn: ref(only(template, TARGET_GROUP)) }]);
}

/** A bucket that the load balancer may write to receives each request and each connection. */
export function accessLogs(template: Template) {
  const logs = attributes(template);
  expect(logs).toMatchObject({ 'access_logs.s3.enabled': 'true', 'connection_logs.s3.enabled': 'true' });
  expect(logs['connection_logs.s3.bucket']).toEqual(logs['access_logs.s3.bucket']);
  const { Ref: bucket } = logs['access_logs.s3.bucket'] as { Ref: string };
  expect(propertiesOf(template, BUCKET, bucket).PublicAccessBlockConfiguration).toEqual(CLOSED_TO_THE_PUBLIC);
  const { PolicyDocument } = propertiesOf(
    template,
    BUCKET_POLICY,
    only(template, BUCKET_POLICY, { Bucket: ref(bucket) }),
  );
  const writes = PolicyDocument.Statement.filter(
    ({ Principal }: { Principal: { Service?: string } }) =>
      Principal.Service === 'logdelivery.elasticloadbalancing.amazonaws.com',
  );
  expect(writes).toMatchObject([{ Effect: 'Allow', Action: 's3:PutObject' }]);
  const folder = (log: string) =>
    `\${{'Fn::GetAtt':['${bucket}','Arn']}}/${String(logs[`${log}.s3.prefix`])}/AWSLogs/\${{'Ref':'AWS::AccountId'}}/*`;
  expect(writes[0].Resource.map(text)).toEqual(['access_logs', 'connection_logs'].map(folder));
}
