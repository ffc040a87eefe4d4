import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { AlarmDefinition } from '../monitoring/alarm-definition';

/** Minutes of failed status checks before the alarm fires. A reboot after patches fails them for two minutes. */
const FAILED_MINUTES = 3;

/** A metric that EC2 publishes every minute for an instance with detailed monitoring. */
export function bastionMetric(instance: ec2.Instance, metricName: string, statistic: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/EC2',
    metricName,
    dimensionsMap: { InstanceId: instance.instanceId },
    statistic,
    period: Duration.minutes(1),
  });
}

/** The alarms of a bastion. */
export function bastionAlarms(instance: ec2.Instance): AlarmDefinition[] {
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
