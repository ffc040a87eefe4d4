import { above, alarming, below, of, quiet, Row, Rows, unknown } from './alarms';

// What the constructs that more than one example has want watched. Every number is written out: it is what the constants of the source have to come to.

export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 86_400;

/** Records that stop are the alarm itself: there is no metric of what did not arrive. */
export const silent = (logGroup: string): Row => ({ metrics: of('AWS/Logs', { LogGroupName: logGroup })('IncomingLogEvents', 'Sum', HOUR), ...below(1), ...alarming });

/** Nothing is backed up for a while, or a backup is refused: AWS Backup counts the jobs that failed. */
export const failedBackup = (vault: string): Row => ({
  metrics: of('AWS/Backup', { BackupVaultName: `${vault}.BackupVaultName` })('NumberOfBackupJobsFailed', 'Sum', HOUR), ...above(0), ...quiet,
});

/** A message is reported as often as it is looked for, so that a sum would count it many times: the most at once is how many there are. */
export const waiting = (queue: string): Row => ({ metrics: of('AWS/SQS', { QueueName: `${queue}.QueueName` })('ApproximateNumberOfMessagesVisible', 'Maximum'), ...above(0), ...quiet });

/** A function that ends with an error. */
export const erring = (handler: string): Row => ({ metrics: of('AWS/Lambda', { FunctionName: handler })('Errors', 'Sum'), ...above(0), ...quiet });

/** ACM reports twice a day, until the certificate has ended. */
export const certificate = (id: string): Row => ({ metrics: of('AWS/CertificateManager', { CertificateArn: id })('DaysToExpiry', 'Minimum', DAY), ...below(30), ...unknown });

/** A firewall reports by the name of its metric, one of CloudFront without a region. */
export const blocked = (dimensions: Record<string, string>): Row => ({
  metrics: of('AWS/WAFV2', { Rule: 'ALL', ...dimensions })('BlockedRequests', 'Sum'), ...above(1000), ...quiet,
});

/** What a load balancer reports of itself. */
export function entrance(loadBalancer: string): Rows {
  const metric = of('AWS/ApplicationELB', { LoadBalancer: `${loadBalancer}.LoadBalancerFullName` });
  return {
    EntranceLoadBalancerErrors: { metrics: metric('HTTPCode_ELB_5XX_Count', 'Sum'), ...above(10), ...quiet },
    EntranceSlowResponses: { metrics: metric('TargetResponseTime', 'Average'), ...above(1, 3), ...quiet },
    EntranceRejectedConnections: { metrics: metric('RejectedConnectionCount', 'Sum'), ...above(0), ...quiet },
  };
}

/** What the tasks of a service report. */
export function tasks(name: string, cluster: string, service: string): Rows {
  const metric = of('AWS/ECS', { ClusterName: cluster, ServiceName: `${service}.Name` });
  return {
    [`${name}CpuHigh`]: { metrics: metric('CPUUtilization', 'Average'), ...above(90, 3), ...quiet },
    [`${name}MemoryHigh`]: { metrics: metric('MemoryUtilization', 'Average'), ...above(90, 3), ...quiet },
    // Each task reports once a minute: the number of reports is the number of tasks, and no report is no task.
    [`${name}NoRunningTask`]: { metrics: metric('CPUUtilization', 'SampleCount', MINUTE), ...below(1, 3), ...alarming },
  };
}

/** A metric of a target group. The load balancer is named by the ARN of a listener, app/name/number, since the target group knows no more of it. */
export const ofTargets = (listener: string, targetGroup: string) => of('AWS/ApplicationELB', {
  LoadBalancer: [1, 2, 3].map((part) => `${listener}[${part}]`).join('/'),
  TargetGroup: `${targetGroup}.TargetGroupFullName`,
});

/** What the load balancer reports of the tasks of a service. */
export function targets(name: string, listener: string, targetGroup: string): Rows {
  const metric = ofTargets(listener, targetGroup);
  return {
    [`${name}UnhealthyTasks`]: { metrics: metric('UnHealthyHostCount', 'Maximum', MINUTE), ...above(0, 5), ...quiet },
    // Each zone reports for itself. Without a registered task none does, which must not pass for health.
    [`${name}NoHealthyTask`]: { metrics: metric('HealthyHostCount', 'Maximum', MINUTE), ...below(1, 3), ...alarming },
    [`${name}TargetErrors`]: { metrics: metric('HTTPCode_Target_5XX_Count', 'Sum'), ...above(10), ...quiet },
  };
}

/** What a rule of EventBridge could not hand over. */
export const undelivered = (rule: string) => of('AWS/Events', { RuleName: rule })('FailedInvocations', 'Sum');

/** Rolls after a rotation: given up on, or never asked for, by three rules. */
export function roller(name: string, queue: string, rules: string[]): Rows {
  expect(rules).toHaveLength(3);
  return {
    [`${name}RollGivenUp`]: waiting(queue),
    [`${name}RollNotRequested`]: {
      metrics: { compared: 'SUM(METRICS())', ...Object.fromEntries(rules.map((rule, index) => [`m${index}`, undelivered(rule).compared])) },
      ...above(0),
      ...quiet,
    },
  };
}
