import { Template } from 'aws-cdk-lib/assertions';
import {
  container,
  CONTAINER_PORT,
  dashboards,
  DOMAIN,
  loadBalancer,
  read,
  service,
  SERVICES,
  single,
  targetGroup,
  targetGroupId,
  ZONE,
} from './parts';
import { onlyTheLoadBalancerIsOpen, opens } from './security-groups';
import { alarms, attribute, expectSame, only, propertiesOf, ref, text } from '../../../support/template/reading';
import { CERTIFICATE, LISTENER, LISTENER_RULE, LOAD_BALANCER, TARGET_GROUP } from '../../../support/template/types';

/** The services behind the load balancer, with their paths and health checks. */
const ASKED = { Api: { path: '/api/*', health: '/health' }, Web: { path: '/*', health: '/' } };
type Asked = keyof typeof ASKED;
const NAMES = Object.keys(ASKED) as Asked[];

const listenerId = (whole: Template, Port: number) => only(whole, LISTENER, { Port });
const listener = (whole: Template, port: number) => propertiesOf(whole, LISTENER, listenerId(whole, port));
const attributes = (given: Array<{ Key: string; Value: unknown }>) =>
  Object.fromEntries(given.map(({ Key, Value }) => [Key, Value]));

/** All addresses, on ports 80 and 443 only. */
export function openToUsers(whole: Template) {
  const { Scheme, Type } = loadBalancer(whole);
  expect({ Scheme, Type }).toEqual({ Scheme: 'internet-facing', Type: 'application' });
  opens('loadBalancer', 'Ingress')(whole);
}

/** One load balancer with two listeners. All requests to a service pass through it. */
export function isTheOnlyOne(whole: Template) {
  whole.resourceCountIs(LOAD_BALANCER, 1);
  const listeners = Object.values(whole.findResources(LISTENER)).map(({ Properties: { LoadBalancerArn, Port } }) => ({
    LoadBalancerArn,
    Port,
  }));
  expectSame(listeners, [80, 443].map((Port) => ({ LoadBalancerArn: ref(only(whole, LOAD_BALANCER)), Port })));
  onlyTheLoadBalancerIsOpen(whole);
}

/** The domain resolves to the load balancer, over IPv4 and IPv6, and the zone has no other record. */
export function nameLeadsToTheLoadBalancer(whole: Template) {
  const entrance = only(whole, LOAD_BALANCER);
  const records = Object.values(whole.findResources('AWS::Route53::RecordSet')).map(
    ({ Properties: { Type, ...record } }) => [Type, record],
  );
  const record = {
    Name: `${DOMAIN}.`,
    HostedZoneId: ZONE,
    AliasTarget: {
      DNSName: { 'Fn::Join': ['', ['dualstack.', attribute(entrance, 'DNSName')]] },
      HostedZoneId: attribute(entrance, 'CanonicalHostedZoneID'),
    },
  };
  expect(Object.fromEntries(records)).toEqual({ A: record, AAAA: record });
  expect(records).toHaveLength(2);
}

/** AWS generates the name of the load balancer. Users use the domain of the certificate. */
export function nameOfTheirOwn(whole: Template) {
  expect(loadBalancer(whole)).not.toHaveProperty('Name');
  const { DomainName, SubjectAlternativeNames, ValidationMethod } = propertiesOf(
    whole,
    CERTIFICATE,
    only(whole, CERTIFICATE),
  );
  expect({ DomainName, SubjectAlternativeNames, ValidationMethod }).toEqual({
    DomainName: DOMAIN,
    SubjectAlternativeNames: undefined,
    ValidationMethod: 'DNS',
  });
  nameLeadsToTheLoadBalancer(whole);
}

/** Two listeners: one with TLS 1.2 or later and the certificate, and one that redirects to it. */
export function endsTls(whole: Template) {
  whole.resourceCountIs(LISTENER, 2);
  const { Protocol, Certificates, SslPolicy } = listener(whole, 443);
  expect({ Protocol, Certificates }).toEqual({
    Protocol: 'HTTPS',
    Certificates: [{ CertificateArn: ref(only(whole, CERTIFICATE)) }],
  });
  expect(SslPolicy).toMatch(/^ELBSecurityPolicy-TLS13-1-2-/);
  expect(listener(whole, 80)).toMatchObject({
    Protocol: 'HTTP',
    DefaultActions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } }],
  });
  for (const name of NAMES) {
    expect(targetGroup(whole, name)).toMatchObject({ Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS' });
  }
}

const rule = (whole: Template, name: Asked) => {
  const rules = Object.values(whole.findResources(LISTENER_RULE)).map(({ Properties }) => Properties);
  return single(rules.filter(({ Actions }) => JSON.stringify(Actions).includes(targetGroupId(whole, name))));
};

/** Each service receives the requests of its paths, and the rules have no other condition. */
export const forwards = (name: Asked) => (whole: Template) => {
  const { Priority, ...rest } = rule(whole, name);
  expect(Priority).toEqual(expect.any(Number));
  expect(rest).toEqual({
    ListenerArn: ref(listenerId(whole, 443)),
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [ASKED[name].path] } }],
    Actions: [{ Type: 'forward', TargetGroupArn: ref(targetGroupId(whole, name)) }],
  });
};

/** The narrower path has precedence, and no third rule exists. */
export function routesByPath(whole: Template) {
  for (const name of NAMES) forwards(name)(whole);
  expect(rule(whole, 'Api').Priority).toBeLessThan(rule(whole, 'Web').Priority);
  whole.resourceCountIs(LISTENER_RULE, 2);
  expect(listener(whole, 443).DefaultActions).toMatchObject([
    { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } },
  ]);
}

