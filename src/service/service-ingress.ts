import { Duration, Tokenization } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct, IConstruct } from 'constructs';
import { HEALTH_CHECK_TIMEOUT_SECONDS, validateIngress } from './ingress-validation';
import { claimPriority } from './listener-priority';
import { ServiceIngressOptions } from './service-ingress-options';
import { targetGroupId } from './target-group-id';
import { requireReachable, requireSameVpc } from '../blocks/same-vpc';
import { checkFactory } from '../core/check-props';
import { markChoice } from '../core/choice';
import { declareWatched } from '../core/monitored-mark';
import { refuse, requireDistinct } from '../core/refusal';
import { requireRegionOf } from '../core/same-region';
import { MAX_ADDITIONAL_CERTIFICATES, requireCertificateQuota } from '../endpoint/certificate-quota';
import { sendHsts } from '../endpoint/hsts';
import { WebDomainOptions, WebEndpoint } from '../endpoint/web-endpoint';
import { SecureLoadBalancer } from '../load-balancer/secure-load-balancer';

/** The health check path: every HTTP server responds to it. */
export const DEFAULT_HEALTH_CHECK_PATH = '/';
/** The interval of the health check, in seconds. With two successful checks, a task is in service after 30 seconds. */
export const HEALTH_CHECK_INTERVAL_SECONDS = 15;
export const DEFAULT_HEALTHY_THRESHOLD = 2;
export const DEFAULT_UNHEALTHY_THRESHOLD = 3;
/**
 * How long a new task can fail its health check, in seconds: a program that migrates its database first needs a minute.
 */
export const DEFAULT_GRACE_PERIOD_SECONDS = 60;
/**
 * How long a stopping task can finish its requests, in seconds: the time that ECS waits before it kills a container.
 */
export const DEFAULT_DEREGISTRATION_DELAY_SECONDS = 30;

/**
 * The port of the target group. ECS registers each task with its container port, so this port is never used. It does
 * not depend on the container port, because a change of the port replaces a target group.
 * https://docs.aws.amazon.com/cli/latest/reference/elbv2/register-targets.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancingv2-targetgroup.html
 */
const TARGET_GROUP_PORT = 80;
const HTTPS_PORT = 443;

/** The properties of a service that its ingress uses. */
export interface IngressSite {
  readonly vpc: ec2.IVpc;
  /** The key of the service, for a load balancer that the service creates. */
  readonly encryptionKey: kms.IKey;
}

/** The resources that an ingress created for its service. */
export interface IngressTarget {
  readonly targetGroup: elbv2.ApplicationTargetGroup;
  /** The load balancer. */
  readonly source: ec2.IConnectable;
  readonly healthCheckGracePeriod: Duration;
  /** The load balancer that `ServiceIngress.https` creates. */
  readonly loadBalancer?: SecureLoadBalancer;
}

/** The domain of a service, the requests that it receives, and the settings of its target group. */
export interface HttpsIngressOptions extends WebDomainOptions, ServiceIngressOptions {}

/** The listener that forwards requests to a service. */
interface IngressListener {
  readonly listener: elbv2.IApplicationListener;
  readonly loadBalancer?: SecureLoadBalancer;
}

/**
 * The source of the requests to a service.
 *
 * @example
 * declare const services: ServiceCluster;
 * declare const images: HardenedRepository;
 * declare const loadBalancer: SecureLoadBalancer;
 *
 * services.addService(this, 'Api', {
 *   image: images.image('1.4.2'),
 *   containerPort: 8080,
 *   ingress: ServiceIngress.loadBalancer(loadBalancer, { path: '/api/*', healthCheckPath: '/health' }),
 * });
 */
