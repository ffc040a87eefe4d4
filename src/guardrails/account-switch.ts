import { setTimeout as sleep } from 'timers/promises';
import { SwitchProperties } from './contract';
import { answer, ANSWER_MARGIN, CustomResourceRequest } from '../blocks/custom-resource';

/** The part of the Lambda context that the handlers use. */
export interface Invocation {
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

/** The account and region of a switch, and the stack that the request is from. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly stackId: string;
}

/** The state of a switch, as the service returns it. */
export interface ObservedState {
  readonly state: 'on' | 'off' | 'busy';
  /** The state in the words of the service. */
  readonly word: string;
  /** The details that the service adds, for the reason of a failure. */
  readonly detail?: string;
  /** The action that this stack takes if it enables the switch from this state. Default: `enabled`. */
  readonly action?: Action;
  /** Whether the existing resource has the tag or the name of this stack. Undefined if the service has neither. */
  readonly createdByThisStack?: boolean;
  /**
   * The resource that the switch belongs to: the ID of the detector, or the time at which the hub was enabled. It
   * changes when that resource is deleted and created again. Undefined if a tag identifies the resource, or if the
   * service has no such value.
   */
  readonly partOf?: string;
}

/** The action of this stack on a switch. A suspended or partly enabled one is resumed; a deletion restores that. */
export type Action = 'enabled' | 'resumed';

/** The action that this stack took, and the resource that it applies to. */
interface TakenAction {
  readonly action: Action;
  readonly partOf?: string;
}

/** A service, feature or setting that an account has once per region, and that is on or off. */
export abstract class AccountSwitch {
  /** The unique ID of the switch in the account and region. */
  public abstract readonly id: string;
  /** The name of the service, at the beginning of a sentence. */
  public abstract readonly service: string;
  /** The name of the feature, within a sentence. */
  public abstract readonly thing: string;
  /** The member of `Guardrail` that the switch belongs to. */
  public abstract readonly guardrail: string;
  /** Whether the setting stays when the stack is deleted. */
  public readonly stays: boolean = false;
  /** Whether `administrator` may return one that does not manage this account. Only a refused call shows it. */
  public readonly administratorMayBeOfOthers: boolean = false;

  public abstract observe(signal: AbortSignal): Promise<ObservedState>;
  /** Requests the enablement. False if another caller was faster or the service is busy: read the state again. */
  public abstract switchOn(signal: AbortSignal): Promise<boolean>;
  /** Reverts the action. It is called again while the switch is on. */
  public abstract switchOff(action: Action, signal: AbortSignal): Promise<void>;

  /** The change of the app that leaves the switch out. */
  public get leaveOut(): string {
    return `add Guardrail.${this.guardrail} to skip of ComplianceGuardrails with a reason`;
  }

  /** Whether an error of `switchOn` means that the region does not offer the feature. Default: all regions offer it. */
  public isUnoffered(_error: unknown): boolean {
    return false;
  }

  /** The account that manages the service for this account, if any. Default: none. */
  public async administrator(_signal: AbortSignal): Promise<string | undefined> {
    return undefined;
  }
}

/** The service refused the request and changed nothing. */
export class Refused extends Error {}

/**
 * The tag that identifies the resources of a stack. Its value is the ID of the stack. It is necessary when an answer
 * was lost: the answer of the service to a request, or the answer of the handler to CloudFormation.
 */
export const ENABLED_BY_TAG = 'cdk-hipaa:enabled-by';

/** The number of attempts of the SDK after throttling and server errors, over about a minute. */
export const SDK_ATTEMPTS = 8;
/** The time between two reads of the state, in milliseconds. It doubles up to the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/** The wait for new IAM permissions, in milliseconds. It doubles each time, up to 31 seconds in total. */
const FIRST_PERMISSION_PAUSE = 1_000;
const LAST_PERMISSION_PAUSE = 16_000;
/**
 * The physical IDs that a handler returns. CloudFormation generates a different one for a creation without an answer.
 */
const ANSWERED_ID = /^(.+)\/(enabled|resumed|not-enabled)-by-this-stack(?:\/(.+))?$/;

/** Brings a switch into the requested state, and answers the request of CloudFormation. */
export async function reconcile<Properties>(
  request: CustomResourceRequest<Properties & SwitchProperties>,
  invocation: Invocation,
  switchOf: (properties: Properties & SwitchProperties, place: Place) => AccountSwitch,
): Promise<void> {
  const [, partition, , region, account] = invocation.invokedFunctionArn.split(':');
  const place = { partition, region, account, stackId: request.StackId };
  const reconciliation = new Reconciliation(request, switchOf(request.ResourceProperties, place), account);
  await answer(request, {
    physicalId: () => reconciliation.physicalId,
    standing: () => reconciliation.lastState,
    timeLeft: invocation.getRemainingTimeInMillis() - ANSWER_MARGIN,
    run: (signal) => reconciliation.run(signal),
  });
}

/** Whether an error of the SDK means that the service refused the request and changed nothing. */
export function isClientError(error: unknown): boolean {
  return error instanceof Refused || (error as { $fault?: string }).$fault === 'client';
}

/** Whether an error of the SDK has one of these names. */
export function isNamed(error: unknown, ...names: string[]): boolean {
  return names.includes((error as Error).name);
}

class Reconciliation {
  /** The last state that the service returned, for the reason of a failure. */
  public lastState: string;

