import { CfnOutput, CfnParameter, Duration, Size, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { IServiceBindable } from '../../../src/binding/service-binding';
import { DataProtection } from '../../../src/core/data-protection';
import { DatabaseAccess } from '../../../src/database/access/database-access';
import { EncryptedDatabaseInstance } from '../../../src/database/instance/encrypted-database-instance';
import { WorkloadMonitoring } from '../../../src/monitoring/workload-monitoring';
import { HipaaVpc } from '../../../src/network/hipaa-vpc';
import { NatStrategy } from '../../../src/network/nat-strategy';
import { MigrationTask } from '../../../src/service/migration/migration-task';
import { MigrationTaskProps } from '../../../src/service/migration/migration-task-props';
import { ServiceCluster } from '../../../src/service/service-cluster';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../../support/app';
import { Dependencies } from '../../support/dependencies';
import { nagFindings } from '../../support/nag';
import { createdAfterTasks, cycles } from '../../support/task-start';
import { containerOf, IMAGE, onlyOne, someService } from '../fargate-fixtures';

const RUN = 'Custom::Migration';
const COMMAND = ['alembic', 'upgrade', 'head'];
const image = ecs.ContainerImage.fromRegistry(IMAGE);

let stack: Stack;
let vpc: ec2.IVpc;
beforeEach(() => {
  stack = newStack();
  vpc = someVpc(stack);
});

/** A resource that a task uses, with a connection. */
function someDatabase(scope: Construct = stack, id = 'Records'): IServiceBindable {
  const place = new Construct(scope, id);
  const group = new ec2.SecurityGroup(place, 'Group', { vpc, allowAllOutbound: false });
  const connectable = new ec2.Connections({ securityGroups: [group], defaultPort: ec2.Port.tcp(5432) });
  return Object.assign(place, { bindToService: () => ({ connectable, environment: { PGHOST: 'records' } }) });
}

/** A migration with the required props and the given ones. */
function someMigration(props: Partial<MigrationTaskProps> = {}, scope: Construct = stack): MigrationTask {
  const uses = props.uses ?? [someDatabase(scope)];
  return new MigrationTask(scope, 'Migration', { vpc, image, command: COMMAND, ...props, uses });
}

const realDatabase = (scope: Construct, network: ec2.IVpc) => new EncryptedDatabaseInstance(scope, 'Database', {
  vpc: network, engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 }),
});

/** The definition of the container of a construct, if the stack has several. */
function containerIn(scope: Stack, id: string) {
  const [, { ContainerDefinitions }] = Object.entries(propertiesOf(templateOf(scope), 'AWS::ECS::TaskDefinition'))
    .find(([logicalId]) => logicalId.startsWith(id))!;
  return ContainerDefinitions[0];
}

