import { App, Aspects, CfnParameter, Duration, Stack, Stage, Tag } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DataProtection } from '../../src/core/data-protection';
import { unwatched } from '../../src/core/monitored-mark';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { DEFAULT_IDLE_TIMEOUT_SECONDS, SecureLoadBalancer } from '../../src/load-balancer/secure-load-balancer';
import { SecureLoadBalancerProps } from '../../src/load-balancer/secure-load-balancer-props';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';

function certificateOf(region: string, name = 'a1b2'): string {
  return `arn:aws:acm:${region}:111122223333:certificate/${name}`;
}

function someCertificate(scope: Construct, id = 'SomeCertificate', region = 'eu-west-1'): acm.ICertificate {
  return acm.Certificate.fromCertificateArn(scope, id, certificateOf(region, id));
}

function someZone(scope: Construct): route53.IHostedZone {
  return route53.HostedZone.fromHostedZoneAttributes(scope, 'SomeZone', {
    hostedZoneId: 'Z123',
    zoneName: 'example.com',
  });
}

/** A load balancer with a certificate, unless the props contain another endpoint. */
function newLoadBalancer(scope: Construct, props: Partial<SecureLoadBalancerProps> = {}): SecureLoadBalancer {
  return new SecureLoadBalancer(scope, 'Entrance', {
    vpc: someVpc(scope), endpoint: props.endpoint ?? WebEndpoint.certificate(someCertificate(scope)), ...props,
  });
}

const HSTS = 'routing.http.response.strict_transport_security.header_value';

describe('HSTS', () => {
  const listeners = (stack: Stack) =>
    Object.values(propertiesOf(templateOf(stack), 'AWS::ElasticLoadBalancingV2::Listener'))
      .map(({ Protocol, ListenerAttributes }) => [Protocol, ListenerAttributes]);

  test('is on for one year with subdomains, on the HTTPS listener', () => {
    const stack = newStack();
    newLoadBalancer(stack);
    expect(listeners(stack)).toEqual([
      ['HTTPS', [{ Key: HSTS, Value: 'max-age=31536000; includeSubDomains' }]],
      ['HTTP', undefined],
    ]);
  });

  test('can exclude the subdomains with a reason', () => {
    const stack = newStack();
    newLoadBalancer(stack, { hstsDomainOnly: { reason: 'the intranet still serves HTTP' } });
    expect(listeners(stack)[0]).toEqual(['HTTPS', [{ Key: HSTS, Value: 'max-age=31536000' }]]);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp(
      'browsers may use plain HTTP for the subdomains of the load balancer \\(HSTS without includeSubDomains\\) '
        + '\\(reason given: the intranet still serves HTTP\\)'));
  });

  test('is refused for plain HTTP', () => {
    const props = { endpoint: WebEndpoint.plainHttp({ reason: 'test' }), hstsDomainOnly: { reason: 'test' } };
    expect(() => newLoadBalancer(newStack(), props)).toThrow(
      'hstsDomainOnly requires HTTPS, but endpoint is WebEndpoint.plainHttp. Remove hstsDomainOnly.');
  });
});

function attributesOf(template: Template): Record<string, unknown> {
  const [{ LoadBalancerAttributes }] = Object.values(propertiesOf(template, LOAD_BALANCER));
  return Object.fromEntries(
    LoadBalancerAttributes.map(({ Key, Value }: { Key: string; Value: unknown }) => [Key, Value]),
  );
}

