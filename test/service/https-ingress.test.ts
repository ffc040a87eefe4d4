import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { IMAGE, onlyOne, someListener, someService } from './fargate-fixtures';
import { unwatched } from '../../src/core/monitored-mark';
import { WebDomainOptions } from '../../src/endpoint/web-endpoint';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { SecureFargateService } from '../../src/service/secure-fargate-service';
import { ServiceIngress } from '../../src/service/service-ingress';
import { ServiceIngressOptions } from '../../src/service/service-ingress-options';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

let stack: Stack;
beforeEach(() => stack = newStack());

const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const domainName = 'api.example.com';
const zone = (scope: Stack = stack) => route53.HostedZone.fromHostedZoneAttributes(scope, 'Zone', {
  hostedZoneId: 'Z0EXAMPLE0000000000', zoneName: 'example.com',
});

function webService(domain: Partial<WebDomainOptions> = {}, options?: ServiceIngressOptions): SecureFargateService {
  return someService(stack, {
    containerPort: 8080,
    ingress: ServiceIngress.https({ domainName, hostedZone: zone(), ...domain, ...options }),
  });
}

describe('ServiceIngress.https', () => {
  test('creates a load balancer, a certificate and alias records', () => {
    const api = webService();
    expect(api.loadBalancer!.node.path).toBe('Stack/Api/LoadBalancer');
    expect(api.loadBalancer!.url).toBe('https://api.example.com');
    templateOf(stack).resourceCountIs(LOAD_BALANCER, 1);
    templateOf(stack).hasResourceProperties('AWS::CertificateManager::Certificate', { DomainName: domainName });
    for (const Type of ['A', 'AAAA']) {
      templateOf(stack).hasResourceProperties('AWS::Route53::RecordSet', { Name: 'api.example.com.', Type });
    }
  });

  test('sends every request to the tasks', () => {
    const api = webService();
    expect(onlyOne(stack, RULE)).toMatchObject({
      Priority: 50000,
      ListenerArn: stack.resolve(api.loadBalancer!.listener.listenerArn),
    });
    templateOf(stack).hasResourceProperties(LISTENER, {
      Protocol: 'HTTPS',
      Port: 443,
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
    });
    templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 8080,
      SourceSecurityGroupId: stack.resolve(api.loadBalancer!.connections.securityGroups[0].securityGroupId),
    });
  });

  test('applies the options to the target group', () => {
    webService({}, { healthCheckPath: '/health', path: '/api/*' });
    expect(onlyOne(stack, 'AWS::ElasticLoadBalancingV2::TargetGroup').HealthCheckPath).toBe('/health');
    expect(onlyOne(stack, RULE).Conditions[0].PathPatternConfig.Values).toEqual(['/api/*']);
  });

  test('accepts an existing certificate', () => {
    const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/1';
    webService({ certificate: acm.Certificate.fromCertificateArn(stack, 'Existing', certificateArn) });
    templateOf(stack).resourceCountIs('AWS::CertificateManager::Certificate', 0);
    templateOf(stack).hasResourceProperties(LISTENER, { Certificates: [{ CertificateArn: certificateArn }] });
  });

  test('encrypts the log of the service and the log of the firewall with one key', () => {
    webService();
    const key = { 'Fn::GetAtt': [Object.keys(templateOf(stack).findResources('AWS::KMS::Key'))[0], 'Arn'] };
    expect(onlyOne(stack, 'AWS::KMS::Key')).toBeDefined();
    const logGroups = Object.values(propertiesOf(templateOf(stack), 'AWS::Logs::LogGroup'));
    expect(logGroups.map(({ KmsKeyId }) => KmsKeyId)).toEqual([key, key]);
  });

  test('can be used twice in one stack', () => {
    const vpc = someVpc(stack);
    const hostedZone = zone();
    for (const name of ['portal', 'admin']) {
      someService(
        stack,
        { vpc, containerPort: 8080, ingress: ServiceIngress.https({ domainName: `${name}.example.com`, hostedZone }) },
        name,
      );
    }
    templateOf(stack).resourceCountIs(LOAD_BALANCER, 2);
  });

  test('has no rule-pack findings and relaxes no safeguard', () => {
    webService();
    expect(nagFindings(stack)).toEqual([]);
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('reason given'));
  });

  test('passes CloudFormation validation', () => {
    const app = newApp({ '@aws-cdk/core:validateAgainstDefaultRules': true });
    const validated = new Stack(app, 'Stack');
    const vpc = someVpc(validated, (name) => `subnet-${Buffer.from(name).toString('hex').padStart(17, '0')}`);
    someService(validated, {
      vpc,
      containerPort: 8080,
      ingress: ServiceIngress.https({ domainName, hostedZone: zone(validated) }),
    });
    expect(templateFindings(app)).toEqual([]);
  });
});