describe('the defaults', () => {
  test('are those of the container of a service, except for the prefix of its log streams and the port', () => {
    const other = newStack();
    someService(other, { command: COMMAND, environment: { PGHOST: 'records' } });
    someMigration();
    const { LogConfiguration: serviceLog, ...expected } = containerOf(other);
    const { LogConfiguration: log, ...container } = containerOf(stack);
    expect(container).toEqual(expected);
    expect(log.Options).toEqual({
      ...serviceLog.Options,
      'awslogs-group': { Ref: 'MigrationLogF7A864BD' },
      'awslogs-stream-prefix': 'migration',
    });
  });

  test('are those of the task of a service', () => {
    const other = newStack();
    someService(other);
    someMigration();
    const task = ({ Cpu, Memory, NetworkMode, RequiresCompatibilities, RuntimePlatform }: Record<string, unknown>) =>
      ({ Cpu, Memory, NetworkMode, RequiresCompatibilities, RuntimePlatform });
    expect(task(onlyOne(stack, 'AWS::ECS::TaskDefinition'))).toEqual(task(onlyOne(other, 'AWS::ECS::TaskDefinition')));
  });

  test('create no function and no custom resource', () => {
    someMigration();
    templateOf(stack).resourceCountIs('AWS::Lambda::Function', 0);
    templateOf(stack).resourceCountIs(RUN, 0);
    templateOf(stack).resourceCountIs('AWS::ECS::Service', 0);
  });

  test('create a cluster, and an encrypted log group that keeps a year', () => {
    someMigration();
    expect(onlyOne(stack, 'AWS::ECS::Cluster').ClusterSettings).toEqual([
      { Name: 'containerInsights', Value: 'enabled' },
    ]);
    expect(onlyOne(stack, 'AWS::Logs::LogGroup')).toEqual({
      KmsKeyId: { 'Fn::GetAtt': ['MigrationKeyF1528DAB', 'Arn'] }, RetentionInDays: 365,
    });
    expect(onlyOne(stack, 'AWS::KMS::Key').EnableKeyRotation).toBe(true);
  });

  test('allow outbound HTTPS and the resource in uses, and nothing inbound', () => {
    someMigration();
    const group = { 'Fn::GetAtt': ['MigrationSecurityGroupA23AF9FD', 'GroupId'] };
    const { SecurityGroupEgress, SecurityGroupIngress } =
      propertiesOf(templateOf(stack), 'AWS::EC2::SecurityGroup').MigrationSecurityGroupA23AF9FD;
    expect(SecurityGroupEgress).toMatchObject([{ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 }]);
    expect(SecurityGroupIngress).toBeUndefined();
    expect(onlyOne(stack, 'AWS::EC2::SecurityGroupEgress')).toMatchObject({ GroupId: group, FromPort: 5432 });
    expect(onlyOne(stack, 'AWS::EC2::SecurityGroupIngress')).toMatchObject({
      SourceSecurityGroupId: group, FromPort: 5432, Description: 'Connections of the migration Migration',
    });
  });

  test('retain the log and the key, unless data is disposable', () => {
    const retained = (scope: Stack) => Object.values<{ DeletionPolicy?: string; Type: string }>(
      templateOf(scope).toJSON().Resources,
    ).filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete').map(({ Type }) => Type);
    someMigration({ runBefore: [someService(stack, { vpc })] });
    expect(new Set(retained(stack))).toEqual(new Set(['AWS::KMS::Key', 'AWS::Logs::LogGroup']));
    stack = newStack();
    vpc = someVpc(stack);
    DataProtection.of(stack).disposable({ reason: 'tests' });
    someMigration({ runBefore: [someService(stack, { vpc })] });
    expect(retained(stack)).toEqual([]);
  });

  test('have stable logical IDs', () => {
    someMigration({ runBefore: [someService(stack, { vpc })] });
    const ids = (type: string) => Object.keys(templateOf(stack).findResources(type))
      .filter((id) => id.startsWith('Migration'));
    expect(ids('AWS::Logs::LogGroup')).toEqual(['MigrationLogF7A864BD', 'MigrationRunFunctionLog6DEED3A9']);
    expect(ids('AWS::KMS::Key')).toEqual(['MigrationKeyF1528DAB']);
    expect(ids('AWS::SQS::Queue')).toEqual(['MigrationRunFunctionDeadLetters0AFDF166']);
    expect(ids(RUN)).toEqual(['MigrationRun26D098BA']);
  });
});

