import { ComplianceGuardrails } from '../../src/guardrails/compliance-guardrails';
import { newStack } from '../support/app';
import { above, alarmRows, of, quiet } from '../support/template/alarms';

const stack = newStack({ env: { region: 'us-east-1' } });
const guardrails = new ComplianceGuardrails(stack, 'Guardrails', { monthlyCostLimit: 1000 });
const rows = alarmRows(stack, guardrails);

/** Requests of CloudFormation that a handler did not complete. */
test.each([
  ['InspectorGaveUp', 'GuardrailsInspectorDeadLetters'],
  ['RecorderGaveUp', 'GuardrailsConfigRecorderDeadLetters'],
  ['GuardDutyGaveUp', 'GuardrailsGuardDutyDeadLetters'],
  ['SecurityHubGaveUp', 'GuardrailsSecurityHubDeadLetters'],
  ['AccessAnalyzerGaveUp', 'GuardrailsAccessAnalyzerDeadLetters'],
  ['AccountSettingsGaveUp', 'GuardrailsAccountSettingsDeadLetters'],
])('%s reads the dead-letter queue %s', (id, queue) => {
  expect(rows[id]).toEqual({
    metrics: of('AWS/SQS', { QueueName: `${queue}.QueueName` })('ApproximateNumberOfMessagesVisible', 'Maximum'),
    ...above(0),
    ...quiet,
  });
});

test.each([
  ['GuardDutyFindingsUndelivered', 'GuardDutyFindings'],
  ['SecurityHubFindingsUndelivered', 'SecurityHubFindings'],
  ['InspectorFindingsUndelivered', 'InspectorFindings'],
])('%s reads the failed invocations of its rule', (id, rule) => {
  expect(rows[id]).toEqual({
    metrics: of('AWS/Events', { RuleName: `WatchStackGuardrails${rule}` })('FailedInvocations', 'Sum'),
    ...above(0),
    ...quiet,
  });
});
