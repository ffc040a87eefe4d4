import { App, CfnParameter, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { DataProtection } from '../../src/core/data-protection';
import { FirewallClients } from '../../src/firewall/firewall-clients';
import { BLOCKED_SURGE } from '../../src/firewall/firewall-monitoring';
import { FirewallRule } from '../../src/firewall/firewall-rule';
import { RequestMatch } from '../../src/firewall/request-match';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { WebFirewallProps } from '../../src/firewall/web-firewall-props';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

const geo: RequestMatch = { countries: ['KP'] };

type Rule = ReturnType<typeof propertiesOf>[string];

/** The rules of a firewall with the given props, in the order of their priorities. */
function rulesOf(props: WebFirewallProps, stack = newStack()): Rule[] {
  new WebFirewall(stack, 'Firewall', props);
  const [{ Rules }] = Object.values(propertiesOf(templateOf(stack), 'AWS::WAFv2::WebACL'));
  return [...Rules].sort((one, other) => one.Priority - other.Priority);
}

function firewallWith(props: WebFirewallProps): () => WebFirewall {
  return () => new WebFirewall(newStack(), 'Firewall', props);
}

function applicationLoadBalancer(scope: Construct): elbv2.ApplicationLoadBalancer {
  return new elbv2.ApplicationLoadBalancer(scope, 'LoadBalancer', { vpc: someVpc(scope) });
}

describe('a firewall by default', () => {
  const stack = newStack();
  new WebFirewall(stack, 'Firewall');
  const template = templateOf(stack);
  const acl = Object.values(propertiesOf(template, 'AWS::WAFv2::WebACL'))[0];

  test('has the three AWS rule groups and then the rate limit, in this order', () => {
    expect(acl.Rules.map((rule: Rule) => [rule.Priority, rule.Name])).toEqual([
      [1, 'AWSManagedRulesCommonRuleSet'],
      [2, 'AWSManagedRulesKnownBadInputsRuleSet'],
      [3, 'AWSManagedRulesSQLiRuleSet'],
      [4, 'RateLimit'],
    ]);
  });

  test('has all rules in block mode', () => {
    const [common, badInputs, sql, rate] = acl.Rules;
    for (const group of [common, badInputs, sql]) {
      expect(group.OverrideAction).toEqual({ None: {} });
      expect(group.Statement).toEqual({ ManagedRuleGroupStatement: { VendorName: 'AWS', Name: group.Name } });
    }
    expect(rate.Action).toEqual({ Block: {} });
  });

  test('limits each address to 2,000 requests in five minutes', () => {
    expect(acl.Rules[3].Statement).toEqual({
      RateBasedStatement: { AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit: 2000 },
    });
  });

  test('is regional and allows requests that no rule blocks', () => {
    expect(acl).toMatchObject({ Scope: 'REGIONAL', DefaultAction: { Allow: {} } });
    expect(acl.Name).toBeUndefined();
  });

  test('has metrics for each rule and no sampled requests, because samples contain whole headers', () => {
    for (const { VisibilityConfig } of [acl, ...acl.Rules]) {
      expect(VisibilityConfig).toMatchObject({ CloudWatchMetricsEnabled: true, SampledRequestsEnabled: false });
    }
    expect(acl.Rules.map((rule: Rule) => rule.VisibilityConfig.MetricName)).toEqual(
      acl.Rules.map((rule: Rule) => rule.Name),
    );
    expect(acl.VisibilityConfig.MetricName).toMatch(/^StackFirewall\w{8}$/);
  });

  test('logs to an encrypted log group with a retention of six years and the name prefix that WAF requires', () => {
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: {
        LogGroupName: { 'Fn::Join': ['', [Match.stringLikeRegexp('^aws-waf-logs-[0-9a-f]{8}-$'), Match.anyValue()]] },
        RetentionInDays: 2192,
        DeletionProtectionEnabled: true,
        KmsKeyId: { 'Fn::GetAtt': ['FirewallKeyF645E6D5', 'Arn'] },
      },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('omits the suffix `:*`, which WAF refuses, from the ARN of the log group', () => {
    template.hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
      LogDestinationConfigs: [
        {
          'Fn::Join': [
            '',
            [
              'arn:',
              { Ref: 'AWS::Partition' },
              ':logs:',
              { Ref: 'AWS::Region' },
              ':',
              { Ref: 'AWS::AccountId' },
              ':log-group:',
              { Ref: 'FirewallLog4D407857' },
            ],
          ],
        },
      ],
      ResourceArn: { 'Fn::GetAtt': ['FirewallE7948B04', 'Arn'] },
    });
  });

  test('does not log the headers authorization and cookie', () => {
    template.hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
      RedactedFields: [{ SingleHeader: { Name: 'authorization' } }, { SingleHeader: { Name: 'cookie' } }],
    });
  });

  test('lets log delivery write with a policy of the log group, because an account has at most ten resource '
    + 'policies', () => {
    template.resourceCountIs('AWS::Logs::ResourcePolicy', 0);
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      ResourcePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'AWSLogDeliveryWrite',
            Effect: 'Allow',
            Principal: { Service: 'delivery.logs.amazonaws.com' },
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: {
              'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':log-group:aws-waf-logs-'), ':log-stream:*'])],
            },
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              ArnLike: {
                'aws:SourceArn': {
                  'Fn::Join': [
                    '',
                    [
                      'arn:',
                      { Ref: 'AWS::Partition' },
                      ':logs:',
                      { Ref: 'AWS::Region' },
                      ':',
                      { Ref: 'AWS::AccountId' },
                      ':*',
                    ],
                  ],
                },
              },
            },
          },
        ],
      },
    });
  });

  test('has a rotating key of its own, which CloudWatch Logs can use', () => {
    template.hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'CloudWatchLogs' })]) },
    });
  });

  test('has stable logical IDs', () => {
    expect(Object.keys(template.findResources('AWS::KMS::Key'))).toEqual(['FirewallKeyF645E6D5']);
    expect(Object.keys(template.findResources('AWS::Logs::LogGroup'))).toEqual(['FirewallLog4D407857']);
    expect(Object.keys(template.findResources('AWS::WAFv2::WebACL'))).toEqual(['FirewallE7948B04']);
  });

  test('protects no resource', () => {
    template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 0);
  });

  test('has no rule-pack findings and no warnings', () => {
    expect(nagFindings(stack)).toEqual([]);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('rateLimit', () => {
  test('can be set', () => {
    expect(rulesOf({ rateLimit: 500 })[3].Statement.RateBasedStatement.Limit).toBe(500);
  });

  test('can be a token', () => {
    const stack = newStack();
    const limit = new CfnParameter(stack, 'Limit', { type: 'Number' }).valueAsNumber;
    expect(rulesOf({ rateLimit: limit }, stack)[3].Statement.RateBasedStatement.Limit).toEqual({ Ref: 'Limit' });
  });

  test.each([9, 2_000_000_001, 99.5])('refuses %p', (rateLimit) => {
    expect(firewallWith({ rateLimit })).toThrow(
      `[Stack/Firewall] rateLimit must be an integer from 10 to 2000000000, got ${rateLimit}. Use an integer in `
        + 'this range.');
  });
});

describe('countOnly', () => {
  const reason = 'the upload takes scans of up to 20 MB';

  test('overrides the action of a rule in its AWS rule group', () => {
    const [common, badInputs, sql] = rulesOf({
      countOnly: [{ rule: 'SizeRestrictions_BODY', reason }, { rule: 'SQLi_BODY', reason: 'free text of clinicians' }],
    });
    expect(common.Statement.ManagedRuleGroupStatement.RuleActionOverrides).toEqual([
      { Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } },
    ]);
    expect(badInputs.Statement.ManagedRuleGroupStatement.RuleActionOverrides).toBeUndefined();
    expect(sql.Statement.ManagedRuleGroupStatement.RuleActionOverrides).toEqual([
      { Name: 'SQLi_BODY', ActionToUse: { Count: {} } },
    ]);
    expect(common.OverrideAction).toEqual({ None: {} });
  });

  test('adds a warning with a stable ID and the reason', () => {
    const stack = newStack();
    new WebFirewall(stack, 'Firewall', { countOnly: [{ rule: 'SizeRestrictions_BODY', reason }] });
    Annotations.fromStack(stack).hasWarning('/Stack/Firewall', 'the rule SizeRestrictions_BODY of '
      + 'AWSManagedRulesCommonRuleSet counts requests instead of '
      + `blocking them (reason given: ${reason}) [ack: cdk-hipaa:firewall-rule-SizeRestrictions_BODY]`);
  });

  test('accepts a rule that AWS added later if its group is given', () => {
    const rules = rulesOf({
      countOnly: [{ rule: 'NewRule_BODY', group: 'AWSManagedRulesKnownBadInputsRuleSet', reason }],
    });
    expect(rules[1].Statement.ManagedRuleGroupStatement.RuleActionOverrides).toEqual([
      { Name: 'NewRule_BODY', ActionToUse: { Count: {} } },
    ]);
  });

  test('refuses a blank reason', () => {
    expect(firewallWith({ countOnly: [{ rule: 'SQLi_BODY', reason: ' ' }] })).toThrow(
      "[Stack/Firewall] reason must be a non-blank string, got ' '. Say why it is acceptable that the rule SQLi_BODY "
        + 'of ' +
        'AWSManagedRulesSQLiRuleSet counts requests instead of blocking them.',
    );
  });

  test('refuses an unknown rule and lists the known rules', () => {
    expect(firewallWith({ countOnly: [{ rule: 'SizeRestriction_BODY', reason }] })).toThrow(new RegExp(
      '^\\[Stack/Firewall\\] countOnly\\.rule must be a rule of the three groups \\(NoUserAgent_HEADER, .*, '
        + 'SizeRestrictions_BODY, .*, '
      + "ReactJSRCE_BODY, SQLi_QUERYARGUMENTS, .*\\), got 'SizeRestriction_BODY'\\. "
      + 'Correct the name, or set group for a rule that this version of the library does not know\\.$'));
  });

  test('refuses an unknown group', () => {
    expect(
      firewallWith({ countOnly: [{ rule: 'NewRule_BODY', group: 'AWSManagedRulesLinuxRuleSet', reason }] }),
    ).toThrow(
      new Error(
        '[Stack/Firewall] countOnly.group must be one of AWSManagedRulesCommonRuleSet, ' +
          'AWSManagedRulesKnownBadInputsRuleSet, ' +
          "AWSManagedRulesSQLiRuleSet, got 'AWSManagedRulesLinuxRuleSet'. Correct the name.",
      ),
    );
  });

  test('refuses a duplicate rule', () => {
    expect(firewallWith({ countOnly: [{ rule: 'SQLi_BODY', reason }, { rule: 'SQLi_BODY', reason }] })).toThrow(
      "[Stack/Firewall] countOnly must be a list without duplicate names, got 'SQLi_BODY' twice. Remove or rename "
      + 'one of them.');
  });
});

describe('custom rules', () => {
  test('follow the rules of the library, in the given order', () => {
    const rules = rulesOf({
      rules: [
        FirewallRule.block('Countries', geo),
        FirewallRule.count('Try', geo),
        FirewallRule.managedGroup('AWSManagedRulesLinuxRuleSet'),
      ],
    });
    expect(rules.slice(4).map((rule) => [rule.Priority, rule.Name])).toEqual([
      [100, 'Countries'],
      [101, 'Try'],
      [102, 'AWSManagedRulesLinuxRuleSet'],
    ]);
  });

  test('can block or count', () => {
    const rules = rulesOf({ rules: [FirewallRule.block('Countries', geo), FirewallRule.count('Try', geo)] });
    expect(rules[4]).toMatchObject({
      Action: { Block: {} },
      Statement: { GeoMatchStatement: { CountryCodes: ['KP'] } },
    });
    expect(rules[5].Action).toEqual({ Count: {} });
  });

  test('can be another AWS rule group, in block mode', () => {
    expect(rulesOf({ rules: [FirewallRule.managedGroup('AWSManagedRulesLinuxRuleSet')] })[4]).toMatchObject({
      OverrideAction: { None: {} },
      Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesLinuxRuleSet' } },
    });
  });

  test.each([
    'AWSManagedRulesATPRuleSet', 'AWSManagedRulesACFPRuleSet', 'AWSManagedRulesAntiDDoSRuleSet',
    'awsmanagedrulesatpruleset',
  ])('refuse %s, which WAF accepts only with a configuration', (name) => {
    expect(firewallWith({ rules: [FirewallRule.managedGroup(name)] })).toThrow(new Error(
      `[Stack/Firewall] rules must be a list without rule groups that need additional configuration, got '${name}'. `
        + 'Add the rule group with its managedRuleGroupConfigs to webAcl.rules of the firewall.',
    ));
  });

  const UNKNOWN = 'Correct the name. If AWS offers the group, and this version of the library does not know it, add it '
    + 'to webAcl.rules of the firewall.';

  test.each([
    ['AWSManagedRulesLinuxRuleset', 'Use AWSManagedRulesLinuxRuleSet.'],
    ['AWSManagedRulesLinux', UNKNOWN],
    ['constructor', UNKNOWN],
  ])('refuse the rule group %s, which AWS does not offer', (name, change) => {
    expect(firewallWith({ rules: [FirewallRule.managedGroup(name)] })).toThrow(new Error(
      '[Stack/Firewall] rules must be a list of rule groups that AWS offers (AWSManagedRulesAdminProtectionRuleSet, '
        + 'AWSManagedRulesLinuxRuleSet, AWSManagedRulesUnixRuleSet, AWSManagedRulesWindowsRuleSet, '
        + 'AWSManagedRulesPHPRuleSet, AWSManagedRulesWordPressRuleSet, AWSManagedRulesAmazonIpReputationList, '
        + `AWSManagedRulesAnonymousIpList, AWSManagedRulesBotControlRuleSet), got '${name}'. ${change}`,
    ));
  });

  test.each<[string, WebFirewallProps, string]>([
    [
      'a rule of another type',
      { rules: [{ name: 'Own' } as unknown as FirewallRule] },
      'rules[0] must be a FirewallRule, got an object with name. Use FirewallRule.block(…), .count(…), '
        + '.managedGroup(…) or .ruleGroup(…).',
    ],
    [
      'clients of another type',
      { clients: null as unknown as FirewallClients },
      'clients must be a FirewallClients, got null. Leave it out.',
    ],
  ])('refuse %s', (_, props, sentence) => {
    expect(firewallWith(props)).toThrow(new Error(`[Stack/Firewall] ${sentence}`));
  });

  test('have metrics and no sampled requests', () => {
    expect(rulesOf({ rules: [FirewallRule.block('Countries', geo)] })[4].VisibilityConfig)
      .toEqual({ MetricName: 'Countries', CloudWatchMetricsEnabled: true, SampledRequestsEnabled: false });
  });

  test('can be a custom rule group whose rules keep their actions', () => {
    const stack = newStack();
    const group = new wafv2.CfnRuleGroup(stack, 'Group', {
      scope: 'REGIONAL',
      capacity: 10,
      visibilityConfig: { metricName: 'Group', cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false },
    });
    expect(rulesOf({ rules: [FirewallRule.ruleGroup('Group', group)] }, stack)[4]).toMatchObject({
      Name: 'Group',
      OverrideAction: { None: {} },
      Statement: { RuleGroupReferenceStatement: { Arn: { 'Fn::GetAtt': ['Group', 'Arn'] } } },
    });
  });

  test.each(['no spaces', '', 'x'.repeat(129)])('cannot have the name %p', (name) => {
    expect(firewallWith({ rules: [FirewallRule.block(name, geo)] })).toThrow(
      '[Stack/Firewall] rules must be a list of rules whose names have 1 to 128 letters, digits, hyphens and '
        + `underscores, got '${name}'. Rename the rule.`);
  });

  test.each(['All', 'ALL', 'Default_Action'])('cannot have the name %s, which WAF reserves', (name) => {
    expect(firewallWith({ rules: [FirewallRule.block(name, geo)] })).toThrow(
      '[Stack/Firewall] rules must be a list of rules without the names All and Default_Action, which WAF reserves for '
        + `its own metrics, got '${name}'. Rename the rule.`);
  });

  test.each(['RateLimit', 'AWSManagedRulesCommonRuleSet'])(
    'cannot have the name %s of a rule of the library',
    (name) => {
      expect(firewallWith({ rules: [FirewallRule.block(name, geo)] })).toThrow(
        `[Stack/Firewall] rules must be a list without duplicate names, got '${name}' twice. `
          + 'Remove or rename one of them.',
      );
    },
  );
});

describe('allowedCidrs', () => {
  test('blocks all other addresses first, and keeps the other rules for the allowed addresses', () => {
    const rules = rulesOf({ allowedCidrs: ['203.0.113.0/24'] });
    expect(rules.map((rule) => rule.Name)).toEqual([
      'AllowedAddresses',
      'AWSManagedRulesCommonRuleSet',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'AWSManagedRulesSQLiRuleSet',
      'RateLimit',
    ]);
    expect(rules[0]).toMatchObject({
      Priority: 0,
      Action: { Block: {} },
      Statement: {
        NotStatement: {
          Statement: {
            IPSetReferenceStatement: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^FirewallAllowedIpv4/), 'Arn'] } },
          },
        },
      },
    });
  });

  test('creates one IP set for each address family', () => {
    const stack = newStack();
    const [first] = rulesOf({ allowedCidrs: ['203.0.113.7/32', '2001:db8::/32', '198.51.100.0/24'] }, stack);
    expect(first.Statement.NotStatement.Statement.OrStatement.Statements).toHaveLength(2);
    const template = templateOf(stack);
    template.hasResourceProperties('AWS::WAFv2::IPSet', {
      Scope: 'REGIONAL',
      IPAddressVersion: 'IPV4',
      Addresses: ['203.0.113.7/32', '198.51.100.0/24'],
    });
    template.hasResourceProperties('AWS::WAFv2::IPSet', {
      Scope: 'REGIONAL',
      IPAddressVersion: 'IPV6',
      Addresses: ['2001:db8::/32'],
    });
  });

  test('can contain tokens', () => {
    const stack = newStack();
    const office = new CfnParameter(stack, 'Office').valueAsString;
    const branches = new CfnParameter(stack, 'Branches', { type: 'CommaDelimitedList' }).valueAsList;
    new WebFirewall(stack, 'One', { allowedCidrs: [office] });
    new WebFirewall(stack, 'Other', { allowedCidrs: branches });
    const sets = Object.values(propertiesOf(templateOf(stack), 'AWS::WAFv2::IPSet'));
    expect(sets.map((set) => [set.IPAddressVersion, set.Addresses])).toEqual([
      ['IPV4', [{ Ref: 'Office' }]],
      ['IPV4', { Ref: 'Branches' }],
    ]);
  });

  test('refuses an empty list', () => {
    expect(firewallWith({ allowedCidrs: [] })).toThrow('[Stack/Firewall] allowedCidrs must be a list with at least '
      + 'one address range, got []. '
      + 'Add the ranges, or leave allowedCidrs out to allow all addresses.');
  });

  test.each([
    '203.0.113.7',
    '0.0.0.0/0',
    '203.0.113.0/33',
    '2001:db8::/129',
    'fe80::1%eth0/64',
    '::/0',
    '203.0.113/24',
    '203.0.113.0/24/8',
    '203.0.113.0/2x',
    'office',
  ])('refuses %p', (cidr) => {
    expect(firewallWith({ allowedCidrs: [cidr] })).toThrow(
      new Error(
        '[Stack/Firewall] allowedCidrs must be an IPv4 range with a prefix length from 1 to 32, or an IPv6 range ' +
          'with one from 1 to 128, ' +
          `got '${cidr}'. Write a single address as '203.0.113.7/32', or leave allowedCidrs out to allow all ` +
          'addresses.',
      ),
    );
  });
});

