import { findingsInTemplate, templateWith } from '../support/raw-template';

const branch = (one: unknown, two: unknown, condition = 'C') => ({ 'Fn::If': [condition, one, two] });
const NONE = { Ref: 'AWS::NoValue' };
/** A parameter `P` with a default. */
const withParameter = (Default: string, template: object, more: object = {}) =>
  ({ Parameters: { P: { Type: 'String', Default, ...more } }, ...template });
const P = { Ref: 'P' };

const task = (container: object) => templateWith('AWS::ECS::TaskDefinition', {
  ContainerDefinitions: [{
    Name: 'app', User: '1000', ReadonlyRootFilesystem: true, LogConfiguration: { LogDriver: 'awslogs' }, ...container,
  }],
});
const queue = (KmsMasterKeyId: unknown) => templateWith('AWS::SQS::Queue', { KmsMasterKeyId });
const table = (SSESpecification: unknown) => templateWith('AWS::DynamoDB::Table', { SSESpecification });
const bucket = (more: object) => templateWith('AWS::S3::Bucket', {}, more);
const cache = (properties: object) => templateWith('AWS::ElastiCache::ReplicationGroup', {
  AuthToken: '{{resolve:secretsmanager:s}}',
  TransitEncryptionEnabled: true,
  AtRestEncryptionEnabled: true,
  KmsKeyId: 'key',
  ...properties,
});
const group = (Parameters: unknown, more: object = {}) =>
  ({ Type: 'AWS::RDS::DBParameterGroup', Properties: { Family: 'postgres14', Parameters, ...more } });
const database = (properties: object, resources: object = {}) => ({
  Resources: {
    ...templateWith('AWS::RDS::DBInstance', {
      Engine: 'postgres', EngineVersion: '14', StorageEncrypted: true, ...properties,
    }).Resources,
    ...resources,
  },
});
const egress = (SecurityGroupEgress: unknown) => templateWith('AWS::EC2::SecurityGroup', { SecurityGroupEgress });
const ALL = { IpProtocol: '-1', CidrIp: '0.0.0.0/0' };
const HTTPS = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' };
const listener = (SslPolicy: unknown) =>
  templateWith('AWS::ElasticLoadBalancingV2::Listener', { Protocol: 'HTTPS', SslPolicy });
const distribution = (DistributionConfig: unknown) =>
  templateWith('AWS::CloudFront::Distribution', { DistributionConfig });

