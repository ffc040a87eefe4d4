import { CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AURORA_MYSQL, clusterOf, clusterRefusalOf, disposableStack, someCluster } from './some-cluster';
import { WATCHABLE_METADATA } from '../../../src/core/monitored-mark';
import { RELAXATION_METADATA } from '../../../src/core/relaxation';
import { AuroraCapacity } from '../../../src/database/aurora/aurora-capacity';
import { DatabaseProxy } from '../../../src/database/shared/database-proxy';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { only } from '../instance/some-database';

const KEY_ARN = { 'Fn::GetAtt': ['DatabaseKey5E5D9547', 'Arn'] };
const CLUSTER = 'AWS::RDS::DBCluster';
const INSTANCE = 'AWS::RDS::DBInstance';
const INSTANCE_IDS = ['DatabaseClusterInstance1E154D1E9', 'DatabaseClusterInstance2D6BCD1AC'];

describe('defaults of Aurora PostgreSQL', () => {
  const database = someCluster();
  const template = templateOf(database);
  const cluster = only(template, CLUSTER);

  test.each<[string, unknown]>([
    ['Engine', 'aurora-postgresql'],
    ['EngineVersion', '16.8'],
    ['ServerlessV2ScalingConfiguration', { MinCapacity: 0.5, MaxCapacity: 4 }],
    ['StorageEncrypted', true],
    ['KmsKeyId', KEY_ARN],
    ['NetworkType', 'IPV4'],
    ['Port', 5432],
    ['DatabaseName', 'app'],
    ['MasterUsername', 'dbowner'],
    ['ManageMasterUserPassword', true],
    ['MasterUserSecret', { KmsKeyId: KEY_ARN }],
    ['MasterUserPassword', undefined],
    ['EnableIAMDatabaseAuthentication', true],
    ['EnableHttpEndpoint', undefined],
    ['BackupRetentionPeriod', 35],
    ['PreferredBackupWindow', '03:00-04:00'],
    ['PreferredMaintenanceWindow', 'sun:05:00-sun:06:00'],
    ['CopyTagsToSnapshot', true],
    ['DeleteAutomatedBackups', false],
    ['DeletionProtection', true],
    ['AutoMinorVersionUpgrade', true],
    ['EngineLifecycleSupport', 'open-source-rds-extended-support'],
    ['PerformanceInsightsEnabled', true],
    ['PerformanceInsightsKmsKeyId', KEY_ARN],
    ['PerformanceInsightsRetentionPeriod', 7],
    ['DatabaseInsightsMode', 'standard'],
    ['EnableCloudwatchLogsExports', ['postgresql']],
  ])('%s is %j', (property, value) => {
    expect(cluster[property]).toEqual(value);
  });

  describe.each([
    ['the writer', INSTANCE_IDS[0], 0, 'a'],
    ['the failover reader', INSTANCE_IDS[1], 1, 'b'],
  ])('%s', (_what, id, tier, zone) => {
    const instance = propertiesOf(template, INSTANCE)[id];

    test.each<[string, unknown]>([
      ['Engine', 'aurora-postgresql'],
      ['DBClusterIdentifier', { Ref: 'DatabaseCluster5B53A178' }],
      ['DBInstanceIdentifier', undefined],
      ['DBInstanceClass', 'db.serverless'],
      ['AvailabilityZone', zone],
      ['PromotionTier', tier],
      ['PubliclyAccessible', false],
      ['CACertificateIdentifier', 'rds-ca-rsa2048-g1'],
      ['AutoMinorVersionUpgrade', true],
      ['PreferredMaintenanceWindow', 'sun:05:00-sun:06:00'],
      ['MonitoringInterval', 60],
      ['EnablePerformanceInsights', true],
      ['PerformanceInsightsKMSKeyId', KEY_ARN],
      ['PerformanceInsightsRetentionPeriod', 7],
    ])('%s is %j', (property, value) => {
      expect(instance[property]).toEqual(value);
    });
  });

  test('there are these two instances only', () => {
    template.resourceCountIs(INSTANCE, 2);
  });

  test('the cluster is in the isolated subnets', () => {
    expect(only(template, 'AWS::RDS::DBSubnetGroup').SubnetIds).toEqual(['subnet-iso1', 'subnet-iso2']);
    expect(cluster.DBSubnetGroupName).toEqual({ Ref: 'DatabaseSubnets56F17B9A' });
  });

  test('a deletion keeps a snapshot, and leaves no instance without a cluster', () => {
    template.hasResource(CLUSTER, { DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' });
    template.allResources(INSTANCE, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });

  test('the key is retained, rotates every year, and allows CloudWatch Logs', () => {
    template.hasResource('AWS::KMS::Key', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        EnableKeyRotation: true,
        RotationPeriodInDays: 365,
        KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'CloudWatchLogs' })]) },
      },
    });
  });

  test('the security group allows no inbound and no outbound traffic', () => {
    const group = only(template, 'AWS::EC2::SecurityGroup');
    expect(group.SecurityGroupIngress).toBeUndefined();
    expect(group.SecurityGroupEgress).toEqual([
      expect.objectContaining({ CidrIp: '127.0.0.1/32', IpProtocol: '-1' }),
    ]);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });

  test('the encrypted log is created before the cluster, with the name that RDS uses, and retained for six years '
    + '', () => {
    const [prefix, stackPart] = cluster.DBClusterIdentifier['Fn::Join'][1];
    expect(prefix).toMatch(/^aurora-[0-9a-f]{8}-$/);
    template.hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'Retain',
      Properties: {
        LogGroupName: { 'Fn::Join': ['', [`/aws/rds/cluster/${prefix}`, stackPart, '/postgresql']] },
        KmsKeyId: KEY_ARN,
        RetentionInDays: 2192,
        DeletionProtectionEnabled: true,
      },
    });
    template.hasResource(CLUSTER, { DependsOn: Match.arrayWith(['DatabasePostgresqlLog95349A1F']) });
    expect(Object.keys(database.logGroups)).toEqual(['postgresql']);
  });

  test('RDS rotates the password once a month in the window, and deletes the schedule with the secret', () => {
    template.hasResource('AWS::SecretsManager::RotationSchedule', {
      DeletionPolicy: 'Retain',
      Properties: {
        SecretId: { 'Fn::GetAtt': ['DatabaseCluster5B53A178', 'MasterUserSecret.SecretArn'] },
        RotationRules: { ScheduleExpression: 'cron(0 5 ? * SUN#1 *)', Duration: '1h' },
        RotateImmediatelyOnUpdate: false,
        RotationLambdaARN: Match.absent(),
        HostedRotationLambda: Match.absent(),
      },
    });
    template.resourceCountIs('AWS::SecretsManager::Secret', 0);
    template.resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('only RDS, for databases of this account and region, can use the role of Enhanced Monitoring', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [Match.objectLike({
          Principal: { Service: 'monitoring.rds.amazonaws.com' },
          Condition: {
            StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            StringLike: { 'aws:SourceArn': [{ 'Fn::Join': ['', Match.arrayWith([':db:*'])] }] },
          },
        })],
      },
      ManagedPolicyArns: Match.absent(),
    });
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('each instance is created after the policy of the monitoring role', () => {
    template.allResources(INSTANCE, { DependsOn: Match.arrayWith([Match.stringLikeRegexp('MonitoringRolePolicy')]) });
  });

  test('there is no proxy', () => {
    template.resourceCountIs('AWS::RDS::DBProxy', 0);
    expect(database.proxy).toBeUndefined();
    expect(database.proxyConnections).toBeUndefined();
  });

  test('the cluster declares that it can be watched', () => {
    expect(database.node.metadata.map((entry) => entry.type)).toContain(WATCHABLE_METADATA);
  });

  test('there are no warnings', () => {
    expect(Annotations.fromStack(Stack.of(database)).findWarning('*', Match.anyValue())).toEqual([]);
  });

  test('the logical IDs of stateful resources do not change', () => {
    const ids = (type: string) => Object.keys(template.findResources(type));
    expect(ids(CLUSTER)).toEqual(['DatabaseCluster5B53A178']);
    expect(ids(INSTANCE)).toEqual(INSTANCE_IDS);
    expect(ids('AWS::KMS::Key')).toEqual(['DatabaseKey5E5D9547']);
    expect(ids('AWS::Logs::LogGroup')).toEqual(['DatabasePostgresqlLog95349A1F']);
    expect(ids('AWS::Backup::BackupVault')).toEqual(['DatabaseBackupVault21F39AF5']);
    expect(ids('AWS::RDS::DBSubnetGroup')).toEqual(['DatabaseSubnets56F17B9A']);
    expect(ids('AWS::EC2::SecurityGroup')).toEqual(['DatabaseSecurityGroup5C91FDCB']);
  });
});

