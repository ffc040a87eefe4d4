import {
  add,
  at,
  container,
  development,
  distribution,
  edit,
  images,
  matching,
  migrationContainer,
  MIGRATIONS_RUN,
  Mutation,
  named,
  open,
  production,
  Properties,
  remove,
  ROTATION,
  set,
  statements,
} from './changes';
import * as type from '../proof/parts';
import { SECURITY } from '../statements/practice';

/** Changes to the security of the system, each with the row that it must fail. */
export const SECURITY_CHANGES: Mutation[] = [
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
    edit(type.FUNCTION, (given) => (given.Environment = { Variables: { DB_PASSWORD: 'hunter2' } }),
      named('ApiRollerFunction')),
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
    SECURITY,
    'IAM Roles: Least privilege access',
    'every role for the function that runs the migrations',
    statements((all) => (all.find(({ Action }) => Action === 'iam:PassRole')!.Resource = '*'), MIGRATIONS_RUN),
  ),
  production(
    SECURITY,
    'IAM Roles: Least privilege access',
    'every service for the roles of the migrations',
    statements((all) => delete all.find(({ Action }) => Action === 'iam:PassRole')!.Condition, MIGRATIONS_RUN),
  ),
  production(
    SECURITY,
    'Encryption in Transit: ECS → RDS: SSL/TLS (enforced)',
    'migrations that do not verify',
    migrationContainer(
      ({ Environment }) => (Environment.find(({ Name }: Properties) => Name === 'PGSSLMODE').Value = 'require'),
    ),
  ),
  production(
    SECURITY,
    'Secrets Management: No secrets in code',
    'a password in the value of a login',
    edit(
      type.SECRET,
      (secret) => (secret.GenerateSecretString.SecretStringTemplate = '{"username":"api_1","password":"hunter2"}'),
      named('DatabaseUsersApi'),
    ),
  ),
  production(
    SECURITY,
    'Private Subnets: ECS has no direct internet access',
    'public IP addresses',
    set(type.SUBNET, { MapPublicIpOnLaunch: true }, at('10.0.12.0/24')),
  ),
  production(
    SECURITY,
    'Private Subnets: RDS has no direct internet access',
    'public',
    set(type.DATABASE, { PubliclyAccessible: true }),
  ),
  production(
    SECURITY,
    'VPC Flow Logs: All network traffic logged for audit',
    'for one year',
    set(type.LOG_GROUP, { RetentionInDays: 365 }, named('NetworkFlowLogGroup')),
  ),
  production(
    SECURITY,
    'Encryption at Rest: RDS: AES-256 encryption',
    'no encryption',
    set(type.DATABASE, { StorageEncrypted: false }),
  ),
  images(
    SECURITY,
    'Encryption at Rest: ECR: AES-256 encryption',
    'a key without rotation',
    set(type.KEY, { EnableKeyRotation: false }),
  ),
  production(
    SECURITY,
    'Encryption at Rest: Secrets Manager: AWS KMS encryption',
    'the default key for the database password',
    edit(type.DATABASE, (database) => delete database.MasterUserSecret.KmsKeyId),
  ),
  production(
    SECURITY,
    'Encryption in Transit: ALB → Internet: HTTPS (TLS 1.2+)',
    'TLS 1.0',
    set(type.LISTENER, { SslPolicy: 'ELBSecurityPolicy-2016-08' }, ({ Port }) => Port === 443),
  ),
  production(
    SECURITY,
    'Encryption in Transit: CloudFront → Browser: HTTPS',
    'pages over HTTP',
    distribution(({ DefaultCacheBehavior }) => (DefaultCacheBehavior.ViewerProtocolPolicy = 'allow-all')),
  ),
  production(
    SECURITY,
    'Secrets Management: Rotation supported',
    'no schedule for the key ring',
    remove(type.SCHEDULE, ({ SecretId }) => JSON.stringify(SecretId).includes('SecretsKeyRings')),
  ),
  production(
    SECURITY,
    'No Public Access: RDS and ECS in private subnets',
    'tasks in public subnets',
    (template) => {
      const Subnets = ['10.0.1.0/24', '10.0.2.0/24'].map((range) => ({
        Ref: matching(template, type.SUBNET, at(range))[0][0],
      }));
      edit(type.SERVICE, ({ NetworkConfiguration }) =>
        Object.assign(NetworkConfiguration.AwsvpcConfiguration, { Subnets }),
      )(template);
    },
  ),
];
