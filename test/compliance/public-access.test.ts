import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { newStack, someVpc } from '../support/app';
import { findingsInTemplate, templateWith } from '../support/raw-template';
import { templateCheckFindings } from '../support/template-check-findings';

const ingress = (rule: object) => templateWith('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-1', ...rule });
const tcp = (FromPort: unknown, more: object = {}, ToPort = FromPort) =>
  ingress({ IpProtocol: 'tcp', FromPort, ToPort, CidrIp: '0.0.0.0/0', ...more });
const only = (template: object) =>
  findingsInTemplate(template).filter((finding) => /PublicIngress|PublicAddress/.test(finding));
const withResource = (template: { Resources: object }, R: object) => ({ Resources: { ...template.Resources, R } });
const prefixList = (Cidr: string) => ({ Type: 'AWS::EC2::PrefixList', Properties: { Entries: [{ Cidr }] } });

describe('inbound traffic from the internet', () => {
  test.each<[string, string, object]>([
    ['a port of a database', 'tcp-5432', tcp(5432)],
    ['SSH over version 6', 'tcp-22', tcp(22, { CidrIp: undefined, CidrIpv6: '::/0' })],
    ['half of all addresses', 'tcp-22', tcp(22, { CidrIp: '128.0.0.0/1' })],
    ['the addresses below a prefix shorter than 8', 'tcp-22', tcp(22, { CidrIp: '16.0.0.0/7' })],
    ['a range of ports that contains 443', 'tcp-80-443', tcp(80, {}, 443)],
    ['all protocols', 'all', ingress({ IpProtocol: '-1', CidrIp: '0.0.0.0/0' })],
    ['all protocols as a number', 'all', ingress({ IpProtocol: -1, CidrIp: '0.0.0.0/0' })],
    ['a protocol by its number', 'udp-53', tcp(53, { IpProtocol: 17 })],
    ['a protocol without ports', 'icmp', tcp(-1, { IpProtocol: 'icmp' })],
    ['the port of a database as an attribute', 'tcp-port', tcp({ 'Fn::GetAtt': ['Db', 'Endpoint.Port'] })],
    ['one branch of a condition', 'tcp-22', tcp(22, { CidrIp: { 'Fn::If': ['C', '10.0.0.0/8', '0.0.0.0/0'] } })],
    ['a prefix list of the template', 'tcp-22', withResource(
      tcp(22, { CidrIp: undefined, SourcePrefixListId: { 'Fn::GetAtt': ['R', 'PrefixListId'] } }),
      prefixList('0.0.0.0/0'),
    )],
  ])('%s', (_, part, template) => {
    expect(only(template)).toEqual([`SecurityGroupAllowsPublicIngress[${part}] at X`]);
  });

  test.each<[string, object]>([
    ['port 80', tcp(80)],
    ['port 443 as a text', tcp('443')],
    ['port 443 over UDP', tcp(443, { IpProtocol: 'udp' })],
    ['private addresses', tcp(5432, { CidrIp: '10.0.0.0/8' })],
    ['a security group', tcp(5432, { CidrIp: undefined, SourceSecurityGroupId: 'sg-2' })],
    ['the addresses of the VPC', withResource(
      tcp(5432, { CidrIp: { 'Fn::GetAtt': ['R', 'CidrBlock'] } }), { Type: 'AWS::EC2::VPC' })],
    ['a private prefix list', withResource(
      tcp(22, { CidrIp: undefined, SourcePrefixListId: { 'Fn::GetAtt': ['R', 'PrefixListId'] } }),
      prefixList('10.0.0.0/16'),
    )],
  ])('is not %s', (_, template) => {
    expect(only(template)).toEqual([]);
  });

  test('is found in the inline rules of a security group, one finding for each port', () => {
    const stack = newStack();
    const group = new ec2.SecurityGroup(stack, 'Group', { vpc: someVpc(stack), allowAllOutbound: false });
    for (const port of [443, 22, 5432]) group.connections.allowFromAnyIpv4(ec2.Port.tcp(port));
    expect(templateCheckFindings(stack)).toEqual(expect.arrayContaining([
      'SecurityGroupAllowsPublicIngress[tcp-22] at Stack/Group/Resource',
      'SecurityGroupAllowsPublicIngress[tcp-5432] at Stack/Group/Resource',
    ]));
    expect(JSON.stringify(templateCheckFindings(stack))).not.toContain('443');
  });
});

describe('a task with a public address', () => {
  const network = (AssignPublicIp: unknown) => ({ AwsVpcConfiguration: { AssignPublicIp } });

  test.each<[string, object]>([
    ['a rule', templateWith('AWS::Events::Rule', {
      Targets: [{ EcsParameters: { NetworkConfiguration: network('ENABLED') } }],
    })],
    ['a schedule', templateWith('AWS::Scheduler::Schedule', {
      Target: { EcsParameters: { NetworkConfiguration: network('ENABLED') } },
    })],
    ['a branch', templateWith('AWS::ECS::Service', {
      NetworkConfiguration: { 'Fn::If': ['C', network('DISABLED'), network('ENABLED')] },
    })],
    ['a job', templateWith('AWS::Batch::JobDefinition', {
      ContainerProperties: { NetworkConfiguration: { AssignPublicIp: 'ENABLED' } },
    })],
  ])('of %s', (_, template) => {
    expect(only(template)).toEqual(['TaskHasPublicAddress at X']);
  });

  test('is not one with the default', () => {
    expect(only(templateWith('AWS::ECS::Service', { NetworkConfiguration: network('DISABLED') }))).toEqual([]);
    expect(only(templateWith('AWS::ECS::Service', {}))).toEqual([]);
  });
});
