import { Template } from 'aws-cdk-lib/assertions';
import { backedUpForAWeek, backupWindow, leavesASnapshot, standby } from './database';
import { everyTierInTwoZones } from './network';
import { BUCKET, DATABASE, database, LOG_GROUP } from './parts';
import { circuitBreaker, rollsWithoutGap } from './service';
import { attribute, only, propertiesOf, text, whoMay } from '../../../support/template/reading';

interface RawResource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly DeletionPolicy?: string;
}
const resources = (template: Template): RawResource[] => Object.values(template.toJSON().Resources);

/**
 * RDS keeps transaction logs beside the daily backup, so any second of the retention can be restored. The backups
 * outlive the instance.
 */
export function anySecondOfAWeek(template: Template) {
  backedUpForAWeek(template);
  expect(database(template).DeleteAutomatedBackups).toBe(false);
}

/** A daily snapshot in a vault whose policy denies deletion. */
export function dailySnapshots(template: Template) {
  const plan = only(template, 'AWS::Backup::BackupPlan');
  const vault = only(template, 'AWS::Backup::BackupVault');
  expect(propertiesOf(template, 'AWS::Backup::BackupPlan', plan).BackupPlan.BackupPlanRule).toMatchObject([
    {
      ScheduleExpression: expect.stringMatching(/^cron\(0 \d+ \* \* \? \*\)$/),
      Lifecycle: { DeleteAfterDays: 35 },
      TargetBackupVault: attribute(vault, 'BackupVaultName'),
    },
  ]);
  const selection = propertiesOf(
    template,
    'AWS::Backup::BackupSelection',
    only(template, 'AWS::Backup::BackupSelection', { BackupPlanId: attribute(plan, 'BackupPlanId') }),
  );
  const [resource, ...more] = selection.BackupSelection.Resources;
  expect(text(resource)).toMatch(new RegExp(`:db:\\$\\{\\{'Ref':'${only(template, DATABASE)}'\\}\\}$`));
  expect(more).toEqual([]);
  const role = selection.BackupSelection.IamRoleArn['Fn::GetAtt'][0];
  expect(whoMay(template, 'rds:CreateDBSnapshot').map((right) => right.role)).toEqual([role, role]);
  expect(propertiesOf(template, 'AWS::Backup::BackupVault', vault).AccessPolicy.Statement).toContainEqual({
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: ['backup:DeleteRecoveryPoint', 'backup:UpdateRecoveryPointLifecycle'],
    Resource: '*',
  });
}

/** Meets "less than 24 hours": the transaction logs restore a second, and the snapshots a day. */
export function losesLessThanADay(template: Template) {
  anySecondOfAWeek(template);
  backupWindow(template);
  dailySnapshots(template);
  leavesASnapshot(template);
}

/** Meets "less than one hour" automatically: zones fail over, and failed deployments roll back. */
export function backWithinTheHour(template: Template) {
  standby(template);
  everyTierInTwoZones(template);
  circuitBreaker(template);
  rollsWithoutGap(template);
}

/** The types whose name a new attempt could find in use, and the property with the name. */
const NAMED: Record<string, string> = {
  'AWS::Backup::BackupVault': 'BackupVaultName',
  'AWS::CloudFront::CachePolicy': 'Name',
  'AWS::RDS::DBInstance': 'DBInstanceIdentifier',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SecretsManager::Secret': 'Name',
};

/** A name contains a part of the stack ID, so a second copy or a new attempt finds no name in use. */
export function canBeMadeAgain(template: Template) {
  const named = resources(template).filter(({ Type, Properties = {} }) => Type in NAMED && NAMED[Type] in Properties);
  expect(named.map(({ Type }) => Type)).toEqual(expect.arrayContaining([DATABASE, LOG_GROUP]));
  for (const { Type, Properties } of named) {
    expect(JSON.stringify(Properties?.[NAMED[Type]])).toContain('{"Ref":"AWS::StackId"}');
  }
  expect(Object.keys(template.toJSON().Parameters)).toEqual(['BootstrapVersion']);
}

/** Resources that hold data or decrypt it outlive the stack. */
export function keepsTheData(template: Template) {
  leavesASnapshot(template);
  for (const { Type, DeletionPolicy } of resources(template)) {
    if (
      [BUCKET, LOG_GROUP, 'AWS::KMS::Key', 'AWS::SecretsManager::Secret', 'AWS::Backup::BackupVault'].includes(Type)
    ) {
      expect(DeletionPolicy).toMatch(/^Retain(ExceptOnCreate)?$/);
    }
  }
}
