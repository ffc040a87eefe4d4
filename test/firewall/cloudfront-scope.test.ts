import { App, Environment, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { FirewallScope } from '../../src/firewall/firewall-scope';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { IWebFirewall } from '../../src/firewall/web-firewall-interface';
import { WebFirewallProps } from '../../src/firewall/web-firewall-props';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

const EDGE = { region: 'us-east-1' };
const ACCOUNT = '111122223333';
const GLOBAL_ARN = `arn:aws:wafv2:us-east-1:${ACCOUNT}:global/webacl/shared/a1b2`;
const REGIONAL_ARN = `arn:aws:wafv2:eu-west-1:${ACCOUNT}:regional/webacl/shared/a1b2`;
const ACL = { 'Fn::GetAtt': ['FirewallE7948B04', 'Arn'] };

function edgeFirewall(scope: Construct, props: WebFirewallProps = {}): WebFirewall {
  return new WebFirewall(scope, 'Firewall', { webAclScope: FirewallScope.CLOUDFRONT, ...props });
}

function distribution(scope: Construct, webAclId?: string): cloudfront.Distribution {
  return new cloudfront.Distribution(scope, 'Site', {
    defaultBehavior: { origin: new origins.HttpOrigin('example.com') },
    webAclId,
  });
}

/** A distribution behind a firewall. */
function protectedSite(scope: Construct, firewall: IWebFirewall): cloudfront.Distribution {
  return distribution(scope, firewall.webAclArnForDistribution(scope));
}

/** The web ACL that the one distribution of a template names. */
function namedAcl(template: Template): unknown {
  return Object.values(propertiesOf(template, 'AWS::CloudFront::Distribution'))[0].DistributionConfig.WebACLId;
}

/** A firewall in one stack and a stack for the site. */
function inTwoStacks(home: Environment | undefined, away: Environment | undefined, root: Construct = newApp()) {
  const [edge, site] = [new Stack(root, 'Edge', { env: home }), new Stack(root, 'Web', { env: away })];
  return { edge, site, firewall: edgeFirewall(edge) };
}

describe('a firewall with the scope CLOUDFRONT in us-east-1', () => {
  const stack = newStack({ env: EDGE });
  const firewall = edgeFirewall(stack, { allowedCidrs: ['203.0.113.0/24', '2001:db8::/32'] });
  const regional = newStack({ env: EDGE });
  new WebFirewall(regional, 'Firewall', { allowedCidrs: ['203.0.113.0/24', '2001:db8::/32'] });
  const template = templateOf(stack);

  test('sets the scope on the web ACL and on its IP sets', () => {
    template.allResourcesProperties('AWS::WAFv2::WebACL', { Scope: 'CLOUDFRONT' });
    template.allResourcesProperties('AWS::WAFv2::IPSet', { Scope: 'CLOUDFRONT' });
    template.resourceCountIs('AWS::WAFv2::IPSet', 2);
  });

  test('has the same rules, log, key and logical IDs as a regional firewall', () => {
    const as = (scope: string) =>
      JSON.parse(
        JSON.stringify(templateOf(scope === 'CLOUDFRONT' ? stack : regional).toJSON()).replaceAll(
          `"Scope":"${scope}"`,
          '"Scope":""',
        ),
      );
    expect(as('CLOUDFRONT')).toEqual(as('REGIONAL'));
  });

  test('logs to a log group in us-east-1 with the name prefix that WAF requires', () => {
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: { 'Fn::Join': ['', [Match.stringLikeRegexp('^aws-waf-logs-'), Match.anyValue()]] },
    });
    template.hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
      ResourceArn: ACL,
      LogDestinationConfigs: [{ 'Fn::Join': ['', Match.arrayWith([':logs:us-east-1:'])] }],
    });
  });

  test('has no rule-pack findings and no warnings', () => {
    expect(nagFindings(stack)).toEqual([]);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('has metrics in us-east-1 without the dimension Region, which WAF omits for CloudFront', () => {
    const { metricStat } = firewall.metricBlockedRequests().toMetricConfig();
    expect(metricStat).toMatchObject({
      namespace: 'AWS/WAFV2',
      metricName: 'BlockedRequests',
      statistic: 'Sum',
      region: 'us-east-1',
    });
    expect(metricStat!.dimensions).toEqual([
      { name: 'Rule', value: 'ALL' },
      { name: 'WebACL', value: 'StackFirewall4724B702' },
    ]);
  });
});

