import { App, Stack, Stage } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import {
  actionsOf,
  adopt,
  Choices,
  create,
  only,
  propsOf,
  skip,
  Statement,
  statementsOf,
  templateOfOnly,
  templateOf,
} from './some-guardrails';
import { needsAllResources } from '../../src/compliance/policies/unscoped-actions';
import { WATCHABLE_METADATA } from '../../src/core/monitored-mark';
import { ComplianceGuardrails } from '../../src/guardrails/compliance-guardrails';
import { GuardDutyPlan } from '../../src/guardrails/guard-duty/guard-duty-guardrail';
import { Guardrail } from '../../src/guardrails/guardrail';
import { InspectorResource } from '../../src/guardrails/inspector/inspector-guardrail';
import { SecurityHubStandard } from '../../src/guardrails/security-hub/security-hub-guardrail';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { newApp, newStack, propertiesOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

/**
 * The guardrails whose function calls a service API because no suitable resource type exists. Other files test the
 * rest.
 */
const SWITCHES = {
  inspector: undefined,
  guardDuty: undefined,
  securityHub: undefined,
  accessAnalyzer: undefined,
  s3PublicAccess: undefined,
  ebsEncryption: undefined,
  passwordPolicy: undefined,
};
/** The function of each service. */
const FUNCTIONS = ['Inspector', 'GuardDuty', 'SecurityHub', 'AccessAnalyzer', 'AccountSettings'].map(
  (name) => `ComplianceGuardrails${name}Function`,
);

describe('defaults', () => {
  const template = templateOfOnly(SWITCHES);

  test('every service has its own function, which keeps its permissions as long as it exists', () => {
    expect(Object.keys(template.findResources('AWS::Lambda::Function'))).toEqual(FUNCTIONS);
    const servicesOf = (id: string) => {
      const [role] = propertiesOf(template, 'AWS::Lambda::Function')[id].Role['Fn::GetAtt'];
      const policies = Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy')).filter(
        ({ Roles }) => Roles[0].Ref === role,
      );
      const actions: string[] = policies.flatMap(({ PolicyDocument }) =>
        PolicyDocument.Statement.flatMap((each: Statement) => each.Action),
      );
      return [...new Set(actions.map((action) => action.split(':')[0]))]
        .filter((service) => !['kms', 'logs', 'sqs', 'iam'].includes(service))
        .sort();
    };
    expect(FUNCTIONS.map(servicesOf)).toEqual([
      ['inspector2'],
      ['guardduty'],
      ['securityhub'],
      ['access-analyzer'],
      ['ec2', 's3'],
    ]);
  });

  test('every guardrail is created and none is adopted', () => {
    const modes = Object.values(
      template.toJSON().Resources as Record<string, { Type: string; Properties: { Mode: string } }>,
    )
      .filter(({ Type }) => Type.startsWith('Custom::'))
      .map(({ Properties }) => Properties.Mode);
    expect(modes).toHaveLength(3 + 5 + 3 + 1 + 3);
    expect(new Set(modes)).toEqual(new Set(['create']));
  });

  test('each function has a timeout of ten minutes, and CloudFormation waits for three attempts', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Timeout: 600,
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
    });
    for (const type of [
      'Custom::InspectorScan',
      'Custom::GuardDutyFeature',
      'Custom::SecurityHubStandard',
      'Custom::AccessAnalyzer',
      'Custom::AccountSetting',
    ]) {
      template.allResourcesProperties(type, { ServiceTimeout: '1980' });
    }
  });

  test('each function has memory for one SDK client, and the settings function for three: it cannot respond if it '
    + 'runs out of memory', () => {
    const sizes = Object.entries(propertiesOf(template, 'AWS::Lambda::Function')).map(([id, { MemorySize }]) => [
      id,
      MemorySize,
    ]);
    expect(Object.fromEntries(sizes)).toEqual(
      Object.fromEntries(FUNCTIONS.map((id) => [id, id === 'ComplianceGuardrailsAccountSettingsFunction' ? 512 : 256])),
    );
  });

  test('only actions that require a wildcard resource have one', () => {
    const wide = statementsOf(template)
      .filter(({ Resource }) => [Resource].flat().includes('*'))
      .flatMap(({ Action }) => Action);
    expect(wide).toHaveLength(14);
    expect(wide.filter((action) => !needsAllResources(action))).toEqual([]);
  });

  test('one rotating key encrypts all functions, their logs and their dead-letter queues', () => {
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    const key = { 'Fn::GetAtt': [Object.keys(template.findResources('AWS::KMS::Key'))[0], 'Arn'] };
    template.allResourcesProperties('AWS::Lambda::Function', { KmsKeyArn: key });
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: key });
    template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: key });
  });

  test('skipped guardrails create no resources', () => {
    expect(templateOfOnly({}).toJSON().Resources).toBeUndefined();
  });
});

