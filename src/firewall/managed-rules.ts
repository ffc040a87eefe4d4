/** The rule groups of AWS that every firewall has, in the order in which a request passes them. */
export enum ManagedRuleGroup {
  /** What the OWASP lists describe, whatever the application is made of. */
  COMMON = 'AWSManagedRulesCommonRuleSet',
  /** Requests that are known to exploit a vulnerability, as Log4Shell. */
  KNOWN_BAD_INPUTS = 'AWSManagedRulesKnownBadInputsRuleSet',
  /** SQL in places where none belongs. */
  SQL_INJECTION = 'AWSManagedRulesSQLiRuleSet',
}

/**
 * The rules of each group, so that an override that is misspelt is refused instead of deployed without effect.
 * https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
 */
const RULES: Record<ManagedRuleGroup, string[]> = {
  [ManagedRuleGroup.COMMON]: [
    'NoUserAgent_HEADER', 'UserAgent_BadBots_HEADER',
    'SizeRestrictions_QUERYSTRING', 'SizeRestrictions_Cookie_HEADER', 'SizeRestrictions_BODY', 'SizeRestrictions_URIPATH',
    'EC2MetaDataSSRF_BODY', 'EC2MetaDataSSRF_COOKIE', 'EC2MetaDataSSRF_URIPATH', 'EC2MetaDataSSRF_QUERYARGUMENTS',
    'GenericLFI_QUERYARGUMENTS', 'GenericLFI_URIPATH', 'GenericLFI_BODY',
    'RestrictedExtensions_URIPATH', 'RestrictedExtensions_QUERYARGUMENTS',
    'GenericRFI_QUERYARGUMENTS', 'GenericRFI_BODY', 'GenericRFI_URIPATH',
    'CrossSiteScripting_COOKIE', 'CrossSiteScripting_QUERYARGUMENTS', 'CrossSiteScripting_BODY', 'CrossSiteScripting_URIPATH',
  ],
  [ManagedRuleGroup.KNOWN_BAD_INPUTS]: [
    'JavaDeserializationRCE_HEADER', 'JavaDeserializationRCE_BODY', 'JavaDeserializationRCE_URIPATH', 'JavaDeserializationRCE_QUERYSTRING',
    'Host_localhost_HEADER', 'PROPFIND_METHOD', 'ExploitablePaths_URIPATH',
    'Log4JRCE_HEADER', 'Log4JRCE_QUERYSTRING', 'Log4JRCE_BODY', 'Log4JRCE_URIPATH',
    'ReactJSRCE_BODY',
  ],
  [ManagedRuleGroup.SQL_INJECTION]: [
    'SQLi_QUERYARGUMENTS', 'SQLi_BODY', 'SQLi_COOKIE', 'SQLi_URIPATH',
    'SQLiExtendedPatterns_QUERYARGUMENTS', 'SQLiExtendedPatterns_BODY', 'SQLiExtendedPatterns_HEADER', 'SQLiExtendedPatterns_URIPATH',
  ],
};

/** The groups in the order in which a request passes them. */
export const MANAGED_RULE_GROUPS = Object.keys(RULES) as ManagedRuleGroup[];

/** The group that a rule belongs to, if it is a rule that this library knows. */
export function groupOfRule(rule: string): ManagedRuleGroup | undefined {
  return MANAGED_RULE_GROUPS.find((group) => RULES[group].includes(rule));
}

/** All rules that this library knows. */
export function knownRules(): string[] {
  return MANAGED_RULE_GROUPS.flatMap((group) => RULES[group]);
}
