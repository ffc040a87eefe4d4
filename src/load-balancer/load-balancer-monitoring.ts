import { Duration } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AlarmDefinition } from '../monitoring/alarm-definition';
import { MonitoringPlan } from '../monitoring/monitored';

/** The threshold of errors of the load balancer itself in five minutes. The deregistration of a target causes a few. */
export const LOAD_BALANCER_ERRORS = 10;
/** The threshold of the average response time of targets, in seconds. */
export const SLOW_RESPONSE_SECONDS = 1;
/** The number of consecutive periods of five minutes with slow responses. */
const SLOW_RESPONSE_PERIODS = 3;
/** The alarm fires this many days before the certificate expires. ACM renews certificates long before. */
export const CERTIFICATE_DAYS_LEFT = 30;

const PERIOD_MINUTES = 5;

/** The alarms and widgets of a load balancer. */
export function loadBalancerPlan(
  path: string, loadBalancer: elbv2.ApplicationLoadBalancer, certificate: acm.ICertificate | undefined,
): MonitoringPlan {
  const period = Duration.minutes(PERIOD_MINUTES);
  const { metrics } = loadBalancer;
  const errors = metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { period, label: '5XX from the load balancer' });
  const targetErrors = metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, {
    period,
    label: '5XX from targets',
  });
  const responseTime = metrics.targetResponseTime({ period });
  const rejected = metrics.rejectedConnectionCount({ period });
  return {
    title: `Load balancer ${path}`,
    alarms: [
      {
        id: 'LoadBalancerErrors',
        metric: errors,
        threshold: LOAD_BALANCER_ERRORS,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: 'The load balancer itself returns 5XX responses: no target is registered, no target is healthy, '
          + 'or the targets do not respond in time. First check the health of the targets and the last deployment. '
          + 'Then find error_reason in the access log.',
      },
      {
        id: 'SlowResponses',
        metric: responseTime,
        threshold: SLOW_RESPONSE_SECONDS,
        evaluationPeriods: SLOW_RESPONSE_PERIODS,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: 'The average response time of the targets has exceeded one second for 15 minutes. First check '
          + 'whether the service runs its maximum number of tasks. Then check its dependencies, starting with the '
          + 'database.',
      },
      {
        id: 'RejectedConnections',
        metric: rejected,
        threshold: 0,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: 'The load balancer has reached its maximum number of connections and rejects clients. First check '
          + 'its new connections and the firewall log for signs of an attack. If the load is legitimate, reserve '
          + 'capacity units.',
      },
      ...(certificate ? [certificateExpiry(certificate)] : []),
    ],
    widgets: [
      new cloudwatch.GraphWidget({
        title: 'Requests', left: [metrics.requestCount({ period, label: 'requests' })], right: [errors, targetErrors],
      }),
      new cloudwatch.GraphWidget({
        title: 'Response time and connections',
        left: [responseTime],
        right: [metrics.activeConnectionCount({ period }), rejected],
      }),
    ],
  };
}

function certificateExpiry(certificate: acm.ICertificate): AlarmDefinition {
  return {
    id: 'CertificateExpiry',
    metric: certificate.metricDaysToExpiry(),
    threshold: CERTIFICATE_DAYS_LEFT,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    missingData: cloudwatch.TreatMissingData.MISSING,
    description: 'The certificate expires within 30 days and has not been renewed. First check that the hosted zone '
      + 'contains the CNAME record that validates it. To renew a certificate that was imported into ACM, import its '
      + 'successor.',
  };
}
