import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { IConstruct } from 'constructs';
import { refuse } from '../core/refusal';

/** The quotas of a dashboard. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
export const MAX_WIDGETS = 500;
export const MAX_METRICS = 2500;
export const MAX_METRICS_OF_A_WIDGET = 500;

const SECOND_MONITORING = 'watch some of the constructs with a second WorkloadMonitoring';

/** The part of a widget's JSON that contains its metrics. */
interface RenderedWidget {
  readonly properties?: { readonly metrics?: unknown[] };
}

/** Counts the widgets and metrics on a dashboard, and refuses more than the quotas of CloudWatch. */
export class DashboardSize {
  private widgets = 0;
  private metrics = 0;

  /** Adds the widgets of a construct to the count. */
  public add(owner: IConstruct, widgets: cloudwatch.IWidget[]): void {
    const counts = widgets.flatMap((widget) => widget.toJson() as RenderedWidget[])
      .map((widget) => widget.properties?.metrics?.length ?? 0);
    this.widgets += counts.length;
    this.metrics += counts.reduce((sum, count) => sum + count, 0);
    limit(owner, Math.max(0, ...counts), MAX_METRICS_OF_A_WIDGET, 'metrics on a widget', 'split the widget');
    limit(owner, this.widgets, MAX_WIDGETS, 'widgets on the dashboard', SECOND_MONITORING);
    limit(owner, this.metrics, MAX_METRICS, 'metrics on the dashboard', SECOND_MONITORING);
  }
}

function limit(owner: IConstruct, given: number, max: number, what: string, change: string): void {
  if (given <= max) return;
  const prop = 'monitoringPlan().widgets';
  refuse(owner, { prop, given, allowed: `at most ${max} ${what}`, change });
}
