import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { AlarmDefinition } from '../monitoring/alarm-definition';

/**
 * The percentage of dropped packets above which AWS recommends an investigation.
 *
 * https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html
 */
export const DROPPED_PACKETS_PERCENT = 0.01;
/** Five-minute periods with dropped packets before the alarm fires. Single dropped packets are normal. */
export const DROPPED_PACKETS_PERIODS = 3;
/**
 * Hours without a flow log record before the alarm fires. Records arrive every ten minutes, minutes late.
 *
 * An alarm evaluates more periods than it needs when data is missing, and would fire after about three hours. FILL
 * gives a period without data the value 0, so that the alarm fires after this number of hours.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export const SILENT_FLOW_LOG_HOURS = 1;

/** A metric of a NAT gateway. */
export function natMetric(
  gateway: ec2.CfnNatGateway, metricName: string, statistic = cloudwatch.Stats.SUM,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/NATGateway',
    metricName,
    dimensionsMap: { NatGatewayId: gateway.attrNatGatewayId },
    statistic,
    period: Duration.minutes(5),
  });
}

/** The alarms of one NAT gateway. Their ids start with `label`. */
export function natAlarms(gateway: ec2.CfnNatGateway, label: string): AlarmDefinition[] {
  return [
    {
      id: `${label}PortAllocation`,
      metric: natMetric(gateway, 'ErrorPortAllocation'),
      threshold: 0,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: 'A NAT gateway has no free port for new connections to one destination, so these connections '
        + 'fail. First find the destination in the flow logs, and let its clients reuse connections. If the '
        + 'destination is an AWS service, add a VPC endpoint; otherwise, associate more Elastic IP addresses with '
        + 'the gateway.',
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
      description: 'A NAT gateway drops packets. First look at the AWS Health Dashboard for this region and zone. If '
        + 'it shows no event, compare the traffic of the gateway with its limits (100 Gbit/s, 10 million packets '
        + 'per second), and distribute the traffic over more gateways.',
    },
  ];
}

/** The alarm for missing flow logs, which leave a gap in the audit trail. */
export function flowLogAlarm(logGroup: logs.ILogGroup): AlarmDefinition {
  return {
    id: 'FlowLogSilent',
    metric: new cloudwatch.MathExpression({
      expression: 'FILL(records, 0)',
      usingMetrics: { records: flowLogMetric(logGroup) },
      label: 'Flow log records',
      period: Duration.hours(SILENT_FLOW_LOG_HOURS),
    }),
    threshold: 1,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    missingData: cloudwatch.TreatMissingData.BREACHING,
    description: 'No VPC flow log has arrived for an hour, so traffic is not recorded. First look at the delivery '
      + 'status of the flow log in the VPC console: "Access error" means that its role, its log group, or the key '
      + 'of the log group was changed or deleted.',
  };
}

/** The number of flow log records that arrived. */
export function flowLogMetric(logGroup: logs.ILogGroup): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Logs',
    metricName: 'IncomingLogEvents',
    dimensionsMap: { LogGroupName: logGroup.logGroupName },
    statistic: cloudwatch.Stats.SUM,
    period: Duration.hours(SILENT_FLOW_LOG_HOURS),
  });
}

/** A graph of one metric for each NAT gateway. */
export function natWidget(
  title: string, gateways: ec2.CfnNatGateway[], metricName: string, statistic?: string,
): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title,
    left: gateways.map((gateway, index) =>
      natMetric(gateway, metricName, statistic).with({ label: `Gateway ${index + 1}` })),
    width: 12,
  });
}
