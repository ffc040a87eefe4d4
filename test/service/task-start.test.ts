import { App, CfnResource, Fn, NestedStack, Stack } from 'aws-cdk-lib';
import * as docdb from 'aws-cdk-lib/aws-docdb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as neptune from 'aws-cdk-lib/aws-neptune';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, DependencyGroup } from 'constructs';
import { someService } from './fargate-fixtures';
import { IServiceBindable, ServiceBinding } from '../../src/binding/service-binding';
import { DataProtection } from '../../src/core/data-protection';
import { EncryptedAuroraCluster } from '../../src/database/aurora/encrypted-aurora-cluster';
import { EncryptedDatabaseInstance } from '../../src/database/instance/encrypted-database-instance';
import { DatabaseProxy } from '../../src/database/shared/database-proxy';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { SecureLoadBalancer } from '../../src/load-balancer/secure-load-balancer';
import { HipaaVpc } from '../../src/network/hipaa-vpc';
import { NatStrategy } from '../../src/network/nat-strategy';
import { SecureFargateService } from '../../src/service/secure-fargate-service';
import { ServiceIngress } from '../../src/service/service-ingress';
import { newApp, newStack, someVpc } from '../support/app';
import { Dependencies, DependencyTemplate } from '../support/dependencies';
import { createdAfterTasks, cycles, rulesInLaterStacks } from '../support/task-start';

const POSTGRES = rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 });
const MYSQL = rds.DatabaseClusterEngine.auroraMysql({ version: rds.AuroraMysqlEngineVersion.VER_3_10_4 });
const INSTANCE = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 });
const SERVICE = 'AWS::ECS::Service';

let app: App;
let stack: Stack;
beforeEach(() => {
  app = newApp();
  stack = new Stack(app, 'Stack');
});

function templates(): Map<string, DependencyTemplate> {
  return new Map(app.synth().stacks.map(({ stackName, template }) => [stackName, template]));
}

/** Expects that every task starts last, in every stack. */
function expectTasksLast(): void {
  const all = templates();
  expect([...all.values()].flatMap((template) => new Dependencies(template).ofType(SERVICE)))
    .not.toEqual([]);
  expect([...all.values()].flatMap(createdAfterTasks)).toEqual([]);
  expect([...all.values()].flatMap(cycles)).toEqual([]);
  expect(rulesInLaterStacks(all)).toEqual([]);
}

/** The types of the resources before a service, in the stack of a test. */
function before(id = 'Api'): string[] {
  const template = templates().get('Stack')!;
  const dependencies = new Dependencies(template);
  const service = dependencies.ofType(SERVICE).find((each) => each.startsWith(id))!;
  return [...dependencies.reachedFrom(service)].map((each) => template.Resources[each].Type);
}

const database = (scope: Construct, vpc: ec2.IVpc, id = 'Database') =>
  new EncryptedDatabaseInstance(scope, id, { vpc, engine: INSTANCE });
const aurora = (scope: Construct, vpc: ec2.IVpc, proxy?: DatabaseProxy, engine = POSTGRES, readers?: number) =>
  new EncryptedAuroraCluster(scope, 'Cluster', { vpc, engine, proxy, readers });

