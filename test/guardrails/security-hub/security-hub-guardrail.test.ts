import { RELAXATION_METADATA } from '../../../src/core/relaxation';
import { Guardrail } from '../../../src/guardrails/guardrail';
import { SecurityHubStandard } from '../../../src/guardrails/security-hub/security-hub-guardrail';
import {
  actionsOf,
  adopt,
  Choice,
  create,
  only,
  skip,
  statementsOf,
  switchesOf,
  templateOfOnly,
} from '../some-guardrails';

const { AWS_FOUNDATIONAL_BEST_PRACTICES, CIS_AWS_FOUNDATIONS_V3, NIST_800_53_R5 } = SecurityHubStandard;

const withHub = (securityHub?: Choice) => templateOfOnly({ securityHub });
const standards = (securityHub?: Choice) => switchesOf(withHub(securityHub), 'Custom::SecurityHubStandard', 'Standard');

describe('defaults', () => {
  const template = withHub();

  test('include the hub, the standard of AWS, and the NIST standard in regions that offer it', () => {
    expect(standards()).toEqual([
      'HUB create false',
      'aws-foundational-security-best-practices/v/1.0.0 create false',
      'nist-800-53/v/5.0.0 create true',
    ]);
  });

  test('allow the function only the actions that it needs in Security Hub', () => {
    expect(actionsOf(template, /^(securityhub|iam):/)).toEqual([
      'iam:CreateServiceLinkedRole',
      'securityhub:BatchDisableStandards',
      'securityhub:BatchEnableStandards',
      'securityhub:DescribeHub',
      'securityhub:DescribeStandards',
      'securityhub:DisableSecurityHub',
      'securityhub:EnableSecurityHub',
      'securityhub:GetAdministratorAccount',
      'securityhub:GetEnabledStandards',
      'securityhub:ListTagsForResource',
      'securityhub:TagResource',
    ]);
  });

  test('allow these actions only on the hub of its own account and region', () => {
    const hub = {
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':securityhub:',
          { Ref: 'AWS::Region' },
          ':',
          { Ref: 'AWS::AccountId' },
          ':hub/default',
        ],
      ],
    };
    const ofHub = statementsOf(template).filter(({ Action }) => [Action].flat()[0].startsWith('securityhub:'));
    expect(ofHub.map(({ Resource }) => Resource)).toEqual(ofHub.map(() => hub));
    expect(ofHub).not.toEqual([]);
  });

  test('allow the function to create only the service-linked role of Security Hub', () => {
    expect(statementsOf(template).filter(({ Action }) => Action === 'iam:CreateServiceLinkedRole')).toEqual([
      expect.objectContaining({
        Condition: { StringEquals: { 'iam:AWSServiceName': ['securityhub.amazonaws.com'] } },
      }),
    ]);
  });

  test('have no other dependent function, and no dependency without a recorder in this stack', () => {
    const [, hub] = Object.entries(template.findResources('Custom::SecurityHubStandard')).find(([id]) =>
      id.endsWith('Hub'),
    )!;
    expect(hub.DependsOn).toBeUndefined();
  });
});

describe('with AWS Config', () => {
  test('the standards are enabled after the recorder and deleted before it', () => {
    const template = templateOfOnly({ securityHub: undefined, config: undefined });
    const dependencies = Object.values(template.findResources('Custom::SecurityHubStandard')).map(
      ({ DependsOn }) => DependsOn,
    );
    expect(dependencies).toHaveLength(3);
    for (const each of dependencies) expect(each).toContain('ComplianceGuardrailsConfigRecorder');
  });
});

describe('standards', () => {
  test('requires each listed standard, in any order', () => {
    expect(
      standards(
        create(Guardrail.SECURITY_HUB, { securityHub: { standards: [CIS_AWS_FOUNDATIONS_V3, NIST_800_53_R5] } }),
      ),
    ).toEqual([
      'HUB create false',
      'nist-800-53/v/5.0.0 create false',
      'cis-aws-foundations-benchmark/v/3.0.0 create false',
    ]);
  });

  test('requires only the hub if the list is empty', () => {
    expect(standards(create(Guardrail.SECURITY_HUB, { securityHub: { standards: [] } }))).toEqual(['HUB create false']);
  });

  test('makes adopt require the hub and the listed standards', () => {
    expect(standards(adopt(Guardrail.SECURITY_HUB))).toEqual([
      'HUB adopt false',
      'aws-foundational-security-best-practices/v/1.0.0 adopt true',
      'nist-800-53/v/5.0.0 adopt true',
    ]);
    expect(standards(adopt(Guardrail.SECURITY_HUB, { securityHub: { standards: [] } }))).toEqual(['HUB adopt false']);
    expect(
      standards(adopt(Guardrail.SECURITY_HUB, { securityHub: { standards: [AWS_FOUNDATIONAL_BEST_PRACTICES] } })),
    ).toEqual(['HUB adopt false', 'aws-foundational-security-best-practices/v/1.0.0 adopt false']);
  });

  test('has an ID for every standard', () => {
    const all = Object.values(SecurityHubStandard);
    expect(standards(create(Guardrail.SECURITY_HUB, { securityHub: { standards: all } }))).toHaveLength(1 + all.length);
  });

  test('refuses an unknown standard', () => {
    expect(() => withHub(create(Guardrail.SECURITY_HUB, { securityHub: { standards: ['pci' as never] } }))).toThrow(
      new Error(
        '[Stack/Guardrails] securityHub.standards[0] must be a member of SecurityHubStandard '
          + '(AWS_FOUNDATIONAL_BEST_PRACTICES, ' +
          "NIST_800_53_R5, CIS_AWS_FOUNDATIONS_V3), got 'pci'. Use a member of SecurityHubStandard.",
      ),
    );
  });

  test('refuses a duplicate standard', () => {
    expect(() =>
      withHub(adopt(Guardrail.SECURITY_HUB, { securityHub: { standards: [NIST_800_53_R5, NIST_800_53_R5] } })),
    ).toThrow(
      new Error(
        "[Stack/Guardrails] securityHub.standards must be a list of different values, got 'nist-800-53/v/5.0.0' twice. "
          + 'Remove one of the two.',
      ),
    );
  });
});

describe('skipping', () => {
  test('creates no resource and adds the reason to the report', () => {
    const made = only({ securityHub: skip(Guardrail.SECURITY_HUB, 'the organization collects findings elsewhere') });
    expect(made.node.children).toEqual([]);
    expect(
      made.node.metadata.filter((entry) => entry.type === RELAXATION_METADATA).map((entry) => entry.data),
    ).toContainEqual({
      id: 'cdk-hipaa:security-hub-skipped',
      what: 'the stack does not enable AWS Security Hub',
      reason: 'the organization collects findings elsewhere',
    });
  });
});
