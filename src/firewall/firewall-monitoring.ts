import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { MonitoringPlan } from '../monitoring/monitored';

/** The threshold of blocked requests in five minutes. Scanners of the whole internet cause far fewer. */
export const BLOCKED_SURGE = 1000;

/** The metrics of WAF for a whole firewall. */
export interface FirewallMetrics {
  readonly allowed: cloudwatch.Metric;
  readonly blocked: cloudwatch.Metric;
  readonly counted: cloudwatch.Metric;
}

/** The alarm and the widget of a firewall. */
export function firewallPlan({ allowed, blocked, counted }: FirewallMetrics): MonitoringPlan {
  return {
    title: 'Web firewall',
    alarms: [{
      id: 'BlockedSurge',
      metric: blocked,
      threshold: BLOCKED_SURGE,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: 'The firewall blocks an unusual number of requests. First look in its log for the rule '
        + '(terminatingRuleId) and the addresses (httpRequest.clientIp; behind a distribution, the client is the last '
        + 'address of x-forwarded-for that is not a CloudFront address). Many addresses with attack patterns indicate '
        + 'an attack. One rule that blocks your own clients is a false positive: let the rule count, or raise the '
        + 'limit.',
    }],
    widgets: [new cloudwatch.GraphWidget({
      title: 'Requests at the firewall',
      left: [allowed.with({ label: 'allowed' })],
      right: [blocked.with({ label: 'blocked' }), counted.with({ label: 'counted' })],
    })],
  };
}
