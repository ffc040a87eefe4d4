import { createHash } from 'crypto';
import { Annotations, Token } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { coversMatch, matchesSame, RuleMatch, showMatch } from './rule-match';
import { refuse, refuseUse, Situation } from '../core/refusal';

/**
 * The priorities of listener rules.
 * Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
 */
export const FIRST_PRIORITY = 1;
export const LAST_PRIORITY = 50_000;

/** The maximum length of a path pattern, in characters. Source: the same page. */
export const LONGEST_PATH = 128;

/**
 * The quota "Target Groups per Application Load Balancer", which no account can raise. Each service has a target group.
 * The default of "Rules per Application Load Balancer" is the same number.
 * Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
export const MAX_SERVICES = 100;

/** The number of slashes from which on the length of the prefix alone orders patterns. */
const DEEP = 6;
/** The length from which on patterns that do not end with a slash and `*` share one priority. */
const LONG = 41;

/** The numbers of priorities for one kind of host. */
interface Room {
  /** For paths without a wildcard. They do not overlap one another. */
  readonly exact: number;
  /** For patterns with six or more slashes before the wildcard, for each length. */
  readonly deep: number;
  /** For `/*`, `/a/*`, `/a/b/*` and so on: patterns with 1 to 5 slashes. Those of one depth do not overlap. */
  readonly folders: number[];
  /** For other patterns with 1 to 5 slashes, such as `/a*` and `/a/b*`, for each length. */
  readonly others: number[];
}

/**
 * Each kind of rule has its own range of priorities: rules with a host, with a host pattern, and without a host. The
 * sum of all numbers is below 50,000, the priority of a rule that matches every request.
 */
const ROOMS: Room[] = [
  { exact: 1_000, deep: 2, folders: [6_000, 2_000, 1_500, 500, 100], others: [5, 10, 5, 1, 1] },
  { exact: 200, deep: 1, folders: [600, 400, 300, 50, 20], others: [1, 1, 1, 1, 1] },
  { exact: 4_000, deep: 10, folders: [1, 9_000, 6_000, 2_500, 1_000], others: [110, 110, 20, 3, 1] },
];

/** The priorities from which a rule gets one. */
interface PriorityRange {
  readonly start: number;
  readonly size: number;
}

/**
 * Derives the priority of a rule from its conditions alone.
 *
 * The priority is the same in every synthesis, whatever other rules the app has. A specific rule has a lower number
 * than a general one, and a rule that matches every request has the highest number.
 * @param attempt 0, or the number of priorities of the rule that other rules have
 */
export function derivedPriority({ path, host }: RuleMatch, attempt = 0): number {
  if (host === undefined && (path === undefined || path === '/*')) return LAST_PRIORITY;
  const { start, size } = rangeOf(path ?? '/*', host);
  return start + slotOf(`${host ?? ''}${path === '/*' ? '' : path ?? ''}`, size, attempt);
}

/**
 * The range of a rule. Only the order of rules that can match the same request matters.
 *
 * An exact path comes before all patterns. Of two patterns, the one with more slashes before its wildcard comes first.
 * Of the same number, a pattern such as `/api/v*` comes before `/api/*`, and otherwise the longer one comes first.
 */
function rangeOf(path: string, host: string | undefined): PriorityRange {
  const kind = host === undefined ? 2 : isPattern(host) ? 1 : 0;
  const wanted = classOf(path);
  let start = FIRST_PRIORITY + ROOMS.slice(0, kind).reduce((sum, room) => sum + sizesOf(room).reduce(addSize, 0), 0);
  for (const { name, size } of sizesOf(ROOMS[kind])) {
    if (name === wanted) return { start, size };
    start += size;
  }
  throw new Error(`no priorities for ${wanted}`);
}

function classOf(path: string): string {
  const length = path.search(/[*?]/);
  if (length < 0) return 'exact';
  const depth = Math.max(1, path.slice(0, length).split('/').length - 1);
  if (depth >= DEEP) return `deep ${length}`;
  return path.slice(length) === '*' && path[length - 1] === '/' ? `folder ${depth}` : `other ${depth} ${length}`;
}

/** The classes of paths, in the order of evaluation. */
function sizesOf({ exact, deep, folders, others }: Room): { name: string; size: number }[] {
  const lengths = Array.from({ length: LONGEST_PATH }, (_, index) => LONGEST_PATH - 1 - index);
  return [
    { name: 'exact', size: exact },
    ...lengths.map((length) => ({ name: `deep ${length}`, size: deep })),
    ...[5, 4, 3, 2, 1].flatMap((depth) => [
      ...lengths.map((length) => ({
        name: `other ${depth} ${length}`,
        size: length < LONG ? others[depth - 1] : 1,
      })),
      { name: `folder ${depth}`, size: folders[depth - 1] },
    ]),
  ];
}

function addSize(sum: number, { size }: { size: number }): number {
  return sum + size;
}

/**
 * Returns the slot of a text in a range.
 *
 * Numbered names of one form, such as `/clinic-1/*` and `/clinic-2/*`, have consecutive slots and never collide.
 * Further attempts are spread over the range, so that they take no slot of the next name.
 */
function slotOf(text: string, size: number, attempt: number): number {
  if (attempt > 0) return hash(`${attempt} ${text}`) % size;
  const numbers = text.match(/[0-9]+/g) ?? [];
  const offset = numbers.reduce((sum, digits) => (sum * 1_009 + Number(digits)) % size, 0);
  return (hash(text.replace(/[0-9]+/g, '#')) + offset) % size;
}

