import { SwitchProperties } from './contract';
import { CustomResourceRequest } from '../blocks/custom-resource';

/** The end of the physical ID of a switch that may be off. The region lacks it, or it was off when it was adopted. */
export const MAY_BE_OFF = 'may-be-off';

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

  /**
   * The differences between the observed and the required state, in words. Only reads.
   *
   * A detail is a difference too: a standard that is on without a recorder evaluates nothing.
   */
  public async differences(signal: AbortSignal): Promise<string[]> {
    const { state, word, detail } = await this.observe(signal);
    if (state === 'on' && detail === undefined) return [];
    return [`${this.service}'s ${this.thing} is ${word}${detail === undefined ? '' : `: ${detail}`}`];
  }

  /** The account that manages the service for this account, if any. Default: none. */
  public async administrator(_signal: AbortSignal): Promise<string | undefined> {
    return undefined;
  }
}

/** Returns the switch that a custom resource with these properties controls. */
export type SwitchFactory<Properties> = (
  properties: Properties & SwitchProperties,
  place: Place,
  requestType: CustomResourceRequest<unknown>['RequestType'],
) => AccountSwitch;

/** The service refused the request and changed nothing. */
export class Refused extends Error {}

/**
 * The tag that identifies the resources of a stack. Its value is the ID of the stack. It is necessary when an answer
 * was lost: the answer of the service to a request, or the answer of the handler to CloudFormation.
 */
export const ENABLED_BY_TAG = 'cdk-hipaa:enabled-by';

/** The number of attempts of the SDK after throttling and server errors, over about a minute. */
export const SDK_ATTEMPTS = 8;

/** Whether an error of the SDK means that the service refused the request and changed nothing. */
export function isClientError(error: unknown): boolean {
  return error instanceof Refused || (error as { $fault?: string }).$fault === 'client';
}

/** Whether an error of the SDK has one of these names. */
export function isNamed(error: unknown, ...names: string[]): boolean {
  return names.includes((error as Error).name);
}

/** The place of a function, from its ARN. */
export function placeOf({ invokedFunctionArn }: Invocation, stackId: string): Place {
  const [, partition, , region, account] = invokedFunctionArn.split(':');
  return { partition, region, account, stackId };
}