describe('defaults of Aurora MySQL', () => {
  const database = someCluster(newStack(), { engine: AURORA_MYSQL });
  const template = templateOf(database);

  test('the cluster has these properties', () => {
    expect(only(template, CLUSTER)).toMatchObject({
      Engine: 'aurora-mysql',
      EngineVersion: '8.0.mysql_aurora.3.10.4',
      Port: 3306,
      DatabaseName: 'app',
      MasterUsername: 'dbowner',
      EnableCloudwatchLogsExports: ['audit', 'error', 'slowquery'],
    });
  });

  test('each log has a log group, except the general log', () => {
    expect(Object.keys(database.logGroups)).toEqual(['audit', 'error', 'slowquery']);
    expect(Object.keys(template.findResources('AWS::Logs::LogGroup'))).toEqual([
      'DatabaseAuditLog0F81DE5F',
      'DatabaseErrorLog7CF11521',
      'DatabaseSlowqueryLog5BF892D0',
    ]);
  });

  test('Backtrack is off', () => {
    expect(only(template, CLUSTER).BacktrackWindow).toBeUndefined();
  });
});

describe('props', () => {
  test('readers: zones are set for the first two instances, and Aurora selects the zones of the others', () => {
    const instances = propertiesOf(templateOf(someCluster(newStack(), { readers: 3 })), INSTANCE);
    expect(Object.values(instances).map((instance) => [instance.PromotionTier, instance.AvailabilityZone])).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, undefined],
      [2, undefined],
    ]);
  });

  test('databaseName sets the name of the database', () => {
    const database = someCluster(newStack(), { databaseName: 'clinic' });
    expect(clusterOf(database).DatabaseName).toBe('clinic');
    expect(database.databaseName).toBe('clinic');
  });

  test('maintenanceWindow applies to all instances', () => {
    const template = templateOf(someCluster(newStack(), { maintenanceWindow: 'mon:12:30-mon:13:30' }));
    for (const type of [CLUSTER, INSTANCE]) {
      template.allResourcesProperties(type, { PreferredMaintenanceWindow: 'mon:12:30-mon:13:30' });
    }
  });

  test('vpcSubnets selects the subnets', () => {
    const database = someCluster(newStack(), { vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } });
    expect(only(templateOf(database), 'AWS::RDS::DBSubnetGroup').SubnetIds).toEqual(['subnet-priv1', 'subnet-priv2']);
  });

  test('encryptionKey encrypts everything, and its policy allows CloudWatch Logs', () => {
    const stack = newStack();
    const encryptionKey = new kms.Key(stack, 'Own');
    const database = someCluster(stack, { encryptionKey, proxy: DatabaseProxy.withPassword() });
    const template = templateOf(database);
    const arn = stack.resolve(encryptionKey.keyArn);
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'CloudWatchLogs' })]) },
    });
    expect(clusterOf(database)).toMatchObject({
      KmsKeyId: arn,
      PerformanceInsightsKmsKeyId: arn,
      MasterUserSecret: { KmsKeyId: arn },
    });
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: arn });
    template.hasResourceProperties('AWS::Backup::BackupVault', { EncryptionKeyArn: arn });
  });
});

