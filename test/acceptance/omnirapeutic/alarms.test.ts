import * as fs from 'fs';
import * as path from 'path';
import { blocked, certificate, DAY, entrance, erring, failedBackup, HOUR, MINUTE, roller, silent, targets, tasks, undelivered, waiting } from '../../support/template/alarm-rows';
import { above, alarming, alarmsOf, below, expectDescribed, Measured, of, quiet, readable, Row, rowOf, Rows, unchanged, unknown } from '../../support/template/alarms';
import { all, propertiesOf } from '../../support/template/reading';
import { omnirapeutic } from './proof/synthesis';

/** A quarter of an hour, in minutes: for so long an instance has to be badly off. */
const LASTING = 15;
const QUARTER_OF_A_DAY = 21_600;

/** Alarms that belong together, and the page that says why they are as they are. */
interface Group {
  readonly rows: Rows;
  readonly page: string;
  /** How many the document counts, for each service where it counts for one. */
  readonly counted?: number;
}

const GATEWAYS = ['NetworkNetworkPublicSubnet1NATGateway0ECE21B7', 'NetworkNetworkPublicSubnet2NATGateway29E02316', 'NetworkNetworkPublicSubnet3NATGateway79B22627'];
const LISTENER = 'ApplicationEntranceHttps86B3BC1F';

/** A metric of each gateway, under ids that end in its number. */
const ofGateways = (id: string, name: string) => Object.fromEntries(GATEWAYS.map((gateway, index) =>
  [`${id}${index + 1}`, of('AWS/NATGateway', { NatGatewayId: `${gateway}.NatGatewayId` })(name, 'Sum').compared]));
/** Their sum. A gateway that reports nothing counts zero, so that it does not silence the others. */
const sum = (id: string) => `(FILL(${id}1, 0) + FILL(${id}2, 0) + FILL(${id}3, 0))`;

function natGateways(): Rows {
  const unanswered = `100 * (${sum('tried')} - ${sum('answered')}) / ${sum('tried')}`;
  return {
    NetworkNatPortAllocation: { metrics: { compared: sum('failed'), ...ofGateways('failed', 'ErrorPortAllocation') }, ...above(0), ...quiet },
    NetworkNatDroppedPackets: {
      metrics: {
        compared: `100 * ${sum('dropped')} / (${sum('sent')} + ${sum('received')})`,
        ...ofGateways('dropped', 'PacketsDropCount'),
        ...ofGateways('sent', 'PacketsInFromSource'),
        ...ofGateways('received', 'PacketsInFromDestination'),
      },
      ...above(0.01, 3),
      ...quiet,
    },
    NetworkNatUnansweredConnections: {
      metrics: {
        compared: `IF(${sum('tried')} > 100, ${unanswered}, 0)`,
        ...ofGateways('tried', 'ConnectionAttemptCount'),
        ...ofGateways('answered', 'ConnectionEstablishedCount'),
      },
      ...above(10, 3),
      ...quiet,
    },
  };
}

/** Counted in the flow logs, by the hour. */
const traffic = of('AWS::StackName/Network', {});
const network: Rows = {
  NetworkRejectedFromWithin: { metrics: traffic('RejectedFromWithin', 'Sum', HOUR), ...above(150), ...quiet },
  NetworkRemoteAccess: { metrics: traffic('RemoteAccess', 'Sum', HOUR), ...above(0), ...quiet },
  NetworkDataLeaving: { metrics: { compared: 'bytes / 1048576', bytes: traffic('BytesLeavingData', 'Sum', HOUR).compared }, ...above(100), ...quiet },
};
const flowLogs: Rows = {
  NetworkFlowLogSilent: silent('NetworkNetworkFlowLogGroup4F8CEEEF'),
  NetworkFlowLogIncomplete: { metrics: traffic('SkippedRecords', 'Sum', HOUR), ...above(0), ...quiet },
};

const CLUSTER = { DBClusterIdentifier: 'DataDatabaseCluster5B53A178' };
const VAULT = 'DataDatabaseBackupVault21F39AF5';
/** AWS Backup counts nothing on a day on which it does nothing, but the cluster reports its size. On no day before the cluster is there is there either. */
const backups: Rows = {
  DatabaseBackupFailed: failedBackup(VAULT),
  DatabaseBackupMissing: {
    metrics: {
      compared: 'SUM([completed, 0 * size])',
      completed: of('AWS/Backup', { BackupVaultName: `${VAULT}.BackupVaultName` })('NumberOfBackupJobsCompleted', 'Sum', DAY).compared,
      size: of('AWS/RDS', CLUSTER)('VolumeBytesUsed', 'Average', DAY).compared,
    },
    ...below(1, 3),
    ...quiet,
  },
};

