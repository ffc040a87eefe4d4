import { NO_NAME, OWN_KEYS, section } from './section';
import { Fact } from '../../../support/template/facts';
import * as monitoring from '../proof/monitoring';
import * as registry from '../proof/registry';
import * as roles from '../proof/roles';
import * as secrets from '../proof/secrets';
import * as site from '../proof/site';
import { either, everywhere, System } from '../proof/system';

const ACCESS_CONTROL = 'AWS recommends origin access control instead: an origin access identity cannot read a bucket '
  + 'with a KMS key or a bucket in a newer region.';
const NARROWER = 'The managed policy allows a role to pull every image and write every log of the account. The role '
  + 'has its own policies for one repository and one log group.';
const LONGER = 'A month is too short to investigate an incident.';

export const CONTENT: Fact<System>[] = section('5. Content Delivery (S3 + CloudFront)', [
  {
    words: 'S3 Bucket: karematch-frontend-{suffix}',
    replaced:
      'The name has the suffix: the stack ID, account and region, in the account regional namespace of S3, ' +
      'which nobody else can use. The path of the construct precedes it.',
    shown: everywhere(site.namedByTheStack),
  },
  { words: 'S3 Bucket: Purpose: Static frontend hosting', shown: everywhere(site.holdsTheFrontEnd) },
  { words: 'S3 Bucket: Access: Private', shown: everywhere(site.readByCloudFrontAlone) },
  {
    words: 'S3 Bucket: Access: CloudFront access only via OAI',
    replaced: ACCESS_CONTROL,
    shown: everywhere(site.readByCloudFrontAlone),
  },
  {
    words: 'S3 Bucket: Encryption: AES-256 server-side encryption',
    replaced: OWN_KEYS,
    shown: everywhere(site.encrypted),
  },
  { words: 'S3 Bucket: Versioning: Enabled', shown: everywhere(site.versioned) },
  {
    words: 'S3 Bucket: Lifecycle: Delete old versions after 90 days',
    shown: everywhere(site.oldVersionsGoAfter90Days),
  },
  { words: 'CloudFront Distribution: Origin: S3 bucket', shown: everywhere(site.originIsTheBucket) },
  {
    words: 'CloudFront Distribution: Price class: PriceClass_100 (US, Canada, Europe)',
    shown: everywhere(site.cheapestEdges),
  },
  { words: 'CloudFront Distribution: Default root object: index.html', shown: everywhere(site.rootObject) },
  { words: 'CloudFront Distribution: HTTPS: Required (redirect HTTP to HTTPS)', shown: everywhere(site.httpsRequired) },
  { words: 'CloudFront Distribution: Compression: Enabled (gzip)', shown: everywhere(site.compresses('Gzip')) },
  { words: 'CloudFront Distribution: Compression: Enabled (brotli)', shown: everywhere(site.compresses('Brotli')) },
  {
    words: 'CloudFront Distribution: Caching: Static assets (JS, CSS, images): 1 year TTL',
    shown: everywhere(site.assetsForAYear),
  },
  {
    words: 'CloudFront Distribution: Caching: HTML, JSON: No caching (max-age=0)',
    shown: everywhere(site.pagesAreNotCached),
  },
  {
    words: 'CloudFront Distribution: Error handling: 404/403 → /index.html (SPA routing)',
    replaced:
      'An error page applies to the whole distribution: it would answer a 403 or 404 of the API with a page ' +
      'and status 200. A function answers the paths of views with /index.html before they become errors. A missing ' +
      'file remains a 404.',
    shown: everywhere(site.viewsAreAnsweredWithIndex),
  },
  {
    words: 'CloudFront Distribution: Custom domain: Supported (if ACM certificate provided)',
    shown: either(site.customDomain, site.noCustomDomain),
  },
  {
    words: 'Origin Access Identity (OAI): Restricts S3 access to CloudFront only',
    replaced: ACCESS_CONTROL,
    shown: everywhere(site.readByCloudFrontAlone),
  },
  {
    words: 'Origin Access Identity (OAI): Prevents direct S3 URL access',
    replaced: ACCESS_CONTROL,
    shown: everywhere(site.noDirectUrl),
  },
]);

