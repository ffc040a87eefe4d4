import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import {
  EncryptedDatabaseInstance, HardenedRepository, SecureFargateService, SecureLoadBalancer,
  ServiceCluster, ServiceIngress, StaticSiteCdn, WebEndpoint, WorkloadMonitoring,
} from '../src';
import { newApp, propertiesOf, someVpc } from './support/app';
import { deployed } from './support/quotas';
import { things } from './support/shapes';
import { MAX_POLICIES } from '../src/blocks/attached-policies';
import { MAX_POLICY_LENGTH } from '../src/blocks/policy-set';
import { DEFAULT_RULE_QUOTA, RULE_QUOTA } from '../src/core/security-group-size';
import { MAX_RESOURCES, MAX_TEMPLATE_BYTES } from '../src/core/stack-size';
import { MAX_METRICS, MAX_METRICS_OF_A_WIDGET, MAX_WIDGETS } from '../src/monitoring/dashboard-size';
import { MAX_SERVICES } from '../src/service/listener-priority';

const ENV = { account: '111122223333', region: 'us-east-1' };
const SIZES = [1, 10, 20, 50];
/** The number of services in one stack. */
const OF_A_STACK = 10;
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MAX_OUTPUTS = 200;
/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MAX_EVENT_RULES = 300;
const MAX_TARGETS = 5;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const MAX_METRICS_OF_AN_ALARM = 10;
/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const MAX_BEHAVIORS = 75;

/** Services behind one load balancer that use one database and are watched, ten in a stack. */
function withServices(count: number, context = {}): { app: App; stacks: Stack[]; base: Stack } {
  const app = newApp(context);
  const base = new Stack(app, 'Base', { env: ENV });
  const { certificate } = things(base);
  const vpc = someVpc(base);
  const { cluster, encryptionKey } = new ServiceCluster(base, 'Cluster', { vpc });
  const entrance = new SecureLoadBalancer(base, 'Entrance', { vpc, endpoint: WebEndpoint.certificate(certificate) });
  const database = new EncryptedDatabaseInstance(base, 'Database', {
    vpc, engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_13 }),
  });
  const stacks = [base];
  for (let index = 0; index < count; index++) {
    if (index % OF_A_STACK === 0) {
      stacks.push(new Stack(app, `Part${index / OF_A_STACK}`, { env: ENV }));
      new WorkloadMonitoring(stacks.at(-1)!, 'Monitoring', { email: 'oncall@example.com' });
    }
    const stack = stacks.at(-1)!;
    const service = new SecureFargateService(stack, `Api${index}`, {
      cluster,
      encryptionKey,
      containerPort: 8080,
      uses: [database],
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3'),
      ingress: ServiceIngress.loadBalancer(entrance, { path: `/service${index}/*` }),
    });
    (stack.node.findChild('Monitoring') as WorkloadMonitoring).watch(service);
  }
  return { app, stacks, base };
}

const all = (templates: Template[], type: string) =>
  templates.flatMap((template) => Object.values(propertiesOf(template, type)));

