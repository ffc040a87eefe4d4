import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { managedGroup, ruleMetric } from './firewall-rule';
import { refuse } from '../core/refusal';
import { relax, RelaxationOptions } from '../core/relaxation';

/**
 * The managed rule groups of every firewall, in the order of evaluation, with their rules.
 *
 * A misspelled rule in `countOnly` would deploy without an effect, so the construct refuses it.
 * https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
 */
const RULES: Record<string, string[]> = {
  AWSManagedRulesCommonRuleSet: [
    'NoUserAgent_HEADER',
    'UserAgent_BadBots_HEADER',
    'SizeRestrictions_QUERYSTRING',
    'SizeRestrictions_Cookie_HEADER',
    'SizeRestrictions_BODY',
    'SizeRestrictions_URIPATH',
    'EC2MetaDataSSRF_BODY',
    'EC2MetaDataSSRF_COOKIE',
    'EC2MetaDataSSRF_URIPATH',
    'EC2MetaDataSSRF_QUERYARGUMENTS',
    'GenericLFI_QUERYARGUMENTS',
    'GenericLFI_URIPATH',
    'GenericLFI_BODY',
    'RestrictedExtensions_URIPATH',
    'RestrictedExtensions_QUERYARGUMENTS',
    'GenericRFI_QUERYARGUMENTS',
    'GenericRFI_BODY',
    'GenericRFI_URIPATH',
    'CrossSiteScripting_COOKIE',
    'CrossSiteScripting_QUERYARGUMENTS',
    'CrossSiteScripting_BODY',
    'CrossSiteScripting_URIPATH',
  ],
  AWSManagedRulesKnownBadInputsRuleSet: [
    'JavaDeserializationRCE_HEADER',
    'JavaDeserializationRCE_BODY',
    'JavaDeserializationRCE_URIPATH',
    'JavaDeserializationRCE_QUERYSTRING',
    'Host_localhost_HEADER',
    'PROPFIND_METHOD',
    'ExploitablePaths_URIPATH',
    'Log4JRCE_HEADER',
    'Log4JRCE_QUERYSTRING',
    'Log4JRCE_BODY',
    'Log4JRCE_URIPATH',
    'ReactJSRCE_BODY',
  ],
  AWSManagedRulesSQLiRuleSet: [
    'SQLi_QUERYARGUMENTS',
    'SQLi_BODY',
    'SQLi_COOKIE',
    'SQLi_URIPATH',
    'SQLiExtendedPatterns_QUERYARGUMENTS',
    'SQLiExtendedPatterns_BODY',
    'SQLiExtendedPatterns_HEADER',
    'SQLiExtendedPatterns_URIPATH',
  ],
};

/** The names of the managed rule groups, in the order of evaluation. */
export const MANAGED_RULE_GROUPS = Object.keys(RULES);

/**
 * A rule of an AWS managed rule group that counts requests instead of blocking them. The request continues to the next
 * rule.
 *
 * The most common case is `SizeRestrictions_BODY`, which blocks every request with a body over 8 KB, for example
 * uploads. The other rules of the group still inspect the start of the body: 8 KB for a load balancer, 16 KB for a
 * distribution. The request keeps the label of the rule, so that your own rule can block it on other paths:
 * `FirewallRule.block`.
 */
export interface CountOnlyRule extends RelaxationOptions {
  /**
   * The name of the rule, for example `SizeRestrictions_BODY`. A name that the library does not know is refused unless
   * `group` is set.
   */
  readonly rule: string;
  /**
   * The managed rule group of the rule: `AWSManagedRulesCommonRuleSet`, `AWSManagedRulesKnownBadInputsRuleSet` or
   * `AWSManagedRulesSQLiRuleSet`. Required only for a rule that this version of the library does not know. For a known
   * rule, a different group is refused.
   * @default - the group that contains the rule
   */
  readonly group?: string;
}

/** Refuses a rule of another group than the given one, and another case of a known name: WAF would ignore both. */
function requireKnownSpelling(scope: Construct, rule: string, group: string): void {
  const [home, known] = MANAGED_RULE_GROUPS
    .flatMap((name) => RULES[name].map((each) => [name, each]))
    .find(([, each]) => each.toLowerCase() === rule.toLowerCase()) ?? [group, rule];
  if (home !== group) {
    refuse(scope, {
      prop: 'countOnly.group',
      given: group,
      allowed: `${home}, the group of ${known}`,
      change: 'correct the group, or leave it out',
    });
  }
  if (known === rule) return;
  const allowed = `the name of the rule in its case, ${known}`;
  refuse(scope, { prop: 'countOnly.rule', given: rule, allowed, change: 'correct the name' });
}

/** The rules for the managed rule groups, in block mode except for the rules that count. */
export function managedRules(
  scope: Construct, countOnly: CountOnlyRule[], firstPriority: number,
): wafv2.CfnWebACL.RuleProperty[] {
  const counted = countOnly.map((relaxed) => ({ rule: relaxed.rule, group: countRule(scope, relaxed) }));
  return MANAGED_RULE_GROUPS.map((group, index) => ({
    name: group,
    priority: firstPriority + index,
    ...managedGroup(group, counted.filter((relaxed) => relaxed.group === group).map(({ rule }) => rule)),
    visibilityConfig: ruleMetric(group),
  }));
}

/** Records the relaxation, and returns the group of the rule. */
function countRule(scope: Construct, { rule, group: given, reason }: CountOnlyRule): string {
  const group = given ?? MANAGED_RULE_GROUPS.find((name) => RULES[name].includes(rule));
  if (group === undefined) {
    return refuse(scope, {
      prop: 'countOnly.rule',
      given: rule,
      allowed: `a rule of the three groups (${Object.values(RULES).flat().join(', ')})`,
      change: 'correct the name, or set group for a rule that this version of the library does not know',
    });
  }
  if (!MANAGED_RULE_GROUPS.includes(group)) {
    const allowed = `one of ${MANAGED_RULE_GROUPS.join(', ')}`;
    refuse(scope, { prop: 'countOnly.group', given: group, allowed, change: 'correct the name' });
  }
  requireKnownSpelling(scope, rule, group);
  const what = `the rule ${rule} of ${group} counts requests instead of blocking them`;
  relax(scope, { id: `firewall-rule-${rule}`, what, reason });
  return group;
}
