import { setTimeout as sleep } from 'timers/promises';
import {
  AccountSwitch, Action, Invocation, isClientError, MAY_BE_OFF, ObservedState, placeOf, SwitchFactory,
} from './account-switch';
import { SwitchProperties } from './contract';
import { answer, ANSWER_MARGIN, CustomResourceRequest } from '../blocks/custom-resource';

/** The action that this stack took, and the resource that it applies to. */
interface TakenAction {
  readonly action: Action;
  readonly partOf?: string;
}

/** The time between two reads of the state, in milliseconds. It doubles up to the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/** The wait for new IAM permissions, in milliseconds. It doubles each time, up to 31 seconds in total. */
const FIRST_PERMISSION_PAUSE = 1_000;
const LAST_PERMISSION_PAUSE = 16_000;
/**
 * The physical IDs that a handler returns. CloudFormation generates a different one for a creation without an answer.
 */
const ANSWERED_ID = /^(.+)\/(?:(enabled|resumed|not-enabled)-by-this-stack(?:\/(.+))?|may-be-off)$/;

/** Brings a switch into the requested state, and answers the request of CloudFormation. */
export async function reconcile<Properties>(
  request: CustomResourceRequest<Properties & SwitchProperties>,
  invocation: Invocation,
  switchOf: SwitchFactory<Properties>,
): Promise<void> {
  const place = placeOf(invocation, request.StackId);
  const controlled = switchOf(request.ResourceProperties, place, request.RequestType);
  const reconciliation = new Reconciliation(request, controlled, place.account);
  await answer(request, {
    physicalId: () => reconciliation.physicalId,
    standing: () => reconciliation.lastState,
    timeLeft: invocation.getRemainingTimeInMillis() - ANSWER_MARGIN,
    run: (signal) => reconciliation.run(signal),
  });
}

class Reconciliation {
  /** The last state that the service returned, for the reason of a failure. */
  public lastState: string;

  private taken?: TakenAction;
  private mayBeOff = false;

  constructor(
    private readonly request: CustomResourceRequest<SwitchProperties>,
    private readonly of: AccountSwitch,
    private readonly account: string,
  ) {
    this.lastState = `${of.service} did not answer`;
    const [, id, action, partOf] = ANSWERED_ID.exec(request.PhysicalResourceId ?? '') ?? [];
    if (id === of.id && (action === 'enabled' || action === 'resumed')) this.taken = { action, partOf };
  }

  /**
   * The physical ID, which records the action of this stack and the resource that it applies to. It changes when the
   * stack enables the switch, and when the stack enables it again after the resource was created again. CloudFormation
   * then deletes the old ID, which changes nothing. If an answer was lost, only a tag or a name shows the action.
   *
   * It also records that the switch may be off. The check of the guardrails reads that.
   */
  public get physicalId(): string {
    const given = this.request.RequestType === 'Delete' ? this.request.PhysicalResourceId : undefined;
    if (given !== undefined) return given;
    if (this.mayBeOff) return `${this.of.id}/${MAY_BE_OFF}`;
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
      if (observed.state === 'off') this.mayBeOff = !await this.switchOn(observed, signal);
      if (observed.state !== 'on') return this.mayBeOff;
      if (observed.detail) this.logState();
      return true;
    });
  }

  private async requireOn(signal: AbortSignal): Promise<void> {
    const { service, thing, guardrail } = this.of;
    await this.until(signal, async ({ state, word }) => {
      if (state !== 'on' && this.request.ResourceProperties.WhereOffered === 'true') {
        this.logState();
        this.mayBeOff = true;
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
