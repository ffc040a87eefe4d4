import * as database from './proof/database';
import * as entrance from './proof/entrance';
import * as observation from './proof/observation';
import * as secrets from './proof/secrets';
import * as service from './proof/service';
import * as whole from './proof/whole';
import { Fact } from '../../support/template/facts';

const TITLE = 'Title';
const NODES = 'Diagram, nodes';
const ARROWS = 'Diagram, arrows';
const STYLE = 'Diagram, style';
const FLOW = 'Flow';
const SERVICES = 'Key AWS Services & Security Practices';
const OPERATION = 'Operational Best Practices';

const NO_TERRAFORM = 'This is an AWS CDK app without Terraform. No tool on a person\'s machine creates or reads a '
  + 'value, and no state file contains one:';

/** The document of the system, statement by statement, in its order. */
export const FACTS: Fact[] = [
  { section: TITLE, words: 'Backend AWS Architecture', shown: whole.theWholeBackend },
  { section: TITLE, words: '(api.mentalhealthaide.com)', shown: whole.ownDomain },

  {
    section: NODES,
    words: 'User',
    notInfrastructure:
      'The caller is a person or a program outside AWS. The arrow from User to Route 53 shows how ' +
      'requests arrive.',
  },
  { section: NODES, words: 'Route 53: DNS', shown: entrance.domainPointsAtLoadBalancer },
  { section: NODES, words: 'Application Load Balancer', shown: entrance.applicationLoadBalancer },
  { section: NODES, words: 'Application Load Balancer: HTTPS', shown: entrance.listensOnHttps },
  { section: NODES, words: 'Application Load Balancer: WAF', shown: entrance.firewallBlocks },
  { section: NODES, words: 'ACM: TLS/SSL Certs', shown: entrance.certificateOfTheDomain },
  { section: NODES, words: 'ECS Fargate', shown: service.runsOnFargate },
  { section: NODES, words: 'ECS Fargate: Node/Express API', shown: service.nodeExpressApi },
  { section: NODES, words: 'RDS MySQL', shown: database.mysql },
  { section: NODES, words: 'RDS MySQL: Encrypted DB', shown: database.databaseIsEncryptedEverywhere },
  { section: NODES, words: 'Secrets Manager', shown: secrets.secretsOfTheManager },
  { section: NODES, words: 'Secrets Manager: KMS', shown: secrets.secretsAreEncrypted },
  { section: NODES, words: 'Secrets Manager: Rotation', shown: secrets.rotatesBoth },
  { section: NODES, words: 'CloudWatch Logs', shown: observation.logsOfEverything },
  { section: NODES, words: 'CloudWatch Logs: KMS', shown: observation.logsAreEncrypted },
  { section: NODES, words: 'AWS Inspector v2', shown: whole.inspectorIsOn },
  { section: NODES, words: 'KMS CMK', shown: whole.ownKeys },

  {
    section: ARROWS,
    words: 'User → https://api.mentalhealthaide.com → Route 53',
    shown: entrance.clientsComeInOverHttps,
  },
  { section: ARROWS, words: 'Route 53 → DNS resolves to → ALB', shown: entrance.domainPointsAtLoadBalancer },
  { section: ARROWS, words: 'ALB → HTTPS forwards → ECS', shown: entrance.forwardsHttps },
  { section: ARROWS, words: 'ALB → Uses cert → ACM', shown: entrance.usesTheCertificate },
  { section: ARROWS, words: 'ALB → WAF attached → ALB', shown: entrance.firewallIsAttached },
  { section: ARROWS, words: 'ECS → Reads/writes → RDS', shown: service.reachesTheDatabase },
  { section: ARROWS, words: 'ECS → Fetches secrets → Secrets Manager', shown: secrets.fetchesItsSecrets },
  { section: ARROWS, words: 'ECS → Logs to → CloudWatch', shown: service.logsToCloudWatch },
  { section: ARROWS, words: 'ECS → Scanned by → Inspector', shown: whole.scansWhatRuns },
  { section: ARROWS, words: 'RDS → Encrypted at rest → KMS', shown: database.databaseIsEncrypted },
  { section: ARROWS, words: 'Secrets → Encrypted → KMS', shown: secrets.secretsAreEncrypted },
  { section: ARROWS, words: 'CloudWatch → Encrypted → KMS', shown: observation.logsAreEncrypted },

  {
    section: STYLE,
    words: 'class Route53, ALB, ACM, ECS, RDS, Secrets, CloudWatch, Inspector, KMS: aws',
    shown: whole.onlyServicesOfAws,
  },

  {
    section: FLOW,
    words: '1. User/API client calls https://api.mentalhealthaide.com',
    shown: entrance.clientsComeInOverHttps,
  },
  { section: FLOW, words: '2. Route 53 resolves the domain to the ALB', shown: entrance.domainPointsAtLoadBalancer },
  { section: FLOW, words: '3. ALB with ACM TLS cert', shown: entrance.usesTheCertificate },
  { section: FLOW, words: '3. ALB with WAF', shown: entrance.firewallIsAttached },
  { section: FLOW, words: '3. ALB forwards HTTPS traffic to ECS Fargate service', shown: entrance.forwardsHttps },
  { section: FLOW, words: '4. ECS runs the Node/Express backend', shown: service.nodeExpressApi },
  { section: FLOW, words: '4. ECS connects to RDS (MySQL)', shown: service.reachesTheDatabase },
  { section: FLOW, words: '4. ECS fetches db_password from Secrets Manager', shown: secrets.fetchesDatabasePassword },
  { section: FLOW, words: '4. ECS fetches jwt_secret from Secrets Manager', shown: secrets.fetchesJwtSecret },
  {
    section: FLOW,
    words: '4. db_password and jwt_secret generated by Terraform',
    replaced: `${NO_TERRAFORM} RDS creates db_password, and Secrets Manager creates jwt_secret.`,
    shown: secrets.generatesBoth,
  },
  {
    section: FLOW,
    words: '4. db_password and jwt_secret rotated by Terraform',
    replaced: `${NO_TERRAFORM} RDS rotates db_password, a function of Secrets Manager rotates jwt_secret, and the `
      + 'service restarts its tasks after each.',
    shown: secrets.rotatesByItself,
  },
  { section: FLOW, words: '4. db_password and jwt_secret encrypted with KMS', shown: secrets.secretsAreEncrypted },
  { section: FLOW, words: '4. ECS logs to CloudWatch', shown: service.logsToCloudWatch },
  { section: FLOW, words: '4. CloudWatch encrypted with KMS', shown: observation.logsAreEncrypted },
  { section: FLOW, words: '5. Inspector v2 scans ECS for vulnerabilities', shown: whole.scansWhatRuns },
  { section: FLOW, words: '5. Inspector v2 scans ECR for vulnerabilities', shown: whole.scansRepositories },

  { section: SERVICES, words: 'ECS Fargate: Runs backend containers', shown: service.runsContainers },
  { section: SERVICES, words: 'ALB: Load balancing', shown: entrance.balancesOverTwoZones },
  { section: SERVICES, words: 'ALB: HTTPS', shown: entrance.listensOnHttps },
  { section: SERVICES, words: 'ALB: WAF', shown: entrance.firewallIsAttached },
  { section: SERVICES, words: 'RDS: MySQL database', shown: database.mysql },
  { section: SERVICES, words: 'RDS: encrypted at rest with KMS', shown: database.databaseIsEncrypted },
  { section: SERVICES, words: 'RDS: password rotated via Secrets Manager', shown: secrets.rotatesDatabasePassword },
  { section: SERVICES, words: 'Secrets Manager: Generates db_password', shown: secrets.generatesDatabasePassword },
  { section: SERVICES, words: 'Secrets Manager: Generates jwt_secret', shown: secrets.generatesJwtSecret },
  { section: SERVICES, words: 'Secrets Manager: rotates db_password', shown: secrets.rotatesDatabasePassword },
  { section: SERVICES, words: 'Secrets Manager: rotates jwt_secret', shown: secrets.rotatesJwtSecret },
  { section: SERVICES, words: 'Secrets Manager: KMS-encrypted', shown: secrets.secretsAreEncrypted },
  {
    section: SERVICES,
    words: 'Secrets Manager: Twilio/OpenAI keys are NOT managed here',
    shown: secrets.noKeysOfPartners,
  },
  { section: SERVICES, words: 'CloudWatch: Logs', shown: observation.logsOfEverything },
  { section: SERVICES, words: 'CloudWatch: metrics', shown: observation.metricsAreWatched },
  { section: SERVICES, words: 'CloudWatch: Logs encrypted with KMS', shown: observation.logsAreEncrypted },
  {
    section: SERVICES,
    words: 'CloudWatch: metrics encrypted with KMS',
    replaced:
      'CloudWatch encrypts metrics with its own keys and accepts no other key. Metrics are numbers about ' +
      'resources, without PHI. A customer managed key encrypts the alarm messages, which leave CloudWatch.',
    shown: observation.alarmsAreEncrypted,
  },
  { section: SERVICES, words: 'Route 53: DNS', shown: entrance.domainPointsAtLoadBalancer },
  { section: SERVICES, words: 'ACM: TLS/SSL certificates', shown: entrance.certificateOfTheDomain },
  { section: SERVICES, words: 'KMS: Encryption for RDS', shown: database.databaseIsEncrypted },
  { section: SERVICES, words: 'KMS: Encryption for CloudWatch', shown: observation.logsAreEncrypted },
  { section: SERVICES, words: 'KMS: Encryption for Secrets', shown: secrets.secretsAreEncrypted },
  { section: SERVICES, words: 'Inspector v2: Vulnerability scanning for ECR', shown: whole.scansRepositories },
  { section: SERVICES, words: 'Inspector v2: Vulnerability scanning for EC2', shown: whole.scansInstances },
  { section: SERVICES, words: 'Inspector v2: Vulnerability scanning for ECS', shown: whole.scansWhatRuns },

  {
    section: OPERATION,
    words: 'Secrets are rotated automatically (30 days) via Secrets Manager',
    replaced: 'Secrets rotate once a month, on the first Sunday in the maintenance window, because the password of the '
      + 'database changes at once. Secrets Manager starts a period of exactly 30 days only at midnight UTC.',
    shown: secrets.rotatesByItself,
  },
  {
    section: OPERATION,
    words: 'No hardcoded secrets in tfvars',
    replaced:
      'There are no tfvars. app.ts passes four props: two domain names, a zone ID and an email address. The ' +
      'only parameter of the template is the version of the bootstrap stack.',
    shown: secrets.nothingIsHandedIn,
  },
  { section: OPERATION, words: 'No hardcoded secrets in code', shown: secrets.noSecretInTheCode },
  {
    section: OPERATION,
    words: 'Use `terraform plan` to detect drift',
    notInfrastructure:
      'A command of a person. `npx cdk diff` compares the code with the deployed template, and `npx ' +
      'cdk drift` compares the deployed template with the resources. OPERATIONS.md describes both.',
  },
  {
    section: OPERATION,
    words: 're-run `apply` to recover from interruptions',
    replaced:
      '`npx cdk deploy` replaces apply. CloudFormation completes or rolls back a deployment even if the ' +
      'caller is interrupted, and no name of the failed attempt blocks the next one. (OPERATIONS.md explains how ' +
      'to delete a first deployment that failed after it created the database, because its deletion protection is ' +
      'on.)',
    shown: whole.canBeDeployedAgain,
  },
  {
    section: OPERATION,
    words: 're-run `destroy` to recover from interruptions',
    replaced:
      '`npx cdk destroy` replaces destroy, and can run again. The data remains at whatever point it was ' +
      'interrupted.',
    shown: whole.keepsTheDataWhenDestroyed,
  },
  { section: OPERATION, words: 'S3 is encrypted', shown: whole.bucketsAreEncrypted },
  { section: OPERATION, words: 'S3 is versioned', shown: whole.bucketsAreVersioned },
  { section: OPERATION, words: 'RDS is encrypted', shown: database.databaseIsEncryptedEverywhere },
  {
    section: OPERATION,
    words: 'RDS is versioned',
    replaced:
      'A database has no versions. RDS keeps every second of the last 35 days, and AWS Backup keeps a ' +
      'snapshot of each day.',
    shown: database.databaseCanGoBack,
  },
  { section: OPERATION, words: 'logs are encrypted', shown: observation.logsAreEncrypted },
  {
    section: OPERATION,
    words: 'logs are versioned',
    replaced:
      'A log group has no versions, because its entries cannot change. Entries are kept for a year, and ' +
      'audit logs for six years, also after the stack is deleted. No role of the stack may delete them. Log files ' +
      'in S3 have versions, see "S3 is versioned".',
    shown: observation.logsStay,
  },
];
