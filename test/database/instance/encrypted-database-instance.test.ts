import { App, Aspects, CfnParameter, Duration, Size, Stack, Stage, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { instanceOf, MYSQL, only, POSTGRES, refusalOf, someDatabase } from './some-database';
import { DataProtection } from '../../../src/core/data-protection';
import { WATCHABLE_METADATA } from '../../../src/core/monitored-mark';
import { RELAXATION_METADATA } from '../../../src/core/relaxation';
import { EncryptedDatabaseInstance } from '../../../src/database/instance/encrypted-database-instance';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { templateFindings } from '../../support/validate';

const KEY_ARN = { 'Fn::GetAtt': ['DatabaseKey5E5D9547', 'Arn'] };
const INSTANCE_TYPE = 'AWS::RDS::DBInstance';

function disposableStack(): Stack {
  const stack = newStack();
  DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
  return stack;
}

describe('defaults of PostgreSQL', () => {
  const database = someDatabase();
  const template = templateOf(database);
  const instance = only(template, INSTANCE_TYPE);

  test.each<[string, unknown]>([
    ['Engine', 'postgres'],
    ['EngineVersion', '16.8'],
    ['DBInstanceClass', 'db.t4g.medium'],
    ['AllocatedStorage', '20'],
    ['MaxAllocatedStorage', 100],
    ['StorageType', 'gp3'],
    ['StorageEncrypted', true],
    ['KmsKeyId', KEY_ARN],
    ['MultiAZ', true],
    ['PubliclyAccessible', false],
    ['NetworkType', 'IPV4'],
    ['Port', '5432'],
    ['DBName', 'app'],
    ['MasterUsername', 'dbowner'],
    ['ManageMasterUserPassword', true],
    ['MasterUserSecret', { KmsKeyId: KEY_ARN }],
    ['MasterUserPassword', undefined],
    ['EnableIAMDatabaseAuthentication', true],
    ['CACertificateIdentifier', 'rds-ca-rsa2048-g1'],
    ['AvailabilityZone', undefined],
    ['BackupRetentionPeriod', 35],
    ['PreferredBackupWindow', '03:00-04:00'],
    ['PreferredMaintenanceWindow', 'sun:05:00-sun:06:00'],
    ['CopyTagsToSnapshot', true],
    ['DeleteAutomatedBackups', false],
    ['DeletionProtection', true],
    ['AutoMinorVersionUpgrade', true],
    ['AllowMajorVersionUpgrade', false],
    ['EngineLifecycleSupport', 'open-source-rds-extended-support'],
    ['MonitoringInterval', 60],
    ['EnablePerformanceInsights', true],
    ['PerformanceInsightsKMSKeyId', KEY_ARN],
    ['PerformanceInsightsRetentionPeriod', 7],
    ['DatabaseInsightsMode', 'standard'],
    ['EnableCloudwatchLogsExports', ['postgresql', 'upgrade']],
    ['OptionGroupName', undefined],
  ])('%s is %j', (property, value) => {
    expect(instance[property]).toEqual(value);
  });

  test('the instance is in the isolated subnets', () => {
    expect(only(template, 'AWS::RDS::DBSubnetGroup').SubnetIds).toEqual(['subnet-iso1', 'subnet-iso2']);
  });

  test('a deletion keeps a snapshot', () => {
    template.hasResource(INSTANCE_TYPE, { DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' });
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
    expect(database.encryptionKey.keyArn).toBeDefined();
  });

  test('the security group allows no inbound and no outbound traffic', () => {
    const group = only(template, 'AWS::EC2::SecurityGroup');
    expect(group.SecurityGroupIngress).toBeUndefined();
    expect(group.SecurityGroupEgress).toEqual([
      expect.objectContaining({ CidrIp: '127.0.0.1/32', IpProtocol: '-1' }),
    ]);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 0);
  });

  test('the encrypted logs are created before the instance, with the names that RDS uses, and retained for six years '
    + '', () => {
    const identifier = instance.DBInstanceIdentifier['Fn::Join'][1];
    const groups = template.findResources('AWS::Logs::LogGroup');
    expect(Object.values(groups).map((group) => group.Properties.LogGroupName['Fn::Join'][1])).toEqual([
      [`/aws/rds/instance/${identifier[0]}`, identifier[1], '/postgresql'],
      [`/aws/rds/instance/${identifier[0]}`, identifier[1], '/upgrade'],
    ]);
    for (const group of Object.values(groups)) {
      expect(group.Properties).toMatchObject({
        KmsKeyId: KEY_ARN, RetentionInDays: 2192, DeletionProtectionEnabled: true,
      });
      expect(group.DeletionPolicy).toBe('Retain');
    }
    template.hasResource(INSTANCE_TYPE, { DependsOn: Match.arrayWith(Object.keys(groups)) });
    expect(Object.keys(database.logGroups)).toEqual(['postgresql', 'upgrade']);
  });

  test('the identifier is valid for RDS', () => {
    const [prefix] = instance.DBInstanceIdentifier['Fn::Join'][1];
    expect(prefix).toMatch(/^db-[0-9a-f]{8}-$/);
  });

  test('RDS rotates the password once a month in the window, and deletes the schedule with the secret', () => {
    template.hasResource('AWS::SecretsManager::RotationSchedule', {
      DeletionPolicy: 'Retain',
      Properties: {
        SecretId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DatabaseInstance'), 'MasterUserSecret.SecretArn'] },
        RotationRules: { ScheduleExpression: 'cron(0 5 ? * SUN#1 *)', Duration: '1h' },
        RotateImmediatelyOnUpdate: false,
        RotationLambdaARN: Match.absent(),
        HostedRotationLambda: Match.absent(),
      },
    });
    template.resourceCountIs('AWS::SecretsManager::Secret', 0);
    template.resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('only RDS, for this instance, can use the role of Enhanced Monitoring', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({
            Principal: { Service: 'monitoring.rds.amazonaws.com' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              StringLike: {
                'aws:SourceArn': [{ 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':db:db-')])] }],
              },
            },
          }),
        ],
      },
      ManagedPolicyArns: Match.absent(),
    });
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: Match.arrayWith(['logs:PutLogEvents']),
            Resource: [logGroupArn('RDSOSMetrics'), logGroupArn('RDSOSMetrics:*')],
          }),
        ],
      },
    });
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('the instance declares that it can be watched', () => {
    expect(database.node.metadata.map((entry) => entry.type)).toContain(WATCHABLE_METADATA);
  });

  test('there are no warnings', () => {
    expect(Annotations.fromStack(Stack.of(database)).findWarning('*', Match.anyValue())).toEqual([]);
  });

  test('the logical IDs of stateful resources do not change', () => {
    const ids = (type: string) => Object.keys(template.findResources(type));
    expect(ids(INSTANCE_TYPE)).toEqual(['DatabaseInstanceAA8A5FDE']);
    expect(ids('AWS::KMS::Key')).toEqual(['DatabaseKey5E5D9547']);
    expect(ids('AWS::Logs::LogGroup')).toEqual(['DatabasePostgresqlLog95349A1F', 'DatabaseUpgradeLog128D343E']);
    expect(ids('AWS::Backup::BackupVault')).toEqual(['DatabaseBackupVault21F39AF5']);
    expect(ids('AWS::RDS::DBSubnetGroup')).toEqual(['DatabaseInstanceSubnetGroupDE121BB6']);
    expect(ids('AWS::EC2::SecurityGroup')).toEqual(['DatabaseSecurityGroup5C91FDCB']);
  });
});

