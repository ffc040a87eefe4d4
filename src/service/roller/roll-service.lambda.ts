import {
  DescribeServicesCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  ServiceDeploymentStatus,
  ServiceNotActiveException,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  DescribeSecretCommand,
  paginateListSecretVersionIds,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  deployedAt,
  DeploymentState,
  FAILED,
  isFailed,
  isStale,
  notDeployable,
  rollDecision,
  RUNNING,
  SecretState,
  ServiceState,
} from './roll-decision';
import { rollFailedLine } from './roll-metric';
import { RollRequest } from './roll-request';
import { UtcWindow } from '../../core/utc-window';

/** The largest page of `ListServiceDeployments`. */
const MAX_RESULTS = 100;

const ecs = new ECSClient();
const secretsManager = new SecretsManagerClient();

/** A batch of requests from the queue. */
export interface RequestBatch {
  readonly Records: ReadonlyArray<{ readonly messageId: string; readonly body: string }>;
}

/** The requests that the queue delivers again. */
export interface BatchResult {
  readonly batchItemFailures: Array<{ readonly itemIdentifier: string }>;
}

/**
 * Forces a new deployment of each service in the batch that needs one to read rotated secrets.
 *
 * An event can arrive twice, late, or never, so the function compares states and uses only the settings of a request.
 * Several requests with the same settings are one check. The queue delivers the requests of a service one batch at a
 * time. If a check fails, only its requests are repeated.
 */
export const handler = async (batch: RequestBatch): Promise<BatchResult> => {
  const checks = new Map<string, { request: RollRequest; messageIds: string[] }>();
  for (const { messageId, body } of batch.Records) {
    const { event: _, ...request }: RollRequest = JSON.parse(body);
    const key = JSON.stringify(request);
    const check = checks.get(key) ?? { request, messageIds: [] };
    checks.set(key, { request, messageIds: [...check.messageIds, messageId] });
  }
  const failures: string[] = [];
  for (const { request, messageIds } of checks.values()) {
    try {
      await rollIfNeeded(request);
    } catch (error) {
      console.error({ service: request.service, error });
      failures.push(...messageIds);
    }
  }
  return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
};

async function rollIfNeeded(request: RollRequest): Promise<void> {
  const window = UtcWindow.parse(request.window);
  if (!window) throw new Error(`maintenanceWindow must be a UTC window, got '${request.window}'`);
  const now = new Date();
  const service = await describeService(request);
  const results = await Promise.allSettled([
    ...request.breaking.map((arn) => describeSecret(arn, false)),
    ...request.overlapping.map((arn) => describeSecret(arn, true)),
  ]);
  const described = results.flatMap((result) => result.status === 'fulfilled' ? [result.value] : []);
  const deployable = !notDeployable(service);
  const deployments = deployable ? await listDeployments(request, described) : [];
  const secrets = await Promise.all(described.map((secret) => {
    const waits = deployable && secret.overlaps && isStale(secret, deployedAt(service!), deployments);
    return waits ? withVersions(secret) : secret;
  }));
  const { roll, because, failed } = rollDecision({ service, secrets, deployments, window, now });
  console.log(JSON.stringify({ service: request.service, roll, because }));
  if (roll) await forceDeployment(request);
  // Not through console.log, which wraps the line so that CloudWatch does not recognize the metric.
  if (failed !== undefined) process.stdout.write(`${rollFailedLine(request.service, failed, now)}\n`);
  // A secret that cannot be described must not prevent a deployment for the others, but the failure must raise the
  // alarm.
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}

async function describeService({ cluster, service }: RollRequest): Promise<ServiceState | undefined> {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
  return services?.[0];
}

/** The deployments since the first rotation that failed or are in progress. If one failed, also the successful ones. */
async function listDeployments(request: RollRequest, secrets: SecretState[]): Promise<DeploymentState[]> {
  const rotations = secrets.flatMap(({ rotatedAt }) => rotatedAt ? [rotatedAt.getTime()] : []);
  if (rotations.length === 0) return [];
  const after = new Date(Math.min(...rotations));
  const unsuccessful = await deploymentsIn(request, [...FAILED, ...RUNNING], after);
  if (!unsuccessful.some(({ status }) => isFailed(status))) return unsuccessful;
  return [...unsuccessful, ...await deploymentsIn(request, ['SUCCESSFUL'], after)];
}

async function deploymentsIn(
  { cluster, service }: RollRequest, status: ServiceDeploymentStatus[], after: Date,
): Promise<DeploymentState[]> {
  const found: DeploymentState[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ecs.send(new ListServiceDeploymentsCommand({
      cluster, service, status, createdAt: { after }, maxResults: MAX_RESULTS, nextToken,
    }));
    found.push(...page.serviceDeployments ?? []);
    nextToken = page.nextToken;
  } while (nextToken);
  return found;
}

async function describeSecret(secretArn: string, overlaps: boolean): Promise<SecretState & { arn: string }> {
  const { CreatedDate, LastRotatedDate, NextRotationDate } =
    await secretsManager.send(new DescribeSecretCommand({ SecretId: secretArn }));
  const rotations = { rotatedAt: LastRotatedDate, nextRotation: NextRotationDate };
  return { arn: secretArn, overlaps, createdAt: CreatedDate, ...rotations };
}

/** Adds the times at which the values of a secret that can wait for the window were created. */
async function withVersions(secret: SecretState & { arn: string }): Promise<SecretState> {
  const createdAt = new Map<string, Date | undefined>();
  for await (const { Versions } of paginateListSecretVersionIds({ client: secretsManager }, { SecretId: secret.arn })) {
    for (const { VersionStages = [], CreatedDate } of Versions ?? []) {
      for (const stage of VersionStages) createdAt.set(stage, CreatedDate);
    }
    if (createdAt.has('AWSPREVIOUS') && createdAt.has('AWSCURRENT')) break;
  }
  return { ...secret, previousCreatedAt: createdAt.get('AWSPREVIOUS'), currentCreatedAt: createdAt.get('AWSCURRENT') };
}

async function forceDeployment({ cluster, service }: RollRequest): Promise<void> {
  try {
    await ecs.send(new UpdateServiceCommand({ cluster, service, forceNewDeployment: true }));
  } catch (error) {
    // The service was deleted or drained after DescribeServices: there is nothing to deploy.
    if (!(error instanceof ServiceNotActiveException)) throw error;
  }
}
