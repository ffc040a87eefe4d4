import { Duration, ReferenceStrength, Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { AlarmDefinition, MonitoringPlan } from '../monitoring/monitored';
import { US_EAST_1 } from '../blocks/us-east-1';

/** What part of the answers may be errors of the servers, in percent: a single failed request of a quiet night is more, so it has to last. */
export const SERVER_ERROR_PERCENT = 5;
/** For how many periods of five minutes in a row. */
export const SERVER_ERROR_PERIODS = 3;
/** How many days before a certificate ends somebody is told. ACM renews well before; what it has not renewed by then needs a person. */
export const SITE_CERTIFICATE_DAYS_LEFT = 30;

const PERIOD_MINUTES = 5;

/** What a site wants watched. */
export interface WatchedSite {
  readonly distribution: cloudfront.Distribution;
  readonly certificate?: acm.ICertificate;
}

/**
 * The alarms and widgets of a site. CloudFront and the certificates for it publish their metrics in us-east-1, wherever the stack is: said here, so that a
 * `Monitoring` of another region refuses what it would never hear of.
 */
export function sitePlan(site: Construct, { distribution, certificate }: WatchedSite): MonitoringPlan {
  const distributionId = idAt(site, distribution);
  const metric = (metricName: string, statistic: string, label: string) => new cloudwatch.Metric({
    namespace: 'AWS/CloudFront',
    metricName,
    // aws-cdk-lib's own metrics leave out Region, and so name a metric that nothing publishes.
    dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
    statistic,
    period: Duration.minutes(PERIOD_MINUTES),
    label,
    region: US_EAST_1,
  });
  const serverErrors = metric('5xxErrorRate', cloudwatch.Stats.AVERAGE, 'answered 5XX (%)');
  return {
    title: `Site ${site.node.path}`,
    alarms: [
      {
        id: 'ServerErrors',
        metric: serverErrors,
        threshold: SERVER_ERROR_PERCENT,
        evaluationPeriods: SERVER_ERROR_PERIODS,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: 'More than 5 % of the answers of the site are errors of a server, for a quarter of an hour. First look in the access log for the paths '
          + '(cs-uri-stem, sc-status): those of the API mean the load balancer or what stands behind it (504: it did not answer in time); all others mean S3, or the '
          + 'routing function where x-edge-detailed-result-type names it. A policy of bucket or key that no longer lets the distribution in is none of them: it answers 403.',
      },
      ...(certificate ? [certificateExpiry(certificate)] : []),
    ],
    widgets: [
      new cloudwatch.GraphWidget({
        title: 'Requests to the site', region: US_EAST_1, left: [metric('Requests', cloudwatch.Stats.SUM, 'requests')],
      }),
      new cloudwatch.GraphWidget({
        title: 'Errors of the site', region: US_EAST_1, left: [serverErrors, metric('4xxErrorRate', cloudwatch.Stats.AVERAGE, 'answered 4XX (%)')],
      }),
    ],
  };
}

/**
 * The id as a stack of us-east-1 reads it. From a site of another region it comes out of an output of the site's stack at each deployment: the strong kind of
 * reference would put a custom resource into both stacks, and keep the site from being replaced as long as it has alarms.
 */
function idAt(site: Construct, distribution: cloudfront.Distribution): string {
  const { region } = Stack.of(site);
  if (Token.isUnresolved(region) || region === US_EAST_1) return distribution.distributionId;
  return Stack.consumeReference(distribution.distributionId, ReferenceStrength.WEAK);
}

function certificateExpiry(certificate: acm.ICertificate): AlarmDefinition {
  return {
    id: 'CertificateExpiry',
    // An imported certificate takes the region of whoever imported it, and its metric does too.
    metric: certificate.metricDaysToExpiry().with({ region: US_EAST_1 }),
    threshold: SITE_CERTIFICATE_DAYS_LEFT,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    missingData: cloudwatch.TreatMissingData.MISSING,
    description: 'The certificate of the site ends within thirty days and was not renewed. First look whether the CNAME records of its validation are still in '
      + 'the zone; a certificate that was imported into ACM is renewed by importing its successor, in us-east-1.',
  };
}