export abstract class ServiceIngress {
  /**
   * Requests come from a `SecureLoadBalancer` that the service creates.
   *
   * The load balancer serves HTTPS at a domain name, is a child of the service with the ID `LoadBalancer`, uses the key
   * of the service for the log of its firewall, and is part of the service's monitoring plan. To share or configure a
   * load balancer, create a `SecureLoadBalancer` and use `loadBalancer`.
   */
  public static https(options: HttpsIngressOptions): ServiceIngress {
    checkFactory('ServiceIngress.https', { options });
    const { domainName, additionalDomainNames, hostedZone, certificate, createAliasRecords } = options;
    const domain = { domainName, additionalDomainNames, hostedZone, certificate, createAliasRecords };
    return new ListenerIngress(options, (scope, { vpc, encryptionKey }) => {
      const endpoint = WebEndpoint.domain(domain);
      const loadBalancer = new SecureLoadBalancer(scope, 'LoadBalancer', { vpc, endpoint, encryptionKey });
      // Monitoring that watches the service also watches its load balancer.
      declareWatched(loadBalancer);
      return { loadBalancer, listener: loadBalancer.listener };
    });
  }

  /** Requests come from a `SecureLoadBalancer`. Several services can share it by paths or hosts. */
  public static loadBalancer(loadBalancer: SecureLoadBalancer, options: ServiceIngressOptions = {}): ServiceIngress {
    checkFactory('ServiceIngress.loadBalancer', { loadBalancer, options });
    return new ListenerIngress(options, () => ({ listener: loadBalancer.listener }));
  }

  /** Requests come from an existing listener, of this app or imported with its security group. */
  public static listener(listener: elbv2.IApplicationListener, options: ServiceIngressOptions = {}): ServiceIngress {
    checkFactory('ServiceIngress.listener', { listener, options });
    return new ListenerIngress(options, () => ({ listener }));
  }

  /**
   * Requests come from an existing load balancer, through a new HTTPS listener on port 443.
   *
   * The listener is in the service's stack. It responds with 404 to requests that match no rule. The security group of
   * the load balancer does not change. For another port, add a listener to the load balancer yourself and use
   * `listener`.
   * @param loadBalancer the existing load balancer
   * @param certificates the certificates, from 1 to 26; clients that send no host name get the first one
   * @param options the requests that the service receives, and the settings of its target group
   */
  public static newListener(
    loadBalancer: elbv2.IApplicationLoadBalancer, certificates: acm.ICertificate[], options: ServiceIngressOptions = {},
  ): ServiceIngress {
    checkFactory('ServiceIngress.newListener', { loadBalancer, certificates, options });
    return new NewListenerIngress(loadBalancer, certificates, options);
  }

  /** The service receives no requests, for example because it is a worker that polls a queue. */
  public static none(): ServiceIngress {
    return new NoIngress();
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'ServiceIngress');

  /** @internal Refuses settings that cannot be deployed. */
  public abstract _validate(scope: IConstruct, containerPort: number | undefined): void;

  /** @internal Creates the target group and the listener rule, in the stack of the service. */
  public abstract _attach(scope: Construct, site: IngressSite): IngressTarget | undefined;
}

class NoIngress extends ServiceIngress {
  public _validate(): void {
    // A service without ingress can have a port: other services can connect to it.
  }

  public _attach(): undefined {
    return undefined;
  }
}

class ListenerIngress extends ServiceIngress {
  constructor(
    private readonly options: ServiceIngressOptions,
    private readonly listener: (scope: Construct, site: IngressSite) => IngressListener,
  ) {
    super();
  }

  public _validate(scope: IConstruct, containerPort: number | undefined): void {
    validateIngress(scope, this.options, containerPort);
  }

