import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import {
  DEFAULT_RATE_LIMIT,
  DEFAULT_SERVER_RATE_LIMIT,
  FirewallClients,
  RATE_WINDOW_SECONDS,
} from '../../src/firewall/firewall-clients';
import { FirewallRule } from '../../src/firewall/firewall-rule';
import { FirewallScope } from '../../src/firewall/firewall-scope';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { WebFirewallProps } from '../../src/firewall/web-firewall-props';
import { newStack, propertiesOf, someVpc, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

type Rule = ReturnType<typeof propertiesOf>[string];

/** The rules after the three AWS rule groups, in the order of their priorities. */
function rateRulesOf(props: WebFirewallProps, stack = newStack()): Rule[] {
  new WebFirewall(stack, 'Firewall', props);
  const [{ Rules }] = Object.values(propertiesOf(templateOf(stack), 'AWS::WAFv2::WebACL'));
  return [...Rules].sort((one, other) => one.Priority - other.Priority).slice(3);
}

const rateStatementOf = ({ Statement }: Rule) => Statement.RateBasedStatement;
const throughDistribution = FirewallClients.throughDistribution();

describe('clients that connect directly', () => {
  test('are the default', () => {
    expect(rateRulesOf({})).toEqual(rateRulesOf({ clients: FirewallClients.direct() }));
  });

  test('have a limit of 2,000 requests in five minutes for each address', () => {
    const rates = rateRulesOf({ clients: FirewallClients.direct() });
    expect([DEFAULT_RATE_LIMIT, RATE_WINDOW_SECONDS]).toEqual([2000, 300]);
    expect(rates.map(({ Name }) => Name)).toEqual(['RateLimit']);
    expect(rateStatementOf(rates[0])).toEqual({ AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit: 2000 });
  });
});

describe('clients that connect through a distribution', () => {
  const stack = newStack();
  const firewall = new WebFirewall(stack, 'Firewall', { clients: throughDistribution });
  const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc: someVpc(stack) });
  firewall.protect(loadBalancer, loadBalancer.loadBalancerArn);
  const [{ Rules }] = Object.values(propertiesOf(templateOf(stack), 'AWS::WAFv2::WebACL'));
  const [direct, forwarded, server] = (Rules as Rule[]).slice(3);
  const header = [{ Priority: 0, Type: 'NONE' }];

  test('are counted by three blocking rules after the AWS rule groups', () => {
    expect([direct, forwarded, server].map(({ Priority, Name, Action }) => [Priority, Name, Action])).toEqual([
      [4, 'RateLimit', { Block: {} }], [5, 'ForwardedRateLimit', { Block: {} }], [6, 'ServerRateLimit', { Block: {} }],
    ]);
  });

  test('have a limit for each address if they call the load balancer without X-Forwarded-For', () => {
    expect(rateStatementOf(direct)).toEqual({
      AggregateKeyType: 'IP',
      EvaluationWindowSec: 300,
      Limit: 2000,
      ScopeDownStatement: {
        NotStatement: {
          Statement: {
            SizeConstraintStatement: {
              FieldToMatch: { SingleHeader: { Name: 'x-forwarded-for' } },
              ComparisonOperator: 'GT',
              Size: 0,
              TextTransformations: header,
            },
          },
        },
      },
    });
  });

  test('are identified by the whole X-Forwarded-For header and the connecting server, so that no client can '
    + 'impersonate another', () => {
    expect(rateStatementOf(forwarded)).toEqual({
      AggregateKeyType: 'CUSTOM_KEYS',
      CustomKeys: [{ IP: {} }, { Header: { Name: 'x-forwarded-for', TextTransformations: header } }],
      EvaluationWindowSec: 300,
      Limit: 2000,
    });
  });

  test('share a limit of 20,000 for each connecting address, regardless of the header', () => {
    expect(DEFAULT_SERVER_RATE_LIMIT).toBe(20_000);
    expect(rateStatementOf(server)).toEqual({ AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit: 20_000 });
  });

  test('have metrics for each rule and no sampled requests', () => {
    for (const { Name, VisibilityConfig } of [direct, forwarded, server]) {
      expect(VisibilityConfig).toEqual({
        MetricName: Name,
        CloudWatchMetricsEnabled: true,
        SampledRequestsEnabled: false,
      });
    }
  });

  test('do not change the logical IDs of the log and the web ACL', () => {
    const template = templateOf(stack);
    expect(Object.keys(template.findResources('AWS::Logs::LogGroup'))).toEqual(['FirewallLog4D407857']);
    expect(Object.keys(template.findResources('AWS::WAFv2::WebACL'))).toEqual(['FirewallE7948B04']);
  });

  test('cause no rule-pack findings and no warnings on the firewall', () => {
    expect(nagFindings(stack).filter((finding) => finding.includes('Stack/Firewall'))).toEqual([]);
    Annotations.fromStack(stack).hasNoWarning('/Stack/Firewall', Match.anyValue());
  });
});

