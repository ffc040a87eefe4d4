import { App, CfnParameter } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { PrivateEndpointOptions } from '../../src/network/endpoint-options';
import { HipaaVpc, HipaaVpcProps } from '../../src/network/hipaa-vpc';
import { NatStrategy, NoNatOptions } from '../../src/network/nat-strategy';
import { newStack, propertiesOf, templateOf } from '../support/app';

const { EMAIL_SMTP, KEYSPACES, SQS } = ec2.InterfaceVpcEndpointAwsService;
const SMTP_GROUP = 'Allows the private subnets to reach the email-smtp endpoint';

const inRegion = (region: string) => newStack({ env: { account: '111122223333', region } });

function network(options: NoNatOptions, { region = 'eu-west-1', ...props }: HipaaVpcProps & { region?: string } = {}) {
  const stack = inRegion(region);
  return { stack, construct: new HipaaVpc(stack, 'Network', { nat: NatStrategy.none(options), ...props }) };
}

/** A network with an SMTP endpoint. */
function smtp(options?: PrivateEndpointOptions, props?: HipaaVpcProps & { region?: string }) {
  const endpointOptions = options && { 'email-smtp': options };
  return network({ additionalEndpoints: [EMAIL_SMTP], endpointOptions }, props);
}

/** The subnets of an endpoint, by the end of its service name. */
function subnetsOf(stack: ReturnType<typeof newStack>, service: string): string[] {
  const endpoints = Object.values(propertiesOf(templateOf(stack), 'AWS::EC2::VPCEndpoint'));
  const { SubnetIds } = endpoints.find(({ ServiceName }) => JSON.stringify(ServiceName).includes(`.${service}"`))!;
  return SubnetIds.map(({ Ref }: { Ref: string }) => Ref.match(/PrivateSubnet\d/)![0]);
}

/** The rules of the security group of the SMTP endpoint: the source and the ports. */
function rulesOf(stack: ReturnType<typeof newStack>, description = SMTP_GROUP): Array<[string, number, number]> {
  const groups = Object.values(propertiesOf(templateOf(stack), 'AWS::EC2::SecurityGroup'));
  const { SecurityGroupIngress } = groups.find(({ GroupDescription }) => GroupDescription === description)!;
  return SecurityGroupIngress.map((rule: { CidrIp: string; FromPort: number; ToPort: number }) =>
    [rule.CidrIp, rule.FromPort, rule.ToPort]);
}

describe('the ports of an endpoint', () => {
  test('are 587 for SMTP, which is not an HTTPS service', () => {
    expect(rulesOf(smtp().stack)).toEqual([['10.0.11.0/24', 587, 587], ['10.0.12.0/24', 587, 587]]);
  });

  test('are those of aws-cdk-lib for other services', () => {
    const { stack } = network({ additionalEndpoints: [KEYSPACES, SQS] });
    expect(rulesOf(stack, 'Allows the private subnets to reach the cassandra endpoint')[0][1]).toBe(9142);
    expect(rulesOf(stack, 'Allows the private subnets to reach the sqs endpoint')[0][1]).toBe(443);
  });

  test('are those that the app gives to a service of its own', () => {
    const service = new ec2.InterfaceVpcEndpointAwsService('email-smtp', undefined, 465);
    expect(rulesOf(network({ additionalEndpoints: [service] }).stack)[0]).toEqual(['10.0.11.0/24', 465, 465]);
  });

  test('can be set, and consecutive ports are one rule for each private subnet', () => {
    expect(rulesOf(smtp({ ports: [2587, 465, 466, 587, 467] }).stack)).toEqual([
      ['10.0.11.0/24', 465, 467], ['10.0.12.0/24', 465, 467],
      ['10.0.11.0/24', 587, 587], ['10.0.12.0/24', 587, 587],
      ['10.0.11.0/24', 2587, 2587], ['10.0.12.0/24', 2587, 2587],
    ]);
  });

  test('can be tokens', () => {
    const stack = newStack();
    const port = new CfnParameter(stack, 'Port', { type: 'Number' }).valueAsNumber;
    const endpointOptions = { 'email-smtp': { ports: [port] } };
    new HipaaVpc(stack, 'Network', { nat: NatStrategy.none({ additionalEndpoints: [EMAIL_SMTP], endpointOptions }) });
    for (const CidrIp of ['10.0.11.0/24', '10.0.12.0/24']) {
      templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
        CidrIp,
        FromPort: { Ref: 'Port' },
        ToPort: { Ref: 'Port' },
        GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^NetworkEndpointsEmailSmtpSecurityGroup'), 'GroupId'] },
      });
    }
  });

  test('have the first one as the default port of the connections, in both directions', () => {
    const { stack, construct } = smtp({ ports: [465, 587] });
    const mailer = new ec2.SecurityGroup(stack, 'Mailer', { vpc: construct, allowAllOutbound: false });
    mailer.connections.allowToDefaultPort(construct.endpoints['email-smtp']);
    const template = templateOf(stack);
    for (const direction of ['Ingress', 'Egress']) {
      template.resourceCountIs(`AWS::EC2::SecurityGroup${direction}`, 1);
      template.hasResourceProperties(`AWS::EC2::SecurityGroup${direction}`, {
        IpProtocol: 'tcp', FromPort: 465, ToPort: 465,
      });
    }
  });

  test('of the other endpoints do not change', () => {
    const kms = 'Allows the private subnets to reach the kms endpoint';
    expect(rulesOf(smtp({ ports: [25] }).stack, kms)).toEqual([['10.0.11.0/24', 443, 443], ['10.0.12.0/24', 443, 443]]);
  });
});

