import { Annotations, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/**
 * Recommends termination protection for the stack of a retained cluster, at synthesis.
 *
 * CloudFormation deletes the instances before the cluster. The protected cluster stays, without an instance that serves
 * it.
 */
export function recommendTerminationProtection(cluster: Construct, disposable: boolean): void {
  cluster.node.addValidation({
    validate: () => {
      if (!disposable && !Stack.of(cluster).terminationProtection) {
        Annotations.of(cluster).addInfoV2(
          'cdk-hipaa:no-termination-protection',
          'the cluster has deletion protection, but deleting the stack deletes its instances first: set '
            + 'terminationProtection on the stack',
        );
      }
      return [];
    },
  });
}
