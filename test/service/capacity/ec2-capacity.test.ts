import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { guardFindings } from '../../../scripts/examples/guard';
import { WorkloadMonitoring } from '../../../src/monitoring/workload-monitoring';
import { HipaaVpc } from '../../../src/network/hipaa-vpc';
import { NatStrategy } from '../../../src/network/nat-strategy';
import { Ec2Capacity } from '../../../src/service/capacity/ec2-capacity';
import { Ec2CapacityProps } from '../../../src/service/capacity/ec2-capacity-props';
import { ServiceCapacity } from '../../../src/service/capacity/service-capacity';
import { ServiceCluster } from '../../../src/service/service-cluster';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { templateFindings } from '../../support/validate';
import { onlyOne, someService } from '../fargate-fixtures';

const GROUP = 'AWS::AutoScaling::AutoScalingGroup';
const TEMPLATE = 'AWS::EC2::LaunchTemplate';
const PROVIDER = 'AWS::ECS::CapacityProvider';
const ASSOCIATIONS = 'AWS::ECS::ClusterCapacityProviderAssociations';
const KEY_ARN = { 'Fn::GetAtt': ['ServicesKeyD7B3FE60', 'Arn'] };

let stack: Stack;
beforeEach(() => stack = newStack());

const someCluster = (scope: Stack = stack, vpc = someVpc(scope)) => new ServiceCluster(scope, 'Services', { vpc });
const someCapacity = (props: Partial<Ec2CapacityProps> = {}, cluster = props.cluster ?? someCluster()) =>
  new Ec2Capacity(stack, 'Instances', { ...props, cluster });
const types = (...names: string[]) => names.map((name) => new ec2.InstanceType(name));

const launchData = (template: Template) => Object.values(propertiesOf(template, TEMPLATE))[0].LaunchTemplateData;
const userDataOf = (template: Template) => JSON.stringify(launchData(template).UserData);

interface Statement {
  Sid?: string; Action: string | string[]; Resource: unknown; Condition?: unknown; Principal?: unknown;
}
function statementsOf(template: Template, role: RegExp): Statement[] {
  return Object.entries(propertiesOf(template, 'AWS::IAM::ManagedPolicy')).filter(([id]) => role.test(id))
    .flatMap(([, { PolicyDocument }]) => PolicyDocument.Statement);
}