describe('a service that uses a database starts after everything that makes the database reachable', () => {
  test('for a cluster: the instances, both rules, the user and the rotation of its password', () => {
    const { vpc } = new HipaaVpc(stack, 'Network');
    someService(stack, { vpc, uses: [aurora(stack, vpc)] });
    expectTasksLast();
    const types = before();
    expect(types.filter((type) => type === 'AWS::RDS::DBInstance')).toHaveLength(2);
    expect(types).toEqual(expect.arrayContaining([
      'AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress', 'AWS::SecretsManager::RotationSchedule',
      'AWS::IAM::ManagedPolicy', 'AWS::EC2::Route', 'Custom::DatabaseUser',
    ]));
  });

  test.each([
    ['with a password', DatabaseProxy.withPassword()],
    ['with a token', DatabaseProxy.withIamToken()],
  ])('for a proxy %s: the target group, the read-only endpoint, and the rules to the cluster', (_name, proxy) => {
    const vpc = someVpc(stack);
    const cluster = aurora(stack, vpc, proxy, MYSQL);
    const api = someService(stack, { vpc, uses: [cluster] });
    cluster.grantConnect(api, 'reports');
    expectTasksLast();
    const types = before();
    // From the service, and from the function of the users to the cluster and to a proxy that needs no token.
    const rules = { 'AWS::EC2::SecurityGroupIngress': 3, 'AWS::EC2::SecurityGroupEgress': 3 };
    for (const [type, least] of Object.entries(rules)) {
      expect(types.filter((each) => each === type).length).toBeGreaterThanOrEqual(least);
    }
    expect(types).toEqual(expect.arrayContaining(['AWS::RDS::DBProxyTargetGroup', 'AWS::RDS::DBProxyEndpoint']));
  });

  test('for disposable data, without a rotation of the master user and without readers', () => {
    DataProtection.of(stack).disposable({ reason: 'a test' });
    const vpc = someVpc(stack);
    someService(stack, { vpc, uses: [aurora(stack, vpc, DatabaseProxy.withPassword(), POSTGRES, 0)] });
    expectTasksLast();
    expect(before().filter((type) => type === 'AWS::SecretsManager::RotationSchedule')).toHaveLength(1);
    expect(before()).not.toContain('AWS::RDS::DBProxyEndpoint');
  });

  test('for an instance: both rules and the rotation of the password, but not its backups', () => {
    const vpc = someVpc(stack);
    someService(stack, { vpc, uses: [database(stack, vpc)] });
    expectTasksLast();
    expect(before()).toEqual(expect.arrayContaining([
      'AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress', 'AWS::SecretsManager::RotationSchedule',
    ]));
    expect(before()).not.toContain('AWS::Backup::BackupPlan');
  });

  test('for two services, which do not wait for one another', () => {
    const vpc = someVpc(stack);
    const cluster = aurora(stack, vpc, DatabaseProxy.withPassword());
    someService(stack, { vpc, uses: [cluster] });
    someService(stack, { vpc, uses: [cluster] }, 'Worker');
    expectTasksLast();
    expect(before('Api')).not.toContain(SERVICE);
    expect(before('Worker')).not.toContain(SERVICE);
  });

  test('for two services of two stacks, with the database, the network and the load balancer in others', () => {
    const network = new Stack(app, 'Network');
    const { vpc } = new HipaaVpc(network, 'Network');
    const data = new Stack(app, 'Data');
    const cluster = aurora(data, vpc, DatabaseProxy.withPassword());
    const edge = new Stack(app, 'Edge');
    const entrance = loadBalancerOf(edge, vpc);
    someService(stack, {
      vpc, uses: [cluster], containerPort: 8080, ingress: ServiceIngress.loadBalancer(entrance, { path: '/api/*' }),
    });
    const second = new Stack(app, 'Second');
    someService(second, { vpc, uses: [cluster], containerPort: 8080, ingress: ServiceIngress.loadBalancer(entrance) });
    expectTasksLast();
    for (const each of [stack, second]) {
      expect(each.dependencies.map(({ node }) => node.id).sort()).toEqual(['Data', 'Edge', 'Network']);
    }
  });

  test('in a nested stack beside the database', () => {
    const vpc = someVpc(stack);
    const cluster = aurora(new NestedStack(stack, 'Data'), vpc);
    const nested = new NestedStack(stack, 'Application');
    someService(nested, { vpc, uses: [cluster] });
    someService(nested, { vpc, uses: [database(stack, vpc)] }, 'Worker');
    const template = templates().get('Stack')!;
    const dependencies = new Dependencies(template);
    const [data, application] = ['Data', 'Application']
      .map((id) => dependencies.ofType('AWS::CloudFormation::Stack').find((each) => each.startsWith(id))!);
    expect(dependencies.goesBefore(application, data)).toBe(true);
    expect([...dependencies.reachedFrom(application)].map((id) => template.Resources[id].Type)).toEqual(
      expect.arrayContaining(['AWS::RDS::DBInstance', 'AWS::SecretsManager::RotationSchedule']),
    );
    expect(cycles(template)).toEqual([]);
  });
});

function loadBalancerOf(scope: Construct, vpc: ec2.IVpc): SecureLoadBalancer {
  return new SecureLoadBalancer(scope, 'Entrance', { vpc, endpoint: WebEndpoint.plainHttp({ reason: 'a test' }) });
}

