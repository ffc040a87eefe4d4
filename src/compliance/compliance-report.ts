import * as fs from 'fs';
import * as path from 'path';
import { App, IPolicyValidationContext, Stack, Stage, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Acknowledged, acknowledgedBy, acknowledgementsIn, concernsRun, unqualifiedRule } from './acknowledgements';
import { KnownFinding, WRITE_BASELINE, writeBaseline, writesBaseline } from './baseline';
import { findingsIn, RawFinding } from './findings';
import { FoundGap, warningOf } from './imported-vpcs';
import { Judgement, keyOf } from './judgement';
import { NotJudged } from './not-judged';
import { DroppedFinding } from './rule-pack';
import { StackModes } from './scoped-modes';
import { RULES, TEMPLATE_CHECKS } from './template-checks';
import { aroundSynthesis } from '../core/around-synthesis';
import { unwatched } from '../core/monitored-mark';
import { PACKAGE_ROOT } from '../core/package-root';
import { Relaxation, RELAXATION_METADATA } from '../core/relaxation';

/** The name of the report in the cloud assembly. */
export const REPORT_FILE = 'compliance-report.json';
/** The file in which aws-cdk-lib lists the findings of all plugins. */
export const VALIDATION_REPORT = 'validation-report.json';
/** The version of the report's schema. The first number changes if a field changes its meaning or is removed. */
export const SCHEMA_VERSION = '2.3';

/** The parts of a report that a synthesis collects. */
export interface ReportInput {
  /** `enforce` if findings stop the synthesis, otherwise `report`. */
  readonly mode: string;
  /** The names of the plugins that run. */
  readonly checks: string[];
  /** The modes of the stacks. */
  readonly modes: StackModes;
  /** The findings that stop the synthesis, and those that do not. */
  readonly judgement: Judgement;
  /** The file with the known findings, if the app has one. */
  readonly baseline: { readonly file?: string; readonly findings: KnownFinding[] };
  /** Returns the findings that a pack left out because of an acknowledgement. */
  readonly dropped: () => DroppedFinding[];
  /** Returns what the imported VPCs lack. */
  readonly importedVpcs: () => FoundGap[];
  /** The parts that no check reads. */
  notJudged: NotJudged[];
  /** The stacks, with the accounts and regions that the templates are for. */
  context?: IPolicyValidationContext;
}

/** Deletes the reports of an earlier synthesis in the directory, which a failed synthesis would leave. */
export function removeStaleReports(outdir: string): string[] {
  for (const file of [REPORT_FILE, VALIDATION_REPORT]) fs.rmSync(path.join(outdir, file), { force: true });
  return [];
}

/** Writes the report for auditors after every synthesis, also after one that fails on a finding. */
export function reportAfterSynthesis(app: App, input: ReportInput): void {
  app.node.addValidation({
    validate: () => {
      input.judgement.reset();
      return removeStaleReports(app.outdir);
    },
  });
  aroundSynthesis(app, (synthesize) => (options) => {
    try {
      return synthesize(options);
    } finally {
      // A synthesis that stops before its validation has no findings to report.
      if (fs.existsSync(path.join(app.outdir, VALIDATION_REPORT))) {
        updateBaseline(app, input);
        const report = reportOf(app, input);
        if (report.baseline?.written) {
          console.error(`[${report.baseline.file}] contains the open findings now. This synthesis accepts them all: `
            + `synthesize again without ${WRITE_BASELINE}.`);
        }
        for (const { id, path: at } of report.baseline?.stale ?? []) {
          console.error(`[${report.baseline!.file}] ${id} at ${at} is fixed. Write the baseline again.`);
        }
        fs.writeFileSync(path.join(app.outdir, REPORT_FILE), JSON.stringify(report, undefined, 2));
      }
    }
  });
}

/** Writes the open findings that would stop the synthesis into the baseline, if the user asks for it. */
function updateBaseline(app: App, { judgement, baseline }: ReportInput): void {
  // The CDK CLI looks up missing values and synthesizes again. Until then, the templates hold dummy values.
  if (baseline.file === undefined || !writesBaseline(app) || isPending(app)) return;
  const open = openKeys(app);
  writeBaseline(baseline.file, [...judgement.failing].filter(([key]) => open.has(key)).map(([, finding]) => finding));
}

function isPending(app: App): boolean {
  const manifest = fs.readFileSync(path.join(app.outdir, 'manifest.json'), 'utf8');
  return ((JSON.parse(manifest) as { missing?: unknown[] }).missing ?? []).length > 0;
}

/** The keys of the findings without an acknowledgement. */
function openKeys(app: App): Set<string> {
  return new Set(findingsIn(path.join(app.outdir, VALIDATION_REPORT))
    .filter(({ acknowledgedId }) => acknowledgedId === undefined).map(({ id, path: at }) => keyOf(id, at)));
}

function reportOf(app: App, input: ReportInput) {
  const { mode, checks, notJudged, judgement } = input;
  const constructs = app.node.findAll();
  const raw = findingsIn(path.join(app.outdir, VALIDATION_REPORT));
  const relaxed = constructs.flatMap(relaxationsOf);
  const importedVpcs = input.importedVpcs().map(importedVpc);
  // With a feature flag of aws-cdk-lib, its report contains warnings, also those that the report lists elsewhere.
  const open = raw.filter((finding) => finding.acknowledgedId === undefined
    && ![...relaxed, ...importedVpcs].some((each) => isWarningOf(finding, each)));
  const findings = open.filter(({ id, path: at }) => !judgement.known.has(keyOf(id, at))).map(openFinding);
  const baseline = baselineOf(open, input);
  const acknowledged = acknowledgementsIn(app)
    .filter(({ id }) => concernsRun(id, checks)).map((each) => acknowledgement(each, raw, input.dropped()));
  const notWatched = unwatched(app).map((construct) => construct.node.path);
  const stacks = constructs.filter(Stack.isStack).map((stack) => stackOf(stack, input));
  return {
    schemaVersion: SCHEMA_VERSION,
    mode,
    versions: versions(),
    checks,
    stacks,
    counts: {
      findings: findings.length,
      baseline: baseline?.findings.length ?? 0,
      stale: baseline?.stale.length ?? 0,
      acknowledged: acknowledged.length,
      relaxed: relaxed.length,
      notWatched: notWatched.length,
      importedVpcs: importedVpcs.filter((each) => !each.acknowledged).length,
      notJudged: notJudged.length,
    },
    findings,
    baseline,
    relaxed,
    acknowledged,
    notWatched,
    importedVpcs,
    notJudged,
  };
}

