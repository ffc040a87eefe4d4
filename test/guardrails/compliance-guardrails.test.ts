import { App, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { FORCED_WILDCARDS } from '../../src/compliance/forced-wildcards';
import { ComplianceGuardrails, ComplianceGuardrailsProps } from '../../src/guardrails/compliance-guardrails';
import { InspectorGuardrail, InspectorResource } from '../../src/guardrails/inspector-guardrail';
import { Monitoring } from '../../src/monitoring/monitoring';
import { RELAXATION_METADATA } from '../../src/private/relaxation';
import { WATCHABLE_METADATA } from '../../src/private/watched';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

const { EC2, ECR, LAMBDA, LAMBDA_CODE, CODE_REPOSITORY } = InspectorResource;

function guardrails(props?: ComplianceGuardrailsProps, env?: { region: string }): Template {
  const stack = newStack({ env });
  new ComplianceGuardrails(stack, 'Guardrails', props);
  return templateOf(stack);
}

/** The scans of a template as `type mode whereOffered`. */
function scans(template: Template): string[] {
  return Object.values(propertiesOf(template, 'Custom::InspectorScan')).map((scan) => `${scan.ScanType} ${scan.Mode} ${scan.WhereOffered}`);
}

function statements(template: Template): Array<{ Action: string | string[]; Resource: unknown }> {
  return Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy')).flatMap((policy) => policy.PolicyDocument.Statement);
}

describe('defaults', () => {
  const template = guardrails();

  test('EC2 and ECR are scanned, and Lambda where the region offers it', () => {
    expect(scans(template)).toEqual(['EC2 create false', 'ECR create false', 'LAMBDA create true']);
  });

  test('one scan is enabled after the other', () => {
    const dependencies = Object.fromEntries(Object.entries(template.findResources('Custom::InspectorScan')).map(([id, scan]) => [id, scan.DependsOn]));
    expect(dependencies).toEqual({
      ComplianceGuardrailsInspectorEC2: undefined,
      ComplianceGuardrailsInspectorECR: ['ComplianceGuardrailsInspectorEC2'],
      ComplianceGuardrailsInspectorLAMBDA: ['ComplianceGuardrailsInspectorECR'],
    });
  });

  test('the function has ten minutes, and CloudFormation waits for its three attempts', () => {
    template.hasResourceProperties('AWS::Lambda::Function', { Timeout: 600, Handler: 'index.handler', Runtime: 'nodejs24.x' });
    template.allResourcesProperties('Custom::InspectorScan', { ServiceTimeout: '1980' });
  });

  test('the scans call the function itself', () => {
    template.allResourcesProperties('Custom::InspectorScan', { ServiceToken: { 'Fn::GetAtt': ['ComplianceGuardrailsInspectorFunction', 'Arn'] } });
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('the function may ask, enable and disable, and nothing else of Inspector', () => {
    expect(statements(template).flatMap(({ Action }) => Action).filter((action) => /^(inspector2|iam):/.test(action)).sort()).toEqual([
      'iam:CreateServiceLinkedRole',
      'inspector2:BatchGetAccountStatus', 'inspector2:Disable', 'inspector2:Enable', 'inspector2:GetDelegatedAdminAccount',
    ]);
  });

  test('it may create the two roles that Inspector makes for itself, and no other', () => {
    const role = (path: string) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, `:role/aws-service-role/${path}`]],
    });
    expect(statements(template)).toContainEqual({
      Effect: 'Allow',
      Action: 'iam:CreateServiceLinkedRole',
      Resource: [
        role('inspector2.amazonaws.com/AWSServiceRoleForAmazonInspector2'),
        role('agentless.inspector2.amazonaws.com/AWSServiceRoleForAmazonInspector2Agentless'),
      ],
      Condition: { StringEquals: { 'iam:AWSServiceName': ['inspector2.amazonaws.com', 'agentless.inspector2.amazonaws.com'] } },
    });
  });

  test('its wildcards are the ones that AWS forces', () => {
    const wide = statements(template).filter(({ Resource }) => [Resource].flat().includes('*')).flatMap(({ Action }) => Action);
    expect(wide).not.toEqual([]);
    expect(wide.filter((action) => !FORCED_WILDCARDS.has(action))).toEqual([]);
  });

  test('the function, its log and its dead letters are encrypted under a key that rotates', () => {
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    const key = { 'Fn::GetAtt': [Object.keys(template.findResources('AWS::KMS::Key'))[0], 'Arn'] };
    template.hasResourceProperties('AWS::Lambda::Function', { KmsKeyArn: key });
    template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: key });
    template.hasResourceProperties('AWS::SQS::Queue', { KmsMasterKeyId: key });
  });

  test('the function is exposed', () => {
    const stack = newStack();
    const { inspectorFunction } = new ComplianceGuardrails(stack, 'Guardrails');
    expect(stack.resolve(inspectorFunction!.functionArn)).toEqual({ 'Fn::GetAtt': ['ComplianceGuardrailsInspectorFunction', 'Arn'] });
  });
});

