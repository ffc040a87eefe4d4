import { ComplianceGuardrails } from '../../src/guardrails/compliance-guardrails';
import { newStack } from '../support/app';
import { above, alarming, alarmRows, below, HOUR, of, quiet } from '../support/template/alarms';

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
  ['AccessAnalyzerFindingsUndelivered', 'AccessAnalyzerFindings'],
  ['ConfigRuleFindingsUndelivered', 'ConfigRuleFindings'],
])('%s reads the failed invocations of its rule', (id, rule) => {
  expect(rows[id]).toEqual({
    metrics: of('AWS/Events', { RuleName: `WatchStackGuardrails${rule}` })('FailedInvocations', 'Sum'),
    ...above(0),
    ...quiet,
  });
});

test('TrailSilent reads the events that reach the log group, and counts a period without data as none', () => {
  expect(rows.TrailSilent).toEqual({
    metrics: {
      compared: 'FILL(events, 0)',
      events: of('AWS/Logs', { LogGroupName: 'GuardrailsTrailLog' })('IncomingLogEvents', 'Sum', 3 * HOUR).compared,
    },
    ...below(1),
    ...alarming,
  });
});
