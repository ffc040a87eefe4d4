import { Duration, Token, Tokenization } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, IConstruct } from 'constructs';
import { requireSeconds } from './duration-bounds';
import { claimPriority, derivedPriority, FIRST_PRIORITY, LAST_PRIORITY, LONGEST_PATH } from './listener-priority';
import { SecureLoadBalancer } from '../load-balancer/secure-load-balancer';
import { refuse, requireInteger } from '../core/refusal';

/** What is asked of a container to see whether it is well: everything answers something there. */
export const DEFAULT_HEALTH_CHECK_PATH = '/';
/** How often that is asked, in seconds, and how long an answer may take. With two good answers a task is in service after half a minute. */
export const HEALTH_CHECK_INTERVAL_SECONDS = 15;
export const HEALTH_CHECK_TIMEOUT_SECONDS = 5;
export const DEFAULT_HEALTHY_THRESHOLD = 2;
export const DEFAULT_UNHEALTHY_THRESHOLD = 3;
/** How long a new task may fail its health check, in seconds: a program that migrates its database first needs a minute. */
export const DEFAULT_GRACE_PERIOD_SECONDS = 60;
/** How long a task that is going may finish its requests, in seconds: as long as Fargate waits before it kills the container. */
export const DEFAULT_DEREGISTRATION_DELAY_SECONDS = 30;

/** What the load balancer allows: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html */
const SHORTEST_STICKINESS_SECONDS = 1;
const LONGEST_STICKINESS_SECONDS = 7 * 24 * 60 * 60;
const LONGEST_DEREGISTRATION_SECONDS = 3_600;
/** Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
const FEWEST_CHECKS = 2;
const MOST_CHECKS = 10;
const LONGEST_INTERVAL_SECONDS = 300;
/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html */
const LONGEST_GRACE_PERIOD_SECONDS = 2_147_483_647;
const LONGEST_HOST = 128;

/** Which requests a service gets, and how the load balancer treats its tasks. */
export interface ServiceIngressOptions {
  /**
   * The path pattern whose requests the service gets: starts with `/`, at most 128 characters, with `*` and `?` as wildcards.
   * @default - every path
   */
  readonly path?: string;
  /**
   * The host name or pattern whose requests the service gets, at most 128 characters.
   * @default - every host
   */
  readonly host?: string;
  /**
   * Where the rule stands among the listener's rules, 1 to 50,000; the smallest that matches wins. Refused if another service
   * of the app has it on the same listener. Needed where path or host is a token.
   * @default - follows from host and path: what is more specific comes first, what takes every request stands at 50,000
   */
  readonly priority?: number;
  /**
   * The path that says whether a task is well, with a status of 200 to 299. It should not depend on the database: when that is
   * down, new tasks do not help.
   * @default '/'
   */
  readonly healthCheckPath?: string;
  /**
   * How often the path is asked for: 6 to 300 seconds, since an answer may take 5.
   * @default Duration.seconds(15)
   */
  readonly healthCheckInterval?: Duration;
  /**
   * How many good answers in a row make a task well: 2 to 10.
   * @default 2
   */
  readonly healthyThreshold?: number;
  /**
   * How many bad answers in a row make a task be replaced: 2 to 10.
   * @default 3
   */
  readonly unhealthyThreshold?: number;
  /**
   * How long after its start a task may give bad answers, in whole seconds.
   * @default Duration.seconds(60)
   */
  readonly healthCheckGracePeriod?: Duration;
  /**
   * How long a client comes back to the same task, by a cookie of the load balancer: 1 second to 7 days.
   * @default - any task
   */
  readonly stickiness?: Duration;
  /**
   * How long a task that is going may finish its requests: 0 to 3,600 seconds. Fargate kills the container 30 seconds after
   * it was told to stop, so a longer delay helps requests only until then.
   * @default Duration.seconds(30)
   */
  readonly deregistrationDelay?: Duration;
  /**
   * What the container speaks. With HTTPS the way from the load balancer to the container is encrypted too; any certificate
   * does, a self-signed one as well, since the load balancer does not check it.
   * @default ApplicationProtocol.HTTP
   */
  readonly containerProtocol?: elbv2.ApplicationProtocol;
}

/** A listener that is made for a service on a load balancer that is there already. */
export interface NewListenerOptions extends ServiceIngressOptions {
  /** The certificates, at least one. The first is shown to clients that name no host. */
  readonly certificates: acm.ICertificate[];
  /**
   * The port: 1 to 65,535. Who may reach it is said by the load balancer's own security group; nothing is opened.
   * @default 443
   */
  readonly port?: number;
}

