import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AccessAnalyzerGuardrail } from '../../src/guardrails/access-analyzer/access-analyzer-guardrail';
import { ComplianceGuardrails, ComplianceGuardrailsProps } from '../../src/guardrails/compliance-guardrails';
import { ConfigGuardrail } from '../../src/guardrails/config/config-guardrail';
import { EbsEncryptionGuardrail } from '../../src/guardrails/settings/ebs-encryption-guardrail';
import { GuardDutyGuardrail } from '../../src/guardrails/guard-duty/guard-duty-guardrail';
import { InspectorGuardrail } from '../../src/guardrails/inspector/inspector-guardrail';
import { PasswordPolicyGuardrail } from '../../src/guardrails/settings/password-policy-guardrail';
import { PublicAccessGuardrail } from '../../src/guardrails/settings/public-access-guardrail';
import { SecurityHubGuardrail } from '../../src/guardrails/security-hub/security-hub-guardrail';
import { TrailGuardrail } from '../../src/guardrails/trail/trail-guardrail';
import { newStack, propertiesOf, templateOf } from '../support/app';

const reason = 'this test is about another guardrail';

/** No guardrail at all, to which a test adds the one that it is about. */
export function noGuardrails(): ComplianceGuardrailsProps {
  return {
    trail: TrailGuardrail.skip({ reason }),
    config: ConfigGuardrail.skip({ reason }),
    inspector: InspectorGuardrail.skip({ reason }),
    guardDuty: GuardDutyGuardrail.skip({ reason }),
    securityHub: SecurityHubGuardrail.skip({ reason }),
    accessAnalyzer: AccessAnalyzerGuardrail.skip({ reason }),
    s3PublicAccess: PublicAccessGuardrail.skip({ reason }),
    ebsEncryption: EbsEncryptionGuardrail.skip({ reason }),
    passwordPolicy: PasswordPolicyGuardrail.skip({ reason }),
  };
}

/** A stack with these guardrails and no others. */
export function only(props: ComplianceGuardrailsProps, stack: Stack = newStack()): ComplianceGuardrails {
  return new ComplianceGuardrails(stack, 'Guardrails', { ...noGuardrails(), ...props });
}

/** The template of a stack with these guardrails and no others. */
export function templateOfOnly(props: ComplianceGuardrailsProps, env?: { region: string }): Template {
  const stack = newStack({ env });
  only(props, stack);
  return templateOf(stack);
}

/** A statement of a policy. */
export interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** What the roles of a template may do. */
export function statementsOf(template: Template): Statement[] {
  return Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy')).flatMap((policy) => policy.PolicyDocument.Statement);
}

/** The actions of one or several services that the roles of a template may do, sorted. */
export function actionsOf(template: Template, services: RegExp): string[] {
  return statementsOf(template).flatMap(({ Action }) => Action).filter((action) => services.test(action)).sort();
}

/** The custom resources of a type as `property mode whereOffered`, in the order in which they are made. */
export function switchesOf(template: Template, type: string, property: string): string[] {
  const resources = Object.entries(template.findResources(type));
  const sorted: typeof resources = [];
  while (sorted.length < resources.length) {
    const next = resources.find(([id, { DependsOn = [] }]) => !sorted.some(([other]) => other === id)
      && DependsOn.every((other: string) => !resources.some(([each]) => each === other) || sorted.some(([each]) => each === other)))!;
    sorted.push(next);
  }
  return sorted.map(([, { Properties }]) => `${Properties[property]} ${Properties.Mode} ${Properties.WhereOffered}`);
}