describe('the props', () => {
  test('set the program, its size and its file system', () => {
    const token = secretsmanager.Secret.fromSecretNameV2(stack, 'Token', 'token');
    someMigration({
      cpu: 1024,
      memory: Size.gibibytes(4),
      user: 'node',
      cpuArchitecture: ecs.CpuArchitecture.ARM64,
      writablePaths: ['/tmp'],
      writablePathSize: Size.mebibytes(16),
      environment: { LOG_LEVEL: 'debug' },
      secrets: { TOKEN: ecs.Secret.fromSecretsManager(token) },
    });
    expect(onlyOne(stack, 'AWS::ECS::TaskDefinition')).toMatchObject({
      Cpu: '1024', Memory: '4096', RuntimePlatform: { CpuArchitecture: 'ARM64' },
    });
    const container = containerOf(stack);
    expect(container).toMatchObject({ User: 'node', Command: COMMAND });
    expect(container.LinuxParameters.Tmpfs).toMatchObject([{ ContainerPath: '/tmp', Size: 16 }]);
    expect(container.Environment).toContainEqual({ Name: 'LOG_LEVEL', Value: 'debug' });
    expect(container.Secrets).toMatchObject([{ Name: 'TOKEN' }]);
  });

  test('set the key and the retention', () => {
    const encryptionKey = new kms.Key(stack, 'Own');
    someMigration({
      encryptionKey,
      logRetention: logs.RetentionDays.TWO_YEARS,
      runBefore: [someService(stack, { vpc, encryptionKey })],
    });
    templateOf(stack).resourceCountIs('AWS::KMS::Key', 1);
    expect(propertiesOf(templateOf(stack), 'AWS::Logs::LogGroup').MigrationLogF7A864BD.RetentionInDays).toBe(731);
  });

  test('set the cluster of a service', () => {
    const api = someService(stack, { vpc });
    someMigration({ cluster: api.cluster, runBefore: [api] });
    templateOf(stack).resourceCountIs('AWS::ECS::Cluster', 1);
    expect(cycles(templateOf(stack).toJSON() as never)).toEqual([]);
  });

  test('set a ServiceCluster, whose VPC and key it then uses', () => {
    const cluster = new ServiceCluster(stack, 'Services', { vpc });
    const uses = [someDatabase()];
    const migration = new MigrationTask(stack, 'Migration', { cluster, image, command: COMMAND, uses });
    expect(migration.cluster).toBe(cluster);
    templateOf(stack).resourceCountIs('AWS::KMS::Key', 1);
  });

  test('grants go to the task role, in a managed policy', () => {
    const migration = someMigration();
    const secret = new secretsmanager.Secret(stack, 'Secret');
    secret.grantRead(migration);
    const policies = propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy');
    expect(Object.keys(policies).filter((id) => id.startsWith('MigrationTaskRolePolicy'))).toHaveLength(1);
    templateOf(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('connections are those of the task', () => {
    const cache = new ec2.SecurityGroup(stack, 'Cache', { vpc, allowAllOutbound: false });
    someMigration().connections.allowTo(cache, ec2.Port.tcp(6379));
    templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      GroupId: { 'Fn::GetAtt': ['MigrationSecurityGroupA23AF9FD', 'GroupId'] }, FromPort: 6379,
    });
  });
});

describe('the command line', () => {
  const outputOf = (scope: Stack, migration: MigrationTask) => {
    new CfnOutput(scope, 'RunMigration', { value: migration.runCommand });
    return templateOf(scope).toJSON().Outputs.RunMigration.Value['Fn::Join'][1] as unknown[];
  };

  test('contains the region, the cluster, the revision and the network', () => {
    expect(outputOf(stack, someMigration())).toEqual([
      'aws ecs run-task --region ', { Ref: 'AWS::Region' },
      ' --cluster ', { 'Fn::GetAtt': ['MigrationClusterF5E8DBD8', 'Arn'] },
      ' --task-definition ', { Ref: 'MigrationTaskDefinitionF6B23059' },
      " --launch-type FARGATE --network-configuration 'awsvpcConfiguration={subnets=[subnet-priv1,subnet-priv2],"
        + 'securityGroups=[', { 'Fn::GetAtt': ['MigrationSecurityGroupA23AF9FD', 'GroupId'] },
      "],assignPublicIp=DISABLED}' --query 'tasks[0].taskArn || failures[0].reason' --output text",
    ]);
  });

  test.each(['us-gov-west-1', 'cn-north-1'])('names no other region or partition in %s', (region) => {
    stack = newStack({ env: { account: '111122223333', region } });
    vpc = someVpc(stack);
    const command = outputOf(stack, someMigration());
    expect(command[0]).toBe(`aws ecs run-task --region ${region} --cluster `);
    expect(JSON.stringify(command)).not.toContain('arn:aws:');
  });

  test('is not an output that nobody requested', () => {
    someMigration();
    expect(templateOf(stack).toJSON().Outputs).toBeUndefined();
  });
});

describe('runBefore', () => {
  const statements = () => {
    const policies = Object.entries(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy'));
    const [, { PolicyDocument }] = policies.find(([id]) => id.startsWith('MigrationRunFunctionRolePolicy'))!;
    return PolicyDocument.Statement as Array<{ Action: string | string[] }>;
  };
  const statementOf = (action: string) => statements().find(({ Action }) => [Action].flat().includes(action));
  const CLUSTER = { ArnEquals: { 'ecs:cluster': { 'Fn::GetAtt': ['MigrationClusterF5E8DBD8', 'Arn'] } } };

  test('runs the task in a custom resource with the revision of the task definition', () => {
    someMigration({ runBefore: [someService(stack, { vpc })] });
    expect(onlyOne(stack, RUN)).toEqual({
      ServiceToken: { 'Fn::GetAtt': [expect.stringMatching(/^MigrationRunFunction/), 'Arn'] },
      ServiceTimeout: '2880',
      Cluster: { 'Fn::GetAtt': ['MigrationClusterF5E8DBD8', 'Arn'] },
      TaskDefinition: { Ref: 'MigrationTaskDefinitionF6B23059' },
      Container: 'app',
      Subnets: ['subnet-priv1', 'subnet-priv2'],
      SecurityGroup: { 'Fn::GetAtt': ['MigrationSecurityGroupA23AF9FD', 'GroupId'] },
      LogGroup: { Ref: 'MigrationLogF7A864BD' },
      TimeoutSeconds: '600',
    });
  });

  test.each([
    ['image', { image: ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.4') }],
    ['command', { command: ['alembic', 'upgrade', '+1'] }],
    ['environment', { environment: { LOG_LEVEL: 'debug' } }],
  ])('runs the task again after a change of %s, because CloudFormation replaces the task definition', (_, props) => {
    const definitionOf = (given: Partial<MigrationTaskProps>) => {
      stack = newStack();
      vpc = someVpc(stack);
      someMigration(given);
      return onlyOne(stack, 'AWS::ECS::TaskDefinition');
    };
    // Every property of a container definition replaces the task definition, whose ARN contains the revision.
    expect(definitionOf(props).ContainerDefinitions).not.toEqual(definitionOf({}).ContainerDefinitions);
  });

  test('creates each service after the custom resource', () => {
    const runBefore = [someService(stack, { vpc }), someService(stack, { vpc }, 'Worker')];
    someService(stack, { vpc }, 'Other');
    someMigration({ runBefore });
    const dependencies = new Dependencies(templateOf(stack).toJSON() as never);
    const [run] = dependencies.ofType(RUN);
    const after = dependencies.ofType('AWS::ECS::Service').filter((service) => dependencies.goesBefore(service, run));
    expect(after.map((id) => id.replace(/Service[0-9A-F]{8}$/, ''))).toEqual(['Api', 'Worker']);
  });

  test('the timeout reaches the custom resource, also if it is known only at deployment', () => {
    const api = someService(stack, { vpc });
    someMigration({ runBefore: [api], timeout: Duration.minutes(13) });
    expect(onlyOne(stack, RUN).TimeoutSeconds).toBe('780');
    stack = newStack();
    vpc = someVpc(stack);
    const seconds = new CfnParameter(stack, 'Seconds', { type: 'Number' }).valueAsNumber;
    someMigration({ runBefore: [someService(stack, { vpc })], timeout: Duration.seconds(seconds) });
    expect(onlyOne(stack, RUN).TimeoutSeconds).toEqual({ Ref: 'Seconds' });
  });

  test('the function can run this task definition in this cluster only', () => {
    someMigration({ runBefore: [someService(stack, { vpc })] });
    expect(statementOf('ecs:RunTask')).toEqual({
      Effect: 'Allow', Action: 'ecs:RunTask', Resource: { Ref: 'MigrationTaskDefinitionF6B23059' }, Condition: CLUSTER,
    });
  });

  test('the function can describe and stop tasks of this cluster only', () => {
    someMigration({ runBefore: [someService(stack, { vpc })] });
    expect(statementOf('ecs:StopTask')).toMatchObject({
      Action: ['ecs:DescribeTasks', 'ecs:StopTask'], Condition: CLUSTER,
    });
  });

  test('the function can pass the two roles of the task to ECS only', () => {
    someMigration({ runBefore: [someService(stack, { vpc })] });
    expect(statementOf('iam:PassRole')).toEqual({
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: ['MigrationTaskRole07ED7A2E', 'MigrationExecutionRole1547E116']
        .map((role) => ({ 'Fn::GetAtt': [role, 'Arn'] })),
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    });
  });

  test('the function can describe its own stack only, and nothing else of the account', () => {
    someMigration({ runBefore: [someService(stack, { vpc })] });
    expect(statementOf('cloudformation:DescribeStacks')).toMatchObject({ Resource: { Ref: 'AWS::StackId' } });
    expect(statements().flatMap(({ Action }) => Action).sort()).toEqual([
      'cloudformation:DescribeStacks', 'ecs:DescribeTasks', 'ecs:RunTask', 'ecs:StopTask', 'iam:PassRole',
      'kms:Decrypt', 'kms:GenerateDataKey', 'logs:CreateLogStream', 'logs:PutLogEvents', 'sqs:SendMessage',
    ]);
  });

  test('a function runs for 15 minutes, the limit of Lambda, and CloudFormation waits for three attempts', () => {
    someMigration({ runBefore: [someService(stack, { vpc })] });
    expect(onlyOne(stack, 'AWS::Lambda::Function').Timeout).toBe(900);
  });

  test('the packs report nothing, and still report a policy of the app', () => {
    someMigration({ runBefore: [someService(stack, { vpc })] });
    expect(nagFindings(stack).filter((finding) => !finding.includes('/Records/'))).toEqual([]);
    new iam.ManagedPolicy(stack, 'Own', {
      statements: [new iam.PolicyStatement({
        actions: ['ecs:StopTask'], resources: [`arn:${stack.partition}:ecs:${stack.region}:${stack.account}:task/*`],
      })],
    });
    expect(nagFindings(stack)).toContain(
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task/*] at '
      + 'Stack/Own/Resource');
  });
});

describe('the order of a deployment', () => {
  const templateIn = (scope: Stack) => templateOf(scope).toJSON() as never;

  test.each([
    ['NAT gateways', () => NatStrategy.onePerAz()],
    ['endpoints', () => NatStrategy.none()],
  ])('is: network with %s, database and owner, migration, service', (_, nat) => {
    const network = new HipaaVpc(stack, 'Network', { nat: nat() });
    const database = realDatabase(stack, network);
    const api = someService(stack, {
      vpc: network, uses: [database.access('Api', DatabaseAccess.readWrite())], certificateBundlePath: '/rds.pem',
    });
    new MigrationTask(stack, 'Migration', {
      vpc: network,
      image,
      command: COMMAND,
      uses: [database.access('Migrations', DatabaseAccess.owner())],
      certificateBundlePath: '/rds.pem',
      runBefore: [api],
    });
    const template = templateIn(stack);
    const dependencies = new Dependencies(template);
    expect(createdAfterTasks(template)).toEqual([]);
    expect(cycles(template)).toEqual([]);
    const [run] = dependencies.ofType(RUN);
    const owner = dependencies.ofType('Custom::DatabaseUser').find((id) => id.startsWith('DatabaseUsersMigrations'))!;
    expect(dependencies.goesBefore(run, owner)).toBe(true);
    expect(dependencies.goesBefore(dependencies.ofType('AWS::ECS::Service')[0], run)).toBe(true);
    expect(containerIn(stack, 'Migration').Environment).toContainEqual({ Name: 'PGSSLMODE', Value: 'verify-full' });
  });

  test('lets a resource that the app creates after a service wait for the service', () => {
    const endpoint = new ec2.InterfaceVpcEndpoint(stack, 'Later', {
      vpc, service: ec2.InterfaceVpcEndpointAwsService.SQS, subnets: { subnets: vpc.privateSubnets },
    });
    const api = someService(stack, { vpc });
    endpoint.node.addDependency(api.service);
    someMigration({ runBefore: [api] });
    expect(cycles(templateIn(stack))).toEqual([]);
  });

  test('has no cycle if the database is in another stack', () => {
    const app = newApp();
    const [network, data, application] = ['Network', 'Data', 'Application'].map((id) => new Stack(app, id));
    const { vpc: own } = new HipaaVpc(network, 'Network');
    const database = realDatabase(data, own);
    const login = database.access('Migrations', DatabaseAccess.owner());
    const api = someService(application, { vpc: own });
    new MigrationTask(application, 'Migration', {
      vpc: own, image, command: COMMAND, uses: [login], runBefore: [api], cluster: api.cluster,
    });
    for (const each of [network, data, application]) {
      expect(createdAfterTasks(templateIn(each))).toEqual([]);
      expect(cycles(templateIn(each))).toEqual([]);
    }
    expect(application.dependencies).toContain(data);
    expect(data.dependencies).not.toContain(application);
  });

  test('a policy that the app attaches to the role of a migration exists before its run', () => {
    const api = someService(stack, { vpc });
    const migration = someMigration({ runBefore: [api] });
    const attach = (id: string, resource: string) => new iam.ManagedPolicy(stack, id, {
      roles: [migration.taskRole],
      statements: [new iam.PolicyStatement({ actions: ['ecs:DescribeServices'], resources: [resource] })],
    });
    const late = attach('Late', 'arn:aws:ecs:us-east-1:111122223333:service/a/b');
    attach('OfFollower', api.service.serviceArn);
    const template = templateIn(stack);
    expect(createdAfterTasks(template)).toEqual([]);
    expect(cycles(template)).toEqual([]);
    const dependencies = new Dependencies(template);
    const id = stack.resolve((late.node.defaultChild as iam.CfnManagedPolicy).logicalId);
    expect(dependencies.goesBefore(dependencies.ofType(RUN)[0], id)).toBe(true);
  });
});

describe('monitoring', () => {
  test('reports each failed run, of any revision and by any starter', () => {
    const migration = someMigration();
    new WorkloadMonitoring(stack, 'Monitoring').watch(migration);
    templateOf(stack).hasResourceProperties('AWS::Events::Rule', {
      Description: 'Failed runs of a migration',
      EventPattern: {
        'source': ['aws.ecs'],
        'detail-type': ['ECS Task State Change'],
        'detail': {
          lastStatus: ['STOPPED'],
          taskDefinitionArn: [{
            prefix: { 'Fn::Join': ['', Match.arrayWith([`:task-definition/${migration.taskDefinition.family}:`])] },
          }],
          $or: [
            // Not the container that GuardDuty adds to each task.
            { containers: { name: ['app'], exitCode: [{ 'anything-but': [0] }] } },
            { stopCode: ['TaskFailedToStart'] },
          ],
        },
      },
    });
  });

  test('has no alarms without runBefore, and two on the function with it', () => {
    const idsOf = (migration: MigrationTask) => migration.monitoringPlan().alarms.map(({ id }) => id);
    expect(idsOf(someMigration())).toEqual([]);
    stack = newStack();
    vpc = someVpc(stack);
    expect(idsOf(someMigration({ runBefore: [someService(stack, { vpc })] }))).toEqual(['RunErrors', 'RunDeadLetters']);
  });

  test('shows the log on the dashboard', () => {
    expect(someMigration().monitoringPlan()).toMatchObject({ title: 'Migration Stack/Migration', widgets: [{}] });
  });
});

describe('refusals', () => {
  const migrationWith = (props: Partial<MigrationTaskProps>) => () => someMigration(props);
  const api = () => someService(stack, { vpc });

  test.each([[[], '[]'], [[' ', 'head'], "[' ', 'head']"]])('a command that is %j', (command, shown) => {
    expect(migrationWith({ command })).toThrow(new Error(
      `[Stack/Migration] command must be a program and its arguments, got ${shown}. `
      + "Pass the program first, as in ['alembic', 'upgrade', 'head']."));
  });

  test('a migration without a resource', () => {
    expect(migrationWith({ uses: [] })).toThrow(new Error(
      '[Stack/Migration] uses must be an array with at least one resource, got []. Pass the database that the command '
      + "changes, such as database.access('Migrations', DatabaseAccess.owner())."));
  });

  test('a service of another stack', () => {
    const other = new Stack(stack.node.root, 'Other');
    expect(migrationWith({ runBefore: [api(), someService(other)] })).toThrow(new Error(
      '[Stack/Migration] runBefore[1] must be a service in the stack of the migration, got Other/Api. '
      + 'Create the MigrationTask in the stack of the service.'));
  });

  test('a timeout without runBefore', () => {
    expect(migrationWith({ timeout: Duration.minutes(5) })).toThrow(new Error(
      '[Stack/Migration] timeout must be left out without runBefore, because a run by command has no time limit, '
      + 'got 5 minutes. Pass runBefore, or leave timeout out.'));
  });

  test('a timeout that a function cannot wait for', () => {
    expect(migrationWith({ runBefore: [api()], timeout: Duration.minutes(14) })).toThrow(new Error(
      '[Stack/Migration] timeout must be at most 13 minutes, because a Lambda function waits for the task, '
      + 'got 14 minutes. Start longer migrations with runCommand before the deployment, and leave runBefore out.'));
  });

  test.each([Duration.seconds(59), Duration.millis(90_500)])(
    'a timeout of %s', (timeout) => {
      expect(migrationWith({ runBefore: [api()], timeout })).toThrow(new Error(
        `[Stack/Migration] timeout must be from 60 to 780 whole seconds, got ${timeout.toHumanString()}. `
        + 'Use a duration in this range.'));
    });

  test('an image from a repository of the same stack', () => {
    const repository = new ecr.Repository(stack, 'Images');
    const own = ecs.ContainerImage.fromEcrRepository(repository, '1.2.3');
    expect(migrationWith({ image: own })).toThrow(new Error(
      '[Stack/Migration] image must be an image from a repository that exists before the tasks start, got one from '
      + 'Stack/Images in the same stack. Move the repository to a stack that is deployed first.'));
  });

  test.each<[string, Partial<MigrationTaskProps>, string]>([
    ['tag', { image: ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api') }, 'image must be identified by'],
    ['user', { user: 'root' }, 'user must be a user other than root'],
    ['memory', { memory: Size.gibibytes(7) }, 'memory must be'],
    ['path', { writablePaths: ['tmp'] }, 'writablePaths must be'],
    ['secret', { environment: { DB_PASSWORD: 'hunter2' } }, 'DB_PASSWORD in environment is readable'],
    ['subnet', { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } }, 'vpcSubnets must be private or isolated subnets'],
    ['VPC', { vpc: undefined }, 'vpc must be a VPC when no cluster is given'],
  ])('a %s that a service refuses too', (_, props, text) => {
    expect(migrationWith(props)).toThrow(`[Stack/Migration] ${text}`);
  });
});
