import { CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { DatabaseAccess } from '../../../src/database/access/database-access';
import { IDatabaseUser } from '../../../src/database/access/database-user';
import { DatabaseProxy } from '../../../src/database/shared/database-proxy';
import { newApp, newStack, propertiesOf, templateOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { AURORA_MYSQL, clusterRefusalOf, disposableStack, someCluster } from '../aurora/some-cluster';
import { only } from '../instance/some-database';

const PROXY = 'AWS::RDS::DBProxy';
const SECRET_ARN = { 'Fn::GetAtt': ['DatabaseCluster5B53A178', 'MasterUserSecret.SecretArn'] };
const KEY_ARN = { 'Fn::GetAtt': ['DatabaseKey5E5D9547', 'Arn'] };
const withPassword = DatabaseProxy.withPassword();

describe('a proxy with passwords', () => {
  const database = someCluster(newStack(), { proxy: withPassword });
  const template = templateOf(database);
  const proxy = only(template, PROXY);

  test.each<[string, unknown]>([
    ['EngineFamily', 'POSTGRESQL'],
    ['RequireTLS', true],
    ['DebugLogging', false],
    ['IdleClientTimeout', 1800],
    [
      'Auth',
      [
        {
          AuthScheme: 'SECRETS',
          ClientPasswordAuthType: 'POSTGRES_SCRAM_SHA_256',
          IAMAuth: 'DISABLED',
          SecretArn: SECRET_ARN,
        },
      ],
    ],
    ['VpcSubnetIds', ['subnet-iso1', 'subnet-iso2']],
    ['VpcSecurityGroupIds', [{ 'Fn::GetAtt': ['DatabaseProxySecurityGroupB174D5E0', 'GroupId'] }]],
  ])('%s is %j', (property, value) => {
    expect(proxy[property]).toEqual(value);
  });

  test('names the cluster in the description of its security group', () => {
    expect(Object.values(propertiesOf(template, 'AWS::EC2::SecurityGroup')).map((group) => group.GroupDescription))
      .toContain('Clients of the proxy, and the cluster behind it');
  });

  test('has the cluster as its target after all instances are created, with 90 % of the connections', () => {
    template.hasResource('AWS::RDS::DBProxyTargetGroup', {
      DependsOn: Match.arrayWith(['DatabaseClusterInstance1E154D1E9', 'DatabaseClusterInstance2D6BCD1AC']),
      Properties: {
        TargetGroupName: 'default',
        DBClusterIdentifiers: [{ Ref: 'DatabaseCluster5B53A178' }],
        ConnectionPoolConfigurationInfo: { MaxConnectionsPercent: 90 },
      },
    });
  });

  test('has a second endpoint for reads', () => {
    template.hasResourceProperties('AWS::RDS::DBProxyEndpoint', {
      DBProxyName: { Ref: Object.keys(template.findResources(PROXY))[0] },
      TargetRole: 'READ_ONLY',
      VpcSubnetIds: proxy.VpcSubnetIds,
      VpcSecurityGroupIds: proxy.VpcSecurityGroupIds,
    });
  });

  test('can connect to the port of the cluster only, and allows no inbound connections by default', () => {
    expect(only(template, 'AWS::EC2::SecurityGroupEgress')).toMatchObject({
      GroupId: { 'Fn::GetAtt': ['DatabaseProxySecurityGroupB174D5E0', 'GroupId'] },
      DestinationSecurityGroupId: { 'Fn::GetAtt': ['DatabaseSecurityGroup5C91FDCB', 'GroupId'] },
      FromPort: 5432,
      ToPort: 5432,
    });
    expect(only(template, 'AWS::EC2::SecurityGroupIngress')).toMatchObject({
      GroupId: { 'Fn::GetAtt': ['DatabaseSecurityGroup5C91FDCB', 'GroupId'] },
      SourceSecurityGroupId: { 'Fn::GetAtt': ['DatabaseProxySecurityGroupB174D5E0', 'GroupId'] },
      FromPort: 5432,
      ToPort: 5432,
    });
    const group = propertiesOf(template, 'AWS::EC2::SecurityGroup').DatabaseProxySecurityGroupB174D5E0;
    expect(group.SecurityGroupIngress).toBeUndefined();
    // Without a rule of its own, the group would keep the default rule, which allows all outbound traffic.
    expect(group.SecurityGroupEgress).toMatchObject([{ CidrIp: '127.0.0.1/32', IpProtocol: '-1' }]);
  });

  test('has a role that reads one secret, and decrypts that secret only', () => {
    const policy = Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy')).find(({ Description }) =>
      Description.includes('proxy'),
    )!;
    expect(policy.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
        Resource: SECRET_ARN,
      },
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: KEY_ARN,
        Condition: { StringLike: { 'kms:EncryptionContext:SecretARN': [SECRET_ARN] } },
      },
    ]);
  });

  test('has an encrypted log that is created before it and retained for six years', () => {
    const [prefix, stackPart] = proxy.DBProxyName['Fn::Join'][1];
    expect(prefix).toMatch(/^proxy-[0-9a-f]{8}-$/);
    template.hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'Retain',
      Properties: {
        LogGroupName: { 'Fn::Join': ['', [`/aws/rds/proxy/${prefix}`, stackPart]] },
        KmsKeyId: KEY_ARN,
        RetentionInDays: 2192,
        DeletionProtectionEnabled: true,
      },
    });
    template.hasResource(PROXY, {
      DependsOn: Match.arrayWith(['DatabaseProxyLogCBDB26BC', Match.stringLikeRegexp('ProxyRolePolicy')]),
    });
  });

  test('exposes the proxy and its connections', () => {
    expect(database.proxy).toBeDefined();
    expect(database.proxyConnections!.defaultPort!.toString()).toBe('5432');
  });
});

