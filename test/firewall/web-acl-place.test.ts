import { App, Aws, CfnParameter, Stack } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { FirewallRule } from '../../src/firewall/firewall-rule';
import { FirewallScope } from '../../src/firewall/firewall-scope';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { newStack, someVpc } from '../support/app';

const HOME = { account: '111122223333', region: 'us-east-1' };
const arn = (place: string, scope = 'regional') => `arn:aws:wafv2:${place}:${scope}/webacl/clinic/12345678-1234`;
const balancer = (scope: Construct) =>
  new elbv2.ApplicationLoadBalancer(scope, 'LoadBalancer', { vpc: someVpc(scope) });
const protect = (webAclArn: string, env?: typeof HOME) => () => {
  const resource = balancer(newStack({ env }));
  WebFirewall.fromWebAclArn(webAclArn).protect(resource, resource.loadBalancerArn);
};
const distribution = (webAclArn: string) => () =>
  WebFirewall.fromWebAclArn(webAclArn).webAclArnForDistribution(newStack({ env: { ...HOME, region: 'eu-west-1' } }));

test('an existing web ACL of another region or account is refused', () => {
  expect(protect(arn('eu-west-1:111122223333'), HOME)).toThrow(new Error(
    '[Stack/LoadBalancer] firewall must be the ARN of a web ACL in us-east-1, the region of the protected resource, '
      + `got '${arn('eu-west-1:111122223333')}'. Pass a web ACL of that region.`));
  expect(protect(arn('us-east-1:444455556666'), HOME)).toThrow(new Error(
    '[Stack/LoadBalancer] firewall must be the ARN of a web ACL in 111122223333, the account of the stack, '
      + `got '${arn('us-east-1:444455556666')}'. Pass a web ACL of that account.`));
});

test.each([
  'clinic', '', 'arn:aws:waf-regional:us-east-1:111122223333:webacl/1',
  'arn:aws:wafv2:us-east-1:111122223333:regional/rulegroup/clinic/1', arn('us-east-1:111122223333').slice(0, -13),
])("'%s' is not the ARN of a web ACL", (webAclArn) => {
  expect(protect(webAclArn, HOME)).toThrow(new Error(
    `[Stack/LoadBalancer] firewall must be the ARN of a web ACL, got '${webAclArn}'. `
      + 'Copy the ARN from the AWS WAF console.'));
});

test('a web ACL for CloudFront must be in us-east-1 and in the account of the distribution', () => {
  expect(distribution(arn('eu-west-1:111122223333', 'global'))).toThrow(
    '[Stack] firewall must be the ARN of a web ACL in us-east-1, the region of web ACLs for CloudFront, got ');
  expect(distribution(arn('us-east-1:444455556666', 'global'))).toThrow(
    '[Stack] firewall must be the ARN of a web ACL in 111122223333, the account of the stack, got ');
  expect(distribution(arn('us-east-1:111122223333', 'global'))).not.toThrow();
});

test('accepts the own region, a stack without a region, and ARNs that are tokens', () => {
  expect(protect(arn('us-east-1:111122223333'), HOME)).not.toThrow();
  expect(protect(arn('eu-west-1:111122223333'))).not.toThrow();
  expect(protect(arn(`${Aws.REGION}:${Aws.ACCOUNT_ID}`), HOME)).not.toThrow();
  const stack = newStack({ env: HOME });
  const parameter = new CfnParameter(stack, 'WebAclArn').valueAsString;
  expect(() => WebFirewall.fromWebAclArn(parameter).protect(balancer(stack), 'arn')).not.toThrow();
});

