import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct, IDependable } from 'constructs';

/** The service that uses a resource. */
export interface ServiceBindingContext {
  /** The service. Constructs of the binding are created in this scope, in the stack of the service. */
  readonly service: Construct;
  /**
   * The path of the RDS certificate bundle in the image.
   * @default - database clients require TLS and do not verify the server's certificate
   */
  readonly certificateBundlePath?: string;
}

/** The connection, environment variables and secrets that a service needs to use a resource. */
export interface ServiceBinding {
  /**
   * The resource to connect to, on its default port. The security group rules are in the stack of the service.
   * @default - no connection
   */
  readonly connectable?: ec2.IConnectable;
  /**
   * Environment variables of the container. They must not contain secrets.
   * @default - none
   */
  readonly environment?: { [name: string]: string };
  /**
   * Secrets of the container, by the name of the environment variable. The execution role can read only these.
   * @default - none
   */
  readonly secrets?: { [name: string]: ecs.Secret };
  /**
   * Secrets whose rotation requires new tasks immediately, because the previous value becomes invalid.
   *
   * Tasks read secrets only when they start. The password of the master user of a database is such a secret.
   * @default - none
   */
  readonly rotatedSecrets?: secretsmanager.ISecret[];
  /**
   * Secrets whose previous value remains valid until the next rotation. Examples are lists of keys and logins of
   * database users.
   *
   * The service replaces its tasks in its maintenance window, or earlier if the next rotation occurs first. A secret
   * that is also in `rotatedSecrets` requires new tasks immediately.
   * @default - none
   */
  readonly overlappingSecrets?: secretsmanager.ISecret[];
  /**
   * Dependables that must exist before the tasks start, such as the instances of a cluster. CloudFormation creates the
   * service after them. If they are in another stack, the stack of the service depends on that stack. Nothing in this
   * list can depend on the service. The security group rules of `connectable` need no entry: the service always waits
   * for them.
   * @default - everything in the construct that returns the binding, unless it contains the service, and the instances
   * or targets of the database behind `connectable`
   */
  readonly waitFor?: IDependable[];
}

/** A resource that a service can use: `uses: [database]`. Implement it for your own resources. */
export interface IServiceBindable extends IConstruct {
  /** Returns the connection, variables and secrets that the service needs to use this resource. */
  bindToService(context: ServiceBindingContext): ServiceBinding;
}