describe('a service starts after', () => {
  test('the rules between its load balancer and its tasks, which the health checks need', () => {
    const vpc = someVpc(stack);
    someService(stack, { vpc, containerPort: 8080, ingress: ServiceIngress.loadBalancer(loadBalancerOf(stack, vpc)) });
    expectTasksLast();
    expect(before()).toEqual(expect.arrayContaining([
      'AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress', 'AWS::ElasticLoadBalancingV2::ListenerRule',
    ]));
  });

  test('the endpoints of a VPC without a route to the internet', () => {
    const network = new HipaaVpc(stack, 'Network', { nat: NatStrategy.none() });
    someService(stack, { vpc: network });
    expectTasksLast();
    expect(before().filter((type) => type === 'AWS::EC2::VPCEndpoint')).toHaveLength(9);
  });

  test('the endpoints of a VPC around its nested stack', () => {
    const network = new HipaaVpc(stack, 'Network', { nat: NatStrategy.none() });
    someService(new NestedStack(stack, 'Application'), { vpc: network });
    const template = templates().get('Stack')!;
    const dependencies = new Dependencies(template);
    const [nested] = dependencies.ofType('AWS::CloudFormation::Stack');
    const endpoints = dependencies.ofType('AWS::EC2::VPCEndpoint');
    expect(endpoints).toHaveLength(9);
    expect(endpoints.filter((id) => !dependencies.goesBefore(nested, id))).toEqual([]);
  });

  test('connections and endpoints that the app adds after the service', () => {
    const vpc = new ec2.Vpc(stack, 'Vpc');
    const api = someService(stack, { vpc });
    const cache = new ec2.SecurityGroup(stack, 'Cache', { vpc, allowAllOutbound: false });
    api.connections.allowTo(cache, ec2.Port.tcp(6379));
    vpc.addInterfaceEndpoint('Queues', { service: ec2.InterfaceVpcEndpointAwsService.SQS });
    expectTasksLast();
    expect(before()).toEqual(expect.arrayContaining([
      'AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress', 'AWS::EC2::VPCEndpoint',
    ]));
  });

  test('the instances of a cluster that its environment names, without uses', () => {
    const vpc = someVpc(stack);
    const cluster = aurora(stack, vpc);
    const api = someService(stack, { vpc, environment: { PGHOST: cluster.cluster.clusterEndpoint.hostname } });
    api.connections.allowToDefaultPort(cluster);
    expectTasksLast();
    expect(before().filter((type) => type === 'AWS::RDS::DBInstance')).toHaveLength(2);
  });

  test('the instances of a cluster whose attached secret it reads, and not those of another cluster', () => {
    const vpc = someVpc(stack);
    const [used] = ['Used', 'Unused'].map((id) => new rds.DatabaseCluster(stack, id, {
      vpc, engine: POSTGRES, writer: rds.ClusterInstance.serverlessV2('Writer'),
    }));
    someService(stack, { vpc, secrets: { PGHOST: ecs.Secret.fromSecretsManager(used.secret!, 'host') } });
    expectTasksLast();
    expect(before().filter((type) => type === 'AWS::RDS::DBInstance')).toHaveLength(1);
  });

  describe('the instances of a DocumentDB or Neptune cluster', () => {
    const document = (vpc: ec2.IVpc, id = 'Documents') => new docdb.DatabaseCluster(stack, id, {
      vpc,
      masterUser: { username: 'clinic' },
      instances: 2,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM),
    });
    const graph = () => {
      const cluster = new neptune.CfnDBCluster(stack, 'Graph');
      const props = { dbClusterIdentifier: cluster.ref, dbInstanceClass: 'db.t4g.medium' };
      new neptune.CfnDBInstance(stack, 'GraphInstance', props);
      return cluster;
    };
    const count = (type: string) => before().filter((each) => each === `AWS::${type}::DBInstance`).length;

    test.each<[string, () => string]>([
      ['a token', () => graph().attrEndpoint],
      ['Fn.getAtt of a logical ID', () => (graph(), Fn.getAtt('Graph', 'Endpoint').toString())],
      ['Fn.sub with a logical ID', () => (graph(), Fn.sub('wss://${Graph.Endpoint}:${Graph.Port}'))],
    ])('that the environment names with %s', (_name, endpoint) => {
      someService(stack, { environment: { GRAPH: endpoint() } });
      expectTasksLast();
      expect(count('Neptune')).toBe(1);
    });

    test('that the environment names, and not those of another cluster', () => {
      const vpc = someVpc(stack);
      const [used] = ['Used', 'Unused'].map((id) => document(vpc, id));
      someService(stack, { vpc, environment: { MONGO_HOST: used.clusterEndpoint.hostname } });
      expectTasksLast();
      expect(count('DocDB')).toBe(2);
    });

    test('in a stack around the nested stack of the service', () => {
      const vpc = someVpc(stack);
      const used = document(vpc);
      const nested = new NestedStack(stack, 'Nested');
      someService(nested, { vpc: someVpc(nested), environment: { MONGO_HOST: used.clusterEndpoint.hostname } });
      const template = templates().get('Stack')!;
      const dependencies = new Dependencies(template);
      const [creator] = dependencies.ofType('AWS::CloudFormation::Stack');
      expect([...dependencies.reachedFrom(creator)].filter((id) =>
        template.Resources[id].Type === 'AWS::DocDB::DBInstance')).toHaveLength(2);
    });

    class Documents extends Construct implements IServiceBindable {
      constructor(scope: Construct, id: string, private readonly connectable: ec2.IConnectable) {
        super(scope, id);
      }

      public bindToService(): ServiceBinding {
        return { connectable: this.connectable, environment: { MONGO_HOST: 'documents.clinic.internal' } };
      }
    }

    test('to which a binding connects', () => {
      const vpc = someVpc(stack);
      someService(stack, { vpc, uses: [new Documents(stack, 'Binding', document(vpc))] });
      expectTasksLast();
      expect(count('DocDB')).toBe(2);
    });

    test('to whose security group a binding connects', () => {
      const vpc = someVpc(stack);
      const group = new ec2.SecurityGroup(stack, 'Group', { vpc });
      graph().vpcSecurityGroupIds = [group.securityGroupId];
      const connections = new ec2.Connections({ securityGroups: [group], defaultPort: ec2.Port.tcp(8182) });
      someService(stack, { vpc, uses: [new Documents(stack, 'Binding', { connections })] });
      expectTasksLast();
      expect(count('Neptune')).toBe(1);
    });
  });

  test('the targets of a proxy of the user that its environment names', () => {
    const vpc = someVpc(stack);
    const cluster = new rds.DatabaseCluster(stack, 'Own', {
      vpc, engine: POSTGRES, writer: rds.ClusterInstance.serverlessV2('Writer'),
    });
    const proxy = cluster.addProxy('Proxy', { vpc, secrets: [cluster.secret!] });
    const api = someService(stack, { vpc, environment: { PGHOST: proxy.endpoint } });
    api.connections.allowTo(proxy, ec2.Port.tcp(5432));
    expect(before()).toEqual(expect.arrayContaining(['AWS::RDS::DBProxyTargetGroup', 'AWS::RDS::DBInstance']));
  });

  test('the mount targets of a file system in a volume', () => {
    const vpc = someVpc(stack);
    const files = new efs.FileSystem(stack, 'Files', { vpc });
    const api = someService(stack, { vpc });
    api.taskDefinition.addVolume({ name: 'files', efsVolumeConfiguration: { fileSystemId: files.fileSystemId } });
    expect(before().filter((type) => type === 'AWS::EFS::MountTarget')).toHaveLength(2);
  });

  test('the attachment that adds the host to a secret', () => {
    const vpc = someVpc(stack);
    const secret = new secretsmanager.Secret(stack, 'Secret');
    const other = new secretsmanager.Secret(stack, 'Other');
    const instance = new rds.DatabaseInstance(stack, 'Instance', { vpc, engine: INSTANCE });
    someService(stack, { vpc, secrets: { PGHOST: ecs.Secret.fromSecretsManager(secret, 'host') } });
    for (const each of [secret, other]) each.attach(instance);
    expectTasksLast();
    expect(before().filter((type) => type === 'AWS::SecretsManager::SecretTargetAttachment')).toHaveLength(1);
  });

  test('a service on which it calls, and this service can call back', () => {
    const vpc = someVpc(stack);
    const api = someService(stack, { vpc, containerPort: 8080 });
    const worker = someService(stack, { vpc, containerPort: 8080 }, 'Worker');
    api.connections.allowToDefaultPort(worker);
    worker.connections.allowToDefaultPort(api);
    expectTasksLast();
  });
});