export const REGISTRY: Fact<System>[] = section('6. Container Registry (ECR)', [
  {
    words: 'ECR Repository: karematch-backend',
    replaced: NO_NAME,
    shown: everywhere(registry.withoutName, registry.runsTheImageOfTheRepository),
  },
  {
    words: 'ECR Repository: Image tag mutability: Mutable (allows :latest)',
    replaced: 'A mutable tag does not show which image ran. Tags are immutable, and app.ts names a version.',
    shown: everywhere(registry.tagsStay, registry.runsTheImageOfTheRepository),
  },
  { words: 'ECR Repository: Encryption: AES-256', replaced: OWN_KEYS, shown: everywhere(registry.encrypted) },
  {
    words: 'ECR Repository: Image scanning: Enabled on push (vulnerability detection)',
    shown: everywhere(registry.scansOnPush),
  },
  { words: 'Lifecycle Policy: Keep last 10 tagged images', shown: everywhere(registry.keepsTenTagged) },
  {
    words: 'Lifecycle Policy: Delete untagged images after 7 days',
    shown: everywhere(registry.dropsUntaggedAfterAWeek),
  },
  {
    words: 'Repository Policy: ECS task execution role can pull images',
    replaced:
      'The policy of the role allows it. A statement in the policy of the repository would create a cycle ' +
      'between the two stacks, because the images are deployed before the service.',
    shown: everywhere(registry.tasksMayPull),
  },
]);

export const SECRETS: Fact<System>[] = section('7. Secrets Management (AWS Secrets Manager)', [
  {
    words: 'App Secrets: karematch-app-secrets-{suffix}',
    replaced:
      'The system has one secret for each purpose and each database user, because each rotates separately. ' +
      'CloudFormation and ' +
      'Secrets Manager generate the names with a suffix, because a deleted stack leaves its secrets behind.',
    shown: everywhere(secrets.oneSecretForEachPurpose),
  },
  {
    words: 'App Secrets: Contents: DATABASE_URL',
    replaced:
      'It would be a copy of the password that is invalid after the next rotation. User and password come ' +
      'from the secret of the database user of the program, and the rest comes from the instance.',
    shown: everywhere(secrets.databaseLoginByParts),
  },
  {
    words: 'App Secrets: Contents: ENCRYPTION_KEY',
    replaced: 'A key ring that never loses a key: ENCRYPTION_KEYS.',
    shown: everywhere(secrets.encryptionKeys),
  },
  {
    words: 'App Secrets: Contents: SESSION_SECRET',
    replaced: 'A list of keys, of which three are valid at a time.',
    shown: everywhere(secrets.sessionKeys),
  },
  {
    words: 'App Secrets: Contents: AWS_REGION',
    replaced: 'The region is not a secret. The container receives it as ' + 'a variable.',
    shown: everywhere(secrets.regionIsNoSecret),
  },
  { words: 'App Secrets: Encryption: AWS KMS (default key)', replaced: OWN_KEYS, shown: everywhere(secrets.encrypted) },
  {
    words: 'App Secrets: Rotation: Manual (automatic rotation can be enabled)',
    replaced:
      'Rotation is enabled: once a month in the maintenance window, and the service restarts its tasks with the ' +
      'new value.',
    shown: everywhere(secrets.rotatedByAFunction, secrets.serviceFollowsRotations),
  },
  {
    words: 'App Secrets: Access: ECS task execution role only',
    replaced: 'The two rotation functions have access too, because they rotate the secrets.',
    shown: everywhere(secrets.readByWhoStartsTheTasks),
  },
  {
    words: 'Database Password: karematch-db-password-{suffix}',
    replaced: 'RDS creates and names the secret, so no template, variable or person ever contains the password.',
    shown: everywhere(secrets.databaseOwner),
  },
  {
    words: 'Database Password: Contents: Master database credentials',
    replaced:
      'The API and the migrations do not receive the master user. Each has a database user of its own: the API reads ' +
      'and changes data, and the migrations change the schema.',
    shown: everywhere(secrets.databaseOwner, secrets.databaseLoginByParts),
  },
  {
    words: 'Database Password: Rotation: Can be automated with Lambda function',
    replaced:
      'RDS rotates it without a function: once a month in production. In development, whose template ' +
      'retains nothing, it rotates every 7 days, the default of RDS.',
    shown: either(secrets.rotatedByRds, secrets.rotatedByRdsWeekly),
  },
]);