function logGroupArn(name: string) {
  return {
    'Fn::Join': [
      '',
      [
        'arn:',
        { Ref: 'AWS::Partition' },
        ':logs:',
        { Ref: 'AWS::Region' },
        ':',
        { Ref: 'AWS::AccountId' },
        `:log-group:${name}`,
      ],
    ],
  };
}

describe('defaults of MySQL', () => {
  const database = someDatabase(newStack(), { engine: MYSQL });
  const template = templateOf(database);

  test('the instance has these properties', () => {
    expect(only(template, INSTANCE_TYPE)).toMatchObject({
      Engine: 'mysql',
      EngineVersion: '8.4.7',
      Port: '3306',
      DBName: 'app',
      MasterUsername: 'dbowner',
      EnablePerformanceInsights: true,
      EnableCloudwatchLogsExports: ['audit', 'error', 'slowquery'],
      OptionGroupName: { Ref: Object.keys(template.findResources('AWS::RDS::OptionGroup'))[0] },
    });
  });

  test('the audit plugin records connections and changes of schema and privileges, and is retained with the snapshot '
    + '', () => {
    template.hasResource('AWS::RDS::OptionGroup', {
      DeletionPolicy: 'Retain',
      Properties: {
        EngineName: 'mysql',
        MajorEngineVersion: '8.4',
        OptionConfigurations: [
          {
            OptionName: 'MARIADB_AUDIT_PLUGIN',
            OptionSettings: [{ Name: 'SERVER_AUDIT_EVENTS', Value: 'CONNECT,QUERY_DDL,QUERY_DCL' }],
          },
        ],
      },
    });
    expect(database.optionGroup).toBeDefined();
  });

  test('each log has a log group, except the general log', () => {
    expect(Object.keys(database.logGroups)).toEqual(['audit', 'error', 'slowquery']);
    expect(Object.keys(template.findResources('AWS::RDS::OptionGroup'))).toEqual(['DatabaseOptions6814A47B']);
    expect(Object.keys(template.findResources('AWS::Logs::LogGroup'))).toEqual([
      'DatabaseAuditLog0F81DE5F',
      'DatabaseErrorLog7CF11521',
      'DatabaseSlowqueryLog5BF892D0',
    ]);
  });

  test('PostgreSQL has no option group', () => {
    expect(someDatabase().optionGroup).toBeUndefined();
  });
});

