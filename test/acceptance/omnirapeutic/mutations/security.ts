import {
  about,
  add,
  addTo,
  breaking,
  Change,
  edit,
  grant,
  matching,
  Mutation,
  named,
  open,
  Properties,
  remove,
  set,
  statements,
} from '../../../support/template/mutations';
import {
  BUCKET,
  CERTIFICATE,
  FIREWALL,
  FUNCTION,
  KEY,
  LISTENER,
  LISTENER_RULE,
  LOAD_BALANCER,
  LOG_GROUP,
  REPOSITORY,
  SCALABLE,
  SECRET,
  SECURITY_GROUP,
  SERVICE,
  TARGET_GROUP,
  TASK,
  TOPIC,
} from '../../../support/template/types';
import { AURORA, AURORA_INSTANCE, BASTION, Service } from '../proof/parts';
import { AT_REST, GROUPS, IN_TRANSIT, LAYERS } from '../statements/security';

const ASSOCIATION = 'AWS::WAFv2::WebACLAssociation';
const INGRESS = 'AWS::EC2::SecurityGroupIngress';
const EGRESS = 'AWS::EC2::SecurityGroupEgress';
const PARAMETERS = 'AWS::RDS::DBClusterParameterGroup';
const QUEUE_POLICY = 'AWS::SQS::QueuePolicy';
const ROTATION = 'AWS::SecretsManager::RotationSchedule';
const SECRET_POLICY = 'AWS::SecretsManager::ResourcePolicy';
const TRAIL = 'AWS::CloudTrail::Trail';
const VAULT = 'AWS::Backup::BackupVault';

const ENTRANCE = 'ApplicationEntranceSecurityGroup';
const DATABASE = 'DataDatabaseSecurityGroup';
const MACHINE = 'DataBastionSecurityGroup';
/** The group of the function that manages the users of the database. */
const USERS = 'DataDatabaseUsersSecurityGroup';
const MIGRATIONS = 'ApplicationMigrationsSecurityGroup';
const tasksOf = (name: Service) => `Application${name}SecurityGroup`;

/** The ports of a rule. */
const tcp = (port: number) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port });
const ALL = { IpProtocol: '-1' };
const idOf = (template: Parameters<Change>[0], group: string) => ({
  'Fn::GetAtt': [matching(template, SECURITY_GROUP, named(group))[0][0], 'GroupId'],
});
/** Allows inbound traffic from another group. */
const letIn = (group: string, from: string, ports: object): Change => (template) =>
  add(INGRESS, { GroupId: idOf(template, group), SourceSecurityGroupId: idOf(template, from), ...ports })(template);
/** Allows outbound traffic to another group. */
const letOut = (group: string, to: string, ports: object): Change => (template) =>
  add(EGRESS, { GroupId: idOf(template, group), DestinationSecurityGroupId: idOf(template, to), ...ports })(template);
/** Allows outbound traffic to addresses. */
const toAddresses = (group: string, CidrIp: string, ports: object): Change => (template) =>
  add(EGRESS, { GroupId: idOf(template, group), CidrIp, ...ports })(template);
/** Adds the group to another resource. */
const worn = (group: string): Change => addTo(SECURITY_GROUP, named(group), (id) =>
  [FUNCTION, { VpcConfig: { SecurityGroupIds: [{ 'Fn::GetAtt': [id, 'GroupId'] }] } }]);
/** Security group rules between two groups, as separate resources. */
const between = (from: string, to: string) => (properties: Properties, id: string) =>
  id.includes(from) && JSON.stringify(properties).includes(to);