describe('a SecureLoadBalancer with defaults', () => {
  const stack = newStack();
  const subject = newLoadBalancer(stack);
  const template = templateOf(stack);
  const attributes = attributesOf(template);

  test('is internet-facing in the public subnets', () => {
    template.hasResourceProperties(LOAD_BALANCER, {
      Scheme: 'internet-facing',
      Type: 'application',
      IpAddressType: 'ipv4',
      Subnets: ['subnet-pub1', 'subnet-pub2'],
    });
  });

  test('supports TLS 1.2 and later with the ciphers that AWS recommends', () => {
    template.hasResourceProperties(LISTENER, {
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
      Certificates: [{ CertificateArn: certificateOf('eu-west-1', 'SomeCertificate') }],
    });
  });

  test('returns 404 for requests that no service receives', () => {
    template.hasResourceProperties(LISTENER, {
      Port: 443,
      DefaultActions: [
        {
          Type: 'fixed-response',
          FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain', MessageBody: 'Not found' },
        },
      ],
    });
  });

  test('redirects HTTP permanently to HTTPS', () => {
    template.hasResourceProperties(LISTENER, {
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [
        { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
      ],
    });
    template.resourceCountIs(LISTENER, 2);
  });

  test.each([
    ['deletion_protection.enabled', 'true'],
    ['idle_timeout.timeout_seconds', '60'],
    ['routing.http2.enabled', 'true'],
    ['routing.http.drop_invalid_header_fields.enabled', 'true'],
    ['routing.http.desync_mitigation_mode', 'defensive'],
    ['routing.http.xff_header_processing.mode', 'append'],
    ['routing.http.xff_client_port.enabled', 'false'],
    ['routing.http.x_amzn_tls_version_and_cipher_suite.enabled', 'false'],
    ['waf.fail_open.enabled', 'false'],
  ])('sets %s to %s', (attribute, value) => {
    expect(attributes[attribute]).toBe(value);
  });

  test('has an idle timeout of one minute', () => {
    expect(DEFAULT_IDLE_TIMEOUT_SECONDS).toBe(60);
  });

  test('allows inbound traffic from the internet on ports 443 and 80 over IPv4, in separate rules', () => {
    const rules = Object.values(propertiesOf(template, 'AWS::EC2::SecurityGroupIngress'));
    expect(rules.map(({ CidrIp, IpProtocol, FromPort, ToPort }) => [CidrIp, IpProtocol, FromPort, ToPort])).toEqual([
      ['0.0.0.0/0', 'tcp', 443, 443],
      ['0.0.0.0/0', 'tcp', 80, 80],
    ]);
    const [group] = Object.values(propertiesOf(template, 'AWS::EC2::SecurityGroup'));
    expect(group.SecurityGroupIngress).toBeUndefined();
  });

  test('allows no outbound traffic', () => {
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '127.0.0.1/32' })],
    });
    template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 0);
  });

  test('creates a bucket for access logs and connection logs', () => {
    for (const log of ['access_logs', 'connection_logs']) {
      expect(attributes[`${log}.s3.enabled`]).toBe('true');
      expect(attributes[`${log}.s3.bucket`]).toEqual({ Ref: 'EntranceAccessLogs41EA7DCE' });
      expect(attributes[`${log}.s3.prefix`]).toBe(log.replace('_', '-'));
    }
  });

  test('allows Elastic Load Balancing to write below the account prefix of the bucket, in any region', () => {
    const below = (prefix: string) => ({
      'Fn::Join': [
        '',
        [
          { 'Fn::GetAtt': ['EntranceAccessLogs41EA7DCE', 'Arn'] },
          `/${prefix}/AWSLogs/`,
          { Ref: 'AWS::AccountId' },
          '/*',
        ],
      ],
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny' }),
          {
            Sid: 'LoadBalancerLogs',
            Effect: 'Allow',
            Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
            Action: 's3:PutObject',
            Resource: [below('access-logs'), below('connection-logs')],
          },
        ],
      },
    });
  });

  test('depends on the bucket policy, because Elastic Load Balancing tests the bucket at once', () => {
    template.hasResource(LOAD_BALANCER, { DependsOn: ['EntranceAccessLogsPolicyFF132684'] });
  });

  test('creates a firewall', () => {
    template.hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      ResourceArn: { Ref: 'Entrance8B3FB375' }, WebACLArn: { 'Fn::GetAtt': ['EntranceFirewall55E59615', 'Arn'] },
    });
    expect(subject.firewall.webAclArn).toBeDefined();
  });

  test('creates no record and no certificate, and has the DNS name that AWS assigns', () => {
    template.resourceCountIs('AWS::Route53::RecordSet', 0);
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    expect(stack.resolve(subject.domainName)).toEqual({ 'Fn::GetAtt': ['Entrance8B3FB375', 'DNSName'] });
    expect(stack.resolve(subject.url)).toEqual({
      'Fn::Join': ['', ['https://', { 'Fn::GetAtt': ['Entrance8B3FB375', 'DNSName'] }]],
    });
  });

  test('has stable logical IDs', () => {
    expect(Object.keys(template.findResources(LOAD_BALANCER))).toEqual(['Entrance8B3FB375']);
    expect(Object.keys(template.findResources(LISTENER))).toEqual([
      'EntranceHttps86B3BC1F',
      'EntranceHttp2DA9FD87',
    ]);
    expect(Object.keys(template.findResources('AWS::S3::Bucket'))).toEqual(['EntranceAccessLogs41EA7DCE']);
    expect(Object.keys(template.findResources('AWS::Logs::LogGroup'))).toEqual(['EntranceFirewallLog9CFBDB08']);
    expect(Object.keys(template.findResources('AWS::KMS::Key'))).toEqual(['EntranceFirewallKey453750CC']);
  });

  test('has no rule-pack findings and no warnings, while other resources are reported', () => {
    expect(nagFindings(stack)).toEqual([]);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
    (subject.connections.securityGroups[0] as ec2.SecurityGroup).addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(3389));
    expect(nagFindings(stack)).toEqual(expect.arrayContaining([
      'AwsSolutions-EC23 at Stack/Entrance/SecurityGroup/Resource',
      'HIPAA.Security-EC2RestrictedCommonPorts at Stack/Entrance/SecurityGroup/Resource',
    ]));
  });
});

