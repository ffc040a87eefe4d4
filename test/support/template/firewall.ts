import { Template } from 'aws-cdk-lib/assertions';
import { attribute, only, propertiesOf, ref, theOne } from './reading';
import { FIREWALL, LOAD_BALANCER } from './types';

const ASSOCIATION = 'AWS::WAFv2::WebACLAssociation';
export const firewall = theOne(FIREWALL);

/** What a rule does, without its metrics. */
type Rule = Record<string, unknown>;
/** A group of rules that AWS keeps, each of which does what AWS has it do: none only counts, none is left out, and the group sees every request. */
export const managed = (Priority: number, Name: string): Rule =>
  ({ Priority, OverrideAction: { None: {} }, Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name } } });
/** An address that sends more requests than this within five minutes is blocked. */
export const limited = (Priority: number, Limit: number): Rule =>
  ({ Priority, Action: { Block: {} }, Statement: { RateBasedStatement: { AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit } } });

const DEFAULT_RULES = [
  managed(1, 'AWSManagedRulesCommonRuleSet'),
  managed(2, 'AWSManagedRulesKnownBadInputsRuleSet'),
  managed(3, 'AWSManagedRulesSQLiRuleSet'),
  limited(4, 2000),
];

/** The rules of the firewall, in the order in which they are asked. */
export function rulesOf(template: Template): Rule[] {
  const rules: Array<Rule & { Priority: number }> = firewall(template).Rules;
  return [...rules].sort((one, other) => one.Priority - other.Priority)
    .map(({ Name: _name, VisibilityConfig: _metrics, ...rule }) => rule);
}

/** Exactly these rules, one after the other; what none of them blocks is let through. */
export function firewallBlocks(template: Template) {
  const { Scope, DefaultAction } = firewall(template);
  expect({ Scope, DefaultAction }).toEqual({ Scope: 'REGIONAL', DefaultAction: { Allow: {} } });
  expect(rulesOf(template)).toEqual(DEFAULT_RULES);
}

/** It stands before the load balancer, which refuses what the firewall could not look at. */
export function firewallIsAttached(template: Template) {
  expect(propertiesOf(template, ASSOCIATION, only(template, ASSOCIATION))).toEqual({
    ResourceArn: ref(only(template, LOAD_BALANCER)),
    WebACLArn: attribute(only(template, FIREWALL), 'Arn'),
  });
  expect(theOne(LOAD_BALANCER)(template).LoadBalancerAttributes).toContainEqual({ Key: 'waf.fail_open.enabled', Value: 'false' });
}
