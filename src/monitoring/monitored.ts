import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { IConstruct } from 'constructs';
import { AlarmDefinition } from './alarm-definition';
import { Notification } from './notification';

/** The alarms, dashboard widgets and notifications of a construct. */
export interface MonitoringPlan {
  /** The heading on the dashboard. */
  readonly title: string;
  /** The alarms. */
  readonly alarms: AlarmDefinition[];
  /** The widgets on the dashboard. */
  readonly widgets: cloudwatch.IWidget[];
  /**
   * The notifications about events and costs, for which no metric exists.
   * @default - none
   */
  readonly notifications?: Notification[];
}

/** A construct that `WorkloadMonitoring.watch` accepts. Implement it for your own constructs. */
export interface IMonitored extends IConstruct {
  /** Returns the alarms, widgets and notifications of this construct. */
  monitoringPlan(): MonitoringPlan;
}
