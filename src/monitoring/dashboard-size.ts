import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/** What one dashboard holds at most. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
export const MAX_WIDGETS = 500;
export const MAX_METRICS = 2500;
export const MAX_METRICS_OF_A_WIDGET = 500;

/** What a widget's JSON tells about its size. */
interface RenderedWidget {
  readonly properties?: { readonly metrics?: unknown[] };
}

/** Counts what goes on a dashboard and refuses what CloudWatch would refuse at deployment. */
export class DashboardSize {
  private widgets = 0;
  private metrics = 0;

  /** Adds widgets of a construct to the count. */
  public add(owner: IConstruct, widgets: cloudwatch.IWidget[]): void {
    const counts = widgets.flatMap((widget) => widget.toJson() as RenderedWidget[]).map((widget) => widget.properties?.metrics?.length ?? 0);
    this.widgets += counts.length;
    this.metrics += counts.reduce((sum, count) => sum + count, 0);
    limit(owner, Math.max(0, ...counts), MAX_METRICS_OF_A_WIDGET, 'metrics on one widget', 'split the widget');
    limit(owner, this.widgets, MAX_WIDGETS, 'widgets on the dashboard', 'watch some of the constructs with a second Monitoring');
    limit(owner, this.metrics, MAX_METRICS, 'metrics on the dashboard', 'watch some of the constructs with a second Monitoring');
  }
}

function limit(owner: IConstruct, given: number, max: number, what: string, change: string): void {
  if (given <= max) return;
  refuse(owner, { prop: 'monitoringPlan().widgets', given: new Situation(`now ${given} ${what}`), allowed: `at most ${max} ${what}`, change });
}
