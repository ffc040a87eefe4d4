import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { refuse } from '../core/refusal';

/** What WAF accepts as the name of a rule and of its metric. */
const RULE_NAME = /^[\w-]{1,128}$/;

/**
 * A rule of your own, which a request reaches after it has passed those of the library.
 *
 * There is none that allows: a request that no rule blocks is allowed anyway, and one that were allowed early would pass the
 * rest uninspected.
 */
export abstract class FirewallRule {
  /**
   * Blocks the requests that a statement matches. The answer is 403.
   * @param name the rule's name, which is its metric's name too: 1 to 128 letters, digits, hyphens and underscores
   * @param statement what to look for, in WAF's own words
   */
  public static block(name: string, statement: wafv2.CfnWebACL.StatementProperty): FirewallRule {
    return new OwnRule(name, statement, { block: {} });
  }

  /**
   * Counts the requests that a statement matches, and lets them pass: to try a rule before it blocks.
   * @param name the rule's name, which is its metric's name too: 1 to 128 letters, digits, hyphens and underscores
   * @param statement what to look for, in WAF's own words
   */
  public static count(name: string, statement: wafv2.CfnWebACL.StatementProperty): FirewallRule {
    return new OwnRule(name, statement, { count: {} });
  }

  /**
   * One more rule group of AWS, in block mode: `AWSManagedRulesLinuxRuleSet`, `AWSManagedRulesAmazonIpReputationList`.
   *
   * Each group takes capacity: beyond 1,500 units, of which the library's rules take 1,102 (for clients that come through a distribution
   * fewer than 1,200), requests cost more. Bot control and account takeover prevention have a price of their own.
   * @param name the group's name, as AWS lists it
   */
  public static managedGroup(name: string): FirewallRule {
    return new OneMoreGroup(name);
  }

  /**
   * The rule's name.
   * @internal
   */
  public abstract get _name(): string;

  /**
   * The rule, at a place.
   * @internal
   */
  public _render(scope: Construct, priority: number): wafv2.CfnWebACL.RuleProperty {
    if (!RULE_NAME.test(this._name)) {
      refuse(scope, {
        prop: 'rules',
        given: this._name,
        allowed: 'a name of 1 to 128 letters, digits, hyphens and underscores',
        change: 'rename the rule',
      });
    }
    return { name: this._name, priority, visibilityConfig: ruleMetric(this._name), ...this._what() };
  }

  /**
   * What the rule looks for, and what it does then.
   * @internal
   */
  protected abstract _what(): RuleBody;
}

/** What a rule looks for, and what it does then. */
type RuleBody = Pick<wafv2.CfnWebACL.RuleProperty, 'statement' | 'action' | 'overrideAction'>;

/**
 * A metric for a rule, and no samples: those show whole headers, tokens and cookies among them, to everybody who may open the
 * console, and the redaction of the log does not reach them.
 */
export function ruleMetric(metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false };
}

/** A rule group of AWS in block mode. What the overrides name counts instead. */
export function managedGroup(name: string, counted: string[]): RuleBody {
  return {
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides: counted.length > 0 ? counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })) : undefined,
      },
    },
  };
}

class OwnRule extends FirewallRule {
  constructor(
    public readonly _name: string,
    private readonly statement: wafv2.CfnWebACL.StatementProperty,
    private readonly action: wafv2.CfnWebACL.RuleActionProperty,
  ) {
    super();
  }

  protected _what(): RuleBody {
    return { statement: this.statement, action: this.action };
  }
}

class OneMoreGroup extends FirewallRule {
  constructor(public readonly _name: string) {
    super();
  }

  protected _what(): RuleBody {
    return managedGroup(this._name, []);
  }
}
