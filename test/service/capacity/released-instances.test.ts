import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DataProtection } from '../../../src/core/data-protection';
import { Ec2Capacity } from '../../../src/service/capacity/ec2-capacity';
import { ServiceCapacity } from '../../../src/service/capacity/service-capacity';
import { ServiceCluster } from '../../../src/service/service-cluster';
import { newStack, propertiesOf, someVpc, templateOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { someService } from '../fargate-fixtures';

const RELEASE = 'Custom::ReleasedInstances';
const [GROUP, PROVIDER] = ['AWS::AutoScaling::AutoScalingGroup', 'AWS::ECS::CapacityProvider'];
const ASSOCIATIONS = 'AWS::ECS::ClusterCapacityProviderAssociations';

/** A service on EC2 capacity. */
function withService(stack = newStack()): Stack {
  const cluster = new ServiceCluster(stack, 'Services', { vpc: someVpc(stack) });
  const instances = new Ec2Capacity(stack, 'Instances', { cluster });
  someService(stack, { cluster, capacity: ServiceCapacity.ec2(instances) });
  return stack;
}

/** The IDs of the resources that CloudFormation creates before a resource, and deletes after it. */
function neededBy(template: Template, id: string, found = new Set<string>()): Set<string> {
  const { Resources } = template.toJSON();
  const { DependsOn = [], Properties } = Resources[id];
  const text = JSON.stringify(Properties ?? {});
  const isNamed = (other: string) => text.includes(`"Ref":"${other}"`) || text.includes(`"Fn::GetAtt":["${other}"`);
  const others = Object.keys(Resources).filter((other) => [DependsOn].flat().includes(other) || isNamed(other));
  for (const other of others.filter((each) => !found.has(each))) {
    neededBy(template, other, found.add(other));
  }
  return found;
}

const idsOf = (template: Template, type: string) => Object.keys(template.findResources(type));
const partsOf = (template: Template) => Object.keys(template.toJSON().Resources)
  .filter((id) => id.startsWith('InstancesRelease'));

describe('the order of a deletion', () => {
  const template = templateOf(withService());

  test.each([
    ['the service', 'the association of the capacity provider', 'AWS::ECS::Service', ASSOCIATIONS],
    ['the association', 'the capacity provider', ASSOCIATIONS, PROVIDER],
    ['the capacity provider', 'the release', PROVIDER, RELEASE],
    ['the release', 'the group', RELEASE, GROUP],
  ])('is %s before %s', (_first, _second, type, later) => {
    const [[id], [laterId]] = [idsOf(template, type), idsOf(template, later)];
    expect([...neededBy(template, id)]).toContain(laterId);
  });

  test('keeps the function with its role, policy and log until the group is released', () => {
    const [release] = idsOf(template, RELEASE);
    const kept = neededBy(template, release);
    const parts = partsOf(template).filter((id) => id !== release);
    const types = parts.map((id) => template.toJSON().Resources[id].Type);
    expect(types).toEqual(expect.arrayContaining([
      'AWS::Lambda::Function', 'AWS::IAM::Role', 'AWS::IAM::ManagedPolicy', 'AWS::Logs::LogGroup',
    ]));
    expect(parts.filter((id) => !kept.has(id) && !/DeadLettersPolicy/.test(id))).toEqual([]);
  });
});

describe('the release', () => {
  const template = templateOf(withService());
  const groupId = idsOf(template, GROUP)[0];

  test('has the name of the group, and 15 minutes to answer', () => {
    template.hasResourceProperties(RELEASE, { AutoScalingGroupName: { Ref: groupId }, ServiceTimeout: '900' });
  });

  test('can change only this group', () => {
    const [policy] = Object.entries(propertiesOf(template, 'AWS::IAM::ManagedPolicy'))
      .filter(([id]) => id.startsWith('InstancesRelease')).map(([, properties]) => properties);
    const statements = policy.PolicyDocument.Statement
      .filter(({ Action }: { Action: unknown }) => JSON.stringify(Action).includes('autoscaling:'));
    expect(statements).toEqual([
      {
        Effect: 'Allow',
        Action: ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeLifecycleHooks'],
        Resource: '*',
      },
      {
        Effect: 'Allow',
        Action: [
          'autoscaling:DeleteLifecycleHook', 'autoscaling:SetInstanceProtection', 'autoscaling:UpdateAutoScalingGroup',
        ],
        Resource: { 'Fn::GetAtt': [groupId, 'AutoScalingGroupARN'] },
      },
    ]);
  });

  test('encrypts the log of the function with the key of the capacity', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Makes an Auto Scaling group deletable',
      KmsKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ServicesKey'), 'Arn'] },
      Timeout: 240,
    });
  });

  test('has no rule-pack findings', () => {
    expect(nagFindings(withService())).toEqual([]);
  });
});

test('disposable data changes neither the protection nor the release', () => {
  const stack = newStack();
  DataProtection.of(stack).disposable({ reason: 'tests' });
  const template = templateOf(withService(stack));
  template.hasResourceProperties(GROUP, { NewInstancesProtectedFromScaleIn: true });
  template.hasResourceProperties(PROVIDER, {
    AutoScalingGroupProvider: Match.objectLike({ ManagedTerminationProtection: 'ENABLED' }),
  });
  template.resourceCountIs(RELEASE, 1);
});

test.each(['us-gov-west-1', 'cn-north-1'])('the release works in the partition of %s', (region) => {
  const template = templateOf(withService(newStack({ env: { account: '123456789012', region } })));
  expect(JSON.stringify(partsOf(template).map((id) => template.toJSON().Resources[id]))).not.toContain('arn:aws:');
});