describe('certificate and domain', () => {
  test('a certificate is requested for the domain name and validated in the zone', () => {
    const stack = newStack();
    const subject = new SecureLoadBalancer(stack, 'Entrance', {
      vpc: someVpc(stack), endpoint: WebEndpoint.domain({ domainName: 'api.example.com', hostedZone: someZone(stack) }),
    });
    const template = templateOf(stack);
    template.hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: 'api.example.com',
      ValidationMethod: 'DNS',
      DomainValidationOptions: [{ DomainName: 'api.example.com', HostedZoneId: 'Z123' }],
    });
    template.hasResourceProperties(LISTENER, {
      Port: 443,
      Certificates: [{ CertificateArn: { Ref: 'EntranceCertificate2EAE713C' } }],
    });
    expect(subject.url).toBe('https://api.example.com');
    expect(subject.certificate).toBeInstanceOf(acm.Certificate);
  });

  test('alias records for IPv4 and IPv6 are created for the domain name, also with an existing certificate', () => {
    const stack = newStack();
    newLoadBalancer(stack, {
      endpoint: WebEndpoint.domain({
        domainName: 'api.example.com',
        hostedZone: someZone(stack),
        certificate: someCertificate(stack),
      }),
    });
    const template = templateOf(stack);
    for (const Type of ['A', 'AAAA']) {
      template.hasResourceProperties('AWS::Route53::RecordSet', {
        Type,
        Name: 'api.example.com.',
        HostedZoneId: 'Z123',
        AliasTarget: { HostedZoneId: { 'Fn::GetAtt': ['Entrance8B3FB375', 'CanonicalHostedZoneID'] } },
      });
    }
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
  });

  test.each(['example.com', 'API.Example.COM', 'a.b.c.example.com'])('%s is a name in the zone', (domainName) => {
    const stack = newStack();
    expect(() =>
      newLoadBalancer(stack, { endpoint: WebEndpoint.domain({ domainName, hostedZone: someZone(stack) }) }),
    ).not.toThrow();
  });

  test('the zone name is not appended to a token', () => {
    const stack = newStack();
    const domainName = new CfnParameter(stack, 'Domain').valueAsString;
    new SecureLoadBalancer(stack, 'Entrance', {
      vpc: someVpc(stack),
      endpoint: WebEndpoint.domain({ domainName, hostedZone: someZone(stack) }),
    });
    templateOf(stack).hasResourceProperties('AWS::Route53::RecordSet', {
      Name: { 'Fn::Join': ['', [{ Ref: 'Domain' }, '.']] },
    });
  });

  test('a zone with a token as its name is accepted', () => {
    const stack = newStack();
    const zoneName = new CfnParameter(stack, 'ZoneName').valueAsString;
    const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z123', zoneName });
    expect(() =>
      newLoadBalancer(stack, { endpoint: WebEndpoint.domain({ domainName: 'api.example.com', hostedZone }) }),
    ).not.toThrow();
  });

  test('a private zone is accepted with a certificate', () => {
    const stack = newStack();
    const hostedZone = new route53.PrivateHostedZone(stack, 'Zone', { zoneName: 'example.com', vpc: someVpc(stack) });
    const subject = () => new SecureLoadBalancer(stack, 'Entrance', {
      vpc: stack.node.findChild('SomeVpc') as unknown as ec2.IVpc,
      endpoint: WebEndpoint.domain({ certificate: someCertificate(stack), domainName: 'api.example.com', hostedZone }),
      internetFacing: false,
    });
    expect(subject).not.toThrow();
  });

  test('the domain name of an existing certificate has no record, and the URL contains it', () => {
    const stack = newStack();
    const endpoint = WebEndpoint.certificate(someCertificate(stack), 'api.example.com');
    const subject = newLoadBalancer(stack, { endpoint });
    templateOf(stack).resourceCountIs('AWS::Route53::RecordSet', 0);
    expect([subject.domainName, subject.url]).toEqual(['api.example.com', 'https://api.example.com']);
  });

  test('additional certificates have IDs that do not depend on their order', () => {
    const arnsById = (...names: string[]) => {
      const stack = newStack();
      newLoadBalancer(stack, { additionalCertificates: names.map((name) => someCertificate(stack, name)) });
      const certificates = propertiesOf(templateOf(stack), 'AWS::ElasticLoadBalancingV2::ListenerCertificate');
      return Object.fromEntries(
        Object.entries(certificates).map(([id, { Certificates }]) => [id, Certificates[0].CertificateArn]),
      );
    };
    const further = arnsById('Second', 'Third');
    expect(Object.values(further)).toEqual([certificateOf('eu-west-1', 'Second'), certificateOf('eu-west-1', 'Third')]);
    expect(arnsById('Third', 'Second')).toEqual(further);
  });
});

