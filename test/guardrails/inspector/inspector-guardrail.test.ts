import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { FORCED_WILDCARDS } from '../../../src/compliance/forced-wildcards';
import { RELAXATION_METADATA } from '../../../src/core/relaxation';
import { ComplianceGuardrails } from '../../../src/guardrails/compliance-guardrails';
import { Guardrail } from '../../../src/guardrails/guardrail';
import { InspectorResource } from '../../../src/guardrails/inspector/inspector-guardrail';
import { newStack, propertiesOf, templateOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { adopt, Choice, Choices, create, only, propsOf, skip, statementsOf, templateOfOnly } from '../some-guardrails';

const { EC2, ECR, LAMBDA, LAMBDA_CODE, CODE_REPOSITORY } = InspectorResource;

function guardrails(choices: Choices = {}, env?: { region: string }): Template {
  return templateOfOnly({ inspector: undefined, ...choices }, env);
}

/** The scans of a template as `type mode whereOffered`. */
function scans(template: Template): string[] {
  return Object.values(propertiesOf(template, 'Custom::InspectorScan')).map(
    (scan) => `${scan.ScanType} ${scan.Mode} ${scan.WhereOffered}`,
  );
}

describe('defaults', () => {
  const template = guardrails();

  test('EC2 and ECR are scanned, and Lambda where the region offers it', () => {
    expect(scans(template)).toEqual(['EC2 create false', 'ECR create false', 'LAMBDA create true']);
  });

  test('one scan is enabled after the other', () => {
    const dependencies = Object.fromEntries(
      Object.entries(template.findResources('Custom::InspectorScan')).map(([id, scan]) => [id, scan.DependsOn]),
    );
    expect(dependencies).toEqual({
      ComplianceGuardrailsInspectorEC2: undefined,
      ComplianceGuardrailsInspectorECR: ['ComplianceGuardrailsInspectorEC2'],
      ComplianceGuardrailsInspectorLAMBDA: ['ComplianceGuardrailsInspectorECR'],
    });
  });

  test('the function has ten minutes, and CloudFormation waits for its three attempts', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 600,
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
    });
    template.allResourcesProperties('Custom::InspectorScan', { ServiceTimeout: '1980' });
  });

  test('the scans call the function itself', () => {
    template.allResourcesProperties('Custom::InspectorScan', {
      ServiceToken: { 'Fn::GetAtt': ['ComplianceGuardrailsInspectorFunction', 'Arn'] },
    });
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('the function may ask, enable and disable, and nothing else of Inspector', () => {
    expect(
      statementsOf(template)
        .flatMap(({ Action }) => Action)
        .filter((action) => /^(inspector2|iam):/.test(action))
        .sort(),
    ).toEqual([
      'iam:CreateServiceLinkedRole',
      'inspector2:BatchGetAccountStatus',
      'inspector2:Disable',
      'inspector2:Enable',
      'inspector2:GetDelegatedAdminAccount',
    ]);
  });

  test('it may create the two roles that Inspector makes for itself, and no other', () => {
    const role = (path: string) => ({
      'Fn::Join': [
        '',
        ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, `:role/aws-service-role/${path}`],
      ],
    });
    expect(statementsOf(template)).toContainEqual({
      Effect: 'Allow',
      Action: 'iam:CreateServiceLinkedRole',
      Resource: [
        role('inspector2.amazonaws.com/AWSServiceRoleForAmazonInspector2'),
        role('agentless.inspector2.amazonaws.com/AWSServiceRoleForAmazonInspector2Agentless'),
      ],
      Condition: {
        StringEquals: { 'iam:AWSServiceName': ['inspector2.amazonaws.com', 'agentless.inspector2.amazonaws.com'] },
      },
    });
  });

  test('its wildcards are the ones that AWS forces', () => {
    const wide = statementsOf(template)
      .filter(({ Resource }) => [Resource].flat().includes('*'))
      .flatMap(({ Action }) => Action);
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
    const { inspectorFunction } = only({ inspector: undefined }, stack);
    expect(stack.resolve(inspectorFunction!.functionArn)).toEqual({
      'Fn::GetAtt': ['ComplianceGuardrailsInspectorFunction', 'Arn'],
    });
  });
});