describe('defaults', () => {
  let template: Template;
  beforeAll(() => {
    const made = newStack();
    new Ec2Capacity(made, 'Instances', { cluster: someCluster(made) });
    template = templateOf(made);
  });
  const group = () => Object.values(propertiesOf(template, GROUP))[0];

  test('run two to six On-Demand Instances of two types in the private subnets', () => {
    expect(group()).toMatchObject({
      MinSize: '2',
      MaxSize: '6',
      VPCZoneIdentifier: ['subnet-priv1', 'subnet-priv2'],
      MixedInstancesPolicy: {
        InstancesDistribution: {
          OnDemandAllocationStrategy: 'prioritized', OnDemandBaseCapacity: 0, OnDemandPercentageAboveBaseCapacity: 100,
        },
        LaunchTemplate: { Overrides: [{ InstanceType: 'm7i.large' }, { InstanceType: 'm6i.large' }] },
      },
    });
    expect(group()).not.toHaveProperty('DesiredCapacity');
  });

  test('use the latest image of Amazon ECS at each launch, and not the one of the deployment', () => {
    expect(launchData(template).ImageId)
      .toBe('resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id');
  });

  test('encrypt the disk with the key of the cluster', () => {
    expect(launchData(template).BlockDeviceMappings).toEqual([{
      DeviceName: '/dev/xvda',
      Ebs: { Encrypted: true, KmsKeyId: KEY_ARN, VolumeType: 'gp3', VolumeSize: 30, DeleteOnTermination: true },
    }]);
  });

  test('require IMDSv2 and keep containers from it', () => {
    expect(launchData(template).MetadataOptions).toMatchObject({
      HttpTokens: 'required', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled',
    });
    expect(userDataOf(template)).toContain('ECS_AWSVPC_BLOCK_IMDS=true');
  });

  test.each(['ECS_DISABLE_PRIVILEGED=true', 'ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true',
    'ECS_ENABLE_SPOT_INSTANCE_DRAINING=true', 'ECS_CLUSTER='])('set %s in the ECS agent', (setting) => {
    expect(userDataOf(template)).toContain(setting);
  });

  test('scale, protect and drain the instances by the tasks of the cluster', () => {
    template.hasResourceProperties(PROVIDER, {
      AutoScalingGroupProvider: {
        ManagedScaling: { Status: 'ENABLED', TargetCapacity: 100 },
        ManagedTerminationProtection: 'ENABLED',
        ManagedDraining: 'ENABLED',
      },
    });
    expect(group().NewInstancesProtectedFromScaleIn).toBe(true);
  });

  test('add the capacity provider to the cluster', () => {
    const [provider] = Object.keys(template.findResources(PROVIDER));
    template.hasResourceProperties(ASSOCIATIONS, { CapacityProviders: [{ Ref: provider }] });
  });

  test('measure each instance and the group every minute', () => {
    expect(launchData(template).Monitoring).toEqual({ Enabled: true });
    expect(group().MetricsCollection).toEqual([{ Granularity: '1Minute' }]);
  });

  test('allow no inbound connection, and outbound HTTPS', () => {
    const [own] = Object.values(propertiesOf(template, 'AWS::EC2::SecurityGroup'));
    expect(own.SecurityGroupIngress).toBeUndefined();
    expect(own.SecurityGroupEgress).toEqual([expect.objectContaining({ FromPort: 443, ToPort: 443 })]);
  });

  test('renew the instances every Sunday, also those that are protected from scale-in', () => {
    const schedule = onlyOfType(template, 'AWS::Scheduler::Schedule');
    expect(schedule.ScheduleExpression).toBe('cron(0 6 ? * SUN *)');
    expect(JSON.stringify(schedule.Target.Arn)).toContain(':scheduler:::aws-sdk:autoscaling:startInstanceRefresh');
    expect(JSON.stringify(schedule.Target.Input)).toContain('\\"ScaleInProtectedInstances\\":\\"Refresh\\"');
    expect(JSON.stringify(schedule.Target.Input)).toContain('\\"MinHealthyPercentage\\":100');
  });

  test('have stable IDs', () => {
    expect(Object.keys(template.findResources(GROUP))).toEqual(['InstancesGroupASG9A25D793']);
    expect(Object.keys(template.findResources(PROVIDER))).toEqual(['InstancesProvider01F2C1E5']);
  });
});

function onlyOfType(template: Template, type: string) {
  const all = Object.values(propertiesOf(template, type));
  expect(all).toHaveLength(1);
  return all[0];
}

describe('props', () => {
  test('set a share of Spot Instances, which EC2 Auto Scaling replaces before an interruption', () => {
    someCapacity({ spot: { onDemandInstances: 1, spotPercentage: 60 } });
    expect(onlyOne(stack, GROUP)).toMatchObject({
      CapacityRebalance: true,
      MixedInstancesPolicy: {
        InstancesDistribution: {
          OnDemandBaseCapacity: 1,
          OnDemandPercentageAboveBaseCapacity: 40,
          SpotAllocationStrategy: 'price-capacity-optimized',
        },
      },
    });
  });

  test('set the numbers of instances', () => {
    someCapacity({ minInstances: 0, maxInstances: 3 });
    expect(onlyOne(stack, GROUP)).toMatchObject({ MinSize: '0', MaxSize: '3' });
  });

  test('set the instance types in their order', () => {
    someCapacity({ instanceTypes: types('c7i.large', 'c6i.large', 'c5.large') });
    expect(onlyOne(stack, GROUP).MixedInstancesPolicy.LaunchTemplate.Overrides)
      .toEqual([{ InstanceType: 'c7i.large' }, { InstanceType: 'c6i.large' }, { InstanceType: 'c5.large' }]);
  });

  test('select the image of the CPU architecture of the types', () => {
    someCapacity({ instanceTypes: types('m7g.large', 'm6g.large') });
    expect(launchData(templateOf(stack)).ImageId)
      .toBe('resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id');
  });

  test('set the schedule of the renewal', () => {
    someCapacity({ renewal: scheduler.ScheduleExpression.cron({ weekDay: 'WED', hour: '3', minute: '0' }) });
    expect(onlyOne(stack, 'AWS::Scheduler::Schedule').ScheduleExpression).toBe('cron(0 3 ? * WED *)');
  });

  test('set the subnets', () => {
    someCapacity({ vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } });
    expect(onlyOne(stack, GROUP).VPCZoneIdentifier).toEqual(['subnet-iso1', 'subnet-iso2']);
  });

  test('set the key of the disks, whose policy allows EC2 Auto Scaling', () => {
    const encryptionKey = new kms.Key(stack, 'Own');
    someCapacity({ encryptionKey });
    const { Ebs } = launchData(templateOf(stack)).BlockDeviceMappings[0];
    expect(stack.resolve(encryptionKey.keyArn)).toEqual(Ebs.KmsKeyId);
    const [id] = Object.keys(templateOf(stack).findResources('AWS::KMS::Key')).filter((each) => /^Own/.test(each));
    const sids = propertiesOf(templateOf(stack), 'AWS::KMS::Key')[id].KeyPolicy.Statement
      .map(({ Sid }: Statement) => Sid);
    expect(sids).toEqual(expect.arrayContaining(['AutoScaling', 'AutoScalingVolumes']));
  });
});