/** What stands between a listener and the tasks. */
export interface IngressTarget {
  readonly targetGroup: elbv2.ApplicationTargetGroup;
  readonly healthCheckGracePeriod: Duration;
}

/** Where the requests of a service come from. */
export abstract class ServiceIngress {
  /** From a `SecureLoadBalancer`, which several services may share by paths or hosts. */
  public static loadBalancer(entrance: SecureLoadBalancer, options: ServiceIngressOptions = {}): ServiceIngress {
    return new ListenerIngress(options, () => entrance.listener);
  }

  /** From a listener that is there already, of this app or imported with its security group. */
  public static listener(listener: elbv2.IApplicationListener, options: ServiceIngressOptions = {}): ServiceIngress {
    return new ListenerIngress(options, () => listener);
  }

  /**
   * From a load balancer that is there already, by a new HTTPS listener on it, made in the service's stack. Requests that no
   * rule takes are answered with 404.
   */
  public static newListener(loadBalancer: elbv2.IApplicationLoadBalancer, options: NewListenerOptions): ServiceIngress {
    return new NewListenerIngress(loadBalancer, options);
  }

  /** From nowhere: a worker that fetches its work itself. */
  public static none(): ServiceIngress {
    return new NoIngress();
  }

  /** @internal Refuses what cannot be deployed. */
  public abstract _validate(scope: IConstruct, containerPort: number | undefined): void;

  /** @internal Makes the target group and the rule, in the stack of the service. */
  public abstract _attach(scope: Construct, vpc: ec2.IVpc, containerPort: number | undefined): IngressTarget | undefined;
}

class NoIngress extends ServiceIngress {
  public _validate(): void {
    // A port without ingress may be there for other services.
  }

  public _attach(): undefined {
    return undefined;
  }
}

class ListenerIngress extends ServiceIngress {
  constructor(private readonly options: ServiceIngressOptions, private readonly listener: (scope: Construct) => elbv2.IApplicationListener) {
    super();
  }

  public _validate(scope: IConstruct, containerPort: number | undefined): void {
    if (containerPort === undefined) {
      refuse(scope, {
        prop: 'containerPort',
        given: undefined,
        allowed: 'the port that the program in the container listens on, since the service has ingress',
        change: 'pass containerPort',
      });
    }
    this.validateMatch(scope);
    this.validateTarget(scope);
  }

  public _attach(scope: Construct, vpc: ec2.IVpc, containerPort: number | undefined): IngressTarget {
    const { path, host, priority, healthCheckGracePeriod } = this.options;
    const listener = this.listener(scope);
    const effective = priority ?? derivedPriority({ path, host });
    claimPriority(scope, listener, effective);
    const targetGroup = this.defineTargetGroup(scope, vpc, containerPort!);
    new elbv2.ApplicationListenerRule(scope, 'Rule', {
      listener,
      priority: effective,
      conditions: [
        ...(host === undefined ? [] : [elbv2.ListenerCondition.hostHeaders([host])]),
        ...(path === undefined && host !== undefined ? [] : [elbv2.ListenerCondition.pathPatterns([path ?? '/*'])]),
      ],
      action: elbv2.ListenerAction.forward([targetGroup]),
    });
    return { targetGroup, healthCheckGracePeriod: healthCheckGracePeriod ?? Duration.seconds(DEFAULT_GRACE_PERIOD_SECONDS) };
  }

  private defineTargetGroup(scope: Construct, vpc: ec2.IVpc, port: number): elbv2.ApplicationTargetGroup {
    const { options } = this;
    const protocol = options.containerProtocol ?? elbv2.ApplicationProtocol.HTTP;
    const targetGroup = new elbv2.ApplicationTargetGroup(scope, 'TargetGroup', {
      vpc,
      port,
      protocol,
      protocolVersion: elbv2.ApplicationProtocolVersion.HTTP1,
      targetType: elbv2.TargetType.IP,
      deregistrationDelay: options.deregistrationDelay ?? Duration.seconds(DEFAULT_DEREGISTRATION_DELAY_SECONDS),
      healthCheck: {
        path: options.healthCheckPath ?? DEFAULT_HEALTH_CHECK_PATH,
        protocol: protocol === elbv2.ApplicationProtocol.HTTPS ? elbv2.Protocol.HTTPS : elbv2.Protocol.HTTP,
        interval: options.healthCheckInterval ?? Duration.seconds(HEALTH_CHECK_INTERVAL_SECONDS),
        timeout: Duration.seconds(HEALTH_CHECK_TIMEOUT_SECONDS),
        healthyThresholdCount: options.healthyThreshold ?? DEFAULT_HEALTHY_THRESHOLD,
        unhealthyThresholdCount: options.unhealthyThreshold ?? DEFAULT_UNHEALTHY_THRESHOLD,
        healthyHttpCodes: '200-299',
      },
    });
    if (options.stickiness) stickTo(targetGroup, options.stickiness);
    return targetGroup;
  }

