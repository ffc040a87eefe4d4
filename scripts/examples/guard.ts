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

interface RawResource {
  readonly Type: string;
}

type RawResources = Record<string, RawResource>;

interface RawTemplate {
  readonly Resources?: RawResources;
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

/** A rule file and the resource types that it reads. Each rule selects its resources by their types. */
interface RuleFile {
  readonly file: string;
  readonly types: Set<string>;
}

/** The rule files of each service: `rds`. Read once. */
let rulesByService: Map<string, RuleFile[]> | undefined;

/**
 * Every rule that a template violates, once for each resource.
 *
 * The time that Guard needs grows with the number of rules times the number of properties. The rules of a service read
 * the resources of the types that they name. Of a resource to which these refer, they read only the type. So Guard runs
 * once for each service, on a template that contains the former, and the types of the latter.
 */
export function guardFindings(template: string): GuardFinding[] {
  const body: RawTemplate = JSON.parse(fs.readFileSync(template, 'utf8'));
  rulesByService ??= readRules();
  return [...rulesByService.values()].flatMap((rules) => findingsOf(rules, body));
}

function readRules(): Map<string, RuleFile[]> {
  const services = fs.readdirSync(RULES).filter((name) => fs.statSync(path.join(RULES, name)).isDirectory());
  return new Map(services.map((service) => [
    service,
    fs.readdirSync(path.join(RULES, service)).map((name) => path.join(RULES, service, name))
      .map((file) => ({ file, types: typesIn(file) })),
  ]));
}

function typesIn(rule: string): Set<string> {
  return new Set(fs.readFileSync(rule, 'utf8').match(/AWS(::\w+){2}/g));
}

function findingsOf(rules: RuleFile[], template: RawTemplate): GuardFinding[] {
  const present = new Set(Object.values(template.Resources ?? {}).map(({ Type }) => Type));
  const used = rules.filter(({ types }) => [...types].some((type) => present.has(type)));
  if (used.length === 0) return [];
  const resources = read(used, Object.entries(template.Resources ?? {}));
  return run(used.map(({ file }) => file), { ...template, Resources: resources })
    .flatMap((finding) => finding.logicalId === undefined ? located(finding, resources) : [finding]);
}

/** Returns the resources that the rules read. A resource to which these refer has only its type. */
function read(rules: RuleFile[], all: Array<[string, RawResource]>): RawResources {
  const isRead = ({ Type }: RawResource) => rules.some(({ types }) => types.has(Type));
  const text = JSON.stringify(all.filter(([, resource]) => isRead(resource)));
  return Object.fromEntries(all
    .filter(([logicalId, resource]) => isRead(resource) || text.includes(logicalId))
    .map(([logicalId, resource]) => [logicalId, isRead(resource) ? resource : { Type: resource.Type }]));
}

/** Runs Guard with these rule files on a template. */
function run(rules: string[], template: RawTemplate): GuardFinding[] {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'guard-'));
  try {
    const file = path.join(directory, 'resources.template.json');
    fs.writeFileSync(file, JSON.stringify(template));
    const validator = new CfnGuardValidator({ controlTowerRulesEnabled: false, rules, maxBuffer: MAX_OUTPUT });
    const { violations } = validator.validate({ templatePaths: [file], appConstruct: undefined as never });
    return violations.flatMap((violation) =>
      violation.violatingResources.map(({ resourceLogicalId }) => (
        { rule: violation.ruleName, description: violation.description, logicalId: resourceLogicalId })));
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

/**
 * A rule that compares with a list reports the item of the list and no resource. Runs this rule on each resource
 * separately.
 */
function located(finding: GuardFinding, resources: RawResources): GuardFinding[] {
  const file = ruleFile(finding);
  if (file === undefined) return [finding];
  const types = typesIn(file);
  const candidates = Object.keys(resources).filter((logicalId) => types.has(resources[logicalId].Type));
  const places = candidates
    .filter((logicalId) => run([file], { Resources: { [logicalId]: resources[logicalId] } }).length > 0);
  return places.length === 0 ? [finding] : places.map((logicalId) => ({ ...finding, logicalId }));
}

/** The file of the rule. The description starts with the control: `[CT.RDS.PR.14]: …`. */
function ruleFile({ description }: GuardFinding): string | undefined {
  const control = /^\[(CT\.(\w+)\.[\w.]+)\]/.exec(description);
  const file =
    control && path.join(RULES, control[2].toLowerCase(), `${control[1].toLowerCase().replace(/\./g, '-')}.guard`);
  return file && fs.existsSync(file) ? file : undefined;
}
