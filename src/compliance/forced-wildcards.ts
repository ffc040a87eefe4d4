/** An action that does not support resource-level permissions. */
export interface ForcedWildcard {
  /**
   * The page of the Service Authorization Reference.
   *
   * https://docs.aws.amazon.com/service-authorization/latest/reference/<page>.html
   */
  readonly page: string;
  /** Why the action does not apply to a single resource. */
  readonly why: string;
}

/** The actions for which a statement needs `Resource: '*'`. */
export const FORCED_WILDCARDS: ReadonlyMap<string, ForcedWildcard> = new Map(Object.entries({
  'ecr:GetAuthorizationToken': {
    page: 'list_amazonelasticcontainerregistry',
    why: 'the token is valid for the registry of the account, not for a repository',
  },
  'tag:GetResources': {
    page: 'list_amazonresourcegrouptaggingapi',
    why: 'the search covers the tags of the account, not one resource',
  },
  'ssmmessages:CreateControlChannel': {
    page: 'list_amazonmessagegatewayservice',
    why: 'the channel of a session has no ARN before the session starts',
  },
  'ssmmessages:CreateDataChannel': {
    page: 'list_amazonmessagegatewayservice',
    why: 'the channel of a session has no ARN before the session starts',
  },
  'ssmmessages:OpenControlChannel': {
    page: 'list_amazonmessagegatewayservice',
    why: 'the channel of a session has no ARN before the session starts',
  },
  'ssmmessages:OpenDataChannel': {
    page: 'list_amazonmessagegatewayservice',
    why: 'the channel of a session has no ARN before the session starts',
  },
  'ssm:GetDeployablePatchSnapshotForInstance': {
    page: 'list_awssystemsmanager',
    why: 'the snapshot belongs to the patch baseline of the caller',
  },
  'ssm:GetManifest': {
    page: 'list_awssystemsmanager',
    why: 'the manifest belongs to a Distributor package, which is not a resource of this action',
  },
  'ssm:PutConfigurePackageResult': {
    page: 'list_awssystemsmanager',
    why: 'an instance reports its installed packages, and the action has no resource types',
  },
  'ssm:PutInventory': {
    page: 'list_awssystemsmanager',
    why: 'an instance reports its own inventory, and the action has no resource types',
  },
  'logs:DescribeLogGroups': { page: 'list_amazoncloudwatchlogs', why: 'it lists the log groups of the account' },
  'inspector2:BatchGetAccountStatus': { page: 'list_amazoninspector2', why: 'the status belongs to the account' },
  'inspector2:Disable': { page: 'list_amazoninspector2', why: 'scanning is disabled for an account' },
  'inspector2:Enable': { page: 'list_amazoninspector2', why: 'scanning is enabled for an account' },
  'inspector2:GetDelegatedAdminAccount': {
    page: 'list_amazoninspector2',
    why: 'the delegated administrator belongs to the organization',
  },
  'config:DeleteDeliveryChannel': {
    page: 'list_awsconfig',
    why: 'an account has one channel in a region, and the channel is not an IAM resource',
  },
  'config:DescribeConfigurationRecorderStatus': {
    page: 'list_awsconfig',
    why: 'it returns the status of any recorder of the account',
  },
  'config:DescribeConfigurationRecorders': { page: 'list_awsconfig', why: 'it lists the recorders of the account' },
  'config:DescribeDeliveryChannels': { page: 'list_awsconfig', why: 'it lists the delivery channels of the account' },
  'config:PutDeliveryChannel': {
    page: 'list_awsconfig',
    why: 'an account has one channel in a region, and the channel is not an IAM resource',
  },
  'access-analyzer:ListAnalyzers': { page: 'list_awsiamaccessanalyzer', why: 'it lists the analyzers of the account' },
  'ec2:EnableEbsEncryptionByDefault': {
    page: 'list_amazonec2',
    why: 'it changes a setting of the account in a region',
  },
  'ec2:GetEbsDefaultKmsKeyId': { page: 'list_amazonec2', why: 'it reads a setting of the account in a region' },
  'ec2:GetEbsEncryptionByDefault': { page: 'list_amazonec2', why: 'it reads a setting of the account in a region' },
  'ec2:ModifyEbsDefaultKmsKeyId': { page: 'list_amazonec2', why: 'it changes a setting of the account in a region' },
  'guardduty:CreateDetector': {
    page: 'list_amazonguardduty',
    why: 'GuardDuty assigns the ARN of the detector when it creates the detector',
  },
  'guardduty:GetAdministratorAccount': {
    page: 'list_amazonguardduty',
    why: 'the administrator belongs to the account',
  },
  'guardduty:ListDetectors': { page: 'list_amazonguardduty', why: 'it lists the detectors of the region' },
  'iam:GetAccountPasswordPolicy': {
    page: 'list_awsidentityandaccessmanagementiam',
    why: 'the password policy belongs to the account',
  },
  'iam:UpdateAccountPasswordPolicy': {
    page: 'list_awsidentityandaccessmanagementiam',
    why: 'the password policy belongs to the account',
  },
  's3:GetAccountPublicAccessBlock': { page: 'list_amazons3', why: 'the setting belongs to the account' },
  's3:PutAccountPublicAccessBlock': { page: 'list_amazons3', why: 'the setting belongs to the account' },
}));
