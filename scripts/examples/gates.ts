import * as fs from 'fs';
import * as path from 'path';
import { ConstructPaths } from './construct-paths';
import { Synthesis } from './example';
import { guardFindings } from './guard';
import { guardException } from './guard-exceptions';

/** The Control Tower Guard rules, which are independent of the packs. */
const GUARD = 'Control Tower Guard';

const VALIDATION_REPORT = 'validation-report.json';
const COMPLIANCE_REPORT = 'compliance-report.json';

/** The gates that every example must pass. */
export const GATES = [
  'CloudFormation Validate',
  'HIPAA.Security',
  'AwsSolutions',
  'NIST.800.53.R5',
  GUARD,
  'cdk-hipaa',
];

/** A rule that a resource violates. */
export interface Finding {
  readonly gate: string;
  readonly id: string;
  readonly path: string;
  readonly description: string;
}

/** An accepted finding. */
export interface Accepted {
  readonly gate: string;
  readonly id: string;
  readonly path: string;
  readonly reason: string;
}

/** A safeguard that an example relaxes explicitly, with a named factory and a reason. */
export interface RelaxedSafeguard {
  readonly id: string;
  readonly path: string;
  readonly what: string;
  readonly reason: string;
}

/** The result of the synthesis and of the checks of an example. */
export interface ExampleReport {
  readonly name: string;
  readonly ok: boolean;
  readonly stacks: number;
  readonly resources: number;
  readonly seconds: number;
  readonly violations: Finding[];
  readonly acknowledged: Accepted[];
  readonly relaxed: RelaxedSafeguard[];
}

interface RawReport {
  readonly pluginReports: Array<{
    readonly pluginName: string;
    readonly violations: RawViolation[];
    readonly suppressedViolations?: RawViolation[];
  }>;
}
interface RawViolation {
  readonly ruleName: string;
  readonly description: string;
  readonly violatingConstructs: Array<{
    readonly constructPath?: string;
    readonly cloudFormationResource?: { readonly logicalId: string };
  }>;
  readonly acknowledgedReason?: string;
  readonly reason?: string;
}
interface RawComplianceReport {
  readonly checks: string[];
  readonly mode: string;
  readonly acknowledged: Array<{ readonly id: string; readonly path: string; readonly reason: string }>;
  readonly relaxed: RelaxedSafeguard[];
  readonly findings: Array<{ readonly check: string; readonly id: string; readonly path: string }>;
  readonly notJudged: Array<{ readonly path: string; readonly what: string }>;
}
interface RawTemplate {
  readonly Resources?: Record<string, unknown>;
}

/**
 * Checks the cloud assembly of an example: reads the reports of the synthesis, and runs the Guard rules on the
 * templates.
 */
export function judge(name: string, synthesis: Synthesis): ExampleReport {
  const templates = templatesIn(synthesis.directory);
  const violations: Finding[] = [];
  const acknowledged: Accepted[] = [];
  const relaxed = readReports(synthesis.directory, violations, acknowledged);
  runGuard(name, synthesis.directory, templates, violations, acknowledged);
  const bodies = templates.map(readTemplate);
  return {
    name,
    ok: synthesis.ok,
    stacks: templates.length,
    resources: bodies.reduce((sum, body) => sum + Object.keys(body.Resources ?? {}).length, 0),
    seconds: Number(synthesis.seconds.toFixed(1)),
    violations,
    acknowledged,
    relaxed,
  };
}

/** Reads the findings and the accepted findings, and returns the relaxed safeguards. */
function readReports(directory: string, violations: Finding[], acknowledged: Accepted[]): RelaxedSafeguard[] {
  // An app that stopped before its validation has no reports. The gates are findings then.
  if (!fs.existsSync(path.join(directory, COMPLIANCE_REPORT))) {
    for (const gate of GATES.filter((name) => name !== GUARD)) {
      violations.push({ gate, id: 'gate-did-not-run', path: '', description: `${gate} did not run on this example` });
    }
    return [];
  }
  // The validation report omits checks without findings. The compliance report lists the checks that ran.
  const {
    checks,
    mode,
    acknowledged: allAcknowledged,
    relaxed,
    findings,
    notJudged,
  }: RawComplianceReport = readJson(path.join(directory, COMPLIANCE_REPORT));
  for (const gate of GATES.filter((name) => name !== GUARD && (mode !== 'enforce' || !checks.includes(name)))) {
    violations.push({
      gate,
      id: 'gate-did-not-run',
      path: '',
      description: `${gate} did not run on this example, or only reports`,
    });
  }
  // With a feature flag of aws-cdk-lib, the validation report includes warnings, including those about relaxed
  // safeguards.
  const warned = new Set(relaxed.map(({ id, path: at }) => `Annotation::${id} ${at}`));
  const report: RawReport = readJson(path.join(directory, VALIDATION_REPORT));
  for (const plugin of report.pluginReports) {
    const gate = plugin.pluginName;
    for (const violation of plugin.violations) {
      violations.push(...pathsOf(violation).filter((at) => !warned.has(`${violation.ruleName} ${at}`))
        .map((at) => ({ gate, id: violation.ruleName, path: at, description: violation.description })));
    }
    for (const accepted of plugin.suppressedViolations ?? []) {
      acknowledged.push(
        ...pathsOf(accepted).map((at) => ({
          gate,
          id: accepted.ruleName,
          path: at,
          reason: accepted.reason ?? accepted.acknowledgedReason ?? '',
        })),
      );
    }
  }
  // The compliance report has the same findings, and names what no check reads.
  const found = new Set(violations.map(({ id, path: at }) => `${id.replace(/^[^[]*?::/, '')} ${at}`));
  for (const { check, id, path: at } of findings) {
    if (found.has(`${id.replace(/^[^[]*?::/, '')} ${at}`)) continue;
    violations.push({ gate: check, id, path: at, description: 'only the compliance report has this finding' });
  }
  for (const { path: at, what } of notJudged) {
    violations.push({ gate: 'cdk-hipaa', id: 'not-judged', path: at, description: `no check reads ${what}` });
  }
  // Also lists acknowledgements without a finding: aws-cdk-lib acknowledges some findings in advance.
  const listed = new Set(acknowledged.map(({ id, path: at }) => `${id} ${at}`));
  for (const { id: qualified, path: at, reason } of allAcknowledged) {
    const [namespace, ...rule] = qualified.split('::');
    const id = rule.join('::');
    if (!listed.has(`${id} ${at}`)) acknowledged.push({ gate: namespace.replace(/-/g, ' '), id, path: at, reason });
  }
  return relaxed;
}

function pathsOf(violation: RawViolation): string[] {
  return violation.violatingConstructs.map((at) => at.constructPath ?? at.cloudFormationResource?.logicalId ?? '');
}

function runGuard(
  name: string,
  directory: string,
  templates: string[],
  violations: Finding[],
  acknowledged: Accepted[],
) {
  const paths = new ConstructPaths(directory);
  for (const template of templates) {
    for (const { rule, description, logicalId } of guardFindings(template)) {
      const finding = { gate: GUARD, id: rule, path: logicalId === undefined ? '' : paths.of(template, logicalId) };
      const reason = guardException(rule, finding.path, name);
      if (reason === undefined) violations.push({ ...finding, description });
      else acknowledged.push({ ...finding, reason });
    }
  }
}

function templatesIn(directory: string): string[] {
  return fs.readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => path.join(directory, file));
}

function readTemplate(file: string): RawTemplate {
  return readJson(file);
}

function readJson<T>(file: string): T {
  return JSON.parse(fs.readFileSync(file, 'utf8')) as T;
}
