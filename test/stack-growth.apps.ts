import * as fs from 'fs';
import * as path from 'path';
import { CfnResource, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import {
  DatabaseAccess, EncryptedDatabaseInstance, GeneratedSecret, HardenedRepository, IMonitored, MonitoringPlan,
  RotatingSecrets, SecureLoadBalancer, ServiceCluster, ServiceIngress, StaticSiteCdn, WebEndpoint, WorkloadMonitoring,
} from '../src';
import { someService } from './service/fargate-fixtures';
import { newApp, newStack, someVpc } from './support/app';
import { things } from './support/shapes';
import { DEFAULT_RULE_QUOTA } from '../src/core/security-group-size';
import { MAX_RESOURCES } from '../src/core/stack-size';
import { MAX_SERVICES } from '../src/service/listener-priority';

const PAGE = path.join(__dirname, '..', 'docs', 'several-stacks.md');
const HEADING = '### How far one stack grows';
const RESOURCES = 'Refused: "Resources"';
const ENV = { account: '111122223333', region: 'us-east-1' };

/** Builds something of the given size in a new stack. It throws if the library refuses the size. */
type Build = (stack: Stack, size: number) => void;

const indexes = (size: number) => Array.from({ length: size }, (_, index) => index + 1);
const resourcesOf = (stack: Stack) => stack.node.findAll().filter((each) => CfnResource.isCfnResource(each)).length;

/** The number of resources, or the quota of the refusal. */
function tryBuild(build: Build, size: number): number | string {
  const stack = newStack({ env: ENV });
  try {
    build(stack, size);
  } catch (error) {
    const { message } = error as Error;
    return `Refused: ${/quota ("[^"]+")/.exec(message)?.[1] ?? message}`;
  }
  const resources = resourcesOf(stack);
  return resources <= MAX_RESOURCES ? resources : RESOURCES;
}

function someDatabase(stack: Stack): EncryptedDatabaseInstance {
  return new EncryptedDatabaseInstance(stack, 'Database', {
    vpc: someVpc(stack), engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_13 }),
  });
}

const services: Build = (stack, size) => {
  const { certificate } = things(stack);
  const database = someDatabase(stack);
  const vpc = someVpc(new Construct(stack, 'Shared'));
  const cluster = new ServiceCluster(stack, 'Cluster', { vpc });
  const entrance = new SecureLoadBalancer(stack, 'Entrance', { vpc, endpoint: WebEndpoint.certificate(certificate) });
  const monitoring = new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' });
  for (const index of indexes(size)) {
    monitoring.watch(someService(stack, {
      cluster,
      containerPort: 8080,
      uses: [database],
      ingress: ServiceIngress.loadBalancer(entrance, { path: `/service${index}/*` }),
    }, `Api${index}`));
  }
};

/** Secrets in several constructs, all of one service. */
const secrets: Build = (stack, size) => {
  const names = indexes(size).map((index) => `partnerKey${index}`);
  const groups = indexes(Math.ceil(size / 20)).map((group) => new RotatingSecrets(stack, `Secrets${group}`, {
    secrets: Object.fromEntries(names.slice((group - 1) * 20, group * 20)
      .map((name) => [name, GeneratedSecret.password()])),
  }));
  someService(stack, {
    vpc: someVpc(stack),
    secrets: Object.fromEntries(names.map((name, index) =>
      [name.toUpperCase(), groups[Math.floor(index / 20)].forContainer(name)])),
  });
};

const repositories: Build = (stack, size) => {
  const role = new iam.Role(stack, 'Pipeline', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') });
  indexes(size).forEach((index) => new HardenedRepository(stack, `Images${index}`).grantPush(role));
};

const paths: Build = (stack, size) => {
  new StaticSiteCdn(stack, 'Site', {
    api: { domainName: 'api.example.com', paths: indexes(size).map((index) => `/api${index}/*`) },
  });
};

const usersOfRole: Build = (stack, size) => {
  const database = someDatabase(stack);
  const role = new iam.Role(stack, 'Analysts', { assumedBy: new iam.AccountRootPrincipal() });
  indexes(size).forEach((index) => database.grantConnect(role, `analyst${index}`));
};

const databaseUsers: Build = (stack, size) => {
  const database = someDatabase(stack);
  indexes(size).forEach((index) => database.access(`User${index}x`, DatabaseAccess.readWrite()));
};

class Watched extends Construct implements IMonitored {
  constructor(scope: Construct, id: string, private readonly size: number) {
    super(scope, id);
  }

  public monitoringPlan(): MonitoringPlan {
    const metric = new cloudwatch.Metric({ namespace: 'Clinic', metricName: 'Visits' });
    const alarms = indexes(this.size).map((index) => ({
      id: `Few${index}`,
      metric,
      threshold: index,
      description: 'Look at the clinic.',
      missingData: cloudwatch.TreatMissingData.BREACHING,
    }));
    return { title: 'Visits', alarms, widgets: [] };
  }
}

const alarms: Build = (stack, size) =>
  new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(new Watched(stack, 'Own', size));

/** The row of the page for a thing, measured: the resources for each, the most, and what happens beyond. */
function row(what: string, build: Build, before = ''): string[] {
  const most = Number(rowsOnPage().find(([name]) => name === what)?.[2]);
  const [one, two, last, beyond] = [1, 2, most, most + 1].map((size) => tryBuild(build, size));
  const resources = (two as number) - (one as number);
  return [what, `${resources}`, typeof last === 'number' ? `${most}` : `less than ${most}`, `${before}${beyond}`];
}

const SPLIT = 'Split into policies of 6,144 characters. ';

const ROWS: Array<[string, () => string[]]> = [
  ['services', () => row('Web services that use a database, with alarms', services)],
  ['secrets', () => row('Secrets of one service', secrets, SPLIT)],
  ['repositories', () => row('Repositories that one role pushes to', repositories, SPLIT)],
  ['origins', () => row('Paths of the API of a site', paths)],
  ['users of a role', () => row('Users of a database that one role connects as', usersOfRole, SPLIT)],
  ['database users', () => row('Users that `access` creates', databaseUsers)],
  ['alarms', () => row('Alarms of one `WorkloadMonitoring`', alarms)],
  // See growth.test.ts and service/listener-priority.test.ts.
  ['clients', () => [
    'Clients of a database, in several stacks', '–', `${DEFAULT_RULE_QUOTA}`,
    'Refused: "Inbound or outbound rules per security group"',
  ]],
  ['services in several stacks', () => [
    'Services of one load balancer, in several stacks', '–', `${MAX_SERVICES}`,
    'Refused: "Target Groups per Application Load Balancer"',
  ]],
];

/** The rows of the table on the page. */
function rowsOnPage(): string[][] {
  const text = fs.readFileSync(PAGE, 'utf8');
  const section = text.slice(text.indexOf(`${HEADING}\n`) + HEADING.length).split(/^#/m)[0];
  return section.split('\n').filter((line) => line.startsWith('|')).slice(2)
    .map((line) => line.slice(1, -1).split('|').map((cell) => cell.trim()));
}

test.each(ROWS)('the table of growth has the measured numbers of %s', (_what, measure) => {
  const measured = measure();
  expect(rowsOnPage().find(([what]) => what === measured[0])).toEqual(measured);
});

test('the table of growth has no other rows', () => {
  expect(rowsOnPage()).toHaveLength(ROWS.length);
});

test('a stack with more resources than the quota is refused with the name of the quota', () => {
  const app = newApp();
  alarms(new Stack(app, 'Stack'), MAX_RESOURCES);
  expect(() => app.synth()).toThrow('the quota "Resources"');
});
