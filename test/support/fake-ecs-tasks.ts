import { Arrived, Reply } from './fake-http';
import { ACCOUNT, FakeService, REGION } from './fake-service';

/** A container of a task, as ECS describes it. */
interface FakeContainer {
  readonly name: string;
  readonly exitCode?: number;
  readonly reason?: string;
}

interface FakeTask {
  readonly arn: string;
  readonly input: RunTaskInput;
  stoppedReason?: string;
  containers: FakeContainer[];
}

interface RunTaskInput {
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly clientToken: string;
}

const CLUSTER_NAME = 'clinic';

/** One-off tasks in ECS, and the status of a stack in CloudFormation. */
export class FakeEcsTasks extends FakeService {
  /** The status of the stack whose deployment runs the task. */
  public stackStatus = 'UPDATE_IN_PROGRESS';
  /** The tasks by the token of their request. */
  public readonly tasks = new Map<string, FakeTask>();
  /** The inputs of all calls that ECS received. */
  public readonly inputs: Array<Record<string, unknown>> = [];
  /** The reasons for which ECS starts no task. */
  public refusals: Array<{ reason: string; detail?: string }> = [];
  /** How a task ends after `looks` descriptions. Undefined: it does not end. */
  public end: { stoppedReason: string; containers: FakeContainer[] } | undefined;
  /** The number of descriptions for which ECS does not know a new task. */
  public unknownFor = 0;

  protected readonly changing = /^(Run|Stop)Task$/;

  protected callOf({ headers, body }: Arrived): string {
    const target = headers['x-amz-target'];
    return target ? String(target).split('.')[1] : new URLSearchParams(body.toString()).get('Action')!;
  }

  protected serve(call: string, { body }: Arrived): Reply {
    if (call === 'DescribeStacks') return this.describeStacks(new URLSearchParams(body.toString()).get('StackName')!);
    const input = JSON.parse(body.toString());
    this.inputs.push(input);
    if (call === 'RunTask') return this.run(input);
    return call === 'StopTask' ? this.stopTask(input) : this.describe(input);
  }

  protected errorBody(code: string): string {
    const [type, message = 'as the service says it'] = code.split(': ');
    return this.calls.at(-1) === 'DescribeStacks'
      ? `<ErrorResponse><Error><Code>${type}</Code><Message>${message}</Message></Error></ErrorResponse>`
      : super.errorBody(code);
  }

  private describeStacks(name: string): Reply {
    return {
      headers: { 'content-type': 'text/xml' },
      body: '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult>'
        + `<Stacks><member><StackName>Stack</StackName><StackId>${name}</StackId>`
        + `<StackStatus>${this.stackStatus}</StackStatus></member></Stacks>`
        + '</DescribeStacksResult></DescribeStacksResponse>',
    };
  }

  private run(input: RunTaskInput): Reply {
    if (this.refusals.length > 0) return this.json({ tasks: [], failures: this.refusals });
    const known = this.tasks.get(input.clientToken);
    const arn = `arn:aws:ecs:${REGION}:${ACCOUNT}:task/${CLUSTER_NAME}/task${this.tasks.size + 1}`;
    const task: FakeTask = known ?? { arn, input, containers: [] };
    this.tasks.set(input.clientToken, task);
    return this.json({ tasks: [this.stateOf(task)], failures: [] });
  }

  private stopTask({ task: arn, reason }: { task: string; reason: string }): Reply {
    const task = this.taskOf(arn)!;
    task.stoppedReason = reason;
    return this.json({ task: this.stateOf(task) });
  }

  private describe({ tasks: [arn] }: { tasks: string[] }): Reply {
    const task = this.taskOf(arn);
    if (!task || this.unknownFor-- > 0) return this.json({ tasks: [], failures: [{ arn, reason: 'MISSING' }] });
    if (this.end && --this.looks <= 0) Object.assign(task, this.end);
    return this.json({ tasks: [this.stateOf(task)], failures: [] });
  }

  private taskOf(arn: string): FakeTask | undefined {
    return [...this.tasks.values()].find((task) => task.arn === arn);
  }

  private stateOf({ arn, stoppedReason, containers }: FakeTask): object {
    const lastStatus = stoppedReason === undefined ? 'RUNNING' : 'STOPPED';
    return { taskArn: arn, lastStatus, stoppedReason, containers };
  }
}
