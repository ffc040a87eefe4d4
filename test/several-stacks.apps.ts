import { CrossStackReferences, ReferenceStrength, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import {
  DatabaseAccess,
  EncryptedAuroraCluster,
  EncryptedDatabaseInstance,
  GeneratedSecret,
  HardenedRepository,
  HipaaVpc,
  RotatingSecrets,
  SecureFargateService,
  SecureLoadBalancer,
  ServiceCluster,
  ServiceIngress,
  SsmBastion,
  WebEndpoint,
  WorkloadMonitoring,
} from '../src';
import { newApp } from './support/app';
import { ConnectedTemplate, DeployedStacks, importsOf, Templates } from './support/deployed-stacks';

const ENV = { account: '111122223333', region: 'us-east-1' };
const STACKS = [
  'Keys', 'Network', 'Images', 'Secrets', 'Database', 'Cluster', 'Entrance', 'Partner', 'Application', 'Jobs', 'Watch',
] as const;

/** The parts that an app can lose. The resource itself stays in its stack, except a zone. */
const REMOVALS = [
  'a zone',
  'a database in uses',
  'a secret of a service',
  'a load balancer of a service',
  'a connection to a security group',
  'a topic',
  'a service',
  'a bastion',
  'a key',
  'a watched construct',
] as const;
type Removal = typeof REMOVALS[number];

interface Variant {
  readonly without?: Removal;
  readonly strength?: ReferenceStrength;
  readonly database?: 'cluster' | 'instance';
  /** Whether the service has a database user of another ID than its own. */
  readonly otherUser?: boolean;
}

/** An app with a stack for each room, and its templates in the order of deployment. */
function rooms({ without, strength, database: used = 'cluster', otherUser = false }: Variant = {}): Templates {
  const app = newApp({ '@aws-cdk/aws-iam:minimizePolicies': true });
  const stacks = Object.fromEntries(STACKS.map((id) => [id, new Stack(app, id, { env: ENV })]));
  const { Keys, Network, Images, Secrets, Database, Cluster, Entrance, Partner, Application, Jobs, Watch } = stacks;
  if (strength) for (const stack of Object.values(stacks)) CrossStackReferences.of(stack).consume(strength);
  const has = (removal: Removal) => removal !== without;

  const key = new kms.Key(Keys, 'Key', { enableKeyRotation: true });
  const network = new HipaaVpc(Network, 'Network', { maxAzs: has('a zone') ? 3 : 2 });
  const { vpc } = network;
  const images = new HardenedRepository(Images, 'Api');
  const secrets = new RotatingSecrets(Secrets, 'Secrets', { externalSecrets: { partner: {} } });
  const databases = {
    cluster: new EncryptedAuroraCluster(Database, 'Records', {
      vpc, engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 }),
    }),
    instance: new EncryptedDatabaseInstance(Database, 'Other', {
      vpc, engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 }),
    }),
  };
  const database = otherUser ? databases[used].access('Reports', DatabaseAccess.readOnly()) : databases[used];
  const { cluster } = new ServiceCluster(Cluster, 'Cluster', { vpc });
  const { topic } = new WorkloadMonitoring(Cluster, 'Monitoring', { email: 'oncall@example.com' });
  const entrance = new SecureLoadBalancer(Entrance, 'Entrance', {
    vpc, endpoint: WebEndpoint.plainHttp({ reason: 'a test' }),
  });
  const partner = new ec2.SecurityGroup(Partner, 'Partner', { vpc, allowAllOutbound: false });

  const api = new SecureFargateService(Application, 'Api', {
    vpc,
    cluster,
    image: images.image('1.0.0'),
    containerPort: 8080,
    ingress: has('a load balancer of a service')
      ? ServiceIngress.loadBalancer(entrance, { healthCheckPath: '/health' })
      : ServiceIngress.none(),
    uses: has('a database in uses') ? [database] : [],
    secrets: has('a secret of a service') ? { PARTNER_KEY: secrets.forContainer('partner') } : {},
  });
  if (has('a connection to a security group')) api.connections.allowTo(partner, ec2.Port.tcp(443));
  if (has('a topic')) new WorkloadMonitoring(Application, 'Monitoring', { topic }).watch(api);
  if (has('a service')) {
    const { cluster: ofJobs } = new ServiceCluster(Cluster, 'ForJobs', { vpc });
    new SecureFargateService(Jobs, 'Jobs', {
      vpc, cluster: ofJobs, image: images.image('2.0.0'), uses: [databases.cluster],
    });
  }
  if (has('a bastion')) new SsmBastion(Jobs, 'Bastion', { vpc }).allowTo(databases.instance);
  if (has('a watched construct')) {
    const watched = new RotatingSecrets(Secrets, 'Watched', { secrets: { token: GeneratedSecret.password() } });
    new WorkloadMonitoring(Watch, 'Monitoring', { email: 'oncall@example.com' }).watch(watched);
  }
  if (has('a key')) new HardenedRepository(Jobs, 'Copies', { encryptionKey: key });

  const assembly = app.synth();
  return Object.fromEntries(STACKS.map((id) => [id, assembly.getStackByName(id).template]));
}

