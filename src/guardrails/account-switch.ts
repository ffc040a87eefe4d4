import { setTimeout as sleep } from 'timers/promises';
import { answer, ANSWER_MARGIN, CustomResourceRequest } from '../blocks/custom-resource';

/** What every custom resource of the guardrails says. It stands for one switch, so that CloudFormation itself works out what an update adds and removes. */
export interface SwitchProperties {
  /** `create`: switch it on unless it is. `adopt`: see that it is on, and change nothing, ever. */
  readonly Mode: 'create' | 'adopt';
  /** `true`: a region that does not offer this is fine. What is adopted need not be on then either: the log says that it is not. */
  readonly WhereOffered: 'true' | 'false';
}

/** What the Lambda runtime tells about the invocation. */
export interface Invocation {
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

/** Where a switch is, and who asks. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly stackId: string;
}

/** How a switch was found. */
export interface Standing {
  readonly state: 'on' | 'off' | 'busy';
  /** The service's own word for it. */
  readonly word: string;
  /** What else the service says, for the reason of a failure. */
  readonly detail?: string;
  /** What this stack will have done by switching it on from here. Default: `enabled`. */
  readonly deed?: Deed;
  /** Whether what is there carries the mark of this stack: its tag, or its name. Undefined where the service keeps no mark. */
  readonly madeByThisStack?: boolean;
  /**
   * What identifies the thing that this switch belongs to, and is another one when somebody has made that thing anew: the id of the
   * detector, the time at which the hub was enabled. Undefined where a mark tells, or where the service has nothing of the kind.
   */
  readonly partOf?: string;
}

/** What a stack has done to a switch. What was suspended, or on in part, is resumed, and in the end brought back to that. */
export type Deed = 'enabled' | 'resumed';

/** A deed, and to what it was done, where the service says so. */
interface Done {
  readonly deed: Deed;
  readonly partOf?: string;
}

/** Something that an account has once in a region, and that is on or off. */
export interface AccountSwitch {
  /** What identifies it among all switches of the account and region. */
  readonly id: string;
  /** The service, as it begins a sentence. */
  readonly service: string;
  /** What is switched, as it continues a sentence. */
  readonly thing: string;
  /** The class in which the user chose, and how to leave this switch out. */
  readonly choice: string;
  readonly leaveOut: string;
  /** A setting that stays when the stack goes. */
  readonly stays?: boolean;
  /** `administrator` names an administrator of the organization, whether or not that one manages this account: only a refusal tells. */
  readonly administratorMayBeOfOthers?: boolean;
  look(signal: AbortSignal): Promise<Standing>;
  /** Asks for it. False where somebody else was faster, or the service is busy: then it is looked at again. */
  switchOn(signal: AbortSignal): Promise<boolean>;
  /** Gives it back. Called again while it is on. */
  switchOff(deed: Deed, signal: AbortSignal): Promise<void>;
  /** Whether an error of `switchOn` says that the region does not offer this. */
  isUnoffered(error: unknown): boolean;
  /** The account that manages the service for this one, if any. */
  administrator(signal: AbortSignal): Promise<string | undefined>;
}

/** The service refused, and nothing was done. */
export class Refused extends Error {}

/** The tag by which a stack knows what it made again, where an answer was lost: the service's to a request, or ours to CloudFormation. Its value is the stack's id. */
export const MADE_BY_TAG = 'cdk-hipaa:enabled-by';

/** Throttling and server errors are retried by the SDK this often, over about a minute. */
export const SDK_ATTEMPTS = 8;
/** How long to wait between two looks, in milliseconds: doubled each time up to the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/** How long to wait for IAM to know of new permissions, in milliseconds: doubled each time, half a minute in all. */
const FIRST_PERMISSION_PAUSE = 1_000;
const LAST_PERMISSION_PAUSE = 16_000;
/** The end of every id that a handler has answered with. CloudFormation makes up another one for a creation that nobody answered. */
const ANSWERED_ID = /^(.+)\/(enabled|resumed|not-enabled)-by-this-stack(?:\/(.+))?$/;

/** Answers one request of CloudFormation for one switch. */
export async function turn<Properties extends SwitchProperties>(
  request: CustomResourceRequest<Properties>,
  invocation: Invocation,
  switchOf: (properties: Properties, place: Place) => AccountSwitch,
): Promise<void> {
  const [, partition, , region, account] = invocation.invokedFunctionArn.split(':');
  const place = { partition, region, account, stackId: request.StackId };
  const turning = new Turning(request, switchOf(request.ResourceProperties, place), account);
  await answer(request, {
    physicalId: () => turning.physicalId,
    standing: () => turning.lastSeen,
    timeLeft: invocation.getRemainingTimeInMillis() - ANSWER_MARGIN,
    run: (signal) => turning.run(signal),
  });
}

/** Whether an error of the SDK says that the request was refused, so that nothing was done. */
export function isClientError(error: unknown): boolean {
  return error instanceof Refused || (error as { $fault?: string }).$fault === 'client';
}

/** Whether an error of the SDK has one of these names. */
export function isNamed(error: unknown, ...names: string[]): boolean {
  return names.includes((error as Error).name);
}

class Turning {
  /** What the service said last, for the reason of a failure. */
  public lastSeen: string;

