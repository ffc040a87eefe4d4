import * as fs from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as ts from 'typescript';
import {
  ComplianceChecks,
  ComplianceGuardrails,
  EncryptedAuroraCluster,
  EncryptedDatabaseInstance,
  GeneratedSecret,
  HipaaVpc,
  WorkloadMonitoring,
  RotatingSecrets,
  SecureFargateService,
  SecureLoadBalancer,
  ServiceIngress,
  WebEndpoint,
} from '../src';
import { newApp } from './support/app';
import { nagFindings } from './support/nag';

const IMAGE = ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3');
const POSTGRES = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 });

/** The number of statements of the smallest system: the app, its checks, a stack, a network, a database, a service. */
const SMALLEST_STATEMENTS = 6;

interface Task {
  readonly Type: string;
  readonly Properties: {
    readonly ContainerDefinitions: Array<Record<'Environment' | 'Secrets', Array<{ readonly Name: string }>>>;
  };
}

/** The smallest system of a user with an image, a domain name and its hosted zone. */
function smallest(image: ecs.ContainerImage, domainName: string, hostedZone: route53.IHostedZone): App {
  const app = new App();
  ComplianceChecks.of(app).enforce();

  const stack = new Stack(app, 'Clinic');
  const network = new HipaaVpc(stack, 'Network');
  const database = new EncryptedAuroraCluster(stack, 'Database', {
    vpc: network,
    engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 }),
  });
  new SecureFargateService(stack, 'Api', {
    vpc: network,
    image,
    containerPort: 8080,
    ingress: ServiceIngress.https({ domainName, hostedZone }),
    uses: [database],
  });
  return app;
}

describe('the smallest system', () => {
  let directory: string;
  let app: App;
  beforeAll(() => {
    delete process.env.CDK_VALIDATION;
    const hostedZone = route53.HostedZone.fromHostedZoneAttributes(new Stack(), 'Zone', {
      hostedZoneId: 'Z0EXAMPLE0000000000',
      zoneName: 'example.com',
    });
    app = smallest(IMAGE, 'api.example.com', hostedZone);
    directory = app.synth().directory;
  });
  const read = (file: string) => JSON.parse(fs.readFileSync(path.join(directory, file), 'utf8'));

  test('consists of six statements', () => {
    const source = ts.createSourceFile('letters.ts', fs.readFileSync(__filename, 'utf8'), ts.ScriptTarget.ES2022);
    const declaration = source.statements.find(
      (statement) => ts.isFunctionDeclaration(statement) && statement.name?.text === 'smallest',
    ) as ts.FunctionDeclaration;
    expect(declaration.body!.statements.filter((statement) => !ts.isReturnStatement(statement))).toHaveLength(
      SMALLEST_STATEMENTS,
    );
  });

  test('passes every check', () => {
    const { checks, mode } = read('compliance-report.json');
    expect(mode).toBe('enforce');
    expect(checks).toEqual(['CloudFormation Validate', 'HIPAA.Security', 'cdk-hipaa']);
    const { pluginReports }: { pluginReports: Array<{ pluginName: string; violations: unknown[] }> } =
      read('validation-report.json');
    expect(pluginReports.filter(({ violations }) => violations.length > 0)).toEqual([]);
    expect(nagFindings(app)).toEqual([]);
  });

  test('relaxes no safeguard', () => {
    expect(read('compliance-report.json').relaxed).toEqual([]);
  });

  test('passes the database to the container', () => {
    const { Resources } = read('Clinic.template.json');
    const [task] = Object.values<Task>(Resources).filter(({ Type }) => Type === 'AWS::ECS::TaskDefinition');
    const [container] = task.Properties.ContainerDefinitions;
    expect([...container.Environment, ...container.Secrets].map(({ Name }) => Name).sort()).toEqual([
      'PGDATABASE',
      'PGHOST',
      'PGHOST_READONLY',
      'PGPASSWORD',
      'PGPORT',
      'PGSSLMODE',
      'PGUSER',
    ]);
  });
});

/** The stacks of the parts that can be in different stacks. */
interface Split {
  readonly entrance: 'Network' | 'Application';
  readonly monitoring: 'Application' | 'Monitoring';
}

/** A system in several stacks. */
function split(places: Split): App {
  const app = newApp();
  const stacks: Record<string, Stack> = {};
  const stack = (id: string) => stacks[id] ??= new Stack(app, id);

  const network = new HipaaVpc(stack('Network'), 'Vpc');
  const { vpc } = network;
  const database = new EncryptedDatabaseInstance(stack('Data'), 'Database', { vpc, engine: POSTGRES });
  const secrets = new RotatingSecrets(stack('Data'), 'Secrets', { secrets: { session: GeneratedSecret.signingKey() } });
  const edge = stack(places.entrance);
  const certificate = acm.Certificate.fromCertificateArn(
    edge,
    'Certificate',
    edge.formatArn({ service: 'acm', resource: 'certificate', resourceName: '1' }),
  );
  const entrance = new SecureLoadBalancer(edge, 'Entrance', { vpc, endpoint: WebEndpoint.certificate(certificate) });
  const api = new SecureFargateService(stack('Application'), 'Api', {
    vpc,
    image: IMAGE,
    containerPort: 8080,
    ingress: ServiceIngress.loadBalancer(entrance),
    uses: [database],
    secrets: { SESSION_KEY: secrets.forContainer('session') },
  });
  const guardrails = new ComplianceGuardrails(stack('Application'), 'Guardrails');
  const monitoring = new WorkloadMonitoring(stack(places.monitoring), 'Monitoring', { email: 'oncall@example.com' });
  monitoring.watch(network, database, secrets, entrance, api, guardrails);
  return app;
}

describe.each<[string, Split]>([
  ['in three stacks', { entrance: 'Application', monitoring: 'Application' }],
  ['in three stacks, with the load balancer in the network stack', { entrance: 'Network', monitoring: 'Application' }],
  ['in four stacks, with the monitoring in a separate stack', { entrance: 'Application', monitoring: 'Monitoring' }],
  ['in four stacks, with the load balancer in the network stack', { entrance: 'Network', monitoring: 'Monitoring' }],
])('a system %s', (_name, places) => {
  let app: App;
  beforeAll(() => {
    app = split(places);
    // The synthesis rejects a cycle.
    app.synth();
  });

  test('has dependencies in only one direction', () => {
    const stacks = app.node.children.filter(Stack.isStack);
    const dependencies = Object.fromEntries(
      stacks.map((stack) => [stack.node.id, stack.dependencies.map(({ node }) => node.id).sort()]),
    );
    expect(dependencies).toEqual({
      Network: [],
      Data: ['Network'],
      Application: ['Data', 'Network'],
      ...places.monitoring === 'Monitoring' && { Monitoring: ['Application', 'Data', 'Network'] },
    });
  });

  test('has no findings of the packs', () => {
    expect(nagFindings(app)).toEqual([]);
  });
});
