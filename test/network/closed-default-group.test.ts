import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { DataProtection } from '../../src/core/data-protection';
import { FlowLogStorage } from '../../src/network/flow-log-storage';
import { HipaaVpc, HipaaVpcProps } from '../../src/network/hipaa-vpc';
import { newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';

const DEFAULT_GROUP = { 'Fn::GetAtt': ['Network6E62CE96', 'DefaultSecurityGroup'] };
const FUNCTION = Match.stringLikeRegexp('^NetworkDefaultSecurityGroupFunction');

function networkIn(stack: Stack, props?: HipaaVpcProps): Template {
  new HipaaVpc(stack, 'Network', props);
  return templateOf(stack);
}

/** The statements of the policy of the function, by their first action. */
function statements(template: Template): Record<string, { Action: string[]; Resource: unknown }> {
  const [policy] = Object.entries(propertiesOf(template, 'AWS::IAM::ManagedPolicy'))
    .filter(([id]) => id.startsWith('NetworkDefaultSecurityGroup'))
    .map(([, properties]) => properties);
  return Object.fromEntries(policy.PolicyDocument.Statement.map(
    (statement: { Action: string | string[]; Resource: unknown }) => [[statement.Action].flat()[0], statement]));
}

describe('the default security group of a network', () => {
  const template = networkIn(newStack());

  test('is closed by a custom resource', () => {
    template.hasResource('Custom::VpcRestrictDefaultSG', {
      Properties: {
        DefaultSecurityGroupId: DEFAULT_GROUP, ServiceToken: { 'Fn::GetAtt': [FUNCTION, 'Arn'] }, ServiceTimeout: '720',
      },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^NetworkDefaultSecurityGroupFunctionRolePolicy')]),
    });
  });

  test('can be changed by a function that can change no other group', () => {
    expect(statements(template)['ec2:RevokeSecurityGroupEgress']).toEqual({
      Effect: 'Allow',
      Action: ['ec2:RevokeSecurityGroupEgress', 'ec2:RevokeSecurityGroupIngress'],
      Resource: {
        'Fn::Join': ['', [
          'arn:', { Ref: 'AWS::Partition' }, ':ec2:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' },
          ':security-group/', DEFAULT_GROUP,
        ]],
      },
    });
  });

  test('is the only resource of EC2 that a statement of the function names, and no statement adds a rule', () => {
    const actions = Object.values(statements(template)).flatMap(({ Action }) => Action);
    expect(actions.filter((action) => action.startsWith('ec2:')).sort()).toEqual([
      'ec2:DescribeSecurityGroups', 'ec2:RevokeSecurityGroupEgress', 'ec2:RevokeSecurityGroupIngress',
    ]);
  });

  test('needs no inline policy and no policy of AWS', () => {
    for (const role of Object.values(propertiesOf(template, 'AWS::IAM::Role'))) {
      expect(role.Policies).toBeUndefined();
      expect(role.ManagedPolicyArns).toBeUndefined();
    }
    expect(Object.keys(template.toJSON().Resources).filter((id) => /CustomResourceProvider/.test(id))).toEqual([]);
  });

  test('is closed with the key of the flow logs for the log of the function', () => {
    const key = { 'Fn::GetAtt': ['NetworkKey1D162FA0', 'Arn'] };
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: key });
    template.hasResourceProperties('AWS::Lambda::Function', {
      KmsKeyArn: key, Timeout: 180, LoggingConfig: { LogGroup: { Ref: Match.stringLikeRegexp('^Network') } },
    });
  });
});

test('the key is a new one if the flow logs go to a bucket of the app', () => {
  const stack = newStack();
  const bucket = s3.Bucket.fromBucketName(stack, 'Logs', 'logs');
  const template = networkIn(stack, { flowLogs: FlowLogStorage.bucket({ bucket }) });
  template.resourceCountIs('AWS::KMS::Key', 1);
  template.hasResourceProperties('AWS::Lambda::Function', {
    KmsKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^NetworkDefaultSecurityGroupFunctionKey'), 'Arn'] },
  });
});

test('the key of flow logs in a created bucket can also encrypt a log group', () => {
  networkIn(newStack(), { flowLogs: FlowLogStorage.bucket() }).hasResourceProperties('AWS::KMS::Key', {
    KeyPolicy: {
      Statement: Match.arrayWith([
        Match.objectLike({ Sid: 'LogDelivery' }), Match.objectLike({ Sid: 'CloudWatchLogs' }),
      ]),
    },
  });
});

test.each(['us-gov-west-1', 'cn-north-1'])('the function works in the partition of %s', (region) => {
  const template = networkIn(newStack({ env: { account: '123456789012', region } }));
  expect(JSON.stringify(template.toJSON())).not.toContain('arn:aws:');
  expect(JSON.stringify(statements(template)['ec2:RevokeSecurityGroupEgress'].Resource))
    .toContain(`:ec2:${region}:123456789012:security-group/`);
});

test('two networks in one stack have a function each', () => {
  const stack = newStack();
  new HipaaVpc(stack, 'One');
  new HipaaVpc(stack, 'Two', { cidr: '10.1.0.0/16' });
  const closed = Object.values(propertiesOf(templateOf(stack), 'Custom::VpcRestrictDefaultSG'));
  expect(new Set(closed.map(({ ServiceToken }) => JSON.stringify(ServiceToken))).size).toBe(2);
  expect(new Set(closed.map(({ DefaultSecurityGroupId: id }) => JSON.stringify(id))).size).toBe(2);
});

test('disposable networks retain nothing', () => {
  const stack = newStack();
  DataProtection.of(stack).disposable({ reason: 'tests' });
  const resources = Object.values<{ DeletionPolicy?: string }>(networkIn(stack).toJSON().Resources);
  expect(resources.filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete')).toEqual([]);
});

test('the role is within the permissions boundary of the stack', () => {
  const stack = newStack();
  const boundary = iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary');
  iam.PermissionsBoundary.of(stack).apply(boundary);
  networkIn(stack).allResourcesProperties('AWS::IAM::Role', { PermissionsBoundary: Match.anyValue() });
});

test('the rules of the packs still report a function and a policy of the app', () => {
  const stack = newStack();
  new HipaaVpc(stack, 'Network');
  new iam.ManagedPolicy(stack, 'Own', {
    statements: [new iam.PolicyStatement({ actions: ['ec2:DescribeSecurityGroups'], resources: ['*'] })],
  });
  expect(nagFindings(stack)).toContain('AwsSolutions-IAM5[Resource::*] at Stack/Own/Resource');
});

test('an imported VPC and a VPC of the app have no function of the library', () => {
  const stack = newStack();
  ec2.Vpc.fromVpcAttributes(stack, 'Imported', { vpcId: 'vpc-1', availabilityZones: ['us-east-1a'] });
  new ec2.Vpc(stack, 'Own', { restrictDefaultSecurityGroup: false });
  templateOf(stack).resourceCountIs('Custom::VpcRestrictDefaultSG', 0);
});

test.each([true, false])('the flag of aws-cdk-lib adds no second function: %p', (flag) => {
  const template = networkIn(newStack({ context: { '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': flag } }));
  template.resourceCountIs('Custom::VpcRestrictDefaultSG', 1);
  template.resourceCountIs('AWS::Lambda::Function', 1);
});