describe('permissions', () => {
  let template: Template;
  beforeAll(() => {
    const made = newStack();
    new Ec2Capacity(made, 'Instances', { cluster: someCluster(made) });
    template = templateOf(made);
  });

  test('of an instance are for its own cluster', () => {
    const cluster = { 'Fn::GetAtt': ['ServicesClusterFAAA2B60', 'Arn'] };
    const ecsStatements = statementsOf(template, /^InstancesRole/)
      .filter(({ Action }) => [Action].flat().some((each) => each.startsWith('ecs:') && !/Discover/.test(each)));
    expect(ecsStatements).toEqual([
      expect.objectContaining({ Resource: cluster }),
      expect.objectContaining({ Condition: { ArnEquals: { 'ecs:cluster': cluster } } }),
    ]);
  });

  test('of an instance include no action on images, logs and secrets', () => {
    const actions = statementsOf(template, /^InstancesRole/).flatMap(({ Action }) => Action);
    expect(actions.filter((each) => /^(ecr|logs|secretsmanager|kms|s3):/.test(each))).toEqual([]);
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('of the schedule are for the refresh of the group', () => {
    expect(statementsOf(template, /^InstancesRenewalRole/)).toEqual([{
      Effect: 'Allow',
      Action: 'autoscaling:StartInstanceRefresh',
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^InstancesGroup/), 'AutoScalingGroupARN'] },
    }]);
  });

  test('of EC2 Auto Scaling on the key do not require that its role exists', () => {
    const [{ KeyPolicy }] = Object.values(propertiesOf(template, 'AWS::KMS::Key'));
    const statements: Statement[] = KeyPolicy.Statement.filter(({ Sid }: Statement) => /^AutoScaling/.test(Sid ?? ''));
    const role = ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' },
      ':role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling'];
    const ofTheRole = {
      StringEquals: { 'kms:CallerAccount': { Ref: 'AWS::AccountId' } },
      ArnEquals: { 'aws:PrincipalArn': { 'Fn::Join': ['', role] } },
    };
    expect(statements.map(({ Principal, Condition }) => [Principal, Condition])).toEqual([
      [{ AWS: '*' }, ofTheRole],
      [{ AWS: '*' }, { ...ofTheRole, Bool: { 'kms:GrantIsForAWSResource': 'true' } }],
    ]);
  });
});

describe('order', () => {
  test('instances start after the policy of their role', () => {
    someCapacity();
    const [group] = Object.values(templateOf(stack).findResources(GROUP));
    expect(group.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^InstancesRolePolicy/)]));
  });

  test('instances start after the endpoints of their VPC', () => {
    const vpc = new ec2.Vpc(stack, 'Network', { natGateways: 0 });
    vpc.addInterfaceEndpoint('Agent', { service: ec2.InterfaceVpcEndpointAwsService.ECS_AGENT });
    someCapacity({}, someCluster(stack, vpc));
    const [group] = Object.values(templateOf(stack).findResources(GROUP));
    expect(group.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^NetworkAgent/)]));
  });
});

