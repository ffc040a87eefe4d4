import { CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { onlyOne, someListener, someService } from './fargate-fixtures';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { SecureLoadBalancer } from '../../src/load-balancer/secure-load-balancer';
import { ScalingPolicy } from '../../src/service/scaling-policy';
import { ServiceIngress } from '../../src/service/service-ingress';
import { ServiceIngressOptions } from '../../src/service/service-ingress-options';
import { newStack, propertiesOf, someVpc, templateOf } from '../support/app';

let stack: Stack;
beforeEach(() => stack = newStack());

const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';

function withIngress(options: ServiceIngressOptions = {}) {
  return someService(stack, { containerPort: 8080, ingress: ServiceIngress.listener(someListener(stack), options) });
}

function attributes(): Record<string, string> {
  return Object.fromEntries(
    onlyOne(stack, TARGET_GROUP).TargetGroupAttributes.map(({ Key, Value }: { Key: string; Value: string }) => [
      Key,
      Value,
    ]),
  );
}

describe('defaults', () => {
  test('create no target group, no rule, and no inbound connection', () => {
    const service = someService(stack, { containerPort: 8080 });
    templateOf(stack).resourceCountIs(TARGET_GROUP, 0);
    templateOf(stack).resourceCountIs(RULE, 0);
    templateOf(stack).resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    expect(service.targetGroup).toBeUndefined();
    expect(onlyOne(stack, 'AWS::ECS::Service').LoadBalancers).toEqual([]);
    expect(onlyOne(stack, 'AWS::ECS::Service')).not.toHaveProperty('HealthCheckGracePeriodSeconds');
  });

  test('are equal to ServiceIngress.none', () => {
    someService(stack, { ingress: ServiceIngress.none() });
    templateOf(stack).resourceCountIs(TARGET_GROUP, 0);
  });

  test('match every path and host at the last priority if ingress is set', () => {
    withIngress();
    expect(onlyOne(stack, RULE)).toMatchObject({
      Priority: 50000,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
    });
  });

  test('check tasks at / every 15 seconds, with a grace period of one minute', () => {
    withIngress();
    expect(onlyOne(stack, TARGET_GROUP)).toMatchObject({
      HealthCheckPath: '/',
      HealthCheckProtocol: 'HTTP',
      HealthCheckIntervalSeconds: 15,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 3,
      Matcher: { HttpCode: '200-299' },
    });
    expect(onlyOne(stack, 'AWS::ECS::Service').HealthCheckGracePeriodSeconds).toBe(60);
  });

  test('use IP targets over HTTP, each at its container port, without stickiness and with a deregistration delay of 30 '
    + 'seconds', () => {
    withIngress();
    expect(onlyOne(stack, TARGET_GROUP)).toMatchObject({ TargetType: 'ip', Protocol: 'HTTP', Port: 80 });
    expect(onlyOne(stack, 'AWS::ECS::Service').LoadBalancers).toMatchObject([{ ContainerPort: 8080 }]);
    expect(attributes()).toEqual({ 'stickiness.enabled': 'false', 'deregistration_delay.timeout_seconds': '30' });
  });
});

describe('options', () => {
  test('add path and host as conditions and derive the priority', () => {
    withIngress({ path: '/api/*', host: 'clinic.example.com' });
    expect(onlyOne(stack, RULE).Conditions).toEqual([
      { Field: 'host-header', HostHeaderConfig: { Values: ['clinic.example.com'] } },
      { Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } },
    ]);
    expect(onlyOne(stack, RULE).Priority).toBeLessThan(16_001);
  });

  test.each(['*.com', 'Api-1.example.com', 'a_b.*', 'clinic.xn--p1ai'])('accept the host %s', (host) => {
    withIngress({ host });
    expect(JSON.stringify(templateOf(stack).toJSON())).toContain(JSON.stringify([host]));
  });

  test.each([['/api', '/api/*'], ['/', '/*'], ['/api/', '/api/*']])(
    'state that the path %s matches no path below it', (path, suggested) => {
      const service = withIngress({ path });
      Annotations.fromStack(stack).hasInfo(`/${service.node.path}`, Match.stringLikeRegexp(
        `^ingress.path '${path}' matches only requests for exactly ${path}. For the paths below it, use `
          + `'${suggested.replace('*', '\\*')}'`));
    });

  test.each(['/api/*', '/api*', '/robots.txt'])('have no message about the path %s', (path) => {
    withIngress({ path });
    Annotations.fromStack(stack).hasNoInfo('*', Match.stringLikeRegexp('^ingress.path'));
  });

  test('accept a host as the only condition', () => {
    withIngress({ host: 'clinic.example.com' });
    expect(onlyOne(stack, RULE).Conditions).toEqual([
      { Field: 'host-header', HostHeaderConfig: { Values: ['clinic.example.com'] } },
    ]);
  });

  test('accept an explicit priority', () => {
    withIngress({ path: '/api/*', priority: 12 });
    expect(onlyOne(stack, RULE).Priority).toBe(12);
  });

  test('set the health check', () => {
    withIngress({
      healthCheckPath: '/health',
      healthCheckInterval: Duration.seconds(30),
      healthyThreshold: 4,
      unhealthyThreshold: 5,
      healthCheckGracePeriod: Duration.minutes(3),
    });
    expect(onlyOne(stack, TARGET_GROUP)).toMatchObject({
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: 30,
      HealthyThresholdCount: 4,
      UnhealthyThresholdCount: 5,
    });
    expect(onlyOne(stack, 'AWS::ECS::Service').HealthCheckGracePeriodSeconds).toBe(180);
  });

  test('enable stickiness for one day', () => {
    withIngress({ stickiness: Duration.hours(24), deregistrationDelay: Duration.seconds(0) });
    expect(attributes()).toEqual({
      'stickiness.enabled': 'true',
      'stickiness.type': 'lb_cookie',
      'stickiness.lb_cookie.duration_seconds': '86400',
      'deregistration_delay.timeout_seconds': '0',
    });
  });

  test('support HTTPS to the container for requests and health checks', () => {
    withIngress({ containerProtocol: elbv2.ApplicationProtocol.HTTPS });
    expect(onlyOne(stack, TARGET_GROUP)).toMatchObject({ Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS' });
  });

  test('accept tokens for path, host and durations if the priority is explicit', () => {
    const text = new CfnParameter(stack, 'Text').valueAsString;
    const seconds = new CfnParameter(stack, 'Seconds', { type: 'Number' }).valueAsNumber;
    withIngress({ path: text, host: text, priority: 3, deregistrationDelay: Duration.seconds(seconds) });
    expect(onlyOne(stack, RULE).Conditions[1].PathPatternConfig.Values).toEqual([{ Ref: 'Text' }]);
  });
});

describe('sources of requests', () => {
  test('include a SecureLoadBalancer, and only this load balancer can reach the container port', () => {
    const vpc = someVpc(stack);
    const loadBalancer = new SecureLoadBalancer(stack, 'Entrance', {
      vpc,
      endpoint: WebEndpoint.certificate(
        acm.Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:us-east-1:111122223333:certificate/1'),
      ),
    });
    const api = someService(stack, {
      vpc,
      containerPort: 8080,
      ingress: ServiceIngress.loadBalancer(loadBalancer, { path: '/api/*' }),
    });
    expect(onlyOne(stack, RULE).ListenerArn).toEqual(stack.resolve(loadBalancer.listener.listenerArn));
    const groupId = stack.resolve(api.connections.securityGroups[0].securityGroupId);
    const rules = Object.values(propertiesOf(templateOf(stack), 'AWS::EC2::SecurityGroupIngress')).filter(
      (rule) => JSON.stringify(rule.GroupId) === JSON.stringify(groupId),
    );
    expect(rules).toEqual([
      expect.objectContaining({
        FromPort: 8080,
        ToPort: 8080,
        IpProtocol: 'tcp',
        SourceSecurityGroupId: stack.resolve(loadBalancer.connections.securityGroups[0].securityGroupId),
      }),
    ]);
  });

  test('include a load balancer without a certificate for development', () => {
    const vpc = someVpc(stack);
    const loadBalancer = new SecureLoadBalancer(stack, 'Entrance', {
      vpc,
      endpoint: WebEndpoint.plainHttp({ reason: 'development' }),
    });
    someService(stack, {
      vpc,
      containerPort: 5000,
      ingress: ServiceIngress.loadBalancer(loadBalancer, { stickiness: Duration.hours(24) }),
      scaling: ScalingPolicy.between({ min: 1, max: 4 }),
    });
    expect(onlyOne(stack, 'AWS::ElasticLoadBalancingV2::Listener')).toMatchObject({ Protocol: 'HTTP', Port: 80 });
    expect(onlyOne(stack, RULE).ListenerArn).toEqual(stack.resolve(loadBalancer.listener.listenerArn));
    expect(attributes()).toMatchObject({
      'stickiness.lb_cookie.duration_seconds': '86400',
      'deregistration_delay.timeout_seconds': '30',
    });
    expect(onlyOne(stack, 'AWS::ApplicationAutoScaling::ScalableTarget')).toMatchObject({
      MinCapacity: 1,
      MaxCapacity: 4,
    });
  });

  test('include one load balancer for two services with different paths', () => {
    const listener = someListener(stack);
    const vpc = someVpc(stack);
    someService(stack, { vpc, containerPort: 80, ingress: ServiceIngress.listener(listener) }, 'Web');
    someService(
      stack,
      { vpc, containerPort: 8080, ingress: ServiceIngress.listener(listener, { path: '/api/*' }) },
      'Api',
    );
    const priorities = Object.entries(propertiesOf(templateOf(stack), RULE)).map(([id, rule]) => [
      id.slice(0, 3),
      rule.Priority,
    ]);
    expect(Object.fromEntries(priorities)).toEqual({ Web: 50000, Api: 44229 });
  });

  test('include the load balancer of an imported listener', () => {
    withIngress();
    templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      SourceSecurityGroupId: 'sg-12345678',
      FromPort: 8080,
      ToPort: 8080,
    });
    templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      GroupId: 'sg-12345678',
      FromPort: 8080,
      ToPort: 8080,
    });
  });

  test('include an existing load balancer, which gets an HTTPS listener that '
    + 'returns 404 and allows no client', () => {
    newListener();
    expect(onlyOne(stack, 'AWS::ElasticLoadBalancingV2::Listener')).toMatchObject({
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
      ListenerAttributes: [{
        Key: 'routing.http.response.strict_transport_security.header_value',
        Value: 'max-age=31536000; includeSubDomains',
      }],
      Certificates: [{ CertificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/1' }],
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    });
    templateOf(stack).resourcePropertiesCountIs('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-12345678' }, 0);
  });

  test('include the new listener, which forwards requests that match the options', () => {
    newListener(undefined, { path: '/api/*', healthCheckPath: '/health' });
    expect(onlyOne(stack, RULE)).toMatchObject({
      Priority: 44229,
      Conditions: [{ PathPatternConfig: { Values: ['/api/*'] } }],
    });
    expect(onlyOne(stack, TARGET_GROUP).HealthCheckPath).toBe('/health');
  });

  test('include a listener with another port that the app adds to a load balancer', () => {
    const listener = existingLoadBalancer().addListener('Listener', {
      port: 8443,
      certificates: [someCertificate()],
      open: false,
      defaultAction: elbv2.ListenerAction.fixedResponse(404),
    });
    someService(stack, { containerPort: 8080, ingress: ServiceIngress.listener(listener) });
    expect(onlyOne(stack, 'AWS::ElasticLoadBalancingV2::Listener').Port).toBe(8443);
    expect(onlyOne(stack, RULE).ListenerArn).toEqual(stack.resolve(listener.listenerArn));
  });
});