describe('a service does not wait for', () => {
  test('a resource that the app creates after it', () => {
    const vpc = someVpc(stack);
    const api = someService(stack, { vpc, containerPort: 8080 });
    const check = someService(stack, { vpc, containerPort: 8080 }, 'Check');
    check.connections.allowToDefaultPort(api);
    api.connections.allowToDefaultPort(check);
    check.node.addDependency(api.service);
    const [template] = templates().values();
    expect(cycles(template)).toEqual([]);
  });

  test.each<[string, (vpc: ec2.IVpc) => IServiceBindable]>([
    ['an instance', (vpc) => database(stack, vpc)],
    ['a cluster with a proxy', (vpc) => aurora(stack, vpc, DatabaseProxy.withPassword())],
    ['a database of the user', (vpc) => new OwnDatabase(stack, 'Own', vpc)],
  ])('a service that the app creates after it and that uses the same database: %s', (_name, create) => {
    const vpc = someVpc(stack);
    const uses = [create(vpc)];
    const api = someService(stack, { vpc, uses });
    const worker = someService(stack, { vpc, uses }, 'Worker');
    worker.node.addDependency(api.service);
    expectTasksLast();
    expect(before('Worker')).toContain(SERVICE);
    expect(before('Api')).not.toContain(SERVICE);
  });

  test('an endpoint that leads to a service of the same app', () => {
    const vpc = new ec2.Vpc(stack, 'Vpc');
    const api = someService(stack, { vpc });
    const provider = new ec2.CfnVPCEndpointService(stack, 'Provider');
    provider.node.addDependency(api.service);
    const service = new ec2.InterfaceVpcEndpointService(`com.amazonaws.vpce.${stack.region}.${provider.ref}`);
    vpc.addInterfaceEndpoint('Private', { service });
    const [template] = templates().values();
    expect(cycles(template)).toEqual([]);
  });

  test('the rules of a later stack that connects to it', () => {
    const vpc = someVpc(stack);
    const api = someService(stack, { vpc, containerPort: 8080 });
    const later = new Stack(app, 'Later');
    const client = new ec2.SecurityGroup(later, 'Client', { vpc, allowAllOutbound: false });
    client.connections.allowTo(api, ec2.Port.tcp(8080));
    app.synth();
    expect(stack.dependencies).toEqual([]);
  });
});

