import { RELAXATION_METADATA } from '../../../src/core/relaxation';
import { GuardDutyPlan } from '../../../src/guardrails/guard-duty/guard-duty-guardrail';
import { Guardrail } from '../../../src/guardrails/guardrail';
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

const { RUNTIME_MONITORING, S3_DATA_EVENTS, EKS_AUDIT_LOGS } = GuardDutyPlan;

const withGuardDuty = (guardDuty?: Choice) => templateOfOnly({ guardDuty });
const features = (guardDuty?: Choice) => switchesOf(withGuardDuty(guardDuty), 'Custom::GuardDutyFeature', 'Feature');

describe('defaults', () => {
  const template = withGuardDuty();

  test('include the detector and the plans for resources of this library in regions that offer them', () => {
    expect(features()).toEqual([
      'DETECTOR create false',
      'S3_DATA_EVENTS create true',
      'RDS_LOGIN_EVENTS create true',
      'LAMBDA_NETWORK_LOGS create true',
      'EBS_MALWARE_PROTECTION create true',
    ]);
  });

  test('do not include runtime monitoring, which creates resources in a VPC', () => {
    expect(features().join()).not.toContain('RUNTIME_MONITORING');
  });

  test('allow the function only the actions that it needs in GuardDuty', () => {
    expect(actionsOf(template, /^(guardduty|iam):/)).toEqual([
      'guardduty:CreateDetector',
      'guardduty:DeleteDetector',
      'guardduty:GetAdministratorAccount',
      'guardduty:GetDetector',
      'guardduty:ListDetectors',
      'guardduty:TagResource',
      'guardduty:UpdateDetector',
      'iam:CreateServiceLinkedRole',
      'iam:GetRole',
    ]);
  });

  test('allow the function to change only detectors in its own account and region', () => {
    expect(statementsOf(template)).toContainEqual(
      expect.objectContaining({
        Action: [
          'guardduty:DeleteDetector',
          'guardduty:GetDetector',
          'guardduty:TagResource',
          'guardduty:UpdateDetector',
        ],
        Resource: {
          'Fn::Join': [
            '',
            [
              'arn:',
              { Ref: 'AWS::Partition' },
              ':guardduty:',
              { Ref: 'AWS::Region' },
              ':',
              { Ref: 'AWS::AccountId' },
              ':detector/*',
            ],
          ],
        },
      }),
    );
  });

  test('allow the function to create only the two service-linked roles of GuardDuty', () => {
    expect(statementsOf(template).filter(({ Action }) => Action === 'iam:CreateServiceLinkedRole')).toEqual([
      expect.objectContaining({
        Resource: [
          expect.objectContaining({
            'Fn::Join': [
              '',
              expect.arrayContaining([
                ':role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty',
              ]),
            ],
          }),
          expect.objectContaining({
            'Fn::Join': [
              '',
              expect.arrayContaining([
                ':role/aws-service-role/malware-protection.guardduty.amazonaws.com/' +
                  'AWSServiceRoleForAmazonGuardDutyMalwareProtection',
              ]),
            ],
          }),
        ],
        Condition: {
          StringEquals: {
            'iam:AWSServiceName': ['guardduty.amazonaws.com', 'malware-protection.guardduty.amazonaws.com'],
          },
        },
      }),
    ]);
  });
});

describe('protectionPlans', () => {
  test('requires each listed plan, in any order', () => {
    expect(
      features(create(Guardrail.GUARD_DUTY, { guardDuty: { protectionPlans: [RUNTIME_MONITORING, S3_DATA_EVENTS] } })),
    ).toEqual(['DETECTOR create false', 'S3_DATA_EVENTS create false', 'RUNTIME_MONITORING create false']);
  });

  test('requires only the detector if the list is empty', () => {
    expect(features(create(Guardrail.GUARD_DUTY, { guardDuty: { protectionPlans: [] } }))).toEqual([
      'DETECTOR create false',
    ]);
  });

  test('makes adopt require the detector and the listed plans', () => {
    expect(features(adopt(Guardrail.GUARD_DUTY))).toEqual([
      'DETECTOR adopt false',
      'S3_DATA_EVENTS adopt true',
      'RDS_LOGIN_EVENTS adopt true',
      'LAMBDA_NETWORK_LOGS adopt true',
      'EBS_MALWARE_PROTECTION adopt true',
    ]);
    expect(features(adopt(Guardrail.GUARD_DUTY, { guardDuty: { protectionPlans: [] } }))).toEqual([
      'DETECTOR adopt false',
    ]);
    expect(features(adopt(Guardrail.GUARD_DUTY, { guardDuty: { protectionPlans: [EKS_AUDIT_LOGS] } }))).toEqual([
      'DETECTOR adopt false',
      'EKS_AUDIT_LOGS adopt false',
    ]);
  });

  test('refuses an unknown plan', () => {
    expect(() =>
      withGuardDuty(create(Guardrail.GUARD_DUTY, { guardDuty: { protectionPlans: ['S3' as never] } })),
    ).toThrow(
      new Error(
        '[Stack/Guardrails] guardDuty.protectionPlans[0] must be a member of GuardDutyPlan (S3_DATA_EVENTS, '
          + 'RDS_LOGIN_EVENTS, LAMBDA_NETWORK_LOGS, EBS_MALWARE_PROTECTION, ' +
          "EKS_AUDIT_LOGS, RUNTIME_MONITORING), got 'S3'. Use a member of GuardDutyPlan.",
      ),
    );
  });

  test('refuses a duplicate plan', () => {
    expect(() =>
      withGuardDuty(
        create(Guardrail.GUARD_DUTY, {
          guardDuty: { protectionPlans: [S3_DATA_EVENTS, EKS_AUDIT_LOGS, S3_DATA_EVENTS] },
        }),
      ),
    ).toThrow(
      new Error(
        "[Stack/Guardrails] guardDuty.protectionPlans must be a list of different values, got 'S3_DATA_EVENTS' twice. "
          + 'Remove one of the two.',
      ),
    );
  });
});

describe('skipping', () => {
  test('creates no resource and adds the reason to the report', () => {
    const made = only({ guardDuty: skip(Guardrail.GUARD_DUTY, 'another product watches the account') });
    expect(made.node.children).toEqual([]);
    expect(
      made.node.metadata.filter((entry) => entry.type === RELAXATION_METADATA).map((entry) => entry.data),
    ).toContainEqual({
      id: 'cdk-hipaa:guard-duty-skipped',
      what: 'the stack does not enable Amazon GuardDuty',
      reason: 'another product watches the account',
    });
  });

  test('requires a reason', () => {
    expect(() => only({ guardDuty: skip(Guardrail.GUARD_DUTY, '') })).toThrow(
      new Error(
        "[Stack/Guardrails] reason must be a non-blank string, got ''. Say why it is acceptable that the stack does "
          + 'not enable Amazon GuardDuty.',
      ),
    );
  });
});
