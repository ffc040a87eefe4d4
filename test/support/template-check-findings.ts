import { App, Stack } from 'aws-cdk-lib';
import { TemplateChecks } from '../../src/compliance/template-checks';

/** The findings of the library's checks in an app, each as `Rule at path`. */
export function templateCheckFindings(stack: Stack): string[] {
  const assembly = (stack.node.root as App).synth();
  const stackTemplates = assembly.stacksRecursively.map((artifact) => ({
    stackConstructPath: artifact.hierarchicalId,
    templatePath: artifact.templateFullPath,
    accountId: undefined,
    region: undefined,
  }));
  const report = new TemplateChecks().validate({ appConstruct: stack.node.root, stackTemplates, templatePaths: [] });
  expect(report.success).toBe(report.violations.length === 0);
  return report.violations.flatMap((violation) =>
    violation.violatingResources.map((at) => `${violation.ruleName} at ${at.constructPath}`),
  );
}