  private validateMatch(scope: IConstruct): void {
    const { path, host, priority } = this.options;
    requirePath(scope, 'ingress.path', path);
    if (host !== undefined && !Token.isUnresolved(host) && !new RegExp(`^[A-Za-z0-9.*?-]{1,${LONGEST_HOST}}$`).test(host)) {
      refuse(scope, {
        prop: 'ingress.host',
        given: host,
        allowed: `a host name or pattern of at most ${LONGEST_HOST} characters`,
        change: 'pass the host alone, without protocol, port and path',
      });
    }
    requireInteger(scope, 'ingress.priority', priority, FIRST_PRIORITY, LAST_PRIORITY);
    if (priority === undefined && (Token.isUnresolved(path) || Token.isUnresolved(host))) {
      refuse(scope, {
        prop: 'ingress.priority',
        given: undefined,
        allowed: 'an explicit priority where path or host is known only at deployment',
        change: 'pass ingress.priority',
      });
    }
  }

  private validateTarget(scope: IConstruct): void {
    const { options } = this;
    requirePath(scope, 'ingress.healthCheckPath', options.healthCheckPath);
    requireSeconds(scope, 'ingress.healthCheckInterval', options.healthCheckInterval, HEALTH_CHECK_TIMEOUT_SECONDS + 1, LONGEST_INTERVAL_SECONDS);
    requireInteger(scope, 'ingress.healthyThreshold', options.healthyThreshold, FEWEST_CHECKS, MOST_CHECKS);
    requireInteger(scope, 'ingress.unhealthyThreshold', options.unhealthyThreshold, FEWEST_CHECKS, MOST_CHECKS);
    requireSeconds(scope, 'ingress.healthCheckGracePeriod', options.healthCheckGracePeriod, 0, LONGEST_GRACE_PERIOD_SECONDS);
    requireSeconds(scope, 'ingress.stickiness', options.stickiness, SHORTEST_STICKINESS_SECONDS, LONGEST_STICKINESS_SECONDS);
    requireSeconds(scope, 'ingress.deregistrationDelay', options.deregistrationDelay, 0, LONGEST_DEREGISTRATION_SECONDS);
  }
}

class NewListenerIngress extends ListenerIngress {
  constructor(loadBalancer: elbv2.IApplicationLoadBalancer, private readonly listenerOptions: NewListenerOptions) {
    super(listenerOptions, (scope) => new elbv2.ApplicationListener(scope, 'Listener', {
      loadBalancer,
      port: listenerOptions.port ?? 443,
      protocol: elbv2.ApplicationProtocol.HTTPS,
      sslPolicy: elbv2.SslPolicy.TLS13_12_RES_PQ,
      certificates: listenerOptions.certificates,
      open: false,
      defaultAction: elbv2.ListenerAction.fixedResponse(404, { contentType: 'text/plain', messageBody: 'Not found' }),
    }));
  }

  public _validate(scope: IConstruct, containerPort: number | undefined): void {
    super._validate(scope, containerPort);
    requireInteger(scope, 'ingress.port', this.listenerOptions.port, 1, 65_535);
    if (this.listenerOptions.certificates.length > 0) return;
    refuse(scope, { prop: 'ingress.certificates', given: [], allowed: 'at least one certificate', change: 'pass the certificate of the host name' });
  }
}

/** Attributes, not the target group's own prop, which takes no duration that is known only at deployment. */
function stickTo(targetGroup: elbv2.ApplicationTargetGroup, duration: Duration): void {
  targetGroup.setAttribute('stickiness.enabled', 'true');
  targetGroup.setAttribute('stickiness.type', 'lb_cookie');
  targetGroup.setAttribute('stickiness.lb_cookie.duration_seconds', Tokenization.stringifyNumber(duration.toSeconds()));
}

function requirePath(scope: IConstruct, prop: string, path: string | undefined): void {
  if (path === undefined || Token.isUnresolved(path)) return;
  if (path.startsWith('/') && path.length <= LONGEST_PATH && !/\s/.test(path)) return;
  refuse(scope, { prop, given: path, allowed: `a path that starts with / and has at most ${LONGEST_PATH} characters`, change: 'pass a path as it stands in a URL' });
}
