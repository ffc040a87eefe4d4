import { Template } from 'aws-cdk-lib/assertions';
import { flowLog } from './account';
import { everyAlarmNotifies, onCallIsSubscribed } from './notification';
import { AURORA, serviceId, SERVICES } from './parts';
import { Exception, namedAlarms } from '../../../support/template/alarm-tables';
import { alarmsOf } from '../../../support/template/alarms';
import { Documents } from '../../../support/template/documents';
import { Properties } from '../../../support/template/mutations';
import { attribute, expectSame, only, ref, text } from '../../../support/template/reading';
import { CLUSTER, LOAD_BALANCER, NAT_GATEWAY } from '../../../support/template/types';

const STACKS = '[A-Z][a-z]+MonitoringOmnirapeutic(Network|Guardrails|Data|Application)';

export const everyAlarm = (whole: Template) => alarmsOf(whole, STACKS);
export const flowLogGroup = (whole: Template): string => flowLog(whole).LogGroupName.Ref;

interface Group {
  /** The alarms of the group, by construct and name. */
  readonly alarms: string[];
  /** Whether the group is about a metric. All metrics of an alarm belong to the group, or none. */
  readonly about: (metric: Properties, whole: Template) => boolean;
}

const inNamespace = (name: string) => ({ Namespace }: Properties) => Namespace === name;
export const dimension = ({ Dimensions = [] }: Properties, name: string) =>
  Dimensions.find(({ Name }: Properties) => Name === name)?.Value;
export const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
/** A metric that a filter publishes from the flow logs. */
const ofTraffic =
  (...names: string[]) =>
    ({ Namespace, MetricName }: Properties) =>
      text(Namespace).endsWith('/Network') && names.includes(MetricName);

/** The groups of the document. ECS has its three alarms for each service. */
const GROUPS = {
  aurora: {
    alarms: [
      'DatabaseCpu',
      'DatabaseFreeMemory',
      'DatabaseConnections',
      'DatabaseReplicaLag',
      'DatabaseTransactionIds',
    ],
    // Its size shows that the cluster existed on a day without a backup, which an alarm on backups reads.
    about: (metric, whole) =>
      same(dimension(metric, 'DBClusterIdentifier'), ref(only(whole, AURORA))) &&
      metric.MetricName !== 'VolumeBytesUsed',
  },
  vpc: {
    alarms: ['NetworkRejectedFromWithin', 'NetworkRemoteAccess', 'NetworkDataLeaving'],
    about: ofTraffic('RejectedFromWithin', 'RemoteAccess', 'BytesLeavingData'),
  },
  loadBalancer: {
    alarms: ['EntranceLoadBalancerErrors', 'EntranceSlowResponses', 'EntranceRejectedConnections'],
    about: (metric, whole) =>
      same(dimension(metric, 'LoadBalancer'), attribute(only(whole, LOAD_BALANCER), 'LoadBalancerFullName')) &&
      !dimension(metric, 'TargetGroup'),
  },
  services: {
    alarms: SERVICES.flatMap((name) => ['CpuHigh', 'MemoryHigh', 'NoRunningTask'].map((alarm) => `${name}${alarm}`)),
    about: inNamespace('AWS/ECS'),
  },
  firewall: { alarms: ['EntranceBlockedSurge'], about: inNamespace('AWS/WAFV2') },
  nat: {
    alarms: ['NetworkNatPortAllocation', 'NetworkNatDroppedPackets', 'NetworkNatUnansweredConnections'],
    about: inNamespace('AWS/NATGateway'),
  },
  flowLogs: {
    alarms: ['NetworkFlowLogSilent', 'NetworkFlowLogIncomplete'],
    about: (metric, whole) =>
      same(dimension(metric, 'LogGroupName'), ref(flowLogGroup(whole))) || ofTraffic('SkippedRecords')(metric),
  },
} satisfies Record<string, Group>;

const ofServices = (names: readonly string[], ...alarms: string[]) =>
  names.flatMap((name) => alarms.map((alarm) => `${name}${alarm}`));
/** The functions of the guardrails, the guardrails, and the services whose findings arrive by email. */
const FUNCTIONS = ['Inspector', 'Recorder', 'GuardDuty', 'SecurityHub', 'AccessAnalyzer', 'AccountSettings'];
const CHECKED = [
  'Trail', 'Config', 'ConformancePack', 'Inspector', 'GuardDuty', 'SecurityHub', 'AccessAnalyzer', 'S3PublicAccess',
  'EbsEncryption', 'PasswordPolicy',
];
const FINDERS = ['GuardDuty', 'SecurityHub', 'Inspector', 'AccessAnalyzer', 'ConfigRule'];

