import { Row, section, TYPED } from './section';
import * as compute from '../proof/compute';
import * as database from '../proof/database';
import * as entrance from '../proof/entrance';
import * as monitoring from '../proof/monitoring';
import * as network from '../proof/network';
import * as whole from '../proof/whole';

const RDS_PASSWORD = 'Nobody chooses the password of the administrator. RDS generates it, stores it in Secrets '
  + 'Manager and rotates it monthly.';

export const OPERATIONS: Row[] = [
  ...section('Prerequisites', [
    {
      words: 'AWS CLI installed and configured',
      notInfrastructure: 'A program on the computer of a person. The README lists it.',
    },
    {
      words: 'Appropriate AWS permissions',
      notInfrastructure: 'The permissions of the person who deploys. The README lists them.',
    },
    { words: 'SSL/TLS certificate in AWS Certificate Manager', proof: entrance.certificate },
  ]),

  ...section('Usage', [
    {
      words: 'Choose the appropriate stack template: `backend-stack.yaml` for Aurora Serverless v2',
      replaced: 'The value `capacity` is a capacity range of Aurora: app.ts.',
      of: ['aurora'],
      proof: database.chosenCapacity,
    },
    {
      words: '`backend-stack-with-rds.yaml` for traditional RDS',
      replaced: 'The value `capacity` is an instance type: app.instance.ts.',
      of: ['instance'],
      proof: database.chosenCapacity,
    },
    {
      words: 'Configure the corresponding parameters file: `params.json` for Aurora stack',
      replaced: `${TYPED} parameters.ts.`,
      of: ['aurora'],
      proof: whole.parameters,
    },
    {
      words: '`params-with-rds.json` for RDS stack',
      replaced: `${TYPED} parameters.ts.`,
      of: ['instance'],
      proof: whole.parameters,
    },
  ]),

  ...section('Deployment Instructions', [
    {
      words: 'Create a parameters file: "ParameterKey": "MyProjectName"',
      replaced: `${TYPED} parameters.ts.`,
      proof: whole.parameters,
    },
    {
      words: 'aws cloudformation create-stack',
      replaced: '`npx cdk deploy`, which creates or updates the stack. See the README.',
      proof: whole.everything,
    },
    {
      words: '--stack-name your-stack-name',
      replaced: 'The name of the stack consists of the name of the project and the environment.',
      proof: whole.prod,
    },
    {
      words: '--template-body file://backend-stack.yaml',
      replaced: 'The template is larger than the limit of this option. The CDK uploads it.',
      proof: whole.everything,
    },
    { words: '--parameters file://params.json', replaced: `${TYPED} parameters.ts.`, proof: whole.parameters },
    {
      words: '--capabilities CAPABILITY_IAM CAPABILITY_NAMED_IAM',
      replaced: 'The CDK passes the capabilities. No role has a fixed name, so that two copies of the stack can exist.',
      proof: whole.unnamedRoles,
    },
  ]),

  ...section('Deployment Parameters', [
    { words: '`MyProjectName`: Name of your project', proof: whole.prod },
    { words: '`Environment`: Deployment environment (dev/staging/prod)', of: ['dev'], proof: whole.dev },
    { words: '`MyIPAddress`: Whitelisted IP address for SSH access', proof: network.bastionAccess },
    {
      words: '`CertificateArn`: SSL certificate ARN (if using HTTPS)',
      replaced: 'HTTPS is not an option: HTTP redirects to it.',
      proof: entrance.certificate,
    },
    {
      words: '`RDSInstanceType`: Aurora capacity range (ACUs) or RDS instance type',
      replaced: 'The value `capacity` of the stack. Its type chooses the database.',
      proof: database.chosenCapacity,
    },
    { words: '`MyDatabaseName`', proof: database.databaseName },
    {
      words: '`MyDatabaseUser`',
      replaced: 'The administrator is `dbowner`, and no program uses it. Each program has a user with the privileges '
        + 'that it needs.',
      proof: database.ownUsers,
    },
    {
      words: '`MyDatabasePassword`',
      replaced: `${RDS_PASSWORD} A parameter would show it to everyone who can describe the stack.`,
      proof: database.generatedCredentials,
    },
  ]),

  ...section('Monitoring', [
    { words: 'CloudWatch alarms for database metrics', proof: monitoring.databaseMetrics },
    { words: 'Enhanced monitoring for detailed OS metrics', proof: monitoring.operatingSystem },
    { words: 'Performance Insights for query analysis', proof: database.performanceInsights },
    { words: 'Automated backup monitoring', proof: monitoring.backupMetrics },
  ]),

  ...section('Security Best Practices: Database Access', [
    { words: 'Use RDS Proxy for connection pooling', proof: database.pooled },
    {
      words: 'Restrict direct access to private subnets',
      replaced: 'Security groups restrict the access: only the proxy, the bastion and the function of the database '
        + 'users connect to the database. The bastion is in a public subnet.',
      proof: network.databaseClients,
    },
    { words: 'Implement least privilege IAM roles', proof: whole.leastPrivilege },
  ]),

  ...section('Security Best Practices: Network Security', [
    {
      words: 'Place database in private subnets',
      replaced: 'The subnets of the database are isolated: they have no route to the internet.',
      proof: network.databaseIsIsolated,
    },
    { words: 'Configure security groups for minimal access', proof: whole.minimalAccess },
    { words: 'Enable encryption in transit', proof: whole.encryptedInTransit },
  ]),

  ...section('Security Best Practices: Data Protection', [
    { words: 'Enable encryption at rest', proof: whole.encryptedAtRest },
    { words: 'Configure automated backups', proof: database.backups },
    { words: 'Use secrets management for credentials', proof: database.leastSecrets },
  ]),

  ...section('Cost Optimization', [
    {
      words: 'Aurora Serverless v2 for cost-effective database scaling', of: ['aurora'], proof: database.serverless,
    },
    { words: 'Optional Spot Instance support for ECS', of: ['dev'], proof: compute.withoutSpot },
    { words: 'S3 lifecycle policies for log management', proof: entrance.logLifecycle },
    { words: 'Auto-scaling based on demand', proof: compute.scales },
  ]),
];