export const ROLES: Fact<System>[] = section('8. IAM Roles and Policies', [
  {
    words: 'ECS Task Execution Role: karematch-ecs-task-execution-role',
    replaced: NO_NAME,
    shown: everywhere(roles.executionRoleWithoutName),
  },
  { words: 'ECS Task Execution Role: Purpose: Pull images', shown: everywhere(registry.tasksMayPull) },
  { words: 'ECS Task Execution Role: Purpose: read secrets', shown: everywhere(secrets.readByWhoStartsTheTasks) },
  { words: 'ECS Task Execution Role: Purpose: write logs', shown: everywhere(roles.programLogsByTheDriver) },
  {
    words: 'ECS Task Execution Role: AmazonECSTaskExecutionRolePolicy (AWS managed)',
    replaced: NARROWER,
    shown: everywhere(roles.startsTasksAndNoMore),
  },
  {
    words: 'ECS Task Execution Role: Custom: Read from Secrets Manager',
    shown: everywhere(secrets.readByWhoStartsTheTasks),
  },
  { words: 'ECS Task Execution Role: Custom: Decrypt with KMS', shown: everywhere(secrets.decryptsTheSecrets) },
  { words: 'ECS Task Role: karematch-ecs-task-role', replaced: NO_NAME, shown: everywhere(roles.taskRoleWithoutName) },
  { words: 'ECS Task Role: Purpose: Application runtime permissions', shown: everywhere(roles.programMayDoNothing) },
  {
    words: 'ECS Task Role: Read from Secrets Manager (for secret refresh)',
    replaced:
      'A compromised program with the right to read secrets could disclose them. ECS passes the values, and ' +
      'the service restarts its tasks after a rotation.',
    shown: everywhere(roles.programMayDoNothing, secrets.serviceFollowsRotations),
  },
  {
    words: 'ECS Task Role: Write to CloudWatch Logs',
    replaced:
      'The log driver writes the output of the program with the execution role. The program itself can ' +
      'neither write to its log directly nor read it.',
    shown: everywhere(roles.programLogsByTheDriver),
  },
  { words: 'ECS Task Role: (Optional) RDS IAM authentication', shown: everywhere(roles.iamLoginIsAnOption) },
  {
    words: 'VPC Flow Log Role: karematch-vpc-flow-log-role',
    replaced: NO_NAME,
    shown: everywhere(roles.flowLogRoleWithoutName),
  },
  { words: 'VPC Flow Log Role: Purpose: Write VPC flow logs', shown: everywhere(roles.flowLogRoleWrites) },
  { words: 'VPC Flow Log Role: Policies: CloudWatch Logs write access', shown: everywhere(roles.flowLogRoleWrites) },
]);

const errorRates = everywhere(
  monitoring.balancerChart('HTTPCode_ELB_5XX_Count'),
  monitoring.balancerChart('HTTPCode_Target_5XX_Count'),
);