describe('with disposable data', () => {
  const database = someCluster(disposableStack(), { readers: 0, engine: AURORA_MYSQL });
  const template = templateOf(database);

  test('nothing is retained', () => {
    template.hasResource(CLUSTER, {
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: { DeletionProtection: false, DeleteAutomatedBackups: true },
    });
    for (const type of ['AWS::KMS::Key', 'AWS::Logs::LogGroup', INSTANCE]) {
      template.allResources(type, { DeletionPolicy: 'Delete' });
    }
  });

  test('nothing fills the vault, and there is no password schedule, but Aurora still creates backups', () => {
    for (const type of ['AWS::Backup::BackupPlan', 'AWS::SecretsManager::RotationSchedule']) {
      template.resourceCountIs(type, 0);
    }
    expect(Object.keys(only(template, 'AWS::Backup::BackupVault'))).toEqual(['BackupVaultName', 'EncryptionKeyArn']);
    expect(database.backupPlan).toBeUndefined();
    expect(database.backupVault).toBeUndefined();
    expect(only(template, CLUSTER)).toMatchObject({ BackupRetentionPeriod: 35, ManageMasterUserPassword: true });
  });

  test('the reader can be omitted, which is recorded as a relaxation', () => {
    template.resourceCountIs(INSTANCE, 1);
    expect(database.node.metadata).toContainEqual(
      expect.objectContaining({
        type: RELAXATION_METADATA,
        data: expect.objectContaining({
          id: 'cdk-hipaa:single-instance-cluster',
          what: 'the cluster has no reader that takes over if its writer fails',
        }),
      }),
    );
  });

  test('encryption, private access and TLS are still required', () => {
    expect(only(template, CLUSTER).StorageEncrypted).toBe(true);
    expect(only(template, INSTANCE).PubliclyAccessible).toBe(false);
    expect(only(template, 'AWS::RDS::DBClusterParameterGroup').Parameters.require_secure_transport).toBe('ON');
  });

  test('a reader is still the default', () => {
    templateOf(someCluster(disposableStack())).resourceCountIs(INSTANCE, 2);
  });

  test('the packs report nothing', () => {
    expect(nagFindings(database)).toEqual([]);
  });
});