describe('the region of the firewall', () => {
  test.each(['eu-west-1', 'us-gov-west-1', 'cn-north-1'])('cannot be %s', (region) => {
    expect(() => edgeFirewall(newStack({ env: { region } }))).toThrow(
      '[Stack/Firewall] webAclScope must be FirewallScope.REGIONAL outside us-east-1, got FirewallScope.CLOUDFRONT ' +
        `in a stack in ${region}. ` +
        "Create the firewall in a stack with env: { region: 'us-east-1' } and pass it to the site, which can be in "
          + 'any region.',
    );
  });

  test('cannot be another region that a stage sets', () => {
    const stage = new Stage(newApp(), 'Production', { env: { region: 'eu-west-1' } });
    expect(() => edgeFirewall(new Stack(stage, 'Stack'))).toThrow('[Production/Stack/Firewall] webAclScope must be '
      + 'FirewallScope.REGIONAL outside us-east-1, '
      + 'got FirewallScope.CLOUDFRONT in a stack in eu-west-1.');
  });

  test('is checked at deployment if the stack has none, with one template rule for all firewalls', () => {
    const stack = newStack();
    edgeFirewall(stack);
    edgeFirewall(new Construct(stack, 'Other'));
    const { CheckBootstrapVersion, ...rules } = templateOf(stack).toJSON().Rules;
    expect(rules).toEqual({
      CloudFrontNeedsUsEast1: {
        Assertions: [
          {
            Assert: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
            AssertDescription: expect.stringMatching(
              /^CloudFront accepts web ACLs and certificates of us-east-1 only\. Deploy this stack in us-east-1/,
            ),
          },
        ],
      },
    });
  });

  test('can be any region for a regional firewall, without a template rule', () => {
    const stack = newStack();
    new WebFirewall(stack, 'Firewall', { webAclScope: FirewallScope.REGIONAL });
    expect(Object.keys(templateOf(stack).toJSON().Rules)).toEqual(['CheckBootstrapVersion']);
  });
});

describe('a distribution', () => {
  test('in the same stack references the web ACL without an association', () => {
    const stack = newStack({ env: EDGE });
    protectedSite(stack, edgeFirewall(stack));
    expect(namedAcl(templateOf(stack))).toEqual(ACL);
    templateOf(stack).resourceCountIs('AWS::WAFv2::WebACLAssociation', 0);
    expect(nagFindings(stack).filter((finding) => finding.includes('CFR2'))).toEqual([]);
  });

  test('in another stack in us-east-1 references the web ACL through an export', () => {
    const { site, firewall } = inTwoStacks(EDGE, EDGE);
    protectedSite(site, firewall);
    expect(namedAcl(templateOf(site))).toEqual({ 'Fn::ImportValue': expect.stringMatching(/^Edge:ExportsOutput/) });
  });

  test('in a nested stack references the web ACL through a parameter of the parent', () => {
    const stack = newStack({ env: EDGE });
    const nested = new NestedStack(stack, 'Nested');
    protectedSite(nested, edgeFirewall(stack));
    expect(namedAcl(Template.fromStack(nested))).toEqual({ Ref: expect.stringMatching(/^referencetoStackFirewall/) });
  });
});

