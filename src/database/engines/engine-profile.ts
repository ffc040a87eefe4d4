import * as rds from 'aws-cdk-lib/aws-rds';

/** Which values of a parameter are safe. */
export interface ParameterGuard {
  /** What is allowed, as it continues "allowed is …". */
  readonly allowed: string;
  /** Whether a value is safe. Never asked about a token. */
  accepts(value: string): boolean;
}

/** What a container has to know in order to log in, under the names that the engine's clients read. */
export interface ClientVariables {
  /** The variables that hold no secret. */
  readonly environment: { [name: string]: string };
  /** The variable that holds the user name. */
  readonly user: string;
  /** The variable that holds the password. */
  readonly password: string;
}

/** Where a client connects to. */
export interface ClientTarget {
  readonly host: string;
  /** Where it reads only, where there is such a place. */
  readonly readOnlyHost?: string;
  readonly databaseName: string;
  /** Where the image keeps the RDS certificate bundle, if it does. */
  readonly certificateBundlePath?: string;
}

/** A version that lacks something, and since which version it is there, as it continues "choose …". */
export interface OldVersion {
  readonly version: string;
  readonly since: string;
}

/** Everything that this room knows about an engine. The Aurora flavour of an engine differs from it in few fields. */
export interface EngineProfile {
  /** The engine's name as people write it. */
  readonly product: string;
  /** The port, as a number that rules can read. */
  readonly port: number;
  /** The parameters that make the server safe and its logs useful without statements and values in them. */
  readonly parameters: { [name: string]: string };
  /** The parameters that a user may not set, or not to anything, beside those of `parameters`, which are fixed. */
  readonly guards: { [name: string]: ParameterGuard };
  /** The logs that are sent to CloudWatch Logs. */
  readonly logTypes: string[];
  /** The logs that are kept away from CloudWatch Logs on purpose, and why. */
  readonly withheldLog?: { readonly logType: string; readonly reason: string };
  /** The option that writes the audit log, where the server has no parameter for it. */
  readonly auditOption?: rds.OptionConfiguration;
  /** Which names a database may have. */
  readonly databaseName: { readonly pattern: RegExp; readonly allowed: string; readonly reserved: string[] };
  /** Families and sizes of instances on which the engine offers no performance insights. */
  readonly withoutPerformanceInsights: RegExp;
  /** Whether transaction ids can run out, and so have to be watched. */
  readonly transactionIdsWrapAround: boolean;
  /** The version, where it is one whose serverless instances cannot pause. */
  readonly cannotPause?: OldVersion;
  /** The version, where it is one whose serverless instances grow to half of what newer ones grow to. */
  readonly growsToHalf?: OldVersion;
  /** The most connections of serverless instances that start from half a unit of capacity or less. */
  readonly connectionsOfSmallStart?: number;
  /** How many connections serverless instances allow that grow to so many units of capacity, where memory alone does not say so. */
  connectionsOfServerless?(maxAcu: number): number;
  /** How many connections AWS's default parameter group allows with so much memory. */
  defaultConnections(memoryBytes: number): number;
  /** The variables that the engine's clients read. */
  clientVariables(target: ClientTarget): ClientVariables;
}
