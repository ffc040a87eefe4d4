import { Arrived, Reply } from './fake-http';
import { FakeService } from './fake-service';

interface Feature {
  name: string;
  status: string;
  additionalConfiguration?: Array<{ name: string; status: string }>;
}

interface FakeDetector {
  id: string;
  status: string;
  tags: Record<string, string>;
  features: Feature[];
}

/** The enabled plans of a new detector. https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html */
const ON_BY_DEFAULT = [
  'S3_DATA_EVENTS',
  'EKS_AUDIT_LOGS',
  'EBS_MALWARE_PROTECTION',
  'RDS_LOGIN_EVENTS',
  'LAMBDA_NETWORK_LOGS',
];

/**
 * GuardDuty in one account and region. Allows one detector, and responds to other requests with the documented errors.
 */
export class FakeGuardDuty extends FakeService {
  public detector?: FakeDetector;
  /** The plans that the region supports. */
  public offered = [...ON_BY_DEFAULT, 'RUNTIME_MONITORING'];
  /** The administrator account of this member account. */
  public administrator?: { accountId: string; relationshipStatus: string };
  /** The action of another principal immediately before the creation of a detector. */
  public beforeCreation?: () => void;

  protected readonly changing = /^(create|update|delete)/;
  private count = 0;

  /** Enables GuardDuty with these plans on behalf of another principal. */
  public enable(...plans: string[]): FakeDetector {
    this.detector = {
      id: `detector${++this.count}`,
      status: 'ENABLED',
      tags: {},
      features: this.offered.map((name) => this.feature(name, plans.includes(name))),
    };
    return this.detector;
  }

  /** The enabled plans. */
  public get on(): string[] {
    return (this.detector?.features ?? []).filter(({ status }) => status === 'ENABLED').map(({ name }) => name);
  }

  private get isMember(): boolean {
    return this.administrator?.relationshipStatus === 'Enabled';
  }

  protected callOf({ method, url, body }: Arrived): string {
    if (url.pathname.endsWith('/administrator')) return 'administrator';
    const one = url.pathname !== '/detector';
    if (method === 'GET') return one ? 'get' : 'list';
    if (method === 'DELETE') return 'delete';
    const { enable, features } = JSON.parse(body.toString());
    return [
      one ? 'update' : 'create',
      ...(enable === undefined ? [] : [`enable=${enable}`]),
      ...(features ?? []).map((each: Feature) => `${each.name}=${each.status}`),
    ].join(' ');
  }

  protected serve(call: string, { body }: Arrived): Reply {
    const input = body.length > 0 ? JSON.parse(body.toString()) : {};
    switch (call.split(' ')[0]) {
      case 'list': return this.json({ detectorIds: this.detector ? [this.detector.id] : [] });
      case 'create': return this.create(input);
    }
    if (!this.detector) {
      return this.refuse(
        400,
        'BadRequestException: The request is rejected because the input detectorId is not owned by the current '
          + 'account.',
      );
    }
    switch (call.split(' ')[0]) {
      case 'administrator': return this.json({ administrator: this.administrator });
      case 'get': return this.json({ ...this.detector, serviceRole: 'role' });
      case 'update': return this.update(this.detector, input);
      default:
        if (this.isMember) {
          return this.refuse(
            400,
            'BadRequestException: The request is rejected because the current account is a member of an organization.',
          );
        }
        this.detector = undefined;
        return this.json();
    }
  }

  private create({ enable, tags = {} }: { enable: boolean; tags?: Record<string, string> }): Reply {
    this.beforeCreation?.();
    if (this.detector) {
      return this.refuse(
        400,
        'BadRequestException: The request is rejected because a detector already exists for the current account.',
      );
    }
    Object.assign(this.enable(...ON_BY_DEFAULT), { tags, status: enable ? 'ENABLED' : 'DISABLED' });
    return this.json({ detectorId: this.detector!.id });
  }

  private update(detector: FakeDetector, { enable, features = [] }: { enable?: boolean; features?: Feature[] }): Reply {
    const isUnknown = features.some(({ name }) => !this.offered.includes(name));
    if (isUnknown) {
      return this.refuse(
        400,
        'BadRequestException: The request is rejected because an invalid or out-of-range value is specified as an '
          + 'input parameter.',
      );
    }
    if (this.isMember) {
      return this.refuse(
        400,
        'BadRequestException: The request is rejected because the current account is a member of an organization.',
      );
    }
    if (enable !== undefined) detector.status = enable ? 'ENABLED' : 'DISABLED';
    for (const feature of features) {
      Object.assign(
        detector.features.find(({ name }) => name === feature.name)!,
        feature,
      );
    }
    return this.json();
  }

  private feature(name: string, on: boolean): Feature {
    const status = on ? 'ENABLED' : 'DISABLED';
    return {
      name,
      status,
      ...(name === 'RUNTIME_MONITORING' && {
        additionalConfiguration: [{ name: 'ECS_FARGATE_AGENT_MANAGEMENT', status: 'DISABLED' }],
      }),
    };
  }
}
