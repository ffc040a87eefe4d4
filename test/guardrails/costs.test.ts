import * as fs from 'fs';
import * as path from 'path';
import { ComplianceGuardrails } from '../../src/guardrails/compliance-guardrails';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { newStack, propertiesOf, templateOf } from '../support/app';

/**
 * A fixed region that is not us-east-1, and no cost limit: the alarms are those in the two cost sections of the page.
 */
const stack = newStack({ env: { account: '111122223333', region: 'eu-west-1' } });
const guardrails = new ComplianceGuardrails(stack, 'Guardrails');
new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(guardrails);
const template = templateOf(stack);
const page = fs
  .readFileSync(path.join(__dirname, '..', '..', 'docs', 'compliance-guardrails.md'), 'utf8')
  .replace(/\s+/g, ' ');

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven'];
const alarms = Object.values(propertiesOf(template, 'AWS::CloudWatch::Alarm'));
const ofTrail = alarms.filter(({ Namespace = '' }) => JSON.stringify(Namespace).includes('/Guardrails/Trail'))
  .concat(alarms.filter(({ Metrics = [] }) => JSON.stringify(Metrics).includes('"AWS/Logs"')));
const ofFunctions = alarms.filter(({ Namespace }) => Namespace === 'AWS/SQS');
const ofRules = alarms.filter(({ Namespace }) => Namespace === 'AWS/Events');
const keys = Object.keys(template.findResources('AWS::KMS::Key')).filter((id) => id.startsWith('Guardrails'));
const usd = (count: number, price: number) => (count * price).toFixed(2);

describe('the costs on the page', () => {
  test('include one key each for the trail and AWS Config, and one for the functions', () => {
    expect(keys).toHaveLength(3);
    expect(page).toContain(`Per month: two keys, ${usd(2, 1)} USD.`);
    expect(page).toContain(`The functions: one key, ${usd(1, 1)} USD`);
  });

  test('include the alarms on the trail', () => {
    expect(page).toContain(` ${ofTrail.length} alarms ${usd(ofTrail.length, 0.1)} USD`);
    expect(page).toContain(
      `| ${Object.keys(template.findResources('AWS::Logs::MetricFilter')).length} metric filters |`,
    );
  });

  test('include the alarms on functions and rules, and there are no other alarms', () => {
    const functions = Object.keys(template.findResources('AWS::Lambda::Function')).filter((id) =>
      id.startsWith('ComplianceGuardrails'),
    );
    expect(ofFunctions).toHaveLength(functions.length);
    expect(ofRules).toHaveLength(Object.keys(template.findResources('AWS::Events::Rule')).length);
    const machinery = ofFunctions.length + ofRules.length;
    expect(page).toContain(
      `${NUMBERS[machinery]} alarms, ${usd(machinery, 0.1)} USD (${NUMBERS[ofFunctions.length]} functions, `
        + `${NUMBERS[ofRules.length]} rules)`,
    );
    expect(alarms).toHaveLength(ofTrail.length + machinery);
  });

  test('add up, and start with the number of resources in the template', () => {
    const sums = [...page.matchAll(/: ([\d.,+× ]+) = \*\*([\d.]+) USD\*\*/g)].map(([, parts, sum]) => ({
      parts: parts.split(' + ').map(value),
      sum,
    }));
    expect(sums.map(({ parts }) => parts.reduce((one, other) => one + other, 0).toFixed(2))).toEqual(
      sums.map(({ sum }) => sum),
    );
    expect(sums.map(({ parts }) => parts[0].toFixed(2))).toEqual([
      usd(2, 1),
      usd(1 + 0.1 * (ofFunctions.length + ofRules.length), 1),
    ]);
    expect(sums[0].parts[1].toFixed(2)).toBe(usd(ofTrail.length, 0.1));
  });
});

/** `2,000 × 0.003`. */
function value(product: string): number {
  return product.split(' × ').reduce((result, factor) => result * Number(factor.replace(',', '')), 1);
}
