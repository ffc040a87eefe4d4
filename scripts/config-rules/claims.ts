import * as proofs from './proofs';
import { Proof } from './proofs';

/** Who sees to it that AWS Config finds nothing. */
export type Standing = 'constructs' | 'prop' | 'guardrails' | 'person' | 'nothing';

/** What this library says about one rule of the pack. */
export interface Claim {
  readonly standing: Standing;
  /** By what, for the table: constructs and props between backticks. */
  readonly by: string;
  /** What a template shows of it. */
  readonly proof?: Proof;
  /** The types of resources that the rule is about, of which the library makes none. */
  readonly absent?: string[];
  /** Why no template shows it. */
  readonly unseen?: string;
}

const met = (by: string, proof: Proof): Claim => ({ standing: 'constructs', by, proof });
const metWith = (by: string, proof: Proof): Claim => ({ standing: 'prop', by, proof });
const metByGuardrails = (by: string, proof: Proof): Claim => ({ standing: 'guardrails', by, proof });
const metUnseen = (by: string, unseen: string): Claim => ({ standing: 'constructs', by, unseen });
const person = (by: string, unseen = 'the root user and the people of an account are no resources of CloudFormation'): Claim => ({ standing: 'person', by, unseen });
const nothing = (what: string, ...absent: string[]): Claim => ({ standing: 'nothing', by: `no ${what} is made`, absent });
const exclude = (by: string, proof?: Proof): Claim => ({ standing: 'prop', by: `${by}: exclude the rule with that reason`, ...proof ? { proof } : { unseen: 'what is not made for a reason is in no template' } });

const TRAIL = '`Guardrail.TRAIL`';
const DYNAMO = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'];
const REDSHIFT = nothing('Redshift cluster', 'AWS::Redshift::Cluster', 'AWS::RedshiftServerless::Namespace');
const OPENSEARCH = nothing('OpenSearch domain', 'AWS::OpenSearchService::Domain', 'AWS::OpenSearch::Domain');
const ELASTICSEARCH = nothing('Elasticsearch domain', 'AWS::Elasticsearch::Domain');
const API = nothing('stage of API Gateway', 'AWS::ApiGateway::Stage', 'AWS::ApiGatewayV2::Stage');
const CLASSIC = nothing('classic load balancer', 'AWS::ElasticLoadBalancing::LoadBalancer');
const CODEBUILD = nothing('CodeBuild project', 'AWS::CodeBuild::Project');
const USER = nothing('IAM user', 'AWS::IAM::User', 'AWS::IAM::AccessKey', 'AWS::IAM::Group');
const SAGEMAKER = nothing('SageMaker resource', 'AWS::SageMaker::EndpointConfig', 'AWS::SageMaker::NotebookInstance');

