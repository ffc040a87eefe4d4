import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { tasksGroup } from './network';
import {
  API_FOLDER,
  CERTIFICATE_BUNDLE,
  CLUSTER,
  container,
  CONTAINER_PORT,
  containerLog,
  DATABASE,
  EXAMPLE_FOLDER,
  executionRole,
  expectSame,
  LOG_GROUP,
  migrationContainer,
  migrationTask,
  POSTGRES_PORT,
  REGION,
  SCALABLE,
  SCALING,
  SERVICE,
  service,
  task,
  TARGET_GROUP,
} from './parts';
import { allowing, attribute, granted, only, propertiesOf, ref } from '../../../support/template/reading';

const read = (...parts: string[]) => fs.readFileSync(path.join(EXAMPLE_FOLDER, ...parts), 'utf8');

export function onFargate(template: Template) {
  const { LaunchType, Cluster, TaskDefinition, CapacityProviderStrategy } = service(template);
  expect({ LaunchType, Cluster, TaskDefinition, CapacityProviderStrategy }).toEqual({
    LaunchType: 'FARGATE',
    Cluster: ref(only(template, CLUSTER)),
    TaskDefinition: { Ref: expect.stringMatching(/^ApiTaskDefinition/) },
    CapacityProviderStrategy: undefined,
  });
  for (const each of [task, migrationTask]) expect(each(template).RequiresCompatibilities).toEqual(['FARGATE']);
}

/** The template has no EC2 instance and nothing that creates one. */
export function noInstances(template: Template) {
  const types = Object.values<{ Type: string }>(template.toJSON().Resources).map(({ Type }) => Type);
  expect(
    types.filter((type) =>
      /^AWS::(EC2::(Instance|LaunchTemplate|SpotFleet|EC2Fleet)|AutoScaling::|ECS::.*CapacityProvider|EKS::|Batch::)/.test(
        type,
      ),
    ),
  ).toEqual([]);
  onFargate(template);
}

export function clusterWithoutName(template: Template) {
  expect(propertiesOf(template, CLUSTER, only(template, CLUSTER))).not.toHaveProperty('ClusterName');
}

export function serviceWithoutName(template: Template) {
  expect(service(template)).not.toHaveProperty('ServiceName');
}

/** One to four tasks by the policies. The service has no fixed count, which a deployment would restore. */
export function countIsScaled(template: Template) {
  expect(service(template)).not.toHaveProperty('DesiredCount');
  scales(1, 4)(template);
}

export const scales = (MinCapacity: number, MaxCapacity: number) => (template: Template) => {
  const { ResourceId, ScalableDimension, ServiceNamespace, ...target } = propertiesOf(
    template,
    SCALABLE,
    only(template, SCALABLE),
  );
  expect({ ResourceId, ScalableDimension, ServiceNamespace }).toEqual({
    ResourceId: {
      'Fn::Join': ['', ['service/', ref(only(template, CLUSTER)), '/', attribute(only(template, SERVICE), 'Name')]],
    },
    ScalableDimension: 'ecs:service:DesiredCount',
    ServiceNamespace: 'ecs',
  });
  expect(target).toMatchObject({ MinCapacity, MaxCapacity });
};

export const follows = (metric: 'CPU' | 'Memory', TargetValue: number) => (template: Template) => {
  const policy = only(template, SCALING, {
    ScalingTargetId: ref(only(template, SCALABLE)),
    TargetTrackingScalingPolicyConfiguration: {
      PredefinedMetricSpecification: { PredefinedMetricType: `ECSServiceAverage${metric}Utilization` },
    },
  });
  const { PolicyType, TargetTrackingScalingPolicyConfiguration } = propertiesOf(template, SCALING, policy);
  expect(PolicyType).toBe('TargetTrackingScaling');
  expect(TargetTrackingScalingPolicyConfiguration).toMatchObject({ TargetValue, DisableScaleIn: false });
};

/** CPU and memory, and nothing else, scale the service. */
export function scalesByLoad(template: Template) {
  scales(1, 4)(template);
  follows('CPU', 70)(template);
  follows('Memory', 80)(template);
  template.resourceCountIs(SCALING, 2);
}

export function ownNetworkInterface(template: Template) {
  expect(task(template).NetworkMode).toBe('awsvpc');
  tasksGroup(template);
}

export function rollsWithoutGap(template: Template) {
  const { DeploymentController, DeploymentConfiguration } = service(template);
  expect(DeploymentController?.Type ?? 'ECS').toBe('ECS');
  expect(DeploymentConfiguration.Strategy ?? 'ROLLING').toBe('ROLLING');
  expect(DeploymentConfiguration).toMatchObject({ MinimumHealthyPercent: 100, MaximumPercent: 200 });
}

export function circuitBreaker(template: Template) {
  expect(service(template).DeploymentConfiguration.DeploymentCircuitBreaker).toEqual({ Enable: true, Rollback: true });
}

export function halfAProcessor(template: Template) {
  expect(task(template).Cpu).toBe('512');
}

export function oneGigabyte(template: Template) {
  expect(task(template).Memory).toBe('1024');
  expect(container(template).Memory).toBe(1024);
}