test('WebEndpoint.plainHttp refuses a missing reason', () => {
  expect(() => WebEndpoint.plainHttp(undefined as unknown as { reason: string })).toThrow(new Error(
    '[WebEndpoint.plainHttp] options must be a RelaxationOptions object, got undefined. Pass an object with reason.'));
});

describe('WebEndpoint.plainHttp', () => {
  const stack = newStack();
  const reason = 'development holds synthetic records only';
  const subject = new SecureLoadBalancer(stack, 'Entrance', {
    vpc: someVpc(stack),
    endpoint: WebEndpoint.plainHttp({ reason }),
  });
  const template = templateOf(stack);

  test('creates a listener only on port 80, to which services add their rules', () => {
    template.resourceCountIs(LISTENER, 1);
    template.hasResourceProperties(LISTENER, {
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [Match.objectLike({ Type: 'fixed-response' })],
    });
    expect(subject.listener.node.id).toBe('Http');
    expect(subject.certificate).toBeUndefined();
    expect(stack.resolve(subject.url)['Fn::Join'][1][0]).toBe('http://');
  });

  test('allows no traffic on port 443', () => {
    expect(
      Object.values(propertiesOf(template, 'AWS::EC2::SecurityGroupIngress')).map((rule) => rule.FromPort),
    ).toEqual([80]);
  });

  test('adds a warning with the reason and acknowledges the findings', () => {
    Annotations.fromStack(stack).hasWarning('/Stack/Entrance',
      `requests travel unencrypted between clients and the load balancer (reason given: ${reason}) [ack: `
        + 'cdk-hipaa:plain-http]');
    expect(nagFindings(stack)).toEqual([]);
  });

  test('has no certificate alarm', () => {
    expect(subject.monitoringPlan().alarms.map(({ id }) => id)).not.toContain('CertificateExpiry');
  });
});

describe('internetFacing: false', () => {
  test('uses the private subnets and allows no inbound traffic', () => {
    const stack = newStack();
    newLoadBalancer(stack, { internetFacing: false });
    const template = templateOf(stack);
    template.hasResourceProperties(LOAD_BALANCER, { Scheme: 'internal', Subnets: ['subnet-priv1', 'subnet-priv2'] });
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });

  test('allows the sources that the app adds, on the default port', () => {
    const stack = newStack();
    newLoadBalancer(stack, { internetFacing: false }).connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.0.0.0/16'));
    templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [Match.objectLike({ CidrIp: '10.0.0.0/16', FromPort: 443, ToPort: 443 })],
    });
  });
});

