import * as fs from 'fs';
import * as path from 'path';
import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { App } from 'aws-cdk-lib';
import { STATEFUL_TYPES } from '../../src/compliance/stateful-types';
import { Dependencies, DependencyTemplate } from '../support/dependencies';
import { USERS } from '../support/shapes';

/** The templates of an app by the ID of the stack. */
export type Templates = Record<string, DependencyTemplate>;

export interface Synthesized {
  readonly templates: Templates;
  /** The findings on resources of the library. */
  readonly findings: string[];
}

const REPLACED = [
  ResourceImpact.WILL_REPLACE, ResourceImpact.MAY_REPLACE, ResourceImpact.WILL_DESTROY, ResourceImpact.WILL_ORPHAN,
];

/** The warnings of constructs: relaxations, for example. */
const WARNINGS = 'Construct Annotations';

/** The stack of an imported VPC has no resources. */
const EMPTY_STACK = 'F0001';

interface Report {
  readonly pluginReports: Array<{
    readonly pluginName: string;
    readonly violations: Array<{
      readonly ruleName: string;
      readonly description?: string;
      readonly violatingConstructs?: Array<{ readonly constructPath?: string }>;
    }>;
  }>;
}

/** Synthesizes an app, without CloudFormation Validate unless `validate` is set. */
export function synthesize(app: App, validate = false): Synthesized {
  const before = process.env.CDK_VALIDATION;
  const { exitCode } = process;
  if (validate) delete process.env.CDK_VALIDATION;
  else process.env.CDK_VALIDATION = 'false';
  const quiet = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    const assembly = app.synth();
    const report = path.join(assembly.directory, 'validation-report.json');
    const findings = fs.existsSync(report) ? findingsOf(JSON.parse(fs.readFileSync(report, 'utf8'))) : [];
    const templates = Object.fromEntries(
      assembly.stacksRecursively.map(({ id, template }) => [id, { Resources: {}, ...template }]));
    fs.rmSync(assembly.directory, { recursive: true });
    return { templates, findings };
  } finally {
    process.env.CDK_VALIDATION = before;
    process.exitCode = exitCode;
    quiet.mockRestore();
  }
}

function findingsOf({ pluginReports }: Report): string[] {
  const findings = pluginReports.filter(({ pluginName }) => pluginName !== WARNINGS);
  return findings.flatMap(({ pluginName, violations }) => violations.flatMap((violation) =>
    (violation.violatingConstructs ?? [{}]).map(({ constructPath = '' }) => constructPath)
      .filter((place) => !place.split('/').includes(USERS) && violation.ruleName !== EMPTY_STACK)
      .map((place) => `${pluginName}: ${violation.ruleName} at ${place}: ${violation.description}`)));
}

/** The resources of each template that depend on themselves, and the tokens that it still contains. */
export function brokenParts(templates: Templates): string[] {
  return Object.entries(templates).flatMap(([stack, template]) => {
    const dependencies = new Dependencies(template);
    const cycles = Object.keys(template.Resources).filter((id) => dependencies.goesBefore(id, id));
    const tokens = JSON.stringify(template).match(/\$\{Token\[[^\]]*\]\}|-1\.888154589\d+e\+289/g) ?? [];
    return [...cycles.map((id) => `${stack}: ${id} depends on itself`), ...tokens.map((token) => `${stack}: ${token}`)];
  });
}

/** The roles without a permissions boundary. */
export function unlimitedRoles(templates: Templates): string[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) => Object.entries(Resources)
    .filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Role' && !Properties.PermissionsBoundary)
    .map(([id]) => `${stack}: ${id} has no permissions boundary`));
}

/** The stateful resources that CloudFormation replaces or deletes between two templates of an app. */
export function replacements(before: Templates, after: Templates): string[] {
  return Object.entries(before).flatMap(([stack, template]) => {
    const { resources } = fullDiff(template, after[stack] ?? {});
    return resources.logicalIds.flatMap((id) => {
      const { changeImpact, oldResourceType } = resources.get(id);
      const isStateful = oldResourceType !== undefined && STATEFUL_TYPES.includes(oldResourceType);
      return isStateful && REPLACED.includes(changeImpact) ? [`${stack}: ${id} ${changeImpact}`] : [];
    });
  });
}

/** The paths at which two values differ, for a message. */
export function differences(one: unknown, other: unknown, at = ''): string[] {
  if (JSON.stringify(one) === JSON.stringify(other)) return [];
  if (!isObject(one) || !isObject(other)) return [`${at}: ${JSON.stringify(one)} and ${JSON.stringify(other)}`];
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return keys.flatMap((key) => differences(one[key], other[key], `${at}/${key}`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