export function nodeProgram(template: Template) {
  // The image sets the command.
  expect(container(template)).not.toHaveProperty('Command');
  expect(container(template)).not.toHaveProperty('EntryPoint');
  expect(read('api', 'Dockerfile')).toMatch(/^FROM \S+\/node:24-/m);
  expect(read('api', 'Dockerfile')).toMatch(/^CMD \["node", "server.js"\]$/m);
  expect(migrationContainer(template).Command).toEqual(['node', 'migrate.js']);
  expect(JSON.parse(read('api', 'package.json')).dependencies).toHaveProperty('express');
}

/** The load balancer checks the program, and ECS replaces an unhealthy task. */
export function health(template: Template) {
  const targets = only(template, TARGET_GROUP, {
    HealthCheckPath: '/health',
    HealthCheckIntervalSeconds: 30,
    Matcher: { HttpCode: '200-299' },
  });
  const { Name } = container(template);
  expect(service(template).LoadBalancers).toEqual([
    { ContainerName: Name, ContainerPort: CONTAINER_PORT, TargetGroupArn: ref(targets) },
  ]);
  expect(propertiesOf(template, TARGET_GROUP, targets).HealthCheckEnabled ?? true).toBe(true);
  expect(read('api', 'server.js')).toContain("app.get('/health'");
}

/** A container health check would need a program in the image. */
export function healthFromOutside(template: Template) {
  health(template);
  expect(container(template)).not.toHaveProperty('HealthCheck');
}

export function healthIsShallow(template: Template) {
  health(template);
  const [line, ...more] = read('api', 'server.js').split('\n').filter((each) => each.includes("'/health'"));
  expect(more).toEqual([]);
  expect(line).toMatch(/=> response\.json\(.*\);$/);
  expect(line).not.toMatch(/await|database/);
}

export function logsToCloudWatch(template: Template) {
  const { LogDriver, Options } = container(template).LogConfiguration;
  expect({ LogDriver, region: Options['awslogs-region'] }).toEqual({ LogDriver: 'awslogs', region: REGION });
  expect(propertiesOf(template, LOG_GROUP, containerLog(template))).not.toHaveProperty('LogGroupName');
  expect(allowing(granted(template, executionRole(template)), 'logs:PutLogEvents')).toEqual([
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: attribute(containerLog(template), 'Arn'),
    },
  ]);
}

const variable = (template: Template, wanted: string) =>
  container(template)
    .Environment.filter(({ Name }: { Name: string }) => Name === wanted)
    .map(({ Value }: { Value: unknown }) => Value);

export const setsVariable = (name: string, value: unknown) => (template: Template) => {
  expect(variable(template, name)).toEqual([value]);
};

/** Exactly these variables, some of which pg reads. None of them is secret. */
export function plainVariables(template: Template) {
  const ofDatabase = [
    { Name: 'PGHOST', Value: attribute(only(template, DATABASE), 'Endpoint.Address') },
    { Name: 'PGPORT', Value: String(POSTGRES_PORT) },
    { Name: 'PGDATABASE', Value: 'karematch' },
    { Name: 'PGSSLMODE', Value: 'verify-full' },
    { Name: 'PGSSLROOTCERT', Value: CERTIFICATE_BUNDLE },
  ];
  expectSame(container(template).Environment, [
    { Name: 'NODE_ENV', Value: 'production' },
    { Name: 'PORT', Value: String(CONTAINER_PORT) },
    { Name: 'AWS_REGION', Value: REGION },
    ...ofDatabase,
  ]);
  expectSame(migrationContainer(template).Environment, ofDatabase);
  for (const each of [container, migrationContainer]) expect(each(template)).not.toHaveProperty('EnvironmentFiles');
}

/** Both programs verify the server with the certificate bundle of their image. api.server.ts runs them. */
export function verifiesTheDatabase(template: Template) {
  expect(migrationContainer(template).Environment).toEqual(expect.arrayContaining([
    { Name: 'PGSSLMODE', Value: 'verify-full' },
    { Name: 'PGSSLROOTCERT', Value: CERTIFICATE_BUNDLE },
  ]));
  setsVariable('PGSSLMODE', 'verify-full')(template);
  setsVariable('PGSSLROOTCERT', CERTIFICATE_BUNDLE)(template);
  expect(read('api', 'Dockerfile')).toMatch(
    new RegExp(
      `^ADD .*truststore\\.pki\\.rds\\.amazonaws\\.com/global/global-bundle\\.pem ${CERTIFICATE_BUNDLE}$`,
      'm',
    ),
  );
  expect(read('api', 'database.js')).toContain('ssl: { ca: fs.readFileSync(process.env.PGSSLROOTCERT)');
  expect(read('api', 'server.js')).toContain('new Pool(connection)');
  expect(read('api', 'migrate.js')).toContain('new Client(connection)');
}

/** The program itself serves TLS. */
export function programSpeaksHttps() {
  expect(fs.readFileSync(path.join(API_FOLDER, 'server.js'), 'utf8')).toMatch(
    /https\.createServer\(\{[^}]*minVersion: 'TLSv1\.2'/,
  );
}

/** The size of a task is set once, so a change is one edit. */
export const saidOnce = (line: string, proof: (template: Template) => void) => (template: Template) => {
  expect(read('karematch-stack.ts').split(line)).toHaveLength(2);
  proof(template);
};
