import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NagPack, NIST80053R5Checks } from 'cdk-nag';
import { Construct, IConstruct } from 'constructs';

/**
 * The findings of the packs in the tree of a construct without an acknowledgement: `HIPAA.Security-LambdaDLQ at
 * Stack/Function/Resource`.
 */
export function nagFindings(scope: Construct, ...packs: NagPack[]): string[] {
  const root = scope.node.root;
  const chosen =
    packs.length > 0
      ? packs
      : [new HIPAASecurityChecks(root), new AwsSolutionsChecks(root), new NIST80053R5Checks(root)];
  return chosen.flatMap((pack) => pack.validateScope(root).violations.flatMap((violation) =>
    violation.violatingResources
      .filter((resource) => !acknowledgedAt(root, resource.constructPath!).has(`${pack.name}::${violation.ruleName}`))
      .map((resource) => `${violation.ruleName} at ${resource.constructPath}`))).sort();
}

/** The qualified IDs that are acknowledged on the construct at a path. */
function acknowledgedAt(root: IConstruct, path: string): Set<string> {
  const node = path.split('/').reduce<IConstruct>((at, id) => at.node.findChild(id), root).node;
  return new Set(node.metadata
    .filter((entry) => entry.type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap((entry) => Object.keys(entry.data)));
}
