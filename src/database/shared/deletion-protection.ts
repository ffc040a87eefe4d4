import { RemovalPolicy } from 'aws-cdk-lib';

/** The props that protect a database from deletion. */
export interface DeletionProtection {
  readonly deletionProtection: boolean;
  readonly deleteAutomatedBackups: boolean;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * Protects retained data, and leaves a snapshot when the stack is deleted. Disposable data is deleted with its stack.
 */
export function deletionProtection(disposable: boolean): DeletionProtection {
  return {
    deletionProtection: !disposable,
    deleteAutomatedBackups: disposable,
    removalPolicy: disposable ? RemovalPolicy.DESTROY : RemovalPolicy.SNAPSHOT,
  };
}
