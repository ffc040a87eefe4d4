import { CfnParameter, NestedStack, Size, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { containerOf, IMAGE, onlyOne, someListener, someService } from './fargate-fixtures';
import { DataProtection } from '../../src/core/data-protection';
import { SecureFargateService } from '../../src/service/secure-fargate-service';
import { SecureFargateServiceProps } from '../../src/service/secure-fargate-service-props';
import { ServiceIngress } from '../../src/service/service-ingress';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

let stack: Stack;
beforeEach(() => stack = newStack());

describe('defaults', () => {
  let shared: Stack;
  let service: SecureFargateService;
  beforeAll(() => {
    shared = newStack();
    service = someService(shared, { containerPort: 8080, ingress: ServiceIngress.listener(someListener(shared)) });
  });

  test('create a small task on Linux and x86', () => {
    expect(onlyOne(shared, 'AWS::ECS::TaskDefinition')).toMatchObject({
      Cpu: '512',
      Memory: '1024',
      NetworkMode: 'awsvpc',
      RequiresCompatibilities: ['FARGATE'],
      RuntimePlatform: { CpuArchitecture: 'X86_64', OperatingSystemFamily: 'LINUX' },
    });
    expect(containerOf(shared).Memory).toBe(1024);
  });

  test('run the program as a non-root user on a read-only file system', () => {
    expect(containerOf(shared)).toMatchObject({
      Image: IMAGE,
      User: '1000:1000',
      ReadonlyRootFilesystem: true,
      Privileged: false,
      Essential: true,
      LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
    });
    expect(containerOf(shared).LinuxParameters).not.toHaveProperty('Tmpfs');
  });

  test('log to an encrypted log group for one year without blocking the program', () => {
    const [logGroupId] = Object.keys(templateOf(shared).findResources('AWS::Logs::LogGroup'));
    expect(containerOf(shared).LogConfiguration).toEqual({
      LogDriver: 'awslogs',
      Options: {
        'awslogs-group': { Ref: logGroupId },
        'awslogs-region': { Ref: 'AWS::Region' },
        'awslogs-stream-prefix': 'service',
        'mode': 'non-blocking',
        'max-buffer-size': '26214400b',
      },
    });
    expect(onlyOne(shared, 'AWS::Logs::LogGroup')).toMatchObject({
      RetentionInDays: 365,
      KmsKeyId: { 'Fn::GetAtt': [expect.stringContaining('ApiKey'), 'Arn'] },
    });
    expect(onlyOne(shared, 'AWS::KMS::Key').EnableKeyRotation).toBe(true);
  });

  test('run tasks in the private subnets without a public address', () => {
    expect(onlyOne(shared, 'AWS::ECS::Service').NetworkConfiguration.AwsvpcConfiguration).toEqual({
      AssignPublicIp: 'DISABLED',
      Subnets: ['subnet-priv1', 'subnet-priv2'],
      SecurityGroups: [shared.resolve(service.connections.securityGroups[0].securityGroupId)],
    });
  });

  test('keep all tasks during deployments, and roll back automatically', () => {
    expect(onlyOne(shared, 'AWS::ECS::Service')).toMatchObject({
      DeploymentConfiguration: {
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
      AvailabilityZoneRebalancing: 'ENABLED',
      LaunchType: 'FARGATE',
      PlatformVersion: 'LATEST',
      PropagateTags: 'SERVICE',
      EnableECSManagedTags: true,
      EnableExecuteCommand: false,
    });
  });

  test('create a cluster with Container Insights', () => {
    expect(onlyOne(shared, 'AWS::ECS::Cluster').ClusterSettings).toEqual([
      { Name: 'containerInsights', Value: 'enabled' },
    ]);
    expect(service.cluster.clusterName).toBe(service.service.cluster.clusterName);
  });

  test('allow a task outbound HTTPS only', () => {
    expect(onlyOne(shared, 'AWS::EC2::SecurityGroup').SecurityGroupEgress).toEqual([
      {
        CidrIp: '0.0.0.0/0',
        IpProtocol: 'tcp',
        FromPort: 443,
        ToPort: 443,
        Description: 'HTTPS to AWS services and partners',
      },
    ]);
  });

  test('add dependencies of the service on its roles, their policies and its listener rule', () => {
    const [resource] = Object.values(templateOf(shared).findResources('AWS::ECS::Service'));
    const awaited = ['AWS::IAM::Role', 'AWS::IAM::ManagedPolicy', 'AWS::ElasticLoadBalancingV2::ListenerRule'].flatMap(
      (type) => Object.keys(templateOf(shared).findResources(type)),
    );
    expect(resource.DependsOn).toEqual(expect.arrayContaining(awaited));
  });

  test('refuse a cluster without a known VPC', () => {
    const alone = newStack();
    const cluster = ecs.Cluster.fromClusterArn(alone, 'Cluster', 'arn:aws:ecs:eu-west-1:111122223333:cluster/clinic');
    expect(
      () =>
        new SecureFargateService(alone, 'Api', {
          vpc: someVpc(alone),
          image: ecs.ContainerImage.fromRegistry(IMAGE),
          cluster,
        }),
    ).toThrow(
      '[Stack/Api] cluster must be a cluster with a known VPC, got one that was imported by its ARN alone. ' +
        'Import it with ecs.Cluster.fromClusterAttributes, and pass clusterName and vpc.',
    );
  });

  test('add dependencies of the service on the internet routes of its subnets', () => {
    const alone = newStack();
    const vpc = new ec2.Vpc(alone, 'Vpc', { maxAzs: 2, natGateways: 1 });
    new SecureFargateService(alone, 'Worker', { vpc, image: ecs.ContainerImage.fromRegistry('worker:1.0.0') });
    const [resource] = Object.values(templateOf(alone).findResources('AWS::ECS::Service'));
    const routes = Object.entries(templateOf(alone).findResources('AWS::EC2::Route'))
      .filter(([, route]) => route.Properties.NatGatewayId)
      .map(([id]) => id);
    expect(routes).toHaveLength(2);
    expect(resource.DependsOn).toEqual(expect.arrayContaining(routes));
  });

  test('create a task role without permissions and an execution role that writes the log', () => {
    const policies = Object.values(propertiesOf(templateOf(shared), 'AWS::IAM::ManagedPolicy'));
    expect(policies).toEqual([
      expect.objectContaining({
        Roles: [shared.resolve(service.executionRole.roleName)],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              Resource: shared.resolve(service.logGroup.logGroupArn),
            },
          ],
        },
      }),
    ]);
    templateOf(shared).resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('allow only tasks of this account and region to assume the task role', () => {
    templateOf(shared).hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Principal: { Service: 'ecs-tasks.amazonaws.com' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              ArnLike: {
                'aws:SourceArn': {
                  'Fn::Join': [
                    '',
                    [
                      'arn:',
                      { Ref: 'AWS::Partition' },
                      ':ecs:',
                      { Ref: 'AWS::Region' },
                      ':',
                      { Ref: 'AWS::AccountId' },
                      ':*',
                    ],
                  ],
                },
              },
            },
          },
        ],
      },
    });
  });

  test('have no rule-pack findings', () => {
    expect(nagFindings(shared)).toEqual([]);
  });

  test('have stable logical IDs for stateful and unique resources', () => {
    const ids = (type: string) => Object.keys(templateOf(shared).findResources(type));
    expect(ids('AWS::KMS::Key')).toEqual(['ApiKey679C99C7']);
    expect(ids('AWS::Logs::LogGroup')).toEqual(['ApiLogA9343957']);
    expect(ids('AWS::ECS::Cluster')).toEqual(['ApiCluster38154836']);
    expect(ids('AWS::ECS::Service')).toEqual(['ApiServiceD5B4A50A']);
    expect(ids('AWS::ElasticLoadBalancingV2::TargetGroup')).toEqual(['ApiTargetGroupDF7C7F640C820E4E']);
  });
});

