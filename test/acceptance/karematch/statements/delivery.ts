import { NO_NAME, OWN_KEYS, section } from './section';
import { Fact } from '../../../support/template/facts';
import * as monitoring from '../proof/monitoring';
import * as registry from '../proof/registry';
import * as roles from '../proof/roles';
import * as secrets from '../proof/secrets';
import * as site from '../proof/site';
import { either, everywhere, System } from '../proof/system';

const ACCESS_CONTROL = 'AWS recommends origin access control in its place: an identity cannot read a bucket under a KMS key, nor one in a newer region.';
const NARROWER = 'The managed policy lets a role pull every image and write every log of the account. In its place are policies of its own, for one repository and one log group.';
const LONGER = 'A month is too short to find out what happened.';

export const CONTENT: Fact<System>[] = section('5. Content Delivery (S3 + CloudFront)', [
  {
    words: 'S3 Bucket: karematch-frontend-{suffix}',
    replaced: 'The suffix is there: the stack\'s id, account and region, in S3\'s namespace of the account, where nobody else can take the name. What stands before it is made from the construct\'s path.',
    shown: everywhere(site.namedByTheStack),
  },
  { words: 'S3 Bucket: Purpose: Static frontend hosting', shown: everywhere(site.holdsTheFrontEnd) },
  { words: 'S3 Bucket: Access: Private', shown: everywhere(site.readByCloudFrontAlone) },
  { words: 'S3 Bucket: Access: CloudFront access only via OAI', replaced: ACCESS_CONTROL, shown: everywhere(site.readByCloudFrontAlone) },
  { words: 'S3 Bucket: Encryption: AES-256 server-side encryption', replaced: OWN_KEYS, shown: everywhere(site.encrypted) },
  { words: 'S3 Bucket: Versioning: Enabled', shown: everywhere(site.versioned) },
  { words: 'S3 Bucket: Lifecycle: Delete old versions after 90 days', shown: everywhere(site.oldVersionsGoAfter90Days) },
  { words: 'CloudFront Distribution: Origin: S3 bucket', shown: everywhere(site.originIsTheBucket) },
  { words: 'CloudFront Distribution: Price class: PriceClass_100 (US, Canada, Europe)', shown: everywhere(site.cheapestEdges) },
  { words: 'CloudFront Distribution: Default root object: index.html', shown: everywhere(site.rootObject) },
  { words: 'CloudFront Distribution: HTTPS: Required (redirect HTTP to HTTPS)', shown: everywhere(site.httpsRequired) },
  { words: 'CloudFront Distribution: Compression: Enabled (gzip)', shown: everywhere(site.compresses('Gzip')) },
  { words: 'CloudFront Distribution: Compression: Enabled (brotli)', shown: everywhere(site.compresses('Brotli')) },
  { words: 'CloudFront Distribution: Caching: Static assets (JS, CSS, images): 1 year TTL', shown: everywhere(site.assetsForAYear) },
  { words: 'CloudFront Distribution: Caching: HTML, JSON: No caching (max-age=0)', shown: everywhere(site.pagesAreNotCached) },
  {
    words: 'CloudFront Distribution: Error handling: 404/403 → /index.html (SPA routing)',
    replaced: 'An error page is for the whole distribution: it would answer a 403 or 404 of the API with a page and the status 200. In its place a function answers the paths of views with /index.html '
      + 'before they become errors; a missing file stays a 404.',
    shown: everywhere(site.viewsAreAnsweredWithIndex),
  },
  { words: 'CloudFront Distribution: Custom domain: Supported (if ACM certificate provided)', shown: either(site.customDomain, site.noCustomDomain) },
  { words: 'Origin Access Identity (OAI): Restricts S3 access to CloudFront only', replaced: ACCESS_CONTROL, shown: everywhere(site.readByCloudFrontAlone) },
  { words: 'Origin Access Identity (OAI): Prevents direct S3 URL access', replaced: ACCESS_CONTROL, shown: everywhere(site.noDirectUrl) },
]);

