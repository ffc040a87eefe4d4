import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse, requireText } from './refusal';

/** The metadata that records a relaxation for the compliance report. */
export const RELAXATION_METADATA = 'cdk-hipaa:relaxation';

/** The reason for a relaxation. */
export interface RelaxationOptions {
  /**
   * The reason why the safeguard is not needed. The warning and the compliance report quote it. A blank string is
   * refused.
   */
  readonly reason: string;
}

/** A safeguard that the app relaxes, with the reason. */
export interface Relaxation {
  /** The stable ID. The warning is acknowledged as `cdk-hipaa:<id>`. */
  readonly id: string;
  /** The effect of the relaxation, as a sentence without a full stop. */
  readonly what: string;
  /** The user's reason. */
  readonly reason: string;
}

/** Records a relaxation: adds a warning with a stable ID, and an entry in the compliance report. */
export function relax(scope: IConstruct, relaxation: Relaxation): void {
  const change = `say why it is acceptable that ${relaxation.what}`;
  // An app without a compiler can pass any value. A token is a string.
  if (typeof relaxation.reason !== 'string') {
    refuse(scope, { prop: 'reason', given: relaxation.reason, allowed: 'a non-blank string', change });
  }
  requireText(scope, 'reason', relaxation.reason, change);
  const id = `cdk-hipaa:${relaxation.id}`;
  scope.node.addMetadata(RELAXATION_METADATA, { ...relaxation, id });
  Annotations.of(scope).addWarningV2(id, `${relaxation.what} (reason given: ${relaxation.reason})`);
}
