import { setTimeout as sleep } from 'timers/promises';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeTasksCommand, ECSClient, RunTaskCommand, StopTaskCommand, Task } from '@aws-sdk/client-ecs';
import { MigrationProperties, STREAM_PREFIX } from './contract';
import { ANSWER_MARGIN, answer, CustomResourceRequest } from '../../blocks/custom-resource';

/** The part of the Lambda context that the handler uses. */
interface Invocation {
  getRemainingTimeInMillis(): number;
}

/** The number of attempts of the SDK after throttling and server errors. */
const SDK_ATTEMPTS = 8;
/** The pauses before another attempt, in milliseconds: doubled each time, about 30 seconds in total. */
const FIRST_PAUSE = 1_000;
const LAST_PAUSE = 16_000;
/** The longest pause between two lookups of a task, in milliseconds. */
const LONGEST_LOOK_PAUSE = 8_000;
/** The time for the call that stops a task, in milliseconds. */
const STOP_MARGIN = 15_000;
/** The lookups after which a task that ECS does not know is a failure: a new task is not visible immediately. */
const UNKNOWN_LOOKS = 5;
/** The maximum length of a reason of ECS, so that the answer contains the place of the log too. */
const MAX_REASON_LENGTH = 300;
/** The maximum length of `startedBy`. Source: the reference of `RunTask`. */
const MAX_STARTED_BY_LENGTH = 128;

/**
 * Runs a migration before the services that depend on the resource, and waits for its end.
 *
 * During a rollback it does nothing: the previous image does not know the migrations of the failed version. A deletion
 * does nothing either.
 */
export async function handler(
  request: CustomResourceRequest<MigrationProperties>, invocation: Invocation,
): Promise<void> {
  const timeLeft = invocation.getRemainingTimeInMillis() - ANSWER_MARGIN;
  const run = new MigrationRun(request, Date.now() + timeLeft - STOP_MARGIN);
  await answer(request, {
    physicalId: () => request.PhysicalResourceId ?? `migration/${request.LogicalResourceId}`,
    standing: () => run.standing,
    timeLeft,
    run: (signal) => (request.RequestType === 'Delete' ? Promise.resolve() : run.finish(signal)),
  });
}

class MigrationRun {
  private readonly ecs = new ECSClient({ maxAttempts: SDK_ATTEMPTS });
  private readonly cloudFormation = new CloudFormationClient({ maxAttempts: SDK_ATTEMPTS });
  private readonly properties: MigrationProperties;
  private taskArn?: string;

  /** @param latestEnd the time at which the run must end, in milliseconds */
  constructor(
    private readonly request: CustomResourceRequest<MigrationProperties>, private readonly latestEnd: number,
  ) {
    this.properties = request.ResourceProperties;
  }

  /** The progress, for the reason of a failure. */
  public get standing(): string {
    return this.taskArn ? `task ${this.taskArn}. ${this.whereLogIs}` : 'no task was started';
  }

  public async finish(signal: AbortSignal): Promise<void> {
    const status = await whenAllowed(() => this.stackStatus(signal), signal);
    if (status.includes('ROLLBACK')) return console.log(JSON.stringify({ skipped: status }));
    const task = await whenAllowed(() => this.start(signal), signal);
    const end = Math.min(Date.now() + Number(this.properties.TimeoutSeconds) * 1_000, this.latestEnd);
    const stopped = await this.waitUntilStopped(task, end, signal);
    if (!stopped) await this.stop(signal);
    else this.judge(stopped);
  }

  private async stackStatus(abortSignal: AbortSignal): Promise<string> {
    const command = new DescribeStacksCommand({ StackName: this.request.StackId });
    const { Stacks: [stack] = [] } = await this.cloudFormation.send(command, { abortSignal });
    return stack.StackStatus ?? '';
  }