describe('encryptionKey', () => {
  test('encrypts the log and gets a statement for CloudWatch Logs', () => {
    const stack = newStack();
    new WebFirewall(stack, 'Firewall', { encryptionKey: new kms.Key(stack, 'Own') });
    const template = templateOf(stack);
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Own'), 'Arn'] },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'CloudWatchLogs' })]) },
    });
  });
});

describe('protect', () => {
  test('creates the association in the stack of the protected resource', () => {
    const app = newApp();
    const shared = new Stack(app, 'Shared');
    const service = new Stack(app, 'Service');
    const firewall = new WebFirewall(shared, 'Firewall');
    const loadBalancer = applicationLoadBalancer(service);
    firewall.protect(loadBalancer, loadBalancer.loadBalancerArn);
    Template.fromStack(shared).resourceCountIs('AWS::WAFv2::WebACLAssociation', 0);
    Template.fromStack(service).hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      ResourceArn: { Ref: 'LoadBalancerBE9EEC3A' },
      WebACLArn: { 'Fn::ImportValue': Match.stringLikeRegexp('^Shared:ExportsOutput') },
    });
    expect(firewall.webAclArn).toBe(firewall.webAcl.attrArn);
  });

  test('accepts an existing web ACL', () => {
    const stack = newStack();
    const arn = 'arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shared/a1b2';
    const firewall = WebFirewall.fromWebAclArn(arn);
    const loadBalancer = applicationLoadBalancer(stack);
    firewall.protect(loadBalancer, loadBalancer.loadBalancerArn);
    expect(firewall.webAclArn).toBe(arn);
    templateOf(stack).hasResourceProperties('AWS::WAFv2::WebACLAssociation', { WebACLArn: arn });
    expect(nagFindings(stack).filter((finding) => finding.includes('WAF'))).toEqual([]);
  });
});

