import { Template } from 'aws-cdk-lib/assertions';

/** The templates of KareMatch, as app.ts makes them. */
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
export const development = (system: System): Deployed => ({ main: system.development, images: system.developmentImages });

/** Holds in production. Development may differ, as the document says or environments.ts decides. */
export const inProduction = (...proofs: Proof[]) => (system: System) => shown(production(system), proofs);
/** Holds in development. Production differs. */
export const inDevelopment = (...proofs: Proof[]) => (system: System) => shown(development(system), proofs);
/** Holds in production and in development. */
export const everywhere = (...proofs: Proof[]) => (system: System) => {
  inProduction(...proofs)(system);
  inDevelopment(...proofs)(system);
};
/** One thing holds in production, another one in its place in development. */
export const either = (ofProduction: Proof, ofDevelopment: Proof) => (system: System) => {
  inProduction(ofProduction)(system);
  inDevelopment(ofDevelopment)(system);
};

function shown({ main, images }: Deployed, proofs: Proof[]): void {
  for (const proof of proofs) proof(main, images);
}
