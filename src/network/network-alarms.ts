import { Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { flowLogAlarm, natAlarms } from './network-monitoring';
import {
  combinedNatAlarms, MAX_GATEWAYS_PER_ALARM, trafficAlarms, trafficWidget, unansweredConnections,
} from './traffic-alarms';
import { TrafficMetrics } from './traffic-metrics';
import { checkFactory } from '../core/check-props';
import { markChoice } from '../core/choice';
import { refuse, refuseUse } from '../core/refusal';
import { AlarmDefinition } from '../monitoring/alarm-definition';

/** Rejected flow log records per hour. Two tasks that try one closed port once a minute produce fewer. */
export const DEFAULT_REJECTED_RECORDS = 150;
/** MiB per hour that leave the data subnets: far more than patches of an instance need, far less than a database. */
export const DEFAULT_MEBIBYTES_LEAVING = 100;

/** Thresholds of the traffic alarms. */
export interface CompleteNetworkAlarmsOptions {
  /**
   * The number of flow log records per hour for rejected traffic from the private and data subnets: an integer
   * of 0 or more.
   *
   * The alarm fires above this number.
   * @default 150
   */
  readonly rejectedRecords?: number;
  /**
   * The number of MiB per hour from the data subnets to addresses outside the VPC: 0 or more.
   *
   * The alarm fires above this number.
   * @default 100
   */
  readonly mebibytesLeavingData?: number;
}

/** The resources of a network that its alarms measure. */
export interface NetworkParts {
  readonly vpc: ec2.IVpc;
  readonly gateways: ec2.CfnNatGateway[];
  /** The log group of the flow logs. Undefined if they go to a bucket. */
  readonly logGroup?: logs.ILogGroup;
}

/** The alarms of a network and the widgets of the same metrics. */
export interface NetworkWatch {
  readonly alarms: AlarmDefinition[];
  readonly widgets: cloudwatch.IWidget[];
}

/**
 * The set of alarms that `WorkloadMonitoring` creates for a network.
 *
 * @example
 * new HipaaVpc(this, 'Network', { alarms: NetworkAlarms.complete() });
 */
export abstract class NetworkAlarms {
  /**
   * Two alarms per NAT gateway (port allocation errors, dropped packets), and one for missing flow logs.
   *
   * If the flow logs are stored in a bucket, the alarm for missing flow logs is omitted.
   */
  public static essential(): NetworkAlarms {
    return new Essential();
  }

  /**
   * Eight alarms for a network with one to three NAT gateways.
   *
   * - NAT gateways, 3 for all together: port allocation errors, dropped packets, unanswered connections.
   * - Flow logs, 2: no records, skipped records.
   * - Traffic, 3: rejected traffic from inside; SSH or RDP to the private or data subnets; data that leaves the data
   *   subnets for addresses outside the VPC.
   *
   * Metric filters on the log group of the flow logs count the traffic, so the flow logs must be stored in CloudWatch
   * Logs. With more than three NAT gateways, each gateway has its own three alarms, because one alarm can read at most
   * ten metrics. Without NAT gateways, their alarms are omitted.
   */
  public static complete(options: CompleteNetworkAlarmsOptions = {}): NetworkAlarms {
    checkFactory('NetworkAlarms.complete', { options });
    return new Complete(options);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'NetworkAlarms');

  /**
   * Creates the metric filters, and returns a function that defines the alarms and widgets.
   * @internal
   */
  public abstract _bind(scope: Construct, parts: NetworkParts): () => NetworkWatch;
}

class Essential extends NetworkAlarms {
  public _bind(_scope: Construct, { gateways, logGroup }: NetworkParts): () => NetworkWatch {
    return () => ({
      alarms: [...alarmsOfEach(gateways), ...(logGroup ? [flowLogAlarm(logGroup)] : [])],
      widgets: [],
    });
  }
}

class Complete extends NetworkAlarms {
  constructor(private readonly options: CompleteNetworkAlarmsOptions) {
    super();
  }

  public _bind(scope: Construct, { vpc, gateways, logGroup }: NetworkParts): () => NetworkWatch {
    const {
      rejectedRecords = DEFAULT_REJECTED_RECORDS, mebibytesLeavingData = DEFAULT_MEBIBYTES_LEAVING,
    } = this.options;
    requireThreshold(scope, 'alarms.rejectedRecords', rejectedRecords, 'an integer of 0 or more', Number.isInteger);
    requireThreshold(
      scope, 'alarms.mebibytesLeavingData', mebibytesLeavingData, 'a number of 0 or more', Number.isFinite,
    );
    if (!logGroup) {
      return refuseUse(scope, 'NetworkAlarms.complete() needs flow logs in CloudWatch Logs, but they go to a bucket',
        'remove flowLogs, or use NetworkAlarms.essential()');
    }
    const { publicSubnets, privateSubnets, isolatedSubnets: dataSubnets } = vpc;
    const metrics = new TrafficMetrics(scope, 'Traffic', { logGroup, publicSubnets, privateSubnets, dataSubnets });
    return () => ({
      alarms: [
        ...gateways.length > MAX_GATEWAYS_PER_ALARM
          ? [...alarmsOfEach(gateways), ...unansweredOfEach(gateways)]
          : combinedNatAlarms(gateways),
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
  return gateways.map((gateway, index) =>
    unansweredConnections(`NatGateway${index + 1}UnansweredConnections`, [gateway]));
}

function requireThreshold(
  scope: Construct, prop: string, given: number, allowed: string, isAllowed: (given: number) => boolean,
): void {
  if (Token.isUnresolved(given) || (isAllowed(given) && given >= 0)) return;
  refuse(scope, { prop, given, allowed, change: 'pass the threshold per hour' });
}
