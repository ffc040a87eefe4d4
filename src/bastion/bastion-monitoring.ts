import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { AlarmDefinition } from '../monitoring/alarm-definition';
import { MonitoringPlan } from '../monitoring/monitored';

/** Minutes of failed status checks before the alarm fires. A reboot after patches fails them for two minutes. */
const FAILED_MINUTES = 3;

/** A metric that EC2 publishes every minute for an instance with detailed monitoring. */
function bastionMetric(instance: ec2.Instance, metricName: string, statistic: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/EC2',
    metricName,
    dimensionsMap: { InstanceId: instance.instanceId },
    statistic,
    period: Duration.minutes(1),
  });
}

/** Returns the alarm for failed status checks, and graphs of network and CPU. */
export function bastionMonitoring(bastion: IConstruct, instance: ec2.Instance): MonitoringPlan {
  return {
    title: `Bastion ${bastion.node.path}`,
    alarms: bastionAlarms(instance),
    widgets: [new cloudwatch.GraphWidget({
      title: 'Bastion',
      left: [bastionMetric(instance, 'NetworkOut', cloudwatch.Stats.SUM)],
      right: [bastionMetric(instance, 'CPUUtilization', cloudwatch.Stats.AVERAGE)],
      width: 12,
    })],
  };
}

function bastionAlarms(instance: ec2.Instance): AlarmDefinition[] {
  return [{
    id: 'StatusCheckFailed',
    metric: bastionMetric(instance, 'StatusCheckFailed', cloudwatch.Stats.MAXIMUM),
    threshold: 0,
    evaluationPeriods: FAILED_MINUTES,
    // A stopped instance reports no status, which is not a failure.
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: 'The bastion fails its EC2 status checks, so its users cannot reach the database. The application '
      + 'does not need the bastion. First restart the instance in the EC2 console. If that does not help, replace '
      + 'it: change `rotationMarker` or the image, and deploy.',
  }];
}
