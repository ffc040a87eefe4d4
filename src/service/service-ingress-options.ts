import { Duration } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';

/** The requests that a service receives, and the settings of its target group. */
export interface ServiceIngressOptions {
  /**
   * The path pattern of the requests that the service receives: starts with `/`, has at most 128 characters, and can
   * contain the wildcards `*` and `?`. Without a wildcard, the pattern matches no path below it, and an info message
   * states this.
   * @default - every path
   */
  readonly path?: string;
  /**
   * The host name or pattern of the requests that the service receives, at most 128 characters.
   * @default - every host
   */
  readonly host?: string;
  /**
   * The priority of the listener rule, 1 to 50,000. The rule with the lowest number that matches wins. A priority that
   * another service of the app uses on the same listener is refused. A priority with which a service receives no
   * requests is refused too. Required if path or host is a token.
   * @default - derived from host and path: specific rules come first, and a rule for every request has 50,000
   */
  readonly priority?: number;
  /**
   * The health check path. A task is healthy if it responds with a status from 200 to 299. The path should not depend
   * on the database, because new tasks do not help when the database is down.
   * @default '/'
   */
  readonly healthCheckPath?: string;
  /**
   * The interval between health checks: 6 to 300 seconds. A response can take 5 seconds.
   * @default Duration.seconds(15)
   */
  readonly healthCheckInterval?: Duration;
  /**
   * The number of consecutive successful checks after which a task is healthy: 2 to 10.
   * @default 2
   */
  readonly healthyThreshold?: number;
  /**
   * The number of consecutive failed checks after which a task is replaced: 2 to 10.
   * @default 3
   */
  readonly unhealthyThreshold?: number;
  /**
   * How long after its start a task can fail its health check, in whole seconds.
   * @default Duration.seconds(60)
   */
  readonly healthCheckGracePeriod?: Duration;
  /**
   * How long a cookie of the load balancer sends a client to the same task: 1 second to 7 days.
   * @default - any task
   */
  readonly stickiness?: Duration;
  /**
   * How long a stopping task can finish its requests: 0 to 3,600 seconds. Fargate kills the container 30 seconds after
   * it signals the container to stop, so a longer delay helps only until then.
   * @default Duration.seconds(30)
   */
  readonly deregistrationDelay?: Duration;
  /**
   * The protocol between the load balancer and the container. HTTPS encrypts this part too. The container can use any
   * certificate, including a self-signed one, because the load balancer does not verify it.
   * @default ApplicationProtocol.HTTP
   */
  readonly containerProtocol?: elbv2.ApplicationProtocol;
}
