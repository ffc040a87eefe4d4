import { Arrived, Reply } from './fake-http';
import { FakeService } from './fake-service';

const NAMESPACE = 'http://autoscaling.amazonaws.com/doc/2011-01-01/';
const CHANGEABLE = ['InService', 'EnteringStandby', 'Standby'];
const MAX_INSTANCES = 50;

/** An instance of a group. */
export interface FakeInstance {
  state: string;
  isProtected: boolean;
}

/** An Auto Scaling group. */
export interface FakeGroup {
  protectsNew: boolean;
  instances: Record<string, FakeInstance>;
  hooks: string[];
  status?: string;
}

/** Auto Scaling groups in EC2 Auto Scaling. */
export class FakeAutoScaling extends FakeService {
  public readonly groups: Record<string, FakeGroup> = {};
  /** The changes of a group before a call. Each happens once. */
  public readonly meanwhile: Record<string, () => void> = {};
  /** The number of instances in each call that changed their protection. */
  public readonly batches: number[] = [];

  protected readonly changing = /^(Update|Delete|Set)/;

  protected callOf({ body }: Arrived): string {
    return new URLSearchParams(body.toString()).get('Action')!;
  }

  protected serve(call: string, { body }: Arrived): Reply {
    this.meanwhile[call]?.();
    delete this.meanwhile[call];
    const input = new URLSearchParams(body.toString());
    const name = input.get('AutoScalingGroupName') ?? input.get('AutoScalingGroupNames.member.1')!;
    const group = this.groups[name];
    // Only this call accepts a name that does not exist.
    if (call === 'DescribeAutoScalingGroups') return this.xml(call, groupsElement(name, group));
    if (!group) return this.failure('ValidationError: AutoScalingGroup name not found');
    switch (call) {
      case 'UpdateAutoScalingGroup':
        group.protectsNew = input.get('NewInstancesProtectedFromScaleIn') === 'true';
        return this.xml(call, '');
      case 'DescribeLifecycleHooks': return this.xml(call, hooksElement(group));
      case 'DeleteLifecycleHook': return this.deleteHook(group, input.get('LifecycleHookName')!);
      default: return this.protect(group, input);
    }
  }

  protected errorBody(code: string): string {
    const [type, message = 'as the service says it'] = code.split(': ');
    return `<ErrorResponse><Error><Code>${type}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  }

  private deleteHook(group: FakeGroup, name: string): Reply {
    if (!group.hooks.includes(name)) return this.failure('ValidationError: No Lifecycle Hook found');
    group.hooks = group.hooks.filter((hook) => hook !== name);
    return this.xml('DeleteLifecycleHook', '');
  }

  private protect(group: FakeGroup, input: URLSearchParams): Reply {
    const ids = [...input].filter(([key]) => key.startsWith('InstanceIds.member.')).map(([, id]) => id);
    if (ids.length > MAX_INSTANCES) return this.failure('ValidationError: too many instances');
    const unchangeable = ids.find((id) => !CHANGEABLE.includes(group.instances[id]?.state));
    if (unchangeable) {
      return this.failure(`ValidationError: The instance ${unchangeable} is not in InService or EnteringStandby or `
        + 'Standby.');
    }
    for (const id of ids) group.instances[id].isProtected = input.get('ProtectedFromScaleIn') === 'true';
    this.batches.push(ids.length);
    return this.xml('SetInstanceProtection', '');
  }

  private failure(code: string): Reply {
    return { status: 400, headers: { 'content-type': 'text/xml' }, body: this.errorBody(code) };
  }

  private xml(call: string, result: string): Reply {
    return {
      headers: { 'content-type': 'text/xml' },
      body: `<${call}Response xmlns="${NAMESPACE}"><${call}Result>${result}</${call}Result></${call}Response>`,
    };
  }
}

function groupsElement(name: string, group?: FakeGroup): string {
  if (!group) return '<AutoScalingGroups/>';
  const instances = Object.entries(group.instances).map(([id, { state, isProtected }]) =>
    `<member><InstanceId>${id}</InstanceId><LifecycleState>${state}</LifecycleState>`
    + `<ProtectedFromScaleIn>${isProtected}</ProtectedFromScaleIn></member>`);
  return `<AutoScalingGroups><member><AutoScalingGroupName>${name}</AutoScalingGroupName>`
    + (group.status ? `<Status>${group.status}</Status>` : '')
    + `<NewInstancesProtectedFromScaleIn>${group.protectsNew}</NewInstancesProtectedFromScaleIn>`
    + `<Instances>${instances.join('')}</Instances></member></AutoScalingGroups>`;
}

function hooksElement({ hooks }: FakeGroup): string {
  const members = hooks.map((hook) => `<member><LifecycleHookName>${hook}</LifecycleHookName></member>`);
  return `<LifecycleHooks>${members.join('')}</LifecycleHooks>`;
}
