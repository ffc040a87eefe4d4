import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { AlarmDefinition } from '../monitoring/monitored';

/** How many minutes in a row the checks have to fail: a machine that starts anew after its patches fails them for two. */
const FAILED_MINUTES = 3;

/** One of the metrics that EC2 publishes for a machine, every minute with detailed monitoring. */
export function bastionMetric(instance: ec2.Instance, metricName: string, statistic: string): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: 'AWS/EC2', metricName, dimensionsMap: { InstanceId: instance.instanceId }, statistic, period: Duration.minutes(1) });
}

/** What somebody has to be told about a bastion. */
export function bastionAlarms(instance: ec2.Instance): AlarmDefinition[] {
  return [{
    id: 'StatusCheckFailed',
    metric: bastionMetric(instance, 'StatusCheckFailed', cloudwatch.Stats.MAXIMUM),
    threshold: 0,
    evaluationPeriods: FAILED_MINUTES,
    // A bastion that somebody has stopped has no status and is not broken.
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: 'The bastion fails its status checks, so nobody reaches the database from it; the application does not need it. First restart it in the EC2 console; if that does not '
      + 'help, replace it: change `rotationMarker`, or the image, and deploy.',
  }];
}