/** Each target group has a health check that the program answers without the database. */
export function asksForHealth(whole: Template) {
  whole.resourceCountIs(TARGET_GROUP, 2);
  for (const name of NAMES) {
    const { HealthCheckEnabled = true, HealthCheckPath, Matcher } = targetGroup(whole, name);
    expect({ HealthCheckEnabled, HealthCheckPath, Matcher }).toEqual({
      HealthCheckEnabled: true,
      HealthCheckPath: ASKED[name].health,
      Matcher: { HttpCode: '200-299' },
    });
  }
  expect(read('api', 'server.js')).toContain("'GET /health': () => ({ status: 'ok' })");
  expect(read('web', 'server.js')).toMatch(
    /found = url\.split\('\?'\)\[0\] === '\/';\s+response\.writeHead\(found \? 200 : 404/,
  );
}

/** An unhealthy task receives no requests while another is healthy. An alarm fires if none is healthy. */
export function avoidsSickTasks(whole: Template) {
  asksForHealth(whole);
  for (const name of NAMES) {
    expect(targetGroup(whole, name)).toMatchObject({
      HealthCheckIntervalSeconds: 15,
      HealthCheckTimeoutSeconds: 5,
      UnhealthyThresholdCount: 3,
    });
    // No setting abandons a target group before its last task is unhealthy.
    expect(Object.keys(attributes(targetGroup(whole, name).TargetGroupAttributes)).sort()).toEqual([
      'deregistration_delay.timeout_seconds',
      'stickiness.enabled',
    ]);
    const told = alarms(whole).filter(
      ({ metric, dimensions }) =>
        metric === 'HealthyHostCount' &&
        JSON.stringify(dimensions.TargetGroup) ===
          JSON.stringify(attribute(targetGroupId(whole, name), 'TargetGroupFullName')),
    );
    expect(told).toMatchObject([{ comparison: 'LessThanThreshold', threshold: 1, missing: 'breaching' }]);
  }
}

/** The first health check of a task is within 15 seconds, and two successes make it healthy. */
export function admitsHealthyTasks(whole: Template) {
  asksForHealth(whole);
  for (const name of NAMES) {
    expect(targetGroup(whole, name)).toMatchObject({
      TargetType: 'ip',
      HealthCheckIntervalSeconds: 15,
      HealthyThresholdCount: 2,
    });
    expect(service(whole, name).LoadBalancers).toMatchObject([{ TargetGroupArn: ref(targetGroupId(whole, name)) }]);
    expect(service(whole, name).HealthCheckGracePeriodSeconds).toBe(60);
  }
}

/** The load balancer reaches the container port of the two services with ingress. The worker has none. */
export function containersReceive(whole: Template) {
  for (const name of NAMES) {
    const { Name, PortMappings } = container(whole, name);
    expect(PortMappings).toEqual([{ ContainerPort: CONTAINER_PORT, Protocol: 'tcp' }]);
    const TargetGroupArn = ref(targetGroupId(whole, name));
    expect(service(whole, name).LoadBalancers).toEqual([
      { ContainerName: Name, ContainerPort: CONTAINER_PORT, TargetGroupArn },
    ]);
    expect(read(name.toLowerCase(), 'server.js')).toMatch(
      /\.listen\(Number\((process\.env\.PORT \?\? '8443'|PORT)\)\)/,
    );
  }
  opens('loadBalancer', 'Egress')(whole);
  for (const group of ['api', 'web', 'worker'] as const) opens(group, 'Ingress')(whole);
  const { PortMappings = [] } = container(whole, 'Worker');
  expect([PortMappings, service(whole, 'Worker').LoadBalancers]).toEqual([[], []]);
}

/** Responses use the connection of the request: no task may open one to the load balancer. */
export function answersTheSameWay(whole: Template) {
  for (const group of ['api', 'web', 'worker'] as const) opens(group, 'Egress')(whole);
  containersReceive(whole);
}

/** The load balancer and ECS give a stopping container 30 seconds to finish, and its program uses them. */
export function drains(whole: Template) {
  for (const name of NAMES) {
    expect(attributes(targetGroup(whole, name).TargetGroupAttributes)['deregistration_delay.timeout_seconds']).toBe(
      '30',
    );
  }
  for (const name of SERVICES) expect(container(whole, name).StopTimeout ?? 30).toBe(30);
  for (const [folder, file] of [
    ['api', 'server.js'],
    ['web', 'server.js'],
    ['worker', 'worker.js'],
  ]) {
    expect(read(folder, file)).toContain("process.on('SIGTERM', () => ");
  }
}

/** The alarms and the dashboard read the metrics of this load balancer and its firewall. */
export function balancerIsMeasured(whole: Template) {
  const LoadBalancer = attribute(only(whole, LOAD_BALANCER), 'LoadBalancerFullName');
  const ofItself = alarms(whole).filter(
    ({ namespace, dimensions }) => namespace === 'AWS/ApplicationELB' && !('TargetGroup' in dimensions),
  );
  expect(ofItself.map(({ metric }) => metric).sort()).toEqual([
    'HTTPCode_ELB_5XX_Count',
    'RejectedConnectionCount',
    'TargetResponseTime',
  ]);
  for (const { dimensions } of ofItself) expect(dimensions).toEqual({ LoadBalancer });
  const shown = `"AWS/ApplicationELB","RequestCount","LoadBalancer","${text(LoadBalancer)}"`;
  expect(dashboards(whole).filter((body) => body.includes(shown))).toHaveLength(1);
}
