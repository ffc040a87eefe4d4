import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { TemplateChecks } from '../../src/compliance/template-checks';

/** A template with one resource `X` that keeps its data. */
export function templateWith(type: string, properties: object, more: object = {}) {
  const resource = { Type: type, Properties: properties, DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
  return { Resources: { X: { ...resource, ...more } } };
}

/** The findings of the library's checks in a template that no construct wrote: `Rule[part] at LogicalId`. */
export function findingsInTemplate(template: object): string[] {
  const stack = new Stack(new App(), 'Stack');
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'template-'));
  const templatePath = path.join(directory, stack.templateFile);
  fs.writeFileSync(templatePath, JSON.stringify(template));
  const stackTemplates = [{ stackConstructPath: 'Stack', templatePath, accountId: undefined, region: undefined }];
  const report = new TemplateChecks().validate({ appConstruct: stack.node.root, stackTemplates, templatePaths: [] });
  fs.rmSync(directory, { recursive: true });
  return report.violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ resourceLogicalId }) => `${ruleName} at ${resourceLogicalId}`));
}
