import { setTimeout as sleep } from 'timers/promises';
import {
  BatchGetAccountStatusCommand, DisableCommand, EnableCommand, FailedAccount, GetDelegatedAdminAccountCommand, Inspector2Client,
  Inspector2ServiceException, ResourceScanType, ResourceState, State,
} from '@aws-sdk/client-inspector2';
import { answer, ANSWER_MARGIN, CustomResourceRequest } from '../private/custom-resource';

/** One custom resource stands for one type of scan, so that CloudFormation itself works out what an update adds and removes. */
interface ScanProperties {
  /** The type of scan. */
  readonly ScanType: ResourceScanType;
  /** `create`: enable it unless it is. `adopt`: see that it is enabled, and change nothing, ever. */
  readonly Mode: 'create' | 'adopt';
  /** `true`: a region that does not offer this scan is fine. */
  readonly WhereOffered: 'true' | 'false';
}

/** What the Lambda runtime tells about the invocation. */
interface Invocation {
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

/** Throttling and server errors are retried by the SDK this often, over about a minute. */
const SDK_ATTEMPTS = 8;
/** How long to wait between two looks at the status, in milliseconds: doubled each time up to the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/** How long to wait for IAM to know of new permissions, in milliseconds: doubled each time, half a minute in all. */
const FIRST_PERMISSION_PAUSE = 1_000;
const LAST_PERMISSION_PAUSE = 16_000;

/** A scan that is off, and stays so. */
const OFF = new Set(['DISABLED', 'SUSPENDED']);

/** What Inspector says while it, or a service that it uses, is busy, and when somebody else was faster: look again. */
const PASSING_CODES = new Set<string | undefined>([
  'ALREADY_ENABLED', 'ENABLE_IN_PROGRESS', 'DISABLE_IN_PROGRESS', 'SUSPEND_IN_PROGRESS', 'EVENTBRIDGE_THROTTLED', 'EVENTBRIDGE_UNAVAILABLE',
  'SSM_THROTTLED', 'SSM_UNAVAILABLE', 'INTERNAL_ERROR',
]);

/** Where the answer tells about a type of scan. */
const STATE_OF: Record<ResourceScanType, keyof ResourceState> = {
  EC2: 'ec2', ECR: 'ecr', LAMBDA: 'lambda', LAMBDA_CODE: 'lambdaCode', CODE_REPOSITORY: 'codeRepository',
};

/** Enables, adopts and gives back one type of Inspector scan. */
export async function handler(request: CustomResourceRequest<ScanProperties>, invocation: Invocation): Promise<void> {
  const scan = new Scan(request, invocation.invokedFunctionArn.split(':')[4]);
  await answer(request, {
    physicalId: () => scan.physicalId,
    standing: () => scan.lastSeen,
    timeLeft: invocation.getRemainingTimeInMillis() - ANSWER_MARGIN,
    run: (signal) => scan.run(signal),
  });
}

class Scan {
  /** What Inspector said last, for the reason of a failure. */
  public lastSeen = 'Inspector did not answer';

  private readonly client = new Inspector2Client({ maxAttempts: SDK_ATTEMPTS });
  private readonly properties: ScanProperties;
  private readonly type: ResourceScanType;
  private readonly idIfOurs: string;
  private readonly idIfNotOurs: string;
  private ours: boolean;

  constructor(private readonly request: CustomResourceRequest<ScanProperties>, private readonly account: string) {
    this.properties = request.ResourceProperties;
    this.type = this.properties.ScanType;
    this.idIfOurs = `inspector-scan/${this.type}/enabled-by-this-stack`;
    this.idIfNotOurs = `inspector-scan/${this.type}/not-enabled-by-this-stack`;
    this.ours = request.PhysicalResourceId === this.idIfOurs;
  }

  /**
   * Whether this stack enabled the scan is kept in the physical id, and nowhere else. It only ever changes from "not
   * ours" to "ours": CloudFormation then deletes the old id, which does nothing.
   */
  public get physicalId(): string {
    const given = this.request.RequestType === 'Delete' ? this.request.PhysicalResourceId : undefined;
    return given ?? (this.ours ? this.idIfOurs : this.idIfNotOurs);
  }

  /** Does what is asked. Permissions that were granted a moment ago may not have reached Inspector: then again, since every step may be repeated. */
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
    const adopted = this.properties.Mode === 'adopt';
    if (this.request.RequestType === 'Delete') {
      if (this.ours && !adopted) await this.giveBack(signal);
    } else {
      await (adopted ? this.seeThatEnabled(signal) : this.ensureEnabled(signal));
    }
  }

  private async ensureEnabled(signal: AbortSignal): Promise<void> {
    await this.until(signal, async (status) => status === 'ENABLED' || (OFF.has(status) && !await this.enable(signal)));
  }

