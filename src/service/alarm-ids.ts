/**
 * The IDs of all alarms and notifications that the plan of a service can have.
 *
 * A log metric cannot have one of these names, because its alarm has the name of the metric.
 */
export const ALARM_IDS = [
  'CpuHigh',
  'MemoryHigh',
  'NoRunningTask',
  'UnhealthyTasks',
  'NoHealthyTask',
  'TargetErrors',
  'SlowP95',
  'RollFailed',
  'RollGivenUp',
  'RollNotRequested',
  'RollOverdue',
  'LoadBalancerErrors',
  'SlowResponses',
  'RejectedConnections',
  'CertificateExpiry',
  'BlockedSurge',
  'DeploymentFailed',
  'DeploymentFailedUndelivered',
];
