import { Duration, Names, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { onlyFromAddresses } from './allowed-addresses';
import { webAclArnAt } from './distribution-web-acl';
import { DEFAULT_RATE_LIMIT, FirewallClients, RATE_LIMIT_MAX, RATE_LIMIT_MIN } from './firewall-clients';
import { firewallLog } from './firewall-log';
import { firewallPlan } from './firewall-monitoring';
import { FirewallRule, managedGroup, ruleMetric } from './firewall-rule';
import { FirewallScope } from './firewall-scope';
import { MANAGED_RULE_GROUPS } from './managed-rules';
import { associate, ExistingFirewall, NoFirewall } from './other-firewalls';
import { RuleOverride } from './rule-override';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';
import { pinFeatureFlags } from '../core/feature-flags';
import { refuse, requireInteger, Situation } from '../core/refusal';
import { US_EAST_1, requireUsEast1 } from '../blocks/us-east-1';
import { declareWatchable } from '../core/monitored-mark';
import { RelaxationOptions } from '../core/relaxation';

/** The places of the rules. Those of the library are the first that inspect; those of the app follow at a distance. */
const ADDRESSES_PRIORITY = 0;
const FIRST_PRIORITY = 1;
const OWN_RULES_PRIORITY = 100;

/** What stands before a load balancer or a distribution: a `WebFirewall`, one that exists already, or none. */
export interface IWebFirewall {
  /**
   * The ARN of the web ACL.
   * @default - there is no firewall: `WebFirewall.none`
   */
  readonly webAclArn?: string;
  /**
   * Puts the firewall before a regional resource. What that takes is made below the resource, in its own stack.
   * @param resource what is protected, an `elbv2.ApplicationLoadBalancer` for instance
   * @param resourceArn its ARN
   */
  protect(resource: Construct, resourceArn: string): void;
  /**
   * The ARN of the web ACL for a distribution, as the distribution's own stack can read it: that stack may be in another region
   * than the firewall. A distribution has no association; it names its web ACL itself.
   * @param site what is protected: a `cloudfront.Distribution`, or a construct that holds one
   * @returns undefined for `WebFirewall.none`, which is warned of at the site
   */
  webAclArnForDistribution(site: Construct): string | undefined;
}

/** A firewall for HTTP requests. */
export interface WebFirewallProps {
  /**
   * What the firewall stands before. One for distributions has to be in a stack of us-east-1; another known region is refused, and
   * in a stack without a region a rule of the template has CloudFormation refuse it elsewhere.
   * @default FirewallScope.REGIONAL
   */
  readonly webAclScope?: FirewallScope;
  /**
   * How many requests one client may send in five minutes, from 10 to 2,000,000,000. Beyond it, its requests are blocked
   * until it sends fewer. Clients that share one address, as those of a hospital, share the limit.
   * @default 2000
   */
  readonly rateLimit?: number;
  /**
   * By which way clients come: what tells one from another when their requests are counted. A firewall of the scope CLOUDFRONT is met by
   * the clients themselves; anything else is refused there.
   * @default FirewallClients.direct()
   */
  readonly clients?: FirewallClients;
  /**
   * Rules of AWS that count instead of blocking, each with its reason.
   * @default - every rule blocks
   */
  readonly overrides?: RuleOverride[];
  /**
   * Rules of your own. A request reaches them after the library's, in the order given.
   * @default - none
   */
  readonly rules?: FirewallRule[];
  /**
   * The address ranges that may enter: `203.0.113.0/24`, `2001:db8::/32`. Everybody else is blocked. To come from such an address
   * opens no way round the other rules. A range that is known only at deployment has to be of IPv4. Compared is the address that
   * connects: behind a distribution that is CloudFront's, so set this on the firewall of the distribution.
   * @default - everybody may enter
   */
  readonly allowedCidrs?: string[];
  /**
   * The key for the log. Its policy is taught to let CloudWatch Logs use it; that of an imported key has to allow it already.
   * @default - a rotating key of its own
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * A firewall for HTTP requests: AWS's common rules, its known bad inputs, its SQL injection rules, and a limit per client,
 * every one in block mode, with an encrypted log that is kept for six years.
 */
export class WebFirewall extends Construct implements IWebFirewall, IMonitored {
  /** No firewall. A relaxation: it is warned of, and stands in the compliance report with its reason. */
  public static none(options: RelaxationOptions): IWebFirewall {
    return new NoFirewall(options.reason);
  }

  /**
   * A web ACL that exists already, for instance one that the security team shares. What it blocks and logs is its owner's matter.
   *
   * It has to be in the region of what it protects, or of the scope CLOUDFRONT for a distribution. Leave resources that AWS
   * Firewall Manager protects to Firewall Manager.
   */
  public static fromWebAclArn(webAclArn: string): IWebFirewall {
    return new ExistingFirewall(webAclArn);
  }

  /** The web ACL. */
  public readonly webAcl: wafv2.CfnWebACL;
  /** The ARN of the web ACL. */
  public readonly webAclArn?: string;
  /** The log: every request that was inspected, without the headers `authorization` and `cookie`. */
  public readonly logGroup: logs.LogGroup;
  private readonly wafScope: FirewallScope;
  private readonly metricName: string;

  /** Makes a web ACL and its log. It protects nothing before `protect` is called, or a distribution names it. */
  constructor(scope: Construct, id: string, props: WebFirewallProps = {}) {
    super(scope, id);
    pinFeatureFlags(this);
    declareWatchable(this);
    this.wafScope = props.webAclScope ?? FirewallScope.REGIONAL;
    this.validate(props);
    // Metrics of all firewalls of an account and region share one namespace, in which this name tells them apart.
    this.metricName = Names.uniqueResourceName(this, { maxLength: 128 });
    this.webAcl = this.defineWebAcl(props);
    this.webAclArn = this.webAcl.attrArn;
    this.logGroup = firewallLog(this, this.webAclArn, props.encryptionKey);
  }

  /**
   * Puts the firewall before a regional resource. The association is made below the resource, in its own stack.
   *
   * A resource has one web ACL at most: a second association fails at deployment. A firewall of the scope CLOUDFRONT is refused.
   */
  public protect(resource: Construct, resourceArn: string): void {
    if (this.wafScope !== FirewallScope.REGIONAL) this.refuseFor(resource, FirewallScope.REGIONAL, 'make one in the region of what it protects');
    associate(resource, resourceArn, this.webAcl.attrArn);
  }

  /**
   * The ARN of the web ACL, as the stack of a distribution can read it. A firewall of the scope REGIONAL is refused.
   *
   * In a stack of another region it is read from an output of the firewall's stack at each deployment.
   */
  public webAclArnForDistribution(site: Construct): string | undefined {
    if (this.wafScope !== FirewallScope.CLOUDFRONT) this.refuseFor(site, FirewallScope.CLOUDFRONT, 'make one with webAclScope: FirewallScope.CLOUDFRONT in us-east-1');
    return webAclArnAt(site, this, this.webAcl.attrArn);
  }

  /**
   * A metric of WAF for the firewall as a whole: the sum over five minutes unless told otherwise. WAF keeps those of the scope
   * CLOUDFRONT in us-east-1.
   * @param name `AllowedRequests`, `BlockedRequests` or `CountedRequests`
   */
  public metric(name: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/WAFV2',
      metricName: name,
      statistic: cloudwatch.Stats.SUM,
      period: Duration.minutes(5),
      ...this.whereMeasured(),
      ...options,
    }).attachTo(this);
  }

  /** How many requests were blocked. */
  public metricBlockedRequests(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('BlockedRequests', options);
  }

  /** How many requests were allowed. */
  public metricAllowedRequests(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('AllowedRequests', options);
  }

  /** How many requests were counted by a rule that does not block. */
  public metricCountedRequests(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('CountedRequests', options);
  }

  /** An alarm on a surge of blocked requests (more than 1,000 in five minutes), and what was allowed, blocked and counted. */
  public monitoringPlan(): MonitoringPlan {
    return firewallPlan({ allowed: this.metricAllowedRequests(), blocked: this.metricBlockedRequests(), counted: this.metricCountedRequests() });
  }

  private validate(props: WebFirewallProps): void {
    if (this.wafScope === FirewallScope.CLOUDFRONT) {
      requireUsEast1(this, {
        prop: 'webAclScope',
        given: new Situation(`CLOUDFRONT in a stack of ${Stack.of(this).region}`),
        allowed: 'CLOUDFRONT in a stack of us-east-1',
        change: "make the firewall in a stack with env: { region: 'us-east-1' } and pass it to the site, whose stack may be of any region",
      });
    }
    requireInteger(this, 'rateLimit', props.rateLimit, RATE_LIMIT_MIN, RATE_LIMIT_MAX);
    refuseTwice(this, 'overrides', (props.overrides ?? []).map((override) => override._rule));
    if (this.wafScope === FirewallScope.CLOUDFRONT && props.clients?._forwarded) {
      refuse(this, {
        prop: 'clients',
        given: new Situation('throughDistribution for the scope CLOUDFRONT'),
        allowed: 'direct, since clients meet a firewall of that scope themselves',
        change: 'leave clients out here, and set it on the firewall of the load balancer behind the distribution',
      });
    }
  }

  private refuseFor(protectedThing: Construct, needed: FirewallScope, change: string): never {
    return refuse(protectedThing, {
      prop: 'firewall',
      given: new Situation(`${this.node.path}, whose scope is ${this.wafScope}`),
      allowed: `a firewall whose scope is ${needed}`,
      change,
    });
  }

  /** The dimension Region has no value for CloudFront, and must be absent: https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html */
  private whereMeasured(): cloudwatch.MetricOptions {
    const dimensionsMap = { WebACL: this.metricName, Rule: 'ALL' };
    if (this.wafScope === FirewallScope.CLOUDFRONT) return { dimensionsMap, region: US_EAST_1 };
    return { dimensionsMap: { ...dimensionsMap, Region: Stack.of(this).region } };
  }

  private defineWebAcl(props: WebFirewallProps): wafv2.CfnWebACL {
    const { rules = [] } = props;
    const rateRules = this.rateRules(props);
    refuseTwice(this, 'rules', [...MANAGED_RULE_GROUPS, ...rateRules.map(({ name }) => name), 'AllowedAddresses', ...rules.map((rule) => rule._name)]);
    return new wafv2.CfnWebACL(this, 'Resource', {
      scope: this.wafScope,
      description: 'Common attacks, known bad inputs, SQL injection, rate limit',
      defaultAction: { allow: {} },
      rules: [
        ...(props.allowedCidrs ? [onlyFromAddresses(this, props.allowedCidrs, ADDRESSES_PRIORITY, this.wafScope)] : []),
        ...this.managedRules(props.overrides ?? []),
        ...rateRules,
        ...rules.map((rule, index) => rule._render(this, OWN_RULES_PRIORITY + index)),
      ],
      visibilityConfig: ruleMetric(this.metricName),
    });
  }

  private rateRules({ clients = FirewallClients.direct(), rateLimit = DEFAULT_RATE_LIMIT }: WebFirewallProps): wafv2.CfnWebACL.RuleProperty[] {
    return clients._rateRules(this, rateLimit, FIRST_PRIORITY + MANAGED_RULE_GROUPS.length);
  }

  private managedRules(overrides: RuleOverride[]): wafv2.CfnWebACL.RuleProperty[] {
    const counted = overrides.map((override) => ({ rule: override._rule, group: override._apply(this) }));
    return MANAGED_RULE_GROUPS.map((group, index) => ({
      name: group,
      priority: FIRST_PRIORITY + index,
      ...managedGroup(group, counted.filter((override) => override.group === group).map(({ rule }) => rule)),
      visibilityConfig: ruleMetric(group),
    }));
  }
}

function refuseTwice(scope: Construct, prop: string, names: string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  refuse(scope, { prop, given: new Situation(`a list that names ${twice} twice`), allowed: 'each name once', change: 'remove or rename one of them' });
}