describe('AWS Backup', () => {
  const template = templateOf(someCluster());
  const statements = Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy')).flatMap(
    (policy) => policy.PolicyDocument.Statement,
  );
  const statementWith = (action: string) => statements.find((statement) => [statement.Action].flat().includes(action))!;

  test('takes a daily snapshot of the cluster outside the windows of RDS, and keeps it for 35 days', () => {
    template.hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: {
        BackupPlanRule: [
          Match.objectLike({ ScheduleExpression: 'cron(0 6 * * ? *)', Lifecycle: { DeleteAfterDays: 35 } }),
        ],
      },
    });
    expect(only(template, 'AWS::Backup::BackupSelection').BackupSelection.Resources)
      .toEqual([{ 'Fn::Join': ['', expect.arrayContaining([':cluster:', { Ref: 'DatabaseCluster5B53A178' }])] }]);
  });

  test('takes snapshots of this cluster, and deletes snapshots of AWS Backup only', () => {
    expect(JSON.stringify(statementWith('rds:CreateDBClusterSnapshot').Resource)).toMatch(
      /":cluster:",\{"Ref":"DatabaseCluster5B53A178"\}.*:cluster-snapshot:awsbackup:\*"/,
    );
    expect(statementWith('rds:DeleteDBClusterSnapshot').Resource['Fn::Join'][1].at(-1)).toBe(
      ':cluster-snapshot:awsbackup:*',
    );
  });

  test('names every resource, except for an action without resource-level permissions', () => {
    expect(statements.filter((statement) => statement.Resource === '*').map((statement) => statement.Action)).toEqual([
      'tag:GetResources',
    ]);
  });
});

describe('connections', () => {
  test('a consumer in another stack opens the one port in the consumer stack, without a cycle', () => {
    const app = newApp();
    const network = new Stack(app, 'Network');
    const vpc = new ec2.Vpc(network, 'Vpc', {
      subnetConfiguration: [{ name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });
    const data = new Stack(app, 'Data');
    const database = someCluster(data, { vpc });
    const service = new Stack(app, 'Service');
    new ec2.SecurityGroup(service, 'Consumer', { vpc, allowAllOutbound: false }).connections.allowToDefaultPort(
      database,
    );
    app.synth();

    Template.fromStack(data).resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    Template.fromStack(service).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 5432,
      ToPort: 5432,
      IpProtocol: 'tcp',
    });
    Template.fromStack(service).hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      FromPort: 5432,
      ToPort: 5432,
      IpProtocol: 'tcp',
    });
    expect(data.dependencies).toEqual([network]);
  });
});

