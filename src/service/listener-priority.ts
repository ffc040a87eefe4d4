import { createHash } from 'crypto';
import { Token } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { refuse } from '../core/refusal';

/**
 * The priorities of listener rules.
 * Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
 */
export const FIRST_PRIORITY = 1;
export const LAST_PRIORITY = 50_000;

/** The maximum length of a path pattern, in characters. Source: the same page. */
export const LONGEST_PATH = 128;

/**
 * Each kind of rule has its own range of priorities: rules with a host, rules with a host pattern, rules without a
 * host.
 */
const PRIORITIES_PER_KIND = 16_000;

/**
 * Within a kind, paths with a longer literal prefix come first. Ranks that many services share have more priorities, so
 * that collisions are rare.
 */
const ROOM_BY_RANK = [
  { from: 81, room: 2 },
  { from: 4, room: 150 },
  { from: 0, room: 1_000 },
];

/** The conditions of a rule. */
export interface RuleMatch {
  /** The path pattern. Undefined matches every path. */
  readonly path?: string;
  /** The host name or pattern. Undefined matches every host. */
  readonly host?: string;
}

/**
 * Derives the priority of a rule from its conditions alone.
 *
 * The priority is the same in every synthesis, whatever other rules the app has. A specific rule has a lower number
 * than a general one, and a rule that matches every request has the highest number.
 */
export function derivedPriority({ path, host }: RuleMatch): number {
  if (host === undefined && (path === undefined || path === '/*')) return LAST_PRIORITY;
  const kind = host === undefined ? 2 : isPattern(host) ? 1 : 0;
  const rank = pathRank(path ?? '/*');
  let start = FIRST_PRIORITY + kind * PRIORITIES_PER_KIND;
  for (let higher = 2 * LONGEST_PATH + 1; higher > rank; higher--) start += roomOf(higher);
  return start + slotOf(`${host ?? ''}${path ?? ''}`, roomOf(rank));
}

/** Ranks `/api/v1/*` before `/api/*`. Of two patterns with the same prefix, the one without a wildcard ranks first. */
function pathRank(path: string): number {
  const wildcard = path.search(/[*?]/);
  return wildcard < 0 ? 2 * path.length + 1 : 2 * wildcard;
}

function roomOf(rank: number): number {
  return ROOM_BY_RANK.find(({ from }) => rank >= from)!.room;
}

function slotOf(text: string, room: number): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) % room;
}

function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}

const CLAIMED = Symbol.for('cdk-hipaa.service.claimed-priorities');
type Ledger = Map<string, string>;

/** Refuses a priority that another service of the app has on the same listener. Tokens are accepted. */
export function claimPriority(scope: IConstruct, listener: elbv2.IApplicationListener, priority: number): void {
  if (Token.isUnresolved(priority)) return;
  const root = scope.node.root as IConstruct & { [CLAIMED]?: Ledger };
  const ledger = root[CLAIMED] ??= new Map();
  const claim = `${priority} ${listener.listenerArn}`;
  const holder = ledger.get(claim);
  if (holder !== undefined) {
    refuse(scope, {
      prop: 'ingress.priority',
      given: priority,
      allowed: `different from the priority of ${holder} on the same listener`,
      change: 'give the two services different paths or hosts, or give one of them an explicit priority',
    });
  }
  ledger.set(claim, scope.node.path);
}
