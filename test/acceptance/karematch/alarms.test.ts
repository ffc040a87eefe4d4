import { blocked, certificate, entrance, erring, failedBackup, ofTargets, roller, silent, targets, tasks, waiting } from '../../support/template/alarm-rows';
import { above, alarming, alarmsOf, below, expectDescribed, of, quiet, rowOf, Rows, unknown } from '../../support/template/alarms';
import { karematch } from './proof/synthesis';

/** A NAT gateway publishes zeros while it works, and nothing divided by nothing while nothing passes: both are quiet. */
function natGateway(label: string, id: string): Rows {
  const metric = of('AWS/NATGateway', { NatGatewayId: `${id}.NatGatewayId` });
  return {
    [`Network${label}PortAllocation`]: { metrics: metric('ErrorPortAllocation', 'Sum'), ...above(0), ...quiet },
    [`Network${label}DroppedPackets`]: {
      metrics: {
        compared: '100 * dropped / (sent + received)',
        dropped: metric('PacketsDropCount', 'Sum').compared,
        sent: metric('PacketsInFromSource', 'Sum').compared,
        received: metric('PacketsInFromDestination', 'Sum').compared,
      },
      ...above(0.01, 3),
      ...quiet,
    },
  };
}

/** One of them, that of the CPU, tells when the instance reports nothing: the others need not say it again. */
function database(): Rows {
  const metric = of('AWS/RDS', { DBInstanceIdentifier: 'DatabaseInstanceAA8A5FDE' });
  return {
    DatabaseCpu: { metrics: metric('CPUUtilization', 'Average'), ...above(80, 3), ...alarming },
    DatabaseFreeMemory: { metrics: metric('FreeableMemory', 'Minimum'), ...below(268_435_456, 3), ...unknown },
    DatabaseFreeStorage: { metrics: metric('FreeStorageSpace', 'Minimum'), ...below(2_147_483_648, 6), ...unknown },
    DatabaseReadLatency: { metrics: metric('ReadLatency', 'Average'), ...above(0.1, 3), ...quiet },
    DatabaseWriteLatency: { metrics: metric('WriteLatency', 'Average'), ...above(0.1, 3), ...quiet },
    // PostgreSQL gives 1 GiB / 9,531,392 bytes = 112 connections; 78 are seven tenths of them.
    DatabaseConnections: { metrics: metric('DatabaseConnections', 'Maximum'), ...above(78, 3), ...quiet },
    DatabaseTransactionIds: { metrics: metric('MaximumUsedTransactionIDs', 'Maximum'), ...above(1_000_000_000), ...quiet },
  };
}

const secrets: Rows = {
  SecretsRotationErrors: erring('SecretsRotationFunction5A417570'),
  SecretsRotationDeadLetters: waiting('SecretsRotationFunctionDeadLetters52C00480'),
};

const TARGET_GROUP = 'ApiTargetGroup54BFE075';
/** What the load balancer tells of the tasks, and how slow one answer in twenty may be. */
const behind = (listener: string): Rows => ({
  ...targets('Api', listener, TARGET_GROUP),
  ApiSlowP95: { metrics: ofTargets(listener, TARGET_GROUP)('TargetResponseTime', 'p95'), ...above(0.5, 3), ...quiet, more: { EvaluateLowSampleCountPercentile: 'ignore' } },
});

function log(): Rows {
  const metric = of('AWS::StackName/Api', {});
  return {
    ApiApplicationErrors: { metrics: metric('ApplicationErrors', 'Sum'), ...above(10), ...quiet },
    ApiFailedLogins: { metrics: metric('FailedLogins', 'Sum'), ...above(20), ...quiet },
  };
}

/** CloudFront reports for the world, and under no other region. */
const site: Rows = {
  SiteServerErrors: { metrics: of('AWS/CloudFront', { DistributionId: 'SiteDistribution390DED28', Region: 'Global' })('5xxErrorRate', 'Average'), ...above(5, 3), ...quiet },
};

function firewalls(entranceMetric: string, siteMetric: string): Rows {
  return {
    EntranceFirewallBlockedSurge: blocked({ Region: 'us-east-1', WebACL: entranceMetric }),
    SiteBlockedSurge: blocked({ WebACL: siteMetric }),
  };
}

const both: Rows = {
  ...natGateway('NatGateway1', 'NetworkPublicSubnet1NATGateway0ECE21B7'),
  NetworkFlowLogSilent: silent('NetworkFlowLogGroup4F8CEEEF'),
  ...database(),
  ...secrets,
  ...entrance('Entrance8B3FB375'),
  ...tasks('Api', 'ApiCluster38154836', 'ApiServiceD5B4A50A'),
  ...log(),
  ...roller('Api', 'ApiRollerFailedRequests41EE93DE', ['ApiRollerNewValue3D3C37E2', 'ApiRollerRotatedF6F4E7AC', 'ApiRollerClock00522343']),
  ...site,
};

/** A row for each alarm, by its id without `Monitoring`, stack and hash. Every number is written out: it is what the constants of the source have to come to. */
const EXPECTED: Record<string, Rows> = {
  KareMatch: {
    ...both,
    ...natGateway('NatGateway2', 'NetworkPublicSubnet2NATGateway29E02316'),
    DatabaseBackupFailed: failedBackup('DatabaseBackupVault21F39AF5'),
    ...behind('EntranceHttps86B3BC1F'),
    ...firewalls('KareMatchEntranceFirewallDF687B26', 'KareMatchSiteFirewall7B263E17'),
    EntranceCertificateExpiry: certificate('EntranceCertificate2EAE713C'),
    SiteCertificateExpiry: certificate('SiteCertificate74188813'),
  },
  KareMatchDevelopment: {
    ...both,
    ...behind('EntranceHttp2DA9FD87'),
    ...firewalls('KareMatchDevelopmentEntranceFirewallF6A7AF47', 'KareMatchDevelopmentSiteFirewall2CE2E965'),
  },
};

const { production, development } = karematch();

describe.each([['KareMatch', production], ['KareMatchDevelopment', development]])('the alarms of %s', (name, template) => {
  const alarms = alarmsOf(template, `Monitoring${name}`);

  test('are these, and each measures what it is meant to', () => {
    expect(Object.fromEntries(Object.entries(alarms).map(([id, alarm]) => [id, rowOf(alarm)]))).toEqual(EXPECTED[name]);
  });

  test('say what to do first', () => {
    expectDescribed(alarms);
  });
});