describe('inspector', () => {
  test('the types of resources can be named: then each of them has to be offered', () => {
    const inspector = InspectorGuardrail.create({ resources: [LAMBDA, CODE_REPOSITORY, LAMBDA_CODE, ECR] });
    expect(scans(guardrails({ inspector }))).toEqual([
      'ECR create false', 'LAMBDA create false', 'LAMBDA_CODE create false', 'CODE_REPOSITORY create false',
    ]);
  });

  test('the order in which they are named does not matter', () => {
    const named = (...resources: InspectorResource[]) => guardrails({ inspector: InspectorGuardrail.create({ resources }) }).toJSON();
    expect(named(ECR, EC2)).toEqual(named(EC2, ECR));
  });

  test('adopting asks for EC2 and ECR, and may change nothing', () => {
    const template = guardrails({ inspector: InspectorGuardrail.adopt() });
    expect(scans(template)).toEqual(['EC2 adopt false', 'ECR adopt false']);
    expect(statements(template).flatMap(({ Action }) => Action).filter((action) => /^(inspector2|iam):/.test(action))).toEqual(['inspector2:BatchGetAccountStatus']);
  });

  test('what is adopted can be named', () => {
    expect(scans(guardrails({ inspector: InspectorGuardrail.adopt({ resources: [LAMBDA] }) }))).toEqual(['LAMBDA adopt false']);
  });

  test('adopting what was created changes no id, so that nothing is deleted', () => {
    const ids = (inspector: InspectorGuardrail) => Object.keys(guardrails({ inspector }).findResources('Custom::InspectorScan'));
    expect(ids(InspectorGuardrail.adopt({ resources: [EC2, ECR] }))).toEqual(ids(InspectorGuardrail.create({ resources: [EC2, ECR] })));
  });

  test('skipping makes nothing, warns, and is in the report', () => {
    const stack = newStack();
    const made = new ComplianceGuardrails(stack, 'Guardrails', { inspector: InspectorGuardrail.skip({ reason: 'the organization scans with another product' }) });
    expect(templateOf(stack).toJSON().Resources).toBeUndefined();
    expect(made.inspectorFunction).toBeUndefined();
    Annotations.fromStack(stack).hasWarning('/Stack/Guardrails', Match.stringLikeRegexp(
      'Amazon Inspector is not enabled by this stack \\(reason given: the organization scans with another product\\)'));
    expect(made.node.metadata.find((entry) => entry.type === RELAXATION_METADATA)?.data).toEqual({
      id: 'cdk-hipaa:inspector-skipped',
      what: 'Amazon Inspector is not enabled by this stack',
      reason: 'the organization scans with another product',
    });
  });
});

