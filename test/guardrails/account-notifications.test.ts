import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { adopt, Choices, only } from './some-guardrails';
import { Guardrail } from '../../src/guardrails/guardrail';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';

function watched(props: Choices, env?: { region: string }): Template {
  const stack = newStack({ env });
  new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(only(props, stack));
  return templateOf(stack);
}

/** The rules, by the source of their events. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function rules(props: Choices): Record<string, Record<string, any>> {
  return Object.fromEntries(
    Object.values(propertiesOf(watched(props), 'AWS::Events::Rule')).map((rule) => [rule.EventPattern.source[0], rule]),
  );
}

const ALL = {
  guardDuty: adopt(Guardrail.GUARD_DUTY),
  securityHub: adopt(Guardrail.SECURITY_HUB),
  inspector: adopt(Guardrail.INSPECTOR),
};

describe('findings of high severity', () => {
  const all = rules(ALL);

  test('of GuardDuty are told from 7.0 on, where GuardDuty calls them high', () => {
    expect(all['aws.guardduty'].EventPattern).toEqual({
      'source': ['aws.guardduty'],
      'detail-type': ['GuardDuty Finding'],
      'detail': { severity: [{ numeric: ['>=', 7] }] },
    });
  });

  test('of Inspector are told while they are active', () => {
    expect(all['aws.inspector2'].EventPattern).toEqual({
      'source': ['aws.inspector2'],
      'detail-type': ['Inspector2 Finding'],
      'detail': { severity: ['CRITICAL', 'HIGH'], status: ['ACTIVE'] },
    });
  });

  test('of Security Hub are told until somebody has seen to them, and not what the other two tell themselves', () => {
    expect(all['aws.securityhub'].EventPattern).toEqual({
      'source': ['aws.securityhub'],
      'detail-type': ['Security Hub Findings - Imported'],
      'detail': {
        findings: {
          ProductName: [{ 'anything-but': ['GuardDuty', 'Inspector'] }],
          RecordState: ['ACTIVE'],
          Severity: { Label: ['CRITICAL', 'HIGH'] },
          Workflow: { Status: ['NEW'] },
        },
      },
    });
  });

  test.each([
    ['GuardDuty is skipped', { inspector: ALL.inspector }, [{ 'anything-but': ['Inspector'] }]],
    ['Inspector is skipped', { guardDuty: ALL.guardDuty }, [{ 'anything-but': ['GuardDuty'] }]],
    ['both are', {}, undefined],
  ])('Security Hub tells more where %s', (_, others, expected) => {
    expect(
      rules({ securityHub: ALL.securityHub, ...others })['aws.securityhub'].EventPattern.detail.findings.ProductName,
    ).toEqual(expected);
  });

  test.each([
    ['aws.guardduty', ['$.detail.accountId', '$.detail.id', '$.detail.region', '$.detail.severity', '$.detail.type']],
    [
      'aws.securityhub',
      ['AwsAccountId', 'GeneratorId', 'Id', 'Region', 'Severity.Label'].map((name) => `$.detail.findings[0].${name}`),
    ],
    [
      'aws.inspector2',
      ['$.detail.awsAccountId', '$.detail.findingArn', '$.detail.severity', '$.detail.type', '$.region'],
    ],
  ])(
    'no field of %s that could hold PHI leaves the account: kind, severity, id, account and region of the finding '
      + 'alone',
    (source, paths) => {
      expect(Object.values<string>(all[source].Targets[0].InputTransformer.InputPathsMap).sort()).toEqual(paths);
    },
  );

  test('the account is the one that the finding is about, where an administrator gets those of its members', () => {
    // As GuardDuty documents it: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
    const event = {
      account: '999988887777',
      region: 'us-east-1',
      detail: {
        accountId: '111122223333',
        region: 'eu-west-1',
        type: 'Backdoor:EC2/C&CActivity.B',
        severity: 8,
        id: 'f1',
      },
    };
    const { InputPathsMap, InputTemplate } = all['aws.guardduty'].Targets[0].InputTransformer;
    const value = (path: string) =>
      path
        .split('.')
        .slice(1)
        .reduce<unknown>((each, name) => (each as Record<string, unknown>)[name], event);
    expect(
      JSON.parse(InputTemplate.replace(/<([^>]+)>/g, (_: string, name: string) => String(value(InputPathsMap[name])))),
    ).toBe(
      'GuardDuty reports the finding Backdoor:EC2/C&CActivity.B, severity 8, in account 111122223333, region '
        + 'eu-west-1. ' +
        'Read it in the console of that account, and decide whether it is an incident: f1',
    );
  });

  test('the message says where to read on', () => {
    expect(all['aws.guardduty'].Targets[0].InputTransformer.InputTemplate).toBe(
      '"GuardDuty reports the finding <detail-type>, severity <detail-severity>, in account <detail-accountId>, '
        + 'region <detail-region>. ' +
        'Read it in the console of that account, and decide whether it is an incident: <detail-id>"',
    );
  });

  test('of a service that is skipped are told by nobody', () => {
    expect(rules({})).toEqual({});
  });

  test('are told in the stack of Monitoring, without a cycle, wherever the guardrails are', () => {
    const app = newApp();
    const [guarded, watching] = ['Guarded', 'Watching'].map((name) => new Stack(app, name));
    new WorkloadMonitoring(watching, 'Monitoring', { email: 'oncall@example.com' }).watch(only(ALL, guarded));
    Template.fromStack(watching).resourceCountIs('AWS::Events::Rule', 3);
    expect(guarded.dependencies).toEqual([]);
  });
});

describe('monthlyCostLimit', () => {
  test('by default nobody is told about costs', () => {
    const template = watched({});
    template.resourceCountIs('AWS::Budgets::Budget', 0);
    template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });

  test('in us-east-1 there is an alarm on the billing metric, and no budget', () => {
    const template = watched({ monthlyCostLimit: 500 }, { region: 'us-east-1' });
    template.resourceCountIs('AWS::Budgets::Budget', 0);
    template.resourceCountIs('AWS::CloudWatch::Alarm', 1);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/Billing',
      MetricName: 'EstimatedCharges',
      Dimensions: [{ Name: 'Currency', Value: 'USD' }],
      Statistic: 'Maximum',
      Period: 21_600,
      Threshold: 500,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      TreatMissingData: 'ignore',
    });
  });

  test.each([{ region: 'eu-west-1' }, undefined])('in %j there is a budget, and no alarm', (env) => {
    const template = watched({ monthlyCostLimit: 500 }, env);
    template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
    template.hasResourceProperties('AWS::Budgets::Budget', { Budget: { BudgetLimit: { Amount: 500, Unit: 'USD' } } });
  });

  test.each([
    ['eu-west-1', 'AWS::Budgets::Budget', { Budget: { BudgetLimit: { Amount: { Ref: 'Limit' } } } }],
    [
      'us-east-1',
      'AWS::CloudWatch::Alarm',
      {
        Threshold: { Ref: 'Limit' },
        AlarmDescription: { 'Fn::Join': ['', ['The costs of the account exceed ', { Ref: 'Limit' }, Match.anyValue()]] },
      },
    ],
  ])('may be known only at deployment, in %s', (region, type, expected) => {
    const stack = newStack({ env: { region } });
    const monthlyCostLimit = new CfnParameter(stack, 'Limit', { type: 'Number' }).valueAsNumber;
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(
      only({ monthlyCostLimit }, stack),
    );
    templateOf(stack).hasResourceProperties(type, expected);
  });

  test.each([
    [0, 'a positive number of USD', 'Pass the maximum cost of a month.'],
    [-1, 'a positive number of USD', 'Pass the maximum cost of a month.'],
    [NaN, 'a finite number', 'Pass a finite number.'],
    [Infinity, 'a finite number', 'Pass a finite number.'],
  ])('%d is refused', (monthlyCostLimit, allowed, change) => {
    expect(() => only({ monthlyCostLimit })).toThrow(new Error(
      `[Stack/Guardrails] monthlyCostLimit must be ${allowed}, got ${monthlyCostLimit}. ${change}`));
  });

  test.each(['us-gov-west-1', 'cn-north-1'])('is refused in %s', (region) => {
    expect(() => watched({ monthlyCostLimit: 500 }, { region })).toThrow(
      new Error(
        '[Stack/Guardrails] monthlyCostLimit must be unset outside the partition aws, because only accounts in aws '
          + `publish their bills in USD, got a limit in ${region}. ` +
          'Remove it, and use a budget in the account that receives the bill.',
      ),
    );
  });
});