describe('a load balancer that only CloudFront can reach, as documented', () => {
  const stack = newStack();
  const subject = newLoadBalancer(stack);
  for (const port of [443, 80]) subject.node.tryRemoveChild(`FromInternetTo${port}`);
  subject.connections.allowDefaultPortFrom(ec2.Peer.prefixList('pl-3b927c52'), 'CloudFront');

  test('allows the addresses of the prefix list and no others', () => {
    const admitted = Object.values(propertiesOf(templateOf(stack), 'AWS::EC2::SecurityGroupIngress'));
    expect(admitted).toEqual([
      expect.objectContaining({ SourcePrefixListId: 'pl-3b927c52', FromPort: 443, ToPort: 443, IpProtocol: 'tcp' }),
    ]);
    const groups = Object.values(propertiesOf(templateOf(stack), 'AWS::EC2::SecurityGroup'));
    expect(groups.map(({ SecurityGroupIngress }) => SecurityGroupIngress)).toEqual([undefined]);
  });

  test('has no rule-pack findings', () => {
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('firewall', () => {
  test('can be a firewall of the app', () => {
    const stack = newStack();
    const firewall = new WebFirewall(stack, 'Shared', { rateLimit: 500 });
    const subject = newLoadBalancer(stack, { firewall });
    templateOf(stack).resourceCountIs('AWS::WAFv2::WebACL', 1);
    expect(subject.firewall).toBe(firewall);
    expect(subject.monitoringPlan().alarms.map(({ id }) => id)).not.toContain('BlockedSurge');
  });

  test('can be none with a reason', () => {
    const stack = newStack();
    newLoadBalancer(stack, { firewall: WebFirewall.none({ reason: 'public marketing page, no PHI' }) });
    templateOf(stack).resourceCountIs('AWS::WAFv2::WebACL', 0);
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Entrance/Resource',
      Match.stringLikeRegexp('public marketing page, no PHI.*cdk-hipaa:no-firewall'),
    );
    expect(nagFindings(stack)).toEqual([]);
  });

  test('encrypts its log with encryptionKey', () => {
    const stack = newStack();
    newLoadBalancer(stack, { encryptionKey: new kms.Key(stack, 'Own', { enableKeyRotation: true }) });
    const template = templateOf(stack);
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Own'), 'Arn'] },
    });
  });
});

describe('accessLogBucket', () => {
  test('can be in another stack, which then contains the policy', () => {
    const app = newApp();
    const shared = new Stack(app, 'Shared');
    const bucket = new s3.Bucket(shared, 'Logs', { encryption: s3.BucketEncryption.S3_MANAGED });
    const stack = new Stack(app, 'Stack');
    const subject = newLoadBalancer(stack, { accessLogBucket: bucket });
    Template.fromStack(shared).hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: { Statement: [Match.objectLike({ Sid: 'LoadBalancerLogs' })] },
    });
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
    expect(stack.dependencies).toEqual([shared]);
    expect(subject.accessLogBucket).toBe(bucket);
  });

  test('can be imported, and a warning contains the statements for its policy', () => {
    const stack = newStack();
    newLoadBalancer(stack, { accessLogBucket: s3.Bucket.fromBucketName(stack, 'Logs', 'company-logs') });
    expect(attributesOf(templateOf(stack))['access_logs.s3.bucket']).toBe('company-logs');
    Annotations.fromStack(stack).hasWarning('/Stack/Entrance/Resource',
      'the app cannot change the policy of the imported bucket Stack/Logs: it must allow '
        + 'logdelivery.elasticloadbalancing.amazonaws.com '
      + 'to put objects with the prefixes access-logs/AWSLogs/<account>/ and connection-logs/AWSLogs/<account>/; '
      + 'otherwise the deployment of the load balancer fails [ack: cdk-hipaa:access-log-bucket-policy]');
  });
});

