import * as proofs from './proofs';
import { Proof } from './proofs';

/** The part of an account that meets a rule. */
export type Responsibility = 'constructs' | 'prop' | 'guardrails' | 'person' | 'nothing';

/** The statement about one rule of the pack. */
export interface Claim {
  readonly responsibility: Responsibility;
  /** The construct or prop that meets the rule, in a cell of the table. Names are between backticks. */
  readonly by: string;
  /** An explanation below the table. */
  readonly note?: string;
  /** The property of a template that shows it. */
  readonly proof?: Proof;
  /** The resource types that the rule evaluates and the library does not create. */
  readonly absent?: string[];
  /** The reason why no template shows it. */
  readonly unseen?: string;
}

const NO_USER_RESOURCES = 'CloudFormation has no resource for the root user or for people';
const NOT_CREATED = 'the library does not create the resource that the rule requires, so no template shows it';

const met = (by: string, proof: Proof, note?: string): Claim => ({ responsibility: 'constructs', by, proof, note });
const metWith = (by: string, proof: Proof, note?: string): Claim => ({ responsibility: 'prop', by, proof, note });
const metByGuardrails = (by: string, proof: Proof, note?: string): Claim => ({
  responsibility: 'guardrails',
  by,
  proof,
  note,
});
const metUnseen = (by: string, unseen: string): Claim => ({ responsibility: 'constructs', by, unseen });
const person = (by: string, unseen = NO_USER_RESOURCES, note?: string): Claim => ({
  responsibility: 'person',
  by,
  unseen,
  note,
});
const nothing = (what: string, ...absent: string[]): Claim => ({
  responsibility: 'nothing', by: `The library creates no ${what}`, absent,
});
const exclude = (by: string, note: string, proof?: Proof): Claim => ({
  responsibility: 'prop', by: `${by}: exclude the rule`, note, ...proof ? { proof } : { unseen: NOT_CREATED },
});

const TRAIL = '`Guardrail.TRAIL`';
const BASTIONS = '`SsmBastion`, `SshBastion`';
const RECREATED = 'A deployment recreates all data of a bastion. An instance of `Ec2Capacity` contains images and '
  + 'temporary files of tasks, and is replaced each week.';
const DYNAMO = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'];
const REDSHIFT = nothing('Redshift cluster', 'AWS::Redshift::Cluster', 'AWS::RedshiftServerless::Namespace');
const OPENSEARCH = nothing('OpenSearch domain', 'AWS::OpenSearchService::Domain', 'AWS::OpenSearch::Domain');
const ELASTICSEARCH = nothing('Elasticsearch domain', 'AWS::Elasticsearch::Domain');
const API = nothing('API Gateway stage', 'AWS::ApiGateway::Stage', 'AWS::ApiGatewayV2::Stage');
const CLASSIC = nothing('Classic Load Balancer', 'AWS::ElasticLoadBalancing::LoadBalancer');
const CODEBUILD = nothing('CodeBuild project', 'AWS::CodeBuild::Project');
const USER = nothing('IAM user', 'AWS::IAM::User', 'AWS::IAM::AccessKey', 'AWS::IAM::Group');
const SAGEMAKER = nothing('SageMaker resource', 'AWS::SageMaker::EndpointConfig', 'AWS::SageMaker::NotebookInstance');