describe('grantConnect', () => {
  test('allows one user of this cluster', () => {
    const stack = newStack();
    const database = someCluster(stack);
    database.grantConnect(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }), 'reports');
    templateOf(stack).hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'rds-db:connect',
            Resource: {
              'Fn::Join': [
                '',
                Match.arrayWith([
                  ':dbuser:',
                  { 'Fn::GetAtt': ['DatabaseCluster5B53A178', 'DBClusterResourceId'] },
                  '/reports',
                ]),
              ],
            },
          },
        ],
      },
    });
  });

  test.each([
    [
      '',
      "[Stack/Database] dbUser must be a non-blank string, got ''. Name the database user that the grantee logs in as.",
    ],
    ['app*', "[Stack/Database] dbUser must be the name of one database user, got 'app*'. Grant each user by name."],
    ['app\n', "[Stack/Database] dbUser must be the name of one database user, got 'app\n'. Grant each user by name."],
    [
      'é'.repeat(32),
      '[Stack/Database] dbUser must be a name of at most 63 bytes, the maximum of PostgreSQL, got a name of 64 bytes. '
        + 'Use a shorter name.',
    ],
  ])('refuses %j', (user, message) => {
    const stack = newStack();
    const database = someCluster(stack);
    expect(() =>
      database.grantConnect(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }), user),
    ).toThrow(new Error(message));
  });

  test('refuses a name that is longer than the names of MySQL', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    const database = someCluster(stack, { engine: AURORA_MYSQL });
    expect(() => database.grantConnect(role, 'a'.repeat(32))).not.toThrow();
    expect(() => database.grantConnect(role, 'a'.repeat(33))).toThrow(new Error(
      '[Stack/Database] dbUser must be a name of at most 32 characters, the maximum of MySQL, got a name of 33 '
        + 'characters. Use a shorter name.',
    ));
  });
});

describe('checks', () => {
  test.each([
    ['PostgreSQL', {}],
    ['MySQL', { engine: AURORA_MYSQL }],
    [
      'provisioned instances',
      { capacity: AuroraCapacity.provisioned({ instanceType: new ec2.InstanceType('r7g.large') }), readers: 2 },
    ],
    ['a proxy', { proxy: DatabaseProxy.withPassword() }],
  ])('the packs report nothing on %s', (_name, props) => {
    expect(nagFindings(someCluster(newStack(), props))).toEqual([]);
  });

  test('the packs report nothing in a stack with account and region', () => {
    expect(nagFindings(someCluster(newStack({ env: { account: '123456789012', region: 'eu-west-1' } })))).toEqual([]);
  });

  test('a finding that is acknowledged here is still reported on a cluster of the app', () => {
    const stack = newStack();
    const vpc = someVpc(stack);
    someCluster(stack, { vpc, engine: AURORA_MYSQL });
    new rds.DatabaseCluster(stack, 'Theirs', {
      engine: AURORA_MYSQL,
      vpc,
      writer: rds.ClusterInstance.serverlessV2('Writer'),
    });
    const findings = nagFindings(stack);
    for (const rule of [
      'AwsSolutions-RDS11',
      'AwsSolutions-RDS14',
      'HIPAA.Security-RDSLoggingEnabled[LogExport::general]',
    ]) {
      expect(findings).toContain(`${rule} at Stack/Theirs/Resource`);
    }
    expect(findings).toContain('HIPAA.Security-RDSInBackupPlan at Stack/Theirs/Writer/Resource');
    expect(findings.filter((finding) => finding.includes('Stack/Database/'))).toEqual([]);
  });
});

describe('termination protection of the stack', () => {
  const recommendations = (stack: Stack) =>
    Annotations.fromStack(stack).findInfo(
      '*',
      Match.stringLikeRegexp('deleting the stack deletes its instances first'),
    );

  test('is recommended while data is retained', () => {
    const stack = newStack();
    someCluster(stack);
    expect(recommendations(stack)).toHaveLength(1);
  });

  test('is not recommended if the stack has it or data is disposable', () => {
    const stack = newStack();
    someCluster(stack);
    stack.terminationProtection = true;
    expect(recommendations(stack)).toHaveLength(0);
    const disposable = disposableStack();
    someCluster(disposable);
    expect(recommendations(disposable)).toHaveLength(0);
  });
});