export const REGISTRY: Fact<System>[] = section('6. Container Registry (ECR)', [
  { words: 'ECR Repository: karematch-backend', replaced: NO_NAME, shown: everywhere(registry.withoutName, registry.runsTheImageOfTheRepository) },
  {
    words: 'ECR Repository: Image tag mutability: Mutable (allows :latest)',
    replaced: 'A tag that moves does not say what has run. Tags stay where they are, and app.ts names a version.',
    shown: everywhere(registry.tagsStay, registry.runsTheImageOfTheRepository),
  },
  { words: 'ECR Repository: Encryption: AES-256', replaced: OWN_KEYS, shown: everywhere(registry.encrypted) },
  { words: 'ECR Repository: Image scanning: Enabled on push (vulnerability detection)', shown: everywhere(registry.scansOnPush) },
  { words: 'Lifecycle Policy: Keep last 10 tagged images', shown: everywhere(registry.keepsTenTagged) },
  { words: 'Lifecycle Policy: Delete untagged images after 7 days', shown: everywhere(registry.dropsUntaggedAfterAWeek) },
  {
    words: 'Repository Policy: ECS task execution role can pull images',
    replaced: 'It can, by a policy of the role. In the policy of the repository it would tie the two stacks into a circle, since the images are deployed before the service.',
    shown: everywhere(registry.tasksMayPull),
  },
]);

export const SECRETS: Fact<System>[] = section('7. Secrets Management (AWS Secrets Manager)', [
  {
    words: 'App Secrets: karematch-app-secrets-{suffix}',
    replaced: 'One secret for each purpose, since each is rotated in its own way. CloudFormation and Secrets Manager make the names, suffix included: what a stack has left behind keeps its name.',
    shown: everywhere(secrets.oneSecretForEachPurpose),
  },
  {
    words: 'App Secrets: Contents: DATABASE_URL',
    replaced: 'It would be a copy of the password, wrong after the first rotation. User and password come from the secret that RDS keeps, the rest from the instance.',
    shown: everywhere(secrets.databaseLoginByParts),
  },
  {
    words: 'App Secrets: Contents: ENCRYPTION_KEY',
    replaced: 'A ring of keys, of which none is ever dropped: ENCRYPTION_KEYS.',
    shown: everywhere(secrets.encryptionKeys),
  },
  { words: 'App Secrets: Contents: SESSION_SECRET', replaced: 'A list of keys, of which three overlap.', shown: everywhere(secrets.sessionKeys) },
  { words: 'App Secrets: Contents: AWS_REGION', replaced: 'It is no secret, and comes in as a variable.', shown: everywhere(secrets.regionIsNoSecret) },
  { words: 'App Secrets: Encryption: AWS KMS (default key)', replaced: OWN_KEYS, shown: everywhere(secrets.encrypted) },
  {
    words: 'App Secrets: Rotation: Manual (automatic rotation can be enabled)',
    replaced: 'It is enabled: every 30 days, and the service is started anew with the new value.',
    shown: everywhere(secrets.rotatedByAFunction, secrets.serviceFollowsRotations),
  },
  {
    words: 'App Secrets: Access: ECS task execution role only',
    replaced: 'And the function that rotates them, without which they would not be rotated.',
    shown: everywhere(secrets.readByWhoStartsTheTasks),
  },
  {
    words: 'Database Password: karematch-db-password-{suffix}',
    replaced: 'RDS makes the secret and names it, so that no copy of the password ever was in a template, a variable or somebody\'s hands.',
    shown: everywhere(secrets.databaseOwner),
  },
  { words: 'Database Password: Contents: Master database credentials', shown: everywhere(secrets.databaseOwner, secrets.databaseLoginByParts) },
  {
    words: 'Database Password: Rotation: Can be automated with Lambda function',
    replaced: 'RDS does it without a function: every 30 days in production; every 7, its own rhythm, in development, whose template retains nothing.',
    shown: either(secrets.rotatedByRds, secrets.rotatedByRdsWeekly),
  },
]);

