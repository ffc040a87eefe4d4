import * as fs from 'fs';
import * as path from 'path';
import { ROOT } from '../scripts/examples/example';
import { lockProblems } from '../scripts/release/lock';
import {
  LOCK_FILE, lockChanges, lockOf, lockText, readLock, UpgradeLock,
} from '../scripts/upgrade-lock/upgrade-lock';

/** A stack with a database, its key and its log, and with a role that is not stateful. */
const RESOURCES = {
  Key1: { Type: 'AWS::KMS::Key', Properties: { EnableKeyRotation: true } },
  Log1: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 7 } },
  Database1: {
    Type: 'AWS::RDS::DBCluster',
    DeletionPolicy: 'Snapshot',
    Properties: {
      DatabaseName: 'clinic', KmsKeyId: { 'Fn::GetAtt': ['Key1', 'Arn'] }, BackupRetentionPeriod: 35,
    },
  },
  Role1: { Type: 'AWS::IAM::Role', Properties: { Path: '/' } },
};
type Changed = Record<string, { Type: string; DeletionPolicy?: string; Properties: Record<string, unknown> }>;
const lock = (Resources: Changed = RESOURCES): UpgradeLock => ({ clinic: lockOf('Clinic', { Resources }) });
const database = (properties: Record<string, unknown>): Changed => ({
  ...RESOURCES,
  Database1: { ...RESOURCES.Database1, Properties: { ...RESOURCES.Database1.Properties, ...properties } },
});
const without = (id: keyof typeof RESOURCES): Changed =>
  Object.fromEntries(Object.entries(RESOURCES).filter(([each]) => each !== id));

const ADVICE = 'Restore it. Only a new major version may change it, with npx projen upgrade-lock.';

test('the lock has the stateful resources, each with its create-only properties as they are in the template', () => {
  expect(lock()).toEqual({
    clinic: {
      'Clinic/Key1': { Type: 'AWS::KMS::Key' },
      'Clinic/Log1': { Type: 'AWS::Logs::LogGroup' },
      'Clinic/Database1': {
        Type: 'AWS::RDS::DBCluster', DatabaseName: 'clinic', KmsKeyId: { 'Fn::GetAtt': ['Key1', 'Arn'] },
      },
    },
  });
});

test('the lock has other resources that outlive their stack', () => {
  const role = { ...RESOURCES.Role1, DeletionPolicy: 'Retain' };
  expect(lockOf('Clinic', { Resources: { Role1: role } })).toEqual({
    'Clinic/Role1': { Type: 'AWS::IAM::Role', Path: '/' },
  });
});

test.each<[string, Changed, string]>([
  [
    'a removed resource', without('Log1'),
    'clinic: Clinic/Log1 (AWS::Logs::LogGroup) is gone or has another logical ID. An update removes it from the stack, '
      + `and its successor is empty. ${ADVICE}`,
  ],
  [
    'another logical ID', { ...without('Key1'), Key2: RESOURCES.Key1 },
    'clinic: Clinic/Key1 (AWS::KMS::Key) is gone or has another logical ID. An update removes it from the stack, and '
      + `its successor is empty. ${ADVICE}`,
  ],
  [
    'a changed create-only property', database({ DatabaseName: 'hospital' }),
    'clinic: Clinic/Database1 (AWS::RDS::DBCluster): DatabaseName was "clinic" and is "hospital". An update replaces '
      + `the resource. ${ADVICE}`,
  ],
  [
    'a changed intrinsic function', database({ KmsKeyId: { 'Fn::GetAtt': ['Key2', 'Arn'] } }),
    'clinic: Clinic/Database1 (AWS::RDS::DBCluster): KmsKeyId was {"Fn::GetAtt":["Key1","Arn"]} and is '
      + `{"Fn::GetAtt":["Key2","Arn"]}. An update replaces the resource. ${ADVICE}`,
  ],
  [
    'a new create-only property', database({ DBClusterIdentifier: 'clinic' }),
    'clinic: Clinic/Database1 (AWS::RDS::DBCluster): DBClusterIdentifier was absent and is "clinic". An update '
      + `replaces the resource. ${ADVICE}`,
  ],
])('%s is a breaking change', (_, resources, text) => {
  expect(lockChanges(lock(), lock(resources)).filter(({ breaking }) => breaking)).toEqual([{ breaking: true, text }]);
});

test('a removed example is a breaking change', () => {
  expect(lockChanges(lock(), {}).map(({ breaking }) => breaking)).toEqual([true, true, true]);
});

test('a property that an update can change is no change', () => {
  expect(lockChanges(lock(), lock(database({ BackupRetentionPeriod: 7 })))).toEqual([]);
});

test('a new resource does not break a deployed stack', () => {
  expect(lockChanges(lock(), lock({ ...RESOURCES, Log2: RESOURCES.Log1 }))).toEqual([
    { breaking: false, text: 'clinic: Clinic/Log2 (AWS::Logs::LogGroup) is new. Run npx projen upgrade-lock.' },
  ]);
});

describe('since the last release', () => {
  const changed = lock(without('Log1'));

  test.each(['1.4.3', '1.5.0'])('a breaking change is a problem in %s', (version) => {
    const problems = lockProblems('v1.4.2', lock(), changed, version);
    expect(problems).toEqual([expect.stringContaining('clinic: Clinic/Log1 (AWS::Logs::LogGroup) is gone')]);
    expect(problems).toEqual([expect.stringContaining(`of v1.4.2; the next version is ${version}`)]);
  });

  test('before 1.0, a minor version is no major version', () => {
    expect(lockProblems('v0.1.0', lock(), changed, '0.2.0')).toHaveLength(1);
  });

  test('a major version may contain it', () => {
    expect(lockProblems('v1.4.2', lock(), changed, '2.0.0')).toEqual([]);
  });

  test('any version may contain a new resource', () => {
    expect(lockProblems('v1.4.2', changed, lock(), '1.4.3')).toEqual([]);
  });
});

test('the file has the form that `npx projen upgrade-lock` writes: one line for each resource', () => {
  expect(lockText(lock()).split('\n')[2]).toBe('    "Clinic/Key1": {"Type":"AWS::KMS::Key"},');
  expect(fs.readFileSync(path.join(ROOT, LOCK_FILE), 'utf8')).toBe(lockText(readLock()));
});