  private done?: Done;

  constructor(
    private readonly request: CustomResourceRequest<SwitchProperties>, private readonly of: AccountSwitch, private readonly account: string,
  ) {
    this.lastSeen = `${of.service} did not answer`;
    const [, id, deed, partOf] = ANSWERED_ID.exec(request.PhysicalResourceId ?? '') ?? [];
    if (id === of.id && deed !== 'not-enabled') this.done = { deed: deed as Deed, partOf };
  }

  /**
   * What this stack did is kept in the physical id, and to what. It changes from nothing to something, and where the thing was made
   * anew and switched on by this stack again: CloudFormation then deletes the old id, which does nothing. Where an answer never
   * arrived, the mark on what was made tells, if there is one.
   */
  public get physicalId(): string {
    const given = this.request.RequestType === 'Delete' ? this.request.PhysicalResourceId : undefined;
    if (given !== undefined) return given;
    const { deed, partOf } = this.done ?? { deed: 'not-enabled' };
    return `${this.of.id}/${deed}-by-this-stack${partOf === undefined ? '' : `/${partOf}`}`;
  }

  /** Does what is asked. Permissions that were granted a moment ago may not have reached the service: then again, since every step may be repeated. */
  public async run(signal: AbortSignal): Promise<void> {
    for (let pause = FIRST_PERMISSION_PAUSE; ; pause *= 2) {
      try {
        return await this.attempt(signal);
      } catch (error) {
        if (pause > LAST_PERMISSION_PAUSE || !/no identity-based policy allows/.test((error as Error).message)) throw error;
        await sleep(pause, undefined, { signal });
      }
    }
  }

  private async attempt(signal: AbortSignal): Promise<void> {
    const adopted = this.request.ResourceProperties.Mode === 'adopt';
    if (this.request.RequestType === 'Delete') {
      const done = adopted || this.of.stays ? undefined : this.done ?? await this.unanswered(signal);
      if (done) await this.giveBack(done, signal);
    } else {
      await (adopted ? this.seeThatOn(signal) : this.ensureOn(signal));
    }
  }

  /** What a creation made that CloudFormation got no answer to. */
  private async unanswered(signal: AbortSignal): Promise<Done | undefined> {
    if (ANSWERED_ID.test(this.request.PhysicalResourceId!)) return undefined;
    return (await this.look(signal)).madeByThisStack ? { deed: 'enabled' } : undefined;
  }

  private async ensureOn(signal: AbortSignal): Promise<void> {
    await this.until(signal, async (standing) => {
      // Lambda invokes the function again when an invocation broke off: what that one made is there, and bears the mark.
      if (standing.madeByThisStack) this.done ??= { deed: 'enabled' };
      if (standing.state !== 'on') return standing.state === 'off' && !await this.switchOn(standing, signal);
      if (standing.detail) console.warn(JSON.stringify({ resource: this.request.LogicalResourceId, standing: this.lastSeen }));
      return true;
    });
  }

