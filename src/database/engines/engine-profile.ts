import * as rds from 'aws-cdk-lib/aws-rds';

/** The allowed values of a parameter. */
export interface ParameterGuard {
  /** The allowed values, as they continue "must be …". */
  readonly allowed: string;
  /** Whether a value is allowed. Not called for tokens. */
  accepts(value: string): boolean;
}

/** The environment variables with which a container logs in. */
export interface ClientVariables {
  /** The variables without secrets. */
  readonly environment: { [name: string]: string };
  /** The variable with the user name. */
  readonly user: string;
  /** The variable with the password. */
  readonly password: string;
}

/** The database that a client connects to. */
export interface ClientTarget {
  readonly host: string;
  /** The host name of the read-only endpoint, if there is one. */
  readonly readOnlyHost?: string;
  readonly databaseName: string;
  /** The path of the RDS certificate bundle in the image, if it has one. */
  readonly certificateBundlePath?: string;
}

/** A version that lacks a feature, and the first version that has it, as it continues "choose …". */
export interface OldVersion {
  readonly version: string;
  readonly since: string;
}

/** Why a version cannot have database users, and the first version that can. */
export interface VersionWithoutUsers {
  /** As it continues "must be on …". */
  readonly since: string;
  /** As it continues "because …". */
  readonly reason: string;
}

/** The facts about an engine. The Aurora variant of an engine differs in a few fields. */
export interface EngineProfile {
  /** The display name of the engine. */
  readonly product: string;
  /** The engine, whose users and statements both variants share. */
  readonly engine: 'postgres' | 'mysql';
  /** The port, as a number that cdk-nag can read. */
  readonly port: number;
  /** The parameters that require TLS, enable the audit, and keep statements and values out of the logs. */
  readonly parameters: { [name: string]: string };
  /** The allowed values of further parameters. Those of `parameters` are fixed. */
  readonly guards: { [name: string]: ParameterGuard };
  /** The log types that RDS exports to CloudWatch Logs. */
  readonly logTypes: string[];
  /** The log type that is not exported, and the reason. */
  readonly withheldLog?: { readonly logType: string; readonly reason: string };
  /** The option that writes the audit log, if the engine has no parameter for it. */
  readonly auditOption?: rds.OptionConfiguration;
  /** The allowed database names. */
  readonly databaseName: { readonly pattern: RegExp; readonly allowed: string; readonly reserved: string[] };
  /** The instance classes on which the engine does not offer Performance Insights. */
  readonly withoutPerformanceInsights: RegExp;
  /** Whether transaction IDs can run out, so that they need an alarm. */
  readonly transactionIdsWrapAround: boolean;
  /** Why the version cannot have database users, if it cannot. */
  readonly withoutUsers?: VersionWithoutUsers;
  /** The version, if its serverless instances cannot pause. */
  readonly cannotPause?: OldVersion;
  /** The version, if its serverless instances have half the maximum capacity of newer versions. */
  readonly growsToHalf?: OldVersion;
  /** The limit of connections of serverless instances with a minimum of at most 0.5 ACU. */
  readonly connectionsOfSmallStart?: number;
  /** The connections of serverless instances by maximum ACU, if memory alone does not determine them. */
  connectionsOfServerless?(maxAcu: number): number;
  /** The connections that the default parameter group allows for an amount of memory. */
  defaultConnections(memoryBytes: number): number;
  /** The environment variables of a client. */
  clientVariables(target: ClientTarget): ClientVariables;
}
