import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { FirewallClients } from '../../src/firewall/firewall-clients';
import { FirewallRule } from '../../src/firewall/firewall-rule';
import { capacityOf } from '../../src/firewall/web-acl-capacity';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { WebFirewallProps } from '../../src/firewall/web-firewall-props';
import { newStack } from '../support/app';

function firewallWith(props: WebFirewallProps): WebFirewall {
  return new WebFirewall(newStack(), 'Firewall', props);
}

const capacity = (props: WebFirewallProps) => capacityOf(firewallWith(props).webAcl.rules as never);
const blocked = (count: number) => Array.from({ length: count }, (_, index) =>
  FirewallRule.block(`Rule${index}`, { pathPrefixes: [`/path${index}`] }));

test('the default rules need 1,102 units, as the page states', () => expect(capacity({})).toBe(1_102));

test.each<[string, WebFirewallProps, number]>([
  ['address ranges of both families', { allowedCidrs: ['203.0.113.0/24', '2001:db8::/32'] }, 2],
  ['a country and a label', { rules: [FirewallRule.block('Rule', { countries: ['FR'], label: 'awswaf:a' })] }, 2],
  ['a path prefix', { rules: blocked(1) }, 22],
  ['an exception', { rules: [FirewallRule.count('Rule', { exceptPathPrefixes: ['/a', '/b'] })] }, 44],
  ['another managed group, which is unknown', { rules: [FirewallRule.managedGroup('AWSManagedRulesLinuxRuleSet')] }, 0],
])('%s add to them', (_, props, more) => expect(capacity(props)).toBe(1_102 + more));

test('the rules for clients of a distribution need fewer than 100 more', () => {
  const more = capacity({ clients: FirewallClients.throughDistribution() }) - 1_102;
  expect(more).toBeGreaterThan(60);
  expect(more).toBeLessThan(100);
});

test.each([1, 10, 20, 50, 177])('%d rules with a path prefix have no warning', (count) => {
  Annotations.fromStack(Stack.of(firewallWith({ rules: blocked(count) }))).hasNoWarning('*', Match.anyValue());
});

test('rules that can exceed 5,000 units have a warning with the name of the quota', () => {
  Annotations.fromStack(Stack.of(firewallWith({ rules: blocked(178) }))).hasWarning('/Stack/Firewall',
    'the rules need up to 5018 capacity units, and AWS WAF accepts 5000 (the quota "Maximum number of web ACL capacity '
      + 'units"): check the capacity with `aws wafv2 check-capacity`, or use fewer path prefixes '
      + '[ack: cdk-hipaa:web-acl-capacity]');
});

test('a rule group of the app counts with the capacity that it reserves', () => {
  const withGroup = (capacityOfGroup: number) => () => {
    const stack = newStack();
    const group = new wafv2.CfnRuleGroup(stack, 'Group', {
      capacity: capacityOfGroup,
      scope: 'REGIONAL',
      visibilityConfig: { cloudWatchMetricsEnabled: true, metricName: 'group', sampledRequestsEnabled: false },
    });
    new WebFirewall(stack, 'Firewall', { rules: [FirewallRule.ruleGroup('Own', group)] });
    Annotations.fromStack(stack).hasNoWarning('/Stack/Firewall', Match.anyValue());
  };
  expect(withGroup(3_898)).not.toThrow();
  expect(withGroup(3_899)).toThrow(new Error(
    '[Stack/Firewall] the capacity of rules must be at most 5000 (the quota "Maximum number of web ACL capacity units")'
      + ', got at least 5001. Use fewer path prefixes and rule groups.'));
});

test('rules that need more than 5,000 units without their text transformations are refused', () => {
  const prefixes = Array.from({ length: 1_950 }, (_, index) => `/path${index}`);
  const blocking = (count: number) => () =>
    firewallWith({ rules: [FirewallRule.block('Own', { pathPrefixes: prefixes.slice(0, count) })] });
  expect(blocking(1_949)).not.toThrow();
  expect(blocking(1_950)).toThrow('the capacity of rules must be at most 5000 (the quota');
});
