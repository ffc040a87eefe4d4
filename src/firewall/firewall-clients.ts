import { Token } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { ruleMetric } from './firewall-rule';
import { checkFactory } from '../core/check-props';
import { markChoice } from '../core/choice';
import { refuse, requireInteger } from '../core/refusal';

/**
 * The default limit of one client in five minutes. A browser sends fewer than a hundred requests, as does a small
 * office.
 */
export const DEFAULT_RATE_LIMIT = 2000;
/**
 * The default limit of one CloudFront server in five minutes: 200 people with 100 requests each. A caller that bypasses
 * the distribution and forges `X-Forwarded-For` can send 67 requests per second.
 */
export const DEFAULT_SERVER_RATE_LIMIT = 20_000;
/** The evaluation window of the rate rules, in seconds. */
export const RATE_WINDOW_SECONDS = 300;
/** The limits that WAF accepts: https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html */
export const RATE_LIMIT_MIN = 10;
export const RATE_LIMIT_MAX = 2_000_000_000;

/** The header that contains the addresses of the clients of a proxy. */
const FORWARDED_FOR = 'x-forwarded-for';
const UNCHANGED: wafv2.CfnWebACL.TextTransformationProperty[] = [{ priority: 0, type: 'NONE' }];

/** The limit of a rate rule, and the requests that it counts. */
type RateLimit = Pick<
  wafv2.CfnWebACL.RateBasedStatementProperty,
  'limit' | 'aggregateKeyType' | 'customKeys' | 'scopeDownStatement'
>;

/** Options for requests that come through a CloudFront distribution. */
export interface ThroughDistributionOptions {
  /**
   * The maximum number of requests of one CloudFront server in five minutes.
   *
   * The limit applies to the requests of all clients of the server together. It must be from 10 to 2,000,000,000, and
   * at least the `rateLimit` of the firewall. The same limit applies to an address that bypasses the distribution and
   * forges `X-Forwarded-For`.
   * @default 20000
   */
  readonly serverRateLimit?: number;
}

/**
 * How requests reach the firewall, which determines how clients are counted.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const certificate: acm.ICertificate;
 *
 * const webFirewall = new WebFirewall(this, 'Firewall', { clients: FirewallClients.throughDistribution() });
 * new SecureLoadBalancer(this, 'Entrance', {
 *   vpc: network,
 *   endpoint: WebEndpoint.certificate(certificate),
 *   firewall: webFirewall,
 * });
 */
export abstract class FirewallClients {
  /** Clients connect directly: each address has its own limit. */
  public static direct(): FirewallClients {
    return new DirectClients();
  }

  /**
   * Some or all clients connect to this firewall through a CloudFront distribution.
   *
   * The firewall must have the scope REGIONAL. CloudFront servers then connect for the clients, and a limit for each
   * address would apply to all clients of a server together. The firewall counts a request with `X-Forwarded-For` by
   * that header and the address that connects, and a request without the header by the address. Callers can forge the
   * header. Therefore, each address has a second limit for all its requests, `serverRateLimit`.
   */
  public static throughDistribution(options: ThroughDistributionOptions = {}): FirewallClients {
    checkFactory('FirewallClients.throughDistribution', { options });
    return new ClientsOfDistribution(options.serverRateLimit);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'FirewallClients');

  /**
   * Whether other servers connect for the clients.
   * @internal
   */
  public abstract readonly _forwarded: boolean;

  /**
   * The rate rules for the clients, from a priority on.
   * @internal
   */
  public abstract _rateRules(
    scope: Construct,
    rateLimit: number,
    firstPriority: number,
  ): wafv2.CfnWebACL.RuleProperty[];
}

class DirectClients extends FirewallClients {
  public readonly _forwarded = false;

  public _rateRules(_scope: Construct, rateLimit: number, firstPriority: number): wafv2.CfnWebACL.RuleProperty[] {
    return rateRules({ RateLimit: { limit: rateLimit, aggregateKeyType: 'IP' } }, firstPriority);
  }
}

class ClientsOfDistribution extends FirewallClients {
  public readonly _forwarded = true;

  constructor(private readonly serverRateLimit = DEFAULT_SERVER_RATE_LIMIT) {
    super();
  }

  public _rateRules(scope: Construct, rateLimit: number, firstPriority: number): wafv2.CfnWebACL.RuleProperty[] {
    const { serverRateLimit } = this;
    const prop = 'clients.serverRateLimit';
    requireInteger(scope, prop, serverRateLimit, RATE_LIMIT_MIN, RATE_LIMIT_MAX);
    if (![serverRateLimit, rateLimit].some((limit) => Token.isUnresolved(limit)) && serverRateLimit < rateLimit) {
      const allowed = `at least rateLimit, which is ${rateLimit}`;
      refuse(scope, {
        prop,
        given: serverRateLimit,
        allowed,
        change: 'raise it: one server connects for many clients',
      });
    }
    return rateRules(
      {
        RateLimit: { limit: rateLimit, aggregateKeyType: 'IP', scopeDownStatement: withoutForwardedFor() },
        ForwardedRateLimit: {
          limit: rateLimit,
          aggregateKeyType: 'CUSTOM_KEYS',
          customKeys: connectionAndForwardedFor(),
        },
        ServerRateLimit: { limit: serverRateLimit, aggregateKeyType: 'IP' },
      },
      firstPriority,
    );
  }
}

function rateRules(limits: Record<string, RateLimit>, firstPriority: number): wafv2.CfnWebACL.RuleProperty[] {
  return Object.entries(limits).map(([name, limit], index) => ({
    name,
    priority: firstPriority + index,
    action: { block: {} },
    statement: { rateBasedStatement: { ...limit, evaluationWindowSec: RATE_WINDOW_SECONDS } },
    visibilityConfig: ruleMetric(name),
  }));
}

/** Matches requests without the header. An empty header counts as none. */
function withoutForwardedFor(): wafv2.CfnWebACL.StatementProperty {
  return {
    notStatement: {
      statement: {
        sizeConstraintStatement: {
          fieldToMatch: { singleHeader: { Name: FORWARDED_FOR } },
          comparisonOperator: 'GT',
          size: 0,
          textTransformations: UNCHANGED,
        },
      },
    },
  };
}

/**
 * The keys of a forwarded client: the address that connects and the whole header, to whose end CloudFront adds the
 * client address.
 *
 * The forwarded address of WAF is the first address of the header, which the client writes: a caller could write the
 * address of a hospital and have the hospital blocked. WAF does not count a request without one of the keys.
 * https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatementCustomKey.html
 */
function connectionAndForwardedFor(): wafv2.CfnWebACL.RateBasedStatementCustomKeyProperty[] {
  return [{ ip: {} }, { header: { name: FORWARDED_FOR, textTransformations: UNCHANGED } }];
}
