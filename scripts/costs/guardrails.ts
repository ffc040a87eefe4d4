import * as fs from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Column, Counter, line, longTable, TemplateJson, term, times, withTable } from './costs';
import { CostDocument } from './systems';
import { ComplianceGuardrails, WorkloadMonitoring } from '../../src';
import { ROOT } from '../examples/example';

/** The guardrails of a stack outside us-east-1 without a cost limit, and their alarms. */
export function guardrailsTemplate(): TemplateJson {
  process.env.CDK_VALIDATION = 'false';
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
  const guardrails = new ComplianceGuardrails(stack, 'Guardrails');
  new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(guardrails);
  return Template.fromStack(stack).toJSON();
}

/** The monthly costs of a small account: keys and alarms from the template, the other quantities as an example. */
export function guardrailsColumn(template: TemplateJson): Column {
  const counted = new Counter([template]);
  const alarms = counted.all('AWS::CloudWatch::Alarm');
  const reading = (...namespaces: string[]) => alarms.filter(({ Namespace, Metrics }) =>
    namespaces.some((each) => JSON.stringify([Namespace, Metrics]).includes(`"${each}"`))).length;
  const ofDeliveries = reading('AWS/SQS', 'AWS/Events');
  const [ofDrift, ofCheck] = [reading('CdkHipaa/Guardrails'), reading('CdkHipaa/Guardrails', 'AWS/Lambda')];
  const keys = Object.entries(template.Resources!)
    .filter(([id, { Type }]) => Type === 'AWS::KMS::Key' && id.startsWith('Guardrails'));
  const [trail, others] = ['Trail and AWS Config', 'Other guardrails'];
  return {
    name: '',
    lines: [
      line(trail, 'Keys of the trail, of AWS Config and of the functions', term('kms-key', keys.length)),
      line(trail, 'Alarms on the trail', term('alarm-metric', alarms.length - ofDeliveries - ofCheck)),
      line(trail, 'Metric with an event in every hour, such as denied calls', term('custom-metric', 1)),
      line(trail, 'Events in the log group', term('logs-gb', times(2, 'GB'))),
      line(trail, 'Changes of 300 resources', term('config-item', 2_000)),
      line(trail, 'Rule evaluations', term('config-evaluation', 15_000)),
      line(others, 'Alarms on functions and notifications', term('alarm-metric', ofDeliveries)),
      line(others, 'Alarms of the daily check', term('alarm-metric', ofCheck)),
      line(others, 'Metrics of the daily check, billed in hours with a check',
        term('custom-metric', times(ofDrift, 'metrics'), times(0.05, 'of the hours'))),
      line(others, 'Inspector: images on push', term('inspector-image', 30)),
      line(others, 'Inspector: repeated scans', term('inspector-rescan', 20)),
      line(others, 'Inspector: functions', term('inspector-function', 10)),
      line(others, 'GuardDuty: CloudTrail events', term('guardduty-million-events', times(0.5, 'million'))),
      line(others, 'GuardDuty: flow logs and DNS queries', term('guardduty-flow-gb', times(5, 'GB'))),
      line(others, 'GuardDuty: S3 events', term('guardduty-million-s3-events', times(1, 'million'))),
      line(others, 'GuardDuty: a database with 2 vCPUs', term('guardduty-rds-instance', times(2, 'vCPUs'))),
      line(others, 'Security Hub: checks', term('security-hub-check', 6_000)),
    ],
  };
}

/** The page of the guardrails, with the table of its costs. */
export function guardrailsDocument(): CostDocument {
  const file = path.join(ROOT, 'docs', 'compliance-guardrails.md');
  const text = fs.readFileSync(file, 'utf8');
  return { file, text, printed: withTable(text, longTable([guardrailsColumn(guardrailsTemplate())])) };
}
