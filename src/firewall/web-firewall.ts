import { CfnResource, Duration, Names, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { onlyFromAddresses } from './allowed-addresses';
import { firewallLog } from './firewall-log';
import { FirewallRule, managedGroup, ruleMetric } from './firewall-rule';
import { MANAGED_RULE_GROUPS } from './managed-rules';
import { RuleOverride } from './rule-override';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';
import { acknowledge } from '../private/acknowledge';
import { pinFeatureFlags } from '../private/feature-flags';
import { refuse, requireInteger, Situation } from '../private/refusal';
import { relax } from '../private/relaxation';
import { declareWatchable } from '../private/watched';

/** How many requests one address may send in five minutes. A browser of one person stays below a hundred; an office behind one address does too. */
export const DEFAULT_RATE_LIMIT = 2000;
/** The span in which requests are counted, in seconds. */
export const RATE_WINDOW_SECONDS = 300;
/** The limits that WAF accepts: https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html */
const RATE_LIMIT_MIN = 10;
const RATE_LIMIT_MAX = 2_000_000_000;
/** Which resources the firewall can protect: load balancers and other regional ones. A distribution needs `CLOUDFRONT`, in us-east-1. */
const SCOPE = 'REGIONAL';
/** The places of the rules. The four of the library are the first that inspect; those of the app follow at a distance. */
const ADDRESSES_PRIORITY = 0;
const FIRST_PRIORITY = 1;
const OWN_RULES_PRIORITY = 100;
/** How many blocked requests in five minutes are a surge: a scanner of the internet's background noise stays far below. */
export const BLOCKED_SURGE = 1000;

/** What stands before a load balancer: a `WebFirewall`, one that exists already, or none. */
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
}

/** Why there is no firewall. */
export interface NoFirewallOptions {
  /** The reason, as it will stand in the warning and in the compliance report. A blank reason is refused. */
  readonly reason: string;
}

/** A firewall for HTTP requests. */
export interface WebFirewallProps {
  /**
   * How many requests one IP address may send in five minutes, from 10 to 2,000,000,000. Beyond it, its requests are blocked
   * until it sends fewer. Clients that share one address, as those of a hospital, share the limit.
   * @default 2000
   */
  readonly rateLimit?: number;
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
   * opens no way round the other rules. A range that is known only at deployment has to be of IPv4.
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
 * A firewall for HTTP requests: AWS's common rules, its known bad inputs, its SQL injection rules, and a limit per address,
 * every one in block mode, with an encrypted log that is kept for six years.
 */
export class WebFirewall extends Construct implements IWebFirewall, IMonitored {
  /** No firewall. A relaxation: it is warned of, and stands in the compliance report with its reason. */
  public static none(options: NoFirewallOptions): IWebFirewall {
    return new NoFirewall(options.reason);
  }