describe('props', () => {
  test('instanceType sets the class', () => {
    const database = someDatabase(newStack(), {
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.R7G, ec2.InstanceSize.XLARGE2),
    });
    expect(instanceOf(database).DBInstanceClass).toBe('db.r7g.2xlarge');
  });

  test('allocatedStorage and maxAllocatedStorage set the storage', () => {
    const database = someDatabase(newStack(), {
      allocatedStorage: Size.gibibytes(100),
      maxAllocatedStorage: Size.tebibytes(1),
    });
    expect(instanceOf(database)).toMatchObject({ AllocatedStorage: '100', MaxAllocatedStorage: 1024 });
  });

  test('databaseName sets the name of the database', () => {
    const database = someDatabase(newStack(), { databaseName: 'clinic' });
    expect(instanceOf(database).DBName).toBe('clinic');
    expect(database.databaseName).toBe('clinic');
  });

  test('backup and maintenanceWindow set retention and windows', () => {
    const database = someDatabase(newStack(), {
      backup: { retention: Duration.days(14), window: '10:00-11:00', vaultRetention: Duration.days(365) },
      maintenanceWindow: 'Mon:12:30-Mon:13:30',
    });
    expect(instanceOf(database)).toMatchObject({
      BackupRetentionPeriod: 14,
      PreferredBackupWindow: '10:00-11:00',
      PreferredMaintenanceWindow: 'Mon:12:30-Mon:13:30',
    });
    templateOf(database).hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: {
        BackupPlanRule: [
          Match.objectLike({ Lifecycle: { DeleteAfterDays: 365 }, ScheduleExpression: 'cron(0 14 * * ? *)' }),
        ],
      },
    });
  });

  test('maintenanceWindow is also the window in which the password rotates', () => {
    const database = someDatabase(newStack(), { maintenanceWindow: 'Mon:12:30-Mon:15:30' });
    templateOf(database).hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression: 'cron(0 13 ? * MON#1 *)', Duration: '2h' },
    });
  });

  test('vpcSubnets selects the subnets', () => {
    const database = someDatabase(newStack(), { vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } });
    expect(only(templateOf(database), 'AWS::RDS::DBSubnetGroup').SubnetIds).toEqual(['subnet-priv1', 'subnet-priv2']);
  });

  test('encryptionKey: a key of the stack encrypts everything, and its policy allows CloudWatch Logs', () => {
    const stack = newStack();
    const database = someDatabase(stack, { encryptionKey: new kms.Key(stack, 'Mine') });
    const template = templateOf(database);
    const mine = { 'Fn::GetAtt': [Object.keys(template.findResources('AWS::KMS::Key'))[0], 'Arn'] };
    template.resourceCountIs('AWS::KMS::Key', 1);
    expect(only(template, INSTANCE_TYPE)).toMatchObject({
      KmsKeyId: mine,
      PerformanceInsightsKMSKeyId: mine,
      MasterUserSecret: { KmsKeyId: mine },
    });
    expect(only(template, 'AWS::Backup::BackupVault').EncryptionKeyArn).toEqual(mine);
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: mine });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'CloudWatchLogs' })]) },
    });
  });

  test('encryptionKey: an imported key can be used', () => {
    const stack = newStack();
    const arn = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const database = someDatabase(stack, { encryptionKey: kms.Key.fromKeyArn(stack, 'Theirs', arn) });
    expect(instanceOf(database).KmsKeyId).toBe(arn);
    templateOf(database).resourceCountIs('AWS::KMS::Key', 0);
  });
});