describe('props', () => {
  test('set CPU, memory and architecture', () => {
    someService(stack, { cpu: 2048, memory: Size.gibibytes(5), cpuArchitecture: ecs.CpuArchitecture.ARM64 });
    expect(onlyOne(stack, 'AWS::ECS::TaskDefinition')).toMatchObject({
      Cpu: '2048',
      Memory: '5120',
      RuntimePlatform: { CpuArchitecture: 'ARM64' },
    });
  });

  test('set command, user, port and health check', () => {
    someService(stack, {
      command: ['serve'],
      user: 'node',
      containerPort: 3000,
      healthCheck: { command: ['CMD', '/bin/healthy'] },
    });
    expect(containerOf(stack)).toMatchObject({
      Command: ['serve'],
      User: 'node',
      PortMappings: [{ ContainerPort: 3000, Protocol: 'tcp' }],
      HealthCheck: { Command: ['CMD', '/bin/healthy'] },
    });
  });

  test('mount writable paths in memory, for all users and without executables', () => {
    someService(stack, { writablePaths: ['/tmp', '/app/cache'] });
    const mount = { Size: 64, MountOptions: ['rw', 'nosuid', 'nodev', 'noexec', 'mode=1777'] };
    expect(containerOf(stack).LinuxParameters.Tmpfs).toEqual([
      { ContainerPath: '/tmp', ...mount },
      { ContainerPath: '/app/cache', ...mount },
    ]);
  });

  test('set the size of writable paths', () => {
    someService(stack, { writablePaths: ['/tmp'], writablePathSize: Size.mebibytes(512) });
    expect(containerOf(stack).LinuxParameters.Tmpfs[0].Size).toBe(512);
  });

  test('set the log retention', () => {
    someService(stack, { logRetention: logs.RetentionDays.SIX_YEARS });
    expect(onlyOne(stack, 'AWS::Logs::LogGroup').RetentionInDays).toBe(2192);
  });

  test('accept a key and add a statement for CloudWatch Logs', () => {
    const key = new kms.Key(stack, 'Own');
    someService(stack, { encryptionKey: key });
    expect(onlyOne(stack, 'AWS::Logs::LogGroup').KmsKeyId).toEqual(stack.resolve(key.keyArn));
    expect(onlyOne(stack, 'AWS::KMS::Key').KeyPolicy.Statement.map(({ Sid }: { Sid?: string }) => Sid)).toContain(
      'CloudWatchLogs',
    );
  });

  test('accept a cluster', () => {
    const vpc = someVpc(stack);
    const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Existing', { clusterName: 'main', vpc });
    expect(someService(stack, { vpc, cluster }).cluster).toBe(cluster);
    templateOf(stack).resourceCountIs('AWS::ECS::Cluster', 0);
    expect(onlyOne(stack, 'AWS::ECS::Service').Cluster).toBe('main');
  });

  test('delete the key and the log with the stack if data is disposable', () => {
    DataProtection.of(stack).disposable({ reason: 'synthetic records' });
    someService(stack);
    templateOf(stack).allResources('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' });
    templateOf(stack).allResources('AWS::KMS::Key', { DeletionPolicy: 'Delete' });
  });
});