describe.each(['eu-west-1', 'us-west-2'])('a distribution in a stack in %s', (region) => {
  const { edge, site, firewall } = inTwoStacks(EDGE, { region });
  protectedSite(site, firewall);

  test('reads the web ACL from an output of the stack in us-east-1', () => {
    const [[output, { Value, Export }]] = Object.entries(templateOf(edge).findOutputs('*'));
    expect([Value, Export]).toEqual([ACL, undefined]);
    expect(namedAcl(templateOf(site))).toEqual({
      'Fn::GetStackOutput': { StackName: 'Edge', Region: 'us-east-1', OutputName: output },
    });
  });

  test('is deployed after the stack in us-east-1', () => {
    expect(site.dependencies).toEqual([edge]);
  });

  test('adds no custom resource to either stack', () => {
    expect(
      Object.values(templateOf(site).toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type),
    ).toEqual(['AWS::CloudFront::Distribution']);
    templateOf(edge).resourcePropertiesCountIs('AWS::Lambda::Function', {}, 0);
  });
});

describe('a distribution in another region', () => {
  test('references the web ACL inside a stage', () => {
    const { site, firewall } = inTwoStacks(EDGE, { region: 'eu-west-1' }, new Stage(newApp(), 'Production'));
    protectedSite(site, firewall);
    expect(namedAcl(Template.fromStack(site))).toEqual({
      'Fn::GetStackOutput': expect.objectContaining({ StackName: 'Production-Edge', Region: 'us-east-1' }),
    });
  });

  test('references the web ACL from a nested stack', () => {
    const { edge, site, firewall } = inTwoStacks(EDGE, { region: 'eu-west-1' });
    const nested = new NestedStack(site, 'Nested');
    protectedSite(nested, firewall);
    expect(namedAcl(Template.fromStack(nested))).toEqual({
      'Fn::GetStackOutput': expect.objectContaining({ StackName: 'Edge' }),
    });
    expect(site.dependencies).toEqual([edge]);
  });

  test.each(['strong', 'both', 'weak'])(
    'references the web ACL in the same way if the app sets the reference strength to %s',
    (strength) => {
      const app = newApp({ '@aws-cdk/core:defaultCrossStackReferences': strength });
      const { site, firewall } = inTwoStacks(EDGE, { region: 'eu-west-1' }, app);
      protectedSite(site, firewall);
      expect(namedAcl(templateOf(site))).toEqual({
        'Fn::GetStackOutput': expect.objectContaining({ StackName: 'Edge' }),
      });
    },
  );

  test('references the web ACL if both stacks set the account', () => {
    const { site, firewall } = inTwoStacks({ ...EDGE, account: ACCOUNT }, { region: 'eu-west-1', account: ACCOUNT });
    protectedSite(site, firewall);
    expect(namedAcl(templateOf(site))).toEqual({
      'Fn::GetStackOutput': expect.objectContaining({ StackName: 'Edge' }),
    });
  });

  test('passes CloudFormation validation together with the stack of the firewall', () => {
    const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    const { site, firewall } = inTwoStacks(EDGE, { region: 'eu-west-1' }, app);
    protectedSite(site, firewall);
    expect(templateFindings(app)).toEqual([]);
  });

  test('refuses a firewall in a nested stack', () => {
    const app = newApp();
    const firewall = edgeFirewall(new NestedStack(new Stack(app, 'Edge', { env: EDGE }), 'Nested'));
    const site = new Stack(app, 'Web', { env: { region: 'eu-west-1' } });
    expect(() => firewall.webAclArnForDistribution(site)).toThrow('[Web] firewall must be a firewall directly in a '
      + 'stack in us-east-1, '
      + 'got Edge/Nested/Firewall in a nested stack. Move the firewall out of the nested stack.');
  });
});

