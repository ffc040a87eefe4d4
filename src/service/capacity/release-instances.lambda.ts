import { setTimeout as sleep } from 'timers/promises';
import {
  AutoScalingClient, AutoScalingGroup, DeleteLifecycleHookCommand, DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand, Instance, SetInstanceProtectionCommand, UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { ReleasedInstancesProperties } from './released-instances-contract';
import { answer, ANSWER_MARGIN, CustomResourceRequest } from '../../blocks/custom-resource';

/** The part of the Lambda context that the handler uses. */
interface Invocation {
  getRemainingTimeInMillis(): number;
}

/** The number of attempts of the SDK after throttling and server errors. */
const SDK_ATTEMPTS = 8;
/** The pauses before another attempt, in milliseconds: doubled each time, about two minutes in total. */
const FIRST_PAUSE = 1_000;
const LAST_PAUSE = 64_000;
/**
 * The number of instances in one call.
 * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceProtection.html
 */
const MAX_INSTANCES = 50;
/**
 * The hook of managed draining. Without ECS, it keeps each instance for its heartbeat timeout.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/enable-managed-instance-draining.html
 */
const DRAINING_HOOK = 'ecs-managed-draining-termination-hook';
/** The states in which the protection of an instance can be changed. */
const CHANGEABLE = ['InService', 'EnteringStandby', 'Standby'];
/** The states of an instance that is about to be in service. */
const STARTING = /^Pending/;

/**
 * Makes an Auto Scaling group deletable, when the resource is deleted: no instance is protected from scale-in, and no
 * termination waits for ECS.
 *
 * A creation and an update change nothing. An update to another group has another physical ID, so that CloudFormation
 * sends a deletion for the old one.
 */
export async function handler(
  request: CustomResourceRequest<ReleasedInstancesProperties>, invocation: Invocation,
): Promise<void> {
  const { AutoScalingGroupName: name } = request.ResourceProperties;
  const isDeletion = request.RequestType === 'Delete';
  const release = new Release(name);
  await answer(request, {
    physicalId: () => (isDeletion ? request.PhysicalResourceId : undefined) ?? `released-instances/${name}`,
    standing: () => release.standing,
    timeLeft: invocation.getRemainingTimeInMillis() - ANSWER_MARGIN,
    run: (signal) => (isDeletion ? release.run(signal) : Promise.resolve()),
  });
}

class Release {
  private readonly client = new AutoScalingClient({ maxAttempts: SDK_ATTEMPTS });
  private released = 0;

  constructor(private readonly name: string) {}

  /** The progress, for the log of a failure. */
  public get standing(): string {
    return `${this.released} instances of ${this.name} were released`;
  }

  /**
   * Releases the instances, and reads the group again until nothing is left to do.
   *
   * Each attempt continues after the previous one, also after an error: an instance can start or stop between two
   * calls, and the permissions of a new role take effect after a delay.
   */
  public async run(signal: AbortSignal): Promise<void> {
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      let problem = `${this.name} still has protected instances`;
      try {
        if (await this.isReleased(signal)) {
          return console.log(JSON.stringify({ group: this.name, released: this.released }));
        }
      } catch (error) {
        problem = `${(error as Error).name}: ${(error as Error).message}`;
      }
      if (pause > LAST_PAUSE) throw new Error(`${problem}; ${this.standing}`);
      await sleep(pause, undefined, { signal });
    }
  }

  /** Whether the group can be deleted, or does not exist. Otherwise changes what prevents it. */
  private async isReleased(signal: AbortSignal): Promise<boolean> {
    const options = { abortSignal: signal };
    const { AutoScalingGroups: [group] = [] } = await this.client.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [this.name] }), options,
    );
    // The status is set only while the group is being deleted.
    if (!group || group.Status) return true;
    const changes = [
      await this.allowScaleIn(group, signal),
      await this.deleteHook(signal),
      await this.removeProtection(group.Instances ?? [], signal),
    ];
    return !changes.includes(true);
  }

  /** Changes the group, so that later instances are not protected. */
  private async allowScaleIn({ NewInstancesProtectedFromScaleIn }: AutoScalingGroup, signal: AbortSignal) {
    if (!NewInstancesProtectedFromScaleIn) return false;
    const update = { AutoScalingGroupName: this.name, NewInstancesProtectedFromScaleIn: false };
    await this.client.send(new UpdateAutoScalingGroupCommand(update), { abortSignal: signal });
    return true;
  }

  /** Deletes the hook of ECS, which also ends the wait of instances that are terminating. */
  private async deleteHook(signal: AbortSignal) {
    const options = { abortSignal: signal };
    const group = { AutoScalingGroupName: this.name };
    const { LifecycleHooks = [] } = await this.client.send(new DescribeLifecycleHooksCommand(group), options);
    if (!LifecycleHooks.some(({ LifecycleHookName }) => LifecycleHookName === DRAINING_HOOK)) return false;
    const hook = { ...group, LifecycleHookName: DRAINING_HOOK };
    await this.client.send(new DeleteLifecycleHookCommand(hook), options);
    return true;
  }

  /** Removes the protection of instances. One that starts is protected until a later attempt. */
  private async removeProtection(instances: Instance[], signal: AbortSignal) {
    const held = instances.filter(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn);
    const ids = held.filter(({ LifecycleState }) => CHANGEABLE.includes(LifecycleState!))
      .map(({ InstanceId }) => InstanceId!);
    for (let start = 0; start < ids.length; start += MAX_INSTANCES) {
      const batch = ids.slice(start, start + MAX_INSTANCES);
      await this.client.send(new SetInstanceProtectionCommand({
        AutoScalingGroupName: this.name, InstanceIds: batch, ProtectedFromScaleIn: false,
      }), { abortSignal: signal });
      this.released += batch.length;
    }
    return ids.length > 0 || held.some(({ LifecycleState }) => STARTING.test(LifecycleState!));
  }
}
