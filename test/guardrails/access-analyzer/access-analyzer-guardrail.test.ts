import { RELAXATION_METADATA } from '../../../src/core/relaxation';
import { Guardrail } from '../../../src/guardrails/guardrail';
import { actionsOf, adopt, Choice, only, skip, statementsOf, switchesOf, templateOfOnly } from '../some-guardrails';

const analyzers = (accessAnalyzer?: Choice) =>
  switchesOf(templateOfOnly({ accessAnalyzer }), 'Custom::AccessAnalyzer', 'AnalyzerName');

test('the default is an external access analyzer', () => {
  expect(analyzers()).toEqual(['cdk-hipaa-external-access create false']);
});

test('the function can create and delete only the analyzer with this name', () => {
  const template = templateOfOnly({ accessAnalyzer: undefined });
  expect(actionsOf(template, /^(access-analyzer|iam):/)).toEqual([
    'access-analyzer:CreateAnalyzer',
    'access-analyzer:DeleteAnalyzer',
    'access-analyzer:ListAnalyzers',
    'access-analyzer:TagResource',
    'iam:CreateServiceLinkedRole',
  ]);
  expect(statementsOf(template)).toContainEqual(
    expect.objectContaining({
      Action: ['access-analyzer:CreateAnalyzer', 'access-analyzer:DeleteAnalyzer', 'access-analyzer:TagResource'],
      Resource: {
        'Fn::Join': [
          '',
          [
            'arn:',
            { Ref: 'AWS::Partition' },
            ':access-analyzer:',
            { Ref: 'AWS::Region' },
            ':',
            { Ref: 'AWS::AccountId' },
            ':analyzer/cdk-hipaa-external-access',
          ],
        ],
      },
    }),
  );
});

test('adopting requires an analyzer with any name', () => {
  expect(analyzers(adopt(Guardrail.ACCESS_ANALYZER))).toEqual(['cdk-hipaa-external-access adopt false']);
});

test('skipping creates no resource and adds the reason to the report', () => {
  const made = only({ accessAnalyzer: skip(Guardrail.ACCESS_ANALYZER, 'the organization has an analyzer') });
  expect(made.node.children).toEqual([]);
  expect(
    made.node.metadata.filter((entry) => entry.type === RELAXATION_METADATA).map((entry) => entry.data),
  ).toContainEqual({
    id: 'cdk-hipaa:access-analyzer-skipped',
    what: 'the stack does not enable IAM Access Analyzer',
    reason: 'the organization has an analyzer',
  });
});