/** A database of a user: a cluster of aws-cdk-lib with a secret that it writes. */
class OwnDatabase extends Construct implements IServiceBindable {
  private readonly cluster: rds.DatabaseCluster;

  constructor(scope: Construct, id: string, vpc: ec2.IVpc, private readonly more: Partial<ServiceBinding> = {}) {
    super(scope, id);
    this.cluster = new rds.DatabaseCluster(this, 'Cluster', {
      vpc,
      engine: POSTGRES,
      writer: rds.ClusterInstance.serverlessV2('Writer'),
      storageEncryptionKey: new kms.Key(this, 'Key'),
    });
  }

  public bindToService(): ServiceBinding {
    return {
      connectable: this.cluster,
      environment: { PGHOST: this.cluster.clusterEndpoint.hostname },
      secrets: { PGPASSWORD: ecs.Secret.fromSecretsManager(this.cluster.secret!, 'password') },
      ...this.more,
    };
  }
}

/** A statement of a policy. */
const reads = (...resources: string[]) => new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources });
const QUEUE = 'arn:aws:sqs:us-east-1:111122223333:orders';

describe('a policy that the app attaches to a role of a service', () => {
  const document = { Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE }] };
  const orphan = (id: string) => new iam.ManagedPolicy(stack, id, { statements: [reads(QUEUE)] });

  test.each<[string, (role: iam.Role) => CfnResource]>([
    ['ManagedPolicy', (role) =>
      new iam.ManagedPolicy(stack, 'Late', { roles: [role], statements: [reads(QUEUE)] }).node.defaultChild as never],
    ['Policy', (role) =>
      new iam.Policy(stack, 'Late', { roles: [role], statements: [reads(QUEUE)] }).node.defaultChild as never],
    ['attachInlinePolicy', (role) => {
      const policy = new iam.Policy(stack, 'Late', { statements: [reads(QUEUE)] });
      role.attachInlinePolicy(policy);
      return policy.node.defaultChild as never;
    }],
    ['attachToRole', (role) => {
      const policy = orphan('Late');
      policy.attachToRole(role);
      return policy.node.defaultChild as never;
    }],
    ['CfnManagedPolicy', (role) =>
      new iam.CfnManagedPolicy(stack, 'Late', { roles: [role.roleName], policyDocument: document })],
    ['CfnPolicy', (role) =>
      new iam.CfnPolicy(stack, 'Late', { policyName: 'p', roles: [role.roleName], policyDocument: document })],
    ['CfnRolePolicy', (role) =>
      new iam.CfnRolePolicy(stack, 'Late', { policyName: 'p', roleName: role.roleName, policyDocument: document })],
    ['a generic resource', (role) => new CfnResource(stack, 'Late', {
      type: 'AWS::IAM::Policy', properties: { PolicyName: 'p', Roles: [role.roleName], PolicyDocument: document },
    })],
    ['an imported role', (role) => new iam.ManagedPolicy(stack, 'Late', {
      roles: [iam.Role.fromRoleArn(stack, 'Imported', role.roleArn)], statements: [reads(QUEUE)],
    }).node.defaultChild as never],
  ])('exists before the service: %s', (_name, attach) => {
    const api = someService(stack);
    const policies = [attach(api.taskRole)].map(({ logicalId }) => stack.resolve(logicalId) as string);
    expectTasksLast();
    const dependencies = new Dependencies(templates().get('Stack')!);
    expect([...dependencies.reachedFrom(dependencies.ofType(SERVICE)[0])]).toEqual(expect.arrayContaining(policies));
  });

  test('exists before the service, for the execution role', () => {
    const { executionRole } = someService(stack);
    new iam.ManagedPolicy(stack, 'Late', { roles: [executionRole], statements: [reads(QUEUE)] });
    expectTasksLast();
  });

  test('does not delay another service', () => {
    const api = someService(stack);
    someService(stack, { vpc: api.cluster.vpc }, 'Worker');
    const late = new iam.ManagedPolicy(stack, 'Late', { roles: [api.taskRole], statements: [reads(QUEUE)] });
    expectTasksLast();
    const dependencies = new Dependencies(templates().get('Stack')!);
    const waits = dependencies.ofType(SERVICE).map((each) =>
      dependencies.goesBefore(each, stack.resolve((late.node.defaultChild as CfnResource).logicalId)));
    expect(waits.sort()).toEqual([false, true]);
  });

  test.each<[string, (api: SecureFargateService) => string]>([
    ['by its ARN', ({ service }) => service.serviceArn],
    ['by its name in a text', ({ service }) =>
      Fn.sub('arn:aws:ecs:x:1:service/${name}', { name: service.serviceName })],
    ['by its logical ID', ({ service }) =>
      Fn.getAtt(stack.resolve((service.node.defaultChild as CfnResource).logicalId), 'ServiceArn').toString()],
    ['by a resource that names it', ({ service }) =>
      new CfnResource(stack, 'Between', { type: 'AWS::SQS::Queue', properties: { Name: service.serviceName } }).ref],
    ['by a resource that depends on it', (api) => {
      const between = new CfnResource(stack, 'Between', { type: 'AWS::SQS::Queue' });
      between.node.addDependency(api);
      return between.ref;
    }],
    ['by a resource with a dependency of CloudFormation', ({ service }) => {
      const between = new CfnResource(stack, 'Between', { type: 'AWS::SQS::Queue' });
      between.addResourceDependency(service.node.defaultChild as CfnResource);
      return between.ref;
    }],
    ['by an override', ({ service }) => {
      const between = new CfnResource(stack, 'Between', { type: 'AWS::SQS::Queue' });
      between.addPropertyOverride('Name', service.serviceName);
      return between.ref;
    }],
    ['by a nested stack', ({ service }) => {
      const nested = new NestedStack(stack, 'Nested');
      new CfnResource(nested, 'Inner', { type: 'AWS::SQS::Queue', properties: { Name: service.serviceName } });
      return new CfnResource(nested, 'Other', { type: 'AWS::SQS::Queue' }).ref;
    }],
    ['by a service that follows', (api) => {
      const worker = someService(stack, { vpc: api.cluster.vpc }, 'Worker');
      worker.node.addDependency(api.service);
      return worker.service.serviceArn;
    }],
  ])('can refer to the service: %s', (_name, resource) => {
    const api = someService(stack);
    new iam.ManagedPolicy(stack, 'Late', { roles: [api.taskRole], statements: [reads(resource(api))] });
    new iam.ManagedPolicy(stack, 'Other', { roles: [api.taskRole], statements: [reads(QUEUE)] });
    expectTasksLast();
    expect(before().filter((type) => type === 'AWS::IAM::ManagedPolicy').length).toBeGreaterThan(1);
  });

  test('can refer to a service whose policy refers to the first one', () => {
    const api = someService(stack);
    const worker = someService(stack, { vpc: api.cluster.vpc }, 'Worker');
    for (const [one, other] of [[api, worker], [worker, api]]) {
      new iam.ManagedPolicy(one, 'Late', { roles: [one.taskRole], statements: [reads(other.service.serviceArn)] });
    }
    expect(cycles(templates().get('Stack')!)).toEqual([]);
  });

  test('can refer to another service, which then exists first', () => {
    const api = someService(stack);
    const worker = someService(stack, { vpc: api.cluster.vpc }, 'Worker');
    new iam.ManagedPolicy(stack, 'Late', { roles: [api.taskRole], statements: [reads(worker.service.serviceArn)] });
    expectTasksLast();
    expect(before('Api')).toContain(SERVICE);
  });

  test('can be in a later stack, which depends on the stack of the service', () => {
    const api = someService(stack);
    const later = new Stack(app, 'Later');
    new iam.ManagedPolicy(later, 'Late', { roles: [api.taskRole], statements: [reads(QUEUE)] });
    app.synth();
    expect(later.dependencies).toEqual([stack]);
    expect(stack.dependencies).toEqual([]);
  });

  test('can be in a nested stack, which is created after the service', () => {
    const api = someService(stack);
    const nested = new NestedStack(stack, 'Nested');
    new iam.ManagedPolicy(nested, 'Late', { roles: [api.taskRole], statements: [reads(QUEUE)] });
    expect(cycles(templates().get('Stack')!)).toEqual([]);
  });
});