export const MONITORING: Fact<System>[] = section('9. Monitoring & Logging (CloudWatch)', [
  { words: 'Log Groups: /aws/ecs/karematch', replaced: NO_NAME, shown: everywhere(monitoring.containerLogForSixYears) },
  {
    words: 'Log Groups: ECS container logs (30-day retention)',
    replaced: `${LONGER} The logs are kept for six years, because they contain the failed logins.`,
    shown: everywhere(monitoring.containerLogForSixYears),
  },
  {
    words: 'Log Groups: /aws/vpc/karematch-flow-log',
    replaced: NO_NAME,
    shown: everywhere(monitoring.flowLogForSixYears),
  },
  {
    words: 'Log Groups: VPC flow logs (30-day retention)',
    replaced: `${LONGER} The logs are kept for six years, as the document requires under "Required Additional Steps".`,
    shown: everywhere(monitoring.flowLogForSixYears),
  },
  { words: 'Metrics: ECS: CPU', shown: everywhere(monitoring.serviceChart('CPUUtilization')) },
  { words: 'Metrics: ECS: memory', shown: everywhere(monitoring.serviceChart('MemoryUtilization')) },
  { words: 'Metrics: ECS: task count', shown: everywhere(monitoring.serviceChart('CPUUtilization', 'SampleCount')) },
  { words: 'Metrics: RDS: CPU', shown: everywhere(monitoring.databaseChart('CPUUtilization')) },
  { words: 'Metrics: RDS: memory', shown: everywhere(monitoring.databaseChart('FreeableMemory')) },
  { words: 'Metrics: RDS: storage', shown: everywhere(monitoring.databaseChart('FreeStorageSpace')) },
  { words: 'Metrics: RDS: connections', shown: everywhere(monitoring.databaseChart('DatabaseConnections')) },
  { words: 'Metrics: ALB: Request count', shown: everywhere(monitoring.balancerChart('RequestCount')) },
  { words: 'Metrics: ALB: response time', shown: everywhere(monitoring.balancerChart('TargetResponseTime')) },
  { words: 'Metrics: ALB: error rates', shown: errorRates },
  { words: 'Metrics: Custom: Application errors', shown: everywhere(monitoring.applicationErrors) },
  { words: 'Metrics: Custom: failed logins', shown: everywhere(monitoring.failedLogins) },
  { words: 'Dashboards: karematch-dashboard', replaced: NO_NAME, shown: everywhere(monitoring.dashboardWithoutName) },
  {
    words: 'Dashboards: ECS resource utilization',
    shown: everywhere(monitoring.serviceChart('CPUUtilization'), monitoring.serviceChart('MemoryUtilization')),
  },
  {
    words: 'Dashboards: RDS performance metrics',
    shown: everywhere(
      monitoring.databaseChart('CPUUtilization'),
      monitoring.databaseChart('ReadLatency'),
      monitoring.databaseChart('WriteLatency'),
    ),
  },
  {
    words: 'Dashboards: ALB performance: response time',
    shown: everywhere(monitoring.balancerChart('TargetResponseTime')),
  },
  { words: 'Dashboards: ALB performance: errors', shown: errorRates },
  { words: 'Dashboards: Recent application logs', shown: everywhere(monitoring.showsRecentLines) },
  { words: 'Alarms: RDS CPU > 80%', shown: everywhere(monitoring.cpuAbove80) },
  {
    words: 'Alarms: RDS free memory < 256 MB',
    replaced:
      'A db.t4g.micro has 1 GiB, and little more than 256 MiB of it is free at rest, so the alarm would fire without a '
      + 'problem. It fires below 5 % of the memory of the class.',
    shown: everywhere(monitoring.littleMemory),
  },
  { words: 'Alarms: RDS free storage < 2 GB', shown: everywhere(monitoring.storageBelow2) },
  { words: 'Alarms: ALB response time > 1 second', shown: everywhere(monitoring.slowerThanASecond) },
  { words: 'Alarms: ALB healthy host count < 1', shown: everywhere(monitoring.noHealthyTask) },
  { words: 'Alarms: ECS running tasks = 0', shown: everywhere(monitoring.noRunningTask) },
  { words: 'Alarms: ALB 5XX errors > 10 (5 min window)', shown: everywhere(monitoring.serverErrors) },
]);
