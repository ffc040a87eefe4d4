import { CfnParameter, Duration, Fn, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { BastionImage } from '../../src/bastion/bastion-image';
import { SshBastion } from '../../src/bastion/ssh-bastion';
import { SshBastionProps } from '../../src/bastion/ssh-bastion-props';
import { DataProtection } from '../../src/core/data-protection';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

const INSTANCE = 'AWS::EC2::Instance';
const OFFICE = '203.0.113.7/32';
const REASON = 'the client of the analysts supports SSH only';

function someBastion(scope: Stack, props: Partial<SshBastionProps> = {}): SshBastion {
  return new SshBastion(scope, 'Bastion', {
    vpc: props.vpc ?? someVpc(scope),
    allowedAddress: OFFICE,
    keyPair: ec2.KeyPair.fromKeyPairName(scope, 'Analysts', 'analysts'),
    reason: REASON,
    ...props,
  });
}

function bastionTemplate(props: Partial<SshBastionProps> = {}): Template {
  const stack = newStack();
  someBastion(stack, props);
  return templateOf(stack);
}

const only = (template: Template, type: string) => {
  const [properties, ...more] = Object.values(propertiesOf(template, type));
  expect(more).toEqual([]);
  return properties;
};
const userDataOf = (template: Template): string => {
  const data = only(template, INSTANCE).UserData['Fn::Base64'];
  return typeof data === 'string' ? data : JSON.stringify(data['Fn::Join'][1]);
};
const ingressOf = (template: Template) => only(template, 'AWS::EC2::SecurityGroup').SecurityGroupIngress;

describe('a bastion with required props', () => {
  const stack = newStack();
  const bastion = someBastion(stack);
  const template = templateOf(stack);
  const instance = only(template, INSTANCE);

  test('accepts SSH from the allowed address only', () => {
    expect(ingressOf(template)).toEqual([{
      CidrIp: OFFICE, IpProtocol: 'tcp', FromPort: 22, ToPort: 22, Description: 'SSH from the allowed address',
    }]);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });

  test('is in a public subnet with an Elastic IP address, and its interface has no other public address', () => {
    expect(instance.NetworkInterfaces).toMatchObject([{ AssociatePublicIpAddress: false, SubnetId: 'subnet-pub1' }]);
    expect(only(template, 'AWS::EC2::EIP')).toMatchObject({
      Domain: 'vpc', InstanceId: { Ref: expect.stringMatching(/^BastionInstance/) },
    });
  });

  test('has the key pair, an encrypted disk and IMDSv2', () => {
    expect(instance.KeyName).toBe('analysts');
    expect(instance.BlockDeviceMappings[0].Ebs).toMatchObject({ Encrypted: true, KmsKeyId: expect.anything() });
    expect(only(template, 'AWS::EC2::LaunchTemplate').LaunchTemplateData.MetadataOptions.HttpTokens).toBe('required');
    template.hasResourceProperties('AWS::SSM::Association', { Name: 'AWS-RunPatchBaseline' });
  });

  test('can make outbound connections only over HTTPS', () => {
    expect(only(template, 'AWS::EC2::SecurityGroup').SecurityGroupEgress).toMatchObject([
      { CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 },
    ]);
  });

  test('accepts only the user of the sessions, who gets the key pair and cannot become root', () => {
    const userData = userDataOf(template);
    expect(userData).toContain('AllowUsers bastion');
    expect(userData).toContain('PermitRootLogin no');
    expect(userData).toContain('dnf remove --assumeyes ec2-instance-connect');
    expect(userData).toContain('/home/ec2-user/.ssh/authorized_keys /home/bastion/.ssh/authorized_keys');
    expect(userData).toContain('meta skuid != 0 ip daddr 169.254.169.254 drop');
    expect(userData.indexOf('AllowUsers bastion')).toBeLessThan(userData.indexOf('dnf upgrade'));
  });

  test('ends idle shells after 15 minutes', () => {
    expect(userDataOf(template)).toContain('readonly TMOUT=$((60 * 15))');
  });

  test('sends the logins to an encrypted log group for six years', () => {
    expect(only(template, 'AWS::Logs::LogGroup')).toMatchObject({
      RetentionInDays: 2192, KmsKeyId: expect.anything(), DeletionProtectionEnabled: true,
    });
    expect(userDataOf(template)).toContain('/var/log/secure');
  });

  test('has a role that allows patches and the log, but no session of Session Manager', () => {
    const actions = JSON.stringify(propertiesOf(template, 'AWS::IAM::ManagedPolicy'));
    expect(actions).toContain('ssmmessages:OpenControlChannel');
    expect(actions).toContain('logs:PutLogEvents');
    expect(actions).not.toContain('DataChannel');
    expect(actions).not.toContain('kms:');
  });

  test('is a relaxation with a reason', () => {
    Annotations.fromStack(stack).hasWarning('/Stack/Bastion', Match.stringLikeRegexp(
      `no log contains the input and output of their sessions \\(reason given: ${REASON}\\) `
        + '\\[ack: cdk-hipaa:ssh-bastion\\]'));
  });

  test('has commands for an output of the app', () => {
    const address = { 'Fn::GetAtt': [expect.stringMatching(/^BastionAddress/), 'PublicIp'] };
    expect(stack.resolve(bastion.sshCommand)).toEqual({ 'Fn::Join': ['', ['ssh bastion@', address]] });
    expect(stack.resolve(bastion.forwardCommand('db.example.com', 5432, 15432))).toEqual({
      'Fn::Join': ['', ['ssh -N -L 15432:db.example.com:5432 bastion@', address]],
    });
  });

  test('has no findings of the packs', () => {
    expect(nagFindings(stack)).toEqual([]);
  });

  test('has the logical IDs of its stateful resources', () => {
    expect(Object.keys(template.findResources('AWS::KMS::Key'))).toEqual(['BastionKey0D331C49']);
    expect(Object.keys(template.findResources('AWS::Logs::LogGroup'))).toEqual(['BastionLoginLog90889FCE']);
  });

  test('has an alarm on failed status checks', () => {
    expect(bastion.monitoringPlan().alarms).toMatchObject([{ id: 'StatusCheckFailed', threshold: 0 }]);
    expect(bastion.node.metadata.map(({ type }) => type)).toContain('cdk-hipaa:watchable');
  });
});

test('CloudFormation Validate has no findings', () => {
  const app = newApp();
  const stack = new Stack(app, 'Stack', { env: { region: 'us-east-1', account: '111111111111' } });
  someBastion(stack, { vpc: someVpc(stack, (name) => `subnet-0000000${name.at(-1)}`) });
  expect(templateFindings(app)).toEqual([]);
});

test('the rules still report another open security group of the app', () => {
  const stack = newStack();
  someBastion(stack);
  const vpc = someVpc(new Stack(stack, 'Other'));
  const group = new ec2.SecurityGroup(stack, 'Open', { vpc, disableInlineRules: false });
  group.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(22));
  expect(nagFindings(stack)).toContain('HIPAA.Security-EC2RestrictedSSH at Stack/Open/Resource');
});

