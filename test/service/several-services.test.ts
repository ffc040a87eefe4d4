import { fullDiff } from '@aws-cdk/cloudformation-diff';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { someService } from './fargate-fixtures';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { SecureLoadBalancer } from '../../src/load-balancer/secure-load-balancer';
import { HipaaVpc } from '../../src/network/hipaa-vpc';
import { SecureFargateService } from '../../src/service/secure-fargate-service';
import { SecureFargateServiceProps } from '../../src/service/secure-fargate-service-props';
import { ServiceCluster } from '../../src/service/service-cluster';
import { ServiceIngress } from '../../src/service/service-ingress';
import { ServiceIngressOptions } from '../../src/service/service-ingress-options';
import { newApp, propertiesOf, someVpc, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';

/** The resources that the services share, in the stack of the network or in their own. */
interface Shared {
  readonly vpc: ec2.IVpc;
  readonly entrance: SecureLoadBalancer;
  readonly services: ServiceCluster;
}

type Making = (shared: Shared, stack: Stack) => Partial<SecureFargateServiceProps>;
const from = ({ entrance }: Shared, options: ServiceIngressOptions = {}) =>
  ServiceIngress.loadBalancer(entrance, options);

/** The services by name. */
const MAKING: Record<string, Making> = {
  Api: (shared, stack) => ({
    containerPort: 8080,
    ingress: from(shared, { path: '/api/*', healthCheckPath: '/health' }),
    secrets: {
      PARTNER_KEY: ecs.Secret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(stack, 'Partner', 'partner')),
    },
  }),
  Web: (shared) => ({ containerPort: 3000, ingress: from(shared) }),
  Worker: () => ({ containerPort: 9000 }),
  Admin: (shared) => ({
    containerPort: 8080,
    ingress: from(shared, { path: '/api/admin/*', healthCheckPath: '/admin/health' }),
  }),
};

function share(stack: Stack, vpc: ec2.IVpc): Shared {
  const certificate = acm.Certificate.fromCertificateArn(
    stack,
    'Certificate',
    'arn:aws:acm:us-east-1:111122223333:certificate/1',
  );
  return {
    vpc,
    entrance: new SecureLoadBalancer(stack, 'Entrance', { vpc, endpoint: WebEndpoint.certificate(certificate) }),
    services: new ServiceCluster(stack, 'Services', { vpc }),
  };
}

function make(name: string, shared: Shared, stack: Stack): SecureFargateService {
  return someService(
    stack,
    { vpc: shared.vpc, cluster: shared.services.cluster, ...MAKING[name](shared, stack) },
    name,
  );
}

/** Services in one stack with their shared resources, created in the given order. */
function together(...names: string[]): Stack {
  const stack = new Stack(newApp(), 'Stack');
  const shared = share(stack, someVpc(stack));
  for (const name of names) make(name, shared, stack);
  return stack;
}

/** Each service in its own stack, beside the stack of the network. */
function apart(...names: string[]): App {
  const app = newApp();
  const network = new Stack(app, 'Network');
  const shared = share(network, new HipaaVpc(network, 'Vpc').vpc);
  for (const name of names) make(name, shared, new Stack(app, name));
  return app;
}

const stackOf = (app: App, id: string) => app.node.findChild(id) as Stack;
const THREE = ['Api', 'Web', 'Worker'];
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';

/** The permutations of a list. */
function orders(names: string[]): string[][] {
  return names.length < 2
    ? [names]
    : names.flatMap((first) => orders(names.filter((name) => name !== first)).map((rest) => [first, ...rest]));
}

/** A value for each service, from the resources of a type. */
function byService<T>(
  template: Template,
  type: string,
  value: (properties: ReturnType<typeof propertiesOf>[string]) => T,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(propertiesOf(template, type)).flatMap(([id, properties]) =>
      Object.keys(MAKING)
        .filter((name) => id.startsWith(name))
        .map((name) => [name, value(properties)]),
    ),
  );
}

interface Rule {
  readonly IpProtocol: string;
  readonly FromPort: number;
  readonly ToPort: number;
  readonly CidrIp?: string;
  readonly SourceSecurityGroupId?: unknown;
  readonly DestinationSecurityGroupId?: unknown;
  readonly GroupId?: unknown;
}