test('MySQL uses its stronger authentication plugin', () => {
  const template = templateOf(someCluster(newStack(), { engine: AURORA_MYSQL, proxy: withPassword }));
  expect(only(template, PROXY)).toMatchObject({
    EngineFamily: 'MYSQL',
    Auth: [{ ClientPasswordAuthType: 'MYSQL_CACHING_SHA2_PASSWORD' }],
  });
});

test('without readers, there is no read-only endpoint', () => {
  const template = templateOf(someCluster(disposableStack(), { readers: 0, proxy: withPassword }));
  template.resourceCountIs('AWS::RDS::DBProxyEndpoint', 0);
});

test('a proxy uses two zones, because it is replaced when its subnets change', () => {
  const stack = newStack();
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['a', 'b', 'c'],
    isolatedSubnetIds: ['s-1', 's-2', 's-3'],
  });
  const template = templateOf(someCluster(stack, { vpc, proxy: withPassword }));
  for (const type of [PROXY, 'AWS::RDS::DBProxyEndpoint']) {
    template.allResourcesProperties(type, { VpcSubnetIds: ['s-1', 's-2'] });
  }
});

describe('a proxy with IAM tokens', () => {
  const stack = newStack();
  const database = someCluster(stack, { proxy: DatabaseProxy.withIamToken() });
  database.grantConnect(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }), 'reports');
  const template = templateOf(database);

  const connects = Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy')).flatMap(
    ({ PolicyDocument, Roles }) => PolicyDocument.Statement
      .filter(({ Action }: { Action: unknown }) => Action === 'rds-db:connect')
      .flatMap(({ Resource }: { Resource: unknown }) => [Resource].flat())
      .map((resource: unknown) => ({ role: Roles[0].Ref, resource: JSON.stringify(resource) })),
  );

  test('accepts no password, and logs in to the cluster with a token itself', () => {
    expect(only(template, PROXY)).toMatchObject({ DefaultAuthScheme: 'IAM_AUTH', RequireTLS: true });
    expect(only(template, PROXY).Auth).toBeUndefined();
  });

  test('is a resource of grantConnect, as is the cluster', () => {
    const ofRole = connects.filter(({ role }) => role.startsWith('Role')).map(({ resource }) => resource);
    expect(ofRole).toEqual([
      expect.stringMatching(/DBClusterResourceId.*\/reports/), expect.stringMatching(/"DBProxyArn".*\/reports/),
    ]);
  });

  test('can log in as exactly the granted users', () => {
    const ofProxy = connects.filter(({ role }) => role.startsWith('DatabaseProxyRole')).map(({ resource }) => resource);
    expect(ofProxy).toEqual([expect.stringMatching(/DBClusterResourceId.*\/reports/)]);
  });

  test('accepts a user of uses, whose service can request its token', () => {
    const app = newApp();
    const shared = new Stack(app, 'Stack');
    const cluster = someCluster(shared, { proxy: DatabaseProxy.withIamToken() });
    const service = Object.assign(new Construct(shared, 'Api'), {
      grantPrincipal: new iam.Role(shared, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }),
    });
    const binding = cluster.bindToService({ service });
    expect(binding).toMatchObject({ environment: { PGUSER: 'api' }, connectable: cluster.proxyConnections });
    const policies = Object.values(propertiesOf(templateOf(shared), 'AWS::IAM::ManagedPolicy'))
      .filter(({ PolicyDocument }) => JSON.stringify(PolicyDocument).includes('rds-db:connect'));
    expect(policies.map(({ Roles }) => Roles[0].Ref).sort())
      .toEqual([expect.stringMatching(/^DatabaseProxyRole/), expect.stringMatching(/^Role/)]);
  });
});