export const ROLES: Fact<System>[] = section('8. IAM Roles and Policies', [
  { words: 'ECS Task Execution Role: karematch-ecs-task-execution-role', replaced: NO_NAME, shown: everywhere(roles.executionRoleWithoutName) },
  { words: 'ECS Task Execution Role: Purpose: Pull images', shown: everywhere(registry.tasksMayPull) },
  { words: 'ECS Task Execution Role: Purpose: read secrets', shown: everywhere(secrets.readByWhoStartsTheTasks) },
  { words: 'ECS Task Execution Role: Purpose: write logs', shown: everywhere(roles.programLogsByTheDriver) },
  { words: 'ECS Task Execution Role: AmazonECSTaskExecutionRolePolicy (AWS managed)', replaced: NARROWER, shown: everywhere(roles.startsTasksAndNoMore) },
  { words: 'ECS Task Execution Role: Custom: Read from Secrets Manager', shown: everywhere(secrets.readByWhoStartsTheTasks) },
  { words: 'ECS Task Execution Role: Custom: Decrypt with KMS', shown: everywhere(secrets.decryptsTheSecrets) },
  { words: 'ECS Task Role: karematch-ecs-task-role', replaced: NO_NAME, shown: everywhere(roles.taskRoleWithoutName) },
  { words: 'ECS Task Role: Purpose: Application runtime permissions', shown: everywhere(roles.programMayDoNothing) },
  {
    words: 'ECS Task Role: Read from Secrets Manager (for secret refresh)',
    replaced: 'A program that may read secrets can be made to give them away. ECS hands the values in, and after a rotation the service is started anew.',
    shown: everywhere(roles.programMayDoNothing, secrets.serviceFollowsRotations),
  },
  {
    words: 'ECS Task Role: Write to CloudWatch Logs',
    replaced: 'What the program prints is taken by the log driver, which acts for the execution role. The program itself can neither add to its log by another way nor read it.',
    shown: everywhere(roles.programLogsByTheDriver),
  },
  { words: 'ECS Task Role: (Optional) RDS IAM authentication', shown: everywhere(roles.iamLoginIsAnOption) },
  { words: 'VPC Flow Log Role: karematch-vpc-flow-log-role', replaced: NO_NAME, shown: everywhere(roles.flowLogRoleWithoutName) },
  { words: 'VPC Flow Log Role: Purpose: Write VPC flow logs', shown: everywhere(roles.flowLogRoleWrites) },
  { words: 'VPC Flow Log Role: Policies: CloudWatch Logs write access', shown: everywhere(roles.flowLogRoleWrites) },
]);

const errorRates = everywhere(monitoring.balancerChart('HTTPCode_ELB_5XX_Count'), monitoring.balancerChart('HTTPCode_Target_5XX_Count'));

export const MONITORING: Fact<System>[] = section('9. Monitoring & Logging (CloudWatch)', [
  { words: 'Log Groups: /aws/ecs/karematch', replaced: NO_NAME, shown: everywhere(monitoring.containerLogForAYear) },
  { words: 'Log Groups: ECS container logs (30-day retention)', replaced: `${LONGER} They are kept for a year.`, shown: everywhere(monitoring.containerLogForAYear) },
  { words: 'Log Groups: /aws/vpc/karematch-flow-log', replaced: NO_NAME, shown: everywhere(monitoring.flowLogForSixYears) },
  {
    words: 'Log Groups: VPC flow logs (30-day retention)',
    replaced: `${LONGER} They are kept for six years, as the document itself asks under "Required Additional Steps".`,
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
  { words: 'Dashboards: ECS resource utilization', shown: everywhere(monitoring.serviceChart('CPUUtilization'), monitoring.serviceChart('MemoryUtilization')) },
  { words: 'Dashboards: RDS performance metrics', shown: everywhere(monitoring.databaseChart('CPUUtilization'), monitoring.databaseChart('ReadLatency'), monitoring.databaseChart('WriteLatency')) },
  { words: 'Dashboards: ALB performance: response time', shown: everywhere(monitoring.balancerChart('TargetResponseTime')) },
  { words: 'Dashboards: ALB performance: errors', shown: errorRates },
  { words: 'Dashboards: Recent application logs', shown: everywhere(monitoring.showsRecentLines) },
  { words: 'Alarms: RDS CPU > 80%', shown: everywhere(monitoring.cpuAbove80) },
  { words: 'Alarms: RDS free memory < 256 MB', shown: everywhere(monitoring.memoryBelow256) },
  { words: 'Alarms: RDS free storage < 2 GB', shown: everywhere(monitoring.storageBelow2) },
  { words: 'Alarms: ALB response time > 1 second', shown: everywhere(monitoring.slowerThanASecond) },
  { words: 'Alarms: ALB healthy host count < 1', shown: everywhere(monitoring.noHealthyTask) },
  { words: 'Alarms: ECS running tasks = 0', shown: everywhere(monitoring.noRunningTask) },
  { words: 'Alarms: ALB 5XX errors > 10 (5 min window)', shown: everywhere(monitoring.serverErrors) },
]);
