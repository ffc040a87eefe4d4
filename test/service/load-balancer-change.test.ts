import { CfnParameter, Duration, NestedStack, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { someListener, someService } from './fargate-fixtures';
import { WebDomainOptions, WebEndpoint } from '../../src/endpoint/web-endpoint';
import { SecureLoadBalancer } from '../../src/load-balancer/secure-load-balancer';
import { SecureLoadBalancerProps } from '../../src/load-balancer/secure-load-balancer-props';
import { ServiceIngress } from '../../src/service/service-ingress';
import { newApp, newStack, someVpc, templateOf } from '../support/app';
import { DependencyTemplate } from '../support/dependencies';
import { refusedByLoadBalancing } from '../support/load-balancer-update';

const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const SERVICE = 'AWS::ECS::Service';

type Ingress = (scope: Construct) => ServiceIngress;

const CERTIFICATE = 'arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012';

const someCertificate = (scope: Construct) => acm.Certificate.fromCertificateArn(scope, 'Certificate', CERTIFICATE);
const domain = (scope: Construct): WebDomainOptions => ({
  domainName: 'api.example.com',
  hostedZone: route53.HostedZone.fromHostedZoneAttributes(scope, 'Zone', {
    hostedZoneId: 'Z1', zoneName: 'example.com',
  }),
  certificate: someCertificate(scope),
  createAliasRecords: false,
});
const plainHttp = () => WebEndpoint.plainHttp({ reason: 'a test' });

const entrance = (props: Partial<SecureLoadBalancerProps> = {}, id = 'Entrance'): Ingress => (scope) => {
  const around = new Construct(scope, `${id}Parts`);
  return ServiceIngress.loadBalancer(new SecureLoadBalancer(scope, id, {
    vpc: someVpc(around), endpoint: WebEndpoint.domain(domain(around)), ...props,
  }));
};
const own: Ingress = (scope) => ServiceIngress.https(domain(scope));
const existing = (name: string): Ingress => (scope) =>
  ServiceIngress.listener(someListener(scope, 'Existing', name));
const parameter = (name: string): Ingress => (scope) => {
  const listenerArn = new CfnParameter(scope, name).valueAsString;
  const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(scope, 'Group', 'sg-12345678');
  return ServiceIngress.listener(elbv2.ApplicationListener.fromApplicationListenerAttributes(scope, 'Existing', {
    listenerArn, securityGroup,
  }));
};
/** A load balancer that the app creates without this library. */
const plain = (props: Partial<elbv2.ApplicationLoadBalancerProps> = {}): Ingress => (scope) => {
  const vpc = someVpc(new Construct(scope, 'Other'));
  const loadBalancer = new elbv2.ApplicationLoadBalancer(scope, 'Plain', { vpc, ...props });
  return ServiceIngress.newListener(loadBalancer, [someCertificate(scope)]);
};
const imported = (name: string): Ingress => (scope) => ServiceIngress.newListener(
  elbv2.ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(scope, 'Imported', {
    loadBalancerArn: `arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/${name}/1`,
    securityGroupId: 'sg-12345678',
    vpc: someVpc(new Construct(scope, 'Other')),
  }),
  [someCertificate(scope)],
);

function templateWith(ingress: Ingress, more: (stack: Stack) => void = () => undefined): DependencyTemplate {
  const stack = newStack();
  const vpc = someVpc(new Construct(stack, 'Own'));
  someService(stack, { vpc, containerPort: 8080, ingress: ingress(stack) });
  more(stack);
  return templateOf(stack).toJSON() as DependencyTemplate;
}

function idsOf(template: DependencyTemplate, type: string): string[] {
  return Object.entries(template.Resources).filter(([, { Type }]) => Type === type).map(([id]) => id);
}

describe.each<[string, Ingress, Ingress]>([
  ['internet-facing to internal', entrance(), entrance({ internetFacing: false })],
  ['one SecureLoadBalancer to another', entrance(), entrance({}, 'Other')],
  ['its own load balancer to a SecureLoadBalancer', own, entrance()],
  ['a listener of an existing load balancer to a SecureLoadBalancer', existing('app/main/1/2'), entrance()],
  ['one existing load balancer to another', existing('app/main/1/2'), existing('app/other/1/2')],
  ['one parameter to another', parameter('Old'), parameter('New')],
  ['a load balancer without a name to one with a name', plain(), plain({ loadBalancerName: 'named' })],
  ['a plain load balancer from internal to internet-facing', plain(), plain({ internetFacing: true })],
  ['a new listener of one existing load balancer to one of another', imported('one'), imported('two')],
  ['plain HTTP to HTTPS', entrance({ endpoint: plainHttp() }), entrance()],
])('a service moves from %s', (_name, from, to) => {
  test.each([['there', from, to], ['back', to, from]])('%s, and Elastic Load Balancing accepts the update', (
    _direction, before, after,
  ) => {
    expect(refusedByLoadBalancing(templateWith(before), templateWith(after))).toEqual([]);
  });

  test('while the service itself stays', () => {
    expect(idsOf(templateWith(to), SERVICE)).toEqual(idsOf(templateWith(from), SERVICE));
  });
});

describe('the test of an update', () => {
  test('finds a target group of two load balancers', () => {
    const [before, after] = [entrance(), entrance({ internetFacing: false })].map((each) => templateWith(each));
    const [[old], [renamed]] = [before, after].map((template) => idsOf(template, TARGET_GROUP));
    const same = JSON.parse(JSON.stringify(after).replaceAll(renamed, old));
    expect(refusedByLoadBalancing(before, same)).toEqual([
      `target group ${old} cannot be associated with more than one load balancer`,
    ]);
  });

  test('finds a port with two listeners, and a priority with two rules', () => {
    const before = templateWith(entrance());
    const after = JSON.parse(JSON.stringify(before)
      .replaceAll(/EntranceHttp(?!s)/g, 'EntranceRedirect').replaceAll('ApiRule', 'BackendRule'));
    expect(refusedByLoadBalancing(before, after)).toEqual([
      expect.stringMatching(/^a listener already exists on port 80 of Entrance/),
      expect.stringMatching(/^priority 50000 of .* is in use$/),
    ]);
  });
});

describe('the target group stays', () => {
  const kept = idsOf(templateWith(entrance()), TARGET_GROUP);

  const nothing = () => undefined;

  test.each<[string, Ingress, (stack: Stack) => void]>([
    ['an idle timeout', entrance({ idleTimeout: Duration.minutes(2) }), nothing],
    ['another endpoint', entrance({ endpoint: plainHttp() }), nothing],
    ['another service and load balancer', entrance(), (stack) =>
      someService(stack, { containerPort: 80, ingress: entrance({}, 'Second')(stack) }, 'Web')],
  ])('with %s', (_name, ingress, more) => {
    expect(idsOf(templateWith(ingress, more), TARGET_GROUP)).toEqual(expect.arrayContaining(kept));
  });

  test('with another listener of the same existing load balancer', () => {
    const [one, other] = ['app/main/1/2', 'app/main/1/3'].map((name) => templateWith(existing(name)));
    expect(idsOf(one, TARGET_GROUP)).toEqual(idsOf(other, TARGET_GROUP));
  });

  test('with another name of the stack and of the stage', () => {
    const ids = ['Dev', 'Prod'].map((name) => {
      const stack = new Stack(newApp(), name);
      someService(stack, { containerPort: 8080, ingress: entrance()(stack) });
      return idsOf(templateOf(stack).toJSON() as DependencyTemplate, TARGET_GROUP);
    });
    expect(ids[0]).toEqual(ids[1]);
  });
});

test('load balancers with the same path in two stacks have different target groups', () => {
  const app = newApp();
  const ids = ['One', 'Two'].map((name) => {
    const ingress = entrance()(new Stack(app, name));
    const nested = new NestedStack(new Stack(app, `Application${name}`), 'Nested');
    return someService(nested, { containerPort: 8080, ingress }).targetGroup!.node.id;
  });
  expect(ids[0]).not.toBe(ids[1]);
});

describe('rules of one listener', () => {
  type Services = Array<{ id: string; path: string; priority?: number }>;

  function templateOfServices(services: Services): DependencyTemplate {
    const stack = newStack();
    const balancer = new SecureLoadBalancer(stack, 'Entrance', { vpc: someVpc(stack), endpoint: plainHttp() });
    for (const { id, ...options } of services) {
      someService(stack, {
        vpc: balancer.loadBalancer.vpc, containerPort: 80, ingress: ServiceIngress.loadBalancer(balancer, options),
      }, id);
    }
    return templateOf(stack).toJSON() as DependencyTemplate;
  }

  test.each<[string, Services, Services, Services]>([
    ['a renamed service', [{ id: 'Api', path: '/a/*' }], [{ id: 'Backend', path: '/a/*', priority: 7 }],
      [{ id: 'Backend', path: '/a/*' }]],
    ['exchanged paths', [{ id: 'One', path: '/a/*' }, { id: 'Two', path: '/b/*' }],
      [{ id: 'One', path: '/b/*', priority: 8 }, { id: 'Two', path: '/a/*', priority: 7 }],
      [{ id: 'One', path: '/b/*' }, { id: 'Two', path: '/a/*' }]],
  ])('%s: one deployment is refused, and two with temporary priorities are accepted', (_name, from, between, to) => {
    const [before, temporary, after] = [from, between, to].map(templateOfServices);
    expect(refusedByLoadBalancing(before, after)).not.toEqual([]);
    expect(refusedByLoadBalancing(before, temporary)).toEqual([]);
    expect(refusedByLoadBalancing(temporary, after)).toEqual([]);
  });
});
