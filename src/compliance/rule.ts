import { TemplateResource } from './template';

/** The part of a resource that violates a rule. */
export interface Violation {
  /** The path of the property. */
  readonly location: string;
  /**
   * The name of the part: a container, a variable or a property. The finding has an ID of its own, `<rule>[<part>]`,
   * so that an acknowledgement applies to this part only.
   */
  readonly part: string;
}

/** A check of the resources in a template. */
export interface Rule {
  /** The stable ID. A finding is acknowledged as `cdk-hipaa::<id>`, or as `cdk-hipaa::<id>[<part>]`. */
  readonly id: string;
  /** The resource types to which the rule applies. Undefined: all types. */
  readonly types?: string[];
  /**
   * Whether the rule reads CloudFormation functions itself. Another rule gets each form that a resource can have at
   * deployment, without conditions, parameters and functions of text.
   */
  readonly readsFunctions?: boolean;
  /** The problem, as a sentence without a full stop. */
  readonly problem: string;
  /** The remedy, as a sentence. */
  readonly fix: string;
  /** The paragraph of the HIPAA Security Rule that requires the rule. */
  readonly source: string;
  /**
   * Returns the paths that violate the rule. An empty list means that the resource complies. A path is relative to the
   * properties, except for the attributes `DeletionPolicy` and `UpdateReplacePolicy`.
   */
  violations(resource: TemplateResource): Array<string | Violation>;
}
