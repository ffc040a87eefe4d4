import { Annotations, Token } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/**
 * The maximum capacity of a web ACL, and the capacity within the base price, in capacity units (WCU).
 * https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html
 */
export const MAX_CAPACITY = 5_000;
export const CAPACITY_IN_BASE_PRICE = 1_500;

/** The capacity of the managed rule groups of every firewall. Other managed groups are not counted. */
const OF_GROUP: Record<string, number> = {
  AWSManagedRulesCommonRuleSet: 700,
  AWSManagedRulesKnownBadInputsRuleSet: 200,
  AWSManagedRulesSQLiRuleSet: 200,
};
/** https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html */
const OF_RATE_LIMIT = 2;
const OF_CUSTOM_KEY = 30;
/** https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-string-match.html */
const OF_STRING_MATCH: Record<string, number> = { STARTS_WITH: 2, ENDS_WITH: 2, EXACTLY: 2 };
const OF_OTHER_STRING_MATCH = 10;
const OF_TRANSFORMATION = 10;
/** Of a match of a country, a label, an address or a size. */
const OF_SIMPLE_MATCH = 1;

type Statement = wafv2.CfnWebACL.StatementProperty;

/**
 * An upper and a lower bound of the capacity of rules. WAF combines the equal text transformations of several rules, so
 * the upper bound counts those of each rule, and the lower bound none.
 */
export function capacityOf(rules: wafv2.CfnWebACL.RuleProperty[], ofTransformation = OF_TRANSFORMATION): number {
  return rules.reduce((sum, { statement }) => sum + ofStatement(statement as Statement, ofTransformation), 0);
}

/**
 * Refuses rules whose capacity exceeds the maximum of a web ACL, and warns if it can exceed it.
 * @param ownGroups the rule groups of the app, of which the template states the capacity
 */
export function measureCapacity(
  scope: Construct, rules: wafv2.CfnWebACL.RuleProperty[], ownGroups: wafv2.IRuleGroupRef[] = [],
): void {
  const ofGroups = ownGroups.reduce((sum, group) => sum + ofOwnGroup(group), 0);
  const least = capacityOf(rules, 0) + ofGroups;
  if (least > MAX_CAPACITY) {
    refuse(scope, {
      prop: 'the capacity of rules',
      given: new Situation(`at least ${least}`),
      allowed: `at most ${MAX_CAPACITY} (the quota "Maximum number of web ACL capacity units")`,
      change: 'use fewer path prefixes and rule groups',
    });
  }
  const capacity = capacityOf(rules) + ofGroups;
  if (capacity <= MAX_CAPACITY) return;
  Annotations.of(scope).addWarningV2('cdk-hipaa:web-acl-capacity',
    `the rules need up to ${capacity} capacity units, and AWS WAF accepts ${MAX_CAPACITY} (the quota "Maximum number `
      + 'of web ACL capacity units"): check the capacity with `aws wafv2 check-capacity`, or use fewer path prefixes');
}

function ofStatement(statement: Statement, ofTransformation: number): number {
  const { managedRuleGroupStatement, rateBasedStatement, byteMatchStatement, notStatement } = statement;
  if (managedRuleGroupStatement) {
    return OF_GROUP[(managedRuleGroupStatement as wafv2.CfnWebACL.ManagedRuleGroupStatementProperty).name] ?? 0;
  }
  const of = (each: unknown) => ofStatement(each as Statement, ofTransformation);
  if (rateBasedStatement) return ofRateLimit(rateBasedStatement as wafv2.CfnWebACL.RateBasedStatementProperty, of);
  if (byteMatchStatement) {
    return ofStringMatch(byteMatchStatement as wafv2.CfnWebACL.ByteMatchStatementProperty, ofTransformation);
  }
  if (notStatement) return of((notStatement as wafv2.CfnWebACL.NotStatementProperty).statement);
  const nested = (statement.orStatement ?? statement.andStatement) as { statements: Statement[] } | undefined;
  if (nested) return nested.statements.reduce((sum, each) => sum + of(each), 0);
  return statement.ruleGroupReferenceStatement ? 0 : OF_SIMPLE_MATCH;
}

/** The capacity that a rule group reserves. That of an imported group is unknown. */
function ofOwnGroup(group: wafv2.IRuleGroupRef): number {
  return group instanceof wafv2.CfnRuleGroup && !Token.isUnresolved(group.capacity) ? group.capacity : 0;
}

function ofRateLimit(
  { customKeys, scopeDownStatement }: wafv2.CfnWebACL.RateBasedStatementProperty, of: (each: unknown) => number,
): number {
  const keys = Array.isArray(customKeys) ? customKeys.length * OF_CUSTOM_KEY : 0;
  return OF_RATE_LIMIT + keys + (scopeDownStatement ? of(scopeDownStatement) : 0);
}

function ofStringMatch(
  { positionalConstraint, textTransformations }: wafv2.CfnWebACL.ByteMatchStatementProperty, ofTransformation: number,
): number {
  const base = OF_STRING_MATCH[positionalConstraint] ?? OF_OTHER_STRING_MATCH;
  // WAF counts NONE as no transformation.
  const changes = (textTransformations as wafv2.CfnWebACL.TextTransformationProperty[])
    .filter(({ type }) => type !== 'NONE');
  return base + changes.length * ofTransformation;
}
