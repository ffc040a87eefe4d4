import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct } from 'constructs';

/** The service that wants to use something. */
export interface ServiceBindingContext {
  /** The service. What the binding has to create for it is created below this scope, in the service's own stack. */
  readonly service: Construct;
  /**
   * Where the image keeps the RDS certificate bundle.
   * @default - unknown: database clients are told to require TLS, but not which certificate authority to trust
   */
  readonly certificateBundlePath?: string;
}

/** What a service is handed so that it can use something. */
export interface ServiceBinding {
  /**
   * What the service connects to, on its default port. The rule is made in the service's stack.
   * @default - no connection is opened
   */
  readonly connectable?: ec2.IConnectable;
  /**
   * Environment variables of the container. Never a secret.
   * @default - none
   */
  readonly environment?: { [name: string]: string };
  /**
   * Secrets of the container, by the name of the environment variable. The execution role is granted exactly these.
   * @default - none
   */
  readonly secrets?: { [name: string]: ecs.Secret };
  /**
   * The secrets whose rotation makes the service start anew, since tasks read secrets only when they start.
   * @default - none
   */
  readonly rotatedSecrets?: secretsmanager.ISecret[];
}

/** What a service can use, as `uses: [database]`. Implement it for things of your own. */
export interface IServiceBindable extends IConstruct {
  /** What the service needs in order to use this. */
  bindToService(context: ServiceBindingContext): ServiceBinding;
}
