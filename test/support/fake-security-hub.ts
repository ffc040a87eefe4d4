import { Arrived, Reply } from './fake-http';
import { ACCOUNT, FakeService, REGION } from './fake-service';

interface Subscription {
  status: string;
  reason?: string;
}

/**
 * Security Hub in one account and region, with the documented errors for accounts that are already subscribed or not
 * subscribed.
 */
export class FakeSecurityHub extends FakeService {
  public hub?: { tags: Record<string, string>; defaultStandards: boolean; subscribedAt: string };
  /** The subscribed standards, by the end of the ARN. */
  public readonly standards: Record<string, Subscription | undefined> = {};
  /** The standards that the region supports. */
  public offered = [
    'aws-foundational-security-best-practices/v/1.0.0',
    'cis-aws-foundations-benchmark/v/3.0.0',
    'nist-800-53/v/5.0.0',
  ];
  /** The administrator account of this member account. */
  public administrator?: { AccountId: string; MemberStatus: string };
  /** The final status of a subscription: READY, or INCOMPLETE with a reason. */
  public endsAs: Subscription = { status: 'READY' };
  /**
   * The number of times that disabling a standard fails. The standard then has the status FAILED, which AWS uses only
   * for disabling.
   */
  public failures = 0;
  /** The action of another principal immediately before Security Hub is enabled. */
  public beforeEnabling?: () => void;

  protected readonly changing = /^(enable|disable|register|deregister)/;
  private readonly pending: Record<string, number> = {};
  private days = 0;

  /** Enables Security Hub on behalf of another principal. */
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

  /** The time of enabling: one day later each time, from January 1 in each test. */
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

  /** Returns one item per page, to test the pagination of the handler. */
  private page(token: string | null | undefined, all: object[], field: string): Reply {
    const index = Number(token ?? 0);
    return this.json({
      [field]: all.slice(index, index + 1),
      ...(index + 1 < all.length && { NextToken: String(index + 1) }),
    });
  }
}

const arnOf = (standard: string) => `arn:aws:securityhub:${REGION}::standards/${standard}`;
