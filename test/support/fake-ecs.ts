import { FakeAws, FakeAwsError } from './fake-aws';

/** One ECS service with rolling deployments. Supports only the operations of the roller. */
export class FakeEcsService {
  public status = 'ACTIVE';
  public desiredCount = 2;
  public exists = true;
  public deployments: Array<{ status: string; createdAt: Date }>;

  constructor(aws: FakeAws, private readonly arn: string, deployedAt: Date) {
    this.deployments = [{ status: 'PRIMARY', createdAt: deployedAt }];
    aws.serve({
      DescribeServices: ({ services }: { services: string[] }) => this.describe(services),
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
    if (forceNewDeployment) {
      this.deployments = [
        { status: 'PRIMARY', createdAt: new Date() },
        ...this.deployments.map((deployment) => ({ ...deployment, status: 'ACTIVE' })),
      ];
    }
    return { service: this.state() };
  }

  private state(): unknown {
    return {
      serviceArn: this.arn,
      status: this.status,
      desiredCount: this.desiredCount,
      deployments: this.deployments.map(({ status, createdAt }) => ({ status, createdAt: createdAt.getTime() / 1000 })),
    };
  }
}