describe('isolated subnets', () => {
  const SERVICES = {
    ecs: ec2.InterfaceVpcEndpointAwsService.ECS,
    ecsAgent: ec2.InterfaceVpcEndpointAwsService.ECS_AGENT,
    ecsTelemetry: ec2.InterfaceVpcEndpointAwsService.ECS_TELEMETRY,
    ssm: ec2.InterfaceVpcEndpointAwsService.SSM,
  };
  const warningsOf = () => {
    templateOf(stack);
    return Annotations.fromStack(stack).findWarning('/Stack/Instances', Match.stringLikeRegexp('capacity-unreachable'))
      .map(({ entry: { data } }) => data);
  };
  const missing = (names: string) => 'the subnets of the instances have no route to the internet, and their VPC has no '
    + `endpoint for ${names}, so the instances do not join the cluster or do not report: add the endpoints, or choose `
    + 'subnets with a route [ack: cdk-hipaa:capacity-unreachable]';

  test('without the endpoints of the agents have a warning', () => {
    const vpc = new HipaaVpc(stack, 'Network', { nat: NatStrategy.none() });
    someCapacity({}, new ServiceCluster(stack, 'Services', { vpc }));
    expect(warningsOf()).toEqual([missing('ecs, ecs-agent, ecs-telemetry, ssm')]);
  });

  test('with a part of the endpoints have a warning that names the others', () => {
    const vpc = new HipaaVpc(stack, 'Network', {
      nat: NatStrategy.none({ additionalEndpoints: [SERVICES.ecsAgent, SERVICES.ssm] }),
    });
    someCapacity({}, new ServiceCluster(stack, 'Services', { vpc }));
    expect(warningsOf()).toEqual([missing('ecs, ecs-telemetry')]);
  });

  test('with all endpoints have no warning, also if another stack creates them later', () => {
    const network = new Stack(stack.node.root as App, 'NetworkStack');
    const vpc = new HipaaVpc(network, 'Network', {
      nat: NatStrategy.none({ additionalEndpoints: [SERVICES.ecs, SERVICES.ecsAgent, SERVICES.ssm] }),
    });
    someCapacity({}, new ServiceCluster(stack, 'Services', { vpc }));
    vpc.vpc.addInterfaceEndpoint('Telemetry', { service: SERVICES.ecsTelemetry });
    expect(warningsOf()).toEqual([]);
  });

  test('with a route, and imported ones, have no warning', () => {
    const vpc = new ec2.Vpc(stack, 'Network', { natGateways: 0 });
    for (const subnet of vpc.isolatedSubnets as ec2.Subnet[]) {
      subnet.addRoute('Transit', { routerId: 'tgw-1', routerType: ec2.RouterType.TRANSIT_GATEWAY });
    }
    someCapacity({}, someCluster(stack, vpc));
    expect(warningsOf()).toEqual([]);
    stack = newStack();
    someCapacity();
    expect(warningsOf()).toEqual([]);
  });
});