describe('Performance Insights', () => {
  const small = (engine: rds.IInstanceEngine, size: ec2.InstanceSize) =>
    someDatabase(newStack(), { engine, instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, size) });

  test.each([[ec2.InstanceSize.MICRO], [ec2.InstanceSize.SMALL]])(
    'are off for MySQL on t4g.%s, which does not offer them, with an info message',
    (size) => {
      const database = small(MYSQL, size);
      const instance = instanceOf(database);
      expect(instance.EnablePerformanceInsights).toBe(false);
      expect(instance.PerformanceInsightsKMSKeyId).toBeUndefined();
      expect(instance.PerformanceInsightsRetentionPeriod).toBeUndefined();
      expect(instance.DatabaseInsightsMode).toBeUndefined();
      Annotations.fromStack(Stack.of(database)).hasInfo(
        '/Stack/Database',
        Match.stringLikeRegexp(`MySQL on db.t4g.${size} does not offer Performance Insights`),
      );
    },
  );

  test('are on for PostgreSQL on t4g.micro', () => {
    expect(instanceOf(small(POSTGRES, ec2.InstanceSize.MICRO)).EnablePerformanceInsights).toBe(true);
  });
});

describe('with disposable data', () => {
  const stack = disposableStack();
  const database = someDatabase(stack, { engine: MYSQL, multiAz: false });
  const template = templateOf(database);

  test('nothing is retained', () => {
    template.hasResource(INSTANCE_TYPE, {
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: { DeletionProtection: false, DeleteAutomatedBackups: true },
    });
    for (const type of ['AWS::KMS::Key', 'AWS::Logs::LogGroup', 'AWS::RDS::OptionGroup']) {
      template.allResources(type, { DeletionPolicy: 'Delete' });
    }
  });

  test('nothing fills the vault, but RDS still creates backups', () => {
    expect(Object.keys(only(template, 'AWS::Backup::BackupVault'))).toEqual(['BackupVaultName', 'EncryptionKeyArn']);
    template.resourceCountIs('AWS::Backup::BackupPlan', 0);
    expect(database.backupPlan).toBeUndefined();
    expect(database.backupVault).toBeUndefined();
    expect(only(template, INSTANCE_TYPE).BackupRetentionPeriod).toBe(35);
  });

  test('there is no rotation schedule, which would be retained', () => {
    template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
    expect(only(template, INSTANCE_TYPE).ManageMasterUserPassword).toBe(true);
  });

  test('the standby can be omitted, which is recorded as a relaxation', () => {
    expect(only(template, INSTANCE_TYPE).MultiAZ).toBe(false);
    expect(database.node.metadata).toContainEqual(
      expect.objectContaining({
        type: RELAXATION_METADATA,
        data: expect.objectContaining({
          id: 'cdk-hipaa:single-zone-database',
          what: 'the database has no standby in a second zone',
        }),
      }),
    );
  });

  test('encryption, private access and TLS are still required', () => {
    expect(only(template, INSTANCE_TYPE)).toMatchObject({ StorageEncrypted: true, PubliclyAccessible: false });
    expect(only(template, 'AWS::RDS::DBParameterGroup').Parameters.require_secure_transport).toBe('1');
  });

  test('a standby is still the default', () => {
    expect(instanceOf(someDatabase(disposableStack())).MultiAZ).toBe(true);
  });

  test('the packs report nothing', () => {
    expect(nagFindings(database)).toEqual([]);
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
    const database = someDatabase(data, { vpc });
    const service = new Stack(app, 'Service');
    const consumer = new ec2.SecurityGroup(service, 'Consumer', { vpc, allowAllOutbound: false });
    consumer.connections.allowToDefaultPort(database);
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

  test('the port of MySQL is a number that security group rules can use', () => {
    const stack = newStack();
    const database = someDatabase(stack, { engine: MYSQL });
    new ec2.SecurityGroup(stack, 'Consumer', {
      vpc: someVpc2(stack),
      allowAllOutbound: false,
    }).connections.allowToDefaultPort(database);
    templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 3306, ToPort: 3306 });
    expect(nagFindings(stack).filter((finding) => finding.includes('EC2'))).toEqual([]);
  });

  function someVpc2(stack: Stack): ec2.IVpc {
    return ec2.Vpc.fromVpcAttributes(stack, 'SameVpc', { vpcId: 'vpc-12345678', availabilityZones: ['a'] });
  }
});

