import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import {
  API_FOLDER,
  CERTIFICATE,
  container,
  CONTAINER_PORT,
  DOMAIN,
  LISTENER,
  LOAD_BALANCER,
  loadBalancer,
  loadBalancerGroup,
  SERVICE,
  service,
  serviceGroup,
  TARGET_GROUP,
  tcp,
  waysOut,
  ZONE,
} from './parts';
import { attribute, only, openings, propertiesOf, ref } from '../../../support/template/reading';

export { firewallBlocks, firewallIsAttached } from '../../../support/template/firewall';

export function domainPointsAtLoadBalancer(template: Template) {
  const id = only(template, LOAD_BALANCER);
  for (const Type of ['A', 'AAAA']) {
    const record = only(template, 'AWS::Route53::RecordSet', { Type });
    expect(propertiesOf(template, 'AWS::Route53::RecordSet', record)).toEqual({
      Name: `${DOMAIN}.`,
      Type,
      HostedZoneId: ZONE,
      AliasTarget: {
        DNSName: { 'Fn::Join': ['', ['dualstack.', attribute(id, 'DNSName')]] },
        HostedZoneId: attribute(id, 'CanonicalHostedZoneID'),
      },
    });
  }
}

export function clientsComeInOverHttps(template: Template) {
  domainPointsAtLoadBalancer(template);
  listensOnHttps(template);
  expect(openings(template, 'Ingress', loadBalancerGroup(template))).toContainEqual(tcp('0.0.0.0/0', 443));
}

export function applicationLoadBalancer(template: Template) {
  const { Type, Scheme, Subnets } = loadBalancer(template);
  expect({ Type, Scheme }).toEqual({ Type: 'application', Scheme: 'internet-facing' });
  expect(waysOut(template, Subnets)).toEqual(['internet gateway', 'internet gateway']);
  for (const logs of ['access_logs', 'connection_logs']) {
    expect(loadBalancer(template).LoadBalancerAttributes).toContainEqual({ Key: `${logs}.s3.enabled`, Value: 'true' });
  }
}

export function listensOnHttps(template: Template) {
  const id = only(template, LOAD_BALANCER);
  template.resourceCountIs(LISTENER, 2);
  template.hasResourceProperties(LISTENER, {
    LoadBalancerArn: ref(id),
    Port: 443,
    Protocol: 'HTTPS',
    SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
  });
  template.hasResourceProperties(LISTENER, {
    LoadBalancerArn: ref(id),
    Port: 80,
    DefaultActions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } }],
  });
}

export function usesTheCertificate(template: Template) {
  template.hasResourceProperties(LISTENER, {
    Protocol: 'HTTPS',
    Certificates: [{ CertificateArn: ref(only(template, CERTIFICATE)) }],
  });
}

export function certificateOfTheDomain(template: Template) {
  expect(propertiesOf(template, CERTIFICATE, only(template, CERTIFICATE))).toMatchObject({
    DomainName: DOMAIN,
    ValidationMethod: 'DNS',
    DomainValidationOptions: [{ DomainName: DOMAIN, HostedZoneId: ZONE }],
  });
}

export function forwardsHttps(template: Template) {
  const targets = only(template, TARGET_GROUP, {
    Protocol: 'HTTPS',
    HealthCheckProtocol: 'HTTPS',
    TargetType: 'ip',
  });
  expect(
    propertiesOf(
      template,
      'AWS::ElasticLoadBalancingV2::ListenerRule',
      only(template, 'AWS::ElasticLoadBalancingV2::ListenerRule'),
    ),
  ).toMatchObject({
    ListenerArn: ref(only(template, LISTENER, { Protocol: 'HTTPS' })),
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
    Actions: [{ Type: 'forward', TargetGroupArn: ref(targets) }],
  });
  const { Name, PortMappings } = container(template);
  expect(service(template).LoadBalancers).toEqual([
    { ContainerName: Name, ContainerPort: CONTAINER_PORT, TargetGroupArn: ref(targets) },
  ]);
  expect(PortMappings).toEqual([{ ContainerPort: CONTAINER_PORT, Protocol: 'tcp' }]);
  expect(fs.readFileSync(path.join(API_FOLDER, 'server.js'), 'utf8')).toContain('https.createServer(');
  onlyTheLoadBalancerReachesTheTasks(template);
}

function onlyTheLoadBalancerReachesTheTasks(template: Template) {
  expect(openings(template, 'Ingress', serviceGroup(template))).toEqual([
    tcp(loadBalancerGroup(template), CONTAINER_PORT),
  ]);
  expect(openings(template, 'Egress', loadBalancerGroup(template))).toEqual([
    tcp(serviceGroup(template), CONTAINER_PORT),
  ]);
}

export function balancesOverTwoZones(template: Template) {
  expect(loadBalancer(template).Subnets).toHaveLength(2);
  expect(service(template).NetworkConfiguration.AwsvpcConfiguration.Subnets).toHaveLength(2);
  const targets = propertiesOf(template, TARGET_GROUP, only(template, TARGET_GROUP));
  expect(targets).toMatchObject({ HealthCheckPath: '/health', Matcher: { HttpCode: '200-299' } });
  const resource = {
    'Fn::Join': [
      '',
      ['service/', ref(only(template, 'AWS::ECS::Cluster')), '/', attribute(only(template, SERVICE), 'Name')],
    ],
  };
  template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
    ResourceId: resource,
    MinCapacity: 2,
    MaxCapacity: 4,
  });
}