describe('the zones of an endpoint', () => {
  test('are all zones of the network by default', () => {
    expect(subnetsOf(smtp(undefined, { maxAzs: 3 }).stack, 'email-smtp'))
      .toEqual(['PrivateSubnet1', 'PrivateSubnet2', 'PrivateSubnet3']);
  });

  test('can be set, and the private subnets of all zones can still connect', () => {
    const { stack } = smtp({ zones: [1, 3] }, { maxAzs: 3 });
    expect(subnetsOf(stack, 'email-smtp')).toEqual(['PrivateSubnet1', 'PrivateSubnet3']);
    expect(rulesOf(stack).map(([cidr]) => cidr)).toEqual(['10.0.11.0/24', '10.0.12.0/24', '10.0.13.0/24']);
    expect(subnetsOf(stack, 'kms')).toHaveLength(3);
  });

  test('can be set for a service that every network without NAT gateways has', () => {
    const { stack } = network({ endpointOptions: { 'ecr.api': { zones: [2, 3] } } }, { maxAzs: 3 });
    expect(subnetsOf(stack, 'ecr.api')).toEqual(['PrivateSubnet2', 'PrivateSubnet3']);
  });

  test('raise a warning if there is one of several', () => {
    Annotations.fromStack(smtp({ zones: [2] }).stack).hasWarning('/Stack/Network',
      'The email-smtp endpoint is in one zone. If that zone fails, no zone reaches the service: use a second zone if '
      + 'it has the service [ack: cdk-hipaa:endpoint-in-one-zone]');
    Annotations.fromStack(smtp({ zones: [1, 2] }).stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('the SMTP endpoint of SES, which some zones lack', () => {
  test('has a warning in a region with such a zone, unless the app names the zones', () => {
    Annotations.fromStack(smtp(undefined, { region: 'us-east-1' }).stack).hasWarning('/Stack/Network',
      'The email-smtp endpoint is in all zones of the network, but use1-az2, use1-az3, use1-az5 lack the service. If '
      + "the network uses one of them, the deployment fails: name the zones with endpointOptions['email-smtp'].zones "
      + '(aws ec2 describe-vpc-endpoint-services lists the zones of each service) [ack: cdk-hipaa:endpoint-zones]');
    Annotations.fromStack(smtp({ zones: [1, 2] }, { region: 'us-east-1' }).stack).hasNoWarning('*', Match.anyValue());
  });

  test('has a warning in a stack without a region', () => {
    const stack = newStack();
    new HipaaVpc(stack, 'Network', { nat: NatStrategy.none({ additionalEndpoints: [EMAIL_SMTP] }) });
    Annotations.fromStack(stack).hasWarning('/Stack/Network', Match.stringLikeRegexp('use1-az2.*usw1-az2.*cac1-az4'));
  });

  test.each(['eu-west-1', 'us-east-2', 'us-gov-west-1'])('has no warning in %s', (region) => {
    Annotations.fromStack(smtp(undefined, { region }).stack).hasNoWarning('*', Match.anyValue());
  });

  test.each<[string, number, string]>([
    ['us-east-1', 3, 'use1-az2, use1-az3, use1-az5'], ['us-west-2', 3, 'usw2-az4'], ['us-west-1', 2, 'usw1-az2'],
    ['ap-northeast-2', 3, 'apne2-az4'], ['ca-central-1', 2, 'cac1-az3, cac1-az4'],
  ])('is refused in more zones of %s than %d', (region, most, lacking) => {
    expect(() => smtp(undefined, { region, maxAzs: most })).not.toThrow();
    expect(() => smtp(undefined, { region, maxAzs: most + 1 })).toThrow(new Error(
      `[Stack/Network] nat.endpointOptions['email-smtp'].zones must be at most ${most} zones in ${region}, because `
      + `${lacking} lack the service, got ${most + 1} zones. Name the zones of the network that have it: `
      + 'aws ec2 describe-vpc-endpoint-services lists the zones of each service.'));
  });

  // A network in six zones: the endpoint cannot be in all of them.
  test('is refused in the six zones of us-east-1, and accepted in those that have it', () => {
    expect(() => smtp(undefined, { region: 'us-east-1', maxAzs: 6 })).toThrow('at most 3 zones in us-east-1');
    const { stack } = smtp({ zones: [1, 4, 6] }, { region: 'us-east-1', maxAzs: 6 });
    expect(subnetsOf(stack, 'email-smtp')).toEqual(['PrivateSubnet1', 'PrivateSubnet4', 'PrivateSubnet6']);
    expect(rulesOf(stack)).toHaveLength(6);
    expect(() => (stack.node.root as App).synth()).not.toThrow();
  });
});

describe('refusals', () => {
  const of = (text: string) => new Error(`[Stack/Network] nat.endpointOptions${text}`);

  test('options for a service without an endpoint', () => {
    expect(() => network({ endpointOptions: { smtp: {} } })).toThrow(of(
      ' must be a map whose keys are among ecr.api, ecr.dkr, logs, secretsmanager, kms, ssmmessages, sts, monitoring, '
      + "got 'smtp'. Use the short name of a service that has an endpoint, or add the service to "
      + 'additionalEndpoints.'));
  });

  test.each([0, 65_536, 1.5, -1])('port %p', (port) => {
    expect(() => smtp({ ports: [587, port] })).toThrow(of(
      `['email-smtp'].ports[1] must be an integer from 1 to 65535, got ${port}. Use an integer in this range.`));
  });

  test.each([0, 3, 1.5])('zone %p of two', (zone) => {
    expect(() => smtp({ zones: [zone] })).toThrow(of(
      `['email-smtp'].zones[0] must be an integer from 1 to 2, got ${zone}. Use an integer in this range.`));
  });

  test.each<[PrivateEndpointOptions, string]>([
    [{ ports: [] },
      'ports must be a list that is not empty, got []. Name a port once, or leave the list out.'],
    [{ zones: [] }, 'zones must be a list that is not empty, got []. Name a zone once, or leave the list out.'],
    [{ ports: [25, 25] },
      'ports must be a list without duplicates, got [25, 25]. Name a port once, or leave the list out.'],
    [{ zones: [2, 2] },
      'zones must be a list without duplicates, got [2, 2]. Name a zone once, or leave the list out.'],
  ])('%j', (options, text) => {
    expect(() => smtp(options)).toThrow(of(`['email-smtp'].${text}`));
  });

  test('zones that are known only at deployment', () => {
    const stack = newStack();
    const zone = new CfnParameter(stack, 'Zone', { type: 'Number' }).valueAsNumber;
    const nat = NatStrategy.none({ endpointOptions: { kms: { zones: [zone] } } });
    expect(() => new HipaaVpc(stack, 'Network', { nat })).toThrow(of(
      "['kms'].zones must be numbers that are known at synthesis, got [a token]. Use literal numbers."));
  });

  test('more rules than the quota of a security group', () => {
    const ports = (count: number) => Array.from({ length: count }, (_, index) => 1000 + 2 * index);
    expect(() => smtp({ ports: ports(30) })).not.toThrow();
    expect(() => smtp({ ports: ports(31) })).toThrow(of(
      "['email-smtp'].ports must be ports that need at most 60 rules, one for each range of ports and each of the 2 "
      + 'private subnets (the quota "Inbound or outbound rules per security group"), got ports that need 62 rules. '
      + 'Use fewer ports, or ports that follow one another.'));
    expect(() => smtp({ ports: Array.from({ length: 100 }, (_, index) => 1400 + index) })).not.toThrow();
  });

  test.each<[unknown, string]>([
    [{ 'email-smtp': { port: 587 } }, "endpointOptions['email-smtp'].port is not a prop of PrivateEndpointOptions. "
      + "Use endpointOptions['email-smtp'].ports."],
    [{ 'email-smtp': { ports: ['587'] } }, "endpointOptions['email-smtp'].ports[0] must be a number, got '587'."],
  ])('%j, from a language without a compiler', (endpointOptions, text) => {
    expect(() => NatStrategy.none({ endpointOptions } as NoNatOptions)).toThrow(`[NatStrategy.none] ${text}`);
  });
});