describe('a value that one deployment can have is found', () => {
  test.each<[string, string, object]>([
    ['a user in a branch', 'ContainerRunsAsRoot[app]', task({ User: branch('root', '1000') })],
    ['a user in a join', 'ContainerRunsAsRoot[app]', task({ User: { 'Fn::Join': [':', ['0', '0']] } })],
    ['a user in a sub', 'ContainerRunsAsRoot[app]', task({ User: { 'Fn::Sub': 'root' } })],
    ['a user by default', 'ContainerRunsAsRoot[app]', withParameter('root', task({ User: P }))],
    ['the user 00', 'ContainerRunsAsRoot[app]', task({ User: '00' })],
    ['a blank user', 'ContainerRunsAsRoot[app]', task({ User: '' })],
    ['a privileged container by default', 'ContainerIsPrivileged[app]', withParameter('True', task({ Privileged: P }))],
    [
      'a capability', 'ContainerIsPrivileged[app]',
      task({ LinuxParameters: { Capabilities: { Add: branch(['SYS_ADMIN'], []) } } }),
    ],
    [
      'the processes of the host',
      'ContainerIsPrivileged',
      templateWith('AWS::ECS::TaskDefinition', { PidMode: 'host' }),
    ],
    [
      'a job of Batch', 'ContainerRunsAsRoot[job]',
      templateWith('AWS::Batch::JobDefinition', { ContainerProperties: { User: branch('root', NONE) } }),
    ],
    [
      'a job of Batch on ECS', 'ContainerIsPrivileged[a]',
      templateWith('AWS::Batch::JobDefinition', {
        EcsProperties: { TaskProperties: [{ Containers: [{ Name: 'a', Privileged: true }] }] },
      }),
    ],
    ['a writable root', 'ContainerRootIsWritable[app]', withParameter('false', task({ ReadonlyRootFilesystem: P }))],
    ['a log driver that drops', 'ContainerWithoutLog[app]', task({ LogConfiguration: { LogDriver: 'none' } })],
    [
      'containers in a branch', 'ContainerRunsAsRoot[a]',
      templateWith('AWS::ECS::TaskDefinition', { ContainerDefinitions: branch([{ Name: 'a' }], []) }),
    ],
    ['no key in a branch', 'QueueWithoutCustomerKey', queue(branch('key', NONE))],
    ['no value as a key', 'QueueWithoutCustomerKey', queue(NONE)],
    ['a key of AWS by default', 'QueueWithoutCustomerKey', withParameter('alias/aws/sqs', queue(P))],
    ['no key by default', 'QueueWithoutCustomerKey', withParameter('', queue(P))],
    [
      'an allowed key of AWS', 'QueueWithoutCustomerKey',
      withParameter('key', queue(P), { AllowedValues: ['key', 'alias/aws/sqs'] }),
    ],
    [
      'a table without a key in a branch',
      'TableWithoutCustomerKey',
      table(branch({ SSEEnabled: true, KMSMasterKeyId: 'k' }, NONE)),
    ],
    [
      'the ARN of a key of AWS', 'TableWithoutCustomerKey',
      table({ SSEEnabled: true, KMSMasterKeyId: { 'Fn::Sub': 'arn:aws:kms:${AWS::Region}:1:alias/aws/dynamodb' } }),
    ],
    [
      'a key that does not rotate',
      'KeyWithoutRotation',
      templateWith('AWS::KMS::Key', { EnableKeyRotation: branch(true, false) }),
    ],
    [
      'a symmetric key in a branch',
      'KeyWithoutRotation',
      templateWith('AWS::KMS::Key', { KeySpec: branch('RSA_2048', NONE) }),
    ],
    ['a deleted bucket in a branch', 'DataDeletedWithStack', bucket({ DeletionPolicy: branch('Retain', 'Delete') })],
    ['a deleted bucket by default', 'DataDeletedWithStack', withParameter('Delete', bucket({ DeletionPolicy: P }))],
    ['a deleted bucket by mapping', 'DataDeletedWithStack', {
      Mappings: { M: { dev: { policy: 'Delete' }, prod: { policy: 'Retain' } } },
      ...bucket({ DeletionPolicy: { 'Fn::FindInMap': ['M', { Ref: 'Stage' }, 'policy'] } }),
    }],
    [
      'an instance that one branch takes out of its cluster', 'DataDeletedWithStack',
      templateWith('AWS::RDS::DBInstance', { DBClusterIdentifier: branch('c', NONE) }, { DeletionPolicy: 'Delete' }),
    ],
    [
      'a cache with snapshots in a branch', 'DataDeletedWithStack',
      {
        Resources: { X: { ...cache({ SnapshotRetentionLimit: branch(7, 0) }).Resources.X, DeletionPolicy: 'Delete' } },
      },
    ],
    ['a cache without a token in a branch', 'CacheWithoutSafeguards', cache({ AuthToken: branch('t', NONE) })],
    ['a cache that prefers TLS', 'CacheWithoutSafeguards', cache({ TransitEncryptionMode: 'preferred' })],
    ['a cache without users', 'CacheWithoutSafeguards', cache({ AuthToken: NONE, UserGroupIds: NONE })],
    [
      'a user without a password', 'CacheWithoutSafeguards',
      templateWith('AWS::ElastiCache::User', { NoPasswordRequired: true, AccessString: 'on ~* +@all' }),
    ],
    [
      'a MemoryDB cluster for any user', 'CacheWithoutSafeguards',
      withParameter('open-access', templateWith('AWS::MemoryDB::Cluster', { ACLName: P, KmsKeyId: 'k' })),
    ],
    [
      'a function without a log group', 'FunctionWithoutLogGroup',
      templateWith('AWS::Lambda::Function', { LoggingConfig: { LogGroup: NONE } }),
    ],
    ['a function whose log group has a condition', 'FunctionWithoutLogGroup', {
      Resources: {
        ...templateWith('AWS::Lambda::Function', {}).Resources,
        Log: {
          Type: 'AWS::Logs::LogGroup',
          Condition: 'C',
          DeletionPolicy: 'Retain',
          UpdateReplacePolicy: 'Retain',
          Properties: { LogGroupName: { 'Fn::Sub': '/aws/lambda/${X}' } },
        },
      },
    }],
    ['a group without the parameter in a branch', 'DatabaseAcceptsPlaintext',
      database({ DBParameterGroupName: { Ref: 'G' } }, { G: group(branch({ 'rds.force_ssl': '1' }, {})) })],
    ['another group in a branch', 'DatabaseAcceptsPlaintext', database(
      { DBParameterGroupName: branch({ Ref: 'G' }, { Ref: 'H' }) },
      { G: group({ 'rds.force_ssl': '1' }), H: group({ 'rds.force_ssl': '0' }) },
    )],
    ['a group by its name', 'DatabaseAcceptsPlaintext', database(
      { DBParameterGroupName: 'own' }, { G: group({}, { DBParameterGroupName: 'own' }) })],
    ['a group in a sub', 'DatabaseAcceptsPlaintext', database(
      { DBParameterGroupName: { 'Fn::Sub': '${G}' } }, { G: group({ 'rds.force_ssl': '0' }) })],
    ['a default group by default', 'DatabaseAcceptsPlaintext',
      withParameter('default.postgres14', database({ DBParameterGroupName: P }))],
    ['an engine by default', 'DatabaseAcceptsPlaintext', withParameter('postgres', database({ Engine: P }))],
    ['an older version in a branch', 'DatabaseAcceptsPlaintext', database({ EngineVersion: branch('16', '14') })],
    ['SQL Server', 'DatabaseAcceptsPlaintext', database({ Engine: 'sqlserver-ex' })],
    ['Aurora MySQL 1', 'DatabaseClusterAcceptsPlaintext', templateWith('AWS::RDS::DBCluster', { Engine: 'aurora' })],
    ['a proxy', 'EndpointAcceptsPlaintext', templateWith('AWS::RDS::DBProxy', {})],
    [
      'a search domain', 'EndpointAcceptsPlaintext',
      templateWith('AWS::OpenSearchService::Domain', { DomainEndpointOptions: { EnforceHTTPS: branch(true, false) } }),
    ],
    ['a Kafka cluster', 'EndpointAcceptsPlaintext', templateWith('AWS::MSK::Cluster', {
      EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'TLS_PLAINTEXT' } },
    })],
    ['DocumentDB without TLS', 'EndpointAcceptsPlaintext', {
      Resources: {
        ...templateWith('AWS::DocDB::DBCluster', { DBClusterParameterGroupName: { Ref: 'G' } }).Resources,
        G: { Type: 'AWS::DocDB::DBClusterParameterGroup', Properties: { Parameters: { tls: 'disabled' } } },
      },
    }],
    ['an old policy in a branch', 'ListenerAllowsOldTls',
      listener(branch('ELBSecurityPolicy-TLS13-1-2-2021-06', 'ELBSecurityPolicy-2016-08'))],
    ['HTTP in a branch', 'DistributionAllowsHttp', distribution(branch(
      { DefaultCacheBehavior: { ViewerProtocolPolicy: 'https-only' } },
      { DefaultCacheBehavior: { ViewerProtocolPolicy: 'allow-all' } },
    ))],
    ['HTTP of behaviors in a branch', 'DistributionAllowsHttp',
      distribution({ CacheBehaviors: branch([{ ViewerProtocolPolicy: 'allow-all' }], NONE) })],
    ['all traffic in a branch', 'SecurityGroupAllowsAllEgress', egress(branch([ALL], [HTTPS]))],
    ['all traffic in an element', 'SecurityGroupAllowsAllEgress', egress([branch(ALL, HTTPS)])],
    [
      'all addresses by default',
      'SecurityGroupAllowsAllEgress',
      withParameter('0.0.0.0/0', egress([{ ...ALL, CidrIp: P }])),
    ],
    ['the halves of all addresses', 'SecurityGroupAllowsAllEgress', egress([{ ...ALL, CidrIp: '128.0.0.0/1' }])],
    [
      'all addresses of version 6',
      'SecurityGroupAllowsAllEgress',
      egress([{ IpProtocol: -1, CidrIpv6: '0:0:0:0::/0' }]),
    ],
    ['no rule in a branch', 'SecurityGroupAllowsAllEgress', egress(branch([HTTPS], []))],
    [
      'a public URL in a branch',
      'FunctionUrlIsPublic',
      templateWith('AWS::Lambda::Url', { AuthType: branch('AWS_IAM', 'NONE') }),
    ],
    ['all traffic of a rule', 'EgressRuleAllowsAllTraffic',
      templateWith('AWS::EC2::SecurityGroupEgress', { ...ALL, CidrIp: branch('10.0.0.0/8', '0.0.0.0/0') })],
  ])('%s', (_name, rule, template) => {
    expect(findingsInTemplate(template)).toContain(`${rule} at X`);
  });
});

