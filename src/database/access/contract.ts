import { UserDefinition } from './logins';

/** A user and the ARN of its secret, in the environment of the function. A user with an IAM token has no secret. */
export interface ManagedUser extends UserDefinition {
  readonly secretArn?: string;
}

/** The environment variables of the function that manages the users of a database. They contain no secrets. */
export interface DatabaseUsersEnvironment {
  readonly ENGINE: 'postgres' | 'mysql';
  readonly HOST: string;
  readonly PORT: string;
  readonly DATABASE: string;
  readonly SCHEMA: string;
  /** The ARN of the secret of the master user, which RDS manages. */
  readonly ADMINISTRATOR: string;
  /** JSON of a list of `ManagedUser`. */
  readonly USERS: string;
}

/** The properties of the custom resource of a user. A change of any property calls the function again. */
export interface DatabaseUserProperties {
  readonly User: string;
  readonly Privileges: string;
  readonly Login: 'password' | 'iamToken';
  /** The ARN of the secret. It differs between a deleted user and a successor of the same name. */
  readonly SecretArn?: string;
}
