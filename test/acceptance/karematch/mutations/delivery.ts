import {
  about,
  add,
  alarm,
  bucketPolicy,
  container,
  development,
  distribution,
  edit,
  grant,
  images,
  metric,
  Mutation,
  named,
  open,
  production,
  Properties,
  remove,
  ROTATION,
  set,
  SITE_BUCKET,
  STARTER,
  statements,
  widget,
} from './changes';
import * as type from '../proof/parts';
import { CONTENT, MONITORING, REGISTRY, ROLES, SECRETS } from '../statements/delivery';
import { AVAILABILITY, COMPLIANCE, MAINTENANCE, SCALABILITY, SECURITY } from '../statements/practice';

const cache = (name: string, change: Properties) =>
  edit(
    type.CACHE_POLICY,
    ({ CachePolicyConfig }) => Object.assign(CachePolicyConfig, change),
    named(`Site${name}Cache`),
  );
const encodings = (change: Properties) =>
  edit(type.CACHE_POLICY, ({ CachePolicyConfig }) =>
    Object.assign(CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin, change),
  );
const lifecycle = (from: string, to: string) => edit(type.REPOSITORY, ({ LifecyclePolicy: policy }) => {
  policy.LifecyclePolicyText = policy.LifecyclePolicyText.replace(from, to);
});
const FILTER = 'AWS::Logs::MetricFilter';
const READING = 'secretsmanager:GetSecretValue';

