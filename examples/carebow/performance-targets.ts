import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { AlarmDefinition, IMonitored, MonitoringPlan } from 'cdk-hipaa';

export interface PerformanceTargetsProps {
  readonly loadBalancer: elbv2.ApplicationLoadBalancer;
  /** The highest share of failed requests, in percent, in 5 minutes. */
  readonly errorRate: number;
  /** The lowest share of successful requests, in percent, in an hour. */
  readonly availability: number;
  /** The number of requests in a minute with which the API was measured. */
  readonly requestsPerMinute: number;
}

const { NOT_BREACHING } = cloudwatch.TreatMissingData;
/**
 * The minimum of requests, with which the targets have a value. With fewer requests, an alarm at each single failure
 * would say little. From 100 to 999 requests, a single failure exceeds 0.1 %. `TargetErrors` and `NoHealthyTask` of the
 * service have no minimum.
 */
const MIN_REQUESTS = 100;

/** The alarms on the performance targets. The target of the response time is an alarm of the service. */
export class PerformanceTargets extends Construct implements IMonitored {
  constructor(scope: Construct, id: string, private readonly props: PerformanceTargetsProps) {
    super(scope, id);
  }

  public monitoringPlan(): MonitoringPlan {
    const alarms = [this.errorRate(), this.availability(), this.throughput()];
    return {
      title: 'Performance targets',
      alarms,
      widgets: alarms.map(({ id, metric }) => new cloudwatch.GraphWidget({ title: id, left: [metric] })),
    };
  }

  private errorRate(): AlarmDefinition {
    return {
      id: 'ErrorRate',
      metric: this.failedShare(Duration.minutes(5)),
      threshold: this.props.errorRate,
      missingData: NOT_BREACHING,
      description: `More than ${this.props.errorRate} % of the requests of 5 minutes failed. First read the errors in `
        + 'the log of the API, then the last deployment and the alarms of the database.',
    };
  }

  private availability(): AlarmDefinition {
    const { availability } = this.props;
    const metric = new cloudwatch.MathExpression({
      expression: '100 - failed',
      usingMetrics: { failed: this.failedShare(Duration.hours(1)) },
      period: Duration.hours(1),
      label: 'Availability',
    });
    return {
      id: 'Availability',
      metric,
      threshold: availability,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      missingData: NOT_BREACHING,
      description: `Less than ${availability} % of the requests of an hour succeeded. First read the earlier alarms of `
        + 'the API, the load balancer and the database, which state the cause.',
    };
  }

  private throughput(): AlarmDefinition {
    const { loadBalancer, requestsPerMinute } = this.props;
    return {
      id: 'Throughput',
      metric: loadBalancer.metrics.requestCount({ period: Duration.minutes(1) }),
      threshold: requestsPerMinute,
      evaluationPeriods: 5,
      missingData: NOT_BREACHING,
      description: `The API receives more than ${requestsPerMinute} requests a minute, with which it was measured. `
        + 'First check whether the response time and the number of tasks are below their limits, then raise the '
        + 'maximum number of tasks.',
    };
  }

  /**
   * The share of requests with a 5XX response of the load balancer or of a task, in percent.
   *
   * `RequestCount` does not contain the requests for which the load balancer found no target, and has no value while no
   * target is registered. The load balancer responds to them with 5XX, so they are added. A 502 or 504 of a request
   * that had a target then counts twice in the sum, which changes the share only while many requests fail.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
   */
  private failedShare(period: Duration): cloudwatch.MathExpression {
    const { metrics } = this.props.loadBalancer;
    const all = '(FILL(requests, 0) + FILL(elb, 0))';
    return new cloudwatch.MathExpression({
      expression: `IF(${all} >= ${MIN_REQUESTS}, 100 * (FILL(elb, 0) + FILL(target, 0)) / ${all}, 0)`,
      usingMetrics: {
        requests: metrics.requestCount({ period }),
        elb: metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { period }),
        target: metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period }),
      },
      period,
      label: 'Failed requests',
    });
  }
}
