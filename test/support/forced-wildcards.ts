/**
 * Actions that AWS lets nobody narrow to a resource, so that a statement with them has to say `Resource: '*'`.
 * The page is the Service Authorization Reference: https://docs.aws.amazon.com/service-authorization/latest/reference/<page>.html
 */
export const FORCED_WILDCARDS: Record<string, { readonly page: string; readonly why: string }> = {
  'ecr:GetAuthorizationToken': { page: 'list_amazonelasticcontainerregistry', why: 'the token is for the registry of the account, not for a repository' },
  'tag:GetResources': { page: 'list_amazonresourcegrouptaggingapi', why: 'the search is over the tags of the account, not on a resource' },
  'ssmmessages:CreateControlChannel': { page: 'list_amazonmessagegatewayservice', why: 'the channel of a session exists only while somebody uses it' },
  'ssmmessages:CreateDataChannel': { page: 'list_amazonmessagegatewayservice', why: 'the channel of a session exists only while somebody uses it' },
  'ssmmessages:OpenControlChannel': { page: 'list_amazonmessagegatewayservice', why: 'the channel of a session exists only while somebody uses it' },
  'ssmmessages:OpenDataChannel': { page: 'list_amazonmessagegatewayservice', why: 'the channel of a session exists only while somebody uses it' },
  'logs:DescribeLogGroups': { page: 'list_amazoncloudwatchlogs', why: 'it lists the log groups of the account, and IAM asks for it on none of them' },
  'inspector2:BatchGetAccountStatus': { page: 'list_amazoninspector2', why: 'the status is the account\'s, and Inspector knows no narrower resource for it' },
  'inspector2:Disable': { page: 'list_amazoninspector2', why: 'scanning is disabled for an account, and Inspector knows no narrower resource for it' },
  'inspector2:Enable': { page: 'list_amazoninspector2', why: 'scanning is enabled for an account, and Inspector knows no narrower resource for it' },
  'inspector2:GetDelegatedAdminAccount': { page: 'list_amazoninspector2', why: 'the delegated administrator is the organization\'s, and Inspector knows no narrower resource for it' },
};
