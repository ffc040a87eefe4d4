import { Template } from 'aws-cdk-lib/assertions';
import { FILTER, flowLog } from './account';
import { everyAlarmNotifies, onCallIsSubscribed } from './notification';
import { AURORA, serviceId, SERVICES, SIX_YEARS } from './parts';
import { alarmsOf } from '../../../support/template/alarms';
import { Properties } from '../../../support/template/mutations';
import {
  all,
  attribute,
  expectSame,
  only,
  propertiesOf,
  ref,
  rotatingKeys,
  text,
} from '../../../support/template/reading';
import { LOAD_BALANCER, LOG_GROUP, NAT_GATEWAY, VPC } from '../../../support/template/types';

const STACKS = '[A-Z][a-z]+MonitoringOmnirapeutic(Network|Guardrails|Data|Application)';

const everyAlarm = (whole: Template) => alarmsOf(whole, STACKS);
const flowLogGroup = (whole: Template): string => flowLog(whole).LogGroupName.Ref;

interface Group {
  /** The alarms of the group, by construct and name. */
  readonly alarms: string[];
  /** Whether the group is about a metric. All metrics of an alarm belong to the group, or none. */
  readonly about: (metric: Properties, whole: Template) => boolean;
}

const inNamespace = (name: string) => ({ Namespace }: Properties) => Namespace === name;
const dimension = ({ Dimensions = [] }: Properties, name: string) =>
  Dimensions.find(({ Name }: Properties) => Name === name)?.Value;
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
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
  cost: { alarms: ['GuardrailsMonthlyCosts'], about: inNamespace('AWS/Billing') },
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

const ofServices = (names: string[], ...alarms: string[]) =>
  names.flatMap((name) => alarms.map((alarm) => `${name}${alarm}`));

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
    ),
  },
  {
    why: 'nobody would notice a guardrail that failed to deploy',
    alarms: ofServices(
      ['Inspector', 'Recorder', 'GuardDuty', 'SecurityHub', 'AccessAnalyzer', 'AccountSettings'],
      'GaveUp',
    ).map((alarm) => `Guardrails${alarm}`),
  },
  {
    why: 'an undelivered finding helps nobody',
    alarms: ofServices(['GuardDuty', 'SecurityHub', 'Inspector'], 'FindingsUndelivered').map(
      (alarm) => `Guardrails${alarm}`,
    ),
  },
  {
    why: 'a missing backup is otherwise noticed only when it is needed',
    alarms: ['DatabaseBackupFailed', 'DatabaseBackupMissing'],
  },
  { why: 'people reach the database only through the bastion', alarms: ['BastionStatusCheckFailed'] },
  { why: 'the load balancer rejects all requests without a certificate', alarms: ['EntranceCertificateExpiry'] },
  {
    why: 'a running service may not answer',
    alarms: ofServices(['Api', 'Web'], 'UnhealthyTasks', 'NoHealthyTask', 'TargetErrors'),
  },
  {
    why: 'tasks with an old password fail at their next connection',
    alarms: ofServices(['Api', 'Worker'], 'RollGivenUp', 'RollNotRequested'),
  },
  {
    why: "nobody would notice the age of a partner's key",
    alarms: ['SecretsAgeErrors', 'SecretsAgeDeadLetters', 'SecretsAgeOfClearinghouse'],
  },
];

/** The further alarms and their reasons, as text. */
export const FURTHER_ALARMS = FURTHER.map(({ why, alarms }) => `${alarms.join(', ')}: ${why}.`).join(' ');

/** The metrics of an alarm. A computed alarm has several. */
const metricsOf = (alarm: Properties): Properties[] =>
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

