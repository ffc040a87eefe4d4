/**
 * Actions that AWS lets nobody narrow to a resource, so that a statement with them has to say `Resource: '*'`.
 * The page is the Service Authorization Reference: https://docs.aws.amazon.com/service-authorization/latest/reference/<page>.html
 */
export const FORCED_WILDCARDS: Record<string, { readonly page: string; readonly why: string }> = {
  'ecr:GetAuthorizationToken': { page: 'list_amazonelasticcontainerregistry', why: 'the token is for the registry of the account, not for a repository' },
};
