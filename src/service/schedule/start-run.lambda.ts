import { createHash } from 'crypto';
import { ECSClient, ListTasksCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import { ScheduledStart, StartEnvironment } from './contract';

/** The number of attempts of the SDK after throttling and server errors. */
const SDK_ATTEMPTS = 8;

/**
 * Starts a scheduled run, once for each scheduled time.
 *
 * EventBridge Scheduler and Lambda can deliver an event twice. Lambda repeats a failed event twice, and then moves it
 * to the dead-letter queue.
 */
export async function handler({ schedule, time }: ScheduledStart): Promise<void> {
  const ecs = new ECSClient({ maxAttempts: SDK_ATTEMPTS });
  const { CLUSTER: cluster, FAMILY: family, ALLOW_OVERLAP } = process.env as unknown as StartEnvironment;
  // The longest client token has 64 characters.
  const token = createHash('sha256').update(`${schedule} ${time}`).digest('hex');
  if (await isRunning(ecs, { cluster, startedBy: token })) return log({ time, repeated: true });
  if (ALLOW_OVERLAP !== 'true' && await isRunning(ecs, { cluster, family })) {
    throw new Error(`the run of ${time} did not start, because another task of ${family} still runs`);
  }
  log({ time, task: await start(ecs, token, time) });
}

type TaskFilter = { readonly cluster: string; readonly family?: string; readonly startedBy?: string };

/** Whether ECS runs or starts a task. ECS accepts `startedBy` only without another filter. */
async function isRunning(ecs: ECSClient, filter: TaskFilter): Promise<boolean> {
  const command = new ListTasksCommand({ ...filter, desiredStatus: 'RUNNING', maxResults: 1 });
  const { taskArns = [] } = await ecs.send(command);
  return taskArns.length > 0;
}

/** Starts the task. For a token that it knows, ECS returns the same task and starts none. */
async function start(ecs: ECSClient, token: string, time: string): Promise<string> {
  const { CLUSTER, TASK_DEFINITION, SUBNETS, SECURITY_GROUP } = process.env as unknown as StartEnvironment;
  const { tasks: [task] = [], failures = [] } = await ecs.send(new RunTaskCommand({
    cluster: CLUSTER,
    taskDefinition: TASK_DEFINITION,
    launchType: 'FARGATE',
    count: 1,
    clientToken: token,
    startedBy: token,
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: SUBNETS.split(','), securityGroups: [SECURITY_GROUP], assignPublicIp: 'DISABLED',
      },
    },
  }));
  if (task) return task.taskArn!;
  const reasons = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': ')).join('; ');
  throw new Error(`the run of ${time} did not start (${reasons || 'ECS named no reason'})`);
}

function log(line: object): void {
  console.log(JSON.stringify(line));
}
