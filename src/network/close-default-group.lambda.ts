import { setTimeout as sleep } from 'timers/promises';
import {
  DescribeSecurityGroupsCommand, EC2Client, IpPermission, RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { ClosedGroupProperties } from './closed-group-contract';
import { answer, ANSWER_MARGIN, CustomResourceRequest } from '../blocks/custom-resource';

/** The part of the Lambda context that the handler uses. */
interface Invocation {
  getRemainingTimeInMillis(): number;
}

/** The number of attempts of the SDK after throttling and server errors. */
const SDK_ATTEMPTS = 8;
/** The pauses before another attempt, in milliseconds: doubled each time, about a minute in total. */
const FIRST_PAUSE = 1_000;
const LAST_PAUSE = 32_000;
/**
 * The errors after which the function reads the rules again: the permissions of a new role take effect after a delay,
 * a new group is not visible everywhere at once, and another principal can remove a rule at the same time.
 */
const TEMPORARY = ['UnauthorizedOperation', 'InvalidGroup.NotFound', 'InvalidPermission.NotFound'];

/**
 * Removes all rules of the default security group of a VPC: those that EC2 created, and those that were added later.
 *
 * A deletion of the resource restores no rule: EC2 deletes the group together with its VPC, and a group without rules
 * does not prevent that.
 */
export async function handler(
  request: CustomResourceRequest<ClosedGroupProperties>, invocation: Invocation,
): Promise<void> {
  const closing = new Closing(request.ResourceProperties.DefaultSecurityGroupId);
  await answer(request, {
    physicalId: () => request.PhysicalResourceId ?? `closed-security-group/${request.LogicalResourceId}`,
    standing: () => closing.standing,
    timeLeft: invocation.getRemainingTimeInMillis() - ANSWER_MARGIN,
    run: (signal) => (request.RequestType === 'Delete' ? Promise.resolve() : closing.run(signal)),
  });
}

class Closing {
  private readonly client = new EC2Client({ maxAttempts: SDK_ATTEMPTS });
  private removed = 0;

  constructor(private readonly groupId: string) {}

  /** The progress, for the reason of a failure. */
  public get standing(): string {
    return `${this.removed} rules of ${this.groupId} were removed`;
  }

  /** Removes the rules, and reads the group again until it has none. Each attempt continues after the previous one. */
  public async run(signal: AbortSignal): Promise<void> {
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      try {
        if (await this.isClosed(signal)) {
          return console.log(JSON.stringify({ group: this.groupId, removed: this.removed }));
        }
      } catch (error) {
        const { name, message } = error as Error;
        if (pause > LAST_PAUSE || !TEMPORARY.includes(name)) throw new Error(`${name}: ${message}; ${this.standing}`);
      }
      if (pause > LAST_PAUSE) throw new Error(`${this.groupId} still has rules; ${this.standing}`);
      await sleep(pause, undefined, { signal });
    }
  }

  /** Whether the group has no rule. Removes the rules that it has. */
  private async isClosed(signal: AbortSignal): Promise<boolean> {
    const options = { abortSignal: signal };
    const command = new DescribeSecurityGroupsCommand({ GroupIds: [this.groupId] });
    const { SecurityGroups: [group] = [] } = await this.client.send(command, options);
    const { IpPermissions: inbound = [], IpPermissionsEgress: outbound = [] } = group;
    if (inbound.length > 0) {
      const revoke = new RevokeSecurityGroupIngressCommand({ GroupId: this.groupId, IpPermissions: inbound });
      await this.client.send(revoke, options);
      this.removed += countOf(inbound);
    }
    if (outbound.length > 0) {
      const revoke = new RevokeSecurityGroupEgressCommand({ GroupId: this.groupId, IpPermissions: outbound });
      await this.client.send(revoke, options);
      this.removed += countOf(outbound);
    }
    return inbound.length + outbound.length === 0;
  }
}

/** The number of rules: EC2 groups the rules of a protocol and its ports. */
function countOf(permissions: IpPermission[]): number {
  return permissions
    .flatMap(({ IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] }) =>
      [...IpRanges, ...Ipv6Ranges, ...PrefixListIds, ...UserIdGroupPairs])
    .length;
}
