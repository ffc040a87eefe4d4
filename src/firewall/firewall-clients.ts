import { Token } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { ruleMetric } from './firewall-rule';
import { refuse, requireInteger } from '../core/refusal';

/** How many requests one client may send in five minutes. A browser of one person stays below a hundred; an office behind one address does too. */
export const DEFAULT_RATE_LIMIT = 2000;
/**
 * How many requests one server of a distribution may send in five minutes: two hundred people at a hundred requests each. From a caller who
 * goes round the distribution and makes up whom it speaks for, that is 67 requests a second.
 */
export const DEFAULT_SERVER_RATE_LIMIT = 20_000;
/** The span in which requests are counted, in seconds. */
export const RATE_WINDOW_SECONDS = 300;
/** The limits that WAF accepts: https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html */
export const RATE_LIMIT_MIN = 10;
export const RATE_LIMIT_MAX = 2_000_000_000;

/** Where proxies say for whom they ask. */
const FORWARDED_FOR = 'x-forwarded-for';
const AS_IT_STANDS: wafv2.CfnWebACL.TextTransformationProperty[] = [{ priority: 0, type: 'NONE' }];

/** What is counted, and how much of it may come. */
type RateLimit = Pick<wafv2.CfnWebACL.RateBasedStatementProperty, 'limit' | 'aggregateKeyType' | 'customKeys' | 'scopeDownStatement'>;

/** What one server of a distribution may send. */
export interface ThroughDistributionOptions {
  /**
   * How many requests one server of the distribution may send in five minutes for all its clients together, from 10 to 2,000,000,000, and no
   * fewer than the `rateLimit` of the firewall. It is also what one address gets that calls directly and makes up a header
   * `X-Forwarded-For`.
   * @default 20000
   */
  readonly serverRateLimit?: number;
}

/** By which way clients come to a firewall, and so what tells one client from another when their requests are counted. */
export abstract class FirewallClients {
  /** Clients connect themselves: each address has a limit of its own. */
  public static direct(): FirewallClients {
    return new DirectClients();
  }

  /**
   * Some clients or all come through a CloudFront distribution to this firewall of the scope REGIONAL. CloudFront's servers then connect for
   * them, and one limit for each address would be shared by everybody whom one server speaks for.
   *
   * A request that carries `X-Forwarded-For` is counted by that header together with the address that connects; one without it by the
   * address alone, as before. A caller can write into the header: so each address that connects has a second limit, of
   * `serverRateLimit`, whatever it says.
   */
  public static throughDistribution(options: ThroughDistributionOptions = {}): FirewallClients {
    return new ClientsOfDistribution(options.serverRateLimit);
  }

  /**
   * Whether somebody else connects for the clients.
   * @internal
   */
  public abstract readonly _forwarded: boolean;

  /**
   * The rules that limit the clients to so many requests in five minutes, from a place on.
   * @internal
   */
  public abstract _rateRules(scope: Construct, rateLimit: number, firstPriority: number): wafv2.CfnWebACL.RuleProperty[];
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
      refuse(scope, { prop, given: serverRateLimit, allowed: `a number from rateLimit on, which is ${rateLimit}`, change: 'raise it: one server speaks for many clients' });
    }
    return rateRules({
      RateLimit: { limit: rateLimit, aggregateKeyType: 'IP', scopeDownStatement: withoutForwardedFor() },
      ForwardedRateLimit: { limit: rateLimit, aggregateKeyType: 'CUSTOM_KEYS', customKeys: connectionAndForwardedFor() },
      ServerRateLimit: { limit: serverRateLimit, aggregateKeyType: 'IP' },
    }, firstPriority);
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

/** A header that is there is longer than nothing. One that is empty speaks for nobody. */
function withoutForwardedFor(): wafv2.CfnWebACL.StatementProperty {
  return {
    notStatement: {
      statement: {
        sizeConstraintStatement: {
          fieldToMatch: { singleHeader: { Name: FORWARDED_FOR } },
          comparisonOperator: 'GT',
          size: 0,
          textTransformations: AS_IT_STANDS,
        },
      },
    },
  };
}

/**
 * The header as a whole, to whose end CloudFront has put the client's address, and who brought it. WAF's own forwarded address is the first of
 * the header, which the client writes: whoever wrote the address of a hospital there could have the hospital blocked.
 * A request without one of the keys is not counted: https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatementCustomKey.html
 */
function connectionAndForwardedFor(): wafv2.CfnWebACL.RateBasedStatementCustomKeyProperty[] {
  return [{ ip: {} }, { header: { name: FORWARDED_FOR, textTransformations: AS_IT_STANDS } }];
}
