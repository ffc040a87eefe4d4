import * as rds from 'aws-cdk-lib/aws-rds';
import { InstanceSettings } from './instance-settings';
import { acknowledge } from '../../core/acknowledge';

/** Acknowledges the rules that the instance cannot meet, on the instance only. */
export function acknowledgeInstance(
  instance: rds.DatabaseInstance,
  { profile, disposable, multiAz }: InstanceSettings,
): void {
  acknowledge(instance, {
    rules: ['AwsSolutions-RDS11'],
    reason: 'clients and drivers expect the default port; the security group, which lists each client, restricts '
      + 'access, and an unusual port would not',
  });
  if (profile.withheldLog) {
    const { logType, reason } = profile.withheldLog;
    acknowledge(instance, {
      rules: [
        `HIPAA.Security-RDSLoggingEnabled[LogExport::${logType}]`,
        `NIST.800.53.R5-RDSLoggingEnabled[LogExport::${logType}]`,
      ],
      reason,
    });
  }
  if (disposable) {
    acknowledge(
      instance,
      {
        rules: ['HIPAA.Security-RDSInBackupPlan', 'NIST.800.53.R5-RDSInBackupPlan'],
        reason: 'the app declares this data disposable; a backup plan would retain it',
      },
      {
        rules: [
          'HIPAA.Security-RDSInstanceDeletionProtectionEnabled',
          'NIST.800.53.R5-RDSInstanceDeletionProtectionEnabled',
          'AwsSolutions-RDS10',
        ],
        reason: 'the app declares this data disposable, so that one step deletes its stack',
      },
    );
  }
  if (!multiAz) {
    acknowledge(instance, {
      rules: ['HIPAA.Security-RDSMultiAZSupport', 'NIST.800.53.R5-RDSMultiAZSupport', 'AwsSolutions-RDS3'],
      reason: 'the app declares this data disposable, and omits the standby, which would double the price',
    });
  }
}
