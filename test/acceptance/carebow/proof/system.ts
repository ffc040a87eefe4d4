import { Template } from 'aws-cdk-lib/assertions';

/** The templates of CareBow. */
export interface System {
  readonly main: Template;
  readonly images: Template;
  readonly guardrails: Template;
  readonly delivery: Template;
}

export type Proof = (template: Template) => void;

const allOf = (of: keyof System, proofs: Proof[]) => (system: System) => {
  for (const proof of proofs) proof(system[of]);
};

/** The proofs hold in the stack of the workload. */
export const shown = (...proofs: Proof[]) => allOf('main', proofs);
export const inImages = (...proofs: Proof[]) => allOf('images', proofs);
export const inGuardrails = (...proofs: Proof[]) => allOf('guardrails', proofs);
export const inDelivery = (...proofs: Proof[]) => allOf('delivery', proofs);
