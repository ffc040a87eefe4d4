import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { metricNamespaceOf } from '../blocks/metric-namespace';

/**
 * The columns of a flow log record of the default format, in their order.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 */
const COLUMNS = ['version', 'account', 'interface', 'source', 'destination', 'sourcePort', 'destinationPort',
  'protocol', 'packets', 'bytes', 'start', 'end', 'action', 'status'] as const;
type Column = typeof COLUMNS[number];

/** TCP, as IANA numbers protocols, and the ports of SSH and RDP. */
const TCP = 6;
const SSH_PORT = 22;
const RDP_PORT = 3389;
/** Below it are the ports that only servers have. */
const FIRST_CLIENT_PORT = 1024;
/** Those above it at which databases and containers usually listen. */
const SERVER_PORTS = [3306, 5432, 8080, 8443];
/** A record is of ten minutes, arrives some minutes later, and counts for the time at which it began: a shorter period would be judged before it is full. */
export const TRAFFIC_PERIOD_HOURS = 1;

/** Whose traffic is read, and where it is written down. */
export interface TrafficMetricsProps {
  /** The log group of the flow logs, which are of the default format. */
  readonly logGroup: logs.ILogGroup;
  /** The public subnets. */
  readonly publicSubnets: ec2.ISubnet[];
  /** The private subnets. */
  readonly privateSubnets: ec2.ISubnet[];
  /** The data subnets. */
  readonly dataSubnets: ec2.ISubnet[];
}

/** What the flow logs tell beyond that they arrive: metric filters that count records, or the bytes in them. */
export class TrafficMetrics extends Construct {
  /** Records that were skipped: for some minutes, the flow logs of a network interface have a hole. */
  public readonly skippedRecords: cloudwatch.Metric;
  /** Records of traffic from inside the private and data subnets that was rejected. */
  public readonly rejectedFromWithin: cloudwatch.Metric;
  /** Records of SSH and RDP connections that reached the private or the data subnets. */
  public readonly remoteAccess: cloudwatch.Metric;
  /** Bytes that went from the data subnets to somewhere outside of the VPC. */
  public readonly bytesLeavingData: cloudwatch.Metric;

  constructor(scope: Construct, id: string, private readonly props: TrafficMetricsProps) {
    super(scope, id);
    const data = prefixesOf(props.dataSubnets);
    const inner = [...prefixesOf(props.privateSubnets), ...data];
    const everywhere = [...prefixesOf(props.publicSubnets), ...inner];
    this.skippedRecords = this.count('SkippedRecords', { status: is('SKIPDATA') });
    this.rejectedFromWithin = this.count('RejectedFromWithin', { source: isOneOf(inner), action: is('REJECT') });
    const letIn = { destination: isOneOf(inner), protocol: is(`${TCP}`), action: is('ACCEPT') };
    this.remoteAccess = this.count('RemoteAccess', { ...letIn, destinationPort: is(`${SSH_PORT}`) });
    // Unlike 22, this one may also be the port of a client, and its record the answer of a server.
    this.count('RemoteDesktop', { ...letIn, sourcePort: isOfClient, destinationPort: is(`${RDP_PORT}`) }, '1', 'RemoteAccess');
    this.bytesLeavingData = this.count('BytesLeavingData', { source: isOneOf(data), destination: isNoneOf(everywhere), action: is('ACCEPT') }, '$bytes');
  }

  /** The sum over one hour of what a filter counts: one for each record that matches, or a number that stands in it. */
  private count(name: string, conditions: { [column in Column]?: (column: string) => string }, value = '1', metricName = name): cloudwatch.Metric {
    const columns = COLUMNS.map((column) => conditions[column]?.(column) ?? column);
    return new logs.MetricFilter(this, name, {
      logGroup: this.props.logGroup,
      filterPattern: logs.FilterPattern.literal(`[${columns.join(', ')}]`),
      metricNamespace: metricNamespaceOf(this.node.scope as Construct),
      metricName,
      metricValue: value,
      // Records that do not match count zero, so that an alarm goes back to OK by what it sees and not by what is missing.
      defaultValue: 0,
    }).metric({ period: Duration.hours(TRAFFIC_PERIOD_HOURS), statistic: cloudwatch.Stats.SUM });
  }
}

const is = (value: string) => (column: string) => `${column}=${value}`;
const isOneOf = (values: string[]) => (column: string) => values.map((value) => `${column}=${value}`).join(' || ');
const isNoneOf = (values: string[]) => (column: string) => values.map((value) => `${column}!=${value}`).join(' && ');
const isOfClient = (column: string) => `${column}>=${FIRST_CLIENT_PORT} && ${isNoneOf(SERVER_PORTS.map(String))(column)}`;

/**
 * How the addresses of subnets begin. Subnets are /24, or two of one tier share a /24: no two tiers ever share one.
 * Metric filters know text and no blocks of addresses.
 */
function prefixesOf(subnets: ec2.ISubnet[]): string[] {
  return [...new Set(subnets.map((subnet) => `${subnet.ipv4CidrBlock.split('.').slice(0, 3).join('.')}.*`))];
}