/** The statement about each rule of the pack. */
export const CLAIMS: Record<string, Claim> = {
  // --- the account
  'cloudtrail-enabled': metByGuardrails(TRAIL, proofs.TRAIL_LOGS),
  'multi-region-cloudtrail-enabled': metByGuardrails(TRAIL, proofs.TRAIL_EVERYWHERE),
  'cloud-trail-cloud-watch-logs-enabled': metByGuardrails(TRAIL, proofs.TRAIL_IN_LOG_GROUP),
  'cloud-trail-encryption-enabled': metByGuardrails(TRAIL, proofs.TRAIL_WITH_KMS_KEY),
  'cloud-trail-log-file-validation-enabled': metByGuardrails(TRAIL, proofs.TRAIL_VALIDATED),
  'cloudtrail-s3-dataevents-enabled': metByGuardrails(
    `${TRAIL} without \`phiBuckets\``,
    proofs.TRAIL_OF_EVERY_BUCKET,
    '`phiBuckets` excludes the other buckets of the account.',
  ),
  'guardduty-enabled-centralized': metByGuardrails(
    '`Guardrail.GUARD_DUTY`',
    proofs.switchedOn('Custom::GuardDutyFeature', 'Feature', 'DETECTOR'),
  ),
  'securityhub-enabled': metByGuardrails(
    '`Guardrail.SECURITY_HUB`',
    proofs.switchedOn('Custom::SecurityHubStandard', 'Standard', 'HUB'),
  ),
  's3-account-level-public-access-blocks-periodic': metByGuardrails(
    '`Guardrail.S3_PUBLIC_ACCESS`',
    proofs.switchedOn('Custom::AccountSetting', 'Setting', 'S3_PUBLIC_ACCESS_BLOCK'),
  ),
  'ec2-ebs-encryption-by-default': metByGuardrails(
    '`Guardrail.EBS_ENCRYPTION`',
    proofs.switchedOn('Custom::AccountSetting', 'Setting', 'EBS_ENCRYPTION'),
  ),
  'iam-password-policy': metByGuardrails('`Guardrail.PASSWORD_POLICY`', proofs.PASSWORDS),

  // --- tasks of people
  'annual-risk-assessment-performed': person(
    'A person confirms it in the AWS Config console, once per year',
    'the risk analysis is a process without a resource',
  ),
  'iam-root-access-key-check': person(
    'The owner of the root user creates no access key for it',
    NO_USER_RESOURCES,
    'An alarm of `Guardrail.TRAIL` fires when the root user is used.',
  ),
  'root-account-mfa-enabled': person('The owner of the root user enables MFA'),
  'root-account-hardware-mfa-enabled': person('The owner of the root user enables hardware MFA'),

  // --- identities and permissions
  'access-keys-rotated': USER,
  'iam-user-mfa-enabled': USER,
  'iam-user-no-policies-check': USER,
  'iam-user-unused-credentials-check': USER,
  'mfa-enabled-for-iam-console-access': {
    ...USER, note: 'An alarm of `Guardrail.TRAIL` reports console logins without MFA.',
  },
  'iam-no-inline-policy-check': exclude(
    'Every role of the library, but not every role of the CDK',
    'aws-cdk-lib empties buckets with disposable data with a function whose role has an inline policy.',
    proofs.NO_INLINE_POLICY,
  ),
  'iam-inline-policy-blocked-kms-actions': met('Every construct', proofs.NO_INLINE_DECRYPTION),
  'iam-customer-policy-blocked-kms-actions': met(
    'Every construct: a statement about decryption names its key',
    proofs.NO_WIDE_DECRYPTION,
  ),
  'iam-policy-no-statements-with-admin-access': met('Every construct', proofs.NO_ADMINISTRATOR),
  'iam-policy-no-statements-with-full-access': met('Every construct: statements name actions', proofs.NO_FULL_ACCESS),
  'kms-cmk-not-scheduled-for-deletion': met(
    'Every construct: keys are retained, unless data is disposable',
    proofs.RETAINED_KEY,
  ),
  'lambda-function-public-access-prohibited': met(
    'Every construct: a permission names the service and the source',
    proofs.NO_PUBLIC_FUNCTION,
  ),
  'ssm-document-not-public': metUnseen(
    '`SsmBastion` does not share its session document',
    'CloudFormation has no property that shares a document',
  ),

  // --- network
  'subnet-auto-assign-public-ip-disabled': met('`HipaaVpc`', proofs.NO_PUBLIC_IPS_IN_SUBNETS),
  'vpc-default-security-group-closed': met('`HipaaVpc`', proofs.DEFAULT_GROUP_CLOSED),
  'vpc-flow-logs-enabled': met('`HipaaVpc`', proofs.FLOW_LOGS),
  'restricted-ssh': met('Every construct: `SshBastion` opens port 22 to at most 256 addresses', proofs.SSH_CLOSED),
  'restricted-common-ports': met('Every construct', proofs.COMMON_PORTS_CLOSED),
  'vpc-sg-open-only-to-authorized-ports': metWith(
    'Set `authorizedTcpPorts` to `80,443` for `SecureLoadBalancer`',
    proofs.ONLY_WEB_PORTS,
  ),
  'internet-gateway-authorized-vpc-only': metWith(
    'Set `AuthorizedVpcIds` to the VPC of `HipaaVpc`, or use `NatStrategy.none()`',
    proofs.packGets('AuthorizedVpcIds'),
  ),
  'no-unrestricted-route-to-igw': exclude(
    'Only the public subnets of `HipaaVpc` have a route to an internet gateway',
    'The public subnets contain only load balancers, NAT gateways and each `SshBastion`.',
    proofs.ONLY_PUBLIC_SUBNETS_ROUTED,
  ),
  'vpc-vpn-2-tunnels-up': nothing('VPN connection', 'AWS::EC2::VPNConnection'),

  // --- machines
  'ec2-imdsv2-check': met(BASTIONS, proofs.IMDS_V2),
  'ec2-instance-managed-by-systems-manager': met(
    `${BASTIONS}: they have the role and the network path for Systems Manager`,
    proofs.HAS_PROFILE,
  ),
  'ec2-instance-no-public-ip': met(
    '`SsmBastion`',
    proofs.NO_PUBLIC_IP,
    'The rule reports the Elastic IP address of `SshBastion`. For an app with this bastion, exclude the rule.',
  ),
  'ec2-instance-profile-attached': met(BASTIONS, proofs.HAS_PROFILE),
  'ec2-instances-in-vpc': met(BASTIONS, proofs.IN_A_VPC),
  'ec2-managedinstance-association-compliance-status-check': met(
    `${BASTIONS}: an association patches them, and they can run those of Inspector`,
    proofs.PATCHED,
  ),
  'ec2-managedinstance-patch-compliance-status-check': met(
    `${BASTIONS}: an association patches them`,
    proofs.PATCHED,
    'The instances of `Ec2Capacity` have no such association: their renewal replaces them with the latest image.',
  ),
  'ec2-stopped-instance': metUnseen(
    `${BASTIONS}: they run, unless a person stops them for 30 days`,
    'only a person stops an instance, which no template shows',
  ),
  'encrypted-volumes': met(BASTIONS, proofs.DISKS_ENCRYPTED),
  'ebs-in-backup-plan': exclude(`The volumes of ${BASTIONS} and \`Ec2Capacity\``, RECREATED),
  'ec2-resources-protected-by-backup-plan': exclude(`${BASTIONS}, the instances of \`Ec2Capacity\``, RECREATED),
  'ebs-snapshot-public-restorable-check': {
    responsibility: 'nothing',
    by: 'The library creates no EBS snapshot',
    unseen: 'CloudFormation has no resource type for a snapshot',
  },
  'autoscaling-group-elb-healthcheck-required': {
    responsibility: 'nothing',
    by: 'No group of `Ec2Capacity` has a load balancer',
    unseen: 'load balancers have tasks as targets, and the rule evaluates only groups that are targets',
  },
  'autoscaling-launch-config-public-ip-disabled': nothing(
    'launch configuration',
    'AWS::AutoScaling::LaunchConfiguration',
  ),
  'elastic-beanstalk-managed-updates-enabled': nothing(
    'Elastic Beanstalk environment',
    'AWS::ElasticBeanstalk::Environment',
  ),
  'emr-kerberos-enabled': nothing('EMR cluster', 'AWS::EMR::Cluster'),
  'emr-master-no-public-ip': nothing('EMR cluster', 'AWS::EMR::Cluster'),

  // --- services and load balancers
  'ecs-containers-readonly-access': met('`SecureFargateService`', proofs.READ_ONLY_CONTAINERS),
  'ecs-task-definition-user-for-host-mode-check': met(
    '`SecureFargateService`: no task uses the network of the host',
    proofs.NO_HOST_NETWORK,
  ),
  'alb-http-to-https-redirection-check': met('`SecureLoadBalancer`', proofs.HTTP_REDIRECTS),
  'alb-waf-enabled': met('`SecureLoadBalancer`', proofs.BEHIND_FIREWALL),
  'elb-deletion-protection-enabled': met(
    '`SecureLoadBalancer`, unless data is disposable',
    proofs.PROTECTED_LOAD_BALANCER,
  ),
  'elb-logging-enabled': met('`SecureLoadBalancer`', proofs.LOGGED_LOAD_BALANCER),
  'elbv2-acm-certificate-required': met(
    '`SecureLoadBalancer`: a listener without a certificate only redirects',
    proofs.HAS_CERTIFICATE,
  ),
  'acm-certificate-expiration-check': met(
    '`SecureLoadBalancer` with `hostedZone`: ACM renews its DNS-validated certificate',
    proofs.RENEWED_CERTIFICATE,
  ),
  'wafv2-logging-enabled': met('`WebFirewall`', proofs.FIREWALL_LOGGED),
  'elb-acm-certificate-required': CLASSIC,
  'elb-cross-zone-load-balancing-enabled': CLASSIC,
  'elb-predefined-security-policy-ssl-check': CLASSIC,
  'elb-tls-https-listeners-only': CLASSIC,
  'api-gw-associated-with-waf': API,
  'api-gw-execution-logging-enabled': API,
  'api-gw-ssl-enabled': API,
  'cloudwatch-alarm-action-check': metWith(
    '`WorkloadMonitoring`: set `insufficientDataActionRequired` to `false`',
    proofs.ALARM_ACTS,
    'Every alarm sends a message when it fires and when it ends, and defines how to treat missing data. Insufficient ' +
      'data requires no action.',
  ),
  'sns-encrypted-kms': met('`WorkloadMonitoring`', proofs.TOPIC_WITH_KMS_KEY),

  // --- databases and backups
  'db-instance-backup-enabled': met('`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`', proofs.BACKED_UP),
  'rds-in-backup-plan': met('`EncryptedDatabaseInstance`', proofs.INSTANCE_IN_PLAN),
  'aurora-resources-protected-by-backup-plan': met('`EncryptedAuroraCluster`', proofs.CLUSTER_IN_PLAN),
  'rds-automatic-minor-version-upgrade-enabled': met(
    '`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`',
    proofs.MINOR_VERSIONS,
  ),
  'rds-cluster-deletion-protection-enabled': met(
    '`EncryptedAuroraCluster`, unless data is disposable',
    proofs.PROTECTED_CLUSTER,
  ),
  'rds-cluster-multi-az-enabled': met(
    '`EncryptedAuroraCluster`: a reader in another zone',
    proofs.READER_IN_ANOTHER_ZONE,
  ),
  'rds-enhanced-monitoring-enabled': met(
    '`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`',
    proofs.ENHANCED_MONITORING,
  ),
  'rds-instance-public-access-check': met(
    '`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`',
    proofs.PRIVATE_DATABASE,
  ),
  'rds-logging-enabled': exclude(
    '`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`; with MySQL',
    'A MySQL database exports all logs except the general log, which would contain PHI.',
    proofs.EXPORTED_LOGS,
  ),
  'rds-multi-az-support': met('`EncryptedDatabaseInstance`', proofs.STANDBY),
  'rds-snapshot-encrypted': met(
    '`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`: the key of the database encrypts snapshots',
    proofs.ENCRYPTED_STORAGE,
  ),
  'rds-snapshots-public-prohibited': met(
    '`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`: encrypted snapshots cannot be public',
    proofs.ENCRYPTED_STORAGE,
  ),
  'rds-storage-encrypted': met('`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`', proofs.ENCRYPTED_STORAGE),
  'backup-plan-min-frequency-and-min-retention-check': met(
    '`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`: daily, at least 35 days',
    proofs.PLAN_KEEPS_LONG,
  ),
  'backup-recovery-point-encrypted': met(
    '`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`',
    proofs.ENCRYPTED_VAULT,
  ),
  'backup-recovery-point-manual-deletion-disabled': met(
    '`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`, unless data is disposable',
    proofs.DENIED_BACKUP_DELETION,
  ),
  'secretsmanager-rotation-enabled-check': exclude(
    '`RotatingSecrets`, database users; with external secrets or a proxy with passwords',
    'An external secret does not rotate. An alarm fires when its value is too old. The copies of a login that '
      + '`DatabaseProxy.withPassword()` reads have no schedule. The rotation of the secret of the user writes them.',
    proofs.ROTATED_SECRET,
  ),
  'secretsmanager-using-cmk': met('`RotatingSecrets`', proofs.SECRET_WITH_KMS_KEY),
  'dms-replication-not-public': nothing('replication instance', 'AWS::DMS::ReplicationInstance'),
  'dynamodb-autoscaling-enabled': nothing('DynamoDB table', ...DYNAMO),
  'dynamodb-in-backup-plan': nothing('DynamoDB table', ...DYNAMO),
  'dynamodb-pitr-enabled': nothing('DynamoDB table', ...DYNAMO),
  'dynamodb-throughput-limit-check': nothing('DynamoDB table', ...DYNAMO),
  'efs-encrypted-check': nothing('EFS file system', 'AWS::EFS::FileSystem'),
  'efs-in-backup-plan': nothing('EFS file system', 'AWS::EFS::FileSystem'),
  'elasticache-redis-cluster-automatic-backup-check': nothing(
    'ElastiCache cluster',
    'AWS::ElastiCache::CacheCluster',
    'AWS::ElastiCache::ReplicationGroup',
  ),
  'kinesis-stream-encrypted': nothing('Kinesis stream', 'AWS::Kinesis::Stream'),
  'elasticsearch-encrypted-at-rest': ELASTICSEARCH,
  'elasticsearch-in-vpc-only': ELASTICSEARCH,
  'elasticsearch-logs-to-cloudwatch': ELASTICSEARCH,
  'elasticsearch-node-to-node-encryption-check': ELASTICSEARCH,
  'opensearch-encrypted-at-rest': OPENSEARCH,
  'opensearch-https-required': OPENSEARCH,
  'opensearch-in-vpc-only': OPENSEARCH,
  'opensearch-logs-to-cloudwatch': OPENSEARCH,
  'opensearch-node-to-node-encryption-check': OPENSEARCH,
  'redshift-backup-enabled': REDSHIFT,
  'redshift-cluster-configuration-check': REDSHIFT,
  'redshift-cluster-maintenancesettings-check': REDSHIFT,
  'redshift-cluster-public-access-check': REDSHIFT,
  'redshift-require-tls-ssl': REDSHIFT,

  // --- buckets
  's3-bucket-acl-prohibited': exclude(
    'Every bucket except for the access logs of `StaticSiteCdn`; with that construct',
    'CloudFront writes its access logs with an ACL.',
    proofs.NO_ACLS,
  ),
  's3-bucket-default-lock-enabled': exclude(
    'Every bucket except for access logs of `StaticSiteCdn` and `PhiBucket`; with them',
    'S3 does not write server access logs to a bucket with Object Lock.',
    proofs.OBJECT_LOCK,
  ),
  's3-bucket-logging-enabled': exclude(
    'Every bucket except log buckets',
    'Log buckets have no server access logs.',
    proofs.LOGGED_BUCKET,
  ),
  's3-bucket-public-read-prohibited': met('Every bucket', proofs.NOT_READ_BY_ALL),
  's3-bucket-public-write-prohibited': met('Every bucket', proofs.NOT_WRITTEN_BY_ALL),
  's3-bucket-replication-enabled': exclude(
    '`PhiBucket` with `replicaBucket`; with other buckets',
    'Versions protect the files. A replica would protect only against the loss of the region.',
  ),
  's3-bucket-server-side-encryption-enabled': met('Every bucket', proofs.ENCRYPTED_BUCKET),
  's3-bucket-ssl-requests-only': met('Every bucket', proofs.TLS_ONLY),
  's3-bucket-versioning-enabled': met('Every bucket', proofs.VERSIONED),
  's3-default-encryption-kms': exclude(
    'Every bucket except for access logs',
    'Load balancers and S3 write access logs only to buckets with S3 managed keys.',
    proofs.BUCKET_WITH_KMS_KEY,
  ),
  's3-event-notifications-enabled': met('Every bucket', proofs.SENDS_EVENTS),
  's3-version-lifecycle-policy-check': met('Every bucket', proofs.EXPIRES_VERSIONS),

  // --- others
  'codebuild-project-envvar-awscred-check': CODEBUILD,
  'codebuild-project-source-repo-url-check': CODEBUILD,
  'sagemaker-endpoint-configuration-kms-key-configured': SAGEMAKER,
  'sagemaker-notebook-instance-kms-key-configured': SAGEMAKER,
  'sagemaker-notebook-no-direct-internet-access': SAGEMAKER,
};
