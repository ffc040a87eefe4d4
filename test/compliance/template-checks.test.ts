import { App, CfnResource, NestedStack, RemovalPolicy, Stack, Stage, Validations } from 'aws-cdk-lib';
import { RULES, TemplateChecks } from '../../src/compliance/template-checks';
import { DataProtection } from '../../src/core/data-protection';
import { newApp, newStack } from '../support/app';
import { templateCheckFindings as findings } from '../support/template-check-findings';

interface Twin {
  readonly type: string;
  readonly bad: object;
  readonly good: object;
}

const container = (properties: object) => ({
  ContainerDefinitions: [
    {
      Name: 'c',
      Image: 'i',
      User: '1000',
      ReadonlyRootFilesystem: true,
      LogConfiguration: { LogDriver: 'awslogs' },
      ...properties,
    },
  ],
});
const behaviors = (policy: string) => ({
  DistributionConfig: {
    DefaultCacheBehavior: { ViewerProtocolPolicy: 'https-only' },
    CacheBehaviors: [{ ViewerProtocolPolicy: policy }],
  },
});
const allow = (action: string, resource: string) => ({
  PolicyDocument: { Statement: [{ Effect: 'Allow', Action: action, Resource: resource }] },
});
const trusts = (Principal: object) => ({
  AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] },
});

