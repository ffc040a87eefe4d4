import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DROPPED_PACKETS_PERCENT, DROPPED_PACKETS_PERIODS, natMetric } from './network-monitoring';
import { TRAFFIC_PERIOD_HOURS, TrafficMetrics } from './traffic-metrics';
import { AlarmDefinition } from '../monitoring/monitored';

/** One alarm reads ten metrics at most: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const MOST_METRICS_OF_AN_ALARM = 10;
/** Dropped packets are a share of what came from two sides: three metrics of each gateway. */
const MOST_METRICS_OF_A_GATEWAY = 3;
/** How many gateways fit into one alarm. */
export const MOST_GATEWAYS_TOGETHER = Math.floor(MOST_METRICS_OF_AN_ALARM / MOST_METRICS_OF_A_GATEWAY);

/** The share of connections, in percent, that may go without an answer: a partner who is down for a while, beside others who answer. */
const UNANSWERED_PERCENT = 10;
/** How many connections have to be tried in five minutes before their share says anything. */
const FEWEST_ATTEMPTS = 100;
/** How many five-minute periods it has to last: a partner's restart is over by then. */
const UNANSWERED_PERIODS = 3;
const BYTES_PER_MEBIBYTE = 1024 * 1024;

/** From where on traffic is worth an alarm. */
export interface TrafficThresholds {
  readonly rejectedRecords: number;
  readonly mebibytesLeavingData: number;
}

/** What somebody has to be told about all NAT gateways of a network, of which there are three at most. */
export function natAlarmsTogether(gateways: ec2.CfnNatGateway[]): AlarmDefinition[] {
  if (gateways.length === 0) return [];
  return [portAllocation(gateways), droppedPackets(gateways), unansweredConnections('NatUnansweredConnections', gateways)];
}

function portAllocation(gateways: ec2.CfnNatGateway[]): AlarmDefinition {
  const failed = summed(gateways, 'failed', 'ErrorPortAllocation');
  return {
    id: 'NatPortAllocation',
    metric: math('Connections without a port', failed.expression, failed),
    threshold: 0,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: 'A NAT gateway has no port left for new connections to one destination, and they fail. First see in CloudWatch (AWS/NATGateway, ErrorPortAllocation) '
      + 'which gateway, and in the flow logs which destination; have its clients reuse connections. If it is an AWS service, give it a VPC endpoint; '
      + 'else associate more elastic IP addresses with the gateway.',
  };
}

function droppedPackets(gateways: ec2.CfnNatGateway[]): AlarmDefinition {
  const dropped = summed(gateways, 'dropped', 'PacketsDropCount');
  const sent = summed(gateways, 'sent', 'PacketsInFromSource');
  const received = summed(gateways, 'received', 'PacketsInFromDestination');
  return {
    id: 'NatDroppedPackets',
    metric: math('Dropped packets (%)', `100 * ${dropped.expression} / (${sent.expression} + ${received.expression})`, dropped, sent, received),
    threshold: DROPPED_PACKETS_PERCENT,
    evaluationPeriods: DROPPED_PACKETS_PERIODS,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: 'The NAT gateways drop packets. First look at the AWS Health Dashboard for this region; if it is quiet, see in CloudWatch (AWS/NATGateway, '
      + 'PacketsDropCount) which gateway it is, and whether it is at its limits (100 Gbit/s, 10 million packets per second): then move the traffic of its zone.',
  };
}

/** Connections through the gateways, of which there are three at most, that get no answer. */
export function unansweredConnections(id: string, gateways: ec2.CfnNatGateway[]): AlarmDefinition {
  const tried = summed(gateways, 'tried', 'ConnectionAttemptCount');
  const answered = summed(gateways, 'answered', 'ConnectionEstablishedCount');
  const percent = `100 * (${tried.expression} - ${answered.expression}) / ${tried.expression}`;
  return {
    id,
    metric: math('Unanswered connections (%)', `IF(${tried.expression} > ${FEWEST_ATTEMPTS}, ${percent}, 0)`, tried, answered),
    threshold: UNANSWERED_PERCENT,
    evaluationPeriods: UNANSWERED_PERIODS,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: 'More than a tenth of the connections to the internet get no answer. First see in the flow logs which destination they go to: a partner who is down, '
      + 'or who has not allowed the public addresses of the NAT gateways, or something inside that tries addresses at random, which is an intrusion.',
  };
}

/** What somebody has to be told about the flow logs being complete, and about what stands in them. */
export function trafficAlarms(metrics: TrafficMetrics, { rejectedRecords, mebibytesLeavingData }: TrafficThresholds): AlarmDefinition[] {
  const missingData = cloudwatch.TreatMissingData.NOT_BREACHING;
  return [
    {
      id: 'FlowLogIncomplete',
      metric: metrics.skippedRecords,
      threshold: 0,
      missingData,
      description: 'Flow log records were skipped (SKIPDATA), so the record of who talked to whom has a hole. First look at the AWS Health Dashboard; note interface, '
        + 'beginning and end of the skipped records for the audit trail. If it happens again, spread the traffic of that interface over more of them.',
    },
    {
      id: 'RejectedFromWithin',
      metric: metrics.rejectedFromWithin,
      threshold: rejectedRecords,
      missingData,
      description: 'Something inside keeps trying what it may not. First see in the flow logs (action REJECT) which address tries which destination and port: one pair since a '
        + 'deployment is a missing rule of a security group, one source with many destinations or ports is a search from a machine that was taken over: isolate it.',
    },
    {
      id: 'RemoteAccess',
      metric: metrics.remoteAccess,
      threshold: 0,
      missingData,
      description: 'An SSH or RDP connection reached the private or data subnets, where nobody needs one: shells go through Session Manager. First see in the flow logs (port 22, '
        + '3389) where it came from and where it went: from the port of a service of your own it is an answer. Else close that port in the security group, then find in CloudTrail who opened it.',
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
      description: 'Much data goes from the data subnets to somewhere outside of the VPC. First see in the flow logs which address sends where. Unless it is known, take the way '
        + 'away (the route to the NAT gateway, the egress rule of the security group), then look at what it has read: this may be a breach of PHI.',
    },
  ];
}

/** What the traffic tells, in one graph. */
export function trafficWidget(metrics: TrafficMetrics): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Traffic that should not be',
    left: [metrics.rejectedFromWithin, metrics.remoteAccess, metrics.skippedRecords],
    right: [metrics.bytesLeavingData],
    width: 12,
  });
}

interface Sum {
  readonly expression: string;
  readonly metrics: { [name: string]: cloudwatch.Metric };
}

/** One metric over all gateways. A gateway without data, such as one that was just made, counts zero. */
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