test('a firewall of the app in another region or account is refused', () => {
  const app = new App({ analyticsReporting: false });
  const firewall = new WebFirewall(new Stack(app, 'Edge', { env: { ...HOME, region: 'eu-west-1' } }), 'Firewall');
  const resource = balancer(new Stack(app, 'Main', { env: HOME }));
  expect(() => firewall.protect(resource, resource.loadBalancerArn)).toThrow(new Error(
    '[Main/LoadBalancer] firewall must be a firewall in us-east-1, as the protected resource, '
      + 'got Edge/Firewall in eu-west-1. Create the firewall in a stack in us-east-1.'));
  const elsewhere = balancer(new Stack(app, 'Other', { env: { account: '444455556666', region: 'eu-west-1' } }));
  expect(() => firewall.protect(elsewhere, elsewhere.loadBalancerArn)).toThrow(
    'must be a firewall in 444455556666, as the protected resource, got Edge/Firewall in 111122223333.');
});

describe('countOnly', () => {
  const count = (rule: string, group?: string) => () =>
    new WebFirewall(newStack(), 'Firewall', { countOnly: [{ rule, group, reason: 'uploads' }] });

  test('a known rule in another group is refused', () => {
    expect(count('SQLi_BODY', 'AWSManagedRulesCommonRuleSet')).toThrow(new Error(
      '[Stack/Firewall] countOnly.group must be AWSManagedRulesSQLiRuleSet, the group of SQLi_BODY, got '
        + "'AWSManagedRulesCommonRuleSet'. Correct the group, or leave it out."));
  });

  test('a known rule in another case is refused, although it has a group', () => {
    expect(count('sqli_body', 'AWSManagedRulesSQLiRuleSet')).toThrow(new Error(
      '[Stack/Firewall] countOnly.rule must be the name of the rule in its case, SQLi_BODY, got '
        + "'sqli_body'. Correct the name."));
  });

  test('a known rule in its group, and a new rule with a group, are accepted', () => {
    expect(count('SQLi_BODY', 'AWSManagedRulesSQLiRuleSet')).not.toThrow();
    expect(count('NewRule_BODY', 'AWSManagedRulesCommonRuleSet')).not.toThrow();
  });
});

describe('a rule group', () => {
  const groupOf = (stack: Stack, scope: string) => new wafv2.CfnRuleGroup(stack, `Group${scope}`, {
    capacity: 1,
    scope,
    visibilityConfig: { cloudWatchMetricsEnabled: true, metricName: 'Group', sampledRequestsEnabled: false },
  });
  const firewall = (stack: Stack, group: wafv2.IRuleGroupRef, webAclScope?: FirewallScope) => () =>
    new WebFirewall(stack, 'Firewall', { webAclScope, rules: [FirewallRule.ruleGroup('Own', group)] });

  test('of another scope is refused', () => {
    const stack = newStack({ env: HOME });
    expect(firewall(stack, groupOf(stack, 'CLOUDFRONT'))).toThrow(new Error(
      '[Stack/Firewall] rules must be rule groups with the scope REGIONAL, the scope of the firewall, got a rule group '
        + 'with the scope CLOUDFRONT. Create the rule group with the scope REGIONAL.'));
    stack.node.tryRemoveChild('Firewall');
    expect(firewall(stack, groupOf(stack, 'REGIONAL'), FirewallScope.CLOUDFRONT)).toThrow(
      'rules must be rule groups with the scope CLOUDFRONT, the scope of the firewall, got');
  });

  test('of the scope is accepted', () => {
    const stack = newStack({ env: HOME });
    expect(firewall(stack, groupOf(stack, 'REGIONAL'))).not.toThrow();
    stack.node.tryRemoveChild('Firewall');
    expect(firewall(stack, groupOf(stack, 'CLOUDFRONT'), FirewallScope.CLOUDFRONT)).not.toThrow();
  });
});

test('a web ACL of another partition is refused', () => {
  const other = arn('us-east-1:111122223333').replace('arn:aws:', 'arn:aws-cn:');
  expect(protect(other, HOME)).toThrow(
    `firewall must be the ARN of a web ACL in aws, the partition of the stack, got '${other}'. Correct the ARN.`);
});
