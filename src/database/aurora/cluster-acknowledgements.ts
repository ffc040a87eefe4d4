import { Token } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { ClusterSettings } from './cluster-settings';
import { acknowledge } from '../../core/acknowledge';

/** Acknowledges the rules that the cluster and its instances cannot meet, on these resources only. */
export function acknowledgeCluster(
  cluster: rds.DatabaseCluster,
  instances: string[],
  { profile, disposable, zones }: ClusterSettings,
): void {
  const { path } = cluster.node;
  acknowledge(cluster, {
    rules: ['AwsSolutions-RDS11'],
    reason: `clients of ${path} expect the default port, and its security group allows only the clients that the app `
      + 'lists; another port would not restrict access',
  });
  if (profile.withheldLog) {
    const { logType, reason } = profile.withheldLog;
    acknowledge(cluster, {
      rules: [
        `HIPAA.Security-RDSLoggingEnabled[LogExport::${logType}]`,
        `NIST.800.53.R5-RDSLoggingEnabled[LogExport::${logType}]`,
      ],
      reason,
    });
    acknowledge(cluster, {
      rules: ['AwsSolutions-RDS14'],
      reason: 'Backtrack is not available in every region and cannot be added later; Aurora restores a copy of this '
        + 'cluster to any second of its retention instead',
    });
  }
  if (disposable) {
    acknowledge(cluster, {
      rules: [
        'HIPAA.Security-RDSInstanceDeletionProtectionEnabled',
        'NIST.800.53.R5-RDSInstanceDeletionProtectionEnabled',
        'AwsSolutions-RDS10',
      ],
      reason: 'the app declares the data of this cluster disposable, so one command must be able to delete it',
    });
  }
  instances.forEach((id, index) => {
    const instance = cluster.node.findChild(id);
    acknowledge(instance, {
      rules: ['HIPAA.Security-RDSInBackupPlan', 'NIST.800.53.R5-RDSInBackupPlan'],
      reason: disposable
        ? `${id} of ${path} serves disposable data, which no vault retains`
        : `${id} of ${path} has no storage of its own: the backup plan contains the cluster, whose volume the `
          + 'instance serves',
    });
    // The rule warns about literal zones, which a network with explicit zones has.
    if (zones[index] !== undefined && !Token.isUnresolved(zones[index])) {
      acknowledge(instance, {
        rules: ['CloudFormation-Validate::W3010'],
        reason: `The VPC has explicit zones, and ${id} of ${path} is in the zone of its subnet`,
      });
    }
  });
}
