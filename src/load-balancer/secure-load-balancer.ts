import { Duration, Tokenization } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { loadBalancerLogBucket, logTo } from './load-balancer-logs';
import { loadBalancerPlan } from './load-balancer-monitoring';
import { validateLoadBalancer } from './load-balancer-validation';
import { SecureLoadBalancerProps } from './secure-load-balancer-props';
import { closeEgress } from '../blocks/closed-egress';
import { acknowledge } from '../core/acknowledge';
import { checkProps } from '../core/check-props';
import { protectionOf } from '../core/data-protection';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatchable, declareWatched } from '../core/monitored-mark';
import { relax, RelaxationOptions } from '../core/relaxation';
import { aliasRecords, requestCertificate } from '../endpoint/endpoint-domain';
import { includeSubdomains, sendHsts } from '../endpoint/hsts';
import { WebEndpoint } from '../endpoint/web-endpoint';
import { WebFirewall } from '../firewall/web-firewall';
import { IWebFirewall } from '../firewall/web-firewall-interface';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

/** The default idle timeout, in seconds. It equals the default of Elastic Load Balancing. */
export const DEFAULT_IDLE_TIMEOUT_SECONDS = 60;

/**
 * The disabled attributes. Requests fail if the firewall does not respond, and the load balancer adds no unused
 * headers.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#load-balancer-attributes
 */
const DISABLED_ATTRIBUTES = [
  'waf.fail_open',
  'routing.http.xff_client_port',
  'routing.http.x_amzn_tls_version_and_cipher_suite',
];
const HTTPS_PORT = 443;
const HTTP_PORT = 80;
/**
 * The ID of the listener on port 80, with HTTPS and with plain HTTP. With two IDs, CloudFormation would create the new
 * listener first, and a load balancer accepts one listener for each port.
 * https://github.com/aws/aws-cdk/issues/34235
 */
const HTTP_LISTENER = 'Http';

/**
 * An Application Load Balancer for HTTPS with a web firewall and logs.
 *
 * It supports TLS 1.2 and later, redirects HTTP to HTTPS, logs requests and connections, and returns 404 for requests
 * that no service handles. AWS delivers these logs on a best-effort basis.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const zone: route53.IHostedZone;
 *
 * const loadBalancer = new SecureLoadBalancer(this, 'Entrance', {
 *   vpc: network,
 *   endpoint: WebEndpoint.domain({ domainName: 'api.example.com', hostedZone: zone }),
 * });
 */
export class SecureLoadBalancer extends Construct implements ec2.IConnectable, IMonitored {
  /** The load balancer. */
  public readonly loadBalancer: elbv2.ApplicationLoadBalancer;
  /** The listener to which services add their rules: HTTPS on 443, or HTTP on 80 with `WebEndpoint.plainHttp`. */
  public readonly listener: elbv2.ApplicationListener;
  /** The allowed inbound connections. Each service adds the outbound rule to its own targets. */
  public readonly connections: ec2.Connections;
  /** The certificate, existing or requested. Undefined with `WebEndpoint.plainHttp`. */
  public readonly certificate?: acm.ICertificate;
  /**
   * The bucket for the access logs and the connection logs.
   *
   * Their prefixes are `access-logs/` and `connection-logs/`.
   */
  public readonly accessLogBucket: s3.IBucket;
  /** The firewall. */
  public readonly firewall: IWebFirewall;
  /**
   * The domain name of the endpoint, or the name that AWS assigned.
   *
   * With `createAliasRecords: false`, the DNS records of the domain name can still lead to another system.
   */
  public readonly domainName: string;
  /** The URL: `https://` and the domain name, or `http://` with `WebEndpoint.plainHttp`. */
  public readonly url: string;
  private readonly ownFirewall?: WebFirewall;

