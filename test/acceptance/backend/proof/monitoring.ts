import { Template } from 'aws-cdk-lib/assertions';
import { enhancedMonitoring } from './database';
import { ALARM, databaseId, DB_PROXY, deadLetters, isCluster, jobs, TOPIC } from './parts';
import { alarms, all, attribute, only, ref } from '../../../support/template/reading';

/** An alarm of this metric exists, and notifies the topic. */
function watched(template: Template, wanted: object) {
  const topic = ref(only(template, TOPIC));
  expect(alarms(template)).toContainEqual(expect.objectContaining({ ...wanted, actions: [topic] }));
}

/** Every alarm that a person handles notifies an encrypted topic with a subscriber. */
export function topicHasASubscriber(template: Template) {
  const topic = ref(only(template, TOPIC));
  template.hasResourceProperties('AWS::SNS::Subscription', { TopicArn: topic, Protocol: 'email' });
  const ofPeople = Object.entries(template.findResources(ALARM)).filter(([id]) => id.startsWith('Monitoring'));
  expect(ofPeople.length).toBeGreaterThan(50);
  for (const [, { Properties }] of ofPeople) {
    expect({ actions: Properties.AlarmActions, enabled: Properties.ActionsEnabled })
      .toEqual({ actions: [topic], enabled: true });
  }
}

/** CPU, memory, connections, and whether the proxy reaches the database. For an instance, also the storage. */
export function databaseMetrics(template: Template) {
  const name = isCluster(template) ? 'DBClusterIdentifier' : 'DBInstanceIdentifier';
  const dimensions = { [name]: ref(databaseId(template)) };
  const metrics = [
    'CPUUtilization', 'FreeableMemory', 'DatabaseConnections', ...(isCluster(template) ? [] : ['FreeStorageSpace']),
  ];
  for (const metric of metrics) {
    watched(template, { namespace: 'AWS/RDS', metric, dimensions: expect.objectContaining(dimensions) });
  }
  watched(template, {
    metric: 'AvailabilityPercentage',
    dimensions: expect.objectContaining({ ProxyName: ref(only(template, DB_PROXY)) }),
  });
  topicHasASubscriber(template);
}

/** Alarms on failed, aborted, expired and missing backups. */
export function backupMetrics(template: Template) {
  const BackupVaultName = attribute(only(template, 'AWS::Backup::BackupVault'), 'BackupVaultName');
  for (const state of ['Failed', 'Aborted', 'Expired']) {
    watched(template, { metric: `NumberOfBackupJobs${state}`, dimensions: { BackupVaultName } });
  }
  const missing = Object.entries(template.findResources(ALARM)).filter(([id]) => id.includes('DatabaseBackupMissing'));
  expect(missing).toHaveLength(1);
  expect(JSON.stringify(missing[0][1].Properties.Metrics)).toContain('"NumberOfBackupJobsCompleted"');
  topicHasASubscriber(template);
}

/** Metrics of the operating system, with the alarms on CPU and memory. */
export function operatingSystem(template: Template) {
  enhancedMonitoring(template);
  databaseMetrics(template);
}

/** Alarms on jobs that wait too long, and on jobs that failed. */
export function queueMetrics(template: Template) {
  for (const [metric, queue] of [
    ['ApproximateAgeOfOldestMessage', jobs(template)], ['ApproximateNumberOfMessagesVisible', deadLetters(template)],
  ]) {
    watched(template, { metric, dimensions: { QueueName: attribute(queue, 'QueueName') } });
  }
}

export function everyAlarm(template: Template) {
  databaseMetrics(template);
  backupMetrics(template);
  queueMetrics(template);
  expect(all(template, 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
}
