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

/** The rules after the three groups of AWS, in the order of their priorities. */
function ratesOf(props: WebFirewallProps, stack = newStack()): Rule[] {
  new WebFirewall(stack, 'Firewall', props);
  const [{ Rules }] = Object.values(propertiesOf(templateOf(stack), 'AWS::WAFv2::WebACL'));
  return [...Rules].sort((one, other) => one.Priority - other.Priority).slice(3);
}

const countedBy = ({ Statement }: Rule) => Statement.RateBasedStatement;
const throughDistribution = FirewallClients.throughDistribution();

describe('clients that come directly', () => {
  test('are the default', () => {
    expect(ratesOf({})).toEqual(ratesOf({ clients: FirewallClients.direct() }));
  });

  test('have one limit for each address: 2,000 requests in five minutes', () => {
    const rates = ratesOf({ clients: FirewallClients.direct() });
    expect([DEFAULT_RATE_LIMIT, RATE_WINDOW_SECONDS]).toEqual([2000, 300]);
    expect(rates.map(({ Name }) => Name)).toEqual(['RateLimit']);
    expect(countedBy(rates[0])).toEqual({ AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit: 2000 });
  });
});

describe('clients that come through a distribution', () => {
  const stack = newStack();
  const firewall = new WebFirewall(stack, 'Firewall', { clients: throughDistribution });
  const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc: someVpc(stack) });
  firewall.protect(loadBalancer, loadBalancer.loadBalancerArn);
  const [{ Rules }] = Object.values(propertiesOf(templateOf(stack), 'AWS::WAFv2::WebACL'));
  const [direct, forwarded, server] = (Rules as Rule[]).slice(3);
  const header = [{ Priority: 0, Type: 'NONE' }];

  test('are counted by three rules that block, after the groups of AWS', () => {
    expect([direct, forwarded, server].map(({ Priority, Name, Action }) => [Priority, Name, Action])).toEqual([
      [4, 'RateLimit', { Block: {} }], [5, 'ForwardedRateLimit', { Block: {} }], [6, 'ServerRateLimit', { Block: {} }],
    ]);
  });

  test('who call the load balancer itself, without X-Forwarded-For, have one limit for each address', () => {
    expect(countedBy(direct)).toEqual({
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

  test('for whom a server connects are told apart by the whole of X-Forwarded-For and by the server, so that nobody '
    + 'can pass for another', () => {
    expect(countedBy(forwarded)).toEqual({
      AggregateKeyType: 'CUSTOM_KEYS',
      CustomKeys: [{ IP: {} }, { Header: { Name: 'x-forwarded-for', TextTransformations: header } }],
      EvaluationWindowSec: 300,
      Limit: 2000,
    });
  });

  test('share a limit of 20,000 for each address that connects, whatever it says', () => {
    expect(DEFAULT_SERVER_RATE_LIMIT).toBe(20_000);
    expect(countedBy(server)).toEqual({ AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit: 20_000 });
  });

  test('are measured by each rule, and not sampled', () => {
    for (const { Name, VisibilityConfig } of [direct, forwarded, server]) {
      expect(VisibilityConfig).toEqual({
        MetricName: Name,
        CloudWatchMetricsEnabled: true,
        SampledRequestsEnabled: false,
      });
    }
  });

  test('change nothing else: the log keeps its logical ids', () => {
    const template = templateOf(stack);
    expect(Object.keys(template.findResources('AWS::Logs::LogGroup'))).toEqual(['FirewallLog4D407857']);
    expect(Object.keys(template.findResources('AWS::WAFv2::WebACL'))).toEqual(['FirewallE7948B04']);
  });

  test('leave nothing to report of the firewall and nothing to warn of', () => {
    expect(nagFindings(stack).filter((finding) => finding.includes('Stack/Firewall'))).toEqual([]);
    Annotations.fromStack(stack).hasNoWarning('/Stack/Firewall', Match.anyValue());
  });
});

describe('the limits', () => {
  test('of a client and of a server are settable', () => {
    const rates = ratesOf({
      rateLimit: 500,
      clients: FirewallClients.throughDistribution({ serverRateLimit: 50_000 }),
    });
    expect(rates.map((rule) => countedBy(rule).Limit)).toEqual([500, 500, 50_000]);
  });

  test('may be equal', () => {
    expect(ratesOf({ rateLimit: 20_000, clients: throughDistribution })).toHaveLength(3);
  });

  test('may be known only at deployment, one or both', () => {
    const stack = newStack();
    const limit = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    const clients = FirewallClients.throughDistribution({ serverRateLimit: limit('Server') });
    expect(ratesOf({ rateLimit: limit('Client'), clients }, stack).map((rule) => countedBy(rule).Limit))
      .toEqual([{ Ref: 'Client' }, { Ref: 'Client' }, { Ref: 'Server' }]);
    expect(() => new WebFirewall(stack, 'Other', { rateLimit: 30_000, clients })).not.toThrow();
    expect(
      () => new WebFirewall(stack, 'Third', { rateLimit: limit('More'), clients: throughDistribution }),
    ).not.toThrow();
  });
});

describe('refused', () => {
  test.each<[string, WebFirewallProps, string]>([
    [
      'a server that may send less than one client',
      { rateLimit: 30_000, clients: throughDistribution },
      'clients.serverRateLimit must be at least rateLimit, which is 30000, got 20000. Raise it: one server connects ' +
        'for many clients.',
    ],
    [
      'too small a limit',
      { rateLimit: 10, clients: FirewallClients.throughDistribution({ serverRateLimit: 9 }) },
      'clients.serverRateLimit must be an integer from 10 to 2000000000, got 9. Use an integer in this range.',
    ],
    [
      'too great a limit',
      { clients: FirewallClients.throughDistribution({ serverRateLimit: 2_000_000_001 }) },
      'clients.serverRateLimit must be an integer from 10 to 2000000000, got 2000000001. Use an integer in this ' +
        'range.',
    ],
    [
      'half a request',
      { clients: FirewallClients.throughDistribution({ serverRateLimit: 20_000.5 }) },
      'clients.serverRateLimit must be an integer from 10 to 2000000000, got 20000.5. Use an integer in this range.',
    ],
    [
      'a distribution before the firewall of a distribution',
      { webAclScope: FirewallScope.CLOUDFRONT, clients: throughDistribution },
      'clients is throughDistribution, but clients connect directly to a firewall with the scope CLOUDFRONT. ' +
        'Leave clients out here, and set it on the firewall of the load balancer behind the distribution.',
    ],
    [
      'a rule of the name of one that counts',
      { clients: throughDistribution, rules: [FirewallRule.managedGroup('ServerRateLimit')] },
      "rules contains the name 'ServerRateLimit' twice. Remove or rename one of them.",
    ],
  ])('%s', (_, props, text) => {
    expect(() => new WebFirewall(newStack(), 'Firewall', props)).toThrow(new Error(`[Stack/Firewall] ${text}`));
  });

  test('not: clients of a firewall of the scope CLOUDFRONT that come directly, as they do', () => {
    expect(
      () =>
        new WebFirewall(newStack(), 'Firewall', {
          webAclScope: FirewallScope.CLOUDFRONT,
          clients: FirewallClients.direct(),
        }),
    ).not.toThrow();
  });
});

describe('shapes', () => {
  test('the template is valid with everything on', () => {
    const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    new WebFirewall(new Stack(app, 'Stack'), 'Firewall', {
      rateLimit: 500,
      clients: FirewallClients.throughDistribution({ serverRateLimit: 5000 }),
      allowedCidrs: ['203.0.113.0/24'],
    });
    expect(templateFindings(app)).toEqual([]);
  });

  test('two firewalls of one stack may share one choice', () => {
    const stack = newStack();
    for (const id of ['One', 'Other']) new WebFirewall(stack, id, { clients: throughDistribution });
    expect(Object.values(propertiesOf(templateOf(stack), 'AWS::WAFv2::WebACL')).map((acl) => acl.Rules.length)).toEqual(
      [6, 6],
    );
  });
});