describe('an allowed address', () => {
  const addressOf = (stack: Stack, allowedAddress: string) => {
    someBastion(stack, { allowedAddress });
    return templateOf(stack);
  };

  test.each(['203.0.113.0/24', '203.0.113.64/26', OFFICE])('can be %s', (range) => {
    expect(ingressOf(addressOf(newStack(), range))[0].CidrIp).toBe(range);
  });

  test('can be a parameter, which gets an allowed pattern', () => {
    const stack = newStack();
    const parameter = new CfnParameter(stack, 'MyIPAddress');
    const template = addressOf(stack, parameter.valueAsString);
    expect(ingressOf(template)[0].CidrIp).toEqual({ Ref: 'MyIPAddress' });
    const { AllowedPattern, ConstraintDescription } = template.toJSON().Parameters.MyIPAddress;
    expect(ConstraintDescription)
      .toBe('must be an IPv4 range with a prefix length from 24 to 32, such as 203.0.113.7/32');
    const accepted = ['0.0.0.0/0', '203.0.113.0/23', '203.0.113.7', '256.0.0.1/32', '::/0', OFFICE, '10.0.0.255/24',
      '010.0.0.1/32', '10.00.0.1/32', '10.0.0.1/032', '10.0.0.1/33', '10.0.0.1/32/0', '10.0.0.1/32\n0.0.0.0/0']
      .filter((value) => new RegExp(AllowedPattern).test(value));
    expect(accepted).toEqual([OFFICE, '10.0.0.255/24']);
    expect(nagFindings(stack)).toEqual([]);
  });

  test.each<[string, string, string[]]>([
    ['that is narrow', '[0-9.]+/32', ['203.0.113.7/32', '1.2.3.4/32', '10.7.0.1/32']],
    // No sample matches this pattern, which accepts wide ranges of one network.
    ['that is wide in one network', '10\\.7\\.[0-9]+\\.[0-9]+/[0-9]+|172\\.16\\.0\\.0/12',
      ['10.7.1.0/24', '10.7.0.1/32']],
  ])('can be a parameter with a pattern of its own %s, which also gets the limit', (_, allowedPattern, accepted) => {
    const stack = newStack();
    const parameter = new CfnParameter(stack, 'Office', { allowedPattern, constraintDescription: 'must be ours' });
    const template = addressOf(stack, parameter.valueAsString).toJSON();
    const { AllowedPattern, ConstraintDescription } = template.Parameters.Office;
    const narrow = ['203.0.113.7/32', '1.2.3.4/32', '10.7.1.0/24', '10.7.0.1/32'];
    const values = [...narrow, '10.7.0.0/16', '172.16.0.0/12', '9/32'];
    expect(values.filter((value) => new RegExp(AllowedPattern).test(value))).toEqual(accepted);
    expect(ConstraintDescription).toBe('must be ours');
  });

  test('can be a parameter with a list of narrow values', () => {
    const stack = newStack();
    const parameter = new CfnParameter(stack, 'Office', { allowedValues: [OFFICE, '198.51.100.0/24'] });
    expect(addressOf(stack, parameter.valueAsString).toJSON().Parameters.Office.AllowedValues).toHaveLength(2);
  });

  test('can be a token that is followed by the prefix length', () => {
    const stack = newStack();
    expect(ingressOf(addressOf(stack, `${Fn.importValue('Office')}/32`))[0].CidrIp)
      .toEqual({ 'Fn::Join': ['', [{ 'Fn::ImportValue': 'Office' }, '/32']] });
  });

  test.each<[string, (stack: Stack) => string, string]>([
    ['a token without a prefix length', () => Fn.importValue('Office'),
      'allowedAddress must be an IPv4 range with a prefix length from 24 to 32, a CfnParameter of type String, or a '
        + 'token that is followed by such a prefix length, got a token. Append the prefix length: `${address}/32`.'],
    ['a parameter with a wide pattern', (stack) =>
      new CfnParameter(stack, 'Office', { allowedPattern: '[0-9./]+' }).valueAsString,
    'allowedPattern of the parameter Stack/Office must be a pattern that accepts no IPv4 range wider than a /24, got a '
      + 'pattern that accepts 0.0.0.0/0. Remove allowedPattern: the bastion sets one.'],
    ...[['192\\.168\\.[0-9.]+/16', '192.168.0.0/16'], ['[:/0]+', '::/0'], ['.*/9', '0.0.0.0/9']].map(
      ([allowedPattern, range]): [string, (stack: Stack) => string, string] => [
        `a parameter with the pattern ${allowedPattern}`,
        (stack) => new CfnParameter(stack, 'Office', { allowedPattern }).valueAsString,
        'allowedPattern of the parameter Stack/Office must be a pattern that accepts no IPv4 range wider than a /24, '
          + `got a pattern that accepts ${range}. Remove allowedPattern: the bastion sets one.`,
      ]),
    ['a parameter with a pattern that JavaScript cannot read', (stack) =>
      new CfnParameter(stack, 'Office', { allowedPattern: '[0-9./]++' }).valueAsString,
    'allowedPattern of the parameter Stack/Office must be a pattern that accepts no IPv4 range wider than a /24, got a '
      + 'pattern that is no regular expression of JavaScript. Remove allowedPattern: the bastion sets one.'],
    ['a parameter with a wide value', (stack) =>
      new CfnParameter(stack, 'Office', { allowedValues: [OFFICE, '0.0.0.0/0'] }).valueAsString,
    'each of allowedValues of the parameter Stack/Office must be an IPv4 range with a prefix length from 24 to 32, got '
      + "'0.0.0.0/0'. Write a single address as '203.0.113.7/32'."],
    ['a parameter with a wide default', (stack) =>
      new CfnParameter(stack, 'Office', { default: '0.0.0.0/0' }).valueAsString,
    'the default of the parameter Stack/Office must be an IPv4 range with a prefix length from 24 to 32, got '
      + "'0.0.0.0/0'. Write a single address as '203.0.113.7/32'."],
  ])('is refused: %s', (_, make, message) => {
    const stack = newStack();
    expect(() => someBastion(stack, { allowedAddress: make(stack) })).toThrow(`[Stack/Bastion] ${message}`);
  });
});

