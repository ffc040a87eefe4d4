import { Stack, Token } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { Guardrail } from './guardrail';
import { refuse, Situation } from '../core/refusal';
import { requireBudgets } from '../monitoring/budget-regions';
import { COST_LIMITS, isCostLimit } from '../monitoring/cost-limit';
import { Notification } from '../monitoring/notification';

/**
 * The lowest severity that GuardDuty calls high.
 * https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
 */
const GUARD_DUTY_HIGH = 7;

/**
 * The notifications about findings and about rules that a resource stops meeting.
 *
 * The findings are those of high and critical severity, and those about resources that outsiders can reach. A message
 * contains type, severity and ID. The text of a finding is left out, because it contains
 * names of objects, users and databases.
 *
 * Security Hub also receives the findings of GuardDuty and Inspector. Its notification excludes them if these services
 * notify.
 */
export function findingNotifications(guardrails: Guardrail[]): Notification[] {
  const on = (guardrail: Guardrail) => guardrails.includes(guardrail);
  const others = [
    ...(on(Guardrail.GUARD_DUTY) ? ['GuardDuty'] : []), ...(on(Guardrail.INSPECTOR) ? ['Inspector'] : []),
  ];
  return [
    ...(on(Guardrail.GUARD_DUTY) ? [guardDuty()] : []),
    ...(on(Guardrail.SECURITY_HUB) ? [securityHub(others)] : []),
    ...(on(Guardrail.INSPECTOR) ? [inspector()] : []),
    ...(on(Guardrail.ACCESS_ANALYZER) ? [accessAnalyzer()] : []),
    ...(on(Guardrail.CONFORMANCE_PACK) ? [configRules()] : []),
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
      service: 'GuardDuty',
      type: '$.detail.type',
      severity: '$.detail.severity',
      account: '$.detail.accountId',
      region: '$.detail.region',
      id: '$.detail.id',
    }),
  });
}

/** https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html */
function securityHub(otherServices: string[]): Notification {
  return Notification.event({
    id: 'SecurityHubFindings',
    description: 'Security Hub findings of high severity',
    eventPattern: {
      source: ['aws.securityhub'],
      detailType: ['Security Hub Findings - Imported'],
      detail: {
        findings: {
          ...otherServices.length > 0 && { ProductName: [{ 'anything-but': otherServices }] },
          RecordState: ['ACTIVE'],
          Severity: { Label: ['CRITICAL', 'HIGH'] },
          // Security Hub sends an event for every update of a finding, including a daily check. A person who handles
          // the finding sets it to NOTIFIED or SUPPRESSED, which ends the notifications. Security Hub changes NOTIFIED
          // back to NEW when the check has passed and fails again.
          Workflow: { Status: ['NEW'] },
        },
      },
    },
    message: message({
      service: 'Security Hub',
      type: '$.detail.findings[0].GeneratorId',
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
      service: 'Inspector',
      type: '$.detail.type',
      severity: '$.detail.severity',
      account: '$.detail.awsAccountId',
      region: '$.region',
      id: '$.detail.findingArn',
    }),
  });
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html */
function accessAnalyzer(): Notification {
  const field = (path: string) => events.EventField.fromPath(path);
  return Notification.event({
    id: 'AccessAnalyzerFindings',
    description: 'Active findings of IAM Access Analyzer',
    eventPattern: {
      source: ['aws.access-analyzer'],
      detailType: ['Access Analyzer Finding'],
      detail: { status: ['ACTIVE'] },
    },
    message: `IAM Access Analyzer found a resource of type ${field('$.detail.resourceType')} that a principal outside `
      + `account ${field('$.detail.accountId')}, region ${field('$.detail.region')}, can reach. Read the finding in `
      + 'the console of that account. Archive it if the access is intended; otherwise remove the access: '
      + `${field('$.detail.id')}`,
  });
}

/**
 * Excludes the rules of Security Hub, which reports them itself.
 * https://docs.aws.amazon.com/config/latest/developerguide/example-config-rule-compliance-notification.html
 */
function configRules(): Notification {
  const field = (path: string) => events.EventField.fromPath(path);
  return Notification.event({
    id: 'ConfigRuleFindings',
    description: 'Resources that stop meeting a rule of AWS Config',
    eventPattern: {
      source: ['aws.config'],
      detailType: ['Config Rules Compliance Change'],
      detail: {
        messageType: ['ComplianceChangeNotification'],
        configRuleName: [{ 'anything-but': { prefix: 'securityhub-' } }],
        newEvaluationResult: { complianceType: ['NON_COMPLIANT'] },
      },
    },
    message: `A resource of type ${field('$.detail.resourceType')} does not meet the AWS Config rule `
      + `${field('$.detail.configRuleName')} in account ${field('$.detail.awsAccountId')}, region `
      + `${field('$.detail.awsRegion')}. Read the resource in the AWS Config console, and change it in its stack.`,
  });
}

/** The name of the service, and the paths of the fields of its finding. */
interface FindingFields {
  readonly service: string;
  readonly type: string;
  readonly severity: string;
  /**
   * The account of the finding, which `$.account` may not be: the account of an administrator receives the events of
   * its members.
   */
  readonly account: string;
  /** The region of the finding: an aggregation region receives the events of the linked regions. */
  readonly region: string;
  readonly id: string;
}

function message({ service, ...paths }: FindingFields): string {
  const field = (name: keyof typeof paths) => events.EventField.fromPath(paths[name]);
  return `${service} reports the finding ${field('type')}, severity ${field('severity')}, in account `
    + `${field('account')}, region ${field('region')}. Read it in the console of that account, and decide whether it `
    + `is an incident: ${field('id')}`;
}

/**
 * The budget that notifies when actual or forecast costs exceed the monthly limit.
 *
 * Every account of an organization can have budgets. The billing metric of CloudWatch has no data in most member
 * accounts.
 * https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-create.html
 */
export function costNotifications(monthlyLimit: number | undefined): Notification[] {
  return monthlyLimit === undefined ? [] : [Notification.costs({ id: 'MonthlyCosts', monthlyLimit })];
}

/**
 * Refuses a limit that AWS Budgets does not accept, and a limit in a region without budgets in USD.
 *
 * The bill of GovCloud belongs to an account in the partition `aws`, and the bill of China is in CNY.
 * https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/usage-and-payment.html
 * https://docs.amazonaws.cn/en_us/aws/latest/userguide/billing-and-payment.html
 */
export function checkCostLimit(scope: Construct, monthlyLimit: number | undefined): void {
  if (monthlyLimit === undefined) return;
  const prop = 'monthlyCostLimit';
  if (!isCostLimit(monthlyLimit)) {
    refuse(scope, {
      prop, given: monthlyLimit, allowed: COST_LIMITS, change: 'pass the maximum cost of a month in USD',
    });
  }
  const { region } = Stack.of(scope);
  if (Token.isUnresolved(region)) return;
  if (!/^(us-gov|us-iso|cn)/.test(region)) return requireBudgets(scope, prop);
  refuse(scope, {
    prop,
    given: new Situation(`a limit in ${region}`),
    allowed: 'unset outside the partition aws, because only accounts in aws receive a bill in USD',
    change: 'remove it, and use a budget in the account that receives the bill',
  });
}
