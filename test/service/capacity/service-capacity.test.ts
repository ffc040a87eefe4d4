import { App, CfnParameter, Size, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Ec2Capacity } from '../../../src/service/capacity/ec2-capacity';
import { ServiceCapacity } from '../../../src/service/capacity/service-capacity';
import { ExecAccess } from '../../../src/service/exec-access';
import { ServiceCluster } from '../../../src/service/service-cluster';
import { ServiceIngress } from '../../../src/service/service-ingress';
import { newStack, propertiesOf, someVpc, templateOf } from '../../support/app';
import { containerOf, onlyOne, someListener, someService } from '../fargate-fixtures';

const SERVICE = 'AWS::ECS::Service';
const TASK = 'AWS::ECS::TaskDefinition';
const ASSOCIATIONS = 'AWS::ECS::ClusterCapacityProviderAssociations';

let stack: Stack;
beforeEach(() => stack = newStack());

const someCluster = (id = 'Services') => new ServiceCluster(stack, id, {
  vpc: stack.node.tryFindChild('SomeVpc') as ec2.IVpc | undefined ?? someVpc(stack),
});
const someInstances = (cluster: ServiceCluster, instanceType = 'm7i.large') =>
  new Ec2Capacity(stack, 'Instances', { cluster, instanceTypes: [new ec2.InstanceType(instanceType)] });
const dependenciesOf = (type: string) => Object.values(templateOf(stack).findResources(type))[0].DependsOn;
const idOf = (type: string) => Object.keys(templateOf(stack).findResources(type))[0];

describe('fargate', () => {
  test('is the default', () => {
    someService(stack);
    expect(onlyOne(stack, SERVICE).LaunchType).toBe('FARGATE');
    expect(onlyOne(stack, 'AWS::EC2::SecurityGroup').GroupDescription).toBe('Tasks of a Fargate service');
    const template = templateOf(stack).toJSON();
    const other = newStack();
    someService(other, { capacity: ServiceCapacity.fargate() });
    expect(templateOf(other).toJSON()).toEqual(template);
  });
});

describe('fargateSpot', () => {
  test('runs the given number of tasks on Fargate and all others on Spot capacity', () => {
    someService(stack, { capacity: ServiceCapacity.fargateSpot({ onDemandTasks: 2 }) });
    expect(onlyOne(stack, SERVICE).CapacityProviderStrategy).toEqual([
      { CapacityProvider: 'FARGATE', Base: 2, Weight: 0 }, { CapacityProvider: 'FARGATE_SPOT', Weight: 1 },
    ]);
    expect(onlyOne(stack, SERVICE)).not.toHaveProperty('LaunchType');
  });

  test('adds the capacity providers to the cluster, before the service', () => {
    someService(stack, { cluster: someCluster(), capacity: ServiceCapacity.fargateSpot({ onDemandTasks: 1 }) });
    expect(onlyOne(stack, ASSOCIATIONS).CapacityProviders).toEqual(['FARGATE', 'FARGATE_SPOT']);
    expect(dependenciesOf(SERVICE)).toContain(idOf(ASSOCIATIONS));
  });

  test('uses the providers of a cluster for several services', () => {
    const cluster = someCluster();
    someService(stack, { cluster, capacity: ServiceCapacity.fargateSpot({ onDemandTasks: 1 }) });
    someService(stack, { cluster, capacity: ServiceCapacity.fargateSpot({ onDemandTasks: 0 }) }, 'Worker');
    expect(onlyOne(stack, ASSOCIATIONS).CapacityProviders).toEqual(['FARGATE', 'FARGATE_SPOT']);
  });
});