  /** Creates the load balancer. It returns 404 until a service adds a rule to its listener. */
  constructor(scope: Construct, id: string, props: SecureLoadBalancerProps) {
    super(scope, id);
    checkProps(this, 'SecureLoadBalancerProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    validateLoadBalancer(this, props);
    const { endpoint, internetFacing = true } = props;
    const plainHttp = endpoint._plainHttp;

    const securityGroup = this.defineSecurityGroup(props.vpc);
    const defaultPort = ec2.Port.tcp(plainHttp ? HTTP_PORT : HTTPS_PORT);
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort });
    if (internetFacing) this.admitInternet(securityGroup, plainHttp ? [HTTP_PORT] : [HTTPS_PORT, HTTP_PORT]);

    this.loadBalancer = this.defineLoadBalancer(props, internetFacing, securityGroup);
    this.accessLogBucket = loadBalancerLogBucket(this, props.accessLogBucket);
    logTo(this.loadBalancer, this.accessLogBucket);

    this.certificate = plainHttp ? undefined : endpoint._certificate ?? requestCertificate(this, endpoint);
    this.listener = plainHttp
      ? this.listenHttp(plainHttp)
      : this.listenHttps([this.certificate!, ...(props.additionalCertificates ?? [])], props.hstsDomainOnly);

    this.ownFirewall = props.firewall ? undefined : this.defineFirewall(props.encryptionKey);
    this.firewall = props.firewall ?? this.ownFirewall!;
    this.firewall.protect(this.loadBalancer, this.loadBalancer.loadBalancerArn);

