import { Stack } from 'aws-cdk-lib';
import { DatabaseAccess } from '../../../src/database/access/database-access';
import { WorkloadMonitoring } from '../../../src/monitoring/workload-monitoring';
import { newStack } from '../../support/app';
import { above, alarmRows, of, quiet } from '../../support/template/alarms';
import { someCluster } from '../aurora/some-cluster';
import { someDatabase } from '../instance/some-database';

const readWrite = DatabaseAccess.readWrite();

describe.each([
  { what: 'an instance', create: (stack: Stack) => someDatabase(stack) },
  { what: 'a cluster', create: (stack: Stack) => someCluster(stack) },
])('$what', ({ create }) => {
  test('with users has alarms on failures of their function', () => {
    const stack = newStack();
    const database = create(stack);
    database.access('Api', readWrite);
    database.access('Worker', readWrite);
    const rows = Object.entries(alarmRows(stack, database)).filter(([id]) => id.startsWith('Users'));
    expect(Object.fromEntries(rows)).toEqual({
      UsersErrors: {
        metrics: of('AWS/Lambda', { FunctionName: 'DatabaseUsersFunction' })('Errors', 'Sum'),
        ...above(0),
        ...quiet,
      },
      UsersDeadLetters: {
        metrics: of('AWS/SQS', { QueueName: 'DatabaseUsersFunctionDeadLetters.QueueName' })(
          'ApproximateNumberOfMessagesVisible', 'Maximum',
        ),
        ...above(0),
        ...quiet,
      },
    });
  });

  test('without users has no such alarms', () => {
    expect(create(newStack()).monitoringPlan().alarms.filter(({ id }) => id.startsWith('Users'))).toEqual([]);
  });

  test.each(['before', 'after'])('has the same alarms if it is watched %s its first user exists', (when) => {
    const stack = newStack();
    const database = create(stack);
    const monitoring = new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' });
    if (when === 'after') database.access('Api', readWrite);
    monitoring.watch(database);
    if (when === 'before') database.access('Api', readWrite);
    database.access('Worker', readWrite);
    const users = monitoring.alarms.filter(({ node }) => node.id.startsWith('Users')).map(({ node }) => node.path);
    expect(users).toEqual(['UsersErrors', 'UsersDeadLetters'].map((id) => `Stack/Monitoring/Stack:Database/${id}`));
  });
});
