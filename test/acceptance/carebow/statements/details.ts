import { NO_NAME, Row, section } from './section';
import * as database from '../proof/database';
import * as monitoring from '../proof/monitoring';
import * as network from '../proof/network';
import * as service from '../proof/service';
import * as storage from '../proof/storage';
import * as whole from '../proof/whole';

export const DETAILS: Row[] = [
  ...section('Database (RDS PostgreSQL)', [
    {
      words: 'Engine: PostgreSQL 16.3',
      replaced: 'RDS no longer creates instances of 16.3. The database starts with a later minor version of 16, and '
        + 'RDS updates it in the maintenance window.',
      proof: database.postgres16,
    },
    { words: 'Instance: db.t4g.medium (2 vCPU, 4GB RAM)', proof: database.medium },
    { words: 'Storage: 50GB encrypted with KMS', proof: database.fiftyGigabytes },
    { words: 'Backup: 7-day retention with point-in-time recovery', proof: database.aWeekOfBackups },
    { words: 'Multi-AZ: High availability deployment', proof: database.standby },
    {
      words: 'Security: Private subnets only, encrypted at rest',
      replaced: 'The database is in subnets of its own, without a route to the internet. The private subnets have one, '
        + 'for the tasks.',
      proof: network.isolatedDatabase,
    },
  ]),

  ...section('Application (ECS Fargate)', [
    { words: 'CPU: 512 units (0.5 vCPU)', proof: service.cpu },
    { words: 'Memory: 1024 MB', proof: service.memory },
    {
      words: 'Desired Count: 2 instances',
      replaced: 'Two tasks is the minimum of the scaling. A fixed count would reset the scale at each deployment.',
      proof: service.twoTasks,
    },
    { words: 'Auto Scaling: Ready for configuration', proof: service.scales },
    { words: 'Health Checks: ALB health checks on `/healthz`', proof: service.health },
    {
      words: 'Logging: CloudWatch logs with 30-day retention',
      replaced: 'The log is the audit trail of the access to records, which must be kept for six years: 45 CFR '
        + '164.316(b)(2)(i).',
      proof: service.logsForSixYears,
    },
  ]),

  ...section('Storage (S3)', [
    { words: 'Encryption: KMS-managed keys', proof: storage.reportsAreEncrypted },
    { words: 'Access: Presigned URLs only', proof: storage.presignedAlone },
    { words: 'Public Access: Completely blocked', proof: storage.noPublicAccess },
    { words: 'Versioning: Enabled for data protection', proof: storage.versions },
    { words: 'Lifecycle: Configurable for cost optimization', proof: storage.lifecycle },
  ]),

  ...section('Networking (VPC)', [
    { words: 'CIDR: 10.0.0.0/16', proof: network.range },
    { words: 'Public Subnets: 10.0.1.0/24, 10.0.2.0/24, 10.0.3.0/24', proof: network.publicSubnets },
    { words: 'Private Subnets: 10.0.11.0/24, 10.0.12.0/24, 10.0.13.0/24', proof: network.privateSubnets },
    { words: 'NAT Gateway: Single gateway for cost optimization', proof: network.oneNatGateway },
    { words: 'DNS: Enabled for both hostnames and support', proof: network.names },
  ]),

  ...section('HIPAA Compliance Features', [
    { words: 'Field-Level Encryption: All PHI encrypted with AES-256', proof: storage.fieldsAreEncrypted },
    { words: 'Audit Logging: Complete audit trail for all data access', proof: service.auditTrail },
    { words: 'Access Controls: User-based data isolation', proof: whole.userIsolation },
    { words: 'Data Minimization: Only necessary PHI collected', proof: whole.minimal },
    { words: 'Consent Management: User consent tracking and versioning', proof: whole.consent },
  ]),

  ...section('Network Security', [
    { words: 'Private Subnets: Database and ECS tasks in private subnets', proof: network.databaseAndTasksArePrivate },
    { words: 'Security Groups: Least privilege access rules', proof: network.groups },
    { words: 'No Public Access: Database not accessible from internet', proof: network.isolatedDatabase },
    { words: 'Encrypted Transit: All traffic encrypted in transit', proof: whole.encryptedInTransit },
  ]),

  ...section('Data Protection', [
    { words: 'Encryption at Rest: All data encrypted with KMS', proof: whole.encryptedAtRest },
    { words: 'Encryption in Transit: TLS 1.2+ for all communications', proof: whole.encryptedInTransit },
    { words: 'Key Rotation: Automatic KMS key rotation enabled', proof: whole.keysRotate },
    { words: 'Backup Encryption: All backups encrypted', proof: database.encryptedBackups },
  ]),

  ...section('CloudWatch Logs', [
    { words: 'Log Groups: `/ecs/carebow-api`', replaced: NO_NAME, proof: whole.logsCommand },
    {
      words: 'Retention: 30 days',
      replaced: 'Six years, because the log is an audit trail. See "Logging: CloudWatch logs with 30-day retention".',
      proof: service.logsForSixYears,
    },
    { words: 'Streams: Separate streams per container instance', proof: service.logs },
    { words: 'Filters: Configurable log filtering and alerting', proof: service.logsAreFiltered },
  ]),

  ...section('Health Checks', [
    {
      words: 'ALB Health Checks: HTTP health checks on `/healthz`',
      replaced: 'The load balancer checks over HTTPS, as it forwards requests.',
      proof: service.health,
    },
    { words: 'ECS Health Checks: Container health checks', proof: service.containerHealth },
    { words: 'Database Health: RDS automated backups and monitoring', proof: monitoring.databaseIsWatched },
  ]),

  ...section('Metrics and Alarms', [
    { words: 'CPU Utilization: ECS task CPU usage', proof: monitoring.cpuOfTasks },
    { words: 'Memory Utilization: ECS task memory usage', proof: monitoring.memoryOfTasks },
    { words: 'Database Connections: RDS connection monitoring', proof: monitoring.connections },
    { words: 'Error Rates: API error rate monitoring', proof: monitoring.errorRate },
  ]),
];
