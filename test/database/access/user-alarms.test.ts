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

  test('without users has no such alarms, and gets no users after it is watched', () => {
    const stack = newStack();
    const database = create(stack);
    expect(database.monitoringPlan().alarms.filter(({ id }) => id.startsWith('Users'))).toEqual([]);
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(database);
    expect(() => database.access('Api', readWrite)).toThrow(new Error(
      '[Stack/Database] access must be called before the database is watched, because its users have alarms. Create '
        + 'the first user before you pass the database to watch.',
    ));
  });
});