/** Of the instance that is worst off. That of the CPU tells when none reports anything: the others need not say it again. */
function aurora(): Rows {
  const metric = of('AWS/RDS', CLUSTER);
  return {
    DatabaseCpu: { metrics: metric('CPUUtilization', 'Maximum', MINUTE), ...above(80, LASTING), ...alarming },
    // A twentieth of the 2 GiB that belong to one ACU.
    DatabaseFreeMemory: { metrics: metric('FreeableMemory', 'Minimum', MINUTE), ...below(107_374_182, LASTING), ...unknown },
    // Seven tenths of 2 GiB / 9,531,392 bytes = 225 connections. AWS keeps some of the memory back, which leaves 189.
    DatabaseConnections: { metrics: metric('DatabaseConnections', 'Maximum', MINUTE), ...above(157, LASTING), ...quiet },
    DatabaseReplicaLag: { metrics: metric('AuroraReplicaLagMaximum', 'Maximum', MINUTE), ...above(2000, LASTING), ...quiet },
    DatabaseTransactionIds: { metrics: metric('MaximumUsedTransactionIDs', 'Maximum', MINUTE), ...above(1_000_000_000), ...quiet },
  };
}

/** The bill is reckoned some times a day, and in the one region. A gap says nothing of it. */
const costs: Rows = {
  GuardrailsMonthlyCosts: { metrics: of('AWS/Billing', { Currency: 'USD' })('EstimatedCharges', 'Maximum', QUARTER_OF_A_DAY), ...above(1000), ...unchanged },
};

const services: Rows = {
  ...tasks('Api', 'ApplicationClusterC2E21B66', 'ApplicationApiServiceD5B4A50A'),
  ...tasks('Web', 'ApplicationClusterC2E21B66', 'ApplicationWebServiceD04B5F3E'),
  ...tasks('Worker', 'ApplicationClusterC2E21B66', 'ApplicationWorkerService3F60922A'),
};

/** Events of the trail that are fine up to a number in five minutes: none, unless it stands here. */
const TOLERATED: Record<string, number> = { DeniedCalls: 25, ConsoleFailures: 5 };
const EVENTS = [
  'DeniedCalls', 'ConsoleWithoutMfa', 'RootUse', 'IamChangedByHand', 'TrailChanged', 'ConsoleFailures', 'KeyAtRisk', 'KeyPolicyChangedByHand', 'BucketChangedByHand', 'ConfigChanged',
  'SecurityGroupChangedByHand', 'NetworkAclChangedByHand', 'GatewayChangedByHand', 'RouteTableChangedByHand', 'VpcChangedByHand', 'OrganizationChanged',
];
const trail: Rows = Object.fromEntries(EVENTS.map((event): [string, Row] =>
  [`Guardrails${event}`, { metrics: of('AWS::StackName/Guardrails/Trail', {})(event, 'Sum'), ...above(TOLERATED[event] ?? 0), ...quiet }]));

/** Requests of CloudFormation that a function of the guardrails has given up on. */
const handlers: Rows = {
  GuardrailsInspectorGaveUp: waiting('GuardrailsGuardrailsInspectorDeadLettersE23DE96C'),
  GuardrailsRecorderGaveUp: waiting('GuardrailsGuardrailsConfigRecorderDeadLetters9863E04F'),
  GuardrailsGuardDutyGaveUp: waiting('GuardrailsGuardrailsGuardDutyDeadLettersC2D7F522'),
  GuardrailsSecurityHubGaveUp: waiting('GuardrailsGuardrailsSecurityHubDeadLettersEFEE1C20'),
  GuardrailsAccessAnalyzerGaveUp: waiting('GuardrailsGuardrailsAccessAnalyzerDeadLettersE090A748'),
  GuardrailsAccountSettingsGaveUp: waiting('GuardrailsGuardrailsAccountSettingsDeadLetters7EFC2378'),
};

/** Findings that nobody was told of. */
const notTold = (rule: string): Row => ({ metrics: undelivered(`GuardrailsMonitoringOmnirapeuticGuardrailsGuardrails${rule}`), ...above(0), ...quiet });
const notifications: Rows = {
  GuardrailsGuardDutyFindingsUndelivered: notTold('GuardDutyFindings3B245208'),
  GuardrailsSecurityHubFindingsUndelivered: notTold('SecurityHubFindings7F4B2079'),
  GuardrailsInspectorFindingsUndelivered: notTold('InspectorFindings3D554833'),
};

