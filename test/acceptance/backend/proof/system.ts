import { Template } from 'aws-cdk-lib/assertions';

/** The templates of the backend: both variants, the repository, and the environment dev. */
export interface System {
  readonly aurora: Template;
  readonly instance: Template;
  readonly images: Template;
  readonly dev: Template;
}

export type Proof = (template: Template) => void;
