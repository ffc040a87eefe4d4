import { Duration, Names, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { onlyFromAddresses } from './allowed-addresses';
import { webAclArnAt } from './distribution-web-acl';
import { DEFAULT_RATE_LIMIT, FirewallClients, RATE_LIMIT_MAX, RATE_LIMIT_MIN } from './firewall-clients';
import { firewallLog } from './firewall-log';
import { firewallPlan } from './firewall-monitoring';
import { ruleMetric } from './firewall-rule';
import { FirewallScope } from './firewall-scope';
import { MANAGED_RULE_GROUPS, managedRules } from './managed-rules';
import { associate, ExistingFirewall, NoFirewall } from './other-firewalls';
import { measureCapacity } from './web-acl-capacity';
import { IWebFirewall } from './web-firewall-interface';
import { WebFirewallProps } from './web-firewall-props';
import { US_EAST_1, requireUsEast1 } from '../blocks/us-east-1';
import { checkArguments, checkFactory, checkProps } from '../core/check-props';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatchable } from '../core/monitored-mark';
import { refuse, refuseUse, requireInteger, Situation } from '../core/refusal';
import { RelaxationOptions } from '../core/relaxation';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

/**
 * The name of a WAF metric: only letters, at most 255.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Metric.html
 */
const METRIC_NAME = /^[A-Za-z]{1,255}$/;
/** The priorities of the rules. The rules of the app have a distance to those of the library. */
const ADDRESSES_PRIORITY = 0;
const FIRST_PRIORITY = 1;
const OWN_RULES_PRIORITY = 100;

/**
 * An AWS WAF web ACL with AWS managed rules, a rate limit for each client, and an encrypted log.
 *
 * By default, all rules block. The managed rules cover common attacks, known bad inputs and SQL injection. The log
 * keeps its events for six years.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const certificate: acm.ICertificate;
 *
 * const webFirewall = new WebFirewall(this, 'Firewall', { rateLimit: 1000 });
 * new SecureLoadBalancer(this, 'Entrance', {
 *   vpc: network,
 *   endpoint: WebEndpoint.certificate(certificate),
 *   firewall: webFirewall,
 * });
 */
export class WebFirewall extends Construct implements IWebFirewall, IMonitored {
  /** No firewall. A relaxation: a warning and the compliance report contain the reason. */
  public static none(options: RelaxationOptions): IWebFirewall {
    checkFactory('WebFirewall.none', { options });
    return new NoFirewall(options.reason);
  }

  /**
   * Uses an existing web ACL, for example the web ACL of a security team. Its owner configures its rules and its log.
   *
   * It must be in the region of the protected resource, or have the scope CLOUDFRONT for a distribution. Do not use it
   * for resources that AWS Firewall Manager protects.
   */
  public static fromWebAclArn(webAclArn: string): IWebFirewall {
    checkFactory('WebFirewall.fromWebAclArn', { webAclArn });
    return new ExistingFirewall(webAclArn);
  }

  /** The web ACL. */
  public readonly webAcl: wafv2.CfnWebACL;
  /** The ARN of the web ACL. */
  public readonly webAclArn?: string;
  /** The log group. It contains every inspected request, without the headers `authorization` and `cookie`. */
  public readonly logGroup: logs.LogGroup;
  private readonly wafScope: FirewallScope;
  private readonly metricName: string;

