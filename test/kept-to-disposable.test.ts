import { Stack } from 'aws-cdk-lib';
import { DataProtection } from '../src';
import { newApp } from './support/app';
import { Dependencies, DependencyTemplate } from './support/dependencies';
import { STATEFUL_TYPES } from './support/leftovers';
import { Subject, SUBJECTS, things } from './support/shapes';
import { StackLife } from './support/stack-life';

const cases = SUBJECTS.map((subject): [string, Subject] => [subject.name, subject]);
const databases = cases.filter(([name]) => /^Encrypted/.test(name));
const VAULT = 'AWS::Backup::BackupVault';

/** The template of a stack with one construct. */
function templateOf(subject: Subject, protection: 'kept' | 'disposable'): DependencyTemplate {
  const app = newApp();
  const stack = new Stack(app, 'Stack');
  if (protection === 'disposable') DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
  subject.make(stack, 'Subject', things(stack));
  return structuredClone(app.synth().getStackArtifact(stack.artifactId).template);
}

function deployed(...templates: DependencyTemplate[]): StackLife {
  const life = new StackLife();
  for (const template of templates) expect(life.deploy(template)).toEqual([]);
  return life;
}

const ofType = (template: DependencyTemplate, type: string) => new Dependencies(template).ofType(type);

describe.each(cases)('a retained stack with %s', (_, subject) => {
  const [kept, disposable] = [templateOf(subject, 'kept'), templateOf(subject, 'disposable')];

  test('that becomes disposable and is deleted leaves readable data or none', () => {
    const life = deployed(kept, disposable);
    life.destroy();
    expect(life.unreadable).toEqual([]);
  });

  test('that becomes disposable takes all data with it, except recovery points and locked files', () => {
    const life = deployed(kept, disposable);
    expect(life.deleteRecoveryPoints()).toEqual([]);
    const locked = ofType(kept, 'AWS::S3::Bucket').filter((id) =>
      kept.Resources[id].Properties.ObjectLockConfiguration?.Rule);
    expect(life.destroy()).toEqual(locked);
    // A schedule belongs to the secret that RDS deletes with the database.
    expect(life.remaining.filter((each) => !each.startsWith('AWS::SecretsManager::RotationSchedule '))).toEqual([]);
  });

  test('that becomes disposable and then retained again has all its data and finds no name in use', () => {
    const life = deployed(kept, disposable, kept);
    expect(life.emptiedBuckets).toEqual([]);
    expect(life.remaining.filter((each) => STATEFUL_TYPES.some((type) => each.startsWith(`${type} `)))).toEqual([]);
    life.destroy();
    expect(life.unreadable).toEqual([]);
  });

  test('that was disposable before has all its data, and leaves it readable', () => {
    const life = deployed(disposable, kept);
    expect([life.emptiedBuckets, life.remaining]).toEqual([[], []]);
    expect(life.destroy()).toEqual([]);
    expect(life.unreadable).toEqual([]);
    // An instance of a cluster has no data: the final snapshot of the cluster has it.
    const left = STATEFUL_TYPES.flatMap((type) => ofType(kept, type).map((id) => `${type} ${id}`))
      .filter((each) => !kept.Resources[each.split(' ')[1]].Properties?.DBClusterIdentifier);
    expect(life.remaining).toEqual(expect.arrayContaining(left));
  });

  test('has the same resources with data as a disposable one, and no change replaces one', () => {
    for (const type of STATEFUL_TYPES) expect(ofType(disposable, type)).toEqual(ofType(kept, type));
    const changed = STATEFUL_TYPES.flatMap((type) => ofType(kept, type)).flatMap((id) => {
      const [before, after] = [kept, disposable].map(({ Resources }) => Resources[id].Properties ?? {});
      return [...new Set([...Object.keys(before), ...Object.keys(after)])]
        .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
        .map((name) => `${kept.Resources[id].Type} ${name}`);
    });
    // CloudFormation updates each of these without a replacement.
    expect(changed.filter((each) => ![
      'AWS::Backup::BackupVault AccessPolicy',
      'AWS::ECR::Repository EmptyOnDelete',
      'AWS::KMS::Key KeyPolicy',
      'AWS::Logs::LogGroup DeletionProtectionEnabled',
      'AWS::RDS::DBCluster DeleteAutomatedBackups',
      'AWS::RDS::DBCluster DeletionProtection',
      'AWS::RDS::DBInstance DeleteAutomatedBackups',
      'AWS::RDS::DBInstance DeletionProtection',
      'AWS::S3::Bucket ObjectLockConfiguration',
      'AWS::S3::Bucket Tags',
      'AWS::S3::BucketPolicy PolicyDocument',
      'AWS::SecretsManager::ResourcePolicy ResourcePolicy',
    ].includes(each))).toEqual([]);
  });
});

