import { CfnParameter } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { AURORA_MYSQL, disposableStack, someCluster } from './some-cluster';
import { AuroraCapacity } from '../../../src/database/aurora/aurora-capacity';
import { DatabaseProxy } from '../../../src/database/shared/database-proxy';
import { AlarmDefinition } from '../../../src/monitoring/alarm-definition';
import { WorkloadMonitoring } from '../../../src/monitoring/workload-monitoring';
import { newStack, propertiesOf, templateOf } from '../../support/app';

const GIB = 1024 ** 3;
const { GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
const { BREACHING, MISSING, NOT_BREACHING } = cloudwatch.TreatMissingData;
/** The documented capacity: 0.5 to 1 ACU. */
const DOCUMENTED = AuroraCapacity.serverless({ minAcu: 0.5, maxAcu: 1 });

const BACKUPS = ['BackupFailed', 'BackupAborted', 'BackupExpired', 'BackupMissing'];

function alarmsOf(database = someCluster()): Record<string, AlarmDefinition> {
  return Object.fromEntries(database.monitoringPlan().alarms.map((alarm) => [alarm.id, alarm]));
}

describe('the five alarms of Aurora PostgreSQL', () => {
  const alarms = alarmsOf(someCluster(newStack(), { capacity: DOCUMENTED }));

  test.each([
    ['Cpu', 'CPUUtilization', 'Maximum', GREATER_THAN_THRESHOLD, 80, 15, BREACHING],
    ['FreeMemory', 'FreeableMemory', 'Minimum', LESS_THAN_THRESHOLD, Math.floor(0.1 * GIB), 15, MISSING],
    ['Connections', 'DatabaseConnections', 'Maximum', GREATER_THAN_THRESHOLD, 126, 15, NOT_BREACHING],
    ['ReplicaLag', 'AuroraReplicaLagMaximum', 'Maximum', GREATER_THAN_THRESHOLD, 2000, 15, NOT_BREACHING],
    ['TransactionIds', 'MaximumUsedTransactionIDs', 'Maximum', GREATER_THAN_THRESHOLD, 1_000_000_000, 1, NOT_BREACHING],
  ])('%s: %s (%s) %s %d for %d minutes', (id, metricName, statistic, comparison, threshold, minutes, missingData) => {
    const alarm = alarms[id];
    const { namespace, dimensions, period, ...metric } = alarm.metric.toMetricConfig().metricStat!;
    expect({ namespace, dimensions: dimensions?.map(({ name }) => name), minutes: period.toMinutes() }).toEqual({
      namespace: 'AWS/RDS',
      dimensions: ['DBClusterIdentifier'],
      minutes: 1,
    });
    expect(metric).toMatchObject({ metricName, statistic });
    expect(alarm.comparison ?? GREATER_THAN_THRESHOLD).toBe(comparison);
    expect(alarm.threshold).toBe(threshold);
    expect(alarm.evaluationPeriods ?? 1).toBe(minutes);
    expect(alarm.missingData).toBe(missingData);
  });

  test('the vault has four alarms on backups, and there are no others', () => {
    expect(Object.keys(alarms)).toEqual([
      'Cpu',
      'FreeMemory',
      'Connections',
      'ReplicaLag',
      'TransactionIds',
      ...BACKUPS,
    ]);
  });

  test('the description of each alarm has the first step', () => {
    for (const alarm of Object.values(alarms)) expect(alarm.description).toMatch(/First /);
  });
});

test('more readers add no alarms, because each alarm evaluates the worst instance', () => {
  expect(Object.keys(alarmsOf(someCluster(newStack(), { readers: 5 })))).toHaveLength(9);
});

test('MySQL has an alarm on the history list instead of transaction IDs', () => {
  const alarms = alarmsOf(someCluster(newStack(), { engine: AURORA_MYSQL }));
  expect(Object.keys(alarms)).toEqual([
    'Cpu',
    'FreeMemory',
    'Connections',
    'ReplicaLag',
    'HistoryList',
    ...BACKUPS,
  ]);
  expect(alarms.HistoryList).toMatchObject({ threshold: 1_000_000, evaluationPeriods: 15, missingData: NOT_BREACHING });
  expect(alarms.HistoryList.metric.toMetricConfig().metricStat).toMatchObject({
    namespace: 'AWS/RDS',
    metricName: 'RollbackSegmentHistoryListLength',
    statistic: 'Maximum',
  });
});

test('a disposable cluster without readers has no alarms on replica lag or backups', () => {
  expect(Object.keys(alarmsOf(someCluster(disposableStack(), { readers: 0 })))).toEqual([
    'Cpu',
    'FreeMemory',
    'Connections',
    'TransactionIds',
  ]);
});

test('missing data does not fire the CPU alarm if instances can pause', () => {
  const { Cpu } = alarmsOf(someCluster(newStack(), { capacity: AuroraCapacity.serverless({ minAcu: 0, maxAcu: 4 }) }));
  expect(Cpu.missingData).toBe(NOT_BREACHING);
  expect(Cpu.description).not.toContain('no instance reports');
});

describe('thresholds follow from the capacity', () => {
  test.each<[string, AuroraCapacity, number, number]>([
    ['4 ACU', AuroraCapacity.serverless({ minAcu: 0.5, maxAcu: 4 }), 8, 580],
    ['64 ACU, from half a unit', AuroraCapacity.serverless({ minAcu: 0.5, maxAcu: 64 }), 128, 1400],
    ['64 ACU, from one unit', AuroraCapacity.serverless({ minAcu: 1, maxAcu: 64 }), 128, 3500],
    ['r7g.large', AuroraCapacity.provisioned({ instanceType: new ec2.InstanceType('r7g.large') }), 16, 1186],
  ])('%s', (_name, capacity, gib, connections) => {
    const alarms = alarmsOf(someCluster(newStack(), { capacity }));
    expect(alarms.FreeMemory.threshold).toBe(Math.floor(gib * GIB * 0.05));
    expect(alarms.Connections.threshold).toBe(connections);
  });

  test.each([
    ['r7g.large', 686],
    ['t4g.medium', 70],
    ['r7g.16xlarge', 4206],
    ['r7i.48xlarge', 5316],
  ])('MySQL on %s: %d connections', (name, connections) => {
    const capacity = AuroraCapacity.provisioned({ instanceType: new ec2.InstanceType(name) });
    expect(alarmsOf(someCluster(newStack(), { engine: AURORA_MYSQL, capacity })).Connections.threshold).toBe(
      connections,
    );
  });

  test.each([
    [1, 63],
    [3.5, 63],
    [4, 94],
    [16, 1400],
    [100, 2800],
    [256, 4200],
  ])('serverless MySQL with at most %d ACU, from the table of AWS: %d connections', (maxAcu, connections) => {
    const capacity = AuroraCapacity.serverless({ minAcu: 0.5, maxAcu });
    expect(alarmsOf(someCluster(newStack(), { engine: AURORA_MYSQL, capacity })).Connections.threshold).toBe(
      connections,
    );
  });

  test('connections follow from max_connections if the app sets it', () => {
    expect(alarmsOf(someCluster(newStack(), { parameters: { max_connections: '200' } })).Connections.threshold).toBe(
      140,
    );
  });

  test('a capacity known only at deployment has no alarm on connections, and the lowest threshold for memory', () => {
    const stack = newStack();
    const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    const alarms = alarmsOf(
      someCluster(stack, { capacity: AuroraCapacity.serverless({ minAcu: number('Min'), maxAcu: number('Max') }) }),
    );
    expect(Object.keys(alarms)).not.toContain('Connections');
    expect(alarms.FreeMemory.threshold).toBe(Math.floor(GIB * 0.05));
  });
});

describe('the alarm on missing backups', () => {
  const stack = newStack();
  const { BackupMissing } = alarmsOf(someCluster(stack));
  const { expression, usingMetrics } = BackupMissing.metric as cloudwatch.MathExpression;

  test('counts completed backups, and zero if only the size of the cluster has data', () => {
    expect(expression).toBe('SUM([completed, 0 * size])');
    const metrics = Object.fromEntries(
      Object.entries(usingMetrics).map(([id, metric]) => [id, stack.resolve(metric.toMetricConfig().metricStat)]),
    );
    expect(metrics).toMatchObject({
      completed: {
        namespace: 'AWS/Backup',
        metricName: 'NumberOfBackupJobsCompleted',
        statistic: 'Sum',
        dimensions: [{ name: 'BackupVaultName' }],
      },
      size: { namespace: 'AWS/RDS', metricName: 'VolumeBytesUsed', dimensions: [{ name: 'DBClusterIdentifier' }] },
    });
    expect(Object.values(usingMetrics).map((metric) => metric.toMetricConfig().metricStat!.period.toDays())).toEqual([
      1, 1,
    ]);
  });

  test('has the first step in its description, within the length limit of CloudWatch', () => {
    expect(BackupMissing.description).toContain(
      'aws backup update-region-settings --resource-type-opt-in-preference Aurora=true',
    );
    expect(BackupMissing.description.length).toBeLessThanOrEqual(1024);
  });
});

test('a proxy without a writer has an alarm', () => {
  const { ProxyTarget } = alarmsOf(someCluster(newStack(), { proxy: DatabaseProxy.withPassword() }));
  const { namespace, metricName, dimensions, statistic, period } = ProxyTarget.metric.toMetricConfig().metricStat!;
  expect({ namespace, metricName, statistic, minutes: period.toMinutes() }).toEqual({
    namespace: 'AWS/RDS',
    metricName: 'AvailabilityPercentage',
    statistic: 'Average',
    minutes: 1,
  });
  expect(dimensions?.map(({ name }) => name)).toEqual(['ProxyName', 'TargetGroup', 'TargetRole']);
  expect(ProxyTarget).toMatchObject({
    threshold: 100,
    comparison: LESS_THAN_THRESHOLD,
    evaluationPeriods: 5,
    missingData: BREACHING,
  });
});

describe('an alarm that treats missing data as breaching', () => {
  const dependencies = (id: string) => {
    const stack = newStack();
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' })
      .watch(someCluster(stack, { proxy: DatabaseProxy.withPassword(), readers: 2 }));
    const template = templateOf(stack);
    const [alarm] = Object.entries(template.findResources('AWS::CloudWatch::Alarm'))
      .filter(([logicalId]) => logicalId.includes(id)).map(([, { DependsOn = [] }]) => DependsOn);
    return { alarm, instances: Object.keys(template.findResources('AWS::RDS::DBInstance')), template };
  };

  test('on the CPU is created after the first instance, which exists minutes after the cluster', () => {
    const { alarm, instances } = dependencies('DatabaseCpu');
    expect(instances).toHaveLength(3);
    expect(alarm).toEqual(instances.filter((id) => id.includes('Instance1')));
  });

  test('on the proxy is created after its target group and the first instance', () => {
    const { alarm, instances, template } = dependencies('DatabaseProxyTarget');
    expect(alarm).toEqual(expect.arrayContaining([
      ...instances.filter((id) => id.includes('Instance1')),
      ...Object.keys(template.findResources('AWS::RDS::DBProxyTargetGroup')),
    ]));
  });

  test('on other metrics has no such dependency, because missing data does not fire it', () => {
    expect(dependencies('DatabaseConnections').alarm).toEqual([]);
  });
});

test('WorkloadMonitoring can watch the cluster', () => {
  const stack = newStack();
  new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(someCluster(stack));
  const ofCluster = Object.values(propertiesOf(templateOf(stack), 'AWS::CloudWatch::Alarm')).filter(
    (alarm) => alarm.Namespace === 'AWS/RDS',
  );
  expect(ofCluster).toHaveLength(5);
  for (const alarm of ofCluster) {
    expect(alarm.Dimensions).toEqual([{ Name: 'DBClusterIdentifier', Value: { Ref: 'DatabaseCluster5B53A178' } }]);
  }
});

test('the dashboard shows the metrics of the alarms', () => {
  expect(someCluster().monitoringPlan()).toMatchObject({ title: 'Aurora Stack/Database', widgets: { length: 4 } });
});