describe('encryptionKey', () => {
  test('a given key takes the place of the own one, and is taught CloudWatch Logs', () => {
    const stack = newStack();
    new ComplianceGuardrails(stack, 'Guardrails', { encryptionKey: new kms.Key(stack, 'Mine') });
    const template = templateOf(stack);
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.hasResourceProperties('AWS::KMS::Key', { KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'CloudWatchLogs' })]) } });
    template.hasResourceProperties('AWS::Lambda::Function', { KmsKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('Mine'), 'Arn'] } });
  });
});

describe('ids', () => {
  test('they do not follow the construct\'s place in the tree: renaming it must not disable what it enabled', () => {
    const ids = (name: string) => {
      const stack = newStack();
      new ComplianceGuardrails(stack, name);
      const template = templateOf(stack);
      return ['AWS::Lambda::Function', 'Custom::InspectorScan'].flatMap((type) => Object.keys(template.findResources(type)));
    };
    expect(ids('Guardrails')).toEqual([
      'ComplianceGuardrailsInspectorFunction',
      'ComplianceGuardrailsInspectorEC2', 'ComplianceGuardrailsInspectorECR', 'ComplianceGuardrailsInspectorLAMBDA',
    ]);
    expect(ids('Renamed')).toEqual(ids('Guardrails'));
  });

  test('every type of scan', () => {
    const inspector = InspectorGuardrail.create({ resources: [LAMBDA, LAMBDA_CODE, CODE_REPOSITORY] });
    expect(Object.keys(guardrails({ inspector }).findResources('Custom::InspectorScan'))).toEqual([
      'ComplianceGuardrailsInspectorLAMBDA', 'ComplianceGuardrailsInspectorLAMBDACODE', 'ComplianceGuardrailsInspectorCODEREPOSITORY',
    ]);
  });

  test('the key and the log group', () => {
    const template = guardrails();
    expect(['AWS::KMS::Key', 'AWS::Logs::LogGroup'].map((type) => Object.keys(template.findResources(type)))).toEqual([
      ['GuardrailsInspectorKeyBB184598'], ['GuardrailsInspectorLog204D17C7'],
    ]);
  });
});

describe('monitoring', () => {
  test('a function that gave up on a request raises an alarm', () => {
    const stack = newStack();
    const made = new ComplianceGuardrails(stack, 'Guardrails');
    new Monitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(made);
    const template = templateOf(stack);
    template.resourceCountIs('AWS::CloudWatch::Alarm', 1);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [Object.keys(template.findResources('AWS::SQS::Queue'))[0], 'QueueName'] } }],
      Threshold: 0,
      Period: 300,
      TreatMissingData: 'notBreaching',
      AlarmDescription: Match.stringLikeRegexp('^Read the message in the dead-letter queue'),
    });
    expect(made.monitoringPlan()).toMatchObject({ title: 'Compliance guardrails of Stack/Guardrails', widgets: [expect.anything()] });
  });

  test('what is skipped has nothing to watch', () => {
    const made = new ComplianceGuardrails(newStack(), 'Guardrails', { inspector: InspectorGuardrail.skip({ reason: 'scanned elsewhere' }) });
    expect(made.monitoringPlan()).toMatchObject({ alarms: [], widgets: [] });
  });

  test('the compliance report can tell that nobody watches', () => {
    expect(new ComplianceGuardrails(newStack(), 'Guardrails').node.metadata.map((entry) => entry.type)).toContain(WATCHABLE_METADATA);
  });
});

