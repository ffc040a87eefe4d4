import { CfnParameter, Stack, Stage } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { WebDomainOptions, WebEndpoint } from '../../src/endpoint/web-endpoint';
import { SecureLoadBalancer } from '../../src/load-balancer/secure-load-balancer';
import { ServiceIngress } from '../../src/service/service-ingress';
import { StaticSiteCdn } from '../../src/site/static-site-cdn';
import { someService } from '../service/fargate-fixtures';
import { newApp, someVpc } from '../support/app';

const DOMAIN = 'app.example.com';
const zone = (scope: Construct, hostedZoneId = 'Z1', id = 'Zone') =>
  route53.HostedZone.fromHostedZoneAttributes(scope, id, { hostedZoneId, zoneName: 'example.com' });
const certificate = (scope: Construct) => acm.Certificate.fromCertificateArn(
  scope, 'Certificate', `arn:aws:acm:us-east-1:111122223333:certificate/${'0'.repeat(8)}`,
);

let stack: Stack;
beforeEach(() => stack = new Stack(newApp(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } }));

function loadBalancer(id: string, options: Partial<WebDomainOptions>, scope: Construct = stack): SecureLoadBalancer {
  const own = new Construct(scope, id);
  const hostedZone = options.hostedZone ?? zone(own);
  return new SecureLoadBalancer(own, 'Entrance', {
    vpc: someVpc(own), endpoint: WebEndpoint.domain({ domainName: DOMAIN, ...options, hostedZone }),
  });
}

const sentence = (holder: string, name = DOMAIN) =>
  'domainName must be a name for which no other construct of the app creates alias records, got '
  + `'${name}', for which ${holder} creates them in the same hosted zone. Use another name. To share a load balancer, `
  + 'create a SecureLoadBalancer and pass it to ServiceIngress.loadBalancer. To replace one of the two, pass '
  + 'createAliasRecords: false to the other one.';

describe('a domain name with alias records of another construct is refused', () => {
  test('two services', () => {
    const [vpc, hostedZone] = [someVpc(stack), zone(stack)];
    const service = (id: string) => someService(stack, {
      vpc, containerPort: 80, ingress: ServiceIngress.https({ domainName: DOMAIN, hostedZone }),
    }, id);
    service('Web');
    expect(() => service('Api')).toThrow(
      new Error(`[Stack/Api/LoadBalancer] ${sentence('Stack/Web/LoadBalancer')}`));
  });

  test('a load balancer and a site, in another case', () => {
    loadBalancer('One', {});
    const own = new Construct(stack, 'Two');
    expect(() => new StaticSiteCdn(own, 'Site', {
      endpoint: WebEndpoint.domain({
        domainName: 'www.example.com',
        additionalDomainNames: ['APP.example.com'],
        hostedZone: zone(own),
        certificate: certificate(own),
      }),
    })).toThrow(new Error(`[Stack/Two/Site] ${sentence('Stack/One/Entrance', 'APP.example.com')}`));
  });

  test('two stages of an app', () => {
    const [one, two] = ['One', 'Two'].map((id) => new Stack(new Stage(stack.node.root, id), 'Web'));
    loadBalancer('Web', {}, one);
    expect(() => loadBalancer('Web', {}, two)).toThrow(
      new Error(`[Two/Web/Web/Entrance] ${sentence('One/Web/Web/Entrance')}`));
  });

  test('a zone of the app', () => {
    const hostedZone = new route53.PublicHostedZone(stack, 'Public', { zoneName: 'example.com' });
    loadBalancer('One', { hostedZone });
    expect(() => loadBalancer('Two', { hostedZone })).toThrow(sentence('Stack/One/Entrance'));
  });
});

describe('the same domain name is accepted', () => {
  test('without alias records of one of the two', () => {
    loadBalancer('One', {});
    expect(() => loadBalancer('Two', { createAliasRecords: false })).not.toThrow();
  });

  test('in another hosted zone, and in zones before their lookup', () => {
    loadBalancer('One', {});
    expect(() => loadBalancer('Two', { hostedZone: zone(stack, 'Z2') })).not.toThrow();
    loadBalancer('Three', { hostedZone: zone(stack, 'DUMMY', 'Public') });
    expect(() => loadBalancer('Four', { hostedZone: zone(stack, 'DUMMY', 'Other') })).not.toThrow();
  });

  test('if it is a token', () => {
    const domainName = new CfnParameter(stack, 'Name').valueAsString;
    loadBalancer('One', { domainName });
    expect(() => loadBalancer('Two', { domainName })).not.toThrow();
  });
});
