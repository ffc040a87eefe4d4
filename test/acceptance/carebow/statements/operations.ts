import { A_MOMENT, NO_NAME, ONE_SCRIPT, Row, section } from './section';
import * as account from '../proof/account';
import * as database from '../proof/database';
import * as delivery from '../proof/delivery';
import * as entrance from '../proof/entrance';
import * as monitoring from '../proof/monitoring';
import * as network from '../proof/network';
import * as secrets from '../proof/secrets';
import * as service from '../proof/service';
import * as storage from '../proof/storage';
import * as whole from '../proof/whole';

export const OPERATIONS: Row[] = [
  ...section('Update API Code', [
    { words: 'docker build -t carebow-api .', of: 'images', proof: delivery.builds },
    { words: 'docker push', of: 'images', proof: delivery.pushes },
    {
      words: 'aws ecs update-service --force-new-deployment',
      replaced: 'A new deployment of the same task definition runs the same image, because tags are immutable. '
        + '`./carebow.sh update` deploys a task definition with the new tag, and ECS returns to the previous one if '
        + 'it fails.',
      proof: service.imageOfTheRegistry,
    },
  ]),

  ...section('Scale Service', [
    {
      words: '--cluster carebow-cluster --service carebow-api',
      replaced: NO_NAME,
      proof: whole.noFixedNames,
    },
    {
      words: '--desired-count 5',
      replaced: 'Scaling would undo the new count. `./carebow.sh scale 5` changes the range of the scaling too.',
      proof: whole.scaleCommand,
    },
    {
      words: '--desired-count 1',
      replaced: '`./carebow.sh scale 1`. A single task is unavailable for minutes if its zone fails.',
      proof: whole.scaleCommand,
    },
  ]),

  ...section('Database Migrations', [
    {
      words: 'docker run --rm -e DATABASE_URL="postgresql://..." carebow-api alembic upgrade head',
      replaced: 'Nobody has the login of the owner, and no computer outside the VPC reaches the database. The stack '
        + 'runs migrate.js in a task before each deployment of a new version, and `./carebow.sh migrate` runs it at '
        + 'any time. The API is a Node.js program, so the example has no Alembic.',
      proof: whole.migrateCommand,
    },
  ]),

  ...section('Health Check', [
    {
      words: 'curl http://your-alb-dns-name/healthz',
      replaced: 'HTTP redirects to HTTPS, and the certificate contains the domain name: '
        + '`curl https://api.carebow.com/healthz`.',
      proof: whole.url,
    },
    { words: 'Expected response: 200 OK', proof: service.health },
  ]),

  ...section('API Testing', [
    {
      words: 'curl -H "Authorization: Bearer YOUR_JWT_TOKEN" http://your-alb-dns-name/api/v1/me',
      replaced: 'The same request over HTTPS. api.server.ts sends it to the program.',
      proof: whole.url,
    },
    {
      words: 'curl -X POST http://your-alb-dns-name/api/v1/symptom-sessions',
      replaced: 'The same request over HTTPS, after the consent of the user. api.server.ts sends it to the program.',
      proof: whole.consent,
    },
  ]),

  ...section('Database Connection', [
    {
      words: 'psql "postgresql://username:password@your-db-endpoint:5432/carebow"',
      replaced: 'Only the tasks reach the database, over TLS with a verified name. OPERATIONS.md describes a session '
        + 'for an administrator.',
      proof: network.tasksReachTheDatabase,
    },
  ]),

  ...section('Stop Services (Keep Infrastructure)', [
    {
      words: 'Scale down to 0 instances',
      replaced: 'Scaling would start two tasks again. `./carebow.sh scale 0` changes the range of the scaling too.',
      proof: whole.scaleCommand,
    },
  ]),

  ...section('Complete Cleanup', [
    {
      words: 'terraform destroy',
      replaced: '`./carebow.sh destroy --confirm CareBow` deletes the stacks. The data, its keys and its backups '
        + 'remain: OPERATIONS.md lists them.',
      proof: whole.destroyCommand,
    },
    { words: 'yes', replaced: 'The name of the stack is the confirmation.', proof: whole.destroyCommand },
  ]),

  ...section('Cost Optimization', [
    {
      words: 'RDS: Use smaller instance types for development',
      notInfrastructure: 'Advice for another environment. OPERATIONS.md, Scaling, names the prop.',
    },
    { words: 'ECS: Scale down during low usage periods', proof: service.scales },
    { words: 'S3: Configure lifecycle policies for old reports', proof: storage.lifecycle },
    {
      words: 'CloudWatch: Reduce log retention periods',
      replaced: 'The retention of an audit trail is a legal requirement. Storage costs 0.03 USD per GB and month.',
      proof: service.logsForSixYears,
    },
  ]),

  ...section('Common Issues', [
    { words: 'ECS Task Failing: aws logs tail /ecs/carebow-api --follow', proof: whole.logsCommand },
    {
      words: 'Database Connection Issues: aws ec2 describe-security-groups',
      proof: whole.describedGroups,
    },
    {
      words: 'S3 Access Denied: aws iam get-role-policy --role-name carebow-ecs-task-role',
      replaced: 'The role has managed policies and a generated name: `aws iam list-attached-role-policies` in '
        + 'OPERATIONS.md.',
      proof: whole.managedPolicies,
    },
    {
      words: 'KMS Decryption Errors: aws kms describe-key --key-id alias/carebow-data',
      replaced: 'The key has no alias. Its ARN is in the variable FIELDS_KEY_ARN of the task, and the log of the API '
        + 'contains the error of KMS.',
      proof: whole.fieldKeyOfTheTask,
    },
  ]),

  ...section('Useful Commands', [
    { words: 'aws ecs describe-services --cluster carebow-cluster', replaced: NO_NAME, proof: whole.noFixedNames },
    { words: 'aws logs tail /ecs/carebow-api --since 1h', replaced: NO_NAME, proof: whole.logsCommand },
    {
      words: 'aws rds describe-db-instances --db-instance-identifier carebow-db',
      replaced: NO_NAME,
      proof: whole.databaseHasNoFixedName,
    },
    {
      words: 'aws ecr list-images --repository-name carebow-api',
      replaced: NO_NAME,
      of: 'images',
      proof: delivery.pushes,
    },
  ]),

  ...section('Immediate Actions', [
    {
      words: 'Deploy Infrastructure: Run `./deploy-backend.sh`',
      replaced: `${ONE_SCRIPT} \`./carebow.sh deploy\`.`,
      proof: whole.everything,
    },
    { words: 'Configure DNS: Point your domain to the ALB', proof: entrance.domain },
    { words: 'Set up SSL: Add ACM certificate for HTTPS', proof: entrance.tls },
    { words: 'Configure Secrets: Set API keys in Secrets Manager', proof: secrets.inSecretsManager },
    {
      words: 'Test Endpoints: Verify all API endpoints work',
      notInfrastructure: `${A_MOMENT} See "Try it" in the README.`,
    },
  ]),

  ...section('Production Readiness', [
    { words: 'Set up Monitoring: Configure CloudWatch alarms', proof: monitoring.everythingIsWatched },
    { words: 'Enable Auto Scaling: Configure ECS auto scaling', proof: service.scales },
    { words: 'Set up CI/CD: GitHub Actions for automated deployments', of: 'delivery', proof: delivery.workflow },
    { words: 'Configure WAF: Add Web Application Firewall', proof: entrance.firewall },
    { words: 'Set up Backup: Configure automated backups', proof: database.dailySnapshots },
  ]),

  ...section('Security Hardening', [
    {
      words: 'Enable MFA: Require MFA for AWS console access',
      replaced: 'Nobody has an IAM user of this app, so there is no user to configure. AWS Config reports users and a '
        + 'root user without MFA, and an alarm fires at a sign-in without it. Require it in IAM Identity '
        + 'Center: OPERATIONS.md, Account.',
      of: 'guardrails',
      proof: account.mfa,
    },
    { words: 'Set up GuardDuty: Enable threat detection', of: 'guardrails', proof: account.guardDuty },
    { words: 'Configure Config: Enable AWS Config for compliance', of: 'guardrails', proof: account.config },
    { words: 'Set up CloudTrail: Enable API logging', of: 'guardrails', proof: account.everyCallIsRecorded },
    {
      words: 'Review IAM: Regular IAM policy reviews',
      replaced: 'People review policies. AWS Config and Access Analyzer evaluate them after each change and report '
        + 'findings, and OPERATIONS.md has the steps of a quarterly review.',
      of: 'guardrails',
      proof: account.policiesAreReviewed,
    },
  ]),

  ...section('Deployment Success', [
    { words: 'Infrastructure Deployed: All AWS resources created', proof: whole.everything },
    { words: 'API Responding: Health checks passing', proof: service.health },
    { words: 'Database Connected: RDS accessible from ECS', proof: network.tasksReachTheDatabase },
    { words: 'Secrets Configured: API keys stored securely', proof: secrets.securely },
    { words: 'Logs Flowing: CloudWatch logs working', proof: service.logs },
  ]),

  ...section('Performance Targets', [
    {
      words: 'Response Time: < 200ms for health checks',
      replaced: 'The load balancer has no metric of its health checks. The alarm applies the limit to 95 % of the '
        + 'responses of all requests. performance.server.ts measures health checks.',
      proof: monitoring.responseTime,
    },
    {
      words: 'Availability: 99.9% uptime',
      replaced: 'The alarm fires when less than 99.9 % of the requests of an hour succeed.',
      proof: monitoring.availability,
    },
    {
      words: 'Throughput: 1000+ requests per minute',
      replaced: 'The alarm fires when clients send more requests than performance.server.ts measures.',
      proof: monitoring.throughput,
    },
    { words: 'Error Rate: < 0.1% error rate', proof: monitoring.errorRate },
  ]),
];