describe('one for each account and region', () => {
  const refusal = (path: string, other: string) =>
    `${path}: ComplianceGuardrails is made beside ${other}, allowed is one for each account and region; remove one of the two.`;
  const env = { account: '111122223333', region: 'eu-west-1' };

  test('a second one in a stack is refused', () => {
    const stack = newStack();
    new ComplianceGuardrails(stack, 'One');
    expect(() => new ComplianceGuardrails(stack, 'Two')).toThrow(refusal('Stack/Two', 'Stack/One'));
  });

  test('so is one in another stack, or stage, of the same account and region', () => {
    const app = newApp();
    new ComplianceGuardrails(new Stack(app, 'A', { env }), 'Guardrails');
    expect(() => new ComplianceGuardrails(new Stack(new Stage(app, 'Test'), 'B', { env }), 'Guardrails')).toThrow(refusal('Test/B/Guardrails', 'A/Guardrails'));
  });

  test.each([
    ['another region', { ...env, region: 'us-east-1' }],
    ['another account', { ...env, account: '999988887777' }],
    ['an unknown account', { region: 'eu-west-1' }],
    ['an unknown region', { account: '111122223333' }],
  ])('%s passes', (_, other) => {
    const app = newApp();
    new ComplianceGuardrails(new Stack(app, 'A', { env }), 'Guardrails');
    expect(() => new ComplianceGuardrails(new Stack(app, 'B', { env: other }), 'Guardrails')).not.toThrow();
  });
});

describe('refusals', () => {
  test.each<[string, InspectorGuardrail, string]>([
    ['no type', InspectorGuardrail.create({ resources: [] }),
      'InspectorGuardrail.create resources is empty, allowed is at least one of EC2, ECR, LAMBDA, LAMBDA_CODE, CODE_REPOSITORY; name a type, or use InspectorGuardrail.skip with a reason.'],
    ['nothing to adopt', InspectorGuardrail.adopt({ resources: [] }),
      'InspectorGuardrail.adopt resources is empty, allowed is at least one of EC2, ECR, LAMBDA, LAMBDA_CODE, CODE_REPOSITORY; name a type, or use InspectorGuardrail.skip with a reason.'],
    ['a type twice', InspectorGuardrail.create({ resources: [EC2, ECR, EC2] }),
      'InspectorGuardrail.create resources is EC2, ECR, EC2, allowed is each type once; remove the second EC2.'],
    ['code without its function', InspectorGuardrail.create({ resources: [LAMBDA_CODE] }),
      'InspectorGuardrail.create resources is LAMBDA_CODE without LAMBDA, allowed is LAMBDA_CODE together with LAMBDA; add LAMBDA.'],
    ['no reason', InspectorGuardrail.skip({ reason: ' ' }),
      'reason is \' \', allowed is a text that is not blank; say why it is acceptable that Amazon Inspector is not enabled by this stack.'],
  ])('%s', (_, inspector, text) => {
    expect(() => guardrails({ inspector })).toThrow(`Stack/Guardrails: ${text}`);
  });
});

describe('in other places', () => {
  test.each(['eu-west-1', 'us-gov-west-1', 'cn-north-1'])('%s gets the same scans', (region) => {
    expect(scans(guardrails({}, { region }))).toEqual(['EC2 create false', 'ECR create false', 'LAMBDA create true']);
  });

  test('inside a stage', () => {
    const stack = new Stack(new Stage(newApp(), 'Prod'), 'Clinic');
    new ComplianceGuardrails(stack, 'Guardrails');
    expect(scans(templateOf(stack))).toHaveLength(3);
  });

  test('the user\'s feature flags change nothing', () => {
    const template = (context: Record<string, unknown>) => {
      const stack = newStack({ context });
      new ComplianceGuardrails(stack, 'Guardrails');
      return templateOf(stack).toJSON();
    };
    expect(template({ '@aws-cdk/aws-iam:minimizePolicies': false, '@aws-cdk/aws-lambda:useCdkManagedLogGroup': false })).toEqual(template({}));
  });
});

describe('checks', () => {
  test.each([
    ['created', InspectorGuardrail.create()],
    ['adopted', InspectorGuardrail.adopt()],
  ])('%s: the packs find nothing that is not acknowledged', (_, inspector) => {
    const stack = newStack();
    new ComplianceGuardrails(stack, 'Guardrails', { inspector });
    expect(nagFindings(stack)).toEqual([]);
  });

  test('CloudFormation Validate finds nothing', () => {
    const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    new ComplianceGuardrails(new Stack(app, 'Stack'), 'Guardrails');
    expect(templateFindings(app)).toEqual([]);
  });
});