  public _attach(scope: Construct, site: IngressSite): IngressTarget {
    const { path, host, priority, healthCheckGracePeriod } = this.options;
    const { listener, loadBalancer } = this.listener(scope, site);
    requireNearby(scope, listener, site.vpc);
    const effective = claimPriority(scope, listener, { path, host }, priority);
    const targetGroup = this.defineTargetGroup(scope, targetGroupId(scope, listener), site);
    new elbv2.ApplicationListenerRule(scope, 'Rule', {
      listener,
      priority: effective,
      conditions: [
        ...(host === undefined ? [] : [elbv2.ListenerCondition.hostHeaders([host])]),
        ...(path === undefined && host !== undefined ? [] : [elbv2.ListenerCondition.pathPatterns([path ?? '/*'])]),
      ],
      action: elbv2.ListenerAction.forward([targetGroup]),
    });
    return {
      targetGroup,
      source: listener,
      loadBalancer,
      healthCheckGracePeriod: healthCheckGracePeriod ?? Duration.seconds(DEFAULT_GRACE_PERIOD_SECONDS),
    };
  }

  private defineTargetGroup(scope: Construct, id: string, { vpc }: IngressSite): elbv2.ApplicationTargetGroup {
    const { options } = this;
    const protocol = options.containerProtocol ?? elbv2.ApplicationProtocol.HTTP;
    const targetGroup = new elbv2.ApplicationTargetGroup(scope, id, {
      vpc,
      port: TARGET_GROUP_PORT,
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
    if (options.stickiness) enableStickiness(targetGroup, options.stickiness);
    return targetGroup;
  }
}

class NewListenerIngress extends ListenerIngress {
  constructor(
    existing: elbv2.IApplicationLoadBalancer, private readonly certificates: acm.ICertificate[],
    options: ServiceIngressOptions,
  ) {
    super(options, (scope) => ({
      listener: newHttpsListener(scope, {
        loadBalancer: existing,
        port: HTTPS_PORT,
        protocol: elbv2.ApplicationProtocol.HTTPS,
        sslPolicy: elbv2.SslPolicy.TLS13_12_RES_PQ,
        certificates,
        open: false,
        defaultAction: elbv2.ListenerAction.fixedResponse(404, { contentType: 'text/plain', messageBody: 'Not found' }),
      }),
    }));
  }

  public _validate(scope: IConstruct, containerPort: number | undefined): void {
    super._validate(scope, containerPort);
    requireDistinct(scope, 'ingress.certificates', this.certificates);
    for (const certificate of this.certificates) {
      requireRegionOf(scope, 'ingress.certificates', 'a certificate', certificate, certificate.certificateArn);
    }
    // The first one is the default certificate of the listener.
    requireCertificateQuota(
      scope, 'ingress.certificates', this.certificates.length, MAX_ADDITIONAL_CERTIFICATES + 1,
    );
    if (this.certificates.length > 0) return;
    refuse(scope, {
      prop: 'ingress.certificates',
      given: this.certificates,
      allowed: 'at least one certificate',
      change: 'pass the certificate of the host name',
    });
  }
}

/** Refuses a load balancer of another VPC or region: its targets are in its own VPC. */
function requireNearby(scope: Construct, listener: elbv2.IApplicationListener, vpc: ec2.IVpc): void {
  requireRegionOf(scope, 'ingress', 'a load balancer', listener, listener.listenerArn);
  const expected = { prop: 'ingress', what: 'a load balancer', vpc };
  requireReachable(scope, expected, listener);
  requireSameVpc(scope, expected, (listener as Partial<elbv2.ApplicationListener>).loadBalancer?.vpc);
}

/**
 * Enables stickiness by the attributes of the target group.
 *
 * The L2's own prop does not accept a duration that is known only at deployment.
 */
function enableStickiness(targetGroup: elbv2.ApplicationTargetGroup, duration: Duration): void {
  targetGroup.setAttribute('stickiness.enabled', 'true');
  targetGroup.setAttribute('stickiness.type', 'lb_cookie');
  targetGroup.setAttribute('stickiness.lb_cookie.duration_seconds', Tokenization.stringifyNumber(duration.toSeconds()));
}

function newHttpsListener(scope: Construct, props: elbv2.ApplicationListenerProps): elbv2.ApplicationListener {
  const listener = new elbv2.ApplicationListener(scope, 'Listener', props);
  sendHsts(listener, true);
  return listener;
}