describe('each prop', () => {
  test('vpcSubnets selects the subnet', () => {
    const stack = newStack();
    const vpc = someVpc(stack);
    someBastion(stack, { vpc, vpcSubnets: { subnets: [vpc.publicSubnets[1]] } });
    expect(only(templateOf(stack), INSTANCE).NetworkInterfaces[0].SubnetId).toBe('subnet-pub2');
  });

  test('instanceType, image, packages and rotationMarker set the instance', () => {
    const template = bastionTemplate({
      instanceType: new ec2.InstanceType('t3.micro'),
      image: BastionImage.parameterVersion('/images/bastion', 7),
      packages: ['mariadb105'],
      rotationMarker: '2026-06',
    });
    expect(only(template, INSTANCE)).toMatchObject({
      InstanceType: 't3.micro', ImageId: '{{resolve:ssm:/images/bastion:7}}',
    });
    expect(userDataOf(template)).toContain('nftables rsyslog amazon-cloudwatch-agent mariadb105');
    expect(userDataOf(template)).toContain('# Rotation marker: 2026-06');
  });

  test('idleTimeout sets the timeout', () => {
    expect(userDataOf(bastionTemplate({ idleTimeout: Duration.minutes(5) }))).toContain('StopIdleSessionSec=5min');
  });

  test('encryptionKey encrypts the disk and the log', () => {
    const stack = newStack();
    someBastion(stack, { encryptionKey: new kms.Key(stack, 'Own') });
    const template = templateOf(stack);
    const arn = { 'Fn::GetAtt': [expect.stringMatching(/^Own/), 'Arn'] };
    expect(only(template, INSTANCE).BlockDeviceMappings[0].Ebs.KmsKeyId).toEqual(arn);
    expect(only(template, 'AWS::Logs::LogGroup').KmsKeyId).toEqual(arn);
  });

  test('keyPair can be created in the app', () => {
    const stack = newStack();
    const keyPair = new ec2.KeyPair(stack, 'Own', { publicKeyMaterial: 'ssh-ed25519 AAAA' });
    someBastion(stack, { keyPair });
    expect(only(templateOf(stack), INSTANCE).KeyName).toEqual({ Ref: expect.stringMatching(/^Own/) });
  });
});