describe('grantConnect', () => {
  test('allows one user of this instance', () => {
    const stack = newStack();
    const database = someDatabase(stack);
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
                  { 'Fn::GetAtt': ['DatabaseInstanceAA8A5FDE', 'DbiResourceId'] },
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
    ['*', "[Stack/Database] dbUser must be the name of one database user, got '*'. Grant each user by name."],
    ['app?', "[Stack/Database] dbUser must be the name of one database user, got 'app?'. Grant each user by name."],
    ['app\n', "[Stack/Database] dbUser must be the name of one database user, got 'app\n'. Grant each user by name."],
    [
      'é'.repeat(32),
      '[Stack/Database] dbUser must be a name of at most 63 bytes, the maximum of PostgreSQL, got a name of 64 bytes. '
        + 'Use a shorter name.',
    ],
  ])('refuses %j', (user, message) => {
    const stack = newStack();
    const database = someDatabase(stack);
    expect(() =>
      database.grantConnect(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }), user),
    ).toThrow(new Error(message));
  });

  test('refuses a name that is longer than the names of MySQL', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    const database = someDatabase(stack, { engine: MYSQL });
    expect(() => database.grantConnect(role, 'a'.repeat(32))).not.toThrow();
    expect(() => database.grantConnect(role, 'a'.repeat(33))).toThrow(new Error(
      '[Stack/Database] dbUser must be a name of at most 32 characters, the maximum of MySQL, got a name of 33 '
        + 'characters. Use a shorter name.',
    ));
  });
});

describe('checks', () => {
  test.each([['PostgreSQL', POSTGRES], ['MySQL', MYSQL]])('the packs report nothing on %s', (_name, engine) => {
    expect(nagFindings(someDatabase(newStack(), { engine }))).toEqual([]);
  });

  test('the packs report nothing in a stack with account and region', () => {
    expect(nagFindings(someDatabase(newStack({ env: { account: '123456789012', region: 'eu-west-1' } })))).toEqual([]);
  });

  test('a finding that is acknowledged here is still reported on an instance of the app', () => {
    const stack = newStack();
    someDatabase(stack, { engine: MYSQL });
    new rds.DatabaseInstance(stack, 'Theirs', {
      engine: MYSQL,
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: 'vpc-1',
        availabilityZones: ['a', 'b'],
        privateSubnetIds: ['s-1', 's-2'],
      }),
    });
    const findings = nagFindings(stack);
    expect(findings).toContain('AwsSolutions-RDS11 at Stack/Theirs/Resource');
    expect(findings).toContain('HIPAA.Security-RDSLoggingEnabled[LogExport::general] at Stack/Theirs/Resource');
    expect(findings.filter((finding) => finding.includes('Stack/Database/'))).toEqual([]);
  });

  test.each([
    ['PostgreSQL 15', rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_15_14 })],
    ['MySQL 8.4', MYSQL],
  ])('CloudFormation Validate reports nothing in a stack with %s', (_name, engine) => {
    const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    const stack = new Stack(app, 'Stack');
    const vpc = new ec2.Vpc(stack, 'Vpc', {
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [{ name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });
    someDatabase(stack, { vpc, engine });
    expect(templateFindings(app)).toEqual([]);
  });
});