describe.each(databases)('the recovery points of %s', (_, subject) => {
  const [kept, disposable] = [templateOf(subject, 'kept'), templateOf(subject, 'disposable')];
  const [vault] = ofType(kept, VAULT);

  test('stop the deletion, and keep their vault and key', () => {
    const life = deployed(kept, disposable);
    expect(life.destroy()).toEqual([vault]);
    const [key] = ofType(kept, 'AWS::KMS::Key');
    expect(life.resources.sort()).toEqual([key, vault].sort());
    expect(life.unreadable).toEqual([]);
  });

  test('can be deleted then, and the second deletion leaves nothing', () => {
    const life = deployed(kept, disposable);
    life.destroy();
    expect(life.deleteRecoveryPoints()).toEqual([]);
    expect(life.destroy()).toEqual([]);
    expect([life.resources, life.unreadable]).toEqual([[], []]);
  });

  test('cannot be deleted while the data is retained', () => {
    const life = deployed(kept);
    expect(life.deleteRecoveryPoints()).toEqual([vault]);
    expect(life.destroy()).toEqual([]);
    expect(life.remaining).toContain(`${VAULT} ${vault}`);
    expect(life.unreadable).toEqual([]);
  });

  test('do not exist if the data was always disposable', () => {
    expect(ofType(disposable, 'AWS::Backup::BackupPlan')).toEqual([]);
    const life = deployed(disposable);
    expect(life.destroy()).toEqual([]);
    expect([life.resources, life.remaining]).toEqual([[], []]);
  });

  // This is why the procedure deletes the recovery points before the database leaves the app.
  test('are unreadable if an update removes a disposable database before they are deleted', () => {
    const Resources = Object.fromEntries(Object.entries(disposable.Resources).filter(([id]) => id.startsWith('Users')));
    const rest = { ...structuredClone(disposable), Resources };
    const hasty = deployed(kept, disposable, rest);
    expect(hasty.unreadable).toHaveLength(1);
    const careful = deployed(kept, disposable);
    careful.deleteRecoveryPoints();
    careful.deploy(rest);
    expect([careful.unreadable, careful.remaining.filter((each) => each.startsWith(VAULT))]).toEqual([[], []]);
  });
});

describe('StackLife', () => {
  const subject = SUBJECTS.find(({ name }) => name === 'EncryptedDatabaseInstance (PostgreSQL)')!;
  const [kept, disposable] = [templateOf(subject, 'kept'), templateOf(subject, 'disposable')];
  const [vault] = ofType(kept, VAULT);
  const without = (template: DependencyTemplate, id: string): DependencyTemplate => {
    const copy = structuredClone(template);
    delete copy.Resources[id];
    return copy;
  };

  test('finds a vault that leaves the template before its key', () => {
    const life = deployed(kept, without(disposable, vault));
    expect(life.destroy()).toEqual([]);
    const [key] = ofType(kept, 'AWS::KMS::Key');
    expect(life.unreadable).toEqual([`${vault} is encrypted with ${key}, which is deleted`]);
  });

  test('finds the name of a vault that is created again', () => {
    const life = deployed(kept, without(disposable, vault));
    expect(life.deploy(kept)).toEqual([`${vault} has the name of ${vault}`]);
  });

  test('finds a final snapshot and a log group without a key', () => {
    const spoilt = structuredClone(disposable);
    for (const id of [...ofType(spoilt, 'AWS::RDS::DBInstance'), ...ofType(spoilt, 'AWS::Logs::LogGroup')]) {
      const DeletionPolicy = spoilt.Resources[id].Type.startsWith('AWS::RDS') ? 'Snapshot' : 'Retain';
      Object.assign(spoilt.Resources[id], { DeletionPolicy });
    }
    const life = deployed(spoilt);
    life.destroy();
    expect(life.unreadable).toHaveLength(3);
  });

  test('finds a bucket that is emptied because its tag remains', () => {
    const bucket = (emptied: boolean, tagged: boolean): DependencyTemplate => ({
      Resources: {
        Bucket: {
          Type: 'AWS::S3::Bucket',
          Properties: { Tags: tagged ? [{ Key: 'aws-cdk:auto-delete-objects', Value: 'true' }] : [] },
        },
        ...emptied && {
          Emptier: { Type: 'Custom::S3AutoDeleteObjects', Properties: { BucketName: { Ref: 'Bucket' } } },
        },
      },
    });
    expect(deployed(bucket(true, true), bucket(false, true)).emptiedBuckets).toHaveLength(1);
    expect(deployed(bucket(true, true), bucket(false, false)).emptiedBuckets).toEqual([]);
  });
});
