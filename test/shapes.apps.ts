import {
  App,
  Aspects,
  CfnResource,
  Duration,
  Environment,
  Fn,
  IAspect,
  IPolicyValidationContext,
  IPolicyValidationPlugin,
  PolicyValidationPluginReport,
  Stack,
  Stage,
  TagManager,
  Tags,
  Validations,
} from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct, IConstruct } from 'constructs';
import * as library from '../src';
import { newApp } from './support/app';
import { nagFindings } from './support/nag';
import { SOME_SITE, Subject, SUBJECTS, Things, things, Tokens, USERS } from './support/shapes';
import { createdAfterTasks, cycles, rulesInLaterStacks } from './support/task-start';
import { templateFindings } from './support/validate';

const ACCOUNT = '111122223333';
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/boundary`;
const PARTITIONS: Record<string, string> = {
  'eu-west-1': 'aws',
  'us-gov-west-1': 'aws-us-gov',
  'cn-north-1': 'aws-cn',
};
const OWN_RETENTION = 3653;

/** The result of a shape: an app, and the stack with the construct. */
interface Built {
  readonly app: App;
  readonly stack: Stack;
}

/** A way to use a construct. */
interface Shape {
  readonly name: string;
  /** Whether a construct supports this shape. Default: every construct. */
  readonly of?: (subject: Subject) => boolean;
  readonly build: (subject: Subject) => Built;
  /** Verifies this shape in addition to the synthesis without findings. */
  readonly verify: (built: Built, subject: Subject) => void;
}

interface Resource {
  readonly Type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly Properties?: Record<string, any>;
}

const templateOf = (stack: Stack): { Resources: Record<string, Resource> } =>
  Stage.of(stack)!.synth().getStackArtifact(stack.artifactId).template;
const resourcesOf = ({ stack }: Built): Record<string, Resource> => templateOf(stack).Resources;
const idsOf = (built: Built): string[] => Object.keys(resourcesOf(built)).sort();
const ofType = (built: Built, type: string) =>
  Object.values(resourcesOf(built)).filter((resource) => resource.Type === type);
const takes =
  (...needed: Array<keyof Things>) =>
    (subject: Subject) =>
      needed.every((thing) => subject.takes.includes(thing));

/** One construct in one stack. */
function inOneStack(
  subject: Subject,
  options: { env?: Environment; own?: (users: Construct) => Partial<Things>; app?: App } = {},
): Built {
  const app = options.app ?? newApp();
  const stack = new Stack(app, 'Stack', { env: options.env });
  subject.make(stack, 'Subject', things(stack, options.own));
  return { app, stack };
}

/** A shape with an existing resource of the user. */
function withExisting(
  name: string,
  thing: keyof Things,
  own: (users: Construct) => unknown,
  verify: Shape['verify'],
  env?: { account: string; region: string },
): Shape {
  return {
    name,
    of: takes(thing),
    build: (subject) => inOneStack(subject, { env, own: (users) => ({ [thing]: own(users) }) }),
    verify,
  };
}

/** The providers of the lookups that the synthesis requires. */
const missing = ({ app }: Built) => (app.synth().manifest.missing ?? []).map(({ provider }) => provider);

/**
 * The IDs of the resources, except for resources that connect two others: aws-cdk-lib derives their IDs from the path
 * of the other resource.
 */
const unlinked = (built: Built) =>
  Object.entries(resourcesOf(built))
    .filter(([, { Type }]) => !/::(SecurityGroup(In|E)gress|EventSourceMapping|Permission)$/.test(Type))
    .map(([id]) => id)
    .sort();

const expectedIds = new Map(SUBJECTS.map((subject) => {
  let ids: string[] | undefined;
  return [subject, () => ids ??= idsOf(inOneStack(subject))] as const;
}));

/** Expects the same resources in every environment, and no references to other partitions, endpoints or regions. */
function expectPortable(built: Built, subject: Subject): void {
  expect(missing(built)).toEqual([]);
  expect(idsOf(built)).toEqual(expectedIds.get(subject)!());
  const { region } = built.stack;
  // aws-cdk-lib writes this condition, with the same value in every partition.
  const text = JSON.stringify(templateOf(built.stack), (key, value) => key === 'kms:ViaService' ? undefined : value);
  const partitions = [...text.matchAll(/arn:(aws[a-z-]*):/g)].map(([, partition]) => partition);
  expect(partitions.filter((partition) => partition !== PARTITIONS[region])).toEqual([]);
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const hosts = [...text.matchAll(/[\w.-]*amazonaws\.com(?:\.cn)?/g)].map(([host]) => host);
  // A service principal has the same name in every partition and no region. A host name contains a region.
  const isService = (host: string) => /^([a-z0-9-]+\.){1,2}amazonaws\.com$/.test(host) && !/[a-z]-\d/.test(host);
  expect(hosts.filter((host) => !isService(host) && !host.endsWith(`.${region}.${suffix}`))).toEqual([]);
}

// --- a system with one stack for each construct
/** The stacks, and the stacks that they may depend on. */
const STACKS: Array<[string, string[]]> = [
  ['Network', []],
  ['Firewall', []],
  ['Entrance', ['Network', 'Firewall']],
  ['Postgres', ['Network']],
  ['Mysql', ['Network']],
  ['Aurora', ['Network']],
  ['AuroraMysql', ['Network']],
  ['Bastion', ['Network', 'Postgres', 'Mysql']],
  ['Ssh', ['Network', 'Postgres']],
  ['Secrets', []],
  ['Images', []],
  ['Storage', []],
  ['Fields', []],
  ['Services', ['Network']],
  ['Jobs', []],
  ['Nightly', ['Network', 'Services', 'Jobs', 'Images']],
  ['Site', []],
  [
    'Api',
    [
      'Network', 'Services', 'Entrance', 'Firewall', 'Postgres', 'Mysql', 'Aurora', 'AuroraMysql', 'Secrets', 'Images',
      'Storage', 'Fields', 'Jobs',
    ],
  ],
  ['Guardrails', []],
  [
    'Watch',
    [
      'Network',
      'Services',
      'Entrance',
      'Firewall',
      'Postgres',
      'Mysql',
      'Aurora',
      'AuroraMysql',
      'Bastion',
      'Ssh',
      'Secrets',
      'Jobs',
      'Nightly',
      'Api',
      'Guardrails',
    ],
  ],
];
const STACK_OF: Record<string, string> = {
  'HipaaVpc': 'Network',
  'SsmBastion': 'Bastion',
  'SshBastion': 'Ssh',
  'WebFirewall': 'Firewall',
  'SecureLoadBalancer': 'Entrance',
  'SecureFargateService': 'Api',
  'EncryptedDatabaseInstance (PostgreSQL)': 'Postgres',
  'EncryptedDatabaseInstance (MySQL)': 'Mysql',
  'EncryptedAuroraCluster (PostgreSQL)': 'Aurora',
  'EncryptedAuroraCluster (MySQL, proxy)': 'AuroraMysql',
  'RotatingSecrets': 'Secrets',
  'HardenedRepository': 'Images',
  'PhiBucket': 'Storage',
  'FieldEncryptionKey': 'Fields',
  // In the stack of the service before which it runs.
  'MigrationTask': 'Api',
  'ScheduledTask': 'Nightly',
  'JobQueue': 'Jobs',
  'ServiceCluster': 'Services',
  'Ec2Capacity': 'Services',
  'StaticSiteCdn': 'Site',
  'Monitoring': 'Watch',
  'ComplianceGuardrails': 'Guardrails',
};

/** Whether the partition supports a site: the other partitions do not have CloudFront with all features. */
const hasCloudFront = (env?: Environment) => (PARTITIONS[env?.region ?? 'eu-west-1']) === 'aws';

/** A whole system, with one stack for each construct. */
function wholeSystem(options: { sharedKey?: boolean; env?: Environment }): Map<string, Stack> {
  const app = newApp();
  const ids = STACKS.map(([id]) => id).filter((id) => id !== 'Site' || hasCloudFront(options.env));
  const stacks = new Map(['Keys', ...ids].map((id) => [id, new Stack(app, id, { env: options.env })]));
  const at = (id: string) => stacks.get(id)!;
  const encryptionKey = options.sharedKey
    ? new kms.Key(new Construct(at('Keys'), USERS), 'Key', { enableKeyRotation: true })
    : undefined;

  const network = new library.HipaaVpc(at('Network'), 'Room', { encryptionKey });
  const { vpc } = network;
  const firewall = new library.WebFirewall(at('Firewall'), 'Room', { encryptionKey });
  const certificate = acm.Certificate.fromCertificateArn(
    at('Entrance'),
    'Certificate',
    at('Entrance').formatArn({ service: 'acm', resource: 'certificate', resourceName: '1' }),
  );
  const entrance = new library.SecureLoadBalancer(at('Entrance'), 'Room', {
    vpc,
    endpoint: library.WebEndpoint.certificate(certificate),
    firewall,
  });
  const postgres = new library.EncryptedDatabaseInstance(at('Postgres'), 'Room', {
    vpc, encryptionKey, engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 }),
  });
  const mysql = new library.EncryptedDatabaseInstance(at('Mysql'), 'Room', {
    vpc, encryptionKey, engine: rds.DatabaseInstanceEngine.mysql({ version: rds.MysqlEngineVersion.VER_8_4_7 }),
  });
  const aurora = new library.EncryptedAuroraCluster(at('Aurora'), 'Room', {
    vpc,
    encryptionKey,
    engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 }),
  });
  const auroraMysql = new library.EncryptedAuroraCluster(at('AuroraMysql'), 'Room', {
    vpc,
    encryptionKey,
    engine: rds.DatabaseClusterEngine.auroraMysql({ version: rds.AuroraMysqlEngineVersion.VER_3_10_4 }),
    proxy: library.DatabaseProxy.withIamToken(),
  });
  const bastion = new library.SsmBastion(at('Bastion'), 'Room', { vpc, encryptionKey });
  for (const database of [postgres, mysql]) bastion.allowTo(database);
  const ssh = new library.SshBastion(at('Ssh'), 'Room', {
    vpc,
    encryptionKey,
    allowedAddress: '203.0.113.7/32',
    keyPair: ec2.KeyPair.fromKeyPairName(at('Ssh'), 'Analysts', 'analysts'),
    reason: 'the client of the analysts supports SSH only',
  });
  ssh.allowTo(postgres);
  const secrets = new library.RotatingSecrets(at('Secrets'), 'Room', {
    encryptionKey,
    secrets: { session: library.GeneratedSecret.signingKey() },
  });
  const images = new library.HardenedRepository(at('Images'), 'Room', { encryptionKey });
  const bucket = new library.PhiBucket(at('Storage'), 'Room', {
    encryptionKey, malwareScan: library.MalwareScan.allObjects(),
  });
  const fields = new library.FieldEncryptionKey(at('Fields'), 'Fields', { contextKeys: ['table', 'column'] });
  const services = new library.ServiceCluster(at('Services'), 'Room', { vpc, encryptionKey });
  const instances = new library.Ec2Capacity(at('Services'), 'Instances', { cluster: services, encryptionKey });
  const jobs = new library.JobQueue(at('Jobs'), 'Room', { encryptionKey });
  const nightly = new library.ScheduledTask(at('Nightly'), 'Room', {
    vpc,
    cluster: services.cluster,
    encryptionKey,
    image: images.image('1.2.3'),
    schedule: scheduler.ScheduleExpression.rate(Duration.hours(6)),
    uses: [jobs.sendOnly()],
  });
  const api = new library.SecureFargateService(at('Api'), 'Room', {
    vpc,
    cluster: services.cluster,
    exec: library.ExecAccess.audited({ reason: 'first weeks in production' }),
    encryptionKey,
    image: images.image('1.2.3'),
    logMetrics: [library.LogMetric.applicationErrors(), library.LogMetric.failedLogins()],
    responseTimeTarget: Duration.millis(500),
    containerPort: 8080,
    ingress: library.ServiceIngress.loadBalancer(entrance),
    uses: [postgres, mysql, bucket, fields, jobs],
    secrets: { SESSION_KEY: secrets.forContainer('session') },
  });
  for (const cluster of [aurora, auroraMysql]) {
    api.connections.allowToDefaultPort(cluster.proxyConnections ?? cluster);
    cluster.grantConnect(api, 'dbowner');
  }
  const migration = new library.MigrationTask(at('Api'), 'Migration', {
    vpc,
    cluster: services,
    encryptionKey,
    image: images.image('1.2.3'),
    command: ['alembic', 'upgrade', 'head'],
    uses: [postgres],
    runBefore: [api],
  });
  if (hasCloudFront(options.env)) {
    new library.StaticSiteCdn(at('Site'), 'Room', {
      encryptionKey,
      source: SOME_SITE,
      firewall: library.WebFirewall.fromWebAclArn(
        at('Site').formatArn({
          service: 'wafv2',
          region: 'us-east-1',
          resource: 'global',
          resourceName: 'webacl/site/1',
        }),
      ),
    });
  }
  const guardrails = new library.ComplianceGuardrails(at('Guardrails'), 'Room', { encryptionKey });
  const monitoring = new library.WorkloadMonitoring(at('Watch'), 'Room', {
    encryptionKey,
    email: 'oncall@example.com',
  });
  monitoring.watch(
    network,
    services,
    instances,
    firewall,
    entrance,
    postgres,
    mysql,
    aurora,
    auroraMysql,
    bastion,
    ssh,
    secrets,
    jobs,
    nightly,
    api,
    migration,
    guardrails,
  );
  return stacks;
}

function ownStack(name: string, options: { sharedKey: boolean }): Shape {
  let stacks: Map<string, Stack> | undefined;
  return {
    name,
    build: (subject) => {
      const stack = (stacks ??= wholeSystem(options)).get(STACK_OF[subject.name])!;
      return { app: stack.node.root as App, stack };
    },
    verify: ({ stack }, subject) => {
      const [, allowed] = STACKS.find(([id]) => id === STACK_OF[subject.name])!;
      expect(stack.dependencies.map(({ node }) => node.id).filter((id) => ![...allowed, 'Keys'].includes(id))).toEqual(
        [],
      );
      expect(ofType({ app: stack.node.root as App, stack }, 'AWS::KMS::Key').length === 0).toBe(
        // No service shares the key of fields.
        subject.type !== library.FieldEncryptionKey
          && (options.sharedKey || subject.type === library.SecureLoadBalancer),
      );
    },
  };
}

// --- the tools of a user
/** Sets the retention of every log group, like a rule of a company. */
class OwnAspect implements IAspect {
  public visit(node: IConstruct): void {
    if (node instanceof logs.CfnLogGroup) node.retentionInDays = OWN_RETENTION;
  }
}

/** Records the stacks that it validates. */
class OwnPlugin implements IPolicyValidationPlugin {
  public readonly name = 'own';
  public readonly seen: string[] = [];

  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    this.seen.push(...context.stackTemplates.map(({ stackConstructPath }) => stackConstructPath));
    return { success: true, violations: [] };
  }
}
const ownPlugins = new WeakMap<App, OwnPlugin>();

/** An app with all enforced checks, and with a plugin and an aspect of the user. */
function checkedApp(): App {
  const app = newApp();
  const plugin = new OwnPlugin();
  library.ComplianceChecks.of(app).enforce({
    additionalPacks: [library.RulePack.AWS_SOLUTIONS, library.RulePack.NIST_800_53_R5],
  });
  Validations.of(app).addPlugins(plugin);
  Aspects.of(app).add(new OwnAspect());
  ownPlugins.set(app, plugin);
  return app;
}

const ownKey = (scope: Construct) => new kms.Key(scope, 'Key', { enableKeyRotation: true });
const createdKeys = (built: Built) =>
  Object.entries(resourcesOf(built))
    .filter(([id, { Type }]) => Type === 'AWS::KMS::Key' && !id.startsWith(USERS))
    .map(([id]) => id);
/** Whether a construct has a bucket with access logs. */
const logsItsBucket = ({ type }: Subject) => [library.StaticSiteCdn, library.PhiBucket].includes(type as never);
const ownBucket = (scope: Construct) => new s3.Bucket(scope, 'Logs', {
  encryption: s3.BucketEncryption.S3_MANAGED, objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
});
const importedKeyArn = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1`;
const ENVIRONMENTS: Array<[string, Environment | undefined]> = [
  ['without account and region', undefined],
  ...Object.keys(PARTITIONS).map((region): [string, Environment] => [`in ${region}`, { account: ACCOUNT, region }]),
];
const EU = { account: ACCOUNT, region: 'eu-west-1' };