    this.defineRecords(endpoint);
    this.domainName = endpoint._domainNames[0] ?? this.loadBalancer.loadBalancerDnsName;
    this.url = `${plainHttp ? 'http' : 'https'}://${this.domainName}`;
  }

  /**
   * Returns the alarms of the load balancer and of the firewall that it creates.
   *
   * The alarms of the load balancer are for errors of the load balancer itself, responses slower than a second,
   * rejected connections, and a certificate that expires within 30 days. Pass your own firewall to `watch` separately.
   */
  public monitoringPlan(): MonitoringPlan {
    const plan = loadBalancerPlan(this.node.path, this.loadBalancer, this.certificate);
    const firewallPlan = this.ownFirewall?.monitoringPlan();
    return {
      ...plan,
      alarms: [...plan.alarms, ...(firewallPlan?.alarms ?? [])],
      widgets: [...plan.widgets, ...(firewallPlan?.widgets ?? [])],
    };
  }

  private defineSecurityGroup(vpc: ec2.IVpc): ec2.SecurityGroup {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Connections from clients to the load balancer, and from it to its targets',
      allowAllOutbound: false,
      allowAllIpv6Outbound: false,
    });
    closeEgress(securityGroup);
    return securityGroup;
  }

  /** Adds separate rule resources. The acknowledgement then does not apply to rules that an app adds to the group. */
  private admitInternet(securityGroup: ec2.SecurityGroup, ports: number[]): void {
    for (const port of ports) {
      const rule = new ec2.CfnSecurityGroupIngress(this, `FromInternetTo${port}`, {
        groupId: securityGroup.securityGroupId,
        description: `Port ${port} from the internet`,
        ipProtocol: 'tcp',
        cidrIp: '0.0.0.0/0',
        fromPort: port,
        toPort: port,
      });
      acknowledge(rule, {
        rules: ['AwsSolutions-EC23'],
        reason: `This load balancer is internet-facing: clients connect to port ${port}, and its web firewall `
          + 'inspects the requests.',
      });
    }
  }

  private defineLoadBalancer(
    props: SecureLoadBalancerProps, internetFacing: boolean, securityGroup: ec2.SecurityGroup,
  ): elbv2.ApplicationLoadBalancer {
    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'Resource', {
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      internetFacing,
      securityGroup,
      ipAddressType: elbv2.IpAddressType.IPV4,
      deletionProtection: !protectionOf(this).isDisposable,
      http2Enabled: true,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: elbv2.DesyncMitigationMode.DEFENSIVE,
      // The last entry is the client address that the load balancer added. Callers can forge the entries before it.
      xffHeaderProcessingMode: elbv2.XffHeaderProcessingMode.APPEND,
    });
    // aws-cdk-lib writes the encoded number of a timeout that is a token.
    const idleTimeout = props.idleTimeout ?? Duration.seconds(DEFAULT_IDLE_TIMEOUT_SECONDS);
    loadBalancer.setAttribute('idle_timeout.timeout_seconds', Tokenization.stringifyNumber(idleTimeout.toSeconds()));
    // aws-cdk-lib omits false values, so the service would use its default.
    for (const attribute of DISABLED_ATTRIBUTES) loadBalancer.setAttribute(`${attribute}.enabled`, 'false');
    if (protectionOf(this).isDisposable) {
      acknowledge(loadBalancer, {
        rules: ['HIPAA.Security-ELBDeletionProtectionEnabled', 'NIST.800.53.R5-ELBDeletionProtectionEnabled'],
        reason: 'The app declares its data disposable: deletion protection would block the deletion of the stack.',
      });
    }
    return loadBalancer;
  }

  private listenHttps(
    [first, ...more]: acm.ICertificate[], hstsDomainOnly: RelaxationOptions | undefined,
  ): elbv2.ApplicationListener {
    const listener = this.loadBalancer.addListener('Https', {
      port: HTTPS_PORT,
      protocol: elbv2.ApplicationProtocol.HTTPS,
      certificates: [first],
      // The policy that AWS recommends: TLS 1.3 and 1.2 with forward secrecy and authenticated ciphers only.
      // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
      sslPolicy: elbv2.SslPolicy.TLS13_12_RES_PQ,
      open: false,
      defaultAction: notFound(),
    });
    sendHsts(listener, includeSubdomains(this, hstsDomainOnly, 'load balancer'));
    // The id contains the certificate, not its position: after a reorder, CloudFormation would add a certificate and
    // then remove it.
    for (const certificate of more) {
      listener.addCertificates(`Certificate${certificate.node.addr.slice(-8)}`, [certificate]);
    }
    const redirect = this.loadBalancer.addListener(HTTP_LISTENER, {
      port: HTTP_PORT,
      protocol: elbv2.ApplicationProtocol.HTTP,
      open: false,
      defaultAction: elbv2.ListenerAction.redirect({ protocol: 'HTTPS', port: `${HTTPS_PORT}`, permanent: true }),
    });
    acknowledge(redirect, {
      rules: ['HIPAA.Security-ELBv2ACMCertificateRequired', 'NIST.800.53.R5-ELBv2ACMCertificateRequired'],
      reason: 'A listener for HTTP has no certificate: this one only redirects clients to the HTTPS listener, which '
        + 'has one.',
    });
    return listener;
  }

  private listenHttp({ reason }: RelaxationOptions): elbv2.ApplicationListener {
    relax(this, {
      id: 'plain-http',
      what: 'requests travel unencrypted between clients and the load balancer',
      reason,
    });
    const listener = this.loadBalancer.addListener(HTTP_LISTENER, {
      port: HTTP_PORT,
      protocol: elbv2.ApplicationProtocol.HTTP,
      open: false,
      defaultAction: notFound(),
    });
    acknowledge(listener, {
      rules: ['ALBHttpToHttpsRedirection', 'ELBv2ACMCertificateRequired'].flatMap((rule) => [
        `HIPAA.Security-${rule}`,
        `NIST.800.53.R5-${rule}`,
      ]),
      reason: `The app accepts plain HTTP, for this reason: ${reason}`,
    });
    return listener;
  }

  private defineFirewall(encryptionKey: kms.IKey | undefined): WebFirewall {
    const firewall = new WebFirewall(this, 'Firewall', { encryptionKey });
    // The monitoring plan of the load balancer includes its firewall.
    declareWatched(firewall);
    return firewall;
  }

  private defineRecords({ _domainNames: [domainName], _recordZone: zone }: WebEndpoint): void {
    if (zone) aliasRecords(this, { zone, domainName, target: new targets.LoadBalancerTarget(this.loadBalancer) });
  }
}

function notFound(): elbv2.ListenerAction {
  return elbv2.ListenerAction.fixedResponse(404, { contentType: 'text/plain', messageBody: 'Not found' });
}