describe('apps', () => {
  test.each([
    ['without a proxy', undefined],
    ['with a proxy', DatabaseProxy.withPassword()],
  ])('the subnets can be known only at deployment, %s', (_name, proxy) => {
    const stack = newStack();
    const ids = new CfnParameter(stack, 'Subnets', { type: 'List<AWS::EC2::Subnet::Id>' }).valueAsList;
    const zones = new CfnParameter(stack, 'Zones', { type: 'List<String>' }).valueAsList;
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: zones,
      isolatedSubnetIds: ids,
    });
    const template = templateOf(someCluster(stack, { vpc, proxy }));
    expect(only(template, 'AWS::RDS::DBSubnetGroup').SubnetIds).toEqual({ Ref: 'Subnets' });
    template.allResourcesProperties(INSTANCE, { AvailabilityZone: Match.absent() });
    if (proxy) {
      for (const type of ['AWS::RDS::DBProxy', 'AWS::RDS::DBProxyEndpoint']) {
        template.allResourcesProperties(type, { VpcSubnetIds: { Ref: 'Subnets' } });
      }
    }
  });

  test('Aurora selects the zones of instances if the zones of the subnets are unknown', () => {
    const stack = newStack();
    const subnets = ['s-1', 's-2'].map((id) => ec2.Subnet.fromSubnetId(stack, id, id));
    const template = templateOf(someCluster(stack, { vpcSubnets: { subnets } }));
    expect(only(template, 'AWS::RDS::DBSubnetGroup').SubnetIds).toEqual(['s-1', 's-2']);
    template.allResourcesProperties(INSTANCE, { AvailabilityZone: Match.absent() });
  });

  test.each(['eu-west-1', 'us-gov-west-1', 'cn-north-1'])('no partition or region is fixed in %s', (region) => {
    const text = JSON.stringify(
      templateOf(someCluster(newStack({ env: { region } }), { proxy: DatabaseProxy.withPassword() })).toJSON(),
    );
    expect(text).not.toMatch(/arn:aws[^-a-z]/);
    expect(text).not.toContain('us-east-1');
  });
});

describe('refusals', () => {
  test.each<[Parameters<typeof clusterRefusalOf>[0], string]>([
    [
      { readers: 0 },
      'readers must be at least 1 for retained data, got 0. Remove it, or call DataProtection.of(scope).disposable({ '
        + 'reason }) before creating the cluster.',
    ],
    [{ readers: 16 }, 'readers must be an integer from 0 to 15, got 16. Use an integer in this range.'],
    [{ readers: 1.5 }, 'readers must be an integer from 0 to 15, got 1.5. Use an integer in this range.'],
    [
      { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } },
      'vpcSubnets must be isolated or private subnets, got a selection with public subnets. Select subnets without a '
        + 'route from the internet.',
    ],
    [
      { capacity: AuroraCapacity.serverless({ minAcu: 0, maxAcu: 2 }), proxy: DatabaseProxy.withPassword() },
      'capacity.minAcu must be more than 0 with a proxy, whose connections prevent a pause, got 0. Raise minAcu, or '
        + 'remove the proxy.',
    ],
  ])('%j', (props, message) => {
    expect(clusterRefusalOf(props)).toBe(`[Stack/Database] ${message}`);
  });

  test.each([
    ['by its name', 'us-east-1a'],
    ['by its number', Fn.select(0, Fn.getAzs())],
  ])('two subnets of one zone, %s', (_how, availabilityZone) => {
    const stack = newStack();
    const subnets = ['s-1', 's-2'].map((subnetId) =>
      ec2.Subnet.fromSubnetAttributes(stack, subnetId, { subnetId, availabilityZone }),
    );
    expect(clusterRefusalOf({ vpcSubnets: { subnets } }, stack)).toBe(
      '[Stack/Database] vpcSubnets must be subnets in at least 2 zones, ' +
        'got a selection of 2 subnets of one zone. Also select a subnet of another zone, or use a VPC with two zones.',
    );
  });

  test('a number of readers that is known only at deployment', () => {
    expect(clusterRefusalOf({ readers: -1.8881545897087827e289 })).toBe(
      '[Stack/Database] readers must be a number that is known at synthesis, got a token. Pass a literal number.',
    );
  });
});