  /**
   * A web ACL that exists already, for instance one that the security team shares. What it blocks and logs is its owner's matter.
   *
   * It has to be in the region of what it protects. Leave resources that AWS Firewall Manager protects to Firewall Manager.
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
  private readonly metricName: string;

  /** Makes a web ACL for regional resources, and its log. It protects nothing before `protect` is called. */
  constructor(scope: Construct, id: string, props: WebFirewallProps = {}) {
    super(scope, id);
    pinFeatureFlags(this);
    declareWatchable(this);
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
   * A resource has one web ACL at most: a second association fails at deployment.
   */
  public protect(resource: Construct, resourceArn: string): void {
    associate(resource, resourceArn, this.webAcl.attrArn);
  }

  /**
   * A metric of WAF for the firewall as a whole: the sum over five minutes unless told otherwise.
   * @param name `AllowedRequests`, `BlockedRequests` or `CountedRequests`
   */
  public metric(name: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/WAFV2',
      metricName: name,
      dimensionsMap: { WebACL: this.metricName, Rule: 'ALL', Region: Stack.of(this).region },
      statistic: cloudwatch.Stats.SUM,
      period: Duration.minutes(5),
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
    return {
      title: 'Web firewall',
      alarms: [{
        id: 'BlockedSurge',
        metric: this.metricBlockedRequests(),
        threshold: BLOCKED_SURGE,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: 'The firewall blocks unusually many requests. First look in its log for the rule (terminatingRuleId) and the addresses '
          + '(httpRequest.clientIp): many addresses and attack patterns are an attack, one rule and your own clients are a false positive to override.',
      }],
      widgets: [new cloudwatch.GraphWidget({
        title: 'Requests at the firewall',
        left: [this.metricAllowedRequests({ label: 'allowed' })],
        right: [this.metricBlockedRequests({ label: 'blocked' }), this.metricCountedRequests({ label: 'counted' })],
      })],
    };
  }

  private validate(props: WebFirewallProps): void {
    requireInteger(this, 'rateLimit', props.rateLimit, RATE_LIMIT_MIN, RATE_LIMIT_MAX);
    refuseTwice(this, 'overrides', (props.overrides ?? []).map((override) => override._rule));
    refuseTwice(this, 'rules', [...MANAGED_RULE_GROUPS, 'RateLimit', 'AllowedAddresses', ...(props.rules ?? []).map((rule) => rule._name)]);
  }

  private defineWebAcl(props: WebFirewallProps): wafv2.CfnWebACL {
    return new wafv2.CfnWebACL(this, 'Resource', {
      scope: SCOPE,
      description: 'Common attacks, known bad inputs, SQL injection, rate limit',
      defaultAction: { allow: {} },
      rules: [
        ...(props.allowedCidrs ? [onlyFromAddresses(this, props.allowedCidrs, ADDRESSES_PRIORITY, SCOPE)] : []),
        ...this.managedRules(props.overrides ?? []),
        rateLimit(props.rateLimit ?? DEFAULT_RATE_LIMIT),
        ...(props.rules ?? []).map((rule, index) => rule._render(this, OWN_RULES_PRIORITY + index)),
      ],
      visibilityConfig: ruleMetric(this.metricName),
    });
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

function rateLimit(limit: number): wafv2.CfnWebACL.RuleProperty {
  return {
    name: 'RateLimit',
    priority: FIRST_PRIORITY + MANAGED_RULE_GROUPS.length,
    action: { block: {} },
    statement: { rateBasedStatement: { limit, aggregateKeyType: 'IP', evaluationWindowSec: RATE_WINDOW_SECONDS } },
    visibilityConfig: ruleMetric('RateLimit'),
  };
}

function refuseTwice(scope: Construct, prop: string, names: string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  refuse(scope, { prop, given: new Situation(`a list that names ${twice} twice`), allowed: 'each name once', change: 'remove or rename one of them' });
}

function associate(resource: Construct, resourceArn: string, webAclArn: string): void {
  new wafv2.CfnWebACLAssociation(resource, 'Firewall', { resourceArn, webAclArn });
}

class ExistingFirewall implements IWebFirewall {
  constructor(public readonly webAclArn: string) {}

  public protect(resource: Construct, resourceArn: string): void {
    associate(resource, resourceArn, this.webAclArn);
  }
}

class NoFirewall implements IWebFirewall {
  constructor(private readonly reason: string) {}

  public protect(resource: Construct): void {
    relax(resource, { id: 'no-firewall', what: 'no web firewall inspects the requests', reason: this.reason });
    const { defaultChild } = resource.node;
    if (!CfnResource.isCfnResource(defaultChild)) return;
    if (defaultChild.cfnResourceType !== 'AWS::ElasticLoadBalancingV2::LoadBalancer') return;
    acknowledge(defaultChild, { rules: ['NIST.800.53.R5-ALBWAFEnabled'], reason: `The app gave up the web firewall, with this reason: ${this.reason}` });
  }
}