const group = breaking(GROUPS);
const OPENINGS: Mutation[] = [
  group('Security Groups', 'an additional group', add(SECURITY_GROUP, {})),
  group('Security Groups', 'an open default group', remove('Custom::VpcRestrictDefaultSG')),
  group(
    'Security Groups',
    'a rule of an unknown group',
    add(INGRESS, { GroupId: 'sg-1', CidrIp: '0.0.0.0/0', ...ALL }),
  ),
  group('Security Groups', 'a rule between two services', letIn(tasksOf('Worker'), tasksOf('Web'), tcp(8443))),
  group(
    'Security Groups',
    'a prefix list',
    addTo(SECURITY_GROUP, named(tasksOf('Api')), (id) => [
      INGRESS,
      { GroupId: { 'Fn::GetAtt': [id, 'GroupId'] }, SourcePrefixListId: 'pl-1', ...tcp(8443) },
    ]),
  ),
  group(
    'Internet → ALB Security Group: HTTP (80), HTTPS (443)',
    'an additional port',
    open(ENTRANCE, 8080, '0.0.0.0/0'),
  ),
  group(
    'Internet → ALB Security Group: HTTP (80), HTTPS (443)',
    'an IPv6 rule',
    edit(
      SECURITY_GROUP,
      (given) => (given.SecurityGroupIngress = [{ CidrIpv6: '::/0', ...tcp(443) }]),
      named(tasksOf('Web')),
    ),
  ),
  group('ALB Security Group', 'another resource with this group', worn(ENTRANCE)),
  group(
    'ALB Security Group: Inbound: 0.0.0.0/0 → 80, 443',
    'port 80 is missing',
    remove(INGRESS, about('FromInternetTo80')),
  ),
  group(
    'ALB Security Group: Inbound: 0.0.0.0/0 → 80, 443',
    'access from half of all addresses only',
    set(INGRESS, { CidrIp: '0.0.0.0/1' }, about('FromInternetTo443')),
  ),
  group(
    'ALB Security Group: Outbound: ECS Security Group → All Ports',
    'all ports',
    set(EGRESS, { FromPort: 0, ToPort: 65535 }, between('Entrance', 'ApiSecurityGroup')),
  ),
  group(
    'ALB Security Group: Outbound: ECS Security Group → All Ports',
    'to the database',
    letOut(ENTRANCE, DATABASE, tcp(5432)),
  ),
  group(
    'ALB Security Group → ECS Security Group: All TCP Ports',
    'a rule to the worker',
    letIn(tasksOf('Worker'), ENTRANCE, tcp(8443)),
  ),
  group(
    'ALB Security Group → ECS Security Group: All TCP Ports',
    'no rule to the web service',
    remove(EGRESS, between('Entrance', 'WebSecurityGroup')),
  ),
  group('ECS Security Group', 'one group for two services', (template) =>
    edit(
      SERVICE,
      ({ NetworkConfiguration: { AwsvpcConfiguration } }) =>
        (AwsvpcConfiguration.SecurityGroups = [idOf(template, tasksOf('Api'))]),
      named('ApplicationWeb'),
    )(template),
  ),
  group('ECS Security Group', 'in another VPC', set(SECURITY_GROUP, { VpcId: 'vpc-1' }, named(tasksOf('Worker')))),
  group(
    'ECS Security Group: Inbound: ALB Security Group → All TCP',
    'all TCP',
    set(INGRESS, { FromPort: 0, ToPort: 65535 }, between('ApiSecurityGroupfrom', 'Entrance')),
  ),
  group(
    'ECS Security Group: Inbound: ALB Security Group → All TCP',
    'access from the VPC',
    open(tasksOf('Web'), 8443, '10.0.0.0/16'),
  ),
  group(
    'ECS Security Group: Outbound: 0.0.0.0/0 → All (for internet access via NAT)',
    'all traffic',
    toAddresses(tasksOf('Web'), '0.0.0.0/0', ALL),
  ),
  group(
    'ECS Security Group: Outbound: 0.0.0.0/0 → All (for internet access via NAT)',
    'an SMTP port',
    toAddresses(tasksOf('Worker'), '0.0.0.0/0', tcp(25)),
  ),
  group(
    'ECS Security Group: Outbound: Aurora Security Group → 5432',
    'access from the web service',
    letOut(tasksOf('Web'), DATABASE, tcp(5432)),
  ),
  group(
    'ECS Security Group: Outbound: Aurora Security Group → 5432',
    'no rule for the worker',
    remove(EGRESS, between('Worker', DATABASE)),
  ),
  group(
    'ECS Security Group → Aurora Security Group: PostgreSQL (5432)',
    'access from the web service',
    letIn(DATABASE, tasksOf('Web'), tcp(5432)),
  ),
  group(
    'ECS Security Group → Aurora Security Group: PostgreSQL (5432)',
    'all ports for the function that manages the users',
    set(EGRESS, { FromPort: 1, ToPort: 65535 }, between('UsersSecurityGroup', DATABASE)),
  ),
  group('Security Groups', 'another function with the group of the users', worn(USERS)),
  group('Security Groups', 'inbound traffic to the migrations', open(MIGRATIONS, 8443, '10.0.0.0/16')),
  group('Aurora Security Group', 'another resource with this group', worn(DATABASE)),
  group(
    'Aurora Security Group: Inbound: ECS Security Group → 5432',
    'no inbound rule',
    remove(INGRESS, between('ApiSecurityGroup', DATABASE)),
  ),
  group(
    'Aurora Security Group: Inbound: ECS Security Group → 5432',
    'another port',
    letIn(DATABASE, tasksOf('Api'), tcp(5433)),
  ),
  group(
    'Aurora Security Group: Inbound: Bastion Security Group → 5432',
    'access from the VPC',
    open(DATABASE, 5432, '10.0.0.0/16'),
  ),
  group(
    'Aurora Security Group: Inbound: Bastion Security Group → 5432',
    'no rule for the bastion',
    remove(INGRESS, between('DataDatabase', MACHINE)),
  ),
  group('Aurora Security Group: Outbound: None', 'outbound HTTPS', toAddresses(DATABASE, '0.0.0.0/0', tcp(443))),
  group(
    'Aurora Security Group: Outbound: None',
    'all traffic, which is the default without rules',
    edit(SECURITY_GROUP, (given) => delete given.SecurityGroupEgress, named(DATABASE)),
  ),
  group(
    'Bastion Security Group → Aurora Security Group: PostgreSQL (5432)',
    'all ports',
    set(EGRESS, { FromPort: 1, ToPort: 65535 }, between('Bastion', DATABASE)),
  ),
  group('Bastion Security Group', 'another resource with this group', worn(MACHINE)),
  group(
    'Bastion Security Group: Inbound: None (SSM Session Manager only)',
    'inbound SSH',
    open(MACHINE, 22, '203.0.113.7/32'),
  ),
  group(
    'Bastion Security Group: Inbound: None (SSM Session Manager only)',
    'a key pair',
    set(BASTION, { KeyName: 'key' }),
  ),
  group(
    'Bastion Security Group: Outbound: 0.0.0.0/0 → All (for SSM and internet access)',
    'all traffic',
    toAddresses(MACHINE, '0.0.0.0/0', ALL),
  ),
  group(
    'Bastion Security Group: Outbound: Aurora Security Group → 5432',
    'a rule to the tasks',
    letOut(MACHINE, tasksOf('Api'), tcp(8443)),
  ),
];

