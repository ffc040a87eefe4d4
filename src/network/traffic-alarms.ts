import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DROPPED_PACKETS_PERCENT, DROPPED_PACKETS_PERIODS, natMetric } from './network-monitoring';
import { TRAFFIC_PERIOD_HOURS, TrafficMetrics } from './traffic-metrics';
import { AlarmDefinition } from '../monitoring/alarm-definition';

/**
 * The quota of metrics per alarm.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 */
const MAX_METRICS_PER_ALARM = 10;
/** The alarm for dropped packets reads three metrics per gateway: dropped packets, and packets from both sides. */
const MAX_METRICS_PER_GATEWAY = 3;
/** The number of gateways that one alarm can read. */
export const MAX_GATEWAYS_PER_ALARM = Math.floor(MAX_METRICS_PER_ALARM / MAX_METRICS_PER_GATEWAY);

/** The percentage of unanswered connections at which the alarm fires. One partner that is down stays below. */
const UNANSWERED_PERCENT = 10;
/** Connection attempts in five minutes below which the percentage is not meaningful. */
const MIN_ATTEMPTS = 100;
/** Five-minute periods with unanswered connections before the alarm fires. A restart of a partner takes less time. */
const UNANSWERED_PERIODS = 3;
const BYTES_PER_MEBIBYTE = 1024 * 1024;

/** Thresholds of the traffic alarms, per hour. */
export interface TrafficThresholds {
  readonly rejectedRecords: number;
  readonly mebibytesLeavingData: number;
}

/** The alarms that combine all NAT gateways of a network, at most `MAX_GATEWAYS_PER_ALARM`. */
export function combinedNatAlarms(gateways: ec2.CfnNatGateway[]): AlarmDefinition[] {
  if (gateways.length === 0) return [];
  return [
    portAllocation(gateways),
    droppedPackets(gateways),
    unansweredConnections('NatUnansweredConnections', gateways),
  ];
}

function portAllocation(gateways: ec2.CfnNatGateway[]): AlarmDefinition {
  const failed = summed(gateways, 'failed', 'ErrorPortAllocation');
  return {
    id: 'NatPortAllocation',
    metric: math('Connections without a port', failed.expression, failed),
    threshold: 0,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: 'A NAT gateway has no free port for new connections to one destination, so these connections fail. '
      + 'First find the gateway in CloudWatch (AWS/NATGateway, ErrorPortAllocation) and the destination in the '
      + 'flow logs, and let its clients reuse connections. If the destination is an AWS service, add a VPC '
      + 'endpoint; otherwise, associate more Elastic IP addresses with the gateway.',
  };
}

function droppedPackets(gateways: ec2.CfnNatGateway[]): AlarmDefinition {
  const dropped = summed(gateways, 'dropped', 'PacketsDropCount');
  const sent = summed(gateways, 'sent', 'PacketsInFromSource');
  const received = summed(gateways, 'received', 'PacketsInFromDestination');
  return {
    id: 'NatDroppedPackets',
    metric: math('Dropped packets (%)', `100 * ${dropped.expression} / (${sent.expression} + ${received.expression})`,
      dropped, sent, received),
    threshold: DROPPED_PACKETS_PERCENT,
    evaluationPeriods: DROPPED_PACKETS_PERIODS,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: 'The NAT gateways drop packets. First look at the AWS Health Dashboard for this region. If it shows '
      + 'no event, find the gateway in CloudWatch (AWS/NATGateway, PacketsDropCount), and compare its traffic with '
      + 'its limits (100 Gbit/s, 10 million packets per second). If it reaches them, move traffic out of its zone.',
  };
}

/** The alarm for unanswered connections through gateways, at most `MAX_GATEWAYS_PER_ALARM`. */
export function unansweredConnections(id: string, gateways: ec2.CfnNatGateway[]): AlarmDefinition {
  const tried = summed(gateways, 'tried', 'ConnectionAttemptCount');
  const answered = summed(gateways, 'answered', 'ConnectionEstablishedCount');
  const percent = `100 * (${tried.expression} - ${answered.expression}) / ${tried.expression}`;
  return {
    id,
    metric: math(
      'Unanswered connections (%)', `IF(${tried.expression} > ${MIN_ATTEMPTS}, ${percent}, 0)`, tried, answered),
    threshold: UNANSWERED_PERCENT,
    evaluationPeriods: UNANSWERED_PERIODS,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: 'More than 10 percent of the connections to the internet get no answer. First find their '
      + 'destinations in the flow logs. Possible causes: a partner is down, a partner does not allow the public '
      + 'addresses of the NAT gateways, or a compromised workload tries random addresses, which is an intrusion.',
  };
}

