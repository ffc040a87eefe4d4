import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { MonitoringPlan } from '../monitoring/monitored';

/** How many blocked requests in five minutes are a surge: a scanner of the internet's background noise stays far below. */
export const BLOCKED_SURGE = 1000;

/** What WAF counts for a firewall as a whole. */
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
      description: 'The firewall blocks unusually many requests. First look in its log for the rule (terminatingRuleId) and the addresses '
        + '(httpRequest.clientIp; behind a distribution that may be CloudFront\'s, and the client\'s is the last of x-forwarded-for that is another): '
        + 'many addresses and attack patterns are an attack, one rule and your own clients are a false positive to override or a limit to raise.',
    }],
    widgets: [new cloudwatch.GraphWidget({
      title: 'Requests at the firewall',
      left: [allowed.with({ label: 'allowed' })],
      right: [blocked.with({ label: 'blocked' }), counted.with({ label: 'counted' })],
    })],
  };
}