  /**
   * Creates a web ACL and its log. It protects a resource after a call of `protect`, or a distribution that refers to
   * it.
   */
  constructor(scope: Construct, id: string, props: WebFirewallProps = {}) {
    super(scope, id);
    checkProps(this, 'WebFirewallProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    this.wafScope = props.webAclScope ?? FirewallScope.REGIONAL;
    this.validate(props);
    // The metrics of all firewalls of an account and region share a namespace, so this name must be unique.
    this.metricName = Names.uniqueResourceName(this, { maxLength: 128 });
    this.webAcl = this.defineWebAcl(props);
    this.webAclArn = this.webAcl.attrArn;
    this.logGroup = firewallLog(this, this.webAclArn, props.encryptionKey);
  }

  /**
   * Protects a regional resource. The association is created below the resource, in its stack.
   *
   * A resource can have one web ACL: a second association fails at deployment. The scope CLOUDFRONT is refused.
   */
  public protect(resource: Construct, resourceArn: string): void {
    checkArguments(this, 'WebFirewall.protect', { resource, resourceArn });
    const change = 'create one in the region of the resource';
    if (this.wafScope !== FirewallScope.REGIONAL) this.refuseFor(resource, FirewallScope.REGIONAL, change);
    this.requirePlace(resource);
    associate(resource, resourceArn, this.webAcl.attrArn);
  }

  /**
   * Returns the ARN of the web ACL for a CloudFront distribution.
   *
   * The stack of the distribution can read the ARN in any region. A stack in another region reads it from an output of
   * the stack of the firewall at each deployment. The scope REGIONAL is refused.
   */
  public webAclArnForDistribution(site: Construct): string | undefined {
    checkArguments(this, 'WebFirewall.webAclArnForDistribution', { site });
    const change = 'create one with webAclScope: FirewallScope.CLOUDFRONT in us-east-1';
    if (this.wafScope !== FirewallScope.CLOUDFRONT) this.refuseFor(site, FirewallScope.CLOUDFRONT, change);
    return webAclArnAt(site, this, this.webAcl.attrArn);
  }

  /**
   * Returns a WAF metric for the whole firewall, by default the sum over five minutes.
   *
   * WAF publishes the metrics of the scope CLOUDFRONT in us-east-1.
   * @param name the name of the metric, such as `AllowedRequests`, `BlockedRequests` or `CountedRequests`; any
   * character other than a letter is refused
   */
  public metric(name: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    checkArguments(this, 'WebFirewall.metric', { name, options });
    if (!Token.isUnresolved(name) && !METRIC_NAME.test(name)) {
      refuse(this, {
        prop: 'argument name of WebFirewall.metric',
        given: name,
        allowed: 'a metric name of 1 to 255 letters',
        change: "pass a name such as 'BlockedRequests'",
      });
    }
    return new cloudwatch.Metric({
      namespace: 'AWS/WAFV2',
      metricName: name,
      statistic: cloudwatch.Stats.SUM,
      period: Duration.minutes(5),
      ...this.dimensions(),
      ...options,
    }).attachTo(this);
  }

  /** The number of blocked requests. */
  public metricBlockedRequests(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    checkArguments(this, 'WebFirewall.metricBlockedRequests', { options });
    return this.metric('BlockedRequests', options);
  }

  /** The number of allowed requests. */
  public metricAllowedRequests(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    checkArguments(this, 'WebFirewall.metricAllowedRequests', { options });
    return this.metric('AllowedRequests', options);
  }

  /** The number of requests that a rule counts without blocking them. */
  public metricCountedRequests(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    checkArguments(this, 'WebFirewall.metricCountedRequests', { options });
    return this.metric('CountedRequests', options);
  }

  /**
   * Returns an alarm for blocked requests and a graph.
   *
   * The alarm fires at more than 1,000 blocked requests in five minutes. The graph shows allowed, blocked and counted
   * requests.
   */
  public monitoringPlan(): MonitoringPlan {
    return firewallPlan({
      allowed: this.metricAllowedRequests(),
      blocked: this.metricBlockedRequests(),
      counted: this.metricCountedRequests(),
    });
  }

  private validate(props: WebFirewallProps): void {
    if (this.wafScope === FirewallScope.CLOUDFRONT) {
      requireUsEast1(this, {
        prop: 'webAclScope',
        given: new Situation(`FirewallScope.CLOUDFRONT in a stack in ${Stack.of(this).region}`),
        allowed: 'FirewallScope.REGIONAL outside us-east-1',
        change:
          "create the firewall in a stack with env: { region: 'us-east-1' } and pass it to the site, " +
          'which can be in any region',
      });
    }
    requireInteger(this, 'rateLimit', props.rateLimit, RATE_LIMIT_MIN, RATE_LIMIT_MAX);
    refuseTwice(
      this,
      'countOnly',
      (props.countOnly ?? []).map(({ rule }) => rule),
    );
    if (this.wafScope === FirewallScope.CLOUDFRONT && props.clients?._forwarded) {
      const problem =
        'clients is throughDistribution, but clients connect directly to a firewall with the scope CLOUDFRONT';
      refuseUse(
        this,
        problem,
        'leave clients out here, and set it on the firewall of the load balancer behind the distribution',
      );
    }
  }

  /** Refuses a resource that is known to be in another region or account. */
  private requirePlace(resource: Construct): void {
    const [here, there] = [Stack.of(this), Stack.of(resource)];
    const pairs = [[here.region, there.region], [here.account, there.account]];
    const differ = pairs.find((pair) => pair[0] !== pair[1] && !pair.some((value) => Token.isUnresolved(value)));
    if (!differ) return;
    refuse(resource, {
      prop: 'firewall',
      given: new Situation(`${this.node.path} in ${differ[0]}`),
      allowed: `a firewall in ${differ[1]}, as the protected resource`,
      change: `create the firewall in a stack in ${differ[1]}`,
    });
  }

  private refuseFor(resource: Construct, needed: FirewallScope, change: string): never {
    return refuse(resource, {
      prop: 'firewall',
      given: new Situation(`${this.node.path} with the scope ${this.wafScope}`),
      allowed: `a firewall with the scope ${needed}`,
      change,
    });
  }

  /**
   * Metrics for CloudFront have no dimension Region:
   * https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
   */
  private dimensions(): cloudwatch.MetricOptions {
    const dimensionsMap = { WebACL: this.metricName, Rule: 'ALL' };
    if (this.wafScope === FirewallScope.CLOUDFRONT) return { dimensionsMap, region: US_EAST_1 };
    return { dimensionsMap: { ...dimensionsMap, Region: Stack.of(this).region } };
  }

  private defineWebAcl(props: WebFirewallProps): wafv2.CfnWebACL {
    const { rules = [] } = props;
    const rateRules = this.rateRules(props);
    const reserved = [...MANAGED_RULE_GROUPS, ...rateRules.map(({ name }) => name), 'AllowedAddresses'];
    refuseTwice(this, 'rules', [...reserved, ...rules.map((rule) => rule._name)]);
    const all = [
      ...(props.allowedCidrs ? [onlyFromAddresses(this, props.allowedCidrs, ADDRESSES_PRIORITY, this.wafScope)] : []),
      ...managedRules(this, props.countOnly ?? [], FIRST_PRIORITY),
      ...rateRules,
      ...rules.map((rule, index) => rule._render(this, OWN_RULES_PRIORITY + index, this.wafScope)),
    ];
    const ownGroups = rules.map((rule) => rule._ownGroup).filter((group) => group !== undefined);
    measureCapacity(this, all, ownGroups);
    return new wafv2.CfnWebACL(this, 'Resource', {
      scope: this.wafScope,
      description: 'Common attacks, known bad inputs, SQL injection, rate limit',
      defaultAction: { allow: {} },
      rules: all,
      visibilityConfig: ruleMetric(this.metricName),
    });
  }

  private rateRules({
    clients = FirewallClients.direct(),
    rateLimit = DEFAULT_RATE_LIMIT,
  }: WebFirewallProps): wafv2.CfnWebACL.RuleProperty[] {
    return clients._rateRules(this, rateLimit, FIRST_PRIORITY + MANAGED_RULE_GROUPS.length);
  }
}

function refuseTwice(scope: Construct, prop: string, names: string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    const given = new Situation(`'${twice}' twice`);
    refuse(scope, { prop, given, allowed: 'a list without duplicate names', change: 'remove or rename one of them' });
  }
}
