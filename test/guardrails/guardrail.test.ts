import { Duration } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { RELAXATION_METADATA } from '../../src/core/relaxation';
import { ComplianceGuardrails, ComplianceGuardrailsProps } from '../../src/guardrails/compliance-guardrails';
import { ConfigRecording } from '../../src/guardrails/config/config-recording';
import { Guardrail } from '../../src/guardrails/guardrail';
import { newStack, templateOf } from '../support/app';

const { CONFIG, CONFORMANCE_PACK, EBS_ENCRYPTION, GUARD_DUTY, INSPECTOR, PASSWORD_POLICY, SECURITY_HUB, TRAIL } =
  Guardrail;
const ALL = Object.values(Guardrail);
const reason = 'the stack of the account creates them';

test('one statement with one reason skips every guardrail, and each guardrail has its own warning', () => {
  const stack = newStack();
  const guardrails = new ComplianceGuardrails(stack, 'Guardrails', { skip: [{ guardrails: ALL, reason }] });
  expect(templateOf(stack).toJSON().Resources).toBeUndefined();
  const relaxations = guardrails.node.metadata
    .filter(({ type }) => type === RELAXATION_METADATA)
    .map(({ data }) => data);
  expect(relaxations.map((each) => each.id)).toEqual(
    [
      'trail',
      'config',
      'conformance-pack',
      'inspector',
      'guard-duty',
      'security-hub',
      'access-analyzer',
      's3-public-access',
      'ebs-encryption',
      'password-policy',
    ].map((name) => `cdk-hipaa:${name}-skipped`),
  );
  expect(new Set(relaxations.map((each) => each.reason))).toEqual(new Set([reason]));
  for (const { what } of relaxations) {
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Guardrails',
      Match.stringLikeRegexp(`${what} \\(reason given: ${reason}\\)`),
    );
  }
});

test('guardrails can be skipped for different reasons', () => {
  const guardrails = new ComplianceGuardrails(newStack(), 'Guardrails', {
    skip: [{ guardrails: [TRAIL], reason: 'one' }, { guardrails: [GUARD_DUTY], reason: 'other' }],
  });
  const relaxations = guardrails.node.metadata
    .filter(({ type }) => type === RELAXATION_METADATA)
    .map(({ data }) => data);
  expect(relaxations.map((each) => `${each.id} ${each.reason}`)).toEqual([
    'cdk-hipaa:trail-skipped one', 'cdk-hipaa:guard-duty-skipped other',
  ]);
});

/** The members that an error message lists. */
const SHOWN = 'TRAIL, CONFIG, CONFORMANCE_PACK, INSPECTOR, GUARD_DUTY, SECURITY_HUB, …';

test.each<[string, ComplianceGuardrailsProps, string]>([
  [
    'an empty list of guardrails to skip',
    { skip: [{ guardrails: [], reason }] },
    'skip[0].guardrails must be at least one guardrail, got []. Name one, or remove skip[0].',
  ],
  [
    'an unknown guardrail to adopt',
    { adopt: ['TRIAL' as never] },
    `adopt[0] must be a member of Guardrail (${SHOWN}), got 'TRIAL'. Use a member of Guardrail.`,
  ],
  [
    'an unknown guardrail to skip',
    { skip: [{ guardrails: ['MACIE' as never], reason }] },
    `skip[0].guardrails[0] must be a member of Guardrail (${SHOWN}), got 'MACIE'. Use a member of Guardrail.`,
  ],
  [
    'a guardrail that is adopted twice',
    { adopt: [TRAIL, CONFIG, TRAIL] },
    "adopt must be a list of different values, got 'TRAIL' twice. Remove one of the two.",
  ],
  [
    'a guardrail that is adopted and skipped',
    { adopt: [TRAIL], skip: [{ guardrails: [TRAIL], reason }] },
    'skip[0].guardrails must be a list of guardrails that no other entry of adopt or skip contains, got TRAIL '
      + 'twice. Remove one of the two entries of TRAIL.',
  ],
  [
    'a guardrail that is skipped for two reasons',
    {
      skip: [
        { guardrails: [TRAIL], reason },
        { guardrails: [TRAIL], reason },
      ],
    },
    'skip[1].guardrails must be a list of guardrails that no other entry of adopt or skip contains, got TRAIL '
      + 'twice. Remove one of the two entries of TRAIL.',
  ],
  [
    'a conformance pack that is adopted',
    { adopt: [CONFORMANCE_PACK] },
    'adopt must be guardrails other than CONFORMANCE_PACK, because a conformance pack belongs to one stack, got ' +
      'CONFORMANCE_PACK. Remove it, or skip CONFORMANCE_PACK with a reason.',
  ],
  [
    'a blank reason',
    { skip: [{ guardrails: [TRAIL], reason: ' ' }] },
    "reason must be a non-blank string, got ' '. Say why it is acceptable that the stack creates no CloudTrail trail.",
  ],
])('refuses %s', (_, props, text) => {
  expect(() => new ComplianceGuardrails(newStack(), 'Guardrails', props)).toThrow(
    new Error(`[Stack/Guardrails] ${text}`),
  );
});

