import { Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NagPack, NIST80053R5Checks } from 'cdk-nag';
import { Construct } from 'constructs';

/** A rule that a pack reports on a resource: `HIPAA.Security-LambdaDLQ at Stack/Function/Resource`. */
export function nagFindings(scope: Construct, ...packs: NagPack[]): string[] {
  const root = scope.node.root;
  // Roles and policies that are made lazily exist only once the tree has been prepared.
  Stack.of(scope).node.root.node.findAll();
  const chosen = packs.length > 0 ? packs : [new HIPAASecurityChecks(root), new AwsSolutionsChecks(root), new NIST80053R5Checks(root)];
  return chosen.flatMap((pack) => pack.validateScope(root).violations.flatMap((violation) =>
    violation.violatingResources.map((resource) => `${violation.ruleName} at ${resource.constructPath ?? resource.resourceLogicalId}`))).sort();
}
