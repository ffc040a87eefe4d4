import { ALSO_USERS, NEWER_NODE, NO_NAME, OWN_KEYS, section } from './section';
import { Fact } from '../../../support/template/facts';
import * as database from '../proof/database';
import * as entrance from '../proof/entrance';
import * as network from '../proof/network';
import * as secrets from '../proof/secrets';
import * as service from '../proof/service';
import { either, everywhere, inDevelopment, inProduction, System } from '../proof/system';

export const COMPUTE: Fact<System>[] = section('2. Compute (ECS Fargate)', [
  { words: 'ECS Cluster: karematch-cluster', replaced: NO_NAME, shown: everywhere(service.clusterWithoutName) },
  { words: 'ECS Cluster: Serverless container orchestration', shown: everywhere(service.onFargate) },
  { words: 'ECS Cluster: No EC2 instances to manage', shown: everywhere(service.noInstances) },
  { words: 'ECS Service: karematch-backend-service', replaced: NO_NAME, shown: everywhere(service.serviceWithoutName) },
  {
    words: 'ECS Service: Desired count: 2 tasks (configurable)',
    replaced:
      'A fixed count in the service would reset the scaling at every deployment. The scaling policy sets the ' +
      'count, from its minimum. `min: 2` keeps two tasks at all times.',
    shown: everywhere(service.countIsScaled),
  },
  { words: 'ECS Service: Launch type: Fargate', shown: everywhere(service.onFargate) },
  {
    words: 'ECS Service: Network mode: awsvpc (each task gets own ENI)',
    shown: everywhere(service.ownNetworkInterface),
  },
  {
    words: 'ECS Service: Deployment: Rolling update (100% minimum healthy, 200% maximum)',
    shown: everywhere(service.rollsWithoutGap),
  },
  {
    words: 'ECS Service: Circuit breaker: Enabled (auto-rollback on failed deployments)',
    shown: everywhere(service.circuitBreaker),
  },
  { words: 'Task Definition: CPU: 512 units (0.5 vCPU)', shown: everywhere(service.halfAProcessor) },
  { words: 'Task Definition: Memory: 1024 MB (1 GB)', shown: everywhere(service.oneGigabyte) },
  {
    words: 'Task Definition: Container: Node.js 20 application',
    replaced: NEWER_NODE,
    shown: everywhere(service.nodeProgram),
  },
  {
    words: 'Task Definition: Health check: GET /health every 30s',
    replaced:
      'The load balancer checks the health, and ECS replaces a task by its result. A check in the task ' +
      'definition needs a client program in the image, which the image does not have.',
    shown: everywhere(service.healthFromOutside),
  },
  { words: 'Task Definition: Logging: CloudWatch Logs', shown: everywhere(service.logsToCloudWatch) },
  {
    words: 'Task Definition: Logging: /aws/ecs/karematch',
    replaced: NO_NAME,
    shown: everywhere(service.logsToCloudWatch),
  },
  { words: 'Auto Scaling: Target CPU: 70%', shown: everywhere(service.follows('CPU', 70)) },
  { words: 'Auto Scaling: Target Memory: 80%', shown: everywhere(service.follows('Memory', 80)) },
  { words: 'Auto Scaling: Min tasks: 1', shown: everywhere(service.scales(1, 4)) },
  { words: 'Auto Scaling: Max tasks: 4', shown: everywhere(service.scales(1, 4)) },
  {
    words: 'Secrets Injection: DATABASE_URL loaded from AWS Secrets Manager',
    replaced:
      'Such a URL becomes invalid at the first rotation and puts the password into text that logs contain. ' +
      'The container receives the variables that client libraries read: PGUSER and PGPASSWORD as secrets, and ' +
      'PGHOST, PGPORT, PGDATABASE, PGSSLMODE and PGSSLROOTCERT as variables.',
    shown: everywhere(secrets.databaseLoginByParts),
  },
  {
    words: 'Secrets Injection: ENCRYPTION_KEY loaded from AWS Secrets Manager',
    replaced:
      'A single key could never rotate, because the data that it encrypted would become unreadable. ' +
      'ENCRYPTION_KEYS is a key ring: the first key encrypts, all keys decrypt, and no rotation removes a key.',
    shown: everywhere(secrets.encryptionKeys),
  },
  {
    words: 'Secrets Injection: SESSION_SECRET loaded from AWS Secrets Manager',
    replaced:
      'The same name contains a list: the first key signs and all keys verify. No session ends when the key ' +
      'rotates or while old and new tasks run side by side.',
    shown: everywhere(secrets.sessionKeys),
  },
  { words: 'Environment variables: NODE_ENV', shown: everywhere(service.setsVariable('NODE_ENV', 'production')) },
  { words: 'Environment variables: PORT', shown: everywhere(service.setsVariable('PORT', '5000')) },
  { words: 'Environment variables: AWS_REGION', shown: everywhere(service.setsVariable('AWS_REGION', 'us-east-1')) },
  {
    words: 'Environment variables: AWS_SECRET_NAME',
    replaced:
      'The program reads no secret itself. ECS passes the values when a task starts, and the service ' +
      'restarts its tasks after a change. The program needs neither a name nor the permission to read.',
    shown: everywhere(secrets.needsNoSecretName, secrets.serviceFollowsRotations),
  },
]);