/** The age is measured once a day; that it was not is told by the first two. */
const secrets: Rows = {
  SecretsAgeErrors: erring('ApplicationSecretsAgeFunctionDB288821'),
  SecretsAgeDeadLetters: waiting('ApplicationSecretsAgeFunctionDeadLettersC5F29722'),
  SecretsAgeOfClearinghouse: {
    metrics: of('CdkHipaa/Secrets', { SecretArn: 'ApplicationSecretsExternalclearinghouse9E73F724' })('AgeInDays', 'Maximum', DAY), ...above(90), ...unchanged,
  },
};

const rolls: Rows = {
  ...roller('Api', 'ApplicationApiRollerFailedRequests41EE93DE',
    ['ApplicationApiRollerNewValue3D3C37E2', 'ApplicationApiRollerRotatedF6F4E7AC', 'ApplicationApiRollerClock00522343']),
  ...roller('Worker', 'ApplicationWorkerRollerFailedRequests1BD99120',
    ['ApplicationWorkerRollerNewValueA6DC82CC', 'ApplicationWorkerRollerRotatedF776DCCF', 'ApplicationWorkerRollerClock692DC5F7']),
};

const bastion: Rows = {
  BastionStatusCheckFailed: {
    metrics: of('AWS/EC2', { InstanceId: 'DataBastionInstanceD5ADABD584c0988310d75e5d' })('StatusCheckFailed', 'Maximum', MINUTE), ...above(0, 3), ...quiet,
  },
};

/** The alarms of all stacks: those that the document counts in the order in which it does so, and those beyond it. */
const GROUPS: Record<string, Group> = {
  'Aurora': { rows: aurora(), page: 'encrypted-aurora-cluster', counted: 5 },
  'VPC': { rows: network, page: 'hipaa-vpc', counted: 3 },
  'Cost': { rows: costs, page: 'compliance-guardrails', counted: 1 },
  'ALB': { rows: entrance('ApplicationEntrance8B3FB375'), page: 'secure-load-balancer', counted: 3 },
  'ECS': { rows: services, page: 'secure-fargate-service', counted: 3 },
  'WAF': { rows: { EntranceBlockedSurge: blocked({ Region: 'us-east-1', WebACL: 'OmnirapeuticApplicationEntranceFirewall1A8AD9DC' }) }, page: 'web-firewall', counted: 1 },
  'NAT Gateway': { rows: natGateways(), page: 'hipaa-vpc', counted: 3 },
  'VPC Flow Logs': { rows: flowLogs, page: 'hipaa-vpc', counted: 2 },
  'tasks behind the load balancer': {
    rows: { ...targets('Api', LISTENER, 'ApplicationApiTargetGroup54BFE075'), ...targets('Web', LISTENER, 'ApplicationWebTargetGroupFE6444AE') }, page: 'secure-fargate-service',
  },
  'the certificate': { rows: { EntranceCertificateExpiry: certificate('ApplicationEntranceCertificate2EAE713C') }, page: 'secure-load-balancer' },
  'backups': { rows: backups, page: 'encrypted-aurora-cluster' },
  'the trail': { rows: trail, page: 'compliance-guardrails' },
  'functions of the guardrails': { rows: handlers, page: 'compliance-guardrails' },
  'findings': { rows: notifications, page: 'compliance-guardrails' },
  'secrets': { rows: secrets, page: 'rotating-secrets' },
  'rolls after a rotation': { rows: rolls, page: 'secure-fargate-service' },
  'the bastion': { rows: bastion, page: 'ssm-bastion' },
};
const SERVICES = 3;

const whole = omnirapeutic();
const alarms = alarmsOf(whole, '(Network|Guardrails|Data|Application)MonitoringOmnirapeutic\\1');

describe('the alarms of Omnirapeutic', () => {
  test('are these, and each measures what it is meant to', () => {
    const expected = Object.assign({}, ...Object.values(GROUPS).map(({ rows }) => rows));
    expect(Object.fromEntries(Object.entries(alarms).map(([id, alarm]) => [id, rowOf(alarm)]))).toEqual(expected);
  });

  test('stand in one group each', () => {
    const ids = Object.values(GROUPS).flatMap(({ rows }) => Object.keys(rows));
    expect([...ids].sort()).toEqual(Object.keys(alarms).sort());
  });

  test('are, where the document counts them, as many as it counts: 21, those of ECS once for each service', () => {
    const counted = Object.entries(GROUPS).filter(([, group]) => group.counted !== undefined);
    expect(counted.map(([name, { rows }]) => [name, Object.keys(rows).length])).toEqual(counted.map(([name, group]) => [name, group.counted! * (name === 'ECS' ? SERVICES : 1)]));
    expect(counted.reduce((total, [, group]) => total + group.counted!, 0)).toBe(21);
  });

  test('say what to do first', () => {
    expectDescribed(alarms);
  });
});