describe('ec2', () => {
  test('runs the tasks on the instances, spread over the zones', () => {
    const cluster = someCluster();
    someService(stack, { cluster, capacity: ServiceCapacity.ec2(someInstances(cluster)) });
    expect(onlyOne(stack, SERVICE)).toMatchObject({
      CapacityProviderStrategy: [{ CapacityProvider: { Ref: idOf('AWS::ECS::CapacityProvider') }, Weight: 1 }],
      PlacementStrategies: [
        { Type: 'spread', Field: 'attribute:ecs.availability-zone' }, { Type: 'binpack', Field: 'MEMORY' },
      ],
      AvailabilityZoneRebalancing: 'ENABLED',
    });
    expect(onlyOne(stack, SERVICE)).not.toHaveProperty('LaunchType');
    expect(onlyOne(stack, SERVICE)).not.toHaveProperty('PlatformVersion');
  });

  test('gives each task its own network interface in the private subnets', () => {
    const cluster = someCluster();
    const service = someService(stack, { cluster, capacity: ServiceCapacity.ec2(someInstances(cluster)) });
    expect(onlyOne(stack, TASK).NetworkMode).toBe('awsvpc');
    const { AwsvpcConfiguration } = onlyOne(stack, SERVICE).NetworkConfiguration;
    expect(AwsvpcConfiguration).toMatchObject({ Subnets: ['subnet-priv1', 'subnet-priv2'] });
    expect(AwsvpcConfiguration.SecurityGroups)
      .toEqual([stack.resolve(service.connections.securityGroups[0].securityGroupId)]);
    expect(AwsvpcConfiguration.AssignPublicIp).not.toBe('ENABLED');
  });

  test('reserves the CPU and the memory of the task', () => {
    const cluster = someCluster();
    const capacity = ServiceCapacity.ec2(someInstances(cluster));
    someService(stack, { cluster, capacity, cpu: 1024, memory: Size.gibibytes(2) });
    expect(onlyOne(stack, TASK)).toMatchObject({ Cpu: '1024', Memory: '2048', RequiresCompatibilities: ['EC2'] });
  });

  test('is in the texts of the service, which do not name Fargate', () => {
    const cluster = someCluster();
    const service = someService(stack, { cluster, capacity: ServiceCapacity.ec2(someInstances(cluster)) });
    const { alarms, notifications } = service.monitoringPlan();
    expect(JSON.stringify([alarms.map(({ description }) => description), notifications])).not.toContain('Fargate');
    const groups = Object.entries(propertiesOf(templateOf(stack), 'AWS::EC2::SecurityGroup'));
    expect(groups.filter(([id]) => id.startsWith('Api')).map(([, { GroupDescription }]) => GroupDescription))
      .toEqual(['Tasks of a service on EC2 instances']);
  });

  test('gives the container the same properties as on Fargate', () => {
    const cluster = someCluster();
    someService(stack, {
      cluster, writablePaths: ['/tmp'], containerPort: 8080, capacity: ServiceCapacity.ec2(someInstances(cluster)),
    });
    const onEc2 = containerOf(stack);
    const other = newStack();
    someService(other, { writablePaths: ['/tmp'], containerPort: 8080 });
    const onFargate = containerOf(other);
    const withoutLog = ({ LogConfiguration, ...rest }: typeof onEc2) => rest;
    expect(withoutLog(onEc2)).toEqual(withoutLog(onFargate));
    expect(onEc2).toMatchObject({ ReadonlyRootFilesystem: true, Privileged: false, User: '1000:1000' });
  });

  test('receives requests through a load balancer, and scales', () => {
    const cluster = someCluster();
    const instances = someInstances(cluster);
    const service = someService(stack, {
      cluster,
      containerPort: 8080,
      capacity: ServiceCapacity.ec2(instances),
      ingress: ServiceIngress.listener(someListener(stack), {}),
    });
    expect(onlyOne(stack, SERVICE).LoadBalancers).toHaveLength(1);
    expect(service.scaling).toBeDefined();
  });

  test('creates the service after its capacity provider belongs to the cluster', () => {
    const cluster = someCluster();
    someService(stack, { cluster, capacity: ServiceCapacity.ec2(someInstances(cluster)) });
    expect(dependenciesOf(SERVICE)).toContain(idOf(ASSOCIATIONS));
  });

  test('runs a service of another stack on the instances', () => {
    const cluster = someCluster();
    const capacity = ServiceCapacity.ec2(someInstances(cluster));
    const other = new Stack(stack.node.root as App, 'Application');
    someService(other, { cluster, capacity });
    expect(Object.values(propertiesOf(templateOf(other), SERVICE))[0].CapacityProviderStrategy).toHaveLength(1);
  });
});