function existingLoadBalancer(): elbv2.IApplicationLoadBalancer {
  return elbv2.ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'Existing', {
    loadBalancerArn: 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/main/1',
    securityGroupId: 'sg-12345678',
    vpc: ec2.Vpc.fromVpcAttributes(stack, 'ItsVpc', { vpcId: 'vpc-12345678', availabilityZones: ['a'] }),
  });
}

function someCertificate(): acm.ICertificate {
  return acm.Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:us-east-1:111122223333:certificate/1');
}

function newListener(certificates = [someCertificate()], options: ServiceIngressOptions = {}) {
  return someService(stack, {
    containerPort: 8080,
    ingress: ServiceIngress.newListener(existingLoadBalancer(), certificates, options),
  });
}

describe('SecureFargateService refuses', () => {
  const path = 'must be a path that starts with / and has at most 128 characters of ASCII, got';
  const url = 'Pass the path as it appears in a URL.';
  const duration = 'Use a duration in this range.';
  const integer = 'Use an integer in this range.';
  test.each<[ServiceIngressOptions, string]>([
    [{ path: 'api/*' }, `ingress.path ${path} 'api/*'. ${url}`],
    [{ path: '/a b' }, `ingress.path ${path} '/a b'. ${url}`],
    [{ path: '/é' }, `ingress.path ${path} '/é'. ${url}`],
    ...['https://a', 'api', '*', 'api.example.com.', 'api.example.123'].map((host): [ServiceIngressOptions, string] => [
      { host },
      `ingress.host must be a host name or pattern of at most 128 characters, with a dot, got '${host}'. `
        + 'Pass only the host, without protocol, port and path.',
    ]),
    [{ priority: 0 }, `ingress.priority must be an integer from 1 to 50000, got 0. ${integer}`],
    [{ priority: 50_001 }, `ingress.priority must be an integer from 1 to 50000, got 50001. ${integer}`],
    [{ healthCheckPath: 'health' }, `ingress.healthCheckPath ${path} 'health'. ${url}`],
    [
      { healthCheckInterval: Duration.seconds(5) },
      `ingress.healthCheckInterval must be from 6 to 300 whole seconds, got 5 seconds. ${duration}`,
    ],
    [{ healthyThreshold: 1 }, `ingress.healthyThreshold must be an integer from 2 to 10, got 1. ${integer}`],
    [{ unhealthyThreshold: 11 }, `ingress.unhealthyThreshold must be an integer from 2 to 10, got 11. ${integer}`],
    [
      { healthCheckGracePeriod: Duration.millis(1500) },
      `ingress.healthCheckGracePeriod must be from 0 to 2147483647 whole seconds, got 1 second 500 millis. ${duration}`,
    ],
    [
      { stickiness: Duration.seconds(0) },
      `ingress.stickiness must be from 1 to 604800 whole seconds, got 0 seconds. ${duration}`,
    ],
    [
      { stickiness: Duration.days(8) },
      `ingress.stickiness must be from 1 to 604800 whole seconds, got 8 days. ${duration}`,
    ],
    [
      { deregistrationDelay: Duration.hours(2) },
      `ingress.deregistrationDelay must be from 0 to 3600 whole seconds, got 2 hours. ${duration}`,
    ],
  ])('%j', (options, sentence) => {
    expect(() => withIngress(options)).toThrow(new Error(`[Stack/Api] ${sentence}`));
  });

  test('ingress without a port', () => {
    expect(() => someService(stack, { ingress: ServiceIngress.listener(someListener(stack)) })).toThrow(
      new Error(
        '[Stack/Api] containerPort must be the port of the program when the service has ingress, got undefined. Pass '
          + 'containerPort.',
      ),
    );
  });

  test('a token as the path without an explicit priority', () => {
    expect(() => withIngress({ path: new CfnParameter(stack, 'Path').valueAsString })).toThrow(
      new Error(
        '[Stack/Api] ingress.priority must be an integer when path or host is a token, got undefined. Pass '
          + 'ingress.priority.',
      ),
    );
  });

  test('a new listener with more certificates than the quota', () => {
    const some = (count: number) => Array.from({ length: count }, (_, index) =>
      acm.Certificate.fromCertificateArn(stack, `Own${count}-${index}`,
        `arn:aws:acm:us-east-1:111122223333:certificate/${index}`));
    expect(() => newListener(some(27))).toThrow(new Error(
      '[Stack/Api] ingress.certificates must be a list of at most 26 certificates (the quota "Certificates per '
        + 'Application Load Balancer (excluding default certificates)"), got 27 certificates. Request certificates for '
        + 'several names or a wildcard, or create another load balancer. With a higher quota, add the others with '
        + 'addCertificates of the listener.',
    ));
  });

  test('a new listener without a certificate', () => {
    expect(() => newListener([])).toThrow(
      new Error(
        '[Stack/Api] ingress.certificates must be at least one certificate, got []. Pass the certificate of the host '
          + 'name.',
      ),
    );
  });

  test('a second service that matches every request of a listener', () => {
    const vpc = someVpc(stack);
    someService(stack, { vpc, containerPort: 80, ingress: ServiceIngress.listener(someListener(stack)) }, 'Web');
    expect(() =>
      someService(
        stack,
        { vpc, containerPort: 80, ingress: ServiceIngress.listener(someListener(stack, 'Again')) },
        'Api',
      ),
    ).toThrow(
      new Error(
        '[Stack/Api] ingress must be for a path or host that differs from those of Stack/Web on the same listener, '
          + "got path '/*'. Give the two services different paths or hosts; only the one with the lower priority "
          + 'receives requests.',
      ),
    );
  });
});