describe('encryptionKey', () => {
  test('replaces the key of the construct and gets a statement for CloudWatch Logs', () => {
    const stack = newStack();
    only({ ...SWITCHES, encryptionKey: new kms.Key(stack, 'Mine') }, stack);
    const template = templateOf(stack);
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'CloudWatchLogs' })]) },
    });
    template.allResourcesProperties('AWS::Lambda::Function', {
      KmsKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('Mine'), 'Arn'] },
    });
  });
});

describe('a change from create to adopt', () => {
  const { AWS_FOUNDATIONAL_BEST_PRACTICES, CIS_AWS_FOUNDATIONS_V3 } = SecurityHubStandard;
  const on = { protectionPlans: [GuardDutyPlan.RUNTIME_MONITORING, GuardDutyPlan.S3_DATA_EVENTS] };
  const standards = { standards: [CIS_AWS_FOUNDATIONS_V3, AWS_FOUNDATIONAL_BEST_PRACTICES] };
  const scans = { resources: [InspectorResource.LAMBDA, InspectorResource.LAMBDA_CODE] };

  test.each<[string, Choices, Choices]>([
    [
      'by default',
      {
        guardDuty: create(Guardrail.GUARD_DUTY),
        securityHub: create(Guardrail.SECURITY_HUB),
        inspector: create(Guardrail.INSPECTOR),
      },
      {
        guardDuty: adopt(Guardrail.GUARD_DUTY),
        securityHub: adopt(Guardrail.SECURITY_HUB),
        inspector: adopt(Guardrail.INSPECTOR),
      },
    ],
    [
      'with the same explicit plans, standards and scans',
      {
        guardDuty: create(Guardrail.GUARD_DUTY, { guardDuty: on }),
        securityHub: create(Guardrail.SECURITY_HUB, { securityHub: standards }),
        inspector: create(Guardrail.INSPECTOR, { inspector: scans }),
      },
      {
        guardDuty: adopt(Guardrail.GUARD_DUTY, { guardDuty: on }),
        securityHub: adopt(Guardrail.SECURITY_HUB, { securityHub: standards }),
        inspector: adopt(Guardrail.INSPECTOR, { inspector: scans }),
      },
    ],
  ])('%s keeps every custom resource, so nothing is disabled', (_, created, adopted) => {
    const ids = (props: Choices) =>
      Object.entries(templateOfOnly(props).toJSON().Resources as Record<string, { Type: string }>)
        .filter(([, { Type }]) => Type.startsWith('Custom::'))
        .map(([id]) => id);
    expect(ids(created).length).toBeGreaterThan(7);
    expect(ids(adopted)).toEqual(ids(created));
  });
});

describe('adopted guardrails', () => {
  const template = templateOfOnly({
    inspector: adopt(Guardrail.INSPECTOR),
    guardDuty: adopt(Guardrail.GUARD_DUTY),
    securityHub: adopt(Guardrail.SECURITY_HUB),
    accessAnalyzer: adopt(Guardrail.ACCESS_ANALYZER),
    s3PublicAccess: adopt(Guardrail.S3_PUBLIC_ACCESS),
    ebsEncryption: adopt(Guardrail.EBS_ENCRYPTION),
    passwordPolicy: adopt(Guardrail.PASSWORD_POLICY),
  });

  test('have no permission to change a service', () => {
    expect(
      actionsOf(template, /^(?!logs|sqs|kms)/).filter((action) => !/:(Get|List|Describe|BatchGet)/.test(action)),
    ).toEqual([]);
    expect(actionsOf(template, /^(?!logs|sqs|kms)/)).toHaveLength(13);
  });

  test('have the logical IDs of created guardrails, so that a change back deletes nothing', () => {
    const ids = Object.keys(template.toJSON().Resources);
    const created = Object.keys(templateOfOnly(SWITCHES).toJSON().Resources);
    expect(ids.filter((id) => !created.includes(id))).toEqual([]);
  });
});