describe('ComplianceGuardrails refuses an unused prop', () => {
  test.each<[Guardrail, ComplianceGuardrailsProps, string]>([
    [TRAIL, { trail: {} }, 'trail'],
    [CONFIG, { config: {} }, 'config'],
    [CONFORMANCE_PACK, { config: { excludedRules: {} } }, 'config.excludedRules'],
    [CONFORMANCE_PACK, { config: { ruleParameters: {} } }, 'config.ruleParameters'],
    [INSPECTOR, { inspector: {} }, 'inspector'],
    [GUARD_DUTY, { guardDuty: {} }, 'guardDuty'],
    [SECURITY_HUB, { securityHub: {} }, 'securityHub'],
    [PASSWORD_POLICY, { passwordPolicy: {} }, 'passwordPolicy'],
  ])('of %s if it is skipped: %j', (guardrail, props, prop) => {
    expect(
      () =>
        new ComplianceGuardrails(newStack(), 'Guardrails', { ...props, skip: [{ guardrails: [guardrail], reason }] }),
    ).toThrow(
      new Error(
        `[Stack/Guardrails] ${prop} must not be set when the stack skips ${guardrail}. Remove it, or remove `
          + `${guardrail} from skip.`,
      ),
    );
  });

  test('ebsEncryptionKey if EBS_ENCRYPTION is skipped', () => {
    const stack = newStack();
    const ebsEncryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:111122223333:key/1');
    const skip = [{ guardrails: [EBS_ENCRYPTION], reason }];
    expect(() => new ComplianceGuardrails(stack, 'Guardrails', { ebsEncryptionKey, skip })).toThrow(
      new Error(
        '[Stack/Guardrails] ebsEncryptionKey must not be set when the stack skips EBS_ENCRYPTION. Remove it, or '
          + 'remove EBS_ENCRYPTION from skip.',
      ),
    );
  });

  test.each<[Guardrail, ComplianceGuardrailsProps, string]>([
    [TRAIL, { trail: { phiBuckets: [] } }, 'trail.phiBuckets'],
    [TRAIL, { trail: { retention: Duration.days(1) } }, 'trail.retention'],
    [CONFIG, { config: { recording: ConfigRecording.daily() } }, 'config.recording'],
    [CONFIG, { config: { retention: Duration.days(1) } }, 'config.retention'],
  ])('of %s if it is adopted: %#', (guardrail, props, prop) => {
    expect(() => new ComplianceGuardrails(newStack(), 'Guardrails', { ...props, adopt: [guardrail] })).toThrow(
      new Error(
        `[Stack/Guardrails] ${prop} must not be set when the stack adopts ${guardrail}. Remove it, or remove `
          + `${guardrail} from adopt.`,
      ),
    );
  });

  test('logGroup of an adopted trail if it creates a trail', () => {
    const stack = newStack();
    const logGroup = logs.LogGroup.fromLogGroupName(stack, 'Log', 'organization-trail');
    expect(() => new ComplianceGuardrails(stack, 'Guardrails', { trail: { logGroup } })).toThrow(
      new Error(
        '[Stack/Guardrails] trail.logGroup must not be set when the stack creates TRAIL. Remove it, or add TRAIL to '
          + 'adopt.',
      ),
    );
  });
});
