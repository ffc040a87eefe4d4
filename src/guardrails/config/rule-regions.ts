/** Rules that some regions lack. */
interface Gap {
  readonly rules: string[];
  readonly regions: string[];
}

/**
 * The rules of the pack that AWS does not offer in each region.
 *
 * Source: the line "AWS Region" on the page of each rule in the AWS Config Developer Guide, for example
 * https://docs.aws.amazon.com/config/latest/developerguide/access-keys-rotated.html, as of early 2026. AWS lists the
 * same by region:
 * https://docs.aws.amazon.com/config/latest/developerguide/managing-rules-by-region-availability.html
 */
const GAPS: Gap[] = [
  {
    rules: [
      'access-keys-rotated', 'iam-customer-policy-blocked-kms-actions', 'iam-inline-policy-blocked-kms-actions',
      'iam-no-inline-policy-check', 'iam-policy-no-statements-with-admin-access',
      'iam-policy-no-statements-with-full-access', 'iam-user-mfa-enabled', 'iam-user-no-policies-check',
      'iam-user-unused-credentials-check', 'mfa-enabled-for-iam-console-access',
    ],
    regions: [
      'ap-east-2', 'ap-south-2', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-west-1',
      'eu-central-2', 'eu-south-2', 'il-central-1', 'me-central-1', 'mx-central-1',
    ],
  },
  {
    rules: ['iam-root-access-key-check'],
    regions: [
      'ap-east-2', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-west-1', 'eu-central-2', 'eu-south-2',
      'il-central-1', 'me-central-1', 'mx-central-1',
    ],
  },
  {
    rules: [
      'api-gw-associated-with-waf', 'api-gw-execution-logging-enabled', 'api-gw-ssl-enabled',
      'elasticache-redis-cluster-automatic-backup-check',
    ],
    regions: ['ap-east-2'],
  },
  {
    rules: [
      'aurora-resources-protected-by-backup-plan', 'backup-plan-min-frequency-and-min-retention-check',
      'backup-recovery-point-encrypted', 'backup-recovery-point-manual-deletion-disabled',
      'ec2-resources-protected-by-backup-plan',
    ],
    regions: [
      'ap-east-2', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-west-1', 'cn-north-1', 'cn-northwest-1',
      'il-central-1', 'mx-central-1',
    ],
  },
  {
    rules: [
      'cloudwatch-alarm-action-check', 'elb-tls-https-listeners-only', 'rds-enhanced-monitoring-enabled',
      'rds-instance-public-access-check', 'rds-multi-az-support', 'redshift-backup-enabled',
      'redshift-cluster-configuration-check', 'redshift-cluster-maintenancesettings-check',
      'secretsmanager-rotation-enabled-check', 'vpc-default-security-group-closed', 'vpc-vpn-2-tunnels-up',
    ],
    regions: [
      'ap-east-2', 'ap-southeast-7', 'cn-north-1', 'cn-northwest-1', 'mx-central-1', 'us-gov-east-1', 'us-gov-west-1',
    ],
  },
  {
    rules: ['redshift-cluster-public-access-check'],
    regions: [
      'ap-east-2', 'ap-southeast-7', 'cn-north-1', 'cn-northwest-1', 'eu-north-1', 'mx-central-1', 'us-gov-east-1',
      'us-gov-west-1',
    ],
  },
  {
    rules: ['codebuild-project-envvar-awscred-check', 'codebuild-project-source-repo-url-check'],
    regions: [
      'ap-east-2', 'ap-southeast-3', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-west-1',
      'mx-central-1',
    ],
  },
  {
    rules: ['ebs-snapshot-public-restorable-check'],
    regions: ['eu-south-2'],
  },
  {
    rules: ['ec2-imdsv2-check'],
    regions: [
      'ap-east-2', 'ap-southeast-5', 'ap-southeast-7', 'cn-north-1', 'cn-northwest-1', 'mx-central-1',
      'us-gov-east-1', 'us-gov-west-1',
    ],
  },
  {
    rules: ['ec2-managedinstance-association-compliance-status-check'],
    regions: ['ap-east-2', 'ap-northeast-3', 'ap-southeast-6', 'ap-southeast-7', 'mx-central-1'],
  },
  {
    rules: ['ec2-managedinstance-patch-compliance-status-check'],
    regions: ['ap-northeast-3', 'eu-south-1'],
  },
  {
    rules: ['ecs-containers-readonly-access'],
    regions: ['ap-east-2', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-west-1', 'mx-central-1'],
  },
  {
    rules: ['ecs-task-definition-user-for-host-mode-check'],
    regions: ['cn-north-1', 'cn-northwest-1', 'eu-west-2', 'us-gov-east-1', 'us-gov-west-1'],
  },
  {
    rules: ['elastic-beanstalk-managed-updates-enabled'],
    regions: [
      'ap-east-2', 'cn-north-1', 'cn-northwest-1', 'il-central-1', 'mx-central-1', 'us-gov-east-1', 'us-gov-west-1',
    ],
  },
  {
    rules: ['elb-acm-certificate-required'],
    regions: [
      'af-south-1', 'ap-northeast-3', 'ap-southeast-6', 'ca-west-1', 'eu-central-2', 'eu-south-1', 'eu-south-2',
      'il-central-1',
    ],
  },
  {
    rules: ['elbv2-acm-certificate-required'],
    regions: [
      'ap-east-2', 'ap-northeast-3', 'ap-south-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5',
      'ap-southeast-6', 'ap-southeast-7', 'ca-west-1', 'eu-central-2', 'eu-south-2', 'il-central-1', 'me-central-1',
      'mx-central-1', 'us-gov-east-1', 'us-gov-west-1',
    ],
  },
  {
    rules: ['guardduty-enabled-centralized'],
    regions: ['ap-east-2', 'ap-southeast-6', 'ap-southeast-7', 'mx-central-1'],
  },
  {
    rules: ['kinesis-stream-encrypted'],
    regions: ['ca-west-1', 'il-central-1'],
  },
  {
    rules: ['kms-cmk-not-scheduled-for-deletion'],
    regions: ['ap-east-2', 'ap-southeast-6', 'eu-south-1'],
  },
  {
    rules: ['lambda-function-public-access-prohibited'],
    regions: ['cn-northwest-1'],
  },
  {
    rules: [
      'opensearch-encrypted-at-rest', 'opensearch-https-required', 'opensearch-in-vpc-only',
      'opensearch-logs-to-cloudwatch', 'opensearch-node-to-node-encryption-check',
    ],
    regions: [
      'ap-east-2', 'ap-south-2', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-west-1',
      'cn-north-1', 'cn-northwest-1', 'eu-central-2', 'eu-south-2', 'il-central-1', 'me-central-1', 'mx-central-1',
      'us-gov-east-1', 'us-gov-west-1',
    ],
  },
  {
    rules: ['rds-cluster-deletion-protection-enabled', 'rds-cluster-multi-az-enabled'],
    regions: ['cn-north-1'],
  },
  {
    rules: ['rds-snapshots-public-prohibited'],
    regions: ['af-south-1', 'ap-southeast-4', 'eu-central-2', 'eu-south-1', 'eu-south-2', 'il-central-1'],
  },
  {
    rules: ['redshift-require-tls-ssl'],
    regions: ['mx-central-1'],
  },
  {
    rules: ['root-account-hardware-mfa-enabled', 'root-account-mfa-enabled'],
    regions: [
      'ap-east-2', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-west-1', 'cn-north-1', 'cn-northwest-1',
      'il-central-1', 'me-central-1', 'mx-central-1', 'us-gov-east-1', 'us-gov-west-1',
    ],
  },
  {
    rules: ['s3-bucket-acl-prohibited'],
    regions: ['ap-southeast-6'],
  },
  {
    rules: ['s3-event-notifications-enabled'],
    regions: ['ap-southeast-6', 'mx-central-1'],
  },
  {
    rules: ['sagemaker-endpoint-configuration-kms-key-configured'],
    regions: ['ap-east-2', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'mx-central-1'],
  },
  {
    rules: ['sagemaker-notebook-instance-kms-key-configured', 'sagemaker-notebook-no-direct-internet-access'],
    regions: ['ap-east-2', 'ap-southeast-5', 'ap-southeast-7', 'mx-central-1'],
  },
];

/**
 * The regions that the pages describe. The pages of some rules are older than other regions, so it is not known which
 * rules these regions lack.
 */
const DESCRIBED_REGIONS = [
  'af-south-1', 'ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1',
  'ap-south-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5',
  'ap-southeast-7', 'ca-central-1', 'ca-west-1', 'cn-north-1', 'cn-northwest-1', 'eu-central-1', 'eu-central-2',
  'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'il-central-1', 'me-central-1',
  'me-south-1', 'mx-central-1', 'sa-east-1', 'us-east-1', 'us-east-2', 'us-gov-east-1', 'us-gov-west-1', 'us-west-1',
  'us-west-2',
];

/** Whether the rules of a region are known. */
export function isDescribed(region: string): boolean {
  return DESCRIBED_REGIONS.includes(region);
}

/** The rules of the pack that a region is known to lack, sorted. */
export function rulesMissingIn(region: string): string[] {
  return GAPS.filter(({ regions }) => regions.includes(region)).flatMap(({ rules }) => rules).sort();
}