export const DATABASE: Fact<System>[] = section('3. Database (RDS PostgreSQL)', [
  {
    words: 'RDS Instance: karematch-db',
    replaced:
      'The instance has a name, because its log groups must exist before it. The name contains the stack ID, ' +
      'because `karematch-db` could already exist.',
    shown: everywhere(database.namedByTheStack),
  },
  { words: 'RDS Instance: Engine: PostgreSQL', shown: everywhere(database.postgres) },
  {
    words: 'RDS Instance: Engine: 15.4',
    replaced:
      'AWS retired 15.4. The template uses the newest minor version of 15 that CloudFormation accepts, and ' +
      'RDS installs later ones in the maintenance window.',
    shown: everywhere(database.version15),
  },
  { words: 'RDS Instance: Instance class: db.t4g.micro', shown: everywhere(database.micro) },
  {
    words: 'RDS Instance: Instance class: upgradeable to db.t4g.small',
    shown: everywhere(service.saidOnce('ec2.InstanceSize.MICRO', database.micro)),
  },
  { words: 'RDS Instance: Storage: 20 GB gp3', shown: everywhere(database.storage) },
  { words: 'RDS Instance: Storage: auto-scaling up to 100 GB', shown: everywhere(database.growsTo100) },
  {
    words: 'RDS Instance: Multi-AZ: Enabled in production (automatic failover)',
    shown: either(database.standby, database.noStandby),
  },
  {
    words: 'RDS Instance: Encryption: AES-256 encryption at rest (HIPAA requirement)',
    replaced: OWN_KEYS,
    shown: everywhere(database.encrypted),
  },
  { words: 'RDS Instance: SSL/TLS: Forced connections (rds.force_ssl=1)', shown: everywhere(database.tlsOnly) },
  { words: 'Backups: Automated backups: 7-day retention', shown: everywhere(database.backedUpForAWeek) },
  { words: 'Backups: Backup window: 03:00-04:00 UTC', shown: everywhere(database.backupWindow) },
  { words: 'Backups: Maintenance window: Sunday 04:00-05:00 UTC', shown: everywhere(database.maintenanceWindow) },
  {
    words: 'Backups: Final snapshot: Enabled on deletion (production only)',
    shown: either(database.leavesASnapshot, database.leavesNothing),
  },
  {
    words: 'Performance Insights: Enabled in production',
    replaced: 'AWS calls it Database Insights. Its standard mode is free, so development has it as well.',
    shown: everywhere(database.insights),
  },
  { words: 'Performance Insights: 7-day retention', shown: everywhere(database.insights) },
  { words: 'Parameter Group (custom)', shown: everywhere(database.ownParameters) },
  {
    words: 'Parameter Group: rds.force_ssl = 1 (enforce SSL)',
    shown: everywhere(database.parameter('rds.force_ssl', '1')),
  },
  {
    words: 'Parameter Group: log_connections = 1 (audit)',
    shown: everywhere(database.parameter('log_connections', '1'), database.connectionsAreLogged),
  },
  {
    words: 'Parameter Group: log_disconnections = 1 (audit)',
    shown: everywhere(database.parameter('log_disconnections', '1'), database.connectionsAreLogged),
  },
  {
    words: 'Parameter Group: log_min_duration_statement = 10000 (slow query log, 10s+)',
    shown: everywhere(database.logsSlowStatements),
  },
  {
    words: 'Connection: Endpoint: karematch-db.xxx.us-east-1.rds.amazonaws.com:5432',
    replaced:
      'The same, except for the name of the instance, which contains the stack ID. The container reads host ' +
      'and port from the instance.',
    shown: everywhere(database.endpoint),
  },
  { words: 'Connection: Database: karematch', shown: everywhere(database.databaseName) },
  {
    words: 'Connection: Access: Private subnets only (ECS tasks)',
    replaced: ALSO_USERS,
    shown: everywhere(database.onlyFromPrivateSubnets),
  },
  {
    words: 'Connection: Security group: Allows port 5432 from ECS tasks only',
    replaced: ALSO_USERS,
    shown: everywhere(network.databaseGroupRules),
  },
]);