describe('a service with a binding that users write', () => {
  test('waits for everything in the construct by default', () => {
    const vpc = someVpc(stack);
    someService(stack, { vpc, uses: [new OwnDatabase(stack, 'Own', vpc)] });
    expectTasksLast();
    expect(before()).toEqual(expect.arrayContaining([
      'AWS::RDS::DBInstance', 'AWS::SecretsManager::SecretTargetAttachment',
    ]));
  });

  test('waits for what the binding names, also for a group of dependables', () => {
    const vpc = someVpc(stack);
    const waited = new kms.Key(stack, 'Waited');
    const grouped = new kms.Key(stack, 'Grouped');
    const waitFor = [waited, new DependencyGroup(grouped)];
    someService(stack, { vpc, uses: [new OwnDatabase(stack, 'Own', vpc, { waitFor })] });
    const template = templates().get('Stack')!;
    const dependencies = new Dependencies(template);
    const reached = dependencies.reachedFrom(dependencies.ofType(SERVICE)[0]);
    for (const key of [waited, grouped]) expect(reached).toContain(stack.resolve(key.keyRef.keyId).Ref);
  });

  test('waits for nothing if the list is empty', () => {
    const vpc = someVpc(stack);
    const nothing = { environment: {}, secrets: {}, connectable: undefined };
    someService(stack, { vpc, uses: [new OwnDatabase(stack, 'Own', vpc, { ...nothing, waitFor: [] })] });
    expect(before()).not.toContain('AWS::RDS::DBCluster');
  });

  test('adds a dependency between the stacks of service and resource, also without a reference', () => {
    const data = new Stack(app, 'Data');
    const own = new OwnDatabase(data, 'Own', someVpc(data), {
      connectable: undefined, environment: { PGHOST: 'db.clinic.internal' }, secrets: {},
    });
    someService(stack, { uses: [own] });
    app.synth();
    expect(stack.dependencies).toEqual([data]);
  });

  test('waits for a whole stack that implements the binding', () => {
    class DataStack extends Stack implements IServiceBindable {
      public readonly own = new OwnDatabase(this, 'Own', someVpc(this));
      public bindToService = () => ({ environment: { PGHOST: 'db.clinic.internal' } });
    }
    const data = new DataStack(app, 'Data');
    someService(stack, { uses: [data] });
    app.synth();
    expect(stack.dependencies).toEqual([data]);
  });

  test('does not wait for a construct that contains it', () => {
    class Platform extends Construct implements IServiceBindable {
      public readonly api = someService(this, { uses: [this] });
      public bindToService(): ServiceBinding {
        return { environment: { A: 'b' } };
      }
    }
    expect(new Platform(stack, 'Platform').api).toBeDefined();
    expect(cycles(templates().get('Stack')!)).toEqual([]);
  });

  test('refuses something that is not a dependable', () => {
    const waitFor = ['Key'] as never;
    const vpc = someVpc(stack);
    expect(() => someService(stack, { vpc, uses: [new OwnDatabase(stack, 'Own', vpc, { waitFor })] })).toThrow(
      new Error(
        "[Stack/Own] bindToService().waitFor[0] must be an IDependable, got 'Key'. Return an IDependable.",
      ),
    );
  });
});