describe('monitoring', () => {
  const alarms = () => {
    const capacity = someCapacity();
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'on-call@clinic.example' }).watch(capacity);
    return propertiesOf(templateOf(stack), 'AWS::CloudWatch::Alarm');
  };
  const named = (all: ReturnType<typeof alarms>, id: RegExp) => Object.entries(all).find(([name]) => id.test(name))![1];

  test('reports tasks that wait for instances for 15 minutes', () => {
    expect(named(alarms(), /TasksWait/)).toMatchObject({
      Namespace: 'AWS/ECS/ManagedScaling',
      MetricName: 'CapacityProviderReservation',
      Threshold: 100,
      EvaluationPeriods: 15,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  test('reports instances that do not start for 15 minutes', () => {
    const alarm = named(alarms(), /InstancesMissing/);
    expect(alarm).toMatchObject({ Threshold: 0, EvaluationPeriods: 15, TreatMissingData: 'notBreaching' });
    expect(JSON.stringify(alarm.Metrics)).toContain('desired - inService');
  });

  test('reports a renewal that does not start, within an hour', () => {
    expect(named(alarms(), /RenewalNotStarted/)).toMatchObject({
      Namespace: 'AWS/Scheduler',
      MetricName: 'InvocationDroppedCount',
      Dimensions: [{ Name: 'ScheduleGroup', Value: { Ref: expect.stringMatching(/^InstancesRenewalGroup/) } }],
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
    templateOf(stack).hasResourceProperties('AWS::Scheduler::Schedule', {
      Target: Match.objectLike({ RetryPolicy: { MaximumEventAgeInSeconds: 3_600, MaximumRetryAttempts: 10 } }),
    });
  });

  test('reports a renewal that fails or is stopped', () => {
    alarms();
    templateOf(stack).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.objectLike({
        'source': ['aws.autoscaling'],
        'detail-type': ['Failed', 'Cancel'].map((end) => ({ prefix: `EC2 Auto Scaling Instance Refresh ${end}` })),
      }),
    });
  });
});

describe('the renewal command', () => {
  test('starts the refresh of protected instances too', () => {
    const command = JSON.stringify(stack.resolve(someCapacity().renewCommand));
    expect(command).toContain('aws autoscaling start-instance-refresh --region ');
    expect(command).toContain('ScaleInProtectedInstances');
  });
});

describe('refusals', () => {
  test.each<[string, Partial<Ec2CapacityProps>, string]>([
    ['no type', { instanceTypes: [] },
      '[Stack/Instances] instanceTypes must be a list of 1 to 40 different instance types, got 0 types. List each type '
      + 'once, or leave instanceTypes out.'],
    ['a type twice', { instanceTypes: types('m7i.large', 'm7i.large') },
      '[Stack/Instances] instanceTypes must be a list of 1 to 40 different instance types, got m7i.large twice. List '
      + 'each type once, or leave instanceTypes out.'],
    ['a burstable type', { instanceTypes: types('t3.large') },
      '[Stack/Instances] instanceTypes must be types that are not burstable, because tasks slow down when the CPU '
      + "credits of an instance end, got 't3.large'. Use a type such as m7i.large, or run the service on Fargate."],
    ['two architectures', { instanceTypes: types('m7i.large', 'm7g.large') },
      '[Stack/Instances] instanceTypes must be types with one CPU architecture, because an image has one, got '
      + 'm7i.large (x86_64) and m7g.large (arm64). Create one Ec2Capacity for each architecture.'],
    ['a negative minimum', { minInstances: -1 },
      '[Stack/Instances] minInstances must be an integer from 0 to 1000, got -1. Use an integer in this range.'],
    ['a maximum of zero', { minInstances: 0, maxInstances: 0 },
      '[Stack/Instances] maxInstances must be an integer from 1 to 1000, got 0. Use an integer in this range.'],
    ['a minimum above the maximum', { minInstances: 4, maxInstances: 3 },
      '[Stack/Instances] minInstances must be at most maxInstances (3), got 4. Lower minInstances, or raise '
      + 'maxInstances.'],
    ['a share of no Spot Instances', { spot: { onDemandInstances: 1, spotPercentage: 0 } },
      '[Stack/Instances] spot.spotPercentage must be an integer from 1 to 100, got 0. Use a percentage in this range, '
      + 'or leave spot out for On-Demand Instances only.'],
    ['a negative number of On-Demand Instances', { spot: { onDemandInstances: -1, spotPercentage: 50 } },
      '[Stack/Instances] spot.onDemandInstances must be an integer from 0 to 1000, got -1. Use an integer in this '
      + 'range.'],
    ['as many On-Demand Instances as the maximum',
      { maxInstances: 4, spot: { onDemandInstances: 4, spotPercentage: 50 } },
      '[Stack/Instances] spot.onDemandInstances must be less than maxInstances (4), because the group would otherwise '
      + 'never start a Spot Instance, got 4. Lower it, raise maxInstances, or leave spot out.'],
    ['more On-Demand Instances than the default maximum', { spot: { onDemandInstances: 7, spotPercentage: 50 } },
      '[Stack/Instances] spot.onDemandInstances must be less than maxInstances (6), because the group would otherwise '
      + 'never start a Spot Instance, got 7. Lower it, raise maxInstances, or leave spot out.'],
    ...['m7i.metal-24xl', 'm5.metal', 'g5.xlarge', 'i4i.large', 'm4.large', 'm7i.small', 'm7i.huge', 'x2idn.16xlarge']
      .map((type): [string, Partial<Ec2CapacityProps>, string] => [`the type ${type}`, { instanceTypes: types(type) },
        '[Stack/Instances] instanceTypes must be types of the families m, c and r from the fifth generation, of the '
        + 'size medium, large or xlarge and its multiples, because tasks must fit on them and can use no GPU and no '
        + `local disk, got '${type}'. Use a type such as m7i.large, c7i.xlarge or r7g.2xlarge.`]),
    ['a renewal that runs once', { renewal: scheduler.ScheduleExpression.at(new Date('2030-01-01T00:00:00Z')) },
      '[Stack/Instances] renewal must be a recurring schedule, because instances keep the image with which they '
      + "started, got 'at(2030-01-01T00:00:00)'. Use ScheduleExpression.cron or ScheduleExpression.rate."],
    ['public subnets', { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } },
      '[Stack/Instances] vpcSubnets must be private or isolated subnets, got public subnets. Select private subnets, '
      + 'and let a load balancer face the internet.'],
  ])('%s', (_, props, message) => {
    expect(() => someCapacity(props)).toThrow(new Error(message));
  });

  test.each([
    'm5.large', 'm7i-flex.large', 'c5n.xlarge', 'r8g.medium', 'm7a.48xlarge', 'c7gd.2xlarge', 'r5b.4xlarge',
    'm10i.large',
  ])('no %s', (type) => {
    expect(() => someCapacity({ instanceTypes: types(type) })).not.toThrow();
  });

  test('no number of On-Demand Instances below the maximum, and none that is known only at deployment', () => {
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    for (const [index, onDemandInstances] of [3, number].entries()) {
      const cluster = someCluster(new Stack(stack.node.root as App, `Stack${index}`));
      expect(() => new Ec2Capacity(Stack.of(cluster), 'Instances', {
        cluster, maxInstances: 4, spot: { onDemandInstances, spotPercentage: 50 },
      })).not.toThrow();
    }
  });

  test('a type that is known only at deployment', () => {
    const type = new CfnParameter(stack, 'Type').valueAsString;
    expect(() => someCapacity({ instanceTypes: types(type) })).toThrow(new Error(
      '[Stack/Instances] instanceTypes must be types that are known at synthesis, because their CPU architecture '
      + 'selects the image, got a token. Pass literal types, such as new ec2.InstanceType("m7i.large").'));
  });

  test('a cluster in another stack', () => {
    const cluster = someCluster(new Stack(stack.node.root as App, 'Other'));
    expect(() => someCapacity({ cluster })).toThrow(new Error(
      '[Stack/Instances] cluster must be a cluster in the stack of the capacity, because each of the two refers to the '
      + 'other, got Other/Services, which is in another stack. Create the capacity in the stack of its cluster.'));
  });
});

describe('the template', () => {
  const whole = (app: App) => {
    const made = new Stack(app, 'Stack');
    // CloudFormation Validate accepts only hexadecimal subnet IDs.
    const vpc = someVpc(made, (name) => `subnet-${Buffer.from(name).toString('hex').padStart(17, '0')}`);
    const cluster = someCluster(made, vpc);
    const spot = { onDemandInstances: 1, spotPercentage: 50 };
    const instances = new Ec2Capacity(made, 'Instances', { cluster, spot });
    someService(made, { cluster, capacity: ServiceCapacity.ec2(instances) });
    someService(made, { cluster, capacity: ServiceCapacity.fargateSpot({ onDemandTasks: 1 }) }, 'Worker');
    return made;
  };

  test('has no rule-pack findings', () => {
    expect(nagFindings(whole(newApp()))).toEqual([]);
  });

  test('passes CloudFormation validation', () => {
    const app = newApp({ '@aws-cdk/core:validateAgainstDefaultRules': true });
    whole(app);
    expect(templateFindings(app)).toEqual([]);
  });

  test('breaks only the Control Tower rules on zones and on functions outside a VPC', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'capacity-'));
    const file = path.join(folder, 'stack.template.json');
    fs.writeFileSync(file, JSON.stringify(templateOf(whole(newApp())).toJSON()));
    const findings = guardFindings(file).map(({ rule, logicalId }) => `${rule} at ${logicalId}`);
    fs.rmSync(folder, { recursive: true });
    // CT.AUTOSCALING.PR.1 reads AvailabilityZones. A group in a VPC has the zones of its subnets.
    expect(findings).toEqual([
      'autoscaling_multiple_az_check at InstancesGroupASG9A25D793',
      'lambda_inside_vpc_check at InstancesReleaseFunction3814EF1E',
    ]);
  });
});
