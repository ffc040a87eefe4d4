/** An action that AWS lets nobody narrow to a resource. */
export interface ForcedWildcard {
  /** The page of the Service Authorization Reference, https://docs.aws.amazon.com/service-authorization/latest/reference/<page>.html */
  readonly page: string;
  /** What the action is about, if not a resource. */
  readonly why: string;
}

/** Actions for which a statement has to say `Resource: '*'`. */
export const FORCED_WILDCARDS: ReadonlyMap<string, ForcedWildcard> = new Map(Object.entries({
  'ecr:GetAuthorizationToken': { page: 'list_amazonelasticcontainerregistry', why: 'the token is for the registry of the account, not for a repository' },
  'tag:GetResources': { page: 'list_amazonresourcegrouptaggingapi', why: 'the search is over the tags of the account, not on a resource' },
  'ssmmessages:CreateControlChannel': { page: 'list_amazonmessagegatewayservice', why: 'the channel of a session exists only while somebody uses it' },
  'ssmmessages:CreateDataChannel': { page: 'list_amazonmessagegatewayservice', why: 'the channel of a session exists only while somebody uses it' },
  'ssmmessages:OpenControlChannel': { page: 'list_amazonmessagegatewayservice', why: 'the channel of a session exists only while somebody uses it' },
  'ssmmessages:OpenDataChannel': { page: 'list_amazonmessagegatewayservice', why: 'the channel of a session exists only while somebody uses it' },
  'ssm:GetDeployablePatchSnapshotForInstance': { page: 'list_awssystemsmanager', why: 'the snapshot is of the patch baseline that the caller falls under, whatever it is called' },
  'ssm:GetManifest': { page: 'list_awssystemsmanager', why: 'the manifest is of a package of Distributor, and Systems Manager knows no narrower resource for it' },
  'ssm:PutConfigurePackageResult': { page: 'list_awssystemsmanager', why: 'a machine reports which package it has installed, and Systems Manager knows no narrower resource for it' },
  'ssm:PutInventory': { page: 'list_awssystemsmanager', why: 'a machine reports its own inventory, and Systems Manager knows no narrower resource for it' },
  'logs:DescribeLogGroups': { page: 'list_amazoncloudwatchlogs', why: 'it lists the log groups of the account, and IAM asks for it on none of them' },
  'inspector2:BatchGetAccountStatus': { page: 'list_amazoninspector2', why: 'the status is the account\'s, and Inspector knows no narrower resource for it' },
  'inspector2:Disable': { page: 'list_amazoninspector2', why: 'scanning is disabled for an account, and Inspector knows no narrower resource for it' },
  'inspector2:Enable': { page: 'list_amazoninspector2', why: 'scanning is enabled for an account, and Inspector knows no narrower resource for it' },
  'inspector2:GetDelegatedAdminAccount': { page: 'list_amazoninspector2', why: 'the delegated administrator is the organization\'s, and Inspector knows no narrower resource for it' },
  'config:DeleteDeliveryChannel': { page: 'list_awsconfig', why: 'the channel is one for the account and region, and no resource of IAM' },
  'config:DescribeConfigurationRecorderStatus': { page: 'list_awsconfig', why: 'it is asked of the recorder of the account, whoever made it' },
  'config:DescribeConfigurationRecorders': { page: 'list_awsconfig', why: 'it lists the recorders of the account' },
  'config:DescribeDeliveryChannels': { page: 'list_awsconfig', why: 'it lists the channels of the account' },
  'config:PutDeliveryChannel': { page: 'list_awsconfig', why: 'the channel is one for the account and region, and no resource of IAM' },
  'access-analyzer:ListAnalyzers': { page: 'list_awsiamaccessanalyzer', why: 'it lists the analyzers of the account, whoever made them' },
  'ec2:EnableEbsEncryptionByDefault': { page: 'list_amazonec2', why: 'it is a setting of the account in a region, and no resource of EC2' },
  'ec2:GetEbsDefaultKmsKeyId': { page: 'list_amazonec2', why: 'it asks for a setting of the account in a region, and for no resource of EC2' },
  'ec2:GetEbsEncryptionByDefault': { page: 'list_amazonec2', why: 'it asks for a setting of the account in a region, and for no resource of EC2' },
  'ec2:ModifyEbsDefaultKmsKeyId': { page: 'list_amazonec2', why: 'it is a setting of the account in a region, and no resource of EC2' },
  'guardduty:CreateDetector': { page: 'list_amazonguardduty', why: 'the detector has no ARN before it is made, and GuardDuty chooses its id' },
  'guardduty:GetAdministratorAccount': { page: 'list_amazonguardduty', why: 'the administrator is the account\'s, and GuardDuty knows no narrower resource for it' },
  'guardduty:ListDetectors': { page: 'list_amazonguardduty', why: 'it lists the detectors of the region, whoever made them' },
  'iam:GetAccountPasswordPolicy': { page: 'list_awsidentityandaccessmanagementiam', why: 'the policy for passwords is the account\'s, and no resource of IAM' },
  'iam:UpdateAccountPasswordPolicy': { page: 'list_awsidentityandaccessmanagementiam', why: 'the policy for passwords is the account\'s, and no resource of IAM' },
  's3:GetAccountPublicAccessBlock': { page: 'list_amazons3', why: 'the block is the account\'s, above all of its buckets' },
  's3:PutAccountPublicAccessBlock': { page: 'list_amazons3', why: 'the block is the account\'s, above all of its buckets' },
}));
