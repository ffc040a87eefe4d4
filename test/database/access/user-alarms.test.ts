import { Stack } from 'aws-cdk-lib';
import { DatabaseAccess } from '../../../src/database/access/database-access';
import { WorkloadMonitoring } from '../../../src/monitoring/workload-monitoring';
import { newStack, templateOf } from '../../support/app';
import { above, alarming, alarmRows, DAY, expectDescribed, of, quiet } from '../../support/template/alarms';
import { someCluster } from '../aurora/some-cluster';
import { someDatabase } from '../instance/some-database';

const readWrite = DatabaseAccess.readWrite();
const ALARMS = ['UsersErrors', 'UsersDeadLetters', 'UsersAgeErrors', 'UsersAgeDeadLetters', 'UsersRotationOverdue'];

const age = of('CdkHipaa/Secrets', { FunctionName: 'DatabaseUsersAgeFunction' });
const failures = (what: string) => ({
  [`${what}Errors`]: {
    metrics: of('AWS/Lambda', { FunctionName: `Database${what}Function` })('Errors', 'Sum'),
    ...above(0),
    ...quiet,
  },
  [`${what}DeadLetters`]: {
    metrics: of('AWS/SQS', { QueueName: `Database${what}FunctionDeadLetters.QueueName` })(
      'ApproximateNumberOfMessagesVisible', 'Maximum',
    ),
    ...above(0),
    ...quiet,
  },
});

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
      ...failures('Users'),
      ...failures('UsersAge'),
      UsersRotationOverdue: {
        metrics: {
          age: age('AgeInDays', 'Maximum', DAY).compared,
          compared: 'FILL(age, 39)',
        },
        ...above(38, 2),
        ...alarming,
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
    expect(users).toEqual(ALARMS.map((id) => `Stack/Monitoring/Stack:Database/${id}`));
    expectDescribed(templateOf(stack));
  });

  test('adds the alarms on the age of passwords with the first user that has one', () => {
    const stack = newStack();
    const database = create(stack);
    const monitoring = new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' });
    const ids = () => monitoring.alarms.map(({ node }) => node.id).filter((id) => id.startsWith('Users'));
    database.access('Signer', DatabaseAccess.iamToken());
    monitoring.watch(database);
    expect(ids()).toEqual(ALARMS.slice(0, 2));
    database.access('Api', readWrite);
    expect(ids()).toEqual(ALARMS);
  });
});
