import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';

/** A Control Tower Guard rule that a template breaks. */
export interface GuardFinding {
  readonly rule: string;
  readonly description: string;
  /** The resource. Undefined if nothing shows which one it is. */
  readonly logicalId?: string;
}

interface RawTemplate {
  readonly Resources?: Record<string, { readonly Type: string }>;
}

/** Where the package keeps its rules: ct-rds-pr-14 is rds/ct-rds-pr-14.guard. */
const RULES = path.join(
  path.dirname(require.resolve('@cdklabs/cdk-validator-cfnguard/package.json')),
  'rules',
  'control-tower',
  'cfn-guard',
);
/** What Guard may print about one template, in bytes. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Every rule that a template breaks, once for each resource. */
export function guardFindings(template: string): GuardFinding[] {
  return run(new CfnGuardValidator({ maxBuffer: MAX_OUTPUT }), template)
    .flatMap((finding) => finding.logicalId === undefined ? placed(finding, template) : [finding]);
}

function run(validator: CfnGuardValidator, template: string): GuardFinding[] {
  const { violations } = validator.validate({ templatePaths: [template], appConstruct: undefined as never });
  return violations.flatMap((violation) =>
    violation.violatingResources.map(({ resourceLogicalId }) => (
      { rule: violation.ruleName, description: violation.description, logicalId: resourceLogicalId })));
}

/**
 * A rule that compares with a list of its own reports the list's item and no resource: the one rule is asked about each
 * resource alone.
 */
function placed(finding: GuardFinding, template: string): GuardFinding[] {
  const file = ruleFile(finding);
  if (file === undefined) return [finding];
  const types = new Set(fs.readFileSync(file, 'utf8').match(/AWS(::\w+){2}/g));
  const { Resources = {} }: RawTemplate = JSON.parse(fs.readFileSync(template, 'utf8'));
  const candidates = Object.keys(Resources).filter((logicalId) => types.has(Resources[logicalId].Type));
  const places = candidates.filter((logicalId) => breaksAlone(file, { [logicalId]: Resources[logicalId] }));
  return places.length === 0 ? [finding] : places.map((logicalId) => ({ ...finding, logicalId }));
}

/** The file of the rule whose control stands in front of the description: `[CT.RDS.PR.14]: …`. */
function ruleFile({ description }: GuardFinding): string | undefined {
  const control = /^\[(CT\.(\w+)\.[\w.]+)\]/.exec(description);
  const file =
    control && path.join(RULES, control[2].toLowerCase(), `${control[1].toLowerCase().replace(/\./g, '-')}.guard`);
  return file && fs.existsSync(file) ? file : undefined;
}

function breaksAlone(rule: string, resources: object): boolean {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'guard-'));
  try {
    const template = path.join(directory, 'alone.template.json');
    fs.writeFileSync(template, JSON.stringify({ Resources: resources }));
    return (
      run(new CfnGuardValidator({ controlTowerRulesEnabled: false, rules: [rule], maxBuffer: MAX_OUTPUT }), template)
        .length > 0
    );
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}