function hash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}

function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}

const CLAIMED = Symbol.for('cdk-hipaa.service.claimed-priorities');

/** The rule of a service. */
interface Claim {
  readonly holder: string;
  readonly match: RuleMatch;
  /** Can be a token. */
  readonly priority: number;
}
/** The rules of each listener, and the number of services of each load balancer. */
interface Ledger {
  readonly claims: Map<string, Claim[]>;
  readonly services: Map<string, number>;
}

/**
 * The number of attempts to find a free priority. With 100 rules in the smallest range of 110 priorities, the
 * probability that all attempts fail is below one in 10^12.
 */
const ATTEMPTS = 400;

/**
 * Returns the priority of a service's rule.
 *
 * The conditions or the priority of another service of the app on the same listener are refused, and so are rules in an
 * order in which one of them receives no request. Tokens are accepted.
 *
 * Two derived priorities can be equal: of 100 services with random names of one form, such as `/name/*`, one pair has
 * the same priority with a probability of 42 percent (9,000 priorities). The service that is created later then gets
 * another priority of its range. An added service changes no other priority if it is created after the others;
 * otherwise, with a probability of one percent, one other service changes.
 */
export function claimPriority(
  scope: IConstruct, listener: elbv2.IApplicationListener, match: RuleMatch, priority?: number,
): number {
  const ledger = ledgerOf(scope);
  countServices(scope, listener, ledger);
  const claims = ledger.claims.get(listener.listenerArn) ?? [];
  ledger.claims.set(listener.listenerArn, claims);
  requireOtherMatch(scope, match, claims);
  const claim = { holder: scope.node.path, match, priority: priority ?? freePriority(scope, match, claims) };
  requireOtherPriority(scope, claim, claims);
  requireReached(scope, claim, claims);
  claims.push(claim);
  return claim.priority;
}

function requireOtherMatch(scope: IConstruct, match: RuleMatch, claims: Claim[]): void {
  const same = claims.find((claim) => matchesSame(claim.match, match));
  if (!same) return;
  refuse(scope, {
    prop: 'ingress',
    given: new Situation(showMatch(match)),
    allowed: `for a path or host that differs from those of ${same.holder} on the same listener`,
    change: 'give the two services different paths or hosts; only the one with the lower priority receives requests',
  });
}

function requireOtherPriority(scope: IConstruct, { priority }: Claim, claims: Claim[]): void {
  if (Token.isUnresolved(priority)) return;
  const same = claims.find((claim) => claim.priority === priority);
  if (!same) return;
  refuse(scope, {
    prop: 'ingress.priority',
    given: priority,
    allowed: `different from the priority of ${same.holder} on the same listener`,
    change: 'give one of the two services another priority, or remove ingress.priority to derive it from path and '
      + 'host; to exchange two priorities, first deploy with free numbers',
  });
}

/** Refuses a rule that receives no request, because another one matches all of them first. */
function requireReached(scope: IConstruct, claim: Claim, claims: Claim[]): void {
  if (Token.isUnresolved(claim.priority)) return;
  for (const other of claims.filter(({ priority }) => !Token.isUnresolved(priority))) {
    const [first, second] = other.priority < claim.priority ? [other, claim] : [claim, other];
    if (!coversMatch(first.match, second.match)) continue;
    refuseUse(
      scope,
      `the listener rule of ${second.holder} (${showMatch(second.match)}, priority ${second.priority}) receives no `
        + `request, because the rule of ${first.holder} (${showMatch(first.match)}, priority ${first.priority}) `
        + 'matches all of them first',
      `set ingress.priority so that ${second.holder} has the lower number`,
    );
  }
}

/** Returns the first free priority of a rule. */
function freePriority(scope: IConstruct, match: RuleMatch, claims: Claim[]): number {
  const first = derivedPriority(match);
  const holderOf = (wanted: number) => claims.find(({ priority }) => priority === wanted)?.holder;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const priority = derivedPriority(match, attempt);
    if (holderOf(priority) !== undefined) continue;
    if (attempt > 0) stateDependence(scope, holderOf(first)!, priority);
    return priority;
  }
  return first;
}

function stateDependence(scope: IConstruct, holder: string, priority: number): void {
  Annotations.of(scope).addInfoV2(
    'cdk-hipaa:derived-priority',
    `The derived priority of the listener rule belongs to ${holder}, so this service has ${priority}. Set `
      + `ingress.priority to ${priority} before you remove ${holder} or change the order of the two: Elastic Load `
      + 'Balancing refuses a priority that another rule has.',
  );
}

function countServices(scope: IConstruct, listener: elbv2.IApplicationListener, { services }: Ledger): void {
  const { loadBalancer } = listener as Partial<elbv2.ApplicationListener>;
  const balancer = loadBalancer?.loadBalancerArn ?? listener.listenerArn;
  const count = (services.get(balancer) ?? 0) + 1;
  services.set(balancer, count);
  if (count <= MAX_SERVICES) return;
  refuse(scope, {
    prop: 'ingress',
    given: new Situation(`${count} services`),
    allowed: `one of at most ${MAX_SERVICES} services of a load balancer (the quota "Target Groups per Application `
      + 'Load Balancer", which cannot be raised)',
    change: 'create another SecureLoadBalancer for the other services',
  });
}

function ledgerOf(scope: IConstruct): Ledger {
  const root = scope.node.root as IConstruct & { [CLAIMED]?: Ledger };
  return root[CLAIMED] ??= { claims: new Map(), services: new Map() };
}