test('a service without dependencies waits for its roles only', () => {
  const own = newStack();
  someService(own);
  const template: DependencyTemplate = (own.node.root as App).synth().getStackByName('Stack').template;
  const [service] = Object.values(template.Resources).filter(({ Type }) => Type === SERVICE);
  expect([service.DependsOn].flat().map((id) => template.Resources[id!].Type).sort()).toEqual([
    'AWS::IAM::ManagedPolicy', 'AWS::IAM::Role', 'AWS::IAM::Role',
  ]);
});

describe('the walk over a template finds', () => {
  const template = (resources: DependencyTemplate['Resources']): DependencyTemplate => ({
    Resources: {
      Group: { Type: 'AWS::EC2::SecurityGroup' },
      Task: { Type: 'AWS::ECS::TaskDefinition', Properties: { Host: { 'Fn::GetAtt': ['Db', 'Host'] } } },
      Api: {
        Type: SERVICE,
        Properties: {
          TaskDefinition: { Ref: 'Task' },
          NetworkConfiguration: { AwsvpcConfiguration: { SecurityGroups: [{ Ref: 'Group' }] } },
        },
      },
      Db: { Type: 'AWS::RDS::DBCluster' },
      ...resources,
    },
  });

  test('an instance that is created after the tasks', () => {
    const Instance = { Type: 'AWS::RDS::DBInstance', Properties: { DBClusterIdentifier: { Ref: 'Db' } } };
    expect(createdAfterTasks(template({ Instance }))).toEqual(['Instance -> Api']);
  });

  test('a rule that is created after the tasks', () => {
    const GroupId = { 'Fn::GetAtt': ['Group', 'GroupId'] };
    const Rule = { Type: 'AWS::EC2::SecurityGroupEgress', Properties: { GroupId } };
    expect(createdAfterTasks(template({ Rule }))).toEqual(['Rule -> Api']);
  });

  test('a cycle', () => {
    const Instance = { Type: 'AWS::RDS::DBInstance', DependsOn: 'Instance2' };
    const Instance2 = { Type: 'AWS::RDS::DBInstance', DependsOn: ['Instance'] };
    expect(cycles(template({ Instance, Instance2 }))).toEqual(['Instance', 'Instance2']);
  });

  test('a rule in a later stack', () => {
    const value = { 'Fn::ImportValue': 'First:ExportsOutputFnGetAttGroupGroupId1' };
    const Rule = { Type: 'AWS::EC2::SecurityGroupIngress', Properties: { SourceSecurityGroupId: value } };
    expect(rulesInLaterStacks(new Map([['First', template({})], ['Later', { Resources: { Rule } }]])))
      .toEqual(['Later/Rule -> First']);
  });
});
