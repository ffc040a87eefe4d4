import { CfnParameter, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { FlowLogStorage } from '../../src/network/flow-log-storage';
import { HipaaVpc, HipaaVpcProps } from '../../src/network/hipaa-vpc';
import { NatStrategy } from '../../src/network/nat-strategy';
import { NetworkAlarms } from '../../src/network/network-alarms';
import { newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

/** A metric of an alarm, or an expression with metrics. */
interface MetricQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Metric: { readonly Namespace: string; readonly MetricName: string; readonly Dimensions: unknown };
    readonly Stat: string;
    readonly Period: number;
  };
}

function watched(props: HipaaVpcProps = {}, fill: (stack: Stack) => Partial<HipaaVpcProps> = () => ({})) {
  const stack = newStack();
  const network = new HipaaVpc(stack, 'Network', { alarms: NetworkAlarms.complete(), ...props, ...fill(stack) });
  const plan = network.monitoringPlan();
  plan.alarms.forEach((rule) => new cloudwatch.Alarm(stack, rule.id, {
    metric: rule.metric,
    threshold: rule.threshold,
    evaluationPeriods: rule.evaluationPeriods ?? 1,
    comparisonOperator: rule.comparison ?? cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: rule.missingData,
    alarmDescription: rule.description,
  }));
  const template = templateOf(stack);
  const alarms = propertiesOf(template, 'AWS::CloudWatch::Alarm');
  const filters = propertiesOf(template, 'AWS::Logs::MetricFilter');
  const one = (of: typeof alarms, start: string) => Object.entries(of).find(([id]) => id.startsWith(start))![1];
  return {
    stack,
    network,
    plan,
    template,
    alarm: (id: string) => one(alarms, id),
    filter: (name: string) => one(filters, `NetworkTraffic${name}`),
  };
}

const EIGHT = [
  'NatPortAllocation',
  'NatDroppedPackets',
  'NatUnansweredConnections',
  'FlowLogSilent',
  'FlowLogIncomplete',
  'RejectedFromWithin',
  'RemoteAccess',
  'DataLeaving',
];
const NAMESPACE = { 'Fn::Join': ['', [{ Ref: 'AWS::StackName' }, '/Network']] };