/** The number of values by the text of a key. */
function largest<T>(values: T[], key: (value: T) => unknown): number {
  const counts = new Map<string, number>();
  for (const value of values) {
    const text = JSON.stringify(key(value));
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

describe.each(SIZES)('%d services of one load balancer and one database', (count) => {
  const { app, stacks } = withServices(count);
  const assembly = app.synth();
  const templates = stacks.map((stack) => Template.fromJSON(assembly.getStackArtifact(stack.artifactId).template));

  test('are below the quotas of CloudFormation', () => {
    for (const template of templates) {
      const { Resources, Outputs = {}, Parameters = {} } = template.toJSON();
      expect(Object.keys(Resources).length).toBeLessThanOrEqual(MAX_RESOURCES);
      expect(Object.keys(Outputs).length).toBeLessThanOrEqual(MAX_OUTPUTS);
      expect(Object.keys(Parameters).length).toBeLessThanOrEqual(MAX_OUTPUTS);
      expect(JSON.stringify(template.toJSON(), undefined, 1).length).toBeLessThanOrEqual(MAX_TEMPLATE_BYTES);
    }
  });

  test('are below the quotas of the load balancer', () => {
    const rules = all(templates, 'AWS::ElasticLoadBalancingV2::ListenerRule');
    expect(rules).toHaveLength(count);
    expect(rules.length).toBeLessThanOrEqual(MAX_SERVICES);
    expect(new Set(rules.map(({ Priority }) => Priority)).size).toBe(count);
  });

  test('are below the quota of rules of a security group', () => {
    const inbound = all(templates, 'AWS::EC2::SecurityGroupIngress');
    const outbound = all(templates, 'AWS::EC2::SecurityGroupEgress');
    expect(largest(inbound, ({ GroupId }) => GroupId)).toBeGreaterThanOrEqual(count);
    expect(largest(outbound, ({ GroupId }) => GroupId)).toBeLessThanOrEqual(DEFAULT_RULE_QUOTA);
    expect(largest(inbound, ({ GroupId }) => GroupId)).toBeLessThanOrEqual(DEFAULT_RULE_QUOTA);
  });

  test('are below the quotas of EventBridge and CloudWatch', () => {
    const rules = all(templates, 'AWS::Events::Rule');
    expect(rules.length).toBeLessThanOrEqual(MAX_EVENT_RULES);
    rules.forEach(({ Targets = [] }) => expect(Targets.length).toBeLessThanOrEqual(MAX_TARGETS));
    for (const { Metrics = [] } of all(templates, 'AWS::CloudWatch::Alarm')) {
      const read = Metrics.filter(({ MetricStat }: { MetricStat?: unknown }) => MetricStat);
      expect(read.length).toBeLessThanOrEqual(MAX_METRICS_OF_AN_ALARM);
    }
    for (const { DashboardBody } of all(templates, 'AWS::CloudWatch::Dashboard')) {
      const text = JSON.stringify(DashboardBody);
      expect(text.split('\\"type\\":\\"').length - 1).toBeLessThanOrEqual(MAX_WIDGETS);
    }
  });

  test('are below the quotas of IAM', () => {
    const policies = all(templates, 'AWS::IAM::ManagedPolicy');
    expect(largest(policies, ({ Roles }) => Roles)).toBeLessThanOrEqual(MAX_POLICIES);
    policies.forEach(({ PolicyDocument }) =>
      expect(JSON.stringify(PolicyDocument).length).toBeLessThanOrEqual(MAX_POLICY_LENGTH));
  });
});

test('a security group with more rules than the quota is refused with the name of the quota', () => {
  const { app } = withServices(DEFAULT_RULE_QUOTA + 1);
  // A security group without an inline outbound rule has the one of aws-cdk-lib that matches nothing.
  // The function of the users is a client of the database too.
  const message = (path: string, direction: string) =>
    `[Base/${path}/SecurityGroup/Resource] the ${direction} rules must be at most 60 (the quota "Inbound or outbound `
      + 'rules per security group"), got 62. Connect fewer services to this resource. If the account has a higher '
      + 'quota, set the context value cdk-hipaa:securityGroupRules to it.';
  expect(() => app.synth()).toThrow(message('Database', 'inbound'));
  expect(() => app.synth()).toThrow(message('Entrance', 'outbound'));
  // The CDK CLI passes a text.
  const { app: raised } = withServices(DEFAULT_RULE_QUOTA + 1, { [RULE_QUOTA]: '100' });
  expect(() => raised.synth()).not.toThrow();
});

test('59 services are accepted', () => {
  const { app } = withServices(DEFAULT_RULE_QUOTA - 1);
  expect(() => app.synth()).not.toThrow();
});

test('inline rules count, except for IPv6, which has a quota of its own', () => {
  const stack = new Stack(newApp(), 'Stack');
  new HardenedRepository(stack, 'Images');
  const group = new ec2.SecurityGroup(stack, 'Group', { vpc: someVpc(stack), allowAllOutbound: false });
  for (let index = 0; index < 60; index++) {
    group.addIngressRule(ec2.Peer.ipv4(`10.0.${index}.0/24`), ec2.Port.HTTPS);
    group.addIngressRule(ec2.Peer.ipv6(`2001:db8:${index}::/48`), ec2.Port.HTTPS);
  }
  expect(() => Template.fromStack(stack)).not.toThrow();
});

test.each([undefined, 'many', '0', 60])('61 inline rules are refused with the quota %j in the context', (quota) => {
  const stack = new Stack(newApp({ [RULE_QUOTA]: quota }), 'Stack');
  new HardenedRepository(stack, 'Images');
  const group = new ec2.SecurityGroup(stack, 'Group', { vpc: someVpc(stack), allowAllOutbound: false });
  for (let index = 0; index < 61; index++) group.addIngressRule(ec2.Peer.ipv4(`10.0.${index}.0/24`), ec2.Port.HTTPS);
  expect(() => Template.fromStack(stack)).toThrow('the inbound rules must be at most 60 (the quota "Inbound');
});

test.each(SIZES)('a role with %d database users and repositories has policies below the quotas of IAM', (count) => {
  const stack = new Stack(newApp(), 'Stack', { env: ENV });
  const database = new EncryptedDatabaseInstance(stack, 'Database', {
    vpc: someVpc(stack), engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_13 }),
  });
  const role = new iam.Role(stack, 'Analysts', { assumedBy: new iam.AccountRootPrincipal() });
  for (let index = 0; index < count; index++) {
    database.grantConnect(role, `analyst${index}`);
    new HardenedRepository(stack, `Images${index}`).grantPush(role);
  }
  const template = Template.fromStack(stack);
  const ofRole = all([template], 'AWS::IAM::ManagedPolicy')
    .filter(({ Roles }) => JSON.stringify(Roles).includes('Analysts'));
  expect(ofRole.length).toBeGreaterThan(0);
  expect(ofRole.length).toBeLessThanOrEqual(MAX_POLICIES);
  for (const { PolicyDocument } of ofRole) {
    expect(deployed(template, PolicyDocument).length).toBeLessThanOrEqual(MAX_POLICY_LENGTH);
  }
  template.resourceCountIs('AWS::IAM::Policy', 0);
});

test.each([1, 10, 20])('a site with %d paths of an API is below the quota of cache behaviors', (count) => {
  const stack = new Stack(newApp(), 'Stack', { env: ENV });
  new StaticSiteCdn(stack, 'Site', {
    api: { domainName: 'api.example.com', paths: Array.from({ length: count }, (_, index) => `/api${index}/*`) },
    immutablePaths: Array.from({ length: count }, (_, index) => `/assets${index}/*`),
  });
  const [{ DistributionConfig }] = all([Template.fromStack(stack)], 'AWS::CloudFront::Distribution');
  expect(DistributionConfig.CacheBehaviors).toHaveLength(2 * count);
  expect(DistributionConfig.CacheBehaviors.length).toBeLessThanOrEqual(MAX_BEHAVIORS);
  expect(DistributionConfig.Origins).toHaveLength(2);
});

test('the quotas of a dashboard are those of CloudWatch', () => {
  expect([MAX_WIDGETS, MAX_METRICS, MAX_METRICS_OF_A_WIDGET]).toEqual([500, 2_500, 500]);
});
