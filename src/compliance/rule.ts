import { TemplateResource } from './template';

/** A check of the resources in a template. */
export interface Rule {
  /** The stable ID. A finding is acknowledged as `cdk-hipaa::<id>`. */
  readonly id: string;
  /** The resource types to which the rule applies. Undefined: all types. */
  readonly types?: string[];
  /** The problem, as a sentence without a full stop. */
  readonly problem: string;
  /** The remedy, as a sentence. */
  readonly fix: string;
  /** The paragraph of the HIPAA Security Rule that requires the rule. */
  readonly source: string;
  /** Returns the property paths that violate the rule. An empty list means that the resource complies. */
  violations(resource: TemplateResource): string[];
}
