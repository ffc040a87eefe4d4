import { Template } from 'aws-cdk-lib/assertions';
import { accessIsLogged as connectionsAreLogged } from './database';
import { groups } from './network';
import {
  CLUSTER, container, CONTAINER_PORT, containerLog, executionRole, LOG_GROUP, MIGRATION, migration, read, SCALABLE,
  SERVICE, service, TARGET_GROUP, task, TASK,
} from './parts';
import { accessIsLogged as requestsForReportsAreLogged } from './storage';
import { above, fires, of, quiet } from '../../../support/template/alarms';
import { countsLines } from '../../../support/template/log-metrics';
import {
  allowing, attribute, granted, only, propertiesOf, ref, rotatingKeys, text,
} from '../../../support/template/reading';
import { scalesService, tracks } from '../../../support/template/scaling';

export function onFargate(template: Template) {
  const { LaunchType, Cluster } = service(template);
  expect({ LaunchType, Cluster }).toEqual({ LaunchType: 'FARGATE', Cluster: ref(only(template, CLUSTER)) });
  expect(task(template).RequiresCompatibilities).toEqual(['FARGATE']);
}

export function cpu(template: Template) {
  expect(task(template).Cpu).toBe('512');
}

export function memory(template: Template) {
  expect(task(template).Memory).toBe('1024');
  expect(container(template).Memory).toBe(1024);
}

/** Two to six tasks. The service has no fixed count, which a deployment would restore. */
export function twoTasks(template: Template) {
  expect(service(template)).not.toHaveProperty('DesiredCount');
  expect(propertiesOf(template, SCALABLE, only(template, SCALABLE))).toMatchObject({ MinCapacity: 2, MaxCapacity: 6 });
}

/** CPU and memory scale the service. */
export function scales(template: Template) {
  twoTasks(template);
  for (const [metric, TargetValue] of [['CPU', 70], ['Memory', 80]]) {
    tracks(template, only(template, SCALABLE), {
      TargetValue, PredefinedMetricSpecification: { PredefinedMetricType: `ECSServiceAverage${metric}Utilization` },
    });
  }
  scalesService(template, only(template, SCALABLE), only(template, SERVICE));
}

export function onFargateWithScaling(template: Template) {
  onFargate(template);
  hardened(template);
  scales(template);
}

/** The load balancer checks each task over HTTPS. */
export function health(template: Template) {
  const targets = only(template, TARGET_GROUP, { HealthCheckPath: '/healthz', HealthCheckProtocol: 'HTTPS' });
  const group = propertiesOf(template, TARGET_GROUP, targets);
  expect({ HealthCheckEnabled: true, ...group }).toMatchObject({
    TargetType: 'ip',
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: 15,
    HealthCheckTimeoutSeconds: 5,
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 3,
    Matcher: { HttpCode: '200-299' },
  });
  expect(service(template).LoadBalancers).toEqual([
    { ContainerName: container(template).Name, ContainerPort: CONTAINER_PORT, TargetGroupArn: ref(targets) },
  ]);
  expect(read('api/app.js')).toContain("path === '/healthz'");
}

/** ECS runs the check of the image too, and replaces a task that fails it. */
export function containerHealth(template: Template) {
  expect(container(template)).toMatchObject({
    Essential: true,
    HealthCheck: {
      Command: ['CMD', 'node', 'healthcheck.js'], Interval: 30, Timeout: 5, Retries: 3, StartPeriod: 10,
    },
  });
  expect(read('api/Dockerfile')).toMatch(/^HEALTHCHECK .* CMD \["node", "healthcheck.js"\]$/m);
}

/** The output of the container goes to an encrypted log group with one stream for each task. */
export function logs(template: Template) {
  const { LogDriver, Options } = container(template).LogConfiguration;
  expect(LogDriver).toBe('awslogs');
  expect(Options['awslogs-stream-prefix']).toBe('service');
  expect(rotatingKeys(template)).toContainEqual(propertiesOf(template, LOG_GROUP, containerLog(template)).KmsKeyId);
  expect(allowing(granted(template, executionRole(template)), 'logs:PutLogEvents').map(({ Resource }) => Resource))
    .toEqual([attribute(containerLog(template), 'Arn')]);
}

/** Six years, because the log is the audit trail. */
export function logsForSixYears(template: Template) {
  logs(template);
  expect(propertiesOf(template, LOG_GROUP, containerLog(template)).RetentionInDays).toBe(2192);
}

/** The levels of lines about errors, as words, and as numbers from 50. */
const ERRORS = [
  ...['error', 'ERROR', 'fatal', 'FATAL', 'critical', 'CRITICAL', 'panic'].map((level) => `($.level = "${level}")`),
  '($.level >= 50)',
].join(' || ');

/** Errors and failed logins are counted in the log, and have alarms. */
export function logsAreFiltered(template: Template) {
  for (const [name, pattern, limit] of [
    ['ApplicationErrors', `{ ${ERRORS} }`, 10], ['FailedLogins', '{ $.event = "login_failed" }', 20],
  ] as const) {
    countsLines(template, name, pattern, containerLog(template), { DefaultValue: 0 });
    fires(template, `Api${name}`, {
      metrics: of('AWS::StackName/Api', {})(name, 'Sum'), ...above(limit), ...quiet,
    });
  }
  expect(read('api/token.js') + read('api/app.js')).toContain('login_failed');
}

/** The program writes who accessed which record into the log, and S3 and PostgreSQL log requests, for six years. */
export function auditTrail(template: Template) {
  logsForSixYears(template);
  requestsForReportsAreLogged(template);
  connectionsAreLogged(template);
  expect(read('api/app.js')).toMatch(/audit\(\{ \.\.\.accessed, record, status \}\);/);
  expect(read('api/log.js')).toContain("event: 'audit'");
}

/** Each task definition names a version of the image, and ECS returns to the previous one if its tasks fail. */
export function imageOfTheRegistry(template: Template) {
  expect(service(template).DeploymentConfiguration).toEqual({
    DeploymentCircuitBreaker: { Enable: true, Rollback: true }, MaximumPercent: 200, MinimumHealthyPercent: 100,
  });
  expect(text(container(template).Image)).toMatch(/\.dkr\.ecr\..*Fn::ImportValue.*:1\.0\.0$/);
}

/** A task that runs before each deployment of a new version, with the login of the owner. */
export function migrations(template: Template) {
  const { TaskDefinition } = migration(template);
  const { ContainerDefinitions: [{ Command }] } = propertiesOf(template, TASK, TaskDefinition.Ref);
  expect(Command).toEqual(['node', 'migrate.js']);
  const resources = template.toJSON().Resources;
  const [[, { DependsOn }]] = Object.entries<{ Type: string; DependsOn?: string[] }>(resources)
    .filter(([, { Type }]) => Type === 'AWS::ECS::Service');
  expect(DependsOn).toContain(only(template, MIGRATION));
  groups(template);
}

/** The container cannot become root, and cannot change its files. Nobody opens a shell in it. */
export function hardened(template: Template) {
  expect(service(template).EnableExecuteCommand).toBe(false);
  expect(container(template)).toMatchObject({
    User: '1000:1000',
    Privileged: false,
    ReadonlyRootFilesystem: true,
    LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
  });
}