describe('a value that no deployment can have is not found', () => {
  test.each<[string, object]>([
    ['a read-only root by default', withParameter('true', task({ ReadonlyRootFilesystem: P }))],
    ['a group with the parameter by default',
      withParameter('1', database({ DBParameterGroupName: { Ref: 'G' } }, { G: group({ 'rds.force_ssl': P }) }))],
    ['a version by default', withParameter('16.5', database({ EngineVersion: P }))],
    ['the same condition for a group and its database', database(
      { EngineVersion: branch('16', '14'), DBParameterGroupName: branch(NONE, { Ref: 'G' }) },
      { G: { ...group({ 'rds.force_ssl': '1' }), Condition: 'NotC' } },
    )],
    ['a condition and its opposite', {
      Conditions: { Prod: { 'Fn::Equals': [P, 'prod'] }, Dev: { 'Fn::Not': [{ Condition: 'Prod' }] } },
      ...withParameter('prod', queue(branch('key', branch('key', NONE, 'Dev'), 'Prod'))),
    }],
    ['a resource that exists only where it is safe', {
      Conditions: { Prod: { 'Fn::Equals': [P, 'prod'] } },
      ...withParameter('prod', templateWith(
        'AWS::SQS::Queue', { KmsMasterKeyId: branch('key', NONE, 'Prod') }, { Condition: 'Prod' },
      )),
    }],
    ['true as a text', templateWith('AWS::KMS::Key', { EnableKeyRotation: 'true' })],
    ['a user of a cache that is switched off',
      templateWith('AWS::ElastiCache::User', { NoPasswordRequired: true, AccessString: 'off ~* +@all' })],
    ['a private range of addresses', egress([{ IpProtocol: '-1', CidrIp: '10.0.0.0/8' }])],
    ['DocumentDB with the default group', templateWith('AWS::DocDB::DBCluster', { StorageEncrypted: true })],
  ])('%s', (_name, template) => {
    expect(findingsInTemplate(template)).toEqual([]);
  });
});

