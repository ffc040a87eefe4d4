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

  test('the detector, then the plans that these architectures have something for, where the region offers them', () => {
    expect(features()).toEqual([
      'DETECTOR create false',
      'S3_DATA_EVENTS create true',
      'RDS_LOGIN_EVENTS create true',
      'LAMBDA_NETWORK_LOGS create true',
      'EBS_MALWARE_PROTECTION create true',
    ]);
  });

  test('what GuardDuty would leave in a VPC is not among them', () => {
    expect(features().join()).not.toContain('RUNTIME_MONITORING');
  });

  test('the function may do what it needs of GuardDuty, and nothing else', () => {
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

  test('it may change detectors of its own account and region alone', () => {
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

  test('it may create the two roles that GuardDuty makes for itself, and no other', () => {
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
  test('can be named: then each of them has to be offered, and their order does not matter', () => {
    expect(
      features(create(Guardrail.GUARD_DUTY, { guardDuty: { protectionPlans: [RUNTIME_MONITORING, S3_DATA_EVENTS] } })),
    ).toEqual(['DETECTOR create false', 'S3_DATA_EVENTS create false', 'RUNTIME_MONITORING create false']);
  });

  test('none at all asks for the detector alone', () => {
    expect(features(create(Guardrail.GUARD_DUTY, { guardDuty: { protectionPlans: [] } }))).toEqual([
      'DETECTOR create false',
    ]);
  });

  test('adopting asks for the detector, and for the plans that are named', () => {
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

  test('what is no plan is refused', () => {
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

  test('a plan twice is refused', () => {
    expect(() =>
      withGuardDuty(
        create(Guardrail.GUARD_DUTY, {
          guardDuty: { protectionPlans: [S3_DATA_EVENTS, EKS_AUDIT_LOGS, S3_DATA_EVENTS] },
        }),
      ),
    ).toThrow(
      new Error(
        '[Stack/Guardrails] guardDuty.protectionPlans must be a list of distinct members, got S3_DATA_EVENTS, '
          + 'EKS_AUDIT_LOGS, S3_DATA_EVENTS. Remove the second S3_DATA_EVENTS.',
      ),
    );
  });
});

describe('skip', () => {
  test('makes nothing, and is in the report', () => {
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

  test('wants a reason', () => {
    expect(() => only({ guardDuty: skip(Guardrail.GUARD_DUTY, '') })).toThrow(
      new Error(
        "[Stack/Guardrails] reason must be a non-blank string, got ''. Say why it is acceptable that the stack does "
          + 'not enable Amazon GuardDuty.',
      ),
    );
  });
});