describe('WebFirewall.none', () => {
  const reason = 'public marketing page, no PHI';

  test('creates no association and adds a warning with the reason', () => {
    const stack = newStack();
    const loadBalancer = applicationLoadBalancer(stack);
    const none = WebFirewall.none({ reason });
    none.protect(loadBalancer, loadBalancer.loadBalancerArn);
    expect(none.webAclArn).toBeUndefined();
    templateOf(stack).resourceCountIs('AWS::WAFv2::WebACLAssociation', 0);
    Annotations.fromStack(stack).hasWarning('/Stack/LoadBalancer',
      `no web firewall inspects the requests (reason given: ${reason}) [ack: cdk-hipaa:no-firewall]`);
  });

  test('acknowledges the rule that requires a firewall, on that load balancer only', () => {
    const stack = newStack();
    const loadBalancer = applicationLoadBalancer(stack);
    WebFirewall.none({ reason }).protect(loadBalancer, loadBalancer.loadBalancerArn);
    const sibling = new elbv2.ApplicationLoadBalancer(stack, 'Sibling', { vpc: loadBalancer.vpc! });
    expect(nagFindings(stack).filter((finding) => finding.includes('WAF'))).toEqual([
      `NIST.800.53.R5-ALBWAFEnabled at ${sibling.node.path}/Resource`,
    ]);
  });

  test('accepts resources other than a load balancer', () => {
    const stack = newStack();
    WebFirewall.none({ reason }).protect(new sns.Topic(stack, 'Topic'), 'arn');
    WebFirewall.none({ reason }).protect(new Construct(stack, 'Thing'), 'arn');
    Annotations.fromStack(stack).hasWarning('/Stack/Thing', Match.stringLikeRegexp('cdk-hipaa:no-firewall'));
  });

  test('refuses a blank reason', () => {
    const stack = newStack();
    expect(() => WebFirewall.none({ reason: '' }).protect(new Construct(stack, 'Thing'), 'arn')).toThrow(
      "[Stack/Thing] reason must be a non-blank string, got ''. Say why it is acceptable that no web firewall "
        + 'inspects the requests.',
    );
  });
});