test('loadBalancer is undefined for any other ingress', () => {
  expect(
    someService(stack, { containerPort: 8080, ingress: ServiceIngress.listener(someListener(stack)) }).loadBalancer,
  ).toBeUndefined();
});

test('IDs of stateful resources are stable', () => {
  webService();
  const ids = ['AWS::KMS::Key', 'AWS::Logs::LogGroup', 'AWS::S3::Bucket', LOAD_BALANCER].flatMap((type) =>
    Object.keys(templateOf(stack).findResources(type)),
  );
  expect(ids.sort()).toEqual([
    'ApiKey679C99C7',
    'ApiLoadBalancer3B8DF7F9',
    'ApiLoadBalancerAccessLogs2D70E572',
    'ApiLoadBalancerFirewallLog04CAA4F8',
    'ApiLogA9343957',
  ]);
});

describe('monitoring', () => {
  test('includes the alarms and widgets of the load balancer and its firewall', () => {
    const api = webService();
    const ids = api.monitoringPlan().alarms.map(({ id }) => id);
    const ofLoadBalancer = api.loadBalancer!.monitoringPlan();
    expect(ids).toEqual(
      expect.arrayContaining(['CpuHigh', 'NoHealthyTask', 'LoadBalancerErrors', 'CertificateExpiry']),
    );
    expect(ids).toEqual(expect.arrayContaining(ofLoadBalancer.alarms.map(({ id }) => id)));
    expect(new Set(ids).size).toBe(ids.length);
    expect(api.monitoringPlan().widgets.length).toBeGreaterThan(ofLoadBalancer.widgets.length);
  });

  test('of the service covers the load balancer and its firewall', () => {
    const api = webService();
    expect(unwatched(stack).map(({ node }) => node.path)).toEqual(['Stack/Api']);
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(api);
    expect(unwatched(stack)).toEqual([]);
    templateOf(stack).hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'RejectedConnectionCount' });
  });
});

describe('ServiceIngress.https refuses', () => {
  test('a service without a port', () => {
    expect(() => someService(stack, { ingress: ServiceIngress.https({ domainName, hostedZone: zone() }) })).toThrow(
      new Error(
        '[Stack/Api] containerPort must be the port of the program when the service has ingress, got undefined. Pass '
          + 'containerPort.',
      ),
    );
  });

  test('a domain name outside the zone, in the load balancer', () => {
    expect(() => webService({ domainName: 'api.example.org' })).toThrow(/^\[Stack\/Api\/LoadBalancer\] /);
  });

  test('a second domain name, in the load balancer', () => {
    expect(() => webService({ additionalDomainNames: ['www.example.com'] })).toThrow(/^\[Stack\/Api\/LoadBalancer\] /);
  });

  test('a VPC without public subnets, in the load balancer', () => {
    const services = () =>
      new SecureFargateService(stack, 'Api', {
        image: ecs.ContainerImage.fromRegistry(IMAGE),
        vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
          vpcId: 'vpc-1',
          availabilityZones: ['a'],
          privateSubnetIds: ['subnet-1'],
        }),
        containerPort: 8080,
        ingress: ServiceIngress.https({ domainName, hostedZone: zone() }),
      });
    expect(services).toThrow(/^\[Stack\/Api\/LoadBalancer\] vpc /);
  });
});