describe('other props', () => {
  test('include vpcSubnets, which selects the subnets of the load balancer', () => {
    const stack = newStack();
    newLoadBalancer(stack, { internetFacing: false, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } });
    templateOf(stack).hasResourceProperties(LOAD_BALANCER, { Subnets: ['subnet-iso1', 'subnet-iso2'] });
  });

  test('include idleTimeout', () => {
    const stack = newStack();
    newLoadBalancer(stack, { idleTimeout: Duration.minutes(5) });
    expect(attributesOf(templateOf(stack))['idle_timeout.timeout_seconds']).toBe('300');
  });

  test('include idleTimeout as a token', () => {
    const stack = newStack();
    newLoadBalancer(stack, {
      idleTimeout: Duration.seconds(new CfnParameter(stack, 'Timeout', { type: 'Number' }).valueAsNumber),
    });
    expect(attributesOf(templateOf(stack))['idle_timeout.timeout_seconds']).toEqual({ Ref: 'Timeout' });
  });

  test('include disposable data, which deletes the logs and disables the deletion protection', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
    newLoadBalancer(stack);
    const template = templateOf(stack);
    expect(attributesOf(template)['deletion_protection.enabled']).toBe('false');
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 1);
  });

  test('delete the load balancer before a disposable bucket is emptied, because it writes until its deletion', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
    newLoadBalancer(stack);
    const template = templateOf(stack);
    const [emptier] = Object.keys(template.findResources('Custom::S3AutoDeleteObjects'));
    template.hasResource('AWS::ElasticLoadBalancingV2::LoadBalancer', { DependsOn: Match.arrayWith([emptier]) });
  });

  test('empty no bucket if data is kept, and the load balancer depends only on the bucket policy', () => {
    const stack = newStack();
    newLoadBalancer(stack);
    const template = templateOf(stack);
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 0);
    template.hasResource('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      DependsOn: [Match.stringLikeRegexp('AccessLogsPolicy')],
    });
  });

  test('have no rule-pack findings if data is disposable', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
    newLoadBalancer(stack);
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('a service in another stack', () => {
  test('contains its listener rule and its security group rules, without a cycle', () => {
    const app = newApp();
    const edge = new Stack(app, 'Edge');
    const subject = newLoadBalancer(edge);
    const service = new Stack(app, 'Service');
    const group = new ec2.SecurityGroup(service, 'Group', { vpc: someVpc(service), allowAllOutbound: false });
    new elbv2.ApplicationListenerRule(service, 'Rule', {
      listener: subject.listener,
      priority: 10,
      conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])],
      action: elbv2.ListenerAction.fixedResponse(200),
    });
    group.connections.allowFrom(subject, ec2.Port.tcp(8080));
    Template.fromStack(service).hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      FromPort: 8080,
      ToPort: 8080,
    });
    Template.fromStack(service).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 8080,
      ToPort: 8080,
    });
    expect(edge.dependencies).toEqual([]);
    // Without this rule, EC2 would allow all outbound traffic until the other stack is deployed.
    Template.fromStack(edge).hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupEgress: [
        {
          CidrIp: '127.0.0.1/32',
          IpProtocol: '-1',
          Description: 'Unreachable, so that EC2 does not allow all outbound traffic',
        },
      ],
    });
  });
});

describe('monitoring', () => {
  const stack = newStack();
  const subject = newLoadBalancer(stack);
  const plan = subject.monitoringPlan();

  test('includes the alarms on the load balancer and on its firewall', () => {
    expect(plan.title).toBe('Load balancer Stack/Entrance');
    expect(plan.alarms.map(({ id }) => id)).toEqual([
      'LoadBalancerErrors',
      'SlowResponses',
      'RejectedConnections',
      'CertificateExpiry',
      'BlockedSurge',
    ]);
    expect(plan.widgets).toHaveLength(3);
  });

  test.each(plan.alarms.filter(({ id }) => id !== 'BlockedSurge').map((alarm) => [alarm.id, alarm] as const))(
    'describes the first step in %s',
    (_id, { description }) => {
      expect(description).toMatch(/First check/);
    },
  );

  test('covers the created firewall, and the load balancer is reported if nothing monitors it', () => {
    expect(unwatched(stack)).toEqual([subject]);
  });
});