describe('subnets', () => {
  const vpcWith = (subnets: Partial<ec2.VpcAttributes>) =>
    ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], ...subnets });
  const chosen = () => onlyOne(stack, 'AWS::ECS::Service').NetworkConfiguration.AwsvpcConfiguration.Subnets;

  test('are isolated if the VPC has no private subnets', () => {
    someService(stack, { vpc: vpcWith({ isolatedSubnetIds: ['subnet-iso1'] }) });
    expect(chosen()).toEqual(['subnet-iso1']);
  });

  test('can be selected', () => {
    someService(stack, { vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } });
    expect(chosen()).toEqual(['subnet-iso1', 'subnet-iso2']);
  });

  test('cannot be public', () => {
    expect(() => someService(stack, { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } })).toThrow(new Error(
      '[Stack/Api] vpcSubnets must be private or isolated subnets, got public subnets. '
      + 'Select private subnets, and let a load balancer face the internet.',
    ));
    stack = newStack();
    expect(() => someService(stack, { vpc: vpcWith({ publicSubnetIds: ['subnet-pub1'] }) })).toThrow(new Error(
      '[Stack/Api] vpc must be a VPC with private or isolated subnets, got Stack/Vpc. Add private subnets to the VPC.',
    ));
  });
});

describe('grants and connections', () => {
  test('apply to the task role as a managed policy', () => {
    const bucket = new s3.Bucket(stack, 'Bucket');
    const service = someService(stack);
    bucket.grantDelete(service, 'uploads');
    expect(service.grantPrincipal).toBe(service.taskRole);
    templateOf(stack).hasResourceProperties('AWS::IAM::ManagedPolicy', {
      Roles: [stack.resolve(service.taskRole.roleName)],
    });
    templateOf(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('can allow another service on the container port', () => {
    const vpc = someVpc(stack);
    const api = someService(stack, { vpc, containerPort: 8080 }, 'Api');
    const worker = someService(stack, { vpc }, 'Worker');
    worker.connections.allowToDefaultPort(api);
    templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 8080,
      GroupId: stack.resolve(api.connections.securityGroups[0].securityGroupId),
    });
  });
});

describe('the image', () => {
  const fromEcr = (tag?: string) =>
    ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Repository', 'api'), tag);
  const refused = (given: string) =>
    new Error(
      '[Stack/Api] image must be identified by a digest or by a tag other than latest, unless data is disposable, got '
        + `${given}. Name the version to run.`,
    );

  test('in ECR is pulled with permissions on its repository, and the login has a separate policy', () => {
    someService(stack, { image: fromEcr('1.2.3') });
    const statements = Object.values(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy')).map(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    );
    expect(statements).toContainEqual([{ Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' }]);
    expect(statements).toContainEqual(
      expect.arrayContaining([
        {
          Effect: 'Allow',
          Action: ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
          Resource: {
            'Fn::Join': [
              '',
              [
                'arn:',
                { Ref: 'AWS::Partition' },
                ':ecr:',
                { Ref: 'AWS::Region' },
                ':',
                { Ref: 'AWS::AccountId' },
                ':repository/api',
              ],
            ],
          },
        },
      ]),
    );
    expect(nagFindings(stack)).toEqual([]);
  });

  test.each([
    ['nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000'],
    ['localhost:5000/api:1.0'],
    ['nginx:1.27'],
  ])('%s is a fixed version', (name) => {
    expect(() => someService(stack, { image: ecs.ContainerImage.fromRegistry(name) })).not.toThrow();
  });

  test('can be a token', () => {
    const text = new CfnParameter(stack, 'Text').valueAsString;
    const vpc = someVpc(stack);
    expect(() => someService(stack, { vpc, image: ecs.ContainerImage.fromRegistry(text) }, 'One')).not.toThrow();
    expect(() => someService(stack, { vpc, image: fromEcr(text) }, 'Two')).not.toThrow();
  });

  test('from a directory is a fixed version', () => {
    expect(() =>
      someService(stack, { image: ecs.ContainerImage.fromAsset(__dirname, { file: 'fargate-fixtures.ts' }) }),
    ).not.toThrow();
  });

  test.each([['nginx'], ['nginx:latest'], ['localhost:5000/api'], ['localhost:5000/api:latest']])(
    '%s is refused unless data is disposable',
    (name) => {
      expect(() => someService(stack, { image: ecs.ContainerImage.fromRegistry(name) })).toThrow(refused(`'${name}'`));
    },
  );

  test('in ECR without a tag is refused unless data is disposable', () => {
    expect(() => someService(stack, { image: fromEcr() })).toThrow(refused('a token'));
  });

  test('without a tag is accepted if data is disposable', () => {
    DataProtection.of(stack).disposable({ reason: 'synthetic records' });
    expect(() => someService(stack, { image: ecs.ContainerImage.fromRegistry('nginx') })).not.toThrow();
  });

  test('from a repository in the same stack is refused, and from another stack is accepted', () => {
    const repository = new ecr.Repository(stack, 'Repository');
    expect(() => someService(stack, { image: ecs.ContainerImage.fromEcrRepository(repository, '1') })).toThrow(
      new Error(OWN('Stack/Api', 'Stack/Repository')),
    );
    const other = new Stack(stack.node.root as never, 'Other');
    expect(() => someService(other, { image: ecs.ContainerImage.fromEcrRepository(repository, '1') })).not.toThrow();
  });

  const OWN = (at: string, path: string) => `[${at}] image must be an image from a repository that exists before `
    + `the tasks start, got one from ${path} in the same stack. Move the repository to a stack that is deployed `
    + 'first.';

  test('from a repository in a nested stack is refused, because it belongs to the same deployment', () => {
    const repository = new ecr.Repository(new NestedStack(stack, 'Nested'), 'Repository');
    expect(() => someService(stack, { image: ecs.ContainerImage.fromEcrRepository(repository, '1') })).toThrow(
      new Error(OWN('Stack/Api', 'Stack/Nested/Repository')),
    );
  });

  test('with the URI of such a repository is refused, and from another stack is accepted', () => {
    const { repositoryUri } = new ecr.Repository(stack, 'Repository');
    expect(() => someService(stack, { image: ecs.ContainerImage.fromRegistry(`${repositoryUri}:1`) })).toThrow(
      new Error(OWN('Stack/Api', 'Stack/Repository')),
    );
    const other = new Stack(stack.node.root as never, 'Other');
    expect(() => someService(other, { image: ecs.ContainerImage.fromRegistry(`${repositoryUri}:1`) })).not.toThrow();
  });

  describe('from a repository in another region', () => {
    const over = (repositoryName?: string) => {
      const app = newApp();
      const repository = new ecr.Repository(
        new Stack(app, 'Images', { env: { account: '111122223333', region: 'us-east-1' } }),
        'Repository',
        { repositoryName },
      );
      const service = new Stack(app, 'Service', { env: { account: '111122223333', region: 'eu-west-1' } });
      someService(service, { image: ecs.ContainerImage.fromEcrRepository(repository, '1') });
      return service;
    };

    test('is refused if the repository has no explicit name', () => {
      expect(() => over()).toThrow(new Error(
        '[Service/Api] image must be an image from a repository in eu-west-1 or from one with an explicit name, '
        + 'got one from Images/Repository in us-east-1 with a generated name. '
        + 'Pass repositoryName to the repository, or create the repository in eu-west-1.',
      ));
    });

    test('adds a dependency on the stack of the repository', () => {
      expect(over('backend').dependencies.map(({ node }) => node.id)).toEqual(['Images']);
    });
  });
});

describe('environment variables', () => {
  test('acknowledge the finding on this task definition only', () => {
    const vpc = someVpc(stack);
    someService(stack, { vpc, environment: { LOG_LEVEL: 'info' } });
    new ecs.FargateTaskDefinition(stack, 'Sibling').addContainer('App', {
      image: ecs.ContainerImage.fromRegistry(IMAGE),
      environment: { LOG_LEVEL: 'info' },
    });
    expect(nagFindings(stack).filter((finding) => finding.includes('ECS2'))).toEqual([
      'AwsSolutions-ECS2 at Stack/Sibling/Resource',
    ]);
  });
});

describe('SecureFargateService refuses', () => {
  test.each<[Parameters<typeof someService>[1], string]>([
    [
      { cpu: 100 },
      'cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, got 100. Use a value that Fargate offers; 1024 '
        + 'units are one vCPU.',
    ],
    [
      { cpu: 1024 },
      'memory must be 2048 to 8192 in steps of 1024 MiB for 1024 CPU units, got 1024 MiB. Use a memory size that '
        + 'Fargate offers with this CPU, or change cpu.',
    ],
    [{ containerPort: 0 }, 'containerPort must be an integer from 1 to 65535, got 0. Use an integer in this range.'],
    [
      { containerPort: 65_536 },
      'containerPort must be an integer from 1 to 65535, got 65536. Use an integer in this range.',
    ],
    ...['root', '0:0', '1000:0', 'node:root', ' 0', '+0'].map<[Partial<SecureFargateServiceProps>, string]>((user) => [
      { user },
      'user must be a user other than root, with an optional group other than root, each of at most 32 characters, got '
        + `'${user}'. Name a user of the image, or use a number above 0.`,
    ]),
    [{ user: ' ' }, "user must be a non-blank string, got ' '. Name the user that runs the program."],
    ...['tmp', '/', '/tmp/', '/a//b', '/a/../b', '/a/.', '/../proc', '/a b', '/a\n'].map(
      (path): [Partial<SecureFargateServiceProps>, string] => [
        { writablePaths: [path] },
        "writablePaths must be absolute paths below / without '.', '..', repeated slashes and a trailing slash, got "
          + `'${path}'. Use the directory that the program writes to.`,
      ],
    ),
    ...['/proc', '/proc/sys', '/sys', '/dev', '/dev/mqueue', '/managed-agents', '/var/lib/amazon/ssm/x'].map(
      (path): [Partial<SecureFargateServiceProps>, string] => [
        { writablePaths: [path] },
        'writablePaths must be paths that the container itself does not need, unlike /proc, /sys, /dev and the paths '
          + `of ECS Exec, got '${path}'. Use the directory that the program writes to.`,
      ],
    ),
    [{ writablePaths: ['/tmp', '/tmp'] },
      "writablePaths must be different paths, got '/tmp' twice. Remove one of the two."],
    [
      { writablePaths: ['/a', '/b'], writablePathSize: Size.mebibytes(512) },
      "writablePathSize must be whole MiB, and for all 2 paths together less than the task's memory of 1024 MiB, got "
        + '512 MiB. Use a smaller size or more memory.',
    ],
    [
      { writablePaths: ['/a'], writablePathSize: Size.kibibytes(1536) },
      "writablePathSize must be whole MiB, and for all 1 paths together less than the task's memory of 1024 MiB, got "
        + '1.5 MiB. Use a smaller size or more memory.',
    ],
  ])('%j', (props, sentence) => {
    expect(() => someService(stack, props)).toThrow(new Error(`[Stack/Api] ${sentence}`));
  });
});

test('the template passes CloudFormation validation', () => {
  const app = newApp({ '@aws-cdk/core:validateAgainstDefaultRules': true });
  const validated = new Stack(app, 'Stack');
  const vpc = new ec2.Vpc(validated, 'Vpc', { restrictDefaultSecurityGroup: false });
  someService(validated, {
    vpc,
    containerPort: 8080,
    ingress: ServiceIngress.listener(someListener(validated), { path: '/api/*' }),
    writablePaths: ['/tmp'],
    environment: { LOG_LEVEL: 'info' },
  });
  expect(templateFindings(app)).toEqual([]);
});