  private taken?: TakenAction;

  constructor(
    private readonly request: CustomResourceRequest<SwitchProperties>,
    private readonly of: AccountSwitch,
    private readonly account: string,
  ) {
    this.lastState = `${of.service} did not answer`;
    const [, id, action, partOf] = ANSWERED_ID.exec(request.PhysicalResourceId ?? '') ?? [];
    if (id === of.id && action !== 'not-enabled') this.taken = { action: action as Action, partOf };
  }

  /**
   * The physical ID, which records the action of this stack and the resource that it applies to. It changes when the
   * stack enables the switch, and when the stack enables it again after the resource was created again. CloudFormation
   * then deletes the old ID, which changes nothing. If an answer was lost, only a tag or a name shows the action.
   */
  public get physicalId(): string {
    const given = this.request.RequestType === 'Delete' ? this.request.PhysicalResourceId : undefined;
    if (given !== undefined) return given;
    const { action, partOf } = this.taken ?? { action: 'not-enabled' };
    return `${this.of.id}/${action}-by-this-stack${partOf === undefined ? '' : `/${partOf}`}`;
  }

  /**
   * Handles the request. It starts again while new permissions are unknown to the service: every step can be repeated.
   */
  public async run(signal: AbortSignal): Promise<void> {
    for (let pause = FIRST_PERMISSION_PAUSE; ; pause *= 2) {
      try {
        return await this.attempt(signal);
      } catch (error) {
        if (pause > LAST_PERMISSION_PAUSE || !/no identity-based policy allows/.test((error as Error).message)) {
          throw error;
        }
        await sleep(pause, undefined, { signal });
      }
    }
  }

  private async attempt(signal: AbortSignal): Promise<void> {
    const adopted = this.request.ResourceProperties.Mode === 'adopt';
    if (this.request.RequestType === 'Delete') {
      const taken = adopted || this.of.stays ? undefined : this.taken ?? await this.findUnanswered(signal);
      if (taken) await this.revert(taken, signal);
    } else {
      await (adopted ? this.requireOn(signal) : this.ensureOn(signal));
    }
  }

  /** The action of a creation whose answer CloudFormation did not receive. */
  private async findUnanswered(signal: AbortSignal): Promise<TakenAction | undefined> {
    if (ANSWERED_ID.test(this.request.PhysicalResourceId!)) return undefined;
    return (await this.observe(signal)).createdByThisStack ? { action: 'enabled' } : undefined;
  }

  private async ensureOn(signal: AbortSignal): Promise<void> {
    await this.until(signal, async (observed) => {
      // Lambda retries an invocation that broke off. The resource that it created exists and has the tag or the name.
      if (observed.createdByThisStack) this.taken ??= { action: 'enabled' };
      if (observed.state !== 'on') return observed.state === 'off' && !await this.switchOn(observed, signal);
      if (observed.detail) this.logState();
      return true;
    });
  }