describe('apps', () => {
  test.each(['eu-west-1', 'us-gov-west-1', 'cn-north-1'])('no partition or region is fixed in %s', (region) => {
    const template = templateOf(someDatabase(newStack({ env: { region } })));
    const text = JSON.stringify(template.toJSON());
    expect(text).not.toMatch(/arn:aws[^-a-z]/);
    expect(text).not.toContain('us-east-1');
  });

  test('the database can be in a stage', () => {
    const stage = new Stage(newApp(), 'Production');
    const stack = new Stack(stage, 'Stack');
    someDatabase(stack);
    expect(() => stage.synth()).not.toThrow();
  });

  test('two databases in one stack share no resource', () => {
    const stack = newStack();
    const vpc = someVpc(stack);
    new EncryptedDatabaseInstance(stack, 'One', { vpc, engine: POSTGRES });
    new EncryptedDatabaseInstance(stack, 'Two', { vpc, engine: POSTGRES });
    const template = templateOf(stack);
    const names = (type: string, property: string) =>
      Object.values(propertiesOf(template, type)).map((properties) => JSON.stringify(properties[property]));
    for (const [type, property] of [
      [INSTANCE_TYPE, 'DBInstanceIdentifier'],
      ['AWS::Logs::LogGroup', 'LogGroupName'],
      ['AWS::Backup::BackupVault', 'BackupVaultName'],
    ]) {
      expect(new Set(names(type, property)).size).toBe(names(type, property).length);
    }
    expect(names('AWS::KMS::Key', 'Description')).toHaveLength(2);
  });

  test('the VPC can be a lookup without a result in the context', () => {
    const stack = newStack({ env: { account: '123456789012', region: 'eu-west-1' } });
    expect(() => someDatabase(stack, { vpc: ec2.Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-1' }) })).not.toThrow();
  });

  test('the subnets can be known only at deployment', () => {
    const stack = newStack();
    const ids = new CfnParameter(stack, 'Subnets', { type: 'List<AWS::EC2::Subnet::Id>' }).valueAsList;
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['a'],
      isolatedSubnetIds: ids,
    });
    expect(only(templateOf(someDatabase(stack, { vpc })), 'AWS::RDS::DBSubnetGroup').SubnetIds).toEqual({
      Ref: 'Subnets',
    });
  });

  test('the zones of the subnets can be unknown', () => {
    const stack = newStack();
    const subnets = ['s-1', 's-2'].map((id) => ec2.Subnet.fromSubnetId(stack, id, id));
    expect(
      only(templateOf(someDatabase(stack, { vpcSubnets: { subnets } })), 'AWS::RDS::DBSubnetGroup').SubnetIds,
    ).toEqual(['s-1', 's-2']);
  });

  test('values can be known only at deployment', () => {
    const stack = newStack();
    const text = (id: string) => new CfnParameter(stack, id).valueAsString;
    const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    const database = someDatabase(stack, {
      instanceType: new ec2.InstanceType(text('Type')),
      allocatedStorage: Size.gibibytes(number('Storage')),
      databaseName: text('Name'),
      backup: {
        retention: Duration.days(number('Days')),
        window: text('Backup'),
        vaultRetention: Duration.days(number('VaultDays')),
      },
      maintenanceWindow: text('Maintenance'),
      parameters: { max_connections: text('Connections') },
    });
    expect(instanceOf(database)).toMatchObject({
      DBInstanceClass: { 'Fn::Join': ['', ['db.', { Ref: 'Type' }]] },
      AllocatedStorage: { Ref: 'Storage' },
      MaxAllocatedStorage: 1000,
      DBName: { Ref: 'Name' },
      BackupRetentionPeriod: { Ref: 'Days' },
      PreferredBackupWindow: { Ref: 'Backup' },
      PreferredMaintenanceWindow: { Ref: 'Maintenance' },
    });
    expect(only(templateOf(stack), 'AWS::RDS::DBParameterGroup').Parameters.max_connections).toEqual({
      Ref: 'Connections',
    });
  });

  test('the engine version can be known only at deployment', () => {
    const stack = newStack();
    const version = new CfnParameter(stack, 'Version').valueAsString;
    for (const engine of [
      rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.of(version, '16') }),
      rds.DatabaseInstanceEngine.mysql({ version: rds.MysqlEngineVersion.of(version, '8.4') }),
    ]) {
      new EncryptedDatabaseInstance(stack, engine.engineType, { vpc: someVpcOnce(stack), engine });
    }
    templateOf(stack).allResourcesProperties(INSTANCE_TYPE, { EngineVersion: { Ref: 'Version' } });
  });

  function someVpcOnce(stack: Stack): ec2.IVpc {
    return (stack.node.tryFindChild('SomeVpc') as ec2.IVpc | undefined) ?? someVpc(stack);
  }

  test('aspects and tags of the app apply', () => {
    const stack = newStack();
    const database = someDatabase(stack);
    Tags.of(stack).add('team', 'clinic');
    Aspects.of(stack).add({ visit: () => undefined });
    expect(instanceOf(database).Tags).toEqual([{ Key: 'team', Value: 'clinic' }]);
  });

  test('the feature flags of the app do not change the template', () => {
    const flags = {
      '@aws-cdk/aws-iam:minimizePolicies': false,
      '@aws-cdk/core:enablePartitionLiterals': false,
      '@aws-cdk/aws-kms:reduceCrossAccountRegionPolicyScope': false,
    };
    const template = (context?: Record<string, unknown>) => templateOf(someDatabase(newStack({ context }))).toJSON();
    expect(template(flags)).toEqual(template());
  });
});