  private async seeThatEnabled(signal: AbortSignal): Promise<void> {
    await this.until(signal, async (status) => {
      if (status === 'ENABLED' || status === 'ENABLING') return status === 'ENABLED';
      throw new Error(`Inspector's ${this.type} scanning is ${status} in account ${this.account}, and InspectorGuardrail.adopt() enables nothing; `
        + 'have it enabled by whoever manages Inspector, or use InspectorGuardrail.create()');
    });
  }

  private async giveBack(signal: AbortSignal): Promise<void> {
    const administrator = await this.delegatedAdministrator(signal);
    if (administrator) throw new Error(`${this.type} scanning is left as it is: the delegated administrator ${administrator} manages it`);
    await this.until(signal, async (status) => {
      if (status === 'ENABLED') await this.disable(signal);
      return OFF.has(status);
    });
  }

  /** Looks at the status again and again until it is as it should be, or the time is up. */
  private async until(signal: AbortSignal, settled: (status: string) => Promise<boolean>): Promise<void> {
    for (let pause = FIRST_PAUSE; !await settled(await this.status(signal)); pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      await sleep(pause, undefined, { signal });
    }
  }

  /** Asks for the scan. False where this region does not offer it and need not. */
  private async enable(signal: AbortSignal): Promise<boolean> {
    const before = this.ours;
    // Until Inspector says otherwise: what is found enabled after a request that was never answered is ours too.
    this.ours = true;
    try {
      const { failedAccounts } = await this.client.send(new EnableCommand(this.target), { abortSignal: signal });
      if (!failedAccounts?.length) return true;
      this.ours = before;
      if (PASSING_CODES.has(failedAccounts[0].errorCode)) return true;
      throw new Error(describe(failedAccounts[0]));
    } catch (error) {
      if (isClientError(error)) this.ours = before;
      if (isUnsupported(error) && this.properties.WhereOffered === 'true') return false;
      throw new Error(await this.explain(error, signal));
    }
  }

  private async disable(signal: AbortSignal): Promise<void> {
    const { failedAccounts } = await this.client.send(new DisableCommand(this.target), { abortSignal: signal });
    if (failedAccounts?.length && !PASSING_CODES.has(failedAccounts[0].errorCode)) throw new Error(describe(failedAccounts[0]));
  }

  private async status(signal: AbortSignal): Promise<string> {
    const command = new BatchGetAccountStatusCommand({ accountIds: [this.account] });
    const { accounts, failedAccounts } = await this.client.send(command, { abortSignal: signal });
    if (failedAccounts?.length) throw new Error(`Inspector does not tell its status: ${describe(failedAccounts[0])}`);
    const state = accounts?.[0]?.resourceState?.[STATE_OF[this.type]];
    const status = state?.status ?? 'DISABLED';
    this.lastSeen = `${this.type} scanning was ${status} at last${state?.errorCode ? `: ${describe(state)}` : ''}`;
    return status;
  }

  private async delegatedAdministrator(signal: AbortSignal): Promise<string | undefined> {
    try {
      const { delegatedAdmin } = await this.client.send(new GetDelegatedAdminAccountCommand({}), { abortSignal: signal });
      return delegatedAdmin?.relationshipStatus === 'ENABLED' ? delegatedAdmin.accountId : undefined;
    } catch (error) {
      // An account that is in no organization is told so by an error. A member may not disable what its administrator enabled in any case.
      if (isClientError(error)) return undefined;
      throw error;
    }
  }

  private async explain(error: unknown, signal: AbortSignal): Promise<string> {
    const what = `Inspector's ${this.type} scanning cannot be enabled in account ${this.account}: ${(error as Error).message}`;
    if (isUnsupported(error)) return `${what}; leave ${this.type} out of the resources of InspectorGuardrail.create()`;
    const administrator = await this.delegatedAdministrator(signal);
    return administrator === undefined ? what : `${what}; the delegated administrator ${administrator} manages it: have it enabled there and use InspectorGuardrail.adopt()`;
  }

  private get target() {
    return { accountIds: [this.account], resourceTypes: [this.type] };
  }
}

function describe({ errorCode, errorMessage }: FailedAccount | State): string {
  return `${errorCode} (${errorMessage})`;
}

function isClientError(error: unknown): boolean {
  return error instanceof Inspector2ServiceException && error.$fault === 'client';
}

/** Inspector says "Lambda code scanning is not supported in eu-west-3" with the code of a denied access. */
function isUnsupported(error: unknown): boolean {
  return error instanceof Inspector2ServiceException && error.name === 'AccessDeniedException' && /not supported in/i.test(error.message);
}