/** Every rule of a security group, as `Entrance → Api 8080`. */
function ways(stack: Stack): { in: string[]; out: string[] } {
  const template = templateOf(stack);
  const nameOf = (group: unknown) => /"(\w+?)SecurityGroup/.exec(JSON.stringify(group))?.[1] ?? '?';
  const ports = ({ FromPort, ToPort, IpProtocol }: Rule) =>
    IpProtocol === '-1' ? 'all' : `${IpProtocol} ${FromPort === ToPort ? FromPort : `${FromPort}-${ToPort}`}`;
  const inline = Object.entries(propertiesOf(template, 'AWS::EC2::SecurityGroup')).map(
    ([id, { SecurityGroupIngress, SecurityGroupEgress }]) => ({
      name: nameOf(`"${id}`),
      into: (SecurityGroupIngress ?? []) as Rule[],
      out: (SecurityGroupEgress ?? []) as Rule[],
    }),
  );
  const separate = (type: string) => Object.values(propertiesOf(template, type)) as unknown as Rule[];
  return {
    in: [
      ...inline.flatMap(({ name, into }) => into.map((rule) => `${rule.CidrIp} → ${name} ${ports(rule)}`)),
      ...separate('AWS::EC2::SecurityGroupIngress').map(
        (rule) => `${rule.CidrIp ?? nameOf(rule.SourceSecurityGroupId)} → ${nameOf(rule.GroupId)} ${ports(rule)}`,
      ),
    ].sort(),
    out: [
      ...inline.flatMap(({ name, out }) => out.map((rule) => `${name} → ${rule.CidrIp} ${ports(rule)}`)),
      ...separate('AWS::EC2::SecurityGroupEgress').map(
        (rule) => `${nameOf(rule.GroupId)} → ${nameOf(rule.DestinationSecurityGroupId)} ${ports(rule)}`,
      ),
    ].sort(),
  };
}

