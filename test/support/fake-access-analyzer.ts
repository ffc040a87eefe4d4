import { Arrived, Reply } from './fake-http';
import { ACCOUNT, FakeService, REGION } from './fake-service';

interface FakeAnalyzer {
  name: string;
  type: string;
  status: string;
  tags: Record<string, string>;
  statusReason?: { code: string };
}

/**
 * Access Analyzer in one account and region. Allows one analyzer of external access, and responds to a second one with
 * the documented error.
 */
export class FakeAccessAnalyzer extends FakeService {
  public analyzers: FakeAnalyzer[] = [];
  /** The final status of a new analyzer. */
  public endsAs: Pick<FakeAnalyzer, 'status' | 'statusReason'> = { status: 'ACTIVE' };
  /** The action of another principal immediately before the creation of an analyzer. */
  public beforeCreation?: () => void;

  protected readonly changing = /^(create|delete)/;
  private pending = 0;

  /** Adds an analyzer of another principal. */
  public add(analyzer: Partial<FakeAnalyzer> = {}): FakeAnalyzer {
    this.analyzers.push({ name: 'theirs', type: 'ACCOUNT', status: 'ACTIVE', tags: {}, ...analyzer });
    return this.analyzers[this.analyzers.length - 1];
  }

  protected callOf({ method, url, body }: Arrived): string {
    if (method === 'GET') return 'list';
    return method === 'PUT'
      ? `create ${JSON.parse(body.toString()).analyzerName}`
      : `delete ${url.pathname.split('/')[2]}`;
  }

  protected serve(call: string, { body, url }: Arrived): Reply {
    const [verb, name] = call.split(' ');
    switch (verb) {
      case 'list':
        return this.list(Number(url.searchParams.get('nextToken') ?? 0));
      case 'create':
        return this.create(JSON.parse(body.toString()));
      default:
        this.analyzers = this.analyzers.filter((each) => each.name !== name);
        return this.json();
    }
  }

  private create({
    analyzerName,
    type,
    tags = {},
  }: {
    analyzerName: string;
    type: string;
    tags?: Record<string, string>;
  }): Reply {
    this.beforeCreation?.();
    if (this.analyzers.some(({ name }) => name === analyzerName)) {
      return this.refuse(409, 'ConflictException: An analyzer with this name exists');
    }
    if (this.analyzers.some((each) => each.type === type)) {
      return this.refuse(402, 'ServiceQuotaExceededException: The analyzer limit is reached');
    }
    this.add({ name: analyzerName, type, tags, status: 'CREATING' });
    this.pending = this.looks;
    return this.json({ arn: `arn:aws:access-analyzer:${REGION}:${ACCOUNT}:analyzer/${analyzerName}` });
  }

  /** Lists one analyzer per page, to test the pagination of the handler. */
  private list(index: number): Reply {
    const seen = this.analyzers.slice(index, index + 1).map((each) => ({
      ...each,
      arn: `arn:aws:access-analyzer:${REGION}:${ACCOUNT}:analyzer/${each.name}`,
      createdAt: '2026-01-01T00:00:00Z',
    }));
    const creating = this.analyzers.find(({ status }) => status === 'CREATING');
    if (index === 0 && creating && this.pending > 0 && --this.pending === 0) Object.assign(creating, this.endsAs);
    return this.json({ analyzers: seen, ...(index + 1 < this.analyzers.length && { nextToken: String(index + 1) }) });
  }
}