describe('SecureLoadBalancer refuses', () => {
  const at = (props: Partial<SecureLoadBalancerProps>, env?: { region: string }) => () => {
    const stack = newStack({ env });
    return new SecureLoadBalancer(stack, 'Entrance', { vpc: someVpc(stack), ...props } as SecureLoadBalancerProps);
  };
  const scope = newStack();
  const certificate = someCertificate(scope);
  const endpoint = WebEndpoint.certificate(certificate);
  const plainHttp = WebEndpoint.plainHttp({ reason: 'development' });

  test.each<[string, Partial<SecureLoadBalancerProps>, string]>([
    [
      'no endpoint',
      {},
      'endpoint must be a WebEndpoint, got undefined. Use WebEndpoint.domain(…), .certificate(…) or .plainHttp(…).',
    ],
    [
      'null as the endpoint',
      { endpoint: null as unknown as WebEndpoint },
      'endpoint must be a WebEndpoint, got null. Use WebEndpoint.domain(…), .certificate(…) or .plainHttp(…).',
    ],
    [
      'a certificate as the endpoint',
      { endpoint: certificate as unknown as WebEndpoint },
      'endpoint must be a WebEndpoint, got an Import at Stack/SomeCertificate. Use WebEndpoint.domain(…), '
        + '.certificate(…) or .plainHttp(…).',
    ],
    [
      'two domain names',
      { endpoint: WebEndpoint.certificate(certificate, 'api.example.com', 'app.example.com') },
      'endpoint must be for one domain name, got 2 domain names. ' +
        'Pass one name, and the certificates of the other names in additionalCertificates.',
    ],
    [
      'additional certificates with plain HTTP',
      { endpoint: plainHttp, additionalCertificates: [certificate] },
      'additionalCertificates require HTTPS, but endpoint is WebEndpoint.plainHttp. Use WebEndpoint.certificate ' +
        'with the first certificate.',
    ],
    [
      'a certificate twice',
      { endpoint, additionalCertificates: [certificate, certificate] },
      'additionalCertificates must be a list of different values, got Stack/SomeCertificate twice. '
        + 'Remove one of the two.',
    ],
    [
      'more certificates than the quota',
      {
        endpoint,
        additionalCertificates: Array.from({ length: 26 }, (_, index) => someCertificate(scope, `Certificate${index}`)),
      },
      'additionalCertificates must be a list of at most 25 certificates (the quota "Certificates per Application Load '
        + 'Balancer (excluding default certificates)"), got 26 certificates. Request certificates for several names '
        + 'or a wildcard, or create another load balancer. With a higher quota, add the others with addCertificates '
        + 'of the listener.',
    ],
    [
      'a certificate that is imported by other text than its ARN',
      { endpoint: WebEndpoint.certificate(acm.Certificate.fromCertificateArn(scope, 'NoArn', 'clinic')) },
      "certificate must be the ARN of a certificate, got 'clinic'. Copy the ARN from the ACM console.",
    ],
    [
      'a blank reason',
      { endpoint: WebEndpoint.plainHttp({ reason: ' ' }) },
      "reason must be a non-blank string, got ' '. " +
        'Say why it is acceptable that requests travel unencrypted between clients and the load balancer.',
    ],
    [
      'an idle timeout that is too long',
      { endpoint, idleTimeout: Duration.seconds(4001) },
      'idleTimeout in seconds must be an integer from 1 to 4000, got 4001. Use an integer in this range.',
    ],
    [
      'an idle timeout that is too short',
      { endpoint, idleTimeout: Duration.millis(500) },
      'idleTimeout in seconds must be an integer from 1 to 4000, got 0.5. Use an integer in this range.',
    ],
    [
      'a key beside a firewall',
      { endpoint, encryptionKey: new kms.Key(scope, 'Key'), firewall: WebFirewall.none({ reason: 'no PHI' }) },
      'encryptionKey is only for the firewall that the load balancer creates, but firewall is set. Pass the key to ' +
        'the WebFirewall.',
    ],
    [
      'a log bucket with a customer managed key',
      { endpoint, accessLogBucket: new s3.Bucket(scope, 'Bucket', { encryption: s3.BucketEncryption.KMS }) },
      'accessLogBucket must be a bucket with S3 managed keys (SSE-S3), the only keys that Elastic Load Balancing ' +
        'supports for logs, ' +
        'got a bucket with the key Stack/Bucket/Key. Pass another bucket, or leave accessLogBucket out: the ' +
        'construct then creates one.',
    ],
  ])('%s', (_, props, sentence) => {
    expect(at(props)).toThrow(new Error(`[Stack/Entrance] ${sentence}`));
  });

  test('a certificate of another region', () => {
    expect(at({ endpoint }, { region: 'us-east-1' })).toThrow(new Error(
      '[Stack/Entrance] certificate must be a certificate in us-east-1, the region of the load balancer, got a '
        + 'certificate in eu-west-1. '
      + 'Request or import it in us-east-1.'));
  });

  test('an additional certificate that the app creates in another region', () => {
    const abroad = new Stack(newApp(), 'Abroad', { env: { region: 'eu-central-1' } });
    const further = new acm.Certificate(abroad, 'Certificate', { domainName: 'example.com' });
    expect(at({ endpoint, additionalCertificates: [further] }, { region: 'eu-west-1' })).toThrow(new Error(
      '[Stack/Entrance] additionalCertificates must be a certificate in eu-west-1, the region of the load balancer, '
      + 'got a certificate in eu-central-1. Request or import it in eu-west-1.'));
  });

  test('a VPC without public subnets', () => {
    const stack = newStack();
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['a', 'b'],
      privateSubnetIds: ['subnet-1', 'subnet-2'],
    });
    expect(() => new SecureLoadBalancer(stack, 'Entrance', { vpc, endpoint })).toThrow(new Error(
      '[Stack/Entrance] vpc must be a VPC with public subnets, got one without. '
      + 'Pass such a VPC, or set internetFacing: false to allow requests only from inside the network.'));
  });

  test('a VPC with one Availability Zone', () => {
    const stack = newStack();
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['a'],
      publicSubnetIds: ['subnet-1'],
    });
    expect(() => new SecureLoadBalancer(stack, 'Entrance', { vpc, endpoint })).toThrow(new Error(
      '[Stack/Entrance] vpc must be a VPC with at least 2 public subnets in different Availability Zones, got one '
        + 'with 1. '
      + 'Use a VPC with subnets in two Availability Zones.'));
  });

  test('a selection of one subnet', () => {
    expect(at({ endpoint, vpcSubnets: { availabilityZones: ['a'], subnetType: ec2.SubnetType.PUBLIC } })).toThrow(
      new Error(
        '[Stack/Entrance] vpcSubnets must be a selection of at least 2 subnets in different Availability Zones, got ' +
          'a selection of 1. ' +
          'Select subnets of another Availability Zone too.',
      ),
    );
  });
});

