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
import { aliasRecords, requestCertificate } from '../endpoint/endpoint-domain';
import { WebEndpoint } from '../endpoint/web-endpoint';
import { IWebFirewall, WebFirewall } from '../firewall/web-firewall';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';
import { acknowledge } from '../core/acknowledge';
import { pinFeatureFlags } from '../core/feature-flags';
import { relax, RelaxationOptions } from '../core/relaxation';
import { declareWatchable, declareWatched } from '../core/monitored-mark';
import { DataProtection } from '../core/data-protection';

/** How long a connection may be silent, in seconds: what Elastic Load Balancing does by default. */
export const DEFAULT_IDLE_TIMEOUT_SECONDS = 60;

/**
 * Requests pass no firewall that does not answer, and targets get no headers of the load balancer's that nothing here reads:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#load-balancer-attributes
 */
const SWITCHED_OFF = ['waf.fail_open', 'routing.http.xff_client_port', 'routing.http.x_amzn_tls_version_and_cipher_suite'];
const HTTPS_PORT = 443;
const HTTP_PORT = 80;

/**
 * The entrance of an application: an Application Load Balancer that speaks TLS 1.2 and later, sends HTTP over to HTTPS, stands behind a
 * web firewall, logs every request and connection, and answers 404 to whatever no service has taken over.
 */
export class SecureLoadBalancer extends Construct implements ec2.IConnectable, IMonitored {
  /** The load balancer. */
  public readonly loadBalancer: elbv2.ApplicationLoadBalancer;
  /** The listener that services add their rules to: HTTPS on 443, or HTTP on 80 with `plainHttp`. */
  public readonly listener: elbv2.ApplicationListener;
  /** Who may come in. What the load balancer may reach is opened by the services that take its requests. */
  public readonly connections: ec2.Connections;
  /** The certificate, given or requested. Undefined with `plainHttp`. */
  public readonly certificate?: acm.ICertificate;
  /** Where the access logs (below `access-logs/`) and the connection logs (below `connection-logs/`) go. */
  public readonly accessLogBucket: s3.IBucket;
  /** The firewall. */
  public readonly firewall: IWebFirewall;
  /** The host name: `domainName`, or else the one that AWS gave. */
  public readonly domainName: string;
  /** Where clients go: the host name with `https://`, or `http://` with `plainHttp`. */
  public readonly url: string;
  private readonly ownFirewall?: WebFirewall;

