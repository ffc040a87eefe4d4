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
import { Construct, IConstruct } from 'constructs';
import * as library from '../src';
import { newApp } from './support/app';
import { nagFindings } from './support/nag';
import { SOME_SITE, Subject, SUBJECTS, Things, things, Tokens, USERS } from './support/shapes';
import { templateFindings } from './support/validate';

const ACCOUNT = '111122223333';
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/boundary`;
const PARTITIONS: Record<string, string> = {
  'eu-west-1': 'aws',
  'us-gov-west-1': 'aws-us-gov',
  'cn-north-1': 'aws-cn',
};
const OWN_RETENTION = 3653;

/** What a shape has made: an app, and in it the stack that holds the construct. */
interface Built {
  readonly app: App;
  readonly stack: Stack;
}

/** A way in which users use a construct. */
interface Shape {
  readonly name: string;
  /** The constructs that can be used so. Without it: every one. */
  readonly of?: (subject: Subject) => boolean;
  readonly build: (subject: Subject) => Built;
  /** What holds in this shape beyond a synthesis without findings. */
  readonly promise: (built: Built, subject: Subject) => void;
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
function alone(
  subject: Subject,
  options: { env?: Environment; own?: (users: Construct) => Partial<Things>; app?: App } = {},
): Built {
  const app = options.app ?? newApp();
  const stack = new Stack(app, 'Stack', { env: options.env });
  subject.make(stack, 'Subject', things(stack, options.own));
  return { app, stack };
}

/** A shape in which the user has something already. */
function having(
  name: string,
  thing: keyof Things,
  own: (users: Construct) => unknown,
  promise: Shape['promise'],
  env?: { account: string; region: string },
): Shape {
  return {
    name,
    of: takes(thing),
    build: (subject) => alone(subject, { env, own: (users) => ({ [thing]: own(users) }) }),
    promise,
  };
}

/** What the synthesis would have to look up. */
const missing = ({ app }: Built) => (app.synth().manifest.missing ?? []).map(({ provider }) => provider);

/**
 * The resources but for those that link two others: aws-cdk-lib names them after the path of the one that they lead to.
 */
const unlinked = (built: Built) =>
  Object.entries(resourcesOf(built))
    .filter(([, { Type }]) => !/::(SecurityGroup(In|E)gress|EventSourceMapping|Permission)$/.test(Type))
    .map(([id]) => id)
    .sort();

const idsAnywhere = new Map(SUBJECTS.map((subject) => {
  let ids: string[] | undefined;
  return [subject, () => ids ??= idsOf(alone(subject))] as const;
}));

/** That the construct says the same anywhere, and names no other partition, endpoint or zone than its own. */
function staysAtHome(built: Built, subject: Subject): void {
  expect(missing(built)).toEqual([]);
  expect(idsOf(built)).toEqual(idsAnywhere.get(subject)!());
  const { region } = built.stack;
  // aws-cdk-lib itself writes this condition, and the same in every partition.
  const text = JSON.stringify(templateOf(built.stack), (key, value) => key === 'kms:ViaService' ? undefined : value);
  const partitions = [...text.matchAll(/arn:(aws[a-z-]*):/g)].map(([, partition]) => partition);
  expect(partitions.filter((partition) => partition !== PARTITIONS[region])).toEqual([]);
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const hosts = [...text.matchAll(/[\w.-]*amazonaws\.com(?:\.cn)?/g)].map(([host]) => host);
  // A service must be one for each account and region, got called by its own name in every partition; a host name has a
  // region in it.
  const isService = (host: string) => /^([a-z0-9-]+\.){1,2}amazonaws\.com$/.test(host) && !/[a-z]-\d/.test(host);
  expect(hosts.filter((host) => !isService(host) && !host.endsWith(`.${region}.${suffix}`))).toEqual([]);
}

// --- every room in a stack of its own
const ROOMS: Array<[string, string[]]> = [
  ['Network', []],
  ['Firewall', []],
  ['Entrance', ['Network', 'Firewall']],
  ['Postgres', ['Network']],
  ['Mysql', ['Network']],
  ['Aurora', ['Network']],
  ['AuroraMysql', ['Network']],
  ['Bastion', ['Network', 'Postgres', 'Mysql']],
  ['Secrets', []],
  ['Images', []],
  ['Services', []],
  ['Site', []],
  [
    'Api',
    ['Network', 'Services', 'Entrance', 'Firewall', 'Postgres', 'Mysql', 'Aurora', 'AuroraMysql', 'Secrets', 'Images'],
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
      'Secrets',
      'Api',
      'Guardrails',
    ],
  ],
];
const ROOM_OF: Record<string, string> = {
  'HipaaVpc': 'Network',
  'SsmBastion': 'Bastion',
  'WebFirewall': 'Firewall',
  'SecureLoadBalancer': 'Entrance',
  'SecureFargateService': 'Api',
  'EncryptedDatabaseInstance (PostgreSQL)': 'Postgres',
  'EncryptedDatabaseInstance (MySQL)': 'Mysql',
  'EncryptedAuroraCluster (PostgreSQL)': 'Aurora',
  'EncryptedAuroraCluster (MySQL, proxy)': 'AuroraMysql',
  'RotatingSecrets': 'Secrets',
  'HardenedRepository': 'Images',
  'ServiceCluster': 'Services',
  'StaticSiteCdn': 'Site',
  'Monitoring': 'Watch',
  'ComplianceGuardrails': 'Guardrails',
};

/** Whether a site can be made there: the other partitions have no CloudFront, or not all of it. */
const hasCloudFront = (env?: Environment) => (PARTITIONS[env?.region ?? 'eu-west-1']) === 'aws';

/** A whole system, with a stack for each room. */
function rooms(options: { sharedKey?: boolean; env?: Environment }): Map<string, Stack> {
  const app = newApp();
  const ids = ROOMS.map(([id]) => id).filter((id) => id !== 'Site' || hasCloudFront(options.env));
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
    proxy: library.ClusterProxy.withIamToken(),
  });
  const bastion = new library.SsmBastion(at('Bastion'), 'Room', { vpc, encryptionKey });
  for (const database of [postgres, mysql]) bastion.allowTo(database);
  const secrets = new library.RotatingSecrets(at('Secrets'), 'Room', {
    encryptionKey,
    secrets: { session: library.GeneratedSecret.signingKey() },
  });
  const images = new library.HardenedRepository(at('Images'), 'Room', { encryptionKey });
  const services = new library.ServiceCluster(at('Services'), 'Room', { vpc, encryptionKey });
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
    uses: [postgres, mysql],
    secrets: { SESSION_KEY: secrets.forContainer('session') },
  });
  for (const cluster of [aurora, auroraMysql]) {
    api.connections.allowToDefaultPort(cluster.proxyConnections ?? cluster);
    cluster.grantConnect(api, 'dbowner');
  }
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
    firewall,
    entrance,
    postgres,
    mysql,
    aurora,
    auroraMysql,
    bastion,
    secrets,
    api,
    guardrails,
  );
  return stacks;
}

function ownStack(name: string, options: { sharedKey: boolean }): Shape {
  let stacks: Map<string, Stack> | undefined;
  return {
    name,
    build: (subject) => {
      const stack = (stacks ??= rooms(options)).get(ROOM_OF[subject.name])!;
      return { app: stack.node.root as App, stack };
    },
    promise: ({ stack }, subject) => {
      const [, allowed] = ROOMS.find(([id]) => id === ROOM_OF[subject.name])!;
      expect(stack.dependencies.map(({ node }) => node.id).filter((id) => ![...allowed, 'Keys'].includes(id))).toEqual(
        [],
      );
      expect(ofType({ app: stack.node.root as App, stack }, 'AWS::KMS::Key').length === 0).toBe(
        options.sharedKey || subject.type === library.SecureLoadBalancer,
      );
    },
  };
}

// --- what a user's own tools do
/** Sets the retention of every log group, as a company's rule might. */
class OwnAspect implements IAspect {
  public visit(node: IConstruct): void {
    if (node instanceof logs.CfnLogGroup) node.retentionInDays = OWN_RETENTION;
  }
}

/** Remembers what it was shown. */
class OwnPlugin implements IPolicyValidationPlugin {
  public readonly name = 'own';
  public readonly seen: string[] = [];

  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    this.seen.push(...context.stackTemplates.map(({ stackConstructPath }) => stackConstructPath));
    return { success: true, violations: [] };
  }
}
const ownPlugins = new WeakMap<App, OwnPlugin>();

/** An app under all checks that stop a synthesis, with a plugin and an aspect of the user's. */
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
const keysOfItsOwn = (built: Built) =>
  Object.entries(resourcesOf(built))
    .filter(([id, { Type }]) => Type === 'AWS::KMS::Key' && !id.startsWith(USERS))
    .map(([id]) => id);
const ownBucket = (scope: Construct) => new s3.Bucket(scope, 'Logs', {
  encryption: s3.BucketEncryption.S3_MANAGED, objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
});
const importedKeyArn = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1`;
const ENVIRONMENTS: Array<[string, Environment | undefined]> = [
  ['no account and no region', undefined],
  ...Object.keys(PARTITIONS).map((region) => [region, { account: ACCOUNT, region }] as [string, Environment]),
];
const EU = { account: ACCOUNT, region: 'eu-west-1' };

