import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { AlarmDefinition } from '../../src/monitoring/alarm-definition';
import { IMonitored, MonitoringPlan } from '../../src/monitoring/monitored';

/** A user-defined construct for monitoring: a queue, with one alarm by default. */
export class WatchedThing extends Construct implements IMonitored {
  public readonly queue: sqs.Queue;

  constructor(scope: Construct, id: string, private readonly plan: Partial<MonitoringPlan> = {}) {
    super(scope, id);
    this.queue = new sqs.Queue(this, 'Queue');
  }

  public monitoringPlan(): MonitoringPlan {
    return {
      title: `Queue ${this.node.id}`,
      alarms: [this.rule()],
      widgets: [new cloudwatch.GraphWidget({ left: [this.metric()] })],
      ...this.plan,
    };
  }

  private metric(): cloudwatch.IMetric {
    return this.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(5) });
  }

  private rule(): AlarmDefinition {
    return {
      id: 'OldestMessage',
      metric: this.metric(),
      threshold: 600,
      description: 'Look at the consumer: messages wait for more than ten minutes.',
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    };
  }
}

/** An alarm definition on an arbitrary metric, with some fields replaced. */
export function someRule(fields: Partial<AlarmDefinition> = {}): AlarmDefinition {
  return {
    id: 'Some',
    metric: new cloudwatch.Metric({ namespace: 'Test', metricName: 'Some', period: Duration.minutes(5) }),
    threshold: 1,
    description: 'Look at it.',
    missingData: cloudwatch.TreatMissingData.BREACHING,
    ...fields,
  };
}
