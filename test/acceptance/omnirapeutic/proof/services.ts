import { Template } from 'aws-cdk-lib/assertions';
import { secretsAreDecryptedByStarters } from './encryption';
import { admitsHealthyTasks, drains } from './entrance';
import {
  AURORA,
  Client,
  CLIENTS,
  container,
  dashboards,
  executionRole,
  migration,
  MIGRATION,
  partnerSecret,
  Program,
  PROGRAMS,
  read,
  REGION,
  Service,
  service,
  serviceId,
  serviceLog,
  SERVICES,
  task,
  taskId,
  taskRole,
  userSecret,
  usersFunction,
} from './parts';
import {
  attribute,
  expectSame,
  granted,
  only,
  propertiesOf,
  ref,
  rotatingKeys,
  text,
  whoMay,
} from '../../../support/template/reading';
import { CLUSTER, LOG_GROUP, ROLE, SCALABLE, SCALING, SERVICE, TASK } from '../../../support/template/types';

const TASKS = 'ecs-tasks.amazonaws.com';
const CERTIFICATE_BUNDLE = '/etc/ssl/rds/global-bundle.pem';
/** The folder and the file of each program. The API and the migrations share an image. */
const FILES: Record<Program, [string, string]> = {
  Api: ['api', 'server.js'],
  Web: ['web', 'server.js'],
  Worker: ['worker', 'worker.js'],
  Migrations: ['api', 'migrate.js'],
};

const program = (name: Program) => read(...FILES[name]);
const dockerfile = (name: Program) => read(FILES[name][0], 'Dockerfile');
const cluster = (whole: Template) => propertiesOf(whole, CLUSTER, only(whole, CLUSTER));

/**
 * Three services with their own task definitions, in one cluster. The only other task definition there is that of the
 * migrations, which run before the services that use the database are deployed.
 */
export function theThree(whole: Template) {
  expectSame(Object.keys(whole.findResources(SERVICE)), SERVICES.map((name) => serviceId(whole, name)));
  expectSame(Object.keys(whole.findResources(TASK)), PROGRAMS.map((name) => taskId(whole, name)));
  for (const name of SERVICES) expect(service(whole, name).Cluster).toEqual(ref(only(whole, CLUSTER)));
  expect(migration(whole).Cluster).toEqual(attribute(only(whole, CLUSTER), 'Arn'));
  for (const name of ['Api', 'Worker'] as const) {
    expect(whole.findResources(SERVICE)[serviceId(whole, name)].DependsOn).toContain(only(whole, MIGRATION));
  }
}

/** The name of the cluster contains the stack ID. The names of the services are generated. */
export function clusterNamedByTheStack(whole: Template) {
  expect(text(cluster(whole).ClusterName)).toMatch(/^services-.*AWS::StackId/);
  for (const name of SERVICES) expect(service(whole, name)).not.toHaveProperty('ServiceName');
}

/** The bastion is the only instance, and nothing can create another. */
export function onFargate(whole: Template) {
  theThree(whole);
  for (const name of SERVICES) {
    const { LaunchType, CapacityProviderStrategy } = service(whole, name);
    expect({ LaunchType, CapacityProviderStrategy }).toEqual({
      LaunchType: 'FARGATE',
      CapacityProviderStrategy: undefined,
    });
  }
  for (const name of PROGRAMS) expect(task(whole, name).RequiresCompatibilities).toEqual(['FARGATE']);
  const types = Object.values<{ Type: string }>(whole.toJSON().Resources).map(({ Type }) => Type);
  expect(
    types.filter((type) =>
      /^AWS::(AutoScaling::|EKS::|Batch::|EC2::(SpotFleet|EC2Fleet)|ECS::.*CapacityProvider)/.test(type),
    ),
  ).toEqual([]);
}