test('a target gets one rule on each side', () => {
  const stack = newStack();
  const securityGroup = new ec2.SecurityGroup(stack, 'Database', { vpc: someVpc(new Stack(stack, 'Other')) });
  const defaultPort = ec2.Port.tcp(5432);
  const target = { connections: new ec2.Connections({ securityGroups: [securityGroup], defaultPort }) };
  someBastion(stack).allowTo(target);
  const template = templateOf(stack);
  template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 5432, ToPort: 5432 });
  template.hasResourceProperties('AWS::EC2::SecurityGroupEgress', { FromPort: 5432, ToPort: 5432 });
});

test('no resource is retained if data is disposable', () => {
  const stack = newStack();
  DataProtection.of(stack).disposable({ reason: 'synthetic records' });
  someBastion(stack);
  const kept = Object.values<{ DeletionPolicy?: string }>(templateOf(stack).toJSON().Resources)
    .filter(({ DeletionPolicy }) => DeletionPolicy && DeletionPolicy !== 'Delete');
  expect(kept).toEqual([]);
});

test('the address is associated after the route to the internet is created', () => {
  const stack = newStack();
  const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a'], restrictDefaultSecurityGroup: false });
  someBastion(stack, { vpc });
  const [{ DependsOn }] = Object.values(templateOf(stack).findResources('AWS::EC2::EIP', {
    Properties: { InstanceId: Match.anyValue() },
  }));
  expect(DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^VpcPublicSubnet1DefaultRoute/)]));
});

