import { FakeAws, FakeAwsError } from './fake-aws';

interface FakeTrail {
  readonly TrailARN: string;
  readonly Name: string;
  [setting: string]: unknown;
}

/** CloudTrail in one account and region, on 127.0.0.1. */
export class FakeCloudTrail extends FakeAws {
  public trails: FakeTrail[] = [];
  public selectors: object = {};
  /** The status of each trail by its ARN. */
  public status: Record<string, Record<string, unknown>> = {};

  constructor() {
    super();
    this.serve({
      DescribeTrails: () => ({ trailList: this.trails }),
      GetTrail: ({ Name }: { Name: string }) => ({ Trail: this.known(Name) }),
      GetEventSelectors: ({ TrailName }: { TrailName: string }) => {
        this.known(TrailName);
        return this.selectors;
      },
      GetTrailStatus: ({ Name }: { Name: string }) =>
        ({ IsLogging: true, ...this.status[this.known(Name).TrailARN] }),
    });
  }

  private known(name: string): FakeTrail {
    const trail = this.trails.find(({ Name, TrailARN }) => [Name, TrailARN].includes(name));
    if (!trail) throw new FakeAwsError('TrailNotFoundException', `Unknown trail: ${name}`);
    return trail;
  }
}