describe('a guardrail that is added later', () => {
  test('replaces no resource and changes no logical ID', () => {
    const before = templateOfOnly({ inspector: undefined }).toJSON().Resources;
    const after = templateOfOnly(SWITCHES).toJSON().Resources;
    const changed = Object.keys(before).filter((id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]));
    expect(Object.keys(before).length).toBeGreaterThan(8);
    expect(changed).toEqual([]);
  });
});

describe('logical IDs', () => {
  test('do not depend on the path of the construct, because a new ID would disable a guardrail', () => {
    const ids = (name: string) => {
      const stack = newStack();
      new ComplianceGuardrails(stack, name, propsOf({ ...SWITCHES }));
      const resources = Object.entries(templateOf(stack).toJSON().Resources as Record<string, { Type: string }>);
      return resources
        .filter(([, { Type }]) => Type.startsWith('Custom::') || Type === 'AWS::Lambda::Function')
        .map(([id]) => id)
        .sort();
    };
    expect(ids('Guardrails')).toEqual([
      'ComplianceGuardrailsAccessAnalyzerExternalAccess',
      'ComplianceGuardrailsAccessAnalyzerFunction',
      'ComplianceGuardrailsAccountSettingsEbsEncryption',
      'ComplianceGuardrailsAccountSettingsFunction',
      'ComplianceGuardrailsAccountSettingsPasswordPolicy',
      'ComplianceGuardrailsAccountSettingsPublicAccess',
      'ComplianceGuardrailsGuardDutyDetector',
      'ComplianceGuardrailsGuardDutyEBSMALWAREPROTECTION',
      'ComplianceGuardrailsGuardDutyFunction',
      'ComplianceGuardrailsGuardDutyLAMBDANETWORKLOGS',
      'ComplianceGuardrailsGuardDutyRDSLOGINEVENTS',
      'ComplianceGuardrailsGuardDutyS3DATAEVENTS',
      'ComplianceGuardrailsInspectorEC2',
      'ComplianceGuardrailsInspectorECR',
      'ComplianceGuardrailsInspectorFunction',
      'ComplianceGuardrailsInspectorLAMBDA',
      'ComplianceGuardrailsSecurityHubFoundationalBestPractices',
      'ComplianceGuardrailsSecurityHubFunction',
      'ComplianceGuardrailsSecurityHubHub',
      'ComplianceGuardrailsSecurityHubNist80053R5',
    ]);
    expect(ids('Renamed')).toEqual(ids('Guardrails'));
  });

  test('of the key, the log groups and the queues are stable', () => {
    const template = templateOfOnly(SWITCHES);
    expect(
      ['AWS::KMS::Key', 'AWS::Logs::LogGroup', 'AWS::SQS::Queue'].flatMap((type) =>
        Object.keys(template.findResources(type)),
      ),
    ).toEqual([
      'GuardrailsKey099910AF',
      'GuardrailsInspectorLog204D17C7',
      'GuardrailsGuardDutyLogB33A0EFB',
      'GuardrailsSecurityHubLogB3A9885F',
      'GuardrailsAccessAnalyzerLog29B37959',
      'GuardrailsAccountSettingsLogCD7A5C1E',
      'GuardrailsInspectorDeadLettersE23DE96C',
      'GuardrailsGuardDutyDeadLettersC2D7F522',
      'GuardrailsSecurityHubDeadLettersEFEE1C20',
      'GuardrailsAccessAnalyzerDeadLettersE090A748',
      'GuardrailsAccountSettingsDeadLetters7EFC2378',
    ]);
  });
});

describe('monitoring', () => {
  test('has an alarm for each function that fails to complete a request', () => {
    const stack = newStack();
    const made = only({ ...SWITCHES, guardDuty: skip(Guardrail.GUARD_DUTY, 'no findings') }, stack);
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(made);
    const template = templateOf(stack);
    const queues = Object.keys(template.findResources('AWS::SQS::Queue'));
    expect(queues).toHaveLength(4);
    for (const queue of queues) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }],
        AlarmDescription: Match.stringLikeRegexp(' First read the request in the dead-letter queue of the function'),
      });
    }
    expect(made.monitoringPlan()).toMatchObject({ title: 'Compliance guardrails of Stack/Guardrails' });
    expect(made.monitoringPlan().widgets).toHaveLength(4 + 2);
  });

  test('is empty for skipped guardrails', () => {
    expect(only({}).monitoringPlan()).toMatchObject({ alarms: [], widgets: [], notifications: [] });
  });

  test('has metadata for the compliance report to detect missing monitoring', () => {
    expect(only({}).node.metadata.map((entry) => entry.type)).toContain(WATCHABLE_METADATA);
  });
});

