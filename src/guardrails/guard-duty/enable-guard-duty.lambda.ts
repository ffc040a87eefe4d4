import {
  CreateDetectorCommand, DeleteDetectorCommand, DetectorAdditionalConfiguration, DetectorFeature, DetectorFeatureConfiguration, FeatureStatus,
  GetAdministratorAccountCommand, GetDetectorCommand, GetDetectorCommandOutput, GuardDutyClient, ListDetectorsCommand, UpdateDetectorCommand,
} from '@aws-sdk/client-guardduty';
import {
  AccountSwitch, Deed, Invocation, isClientError, isNamed, MADE_BY_TAG, Place, Refused, SDK_ATTEMPTS, Standing, SwitchProperties, turn,
} from '../account-switch';
import { CustomResourceRequest } from '../../blocks/custom-resource';

/** One custom resource stands for the detector, and one for each protection plan. */
interface GuardDutyProperties extends SwitchProperties {
  /** The protection plan, or `DETECTOR`. */
  readonly Feature: DetectorFeature | 'DETECTOR';
}

/** What belongs to a protection plan: Fargate's agent is installed by GuardDuty or not at all. */
const PARTS_OF: { [feature: string]: NonNullable<DetectorAdditionalConfiguration['Name']> | undefined } = { RUNTIME_MONITORING: 'ECS_FARGATE_AGENT_MANAGEMENT' };

/** Enables, adopts and gives back the detector or one of its protection plans. */
export async function handler(request: CustomResourceRequest<GuardDutyProperties>, invocation: Invocation): Promise<void> {
  await turn(request, invocation, ({ Feature }, place) => Feature === 'DETECTOR' ? new Detector(place) : new Plan(Feature, place));
}

abstract class OfGuardDuty implements AccountSwitch {
  public readonly service = 'GuardDuty';
  public readonly choice = 'GuardDutyGuardrail';
  public abstract readonly id: string;
  public abstract readonly thing: string;
  public abstract readonly leaveOut: string;

  protected readonly client = new GuardDutyClient({ maxAttempts: SDK_ATTEMPTS });
  protected detectorId?: string;

  constructor(protected readonly place: Place) {}

  public abstract look(signal: AbortSignal): Promise<Standing>;
  public abstract switchOn(signal: AbortSignal): Promise<boolean>;
  public abstract switchOff(deed: Deed, signal: AbortSignal): Promise<void>;
  public abstract isUnoffered(error: unknown): boolean;

  public async administrator(signal: AbortSignal): Promise<string | undefined> {
    await this.find(signal);
    if (this.detectorId === undefined) return undefined;
    try {
      const { Administrator } = await this.client.send(new GetAdministratorAccountCommand({ DetectorId: this.detectorId }), { abortSignal: signal });
      return /^enabled$/i.test(Administrator?.RelationshipStatus ?? '') ? Administrator?.AccountId : undefined;
    } catch (error) {
      // An account without an administrator may be told so by an error. A member may not switch off what its administrator wants in any case.
      if (isClientError(error)) return undefined;
      throw error;
    }
  }

  /** The one detector of the region, if there is any. */
  protected async find(signal: AbortSignal): Promise<GetDetectorCommandOutput | undefined> {
    const { DetectorIds } = await this.client.send(new ListDetectorsCommand({}), { abortSignal: signal });
    this.detectorId = DetectorIds?.[0];
    if (this.detectorId === undefined) return undefined;
    return this.client.send(new GetDetectorCommand({ DetectorId: this.detectorId }), { abortSignal: signal });
  }
}

class Detector extends OfGuardDuty {
  public readonly id = 'guardduty/detector';
  public readonly thing = 'detector';
  public readonly leaveOut = 'use GuardDutyGuardrail.skip() with a reason';

  private madeByThisStack = false;

  public async look(signal: AbortSignal): Promise<Standing> {
    const detector = await this.find(signal);
    this.madeByThisStack = detector?.Tags?.[MADE_BY_TAG] === this.place.stackId;
    if (!detector) return { state: 'off', word: 'not there' };
    const { madeByThisStack } = this;
    const partOf = madeByThisStack ? undefined : this.detectorId;
    return detector.Status === 'ENABLED'
      ? { state: 'on', word: 'ENABLED', madeByThisStack, partOf }
      : { state: 'off', word: 'SUSPENDED', deed: 'resumed', madeByThisStack, partOf };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    if (this.detectorId !== undefined) {
      await this.client.send(new UpdateDetectorCommand({ DetectorId: this.detectorId, Enable: true }), { abortSignal: signal });
      return true;
    }
    try {
      await this.client.send(new CreateDetectorCommand({ Enable: true, Tags: { [MADE_BY_TAG]: this.place.stackId } }), { abortSignal: signal });
      return true;
    } catch (error) {
      if (!isNamed(error, 'BadRequestException', 'ConflictException') || !/already exists/.test((error as Error).message)) throw error;
      await this.look(signal);
      return this.madeByThisStack;
    }
  }

  public async switchOff(deed: Deed, signal: AbortSignal): Promise<void> {
    if (deed === 'resumed') {
      await this.client.send(new UpdateDetectorCommand({ DetectorId: this.detectorId, Enable: false }), { abortSignal: signal });
    } else {
      await this.client.send(new DeleteDetectorCommand({ DetectorId: this.detectorId }), { abortSignal: signal });
    }
  }

  /** Every region that has Lambda functions of today's runtimes has GuardDuty. */
  public isUnoffered(): boolean {
    return false;
  }
}

class Plan extends OfGuardDuty {
  public readonly id: string;
  public readonly thing: string;
  public readonly leaveOut: string;

  /** Whether GuardDuty counts the plan among those of this region. */
  private listed = false;

  constructor(private readonly feature: DetectorFeature, place: Place) {
    super(place);
    this.id = `guardduty/${feature}`;
    this.thing = `plan ${feature}`;
    this.leaveOut = `leave ${feature} out of the protectionPlans of GuardDutyGuardrail.create()`;
  }

  public async look(signal: AbortSignal): Promise<Standing> {
    const found = (await this.find(signal))?.Features?.find(({ Name }) => Name === this.feature);
    this.listed = found !== undefined;
    const partOf = this.detectorId;
    if (found?.Status !== 'ENABLED') return { state: 'off', word: 'DISABLED', partOf };
    const part = PARTS_OF[this.feature];
    const complete = part === undefined || found.AdditionalConfiguration?.some(({ Name, Status }) => Name === part && Status === 'ENABLED');
    return complete ? { state: 'on', word: 'ENABLED', partOf } : { state: 'off', word: `ENABLED without ${part}`, deed: 'resumed', partOf };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    await this.update('ENABLED', 'ENABLED', signal);
    return true;
  }

  public async switchOff(deed: Deed, signal: AbortSignal): Promise<void> {
    await this.update(deed === 'resumed' ? 'ENABLED' : 'DISABLED', 'DISABLED', signal);
  }

  /** What a region offers is listed with the detector, on or off; of the rest GuardDuty says that the request is bad. */
  public isUnoffered(error: unknown): boolean {
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
    await this.client.send(new UpdateDetectorCommand({ DetectorId: this.detectorId, Features: [feature] }), { abortSignal: signal });
  }
}
