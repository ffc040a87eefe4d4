import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse, requireText } from './refusal';

/** The metadata under which a relaxation is kept for the report. */
export const RELAXATION_METADATA = 'cdk-hipaa:relaxation';

/** The reason for a relaxation. */
export interface RelaxationOptions {
  /**
   * Why the safeguard is not needed here. The warning and the compliance report quote it. A blank string is refused.
   */
  readonly reason: string;
}

/** A safeguard that the app has given up, with the reason it said aloud. */
export interface Relaxation {
  /** The stable id, `cdk-hipaa:<id>`, under which the warning can be acknowledged. */
  readonly id: string;
  /** What is given up, as a sentence without a full stop. */
  readonly what: string;
  /** The user's reason. */
  readonly reason: string;
}

/** Records that a safeguard is given up: a warning under a stable id, and a line in the compliance report. */
export function relax(scope: IConstruct, relaxation: Relaxation): void {
  const change = `say why it is acceptable that ${relaxation.what}`;
  // Without types, a reason may be absent or something else; tokens are texts.
  if (typeof relaxation.reason !== 'string') {
    refuse(scope, { prop: 'reason', given: relaxation.reason, allowed: 'a non-blank string', change });
  }
  requireText(scope, 'reason', relaxation.reason, change);
  const id = `cdk-hipaa:${relaxation.id}`;
  scope.node.addMetadata(RELAXATION_METADATA, { ...relaxation, id });
  Annotations.of(scope).addWarningV2(id, `${relaxation.what} (reason given: ${relaxation.reason})`);
}
