import { Construct } from 'constructs';
import { refuse } from '../core/refusal';

/**
 * The rule groups of AWS that can be added by name alone, without those of every firewall.
 * https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
 */
const OFFERED = [
  'AWSManagedRulesAdminProtectionRuleSet',
  'AWSManagedRulesLinuxRuleSet',
  'AWSManagedRulesUnixRuleSet',
  'AWSManagedRulesWindowsRuleSet',
  'AWSManagedRulesPHPRuleSet',
  'AWSManagedRulesWordPressRuleSet',
  'AWSManagedRulesAmazonIpReputationList',
  'AWSManagedRulesAnonymousIpList',
  'AWSManagedRulesBotControlRuleSet',
];
/**
 * The groups that WAF accepts only with a configuration, such as the path of the login page.
 * https://docs.aws.amazon.com/waf/latest/APIReference/API_ManagedRuleGroupConfig.html
 */
const CONFIGURED = ['AWSManagedRulesATPRuleSet', 'AWSManagedRulesACFPRuleSet', 'AWSManagedRulesAntiDDoSRuleSet'];
const BY_HAND = 'add the rule group with its managedRuleGroupConfigs to webAcl.rules of the firewall';

/** Refuses a rule group that AWS does not offer, or that WAF does not accept without a configuration. */
export function requireOffered(scope: Construct, name: string): void {
  if (OFFERED.includes(name)) return;
  const known = [...OFFERED, ...CONFIGURED].find((each) => each.toLowerCase() === name.toLowerCase());
  if (known !== undefined && CONFIGURED.includes(known)) {
    const allowed = 'a list without rule groups that need additional configuration';
    refuse(scope, { prop: 'rules', given: name, allowed, change: BY_HAND });
  }
  refuse(scope, {
    prop: 'rules',
    given: name,
    allowed: `a list of rule groups that AWS offers (${OFFERED.join(', ')})`,
    change: known ? `use ${known}` : 'correct the name. If AWS offers the group, and this version of the library does '
      + 'not know it, add it to webAcl.rules of the firewall',
  });
}
