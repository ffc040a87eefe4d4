import { Duration } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AlarmDefinition, MonitoringPlan } from '../monitoring/monitored';

/** How many requests the load balancer itself may fail in five minutes: one deregistering target fails a few. */
export const LOAD_BALANCER_ERRORS = 10;
/** How long a target may take on average, in seconds. */
export const SLOW_RESPONSE_SECONDS = 1;
/** For how many periods of five minutes in a row answers may be slow. */
const SLOW_RESPONSE_PERIODS = 3;
/** How many days before a certificate ends somebody is told. ACM renews well before; what it has not renewed by then needs a person. */
export const CERTIFICATE_DAYS_LEFT = 30;

const PERIOD_MINUTES = 5;

/** What a load balancer wants watched. */
export function loadBalancerPlan(
  path: string, loadBalancer: elbv2.ApplicationLoadBalancer, certificate: acm.ICertificate | undefined,
): MonitoringPlan {
  const period = Duration.minutes(PERIOD_MINUTES);
  const { metrics } = loadBalancer;
  const errors = metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { period, label: 'answered 5XX by the load balancer' });
  const targetErrors = metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period, label: 'answered 5XX by targets' });
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
        description: 'The load balancer answers 5XX itself: no target is healthy, none answers in time, or none is there. First look at the '
          + 'health of the targets and at the last deployment, then in the access log for error_reason.',
      },
      {
        id: 'SlowResponses',
        metric: responseTime,
        threshold: SLOW_RESPONSE_SECONDS,
        evaluationPeriods: SLOW_RESPONSE_PERIODS,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: 'Targets take more than a second on average, for a quarter of an hour. First look whether the service has reached its '
          + 'greatest number of tasks, then at what it waits for: the database before all.',
      },
      {
        id: 'RejectedConnections',
        metric: rejected,
        threshold: 0,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: 'The load balancer has reached its greatest number of connections and turns clients away. First look at its new connections '
          + 'and at the firewall for an attack; if the load is real, reserve capacity units.',
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
    description: 'The certificate ends within thirty days and was not renewed. First look whether the CNAME record of its validation is still in '
      + 'the zone; a certificate that was imported into ACM is renewed by importing its successor.',
  };
}