/** The alarms beyond those of the document, and why they exist. */
const FURTHER: Array<{ readonly why: string; readonly alarms: string[] }> = [
  {
    why: 'the trail shows actions of an intruder or a mistake in the account',
    alarms: ofServices(
      ['Guardrails'],
      'DeniedCalls',
      'ConsoleWithoutMfa',
      'RootUse',
      'IamChangedByHand',
      'TrailChanged',
      'ConsoleFailures',
      'KeyAtRisk',
      'KeyPolicyChangedByHand',
      'BucketChangedByHand',
      'ConfigChanged',
      'SecurityGroupChangedByHand',
      'NetworkAclChangedByHand',
      'GatewayChangedByHand',
      'RouteTableChangedByHand',
      'VpcChangedByHand',
      'OrganizationChanged',
      'GuardrailSwitchedOff',
      'AlarmChainChangedByHand',
      'CredentialsCreatedByHand',
      'SafeguardChangedByHand',
      'SecretRotationFailed',
    ),
  },
  {
    why: 'nobody would notice a guardrail that failed to deploy',
    alarms: FUNCTIONS.map((name) => `Guardrails${name}GaveUp`),
  },
  { why: 'without events in the log group, no alarm on events fires', alarms: ['GuardrailsTrailSilent'] },
  {
    why: 'nobody would notice a guardrail that is off, changed or cannot deliver, or a check that does not run',
    alarms: [
      ...CHECKED.map((name) => `Guardrails${name}Drift`), 'GuardrailsDriftCheckFailed', 'GuardrailsDriftCheckSilent',
    ],
  },
  {
    why: 'an undelivered finding helps nobody',
    alarms: FINDERS.map((name) => `Guardrails${name}FindingsUndelivered`),
  },
  {
    why: 'a missing backup is otherwise noticed only when it is needed',
    alarms: ['Failed', 'Aborted', 'Expired', 'Missing'].map((how) => `DatabaseBackup${how}`),
  },
  { why: 'people reach the database only through the bastion', alarms: ['BastionStatusCheckFailed'] },
  { why: 'the load balancer rejects all requests without a certificate', alarms: ['EntranceCertificateExpiry'] },
  {
    why: 'a running service may not answer',
    alarms: ofServices(['Api', 'Web'], 'UnhealthyTasks', 'NoHealthyTask', 'TargetErrors'),
  },
  {
    why: 'an undelivered notification about a failed deployment helps nobody',
    alarms: ofServices(SERVICES, 'DeploymentFailedUndelivered'),
  },
  {
    why: 'tasks with an old password fail at their next connection',
    alarms: ofServices(['Api', 'Worker'], 'RollFailed', 'RollGivenUp', 'RollOverdue', 'RollNotRequested'),
  },
  {
    why: 'a program without a valid login fails at its next connection',
    alarms: ['DatabaseUsersErrors', 'DatabaseUsersDeadLetters'],
  },
  {
    why: 'nobody would notice a password whose rotation does not start',
    alarms: ['DatabaseUsersRotationOverdue', 'DatabaseUsersAgeErrors', 'DatabaseUsersAgeDeadLetters'],
  },
  {
    why: 'nobody would notice a deployment that waits for its migrations, or a failed run',
    alarms: ['MigrationsRunErrors', 'MigrationsRunDeadLetters', 'MigrationsRunFailedUndelivered'],
  },
  {
    why: "nobody would notice a partner's key that nobody entered, or its age",
    alarms: [
      'SecretsAgeErrors', 'SecretsAgeDeadLetters', 'SecretsAgeSilent', 'SecretsNoValueOfClearinghouse',
      'SecretsAgeOfClearinghouse',
    ],
  },
];

/** The further alarms and their reasons, as text. */
export const FURTHER_ALARMS = FURTHER.map(({ why, alarms }) => `${alarms.join(', ')}: ${why}.`).join(' ');

/** Differences between the alarms and the tables in the pages of the constructs. */
const EXCEPTIONS: Exception[] = [
  {
    why: 'each function of the guardrails has this alarm',
    alarms: /<Function>/,
    instead: (id) => FUNCTIONS.map((name) => id.replace('<Function>', name)),
  },
  {
    why: 'each guardrail has this alarm',
    alarms: /<Guardrail>/,
    instead: (id) => CHECKED.map((name) => id.replace('<Guardrail>', name)),
  },
  {
    why: 'each service with findings has this alarm',
    alarms: /<Service>/,
    instead: (id) => FINDERS.map((name) => id.replace('<Service>', name)),
  },
  {
    why: 'people enter one secret',
    alarms: /<Name>/,
    instead: (id) => [id.replace('<Name>', 'Clearinghouse')],
  },
  { why: 'the engine is PostgreSQL', alarms: /^DatabaseHistoryList:/ },
  { why: 'the cluster has no proxy', alarms: /^DatabaseProxyTarget:/ },
  { why: 'no function rotates a secret', alarms: /^SecretsRotation/ },
  { why: 'no service has a target for its response time', alarms: /^(Api|Web)SlowP95:/ },
  { why: 'no service counts lines of its log', alarms: /^(Api|Web|Worker)\w+: JSON lines/ },
  { why: 'the site has no rotating secret', alarms: /^Web(RollFailed|RollGivenUp|RollOverdue|RollNotRequested):/ },
  { why: 'the worker answers no requests', alarms: /^Worker\w+: `AWS\/ApplicationELB`/ },
];
const DOCUMENTS = new Documents('omnirapeutic');
/** The alarms that OPERATIONS.md and the pages of the constructs name. */
const documented = () => namedAlarms(DOCUMENTS, EXCEPTIONS);