const outputsOf = ({ Outputs = {} }: ConnectedTemplate) => Object.keys(Outputs);

const complete = rooms();
const reversed = [...STACKS].reverse();

describe.each(REMOVALS)('the removal of %s that another stack imports', (without) => {
  const after = rooms({ without });

  test('is refused in the order of cdk deploy --all', () => {
    const [refused] = new DeployedStacks(complete).deploy(after);
    expect(refused).toMatch(/^Export \S+ of \w+ cannot be deleted as it is in use by \w+$/);
  });

  test('works in the reverse order, stack by stack', () => {
    expect(new DeployedStacks(complete).deploy(after, reversed)).toEqual([]);
  });

  test('works if the importing stacks are deployed first, and then all stacks', () => {
    const stacks = new DeployedStacks(complete);
    const importing = STACKS.filter((name) => importsOf(complete[name]).length > importsOf(after[name]).length);
    expect(importing.length).toBeLessThan(STACKS.length / 2);
    expect(stacks.deploy(after, [...importing].reverse())).toEqual([]);
    expect(stacks.deploy(after)).toEqual([]);
  });

  test('is undone in the order of cdk deploy --all, and not in the reverse order', () => {
    expect(new DeployedStacks(after).deploy(complete)).toEqual([]);
    expect(new DeployedStacks(after).deploy(complete, reversed)[0]).toMatch(/imports \S+, which no stack exports$/);
  });

  test('is never refused with weak references, but in order, a stack then reads a missing value', () => {
    const [before, weak] = [{}, { without }].map((each) => rooms({ ...each, strength: ReferenceStrength.WEAK }));
    const stacks = new DeployedStacks(before);
    const [first] = STACKS.filter((name) => outputsOf(before[name]).some((id) => !outputsOf(weak[name]).includes(id)));
    expect(stacks.deploy(weak, [first])).toEqual([]);
    expect(stacks.dangling).not.toEqual([]);
    expect(stacks.deploy(weak)).toEqual([]);
    expect(new DeployedStacks(before).deploy(weak, reversed)).toEqual([]);
  });
});

describe.each<[string, Variant]>([
  ['a database in uses', { database: 'instance' }],
  ['a database user', { otherUser: true }],
])('the replacement of %s by another one', (_what, change) => {
  const after = rooms(change);

  test('is refused in both orders', () => {
    expect(new DeployedStacks(complete).deploy(after)[0]).toMatch(/cannot be deleted as it is in use by Application$/);
    expect(new DeployedStacks(complete).deploy(after, reversed)[0]).toMatch(/which no stack exports$/);
  });

  test('works after a deployment with both kinds of references', () => {
    const stacks = new DeployedStacks(complete);
    const strength = ReferenceStrength.BOTH;
    expect(stacks.deploy(rooms({ strength }))).toEqual([]);
    expect(stacks.deploy(rooms({ ...change, strength }))).toEqual([]);
    expect(stacks.deploy(after)).toEqual([]);
    expect(stacks.dangling).toEqual([]);
  });
});

test('a deployed app gets weak references after a deployment with both kinds, and not directly', () => {
  const weak = rooms({ strength: ReferenceStrength.WEAK });
  expect(new DeployedStacks(complete).deploy(weak)[0]).toMatch(/cannot be deleted as it is in use by/);
  const stacks = new DeployedStacks(complete);
  expect(stacks.deploy(rooms({ strength: ReferenceStrength.BOTH }))).toEqual([]);
  expect(stacks.deploy(weak)).toEqual([]);
});