describe('refusals', () => {
  const isolatedOnly = (stack: Stack, ids: string[]) =>
    ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['a', 'b'].slice(0, ids.length || 1),
      isolatedSubnetIds: ids,
    });

  test.each<[Parameters<typeof refusalOf>[0], string]>([
    [
      { multiAz: false },
      'multiAz must be true for retained data, got false. Remove it, or call DataProtection.of(scope).disposable({ '
        + 'reason }) before creating the database.',
    ],
    [
      { backup: { retention: Duration.days(6) } },
      'backup.retention in days must be an integer from 7 to 35, got 6. Use an integer in this range.',
    ],
    [
      { backup: { retention: Duration.days(36) } },
      'backup.retention in days must be an integer from 7 to 35, got 36. Use an integer in this range.',
    ],
    [
      { backup: { retention: Duration.hours(180) } },
      'backup.retention in days must be an integer from 7 to 35, got 7.5. Use an integer in this range.',
    ],
    [
      { backup: { vaultRetention: Duration.days(30) } },
      'backup.vaultRetention in days must be an integer from 35 to 36500, got 30. Use an integer in this range.',
    ],
    [
      { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } },
      'vpcSubnets must be isolated or private subnets, got a selection with public subnets. Select subnets without a '
        + 'route from the internet.',
    ],
  ])('%j', (props, message) => {
    expect(refusalOf(props)).toBe(`[Stack/Database] ${message}`);
  });

  test('a VPC without isolated subnets, without vpcSubnets', () => {
    const stack = newStack();
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['a', 'b'],
      privateSubnetIds: ['s-1', 's-2'],
    });
    expect(refusalOf({ vpc }, stack)).toBe(
      '[Stack/Database] vpcSubnets must be a subnet selection, because the VPC has no isolated subnets, got '
        + 'undefined. ' +
        'Select private subnets with { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }, or add isolated subnets to '
          + 'the VPC.',
    );
  });

  test('one imported subnet', () => {
    const stack = newStack();
    expect(refusalOf({ vpc: isolatedOnly(stack, ['s-1']) }, stack)).toBe(
      '[Stack/Database] vpcSubnets must be at least 2 subnets in different zones, got a selection of 1 subnet. Select '
        + 'more subnets, or use a VPC with two zones.',
    );
  });

  test('two subnets of one zone', () => {
    const stack = newStack();
    const subnets = ['s-1', 's-2'].map((subnetId) =>
      ec2.Subnet.fromSubnetAttributes(stack, subnetId, { subnetId, availabilityZone: 'us-east-1a' }),
    );
    expect(refusalOf({ vpcSubnets: { subnets } }, stack)).toBe(
      '[Stack/Database] vpcSubnets must be subnets in at least 2 zones, ' +
        'got a selection of 2 subnets of one zone. Also select a subnet of another zone, or use a VPC with two zones.',
    );
  });

  test('one subnet of the app', () => {
    const stack = newStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', {
      maxAzs: 1,
      subnetConfiguration: [{ name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });
    expect(refusalOf({ vpc }, stack))
      .toBe('[Stack/Database] vpcSubnets must be at least 2 subnets in different zones, got a selection of 1 subnet. '
        + 'Select more subnets, or use a VPC with two zones.');
  });

  test('DataProtection.disposable after the database is created', () => {
    const stack = newStack();
    someDatabase(stack);
    expect(() => DataProtection.of(stack).disposable({ reason: 'too late' })).toThrow(
      /but Stack\/Database already exists/,
    );
  });
});
