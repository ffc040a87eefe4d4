import { Construct } from 'constructs';
import { groupOfRule, knownRules, ManagedRuleGroup } from './managed-rules';
import { refuse } from '../core/refusal';
import { relax } from '../core/relaxation';

/** Why a rule of AWS may let requests pass. */
export interface RuleOverrideOptions {
  /** The reason, as it will stand in the warning and in the compliance report. A blank reason is refused. */
  readonly reason: string;
  /**
   * The group that the rule belongs to. Needed only for a rule that AWS has added since this version of the library.
   * @default - found by the rule's name
   */
  readonly group?: ManagedRuleGroup;
}

/** One rule of AWS's groups that does something else than block. */
export class RuleOverride {
  /**
   * The rule counts the requests that it would have blocked, and lets them pass to the rules after it.
   *
   * The one that people need is `SizeRestrictions_BODY`, which blocks every request with a body over 8 KB: uploads, large JSON.
   * The group's other rules still read the start of the body: 8 KB of it before a load balancer, 16 KB before a distribution.
   * The request keeps the label that the rule gave it, so that a rule of your own can block it elsewhere than on the paths that
   * need it: `FirewallRule.block`.
   */
  public static count(rule: string, options: RuleOverrideOptions): RuleOverride {
    return new RuleOverride(rule, options);
  }

  private constructor(private readonly rule: string, private readonly options: RuleOverrideOptions) {}

  /**
   * The rule's name.
   * @internal
   */
  public get _rule(): string {
    return this.rule;
  }

  /**
   * Says aloud that the rule no longer blocks.
   * @returns the group that the rule belongs to
   * @internal
   */
  public _apply(scope: Construct): ManagedRuleGroup {
    const group = this.options.group ?? groupOfRule(this.rule);
    if (group === undefined) {
      refuse(scope, {
        prop: 'overrides',
        given: this.rule,
        allowed: `a rule of the three groups (${knownRules().join(', ')})`,
        change: "correct the name, or name the rule's group for one that AWS has added since",
      });
    }
    relax(scope, {
      id: `firewall-rule-${this.rule}`,
      what: `the rule ${this.rule} of ${group} counts requests instead of blocking them`,
      reason: this.options.reason,
    });
    return group;
  }
}