/** At least this number of tasks. The service has no fixed count, which a deployment would restore. */
export const scales = (name: Service, MinCapacity: number, MaxCapacity: number) => (whole: Template) => {
  const id = serviceId(whole, name);
  expect(service(whole, name)).not.toHaveProperty('DesiredCount');
  const ResourceId = { 'Fn::Join': ['', ['service/', ref(only(whole, CLUSTER)), '/', attribute(id, 'Name')]] };
  const target = only(whole, SCALABLE, {
    ResourceId,
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
  });
  expect(propertiesOf(whole, SCALABLE, target)).toMatchObject({ MinCapacity, MaxCapacity });
  const policies = Object.values(whole.findResources(SCALING, { Properties: { ScalingTargetId: ref(target) } }))
    .map(({ Properties: { TargetTrackingScalingPolicyConfiguration: policy } }) => policy)
    .map(({ PredefinedMetricSpecification, TargetValue }) => [
      PredefinedMetricSpecification.PredefinedMetricType,
      TargetValue,
    ]);
  expectSame(policies, [['ECSServiceAverageCPUUtilization', 70], ['ECSServiceAverageMemoryUtilization', 80]]);
};

/** One task, regardless of the load. */
export function oneWorker(whole: Template) {
  expect(service(whole, 'Worker').DesiredCount).toBe(1);
  const scaled = Object.values(whole.findResources(SCALABLE)).map(({ Properties }) => text(Properties.ResourceId));
  expect(scaled).toHaveLength(2);
  for (const each of scaled) expect(each).not.toContain(serviceId(whole, 'Worker'));
}

export const processor = (name: Program, Cpu: string) => (whole: Template) => {
  expect(task(whole, name).Cpu).toBe(Cpu);
};

export const memory = (name: Program, mebibytes: number) => (whole: Template) => {
  expect(task(whole, name).Memory).toBe(String(mebibytes));
  expect(container(whole, name).Memory).toBe(mebibytes);
};

/** Each task sets CPU and memory. */
export function sizes(whole: Template) {
  for (const name of PROGRAMS) {
    processor(name, '512')(whole);
    memory(name, 1024)(whole);
  }
}

/**
 * The image sets the command: a program of the example, not as root, that serves TLS or has no port. The migrations are
 * another program of the image of the API.
 */