/** The alarms for skipped flow log records and for the traffic that the records show. */
export function trafficAlarms(
  metrics: TrafficMetrics, { rejectedRecords, mebibytesLeavingData }: TrafficThresholds,
): AlarmDefinition[] {
  const missingData = cloudwatch.TreatMissingData.NOT_BREACHING;
  return [
    {
      id: 'FlowLogIncomplete',
      metric: metrics.skippedRecords,
      threshold: 0,
      missingData,
      description: 'AWS skipped flow log records (SKIPDATA), so the audit trail of the traffic has a gap. First look '
        + 'at the AWS Health Dashboard, and write the interface, the start and the end of the skipped records into '
        + 'the audit trail. If it happens again, distribute the traffic of that interface over more interfaces.',
    },
    {
      id: 'RejectedFromWithin',
      metric: metrics.rejectedFromWithin,
      threshold: rejectedRecords,
      missingData,
      description: 'The private or data subnets send traffic that security groups or network ACLs reject. First find '
        + 'the sources, destinations and ports in the flow logs (action REJECT). One destination and port since a '
        + 'deployment: a security group rule is missing. One source with many destinations or ports: a compromised '
        + 'workload scans the network; isolate it.',
    },
    {
      id: 'RemoteAccess',
      metric: metrics.remoteAccess,
      threshold: 0,
      missingData,
      description: 'An SSH or RDP connection reached the private or data subnets, which use Session Manager for '
        + 'shells. First find its source and destination in the flow logs (port 22, 3389). A record from the port '
        + 'of a service of your own is a response. Otherwise, close that port in the security group, then find in '
        + 'CloudTrail who opened it.',
    },
    {
      id: 'DataLeaving',
      metric: new cloudwatch.MathExpression({
        expression: `bytes / ${BYTES_PER_MEBIBYTE}`,
        usingMetrics: { bytes: metrics.bytesLeavingData },
        label: 'Leaving the data subnets (MiB)',
        period: Duration.hours(TRAFFIC_PERIOD_HOURS),
      }),
      threshold: mebibytesLeavingData,
      missingData,
      description: 'The data subnets send a large amount of data to addresses outside the VPC. First find the source '
        + 'and the destination in the flow logs. If you do not expect this traffic, block it: delete the route to the '
        + 'NAT gateway, or the outbound rule of the security group. Then find out which data the source has read: '
        + 'this can be a breach of PHI.',
    },
  ];
}

/** A graph of the metrics that the traffic alarms read. */
export function trafficWidget(metrics: TrafficMetrics): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Suspicious traffic',
    left: [metrics.rejectedFromWithin, metrics.remoteAccess, metrics.skippedRecords],
    right: [metrics.bytesLeavingData],
    width: 12,
  });
}

interface Sum {
  readonly expression: string;
  readonly metrics: { [name: string]: cloudwatch.Metric };
}

/** The sum of one metric over all gateways. A gateway without data, such as a new one, counts as zero. */
function summed(gateways: ec2.CfnNatGateway[], name: string, metricName: string): Sum {
  const names = gateways.map((_, index) => `${name}${index + 1}`);
  return {
    expression: `(${names.map((one) => `FILL(${one}, 0)`).join(' + ')})`,
    metrics: Object.fromEntries(names.map((one, index) => [one, natMetric(gateways[index], metricName)])),
  };
}

function math(label: string, expression: string, ...sums: Sum[]): cloudwatch.MathExpression {
  const usingMetrics = Object.assign({}, ...sums.map(({ metrics }) => metrics));
  return new cloudwatch.MathExpression({ expression, label, usingMetrics, period: Duration.minutes(5) });
}