describe('stacks without a region', () => {
  test('are both refused outside us-east-1 and share an export', () => {
    const { edge, site, firewall } = inTwoStacks(undefined, undefined);
    protectedSite(site, firewall);
    for (const stack of [edge, site]) {
      expect(Object.keys(templateOf(stack).toJSON().Rules)).toContain('CloudFrontNeedsUsEast1');
    }
    expect(namedAcl(templateOf(site))).toEqual({ 'Fn::ImportValue': expect.stringMatching(/^Edge:/) });
  });

  test.each([
    [EDGE, undefined, 'a stack in us-east-1', 'a stack without a region'],
    [undefined, { region: 'eu-west-1' }, 'a stack without a region', 'a stack in eu-west-1'],
    [undefined, EDGE, 'a stack without a region', 'a stack in us-east-1'],
  ])('cannot share a firewall if only one of them sets its region: %p and %p', (home, away, from, to) => {
    const { site, firewall } = inTwoStacks(home, away);
    expect(() => firewall.webAclArnForDistribution(site)).toThrow('[Web] firewall must be a firewall in the same '
      + 'stack, '
      + `or in another stack if both stacks set their region, got Edge/Firewall in ${from}, for a distribution in `
      + `${to}. `
      + "Set env: { region: 'us-east-1' } on the stack of the firewall, and the region of the site on its stack.");
  });
});

test.each([
  [{ ...EDGE, account: ACCOUNT }, { region: 'eu-west-1' }, `account ${ACCOUNT}`, 'a stack without an account'],
  [{ ...EDGE, account: ACCOUNT }, { ...EDGE, account: '444455556666' }, `account ${ACCOUNT}`, 'account 444455556666'],
])('a distribution in another account is refused: %p and %p', (home, away, from, to) => {
  const { site, firewall } = inTwoStacks(home, away);
  expect(() => firewall.webAclArnForDistribution(site)).toThrow('[Web] firewall must be a firewall in the account '
    + 'of the distribution, '
    + `got Edge/Firewall in ${from}, for a distribution in ${to}. Set the same account in env of both stacks.`);
});

describe('the wrong scope', () => {
  test('is refused for a regional firewall on a distribution', () => {
    const stack = newStack({ env: EDGE });
    const firewall = new WebFirewall(stack, 'Firewall');
    expect(() => firewall.webAclArnForDistribution(new Construct(stack, 'Site'))).toThrow(
      '[Stack/Site] firewall must be a firewall with the scope CLOUDFRONT, ' +
        'got Stack/Firewall with the scope REGIONAL. Create one with webAclScope: FirewallScope.CLOUDFRONT in ' +
        'us-east-1.',
    );
  });

  test('is refused for a CloudFront firewall on a regional resource', () => {
    const stack = newStack({ env: EDGE });
    expect(() => edgeFirewall(stack).protect(new Construct(stack, 'LoadBalancer'), 'arn')).toThrow(
      '[Stack/LoadBalancer] firewall must be a firewall with the scope REGIONAL, ' +
        'got Stack/Firewall with the scope CLOUDFRONT. Create one in the region of the resource.',
    );
  });

  test('is refused for an existing regional web ACL on a distribution', () => {
    expect(() => WebFirewall.fromWebAclArn(REGIONAL_ARN).webAclArnForDistribution(newStack())).toThrow(
      '[Stack] firewall must be the ARN of a web ACL for CloudFront, ' +
        `which contains global/webacl, got '${REGIONAL_ARN}'. Pass a web ACL with the scope CLOUDFRONT from ` +
        'us-east-1.',
    );
  });

  test('is refused for an existing CloudFront web ACL on a regional resource', () => {
    expect(() => WebFirewall.fromWebAclArn(GLOBAL_ARN).protect(newStack(), 'arn')).toThrow(
      '[Stack] firewall must be the ARN of a regional web ACL ' +
        `in the region of the protected resource, got '${GLOBAL_ARN}'. ` +
        'Pass a web ACL with the scope REGIONAL; the scope CLOUDFRONT is only for distributions.',
    );
  });
});