describe('refusals', () => {
  test('instances of another cluster', () => {
    const capacity = ServiceCapacity.ec2(someInstances(someCluster()));
    expect(() => someService(stack, { cluster: someCluster('Others'), capacity })).toThrow(new Error(
      '[Stack/Api] capacity must be instances of the cluster of the service, got the instances of Stack/Instances, '
      + 'which belong to Stack/Services. Pass the cluster of the Ec2Capacity as cluster, or create the service with '
      + 'its addService.'));
  });

  test('another CPU architecture than that of the instances', () => {
    const cluster = someCluster();
    const capacity = ServiceCapacity.ec2(someInstances(cluster, 'm7g.large'));
    expect(() => someService(stack, { cluster, capacity })).toThrow(new Error(
      '[Stack/Api] cpuArchitecture must be that of the instances of Stack/Instances, which is arm64, got X86_64. Set '
      + 'cpuArchitecture and build the image for it, or use another Ec2Capacity.'));
  });

  test('ECS Exec on EC2', () => {
    const cluster = someCluster();
    const capacity = ServiceCapacity.ec2(someInstances(cluster));
    const exec = ExecAccess.audited({ reason: 'first weeks in production' });
    expect(() => someService(stack, { cluster, capacity, exec })).toThrow(new Error(
      '[Stack/Api] exec must be ExecAccess.none with ServiceCapacity.ec2, because the agent of ECS Exec on EC2 needs a '
      + 'writable root file system, got ExecAccess.audited. Leave exec out, or run the service on Fargate.'));
  });

  describe('a task that does not fit on the smallest type', () => {
    const fit = (types: string[], cpu: number, memory: Size) => {
      const cluster = someCluster();
      const instances = new Ec2Capacity(stack, 'Instances', {
        cluster, instanceTypes: types.map((type) => new ec2.InstanceType(type)),
      });
      return () => someService(stack, { cluster, capacity: ServiceCapacity.ec2(instances), cpu, memory });
    };
    const LARGER = 'Lower it, or list larger types only: create one Ec2Capacity for each size of tasks.';

    test.each<[string, string[], number, number, string]>([
      ['by its CPU', ['m7i.large'], 4096, 8192,
        'cpu must be at most 2048, the CPU units of m7i.large, the smallest type of Stack/Instances, got 4096.'],
      ['by its memory', ['c7i.large'], 1024, 4096,
        'memory must be less than the 4096 MiB of c7i.large, the smallest type of Stack/Instances, because the ECS '
        + 'agent and the operating system use a part of it, got 4096 MiB.'],
      ['in a mixed choice', ['m7i.2xlarge', 'm7i.xlarge', 'm6i.large'], 4096, 8192,
        'cpu must be at most 2048, the CPU units of m6i.large, the smallest type of Stack/Instances, got 4096.'],
      ['in a choice of families', ['r7i.large', 'c7i.large'], 2048, 5120,
        'memory must be less than the 4096 MiB of c7i.large, the smallest type of Stack/Instances, because the ECS '
        + 'agent and the operating system use a part of it, got 5120 MiB.'],
    ])('%s', (_, types, cpu, memory, message) => {
      expect(fit(types, cpu, Size.mebibytes(memory))).toThrow(new Error(`[Stack/Api] ${message} ${LARGER}`));
    });

    test.each<[string[], number, number]>([
      [['m7i.large'], 2048, 7168], [['c5n.large'], 2048, 5120], [['r7g.medium'], 1024, 7168],
    ])('but one that fits on %p is accepted', (types, cpu, memory) => {
      const cluster = someCluster();
      const instances = new Ec2Capacity(stack, 'Instances', {
        cluster, instanceTypes: types.map((type) => new ec2.InstanceType(type)),
      });
      const cpuArchitecture = /g\./.test(types[0]) ? ecs.CpuArchitecture.ARM64 : undefined;
      expect(() => someService(stack, {
        cluster, capacity: ServiceCapacity.ec2(instances), cpu, memory: Size.mebibytes(memory), cpuArchitecture,
      })).not.toThrow();
    });

    test('but a size that is known only at deployment is accepted', () => {
      const cpu = new CfnParameter(stack, 'Cpu', { type: 'Number' }).valueAsNumber;
      expect(fit(['m7i.large'], cpu, Size.mebibytes(4096))).not.toThrow();
    });
  });

  test('Spot capacity on a cluster that the app imports', () => {
    const vpc = someVpc(stack);
    const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Existing', { clusterName: 'existing', vpc });
    const capacity = ServiceCapacity.fargateSpot({ onDemandTasks: 1 });
    expect(() => someService(stack, { cluster, capacity })).toThrow(new Error(
      '[Stack/Api] cluster must be a cluster of the app with ServiceCapacity.fargateSpot, because the capacity '
      + 'provider FARGATE_SPOT must belong to the cluster, got Stack/Existing, which the app imports. Use a '
      + 'ServiceCluster, or ServiceCapacity.fargate.'));
  });

  test('a negative number of On-Demand tasks', () => {
    expect(() => someService(stack, { capacity: ServiceCapacity.fargateSpot({ onDemandTasks: -1 }) })).toThrow(
      new Error('[Stack/Api] capacity.onDemandTasks must be an integer from 0 to 5000, got -1. Use an integer in this '
        + 'range.'));
  });
});
