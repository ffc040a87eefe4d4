import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { adopt, Choices, only, templateOf } from './some-guardrails';
import { Guardrail } from '../../src/guardrails/guardrail';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { newApp, newStack, propertiesOf } from '../support/app';

function watched(props: Choices, env?: { region: string }): Template {
  const stack = newStack({ env });
  new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(only(props, stack));
  return templateOf(stack);
}

/** The event rules by the source of their events. */
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

describe('further notifications', () => {
  const others = rules({ accessAnalyzer: adopt(Guardrail.ACCESS_ANALYZER), config: adopt(Guardrail.CONFIG) });
  const pathsOf = (source: string) =>
    Object.values<string>(others[source].Targets[0].InputTransformer.InputPathsMap).sort();

  test('report active findings of Access Analyzer, without the name of the resource or of the principal', () => {
    expect(others['aws.access-analyzer'].EventPattern).toEqual({
      'source': ['aws.access-analyzer'],
      'detail-type': ['Access Analyzer Finding'],
      'detail': { status: ['ACTIVE'] },
    });
    expect(pathsOf('aws.access-analyzer')).toEqual(['accountId', 'id', 'region', 'resourceType'].map((name) =>
      `$.detail.${name}`));
  });

  test('report resources that do not meet a rule of AWS Config, except the rules of Security Hub', () => {
    expect(others['aws.config'].EventPattern).toEqual({
      'source': ['aws.config'],
      'detail-type': ['Config Rules Compliance Change'],
      'detail': {
        messageType: ['ComplianceChangeNotification'],
        configRuleName: [{ 'anything-but': { prefix: 'securityhub-' } }],
        newEvaluationResult: { complianceType: ['NON_COMPLIANT'] },
      },
    });
    expect(pathsOf('aws.config')).toEqual(['awsAccountId', 'awsRegion', 'configRuleName', 'resourceType'].map((name) =>
      `$.detail.${name}`));
  });

  test('do not exist for skipped guardrails', () => {
    expect(Object.keys(others).sort()).toEqual(['aws.access-analyzer', 'aws.config']);
    expect(Object.keys(rules({ guardDuty: adopt(Guardrail.GUARD_DUTY) }))).toEqual(['aws.guardduty']);
  });
});

describe('findings of high severity', () => {
  const all = rules(ALL);

  test('of GuardDuty are reported from severity 7.0, the lower bound of the level High in GuardDuty', () => {
    expect(all['aws.guardduty'].EventPattern).toEqual({
      'source': ['aws.guardduty'],
      'detail-type': ['GuardDuty Finding'],
      'detail': { severity: [{ numeric: ['>=', 7] }] },
    });
  });

  test('of Inspector are reported while they are active', () => {
    expect(all['aws.inspector2'].EventPattern).toEqual({
      'source': ['aws.inspector2'],
      'detail-type': ['Inspector2 Finding'],
      'detail': { severity: ['CRITICAL', 'HIGH'], status: ['ACTIVE'] },
    });
  });

  test('of Security Hub are reported while they are new, without findings that '
    + 'GuardDuty and Inspector report', () => {
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
    ['both are skipped', {}, undefined],
  ])('of Security Hub include those of other services if %s', (_, others, expected) => {
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
    'of %s leave the account only with type, severity, ID, account and region, and without fields that can contain '
      + 'PHI',
    (source, paths) => {
      expect(Object.values<string>(all[source].Targets[0].InputTransformer.InputPathsMap).sort()).toEqual(paths);
    },
  );

  test('name the account of the finding if an administrator receives the findings of its members', () => {
    // Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
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

  test('name the console that shows the details', () => {
    expect(all['aws.guardduty'].Targets[0].InputTransformer.InputTemplate).toBe(
      '"GuardDuty reports the finding <detail-type>, severity <detail-severity>, in account <detail-accountId>, '
        + 'region <detail-region>. ' +
        'Read it in the console of that account, and decide whether it is an incident: <detail-id>"',
    );
  });

  test('of a skipped service are not reported', () => {
    expect(rules({})).toEqual({});
  });

  test('are reported in the stack of the monitoring construct without a dependency cycle', () => {
    const app = newApp();
    const [guarded, watching] = ['Guarded', 'Watching'].map((name) => new Stack(app, name));
    new WorkloadMonitoring(watching, 'Monitoring', { email: 'oncall@example.com' }).watch(only(ALL, guarded));
    Template.fromStack(watching).resourceCountIs('AWS::Events::Rule', 3);
    expect(guarded.dependencies).toEqual([]);
  });
});

describe('monthlyCostLimit', () => {
  test('is unset by default, without an alarm or a budget', () => {
    const template = watched({});
    template.resourceCountIs('AWS::Budgets::Budget', 0);
    template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });

  test.each([{ region: 'us-east-1' }, { region: 'eu-west-1' }, undefined])(
    'creates a budget and no alarm with the environment %j',
    (env) => {
      const template = watched({ monthlyCostLimit: 500 }, env);
      template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
      template.hasResourceProperties('AWS::Budgets::Budget', { Budget: { BudgetLimit: { Amount: 500, Unit: 'USD' } } });
    },
  );

  test('can be a token', () => {
    const stack = newStack({ env: { region: 'us-east-1' } });
    const monthlyCostLimit = new CfnParameter(stack, 'Limit', { type: 'Number' }).valueAsNumber;
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(
      only({ monthlyCostLimit }, stack),
    );
    templateOf(stack).hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { BudgetLimit: { Amount: { Ref: 'Limit' } } },
    });
  });

  test.each([
    [0, 'a number from 0.01 to 1000000000000', 'Pass the maximum cost of a month in USD.'],
    [1e-9, 'a number from 0.01 to 1000000000000', 'Pass the maximum cost of a month in USD.'],
    [-1, 'a number from 0.01 to 1000000000000', 'Pass the maximum cost of a month in USD.'],
    [NaN, 'a finite number', 'Pass a finite number.'],
    [Infinity, 'a finite number', 'Pass a finite number.'],
  ])('refuses %d', (monthlyCostLimit, allowed, change) => {
    expect(() => only({ monthlyCostLimit })).toThrow(new Error(
      `[Stack/Guardrails] monthlyCostLimit must be ${allowed}, got ${monthlyCostLimit}. ${change}`));
  });

  test('is refused in a region without budgets', () => {
    expect(() => watched({ monthlyCostLimit: 500 }, { region: 'eu-north-1' })).toThrow(new Error(
      '[Stack/Guardrails] monthlyCostLimit must be unset in eu-north-1, where CloudFormation does not offer '
        + 'AWS::Budgets::Budget, got a limit in eu-north-1. Use Notification.costs with a WorkloadMonitoring in a '
        + 'stack of another region, such as us-east-1, because a budget counts the costs of all regions.'));
  });

  test.each(['us-gov-west-1', 'cn-north-1'])('is refused in %s', (region) => {
    expect(() => watched({ monthlyCostLimit: 500 }, { region })).toThrow(
      new Error(
        '[Stack/Guardrails] monthlyCostLimit must be unset outside the partition aws, because only accounts in aws '
          + `receive a bill in USD, got a limit in ${region}. ` +
          'Remove it, and use a budget in the account that receives the bill.',
      ),
    );
  });
});