describe('the users of a cluster with a proxy', () => {
  const stack = newStack();
  const database = someCluster(stack, { proxy: withPassword });
  const api = database.access('Api', DatabaseAccess.readWrite());
  const signer = database.access('Signer', DatabaseAccess.iamToken());
  const template = templateOf(stack);
  const secrets = propertiesOf(template, 'AWS::SecretsManager::Secret');
  const logicalId = (part: string) => Object.keys(secrets).find((id) => id.includes(part))!;

  test('have a secret for each login, which the proxy can read', () => {
    expect(only(template, PROXY).Auth.map(({ SecretArn }: { SecretArn: unknown }) => SecretArn)).toEqual([
      SECRET_ARN, { Ref: logicalId('ProxyLogin1') }, { Ref: logicalId('ProxyLogin2') },
    ]);
    const ofLogins = Object.entries(secrets).filter(([id]) => id.includes('ProxyLogin'))
      .map(([, { GenerateSecretString }]) => GenerateSecretString.SecretStringTemplate);
    expect(ofLogins).toEqual(['{"username":"api_1"}', '{"username":"api_2"}']);
  });

  test('have a function that writes them and logs in through the proxy', () => {
    expect(secrets[logicalId('ApiSecret')].Description).toEqual({
      'Fn::Join': ['', [
        'Login of the database user api, copied to ', { Ref: logicalId('ProxyLogin1') }, ', copied to ',
        { Ref: logicalId('ProxyLogin2') },
      ]],
    });
    const [handler] = Object.entries(propertiesOf(template, 'AWS::Lambda::Function'))
      .filter(([id]) => id.includes('UsersFunction'));
    expect(handler[1].Environment.Variables.PROXY).toEqual({ 'Fn::GetAtt': [expect.any(String), 'Endpoint'] });
    const writes = Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy'))
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Action }) => [Action].flat().join() === 'secretsmanager:GetSecretValue,secretsmanager:PutSecretValue');
    expect(writes.map(({ Resource }) => Resource))
      .toEqual([[{ Ref: logicalId('ProxyLogin1') }, { Ref: logicalId('ProxyLogin2') }]]);
    const ports = Object.values(propertiesOf(template, 'AWS::EC2::SecurityGroupEgress'))
      .filter(({ GroupId }) => JSON.stringify(GroupId).includes('Users'));
    expect(ports.map(({ FromPort }) => FromPort)).toEqual([5432, 5432]);
  });

  test('connect to the proxy with a password, and to the cluster with a token', () => {
    const bind = (user: IDatabaseUser) => user.bindToService({ service: stack });
    expect(bind(api).connectable).toBe(database.proxyConnections);
    expect(bind(signer).connectable).toBe(database);
  });

  test('have no finding of the packs', () => {
    expect(nagFindings(stack).filter((finding) => finding.includes('Users'))).toEqual([]);
  });
});

test('a proxy with passwords is not a resource of grantConnect, because it accepts no token', () => {
  const stack = newStack();
  someCluster(stack, { proxy: withPassword }).grantConnect(
    new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }),
    'reports',
  );
  const policies = JSON.stringify(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy'));
  expect(policies).toContain('rds-db:connect');
  expect(policies).not.toContain('DBProxyArn');
});

