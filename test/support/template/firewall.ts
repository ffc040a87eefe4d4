import { Template } from 'aws-cdk-lib/assertions';
import { attribute, only, propertiesOf, ref, rotatingKeys, text, theOne } from './reading';
import { FIREWALL, LOAD_BALANCER, LOG_GROUP } from './types';

const ASSOCIATION = 'AWS::WAFv2::WebACLAssociation';
export const firewall = theOne(FIREWALL);

/** A rule without its metrics. */
type Rule = Record<string, unknown>;
/** A managed rule group with all of its rules and actions, for every request. */
export const managed = (Priority: number, Name: string): Rule =>
  ({ Priority, OverrideAction: { None: {} }, Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name } } });
/** Blocks an address that sends more requests than this within five minutes. */
export const limited = (Priority: number, Limit: number): Rule => ({
  Priority,
  Action: { Block: {} },
  Statement: { RateBasedStatement: { AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit } },
});

const DEFAULT_RULES = [
  managed(1, 'AWSManagedRulesCommonRuleSet'),
  managed(2, 'AWSManagedRulesKnownBadInputsRuleSet'),
  managed(3, 'AWSManagedRulesSQLiRuleSet'),
  limited(4, 2000),
];

/** The rules of the web ACL, by priority. */
export function rulesOf(template: Template): Rule[] {
  const rules: Array<Rule & { Priority: number }> = firewall(template).Rules;
  return [...rules].sort((one, other) => one.Priority - other.Priority)
    .map(({ Name: _name, VisibilityConfig: _metrics, ...rule }) => rule);
}

/** The web ACL has exactly these rules and allows all other requests. */
export function firewallBlocks(template: Template) {
  const { Scope, DefaultAction } = firewall(template);
  expect({ Scope, DefaultAction }).toEqual({ Scope: 'REGIONAL', DefaultAction: { Allow: {} } });
  expect(rulesOf(template)).toEqual(DEFAULT_RULES);
  for (const { VisibilityConfig } of [firewall(template), ...firewall(template).Rules]) {
    // Samples would show the headers of requests in the console.
    expect(VisibilityConfig).toMatchObject({ CloudWatchMetricsEnabled: true, SampledRequestsEnabled: false });
  }
}

/** The web ACL protects the load balancer, which rejects requests that the web ACL cannot inspect. */
export function firewallIsAttached(template: Template) {
  expect(propertiesOf(template, ASSOCIATION, only(template, ASSOCIATION))).toEqual({
    ResourceArn: ref(only(template, LOAD_BALANCER)),
    WebACLArn: attribute(only(template, FIREWALL), 'Arn'),
  });
  expect(theOne(LOAD_BALANCER)(template).LoadBalancerAttributes).toContainEqual({
    Key: 'waf.fail_open.enabled',
    Value: 'false',
  });
}

/** The web ACL writes all requests, without credentials, into an encrypted log that is kept for six years. */
export function firewallLogs(template: Template) {
  const { LogDestinationConfigs, ...logging } = theOne('AWS::WAFv2::LoggingConfiguration')(template);
  expect(logging).toEqual({
    ResourceArn: attribute(only(template, FIREWALL), 'Arn'),
    RedactedFields: [{ SingleHeader: { Name: 'authorization' } }, { SingleHeader: { Name: 'cookie' } }],
  });
  const [, group] = /:log-group:\$\{\{'Ref':'(\w+)'\}\}$/.exec(LogDestinationConfigs.map(text).join())!;
  const { LogGroupName, KmsKeyId, RetentionInDays } = propertiesOf(template, LOG_GROUP, group);
  // WAF accepts no other names.
  expect(text(LogGroupName)).toMatch(/^aws-waf-logs-/);
  expect(RetentionInDays).toBe(2192);
  expect(rotatingKeys(template)).toContainEqual(KmsKeyId);
}
