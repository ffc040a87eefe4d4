import { Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { flowLogAlarm, natAlarms } from './network-monitoring';
import { MOST_GATEWAYS_TOGETHER, natAlarmsTogether, trafficAlarms, trafficWidget, unansweredConnections } from './traffic-alarms';
import { TrafficMetrics } from './traffic-metrics';
import { AlarmDefinition } from '../monitoring/monitored';
import { refuse, Situation } from '../core/refusal';

/** How many records of rejected traffic an hour may bring: two tasks that try the same closed port once a minute stay below. */
export const DEFAULT_REJECTED_RECORDS = 150;
/** How many MiB may leave the data subnets in an hour: far more than the patches of a machine make, far less than a database. */
export const DEFAULT_MEBIBYTES_LEAVING = 100;

/** From where on the traffic of a network is worth a call at night. */
export interface CompleteNetworkAlarmsOptions {
  /**
   * How many flow log records of an hour may tell of traffic that came from the private or data subnets and was rejected: 0 or more.
   * @default 150
   */
  readonly rejectedRecords?: number;
  /**
   * How many MiB may go in an hour from the data subnets to somewhere outside of the VPC: 0 or more.
   * @default 100
   */
  readonly mebibytesLeavingData?: number;
}

/** The parts of a network that alarms are about. */
export interface NetworkParts {
  readonly vpc: ec2.IVpc;
  readonly gateways: ec2.CfnNatGateway[];
  /** The log group of the flow logs, unless they go into a bucket. */
  readonly logGroup?: logs.ILogGroup;
}

/** What somebody is told, and what is drawn beside it. */
export interface NetworkWatch {
  readonly alarms: AlarmDefinition[];
  readonly widgets: cloudwatch.IWidget[];
}

/** What of a network somebody is told about, once `Monitoring` watches it. */
export abstract class NetworkAlarms {
  /** Each NAT gateway by itself (no free port, dropped packets), and flow logs that fall silent. */
  public static essential(): NetworkAlarms {
    return new Essential();
  }

  /**
   * Eight alarms, however many zones there are.
   *
   * - NAT gateways, taken together, 3: no free port, dropped packets, connections that nobody answers.
   * - Flow logs, 2: they fall silent, records are skipped.
   * - Traffic, 3: rejected from inside, SSH or RDP that reaches the private or data subnets, data that leaves the data subnets for somewhere outside of the VPC.
   *
   * What the traffic tells is counted by four metric filters on the log group of the flow logs, so these have to go there. With more than three
   * NAT gateways, each gets its own three, since one alarm reads ten metrics at most; without any, there are none about them.
   */
  public static complete(options: CompleteNetworkAlarmsOptions = {}): NetworkAlarms {
    return new Complete(options);
  }

  /**
   * Makes what the alarms measure by, and gives back what makes the alarms when they are wanted.
   * @internal
   */
  public abstract _bind(scope: Construct, parts: NetworkParts): () => NetworkWatch;
}

class Essential extends NetworkAlarms {
  public _bind(_scope: Construct, { gateways, logGroup }: NetworkParts): () => NetworkWatch {
    return () => ({ alarms: [...alarmsOfEach(gateways), ...(logGroup ? [flowLogAlarm(logGroup)] : [])], widgets: [] });
  }
}

class Complete extends NetworkAlarms {
  constructor(private readonly options: CompleteNetworkAlarmsOptions) {
    super();
  }

  public _bind(scope: Construct, { vpc, gateways, logGroup }: NetworkParts): () => NetworkWatch {
    const { rejectedRecords = DEFAULT_REJECTED_RECORDS, mebibytesLeavingData = DEFAULT_MEBIBYTES_LEAVING } = this.options;
    refuseBelowZero(scope, 'alarms.rejectedRecords', rejectedRecords);
    refuseBelowZero(scope, 'alarms.mebibytesLeavingData', mebibytesLeavingData);
    if (!logGroup) {
      return refuse(scope, {
        prop: 'alarms',
        given: new Situation('NetworkAlarms.complete'),
        allowed: 'NetworkAlarms.essential while the flow logs go into a bucket',
        change: 'leave flowLogs out, so that they go into a log group where traffic can be counted, or choose the other alarms',
      });
    }
    const { publicSubnets, privateSubnets, isolatedSubnets: dataSubnets } = vpc;
    const metrics = new TrafficMetrics(scope, 'Traffic', { logGroup, publicSubnets, privateSubnets, dataSubnets });
    return () => ({
      alarms: [
        ...gateways.length > MOST_GATEWAYS_TOGETHER ? [...alarmsOfEach(gateways), ...unansweredOfEach(gateways)] : natAlarmsTogether(gateways),
        flowLogAlarm(logGroup),
        ...trafficAlarms(metrics, { rejectedRecords, mebibytesLeavingData }),
      ],
      widgets: [trafficWidget(metrics)],
    });
  }
}

function alarmsOfEach(gateways: ec2.CfnNatGateway[]): AlarmDefinition[] {
  return gateways.flatMap((gateway, index) => natAlarms(gateway, `NatGateway${index + 1}`));
}

function unansweredOfEach(gateways: ec2.CfnNatGateway[]): AlarmDefinition[] {
  return gateways.map((gateway, index) => unansweredConnections(`NatGateway${index + 1}UnansweredConnections`, [gateway]));
}

function refuseBelowZero(scope: Construct, prop: string, given: number): void {
  if (Token.isUnresolved(given) || (Number.isFinite(given) && given >= 0)) return;
  refuse(scope, { prop, given, allowed: 'a number from 0 on', change: 'pass how many an hour may bring before somebody is told' });
}