describe('inspector', () => {
  test('the types of resources can be named: then each of them has to be offered', () => {
    const inspector = create(Guardrail.INSPECTOR, {
      inspector: { resources: [LAMBDA, CODE_REPOSITORY, LAMBDA_CODE, ECR] },
    });
    expect(scans(guardrails({ inspector }))).toEqual([
      'ECR create false', 'LAMBDA create false', 'LAMBDA_CODE create false', 'CODE_REPOSITORY create false',
    ]);
  });

  test('the order in which they are named does not matter', () => {
    const named = (...resources: InspectorResource[]) =>
      guardrails({ inspector: create(Guardrail.INSPECTOR, { inspector: { resources } }) }).toJSON();
    expect(named(ECR, EC2)).toEqual(named(EC2, ECR));
  });

  test('adopting asks for EC2 and ECR, and may change nothing', () => {
    const template = guardrails({ inspector: adopt(Guardrail.INSPECTOR) });
    expect(scans(template)).toEqual(['EC2 adopt false', 'ECR adopt false', 'LAMBDA adopt true']);
    expect(
      statementsOf(template)
        .flatMap(({ Action }) => Action)
        .filter((action) => /^(inspector2|iam):/.test(action)),
    ).toEqual(['inspector2:BatchGetAccountStatus']);
  });

  test('what is adopted can be named', () => {
    expect(
      scans(guardrails({ inspector: adopt(Guardrail.INSPECTOR, { inspector: { resources: [LAMBDA] } }) })),
    ).toEqual(['LAMBDA adopt false']);
  });

  test('adopting what was created changes no id, so that nothing is deleted', () => {
    const ids = (inspector: Choice) => Object.keys(guardrails({ inspector }).findResources('Custom::InspectorScan'));
    expect(ids(adopt(Guardrail.INSPECTOR, { inspector: { resources: [EC2, ECR] } }))).toEqual(
      ids(create(Guardrail.INSPECTOR, { inspector: { resources: [EC2, ECR] } })),
    );
  });

  test('skipping makes nothing, warns, and is in the report', () => {
    const stack = newStack();
    const made = only({ inspector: skip(Guardrail.INSPECTOR, 'the organization scans with another product') }, stack);
    expect(templateOf(stack).toJSON().Resources).toBeUndefined();
    expect(made.inspectorFunction).toBeUndefined();
    Annotations.fromStack(stack).hasWarning('/Stack/Guardrails', Match.stringLikeRegexp(
      'the stack does not enable Amazon Inspector \\(reason given: the organization scans with another product\\)'));
    expect(
      made.node.metadata.filter((entry) => entry.type === RELAXATION_METADATA).map((entry) => entry.data),
    ).toContainEqual({
      id: 'cdk-hipaa:inspector-skipped',
      what: 'the stack does not enable Amazon Inspector',
      reason: 'the organization scans with another product',
    });
  });
});

describe('ids', () => {
  test('they do not follow the construct\'s place in the tree: renaming it must not disable what it enabled', () => {
    const ids = (name: string) => {
      const stack = newStack();
      new ComplianceGuardrails(stack, name, propsOf({ inspector: undefined }));
      const template = templateOf(stack);
      return ['AWS::Lambda::Function', 'Custom::InspectorScan'].flatMap((type) =>
        Object.keys(template.findResources(type)),
      );
    };
    expect(ids('Guardrails')).toEqual([
      'ComplianceGuardrailsInspectorFunction',
      'ComplianceGuardrailsInspectorEC2', 'ComplianceGuardrailsInspectorECR', 'ComplianceGuardrailsInspectorLAMBDA',
    ]);
    expect(ids('Renamed')).toEqual(ids('Guardrails'));
  });

  test('every type of scan', () => {
    const inspector = create(Guardrail.INSPECTOR, { inspector: { resources: [LAMBDA, LAMBDA_CODE, CODE_REPOSITORY] } });
    expect(Object.keys(guardrails({ inspector }).findResources('Custom::InspectorScan'))).toEqual([
      'ComplianceGuardrailsInspectorLAMBDA',
      'ComplianceGuardrailsInspectorLAMBDACODE',
      'ComplianceGuardrailsInspectorCODEREPOSITORY',
    ]);
  });

  test('the key and the log group', () => {
    const template = guardrails();
    expect(['AWS::KMS::Key', 'AWS::Logs::LogGroup'].map((type) => Object.keys(template.findResources(type)))).toEqual([
      [expect.stringMatching(/^GuardrailsKey/)], ['GuardrailsInspectorLog204D17C7'],
    ]);
  });
});

describe('refusals', () => {
  test.each<[string, Choice, string]>([
    [
      'no type',
      create(Guardrail.INSPECTOR, { inspector: { resources: [] } }),
      'inspector.resources must be at least one of EC2, ECR, LAMBDA, LAMBDA_CODE, CODE_REPOSITORY, got []. Name a '
        + 'type, or skip INSPECTOR with a reason.',
    ],
    [
      'nothing to adopt',
      adopt(Guardrail.INSPECTOR, { inspector: { resources: [] } }),
      'inspector.resources must be at least one of EC2, ECR, LAMBDA, LAMBDA_CODE, CODE_REPOSITORY, got []. Name a '
        + 'type, or skip INSPECTOR with a reason.',
    ],
    [
      'an unknown type',
      create(Guardrail.INSPECTOR, { inspector: { resources: ['ec2' as never] } }),
      'inspector.resources[0] must be a member of InspectorResource (EC2, ECR, LAMBDA, LAMBDA_CODE, CODE_REPOSITORY), '
        + "got 'ec2'. Use a member of InspectorResource.",
    ],
    [
      'a type twice',
      create(Guardrail.INSPECTOR, { inspector: { resources: [EC2, ECR, EC2] } }),
      'inspector.resources must be a list of distinct members, got EC2, ECR, EC2. Remove the second EC2.',
    ],
    [
      'code without its function',
      create(Guardrail.INSPECTOR, { inspector: { resources: [LAMBDA_CODE] } }),
      'inspector.resources must be LAMBDA_CODE together with LAMBDA, got LAMBDA_CODE without LAMBDA. Add LAMBDA.',
    ],
    [
      'no reason',
      skip(Guardrail.INSPECTOR, ' '),
      "reason must be a non-blank string, got ' '. Say why it is acceptable that the stack does not enable Amazon "
        + 'Inspector.',
    ],
  ])('%s', (_, inspector, text) => {
    expect(() => guardrails({ inspector })).toThrow(new Error(`[Stack/Guardrails] ${text}`));
  });
});

describe('checks', () => {
  test.each([
    ['created', create(Guardrail.INSPECTOR)],
    ['adopted', adopt(Guardrail.INSPECTOR)],
  ])('%s: the packs find nothing that is not acknowledged', (_, inspector) => {
    const stack = newStack();
    only({ inspector }, stack);
    expect(nagFindings(stack)).toEqual([]);
  });
});