/** For each rule, a resource that breaks it, and the same resource with the correct value. */
const TWINS: Record<string, Twin> = {
  ContainerRunsAsRoot: {
    type: 'AWS::ECS::TaskDefinition',
    bad: container({ User: 'root:root' }),
    good: container({ User: 'node' }),
  },
  ContainerIsPrivileged: {
    type: 'AWS::ECS::TaskDefinition',
    bad: container({ Privileged: true }),
    good: container({ Privileged: false }),
  },
  ContainerRootIsWritable: {
    type: 'AWS::ECS::TaskDefinition',
    bad: container({ ReadonlyRootFilesystem: false }),
    good: container({}),
  },
  ContainerWithoutLog: {
    type: 'AWS::ECS::TaskDefinition',
    bad: container({ LogConfiguration: undefined }),
    good: container({}),
  },
  RepositoryWithoutScan: {
    type: 'AWS::ECR::Repository',
    bad: {},
    good: { ImageScanningConfiguration: { ScanOnPush: true } },
  },
  PlaintextSecret: {
    type: 'AWS::ECS::TaskDefinition',
    bad: container({ Environment: [{ Name: 'DB_PASSWORD', Value: 'hunter2' }] }),
    good: container({ Environment: [{ Name: 'DB_PASSWORD_ARN', Value: 'arn:…' }] }),
  },
  SecurityGroupAllowsAllEgress: {
    type: 'AWS::EC2::SecurityGroup',
    bad: { SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }] },
    good: { SecurityGroupEgress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' }] },
  },
  EgressRuleAllowsAllTraffic: {
    type: 'AWS::EC2::SecurityGroupEgress',
    bad: { IpProtocol: 'tcp', FromPort: 0, ToPort: 65535, CidrIpv6: '::/0' },
    good: { IpProtocol: 'tcp', FromPort: 0, ToPort: 65535, CidrIp: '10.0.0.0/16' },
  },
  SecurityGroupAllowsPublicIngress: {
    type: 'AWS::EC2::SecurityGroup',
    bad: { SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, CidrIp: '0.0.0.0/0' }] },
    good: { SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' }] },
  },
  TaskHasPublicAddress: {
    type: 'AWS::ECS::Service',
    bad: { NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'ENABLED' } } },
    good: { NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'DISABLED' } } },
  },
  PolicyAllowsEveryResource: {
    type: 'AWS::IAM::ManagedPolicy',
    bad: allow('s3:GetObject', '*'),
    good: allow('ecr:GetAuthorizationToken', '*'),
  },
  PolicyAllowsEveryAction: {
    type: 'AWS::IAM::UserPolicy',
    bad: allow('s3:*', 'arn:aws:s3:::bucket'),
    good: allow('s3:ListBucket', 'arn:aws:s3:::bucket'),
  },
  ResourceAllowsEveryone: {
    type: 'AWS::S3::BucketPolicy',
    bad: { PolicyDocument: { Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject' }] } },
    good: { PolicyDocument: { Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:GetObject' }] } },
  },
  RoleTrustsEveryone: {
    type: 'AWS::IAM::Role',
    bad: trusts({ AWS: '*' }),
    good: trusts({ Service: 'lambda.amazonaws.com' }),
  },
  FunctionUrlIsPublic: { type: 'AWS::Lambda::Url', bad: { AuthType: 'NONE' }, good: { AuthType: 'AWS_IAM' } },
  DistributionAllowsHttp: {
    type: 'AWS::CloudFront::Distribution',
    bad: behaviors('allow-all'),
    good: behaviors('redirect-to-https'),
  },
  ListenerAllowsOldTls: {
    type: 'AWS::ElasticLoadBalancingV2::Listener',
    bad: { Protocol: 'HTTPS', SslPolicy: 'ELBSecurityPolicy-2016-08' },
    good: { Protocol: 'HTTPS', SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' },
  },
  DatabaseAcceptsPlaintext: {
    type: 'AWS::RDS::DBInstance',
    bad: { Engine: 'postgres' },
    good: { Engine: 'postgres', DBParameterGroupName: { Ref: 'ForcesTls' } },
  },
  DatabaseClusterAcceptsPlaintext: {
    type: 'AWS::RDS::DBCluster',
    bad: { Engine: 'aurora-mysql', DBClusterParameterGroupName: { Ref: 'Lax' } },
    good: { Engine: 'aurora-mysql', DBClusterParameterGroupName: { Ref: 'ForcesTls' } },
  },
  QueueWithoutCustomerKey: {
    type: 'AWS::SQS::Queue',
    bad: { KmsMasterKeyId: 'alias/aws/sqs' },
    good: { KmsMasterKeyId: 'alias/mine' },
  },
  TableWithoutCustomerKey: {
    type: 'AWS::DynamoDB::Table',
    bad: { SSESpecification: { SSEEnabled: true } },
    good: { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: { Ref: 'Key' } } },
  },
  CacheWithoutSafeguards: {
    type: 'AWS::ElastiCache::ServerlessCache',
    bad: { Engine: 'valkey', KmsKeyId: { Ref: 'Key' } },
    good: { Engine: 'valkey', KmsKeyId: { Ref: 'Key' }, UserGroupId: 'users' },
  },
  AlarmIsMuted: { type: 'AWS::CloudWatch::Alarm', bad: { ActionsEnabled: false }, good: { ActionsEnabled: true } },
  FunctionWithoutLogGroup: {
    type: 'AWS::Lambda::Function',
    bad: {},
    good: { LoggingConfig: { LogGroup: { Ref: 'LogGroup' } } },
  },
  TopicWithoutCustomerKey: { type: 'AWS::SNS::Topic', bad: {}, good: { KmsMasterKeyId: { Ref: 'Key' } } },
  KeyWithoutRotation: { type: 'AWS::KMS::Key', bad: {}, good: { EnableKeyRotation: true } },
  DataDeletedWithStack: { type: 'AWS::DynamoDB::Table', bad: {}, good: {} },
  EndpointAcceptsPlaintext: { type: 'AWS::RDS::DBProxy', bad: { RequireTLS: false }, good: { RequireTLS: true } },
  DataWithoutEncryption: {
    type: 'AWS::RDS::DBInstance',
    bad: { StorageEncrypted: false },
    good: { StorageEncrypted: true },
  },
  DatabaseIsPublic: {
    type: 'AWS::RDS::DBInstance',
    bad: { PubliclyAccessible: 'true' },
    good: { PubliclyAccessible: false },
  },
  AccessLogTargetHasObjectLock: {
    type: 'AWS::S3::Bucket',
    bad: { LoggingConfiguration: { DestinationBucketName: { Ref: 'Locked' } } },
    good: { LoggingConfiguration: { DestinationBucketName: { Ref: 'Unlocked' } } },
  },
};

/** A stack with the resources that the twins refer to. */
function withSiblings(): Stack {
  const stack = newStack();
  new CfnResource(stack, 'ForcesTls', {
    type: 'AWS::RDS::DBParameterGroup',
    properties: { Parameters: { 'rds.force_ssl': '1', 'require_secure_transport': 'ON' } },
  });
  new CfnResource(stack, 'Lax', {
    type: 'AWS::RDS::DBParameterGroup',
    properties: { Parameters: { require_secure_transport: '0' } },
  });
  for (const [id, ObjectLockEnabled] of Object.entries({ Locked: true, Unlocked: false })) {
    new CfnResource(stack, id, {
      type: 'AWS::S3::Bucket',
      properties: { ObjectLockEnabled },
    }).applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
  return stack;
}

test('every rule has a pair of twins, a source in the Security Rule, a problem and a fix', () => {
  expect(Object.keys(TWINS).sort()).toEqual(RULES.map((rule) => rule.id).sort());
  for (const rule of RULES) {
    expect(rule.source).toMatch(/^45 CFR 164\.3\d\d\([a-z]\)/);
    expect(rule.problem).not.toMatch(/\.$/);
    expect(rule.fix).toMatch(/\.$/);
  }
});

test.each(Object.entries(TWINS))('%s reports the bad twin and not the good one', (id, twin) => {
  const bad = withSiblings();
  new CfnResource(bad, 'Twin', { type: twin.type, properties: twin.bad });
  expect(findings(bad).map((finding) => finding.replace(/\[.*\]/, ''))).toContain(`${id} at Stack/Twin`);

  const good = withSiblings();
  const resource = new CfnResource(good, 'Twin', { type: twin.type, properties: twin.good });
  if (id === 'DataDeletedWithStack') resource.applyRemovalPolicy(RemovalPolicy.RETAIN);
  expect(findings(good).filter((finding) => finding.startsWith(id))).toEqual([]);
});

describe('the rules', () => {
  test('report a security group without an egress rule, unless the template has a separate egress rule for it', () => {
    const stack = newStack();
    new CfnResource(stack, 'Open', { type: 'AWS::EC2::SecurityGroup', properties: {} });
    new CfnResource(stack, 'Narrow', { type: 'AWS::EC2::SecurityGroup', properties: {} });
    new CfnResource(stack, 'Rule', {
      type: 'AWS::EC2::SecurityGroupEgress',
      properties: { GroupId: { 'Fn::GetAtt': ['Narrow', 'GroupId'] }, IpProtocol: 'tcp', FromPort: 443, ToPort: 443 },
    });
    expect(findings(stack)).toEqual(['SecurityGroupAllowsAllEgress at Stack/Open']);
  });

  test('report egress on most ports, and to a prefix list with all addresses', () => {
    const stack = newStack();
    const list = (id: string, Cidr: string) =>
      new CfnResource(stack, id, { type: 'AWS::EC2::PrefixList', properties: { Entries: [{ Cidr }] } });
    const rule = (id: string, properties: object) =>
      new CfnResource(stack, id, { type: 'AWS::EC2::SecurityGroupEgress', properties });
    const toList = ({ logicalId }: CfnResource) =>
      ({ IpProtocol: '-1', DestinationPrefixListId: { 'Fn::GetAtt': [logicalId, 'PrefixListId'] } });
    rule('Most', { IpProtocol: 'tcp', FromPort: 2, ToPort: 65534, CidrIp: '0.0.0.0/0' });
    rule('Ephemeral', { IpProtocol: 'tcp', FromPort: 49152, ToPort: 65535, CidrIp: '0.0.0.0/0' });
    rule('Everywhere', toList(list('All', '0.0.0.0/0')));
    rule('Office', toList(list('Some', '203.0.113.0/24')));
    expect(findings(stack)).toEqual([
      'EgressRuleAllowsAllTraffic at Stack/Most', 'EgressRuleAllowsAllTraffic at Stack/Everywhere',
    ]);
  });

  test('report the containers of a job of AWS Batch in each form', () => {
    const stack = newStack();
    const job = (id: string, properties: object) =>
      new CfnResource(stack, id, { type: 'AWS::Batch::JobDefinition', properties });
    const safe = { Name: 'c', User: '1000', ReadonlyRootFilesystem: true };
    const pod = (context: object, HostNetwork?: boolean) => ({
      PodProperties: {
        HostNetwork,
        Containers: [{ Name: 'c', SecurityContext: { RunAsNonRoot: true, ReadOnlyRootFilesystem: true, ...context } }],
      },
    });
    const tasks = { TaskProperties: [{ Containers: [{ ...safe, User: 'root' }] }] };
    const nodes = (range: object) => ({ NodeProperties: { NodeRangeProperties: [range] } });
    job('Safe', { EcsProperties: { TaskProperties: [{ Containers: [safe] }] } });
    job('SafePod', { EksProperties: pod({}, false) });
    job('Tasks', { EcsProperties: tasks });
    job('Nodes', nodes({ EcsProperties: tasks }));
    job('PodOfNodes', nodes({ EksProperties: pod({ Privileged: true }, false) }));
    job('Root', { EksProperties: pod({ RunAsUser: 0 }, false) });
    job('OnHost', { EksProperties: pod({}) });
    expect(findings(stack)).toEqual([
      'ContainerRunsAsRoot[c] at Stack/Tasks', 'ContainerRunsAsRoot[c] at Stack/Nodes',
      'ContainerRunsAsRoot[c] at Stack/Root', 'ContainerIsPrivileged[c] at Stack/PodOfNodes',
      'ContainerIsPrivileged at Stack/OnHost',
    ]);
  });

  test('report secrets in the environment of a function, and inline policies of a generic role', () => {
    const stack = newStack();
    new CfnResource(stack, 'Function', {
      type: 'AWS::Lambda::Function',
      properties: {
        Environment: { Variables: { KEY: 'AKIAABCDEFGHIJKLMNOP', OTHER: { Ref: 'X' } } },
        LoggingConfig: { LogGroup: { Ref: 'LogGroup' } },
      },
    });
    new CfnResource(stack, 'Role', { type: 'AWS::IAM::Role', properties: { Policies: [allow('s3:*', '*')] } });
    expect(findings(stack)).toEqual([
      'PlaintextSecret[KEY] at Stack/Function',
      'PolicyAllowsEveryResource at Stack/Role',
      'PolicyAllowsEveryAction at Stack/Role',
    ]);
  });

  test('read both branches of a condition around a container and its settings', () => {
    const stack = newStack();
    const either = (one: unknown, other: unknown) => ({ 'Fn::If': ['IsProd', one, other] });
    const [settings] = container({}).ContainerDefinitions;
    new CfnResource(stack, 'Task', {
      type: 'AWS::ECS::TaskDefinition',
      properties: {
        ContainerDefinitions: [
          either({ ...settings, Name: 'one', Privileged: true }, { Ref: 'AWS::NoValue' }),
          { ...settings, Name: 'two', Privileged: either(true, false), User: either('node', { Ref: 'AWS::NoValue' }) },
          { ...settings, Name: 'three', ReadonlyRootFilesystem: either(true, 'true') },
        ],
      },
    });
    expect(findings(stack)).toEqual([
      'ContainerRunsAsRoot[two] at Stack/Task',
      'ContainerIsPrivileged[one] at Stack/Task',
      'ContainerIsPrivileged[two] at Stack/Task',
    ]);
  });

  test('do not check a cluster instance, or a database with a parameter group of another template', () => {
    const stack = newStack();
    new CfnResource(stack, 'Imported', {
      type: 'AWS::RDS::DBInstance',
      properties: { Engine: 'mysql', DBParameterGroupName: 'made-elsewhere', StorageEncrypted: true },
    }).applyRemovalPolicy(RemovalPolicy.SNAPSHOT);
    new CfnResource(stack, 'Member', {
      type: 'AWS::RDS::DBInstance',
      properties: { Engine: 'aurora-mysql', DBClusterIdentifier: 'c' },
    }).cfnOptions.deletionPolicy = 'Delete' as never;
    new CfnResource(stack, 'Oracle', {
      type: 'AWS::RDS::DBInstance', properties: { Engine: 'oracle-se2', StorageEncrypted: true },
    })
      .applyRemovalPolicy(RemovalPolicy.RETAIN);
    expect(findings(stack)).toEqual([]);
  });

  test('do not check plain HTTP listeners, which the packs report, or the rotation of asymmetric keys', () => {
    const stack = newStack();
    new CfnResource(stack, 'Listener', {
      type: 'AWS::ElasticLoadBalancingV2::Listener',
      properties: { Protocol: 'HTTP' },
    });
    new CfnResource(stack, 'Key', {
      type: 'AWS::KMS::Key',
      properties: { KeySpec: 'RSA_2048' },
    }).applyRemovalPolicy(RemovalPolicy.RETAIN);
    expect(findings(stack)).toEqual([]);
  });

  test('report a bucket with Object Lock that logs to itself, and not one that logs to a bucket of another template '
    + '', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason: 'synthetic records' });
    const bucket = (id: string, LoggingConfiguration?: object) =>
      new CfnResource(stack, id, {
        type: 'AWS::S3::Bucket',
        properties: { ObjectLockEnabled: 'true', LoggingConfiguration },
      });
    bucket('IntoItself', { LogFilePrefix: 'own/' });
    bucket('Elsewhere', { DestinationBucketName: 'made-elsewhere' });
    bucket('Silent');
    expect(findings(stack)).toEqual(['AccessLogTargetHasObjectLock at Stack/IntoItself']);
  });

  test('allow the deletion of data below a disposable scope', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason: 'synthetic records' });
    new CfnResource(stack, 'Volume', { type: 'AWS::EC2::Volume', properties: { Encrypted: true } });
    expect(findings(stack)).toEqual([]);
  });

  test('check nested stacks and stacks in a stage', () => {
    const app = newApp();
    const stack = new Stack(new Stage(app, 'Stage'), 'Stack');
    const nested = new NestedStack(stack, 'Nested');
    new CfnResource(nested, 'Queue', { type: 'AWS::SQS::Queue', properties: {} });
    new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic', properties: {} });
    expect(findings(stack)).toEqual([
      'QueueWithoutCustomerKey at Stage/Stack/Nested/Queue',
      'TopicWithoutCustomerKey at Stage/Stack/Topic',
    ]);
  });
});

describe('the plugin', () => {
  test('stops the synthesis on a finding and names the remedy', () => {
    const stack = newStack();
    Validations.of(stack.node.root).addPlugins(new TemplateChecks());
    new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: {} });
    expect(() => (stack.node.root as App).synth()).toThrow(/Set KmsMasterKeyId to a customer managed key\./);
  });

  test('reports the sibling of an acknowledged resource', () => {
    const stack = newStack();
    Validations.of(stack.node.root).addPlugins(new TemplateChecks());
    const accepted = new CfnResource(stack, 'Accepted', { type: 'AWS::SQS::Queue', properties: {} });
    Validations.of(accepted).acknowledge({ id: 'cdk-hipaa::QueueWithoutCustomerKey', reason: 'holds build numbers' });
    expect(() => (stack.node.root as App).synth()).not.toThrow();
    new CfnResource(stack, 'Sibling', { type: 'AWS::SQS::Queue', properties: {} });
    expect(() => (stack.node.root as App).synth({ force: true })).toThrow(/Stack\/Sibling/);
  });
});
