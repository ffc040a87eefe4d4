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

/** The resources that the services share, in the stack of the network or in the stack of the services. */
interface Shared {
  readonly vpc: ec2.IVpc;
  readonly loadBalancer: SecureLoadBalancer;
  readonly services: ServiceCluster;
}

type PropsFactory = (shared: Shared, stack: Stack) => Partial<SecureFargateServiceProps>;
const from = ({ loadBalancer }: Shared, options: ServiceIngressOptions = {}) =>
  ServiceIngress.loadBalancer(loadBalancer, options);

/** The services by name. */
const SERVICE_PROPS: Record<string, PropsFactory> = {
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

function createShared(stack: Stack, vpc: ec2.IVpc): Shared {
  const certificate = acm.Certificate.fromCertificateArn(
    stack,
    'Certificate',
    'arn:aws:acm:us-east-1:111122223333:certificate/1',
  );
  return {
    vpc,
    loadBalancer: new SecureLoadBalancer(stack, 'Entrance', { vpc, endpoint: WebEndpoint.certificate(certificate) }),
    services: new ServiceCluster(stack, 'Services', { vpc }),
  };
}

function createService(name: string, shared: Shared, stack: Stack): SecureFargateService {
  return someService(
    stack,
    { vpc: shared.vpc, cluster: shared.services.cluster, ...SERVICE_PROPS[name](shared, stack) },
    name,
  );
}

/** Creates services and their shared resources in one stack, in the given order. */
function inOneStack(...names: string[]): Stack {
  const stack = new Stack(newApp(), 'Stack');
  const shared = createShared(stack, someVpc(stack));
  for (const name of names) createService(name, shared, stack);
  return stack;
}

/** Creates each service in its own stack, next to the stack of the network. */
function inSeparateStacks(...names: string[]): App {
  const app = newApp();
  const network = new Stack(app, 'Network');
  const shared = createShared(network, new HipaaVpc(network, 'Vpc').vpc);
  for (const name of names) createService(name, shared, new Stack(app, name));
  return app;
}

const stackOf = (app: App, id: string) => app.node.findChild(id) as Stack;
const THREE = ['Api', 'Web', 'Worker'];
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';

/** The permutations of a list. */
function permutations(names: string[]): string[][] {
  return names.length < 2
    ? [names]
    : names.flatMap((first) => permutations(names.filter((name) => name !== first)).map((rest) => [first, ...rest]));
}

/** A value for each service, from the resources of a type. */
function byService<T>(
  template: Template,
  type: string,
  value: (properties: ReturnType<typeof propertiesOf>[string]) => T,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(propertiesOf(template, type)).flatMap(([id, properties]) =>
      Object.keys(SERVICE_PROPS)
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

/** The rules of all security groups, as `Entrance → Api 8080`. */
function securityGroupRules(stack: Stack): { in: string[]; out: string[] } {
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

describe('an API, a web service and a worker with one load balancer and one cluster', () => {
  let stack: Stack;
  let template: Template;
  beforeAll(() => {
    stack = inOneStack(...THREE);
    template = templateOf(stack);
  });
  const distinct = (values: unknown[]) => new Set(values.map((value) => JSON.stringify(value))).size;
  const tasks = () => Object.values(propertiesOf(template, 'AWS::ECS::TaskDefinition'));

  test('share one resource of each type and have a service each', () => {
    for (const type of ['AWS::ECS::Cluster', 'AWS::ElasticLoadBalancingV2::LoadBalancer']) {
      template.resourceCountIs(type, 1);
    }
    expect(Object.keys(byService(template, 'AWS::ECS::Service', () => true))).toEqual(THREE);
    const clusters = Object.values(propertiesOf(template, 'AWS::ECS::Service')).map(({ Cluster }) => Cluster);
    expect(clusters).toEqual(THREE.map(() => ({ Ref: Object.keys(template.findResources('AWS::ECS::Cluster'))[0] })));
  });

  test('divide the requests: the API gets its path, and the web service gets the rest', () => {
    expect(
      byService(template, RULE, ({ Priority, Conditions }) => [Priority, Conditions[0].PathPatternConfig.Values]),
    ).toEqual({
      Api: [44229, ['/api/*']],
      Web: [50000, ['/*']],
    });
  });

  test('have separate health checks', () => {
    expect(byService(template, TARGET_GROUP, ({ HealthCheckPath }) => HealthCheckPath)).toEqual({
      Api: '/health',
      Web: '/',
    });
    expect(byService(template, 'AWS::ECS::Service', ({ LoadBalancers }) => LoadBalancers[0]?.ContainerPort)).toEqual({
      Api: 8080,
      Web: 3000,
    });
  });

  test('include a worker without a target group and with an alarm on running tasks', () => {
    expect(byService(template, 'AWS::ECS::Service', ({ LoadBalancers }) => LoadBalancers.length)).toEqual({
      Api: 1,
      Web: 1,
      Worker: 0,
    });
    const worker = stack.node.findChild('Worker') as SecureFargateService;
    // No alarm uses a target group. The test of the service monitoring lists the alarms.
    const namespaces = worker
      .monitoringPlan()
      .alarms.map(({ metric }) => metric.toMetricConfig().metricStat!.namespace);
    expect([...new Set(namespaces)]).toEqual(['AWS/ECS']);
    expect(worker.monitoringPlan().alarms.map(({ id }) => id)).toContain('NoRunningTask');
  });

  test('are reachable only from the load balancer at their ports, and the worker is not reachable although it has a '
    + 'port', () => {
    expect(securityGroupRules(stack).in).toEqual([
      '0.0.0.0/0 → Entrance tcp 443',
      '0.0.0.0/0 → Entrance tcp 80',
      'Entrance → Api tcp 8080',
      'Entrance → Web tcp 3000',
    ]);
  });

  test('cannot reach each other, and the load balancer can reach only the two services', () => {
    expect(securityGroupRules(stack).out).toEqual([
      'Api → 0.0.0.0/0 tcp 443',
      // A rule for localhost. Without an egress rule, EC2 allows all outbound traffic.
      'Entrance → 127.0.0.1/32 all',
      'Entrance → Api tcp 8080',
      'Entrance → Web tcp 3000',
      'Web → 0.0.0.0/0 tcp 443',
      'Worker → 0.0.0.0/0 tcp 443',
    ]);
  });

  test('have separate security groups, roles and logs', () => {
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

  test('cannot read the secrets of other services', () => {
    const readers = Object.entries(propertiesOf(template, 'AWS::IAM::ManagedPolicy')).filter(([, policy]) =>
      JSON.stringify(policy).includes('secretsmanager:GetSecretValue'),
    );
    expect(readers.map(([id]) => id)).toEqual([expect.stringMatching(/^ApiExecutionRole/)]);
    expect(readers[0][1].Roles).toEqual([{ Ref: expect.stringMatching(/^ApiExecutionRole/) }]);
  });

  test('have no rule-pack findings', () => {
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('the order of creation', () => {
  const first = templateOf(inOneStack(...THREE)).toJSON().Resources;

  test.each(permutations(THREE).map((order) => [order.join(', '), order] as const))('does not change the '
    + 'template: %s', (_name, order) => {
    expect(templateOf(inOneStack(...order)).toJSON().Resources).toEqual(first);
  });

  test.each(permutations(['Api', 'Web', 'Admin']).map((order) => [order.join(', '), order] as const))(
    'does not change the priorities of three rules, the longest path first: %s',
    (_name, order) => {
      const template = templateOf(inOneStack(...order));
      const { Admin, Api, Web } = byService(template, RULE, ({ Priority }) => Priority as number);
      expect([Admin < Api, Api < Web]).toEqual([true, true]);
      expect([Api, Web]).toEqual([44229, 50000]);
    },
  );

  test('does not change explicit priorities', () => {
    const [one, other] = [['Api', 'Web'], ['Web', 'Api']].map((order) => {
      const stack = new Stack(newApp(), 'Stack');
      const shared = createShared(stack, someVpc(stack));
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
function changes(before: Stack, after: Stack): { added: string[]; removed: string[]; changed: string[] } {
  const ids = { added: [] as string[], removed: [] as string[], changed: [] as string[] };
  fullDiff(templateOf(before).toJSON(), templateOf(after).toJSON()).resources.forEachDifference((id, change) => {
    (change.isAddition ? ids.added : change.isRemoval ? ids.removed : ids.changed).push(id);
  });
  return ids;
}

/**
 * The IDs, without hashes, of resources whose IDs do not start with the ID of the construct. aws-cdk-lib names a link
 * between two resources after the first one.
 */
const foreign = (ids: string[], name: string) =>
  ids.filter((id) => !id.startsWith(name)).map((id) => id.replace(/[0-9A-F]{8,}$/, ''));

describe('adding a service to a deployed stack', () => {
  test.each([
    ['Worker', ['Api', 'Web']],
    ['Web', ['Api', 'Worker']],
    ['Api', ['Web', 'Worker']],
    ['Admin', THREE],
  ])('changes no existing resource for %s', (name, there) => {
    const { added, removed, changed } = changes(inOneStack(...there), inOneStack(...there, name));
    expect([removed, changed]).toEqual([[], []]);
    expect(added.filter((id) => id.startsWith(name)).length).toBeGreaterThan(8);
    // The egress rule of the load balancer to the new service is the only one.
    const ofLoadBalancer = name === 'Worker' ? [] : [`EntranceSecurityGrouptoStack${name}SecurityGroup`];
    expect(foreign(added, name)).toEqual(ofLoadBalancer);
  });

  test('changes no other resource when the service is removed again', () => {
    const { added, removed, changed } = changes(inOneStack(...THREE, 'Admin'), inOneStack(...THREE));
    expect([added, changed]).toEqual([[], []]);
    expect(removed).toEqual(changes(inOneStack(...THREE), inOneStack(...THREE, 'Admin')).added);
  });

  test('is compared by a helper that detects changes', () => {
    const moved = new Stack(newApp(), 'Stack');
    const shared = createShared(moved, someVpc(moved));
    someService(
      moved,
      {
        vpc: shared.vpc,
        cluster: shared.services.cluster,
        containerPort: 3001,
        ingress: from(shared, { healthCheckPath: '/health' }),
      },
      'Web',
    );
    const { changed } = changes(inOneStack('Web'), moved);
    expect(foreign(changed, 'Entrance')).toEqual(
      expect.arrayContaining(['WebTargetGroup', 'WebTaskDefinition', 'WebService']),
    );
  });

  test('changes no resource of another stack if each service has its own stack', () => {
    const [before, after] = [inSeparateStacks(...THREE), inSeparateStacks(...THREE, 'Admin')];
    for (const id of ['Network', ...THREE]) {
      expect([id, changes(stackOf(before, id), stackOf(after, id))]).toEqual([
        id,
        { added: [], removed: [], changed: [] },
      ]);
    }
  });
});

describe('services in their own stacks', () => {
  const app = inSeparateStacks(...THREE);
  const dependencies = (id: string) => stackOf(app, id).dependencies.map(({ node }) => node.id);

  test('depend only on the stack of the network, without a cycle', () => {
    app.synth();
    expect(THREE.map(dependencies)).toEqual([['Network'], ['Network'], ['Network']]);
    expect(dependencies('Network')).toEqual([]);
  });

  test('include their rules, target groups and security group rules', () => {
    const count = (id: string, type: string) => Object.keys(templateOf(stackOf(app, id)).findResources(type)).length;
    for (const type of [RULE, TARGET_GROUP, 'AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress']) {
      expect([type, ...THREE.map((id) => count(id, type))]).toEqual([type, 1, 1, 0]);
    }
    expect([RULE, TARGET_GROUP, 'AWS::EC2::SecurityGroupEgress'].map((type) => count('Network', type))).toEqual([
      0, 0, 0,
    ]);
  });

  test('have the same priorities as in one stack, also in a stage', () => {
    const stage = new Stage(newApp(), 'Production');
    const network = new Stack(stage, 'Network');
    const shared = createShared(network, someVpc(network));
    const inStage = ['Web', 'Api'].map((name) => Stack.of(createService(name, shared, new Stack(stage, name))));
    const priorityIn = (stack: Stack) => Object.values(propertiesOf(templateOf(stack), RULE))[0].Priority;
    expect(inStage.map(priorityIn)).toEqual([50000, 44229]);
    expect(['Web', 'Api'].map((id) => priorityIn(stackOf(app, id)))).toEqual([50000, 44229]);
  });
});

test('two services with the same path are refused, also in different stacks', () => {
  const app = newApp();
  const network = new Stack(app, 'Network');
  const shared = createShared(network, someVpc(network));
  createService('Web', shared, new Stack(app, 'Web'));
  expect(() =>
    someService(new Stack(app, 'Other'), { vpc: shared.vpc, containerPort: 80, ingress: from(shared, { path: '/*' }) }),
  ).toThrow(
    new Error(
      '[Other/Api] ingress must be for a path or host that differs from those of Web/Web on the same listener, got '
        + "path '/*'. Give the two services different paths or hosts; only the one with the lower priority receives "
        + 'requests.',
    ),
  );
});
