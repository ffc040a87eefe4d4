import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { Stack } from 'aws-cdk-lib';
import { IServiceBindable } from '../../../src/binding/service-binding';
import { DatabaseAccess } from '../../../src/database/access/database-access';
import { EncryptedAuroraCluster } from '../../../src/database/aurora/encrypted-aurora-cluster';
import { EncryptedDatabaseInstance } from '../../../src/database/instance/encrypted-database-instance';
import { someService } from '../../service/fargate-fixtures';
import { newStack, templateOf } from '../../support/app';
import { Dependencies, DependencyTemplate } from '../../support/dependencies';
import { someCluster } from '../aurora/some-cluster';
import { MYSQL, someDatabase } from '../instance/some-database';

type Database = EncryptedDatabaseInstance | EncryptedAuroraCluster;

/** The template of a service that logs in as the master user, or as a user of its own. */
function templateWith(
  make: (stack: Stack) => Database, uses: (database: Database) => IServiceBindable,
): DependencyTemplate {
  const stack = newStack();
  const database = make(stack);
  const { vpc } = 'cluster' in database ? database.cluster : database.instance;
  someService(stack, { vpc, uses: [uses(database)] });
  return templateOf(stack).toJSON() as DependencyTemplate;
}

describe.each([
  { what: 'PostgreSQL', make: (stack: Stack) => someDatabase(stack) },
  { what: 'MySQL', make: (stack: Stack) => someDatabase(stack, { engine: MYSQL }) },
  { what: 'Aurora', make: (stack: Stack) => someCluster(stack) },
])('the move from the master user of $what', ({ make }) => {
  const before = templateWith(make, (database) => database.asMasterUser({ reason: 'it did so before' }));

  test.each([
    ['to the user of the service', (database: Database) => database],
    ['to an owner', (database: Database) => database.access('Api', DatabaseAccess.owner())],
  ])('%s removes and replaces nothing except the task definition', (_, uses) => {
    const after = templateWith(make, uses);
    const changes = fullDiff(before, after).resources.changes;
    const typesWith = (impact: ResourceImpact) => Object.values(changes)
      .filter(({ changeImpact }) => changeImpact === impact).map(({ resourceType }) => String(resourceType)).sort();
    expect(typesWith(ResourceImpact.WILL_DESTROY)).toEqual([]);
    expect(typesWith(ResourceImpact.WILL_REPLACE)).toEqual(['AWS::ECS::TaskDefinition']);
    expect(typesWith(ResourceImpact.MAY_REPLACE)).toEqual([]);
    // The service receives the task definition, its execution role the secret, and the key of the database the log of
    // the function.
    const updated = typesWith(ResourceImpact.WILL_UPDATE);
    expect(updated).toEqual(expect.arrayContaining(['AWS::ECS::Service', 'AWS::IAM::ManagedPolicy', 'AWS::KMS::Key']));
    expect(updated.filter((type) => /RDS|Backup|SecretsManager/.test(type))).toEqual([]);
    expect(typesWith(ResourceImpact.WILL_CREATE)).toEqual(expect.arrayContaining([
      'AWS::Lambda::Function', 'AWS::SecretsManager::RotationSchedule', 'AWS::SecretsManager::Secret',
      'Custom::DatabaseUser',
    ]));
  });

  test('updates the service after its user exists', () => {
    const dependencies = new Dependencies(templateWith(make, (database) => database));
    const [service] = dependencies.ofType('AWS::ECS::Service');
    const [user] = dependencies.ofType('Custom::DatabaseUser');
    expect(dependencies.goesBefore(service, user)).toBe(true);
  });

  test('keeps the rotation of the master password', () => {
    const schedules = (template: DependencyTemplate) => Object.keys(template.Resources)
      .filter((id) => id.startsWith('DatabasePasswordRotation'));
    expect(schedules(templateWith(make, (database) => database))).toEqual(schedules(before));
    expect(schedules(before)).toHaveLength(1);
  });
});