const rule = (index: number, change: (given: Properties) => void) =>
  edit(FIREWALL, ({ Rules }) => change(Rules[index]));
const layer = breaking(LAYERS);
const FIREWALLS: Mutation[] = [
  layer(
    'Internet → AWS WAF',
    'requests pass if the firewall fails',
    edit(
      LOAD_BALANCER,
      ({ LoadBalancerAttributes: given }) =>
        (given.find(({ Key }: Properties) => Key === 'waf.fail_open.enabled').Value = 'true'),
    ),
  ),
  layer('AWS WAF (Regional)', 'for CloudFront', set(FIREWALL, { Scope: 'CLOUDFRONT' })),
  layer(
    'Rule Priority 1: AWS Managed Common Rule Set (OWASP Top 10)',
    'the group only counts',
    rule(0, (given) => (given.OverrideAction = { Count: {} })),
  ),
  layer(
    'Rule Priority 1: AWS Managed Common Rule Set (OWASP Top 10)',
    'some paths only',
    rule(0, ({ Statement }) => (Statement.ManagedRuleGroupStatement.ScopeDownStatement = {})),
  ),
  layer(
    'Rule Priority 2: AWS Managed Known Bad Inputs',
    'after the others',
    rule(1, (given) => (given.Priority = 5)),
  ),
  layer(
    'Rule Priority 2: AWS Managed Known Bad Inputs',
    'one of its rules only counts',
    rule(
      1,
      ({ Statement }) =>
        (Statement.ManagedRuleGroupStatement.RuleActionOverrides = [
          { Name: 'Log4JRCE_BODY', ActionToUse: { Count: {} } },
        ]),
    ),
  ),
  layer(
    'Rule Priority 3: AWS Managed SQL Injection Protection',
    'another group',
    rule(2, ({ Statement }) => (Statement.ManagedRuleGroupStatement.Name = 'AWSManagedRulesUnixRuleSet')),
  ),
  layer(
    'Rule Priority 4: Rate Limiting (2000 req/5min per IP)',
    '4000 requests',
    rule(3, ({ Statement }) => (Statement.RateBasedStatement.Limit = 4000)),
  ),
  layer(
    'Rule Priority 4: Rate Limiting (2000 req/5min per IP)',
    'in one minute',
    rule(3, ({ Statement }) => (Statement.RateBasedStatement.EvaluationWindowSec = 60)),
  ),
  layer(
    'Rule Priority 4: Rate Limiting (2000 req/5min per IP)',
    'the rule only counts',
    rule(3, (given) => (given.Action = { Count: {} })),
  ),
  layer('Default Action: Allow', 'a default action of Block', set(FIREWALL, { DefaultAction: { Block: {} } })),
  layer(
    'Default Action: Allow',
    'an additional rule that allows requests',
    edit(FIREWALL, ({ Rules }) => Rules.unshift({ Priority: 0, Action: { Allow: {} }, Statement: {} })),
  ),
  layer(
    'Blocked Requests → CloudWatch Metrics',
    'a rule without metrics',
    rule(2, ({ VisibilityConfig }) => (VisibilityConfig.CloudWatchMetricsEnabled = false)),
  ),
  layer(
    'Blocked Requests → CloudWatch Metrics',
    'a filter on the log',
    set('AWS::WAFv2::LoggingConfiguration', { LoggingFilter: {} }),
  ),
  layer(
    'Blocked Requests → CloudWatch Metrics',
    '30 days',
    set(LOG_GROUP, { RetentionInDays: 30 }, about('FirewallLog')),
  ),
  layer(
    'AWS WAF → Application Load Balancer: Legitimate Traffic Only',
    'association with another resource',
    set(ASSOCIATION, { ResourceArn: 'arn:other' }),
  ),
  layer(
    'AWS WAF → Application Load Balancer: Legitimate Traffic Only',
    'one rule less',
    edit(FIREWALL, ({ Rules }) => Rules.pop()),
  ),
  layer(
    'Application Load Balancer: Listener: HTTP (80) → HTTP (443 with certificate, future)',
    'HTTP',
    set(LISTENER, { Protocol: 'HTTP' }, about('Https')),
  ),
  layer(
    'Application Load Balancer: Listener: HTTP (80) → HTTP (443 with certificate, future)',
    'no redirect on port 80',
    remove(LISTENER, ({ Port }) => Port === 80),
  ),
  layer(
    'Application Load Balancer: Target Groups: api, web (by path pattern)',
    'every path to the web service',
    set(LISTENER_RULE, { Priority: 1 }, about('Web')),
  ),
  layer(
    'Application Load Balancer: Target Groups: api, web (by path pattern)',
    'a third rule',
    add(LISTENER_RULE, { Actions: [] }),
  ),
  layer(
    'Application Load Balancer: Health Checks: / (web)',
    'another path',
    set(TARGET_GROUP, { HealthCheckPath: '/health' }, about('Web')),
  ),
  layer(
    'Application Load Balancer: Health Checks: /health (api)',
    'client errors count as healthy',
    set(TARGET_GROUP, { Matcher: { HttpCode: '200-499' } }, about('Api')),
  ),
  layer(
    'Application Load Balancer → ECS Services',
    'no target group for the web service',
    edit(SERVICE, (service) => (service.LoadBalancers = []), about('Web')),
  ),
  layer(
    'ECS Services (Fargate)',
    'on spot capacity',
    set(SERVICE, { CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE_SPOT' }] }),
  ),
  ...(['Api', 'Web', 'Worker'] as const).map((name) =>
    layer(
      `omnirapeutic-production-${name.toLowerCase()}`,
      'that name',
      set(SERVICE, { ServiceName: `omnirapeutic-production-${name.toLowerCase()}` }, about(name)),
    ),
  ),
  layer(
    'omnirapeutic-production-api (2 tasks)',
    'a minimum of one task',
    set(SCALABLE, { MinCapacity: 1 }, about('Api')),
  ),
  layer(
    'omnirapeutic-production-web (2 tasks)',
    'a fixed count in the service',
    set(SERVICE, { DesiredCount: 2 }, about('Web')),
  ),
  layer('omnirapeutic-production-worker (1 task)', 'two tasks', set(SERVICE, { DesiredCount: 2 }, about('Worker'))),
];

const withKey = (construct: string) => (template: Parameters<Change>[0]) => ({
  'Fn::GetAtt': [matching(template, KEY, named(construct))[0][0], 'Arn'],
});
/** Gives a resource another key. */
const otherKey = (type: string, property: string, construct: string, where = named('')): Change => (template) =>
  set(type, { [property]: withKey(construct)(template) }, where)(template);
const serverSide = (bucket: string, ServerSideEncryptionByDefault: object) =>
  set(
    BUCKET,
    { BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault }] } },
    named(bucket),
  );

