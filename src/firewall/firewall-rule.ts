import { Token } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { requireOffered } from './aws-rule-groups';
import { FirewallScope } from './firewall-scope';
import { matchStatement, RequestMatch } from './request-match';
import { checkFactory } from '../core/check-props';
import { markChoice } from '../core/choice';
import { refuse, Situation } from '../core/refusal';
import { requireRegionOf } from '../core/same-region';

/** The pattern that WAF accepts for the name of a rule and of its metric. */
const RULE_NAME = /^[\w-]{1,128}$/;
/** https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html */
const RESERVED_NAMES = ['all', 'default_action'];

/**
 * Your own rule, which WAF evaluates after the rules of the library.
 *
 * No factory creates a rule that allows requests. WAF allows a request that no rule blocks, and a rule that allows
 * requests would exempt them from the remaining rules.
 *
 * @example
 * new WebFirewall(this, 'Firewall', {
 *   rules: [
 *     FirewallRule.block('Admin', { pathPrefixes: ['/admin'], exceptCountries: ['US'] }),
 *     FirewallRule.managedGroup('AWSManagedRulesAmazonIpReputationList'),
 *   ],
 * });
 */
export abstract class FirewallRule {
  /**
   * Blocks the requests that match all conditions. The response is 403.
   * @param name the name of the rule and of its metric: 1 to 128 letters, digits, hyphens and underscores
   */
  public static block(name: string, match: RequestMatch): FirewallRule {
    checkFactory('FirewallRule.block', { name, match });
    return new MatchRule(name, match, { block: {} });
  }

  /**
   * Counts the requests that match all conditions, and blocks none. Use it to test a rule before it blocks.
   * @param name the name of the rule and of its metric: 1 to 128 letters, digits, hyphens and underscores
   */
  public static count(name: string, match: RequestMatch): FirewallRule {
    checkFactory('FirewallRule.count', { name, match });
    return new MatchRule(name, match, { count: {} });
  }

  /**
   * Adds an AWS managed rule group in block mode, for example `AWSManagedRulesLinuxRuleSet`.
   *
   * Each group uses capacity: requests cost more above 1,500 units, of which the rules of the library use 1,102 (with
   * `FirewallClients.throughDistribution()` fewer than 1,200). Bot Control has its own price. Names that AWS does
   * not offer are refused, as are the groups that need additional configuration: account takeover prevention, account
   * creation fraud prevention and DDoS protection.
   * @param name the name of the group
   */
  public static managedGroup(name: string): FirewallRule {
    checkFactory('FirewallRule.managedGroup', { name });
    return new ManagedGroupRule(name);
  }

  /**
   * Adds your own rule group, for statements that `RequestMatch` does not have. Its rules keep their actions.
   * @param name the name of the rule and of its metric: 1 to 128 letters, digits, hyphens and underscores
   * @param group the rule group, for example a `wafv2.CfnRuleGroup`; a rule group with a scope or region that differs
   * from that of the firewall is refused
   */
  public static ruleGroup(name: string, group: wafv2.IRuleGroupRef): FirewallRule {
    checkFactory('FirewallRule.ruleGroup', { name, group });
    const { ruleGroupArn: arn } = group.ruleGroupRef;
    const body = { overrideAction: { none: {} }, statement: { ruleGroupReferenceStatement: { arn } } };
    return new GroupRule(name, body, group);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'FirewallRule');

  /**
   * The rule group of the user, if the rule is one.
   * @internal
   */
  public readonly _ownGroup?: wafv2.IRuleGroupRef;

  /**
   * The name of the rule.
   * @internal
   */
  public abstract readonly _name: string;

  /**
   * The rule at a priority.
   * @internal
   */
  public _render(scope: Construct, priority: number, wafScope: FirewallScope): wafv2.CfnWebACL.RuleProperty {
    if (!RULE_NAME.test(this._name)) {
      refuse(scope, {
        prop: 'rules',
        given: this._name,
        allowed: 'a list of rules whose names have 1 to 128 letters, digits, hyphens and underscores',
        change: 'rename the rule',
      });
    }
    if (RESERVED_NAMES.includes(this._name.toLowerCase())) {
      refuse(scope, {
        prop: 'rules',
        given: this._name,
        allowed: 'a list of rules without the names All and Default_Action, which WAF reserves for its own metrics',
        change: 'rename the rule',
      });
    }
    return { name: this._name, priority, visibilityConfig: ruleMetric(this._name), ...this._body(scope, wafScope) };
  }

  /**
   * The statement and the action of the rule.
   * @internal
   */
  public abstract _body(scope: Construct, wafScope: FirewallScope): RuleBody;
}

/** The statement and the action of a rule. */
type RuleBody = Pick<wafv2.CfnWebACL.RuleProperty, 'statement' | 'action' | 'overrideAction'>;

/**
 * Enables the metric of a rule, and disables its samples.
 *
 * Samples show whole headers, including tokens and cookies, in the console: the redaction of the log does not apply to
 * them.
 */
export function ruleMetric(metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false };
}

/** An AWS managed rule group in block mode, with rules that count. */
export function managedGroup(name: string, counted: string[]): RuleBody {
  return {
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides:
          counted.length > 0 ? counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })) : undefined,
      },
    },
  };
}

class MatchRule extends FirewallRule {
  constructor(
    public readonly _name: string,
    private readonly match: RequestMatch,
    private readonly action: wafv2.CfnWebACL.RuleActionProperty,
  ) {
    super();
  }

  public _body(scope: Construct): RuleBody {
    return { statement: matchStatement(scope, this._name, this.match), action: this.action };
  }
}

class GroupRule extends FirewallRule {
  constructor(
    public readonly _name: string, private readonly body: RuleBody, public readonly _ownGroup: wafv2.IRuleGroupRef,
  ) {
    super();
  }

  public _body(scope: Construct, wafScope: FirewallScope): RuleBody {
    requireGroupOf(scope, this._ownGroup, wafScope);
    return this.body;
  }
}

class ManagedGroupRule extends FirewallRule {
  constructor(public readonly _name: string) {
    super();
  }

  public _body(scope: Construct): RuleBody {
    requireOffered(scope, this._name);
    return managedGroup(this._name, []);
  }
}

/** Refuses a rule group of another scope or region. Its ARN tells both, unless the app creates it. */
function requireGroupOf(scope: Construct, group: wafv2.IRuleGroupRef, wafScope: FirewallScope): void {
  const { ruleGroupArn } = group.ruleGroupRef;
  const ofArn = ruleGroupArn.includes(':global/rulegroup/') ? FirewallScope.CLOUDFRONT : FirewallScope.REGIONAL;
  const created = group instanceof wafv2.CfnRuleGroup ? group.scope : undefined;
  const given = Token.isUnresolved(ruleGroupArn) ? created : ofArn;
  if (given !== undefined && !Token.isUnresolved(given) && given !== wafScope) {
    refuse(scope, {
      prop: 'rules',
      given: new Situation(`a rule group with the scope ${given}`),
      allowed: `rule groups with the scope ${wafScope}, the scope of the firewall`,
      change: `create the rule group with the scope ${wafScope}`,
    });
  }
  requireRegionOf(scope, 'rules', 'a rule group', group, ruleGroupArn);
}
