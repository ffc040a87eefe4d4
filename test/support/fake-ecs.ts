import { FakeAws, FakeAwsError } from './fake-aws';

interface FakeServiceDeployment {
  status: string;
  createdAt: Date;
}

/** The input of `ListServiceDeployments`, with times in seconds. */
interface ListInput {
  readonly status?: string[];
  readonly createdAt?: { readonly after?: number };
  readonly nextToken?: string;
}

/** The number of deployments on a page, small enough that tests need several pages. */
const PAGE = 2;

/** One ECS service with rolling deployments. Supports only the operations of the roller. */
export class FakeEcsService {
  public status = 'ACTIVE';
  public desiredCount = 2;
  public exists = true;
  /** The deployments with tasks. */
  public deployments: Array<{ status: string; createdAt: Date; rolloutState: string }>;
  /** All deployments of the service. */
  public readonly history: FakeServiceDeployment[];

  constructor(aws: FakeAws, private readonly arn: string, deployedAt: Date) {
    this.deployments = [{ status: 'PRIMARY', createdAt: deployedAt, rolloutState: 'COMPLETED' }];
    this.history = [{ status: 'SUCCESSFUL', createdAt: deployedAt }];
    aws.serve({
      DescribeServices: ({ services }: { services: string[] }) => this.describe(services),
      ListServiceDeployments: (input: ListInput) => this.list(input),
      UpdateService: ({ forceNewDeployment }: { forceNewDeployment?: boolean }) => this.update(forceNewDeployment),
    });
  }

  private describe(services: string[]): unknown {
    if (!this.exists || !services.includes(this.arn)) {
      return { services: [], failures: services.map((arn) => ({ arn, reason: 'MISSING' })) };
    }
    return { services: [this.state()], failures: [] };
  }

  private update(forceNewDeployment?: boolean): unknown {
    if (this.status !== 'ACTIVE') throw new FakeAwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
    if (forceNewDeployment) this.startDeployment();
    return { service: this.state() };
  }

  /** Starts a deployment, which is in progress until it succeeds or fails. */
  public startDeployment(createdAt = new Date()): void {
    this.deployments = [
      { status: 'PRIMARY', createdAt, rolloutState: 'IN_PROGRESS' },
      ...this.deployments.map((deployment) => ({ ...deployment, status: 'ACTIVE' })),
    ];
    this.history.push({ status: 'IN_PROGRESS', createdAt });
  }

  /** Ends the deployment in progress: only its tasks remain. */
  public succeed(): void {
    this.deployments = [{ ...this.deployments[0], rolloutState: 'COMPLETED' }];
    this.history.at(-1)!.status = 'SUCCESSFUL';
  }

  /** Ends the deployment in progress without its tasks: the previous deployment is the primary one again. */
  public fail(status = 'ROLLBACK_SUCCESSFUL'): void {
    this.deployments = [{ ...this.deployments.at(1)!, status: 'PRIMARY', rolloutState: 'COMPLETED' }];
    this.history.at(-1)!.status = status;
  }

  private list({ status, createdAt, nextToken = '0' }: ListInput): unknown {
    const found = this.history.filter((deployment) => (!status || status.includes(deployment.status))
      && (createdAt?.after === undefined || deployment.createdAt.getTime() / 1000 > createdAt.after));
    const start = Number(nextToken);
    return {
      serviceDeployments: found.slice(start, start + PAGE).map((deployment) => ({
        serviceArn: this.arn,
        status: deployment.status,
        createdAt: deployment.createdAt.getTime() / 1000,
      })),
      nextToken: start + PAGE < found.length ? String(start + PAGE) : undefined,
    };
  }

  private state(): unknown {
    return {
      serviceArn: this.arn,
      status: this.status,
      desiredCount: this.desiredCount,
      deployments: this.deployments.map(({ createdAt, ...deployment }) =>
        ({ ...deployment, createdAt: createdAt.getTime() / 1000 })),
    };
  }
}