  /** Makes the entrance. It answers 404 until a service adds a rule to its listener. */
  constructor(scope: Construct, id: string, props: SecureLoadBalancerProps) {
    super(scope, id);
    pinFeatureFlags(this);
    declareWatchable(this);
    validateLoadBalancer(this, props);
    const { endpoint, internetFacing = true } = props;
    const plainHttp = endpoint._plainHttp;

    const securityGroup = this.defineSecurityGroup(props.vpc);
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(plainHttp ? HTTP_PORT : HTTPS_PORT) });
    if (internetFacing) this.admitInternet(securityGroup, plainHttp ? [HTTP_PORT] : [HTTPS_PORT, HTTP_PORT]);

    this.loadBalancer = this.defineLoadBalancer(props, internetFacing, securityGroup);
    this.accessLogBucket = loadBalancerLogBucket(this, props.accessLogBucket);
    logTo(this.loadBalancer, this.accessLogBucket);

    this.certificate = plainHttp ? undefined : endpoint._certificate ?? requestCertificate(this, endpoint);
    this.listener = plainHttp ? this.listenHttp(plainHttp) : this.listenHttps([this.certificate!, ...props.additionalCertificates ?? []]);

    this.ownFirewall = props.firewall ? undefined : this.defineFirewall(props.encryptionKey);
    this.firewall = props.firewall ?? this.ownFirewall!;
    this.firewall.protect(this.loadBalancer, this.loadBalancer.loadBalancerArn);

    this.defineRecords(endpoint);
    this.domainName = endpoint._domainNames[0] ?? this.loadBalancer.loadBalancerDnsName;
    this.url = `${plainHttp ? 'http' : 'https'}://${this.domainName}`;
  }

  /**
   * Alarms on requests that the load balancer fails itself, on answers slower than a second, on rejected connections, and on a certificate
   * that ends within 30 days; together with those of the entrance's own firewall. A firewall that was passed in is watched by itself.
   */
  public monitoringPlan(): MonitoringPlan {
    const plan = loadBalancerPlan(this.node.path, this.loadBalancer, this.certificate);
    const firewallPlan = this.ownFirewall?.monitoringPlan();
    return { ...plan, alarms: [...plan.alarms, ...firewallPlan?.alarms ?? []], widgets: [...plan.widgets, ...firewallPlan?.widgets ?? []] };
  }

  /**
   * EC2 lets everything out of a group that is created without an egress rule. aws-cdk-lib's placeholder for none goes as soon as a service
   * adds its rule, and that may stand in another stack, deployed later: so one rule of the group's own leads nowhere, and stays.
   */
  private defineSecurityGroup(vpc: ec2.IVpc): ec2.SecurityGroup {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Entrance: what may reach the load balancer, and what it may reach',
      allowAllOutbound: false,
      allowAllIpv6Outbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.ipv4('127.0.0.1/32'), ec2.Port.allTraffic(), 'Nowhere, in place of everywhere');
    return securityGroup;
  }

  /** Rules of their own instead of entries of the group, so that what is acknowledged here covers no rule that an app adds. */
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
        reason: `Port ${port} of this load balancer is where the internet is meant to come in; nothing else is opened, and a web firewall stands before it.`,
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
      deletionProtection: !DataProtection.of(this).isDisposable,
      http2Enabled: true,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: elbv2.DesyncMitigationMode.DEFENSIVE,
      // Targets learn the client's address from the last entry, which the load balancer wrote; what stands before it may be forged.
      xffHeaderProcessingMode: elbv2.XffHeaderProcessingMode.APPEND,
    });
    // aws-cdk-lib would write a timeout that is a token as the number that stands for it.
    const idleTimeout = props.idleTimeout ?? Duration.seconds(DEFAULT_IDLE_TIMEOUT_SECONDS);
    loadBalancer.setAttribute('idle_timeout.timeout_seconds', Tokenization.stringifyNumber(idleTimeout.toSeconds()));
    // aws-cdk-lib leaves out what is false, and so to the service's default of the day.
    for (const attribute of SWITCHED_OFF) loadBalancer.setAttribute(`${attribute}.enabled`, 'false');
    if (DataProtection.of(this).isDisposable) {
      acknowledge(loadBalancer, {
        rules: ['HIPAA.Security-ELBDeletionProtectionEnabled', 'NIST.800.53.R5-ELBDeletionProtectionEnabled'],
        reason: 'The app has said that the data below it is disposable: a protected load balancer would keep its stack from being destroyed.',
      });
    }
    return loadBalancer;
  }

  private listenHttps([first, ...more]: acm.ICertificate[]): elbv2.ApplicationListener {
    const listener = this.loadBalancer.addListener('Https', {
      port: HTTPS_PORT,
      protocol: elbv2.ApplicationProtocol.HTTPS,
      certificates: [first],
      // TLS 1.3 and 1.2 with forward secrecy and authenticated ciphers only: what AWS recommends.
      // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
      sslPolicy: elbv2.SslPolicy.TLS13_12_RES_PQ,
      open: false,
      defaultAction: notFound(),
    });
    // Named by the certificate, not by its place in the list: reordered, a certificate would be removed after it was added again.
    for (const certificate of more) listener.addCertificates(`Certificate${certificate.node.addr.slice(-8)}`, [certificate]);
    const redirect = this.loadBalancer.addListener('Redirect', {
      port: HTTP_PORT,
      protocol: elbv2.ApplicationProtocol.HTTP,
      open: false,
      defaultAction: elbv2.ListenerAction.redirect({ protocol: 'HTTPS', port: `${HTTPS_PORT}`, permanent: true }),
    });
    acknowledge(redirect, {
      rules: ['HIPAA.Security-ELBv2ACMCertificateRequired', 'NIST.800.53.R5-ELBv2ACMCertificateRequired'],
      reason: 'A listener for HTTP holds no certificate: this one only sends clients over to HTTPS, whose listener has one.',
    });
    return listener;
  }

  private listenHttp({ reason }: RelaxationOptions): elbv2.ApplicationListener {
    relax(this, { id: 'plain-http', what: 'requests travel unencrypted between clients and the load balancer', reason });
    const listener = this.loadBalancer.addListener('Http', {
      port: HTTP_PORT,
      protocol: elbv2.ApplicationProtocol.HTTP,
      open: false,
      defaultAction: notFound(),
    });
    acknowledge(listener, {
      rules: ['ALBHttpToHttpsRedirection', 'ELBv2ACMCertificateRequired'].flatMap((rule) => [`HIPAA.Security-${rule}`, `NIST.800.53.R5-${rule}`]),
      reason: `The app gave up HTTPS, with this reason: ${reason}`,
    });
    return listener;
  }

  private defineFirewall(encryptionKey: kms.IKey | undefined): WebFirewall {
    const firewall = new WebFirewall(this, 'Firewall', { encryptionKey });
    // Whoever watches the entrance watches its firewall; nobody has to remember it.
    declareWatched(firewall);
    return firewall;
  }

  private defineRecords({ _domainNames: [domainName], _hostedZone: zone }: WebEndpoint): void {
    if (zone) aliasRecords(this, { zone, domainName, target: new targets.LoadBalancerTarget(this.loadBalancer) });
  }
}

function notFound(): elbv2.ListenerAction {
  return elbv2.ListenerAction.fixedResponse(404, { contentType: 'text/plain', messageBody: 'Not found' });
}
