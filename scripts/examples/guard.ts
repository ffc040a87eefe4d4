import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';

/** A violation of a Control Tower Guard rule. */
export interface GuardFinding {
  readonly rule: string;
  readonly description: string;
  /** The resource. Undefined if Guard does not identify it. */
  readonly logicalId?: string;
}

interface RawTemplate {
  readonly Resources?: Record<string, { readonly Type: string }>;
}

/** The directory of the rules in the package: ct-rds-pr-14 is rds/ct-rds-pr-14.guard. */
const RULES = path.join(
  path.dirname(require.resolve('@cdklabs/cdk-validator-cfnguard/package.json')),
  'rules',
  'control-tower',
  'cfn-guard',
);
/** The maximum output of Guard for one template, in bytes. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Every rule that a template violates, once for each resource. */
export function guardFindings(template: string): GuardFinding[] {
  return run(new CfnGuardValidator({ maxBuffer: MAX_OUTPUT }), template)
    .flatMap((finding) => finding.logicalId === undefined ? located(finding, template) : [finding]);
}

function run(validator: CfnGuardValidator, template: string): GuardFinding[] {
  const { violations } = validator.validate({ templatePaths: [template], appConstruct: undefined as never });
  return violations.flatMap((violation) =>
    violation.violatingResources.map(({ resourceLogicalId }) => (
      { rule: violation.ruleName, description: violation.description, logicalId: resourceLogicalId })));
}

/**
 * A rule that compares with a list reports the item of the list and no resource. Runs this rule on each resource
 * separately.
 */
function located(finding: GuardFinding, template: string): GuardFinding[] {
  const file = ruleFile(finding);
  if (file === undefined) return [finding];
  const types = new Set(fs.readFileSync(file, 'utf8').match(/AWS(::\w+){2}/g));
  const { Resources = {} }: RawTemplate = JSON.parse(fs.readFileSync(template, 'utf8'));
  const candidates = Object.keys(Resources).filter((logicalId) => types.has(Resources[logicalId].Type));
  const places = candidates.filter((logicalId) => violates(file, { [logicalId]: Resources[logicalId] }));
  return places.length === 0 ? [finding] : places.map((logicalId) => ({ ...finding, logicalId }));
}

/** The file of the rule. The description starts with the control: `[CT.RDS.PR.14]: …`. */
function ruleFile({ description }: GuardFinding): string | undefined {
  const control = /^\[(CT\.(\w+)\.[\w.]+)\]/.exec(description);
  const file =
    control && path.join(RULES, control[2].toLowerCase(), `${control[1].toLowerCase().replace(/\./g, '-')}.guard`);
  return file && fs.existsSync(file) ? file : undefined;
}

function violates(rule: string, resources: object): boolean {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'guard-'));
  try {
    const template = path.join(directory, 'resource.template.json');
    fs.writeFileSync(template, JSON.stringify({ Resources: resources }));
    return (
      run(new CfnGuardValidator({ controlTowerRulesEnabled: false, rules: [rule], maxBuffer: MAX_OUTPUT }), template)
        .length > 0
    );
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}
