import {
  BatchDisableStandardsCommand,
  BatchEnableStandardsCommand,
  DescribeHubCommand,
  DescribeHubCommandOutput,
  DescribeStandardsCommand,
  DisableSecurityHubCommand,
  EnableSecurityHubCommand,
  GetAdministratorAccountCommand,
  GetEnabledStandardsCommand,
  ListTagsForResourceCommand,
  SecurityHubClient,
  StandardsSubscription,
} from '@aws-sdk/client-securityhub';
import { StandardProperties } from './contract';
import { CustomResourceRequest } from '../../blocks/custom-resource';
import {
  AccountSwitch, Action, ENABLED_BY_TAG, Invocation, isNamed, ObservedState, Place, Refused, SDK_ATTEMPTS,
  SwitchFactory,
} from '../account-switch';
import { administratorOf } from '../administrator';
import { SwitchProperties } from '../contract';
import { reconcile } from '../reconciliation';

/** The errors of Security Hub if it is not enabled. */
const NOT_SUBSCRIBED = ['InvalidAccessException', 'ResourceNotFoundException'];

/** Enables, requires or disables the hub or one of its standards. */
export async function handler(
  request: CustomResourceRequest<StandardProperties & SwitchProperties>, invocation: Invocation,
): Promise<void> {
  await reconcile(request, invocation, switchOf);
}

/** The hub or a standard. */
export const switchOf: SwitchFactory<StandardProperties> = (properties, place, requestType) =>
  properties.Standard === 'HUB' ? new Hub(place) : new Standard(properties.Standard, place, requestType === 'Delete');

abstract class SecurityHubSwitch extends AccountSwitch {
  public readonly service = 'Security Hub';
  public readonly guardrail = 'SECURITY_HUB';

  protected readonly client = new SecurityHubClient({ maxAttempts: SDK_ATTEMPTS });

  constructor(protected readonly place: Place) {
    super();
  }

  public override async administrator(signal: AbortSignal): Promise<string | undefined> {
    return administratorOf(async () => {
      const { Administrator } = await this.client.send(new GetAdministratorAccountCommand({}), { abortSignal: signal });
      return /^enabled$/i.test(Administrator?.MemberStatus ?? '') ? Administrator?.AccountId : undefined;
    });
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

class Hub extends SecurityHubSwitch {
  public readonly id = 'securityhub/hub';
  public readonly thing = 'hub';

  public async observe(signal: AbortSignal): Promise<ObservedState> {
    if (!await this.describeHub(signal)) return { state: 'off', word: 'DISABLED' };
    return { state: 'on', word: 'ENABLED', createdByThisStack: await this.isCreatedByThisStack(signal) };
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    try {
      await this.client.send(new EnableSecurityHubCommand({
        // Each standard has a custom resource.
        EnableDefaultStandards: false,
        ControlFindingGenerator: 'SECURITY_CONTROL',
        Tags: { [ENABLED_BY_TAG]: this.place.stackId },
      }), { abortSignal: signal });
      return true;
    } catch (error) {
      if (isNamed(error, 'ResourceConflictException')) return this.isCreatedByThisStack(signal);
      throw error;
    }
  }

  public async switchOff(_: Action, signal: AbortSignal): Promise<void> {
    await this.client.send(new DisableSecurityHubCommand({}), { abortSignal: signal });
  }

  private async isCreatedByThisStack(signal: AbortSignal): Promise<boolean> {
    const { partition, region, account, stackId } = this.place;
    const command = new ListTagsForResourceCommand({
      ResourceArn: `arn:${partition}:securityhub:${region}:${account}:hub/default`,
    });
    const { Tags } = await this.client.send(command, { abortSignal: signal });
    return Tags?.[ENABLED_BY_TAG] === stackId;
  }
}

/** The region does not offer the standard. */
class Unoffered extends Refused {}

class Standard extends SecurityHubSwitch {
  public readonly id: string;
  public readonly thing: string;

  private readonly arn: string;
  private subscription?: StandardsSubscription;

  constructor(private readonly standard: string, place: Place, private readonly isDeletion: boolean) {
    super(place);
    this.id = `securityhub/${standard}`;
    this.thing = `standard ${standard}`;
    this.arn = `arn:${place.partition}:securityhub:${place.region}::standards/${standard}`;
  }

  public override get leaveOut(): string {
    return `remove ${this.standard} from securityHub.standards of ComplianceGuardrails`;
  }

  public async observe(signal: AbortSignal): Promise<ObservedState> {
    const hub = await this.describeHub(signal);
    this.subscription = hub && await this.find(signal);
    const partOf = hub?.SubscribedAt;
    const detail = this.subscription?.StandardsStatusReason?.StatusReasonCode;
    const word = this.subscription?.StandardsStatus ?? 'DISABLED';
    switch (word) {
      case 'DISABLED':
        return { state: 'off', word, partOf };
      // The subscription to an incomplete standard exists, but a requirement such as the recorder of AWS Config is
      // missing.
      case 'READY':
      case 'INCOMPLETE':
        return { state: 'on', word, detail, partOf };
      // The standard could not be disabled and is partly subscribed: it must be enabled or disabled again.
      case 'FAILED':
        return this.isDeletion
          ? { state: 'on', word, detail, partOf }
          : { state: 'off', word, detail, action: 'resumed', partOf };
      default:
        return { state: 'busy', word, detail, partOf };
    }
  }

  public async switchOn(signal: AbortSignal): Promise<boolean> {
    if (!await this.isOffered(signal)) throw new Unoffered(`${this.thing} is not offered in ${this.place.region}`);
    const command = new BatchEnableStandardsCommand({ StandardsSubscriptionRequests: [{ StandardsArn: this.arn }] });
    await this.client.send(command, { abortSignal: signal });
    return true;
  }

  public async switchOff(_: Action, signal: AbortSignal): Promise<void> {
    const command = new BatchDisableStandardsCommand({
      StandardsSubscriptionArns: [this.subscription!.StandardsSubscriptionArn!],
    });
    await this.client.send(command, { abortSignal: signal });
  }

  public override isUnoffered(error: unknown): boolean {
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
