import { Token } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { ClusterSettings } from './cluster-settings';
import { acknowledge } from '../../core/acknowledge';

/** Acknowledges, on the cluster and on each of its instances alone, the rules that they cannot meet. */
export function acknowledgeCluster(cluster: rds.DatabaseCluster, instances: string[], { profile, disposable, zones }: ClusterSettings): void {
  const { path } = cluster.node;
  acknowledge(cluster, {
    rules: ['AwsSolutions-RDS11'],
    reason: `clients look for ${path} at the port that they know; whoever is not named in its security group is kept out on any port`,
  });
  if (profile.withheldLog) {
    const { logType, reason } = profile.withheldLog;
    acknowledge(cluster, {
      rules: [`HIPAA.Security-RDSLoggingEnabled[LogExport::${logType}]`, `NIST.800.53.R5-RDSLoggingEnabled[LogExport::${logType}]`],
      reason,
    });
    acknowledge(cluster, {
      rules: ['AwsSolutions-RDS14'],
      reason: 'not every region offers Backtrack, and no cluster gets it later; Aurora restores this one to any second of its retention beside the one that runs, without turning that one back',
    });
  }
  if (disposable) {
    acknowledge(cluster, {
      rules: ['HIPAA.Security-RDSInstanceDeletionProtectionEnabled', 'NIST.800.53.R5-RDSInstanceDeletionProtectionEnabled', 'AwsSolutions-RDS10'],
      reason: 'the data of this cluster is disposable, as the app has said, and one command has to be able to destroy it',
    });
  }
  instances.forEach((id, index) => {
    const instance = cluster.node.findChild(id);
    acknowledge(instance, {
      rules: ['HIPAA.Security-RDSInBackupPlan', 'NIST.800.53.R5-RDSInBackupPlan'],
      reason: disposable
        ? `${id} of ${path} serves disposable data, which no vault goes on keeping`
        : `${id} of ${path} has no storage of its own: what it serves is the volume of the cluster, and the backup plan names the cluster`,
    });
    // A warning about zones that are written out, as they are where the network itself names them.
    if (zones[index] !== undefined && !Token.isUnresolved(zones[index])) {
      acknowledge(instance, { rules: ['CloudFormation-Validate::W3010'], reason: `The network names the zone of its subnets, and with it the one that ${id} of ${path} stands in` });
    }
  });
}
