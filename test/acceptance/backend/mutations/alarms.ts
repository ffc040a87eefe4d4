import {
  about, Change, edit, Properties, remove, set, wrongAlarms as wrongAlarms_,
} from '../../../support/template/mutations';
import * as compute from '../proof/compute';
import * as monitoring from '../proof/monitoring';
import { ALARM, SCALING, TOPIC } from '../proof/parts';
import { Proof } from '../proof/system';
import * as whole from '../proof/whole';

/** A change, with the proof that it must fail. */
export type Break = [Proof, string, Change];

const wrongAlarms = (proof: Proof, ...parts: string[]): Break[] =>
  wrongAlarms_(...parts).map(([what, change]) => [proof, what, change]);
/** Changes the tracked metric of the worker. */
const backlog = (change: (metrics: Properties[]) => void) => edit(SCALING, (policy) =>
  change(policy.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics), about('Backlog'));
const steps = (part: string, ScalingAdjustment: number) => edit(SCALING, ({ StepScalingPolicyConfiguration }) => {
  StepScalingPolicyConfiguration.StepAdjustments[0].ScalingAdjustment = ScalingAdjustment;
}, about(part));

export const ALARM_BREAKS: Break[] = [
  ...wrongAlarms(monitoring.databaseMetrics, 'DatabaseCpu', 'DatabaseFreeMemory', 'DatabaseConnections',
    'DatabaseProxyTarget'),
  [monitoring.databaseMetrics, 'no subscriber', remove('AWS::SNS::Subscription')],
  [monitoring.databaseMetrics, 'another recipient', set('AWS::SNS::Subscription', { Endpoint: 'x@example.com' })],
  [monitoring.databaseMetrics, 'a plain topic', edit(TOPIC, (topic) => delete topic.KmsMasterKeyId)],
  ...wrongAlarms(monitoring.backupMetrics, 'DatabaseBackupFailed', 'DatabaseBackupAborted', 'DatabaseBackupExpired',
    'DatabaseBackupMissing'),
  ...wrongAlarms(compute.deadLetterQueue, 'JobsOldestJob', 'JobsDeadLetters'),
  [whole.everything, 'no alarm on the clean-up', remove(ALARM, about('CleanupRunNotStarted'))],
  [whole.everything, 'an alarm at ten runs', set(ALARM, { Threshold: 10 }, about('CleanupRunNotStarted'))],

  ...wrongAlarms(compute.scales, 'TargetJobsWithoutTask', 'TargetNoJobs').filter(([, what]) => !/disabled/.test(what)),
  [compute.scales, 'waiting jobs alone', backlog((metrics) => { metrics.at(-1)!.Expression = 'waiting / tasks'; })],
  [compute.scales, 'another queue', backlog(([{ MetricStat: { Metric } }]) => {
    Metric.Dimensions[0].Value = 'other';
  })],
  [compute.scales, 'the tasks of another service', backlog(([, , { MetricStat: { Metric } }]) => {
    Metric.Dimensions[1].Value = 'other';
  })],
  [compute.scales, 'the average of the queue', backlog(([{ MetricStat }]) => { MetricStat.Stat = 'Average'; })],
  [compute.scales, 'a hundred jobs for each task', edit(SCALING, ({ TargetTrackingScalingPolicyConfiguration }) => {
    TargetTrackingScalingPolicyConfiguration.TargetValue = 100;
  }, about('Backlog'))],
  [compute.scales, 'a worker that never stops', edit(SCALING, ({ TargetTrackingScalingPolicyConfiguration }) => {
    TargetTrackingScalingPolicyConfiguration.DisableScaleIn = true;
  }, about('Backlog'))],
  [compute.scales, 'no first task', steps('FromZero', 0)],
  [compute.scales, 'a last task that stays', steps('ToZero', 1)],
  [compute.scales, 'another service', edit('AWS::ApplicationAutoScaling::ScalableTarget', (target) => {
    target.ResourceId = 'service/other/other';
  })],
];
