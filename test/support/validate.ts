import * as fs from 'fs';
import * as path from 'path';
import { App } from 'aws-cdk-lib';

/** The findings of CloudFormation Validate in the templates of an app, as `rule at path: description`. */
export function templateFindings(app: App): string[] {
  const before = process.env.CDK_VALIDATION;
  let failure: unknown;
  delete process.env.CDK_VALIDATION;
  try {
    app.synth();
  } catch (error) {
    if (!(error instanceof Error) || !fs.existsSync(path.join(app.outdir, 'validation-report.json'))) throw error;
    failure = error;
  } finally {
    process.env.CDK_VALIDATION = before;
  }
  const report = JSON.parse(fs.readFileSync(path.join(app.outdir, 'validation-report.json'), 'utf8'));
  const findings: string[] = report.pluginReports
    .filter((plugin: { pluginName: string }) => plugin.pluginName === 'CloudFormation Validate')
    .flatMap(
      (plugin: {
        violations: Array<{
          ruleName: string;
          description: string;
          violatingConstructs: Array<{ constructPath: string }>;
        }>;
      }) =>
        plugin.violations.flatMap((violation) =>
          (violation.violatingConstructs ?? [{ constructPath: '' }]).map(
            (at) => `${violation.ruleName} at ${at.constructPath}: ${violation.description}`,
          ),
        ),
    );
  // The synthesis also fails if the validation itself does.
  if (failure !== undefined && findings.length === 0) throw failure;
  return findings;
}