/** Where it must hold. */
const SHAPES: Shape[] = [
  ...ENVIRONMENTS.map(([name, env]): Shape => ({
    name,
    of: (subject) => subject.type !== library.StaticSiteCdn || hasCloudFront(env),
    build: (subject) => alone(subject, { env }),
    promise: staysAtHome,
  })),
  {
    name: 'inside a stage',
    build: (subject) => {
      const app = newApp();
      const stack = new Stack(new Stage(app, 'Production', { env: EU }), 'Stack');
      subject.make(stack, 'Subject', things(stack));
      return { app, stack };
    },
    promise: (built, subject) => {
      expect(JSON.stringify(templateOf(built.stack))).not.toContain('Production-');
      expect(unlinked(built)).toEqual(unlinked(alone(subject)));
    },
  },
  {
    name: 'two in one stack',
    of: (subject) => subject.type !== library.ComplianceGuardrails,
    build: (subject) => {
      const stack = new Stack(newApp(), 'Stack');
      const given = things(stack);
      subject.make(stack, 'Subject', given);
      subject.make(stack, 'Second', given);
      return { app: stack.node.root as App, stack };
    },
    promise: (built, subject) => {
      expect(idsOf(built)).toEqual(expect.arrayContaining(idsAnywhere.get(subject)!()));
      const named = Object.values(resourcesOf(built)).flatMap(({ Type, Properties }) =>
        Object.entries(Properties ?? {})
          .filter(([key]) => /^(LogGroupName|DBInstanceIdentifier|BackupVaultName|DashboardName)$/.test(key))
          .map(([key, value]) => JSON.stringify([Type, key, value])),
      );
      expect(named).toEqual([...new Set(named)]);
    },
  },
  {
    name: 'two in one stack, of which there can only be one',
    of: (subject) => subject.type === library.ComplianceGuardrails,
    build: alone,
    promise: ({ stack }) =>
      expect(() => new library.ComplianceGuardrails(stack, 'Second')).toThrow(
        new Error(
          '[Stack/Second] ComplianceGuardrails must be unique per account and region, but Stack/Subject exists. '
            + 'Remove one of the two.',
        ),
      ),
  },
  ownStack('in a stack of its own', { sharedKey: false }),
  ownStack('in a stack of its own, with one key for all', { sharedKey: true }),

  having(
    "the user's VPC, imported by attributes",
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
  having(
    "the user's VPC, imported by attributes that are known only at deployment",
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
  having(
    "the user's VPC, not looked up yet",
    'vpc',
    (users) => ec2.Vpc.fromLookup(users, 'Vpc', { vpcId: 'vpc-own' }),
    (built) => expect(missing(built)).toEqual(['vpc-provider']),
    EU,
  ),

  having("the user's key, made in the same stack", 'encryptionKey', ownKey, (built) =>
    expect(keysOfItsOwn(built)).toEqual([]),
  ),
  {
    name: "the user's key, of another stack",
    of: takes('encryptionKey'),
    build: (subject) => {
      const app = newApp();
      const encryptionKey = ownKey(new Construct(new Stack(app, 'Keys'), USERS));
      return alone(subject, { app, own: () => ({ encryptionKey }) });
    },
    promise: (built) => {
      expect(keysOfItsOwn(built)).toEqual([]);
      expect(built.stack.dependencies.map(({ node }) => node.id)).toEqual(['Keys']);
    },
  },
  having(
    "the user's key, imported",
    'encryptionKey',
    (users) => kms.Key.fromKeyArn(users, 'Key', importedKeyArn),
    (built) => {
      expect(ofType(built, 'AWS::KMS::Key')).toEqual([]);
      expect(JSON.stringify(resourcesOf(built))).toContain(importedKeyArn);
    },
    EU,
  ),

  having(
    "the user's cluster, made in the same stack",
    'cluster',
    (users) =>
      new ecs.Cluster(users, 'Cluster', {
        vpc: ec2.Vpc.fromVpcAttributes(users, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'] }),
      }),
    (built) => expect(ofType(built, 'AWS::ECS::Cluster')).toHaveLength(1),
  ),
  having(
    "the user's cluster, imported",
    'cluster',
    (users) =>
      ecs.Cluster.fromClusterAttributes(users, 'Cluster', {
        clusterName: 'clinic',
        vpc: ec2.Vpc.fromVpcAttributes(users, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'] }),
      }),
    (built) => {
      expect(ofType(built, 'AWS::ECS::Cluster')).toEqual([]);
      expect(ofType(built, 'AWS::ECS::Service')[0].Properties!.Cluster).toBe('clinic');
    },
  ),
  having(
    "the user's load balancer, made in the same stack",
    'ingress',
    (users) =>
      library.ServiceIngress.newListener(
        new elbv2.ApplicationLoadBalancer(users, 'LoadBalancer', {
          vpc: ec2.Vpc.fromVpcAttributes(users, 'Vpc', {
            vpcId: 'vpc-1',
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
  having(
    "the user's load balancer, imported",
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
  having(
    "the user's certificate, made in the same stack",
    'certificate',
    (users) => new acm.Certificate(users, 'OwnCertificate', { domainName: 'api.example.com' }),
    (built) => expect(ofType(built, 'AWS::CertificateManager::Certificate')).toHaveLength(1),
  ),
  having(
    "the user's certificate, imported",
    'certificate',
    (users) =>
      acm.Certificate.fromCertificateArn(users, 'OwnCertificate', 'arn:aws:acm:eu-west-1:111122223333:certificate/own'),
    (built) => {
      expect(ofType(built, 'AWS::CertificateManager::Certificate')).toEqual([]);
      expect(JSON.stringify(resourcesOf(built))).toContain('certificate/own');
    },
    EU,
  ),
  having(
    "the user's hosted zone, made in the same stack",
    'hostedZone',
    (users) => new route53.PublicHostedZone(users, 'Zone', { zoneName: 'example.com' }),
    (built) => expect(ofType(built, 'AWS::Route53::RecordSet')).toHaveLength(2),
  ),
  having(
    "the user's hosted zone, imported",
    'hostedZone',
    (users) =>
      route53.HostedZone.fromHostedZoneAttributes(users, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' }),
    (built) =>
      expect(ofType(built, 'AWS::Route53::RecordSet').map(({ Properties }) => Properties!.HostedZoneId)).toEqual([
        'Z1',
        'Z1',
      ]),
  ),
  having(
    "the user's hosted zone, not looked up yet",
    'hostedZone',
    (users) => route53.HostedZone.fromLookup(users, 'Zone', { domainName: 'example.com' }),
    (built) => expect(missing(built)).toEqual(['hosted-zone']),
    EU,
  ),
  having("the user's log bucket, made in the same stack", 'logBucket', ownBucket, (built, subject) =>
    expect(ofType(built, 'AWS::S3::Bucket')).toHaveLength(subject.type === library.StaticSiteCdn ? 2 : 1),
  ),
  having(
    "the user's log bucket, imported",
    'logBucket',
    (users) => s3.Bucket.fromBucketName(users, 'Logs', 'clinic-logs'),
    (built, subject) => {
      expect(ofType(built, 'AWS::S3::Bucket')).toHaveLength(subject.type === library.StaticSiteCdn ? 1 : 0);
      expect(JSON.stringify(resourcesOf(built))).toContain('clinic-logs');
    },
  ),

  {
    name: 'names and numbers known only at deployment',
    build: (subject) => {
      const stack = new Stack(newApp(), 'Stack');
      subject.makeOfTokens(stack, 'Subject', things(stack), new Tokens(stack));
      return { app: stack.node.root as App, stack };
    },
    promise: ({ stack }) => {
      const template: { Parameters?: Record<string, unknown>; Resources: unknown } = templateOf(stack);
      const text = JSON.stringify(template.Resources);
      const parameters = Object.keys(template.Parameters!).filter((id) => id !== 'BootstrapVersion');
      expect(parameters.filter((id) => !text.includes(`{"Ref":"${id}"}`) && !text.includes(`\${${id}}`))).toEqual([]);
      expect(text).not.toMatch(/\$\{Token|#\{Token|-1\.888\d+e\+289|NaN/);
    },
  },
  {
    name: 'under a permissions boundary',
    build: (subject) => {
      const built = alone(subject);
      iam.PermissionsBoundary.of(built.app).apply(
        iam.ManagedPolicy.fromManagedPolicyArn(built.stack, 'Boundary', BOUNDARY),
      );
      return built;
    },
    promise: (built) =>
      expect(
        ofType(built, 'AWS::IAM::Role').filter(({ Properties }) => Properties!.PermissionsBoundary !== BOUNDARY),
      ).toEqual([]),
  },
  {
    name: 'under tags',
    build: (subject) => {
      const built = alone(subject);
      Tags.of(built.app).add('team', 'clinic');
      return built;
    },
    promise: ({ stack }) => {
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
    name: "beside an aspect and a policy validation of the user's",
    build: (subject) => alone(subject, { app: checkedApp() }),
    promise: (built) => {
      expect(ownPlugins.get(built.app)!.seen).toEqual(['Stack']);
      expect(
        ofType(built, 'AWS::Logs::LogGroup').filter(({ Properties }) => Properties!.RetentionInDays !== OWN_RETENTION),
      ).toEqual([]);
    },
  },
];

const CELLS = SUBJECTS.flatMap((subject) => SHAPES.filter((shape) => shape.of?.(subject) ?? true)
  .map((shape) => [subject.name, shape.name, subject, shape] as const));

test.each(CELLS)('%s: %s', (_subject, _shape, subject, shape) => {
  const built = shape.build(subject);
  built.app.synth();
  expect(nagFindings(built.app).filter((finding) => !finding.includes(`/${USERS}/`))).toEqual([]);
  shape.promise(built, subject);
});

test.each(ENVIRONMENTS)('a whole system, a stack for each room, is valid to CloudFormation: %s', (_name, env) => {
  expect(templateFindings(rooms({ env, sharedKey: true }).get('Network')!.node.root as App)).toEqual([]);
});

test('a retention of backups that is known only at deployment is reported, since it may be none at all', () => {
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

test('no public construct is left out', () => {
  const isConstruct = (value: unknown): value is new () => Construct =>
    typeof value === 'function' && value.prototype instanceof Construct;
  expect(new Set(SUBJECTS.map((subject) => subject.type))).toEqual(new Set(Object.values(library).filter(isConstruct)));
});
