import { Duration, ReferenceStrength, Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { US_EAST_1 } from '../blocks/us-east-1';
import { refuseUse } from '../core/refusal';
import { AlarmDefinition } from '../monitoring/alarm-definition';
import { MonitoringPlan } from '../monitoring/monitored';

/**
 * The threshold of server errors, in percent of the responses. A single failed request at night exceeds it, so it must
 * last.
 */
export const SERVER_ERROR_PERCENT = 5;
/** The number of consecutive periods of five minutes. */
export const SERVER_ERROR_PERIODS = 3;
/** The alarm fires this many days before the certificate expires. ACM renews certificates long before. */
export const SITE_CERTIFICATE_DAYS_LEFT = 30;

const PERIOD_MINUTES = 5;

/** The resources of a site that have alarms. */
export interface WatchedSite {
  readonly distribution: cloudfront.Distribution;
  readonly certificate?: acm.ICertificate;
}

/**
 * The alarms and widgets of a site.
 *
 * CloudFront and the certificates for it publish their metrics in us-east-1, whatever the region of the stack. The
 * metrics state that region, so that a `WorkloadMonitoring` in another region refuses them.
 */
export function sitePlan(site: Construct, { distribution, certificate }: WatchedSite): MonitoringPlan {
  const distributionId = idAt(site, distribution);
  const metric = (metricName: string, statistic: string, label: string) => new cloudwatch.Metric({
    namespace: 'AWS/CloudFront',
    metricName,
    // The metrics of aws-cdk-lib have no dimension Region, and CloudFront publishes none without it.
    dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
    statistic,
    period: Duration.minutes(PERIOD_MINUTES),
    label,
    region: US_EAST_1,
  });
  const serverErrors = metric('5xxErrorRate', cloudwatch.Stats.AVERAGE, '5XX responses (%)');
  return {
    title: `Site ${site.node.path}`,
    alarms: [
      {
        id: 'ServerErrors',
        metric: serverErrors,
        threshold: SERVER_ERROR_PERCENT,
        evaluationPeriods: SERVER_ERROR_PERIODS,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description:
          'More than 5 % of the responses of the site have been server errors for 15 minutes. First look in the ' +
          'access log for the paths (cs-uri-stem, sc-status). Paths of the API indicate the load balancer or its ' +
          'service (504: no response in time). Other paths indicate S3, or the routing function if ' +
          'x-edge-detailed-result-type names it. A bucket policy or key policy that denies access causes 403, not ' +
          '5XX.',
      },
      ...(certificate ? [certificateExpiry(certificate)] : []),
    ],
    widgets: [
      new cloudwatch.GraphWidget({
        title: 'Requests to the site',
        region: US_EAST_1,
        left: [metric('Requests', cloudwatch.Stats.SUM, 'requests')],
      }),
      new cloudwatch.GraphWidget({
        title: 'Errors of the site',
        region: US_EAST_1,
        left: [serverErrors, metric('4xxErrorRate', cloudwatch.Stats.AVERAGE, '4XX responses (%)')],
      }),
    ],
  };
}

/**
 * The distribution id, readable from a stack in us-east-1.
 *
 * From a site in another region, that stack reads an output at each deployment. A strong reference would add a custom
 * resource to both stacks, and would block the replacement of the site while alarms use it.
 */
function idAt(site: Construct, distribution: cloudfront.Distribution): string {
  const { region } = Stack.of(site);
  if (Token.isUnresolved(region) || region === US_EAST_1) return distribution.distributionId;
  // aws-cdk-lib has weak references to top-level stacks only. For a nested stack it creates a function and a role.
  if (Stack.of(site).nested) {
    refuseUse(site, `a site in a nested stack of ${region} cannot be watched, because a stack of ${US_EAST_1} cannot `
      + 'read the ID of its distribution without a function of aws-cdk-lib in both stacks',
    'create the site in a top-level stack');
  }
  return Stack.consumeReference(distribution.distributionId, ReferenceStrength.WEAK);
}

function certificateExpiry(certificate: acm.ICertificate): AlarmDefinition {
  return {
    id: 'CertificateExpiry',
    // aws-cdk-lib sets the region of an imported certificate and its metric to that of the importing stack.
    metric: certificate.metricDaysToExpiry().with({ region: US_EAST_1 }),
    threshold: SITE_CERTIFICATE_DAYS_LEFT,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    missingData: cloudwatch.TreatMissingData.MISSING,
    description: 'The certificate of the site expires within 30 days and has not been renewed. First check that the '
      + 'hosted zone contains the CNAME records that validate it. To renew a certificate that was imported into ACM, '
      + 'import its successor in us-east-1.',
  };
}