/** Changes to site, registry, secrets, roles and monitoring, each with the row that it must fail. */
export const DELIVERY: Mutation[] = [
  production(
    CONTENT,
    'S3 Bucket: karematch-frontend-{suffix}',
    'a fixed name',
    set(type.BUCKET, { BucketName: 'karematch-frontend' }, SITE_BUCKET),
  ),
  production(
    CONTENT,
    'S3 Bucket: Purpose: Static frontend hosting',
    'another role can write',
    grant('ApiTaskRole', 's3:*', '*'),
  ),
  production(
    CONTENT,
    'S3 Bucket: Access: Private',
    'public policies are allowed',
    edit(type.BUCKET, (bucket) => (bucket.PublicAccessBlockConfiguration.BlockPublicPolicy = false), SITE_BUCKET),
  ),
  production(
    CONTENT,
    'S3 Bucket: Access: CloudFront access only via OAI',
    'requests without a signature',
    edit(
      'AWS::CloudFront::OriginAccessControl',
      ({ OriginAccessControlConfig }) => (OriginAccessControlConfig.SigningBehavior = 'never'),
    ),
  ),
  production(
    CONTENT,
    'S3 Bucket: Access: CloudFront access only via OAI',
    'any distribution of any account',
    bucketPolicy((statement) => delete statement.Condition, 's3:GetObject'),
  ),
  production(
    CONTENT,
    'Origin Access Identity (OAI): Prevents direct S3 URL access',
    'another reader with a wildcard',
    bucketPolicy(
      (statement) => Object.assign(statement, { Action: 's3:Get*', Principal: { AWS: '*' } }),
      's3:ListBucket',
    ),
  ),
  production(
    CONTENT,
    'Origin Access Identity (OAI): Prevents direct S3 URL access',
    'a role that can read every object',
    grant('ApiTaskRole', 's3:GetObject', '*'),
  ),
  production(
    CONTENT,
    'S3 Bucket: Encryption: AES-256 server-side encryption',
    'the default key',
    edit(
      type.BUCKET,
      ({ BucketEncryption }) =>
        (BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault = {
          SSEAlgorithm: 'AES256',
        }),
      SITE_BUCKET,
    ),
  ),
  production(
    CONTENT,
    'S3 Bucket: Encryption: AES-256 server-side encryption',
    'every distribution can decrypt',
    edit(
      type.KEY,
      ({ KeyPolicy }) =>
        delete KeyPolicy.Statement.find(({ Principal }: Properties) => Principal.Service === 'cloudfront.amazonaws.com')
          .Condition,
      named('SiteKey'),
    ),
  ),
  production(
    CONTENT,
    'S3 Bucket: Versioning: Enabled',
    'suspended',
    set(type.BUCKET, { VersioningConfiguration: { Status: 'Suspended' } }, SITE_BUCKET),
  ),
  production(
    CONTENT,
    'S3 Bucket: Lifecycle: Delete old versions after 90 days',
    '7 days',
    edit(
      type.BUCKET,
      ({ LifecycleConfiguration }) => (LifecycleConfiguration.Rules[0].NoncurrentVersionExpiration.NoncurrentDays = 7),
      SITE_BUCKET,
    ),
  ),
  production(
    CONTENT,
    'S3 Bucket: Lifecycle: Delete old versions after 90 days',
    'current files too',
    edit(
      type.BUCKET,
      ({ LifecycleConfiguration }) => (LifecycleConfiguration.Rules[1].ExpirationInDays = 90),
      SITE_BUCKET,
    ),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Origin: S3 bucket',
    'pages from the API origin',
    distribution(({ DefaultCacheBehavior, Origins }) => (DefaultCacheBehavior.TargetOriginId = Origins[1].Id)),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Origin: S3 bucket',
    'a bucket of another name',
    distribution(({ Origins }) => (Origins[0].DomainName = 'other.s3.us-east-1.amazonaws.com')),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Price class: PriceClass_100 (US, Canada, Europe)',
    'all price classes',
    distribution((config) => (config.PriceClass = 'PriceClass_All')),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Default root object: index.html',
    'no root object',
    distribution((config) => delete config.DefaultRootObject),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: HTTPS: Required (redirect HTTP to HTTPS)',
    'assets over HTTP',
    distribution(({ CacheBehaviors }) => (CacheBehaviors[2].ViewerProtocolPolicy = 'allow-all')),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: HTTPS: Required (redirect HTTP to HTTPS)',
    'the root of the API over HTTP',
    distribution(({ CacheBehaviors }) => (CacheBehaviors[0].ViewerProtocolPolicy = 'redirect-to-https')),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Compression: Enabled (gzip)',
    'no compression, because caching is off',
    cache('Page', { MaxTTL: 0 }),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Compression: Enabled (brotli)',
    'gzip only',
    encodings({ EnableAcceptEncodingBrotli: false }),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Caching: Static assets (JS, CSS, images): 1 year TTL',
    'one day',
    cache('Immutable', { DefaultTTL: 86400 }),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Caching: Static assets (JS, CSS, images): 1 year TTL',
    'other paths in the deployment',
    set(type.SITE_FILES, { ImmutablePaths: ['/static/*'] }),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Caching: HTML, JSON: No caching (max-age=0)',
    'pages cached for one day',
    cache('Page', { MaxTTL: 86400 }),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Error handling: 404/403 → /index.html (SPA routing)',
    'error pages for everything',
    distribution(
      (config) =>
        (config.CustomErrorResponses = [{ ErrorCode: 404, ResponsePagePath: '/index.html', ResponseCode: 200 }]),
    ),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Error handling: 404/403 → /index.html (SPA routing)',
    'errors that are cached',
    distribution((config) => delete config.CustomErrorResponses),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Error handling: 404/403 → /index.html (SPA routing)',
    'a function that returns the page for files',
    edit(
      'AWS::CloudFront::Function',
      (rewrite) =>
        (rewrite.FunctionCode = 'function handler(event) { event.request.uri = "/index.html"; return event.request; }'),
    ),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Custom domain: Supported (if ACM certificate provided)',
    'another name',
    distribution((config) => (config.Aliases = ['karematch.com'])),
  ),
  development(
    CONTENT,
    'CloudFront Distribution: Custom domain: Supported (if ACM certificate provided)',
    'an alias in development',
    distribution((config) => (config.Aliases = ['dev.karematch.com'])),
  ),

  images(
    REGISTRY,
    'ECR Repository: karematch-backend',
    'a fixed name',
    set(type.REPOSITORY, { RepositoryName: 'karematch-backend' }),
  ),
  images(
    REGISTRY,
    'ECR Repository: Image tag mutability: Mutable (allows :latest)',
    'mutable tags',
    set(type.REPOSITORY, { ImageTagMutability: 'MUTABLE' }),
  ),
  production(
    REGISTRY,
    'ECR Repository: Image tag mutability: Mutable (allows :latest)',
    'the latest image',
    container((app) => app.Image['Fn::Join'][1].splice(-1, 1, ':latest')),
  ),
  images(
    REGISTRY,
    'ECR Repository: Encryption: AES-256',
    'the default key',
    set(type.REPOSITORY, { EncryptionConfiguration: { EncryptionType: 'AES256' } }),
  ),
  images(
    REGISTRY,
    'ECR Repository: Image scanning: Enabled on push (vulnerability detection)',
    'off',
    set(type.REPOSITORY, { ImageScanningConfiguration: { ScanOnPush: false } }),
  ),
  images(
    REGISTRY,
    'Lifecycle Policy: Keep last 10 tagged images',
    '11 images',
    lifecycle('"countNumber":10', '"countNumber":11'),
  ),
  images(
    REGISTRY,
    'Lifecycle Policy: Delete untagged images after 7 days',
    '14 days',
    lifecycle('"countNumber":7', '"countNumber":14'),
  ),
  images(
    REGISTRY,
    'Repository Policy: ECS task execution role can pull images',
    'no repository policy',
    set(type.REPOSITORY, { RepositoryPolicyText: { Statement: [] } }),
  ),
  production(
    REGISTRY,
    'Repository Policy: ECS task execution role can pull images',
    'no permission',
    statements((all) => all.shift(), STARTER),
  ),

  production(
    SECRETS,
    'App Secrets: karematch-app-secrets-{suffix}',
    'one secret for all values',
    remove(type.SECRET, named('SecretsKeyRings')),
  ),
  production(
    SECRETS,
    'App Secrets: Contents: ENCRYPTION_KEY',
    'a key in the template',
    edit(type.SECRET, (secret) => {
      delete secret.GenerateSecretString;
      secret.SecretString = 'x';
    }),
  ),
  production(
    SECRETS,
    'App Secrets: Contents: AWS_REGION',
    'as a secret',
    container(({ Secrets }) => Secrets.push({ Name: 'AWS_REGION', ValueFrom: Secrets[0].ValueFrom })),
  ),
  production(
    SECRETS,
    'App Secrets: Encryption: AWS KMS (default key)',
    'the default key',
    edit(type.SECRET, (secret) => delete secret.KmsKeyId, named('SecretsGenerated')),
  ),
  production(
    SECRETS,
    'App Secrets: Rotation: Manual (automatic rotation can be enabled)',
    'every 365 days',
    set(type.SCHEDULE, { RotationRules: { AutomaticallyAfterDays: 365 } }, named('SecretsRotationsession')),
  ),
  production(
    SECRETS,
    'App Secrets: Rotation: Manual (automatic rotation can be enabled)',
    'no permission to invoke the function',
    remove('AWS::Lambda::Permission'),
  ),
  production(
    SECRETS,
    'App Secrets: Access: ECS task execution role only',
    'also the task role',
    grant('ApiTaskRole', READING, '*'),
  ),
  production(
    SECRETS,
    'App Secrets: Access: ECS task execution role only',
    'a role of the network with a wildcard',
    grant('NetworkFlowLogRole', 'secretsmanager:Get*', '*'),
  ),
  production(
    SECRETS,
    'App Secrets: Access: ECS task execution role only',
    'also a principal in the resource policy',
    edit('AWS::SecretsManager::ResourcePolicy', ({ ResourcePolicy }) =>
      ResourcePolicy.Statement.push({ Effect: 'Allow' }),
    ),
  ),
  production(
    SECRETS,
    'Database Password: karematch-db-password-{suffix}',
    'a password in the template',
    set(type.DATABASE, { MasterUserPassword: 'x' }),
  ),
  production(
    SECRETS,
    'Database Password: Rotation: Can be automated with Lambda function',
    'no rotation',
    remove(type.SCHEDULE, named('DatabasePassword')),
  ),

  production(
    ROLES,
    'ECS Task Execution Role: karematch-ecs-task-execution-role',
    'a fixed name',
    set(type.ROLE, { RoleName: 'x' }, named('ApiExecutionRole')),
  ),
  production(
    ROLES,
    'ECS Task Execution Role: AmazonECSTaskExecutionRolePolicy (AWS managed)',
    'the policy of AWS',
    set(
      type.ROLE,
      { ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy'] },
      named('ApiExecutionRole'),
    ),
  ),
  production(
    ROLES,
    'ECS Task Execution Role: AmazonECSTaskExecutionRolePolicy (AWS managed)',
    'an additional permission',
    grant('ApiExecutionRole', 's3:GetObject', 'arn:aws:s3:::bucket/key'),
  ),
  production(
    ROLES,
    'ECS Task Execution Role: Custom: Read from Secrets Manager',
    'every secret',
    statements((all) => (all.find(({ Action }) => Action.includes(READING))!.Resource = '*'), STARTER),
  ),
  production(
    ROLES,
    'ECS Task Execution Role: Custom: Decrypt with KMS',
    'everything that the key encrypted',
    statements((all) => delete all.find(({ Action }) => Action === 'kms:Decrypt')!.Condition, STARTER),
  ),
  production(
    ROLES,
    'ECS Task Role: karematch-ecs-task-role',
    'a fixed name',
    set(type.ROLE, { RoleName: 'x' }, named('ApiTaskRole')),
  ),
  production(
    ROLES,
    'VPC Flow Log Role: karematch-vpc-flow-log-role',
    'a fixed name',
    set(type.ROLE, { RoleName: 'x' }, named('NetworkFlowLogRole')),
  ),
  production(
    ROLES,
    'ECS Task Role: Purpose: Application runtime permissions',
    'an additional permission',
    grant('ApiTaskRole', 'sqs:SendMessage', 'arn:aws:sqs:us-east-1:123456789012:queue'),
  ),
  production(
    ROLES,
    'ECS Task Role: Purpose: Application runtime permissions',
    'another service can assume the role',
    edit(
      type.ROLE,
      ({ AssumeRolePolicyDocument }) => (AssumeRolePolicyDocument.Statement[0].Principal.Service = 'ec2.amazonaws.com'),
      named('ApiTaskRole'),
    ),
  ),
  production(
    ROLES,
    'ECS Task Role: Write to CloudWatch Logs',
    'the task role writes',
    grant('ApiTaskRole', 'logs:PutLogEvents', '*'),
  ),
  production(
    ROLES,
    'ECS Task Role: (Optional) RDS IAM authentication',
    'for every database user',
    grant('ApiTaskRole', 'rds-db:connect', '*'),
  ),
  production(
    ROLES,
    'VPC Flow Log Role: Policies: CloudWatch Logs write access',
    'to every log group',
    statements(([all]) => (all.Resource = '*'), named('NetworkFlowLogRolePolicy')),
  ),
  production(
    ROLES,
    'VPC Flow Log Role: Purpose: Write VPC flow logs',
    'for any account',
    edit(
      type.ROLE,
      ({ AssumeRolePolicyDocument }) => delete AssumeRolePolicyDocument.Statement[0].Condition.StringEquals,
      named('NetworkFlowLogRole'),
    ),
  ),

  production(
    MONITORING,
    'Log Groups: ECS container logs (30-day retention)',
    '30 days',
    set(type.LOG_GROUP, { RetentionInDays: 30 }, named('ApiLog')),
  ),
  production(
    MONITORING,
    'Log Groups: VPC flow logs (30-day retention)',
    '30 days',
    set(type.LOG_GROUP, { RetentionInDays: 30 }, named('NetworkFlowLogGroup')),
  ),
  production(
    MONITORING,
    'Log Groups: /aws/vpc/karematch-flow-log',
    'a fixed name',
    set(type.LOG_GROUP, { LogGroupName: '/aws/vpc/karematch-flow-log' }, named('NetworkFlowLogGroup')),
  ),
  production(MONITORING, 'Metrics: ECS: CPU', 'no graph', widget('AWS/ECS', 'AWS/Nothing')),
  production(MONITORING, 'Metrics: ECS: memory', 'no graph', widget('MemoryUtilization', 'Nothing')),
  production(MONITORING, 'Metrics: ECS: task count', 'no graph', widget('SampleCount', 'Average')),
  production(
    MONITORING,
    'Metrics: RDS: CPU',
    'a graph of another instance',
    widget('DBInstanceIdentifier', 'EngineName'),
  ),
  production(MONITORING, 'Metrics: RDS: memory', 'no graph', widget('FreeableMemory', 'Nothing')),
  production(MONITORING, 'Metrics: RDS: storage', 'no graph', widget('FreeStorageSpace', 'Nothing')),
  production(MONITORING, 'Metrics: RDS: connections', 'no graph', widget('DatabaseConnections', 'Nothing')),
  production(MONITORING, 'Metrics: ALB: Request count', 'no graph', widget('RequestCount', 'Nothing')),
  production(MONITORING, 'Metrics: ALB: response time', 'no graph', widget('TargetResponseTime', 'Nothing')),
  production(MONITORING, 'Metrics: ALB: error rates', 'no graph', widget('HTTPCode_Target_5XX_Count', 'Nothing')),
  production(
    MONITORING,
    'Metrics: Custom: Application errors',
    'another pattern',
    set(FILTER, { FilterPattern: '{ $.level = "error" }' }, named('ApiLogMetricsApplicationErrors')),
  ),
  production(
    MONITORING,
    'Metrics: Custom: failed logins',
    'in another log group',
    set(FILTER, { LogGroupName: { Ref: 'Other' } }, named('ApiLogMetricsFailedLogins')),
  ),
  production(MONITORING, 'Metrics: Custom: failed logins', 'no alarm', remove(type.ALARM, about('FailedLogins'))),
  production(
    MONITORING,
    'Dashboards: karematch-dashboard',
    'a fixed name',
    set('AWS::CloudWatch::Dashboard', { DashboardName: 'karematch-dashboard' }),
  ),
  production(
    MONITORING,
    'Dashboards: RDS performance metrics',
    'no graph of latencies',
    widget('ReadLatency', 'Nothing'),
  ),
  production(
    MONITORING,
    'Dashboards: Recent application logs',
    'oldest first',
    widget('timestamp desc', 'timestamp asc'),
  ),
  production(MONITORING, 'Alarms: RDS CPU > 80%', 'threshold of 90 %', alarm('DatabaseCpu', { Threshold: 90 })),
  production(MONITORING, 'Alarms: RDS CPU > 80%', 'for all instances', alarm('DatabaseCpu', { Dimensions: [] })),
  production(MONITORING, 'Alarms: RDS CPU > 80%', 'no notification', alarm('DatabaseCpu', { ActionsEnabled: false })),
  production(
    MONITORING,
    'Alarms: RDS CPU > 80%',
    'no permission to encrypt the message',
    edit(type.KEY, ({ KeyPolicy }) => KeyPolicy.Statement.pop(), named('MonitoringKey')),
  ),
  production(
    MONITORING,
    'Alarms: RDS free memory < 256 MB',
    'a threshold in megabytes',
    alarm('DatabaseFreeMemory', { Threshold: 256 }),
  ),
  production(
    MONITORING,
    'Alarms: RDS free storage < 2 GB',
    'the opposite comparison',
    alarm('DatabaseFreeStorage', { ComparisonOperator: 'GreaterThanThreshold' }),
  ),
  production(
    MONITORING,
    'Alarms: ALB response time > 1 second',
    'a threshold in milliseconds',
    alarm('EntranceSlowResponses', { Threshold: 1000 }),
  ),
  production(
    MONITORING,
    'Alarms: ALB healthy host count < 1',
    'missing data counts as healthy',
    alarm('NoHealthyTask', { TreatMissingData: 'notBreaching' }),
  ),
  production(
    MONITORING,
    'Alarms: ECS running tasks = 0',
    'missing data counts as healthy',
    alarm('NoRunningTask', { TreatMissingData: 'notBreaching' }),
  ),
  production(
    MONITORING,
    'Alarms: ECS running tasks = 0',
    'the average instead of the sample count',
    metric('NoRunningTask', { Stat: 'Average' }),
  ),
  production(
    MONITORING,
    'Alarms: ALB 5XX errors > 10 (5 min window)',
    'in one hour',
    metric('LoadBalancerErrors', { Period: 3600 }),
  ),
  production(
    MONITORING,
    'Alarms: ALB 5XX errors > 10 (5 min window)',
    'no alarm on errors of tasks',
    remove(type.ALARM, about('TargetErrors')),
  ),

  production(
    SECURITY,
    'Security Groups: ECS SG: Allow 5000 from ALB only',
    'from every address',
    edit(
      'AWS::EC2::SecurityGroupIngress',
      (rule) => {
        delete rule.SourceSecurityGroupId;
        rule.CidrIp = '0.0.0.0/0';
      },
      named('ApiSecurityGroup'),
    ),
  ),
  production(
    SECURITY,
    'Security Groups: ECS SG: Allow 5000 from ALB only',
    'outbound to every address',
    edit(
      'AWS::EC2::SecurityGroup',
      (group) => (group.SecurityGroupEgress = [{ CidrIp: '0.0.0.0/0', IpProtocol: '-1' }]),
      named('ApiSecurityGroup'),
    ),
  ),
  production(
    SECURITY,
    'Security Groups: RDS SG: Allow 5432 from ECS only',
    'outbound to the internet',
    edit(
      'AWS::EC2::SecurityGroup',
      (group) => group.SecurityGroupEgress.push({ CidrIp: '0.0.0.0/0', IpProtocol: '-1' }),
      named('DatabaseSecurityGroup'),
    ),
  ),
  development(
    SECURITY,
    'Security Groups: ALB SG: Allow 80, 443 from internet',
    'a port without a listener',
    open('EntranceSecurityGroup', 443, '0.0.0.0/0'),
  ),
  production(SECURITY, 'Network ACLs: Default (allow all)', 'a custom ACL', add('AWS::EC2::NetworkAcl', {})),
  production(
    SECURITY,
    'Encryption at Rest: S3: AES-256 server-side encryption',
    'a log bucket without a key',
    edit(
      type.BUCKET,
      ({ BucketEncryption }) =>
        (BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault = {}),
      named('EntranceAccessLogs'),
    ),
  ),
  production(
    SECURITY,
    'Encryption in Transit: ECS → RDS: SSL/TLS (enforced)',
    'a client that does not verify',
    container(
      ({ Environment }) => (Environment.find(({ Name }: Properties) => Name === 'PGSSLMODE').Value = 'require'),
    ),
  ),
  production(
    SECURITY,
    'Secrets Management: No secrets in environment variables',
    'a token',
    container(({ Environment }) => Environment.push({ Name: 'API_TOKEN', Value: 'x' })),
  ),
  production(
    SECURITY,
    'Secrets Management: No secrets in code',
    'a password in a function',
    edit(type.FUNCTION, (given) => (given.Environment.Variables.DB_PASSWORD = 'hunter2'), named('ApiRollerFunction')),
  ),
  production(
    SECURITY,
    'Secrets Management: All secrets in AWS Secrets Manager',
    'a secret in Parameter Store',
    container(({ Secrets }) => (Secrets[0].ValueFrom = 'arn:aws:ssm:us-east-1:123456789012:parameter/x')),
  ),
  production(
    SECURITY,
    'IAM Roles: Least privilege access',
    'a wildcard in an action',
    statements((all) => (all[0].Action = 'logs:*'), ROTATION),
  ),
  production(
    SECURITY,
    'IAM Roles: Least privilege access',
    'a wildcard as the resource',
    statements((all) => (all[3].Resource = '*'), ROTATION),
  ),

  production(
    AVAILABILITY,
    'RDS Backups: Point-in-time recovery',
    'backups that are deleted with the instance',
    set(type.DATABASE, { DeleteAutomatedBackups: true }),
  ),
  production(
    AVAILABILITY,
    'S3 Versioning: Accidental deletions can be recovered',
    'a permission to delete versions',
    grant('SiteDeploymentFunctionRole', 's3:DeleteObject*', '*'),
  ),
  production(
    AVAILABILITY,
    'RPO (Recovery Point Objective): < 24 hours (daily backups)',
    'weekly snapshots',
    edit(
      'AWS::Backup::BackupPlan',
      ({ BackupPlan }) => (BackupPlan.BackupPlanRule[0].ScheduleExpression = 'cron(0 5 ? * SUN *)'),
    ),
  ),
  production(
    AVAILABILITY,
    'RPO (Recovery Point Objective): < 24 hours (daily backups)',
    'for another database',
    edit(
      'AWS::Backup::BackupSelection',
      ({ BackupSelection }) => (BackupSelection.Resources = ['arn:aws:rds:us-east-1:123456789012:db:other']),
    ),
  ),
  production(
    AVAILABILITY,
    'RTO (Recovery Time Objective): < 1 hour',
    'a key that is deleted with the stack',
    edit(type.KEY, (_properties, resource) => (resource.DeletionPolicy = 'Delete'), named('DatabaseKey')),
  ),
  production(
    AVAILABILITY,
    'Infrastructure as Code: Entire infrastructure can be recreated',
    'a fixed name',
    set(type.LOG_GROUP, { LogGroupName: '/karematch' }, named('ApiLog')),
  ),
  production(
    COMPLIANCE,
    '✅ Audit Logging: Database connection logs',
    'no export to CloudWatch Logs',
    set(type.DATABASE, { EnableCloudwatchLogsExports: ['upgrade'] }),
  ),
  production(
    COMPLIANCE,
    'Required Additional Steps: Implement log retention for 6 years',
    '365 days for the firewall log',
    set(type.LOG_GROUP, { RetentionInDays: 365 }, named('EntranceFirewallLog')),
  ),
  production(
    COMPLIANCE,
    'Required Additional Steps: Set up monitoring and alerting for security events',
    'no subscription',
    remove('AWS::SNS::Subscription'),
  ),
  production(
    COMPLIANCE,
    'Required Additional Steps: Set up monitoring and alerting for security events',
    'no alarm on blocked requests',
    remove(type.ALARM, about('SiteBlockedSurge')),
  ),
  production(
    SCALABILITY,
    'API Response Time: < 500ms (p95)',
    'the median',
    alarm('SlowP95', { ExtendedStatistic: 'p50' }),
  ),
  production(
    SCALABILITY,
    'Page Load Time: < 2s (first contentful paint)',
    'HTTP/1.1',
    distribution((config) => (config.HttpVersion = 'http1.1')),
  ),
  production(
    SCALABILITY,
    'ecs_task_memory: From 1024 to 2048 (2 GB)',
    'twice as much',
    set(type.TASK, { Memory: '2048' }),
  ),
  production(
    MAINTENANCE,
    'ECS Deployments: Zero-downtime rolling updates',
    'no circuit breaker',
    edit(type.SERVICE, ({ DeploymentConfiguration }) => delete DeploymentConfiguration.DeploymentCircuitBreaker),
  ),
];