/** What this library says about each rule of the pack. */
export const CLAIMS: Record<string, Claim> = {
  // --- the account
  'cloudtrail-enabled': metByGuardrails(TRAIL, proofs.TRAIL_LOGS),
  'multi-region-cloudtrail-enabled': metByGuardrails(TRAIL, proofs.TRAIL_EVERYWHERE),
  'cloud-trail-cloud-watch-logs-enabled': metByGuardrails(TRAIL, proofs.TRAIL_IN_LOG_GROUP),
  'cloud-trail-encryption-enabled': metByGuardrails(TRAIL, proofs.TRAIL_UNDER_KEY),
  'cloud-trail-log-file-validation-enabled': metByGuardrails(TRAIL, proofs.TRAIL_VALIDATED),
  'cloudtrail-s3-dataevents-enabled': metByGuardrails(`${TRAIL} without \`phiBuckets\`, which would leave the other buckets out`, proofs.TRAIL_OF_EVERY_BUCKET),
  'guardduty-enabled-centralized': metByGuardrails('`Guardrail.GUARD_DUTY`', proofs.switchedOn('Custom::GuardDutyFeature', 'Feature', 'DETECTOR')),
  'securityhub-enabled': metByGuardrails('`Guardrail.SECURITY_HUB`', proofs.switchedOn('Custom::SecurityHubStandard', 'Standard', 'HUB')),
  's3-account-level-public-access-blocks-periodic': metByGuardrails('`Guardrail.S3_PUBLIC_ACCESS`',
    proofs.switchedOn('Custom::AccountSetting', 'Setting', 'S3_PUBLIC_ACCESS_BLOCK')),
  'ec2-ebs-encryption-by-default': metByGuardrails('`Guardrail.EBS_ENCRYPTION`', proofs.switchedOn('Custom::AccountSetting', 'Setting', 'EBS_ENCRYPTION')),
  'iam-password-policy': metByGuardrails('`Guardrail.PASSWORD_POLICY`', proofs.PASSWORDS),

  // --- what people do
  'annual-risk-assessment-performed': person('somebody says so in the console of AWS Config, once a year', 'it is a process, and shown by no resource'),
  'iam-root-access-key-check': person('whoever holds the root user has no access keys made for it; `Guardrail.TRAIL` tells when it is used'),
  'root-account-mfa-enabled': person('whoever holds the root user gives it a second factor'),
  'root-account-hardware-mfa-enabled': person('whoever holds the root user gives it a hardware token'),

  // --- identities and permissions
  'access-keys-rotated': USER,
  'iam-user-mfa-enabled': USER,
  'iam-user-no-policies-check': USER,
  'iam-user-unused-credentials-check': USER,
  'mfa-enabled-for-iam-console-access': { ...USER, by: `${USER.by}; \`TrailGuardrail\` tells of those that log in without a second factor` },
  'iam-no-inline-policy-check': exclude('every role of this library; `HipaaVpc`, and buckets with disposable data, bring a role of aws-cdk-lib\'s own custom resources, which has an inline policy', proofs.NO_INLINE_POLICY),
  'iam-inline-policy-blocked-kms-actions': met('every construct', proofs.NO_INLINE_DECRYPTION),
  'iam-customer-policy-blocked-kms-actions': met('every construct: a statement on decryption names its key', proofs.NO_WIDE_DECRYPTION),
  'iam-policy-no-statements-with-admin-access': met('every construct', proofs.NO_ADMINISTRATOR),
  'iam-policy-no-statements-with-full-access': met('every construct: statements name actions', proofs.NO_FULL_ACCESS),
  'kms-cmk-not-scheduled-for-deletion': met('every construct: keys stay with what they encrypt, unless it is disposable', proofs.KEPT_KEY),
  'lambda-function-public-access-prohibited': met('every construct: a permission names the service and the source', proofs.NO_PUBLIC_FUNCTION),
  'ssm-document-not-public': metUnseen('`SsmBastion`: its session document is shared with nobody', 'CloudFormation knows no way to share a document'),

  // --- network
  'subnet-auto-assign-public-ip-disabled': met('`HipaaVpc`', proofs.NO_PUBLIC_IPS_IN_SUBNETS),
  'vpc-default-security-group-closed': met('`HipaaVpc`', proofs.DEFAULT_GROUP_CLOSED),
  'vpc-flow-logs-enabled': met('`HipaaVpc`', proofs.FLOW_LOGS),
  'restricted-ssh': met('every construct', proofs.SSH_CLOSED),
  'restricted-common-ports': met('every construct', proofs.COMMON_PORTS_CLOSED),
  'vpc-sg-open-only-to-authorized-ports': metWith('`SecureLoadBalancer` is open on 80 and 443: set `authorizedTcpPorts` to `80,443`', proofs.ONLY_WEB_PORTS),
  'internet-gateway-authorized-vpc-only': metWith('set `AuthorizedVpcIds` to the id of the VPC of `HipaaVpc`, or have no gateway with `NatStrategy.none()`', proofs.packGets('AuthorizedVpcIds')),
  'no-unrestricted-route-to-igw': exclude('the public subnets of `HipaaVpc` lead to the internet, and hold load balancers and NAT gateways only; no other subnet does', proofs.ONLY_PUBLIC_SUBNETS_OUT),
  'vpc-vpn-2-tunnels-up': nothing('VPN connection', 'AWS::EC2::VPNConnection'),

  // --- machines
  'ec2-imdsv2-check': met('`SsmBastion`', proofs.IMDS_V2),
  'ec2-instance-managed-by-systems-manager': met('`SsmBastion`: a role that Systems Manager needs, and the way to it', proofs.HAS_PROFILE),
  'ec2-instance-no-public-ip': met('`SsmBastion`', proofs.NO_PUBLIC_IP),
  'ec2-instance-profile-attached': met('`SsmBastion`', proofs.HAS_PROFILE),
  'ec2-instances-in-vpc': met('`SsmBastion`', proofs.IN_A_VPC),
  'ec2-managedinstance-association-compliance-status-check': met('`SsmBastion`: patched by an association, and may run those of Inspector', proofs.PATCHED),
  'ec2-managedinstance-patch-compliance-status-check': met('`SsmBastion`: patched by an association', proofs.PATCHED),
  'ec2-stopped-instance': metUnseen('`SsmBastion` runs, unless somebody stops it for 30 days', 'a machine is stopped by a person, not by a template'),
  'encrypted-volumes': met('`SsmBastion`', proofs.DISKS_ENCRYPTED),
  'ebs-in-backup-plan': exclude('the disk of `SsmBastion` holds nothing that a deployment does not make again'),
  'ec2-resources-protected-by-backup-plan': exclude('`SsmBastion` holds nothing that a deployment does not make again'),
  'ebs-snapshot-public-restorable-check': { standing: 'nothing', by: 'no snapshot of a disk is made', unseen: 'CloudFormation has no type for a snapshot' },
  'autoscaling-group-elb-healthcheck-required': nothing('auto scaling group', 'AWS::AutoScaling::AutoScalingGroup'),
  'autoscaling-launch-config-public-ip-disabled': nothing('launch configuration', 'AWS::AutoScaling::LaunchConfiguration'),
  'elastic-beanstalk-managed-updates-enabled': nothing('Elastic Beanstalk environment', 'AWS::ElasticBeanstalk::Environment'),
  'emr-kerberos-enabled': nothing('EMR cluster', 'AWS::EMR::Cluster'),
  'emr-master-no-public-ip': nothing('EMR cluster', 'AWS::EMR::Cluster'),

  // --- services and load balancers
  'ecs-containers-readonly-access': met('`SecureFargateService`', proofs.READ_ONLY_CONTAINERS),
  'ecs-task-definition-user-for-host-mode-check': met('`SecureFargateService`: no task is on the host\'s network', proofs.NO_HOST_NETWORK),
  'alb-http-to-https-redirection-check': met('`SecureLoadBalancer`', proofs.HTTP_REDIRECTS),
  'alb-waf-enabled': met('`SecureLoadBalancer`', proofs.BEHIND_FIREWALL),
  'elb-deletion-protection-enabled': met('`SecureLoadBalancer`, unless data is disposable', proofs.PROTECTED_LOAD_BALANCER),
  'elb-logging-enabled': met('`SecureLoadBalancer`', proofs.LOGGED_LOAD_BALANCER),
  'elbv2-acm-certificate-required': met('`SecureLoadBalancer`: the listener without a certificate only redirects', proofs.HAS_CERTIFICATE),
  'acm-certificate-expiration-check': met('`SecureLoadBalancer` with a `hostedZone`: validated by DNS, so that ACM renews it', proofs.RENEWED_CERTIFICATE),
  'wafv2-logging-enabled': met('`WebFirewall`', proofs.FIREWALL_LOGGED),
  'elb-acm-certificate-required': CLASSIC,
  'elb-cross-zone-load-balancing-enabled': CLASSIC,
  'elb-predefined-security-policy-ssl-check': CLASSIC,
  'elb-tls-https-listeners-only': CLASSIC,
  'api-gw-associated-with-waf': API,
  'api-gw-execution-logging-enabled': API,
  'api-gw-ssl-enabled': API,
  'cloudwatch-alarm-action-check': metWith('`Monitoring`: every alarm tells when it fires and when it is over, and says itself what missing data means, so that insufficient data is nothing to tell: set `insufficientDataActionRequired` to `false`', proofs.ALARM_ACTS),
  'sns-encrypted-kms': met('`Monitoring`', proofs.TOPIC_UNDER_KEY),

  // --- databases and backups
  'db-instance-backup-enabled': met('`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`', proofs.BACKED_UP),
  'rds-in-backup-plan': met('`EncryptedDatabaseInstance`', proofs.INSTANCE_IN_PLAN),
  'aurora-resources-protected-by-backup-plan': met('`EncryptedAuroraCluster`', proofs.CLUSTER_IN_PLAN),
  'rds-automatic-minor-version-upgrade-enabled': met('`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`', proofs.MINOR_VERSIONS),
  'rds-cluster-deletion-protection-enabled': met('`EncryptedAuroraCluster`, unless data is disposable', proofs.PROTECTED_CLUSTER),
  'rds-cluster-multi-az-enabled': met('`EncryptedAuroraCluster`: a reader in another zone', proofs.READER_IN_ANOTHER_ZONE),
  'rds-enhanced-monitoring-enabled': met('`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`', proofs.ENHANCED_MONITORING),
  'rds-instance-public-access-check': met('`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`', proofs.PRIVATE_DATABASE),
  'rds-logging-enabled': exclude('`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`; of MySQL all but the general log, which would hold PHI: where there is one', proofs.EXPORTED_LOGS),
  'rds-multi-az-support': met('`EncryptedDatabaseInstance`', proofs.STANDBY),
  'rds-snapshot-encrypted': met('`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`: a snapshot is under the key of its database', proofs.ENCRYPTED_STORAGE),
  'rds-snapshots-public-prohibited': met('`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`: RDS shares no encrypted snapshot with everybody', proofs.ENCRYPTED_STORAGE),
  'rds-storage-encrypted': met('`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`', proofs.ENCRYPTED_STORAGE),
  'backup-plan-min-frequency-and-min-retention-check': met('`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`: daily, kept for 35 days at least', proofs.PLAN_KEEPS_LONG),
  'backup-recovery-point-encrypted': met('`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`', proofs.ENCRYPTED_VAULT),
  'backup-recovery-point-manual-deletion-disabled': met('`EncryptedDatabaseInstance`, `EncryptedAuroraCluster`, unless data is disposable', proofs.NOBODY_DELETES_BACKUPS),
  'secretsmanager-rotation-enabled-check': exclude('`RotatingSecrets`: what a program can make anew; not an external secret, whose age raises an alarm instead: where there is one', proofs.ROTATED_SECRET),
  'secretsmanager-using-cmk': met('`RotatingSecrets`', proofs.SECRET_UNDER_KEY),
  'dms-replication-not-public': nothing('replication instance', 'AWS::DMS::ReplicationInstance'),
  'dynamodb-autoscaling-enabled': nothing('DynamoDB table', ...DYNAMO),
  'dynamodb-in-backup-plan': nothing('DynamoDB table', ...DYNAMO),
  'dynamodb-pitr-enabled': nothing('DynamoDB table', ...DYNAMO),
  'dynamodb-throughput-limit-check': nothing('DynamoDB table', ...DYNAMO),
  'efs-encrypted-check': nothing('EFS file system', 'AWS::EFS::FileSystem'),
  'efs-in-backup-plan': nothing('EFS file system', 'AWS::EFS::FileSystem'),
  'elasticache-redis-cluster-automatic-backup-check': nothing('ElastiCache cluster', 'AWS::ElastiCache::CacheCluster', 'AWS::ElastiCache::ReplicationGroup'),
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
  's3-bucket-acl-prohibited': exclude('every bucket but that of `StaticSiteCdn` for access logs, which CloudFront writes to by a list: where there is one', proofs.NO_ACLS),
  's3-bucket-default-lock-enabled': exclude('every bucket but that of `StaticSiteCdn` for access logs, since S3 writes its own to none with a lock: where there is one', proofs.OBJECT_LOCK),
  's3-bucket-logging-enabled': exclude('every bucket but those that hold logs themselves', proofs.LOGGED_BUCKET),
  's3-bucket-public-read-prohibited': met('every bucket', proofs.NOT_READ_BY_ALL),
  's3-bucket-public-write-prohibited': met('every bucket', proofs.NOT_WRITTEN_BY_ALL),
  's3-bucket-replication-enabled': exclude('a replica needs a bucket in another region; versions and locks protect the files in this one'),
  's3-bucket-server-side-encryption-enabled': met('every bucket', proofs.ENCRYPTED_BUCKET),
  's3-bucket-ssl-requests-only': met('every bucket', proofs.TLS_ONLY),
  's3-bucket-versioning-enabled': met('every bucket', proofs.VERSIONED),
  's3-default-encryption-kms': exclude('every bucket but those for access logs, which load balancers and S3 write under the keys of S3 only', proofs.BUCKET_UNDER_KEY),
  's3-event-notifications-enabled': met('every bucket', proofs.TELLS_EVENTS),
  's3-version-lifecycle-policy-check': met('every bucket', proofs.FORGETS_VERSIONS),

  // --- others
  'codebuild-project-envvar-awscred-check': CODEBUILD,
  'codebuild-project-source-repo-url-check': CODEBUILD,
  'sagemaker-endpoint-configuration-kms-key-configured': SAGEMAKER,
  'sagemaker-notebook-instance-kms-key-configured': SAGEMAKER,
  'sagemaker-notebook-no-direct-internet-access': SAGEMAKER,
};
