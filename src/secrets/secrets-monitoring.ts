import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { ExternalAges } from './external-ages';
import { HandlerFunction } from '../blocks/handler-function';
import { AlarmDefinition } from '../monitoring/alarm-definition';
import { functionAlarms } from '../monitoring/function-alarms';
import { MonitoringPlan } from '../monitoring/monitored';

/** The first sentences of the alarm descriptions. */
const ROTATION_FAILED = 'A generated secret could not be rotated. Its current value remains valid.';
const MEASUREMENT_FAILED = 'The age of external secrets could not be measured.';

/** Returns the alarms and widgets of the rotation and of the age of external secrets, if they exist. */
export function secretsPlan(
  path: string,
  rotation: HandlerFunction | undefined,
  age: ExternalAges | undefined,
): MonitoringPlan {
  const alarms: AlarmDefinition[] = [];
  const widgets: cloudwatch.IWidget[] = [];
  if (rotation) {
    alarms.push(...functionAlarms('Rotation', rotation, ROTATION_FAILED));
    const sum = { statistic: cloudwatch.Stats.SUM };
    widgets.push(new cloudwatch.GraphWidget({
      title: 'Rotation steps',
      left: [rotation.function.metricInvocations(sum), rotation.function.metricErrors(sum)],
    }));
  }
  if (age) {
    alarms.push(...functionAlarms('Age', age.handler, MEASUREMENT_FAILED), ...age.alarms());
    widgets.push(new cloudwatch.GraphWidget({ title: 'Age of external secrets (days)', left: age.ages() }));
  }
  return { title: `Secrets ${path}`, alarms, widgets };
}
