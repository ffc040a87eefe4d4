import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { AlarmDefinition } from '../monitoring/monitored';

/** The share of dropped packets, in percent, above which AWS says to look for a fault: https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html */
export const DROPPED_PACKETS_PERCENT = 0.01;
/** How many five-minute periods packets have to be dropped: single ones are everyday life of a network. */
export const DROPPED_PACKETS_PERIODS = 3;
/** How long no record at all may arrive, in hours. Records arrive every ten minutes, late by some minutes more. */
export const SILENT_FLOW_LOG_HOURS = 1;

/** One of the metrics that AWS publishes for a NAT gateway. */
export function natMetric(gateway: ec2.CfnNatGateway, metricName: string, statistic = cloudwatch.Stats.SUM): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/NATGateway',
    metricName,
    dimensionsMap: { NatGatewayId: gateway.attrNatGatewayId },
    statistic,
    period: Duration.minutes(5),
  });
}

/** What somebody has to be told about a NAT gateway, of which `label` says which one it is. */
export function natAlarms(gateway: ec2.CfnNatGateway, label: string): AlarmDefinition[] {
  return [
    {
      id: `${label}PortAllocation`,
      metric: natMetric(gateway, 'ErrorPortAllocation'),
      threshold: 0,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: 'A NAT gateway has no port left for new connections to one destination, and they fail. First find the destination in the flow logs and '
        + 'have its clients reuse connections; if it is an AWS service, give it a VPC endpoint; else associate more elastic IP addresses with the gateway.',
    },
    {
      id: `${label}DroppedPackets`,
      metric: new cloudwatch.MathExpression({
        expression: '100 * dropped / (sent + received)',
        usingMetrics: {
          dropped: natMetric(gateway, 'PacketsDropCount'),
          sent: natMetric(gateway, 'PacketsInFromSource'),
          received: natMetric(gateway, 'PacketsInFromDestination'),
        },
        label: 'Dropped packets (%)',
        period: Duration.minutes(5),
      }),
      threshold: DROPPED_PACKETS_PERCENT,
      evaluationPeriods: DROPPED_PACKETS_PERIODS,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: 'A NAT gateway drops packets. First look at the AWS Health Dashboard for this region and zone; if it is quiet, look at the gateway\'s bandwidth '
        + '(100 Gbit/s and 10 million packets per second are its limits), and spread the traffic over more gateways.',
    },
  ];
}

/** Flow logs that fall silent are an audit trail with a hole in it. */
export function flowLogAlarm(logGroup: logs.ILogGroup): AlarmDefinition {
  return {
    id: 'FlowLogSilent',
    metric: flowLogMetric(logGroup),
    threshold: 1,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    missingData: cloudwatch.TreatMissingData.BREACHING,
    description: 'No VPC flow log has arrived for an hour, so that traffic goes unrecorded. First look at the flow log\'s delivery status in the VPC console: '
      + '"Access error" means that its role, the log group\'s key or the log group itself was changed or deleted.',
  };
}

/** The flow log records that arrived. */
export function flowLogMetric(logGroup: logs.ILogGroup): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Logs',
    metricName: 'IncomingLogEvents',
    dimensionsMap: { LogGroupName: logGroup.logGroupName },
    statistic: cloudwatch.Stats.SUM,
    period: Duration.hours(SILENT_FLOW_LOG_HOURS),
  });
}

/** A graph of one metric of every NAT gateway. */
export function natWidget(title: string, gateways: ec2.CfnNatGateway[], metricName: string, statistic?: string): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title,
    left: gateways.map((gateway, index) => natMetric(gateway, metricName, statistic).with({ label: `Gateway ${index + 1}` })),
    width: 12,
  });
}
