import {
  BatchGetAccountStatusCommand,
  DisableCommand,
  EnableCommand,
  FailedAccount,
  GetDelegatedAdminAccountCommand,
  Inspector2Client,
  ResourceScanType,
  ResourceState,
  State,
} from '@aws-sdk/client-inspector2';
import { ScanProperties } from './contract';
import { CustomResourceRequest } from '../../blocks/custom-resource';
import {
  AccountSwitch, Invocation, isNamed, ObservedState, Place, Refused, SDK_ATTEMPTS, SwitchFactory,
} from '../account-switch';
import { administratorOf } from '../administrator';
import { SwitchProperties } from '../contract';
import { reconcile } from '../reconciliation';

/** The states of a scan that is off and does not change without a request. */
const OFF = new Set(['DISABLED', 'SUSPENDED']);

/**
 * The error codes after which the handler reads the state again.
 *
 * Inspector or a service that it uses is busy, or another caller was faster.
 */
const PASSING_CODES = new Set<string | undefined>([
  'ALREADY_ENABLED',
  'ENABLE_IN_PROGRESS',
  'DISABLE_IN_PROGRESS',
  'SUSPEND_IN_PROGRESS',
  'EVENTBRIDGE_THROTTLED',
  'EVENTBRIDGE_UNAVAILABLE',
  'SSM_THROTTLED',
  'SSM_UNAVAILABLE',
  'INTERNAL_ERROR',
]);

/** The field of the answer that contains the state of a type of scan. */
const STATE_OF: Record<ResourceScanType, keyof ResourceState> = {
  EC2: 'ec2', ECR: 'ecr', LAMBDA: 'lambda', LAMBDA_CODE: 'lambdaCode', CODE_REPOSITORY: 'codeRepository',
};

/** Enables, requires or disables one type of Inspector scan. */
export async function handler(
  request: CustomResourceRequest<ScanProperties & SwitchProperties>,
  invocation: Invocation,
): Promise<void> {
  await reconcile(request, invocation, switchOf);
}

/** One type of scan. */
export const switchOf: SwitchFactory<ScanProperties> = ({ ScanType }, place) => new Scan(ScanType, place);

class Scan extends AccountSwitch {
  public readonly service = 'Inspector';
  public readonly guardrail = 'INSPECTOR';
  public override readonly administratorMayBeOfOthers = true;
  public readonly id: string;
  public readonly thing: string;

  private readonly client = new Inspector2Client({ maxAttempts: SDK_ATTEMPTS });

  constructor(private readonly type: ResourceScanType, private readonly place: Place) {
    super();
    this.id = `inspector-scan/${type}`;
    this.thing = `${type} scanning`;
  }

  public override get leaveOut(): string {
    return `remove ${this.type} from inspector.resources of ComplianceGuardrails`;
  }

  public async observe(signal: AbortSignal): Promise<ObservedState> {
    const command = new BatchGetAccountStatusCommand({ accountIds: [this.place.account] });
    const { accounts, failedAccounts } = await this.client.send(command, { abortSignal: signal });
    if (failedAccounts?.length) throw new Error(`Inspector does not return its status: ${describe(failedAccounts[0])}`);
    const state = accounts?.[0]?.resourceState?.[STATE_OF[this.type]];
    const word = state?.status ?? 'DISABLED';
    return {
      state: word === 'ENABLED' ? 'on' : OFF.has(word) ? 'off' : 'busy',
      word,
      detail: state?.errorCode && describe(state),
    };
  }

  /** An enabled scan is no difference. Inspector can return the code of its last request, which was superfluous. */
  public override async differences(signal: AbortSignal): Promise<string[]> {
    return (await this.observe(signal)).state === 'on' ? [] : super.differences(signal);
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    const { failedAccounts } = await this.client.send(new EnableCommand(this.target), { abortSignal: signal });
    if (!failedAccounts?.length) return true;
    if (PASSING_CODES.has(failedAccounts[0].errorCode)) return false;
    throw new Refused(describe(failedAccounts[0]));
  }

  public async switchOff(_: unknown, signal: AbortSignal): Promise<void> {
    const { failedAccounts } = await this.client.send(new DisableCommand(this.target), { abortSignal: signal });
    if (failedAccounts?.length && !PASSING_CODES.has(failedAccounts[0].errorCode)) {
      throw new Refused(describe(failedAccounts[0]));
    }
  }

  /**
   * Whether the error means that the region does not offer a scan.
   *
   * Inspector returns an `AccessDeniedException` with "Lambda code scanning is not supported in eu-west-3".
   */
  public override isUnoffered(error: unknown): boolean {
    return isNamed(error, 'AccessDeniedException') && /not supported in/i.test((error as Error).message);
  }

  /**
   * The administrator of the organization. It manages only associated accounts, and a member cannot read whether it is
   * one.
   */
  public override async administrator(signal: AbortSignal): Promise<string | undefined> {
    return administratorOf(async () => {
      const { delegatedAdmin } = await this.client.send(new GetDelegatedAdminAccountCommand({}), {
        abortSignal: signal,
      });
      const isAnother =
        delegatedAdmin?.relationshipStatus === 'ENABLED' && delegatedAdmin.accountId !== this.place.account;
      return isAnother ? delegatedAdmin.accountId : undefined;
    });
  }

  private get target() {
    return { accountIds: [this.place.account], resourceTypes: [this.type] };
  }
}

function describe({ errorCode, errorMessage }: FailedAccount | State): string {
  return `${errorCode} (${errorMessage})`;
}