/** The metrics of an alarm. A computed alarm has several. */
export const metricsOf = (alarm: Properties): Properties[] =>
  alarm.Metrics?.flatMap(({ MetricStat }: Properties) => MetricStat?.Metric ?? []) ?? [alarm];

/** Exactly these alarms are about the group, and about nothing else. */
export const alarmsAbout = (name: keyof typeof GROUPS) => (whole: Template) => {
  const { alarms, about }: Group = GROUPS[name];
  const found = Object.entries(everyAlarm(whole)).filter(([, alarm]) =>
    metricsOf(alarm).some((metric) => about(metric, whole)),
  );
  expectSame(found.map(([id]) => id), alarms);
  for (const [, alarm] of found) expect(metricsOf(alarm).filter((metric) => !about(metric, whole))).toEqual([]);
};

/**
 * Each service has these three alarms, and no other alarm on ECS exists that the page of the service does not name. An
 * alarm on ECS reads only its service.
 */
export function alarmsOfServices(whole: Template) {
  const ofEcs = Object.entries(everyAlarm(whole)).filter(([, { Namespace, Metrics }]) =>
    JSON.stringify([Namespace, Metrics]).includes('AWS/ECS'),
  );
  const named = documented().filter(({ metric }) => metric.includes('`AWS/ECS`'));
  expectSame(ofEcs.map(([id]) => id), named.map(({ id }) => id));
  for (const name of SERVICES) {
    const alarms = ofEcs.filter(([id]) => id.startsWith(name));
    const dimensions = [
      { Name: 'ClusterName', Value: ref(only(whole, CLUSTER)) },
      { Name: 'ServiceName', Value: attribute(serviceId(whole, name), 'Name') },
    ];
    const others = alarms.flatMap(([, alarm]) => metricsOf(alarm))
      .filter((metric) => !inNamespace('AWS/ECS')(metric) || !same(metric.Dimensions, dimensions));
    expect(others).toEqual([]);
    const read = new Map(alarms.map(([id, alarm]) => [id, metricsOf(alarm).map(({ MetricName }) => MetricName)]));
    expect(['CpuHigh', 'MemoryHigh', 'NoRunningTask'].map((alarm) => read.get(`${name}${alarm}`))).toEqual([
      ['CPUUtilization'],
      ['MemoryUtilization'],
      ['CPUUtilization'],
    ]);
  }
}

/** Each alarm reads all three gateways. */
export function alarmsOfGateways(whole: Template) {
  alarmsAbout('nat')(whole);
  const gateways = Object.keys(whole.findResources(NAT_GATEWAY));
  expect(gateways).toHaveLength(3);
  for (const id of GROUPS.nat.alarms) {
    const seen = metricsOf(everyAlarm(whole)[id]).map((metric) => JSON.stringify(dimension(metric, 'NatGatewayId')));
    expectSame([...new Set(seen)], gateways.map((gateway) => JSON.stringify(attribute(gateway, 'NatGatewayId'))));
  }
}

const ofAService = (id: string) => SERVICES.some((name) => id.startsWith(name));

/** Every alarm is in a table of the documents, and the documents name no other alarm. */
export function everyAlarmIsDocumented(whole: Template) {
  expectSame(Object.keys(everyAlarm(whole)), documented().map(({ id }) => id));
}

/**
 * The groups have 20 alarms, with those of ECS counted once as the document does. A budget replaces the alarm on costs.
 * With the further alarms, these are all alarms, except that the page of the service can name more alarms of a service.
 */
export function twentyAndFurther(whole: Template) {
  const groups: Group[] = Object.values(GROUPS);
  const counted =
    groups.flatMap(({ alarms }) => alarms).length -
    GROUPS.services.alarms.length +
    GROUPS.services.alarms.length / SERVICES.length;
  expect(counted).toBe(20);
  const ids = Object.keys(everyAlarm(whole));
  const expected = [...groups, ...FURTHER].flatMap(({ alarms }) => alarms);
  expect(ids).toEqual(expect.arrayContaining(expected));
  expect(ids.filter((id) => !ofAService(id) && !expected.includes(id))).toEqual([]);
  everyAlarmIsDocumented(whole);
}

/** Each alarm is enabled and notifies the topic, which has a subscription. */
export function alarmsTellSomebody(whole: Template) {
  everyAlarmNotifies(whole);
  onCallIsSubscribed(whole);
}

/**
 * Alarms fire for errors of the load balancer, errors of each target group, and missing tasks, during deployments too.
 */
export function errorsAreWatched(whole: Template) {
  const ids = Object.keys(everyAlarm(whole));
  expect(ids).toEqual(
    expect.arrayContaining([
      'EntranceLoadBalancerErrors',
      ...ofServices(['Api', 'Web'], 'TargetErrors', 'UnhealthyTasks', 'NoHealthyTask'),
      'WorkerNoRunningTask',
    ]),
  );
  alarmsTellSomebody(whole);
}

