import { createHash } from 'crypto';
import { Token } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/** The priorities of a listener's rules: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html */
export const FIRST_PRIORITY = 1;
export const LAST_PRIORITY = 50_000;

/** How long a path pattern may be, in characters. Source: the same page. */
export const LONGEST_PATH = 128;

/** Rules with a host come first, then those with a host pattern, then those without: each kind has its own stretch of priorities. */
const PRIORITIES_PER_KIND = 16_000;

/** Within a kind, paths with a longer literal beginning come first. Ranks that many services share get more room, so that few meet. */
const ROOM_BY_RANK = [
  { from: 81, room: 2 },
  { from: 4, room: 150 },
  { from: 0, room: 1_000 },
];

/** What a rule looks at. */
export interface RuleMatch {
  /** The path pattern; any path if absent. */
  readonly path?: string;
  /** The host name or pattern; any host if absent. */
  readonly host?: string;
}

/**
 * The priority that follows from what a rule matches, and from nothing else: the same in every synthesis, whatever
 * stands before or after it in the app, and smaller for what is more specific. What matches everything comes last.
 */
export function derivedPriority({ path, host }: RuleMatch): number {
  if (host === undefined && (path === undefined || path === '/*')) return LAST_PRIORITY;
  const kind = host === undefined ? 2 : isPattern(host) ? 1 : 0;
  const rank = pathRank(path ?? '/*');
  let start = FIRST_PRIORITY + kind * PRIORITIES_PER_KIND;
  for (let higher = 2 * LONGEST_PATH + 1; higher > rank; higher--) start += roomOf(higher);
  return start + slotOf(`${host ?? ''}${path ?? ''}`, roomOf(rank));
}

/** `/api/v1/*` before `/api/*`, and of two patterns that begin alike, the one without a wildcard first. */
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

/** Refuses a priority that another service of the app has on the same listener. Tokens pass. */
export function claimPriority(scope: IConstruct, listener: elbv2.IApplicationListener, priority: number): void {
  if (Token.isUnresolved(priority)) return;
  const root = scope.node.root as IConstruct & { [CLAIMED]?: Ledger };
  const ledger = root[CLAIMED] ??= new Map();
  const claim = `${priority} ${listener.listenerArn}`;
  const holder = ledger.get(claim);
  if (holder !== undefined) {
    refuse(scope, {
      prop: 'ingress.priority',
      given: new Situation(`${priority}, which ${holder} has on the same listener`),
      allowed: 'a priority that no other rule of the listener has',
      change: 'give the two services different paths or hosts, or give one of them an explicit priority',
    });
  }
  ledger.set(claim, scope.node.path);
}