describe('options', () => {
  test('maxConnectionsPercent and idleClientTimeout set the pool and the timeout', () => {
    const proxy = DatabaseProxy.withPassword({ maxConnectionsPercent: 50, idleClientTimeout: Duration.hours(1) });
    const template = templateOf(someCluster(newStack(), { proxy }));
    template.hasResourceProperties('AWS::RDS::DBProxyTargetGroup', {
      ConnectionPoolConfigurationInfo: { MaxConnectionsPercent: 50 },
    });
    expect(only(template, PROXY).IdleClientTimeout).toBe(3600);
  });

  test('numbers can be known only at deployment', () => {
    const stack = newStack();
    const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    const proxy = DatabaseProxy.withIamToken({
      maxConnectionsPercent: number('Percent'),
      idleClientTimeout: Duration.seconds(number('Idle')),
    });
    someCluster(stack, { proxy });
    expect(only(templateOf(stack), PROXY).IdleClientTimeout).toEqual({ Ref: 'Idle' });
  });

  test('secrets adds the logins of more users to the role', () => {
    const stack = newStack();
    const encryptionKey = new kms.Key(stack, 'OwnKey');
    const reports = new secretsmanager.Secret(stack, 'Reports', { encryptionKey });
    const template = templateOf(someCluster(stack, { proxy: DatabaseProxy.withPassword({ secrets: [reports] }) }));
    const arn = stack.resolve(reports.secretArn);
    expect(only(template, PROXY).Auth.map((auth: { SecretArn: unknown }) => auth.SecretArn)).toEqual([SECRET_ARN, arn]);
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Action: 'kms:Decrypt',
          Resource: stack.resolve(encryptionKey.keyArn),
          Condition: { StringLike: { 'kms:EncryptionContext:SecretARN': [arn] } },
        })]),
      },
    });
  });

  test.each([
    [
      { maxConnectionsPercent: 0 },
      'proxy.maxConnectionsPercent must be an integer from 1 to 100, got 0. Use an integer in this range.',
    ],
    [
      { maxConnectionsPercent: 101 },
      'proxy.maxConnectionsPercent must be an integer from 1 to 100, got 101. Use an integer in this range.',
    ],
    [
      { idleClientTimeout: Duration.hours(9) },
      'proxy.idleClientTimeout in seconds must be an integer from 1 to 28800, got 32400. Use an integer in this range.',
    ],
    [
      { idleClientTimeout: Duration.millis(500) },
      'proxy.idleClientTimeout in seconds must be an integer from 1 to 28800, got 0.5. Use an integer in this range.',
    ],
  ])('refuses %j', (options, message) => {
    for (const proxy of [DatabaseProxy.withPassword(options), DatabaseProxy.withIamToken(options)]) {
      expect(clusterRefusalOf({ proxy })).toBe(`[Stack/Database] ${message}`);
    }
  });
});

test('a consumer in another stack opens the port of the proxy in the consumer stack', () => {
  const app = newApp();
  const data = new Stack(app, 'Data');
  const database = someCluster(data, { proxy: withPassword });
  const service = new Stack(app, 'Service');
  const vpc = ec2.Vpc.fromVpcAttributes(service, 'Vpc', { vpcId: 'vpc-12345678', availabilityZones: ['a'] });
  new ec2.SecurityGroup(service, 'Consumer', { vpc, allowAllOutbound: false }).connections.allowToDefaultPort(
    database.proxyConnections!,
  );
  Template.fromStack(service).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    FromPort: 5432,
    GroupId: { 'Fn::ImportValue': Match.stringLikeRegexp('ProxySecurityGroup') },
  });
  expect(data.dependencies).toEqual([]);
  expect(nagFindings(app).filter((finding) => finding.includes('EC2'))).toEqual([]);
});

describe('the region of additional secrets', () => {
  const proxyWith = (arn: string, env?: { account: string; region: string }) => () => {
    const stack = newStack({ env });
    const secret = secretsmanager.Secret.fromSecretCompleteArn(stack, 'Reader', arn);
    someCluster(stack, { proxy: DatabaseProxy.withPassword({ secrets: [secret] }) });
  };
  const arnIn = (region: string) => `arn:aws:secretsmanager:${region}:111122223333:secret:reader-AbCdEf`;
  const env = { account: '111122223333', region: 'us-east-1' };

  test('is that of the stack, or refused', () => {
    expect(proxyWith(arnIn('us-east-1'), env)).not.toThrow();
    expect(proxyWith(arnIn('eu-west-1'), env)).toThrow(new Error(
      '[Stack/Database] proxy.secrets[0] must be a secret in us-east-1, the region of the stack, got a secret in '
      + 'eu-west-1. Pass a secret in us-east-1.'));
  });

  test('is not checked in a stack without a region', () => {
    expect(proxyWith(arnIn('eu-west-1'))).not.toThrow();
  });
});
