import {
  BatchDisableStandardsCommand, BatchEnableStandardsCommand, DescribeHubCommand, DescribeHubCommandOutput, DescribeStandardsCommand,
  DisableSecurityHubCommand, EnableSecurityHubCommand, GetAdministratorAccountCommand, GetEnabledStandardsCommand, ListTagsForResourceCommand,
  SecurityHubClient, StandardsSubscription,
} from '@aws-sdk/client-securityhub';
import {
  AccountSwitch, Deed, Invocation, isClientError, isNamed, MADE_BY_TAG, Place, Refused, SDK_ATTEMPTS, Standing, SwitchProperties, turn,
} from '../account-switch';
import { CustomResourceRequest } from '../../blocks/custom-resource';

/** One custom resource stands for the hub, and one for each standard. */
interface SecurityHubProperties extends SwitchProperties {
  /** The end of the standard's ARN, after `standards/`, or `HUB`. */
  readonly Standard: string;
}

/** How Security Hub says that it is not enabled. */
const NOT_SUBSCRIBED = ['InvalidAccessException', 'ResourceNotFoundException'];

/** Enables, adopts and gives back the hub or one of its standards. */
export async function handler(request: CustomResourceRequest<SecurityHubProperties>, invocation: Invocation): Promise<void> {
  await turn(request, invocation, (properties, place) => properties.Standard === 'HUB'
    ? new Hub(place) : new Standard(properties.Standard, place, request.RequestType === 'Delete'));
}

abstract class OfSecurityHub implements AccountSwitch {
  public readonly service = 'Security Hub';
  public readonly choice = 'SecurityHubGuardrail';
  public abstract readonly id: string;
  public abstract readonly thing: string;
  public abstract readonly leaveOut: string;

  protected readonly client = new SecurityHubClient({ maxAttempts: SDK_ATTEMPTS });

  constructor(protected readonly place: Place) {}

  public abstract look(signal: AbortSignal): Promise<Standing>;
  public abstract switchOn(signal: AbortSignal): Promise<boolean>;
  public abstract switchOff(deed: Deed, signal: AbortSignal): Promise<void>;
  public abstract isUnoffered(error: unknown): boolean;

  public async administrator(signal: AbortSignal): Promise<string | undefined> {
    try {
      const { Administrator } = await this.client.send(new GetAdministratorAccountCommand({}), { abortSignal: signal });
      return /^enabled$/i.test(Administrator?.MemberStatus ?? '') ? Administrator?.AccountId : undefined;
    } catch (error) {
      // An account without an administrator may be told so by an error. A member may not switch off what its administrator wants in any case.
      if (isClientError(error)) return undefined;
      throw error;
    }
  }

  /** The hub, if it is enabled. */
  protected async describeHub(signal: AbortSignal): Promise<DescribeHubCommandOutput | undefined> {
    try {
      return await this.client.send(new DescribeHubCommand({}), { abortSignal: signal });
    } catch (error) {
      if (isNamed(error, ...NOT_SUBSCRIBED)) return undefined;
      throw error;
    }
  }
}

class Hub extends OfSecurityHub {
  public readonly id = 'securityhub/hub';
  public readonly thing = 'hub';
  public readonly leaveOut = 'use SecurityHubGuardrail.skip() with a reason';

  public async look(signal: AbortSignal): Promise<Standing> {
    if (!await this.describeHub(signal)) return { state: 'off', word: 'DISABLED' };
    return { state: 'on', word: 'ENABLED', madeByThisStack: await this.isMadeByThisStack(signal) };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    try {
      await this.client.send(new EnableSecurityHubCommand({
        // Which standards apply is said by name, each by a custom resource of its own.
        EnableDefaultStandards: false,
        ControlFindingGenerator: 'SECURITY_CONTROL',
        Tags: { [MADE_BY_TAG]: this.place.stackId },
      }), { abortSignal: signal });
      return true;
    } catch (error) {
      if (isNamed(error, 'ResourceConflictException')) return this.isMadeByThisStack(signal);
      throw error;
    }
  }