describe('all alarms of a network of three zones', () => {
  const { stack, plan, alarm, filter, template } = watched({ maxAzs: 3 });
  const metricsOf = (id: string): MetricQuery[] => alarm(id).Metrics;
  const expressionOf = (id: string) => metricsOf(id).find(({ Expression }) => Expression)!.Expression;

  test('are eight: three on gateways, two on flow logs, three on traffic', () => {
    expect(plan.alarms.map(({ id }) => id)).toEqual(EIGHT);
  });

  test.each([
    ['NatPortAllocation', 0, 1, ['ErrorPortAllocation']],
    ['NatDroppedPackets', 0.01, 3, ['PacketsDropCount', 'PacketsInFromSource', 'PacketsInFromDestination']],
    ['NatUnansweredConnections', 10, 3, ['ConnectionAttemptCount', 'ConnectionEstablishedCount']],
  ])('%s: over %d, in %d periods of five minutes', (id, threshold, periods, names) => {
    expect(alarm(id)).toMatchObject({
      Threshold: threshold,
      EvaluationPeriods: periods,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
    const read = metricsOf(id).filter(({ MetricStat }) => MetricStat).map(({ MetricStat }) => MetricStat!);
    expect(read.map(({ Metric }) => Metric.MetricName)).toEqual(names.flatMap((name) => [name, name, name]));
    expect(
      read.every(
        ({ Stat, Period, Metric }) => Stat === 'Sum' && Period === 300 && Metric.Namespace === 'AWS/NATGateway',
      ),
    ).toBe(true);
    const gateways = Object.keys(template.findResources('AWS::EC2::NatGateway'));
    expect(gateways).toHaveLength(3);
    const dimensionsOf = (gateway: string) =>
      [{ Name: 'NatGatewayId', Value: { 'Fn::GetAtt': [gateway, 'NatGatewayId'] } }];
    expect(read.map(({ Metric }) => Metric.Dimensions)).toEqual(names.flatMap(() => gateways.map(dimensionsOf)));
    const inputs = metricsOf(id).filter(({ MetricStat }) => MetricStat).map((input) => input.Id);
    expect(inputs.map((input) => /\d$/.exec(input)![0])).toEqual(names.flatMap(() => ['1', '2', '3']));
  });

  test.each(EIGHT)('%s reads at most ten metrics', (id) => {
    expect((alarm(id).Metrics ?? []).filter(({ MetricStat }: MetricQuery) => MetricStat).length).toBeLessThanOrEqual(
      10,
    );
  });

  test('treat a gateway without data as a gateway without traffic', () => {
    expect(expressionOf('NatPortAllocation')).toBe('(FILL(failed1, 0) + FILL(failed2, 0) + FILL(failed3, 0))');
  });

  test('compute dropped packets as a share of the packets from both sides', () => {
    const sum = (name: string) => `(FILL(${name}1, 0) + FILL(${name}2, 0) + FILL(${name}3, 0))`;
    expect(expressionOf('NatDroppedPackets')).toBe(`100 * ${sum('dropped')} / (${sum('sent')} + ${sum('received')})`);
  });

  test('compute unanswered connections as a share, above a minimum number of connections', () => {
    const sum = (name: string) => `(FILL(${name}1, 0) + FILL(${name}2, 0) + FILL(${name}3, 0))`;
    expect(expressionOf('NatUnansweredConnections')).toBe(`IF(${sum('tried')} > 100, 100 * (${sum('tried')} - `
      + `${sum('answered')}) / ${sum('tried')}, 0)`);
  });

  test('describe the first step, within the length limit of CloudWatch', () => {
    for (const { description } of plan.alarms) {
      expect(description).toMatch(/First (find|look)/);
      expect(description.length).toBeLessThanOrEqual(1024);
    }
  });

  test('count records in the log group of the flow logs, with patterns within the length limit of CloudWatch', () => {
    const all = Object.values(propertiesOf(template, 'AWS::Logs::MetricFilter'));
    expect(all.map(({ LogGroupName }) => LogGroupName)).toEqual(Array(5).fill({ Ref: 'NetworkFlowLogGroup4F8CEEEF' }));
    expect(
      all.map(({ MetricTransformations: [{ MetricValue, DefaultValue }] }) => [MetricValue, DefaultValue]),
    ).toEqual([
      ['1', 0],
      ['1', 0],
      ['1', 0],
      ['1', 0],
      ['$bytes', 0],
    ]);
    for (const { FilterPattern } of all) expect(FilterPattern.length).toBeLessThanOrEqual(1024);
  });

  test('test each condition at its column of the flow log record', () => {
    expect(filter('SkippedRecords').FilterPattern).toBe('[version, account, interface, source, destination, '
      + 'sourcePort, destinationPort, '
      + 'protocol, packets, bytes, start, end, action, status=SKIPDATA]');
    expect(filter('RemoteAccess').FilterPattern).toBe('[version, account, interface, source, destination=10.0.11.* || '
      + 'destination=10.0.12.* || destination=10.0.13.* '
      + '|| destination=10.0.21.* || destination=10.0.22.* || destination=10.0.23.*, sourcePort, destinationPort=22, '
      + 'protocol=6, packets, bytes, start, end, action=ACCEPT, status]');
    expect(filter('RemoteDesktop').FilterPattern).toBe('[version, account, interface, source, destination=10.0.11.* '
      + '|| destination=10.0.12.* || destination=10.0.13.* '
      + '|| destination=10.0.21.* || destination=10.0.22.* || destination=10.0.23.*, '
      + 'sourcePort>=1024 && sourcePort!=3306 && sourcePort!=5432 && sourcePort!=8080 && sourcePort!=8443, '
      + 'destinationPort=3389, '
      + 'protocol=6, packets, bytes, start, end, action=ACCEPT, status]');
  });

  test('count remote desktops and shells in one metric', () => {
    const metrics = ['RemoteAccess', 'RemoteDesktop'].map((name) => filter(name).MetricTransformations[0]);
    expect(metrics).toEqual(
      Array(2).fill({ MetricName: 'RemoteAccess', MetricNamespace: NAMESPACE, MetricValue: '1', DefaultValue: 0 }),
    );
  });

  test('have a widget beside those of the gateways and the flow logs', () => {
    expect(plan.widgets).toHaveLength(4);
  });

  test('have no findings of the packs', () => {
    // The alarms of this test have no actions.
    expect(nagFindings(stack).filter((finding) => !finding.includes('CloudWatchAlarmAction'))).toEqual([]);
  });
});

test('CloudFormation Validate accepts the filters', () => {
  const stack = newStack();
  new HipaaVpc(stack, 'Network', { alarms: NetworkAlarms.complete() });
  expect(templateFindings(stack.node.root as never)).toEqual([]);
});

// --- records that the filters count
/** Matches a record with a column pattern as CloudWatch Logs does: `=`, `!=`, `>=`, `||`, `&&`, and a trailing star. */
function matches(pattern: string, record: string): boolean {
  const values = record.split(' ');
  const holds = (condition: string, value: string) => {
    const [, , operator, expected] = /^(\w+?)(!=|>=|=)(.+)$/.exec(condition) ?? [];
    if (!operator) return true;
    if (operator === '>=') return Number(value) >= Number(expected);
    const same = expected.endsWith('*') ? value.startsWith(expected.slice(0, -1)) : value === expected;
    return same === (operator === '=');
  };
  const columns = pattern.slice(1, -1).split(', ');
  return columns.length === values.length && columns.every((column, index) =>
    column.split(' || ').some((any) => any.split(' && ').every((condition) => holds(condition.trim(), values[index]))));
}

const flow = (source: string, destination: string, ports: string, action = 'ACCEPT') =>
  `2 111122223333 eni-0a1b2c3d4e5f60718 ${source} ${destination} ${ports} 6 20 4249 1718000000 1718000060 ${action} OK`;

describe.each([
  ['in 10.0.0.0/16', undefined, { publicly: '10.0.1.7', app: '10.0.11.7', data: '10.0.21.7', otherData: '10.0.22.8' }],
  [
    'in a small block, whose subnets share address prefixes in pairs',
    '10.48.16.0/20',
    { publicly: '10.48.16.140', app: '10.48.21.130', data: '10.48.26.130', otherData: '10.48.27.8' },
  ],
])('the traffic %s', (_, cidr, { publicly, app, data, otherData }) => {
  const { filter } = watched({ cidr });
  const counted = (record: string) =>
    ['SkippedRecords', 'RejectedFromWithin', 'RemoteAccess', 'RemoteDesktop', 'BytesLeavingData'].filter((name) =>
      matches(filter(name).FilterPattern, record),
    );

  test.each<[string, string, string[]]>([
    ['a client of the load balancer', flow('198.51.100.9', publicly, '51000 443'), []],
    [
      'a client on the internet that tries SSH at a public address',
      flow('198.51.100.9', publicly, '51000 22', 'REJECT'),
      [],
    ],
    ['the same client at a NAT gateway (action ACCEPT)', flow('198.51.100.9', publicly, '51000 22'), []],
    ['a service that queries its database', flow(app, data, '40000 5432'), []],
    ['a response of the database', flow(data, app, '5432 40000'), []],
    ['a service that calls a partner', flow(app, '203.0.113.5', '40000 443'), []],
    ['a response of an SFTP partner', flow('203.0.113.5', app, '22 40000'), []],
    [
      'an interface without traffic',
      '2 111122223333 eni-0a1b2c3d4e5f60718 - - - - - - - 1718000000 1718000060 - ' + 'NODATA',
      [],
    ],
    [
      'skipped records',
      '2 111122223333 eni-0a1b2c3d4e5f60718 - - - - - - - 1718000000 1718000060 - ' + 'SKIPDATA',
      ['SkippedRecords'],
    ],
    ['a service that tries a closed port', flow(app, data, '40000 6379', 'REJECT'), ['RejectedFromWithin']],
    ['a database that tries another database', flow(data, otherData, '40000 5432', 'REJECT'), ['RejectedFromWithin']],
    ['a shell from the public subnets', flow(publicly, app, '40000 22'), ['RemoteAccess']],
    ['a remote desktop from a network of a partner', flow('192.168.7.7', data, '40000 3389'), ['RemoteDesktop']],
    ['a shell whose client uses the port of a server', flow(publicly, app, '443 22'), ['RemoteAccess']],
    ['a response of a partner to a client at that port', flow('203.0.113.5', app, '443 3389'), []],
    ['a response of a database to a client at that port', flow(data, app, '5432 3389'), []],
    ['a response of a container to a load balancer at that port', flow(app, app, '8080 3389'), []],
    ['a database that sends to the internet', flow(data, '203.0.113.5', '40000 443'), ['BytesLeavingData']],
    ['a database that is rejected', flow(data, '203.0.113.5', '40000 443', 'REJECT'), ['RejectedFromWithin']],
  ])('%s', (_what, record, expected) => {
    expect(counted(record)).toEqual(expected);
  });
});

// --- other networks
describe('the alarms of other networks', () => {
  const ids = (props: HipaaVpcProps) => watched(props).plan.alarms.map(({ id }) => id);

  test('one gateway: the same eight', () => {
    expect(ids({ nat: NatStrategy.regional() })).toEqual(EIGHT);
  });

  test('no gateway: no alarms on gateways', () => {
    expect(ids({ nat: NatStrategy.none() })).toEqual(EIGHT.slice(3));
  });

  test('more than three gateways: separate alarms for each, because one alarm cannot read the metrics of all', () => {
    const each = [1, 2, 3, 4].flatMap((gateway) => [
      `NatGateway${gateway}PortAllocation`,
      `NatGateway${gateway}DroppedPackets`,
    ]);
    const unanswered = [1, 2, 3, 4].map((gateway) => `NatGateway${gateway}UnansweredConnections`);
    expect(ids({ maxAzs: 4 })).toEqual([...each, ...unanswered, ...EIGHT.slice(3)]);
  });

  test('six zones: patterns within the length limit of CloudWatch', () => {
    const { template } = watched({ maxAzs: 6, cidr: '172.16.128.0/17', nat: NatStrategy.none() });
    for (const { FilterPattern } of Object.values(propertiesOf(template, 'AWS::Logs::MetricFilter'))) {
      expect(FilterPattern.length).toBeLessThanOrEqual(1024);
    }
  });

  test('other thresholds', () => {
    const { alarm } = watched({ alarms: NetworkAlarms.complete({ rejectedRecords: 1000, mebibytesLeavingData: 5 }) });
    expect([alarm('RejectedFromWithin').Threshold, alarm('DataLeaving').Threshold]).toEqual([1000, 5]);
  });

  test('thresholds known only at deployment', () => {
    const { alarm } = watched({}, (stack) => ({
      alarms: NetworkAlarms.complete({
        mebibytesLeavingData: new CfnParameter(stack, 'Leaving', { type: 'Number' }).valueAsNumber,
      }),
    }));
    expect(alarm('DataLeaving').Threshold).toEqual({ Ref: 'Leaving' });
  });
});

describe('the essential alarms', () => {
  test('are the default, and use no metric filters', () => {
    const stack = newStack();
    const plan = (id: string, alarms?: NetworkAlarms) =>
      new HipaaVpc(stack, id, { alarms }).monitoringPlan().alarms.map((rule) => rule.id);
    expect(plan('Default')).toEqual(plan('Essential', NetworkAlarms.essential()));
    templateOf(stack).resourceCountIs('AWS::Logs::MetricFilter', 0);
  });
});

test.each<[string, HipaaVpcProps, string]>([
  ['flow logs in a bucket', { alarms: NetworkAlarms.complete(), flowLogs: FlowLogStorage.bucket() },
    '[Stack/Network] NetworkAlarms.complete() needs flow logs in CloudWatch Logs, but they go to a bucket. '
    + 'Remove flowLogs, or use NetworkAlarms.essential().'],
  ['a negative number of records', { alarms: NetworkAlarms.complete({ rejectedRecords: -1 }) },
    '[Stack/Network] alarms.rejectedRecords must be an integer of 0 or more, got -1. Pass the threshold per hour.'],
  ['a negative number of bytes', { alarms: NetworkAlarms.complete({ mebibytesLeavingData: -1 }) },
    '[Stack/Network] alarms.mebibytesLeavingData must be a number of 0 or more, got -1. Pass the threshold per hour.'],
])('refuses %s', (_, props, message) => {
  expect(() => new HipaaVpc(newStack(), 'Network', props)).toThrow(message);
});

test('refuses an infinite number of bytes', () => {
  expect(() => NetworkAlarms.complete({ mebibytesLeavingData: Infinity })).toThrow(
    '[NetworkAlarms.complete] mebibytesLeavingData must be a finite number, got Infinity. Pass a finite number.',
  );
});

test('the IDs of the metric filters do not change', () => {
  const { template } = watched();
  expect(Object.keys(template.findResources('AWS::Logs::MetricFilter')).sort()).toEqual([
    'NetworkTrafficBytesLeavingDataD14F550C',
    'NetworkTrafficRejectedFromWithinB0062DFC',
    'NetworkTrafficRemoteAccess3A1C21BD',
    'NetworkTrafficRemoteDesktop9A2DC353',
    'NetworkTrafficSkippedRecords12929AE6',
  ]);
});