describe('uniqueness per account and region', () => {
  const refusal = (path: string, other: string) =>
    `[${path}] ComplianceGuardrails must be unique per account and region, but ${other} exists. Remove one of the two.`;
  const env = { account: '111122223333', region: 'eu-west-1' };

  test('refuses a second construct in a stack', () => {
    const stack = newStack();
    new ComplianceGuardrails(stack, 'One', propsOf({}));
    expect(() => new ComplianceGuardrails(stack, 'Two', propsOf({}))).toThrow(refusal('Stack/Two', 'Stack/One'));
  });

  test('refuses a second construct in another stack or stage with the same account and region', () => {
    const app = newApp();
    new ComplianceGuardrails(new Stack(app, 'A', { env }), 'Guardrails', propsOf({}));
    expect(
      () => new ComplianceGuardrails(new Stack(new Stage(app, 'Test'), 'B', { env }), 'Guardrails', propsOf({})),
    ).toThrow(refusal('Test/B/Guardrails', 'A/Guardrails'));
  });

  test.each([
    ['another region', { ...env, region: 'us-east-1' }],
    ['another account', { ...env, account: '999988887777' }],
    ['an unknown account', { region: 'eu-west-1' }],
    ['an unknown region', { account: '111122223333' }],
  ])('accepts %s', (_, other) => {
    const app = newApp();
    new ComplianceGuardrails(new Stack(app, 'A', { env }), 'Guardrails', propsOf({}));
    expect(
      () => new ComplianceGuardrails(new Stack(app, 'B', { env: other }), 'Guardrails', propsOf({})),
    ).not.toThrow();
  });
});

describe('other environments', () => {
  test.each(['eu-west-1', 'us-gov-west-1', 'cn-north-1'])('the custom resources are the same in %s', (region) => {
    const switches = (template: object) =>
      Object.entries((template as { Resources: Record<string, { Type: string; Properties: object }> }).Resources)
        .filter(([, { Type }]) => Type.startsWith('Custom::'))
        .map(([id, { Properties }]) => [id, Properties]);
    expect(switches(templateOfOnly(SWITCHES, { region }).toJSON())).toEqual(
      switches(templateOfOnly(SWITCHES).toJSON()),
    );
  });

  test('a stage is supported', () => {
    const stack = new Stack(new Stage(newApp(), 'Prod'), 'Clinic');
    only(SWITCHES, stack);
    expect(Object.keys(templateOf(stack).findResources('AWS::Lambda::Function'))).toEqual(FUNCTIONS);
  });

  test('feature flags of the app change nothing', () => {
    const template = (context: Record<string, unknown>) => {
      const stack = newStack({ context });
      only(SWITCHES, stack);
      return templateOf(stack).toJSON();
    };
    expect(
      template({ '@aws-cdk/aws-iam:minimizePolicies': false, '@aws-cdk/aws-lambda:useCdkManagedLogGroup': false }),
    ).toEqual(template({}));
  });
});

describe('checks', () => {
  test.each([undefined, { account: '111122223333', region: 'eu-west-1' }])(
    'the rule packs have no unacknowledged findings in %j',
    (env) => {
      const stack = newStack({ env });
      only(
        {
          ...SWITCHES,
          ebsEncryption: create(Guardrail.EBS_ENCRYPTION, {
            ebsEncryptionKey: kms.Key.fromKeyArn(stack, 'Ebs', 'arn:aws:kms:eu-west-1:111122223333:key/1'),
          }),
        },
        stack,
      );
      expect(nagFindings(stack)).toEqual([]);
    },
  );

  test('the template passes CloudFormation validation', () => {
    const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    const stack = new Stack(app, 'Stack', { env: { region: 'eu-west-1' } });
    new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(
      only({ ...SWITCHES, monthlyCostLimit: 500 }, stack),
    );
    expect(templateFindings(app)).toEqual([]);
  });
});