/** Each service has these three alarms, and each alarm reads its service. */
export function alarmsOfServices(whole: Template) {
  const alarms = everyAlarm(whole);
  for (const name of SERVICES) {
    const ofService = (metric: Properties) =>
      same(dimension(metric, 'ServiceName'), attribute(serviceId(whole, name), 'Name'));
    const read = ['CpuHigh', 'MemoryHigh', 'NoRunningTask'].map((alarm) => metricsOf(alarms[`${name}${alarm}`])
      .map((metric) => ofService(metric) && inNamespace('AWS/ECS')(metric) && metric.MetricName));
    expect(read).toEqual([['CPUUtilization'], ['MemoryUtilization'], ['CPUUtilization']]);
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

/** An alarm of one of the constructs. The docs have a row for each: `testAlarms`. */
const OF_A_CONSTRUCT = /^(Network|Guardrails|Database|Bastion|Secrets|Entrance|Api|Web|Worker)[A-Z]/;

/**
 * The groups have 21 alarms, with those of ECS counted once as the document does. Each further alarm is of a construct.
 */
export function twentyOneAndFurther(whole: Template) {
  const groups: Group[] = Object.values(GROUPS);
  const counted =
    groups.flatMap(({ alarms }) => alarms).length -
    GROUPS.services.alarms.length +
    GROUPS.services.alarms.length / SERVICES.length;
  expect(counted).toBe(21);
  const ids = Object.keys(everyAlarm(whole));
  expect(ids).toEqual(expect.arrayContaining([...groups, ...FURTHER].flatMap(({ alarms }) => alarms)));
  expect(ids.filter((id) => !OF_A_CONSTRUCT.test(id))).toEqual([]);
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

/** The web ACL and each rule publish metrics. The alarm on blocked requests reads those of the web ACL. */
export function firewallIsMeasured(whole: Template) {
  const { VisibilityConfig, Rules } = propertiesOf(whole, 'AWS::WAFv2::WebACL', only(whole, 'AWS::WAFv2::WebACL'));
  for (const config of [VisibilityConfig, ...Rules.map((rule: Properties) => rule.VisibilityConfig)]) {
    expect(config).toMatchObject({ CloudWatchMetricsEnabled: true, MetricName: expect.stringMatching(/./) });
  }
  const [alarm] = metricsOf(everyAlarm(whole).EntranceBlockedSurge);
  expect(dimension(alarm, 'WebACL')).toBe(VisibilityConfig.MetricName);
  alarmsAbout('firewall')(whole);
}

/** All accepted and rejected traffic, in a log group with a generated name, for six years. */
export function trafficIsRecorded(whole: Template) {
  const { ResourceId, ResourceType, TrafficType, LogDestinationType } = flowLog(whole);
  expect({ ResourceId, ResourceType, TrafficType, LogDestinationType }).toEqual({
    ResourceId: ref(only(whole, VPC)),
    ResourceType: 'VPC',
    TrafficType: 'ALL',
    LogDestinationType: 'cloud-watch-logs',
  });
  const { LogGroupName, RetentionInDays, KmsKeyId } = propertiesOf(whole, LOG_GROUP, flowLogGroup(whole));
  expect({ LogGroupName, RetentionInDays }).toEqual({ LogGroupName: undefined, RetentionInDays: SIX_YEARS });
  expect(rotatingKeys(whole)).toContainEqual(KmsKeyId);
}

/**
 * Filters publish four metrics of the flow logs, and an alarm reads each. Two filters publish remote access: SSH and
 * RDP.
 */
export function trafficIsAnalysed(whole: Template) {
  trafficIsRecorded(whole);
  const filters = all(whole, FILTER).map(({ Properties: properties }) => properties);
  const ofRecords = filters.filter(({ LogGroupName }) => same(LogGroupName, ref(flowLogGroup(whole))));
  const made = ofRecords.map(({ MetricTransformations: [{ MetricName }] }) => MetricName);
  expect(made.sort()).toEqual([
    'BytesLeavingData',
    'RejectedFromWithin',
    'RemoteAccess',
    'RemoteAccess',
    'SkippedRecords',
  ]);
  const watched = Object.values(everyAlarm(whole)).flatMap(metricsOf).map(({ MetricName }) => MetricName);
  expect(watched).toEqual(expect.arrayContaining(made));
  alarmsAbout('vpc')(whole);
}