describe('an existing web ACL', () => {
  test('protects a distribution in any stack', () => {
    const stack = newStack({ env: { region: 'eu-west-1' } });
    protectedSite(stack, WebFirewall.fromWebAclArn(GLOBAL_ARN));
    expect(namedAcl(templateOf(stack))).toBe(GLOBAL_ARN);
  });

  test('can have a token as its ARN', () => {
    const stack = newStack();
    const arn = stack.formatArn({ service: 'wafv2', region: 'us-east-1', resource: 'shared' });
    const firewall = WebFirewall.fromWebAclArn(arn);
    protectedSite(stack, firewall);
    firewall.protect(new Construct(stack, 'LoadBalancer'), 'arn');
    expect(namedAcl(templateOf(stack))).toEqual(stack.resolve(arn));
    templateOf(stack).hasResourceProperties('AWS::WAFv2::WebACLAssociation', { WebACLArn: stack.resolve(arn) });
  });
});

describe('a distribution without a firewall', () => {
  const reason = 'public marketing page, no PHI';

  test('has a warning with the reason', () => {
    const stack = newStack();
    const site = new Construct(stack, 'Site');
    expect(WebFirewall.none({ reason }).webAclArnForDistribution(site)).toBeUndefined();
    Annotations.fromStack(stack).hasWarning('/Stack/Site', 'no web firewall inspects the requests (reason given: '
      + `${reason}) [ack: cdk-hipaa:no-firewall]`);
  });

  test('is acknowledged for the rule that requires a firewall, but other distributions are not', () => {
    const stack = newStack();
    WebFirewall.none({ reason }).webAclArnForDistribution(distribution(stack));
    distribution(new Construct(stack, 'Sibling'));
    expect(nagFindings(stack).filter((finding) => finding.includes('CFR2'))).toEqual([
      'AwsSolutions-CFR2 at Stack/Sibling/Site/Resource',
    ]);
  });

  test('requires a reason', () => {
    expect(() => WebFirewall.none({ reason: '' }).webAclArnForDistribution(newStack())).toThrow(
      "[Stack] reason must be a non-blank string, got ''. Say why it is acceptable that no web firewall inspects the "
        + 'requests.',
    );
  });
});

describe('monitoring of a firewall with the scope CLOUDFRONT', () => {
  test('alarms on blocked requests in us-east-1 without the dimension Region', () => {
    const stack = newStack({ env: EDGE });
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(edgeFirewall(stack));
    templateOf(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/WAFV2',
      MetricName: 'BlockedRequests',
      Dimensions: [{ Name: 'Rule', Value: 'ALL' }, { Name: 'WebACL', Value: 'StackFirewall4724B702' }],
    });
  });

  test('alarms in the same stack if the stack has no region', () => {
    const stack = newStack();
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(edgeFirewall(stack));
    templateOf(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'BlockedRequests',
      Metrics: Match.absent(),
    });
  });

  test.each([EDGE, undefined])('is refused from eu-west-1 with the region to use: firewall in %p', (home) => {
    const { site, firewall } = inTwoStacks(home, { region: 'eu-west-1' });
    const monitoring = new WorkloadMonitoring(site, 'Monitoring', { email: 'oncall@example.com' });
    expect(() => monitoring.watch(firewall)).toThrow(
      new Error(
        "[Edge/Firewall] metric of alarm 'BlockedSurge' must be a metric of eu-west-1, the region of Web/Monitoring, " +
          'got a metric of us-east-1. Watch this construct with a WorkloadMonitoring in a stack of us-east-1.',
      ),
    );
  });

  test('allows a graph in any region', () => {
    const { site, firewall } = inTwoStacks(EDGE, { region: 'eu-west-1' });
    const widget = new cloudwatch.GraphWidget({ left: [firewall.metricAllowedRequests()] });
    expect(site.resolve(widget.toJson())[0].properties.metrics[0]).toContainEqual(
      expect.objectContaining({ region: 'us-east-1' }),
    );
  });
});