describe('api, web and a worker behind one load balancer, on one cluster', () => {
  let stack: Stack;
  let template: Template;
  beforeAll(() => {
    stack = together(...THREE);
    template = templateOf(stack);
  });
  const distinct = (values: unknown[]) => new Set(values.map((value) => JSON.stringify(value))).size;
  const tasks = () => Object.values(propertiesOf(template, 'AWS::ECS::TaskDefinition'));

  test('there is one of each shared resource, and a service for each', () => {
    for (const type of ['AWS::ECS::Cluster', 'AWS::ElasticLoadBalancingV2::LoadBalancer']) {
      template.resourceCountIs(type, 1);
    }
    expect(Object.keys(byService(template, 'AWS::ECS::Service', () => true))).toEqual(THREE);
    const clusters = Object.values(propertiesOf(template, 'AWS::ECS::Service')).map(({ Cluster }) => Cluster);
    expect(clusters).toEqual(THREE.map(() => ({ Ref: Object.keys(template.findResources('AWS::ECS::Cluster'))[0] })));
  });

  test('the api gets what is below its path, the web service the rest', () => {
    expect(
      byService(template, RULE, ({ Priority, Conditions }) => [Priority, Conditions[0].PathPatternConfig.Values]),
    ).toEqual({
      Api: [42880, ['/api/*']],
      Web: [50000, ['/*']],
    });
  });

  test('each has a health check of its own', () => {
    expect(byService(template, TARGET_GROUP, ({ HealthCheckPath, Port }) => [HealthCheckPath, Port])).toEqual({
      Api: ['/health', 8080],
      Web: ['/', 3000],
    });
  });

  test('the worker has no target group, and is told of all the same when it does not run', () => {
    expect(byService(template, 'AWS::ECS::Service', ({ LoadBalancers }) => LoadBalancers.length)).toEqual({
      Api: 1,
      Web: 1,
      Worker: 0,
    });
    const worker = stack.node.findChild('Worker') as SecureFargateService;
    // No alarm on a target group; the test of the service's monitoring lists the alarms.
    const namespaces = worker
      .monitoringPlan()
      .alarms.map(({ metric }) => metric.toMetricConfig().metricStat!.namespace);
    expect([...new Set(namespaces)]).toEqual(['AWS/ECS']);
    expect(worker.monitoringPlan().alarms.map(({ id }) => id)).toContain('NoRunningTask');
  });

  test('the internet reaches the load balancer, which reaches each service at its port alone; nothing reaches the '
    + 'worker, although it has a port', () => {
    expect(ways(stack).in).toEqual([
      '0.0.0.0/0 → Entrance tcp 443',
      '0.0.0.0/0 → Entrance tcp 80',
      'Entrance → Api tcp 8080',
      'Entrance → Web tcp 3000',
    ]);
  });

  test('no service reaches another, and the load balancer nothing but the two', () => {
    expect(ways(stack).out).toEqual([
      'Api → 0.0.0.0/0 tcp 443',
      // A rule to localhost: without an egress rule, EC2 allows all outbound traffic.
      'Entrance → 127.0.0.1/32 all',
      'Entrance → Api tcp 8080',
      'Entrance → Web tcp 3000',
      'Web → 0.0.0.0/0 tcp 443',
      'Worker → 0.0.0.0/0 tcp 443',
    ]);
  });

  test('each has a security group, two roles and a log of its own', () => {
    const groups = Object.values(propertiesOf(template, 'AWS::ECS::Service')).map(
      ({ NetworkConfiguration }) => NetworkConfiguration.AwsvpcConfiguration.SecurityGroups,
    );
    expect(groups.map((group) => group.length)).toEqual([1, 1, 1]);
    expect(distinct(groups)).toBe(3);
    expect(distinct(tasks().flatMap(({ TaskRoleArn, ExecutionRoleArn }) => [TaskRoleArn, ExecutionRoleArn]))).toBe(6);
    expect(
      distinct(
        tasks().map(({ ContainerDefinitions }) => ContainerDefinitions[0].LogConfiguration.Options['awslogs-group']),
      ),
    ).toBe(3);
  });

  test('the secret of one is for no other to read', () => {
    const readers = Object.entries(propertiesOf(template, 'AWS::IAM::ManagedPolicy')).filter(([, policy]) =>
      JSON.stringify(policy).includes('secretsmanager:GetSecretValue'),
    );
    expect(readers.map(([id]) => id)).toEqual([expect.stringMatching(/^ApiExecutionRole/)]);
    expect(readers[0][1].Roles).toEqual([{ Ref: expect.stringMatching(/^ApiExecutionRole/) }]);
  });

  test('the packs have nothing to report', () => {
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('the order in which services are made', () => {
  const first = templateOf(together(...THREE)).toJSON().Resources;

  test.each(orders(THREE).map((order) => [order.join(', '), order] as const))('changes nothing: %s', (_name, order) => {
    expect(templateOf(together(...order)).toJSON().Resources).toEqual(first);
  });

  test.each(orders(['Api', 'Web', 'Admin']).map((order) => [order.join(', '), order] as const))(
    'nor the priorities of three rules, the longest path first: %s',
    (_name, order) => {
      const { Admin, Api, Web } = byService(templateOf(together(...order)), RULE, ({ Priority }) => Priority as number);
      expect([Admin < Api, Api < Web]).toEqual([true, true]);
      expect([Api, Web]).toEqual([42880, 50000]);
    },
  );

  test('nor does it where a priority is explicit', () => {
    const [one, other] = [['Api', 'Web'], ['Web', 'Api']].map((order) => {
      const stack = new Stack(newApp(), 'Stack');
      const shared = share(stack, someVpc(stack));
      const priorities: Record<string, number> = { Api: 20, Web: 10 };
      for (const name of order) {
        someService(
          stack,
          {
            vpc: shared.vpc,
            containerPort: 8080,
            ingress: from(shared, { path: `/${name}/*`, priority: priorities[name] }),
          },
          name,
        );
      }
      return byService(templateOf(stack), RULE, ({ Priority }) => Priority as number);
    });
    expect([one, other]).toEqual([{ Api: 20, Web: 10 }, { Api: 20, Web: 10 }]);
  });
});

/** The changes of an update, by resource. */
function changes(before: Stack, after: Stack): { added: string[]; removed: string[]; touched: string[] } {
  const ids = { added: [] as string[], removed: [] as string[], touched: [] as string[] };
  fullDiff(templateOf(before).toJSON(), templateOf(after).toJSON()).resources.forEachDifference((id, change) => {
    (change.isAddition ? ids.added : change.isRemoval ? ids.removed : ids.touched).push(id);
  });
  return ids;
}

/**
 * The IDs, without hashes, of resources that are not named after the construct. aws-cdk-lib names a link between two
 * resources after the first one.
 */
const foreign = (ids: string[], name: string) =>
  ids.filter((id) => !id.startsWith(name)).map((id) => id.replace(/[0-9A-F]{8,}$/, ''));

describe('adding a service to what is deployed', () => {
  test.each([
    ['Worker', ['Api', 'Web']],
    ['Web', ['Api', 'Worker']],
    ['Api', ['Web', 'Worker']],
    ['Admin', THREE],
  ])('%s: touches nothing that is there', (name, there) => {
    const { added, removed, touched } = changes(together(...there), together(...there, name));
    expect([removed, touched]).toEqual([[], []]);
    expect(added.filter((id) => id.startsWith(name)).length).toBeGreaterThan(8);
    // Only the egress rule of the load balancer to the new service.
    const ofEntrance = name === 'Worker' ? [] : [`EntranceSecurityGrouptoStack${name}SecurityGroup`];
    expect(foreign(added, name)).toEqual(ofEntrance);
  });

  test('nor does taking one away', () => {
    const { added, removed, touched } = changes(together(...THREE, 'Admin'), together(...THREE));
    expect([added, touched]).toEqual([[], []]);
    expect(removed).toEqual(changes(together(...THREE), together(...THREE, 'Admin')).added);
  });

  test('what does touch another is found', () => {
    const moved = new Stack(newApp(), 'Stack');
    const shared = share(moved, someVpc(moved));
    someService(
      moved,
      { vpc: shared.vpc, cluster: shared.services.cluster, containerPort: 3001, ingress: from(shared) },
      'Web',
    );
    const { touched } = changes(together('Web'), moved);
    expect(foreign(touched, 'Entrance')).toEqual(
      expect.arrayContaining(['WebTargetGroup', 'WebTaskDefinition', 'WebService']),
    );
  });

  test('where each has a stack of its own, no resource of another stack changes at all', () => {
    const [before, after] = [apart(...THREE), apart(...THREE, 'Admin')];
    for (const id of ['Network', ...THREE]) {
      expect([id, changes(stackOf(before, id), stackOf(after, id))]).toEqual([
        id,
        { added: [], removed: [], touched: [] },
      ]);
    }
  });
});

describe('services in stacks of their own', () => {
  const app = apart(...THREE);
  const dependencies = (id: string) => stackOf(app, id).dependencies.map(({ node }) => node.id);

  test('wait for the network\'s stack alone, which waits for none: no cycle', () => {
    app.synth();
    expect(THREE.map(dependencies)).toEqual([['Network'], ['Network'], ['Network']]);
    expect(dependencies('Network')).toEqual([]);
  });

  test('bring their rules, target groups and ways with them', () => {
    const count = (id: string, type: string) => Object.keys(templateOf(stackOf(app, id)).findResources(type)).length;
    for (const type of [RULE, TARGET_GROUP, 'AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress']) {
      expect([type, ...THREE.map((id) => count(id, type))]).toEqual([type, 1, 1, 0]);
    }
    expect([RULE, TARGET_GROUP, 'AWS::EC2::SecurityGroupEgress'].map((type) => count('Network', type))).toEqual([
      0, 0, 0,
    ]);
  });

  test('have the priorities that they would have in one stack, in a stage too', () => {
    const stage = new Stage(newApp(), 'Production');
    const network = new Stack(stage, 'Network');
    const shared = share(network, someVpc(network));
    const inStage = ['Web', 'Api'].map((name) => Stack.of(make(name, shared, new Stack(stage, name))));
    const priorityIn = (stack: Stack) => Object.values(propertiesOf(templateOf(stack), RULE))[0].Priority;
    expect(inStage.map(priorityIn)).toEqual([50000, 42880]);
    expect(['Web', 'Api'].map((id) => priorityIn(stackOf(app, id)))).toEqual([50000, 42880]);
  });
});

test('two that want the same path are told so, wherever they stand', () => {
  const app = newApp();
  const network = new Stack(app, 'Network');
  const shared = share(network, someVpc(network));
  make('Web', shared, new Stack(app, 'Web'));
  expect(() =>
    someService(new Stack(app, 'Other'), { vpc: shared.vpc, containerPort: 80, ingress: from(shared, { path: '/*' }) }),
  ).toThrow(
    new Error(
      '[Other/Api] ingress.priority must be different from the priority of Web/Web on the same listener, got 50000. ' +
        'Give the two services different paths or hosts, or give one of them an explicit priority.',
    ),
  );
});
