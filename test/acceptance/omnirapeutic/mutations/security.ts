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
const SECRET_POLICY = 'AWS::SecretsManager::ResourcePolicy';
const TRAIL = 'AWS::CloudTrail::Trail';
const VAULT = 'AWS::Backup::BackupVault';

const ENTRANCE = 'ApplicationEntranceSecurityGroup';
const DATABASE = 'DataDatabaseSecurityGroup';
const MACHINE = 'DataBastionSecurityGroup';
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
/** Rules between two groups that are resources of their own. */
const between = (from: string, to: string) => (properties: Properties, id: string) =>
  id.includes(from) && JSON.stringify(properties).includes(to);

const group = breaking(GROUPS);
const OPENINGS: Mutation[] = [
  group('Security Groups', 'a group more', add(SECURITY_GROUP, {})),
  group('Security Groups', 'the default group open', remove('Custom::VpcRestrictDefaultSG')),
  group(
    'Security Groups',
    'a rule of a group that is elsewhere',
    add(INGRESS, { GroupId: 'sg-1', CidrIp: '0.0.0.0/0', ...ALL }),
  ),
  group('Security Groups', 'from one service to another', letIn(tasksOf('Worker'), tasksOf('Web'), tcp(8443))),
  group(
    'Security Groups',
    'by a list of addresses',
    addTo(SECURITY_GROUP, named(tasksOf('Api')), (id) => [
      INGRESS,
      { GroupId: { 'Fn::GetAtt': [id, 'GroupId'] }, SourcePrefixListId: 'pl-1', ...tcp(8443) },
    ]),
  ),
  group('Internet → ALB Security Group: HTTP (80), HTTPS (443)', 'a port more', open(ENTRANCE, 8080, '0.0.0.0/0')),
  group(
    'Internet → ALB Security Group: HTTP (80), HTTPS (443)',
    'IPv6',
    edit(
      SECURITY_GROUP,
      (given) => (given.SecurityGroupIngress = [{ CidrIpv6: '::/0', ...tcp(443) }]),
      named(tasksOf('Web')),
    ),
  ),
  group('ALB Security Group', 'something else has it', worn(ENTRANCE)),
  group('ALB Security Group: Inbound: 0.0.0.0/0 → 80, 443', 'not 80', remove(INGRESS, about('FromInternetTo80'))),
  group(
    'ALB Security Group: Inbound: 0.0.0.0/0 → 80, 443',
    'from half of the world',
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
    'to the worker',
    letIn(tasksOf('Worker'), ENTRANCE, tcp(8443)),
  ),
  group(
    'ALB Security Group → ECS Security Group: All TCP Ports',
    'not to the site',
    remove(EGRESS, between('Entrance', 'WebSecurityGroup')),
  ),
  group('ECS Security Group', 'one for two', (template) =>
    edit(
      SERVICE,
      ({ NetworkConfiguration: { AwsvpcConfiguration } }) =>
        (AwsvpcConfiguration.SecurityGroups = [idOf(template, tasksOf('Api'))]),
      named('ApplicationWeb'),
    )(template),
  ),
  group('ECS Security Group', 'of another VPC', set(SECURITY_GROUP, { VpcId: 'vpc-1' }, named(tasksOf('Worker')))),
  group(
    'ECS Security Group: Inbound: ALB Security Group → All TCP',
    'all TCP',
    set(INGRESS, { FromPort: 0, ToPort: 65535 }, between('ApiSecurityGroupfrom', 'Entrance')),
  ),
  group(
    'ECS Security Group: Inbound: ALB Security Group → All TCP',
    'from the VPC',
    open(tasksOf('Web'), 8443, '10.0.0.0/16'),
  ),
  group(
    'ECS Security Group: Outbound: 0.0.0.0/0 → All (for internet access via NAT)',
    'everything',
    toAddresses(tasksOf('Web'), '0.0.0.0/0', ALL),
  ),
  group(
    'ECS Security Group: Outbound: 0.0.0.0/0 → All (for internet access via NAT)',
    'mail',
    toAddresses(tasksOf('Worker'), '0.0.0.0/0', tcp(25)),
  ),
  group(
    'ECS Security Group: Outbound: Aurora Security Group → 5432',
    'of the site too',
    letOut(tasksOf('Web'), DATABASE, tcp(5432)),
  ),
  group(
    'ECS Security Group: Outbound: Aurora Security Group → 5432',
    'not of the worker',
    remove(EGRESS, between('Worker', DATABASE)),
  ),
  group(
    'ECS Security Group → Aurora Security Group: PostgreSQL (5432)',
    'the site is let in',
    letIn(DATABASE, tasksOf('Web'), tcp(5432)),
  ),
  group('Aurora Security Group', 'something else has it', worn(DATABASE)),
  group(
    'Aurora Security Group: Inbound: ECS Security Group → 5432',
    'one way only',
    remove(INGRESS, between('ApiSecurityGroup', DATABASE)),
  ),
  group(
    'Aurora Security Group: Inbound: ECS Security Group → 5432',
    'by another port',
    letIn(DATABASE, tasksOf('Api'), tcp(5433)),
  ),
  group(
    'Aurora Security Group: Inbound: Bastion Security Group → 5432',
    'from the VPC',
    open(DATABASE, 5432, '10.0.0.0/16'),
  ),
  group(
    'Aurora Security Group: Inbound: Bastion Security Group → 5432',
    'not from the bastion',
    remove(INGRESS, between('DataDatabase', MACHINE)),
  ),
  group('Aurora Security Group: Outbound: None', 'HTTPS', toAddresses(DATABASE, '0.0.0.0/0', tcp(443))),
  group(
    'Aurora Security Group: Outbound: None',
    'everything, since nothing is said',
    edit(SECURITY_GROUP, (given) => delete given.SecurityGroupEgress, named(DATABASE)),
  ),
  group(
    'Bastion Security Group → Aurora Security Group: PostgreSQL (5432)',
    'all ports',
    set(EGRESS, { FromPort: 1, ToPort: 65535 }, between('Bastion', DATABASE)),
  ),
  group('Bastion Security Group', 'something else has it', worn(MACHINE)),
  group('Bastion Security Group: Inbound: None (SSM Session Manager only)', 'SSH', open(MACHINE, 22, '203.0.113.7/32')),
  group(
    'Bastion Security Group: Inbound: None (SSM Session Manager only)',
    'a key pair',
    set(BASTION, { KeyName: 'key' }),
  ),
  group(
    'Bastion Security Group: Outbound: 0.0.0.0/0 → All (for SSM and internet access)',
    'everything',
    toAddresses(MACHINE, '0.0.0.0/0', ALL),
  ),
  group(
    'Bastion Security Group: Outbound: Aurora Security Group → 5432',
    'to tasks',
    letOut(MACHINE, tasksOf('Api'), tcp(8443)),
  ),
];