  public async switchOff(_: Deed, signal: AbortSignal): Promise<void> {
    await this.client.send(new DisableSecurityHubCommand({}), { abortSignal: signal });
  }

  /** Every region that has Lambda functions of today's runtimes has Security Hub. */
  public isUnoffered(): boolean {
    return false;
  }

  private async isMadeByThisStack(signal: AbortSignal): Promise<boolean> {
    const { partition, region, account, stackId } = this.place;
    const command = new ListTagsForResourceCommand({ ResourceArn: `arn:${partition}:securityhub:${region}:${account}:hub/default` });
    const { Tags } = await this.client.send(command, { abortSignal: signal });
    return Tags?.[MADE_BY_TAG] === stackId;
  }
}

/** The region does not know the standard. */
class Unoffered extends Refused {}

class Standard extends OfSecurityHub {
  public readonly id: string;
  public readonly thing: string;
  public readonly leaveOut: string;

  private readonly arn: string;
  private subscription?: StandardsSubscription;

  constructor(standard: string, place: Place, private readonly isDeletion: boolean) {
    super(place);
    this.id = `securityhub/${standard}`;
    this.thing = `standard ${standard}`;
    this.leaveOut = `leave ${standard} out of the standards of SecurityHubGuardrail.create()`;
    this.arn = `arn:${place.partition}:securityhub:${place.region}::standards/${standard}`;
  }

  public async look(signal: AbortSignal): Promise<Standing> {
    const hub = await this.describeHub(signal);
    this.subscription = hub && await this.find(signal);
    const partOf = hub?.SubscribedAt;
    const detail = this.subscription?.StandardsStatusReason?.StatusReasonCode;
    const word = this.subscription?.StandardsStatus ?? 'DISABLED';
    switch (word) {
      case 'DISABLED': return { state: 'off', word, partOf };
      // What is incomplete is subscribed to, and lacks the recorder of AWS Config, say.
      case 'READY':
      case 'INCOMPLETE': return { state: 'on', word, detail, partOf };
      // It could not be disabled, and is subscribed to in part: to be enabled again, or disabled again.
      case 'FAILED': return this.isDeletion ? { state: 'on', word, detail, partOf } : { state: 'off', word, detail, deed: 'resumed', partOf };
      default: return { state: 'busy', word, detail, partOf };
    }
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    if (!await this.isOffered(signal)) throw new Unoffered(`${this.thing} is not offered in ${this.place.region}`);
    const command = new BatchEnableStandardsCommand({ StandardsSubscriptionRequests: [{ StandardsArn: this.arn }] });
    await this.client.send(command, { abortSignal: signal });
    return true;
  }

  public async switchOff(_: Deed, signal: AbortSignal): Promise<void> {
    const command = new BatchDisableStandardsCommand({ StandardsSubscriptionArns: [this.subscription!.StandardsSubscriptionArn!] });
    await this.client.send(command, { abortSignal: signal });
  }

  public isUnoffered(error: unknown): boolean {
    return error instanceof Unoffered;
  }

  private async find(signal: AbortSignal): Promise<StandardsSubscription | undefined> {
    let NextToken: string | undefined;
    do {
      const page = await this.client.send(new GetEnabledStandardsCommand({ NextToken }), { abortSignal: signal });
      const found = page.StandardsSubscriptions?.find(({ StandardsArn }) => StandardsArn === this.arn);
      if (found) return found;
      NextToken = page.NextToken;
    } while (NextToken);
    return undefined;
  }

  private async isOffered(signal: AbortSignal): Promise<boolean> {
    let NextToken: string | undefined;
    do {
      const page = await this.client.send(new DescribeStandardsCommand({ NextToken }), { abortSignal: signal });
      if (page.Standards?.some(({ StandardsArn }) => StandardsArn === this.arn)) return true;
      NextToken = page.NextToken;
    } while (NextToken);
    return false;
  }
}