/** What an alarm measures, expressions aside. */
const measuredBy = ({ metrics }: Row): Measured[] => Object.values(metrics).filter((metric): metric is Measured => typeof metric !== 'string');

describe('what they measure exists', () => {
  const measured = Object.values(alarms).flatMap((alarm) => measuredBy(rowOf(alarm)));

  test('what is counted in a log is counted by a filter of that name, and nothing is counted that nobody is told of', () => {
    const own = measured.filter(({ namespace }) => namespace.startsWith('AWS::StackName/')).map(({ namespace, name }) => `${namespace} ${name}`);
    const filters = all(whole, 'AWS::Logs::MetricFilter').map(({ Properties: { LogGroupName, MetricTransformations: [{ MetricName, MetricNamespace }, ...more] } }) => {
      expect(more).toEqual([]);
      propertiesOf(whole, 'AWS::Logs::LogGroup', LogGroupName.Ref);
      return `${readable(MetricNamespace)} ${MetricName}`;
    });
    // Two filters may count the same.
    expect([...own].sort()).toEqual([...new Set(filters)].sort());
  });

  test('the firewall publishes under the name that its alarm asks for', () => {
    const [firewall, ...more] = all(whole, 'AWS::WAFv2::WebACL');
    expect(more).toEqual([]);
    const asked = measured.filter(({ namespace }) => namespace === 'AWS/WAFV2').map(({ dimensions }) => dimensions.WebACL);
    expect(asked).toEqual([firewall.Properties.VisibilityConfig.MetricName]);
    expect(firewall.Properties.VisibilityConfig.CloudWatchMetricsEnabled).toBe(true);
  });

  test('everything else is a resource of one of the stacks', () => {
    const { Resources } = whole.toJSON();
    const values = measured.flatMap(({ dimensions }) => Object.values(dimensions)).flatMap((value) => value.split('/'));
    const unknownNames = values.map((value) => value.replace(/(\.\w+|\[\d\])$/, '')).filter((id) => !(id in Resources));
    expect([...new Set(unknownNames)]).toEqual(['USD', 'us-east-1', 'ALL', 'OmnirapeuticApplicationEntranceFirewall1A8AD9DC']);
  });
});

/** What a page calls it that there are no data. */
const WORDS: Record<string, RegExp> = { notBreaching: /^(fine|not breaching)/, breaching: /^(fires|breaching)/, missing: /^(unknown|missing)/, ignore: /^stays/ };
/** Thresholds that a page has in another unit, or as something that the user says. */
const IN_WORDS: Record<string, string> = {
  DatabaseFreeMemory: '0.1 GiB', DatabaseReplicaLag: '2 s', DatabaseTransactionIds: '1 billion', GuardrailsMonthlyCosts: '`monthlyCostLimit`',
};
const CONSTRUCT = /^(Network|Guardrails|Database|Bastion|Secrets|Entrance|Api|Web|Worker)/;

/** The rows of a page's tables whose first cell names an alarm. `<word>` in a name stands for any. */
function rowsAbout(page: string, alarm: string): string[][] {
  const lines = fs.readFileSync(path.join(__dirname, '..', '..', '..', 'docs', `${page}.md`), 'utf8').split('\n').filter((line) => line.startsWith('|'));
  const cells = lines.map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim()));
  return cells.filter(([first]) => [...first.matchAll(/`([^`]+)`/g)].some(([, name]) => new RegExp(`^${name.replace(/<\w+>/g, '\\w+')}$`).test(alarm)));
}

describe('the reason of each stands in the docs', () => {
  const documented = Object.values(GROUPS).flatMap(({ rows, page }) => Object.entries(rows).map(([id, row]) => [id, page, row] as const));

  test.each(documented)('%s, in %s', (id, page, { threshold, missing }) => {
    expect(rowsAbout(page, id.replace(CONSTRUCT, ''))).toEqual([[expect.any(String), expect.stringMatching(/\w{5}/), expect.any(String), expect.stringMatching(WORDS[missing]), expect.stringMatching(/.{20}/)]]);
    const [[, , fires]] = rowsAbout(page, id.replace(CONSTRUCT, ''));
    expect(fires).toContain(IN_WORDS[id] ?? threshold.toLocaleString('en-US'));
  });
});
