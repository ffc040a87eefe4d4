import { Duration, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { AlarmDefinition } from '../monitoring/alarm-definition';
import { Notification } from '../monitoring/notification';
import { refuse, Situation } from '../core/refusal';
import { US_EAST_1 } from '../blocks/us-east-1';

/** From here on GuardDuty calls a finding's severity high. https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html */
const GUARD_DUTY_HIGH = 7;
/** How often the billing metric is published, in hours, about. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html */
const BILLING_PERIOD_HOURS = 6;

/** The services that find something. */
export interface FindingServices {
  readonly guardDuty: boolean;
  readonly securityHub: boolean;
  readonly inspector: boolean;
}

/**
 * Tells the findings of high and critical severity: what was found, how severe, where to read it. The text of a finding stays behind, since
 * names of objects, users and databases stand in it.
 *
 * Security Hub gets the findings of the other two as well: what they tell themselves is not told again.
 */
export function findingNotices(on: FindingServices): Notification[] {
  return [
    ...on.guardDuty ? [guardDuty()] : [],
    ...on.securityHub ? [securityHub([...on.guardDuty ? ['GuardDuty'] : [], ...on.inspector ? ['Inspector'] : []])] : [],
    ...on.inspector ? [inspector()] : [],
  ];
}

/** https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html */
function guardDuty(): Notification {
  return Notification.event({
    id: 'GuardDutyFindings',
    description: 'GuardDuty findings of high severity',
    eventPattern: {
      source: ['aws.guardduty'],
      detailType: ['GuardDuty Finding'],
      detail: { severity: [{ numeric: ['>=', GUARD_DUTY_HIGH] }] },
    },
    message: message({
      found: 'GuardDuty found', what: '$.detail.type', severity: '$.detail.severity', account: '$.detail.accountId', region: '$.detail.region', id: '$.detail.id',
    }),
  });
}

/** https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html */
function securityHub(toldOtherwise: string[]): Notification {
  return Notification.event({
    id: 'SecurityHubFindings',
    description: 'Security Hub findings of high severity',
    eventPattern: {
      source: ['aws.securityhub'],
      detailType: ['Security Hub Findings - Imported'],
      detail: {
        findings: {
          ...toldOtherwise.length > 0 && { ProductName: [{ 'anything-but': toldOtherwise }] },
          RecordState: ['ACTIVE'],
          Severity: { Label: ['CRITICAL', 'HIGH'] },
          // Security Hub sends each update of a finding, a check a day included. Somebody who has seen to it sets it to NOTIFIED or SUPPRESSED, and is left in peace;
          // from NOTIFIED it comes back to NEW by itself when the check has passed and fails again.
          Workflow: { Status: ['NEW'] },
        },
      },
    },
    message: message({
      found: 'Security Hub was told',
      what: '$.detail.findings[0].GeneratorId',
      severity: '$.detail.findings[0].Severity.Label',
      account: '$.detail.findings[0].AwsAccountId',
      region: '$.detail.findings[0].Region',
      id: '$.detail.findings[0].Id',
    }),
  });
}

/** https://docs.aws.amazon.com/inspector/latest/user/findings-managing-automating-responses.html */
function inspector(): Notification {
  return Notification.event({
    id: 'InspectorFindings',
    description: 'Inspector findings of high severity',
    eventPattern: {
      source: ['aws.inspector2'],
      detailType: ['Inspector2 Finding'],
      detail: { severity: ['CRITICAL', 'HIGH'], status: ['ACTIVE'] },
    },
    message: message({
      found: 'Inspector found', what: '$.detail.type', severity: '$.detail.severity', account: '$.detail.awsAccountId', region: '$.region', id: '$.detail.findingArn',
    }),
  });
}

/**
 * Account and region are the finding's own: an administrator's account gets the events of its members, and an aggregation region those of the
 * linked regions, and `$.account` and `$.region` are where the event arrived.
 */
function message({ found, ...paths }: { found: string; what: string; severity: string; account: string; region: string; id: string }): string {
  const field = (name: keyof typeof paths) => events.EventField.fromPath(paths[name]);
  return `${found} ${field('what')}, severity ${field('severity')}, in account ${field('account')}, region ${field('region')}. `
    + `Read it in the console of that account, and decide whether it is an incident: ${field('id')}`;
}

/** What tells that an account costs more in a month than was thought. */
export function costWatch(scope: Construct, monthlyLimit: number | undefined): { alarms: AlarmDefinition[]; notifications: Notification[] } {
  if (monthlyLimit === undefined) return { alarms: [], notifications: [] };
  if (Stack.of(scope).region !== US_EAST_1) return { alarms: [], notifications: [Notification.costs({ id: 'MonthlyCosts', monthlyLimit })] };
  return {
    notifications: [],
    alarms: [{
      id: 'MonthlyCosts',
      metric: new cloudwatch.Metric({
        namespace: 'AWS/Billing',
        metricName: 'EstimatedCharges',
        dimensionsMap: { Currency: 'USD' },
        statistic: cloudwatch.Stats.MAXIMUM,
        period: Duration.hours(BILLING_PERIOD_HOURS),
      }),
      threshold: monthlyLimit,
      // A gap tells nothing of costs. Without any data at all the alarm stays in INSUFFICIENT_DATA, which shows that billing alerts are off.
      missingData: cloudwatch.TreatMissingData.IGNORE,
      description: `The account has cost more than ${Tokenization.stringifyNumber(monthlyLimit)} USD this month. First see in Cost Explorer, by service and by day, what has grown: `
        + 'a stolen key is often noticed here first. If it is a person\'s doing, raise monthlyCostLimit of the guardrails.',
    }],
  };
}

/** Refuses a limit that no bill can exceed, and one where bills come in another way. */
export function checkCostLimit(scope: Construct, monthlyLimit: number | undefined): void {
  if (monthlyLimit === undefined) return;
  const prop = 'monthlyCostLimit';
  if (!Token.isUnresolved(monthlyLimit) && !(Number.isFinite(monthlyLimit) && monthlyLimit > 0)) {
    refuse(scope, { prop, given: monthlyLimit, allowed: 'a positive number of USD', change: 'pass what the account may cost in a month' });
  }
  const { region } = Stack.of(scope);
  if (Token.isUnresolved(region) || !/^(us-gov|us-iso|cn)/.test(region)) return;
  refuse(scope, {
    prop,
    given: new Situation(`set in ${region}`),
    allowed: 'a limit in a region of the partition aws, which alone has bills in USD of its own',
    change: 'leave it out, and watch the costs in the account that gets the bill',
  });
}
