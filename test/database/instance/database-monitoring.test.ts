import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { MYSQL, someDatabase } from './some-database';
import { DataProtection } from '../../../src/core/data-protection';
import { WorkloadMonitoring } from '../../../src/monitoring/workload-monitoring';
import { newStack, propertiesOf, templateOf } from '../../support/app';

const MIB = 1024 ** 2;

function alarmsOf(database = someDatabase()) {
  return Object.fromEntries(database.monitoringPlan().alarms.map((alarm) => [alarm.id, alarm]));
}

describe('alarms of PostgreSQL', () => {
  const alarms = alarmsOf();
  const { GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
  const { BREACHING, MISSING, NOT_BREACHING } = cloudwatch.TreatMissingData;

  test.each([
    ['Cpu', 'CPUUtilization', 'Average', GREATER_THAN_THRESHOLD, 80, 3, BREACHING],
    ['FreeMemory', 'FreeableMemory', 'Minimum', LESS_THAN_THRESHOLD, Math.floor(0.05 * 4096 * MIB), 3, MISSING],
    ['FreeStorage', 'FreeStorageSpace', 'Minimum', LESS_THAN_THRESHOLD, 2048 * MIB, 6, MISSING],
    ['ReadLatency', 'ReadLatency', 'Average', GREATER_THAN_THRESHOLD, 0.1, 3, NOT_BREACHING],
    ['WriteLatency', 'WriteLatency', 'Average', GREATER_THAN_THRESHOLD, 0.1, 3, NOT_BREACHING],
    ['Connections', 'DatabaseConnections', 'Maximum', GREATER_THAN_THRESHOLD, 278, 3, NOT_BREACHING],
    ['TransactionIds', 'MaximumUsedTransactionIDs', 'Maximum', GREATER_THAN_THRESHOLD, 1_000_000_000, 1, NOT_BREACHING],
  ])(
    '%s: %s (%s) %s %d in %d periods of 5 minutes',
    (id, metricName, statistic, comparison, threshold, periods, missingData) => {
      const alarm = alarms[id];
      expect(alarm.metric.toMetricConfig().metricStat).toMatchObject({ namespace: 'AWS/RDS', metricName, statistic });
      expect(alarm.metric.toMetricConfig().metricStat!.period.toMinutes()).toBe(5);
      expect(alarm.metric.toMetricConfig().metricStat!.dimensions?.map(({ name }) => name)).toEqual([
        'DBInstanceIdentifier',
      ]);
      expect(alarm.comparison ?? GREATER_THAN_THRESHOLD).toBe(comparison);
      expect(alarm.threshold).toBe(threshold);
      expect(alarm.evaluationPeriods ?? 1).toBe(periods);
      expect(alarm.missingData).toBe(missingData);
    },
  );

  test('there are no other alarms', () => {
    expect(Object.keys(alarms)).toHaveLength(11);
  });

  test('the description of each alarm has the first step', () => {
    for (const alarm of Object.values(alarms)) expect(alarm.description).toMatch(/First /);
  });
});

test.each([
  ['t4g.micro', 1],
  ['m7g.large', 8],
  ['${Token[Class.1]}', 1],
])('on %s, the alarm on free memory fires below 5 %% of %d GiB', (name, gib) => {
  const { FreeMemory } = alarmsOf(someDatabase(newStack(), { instanceType: new ec2.InstanceType(name) }));
  expect(FreeMemory.threshold).toBe(Math.floor(0.05 * gib * 1024 * MIB));
});

test('a disposable database has no alarm on backups, because nothing fills its vault', () => {
  const stack = newStack();
  DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
  expect(Object.keys(alarmsOf(someDatabase(stack))).filter((id) => id.startsWith('Backup'))).toEqual([]);
});

test('MySQL has no alarm on transaction IDs', () => {
  expect(Object.keys(alarmsOf(someDatabase(newStack(), { engine: MYSQL })))).not.toContain('TransactionIds');
});

test('a class that is known only at deployment has no alarm on connections', () => {
  const database = someDatabase(newStack(), { instanceType: new ec2.InstanceType('${Token[Class.1]}') });
  expect(Object.keys(alarmsOf(database))).not.toContain('Connections');
});

test('WorkloadMonitoring can watch the database', () => {
  const stack = newStack();
  const database = someDatabase(stack);
  new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(database);
  const alarms = Object.values(propertiesOf(templateOf(stack), 'AWS::CloudWatch::Alarm'));
  const ofDatabase = alarms.filter((alarm) => alarm.Namespace === 'AWS/RDS');
  expect(ofDatabase).toHaveLength(7);
  for (const alarm of ofDatabase) {
    expect(alarm.Dimensions).toEqual([{ Name: 'DBInstanceIdentifier', Value: { Ref: 'DatabaseInstanceAA8A5FDE' } }]);
  }
});

test('the dashboard shows the metrics of the alarms', () => {
  expect(someDatabase().monitoringPlan()).toMatchObject({ title: 'Database Stack/Database', widgets: { length: 4 } });
});
