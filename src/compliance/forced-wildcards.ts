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
}));
