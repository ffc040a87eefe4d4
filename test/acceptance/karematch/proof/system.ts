import { Template } from 'aws-cdk-lib/assertions';

/** The templates of KareMatch. */
export interface System {
  readonly production: Template;
  readonly productionImages: Template;
  readonly development: Template;
  readonly developmentImages: Template;
}

/** The two stacks of one environment. */
export interface Deployed {
  readonly main: Template;
  readonly images: Template;
}

export type Proof = (main: Template, images: Template) => void;

export const production = (system: System): Deployed => ({ main: system.production, images: system.productionImages });
export const development = (system: System): Deployed => ({
  main: system.development,
  images: system.developmentImages,
});

/** The proof holds in production. Development may differ, as the document or environments.ts states. */
export const inProduction = (...proofs: Proof[]) => (system: System) => shown(production(system), proofs);
/** The proof holds in development. Production differs. */
export const inDevelopment = (...proofs: Proof[]) => (system: System) => shown(development(system), proofs);
/** The proof holds in production and in development. */
export const everywhere = (...proofs: Proof[]) => (system: System) => {
  inProduction(...proofs)(system);
  inDevelopment(...proofs)(system);
};
/** One proof holds in production, and another in development. */
export const either = (ofProduction: Proof, ofDevelopment: Proof) => (system: System) => {
  inProduction(ofProduction)(system);
  inDevelopment(ofDevelopment)(system);
};

function shown({ main, images }: Deployed, proofs: Proof[]): void {
  for (const proof of proofs) proof(main, images);
}
