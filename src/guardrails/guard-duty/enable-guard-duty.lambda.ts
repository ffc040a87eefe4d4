import {
  CreateDetectorCommand,
  DeleteDetectorCommand,
  DetectorAdditionalConfiguration,
  DetectorFeatureConfiguration,
  FeatureStatus,
  GetAdministratorAccountCommand,
  GetDetectorCommand,
  GetDetectorCommandOutput,
  GuardDutyClient,
  ListDetectorsCommand,
  UpdateDetectorCommand,
} from '@aws-sdk/client-guardduty';
import { FeatureProperties, PlanName } from './contract';
import { CustomResourceRequest } from '../../blocks/custom-resource';
import {
  AccountSwitch, Action, ENABLED_BY_TAG, Invocation, isNamed, ObservedState, Place, Refused, SDK_ATTEMPTS,
  SwitchFactory,
} from '../account-switch';
import { administratorOf } from '../administrator';
import { SwitchProperties } from '../contract';
import { reconcile } from '../reconciliation';

/** The additional configuration of a plan: GuardDuty manages the agent of Fargate tasks. */
const PARTS_OF: { [feature: string]: NonNullable<DetectorAdditionalConfiguration['Name']> | undefined } = {
  RUNTIME_MONITORING: 'ECS_FARGATE_AGENT_MANAGEMENT',
};

/** Enables, requires or disables the detector or one of its protection plans. */
export async function handler(
  request: CustomResourceRequest<FeatureProperties & SwitchProperties>,
  invocation: Invocation,
): Promise<void> {
  await reconcile(request, invocation, switchOf);
}

/** The detector or a protection plan. */
export const switchOf: SwitchFactory<FeatureProperties> = ({ Feature }, place) =>
  Feature === 'DETECTOR' ? new Detector(place) : new Plan(Feature, place);

abstract class GuardDutySwitch extends AccountSwitch {
  public readonly service = 'GuardDuty';
  public readonly guardrail = 'GUARD_DUTY';

  protected readonly client = new GuardDutyClient({ maxAttempts: SDK_ATTEMPTS });
  protected detectorId?: string;

  constructor(protected readonly place: Place) {
    super();
  }

  public override async administrator(signal: AbortSignal): Promise<string | undefined> {
    await this.find(signal);
    const { detectorId: DetectorId } = this;
    if (DetectorId === undefined) return undefined;
    return administratorOf(async () => {
      const command = new GetAdministratorAccountCommand({ DetectorId });
      const { Administrator } = await this.client.send(command, { abortSignal: signal });
      return /^enabled$/i.test(Administrator?.RelationshipStatus ?? '') ? Administrator?.AccountId : undefined;
    });
  }

  /** The detector of the region, if there is one. */
  protected async find(signal: AbortSignal): Promise<GetDetectorCommandOutput | undefined> {
    const { DetectorIds } = await this.client.send(new ListDetectorsCommand({}), { abortSignal: signal });
    this.detectorId = DetectorIds?.[0];
    if (this.detectorId === undefined) return undefined;
    return this.client.send(new GetDetectorCommand({ DetectorId: this.detectorId }), { abortSignal: signal });
  }
}

class Detector extends GuardDutySwitch {
  public readonly id = 'guardduty/detector';
  public readonly thing = 'detector';

  private createdByThisStack = false;

  public async observe(signal: AbortSignal): Promise<ObservedState> {
    const detector = await this.find(signal);
    this.createdByThisStack = detector?.Tags?.[ENABLED_BY_TAG] === this.place.stackId;
    if (!detector) return { state: 'off', word: 'missing' };
    const { createdByThisStack } = this;
    const partOf = createdByThisStack ? undefined : this.detectorId;
    return detector.Status === 'ENABLED'
      ? { state: 'on', word: 'ENABLED', createdByThisStack, partOf }
      : { state: 'off', word: 'SUSPENDED', action: 'resumed', createdByThisStack, partOf };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    if (this.detectorId !== undefined) {
      await this.client.send(new UpdateDetectorCommand({ DetectorId: this.detectorId, Enable: true }), {
        abortSignal: signal,
      });
      return true;
    }
    try {
      await this.client.send(
        new CreateDetectorCommand({ Enable: true, Tags: { [ENABLED_BY_TAG]: this.place.stackId } }),
        { abortSignal: signal },
      );
      return true;
    } catch (error) {
      if (
        !isNamed(error, 'BadRequestException', 'ConflictException') ||
        !/already exists/.test((error as Error).message)
      ) {
        throw error;
      }
      await this.observe(signal);
      return this.createdByThisStack;
    }
  }

  public async switchOff(action: Action, signal: AbortSignal): Promise<void> {
    if (action === 'resumed') {
      await this.client.send(new UpdateDetectorCommand({ DetectorId: this.detectorId, Enable: false }), {
        abortSignal: signal,
      });
    } else {
      await this.client.send(new DeleteDetectorCommand({ DetectorId: this.detectorId }), { abortSignal: signal });
    }
  }
}

class Plan extends GuardDutySwitch {
  public readonly id: string;
  public readonly thing: string;

  /** Whether GuardDuty lists the plan in this region. */
  private listed = false;

  constructor(private readonly feature: PlanName, place: Place) {
    super(place);
    this.id = `guardduty/${feature}`;
    this.thing = `plan ${feature}`;
  }

  public override get leaveOut(): string {
    return `remove ${this.feature} from guardDuty.protectionPlans of ComplianceGuardrails`;
  }

  public async observe(signal: AbortSignal): Promise<ObservedState> {
    const found = (await this.find(signal))?.Features?.find(({ Name }) => Name === this.feature);
    this.listed = found !== undefined;
    const partOf = this.detectorId;
    if (found?.Status !== 'ENABLED') return { state: 'off', word: 'DISABLED', partOf };
    const part = PARTS_OF[this.feature];
    const complete =
      part === undefined ||
      found.AdditionalConfiguration?.some(({ Name, Status }) => Name === part && Status === 'ENABLED');
    return complete
      ? { state: 'on', word: 'ENABLED', partOf }
      : { state: 'off', word: `ENABLED without ${part}`, action: 'resumed', partOf };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    await this.update('ENABLED', 'ENABLED', signal);
    return true;
  }

  public async switchOff(action: Action, signal: AbortSignal): Promise<void> {
    await this.update(action === 'resumed' ? 'ENABLED' : 'DISABLED', 'DISABLED', signal);
  }

  /** A detector lists the plans that its region offers. For other plans, GuardDuty returns a `BadRequestException`. */
  public override isUnoffered(error: unknown): boolean {
    return !this.listed && isNamed(error, 'BadRequestException');
  }

  private async update(plan: FeatureStatus, part: FeatureStatus, signal: AbortSignal): Promise<void> {
    if (this.detectorId === undefined) throw new Refused('there is no detector');
    const name = PARTS_OF[this.feature];
    const feature: DetectorFeatureConfiguration = {
      Name: this.feature,
      Status: plan,
      ...name && { AdditionalConfiguration: [{ Name: name, Status: part }] },
    };
    await this.client.send(new UpdateDetectorCommand({ DetectorId: this.detectorId, Features: [feature] }), {
      abortSignal: signal,
    });
  }
}
