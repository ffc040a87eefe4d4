import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ComplianceGuardrails, ComplianceGuardrailsProps } from '../../src/guardrails/compliance-guardrails';
import { Guardrail, SkippedGuardrails } from '../../src/guardrails/guardrail';
import { newStack, propertiesOf, templateOf as wholeTemplateOf } from '../support/app';

/** The guardrails, by their names in tests. */
const NAMES = {
  trail: Guardrail.TRAIL,
  config: Guardrail.CONFIG,
  inspector: Guardrail.INSPECTOR,
  guardDuty: Guardrail.GUARD_DUTY,
  securityHub: Guardrail.SECURITY_HUB,
  accessAnalyzer: Guardrail.ACCESS_ANALYZER,
  s3PublicAccess: Guardrail.S3_PUBLIC_ACCESS,
  ebsEncryption: Guardrail.EBS_ENCRYPTION,
  passwordPolicy: Guardrail.PASSWORD_POLICY,
};

/** The props of one guardrail. */
export interface Choice {
  readonly props?: ComplianceGuardrailsProps;
  readonly adopt?: Guardrail[];
  readonly skip?: SkippedGuardrails[];
}

/** The guardrails of a test. One that is `undefined` has its defaults, and one without a key is skipped. */
export type Choices = { readonly [name in keyof typeof NAMES]?: Choice } & Pick<
  ComplianceGuardrailsProps,
  'encryptionKey' | 'monthlyCostLimit'
>;

export const create = (_guardrail: Guardrail, props?: ComplianceGuardrailsProps): Choice => ({ props });
export const adopt = (guardrail: Guardrail, props?: ComplianceGuardrailsProps): Choice => ({
  props,
  adopt: [guardrail],
});
export const skip = (guardrail: Guardrail, reason: string): Choice => ({ skip: [{ guardrails: [guardrail], reason }] });

/** The props of these guardrails and no others. */
export function propsOf(choices: Choices): ComplianceGuardrailsProps {
  const { encryptionKey, monthlyCostLimit, ...guardrails } = choices;
  const others = Object.entries(NAMES).filter(([name]) => !(name in guardrails)).map(([, guardrail]) => guardrail);
  const chosen = Object.values(guardrails).filter((choice) => choice !== undefined);
  const skipped = others.length > 0 ? [{ guardrails: others, reason: 'this test is about another guardrail' }] : [];
  return {
    ...Object.assign({}, ...chosen.map(({ props }) => props)),
    encryptionKey,
    monthlyCostLimit,
    adopt: chosen.flatMap((choice) => choice.adopt ?? []),
    skip: [...chosen.flatMap((choice) => choice.skip ?? []), ...skipped],
  };
}

/** A stack with these guardrails and no others. */
export function only(choices: Choices, stack: Stack = newStack()): ComplianceGuardrails {
  return new ComplianceGuardrails(stack, 'Guardrails', propsOf(choices));
}

/**
 * The template of a stack without the daily check and its alarms, which every guardrail has. `drift/` tests the check.
 */
export function templateOf(stack: Stack): Template {
  const { Resources, ...rest } = wholeTemplateOf(stack).toJSON();
  const others = Object.entries(Resources ?? {}).filter(([id]) => !id.includes('Drift'));
  return Template.fromJSON({ ...rest, ...others.length > 0 && { Resources: Object.fromEntries(others) } });
}

/** The IDs of the alarms of the guardrails without those of the daily check. */
export function alarmIds(guardrails: ComplianceGuardrails): string[] {
  return guardrails.monitoringPlan().alarms.map(({ id }) => id).filter((id) => !id.includes('Drift'));
}

/** The template of a stack with these guardrails and no others. */
export function templateOfOnly(choices: Choices, env?: { region: string }): Template {
  const stack = newStack({ env });
  only(choices, stack);
  return templateOf(stack);
}

/** A statement of a policy. */
export interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** The policy statements of all roles in a template. */
export function statementsOf(template: Template): Statement[] {
  return Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy')).flatMap(
    (policy) => policy.PolicyDocument.Statement,
  );
}

/** The actions that the roles of a template allow in one or several services, sorted. */
export function actionsOf(template: Template, services: RegExp): string[] {
  return statementsOf(template).flatMap(({ Action }) => Action).filter((action) => services.test(action)).sort();
}

/** The custom resources of a type as `property mode whereOffered`, in the order of their creation. */
export function switchesOf(template: Template, type: string, property: string): string[] {
  const resources = Object.entries(template.findResources(type));
  const sorted: typeof resources = [];
  while (sorted.length < resources.length) {
    const next = resources.find(
      ([id, { DependsOn = [] }]) =>
        !sorted.some(([other]) => other === id) &&
        DependsOn.every(
          (other: string) => !resources.some(([each]) => each === other) || sorted.some(([each]) => each === other),
        ),
    )!;
    sorted.push(next);
  }
  return sorted.map(([, { Properties }]) => `${Properties[property]} ${Properties.Mode} ${Properties.WhereOffered}`);
}
