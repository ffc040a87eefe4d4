import { about, Change, edit, Properties, remove, set, wrongAlarms } from '../../../support/template/mutations';
import * as account from '../proof/account';
import * as monitoring from '../proof/monitoring';
import { ALARM, DATABASE, TOPIC } from '../proof/parts';
import * as secrets from '../proof/secrets';
import * as service from '../proof/service';
import { Proof } from '../proof/system';

/** A change, with the proof that it must fail. */
export type Break = [Proof, string, Change];

const wrong = (proof: Proof, ...parts: string[]): Break[] =>
  wrongAlarms(...parts).map(([what, change]) => [proof, what, change]);
/** Changes the expressions of an alarm. */
const expression = (part: string, change: (expression: string, id: string) => string) => edit(ALARM, ({ Metrics }) => {
  for (const metric of Metrics.filter(({ Expression }: Properties) => Expression)) {
    metric.Expression = change(metric.Expression, metric.Id);
  }
}, about(part));

export const ALARM_BREAKS: Break[] = [
  ...wrong(monitoring.cpuOfTasks, 'ApiCpuHigh'),
  ...wrong(monitoring.memoryOfTasks, 'ApiMemoryHigh'),
  ...wrong(monitoring.connections, 'DatabaseConnections'),
  ...wrong(monitoring.databaseIsWatched, 'DatabaseCpu', 'DatabaseFreeMemory', 'DatabaseFreeStorage',
    'DatabaseBackupFailed', 'DatabaseBackupAborted', 'DatabaseBackupExpired', 'DatabaseBackupMissing'),
  [monitoring.databaseIsWatched, 'metrics each hour', set(DATABASE, { MonitoringInterval: 3600 })],
  [monitoring.databaseIsWatched, 'no Performance Insights', set(DATABASE, { EnablePerformanceInsights: false })],

  ...wrong(monitoring.errorRate, 'TargetsErrorRate'),
  [monitoring.errorRate, 'no errors', expression('TargetsErrorRate', (text) => `0 * ${text}`)],
  [monitoring.errorRate, 'a larger minimum', expression('TargetsErrorRate', (text) =>
    text.replace('100,', '1000000,'))],
  [monitoring.errorRate, 'the requests with a target alone', expression('TargetsErrorRate', (text) =>
    text.split('(FILL(requests, 0) + FILL(elb, 0))').join('requests'))],
  [monitoring.errorRate, 'errors of the load balancer alone', edit(ALARM, ({ Metrics }) => {
    Metrics.splice(Metrics.findIndex(({ Id }: Properties) => Id === 'target'), 1);
  }, about('TargetsErrorRate'))],
  ...wrong(monitoring.availability, 'TargetsAvailability'),
  [monitoring.availability, 'always available', expression('TargetsAvailability', (text, id) =>
    (id === 'failed' ? text : '100'))],
  [monitoring.availability, 'no failures', expression('TargetsAvailability', (text, id) =>
    (id === 'failed' ? '0 * requests' : text))],
  ...wrong(monitoring.throughput, 'TargetsThroughput'),
  ...wrong(monitoring.responseTime, 'ApiSlowP95'),
  [monitoring.everythingIsWatched, 'an alarm without actions', set(ALARM, { ActionsEnabled: false }, about('ApiRoll'))],
  [monitoring.everythingIsWatched, 'another recipient', set('AWS::SNS::Subscription', { Endpoint: 'x@example.com' })],
  [monitoring.everythingIsWatched, 'a plain topic', edit(TOPIC, (topic) => delete topic.KmsMasterKeyId)],
  [monitoring.everythingIsWatched, 'no dashboard', remove('AWS::CloudWatch::Dashboard')],

  ...wrong(secrets.openai, 'NoValueOfOpenaiApiKey', 'AgeOfOpenaiApiKey'),
  ...wrong(secrets.stripe, 'NoValueOfStripeSecretKey', 'AgeOfStripeSecretKey'),
  ...wrong(service.logsAreFiltered, 'ApiApplicationErrors', 'ApiFailedLogins'),
  ...wrong(account.mfa, 'GuardrailsConsoleWithoutMfa'),
  ...wrong(account.policiesAreReviewed, 'GuardrailsIamChangedByHand'),
];