describe('metrics and monitoring', () => {
  const stack = newStack({ env: { region: 'eu-west-1' } });
  const firewall = new WebFirewall(stack, 'Firewall');

  test('cover all rules of the firewall', () => {
    const [{ VisibilityConfig }] = Object.values(propertiesOf(templateOf(stack), 'AWS::WAFv2::WebACL'));
    expect(stack.resolve(firewall.metricBlockedRequests().toMetricConfig().metricStat)).toMatchObject({
      namespace: 'AWS/WAFV2',
      metricName: 'BlockedRequests',
      statistic: 'Sum',
      dimensions: expect.arrayContaining([
        { name: 'WebACL', value: VisibilityConfig.MetricName },
        { name: 'Rule', value: 'ALL' },
        { name: 'Region', value: 'eu-west-1' },
      ]),
    });
  });

  test('include allowed and counted requests', () => {
    expect([firewall.metricAllowedRequests().metricName, firewall.metricCountedRequests().metricName]).toEqual([
      'AllowedRequests',
      'CountedRequests',
    ]);
  });

  test('include an alarm on a surge of blocked requests', () => {
    const { title, alarms, widgets } = firewall.monitoringPlan();
    expect(title).toBe('Web firewall');
    expect(alarms.map(({ id, threshold, missingData }) => ({ id, threshold, missingData }))).toEqual([
      { id: 'BlockedSurge', threshold: BLOCKED_SURGE, missingData: 'notBreaching' },
    ]);
    expect(BLOCKED_SURGE).toBe(1000);
    expect(alarms[0].description).toMatch(/First look/);
    expect(alarms[0].description).toContain('behind a distribution, the client is the last address of '
      + 'x-forwarded-for that is not a CloudFront address');
    expect(widgets).toHaveLength(1);
  });
});

