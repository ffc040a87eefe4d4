import { Arrived, Reply } from './fake-http';
import { ACCOUNT, FakeService, REGION } from './fake-service';

interface Subscription {
  status: string;
  reason?: string;
}

/**
 * Security Hub of one account and region, with the words that it documents for "already subscribed" and "not
 * subscribed".
 */
export class FakeSecurityHub extends FakeService {
  public hub?: { tags: Record<string, string>; defaultStandards: boolean; subscribedAt: string };
  /** The standards that are subscribed to, by the end of their ARN. */
  public readonly standards: Record<string, Subscription | undefined> = {};
  /** The standards of this region. */
  public offered = [
    'aws-foundational-security-best-practices/v/1.0.0',
    'cis-aws-foundations-benchmark/v/3.0.0',
    'nist-800-53/v/5.0.0',
  ];
  /** The administrator of which this account is a member. */
  public administrator?: { AccountId: string; MemberStatus: string };
  /** What a subscription becomes in the end: READY, or INCOMPLETE with a reason. */
  public endsAs: Subscription = { status: 'READY' };
  /**
   * How many more times a standard cannot be disabled, and is FAILED: the status that says this, and nothing of
   * enabling.
   */
  public failures = 0;
  /** Somebody else who acts right before the hub is enabled. */
  public beforeEnabling?: () => void;

  protected readonly changing = /^(enable|disable|register|deregister)/;
  private readonly pending: Record<string, number> = {};
  private days = 0;

  /** Somebody else enables Security Hub. */
  public enable(): void {
    this.hub = { tags: {}, defaultStandards: true, subscribedAt: this.now() };
  }

  protected callOf({ method, url, body }: Arrived): string {
    const path = url.pathname;
    if (path === '/accounts') return { GET: 'hub', POST: 'enable', DELETE: 'disable' }[method]!;
    if (path === '/administrator') return 'administrator';
    if (path === '/standards') return 'offered';
    if (path === '/standards/get') return 'standards';
    if (path.startsWith('/tags/')) return 'tags';
    const input = JSON.parse(body.toString());
    const arn: string = input.StandardsSubscriptionArns?.[0] ?? input.StandardsSubscriptionRequests[0].StandardsArn;
    return `${path.split('/')[2]} ${arn.split(/:(?:standards|subscription)\//)[1]}`;
  }

  protected serve(call: string, { body, url }: Arrived): Reply {
    const input = body.length > 0 ? JSON.parse(body.toString()) : {};
    if (call === 'enable') return this.enableFor(input);
    if (call === 'administrator') return this.json({ Administrator: this.administrator });
    if (!this.hub) {
      return this.refuse(401, `InvalidAccessException: Account ${ACCOUNT} is not subscribed to AWS Security Hub`);
    }
    const [verb, name] = call.split(' ');
    switch (verb) {
      case 'hub':
        return this.json({
          HubArn: `arn:aws:securityhub:${REGION}:${ACCOUNT}:hub/default`,
          SubscribedAt: this.hub.subscribedAt,
        });
      case 'tags':
        return this.json({ Tags: this.hub.tags });
      case 'offered':
        return this.page(
          url.searchParams.get('NextToken'),
          this.offered.map((each) => ({ StandardsArn: arnOf(each), Name: each })),
          'Standards',
        );
      case 'standards':
        return this.page(input.NextToken, this.look(), 'StandardsSubscriptions');
    }
    if (this.administrator) {
      return this.refuse(403, 'AccessDeniedException: this account is managed by central configuration');
    }
    if (verb === 'disable') this.hub = undefined;
    else this.change(verb, name);
    return this.json();
  }

  private enableFor({
    Tags = {},
    EnableDefaultStandards = true,
  }: {
    Tags?: Record<string, string>;
    EnableDefaultStandards?: boolean;
  }): Reply {
    this.beforeEnabling?.();
    if (this.hub) return this.refuse(409, 'ResourceConflictException: Account is already subscribed to Security Hub');
    this.hub = { tags: Tags, defaultStandards: EnableDefaultStandards, subscribedAt: this.now() };
    return this.json();
  }

  /** The hub is enabled on another day each time, the first of them in a test on 1 January. */
  private now(): string {
    return `2026-01-0${++this.days}T00:00:00.000Z`;
  }

  private change(verb: string, name: string): void {
    if (verb === 'register' && ['FAILED', undefined].includes(this.standards[name]?.status)) {
      this.standards[name] = { status: 'PENDING' };
    } else if (verb === 'deregister') {
      this.standards[name] = { status: 'DELETING' };
    }
    this.pending[name] = this.looks;
  }

  private look(): object[] {
    return Object.entries(this.standards)
      .filter(([, subscription]) => subscription)
      .map(([name, subscription]) => {
        const { status, reason } = subscription!;
        if (/ING$/.test(status) && (this.pending[name] ?? 0) > 0 && --this.pending[name] === 0) {
          this.standards[name] = status === 'PENDING' ? this.endsAs : this.disabled();
        }
        return {
          StandardsArn: arnOf(name),
          StandardsSubscriptionArn: `arn:aws:securityhub:${REGION}:${ACCOUNT}:subscription/${name}`,
          StandardsStatus: status,
          StandardsInput: {},
          ...(reason && { StandardsStatusReason: { StatusReasonCode: reason } }),
        };
      });
  }

  private disabled(): Subscription | undefined {
    return this.failures-- > 0 ? { status: 'FAILED', reason: 'INTERNAL_ERROR' } : undefined;
  }

  /** One by one, as a service that has many. */
  private page(token: string | null | undefined, all: object[], field: string): Reply {
    const index = Number(token ?? 0);
    return this.json({
      [field]: all.slice(index, index + 1),
      ...(index + 1 < all.length && { NextToken: String(index + 1) }),
    });
  }
}

const arnOf = (standard: string) => `arn:aws:securityhub:${REGION}::standards/${standard}`;
