import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { needsAllResources } from '../../../src/compliance/policies/unscoped-actions';
import { RELAXATION_METADATA } from '../../../src/core/relaxation';
import { ComplianceGuardrails } from '../../../src/guardrails/compliance-guardrails';
import { Guardrail } from '../../../src/guardrails/guardrail';
import { InspectorResource } from '../../../src/guardrails/inspector/inspector-guardrail';
import { newStack, propertiesOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import {
  adopt,
  Choice,
  Choices,
  create,
  only,
  propsOf,
  skip,
  statementsOf,
  templateOfOnly,
  templateOf,
} from '../some-guardrails';

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

  test('scan EC2 and ECR, and Lambda in regions that offer it', () => {
    expect(scans(template)).toEqual(['EC2 create false', 'ECR create false', 'LAMBDA create true']);
  });

  test('enable the scans one after the other', () => {
    const dependencies = Object.fromEntries(
      Object.entries(template.findResources('Custom::InspectorScan')).map(([id, scan]) => [id, scan.DependsOn]),
    );
    expect(dependencies).toEqual({
      ComplianceGuardrailsInspectorEC2: undefined,
      ComplianceGuardrailsInspectorECR: ['ComplianceGuardrailsInspectorEC2'],
      ComplianceGuardrailsInspectorLAMBDA: ['ComplianceGuardrailsInspectorECR'],
    });
  });

  test('set a timeout of ten minutes, and CloudFormation waits for three attempts', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 600,
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
    });
    template.allResourcesProperties('Custom::InspectorScan', { ServiceTimeout: '1980' });
  });

  test('set the function as the service token of the scans', () => {
    template.allResourcesProperties('Custom::InspectorScan', {
      ServiceToken: { 'Fn::GetAtt': ['ComplianceGuardrailsInspectorFunction', 'Arn'] },
    });
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('allow the function to read, enable and disable scans, and nothing else in Inspector', () => {
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

  test('allow the function to create only the two service-linked roles of Inspector', () => {
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

  test('use wildcard resources only for actions that require them', () => {
    const wide = statementsOf(template)
      .filter(({ Resource }) => [Resource].flat().includes('*'))
      .flatMap(({ Action }) => Action);
    expect(wide).not.toEqual([]);
    expect(wide.filter((action) => !needsAllResources(action))).toEqual([]);
  });

  test('encrypt the function, its log and its dead-letter queue with a rotating key', () => {
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    const key = { 'Fn::GetAtt': [Object.keys(template.findResources('AWS::KMS::Key'))[0], 'Arn'] };
    template.hasResourceProperties('AWS::Lambda::Function', { KmsKeyArn: key });
    template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: key });
    template.hasResourceProperties('AWS::SQS::Queue', { KmsMasterKeyId: key });
  });

  test('expose the function', () => {
    const stack = newStack();
    const { inspectorFunction } = only({ inspector: undefined }, stack);
    expect(stack.resolve(inspectorFunction!.functionArn)).toEqual({
      'Fn::GetAtt': ['ComplianceGuardrailsInspectorFunction', 'Arn'],
    });
  });
});

describe('inspector', () => {
  test('requires each listed resource type', () => {
    const inspector = create(Guardrail.INSPECTOR, {
      inspector: { resources: [LAMBDA, CODE_REPOSITORY, LAMBDA_CODE, ECR] },
    });
    expect(scans(guardrails({ inspector }))).toEqual([
      'ECR create false', 'LAMBDA create false', 'LAMBDA_CODE create false', 'CODE_REPOSITORY create false',
    ]);
  });

  test('accepts resource types in any order', () => {
    const named = (...resources: InspectorResource[]) =>
      guardrails({ inspector: create(Guardrail.INSPECTOR, { inspector: { resources } }) }).toJSON();
    expect(named(ECR, EC2)).toEqual(named(EC2, ECR));
  });

  test('makes adopt require EC2 and ECR without a permission to change them', () => {
    const template = guardrails({ inspector: adopt(Guardrail.INSPECTOR) });
    expect(scans(template)).toEqual(['EC2 adopt false', 'ECR adopt false', 'LAMBDA adopt true']);
    expect(
      statementsOf(template)
        .flatMap(({ Action }) => Action)
        .filter((action) => /^(inspector2|iam):/.test(action)),
    ).toEqual(['inspector2:BatchGetAccountStatus']);
  });

  test('can list the resource types to adopt', () => {
    expect(
      scans(guardrails({ inspector: adopt(Guardrail.INSPECTOR, { inspector: { resources: [LAMBDA] } }) })),
    ).toEqual(['LAMBDA adopt false']);
  });

  test('keeps the logical IDs when a created scan is adopted, so that nothing is deleted', () => {
    const ids = (inspector: Choice) => Object.keys(guardrails({ inspector }).findResources('Custom::InspectorScan'));
    expect(ids(adopt(Guardrail.INSPECTOR, { inspector: { resources: [EC2, ECR] } }))).toEqual(
      ids(create(Guardrail.INSPECTOR, { inspector: { resources: [EC2, ECR] } })),
    );
  });

  test('creates no resource, adds a warning, and adds the reason to the report if it is skipped', () => {
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

describe('logical IDs', () => {
  test('do not depend on the path of the construct, because a new ID would disable a scan', () => {
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

  test('of every type of scan are stable', () => {
    const inspector = create(Guardrail.INSPECTOR, { inspector: { resources: [LAMBDA, LAMBDA_CODE, CODE_REPOSITORY] } });
    expect(Object.keys(guardrails({ inspector }).findResources('Custom::InspectorScan'))).toEqual([
      'ComplianceGuardrailsInspectorLAMBDA',
      'ComplianceGuardrailsInspectorLAMBDACODE',
      'ComplianceGuardrailsInspectorCODEREPOSITORY',
    ]);
  });

  test('of the key and the log group are stable', () => {
    const template = guardrails();
    expect(['AWS::KMS::Key', 'AWS::Logs::LogGroup'].map((type) => Object.keys(template.findResources(type)))).toEqual([
      [expect.stringMatching(/^GuardrailsKey/)], ['GuardrailsInspectorLog204D17C7'],
    ]);
  });
});

describe('validation', () => {
  test.each<[string, Choice, string]>([
    [
      'an empty list of types',
      create(Guardrail.INSPECTOR, { inspector: { resources: [] } }),
      'inspector.resources must be at least one of EC2, ECR, LAMBDA, LAMBDA_CODE, CODE_REPOSITORY, got []. Name a '
        + 'type, or skip INSPECTOR with a reason.',
    ],
    [
      'an empty list of types to adopt',
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
      'a duplicate type',
      create(Guardrail.INSPECTOR, { inspector: { resources: [EC2, ECR, EC2] } }),
      "inspector.resources must be a list of different values, got 'EC2' twice. Remove one of the two.",
    ],
    [
      'LAMBDA_CODE without LAMBDA',
      create(Guardrail.INSPECTOR, { inspector: { resources: [LAMBDA_CODE] } }),
      'inspector.resources must be LAMBDA_CODE together with LAMBDA, got LAMBDA_CODE without LAMBDA. Add LAMBDA.',
    ],
    [
      'a blank reason',
      skip(Guardrail.INSPECTOR, ' '),
      "reason must be a non-blank string, got ' '. Say why it is acceptable that the stack does not enable Amazon "
        + 'Inspector.',
    ],
  ])('refuses %s', (_, inspector, text) => {
    expect(() => guardrails({ inspector })).toThrow(new Error(`[Stack/Guardrails] ${text}`));
  });
});

describe('checks', () => {
  test.each([
    ['created', create(Guardrail.INSPECTOR)],
    ['adopted', adopt(Guardrail.INSPECTOR)],
  ])('the rule packs have no unacknowledged findings for %s', (_, inspector) => {
    const stack = newStack();
    only({ inspector }, stack);
    expect(nagFindings(stack)).toEqual([]);
  });
});