export const LOAD_BALANCING: Fact<System>[] = section('4. Load Balancing (ALB)', [
  {
    words: 'Application Load Balancer: karematch-alb',
    replaced: NO_NAME,
    shown: everywhere(entrance.applicationLoadBalancer, entrance.withoutName),
  },
  { words: 'Application Load Balancer: Scheme: Internet-facing', shown: everywhere(entrance.applicationLoadBalancer) },
  {
    words: 'Application Load Balancer: Subnets: Public subnets across 2 AZs',
    shown: everywhere(entrance.overTwoZones),
  },
  {
    words: 'Application Load Balancer: Security: Allows HTTP (80) from internet',
    shown: either(network.entranceGroup(80, 443), network.entranceGroup(80)),
  },
  {
    words: 'Application Load Balancer: Security: Allows HTTPS (443) from internet',
    shown: either(network.entranceGroup(80, 443), entrance.noCertificate),
  },
  { words: 'Target Group: karematch-tg', replaced: NO_NAME, shown: everywhere(entrance.targetsWithoutName) },
  {
    words: 'Target Group: Protocol: HTTP',
    replaced:
      'The document promises TLS 1.2 for all connections. The load balancer connects to the program with ' +
      'HTTPS, and the program creates its certificate at start.',
    shown: everywhere(entrance.targetsSpeakHttps),
  },
  {
    words: 'Target Group: Port: 5000 (container port)',
    replaced:
      'ECS registers each task at port 5000, so requests and health checks go there. The port of the target group ' +
      'itself is never used. It is constant, because a changed port replaces a target group and interrupts requests.',
    shown: everywhere(entrance.targetsPort),
  },
  { words: 'Target Group: Target type: IP (for Fargate)', shown: everywhere(entrance.targetsAreAddresses) },
  { words: 'Target Group: Health check: GET /health every 30s', shown: everywhere(service.health) },
  {
    words: 'Target Group: Health check: Healthy threshold: 2 consecutive successes',
    shown: everywhere(entrance.healthyAfterTwo),
  },
  {
    words: 'Target Group: Health check: Unhealthy threshold: 3 consecutive failures',
    shown: everywhere(entrance.unhealthyAfterThree),
  },
  { words: 'Target Group: Stickiness: Enabled (24-hour cookie)', shown: everywhere(entrance.sticksForADay) },
  { words: 'Target Group: Deregistration delay: 30 seconds', shown: everywhere(entrance.deregistersIn30Seconds) },
  {
    words: 'Listeners: HTTPS (443) - Primary (if certificate provided)',
    shown: either(entrance.listensOnHttps, entrance.noCertificate),
  },
  {
    words: 'Listeners: HTTPS (443): SSL Policy: ELBSecurityPolicy-TLS-1-2-2017-01 (HIPAA-compliant)',
    replaced:
      'That policy allows ciphers without forward secrecy and does not allow TLS 1.3. The policy of the ' +
      'listener allows TLS 1.2 and 1.3 with forward secrecy only, and post-quantum key exchange.',
    shown: inProduction(entrance.modernTls),
  },
  { words: 'Listeners: HTTPS (443): Forward to target group', shown: inProduction(entrance.httpsForwards) },
  {
    words: 'Listeners: HTTP (80) - Redirect to HTTPS or forward (development)',
    shown: either(entrance.httpRedirects, entrance.httpForwards),
  },
  {
    words: 'Listeners: HTTP (80): If certificate exists: 301 redirect to HTTPS',
    shown: inProduction(entrance.httpRedirects),
  },
  { words: 'Listeners: HTTP (80): Otherwise: Forward to target group', shown: inDevelopment(entrance.httpForwards) },
  { words: 'Access Logs: Enabled (S3 bucket) for audit trail', shown: everywhere(entrance.accessLogs) },
]);
