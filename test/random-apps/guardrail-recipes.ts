import { Duration } from 'aws-cdk-lib';
import * as config from 'aws-cdk-lib/aws-config';
import { aBucket, aKey, aLogGroup } from './existing';
import { COMPOSED, Maker, Making } from './generator';
import { choice, integer, nested, REASON, several } from './makers';
import * as library from '../../src';

const { Guardrail, GuardDutyPlan, InspectorResource, SecurityHubStandard } = library;
const { days } = Duration;

const notIn = (...partitions: string[]) => ({ place }: Making) =>
  !partitions.some((prefix) => place.region?.startsWith(prefix));
export const inAws = notIn('us-gov-', 'cn-');

/** A value of a guardrail that the stack creates or adopts. */
const unlessSkipped = (guardrail: library.Guardrail, make: Maker): Maker => (making) =>
  skipped(making, guardrail) ? undefined : make(making);
const someTypes = several(1, 2, config.ResourceType.EC2_INSTANCE, config.ResourceType.S3_BUCKET);

/** The props of the guardrails. Props that the mode of a guardrail refuses are left out. */
export const GUARDRAIL_STRUCTS: Record<string, Record<string, Maker>> = {
  ComplianceGuardrailsProps: {
    adopt: several(1, 4, ...Object.values(Guardrail).filter((each) => each !== Guardrail.CONFORMANCE_PACK)),
    skip: (making) => making.random
      .some(Object.values(Guardrail).filter((each) => !adopted(making, each)), 1, 3)
      .map((guardrail) =>
        making.generator.props('SkippedGuardrails', making.place, { guardrails: [guardrail] })),
    trail: unlessSkipped(Guardrail.TRAIL, (making) => nested('TrailOptions', adopted(making, Guardrail.TRAIL)
      ? { phiBuckets: undefined, retention: undefined } : { logGroup: undefined })(making)),
    config: unlessSkipped(Guardrail.CONFIG, (making) => nested('ConfigOptions', {
      ...adopted(making, Guardrail.CONFIG)
        ? { recording: undefined, retention: undefined } : { adoptedRecording: undefined },
      ...skipped(making, Guardrail.CONFORMANCE_PACK) ? { ruleParameters: undefined, excludedRules: undefined } : {},
    })(making)),
    inspector: unlessSkipped(Guardrail.INSPECTOR, nested('InspectorOptions')),
    guardDuty: unlessSkipped(Guardrail.GUARD_DUTY, nested('GuardDutyOptions')),
    securityHub: unlessSkipped(Guardrail.SECURITY_HUB, nested('SecurityHubOptions')),
    ebsEncryptionKey: unlessSkipped(Guardrail.EBS_ENCRYPTION, aKey),
    passwordPolicy: unlessSkipped(Guardrail.PASSWORD_POLICY, nested('PasswordPolicyOptions')),
    monthlyCostLimit: (making) => inAws(making) ? making.random.int(1, 5_000) : undefined,
    encryptionKey: aKey,
  },
  SkippedGuardrails: { guardrails: COMPOSED, reason: REASON },
  TrailOptions: {
    phiBuckets: (making) => [aBucket(making)],
    retention: ({ random }) => days(random.int(1, 3_000)),
    logGroup: aLogGroup,
  },
  ConfigOptions: {
    recording: choice('ConfigRecording'),
    adoptedRecording: choice('AdoptedRecording'),
    retention: ({ random }) => days(random.int(1, 3_000)),
    ruleParameters: ({ generator }) => generator.map<Record<string, string>>([
      ['access-keys-rotated', { maxAccessKeyAge: '60' }],
      ['iam-user-unused-credentials-check', { maxCredentialUsageAge: '60' }],
    ]),
    excludedRules: ({ generator }) => generator.map([
      ['root-account-hardware-mfa-enabled', 'not ours'], ['lambda-function-public-access-prohibited', 'none'],
    ]),
  },
  ConfigRecordingOptions: { excluded: nested('ExcludedTypes') },
  RequiredTypes: { types: someTypes, reason: REASON },
  ExcludedTypes: { types: someTypes, reason: REASON },
  InspectorOptions: {
    resources: several(1, 3, InspectorResource.EC2, InspectorResource.ECR, InspectorResource.LAMBDA),
  },
  GuardDutyOptions: { protectionPlans: several(0, 4, ...Object.values(GuardDutyPlan)) },
  SecurityHubOptions: { standards: several(1, 3, ...Object.values(SecurityHubStandard)) },
  PasswordPolicyOptions: { minimumLength: integer(14, 64), maxAge: ({ random }) => days(random.int(1, 90)) },
};

/** The props in an account of an organization that has a trail and a recorder. */
export function inOrganization({ generator, random, place }: Making): library.ComplianceGuardrailsProps {
  const others = [Guardrail.GUARD_DUTY, Guardrail.SECURITY_HUB, Guardrail.INSPECTOR, Guardrail.PASSWORD_POLICY];
  const adopt = [Guardrail.TRAIL, Guardrail.CONFIG, ...random.some(others, 0, 2)];
  const soFar: Record<string, unknown> = { adopt, skip: undefined };
  for (const prop of random.chance(0.5) ? ['skip', 'trail', 'config'] : ['trail', 'config']) {
    soFar[prop] = GUARDRAIL_STRUCTS.ComplianceGuardrailsProps[prop]({ generator, random, place, soFar });
  }
  return soFar;
}

function adopted({ soFar }: Making, guardrail: library.Guardrail): boolean {
  return (soFar as library.ComplianceGuardrailsProps).adopt?.includes(guardrail) ?? false;
}

function skipped({ soFar }: Making, guardrail: library.Guardrail): boolean {
  return ((soFar as library.ComplianceGuardrailsProps).skip ?? [])
    .some(({ guardrails }) => guardrails.includes(guardrail));
}