describe('template shapes', () => {
  test('two firewalls in one stack have different log groups and metrics', () => {
    const stack = newStack();
    new WebFirewall(stack, 'One');
    new WebFirewall(stack, 'Other');
    const template = templateOf(stack);
    const names = Object.values(propertiesOf(template, 'AWS::Logs::LogGroup')).map((group) =>
      JSON.stringify(group.LogGroupName),
    );
    const metrics = Object.values(propertiesOf(template, 'AWS::WAFv2::WebACL')).map(
      (acl) => acl.VisibilityConfig.MetricName,
    );
    expect(new Set(names).size).toBe(2);
    expect(new Set(metrics).size).toBe(2);
  });

  test.each(['us-gov-west-1', 'cn-north-1', 'eu-west-1'])('the template is valid in %s inside a stage', (region) => {
    const stage = new Stage(newApp(), 'Production', { env: { account: '111122223333', region } });
    const stack = new Stack(stage, 'Stack');
    new WebFirewall(stack, 'Firewall');
    Template.fromStack(stack).hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
      LogDestinationConfigs: [
        {
          'Fn::Join': [
            '',
            ['arn:', { Ref: 'AWS::Partition' }, `:logs:${region}:111122223333:log-group:`, Match.anyValue()],
          ],
        },
      ],
    });
  });

  test('disposable data is deleted with the stack', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
    new WebFirewall(stack, 'Firewall');
    templateOf(stack).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' });
  });

  test('the template with all props is valid', () => {
    const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    new WebFirewall(new Stack(app, 'Stack'), 'Firewall', {
      rateLimit: 500,
      allowedCidrs: ['203.0.113.0/24', '2001:db8::/32'],
      rules: [FirewallRule.block('Countries', geo), FirewallRule.managedGroup('AWSManagedRulesLinuxRuleSet')],
    });
    expect(templateFindings(app)).toEqual([]);
  });
});