const atRest = breaking(AT_REST);
const STORED: Mutation[] = [
  atRest(
    'AWS KMS Keys',
    'a key without rotation',
    set(KEY, { EnableKeyRotation: false }, named('NetworkMonitoringKey')),
  ),
  atRest(
    'AWS KMS Keys',
    'a key with a waiting period of 7 days',
    set(KEY, { PendingWindowInDays: 7 }, named('DataDatabaseKey')),
  ),
  atRest(
    'AWS KMS Keys',
    'a queue without a key',
    edit('AWS::SQS::Queue', (queue) => delete queue.KmsMasterKeyId, named('ApplicationServiceRollers')),
  ),
  atRest('Aurora KMS Key', 'another resource with the key', add(LOG_GROUP, { KmsKeyId: 'alias/aws/logs' })),
  atRest('Aurora KMS Key', 'the key of the secrets', otherKey(AURORA, 'KmsKeyId', 'ApplicationSecretsKey')),
  atRest(
    'S3 KMS Key',
    'the bucket of AWS Config with an S3 managed key',
    serverSide('GuardrailsGuardrailsConfigBucket', { SSEAlgorithm: 'AES256' }),
  ),
  atRest('S3 KMS Key', 'an additional bucket', add(BUCKET, {})),
  atRest(
    'Secrets KMS Key',
    'a secret without the key',
    edit(SECRET, (secret) => delete secret.KmsKeyId),
  ),
  atRest('Aurora KMS Key → Encrypts → Aurora Cluster', 'no encryption', set(AURORA, { StorageEncrypted: false })),
  atRest(
    'Aurora Cluster: Data at rest',
    'another key for Performance Insights',
    set(AURORA_INSTANCE, { PerformanceInsightsKMSKeyId: 'alias/aws/rds' }, about('Instance2')),
  ),
  atRest(
    'Aurora Cluster: Backups',
    'another key for the vault',
    set(VAULT, { EncryptionKeyArn: 'alias/aws/backup' }),
  ),
  atRest('Aurora Cluster: Backups', 'no backups', set(AURORA, { BackupRetentionPeriod: 0 })),
  atRest(
    'Aurora Cluster: Snapshots',
    'no last snapshot',
    edit(AURORA, (_properties, resource) => (resource.DeletionPolicy = 'Delete')),
  ),
  atRest(
    'S3 KMS Key → Encrypts → S3 Buckets',
    'the AWS managed key',
    serverSide('GuardrailsGuardrailsTrailBucket', { SSEAlgorithm: 'aws:kms' }),
  ),
  atRest(
    'S3 Buckets: CloudTrail',
    'files without the key',
    edit(TRAIL, (trail) => delete trail.KMSKeyId),
  ),
  atRest(
    'S3 Buckets: ALB logs',
    'a key that load balancers cannot use',
    serverSide('ApplicationEntranceAccessLogs', { SSEAlgorithm: 'aws:kms' }),
  ),
  atRest(
    'S3 Buckets: ALB logs',
    'public access is not blocked',
    edit(BUCKET, (bucket) => delete bucket.PublicAccessBlockConfiguration, named('ApplicationEntranceAccessLogs')),
  ),
  atRest(
    'Secrets KMS Key → Encrypts → Secrets Manager',
    'a permission for the web service',
    grant('ApplicationWebExecutionRole', 'kms:Decrypt', '*'),
  ),
  atRest(
    'Secrets KMS Key → Encrypts → Secrets Manager',
    'everything that the key encrypted',
    statements(
      (all) => all.filter(({ Action }) => Action === 'kms:Decrypt').forEach((statement) => delete statement.Condition),
      named('ApplicationWorkerExecutionRolePolicy'),
    ),
  ),
  atRest(
    'Secrets Manager: DB passwords',
    'the AWS managed key',
    edit(AURORA, (cluster) => delete cluster.MasterUserSecret),
  ),
  atRest(
    'Secrets Manager: DB passwords',
    'a login of a program with the key of the secrets',
    otherKey(SECRET, 'KmsKeyId', 'ApplicationSecretsKey', about('UsersMigrationsSecret')),
  ),
  atRest(
    'Secrets Manager: DB passwords',
    'a login that does not rotate',
    remove(ROTATION, about('UsersOmnirapeuticApplicationApi')),
  ),
  atRest('Secrets Manager: API keys', 'an additional secret', add(SECRET, {})),
  atRest('Secrets Manager: API keys', 'a value in the template', set(SECRET, { SecretString: 'key' })),
  atRest(
    'Secrets Manager: Certificates',
    'an IAM server certificate',
    set(
      LISTENER,
      { Certificates: [{ CertificateArn: 'arn:aws:iam::111122223333:server-certificate/x' }] },
      about('Https'),
    ),
  ),
  atRest('Secrets Manager: Certificates', 'validation by email', set(CERTIFICATE, { ValidationMethod: 'EMAIL' })),
  atRest(
    'Secrets KMS Key → Encrypts → ECR Repositories: Container images',
    'AES-256',
    set(REPOSITORY, { EncryptionConfiguration: { EncryptionType: 'AES256' } }, named('ImagesWorker')),
  ),
  atRest(
    'Secrets KMS Key → Encrypts → SNS Topics: Alarm messages',
    'no key',
    edit(TOPIC, (topic) => delete topic.KmsMasterKeyId),
  ),
  atRest(
    'Secrets KMS Key → Encrypts → SNS Topics: Alarm messages',
    'the key of the secrets',
    otherKey(TOPIC, 'KmsMasterKeyId', 'ApplicationSecretsKey'),
  ),
];

