import { guardrailsColumn, guardrailsDocument, guardrailsTemplate } from '../../scripts/costs/guardrails';

describe('the costs on the page of the guardrails', () => {
  const template = guardrailsTemplate();
  const resources = Object.entries(template.Resources!);
  const ofType = (type: string) => resources.filter(([, { Type }]) => Type === type);
  const namespaces = ofType('AWS::CloudWatch::Alarm')
    .map(([, { Properties }]) => JSON.stringify(Properties!.Namespace ?? Properties!.Metrics));
  const from = (namespace: string) => namespaces.filter((each) => each.includes(namespace)).length;
  const quantityOf = (what: string) =>
    guardrailsColumn(template).lines.find((line) => line.what === what)!.terms[0].quantities[0].value;
  const { text, printed } = guardrailsDocument();

  test('are those that the script prints', () => {
    expect(printed).toBe(text);
    expect(text.replace(/\s+/g, ' ')).toContain(`| ${ofType('AWS::Logs::MetricFilter').length} metric filters |`);
  });

  test('include one key each for the trail, AWS Config and the functions', () => {
    expect(quantityOf('Keys of the trail, of AWS Config and of the functions')).toBe(3);
    expect(ofType('AWS::KMS::Key').filter(([id]) => id.startsWith('Guardrails'))).toHaveLength(3);
  });

  test('include an alarm for each function and each rule, and all others are on the log group of the trail', () => {
    const functions = ofType('AWS::Lambda::Function')
      .filter(([id]) => /^(ComplianceGuardrails|GuardrailsDrift)/.test(id));
    expect(from('AWS/SQS')).toBe(functions.length);
    const notifying = ofType('AWS::Events::Rule').filter(([id]) => id.startsWith('Monitoring'));
    expect(from('AWS/Events')).toBe(notifying.length);
    expect(quantityOf('Alarms on functions and notifications')).toBe(from('AWS/SQS') + from('AWS/Events'));
    expect(quantityOf('Alarms on the trail')).toBe(from('/Guardrails/Trail') + from('AWS/Logs'));
    expect(from('/Guardrails/Trail')).toBeGreaterThan(10);
    expect(from('CdkHipaa/Guardrails')).toBe(quantityOf('Metrics of the daily check, billed in hours with a check'));
    expect(quantityOf('Alarms of the daily check')).toBe(from('CdkHipaa/Guardrails') + from('AWS/Lambda'));
    expect(namespaces).toHaveLength(quantityOf('Alarms on the trail') + from('AWS/SQS') + from('AWS/Events')
      + quantityOf('Alarms of the daily check'));
  });
});