const rule = (index: number, change: (given: Properties) => void) =>
  edit(FIREWALL, ({ Rules }) => change(Rules[index]));
const layer = breaking(LAYERS);
const FIREWALLS: Mutation[] = [
  layer(
    'Internet → AWS WAF',
    'let through when it fails',
    edit(
      LOAD_BALANCER,
      ({ LoadBalancerAttributes: given }) =>
        (given.find(({ Key }: Properties) => Key === 'waf.fail_open.enabled').Value = 'true'),
    ),
  ),
  layer('AWS WAF (Regional)', 'of CloudFront', set(FIREWALL, { Scope: 'CLOUDFRONT' })),
  layer(
    'Rule Priority 1: AWS Managed Common Rule Set (OWASP Top 10)',
    'it only counts',
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
    'twice as many',
    rule(3, ({ Statement }) => (Statement.RateBasedStatement.Limit = 4000)),
  ),
  layer(
    'Rule Priority 4: Rate Limiting (2000 req/5min per IP)',
    'in a minute',
    rule(3, ({ Statement }) => (Statement.RateBasedStatement.EvaluationWindowSec = 60)),
  ),
  layer(
    'Rule Priority 4: Rate Limiting (2000 req/5min per IP)',
    'it only counts',
    rule(3, (given) => (given.Action = { Count: {} })),
  ),
  layer('Default Action: Allow', 'block', set(FIREWALL, { DefaultAction: { Block: {} } })),
  layer(
    'Default Action: Allow',
    'a rule that lets some pass before',
    edit(FIREWALL, ({ Rules }) => Rules.unshift({ Priority: 0, Action: { Allow: {} }, Statement: {} })),
  ),
  layer(
    'Blocked Requests → CloudWatch Metrics',
    'one rule does not count',
    rule(2, ({ VisibilityConfig }) => (VisibilityConfig.CloudWatchMetricsEnabled = false)),
  ),
  layer(
    'Blocked Requests → CloudWatch Metrics',
    'some are not written down',
    set('AWS::WAFv2::LoggingConfiguration', { LoggingFilter: {} }),
  ),
  layer(
    'Blocked Requests → CloudWatch Metrics',
    'kept for a month',
    set(LOG_GROUP, { RetentionInDays: 30 }, about('FirewallLog')),
  ),
  layer(
    'AWS WAF → Application Load Balancer: Legitimate Traffic Only',
    'before something else',
    set(ASSOCIATION, { ResourceArn: 'arn:other' }),
  ),
  layer(
    'AWS WAF → Application Load Balancer: Legitimate Traffic Only',
    'a rule less',
    edit(FIREWALL, ({ Rules }) => Rules.pop()),
  ),
  layer(
    'Application Load Balancer: Listener: HTTP (80) → HTTP (443 with certificate, future)',
    'HTTP',
    set(LISTENER, { Protocol: 'HTTP' }, about('Https')),
  ),
  layer(
    'Application Load Balancer: Listener: HTTP (80) → HTTP (443 with certificate, future)',
    'answers on 80',
    remove(LISTENER, about('Redirect')),
  ),
  layer(
    'Application Load Balancer: Target Groups: api, web (by path pattern)',
    'everything to the site first',
    set(LISTENER_RULE, { Priority: 1 }, about('Web')),
  ),
  layer(
    'Application Load Balancer: Target Groups: api, web (by path pattern)',
    'a third group',
    add(LISTENER_RULE, { Actions: [] }),
  ),
  layer(
    'Application Load Balancer: Health Checks: / (web)',
    'another path',
    set(TARGET_GROUP, { HealthCheckPath: '/health' }, about('Web')),
  ),
  layer(
    'Application Load Balancer: Health Checks: /health (api)',
    'any answer is health',
    set(TARGET_GROUP, { Matcher: { HttpCode: '200-499' } }, about('Api')),
  ),
  layer(
    'Application Load Balancer → ECS Services',
    'not to the site',
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
  layer('omnirapeutic-production-api (2 tasks)', 'one at the least', set(SCALABLE, { MinCapacity: 1 }, about('Api'))),
  layer(
    'omnirapeutic-production-web (2 tasks)',
    'a number in the service',
    set(SERVICE, { DesiredCount: 2 }, about('Web')),
  ),
  layer('omnirapeutic-production-worker (1 task)', 'two', set(SERVICE, { DesiredCount: 2 }, about('Worker'))),
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
    'one that does not rotate',
    set(KEY, { EnableKeyRotation: false }, named('NetworkMonitoringKey')),
  ),
  atRest('AWS KMS Keys', 'one that is gone in a week', set(KEY, { PendingWindowInDays: 7 }, named('DataDatabaseKey'))),
  atRest(
    'AWS KMS Keys',
    'a queue without a key',
    edit('AWS::SQS::Queue', (queue) => delete queue.KmsMasterKeyId, named('ApplicationApiRoller')),
  ),
  atRest('Aurora KMS Key', 'something else under it', add(LOG_GROUP, { KmsKeyId: 'alias/aws/logs' })),
  atRest('Aurora KMS Key', 'the key of the secrets', otherKey(AURORA, 'KmsKeyId', 'ApplicationSecretsKey')),
  atRest(
    'S3 KMS Key',
    'the history of Config under the keys of S3',
    serverSide('GuardrailsGuardrailsConfigBucket', { SSEAlgorithm: 'AES256' }),
  ),
  atRest('S3 KMS Key', 'a bucket more', add(BUCKET, {})),
  atRest(
    'Secrets KMS Key',
    'a secret without it',
    edit(SECRET, (secret) => delete secret.KmsKeyId),
  ),
  atRest('Aurora KMS Key → Encrypts → Aurora Cluster', 'not encrypted', set(AURORA, { StorageEncrypted: false })),
  atRest(
    'Aurora Cluster: Data at rest',
    'its insights under another key',
    set(AURORA_INSTANCE, { PerformanceInsightsKMSKeyId: 'alias/aws/rds' }, about('Instance2')),
  ),
  atRest(
    'Aurora Cluster: Backups',
    'the vault under another key',
    set(VAULT, { EncryptionKeyArn: 'alias/aws/backup' }),
  ),
  atRest('Aurora Cluster: Backups', 'none', set(AURORA, { BackupRetentionPeriod: 0 })),
  atRest(
    'Aurora Cluster: Snapshots',
    'none at the end',
    edit(AURORA, (_properties, resource) => (resource.DeletionPolicy = 'Delete')),
  ),
  atRest(
    'S3 KMS Key → Encrypts → S3 Buckets',
    'that of S3',
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
    'open to the public',
    edit(BUCKET, (bucket) => delete bucket.PublicAccessBlockConfiguration, named('ApplicationEntranceAccessLogs')),
  ),
  atRest(
    'Secrets KMS Key → Encrypts → Secrets Manager',
    'the site decrypts too',
    grant('ApplicationWebExecutionRole', 'kms:Decrypt', '*'),
  ),
  atRest(
    'Secrets KMS Key → Encrypts → Secrets Manager',
    'whatever is encrypted',
    statements(
      (all) => all.filter(({ Action }) => Action === 'kms:Decrypt').forEach((statement) => delete statement.Condition),
      named('ApplicationWorkerExecutionRolePolicy'),
    ),
  ),
  atRest(
    'Secrets Manager: DB passwords',
    'under the key of AWS',
    edit(AURORA, (cluster) => delete cluster.MasterUserSecret),
  ),
  atRest('Secrets Manager: API keys', 'a value in the template', set(SECRET, { SecretString: 'key' })),
  atRest(
    'Secrets Manager: Certificates',
    'one that somebody has',
    set(
      LISTENER,
      { Certificates: [{ CertificateArn: 'arn:aws:iam::111122223333:server-certificate/x' }] },
      about('Https'),
    ),
  ),
  atRest('Secrets Manager: Certificates', 'one that nobody proves', set(CERTIFICATE, { ValidationMethod: 'EMAIL' })),
  atRest(
    'Secrets KMS Key → Encrypts → ECR Repositories: Container images',
    'AES-256',
    set(REPOSITORY, { EncryptionConfiguration: { EncryptionType: 'AES256' } }, named('ImagesWorker')),
  ),
  atRest(
    'Secrets KMS Key → Encrypts → SNS Topics: Alarm messages',
    'none',
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
  inTransit('ALB → ECS: HTTP (within VPC)', 'HTTP', set(TARGET_GROUP, { Protocol: 'HTTP' }, about('Web'))),
  inTransit(
    'ALB → ECS: HTTP (within VPC)',
    'another program',
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
    'not verified',
    edit(
      TASK,
      ({ ContainerDefinitions: [app] }) =>
        (app.Environment.find(({ Name }: Properties) => Name === 'PGSSLMODE').Value = 'require'),
      about('Worker'),
    ),
  ),
  inTransit('ECS → Secrets: HTTPS (TLS 1.2+)', 'in the clear too', refusing(SECRET_POLICY, 'ResourcePolicy')),
  inTransit('ECS → Secrets: HTTPS (TLS 1.2+)', 'by port 80', toAddresses(tasksOf('Worker'), '0.0.0.0/0', tcp(80))),
  inTransit('ECS → ECR: HTTPS (TLS 1.2+)', 'by port 80', toAddresses(tasksOf('Api'), '0.0.0.0/0', tcp(80))),
  inTransit(
    'ECS → ECR: HTTPS (TLS 1.2+)',
    'from another registry',
    edit(TASK, ({ ContainerDefinitions: [app] }) => (app.Image = 'docker.io/nginx'), about('Web')),
  ),
  inTransit(
    'ECS → ECR: HTTPS (TLS 1.2+)',
    'a queue takes requests in the clear',
    refusing(QUEUE_POLICY, 'PolicyDocument'),
  ),
];

/** Changes to the part "Security Architecture", each with the row that it must fail. */
export const SECURITY: Mutation[] = [...OPENINGS, ...FIREWALLS, ...STORED, ...SENT];