const refusing = (type: string, document: string) => edit(type, ({ [document]: policy }) => {
  policy.Statement = policy.Statement.filter(
    (statement: object) => !JSON.stringify(statement).includes('aws:SecureTransport'),
  );
});
const inTransit = breaking(IN_TRANSIT);
const SENT: Mutation[] = [
  inTransit(
    'Internet → ALB: HTTPS (TLS 1.2+, when certificate configured)',
    'TLS 1.0',
    set(LISTENER, { SslPolicy: 'ELBSecurityPolicy-2016-08' }, about('Https')),
  ),
  inTransit(
    'Internet → ALB: HTTPS (TLS 1.2+, when certificate configured)',
    'no certificate',
    edit(LISTENER, (listener) => delete listener.Certificates, about('Https')),
  ),
  inTransit('ALB → ECS: HTTP (within VPC)', 'the protocol HTTP', set(TARGET_GROUP, { Protocol: 'HTTP' }, about('Web'))),
  inTransit(
    'ALB → ECS: HTTP (within VPC)',
    'another command',
    edit(TASK, ({ ContainerDefinitions: [app] }) => (app.Command = ['sh']), about('Api')),
  ),
  inTransit(
    'ECS → Aurora: PostgreSQL SSL (enforced)',
    'not enforced',
    edit(PARAMETERS, ({ Parameters }) => (Parameters['rds.force_ssl'] = '0')),
  ),
  inTransit(
    'ECS → Aurora: PostgreSQL SSL (enforced)',
    'TLS 1.0',
    edit(PARAMETERS, ({ Parameters }) => (Parameters.ssl_min_protocol_version = 'TLSv1')),
  ),
  inTransit(
    'ECS → Aurora: PostgreSQL SSL (enforced)',
    'no verification',
    edit(
      TASK,
      ({ ContainerDefinitions: [app] }) =>
        (app.Environment.find(({ Name }: Properties) => Name === 'PGSSLMODE').Value = 'require'),
      about('Worker'),
    ),
  ),
  inTransit('ECS → Secrets: HTTPS (TLS 1.2+)', 'requests without TLS', refusing(SECRET_POLICY, 'ResourcePolicy')),
  inTransit('ECS → Secrets: HTTPS (TLS 1.2+)', 'open port 80', toAddresses(tasksOf('Worker'), '0.0.0.0/0', tcp(80))),
  inTransit('ECS → ECR: HTTPS (TLS 1.2+)', 'open port 80', toAddresses(tasksOf('Api'), '0.0.0.0/0', tcp(80))),
  inTransit(
    'ECS → ECR: HTTPS (TLS 1.2+)',
    'an image from another registry',
    edit(TASK, ({ ContainerDefinitions: [app] }) => (app.Image = 'docker.io/nginx'), about('Web')),
  ),
  inTransit(
    'ECS → ECR: HTTPS (TLS 1.2+)',
    'a queue that accepts requests without TLS',
    refusing(QUEUE_POLICY, 'PolicyDocument'),
  ),
];

/** Changes to the part "Security Architecture", each with the row that it must fail. */
export const SECURITY: Mutation[] = [...OPENINGS, ...FIREWALLS, ...STORED, ...SENT];
