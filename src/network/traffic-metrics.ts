import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { metricNamespaceOf } from '../blocks/metric-namespace';

/**
 * The columns of a flow log record in the default format, in order.
 *
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 */
const COLUMNS = ['version', 'account', 'interface', 'source', 'destination', 'sourcePort', 'destinationPort',
  'protocol', 'packets', 'bytes', 'start', 'end', 'action', 'status'] as const;
type Column = typeof COLUMNS[number];
/** Formats the condition of each column. */
type Conditions = { [column in Column]?: (column: string) => string };

/** The IANA protocol number of TCP, and the ports of SSH and RDP. */
const TCP = 6;
const SSH_PORT = 22;
const RDP_PORT = 3389;
/** Only servers use the ports below this one. */
const FIRST_CLIENT_PORT = 1024;
/** Ports above it that databases and containers usually listen on. */
const SERVER_PORTS = [3306, 5432, 8080, 8443];
/**
 * The period of the traffic metrics, in hours.
 *
 * A record covers ten minutes, arrives minutes later, and counts at its start time. CloudWatch would evaluate a shorter
 * period before all of its records arrive.
 */
export const TRAFFIC_PERIOD_HOURS = 1;

/** Properties of `TrafficMetrics`. */
export interface TrafficMetricsProps {
  /** The log group of the flow logs, which have the default format. */
  readonly logGroup: logs.ILogGroup;
  /** The public subnets. */
  readonly publicSubnets: ec2.ISubnet[];
  /** The private subnets. */
  readonly privateSubnets: ec2.ISubnet[];
  /** The data subnets. */
  readonly dataSubnets: ec2.ISubnet[];
}

/** Metric filters that count flow log records, or the bytes in them. */
export class TrafficMetrics extends Construct {
  /** Skipped records, which are gaps of minutes in the flow logs of a network interface. */
  public readonly skippedRecords: cloudwatch.Metric;
  /** Records of rejected traffic from the private and data subnets. */
  public readonly rejectedFromWithin: cloudwatch.Metric;
  /** Records of SSH and RDP connections to the private and data subnets. */
  public readonly remoteAccess: cloudwatch.Metric;
  /** Bytes from the data subnets to addresses outside the VPC. */
  public readonly bytesLeavingData: cloudwatch.Metric;

  constructor(scope: Construct, id: string, private readonly props: TrafficMetricsProps) {
    super(scope, id);
    const data = prefixesOf(props.dataSubnets);
    const inner = [...prefixesOf(props.privateSubnets), ...data];
    const everywhere = [...prefixesOf(props.publicSubnets), ...inner];
    this.skippedRecords = this.count('SkippedRecords', { status: is('SKIPDATA') });
    this.rejectedFromWithin = this.count('RejectedFromWithin', { source: isOneOf(inner), action: is('REJECT') });
    const accepted = { destination: isOneOf(inner), protocol: is(`${TCP}`), action: is('ACCEPT') };
    this.remoteAccess = this.count('RemoteAccess', { ...accepted, destinationPort: is(`${SSH_PORT}`) });
    // Unlike 22, this port can also belong to a client. The record is then the response of a server.
    const remoteDesktop = { ...accepted, sourcePort: isOfClient, destinationPort: is(`${RDP_PORT}`) };
    this.count('RemoteDesktop', remoteDesktop, '1', 'RemoteAccess');
    const leavingData = { source: isOneOf(data), destination: isNoneOf(everywhere), action: is('ACCEPT') };
    this.bytesLeavingData = this.count('BytesLeavingData', leavingData, '$bytes');
  }

  /** The hourly sum of a metric filter: the number of matching records, or of a value in them. */
  private count(name: string, conditions: Conditions, value = '1', metricName = name): cloudwatch.Metric {
    const columns = COLUMNS.map((column) => conditions[column]?.(column) ?? column);
    return new logs.MetricFilter(this, name, {
      logGroup: this.props.logGroup,
      filterPattern: logs.FilterPattern.literal(`[${columns.join(', ')}]`),
      metricNamespace: metricNamespaceOf(this.node.scope as Construct),
      metricName,
      metricValue: value,
      // Records that do not match count as zero, so that an alarm returns to OK on data instead of on missing data.
      defaultValue: 0,
    }).metric({ period: Duration.hours(TRAFFIC_PERIOD_HOURS), statistic: cloudwatch.Stats.SUM });
  }
}

const is = (value: string) => (column: string) => `${column}=${value}`;
const isOneOf = (values: string[]) => (column: string) => values.map((value) => `${column}=${value}`).join(' || ');
const isNoneOf = (values: string[]) => (column: string) => values.map((value) => `${column}!=${value}`).join(' && ');
const isOfClient = (column: string) =>
  `${column}>=${FIRST_CLIENT_PORT} && ${isNoneOf(SERVER_PORTS.map(String))(column)}`;

/**
 * The first three octets of the subnet addresses, as patterns of a metric filter.
 *
 * A metric filter compares text only. Subnets are /24, or two subnets of one tier share a /24. Two tiers never share
 * one.
 */
function prefixesOf(subnets: ec2.ISubnet[]): string[] {
  const prefixes = subnets.map((subnet) => `${subnet.ipv4CidrBlock.split('.').slice(0, 3).join('.')}.*`);
  return [...new Set(prefixes)];
}
