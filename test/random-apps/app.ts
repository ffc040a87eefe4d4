import { App, Aspects, Stack, Stage, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { anImportedVpc, aRole, aSecret, aWebAclArn } from './existing';
import { Generator, Making, Place } from './generator';
import { inOrganization } from './guardrail-recipes';
import { Random } from './random';
import { ENGINES, RECIPES } from './recipes';
import { FLAGS, Shape, shapeOf } from './shape';
import { Backlog, Pipeline, Visit, Visits } from './user-constructs';
import * as library from '../../src';
import { USERS } from '../support/shapes';

/** How an app differs from the app of its seed, without a change of its input. */
export interface Variant {
  /** The keys of each map are in the opposite order. */
  readonly reversed?: boolean;
  /** An unrelated construct is added. */
  readonly extra?: boolean;
  /** The app has most of its optional parts, and these props and factories wherever they are valid. */
  readonly wanted?: ReadonlySet<string>;
  /** Whether the metadata contains the stack trace of each resource, which takes a quarter of the time. */
  readonly traced?: boolean;
}

/** A random app, which is valid. */
export class RandomApp {
  public readonly app: App;
  public readonly shape: Shape;
  public readonly generator: Generator;
  private readonly random: Random;
  private readonly parent: Construct;
  private readonly stacks = new Map<string, Stack>();
  private readonly watchable: library.IMonitored[] = [];
  private sharedKey?: kms.IKey;
  private vpc!: ec2.IVpc;

  constructor(seed: number, private readonly variant: Variant = {}) {
    this.random = new Random(seed, variant.wanted ? 3 : 1);
    this.shape = shapeOf(variant.wanted ? new Random(seed) : this.random);
    const classes = library as unknown as Record<string, Record<string, (...args: unknown[]) => unknown>>;
    this.generator = new Generator(this.random, RECIPES, classes, variant.reversed === true, variant.wanted);
    this.app = new App({ analyticsReporting: false, context: this.shape.flags ? FLAGS : {} });
    library.ComplianceChecks.of(this.app).report(this.checks());
    this.parent = this.shape.stage ? new Stage(this.app, 'Prod', { env: this.shape.env }) : this.app;
    if (this.shape.disposable) library.DataProtection.of(this.parent).disposable({ reason: 'synthetic records' });
    this.create();
    if (this.shape.tags) {
      Tags.of(this.app).add('cost-center', 'clinic');
      Aspects.of(this.app).add(new Visit());
    }
  }

  /** The options of the checks, which exist before the first stack. */
  private checks(): library.ComplianceCheckOptions {
    const place = { disposable: this.shape.disposable } as Place;
    const stackName = this.shape.stage ? this.random.pick(['Prod/Pipeline', 'Prod-Pipeline']) : 'Pipeline';
    return this.generator.props<library.ComplianceCheckOptions>('ComplianceCheckOptions', place, {
      excludedStacks: this.shape.excluded
        ? [this.generator.props<library.ExcludedStack>('ExcludedStack', place, { stackName })] : undefined,
    });
  }

  private create(): void {
    const { random } = this;
    if (this.shape.excluded) new Pipeline(this.parent, 'Pipeline', { env: this.shape.env });
    if (this.shape.sharedKey) {
      this.sharedKey = new kms.Key(this.place('Keys').users, 'SharedKey', { enableKeyRotation: true });
    }
    this.vpc = this.network();
    const databases = this.databases();
    const secrets = random.chance(0.5) ? this.secrets() : undefined;
    const images = random.chance(0.4) ? this.images() : undefined;
    const stores = random.chance(0.4) ? this.stores() : [];
    const loadBalancers = Array.from({ length: random.int(0, 1) }, () => this.loadBalancer());
    const cluster = random.chance(0.5) ? this.cluster() : undefined;
    const instances = cluster && random.chance(0.5) ? this.instances(cluster) : undefined;
    for (let index = random.int(0, 3); index > 0; index--) {
      this.service({ databases, secrets, images, loadBalancers, cluster, instances, stores });
    }
    if (random.chance(0.3)) this.bastion(databases);
    if (random.chance(0.15)) this.sshBastion(databases);
    if (random.chance(0.3)) this.firewall();
    if (random.chance(0.3)) this.site();
    if (random.chance(0.3)) this.guardrails();
    if (random.chance(0.6)) this.monitoring();
    if (this.variant.extra) this.unrelated();
  }

  private making(place: Place, soFar: Record<string, unknown> = {}): Making {
    return { generator: this.generator, random: this.random, place, soFar };
  }

  /** The stack of a room, or the one stack of the app. With the guardrails, a large system has too many resources. */
  private place(room: string, vpc?: ec2.IVpc): Place {
    const id = this.shape.rooms || room === 'Guardrails' ? room : 'Main';
    let stack = this.stacks.get(id);
    if (!stack) {
      stack = new Stack(this.parent, id, { env: this.shape.stage ? undefined : this.shape.env });
      this.stacks.set(id, stack);
      if (this.shape.boundary) limitRoles(stack);
      if (this.shape.reportOnly && this.stacks.size === 1) {
        library.ComplianceChecks.of(stack).reportOnly({ reason: 'a new stack' });
      }
    }
    const users = (stack.node.tryFindChild(USERS) as Construct | undefined) ?? new Construct(stack, USERS);
    const { region } = this.shape.env ?? {};
    // The monitoring is in the stack of the key, and needs the stack of the guardrails.
    const sharedKey = id === 'Guardrails' && !this.shape.rooms ? undefined : this.sharedKey;
    return { stack, users, region, disposable: this.shape.disposable, vpc, sharedKey };
  }

  private network(): ec2.IVpc {
    const place = this.place('Network');
    if (!this.shape.ownVpc) return anImportedVpc(this.making(place));
    return this.watched(new library.HipaaVpc(place.stack, 'Network', this.generator.props('HipaaVpcProps', place)));
  }

  private databases(): Database[] {
    const { random, generator } = this;
    return random.some(['postgres', 'mysql', 'auroraPostgres', 'auroraMysql'] as const, 0, 2).map((kind) => {
      const place = this.place(`Data${kind}`, this.vpc);
      const id = `Database-${kind}`;
      const given: object = { vpc: this.vpc, engine: ENGINES[kind]() };
      const database = kind.startsWith('aurora')
        ? new library.EncryptedAuroraCluster(
          place.stack, id,
          generator.props<library.EncryptedAuroraClusterProps>('EncryptedAuroraClusterProps', place, given))
        : new library.EncryptedDatabaseInstance(
          place.stack, id,
          generator.props<library.EncryptedDatabaseInstanceProps>('EncryptedDatabaseInstanceProps', place, given));
      if (random.chance(0.2)) database.grantConnect(aRole(this.making(place)), 'ada');
      return { database, users: this.users(this.watched(database), place) };
    });
  }

  /** The users of a database. A cluster with a proxy refuses users. */
  private users(database: Database['database'], place: Place): library.IDatabaseUser[] {
    const { random, generator } = this;
    if ('proxy' in database && database.proxy) return [];
    return Array.from({ length: random.chance(0.5) ? random.int(1, 3) : 0 }, () => {
      const user = database.access(generator.unique('Reports'), generator.choice('DatabaseAccess', place));
      if (random.chance(0.3)) user.grantLogin(aRole(this.making(place), 'lambda.amazonaws.com'));
      return user;
    });
  }

  private secrets(): library.RotatingSecrets {
    const { random, generator } = this;
    const place = this.place('Secrets');
    const names = random.some(['session', 'fields', 'partner-a', 'vendor_b', 'clearing', 'mail'], 1, 6);
    const external = random.int(0, names.length - 1);
    const secrets = new library.RotatingSecrets(place.stack, 'Secrets', generator.props('RotatingSecretsProps', place, {
      secrets: generator.map(names.slice(external).map((name) => [name, generator.choice('GeneratedSecret', place)])),
      externalSecrets: external === 0 ? undefined : generator.map(names.slice(0, external)
        .map((name) => [name, generator.props('ExternalSecretOptions', place)])),
    }));
    if (random.chance(0.3)) secrets.grantRead(aRole(this.making(place), 'lambda.amazonaws.com'), names[0]);
    secretNames.set(secrets, names);
    return this.watched(secrets);
  }

  /** A bucket and a field key, as services use them. */
  private stores(): library.IServiceBindable[] {
    const { random, generator } = this;
    const place = this.place('Storage', this.vpc);
    const bucket = new library.PhiBucket(place.stack, 'Reports', generator.props('PhiBucketProps', place));
    if (random.chance(0.3)) bucket.grantRead(aRole(this.making(place), 'lambda.amazonaws.com'));
    const fields = new library.FieldEncryptionKey(
      place.stack, 'Fields', generator.props('FieldEncryptionKeyProps', place));
    this.watched<library.IMonitored>(bucket);
    this.watched<library.IMonitored>(fields);
    return [
      random.pick<library.IServiceBindable>([bucket, bucket.readOnly(), bucket.writeOnly()]),
      random.pick<library.IServiceBindable>([fields, fields.encryptOnly(), fields.decryptOnly()]),
    ];
  }

  private images(): library.HardenedRepository {
    const place = this.place('Images');
    const images = new library.HardenedRepository(
      place.stack, 'Images', this.generator.props('HardenedRepositoryProps', place));
    if (this.random.chance(0.4)) images.grantPush(aRole(this.making(place), 'codebuild.amazonaws.com'));
    return images;
  }

  private loadBalancer(): library.SecureLoadBalancer {
    const place = this.place('Entrance', this.vpc);
    return this.watched(new library.SecureLoadBalancer(
      place.stack, 'Entrance',
      this.generator.props<library.SecureLoadBalancerProps>('SecureLoadBalancerProps', place, { vpc: this.vpc })));
  }

  private cluster(): library.ServiceCluster {
    const place = this.place('Cluster', this.vpc);
    return this.watched(new library.ServiceCluster(
      place.stack, 'Cluster', this.generator.props('ServiceClusterProps', place, { vpc: this.vpc })));
  }

  /** The instances are in the stack of their cluster. */
  private instances(cluster: library.ServiceCluster): library.Ec2Capacity {
    const place = this.place('Cluster', this.vpc);
    const props = this.generator.props<library.Ec2CapacityProps>('Ec2CapacityProps', place, { cluster });
    return this.watched(new library.Ec2Capacity(place.stack, 'Instances', props));
  }

  /** The capacity of a service. Instances decide the CPU architecture, and allow no ECS Exec. */
  private capacity(place: Place, instances: library.Ec2Capacity | undefined): Record<string, unknown> {
    if (!this.random.chance(0.4)) return {};
    const capacity = this.generator.choice<library.ServiceCapacity>('ServiceCapacity', place, { instances });
    if (!instances || !('instances' in capacity)) return { capacity };
    const isArm = instances.architecture === ec2.InstanceArchitecture.ARM_64;
    const cpuArchitecture = isArm ? ecs.CpuArchitecture.ARM64 : ecs.CpuArchitecture.X86_64;
    return { capacity, cpuArchitecture, exec: library.ExecAccess.none() };
  }

  private service({ databases, secrets, images, loadBalancers, cluster, instances, stores }: Parts): void {
    const { random, generator } = this;
    const id = generator.unique('Service');
    const place = this.place(id, this.vpc);
    const ingress = random.chance(0.8)
      ? generator.choice<library.ServiceIngress>('ServiceIngress', place, { loadBalancers }) : undefined;
    const usesCluster = cluster && random.chance(0.7);
    const uses = random.chance(0.7) ? this.oneOfEachProtocol(databases) : [];
    uses.push(...random.some(stores, 0, stores.length));
    if (random.chance(0.3)) uses.push(new Backlog(place.stack, `${id}Backlog`, this.making(place)));
    const jobs = random.chance(0.3) ? this.jobs(place) : undefined;
    if (jobs) uses.push(random.pick([jobs, jobs.sendOnly(), jobs.receiveOnly()]));
    const isFromRepository = images && this.shape.rooms && random.chance(0.7);
    const names = secrets && random.chance(0.7) ? random.some(secretNames.get(secrets)!, 1, 4) : [];
    const given: Record<string, unknown> = {
      image: isFromRepository ? images.image('1.2.3')
        : ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3'),
      vpc: usesCluster && random.chance(0.5) ? undefined : this.vpc,
      cluster: usesCluster ? cluster : undefined,
      uses: uses.length > 0 ? uses : undefined,
      ingress,
      ...this.capacity(place, usesCluster ? instances : undefined),
      ...ingress && hasPort(ingress) ? { containerPort: random.int(1_024, 65_535), receives: true } : {},
      ...names.length > 0 ? {
        secrets: generator.map(names.map((name) =>
          [name.toUpperCase().replace('-', '_'), secrets!.forContainer(name)])),
      } : {},
    };
    const props = generator.props<Record<string, unknown>>('SecureFargateServiceProps', place, given);
    delete props.receives;
    const inCluster = usesCluster && random.chance(0.3);
    const create = (scope: Construct, own: library.SecureFargateServiceProps) =>
      inCluster ? cluster.addService(scope, id, own) : new library.SecureFargateService(scope, id, own);
    if (inCluster) delete props.cluster;
    const service = create(place.stack, props as unknown as library.SecureFargateServiceProps);
    for (const database of uses.filter((each) => 'grantConnect' in each)) {
      if (random.chance(0.3)) (database as library.EncryptedAuroraCluster).grantConnect(service, 'app');
    }
    this.watched(service);
    if (random.chance(0.3)) this.migration(service, place, given);
    if (random.chance(0.2)) this.scheduledTask(service, place, given);
  }

  private jobs(place: Place): library.JobQueue {
    const id = this.generator.unique('Jobs');
    return this.watched(new library.JobQueue(place.stack, id, this.generator.props('JobQueueProps', place)));
  }

  private scheduledTask(
    service: library.SecureFargateService, place: Place, { image, uses }: Record<string, unknown>,
  ): void {
    const { random, generator } = this;
    const given: Partial<library.ScheduledTaskProps> = {
      image: image as ecs.ContainerImage,
      uses: uses as library.IServiceBindable[] | undefined,
      vpc: this.vpc,
      cluster: random.chance(0.5) ? service.cluster : undefined,
    };
    const id = `${service.node.id}Nightly`;
    this.watched(new library.ScheduledTask(place.stack, id, generator.props('ScheduledTaskProps', place, given)));
  }

  private migration(
    service: library.SecureFargateService, place: Place, { image, uses }: Record<string, unknown>,
  ): void {
    const { random, generator } = this;
    const id = `${service.node.id}Migration`;
    const cluster = random.chance(0.5) ? service.cluster : undefined;
    const given: Partial<library.MigrationTaskProps> = {
      image: image as ecs.ContainerImage,
      uses: uses as library.IServiceBindable[] | undefined
        ?? [new Backlog(place.stack, `${id}Backlog`, this.making(place))],
      runBefore: random.chance(0.6) ? [service] : undefined,
      vpc: this.vpc,
      cluster,
    };
    this.watched(new library.MigrationTask(place.stack, id, generator.props('MigrationTaskProps', place, given)));
  }

  /** Two databases of one protocol set the same environment variables, as do a database and its users. */
  private oneOfEachProtocol(databases: Database[]): library.IServiceBindable[] {
    const isPostgres = ({ database }: Database) => /postgres/i.test(database.node.id);
    return [databases.find(isPostgres), databases.find((each) => !isPostgres(each))]
      .filter((each) => each !== undefined)
      .map(({ database, users }) => this.random.pick<library.IServiceBindable>([database, ...users]));
  }

  private bastion(databases: Database[]): void {
    const place = this.place('Bastion', this.vpc);
    const bastion = new library.SsmBastion(
      place.stack, 'Bastion', this.generator.props('SsmBastionProps', place, { vpc: this.vpc }));
    for (const { database } of databases) bastion.allowTo(database);
    if (this.random.chance(0.5)) bastion.grantStartSession(aRole(this.making(place)));
    this.watched(bastion);
  }

  private sshBastion(databases: Database[]): void {
    const place = this.place('SshBastion', this.vpc);
    const bastion = new library.SshBastion(
      place.stack, 'SshBastion',
      this.generator.props<library.SshBastionProps>('SshBastionProps', place, { vpc: this.vpc }));
    for (const { database } of databases) bastion.allowTo(database);
    this.watched(bastion);
  }

  private firewall(): void {
    const place = this.place('Firewall');
    this.watched(new library.WebFirewall(
      place.stack, 'Firewall', this.generator.props('WebFirewallProps', place)));
  }

  private site(): void {
    const { random } = this;
    const { region } = this.shape.env ?? {};
    if (region !== undefined && /^(us-gov|cn)-/.test(region)) return;
    const place = { ...this.place('Site'), ...this.shape.rooms ? { sharedKey: undefined } : {} };
    const elsewhere = region !== undefined && region !== 'us-east-1';
    const firewall = !elsewhere && random.chance(0.5) ? undefined : random.pick([
      () => library.WebFirewall.none({ reason: 'a public page' }),
      () => library.WebFirewall.fromWebAclArn(aWebAclArn(place, 'global')),
    ])();
    const site = new library.StaticSiteCdn(
      place.stack, 'Site', this.generator.props('StaticSiteCdnProps', place, { firewall }));
    // The metrics of CloudFront are in us-east-1.
    if (!elsewhere) this.watched(site);
  }

  private guardrails(): void {
    const place = this.place('Guardrails');
    const given = this.random.pick([true, false]) ? inOrganization(this.making(place)) : {};
    this.watched(new library.ComplianceGuardrails(
      place.stack, 'Guardrails', this.generator.props('ComplianceGuardrailsProps', place, given)));
  }

  private monitoring(): void {
    const { generator, random } = this;
    const place = this.place('Watch');
    const monitoring = new library.WorkloadMonitoring(
      place.stack, 'Monitoring', generator.props('WorkloadMonitoringProps', place));
    const own = random.chance(0.3) ? [new Visits(place.stack, 'Visits', this.making(place))] : [];
    const watched = [...this.watchable, ...own];
    if (watched.length > 0) monitoring.watch(...watched);
  }

  /** A construct that no other one uses, at the end or in a stack of its own. */
  private unrelated(): void {
    const place = this.place('Extra', this.vpc);
    new library.HardenedRepository(place.stack, 'ExtraImages');
    new library.RotatingSecrets(place.stack, 'ExtraSecrets', {
      secrets: { extra: library.GeneratedSecret.password() }, encryptionKey: this.sharedKey,
    });
    new library.SecureFargateService(place.stack, 'ExtraService', {
      vpc: this.vpc,
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/extra:1.2.3'),
      secrets: { TOKEN: ecs.Secret.fromSecretsManager(aSecret(this.making(place))) },
    });
  }

  private watched<T extends library.IMonitored>(construct: T): T;
  private watched<T extends library.IServiceBindable>(construct: T): T;
  private watched<T>(construct: T): T {
    this.watchable.push(construct as library.IMonitored);
    return construct;
  }
}

/** A database and its users. */
interface Database {
  readonly database: library.EncryptedDatabaseInstance | library.EncryptedAuroraCluster;
  readonly users: library.IDatabaseUser[];
}

interface Parts {
  readonly databases: Database[];
  readonly secrets?: library.RotatingSecrets;
  readonly images?: library.HardenedRepository;
  readonly loadBalancers: library.SecureLoadBalancer[];
  readonly cluster?: library.ServiceCluster;
  readonly instances?: library.Ec2Capacity;
  readonly stores: library.IServiceBindable[];
}

const secretNames = new WeakMap<library.RotatingSecrets, string[]>();

/** Applies a permissions boundary to the roles of a stack. */
function limitRoles(stack: Stack): void {
  const arn = stack.formatArn({ service: 'iam', region: '', resource: 'policy', resourceName: 'boundary' });
  iam.PermissionsBoundary.of(stack).apply(iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', arn));
}

function hasPort(ingress: library.ServiceIngress): boolean {
  return 'options' in ingress;
}