describe('template shapes', () => {
  test.each(['eu-west-1', 'us-gov-west-1', 'cn-north-1'])('the template is valid in %s inside a stage', (region) => {
    const stage = new Stage(newApp(), 'Production', { env: { account: '111122223333', region } });
    const stack = new Stack(stage, 'Stack');
    newLoadBalancer(stack, {
      endpoint: WebEndpoint.certificate(acm.Certificate.fromCertificateArn(stack, 'Own', certificateOf(region))),
    });
    Template.fromStack(stack).hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' } }),
        ]),
      },
    });
  });

  test('the VPC can be looked up', () => {
    const stack = newStack({ env: { region: 'eu-west-1' } });
    const account = new Stack(stack.node.root as App, 'LookedUp', {
      env: { account: '111122223333', region: 'eu-west-1' },
    });
    new SecureLoadBalancer(account, 'Entrance', {
      vpc: ec2.Vpc.fromLookup(account, 'Vpc', { isDefault: true }),
      endpoint: WebEndpoint.certificate(someCertificate(account)),
    });
    templateOf(account).resourceCountIs(LOAD_BALANCER, 1);
  });

  test('two load balancers in one stack share only the VPC', () => {
    const stack = newStack();
    const first = newLoadBalancer(stack);
    new SecureLoadBalancer(stack, 'Other', {
      vpc: first.loadBalancer.vpc!,
      endpoint: WebEndpoint.certificate(first.certificate!),
    });
    const template = templateOf(stack);
    template.resourceCountIs(LOAD_BALANCER, 2);
    template.resourceCountIs('AWS::S3::Bucket', 2);
  });

  test('an aspect can add tags', () => {
    const stack = newStack();
    newLoadBalancer(stack);
    Aspects.of(stack).add(new Tag('owner', 'clinic'));
    templateOf(stack).hasResourceProperties(LOAD_BALANCER, { Tags: [{ Key: 'owner', Value: 'clinic' }] });
  });

  test('the template passes CloudFormation validation', () => {
    const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    const stack = new Stack(app, 'Stack');
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-12345678', availabilityZones: ['a', 'b'], publicSubnetIds: ['subnet-11111111', 'subnet-22222222'],
    });
    new SecureLoadBalancer(stack, 'Entrance', {
      vpc, endpoint: WebEndpoint.domain({ domainName: 'api.example.com', hostedZone: someZone(stack) }),
    });
    new SecureLoadBalancer(stack, 'Development', { vpc, endpoint: WebEndpoint.plainHttp({ reason: 'development' }) });
    expect(templateFindings(app)).toEqual([]);
  });
});
