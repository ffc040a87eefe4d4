import { Template } from 'aws-cdk-lib/assertions';
import { enhancedMonitoring } from './database';
import { ALARM, databaseId, DB_PROXY, deadLetters, isCluster, jobs, TOPIC } from './parts';
import { PARAMETERS } from '../../../../examples/backend/parameters';
import { above, alarming, below, fires, MINUTE, of, quiet, unknown } from '../../../support/template/alarms';
import { backupsAreWatched } from '../../../support/template/backups';
import { all, only, ref, rotatingKeys, theOne } from '../../../support/template/reading';

const GIBIBYTE = 2 ** 30;
const kindOf = (template: Template) => (isCluster(template) ? 'cluster' : 'db');

/** Every alarm that a person handles notifies an encrypted topic with a subscriber. */
export function topicHasASubscriber(template: Template) {
  const topic = ref(only(template, TOPIC));
  expect(rotatingKeys(template)).toContainEqual(theOne(TOPIC)(template).KmsMasterKeyId);
  expect(theOne('AWS::SNS::Subscription')(template))
    .toEqual({ TopicArn: topic, Protocol: 'email', Endpoint: PARAMETERS.alarmEmail });
  const ofPeople = Object.entries(template.findResources(ALARM)).filter(([id]) => id.startsWith('Monitoring'));
  expect(ofPeople.length).toBeGreaterThan(50);
  for (const [, { Properties }] of ofPeople) {
    expect({ actions: Properties.AlarmActions, enabled: Properties.ActionsEnabled })
      .toEqual({ actions: [topic], enabled: true });
  }
}

/** CPU, memory, connections and the lag of the reader, for 15 minutes. The memory is that of 4 ACUs. */
function clusterMetrics(template: Template) {
  const metric = (name: string, statistic = 'Maximum') =>
    of('AWS/RDS', { DBClusterIdentifier: databaseId(template) })(name, statistic, MINUTE);
  fires(template, 'DatabaseCpu', { metrics: metric('CPUUtilization'), ...above(80, 15), ...alarming });
  fires(template, 'DatabaseFreeMemory', {
    metrics: metric('FreeableMemory', 'Minimum'), ...below(Math.floor(0.05 * 8 * GIBIBYTE), 15), ...unknown,
  });
  fires(template, 'DatabaseConnections', { metrics: metric('DatabaseConnections'), ...above(580, 15), ...quiet });
  fires(template, 'DatabaseReplicaLag', { metrics: metric('AuroraReplicaLagMaximum'), ...above(2000, 15), ...quiet });
}

/** CPU, memory, connections and storage, for 15 or 30 minutes. */
function instanceMetrics(template: Template) {
  const metric = of('AWS/RDS', { DBInstanceIdentifier: databaseId(template) });
  fires(template, 'DatabaseCpu', { metrics: metric('CPUUtilization', 'Average'), ...above(80, 3), ...alarming });
  fires(template, 'DatabaseFreeMemory', {
    metrics: metric('FreeableMemory', 'Minimum'), ...below(Math.floor(0.05 * 4 * GIBIBYTE), 3), ...unknown,
  });
  fires(template, 'DatabaseConnections', {
    metrics: metric('DatabaseConnections', 'Maximum'), ...above(278, 3), ...quiet,
  });
  fires(template, 'DatabaseFreeStorage', {
    metrics: metric('FreeStorageSpace', 'Minimum'), ...below(0.1 * 20 * GIBIBYTE, 6), ...unknown,
  });
}

/** The metrics of the database, and whether the proxy reaches it. */
export function databaseMetrics(template: Template) {
  if (isCluster(template)) clusterMetrics(template);
  else instanceMetrics(template);
  const ofProxy = of('AWS/RDS', {
    ProxyName: only(template, DB_PROXY), TargetGroup: 'default', TargetRole: 'READ_WRITE',
  });
  fires(template, 'DatabaseProxyTarget', {
    metrics: ofProxy('AvailabilityPercentage', 'Average', MINUTE), ...below(100, 5), ...alarming,
  });
  topicHasASubscriber(template);
}

/** Alarms on failed, aborted, expired and missing backups. */
export function backupMetrics(template: Template) {
  backupsAreWatched(template, databaseId(template), kindOf(template));
  topicHasASubscriber(template);
}

/** Metrics of the operating system, with the alarms on CPU and memory. */
export function operatingSystem(template: Template) {
  enhancedMonitoring(template);
  databaseMetrics(template);
}

/** Alarms on jobs that wait for 30 minutes, and on jobs that failed. */
export function queueMetrics(template: Template) {
  const metric = (queue: string, name: string) => of('AWS/SQS', { QueueName: `${queue}.QueueName` })(name, 'Maximum');
  fires(template, 'JobsOldestJob', {
    metrics: metric(jobs(template), 'ApproximateAgeOfOldestMessage'), ...above(1800), ...quiet,
  });
  fires(template, 'JobsDeadLetters', {
    metrics: metric(deadLetters(template), 'ApproximateNumberOfMessagesVisible'), ...above(0), ...quiet,
  });
}

export function everyAlarm(template: Template) {
  databaseMetrics(template);
  backupMetrics(template);
  expect(all(template, 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
}
