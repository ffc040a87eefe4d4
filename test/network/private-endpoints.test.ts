import { Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { HipaaVpc } from '../../src/network/hipaa-vpc';
import { NatStrategy } from '../../src/network/nat-strategy';
import { newStack, propertiesOf, templateOf } from '../support/app';

const SERVICES = ['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager', 'kms', 'ssmmessages', 'sts', 'monitoring'];

describe('without a NAT gateway', () => {
  const stack = newStack();
  const network = new HipaaVpc(stack, 'Network', { nat: NatStrategy.none() });
  const template = templateOf(stack);

  test('each service that a Fargate task needs has an interface endpoint', () => {
    expect(Object.keys(network.endpoints)).toEqual(SERVICES);
    for (const service of SERVICES) {
      template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
        ServiceName: { 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, `.${service}`]] },
        VpcEndpointType: 'Interface',
        PrivateDnsEnabled: true,
        SubnetIds: [
          { Ref: Match.stringLikeRegexp('^NetworkPrivateSubnet1') },
          { Ref: Match.stringLikeRegexp('^NetworkPrivateSubnet2') },
        ],
      });
    }
  });

  test('each endpoint has a security group that allows HTTPS from the private subnets and no outbound traffic', () => {
    const groups = Object.values(propertiesOf(template, 'AWS::EC2::SecurityGroup'));
    expect(groups).toHaveLength(SERVICES.length);
    for (const group of groups) {
      expect(group.SecurityGroupIngress).toEqual([
        { CidrIp: '10.0.11.0/24', IpProtocol: 'tcp', FromPort: 443, ToPort: 443, Description: 'From private subnet 1' },
        { CidrIp: '10.0.12.0/24', IpProtocol: 'tcp', FromPort: 443, ToPort: 443, Description: 'From private subnet 2' },
      ]);
      expect(group.SecurityGroupEgress).toEqual([
        expect.objectContaining({ CidrIp: '255.255.255.255/32', Description: 'Disallow all traffic' }),
      ]);
    }
  });

  test('the endpoints allow the principals of this account only', () => {
    for (const endpoint of Object.values(propertiesOf(template, 'AWS::EC2::VPCEndpoint')).filter(
      ({ VpcEndpointType }) => VpcEndpointType === 'Interface',
    )) {
      expect(endpoint.PolicyDocument.Statement).toEqual([
        expect.objectContaining({
          Effect: 'Allow',
          Condition: { StringEquals: { 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } } },
        }),
      ]);
    }
  });

  test('the gateway endpoint of S3 is in the route tables of the private subnets', () => {
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Gateway',
      ServiceName: { 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, '.s3']] },
      RouteTableIds: [
        { Ref: Match.stringLikeRegexp('^NetworkPrivateSubnet1') },
        { Ref: Match.stringLikeRegexp('^NetworkPrivateSubnet2') },
      ],
    });
  });

  test('the policy of the S3 endpoint allows buckets of this account, image layers, and custom resources', () => {
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Gateway',
      PolicyDocument: {
        Statement: [
          {
            Condition: {
              StringEquals: {
                'aws:PrincipalAccount': { Ref: 'AWS::AccountId' },
                'aws:ResourceAccount': { Ref: 'AWS::AccountId' },
              },
            },
          },
          {
            Action: 's3:GetObject',
            Resource: {
              'Fn::Join': [
                '',
                ['arn:', { Ref: 'AWS::Partition' }, ':s3:::prod-', { Ref: 'AWS::Region' }, '-starport-layer-bucket/*'],
              ],
            },
          },
          {
            Action: 's3:PutObject',
            Resource: {
              'Fn::Join': ['', [
                'arn:',
                { Ref: 'AWS::Partition' },
                ':s3:::cloudformation-custom-resource-response-',
                { 'Fn::Join': ['', { 'Fn::Split': ['-', { Ref: 'AWS::Region' }] }] },
                '/*',
              ]],
            },
          },
        ],
      },
    });
  });

  test('the IDs of the endpoints do not change', () => {
    expect(Object.keys(template.findResources('AWS::EC2::VPCEndpoint')).map((id) => id.slice(0, -8))).toEqual([
      'NetworkEndpointsS3',
      'NetworkEndpointsEcrApi',
      'NetworkEndpointsEcrDkr',
      'NetworkEndpointsLogs',
      'NetworkEndpointsSecretsmanager',
      'NetworkEndpointsKms',
      'NetworkEndpointsSsmmessages',
      'NetworkEndpointsSts',
      'NetworkEndpointsMonitoring',
    ]);
  });
});

test('additional services get an endpoint with the default policy of AWS', () => {
  const stack = newStack();
  const network = new HipaaVpc(stack, 'Network', {
    nat: NatStrategy.none({ additionalEndpoints: [ec2.InterfaceVpcEndpointAwsService.SQS] }),
  });
  expect(Object.keys(network.endpoints)).toEqual([...SERVICES, 'sqs']);
  templateOf(stack).hasResourceProperties('AWS::EC2::VPCEndpoint', {
    ServiceName: { 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, '.sqs']] },
    PolicyDocument: Match.absent(),
  });
});

test('statements can be added to the policy of an endpoint', () => {
  const stack = newStack();
  const network = new HipaaVpc(stack, 'Network', { nat: NatStrategy.none() });
  network.s3Endpoint!.addToPolicy(
    new iam.PolicyStatement({
      principals: [new iam.AnyPrincipal()],
      actions: ['s3:GetObject'],
      resources: ['arn:aws:s3:::partner/*'],
    }),
  );
  templateOf(stack).hasResourceProperties('AWS::EC2::VPCEndpoint', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Resource: 'arn:aws:s3:::partner/*' })]) },
  });
});

test('other security groups can connect to an endpoint', () => {
  const stack = newStack();
  const network = new HipaaVpc(stack, 'Network', { nat: NatStrategy.none() });
  const group = new ec2.SecurityGroup(stack, 'Rotation', { vpc: network, allowAllOutbound: false });
  group.connections.allowToDefaultPort(network.endpoints.secretsmanager);
  templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^NetworkEndpointsSecretsmanagerSecurityGroup'), 'GroupId'] },
    FromPort: 443,
    ToPort: 443,
  });
});

test('service names have the prefix of the partition', () => {
  const stack = newStack({ env: { account: '123456789012', region: 'cn-north-1' } });
  new HipaaVpc(stack, 'Network', { nat: NatStrategy.none() });
  templateOf(stack).hasResourceProperties('AWS::EC2::VPCEndpoint', {
    ServiceName: 'cn.com.amazonaws.cn-north-1.ecr.api',
  });
});

test('a service that already has an endpoint is refused', () => {
  const nat = NatStrategy.none({ additionalEndpoints: [ec2.InterfaceVpcEndpointAwsService.KMS] });
  expect(() => new HipaaVpc(newStack(), 'Network', { nat })).toThrow(
    '[Stack/Network] nat.additionalEndpoints must be a service other than ecr.api, ecr.dkr, logs, secretsmanager, '
      + 'kms, ssmmessages, sts, '
    + "monitoring, got 'kms'. Remove it, because it already has an endpoint.");
});
