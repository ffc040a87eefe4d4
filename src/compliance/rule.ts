import { TemplateResource } from './template';

/** One check of a template's resource. */
export interface Rule {
  /** The stable id, acknowledged as `cdk-hipaa::<id>`. */
  readonly id: string;
  /** The resource types it judges. */
  readonly types: string[];
  /** What is wrong, as a sentence. */
  readonly problem: string;
  /** What to do, as a sentence. */
  readonly fix: string;
  /** The paragraph of the HIPAA Security Rule that it serves. */
  readonly source: string;
  /** The property paths at which the resource breaks the rule. None: it keeps it. */
  violations(resource: TemplateResource): string[];
}
