import * as fs from 'fs';
import * as path from 'path';
import { App, CfnResource, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import { ComplianceChecks, DataProtection, RulePack } from '../../src';
import { acknowledge } from '../../src/core/acknowledge';
import { newApp } from '../support/app';

// The report is JSON of any shape here.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function reportOf(app: App): any {
  app.synth();
  return JSON.parse(fs.readFileSync(path.join(app.outdir, 'compliance-report.json'), 'utf8'));
}

test('the template of a stack is relative to the cloud assembly, also in a stage', () => {
  const app = newApp();
  ComplianceChecks.of(app).report();
  const data = new Stack(new Stage(new Stage(app, 'Outer'), 'Prod'), 'Data');
  new CfnResource(new NestedStack(data, 'Nested'), 'Topic', { type: 'AWS::SNS::Topic' });
  new Stack(app, 'Own');
  const { stacks, findings } = reportOf(app);
  const templates: string[] = stacks.map(({ template }: { template: string }) => template);
  expect(templates).toContain('Own.template.json');
  expect(templates).toContain('assembly-Outer/assembly-Outer-Prod/OuterProdDataF1A2.template.json'
    .replace('OuterProdDataF1A2.template.json', data.templateFile));
  for (const template of templates) expect(fs.existsSync(path.join(app.outdir, template))).toBe(true);
  for (const { template } of findings) if (template) expect(templates).toContain(template);
});

test.each<[string, RulePack[], string[]]>([
  ['the HIPAA pack', [], ['HIPAA.Security']],
  ['two packs', [RulePack.AWS_SOLUTIONS], ['AwsSolutions', 'HIPAA.Security']],
])('the report of %s has the acknowledgements of the packs that ran', (_, additionalPacks, packs) => {
  const app = newApp();
  ComplianceChecks.of(app).report({ additionalPacks });
  const topic = new CfnResource(new Stack(app, 'Stack'), 'Topic', { type: 'AWS::SNS::Topic' });
  acknowledge(topic, {
    rules: ['HIPAA.Security-SNSEncryptedKMS', 'AwsSolutions-SNS3', 'NIST.800.53.R5-SNSEncryptedKMS'],
    reason: 'holds build numbers',
  });
  Validations.of(topic).acknowledge(
    { id: 'cdk-hipaa::TopicWithoutCustomerKey', reason: 'holds build numbers' },
    { id: 'CloudFormation-Validate::W1', reason: 'is intended' },
  );
  const { acknowledged, counts } = reportOf(app);
  const named = acknowledged.map(({ id }: { id: string }) => id.split('::')[0]).sort();
  expect(named).toEqual([...packs, 'CloudFormation-Validate', 'cdk-hipaa'].sort());
  expect(counts.acknowledged).toBe(acknowledged.length);
});

test('the warnings of disposable data on the stacks of a stage are no findings', () => {
  const app = newApp({ '@aws-cdk/core:annotationsInValidationReport': true });
  ComplianceChecks.of(app).report();
  const stage = new Stage(app, 'Test');
  DataProtection.of(stage).disposable({ reason: 'synthetic records only' });
  new Stack(stage, 'Data');
  const { findings, relaxed } = reportOf(app);
  expect(findings).toEqual([]);
  expect(relaxed.map(({ path: at }: { path: string }) => at)).toEqual(['Test']);
});
