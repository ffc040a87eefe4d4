import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { needsAllResources } from '../../../src/compliance/policies/unscoped-actions';
import { newStack, propertiesOf, templateOf } from '../../support/app';
import { only, Properties, someDatabase } from '../instance/some-database';

describe('AWS Backup', () => {
  const database = someDatabase();
  const template = templateOf(database);

  test('the vault is encrypted with the database key, retained, and denies manual deletion', () => {
    template.hasResource('AWS::Backup::BackupVault', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        EncryptionKeyArn: { 'Fn::GetAtt': ['DatabaseKey5E5D9547', 'Arn'] },
        BackupVaultName: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('^database-[0-9a-f]{8}-$')])] },
        AccessPolicy: {
          Statement: [
            {
              Effect: 'Deny',
              Action: ['backup:DeleteRecoveryPoint', 'backup:UpdateRecoveryPointLifecycle'],
              Principal: { AWS: '*' },
              Resource: '*',
            },
          ],
        },
      },
    });
    expect(database.backupVault).toBeDefined();
  });

  test('the plan takes a snapshot every day, outside the windows of RDS, and keeps it for 35 days', () => {
    expect(only(template, 'AWS::Backup::BackupPlan').BackupPlan.BackupPlanRule).toEqual([
      {
        RuleName: 'daily',
        ScheduleExpression: 'cron(0 6 * * ? *)',
        StartWindowMinutes: 60,
        CompletionWindowMinutes: 1440,
        Lifecycle: { DeleteAfterDays: 35 },
        EnableContinuousBackup: false,
        TargetBackupVault: {
          'Fn::GetAtt': [Object.keys(template.findResources('AWS::Backup::BackupVault'))[0], 'BackupVaultName'],
        },
      },
    ]);
    expect(database.backupPlan).toBeDefined();
  });

  test('the plan selects this database only', () => {
    const { BackupSelection } = only(template, 'AWS::Backup::BackupSelection');
    expect(BackupSelection.Resources).toEqual([
      { 'Fn::Join': ['', expect.arrayContaining([':db:', { Ref: 'DatabaseInstanceAA8A5FDE' }])] },
    ]);
    expect(BackupSelection.ListOfTags).toBeUndefined();
  });

  test('the selection is created after the policy of its role', () => {
    template.hasResource('AWS::Backup::BackupSelection', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('RolePolicy')]),
    });
  });

  test('only AWS Backup assumes the role', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'backup.amazonaws.com' } }],
      },
      ManagedPolicyArns: Match.absent(),
    });
  });

  describe('the role', () => {
    const policies = Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy'));
    const statements: Properties[] = policies.flatMap((policy) => policy.PolicyDocument.Statement);
    const statementWith = (action: string) =>
      statements.find((statement) => [statement.Action].flat().includes(action))!;

    test('takes snapshots of this database', () => {
      expect(JSON.stringify(statementWith('rds:CreateDBSnapshot').Resource)).toMatch(
        /":db:",\{"Ref":"DatabaseInstanceAA8A5FDE"\}.*:snapshot:awsbackup:\*"/,
      );
    });

    test('deletes snapshots of AWS Backup only', () => {
      expect(statementWith('rds:DeleteDBSnapshot').Resource['Fn::Join'][1].at(-1)).toBe(':snapshot:awsbackup:*');
    });

    test('uses the key through AWS services only', () => {
      expect(statementWith('kms:CreateGrant')).toMatchObject({
        Resource: { 'Fn::GetAtt': ['DatabaseKey5E5D9547', 'Arn'] },
        Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      });
    });

    test('names every resource, except for an action without resource-level permissions', () => {
      const wide = statements
        .filter((statement) => statement.Resource === '*')
        .flatMap((statement) => [statement.Action].flat());
      expect(wide).toEqual(['tag:GetResources']);
      expect(wide.filter((action) => !needsAllResources(action))).toEqual([]);
    });

    test('has no action with a wildcard', () => {
      expect(
        statements.flatMap((statement) => [statement.Action].flat()).filter((action) => action.includes('*')),
      ).toEqual([]);
    });
  });
});

test('vaultRetention sets the retention of the snapshot', () => {
  const database = someDatabase(newStack(), { backup: { vaultRetention: Duration.days(2555) } });
  templateOf(database).hasResourceProperties('AWS::Backup::BackupPlan', {
    BackupPlan: { BackupPlanRule: [Match.objectLike({ Lifecycle: { DeleteAfterDays: 2555 } })] },
  });
});
