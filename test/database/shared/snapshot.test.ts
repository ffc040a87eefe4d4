import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { newApp, newStack, someVpc, templateOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { templateFindings } from '../../support/validate';
import { clusterRefusalOf, someCluster } from '../aurora/some-cluster';
import { instanceOf, only, refusalOf, someDatabase } from '../instance/some-database';

const SNAPSHOT = 'before-the-migration';

function restored(stack: Stack, snapshotIdentifier = SNAPSHOT) {
  return someDatabase(stack, { snapshotIdentifier, encryptionKey: new kms.Key(stack, 'Own') });
}

describe('an instance from a snapshot', () => {
  const stack = newStack();
  const properties = instanceOf(restored(stack));

  test('names the snapshot, and neither a master user nor a database', () => {
    expect(properties.DBSnapshotIdentifier).toBe(SNAPSHOT);
    expect([properties.MasterUsername, properties.MasterUserPassword, properties.DBName])
      .toEqual([undefined, undefined, undefined]);
  });

  test('keeps every protection: password of RDS, encryption, deletion protection and backups', () => {
    const own = { 'Fn::GetAtt': [expect.stringMatching(/^Own/), 'Arn'] };
    expect(properties).toMatchObject({
      ManageMasterUserPassword: true,
      MasterUserSecret: { KmsKeyId: own },
      StorageEncrypted: true,
      KmsKeyId: own,
      DeletionProtection: true,
      BackupRetentionPeriod: 35,
      EnableIAMDatabaseAuthentication: true,
    });
  });

  test('differs from a new instance in these properties only', () => {
    const other = newStack();
    const fresh = instanceOf(someDatabase(other, { encryptionKey: new kms.Key(other, 'Own') }));
    const { DBSnapshotIdentifier, ...rest } = properties;
    const { MasterUsername, DBName, ...common } = fresh;
    expect([DBSnapshotIdentifier, MasterUsername, DBName]).toEqual([SNAPSHOT, 'dbowner', 'app']);
    expect(rest).toEqual(common);
  });

  test('has no findings of the packs', () => {
    expect(nagFindings(stack).filter((finding) => !finding.includes('/Own/'))).toEqual([]);
  });
});

describe('a cluster from a snapshot', () => {
  const stack = newStack();
  const cluster = someCluster(stack, { snapshotIdentifier: SNAPSHOT });
  const properties = only(templateOf(cluster), 'AWS::RDS::DBCluster');

  test('names the snapshot, keeps its own key, and names neither a master user nor a database', () => {
    expect(properties).toMatchObject({
      SnapshotIdentifier: SNAPSHOT,
      ManageMasterUserPassword: true,
      StorageEncrypted: true,
      KmsKeyId: { 'Fn::GetAtt': ['DatabaseKey5E5D9547', 'Arn'] },
      DeletionProtection: true,
    });
    expect([properties.MasterUsername, properties.DatabaseName]).toEqual([undefined, undefined]);
  });

  test('has no findings of the packs', () => {
    expect(nagFindings(stack)).toEqual([]);
  });
});

test('CloudFormation Validate has no findings', () => {
  const app: App = newApp();
  const stack = new Stack(app, 'Stack', { env: { region: 'us-east-1', account: '111111111111' } });
  const vpc = someVpc(stack, (name) => `subnet-0000000${name.at(-1)}`);
  const encryptionKey = new kms.Key(stack, 'Own', { enableKeyRotation: true });
  someDatabase(stack, { vpc, snapshotIdentifier: SNAPSHOT, encryptionKey });
  expect(templateFindings(app)).toEqual([]);
});

test('a snapshot can be a parameter', () => {
  const stack = newStack();
  const { valueAsString } = new CfnParameter(stack, 'Snapshot');
  expect(instanceOf(restored(stack, valueAsString)).DBSnapshotIdentifier).toEqual({ Ref: 'Snapshot' });
});

test.each([
  'rds:clinic-2026-03-01-04-00', 'awsbackup:job-0a1b2c3d-4e5f-6789-abcd-ef0123456789',
  'arn:aws:rds:us-east-1:111111111111:snapshot:clinic', 'arn:aws-us-gov:rds:us-gov-west-1:111111111111:snapshot:rds:a',
])('a snapshot can be %s', (name) => {
  expect(instanceOf(restored(newStack(), name)).DBSnapshotIdentifier).toBe(name);
});

test('a cluster can be restored from the snapshot of an instance', () => {
  const snapshotIdentifier = 'arn:aws:rds:us-east-1:111111111111:snapshot:clinic';
  const cluster = someCluster(newStack(), { snapshotIdentifier });
  expect(only(templateOf(cluster), 'AWS::RDS::DBCluster').SnapshotIdentifier).toBe(snapshotIdentifier);
});

describe('refuses', () => {
  const REMEDY = 'Copy it from the RDS console, or run aws rds describe-db-snapshots or describe-db-cluster-snapshots.';

  test('an instance without the key of the snapshot', () => {
    expect(refusalOf({ snapshotIdentifier: SNAPSHOT })).toBe(
      '[Stack/Database] encryptionKey must be the key of the snapshot, because a restored instance keeps that key, got '
        + 'undefined. Pass that key, or first copy the snapshot with the key to use: aws rds copy-db-snapshot '
        + '--kms-key-id.');
  });

  test.each(['', '1st', 'a b', 'arn:aws:rds:us-east-1:111111111111:cluster-snapshot:clinic'])(
    "the snapshot '%s' for an instance", (snapshotIdentifier) => {
      expect(refusalOf({ snapshotIdentifier })).toBe(
        '[Stack/Database] snapshotIdentifier must be the name or the ARN of a snapshot of an instance, got '
          + `'${snapshotIdentifier}'. ${REMEDY}`);
    });

  test('a name that no snapshot of a cluster has', () => {
    expect(clusterRefusalOf({ snapshotIdentifier: 'a_b' })).toBe(
      `[Stack/Database] snapshotIdentifier must be the name or the ARN of a snapshot, got 'a_b'. ${REMEDY}`);
  });
});
