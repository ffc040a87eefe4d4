import * as rds from 'aws-cdk-lib/aws-rds';
import { InstanceSettings } from './instance-settings';
import { acknowledge } from '../../core/acknowledge';

/** Acknowledges, on the instance alone, the rules that it cannot meet. */
export function acknowledgeInstance(instance: rds.DatabaseInstance, { profile, disposable, multiAz }: InstanceSettings): void {
  acknowledge(instance, {
    rules: ['AwsSolutions-RDS11'],
    reason: 'clients, drivers and tunnels look for the database at the port they know; others are kept out by the security group, which names each one that may connect, not by a port that is hard to guess',
  });
  if (profile.withheldLog) {
    const { logType, reason } = profile.withheldLog;
    acknowledge(instance, {
      rules: [`HIPAA.Security-RDSLoggingEnabled[LogExport::${logType}]`, `NIST.800.53.R5-RDSLoggingEnabled[LogExport::${logType}]`],
      reason,
    });
  }
  if (disposable) {
    acknowledge(instance,
      {
        rules: ['HIPAA.Security-RDSInBackupPlan', 'NIST.800.53.R5-RDSInBackupPlan'],
        reason: 'the app has said that this data is disposable; a vault would go on keeping it',
      },
      {
        rules: ['HIPAA.Security-RDSInstanceDeletionProtectionEnabled', 'NIST.800.53.R5-RDSInstanceDeletionProtectionEnabled', 'AwsSolutions-RDS10'],
        reason: 'the app has said that this data is disposable, so that its stack can be destroyed in one step',
      },
    );
  }
  if (!multiAz) {
    acknowledge(instance, {
      rules: ['HIPAA.Security-RDSMultiAZSupport', 'NIST.800.53.R5-RDSMultiAZSupport', 'AwsSolutions-RDS3'],
      reason: 'the app has said that this data is disposable, and does without the standby that would double its price',
    });
  }
}