describe('refuses', () => {
  const RANGE = 'allowedAddress must be an IPv4 range with a prefix length from 24 to 32, got';
  test.each<[string, Partial<SshBastionProps>, string]>([
    ['all addresses', { allowedAddress: '0.0.0.0/0' },
      `${RANGE} '0.0.0.0/0'. Write a single address as '203.0.113.7/32'.`],
    ['a range wider than a /24', { allowedAddress: '203.0.112.0/23' },
      `${RANGE} '203.0.112.0/23'. Write a single address as '203.0.113.7/32'.`],
    ['an address without a prefix length', { allowedAddress: '203.0.113.7' },
      `${RANGE} '203.0.113.7'. Write a single address as '203.0.113.7/32'.`],
    ['an IPv6 range, because the address of the bastion is IPv4', { allowedAddress: '2001:db8::1/128' },
      `${RANGE} '2001:db8::1/128'. Write a single address as '203.0.113.7/32'.`],
    ['a blank reason', { reason: ' ' },
      "reason must be a non-blank string, got ' '. Say why it is acceptable that people with the key pair log in over "
        + 'SSH from the internet as one shared user, and no log contains the input and output of their sessions.'],
    ['private subnets', { vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } },
      'vpcSubnets must be public subnets, got private or isolated subnets. Remove vpcSubnets, or use SsmBastion in '
        + 'private subnets.'],
    ['an idle timeout of over an hour', { idleTimeout: Duration.hours(2) },
      'idleTimeout must be 1 to 60 whole minutes, got 2 hours. Use Duration.minutes(…).'],
    ['a name instead of a key pair', { keyPair: 'analysts' as never },
      "keyPair must be an ec2.IKeyPair, got 'analysts'. Import it with a from… method of ec2.KeyPair."],
  ])('%s', (_, props, message) => {
    expect(() => bastionTemplate(props)).toThrow(`[Stack/Bastion] ${message}`);
  });

  test('a VPC without public subnets', () => {
    const stack = newStack();
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Private', {
      vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'],
    });
    expect(() => someBastion(stack, { vpc })).toThrow(
      '[Stack/Bastion] vpc must be a VPC with public subnets, got none. Pass such a VPC, or use SsmBastion.');
  });

  test('a second inbound rule, at synthesis', () => {
    const stack = newStack();
    someBastion(stack).connections.allowFrom(ec2.Peer.ipv4('198.51.100.7/32'), ec2.Port.tcp(22));
    expect(() => templateOf(stack)).toThrow(
      '[Stack/Bastion] a second security group rule allows inbound connections to the bastion. '
        + 'Remove it, because the bastion accepts only SSH from allowedAddress.');
  });

  test('a host that a shell would not read as a name', () => {
    const bastion = someBastion(newStack());
    expect(() => bastion.forwardCommand('db; reboot', 5432, Token.asNumber({ Ref: 'Port' }))).toThrow(
      "[Stack/Bastion] host must be a host name or an address of at most 253 characters, got 'db; reboot'. Pass the "
        + 'host only.');
  });
});