describe('the limits', () => {
  test('can be set for a client and for a server', () => {
    const rates = rateRulesOf({
      rateLimit: 500,
      clients: FirewallClients.throughDistribution({ serverRateLimit: 50_000 }),
    });
    expect(rates.map((rule) => rateStatementOf(rule).Limit)).toEqual([500, 500, 50_000]);
  });

  test('can be equal', () => {
    expect(rateRulesOf({ rateLimit: 20_000, clients: throughDistribution })).toHaveLength(3);
  });

  test('can be tokens, one or both', () => {
    const stack = newStack();
    const limit = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    const clients = FirewallClients.throughDistribution({ serverRateLimit: limit('Server') });
    expect(rateRulesOf({ rateLimit: limit('Client'), clients }, stack).map((rule) => rateStatementOf(rule).Limit))
      .toEqual([{ Ref: 'Client' }, { Ref: 'Client' }, { Ref: 'Server' }]);
    expect(() => new WebFirewall(stack, 'Other', { rateLimit: 30_000, clients })).not.toThrow();
    expect(
      () => new WebFirewall(stack, 'Third', { rateLimit: limit('More'), clients: throughDistribution }),
    ).not.toThrow();
  });
});

describe('validation of clients', () => {
  test.each<[string, WebFirewallProps, string]>([
    [
      'a server limit below the client limit',
      { rateLimit: 30_000, clients: throughDistribution },
      'clients.serverRateLimit must be at least rateLimit, which is 30000, got 20000. Raise it: one server connects ' +
        'for many clients.',
    ],
    [
      'a limit that is too small',
      { rateLimit: 10, clients: FirewallClients.throughDistribution({ serverRateLimit: 9 }) },
      'clients.serverRateLimit must be an integer from 10 to 2000000000, got 9. Use an integer in this range.',
    ],
    [
      'a limit that is too large',
      { clients: FirewallClients.throughDistribution({ serverRateLimit: 2_000_000_001 }) },
      'clients.serverRateLimit must be an integer from 10 to 2000000000, got 2000000001. Use an integer in this ' +
        'range.',
    ],
    [
      'a fractional limit',
      { clients: FirewallClients.throughDistribution({ serverRateLimit: 20_000.5 }) },
      'clients.serverRateLimit must be an integer from 10 to 2000000000, got 20000.5. Use an integer in this range.',
    ],
    [
      'throughDistribution on a firewall of a distribution',
      { webAclScope: FirewallScope.CLOUDFRONT, clients: throughDistribution },
      'clients is throughDistribution, but clients connect directly to a firewall with the scope CLOUDFRONT. ' +
        'Leave clients out here, and set it on the firewall of the load balancer behind the distribution.',
    ],
    [
      'a rule with the name of a rate rule',
      { clients: throughDistribution, rules: [FirewallRule.count('ServerRateLimit', { countries: ['US'] })] },
      "rules must be a list without duplicate names, got 'ServerRateLimit' twice. Remove or rename one of them.",
    ],
  ])('refuses %s', (_, props, text) => {
    expect(() => new WebFirewall(newStack(), 'Firewall', props)).toThrow(new Error(`[Stack/Firewall] ${text}`));
  });

  test('accepts clients that connect directly to a firewall with the scope CLOUDFRONT', () => {
    expect(
      () =>
        new WebFirewall(newStack(), 'Firewall', {
          webAclScope: FirewallScope.CLOUDFRONT,
          clients: FirewallClients.direct(),
        }),
    ).not.toThrow();
  });
});

describe('template shapes', () => {
  test('the template with all props is valid', () => {
    const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    new WebFirewall(new Stack(app, 'Stack'), 'Firewall', {
      rateLimit: 500,
      clients: FirewallClients.throughDistribution({ serverRateLimit: 5000 }),
      allowedCidrs: ['203.0.113.0/24'],
    });
    expect(templateFindings(app)).toEqual([]);
  });

  test('two firewalls in one stack can share a FirewallClients', () => {
    const stack = newStack();
    for (const id of ['One', 'Other']) new WebFirewall(stack, id, { clients: throughDistribution });
    expect(Object.values(propertiesOf(templateOf(stack), 'AWS::WAFv2::WebACL')).map((acl) => acl.Rules.length)).toEqual(
      [6, 6],
    );
  });
});
