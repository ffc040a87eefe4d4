import * as fs from 'fs';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { aroundSynthesis } from '../core/around-synthesis';

/** The file in which aws-cdk-lib lists the findings of all plugins. */
const VALIDATION_REPORT = 'validation-report.json';
/** How many findings the error lists. The file has all of them. */
const MAX_LISTED_FINDINGS = 20;

interface ValidationReport {
  readonly pluginReports: Array<{
    readonly pluginName: string;
    readonly conclusion: string;
    readonly violations: Array<{
      readonly ruleName: string;
      readonly severity?: string;
      readonly violatingConstructs: Array<{ readonly constructPath?: string }>;
    }>;
  }>;
}

/**
 * Makes `app.synth()` throw if a plugin has failed, whatever stacks the CDK CLI selects.
 *
 * The CDK CLI reports only the findings of the selected stacks, and a stack in a `Stage` is not selected by default.
 * An exit code alone is lost where the app is written in another language: only an error stops every app.
 */
export function failSynthesisOnFindings(app: App): void {
  aroundSynthesis(app, (synthesize) => (options) => {
    const assembly = synthesize(options);
    // The CDK CLI looks up the missing values and synthesizes again. Until then, the templates hold dummy values.
    const pending = (assembly.manifest.missing ?? []).length > 0 && underCli();
    const findings = pending ? [] : findingsOf(path.join(assembly.directory, VALIDATION_REPORT));
    if (findings.length > 0) throw new Error(messageOf(findings, assembly.directory));
    return assembly;
  });
}

const underCli = () => process.env.CDK_CLI_VERSION !== undefined;

/** One line per failed rule and resource. */
function findingsOf(file: string): string[] {
  if (!fs.existsSync(file)) return [];
  const { pluginReports } = JSON.parse(fs.readFileSync(file, 'utf8')) as ValidationReport;
  const lines = pluginReports
    .filter(({ conclusion }) => conclusion === 'failure')
    .flatMap(({ pluginName, violations }) => {
      const errors = violations.filter(({ severity }) => severity !== 'warning' && severity !== 'info');
      const found = errors.flatMap(({ ruleName, violatingConstructs }) =>
        violatingConstructs.map(
          ({ constructPath }) => `${pluginName}: ${ruleName} at ${constructPath || 'an unknown path'}`,
        ),
      );
      return found.length > 0 ? found : [`${pluginName}: the plugin failed`];
    });
  return [...new Set(lines)];
}

function messageOf(findings: string[], directory: string): string {
  const more = findings.length - MAX_LISTED_FINDINGS;
  return [
    `ComplianceChecks found ${findings.length} violation${findings.length === 1 ? '' : 's'}:`,
    ...findings.slice(0, MAX_LISTED_FINDINGS).map((finding) => `  ${finding}`),
    ...more > 0 ? [`  and ${more} more`] : [],
    `Correct or acknowledge each one. ${path.join(directory, VALIDATION_REPORT)} describes them.`,
  ].join('\n');
}