test('more conditions than can be combined are varied one by one', () => {
  const names = Array.from({ length: 12 }, (_, index) => `C${index}`);
  const nested = names.reduce<unknown>((inner, name) => branch(inner, 'key', name), NONE);
  expect(findingsInTemplate(queue(nested))).toEqual(['QueueWithoutCustomerKey at X']);
});

describe('a loop', () => {
  const loop = (collection: unknown, body: object) => ({
    Transform: 'AWS::LanguageExtensions',
    Parameters: { Names: { Type: 'CommaDelimitedList', Default: 'a,b' } },
    Resources: { 'Fn::ForEach::Each': ['Name', collection, { '${Name}Queue': body }] },
  });
  const bare = { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'Name' } } };

  test.each<[string, unknown]>([['a list', ['a', 'b']], ['a parameter', { Ref: 'Names' }]])(
    'over %s is read', (_name, collection) => {
      expect(findingsInTemplate(loop(collection, bare)))
        .toEqual(['QueueWithoutCustomerKey at aQueue', 'QueueWithoutCustomerKey at bQueue']);
    });

  test('in properties is read', () => {
    expect(findingsInTemplate(templateWith('AWS::Lambda::Function', {
      LoggingConfig: { LogGroup: 'own' },
      Environment: { Variables: { 'Fn::ForEach::Each': ['Name', ['DB'], { '${Name}_PASSWORD': 'hunter2' }] } },
    }))).toEqual(['PlaintextSecret[DB_PASSWORD] at X']);
  });

  test('over a list that is known only at deployment is read once', () => {
    expect(findingsInTemplate(loop({ 'Fn::ImportValue': 'names' }, bare))).toHaveLength(1);
  });
});