function importedVpc(gap: FoundGap) {
  const { vpc, problem: description, remedy: fix, acknowledged } = gap;
  const paragraphs = paragraphsIn(description);
  return { path: vpc.node.path, id: warningOf(gap), description, fix, paragraphs, acknowledged };
}

function acknowledgement(each: Acknowledged, raw: RawFinding[], dropped: DroppedFinding[]) {
  const at = each.construct.node.path;
  const rule = unqualifiedRule(each.id);
  const left = dropped.filter((finding) => finding.rule === rule && `${finding.path}/`.startsWith(at && `${at}/`));
  const covered = raw.filter((finding) => finding.acknowledgedId === each.id && finding.acknowledgedAt === at);
  const paragraphs = [...covered.flatMap(({ description }) => paragraphsIn(description)), ...ownSource(each.id)];
  return {
    path: at,
    id: each.id,
    reason: each.reason,
    by: acknowledgedBy(each),
    paragraphs: [...new Set(paragraphs)],
    findings: [...new Set([...covered, ...left].map((finding) => finding.path))],
  };
}

/** Whether a finding is a warning of this library. A relaxation of an app or a stage also warns on its stacks. */
function isWarningOf({ id, path: at }: RawFinding, warning: { readonly id: string; readonly path: string }): boolean {
  const { path: scope } = warning;
  return id === `Annotation::${warning.id}` && (scope === '' || at === scope || at.startsWith(`${scope}/`));
}

/** The known findings, and the stale entries: those without a finding, or with more places. */
function baselineOf(open: RawFinding[], { baseline: { file, findings }, judgement }: ReportInput) {
  if (file === undefined) return null;
  const known = open.filter(({ id, path: at }) => judgement.known.has(keyOf(id, at)));
  const found = new Set(open.map(({ id, path: at }) => keyOf(id, at)));
  return {
    file,
    written: judgement.writes,
    findings: known.map(openFinding),
    stale: findings.filter(({ id, path: at, count }) => {
      const key = keyOf(id, at);
      return !found.has(key) || (judgement.failing.get(key)?.count ?? 0) < count;
    }),
  };
}

function openFinding(finding: RawFinding) {
  const { check, id, path: at, severity, description, fix, logicalId, template, properties } = finding;
  return {
    check,
    id,
    path: at,
    severity,
    description,
    fix,
    paragraphs: paragraphsIn(description),
    logicalId,
    template,
    properties,
  };
}

/** The paragraphs of the HIPAA Security Rule that the description of a finding names. */
function paragraphsIn(description: string): string[] {
  const found = description.match(/\b164\.\d{3}(\([A-Za-z0-9]+\))+/g) ?? [];
  return [...new Set(found)].map((paragraph) => `45 CFR ${paragraph}`);
}

function ownSource(id: string): string[] {
  const rule = RULES.find((each) => id.replace(/\[.*/, '') === `${TEMPLATE_CHECKS}::${each.id}`);
  return rule ? paragraphsIn(rule.source) : [];
}

function stackOf(stack: Stack, { context, modes, judgement }: ReportInput) {
  const outermost = stack.node.scopes.find(Stack.isStack)!;
  const known = context?.stackTemplates.find(({ stackConstructPath }) => stackConstructPath === outermost.node.path);
  const { mode, reason } = modes.of(stack);
  return {
    path: stack.node.path,
    name: Token.isUnresolved(stack.stackName) ? null : stack.stackName,
    // Null means that the account or the region is chosen at deployment.
    account: known?.accountId ?? null,
    region: known?.region ?? null,
    template: templateOf(stack),
    mode,
    ...reason === undefined ? {} : { reason },
    // The findings of its nested stacks are counted with those of a stack.
    ...mode === 'excluded' && stack === outermost
      ? { excludedFindings: judgement.excluded.get(stack.node.path) ?? 0 }
      : {},
  };
}

/** The template of a stack, relative to the cloud assembly. That of a stage is in a folder of it. */
function templateOf(stack: Stack): string {
  const [app, stage] = [stack.node.root as App, Stage.of(stack)!];
  return path.relative(app.outdir, path.join(stage.outdir, stack.templateFile)).split(path.sep).join('/');
}

function versions() {
  const versionOf = (file: string): string => JSON.parse(fs.readFileSync(file, 'utf8')).version;
  return {
    'cdk-hipaa': versionOf(path.join(PACKAGE_ROOT, 'package.json')),
    'aws-cdk-lib': versionOf(require.resolve('aws-cdk-lib/package.json')),
    'cdk-nag': versionOf(require.resolve('cdk-nag/package.json')),
    'node': process.version,
  };
}

function relaxationsOf(construct: IConstruct) {
  return construct.node.metadata
    .filter((entry) => entry.type === RELAXATION_METADATA)
    .map((entry) => ({ path: construct.node.path, ...entry.data as Relaxation }));
}
