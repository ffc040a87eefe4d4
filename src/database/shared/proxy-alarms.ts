import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as rds from 'aws-cdk-lib/aws-rds';
import { IDependable } from 'constructs';
import { AlarmDefinition } from '../../monitoring/alarm-definition';

const PERIOD_MINUTES = 1;

/** The alarm on a proxy that reaches no instance, which no alarm of the database covers.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.monitoring.html */
export function proxyAlarms(proxy: rds.DatabaseProxy, writer: IDependable[]): AlarmDefinition[] {
  return [
    {
      id: 'ProxyTarget',
      metric: new cloudwatch.Metric({
        namespace: 'AWS/RDS',
        metricName: 'AvailabilityPercentage',
        dimensionsMap: { ProxyName: proxy.dbProxyName, TargetGroup: 'default', TargetRole: 'READ_WRITE' },
        statistic: cloudwatch.Stats.AVERAGE,
        period: Duration.minutes(PERIOD_MINUTES),
      }),
      threshold: 100,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 5,
      missingData: cloudwatch.TreatMissingData.BREACHING,
      // The target group of the proxy, and the writer in it.
      createdAfter: [proxy, ...writer],
      description: 'The proxy has reached no writer for five minutes, and its clients cannot connect. First run aws '
        + 'rds describe-db-proxy-targets and read the reason: a secret that the proxy cannot read, a security group, '
        + 'or a failover.',
    },
  ];
}