export function runPrograms(whole: Template) {
  for (const name of SERVICES) {
    expect(container(whole, name)).not.toHaveProperty('Command');
    expect(dockerfile(name)).toContain(`\nCMD ["node", "${FILES[name][1]}"]\n`);
  }
  expect(container(whole, 'Migrations').Command).toEqual(['node', 'migrate.js']);
  for (const name of PROGRAMS) {
    expect(container(whole, name)).not.toHaveProperty('EntryPoint');
    expect(dockerfile(name)).toMatch(new RegExp(`^COPY (.+ )?${FILES[name][1]} (.+ )?\\./$`, 'm'));
    expect(container(whole, name).User).toBe('1000:1000');
  }
  for (const name of ['Api', 'Web'] as const) {
    expect(program(name)).toMatch(/https\.createServer\(\{[^}]*minVersion: 'TLSv1\.2'/);
  }
}

/**
 * Each program has a Dockerfile: an image of Node.js with long-term support and a user other than root. A deployment
 * builds none.
 */
export function imagesCanBeBuilt(whole: Template) {
  for (const name of PROGRAMS) {
    expect(dockerfile(name)).toMatch(/^FROM public\.ecr\.aws\/docker\/library\/node:24-alpine$/m);
    expect(dockerfile(name)).toMatch(/^USER 1000$/m);
    expect(text(container(whole, name).Image)).not.toMatch(/cdk-hnb659fds|container-assets/);
  }
}

const database = (whole: Template, part: string) => attribute(only(whole, AURORA), part);
const clearinghouse = (whole: Template) => ref(partnerSecret(whole));
/** The login of the database user of a program. */
const login = (whole: Template, name: Client) => ['username', 'password'].map((part, index) => ({
  Name: ['PGUSER', 'PGPASSWORD'][index],
  ValueFrom: { 'Fn::Join': ['', [ref(userSecret(whole, name)), `:${part}::`]] },
}));

/** Exactly these variables: the address of the database and its verification. None is secret, and the site has none. */
export function plainVariables(whole: Template) {
  for (const name of CLIENTS) {
    expectSame(container(whole, name).Environment, [
      { Name: 'PGHOST', Value: database(whole, 'Endpoint.Address') },
      { Name: 'PGHOST_READONLY', Value: database(whole, 'ReadEndpoint.Address') },
      { Name: 'PGPORT', Value: '5432' },
      { Name: 'PGDATABASE', Value: 'omnirapeutic' },
      { Name: 'PGSSLMODE', Value: 'verify-full' },
      { Name: 'PGSSLROOTCERT', Value: CERTIFICATE_BUNDLE },
    ]);
  }
  expect(container(whole, 'Web').Environment ?? []).toEqual([]);
  for (const name of PROGRAMS) expect(container(whole, name)).not.toHaveProperty('EnvironmentFiles');
}

/**
 * When a task starts, ECS passes the program the login of its own database user, and the worker the key of the partner.
 */
export function secretsAreLinked(whole: Template) {
  const partner = { Name: 'CLEARINGHOUSE_API_KEY', ValueFrom: clearinghouse(whole) };
  for (const name of CLIENTS) {
    expectSame(container(whole, name).Secrets, [...login(whole, name), ...name === 'Worker' ? [partner] : []]);
  }
  expect(container(whole, 'Web').Secrets ?? []).toEqual([]);
}

/**
 * Only the API, the worker and the migrations receive the database, and each verifies the server before it sends data.
 */
export function clientsVerifyTheDatabase(whole: Template) {
  plainVariables(whole);
  for (const name of CLIENTS) {
    expect(dockerfile(name)).toMatch(
      new RegExp(
        `^ADD .*truststore\\.pki\\.rds\\.amazonaws\\.com/global/global-bundle\\.pem ${CERTIFICATE_BUNDLE}$`,
        'm',
      ),
    );
    expect(program(name)).toMatch(
      /new (Pool|Client)\(\{\s+ssl: \{ ca: fs\.readFileSync\(PGSSLROOTCERT\), minVersion: 'TLSv1\.2' \},/,
    );
  }
  expect(program('Web')).not.toContain('pg');
}

const assumedBy = (whole: Template, role: string): object[] =>
  propertiesOf(whole, ROLE, role).AssumeRolePolicyDocument.Statement.map(
    ({ Effect, Action, Principal }: Record<string, unknown>) => ({ Effect, Action, Principal }),
  );

function ownPoliciesAlone(whole: Template, role: string) {
  expect(propertiesOf(whole, ROLE, role)).not.toHaveProperty('ManagedPolicyArns');
  expect(assumedBy(whole, role)).toEqual([
    { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: TASKS } },
  ]);
}

/** Each execution role may write only to the log of its program. */
export function startersWriteLogs(whole: Template) {
  for (const name of PROGRAMS) {
    const role = executionRole(whole, name);
    ownPoliciesAlone(whole, role);
    expect(granted(whole, role).filter(({ Action }) => JSON.stringify(Action).includes('logs:'))).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: attribute(serviceLog(whole, name), 'Arn'),
      },
    ]);
  }
}

/**
 * Each execution role reads the login of its own database user, that of the worker also the key of the partner, and
 * that of the site none. Besides them, the function that manages the users reads their logins and that of the master
 * user, which no program receives.
 */
export function startersReadSecrets(whole: Template) {
  const users = usersFunction(whole).Role['Fn::GetAtt'][0];
  expectSame(whoMay(whole, 'secretsmanager:GetSecretValue'), [
    ...CLIENTS.map((name) => ({ role: executionRole(whole, name), resource: ref(userSecret(whole, name)) })),
    { role: executionRole(whole, 'Worker'), resource: clearinghouse(whole) },
    ...CLIENTS.map((name) => ({ role: users, resource: ref(userSecret(whole, name)) })),
    { role: users, resource: database(whole, 'MasterUserSecret.SecretArn') },
  ]);
  secretsAreDecryptedByStarters(whole);
}