  private async seeThatOn(signal: AbortSignal): Promise<void> {
    const { service, thing, choice } = this.of;
    await this.until(signal, async ({ state, word }) => {
      if (state !== 'on' && this.request.ResourceProperties.WhereOffered === 'true') {
        console.warn(JSON.stringify({ resource: this.request.LogicalResourceId, standing: this.lastSeen }));
        return true;
      }
      if (state === 'on' || /^(ENABLING|PENDING|CREATING)$/.test(word)) return state === 'on';
      throw new Error(`${service}'s ${thing} is ${word} in account ${this.account}, and ${choice}.adopt() changes nothing; `
        + `have it enabled by whoever manages ${service}, or use ${choice}.create()`);
    });
  }

  private async giveBack({ deed, partOf: wasPartOf }: Done, signal: AbortSignal): Promise<void> {
    const { thing, administratorMayBeOfOthers } = this.of;
    const administrator = administratorMayBeOfOthers ? undefined : await this.of.administrator(signal);
    if (administrator) throw new Error(`${thing} is left as it is: the delegated administrator ${administrator} manages it`);
    let given = false;
    await this.until(signal, async ({ state, madeByThisStack, partOf }) => {
      if (state !== 'on') return state === 'off';
      const isAnother = wasPartOf === undefined ? deed === 'enabled' && madeByThisStack === false : wasPartOf !== partOf;
      if (isAnother) {
        if (given) return true;
        throw new Error(`${thing} is left as it is: somebody else has enabled it since`);
      }
      await this.switchOff(deed, signal);
      given = true;
      return false;
    });
  }

  private async switchOff(deed: Deed, signal: AbortSignal): Promise<void> {
    try {
      await this.of.switchOff(deed, signal);
    } catch (error) {
      const administrator = this.of.administratorMayBeOfOthers && isClientError(error) ? await this.of.administrator(signal) : undefined;
      if (administrator === undefined) throw error;
      throw new Error(`${this.of.thing} is left as it is: ${(error as Error).message}; the organization's delegated administrator is ${administrator}`);
    }
  }

  /** Looks again and again until all is as it should be, or the time is up. */
  private async until(signal: AbortSignal, settled: (standing: Standing) => Promise<boolean>): Promise<void> {
    for (let pause = FIRST_PAUSE; !await settled(await this.look(signal)); pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      await sleep(pause, undefined, { signal });
    }
  }

  private async look(signal: AbortSignal): Promise<Standing> {
    const standing = await this.of.look(signal);
    this.lastSeen = `${this.of.thing} was ${standing.word} at last${standing.detail ? `: ${standing.detail}` : ''}`;
    return standing;
  }

  /** Asks for it. False where this region does not offer it and need not. */
  private async switchOn(standing: Standing, signal: AbortSignal): Promise<boolean> {
    const before = this.done;
    const isAnother = before?.partOf !== undefined && before.partOf !== standing.partOf;
    // Until the service says otherwise: what is found on after a request that was never answered was this stack's doing too.
    if (!before || isAnother) this.done = { deed: standing.deed ?? 'enabled', partOf: standing.partOf };
    try {
      if (!await this.of.switchOn(signal)) this.done = before;
      return true;
    } catch (error) {
      if (isClientError(error)) this.done = before;
      const unoffered = this.of.isUnoffered(error);
      if (unoffered && this.request.ResourceProperties.WhereOffered === 'true') return false;
      throw new Error(await this.explain(error as Error, unoffered, signal));
    }
  }

  private async explain(error: Error, unoffered: boolean, signal: AbortSignal): Promise<string> {
    const { service, thing, choice, leaveOut } = this.of;
    const what = `${service}'s ${thing} cannot be enabled in account ${this.account}: ${error.message}`;
    if (unoffered) return `${what}; ${leaveOut}`;
    const administrator = await this.of.administrator(signal);
    return administrator === undefined ? what : `${what}; the delegated administrator ${administrator} manages it: have it enabled there and use ${choice}.adopt()`;
  }
}