  private async requireOn(signal: AbortSignal): Promise<void> {
    const { service, thing, guardrail } = this.of;
    await this.until(signal, async ({ state, word }) => {
      if (state !== 'on' && this.request.ResourceProperties.WhereOffered === 'true') {
        this.logState();
        return true;
      }
      if (state === 'on' || /^(ENABLING|PENDING|CREATING)$/.test(word)) return state === 'on';
      throw new Error(`${service}'s ${thing} is ${word} in account ${this.account}, and adopt does not change it. `
        + `Enable it in the account that manages ${service}, `
        + `or remove Guardrail.${guardrail} from adopt of ComplianceGuardrails`);
    });
  }

  private logState(): void {
    console.warn(JSON.stringify({ resource: this.request.LogicalResourceId, state: this.lastState }));
  }

  private async revert({ action, partOf: wasPartOf }: TakenAction, signal: AbortSignal): Promise<void> {
    const { thing, administratorMayBeOfOthers } = this.of;
    const administrator = administratorMayBeOfOthers ? undefined : await this.of.administrator(signal);
    if (administrator) {
      throw new Error(`the ${thing} stays enabled: the delegated administrator ${administrator} `
      + 'manages it');
    }
    let reverted = false;
    await this.until(signal, async ({ state, createdByThisStack, partOf }) => {
      if (state !== 'on') return state === 'off';
      const isAnother = wasPartOf === undefined
        ? action === 'enabled' && createdByThisStack === false
        : wasPartOf !== partOf;
      if (isAnother) {
        if (reverted) return true;
        throw new Error(`the ${thing} stays enabled: another caller has enabled it since`);
      }
      await this.switchOff(action, signal);
      reverted = true;
      return false;
    });
  }

  private async switchOff(action: Action, signal: AbortSignal): Promise<void> {
    try {
      await this.of.switchOff(action, signal);
    } catch (error) {
      const asksAdministrator = this.of.administratorMayBeOfOthers && isClientError(error);
      const administrator = asksAdministrator ? await this.of.administrator(signal) : undefined;
      if (administrator === undefined) throw error;
      throw new Error(`the ${this.of.thing} stays enabled: ${(error as Error).message}; `
        + `the delegated administrator of the organization is ${administrator}`);
    }
  }

  /** Reads the state until the callback accepts it or the time is up. */
  private async until(signal: AbortSignal, accepts: (observed: ObservedState) => Promise<boolean>): Promise<void> {
    for (
      let pause = FIRST_PAUSE;
      !(await accepts(await this.observe(signal)));
      pause = Math.min(2 * pause, LONGEST_PAUSE)
    ) {
      await sleep(pause, undefined, { signal });
    }
  }

  private async observe(signal: AbortSignal): Promise<ObservedState> {
    const observed = await this.of.observe(signal);
    const { word, detail } = observed;
    this.lastState = `the last state of the ${this.of.thing} was ${word}${detail ? `: ${detail}` : ''}`;
    return observed;
  }

  /** Requests the enablement. False if this region does not offer the feature and the request accepts that. */
  private async switchOn(observed: ObservedState, signal: AbortSignal): Promise<boolean> {
    const before = this.taken;
    const isAnother = before?.partOf !== undefined && before.partOf !== observed.partOf;
    // A request without an answer counts as an action of this stack, until the service refuses it.
    if (!before || isAnother) this.taken = { action: observed.action ?? 'enabled', partOf: observed.partOf };
    try {
      if (!await this.of.switchOn(signal)) this.taken = before;
      return true;
    } catch (error) {
      if (isClientError(error)) this.taken = before;
      const unoffered = this.of.isUnoffered(error);
      if (unoffered && this.request.ResourceProperties.WhereOffered === 'true') return false;
      throw new Error(await this.explain(error as Error, unoffered, signal));
    }
  }

  private async explain(error: Error, unoffered: boolean, signal: AbortSignal): Promise<string> {
    const { service, thing, guardrail, leaveOut } = this.of;
    const what = `${service}'s ${thing} cannot be enabled in account ${this.account}: ${error.message}`;
    if (unoffered) return `${what}; ${leaveOut}`;
    const administrator = await this.of.administrator(signal);
    return administrator === undefined ? what : `${what}; the delegated administrator ${administrator} manages it: `
      + `enable it there and add Guardrail.${guardrail} to adopt of ComplianceGuardrails`;
  }
}