/** The program has no permissions: it receives its values before it starts. */
export function programsMayDoNothing(whole: Template) {
  const roles = PROGRAMS.map((name) => taskRole(whole, name));
  expect(new Set([...roles, ...PROGRAMS.map((name) => executionRole(whole, name))]).size).toBe(2 * PROGRAMS.length);
  for (const role of roles) {
    ownPoliciesAlone(whole, role);
    expect(granted(whole, role)).toEqual([]);
  }
}

/** The output of a container goes to the log of its program, in this region. */
export function logToCloudWatch(whole: Template) {
  for (const name of PROGRAMS) {
    const { LogDriver, Options } = container(whole, name).LogConfiguration;
    expect({ LogDriver, region: Options['awslogs-region'] }).toEqual({ LogDriver: 'awslogs', region: REGION });
  }
  expect(new Set(PROGRAMS.map((name) => serviceLog(whole, name))).size).toBe(PROGRAMS.length);
  startersWriteLogs(whole);
}

/** Log groups of the three services and of the migrations with generated names, encrypted, for one year. */
export function serviceLogs(whole: Template) {
  logToCloudWatch(whole);
  for (const name of PROGRAMS) {
    const { LogGroupName, RetentionInDays, KmsKeyId } = propertiesOf(whole, LOG_GROUP, serviceLog(whole, name));
    expect({ LogGroupName, RetentionInDays }).toEqual({ LogGroupName: undefined, RetentionInDays: 365 });
    expect(rotatingKeys(whole)).toContainEqual(KmsKeyId);
  }
}

/** ECS deploys the task definition of the service with rolling updates. */
export function deploysTheNewest(whole: Template) {
  for (const name of SERVICES) {
    const { TaskDefinition, DeploymentController, DeploymentConfiguration } = service(whole, name);
    expect(TaskDefinition).toEqual(ref(taskId(whole, name)));
    expect({
      controller: DeploymentController?.Type ?? 'ECS',
      strategy: DeploymentConfiguration.Strategy ?? 'ROLLING',
    }).toEqual({ controller: 'ECS', strategy: 'ROLLING' });
  }
}

/** New tasks start first, as many as old ones. */
export function startsNewTasks(whole: Template) {
  deploysTheNewest(whole);
  for (const name of SERVICES) expect(service(whole, name).DeploymentConfiguration.MaximumPercent).toBe(200);
}

/** Old tasks stop after new ones are healthy, so the desired count always runs. */
export function waitsForHealth(whole: Template) {
  for (const name of SERVICES) expect(service(whole, name).DeploymentConfiguration.MinimumHealthyPercent).toBe(100);
  admitsHealthyTasks(whole);
}

/** ECS sends a stop signal and waits 30 seconds. */
export function stopsOldTasks(whole: Template) {
  drains(whole);
  expect(program('Worker')).toContain("process.on('SIGTERM', () => { stopping = true; })");
  for (const name of ['Api', 'Web'] as const) {
    expect(program(name)).toMatch(/process\.on\('SIGTERM', \(\) => server\.close\(/);
  }
}

/** ECS counts failed tasks and rolls back. The dashboard shows the running tasks of each service. */
export function deploymentsAreFollowed(whole: Template) {
  for (const name of SERVICES) {
    expect(service(whole, name).DeploymentConfiguration.DeploymentCircuitBreaker).toEqual({
      Enable: true,
      Rollback: true,
    });
  }
  expect(cluster(whole).ClusterSettings).toEqual([{ Name: 'containerInsights', Value: 'enabled' }]);
  expect(dashboards(whole).filter((body) => body.includes('RunningTaskCount'))).toHaveLength(1);
}