/** The shapes of the tests. */
const SHAPES: Shape[] = [
  ...ENVIRONMENTS.map(([name, env]): Shape => ({
    name,
    of: (subject) => subject.type !== library.StaticSiteCdn || hasCloudFront(env),
    build: (subject) => inOneStack(subject, { env }),
    verify: expectPortable,
  })),
  {
    name: 'in a stage',
    build: (subject) => {
      const app = newApp();
      const stack = new Stack(new Stage(app, 'Production', { env: EU }), 'Stack');
      subject.make(stack, 'Subject', things(stack));
      return { app, stack };
    },
    verify: (built, subject) => {
      expect(JSON.stringify(templateOf(built.stack))).not.toContain('Production-');
      expect(unlinked(built)).toEqual(unlinked(inOneStack(subject)));
    },
  },
  {
    name: 'twice in one stack',
    of: (subject) => subject.type !== library.ComplianceGuardrails,
    build: (subject) => {
      const stack = new Stack(newApp(), 'Stack');
      const given = things(stack);
      subject.make(stack, 'Subject', given);
      subject.make(stack, 'Second', given);
      return { app: stack.node.root as App, stack };
    },
    verify: (built, subject) => {
      expect(idsOf(built)).toEqual(expect.arrayContaining(expectedIds.get(subject)!()));
      const named = Object.values(resourcesOf(built)).flatMap(({ Type, Properties }) =>
        Object.entries(Properties ?? {})
          .filter(([key]) => /^(LogGroupName|DBInstanceIdentifier|BackupVaultName|DashboardName)$/.test(key))
          .map(([key, value]) => JSON.stringify([Type, key, value])),
      );
      expect(named).toEqual([...new Set(named)]);
    },
  },
  {
    name: 'and rejects a second one in the same account and region',
    of: (subject) => subject.type === library.ComplianceGuardrails,
    build: inOneStack,
    verify: ({ stack }) =>
      expect(() => new library.ComplianceGuardrails(stack, 'Second')).toThrow(
        new Error(
          '[Stack/Second] ComplianceGuardrails must be unique per account and region, but Stack/Subject exists. '
            + 'Remove one of the two.',
        ),
      ),
  },
  ownStack('in a separate stack', { sharedKey: false }),
  ownStack('in a separate stack, with one key for all stacks', { sharedKey: true }),

  withExisting(
    'with an imported VPC',
    'vpc',
    (users) =>
      ec2.Vpc.fromVpcAttributes(users, 'Vpc', {
        vpcId: 'vpc-own',
        vpcCidrBlock: '10.0.0.0/16',
        availabilityZones: ['eu-west-1a', 'eu-west-1b'],
        publicSubnetIds: ['subnet-p1', 'subnet-p2'],
        privateSubnetIds: ['subnet-a1', 'subnet-a2'],
        isolatedSubnetIds: ['subnet-d1', 'subnet-d2'],
      }),
    (built) => expect(JSON.stringify(resourcesOf(built))).toContain('"vpc-own"'),
    EU,
  ),
  withExisting(
    'with a VPC imported by attributes that are known only at deployment',
    'vpc',
    (users) =>
      ec2.Vpc.fromVpcAttributes(users, 'Vpc', {
        vpcId: Fn.importValue('VpcId'),
        vpcCidrBlock: Fn.importValue('VpcCidr'),
        availabilityZones: Fn.getAzs(),
        publicSubnetIds: Fn.split(',', Fn.importValue('Public')),
        privateSubnetIds: Fn.split(',', Fn.importValue('Private')),
        isolatedSubnetIds: Fn.split(',', Fn.importValue('Isolated')),
      }),
    (built) => expect(JSON.stringify(resourcesOf(built))).toContain('{"Fn::ImportValue":"VpcId"}'),
  ),
  withExisting(
    'with a VPC before its lookup',
    'vpc',
    (users) => ec2.Vpc.fromLookup(users, 'Vpc', { vpcId: 'vpc-own' }),
    (built) => expect(missing(built)).toEqual(['vpc-provider']),
    EU,
  ),

  withExisting('with a key of the user in the same stack', 'encryptionKey', ownKey, (built) =>
    expect(createdKeys(built)).toEqual([]),
  ),
  {
    name: 'with a key of the user in another stack',
    of: takes('encryptionKey'),
    build: (subject) => {
      const app = newApp();
      const encryptionKey = ownKey(new Construct(new Stack(app, 'Keys'), USERS));
      return inOneStack(subject, { app, own: () => ({ encryptionKey }) });
    },
    verify: (built) => {
      expect(createdKeys(built)).toEqual([]);
      expect(built.stack.dependencies.map(({ node }) => node.id)).toEqual(['Keys']);
    },
  },
  withExisting(
    'with an imported key',
    'encryptionKey',
    (users) => kms.Key.fromKeyArn(users, 'Key', importedKeyArn),
    (built) => {
      expect(ofType(built, 'AWS::KMS::Key')).toEqual([]);
      expect(JSON.stringify(resourcesOf(built))).toContain(importedKeyArn);
    },
    EU,
  ),

  withExisting(
    'with a cluster of the user in the same stack',
    'cluster',
    (users) =>
      new ecs.Cluster(users, 'Cluster', {
        vpc: ec2.Vpc.fromVpcAttributes(users, 'Vpc', { vpcId: 'vpc-12345678', availabilityZones: ['a'] }),
      }),
    (built) => expect(ofType(built, 'AWS::ECS::Cluster')).toHaveLength(1),
  ),
  withExisting(
    'with an imported cluster',
    'cluster',
    (users) =>
      ecs.Cluster.fromClusterAttributes(users, 'Cluster', {
        clusterName: 'clinic',
        vpc: ec2.Vpc.fromVpcAttributes(users, 'Vpc', { vpcId: 'vpc-12345678', availabilityZones: ['a'] }),
      }),
    (built) => {
      expect(ofType(built, 'AWS::ECS::Cluster')).toEqual([]);
      expect(ofType(built, 'AWS::ECS::Service')[0].Properties!.Cluster).toBe('clinic');
    },
  ),
  withExisting(
    'with a load balancer of the user in the same stack',
    'ingress',
    (users) =>
      library.ServiceIngress.newListener(
        new elbv2.ApplicationLoadBalancer(users, 'LoadBalancer', {
          vpc: ec2.Vpc.fromVpcAttributes(users, 'Vpc', {
            vpcId: 'vpc-12345678',
            availabilityZones: ['a', 'b'],
            publicSubnetIds: ['subnet-1', 'subnet-2'],
          }),
        }),
        [
          acm.Certificate.fromCertificateArn(
            users,
            'ListenerCertificate',
            'arn:aws:acm:eu-west-1:111122223333:certificate/1',
          ),
        ],
      ),
    (built) => expect(ofType(built, 'AWS::ElasticLoadBalancingV2::LoadBalancer')).toHaveLength(1),
    EU,
  ),
  withExisting(
    'with an imported load balancer',
    'ingress',
    (users) =>
      library.ServiceIngress.newListener(
        elbv2.ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(users, 'LoadBalancer', {
          loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/own/1',
          securityGroupId: 'sg-1',
        }),
        [
          acm.Certificate.fromCertificateArn(
            users,
            'ListenerCertificate',
            'arn:aws:acm:eu-west-1:111122223333:certificate/1',
          ),
        ],
      ),
    (built) => {
      expect(ofType(built, 'AWS::ElasticLoadBalancingV2::LoadBalancer')).toEqual([]);
      expect(ofType(built, 'AWS::ElasticLoadBalancingV2::Listener')).toHaveLength(1);
    },
    EU,
  ),
  withExisting(
    'with a certificate of the user in the same stack',
    'certificate',
    (users) => new acm.Certificate(users, 'OwnCertificate', { domainName: 'api.example.com' }),
    (built) => expect(ofType(built, 'AWS::CertificateManager::Certificate')).toHaveLength(1),
  ),
  withExisting(
    'with an imported certificate',
    'certificate',
    (users) =>
      acm.Certificate.fromCertificateArn(users, 'OwnCertificate', 'arn:aws:acm:eu-west-1:111122223333:certificate/own'),
    (built) => {
      expect(ofType(built, 'AWS::CertificateManager::Certificate')).toEqual([]);
      expect(JSON.stringify(resourcesOf(built))).toContain('certificate/own');
    },
    EU,
  ),
  withExisting(
    'with a hosted zone of the user in the same stack',
    'hostedZone',
    (users) => new route53.PublicHostedZone(users, 'Zone', { zoneName: 'example.com' }),
    (built) => expect(ofType(built, 'AWS::Route53::RecordSet')).toHaveLength(2),
  ),
  withExisting(
    'with an imported hosted zone',
    'hostedZone',
    (users) =>
      route53.HostedZone.fromHostedZoneAttributes(users, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' }),
    (built) =>
      expect(ofType(built, 'AWS::Route53::RecordSet').map(({ Properties }) => Properties!.HostedZoneId)).toEqual([
        'Z1',
        'Z1',
      ]),
  ),
  withExisting(
    'with a hosted zone before its lookup',
    'hostedZone',
    (users) => route53.HostedZone.fromLookup(users, 'Zone', { domainName: 'example.com' }),
    (built) => expect(missing(built)).toEqual(['hosted-zone']),
    EU,
  ),
  withExisting('with a log bucket of the user in the same stack', 'logBucket', ownBucket, (built, subject) =>
    expect(ofType(built, 'AWS::S3::Bucket')).toHaveLength(logsItsBucket(subject) ? 2 : 1),
  ),
  withExisting(
    'with an imported log bucket',
    'logBucket',
    (users) => s3.Bucket.fromBucketName(users, 'Logs', 'clinic-logs'),
    (built, subject) => {
      expect(ofType(built, 'AWS::S3::Bucket')).toHaveLength(logsItsBucket(subject) ? 1 : 0);
      expect(JSON.stringify(resourcesOf(built))).toContain('clinic-logs');
    },
  ),

  {
    name: 'with names and numbers that are known only at deployment',
    build: (subject) => {
      const stack = new Stack(newApp(), 'Stack');
      subject.makeOfTokens(stack, 'Subject', things(stack), new Tokens(stack));
      return { app: stack.node.root as App, stack };
    },
    verify: ({ stack }) => {
      const template: { Parameters?: Record<string, unknown>; Resources: unknown } = templateOf(stack);
      const text = JSON.stringify(template.Resources);
      const parameters = Object.keys(template.Parameters!).filter((id) => id !== 'BootstrapVersion');
      expect(parameters.filter((id) => !text.includes(`{"Ref":"${id}"}`) && !text.includes(`\${${id}}`))).toEqual([]);
      expect(text).not.toMatch(/\$\{Token|#\{Token|-1\.888\d+e\+289|NaN/);
    },
  },
  {
    name: 'with a permissions boundary',
    build: (subject) => {
      const built = inOneStack(subject);
      iam.PermissionsBoundary.of(built.app).apply(
        iam.ManagedPolicy.fromManagedPolicyArn(built.stack, 'Boundary', BOUNDARY),
      );
      return built;
    },
    verify: (built) =>
      expect(
        ofType(built, 'AWS::IAM::Role').filter(({ Properties }) => Properties!.PermissionsBoundary !== BOUNDARY),
      ).toEqual([]),
  },
  {
    name: 'with tags',
    build: (subject) => {
      const built = inOneStack(subject);
      Tags.of(built.app).add('team', 'clinic');
      return built;
    },
    verify: ({ stack }) => {
      const resources = templateOf(stack).Resources;
      const taggable = stack.node
        .findAll()
        .filter((node) => CfnResource.isCfnResource(node) && TagManager.of(node)) as CfnResource[];
      expect(taggable).not.toEqual([]);
      expect(
        taggable
          .filter((resource) => {
            const property = TagManager.of(resource)!.tagPropertyName;
            const tags: unknown =
              resources[stack.resolve(resource.logicalId)].Properties?.[property[0].toUpperCase() + property.slice(1)];
            return !JSON.stringify(tags ?? '').includes('clinic');
          })
          .map(({ node }) => node.path),
      ).toEqual([]);
    },
  },
  {
    name: 'with an aspect and a policy validation plugin of the user',
    build: (subject) => inOneStack(subject, { app: checkedApp() }),
    verify: (built) => {
      expect(ownPlugins.get(built.app)!.seen).toEqual(['Stack']);
      expect(
        ofType(built, 'AWS::Logs::LogGroup').filter(({ Properties }) => Properties!.RetentionInDays !== OWN_RETENTION),
      ).toEqual([]);
    },
  },
];

const CELLS = SUBJECTS.flatMap((subject) => SHAPES.filter((shape) => shape.of?.(subject) ?? true)
  .map((shape) => [subject.name, shape.name, subject, shape] as const));

test.each(CELLS)('%s synthesizes without findings %s', (_subject, _shape, subject, shape) => {
  const built = shape.build(subject);
  built.app.synth();
  expect(nagFindings(built.app).filter((finding) => !finding.includes(`/${USERS}/`))).toEqual([]);
  const template = templateOf(built.stack);
  expect(createdAfterTasks(template)).toEqual([]);
  expect(cycles(template)).toEqual([]);
  shape.verify(built, subject);
});

test('a whole system with one stack for each construct has no rule for a task in a later stack', () => {
  const stacks = [...wholeSystem({ sharedKey: true }).values()];
  expect(rulesInLaterStacks(new Map(stacks.map((stack) => [stack.stackName, templateOf(stack)])))).toEqual([]);
});

test.each(ENVIRONMENTS)('a whole system with one stack for each construct is valid %s', (_name, env) => {
  expect(templateFindings(wholeSystem({ env, sharedKey: true }).get('Network')!.node.root as App)).toEqual([]);
});

test('the packs report a backup retention that is known only at deployment, because it can be zero', () => {
  const stack = new Stack(newApp(), 'Stack');
  const { vpc } = things(stack);
  new library.EncryptedDatabaseInstance(stack, 'Subject', {
    vpc,
    engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 }),
    backup: { retention: Duration.days(new Tokens(stack).number('Retention')) },
  });
  expect(nagFindings(stack)).toEqual(
    ['AwsSolutions-RDS13', 'HIPAA.Security-RDSInstanceBackupEnabled', 'NIST.800.53.R5-RDSInstanceBackupEnabled'].map(
      (rule) => `${rule} at Stack/Subject/Instance/Resource`,
    ),
  );
});

test('the subjects include every public construct', () => {
  const isConstruct = (value: unknown): value is new () => Construct =>
    typeof value === 'function' && value.prototype instanceof Construct;
  expect(new Set(SUBJECTS.map((subject) => subject.type))).toEqual(new Set(Object.values(library).filter(isConstruct)));
});