  /** Starts the task. A repeated request has the same token, for which ECS returns the same task. */
  private async start(abortSignal: AbortSignal): Promise<Task> {
    const { Cluster, TaskDefinition, Subnets, SecurityGroup } = this.properties;
    const { tasks: [task] = [], failures = [] } = await this.ecs.send(new RunTaskCommand({
      cluster: Cluster,
      taskDefinition: TaskDefinition,
      launchType: 'FARGATE',
      count: 1,
      clientToken: this.request.RequestId,
      startedBy: `cloudformation/${this.request.LogicalResourceId}`.slice(0, MAX_STARTED_BY_LENGTH),
      networkConfiguration: {
        awsvpcConfiguration: { subnets: Subnets, securityGroups: [SecurityGroup], assignPublicIp: 'DISABLED' },
      },
    }), { abortSignal });
    if (!task) {
      const reasons = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': '));
      throw new Error(`ECS started no task: ${reasons.join(', ') || 'it named no reason'}`);
    }
    this.taskArn = task.taskArn;
    console.log(JSON.stringify({ task: task.taskArn }));
    return task;
  }

  /** Returns the stopped task, or undefined if it still runs at the end of the time. */
  private async waitUntilStopped(started: Task, end: number, signal: AbortSignal): Promise<Task | undefined> {
    let task: Task | undefined = started;
    let unknown = 0;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_LOOK_PAUSE)) {
      if (task?.lastStatus === 'STOPPED') return task;
      const left = end - Date.now();
      if (left <= 0) return undefined;
      await sleep(Math.min(pause, left), undefined, { signal });
      task = await this.look(signal);
      unknown = task ? 0 : unknown + 1;
      if (unknown === UNKNOWN_LOOKS) throw new Error(`ECS does not know the task; ${this.standing}`);
    }
  }

  private async look(abortSignal: AbortSignal): Promise<Task | undefined> {
    const command = new DescribeTasksCommand({ cluster: this.properties.Cluster, tasks: [this.taskArn!] });
    return (await this.ecs.send(command, { abortSignal })).tasks?.[0];
  }

  private async stop(abortSignal: AbortSignal): Promise<never> {
    const reason = `The migration did not end within its timeout of ${this.properties.TimeoutSeconds} seconds`;
    const command = new StopTaskCommand({ cluster: this.properties.Cluster, task: this.taskArn, reason });
    const outcome = await this.ecs.send(command, { abortSignal })
      .then(() => 'was stopped', (error: Error) => `could not be stopped (${error.name})`);
    throw new Error(`${reason} and ${outcome}; ${this.standing}`);
  }

  private judge({ containers = [], stoppedReason }: Task): void {
    const { exitCode, reason } = containers.find(({ name }) => name === this.properties.Container) ?? {};
    if (exitCode === 0) return console.log(JSON.stringify({ task: this.taskArn, exitCode }));
    const outcome = exitCode === undefined ? 'did not start' : `failed with exit code ${exitCode}`;
    const reasons = [stoppedReason, reason].filter(Boolean).join(': ').slice(0, MAX_REASON_LENGTH);
    throw new Error(`The migration ${outcome} (${reasons || 'ECS named no reason'}); ${this.standing}`);
  }

  private get whereLogIs(): string {
    const { Container, LogGroup } = this.properties;
    const stream = `${STREAM_PREFIX}/${Container}/${this.taskArn!.split('/').at(-1)}`;
    return `Read the log stream ${stream} of the log group ${LogGroup}`;
  }
}

/** Repeats a call until a new or changed role has its permissions: they take effect after a delay. */
async function whenAllowed<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let pause = FIRST_PAUSE; ; pause *= 2) {
    try {
      return await call();
    } catch (error) {
      if (pause > LAST_PAUSE || !isRoleTooNew(error as Error)) throw error;
      await sleep(pause, undefined, { signal });
    }
  }
}

/** Whether a role is not yet known: that of the function to a service, or those of the task to ECS. */
function isRoleTooNew({ name, message }: Error): boolean {
  return ['AccessDenied', 'AccessDeniedException'].includes(name) || /unable to assume the role/i.test(message);
}
