import { Token } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { MAX_PATTERN_LENGTH } from '../blocks/event-sizes';
import { estimatedLength } from '../blocks/text-size';
import { refuse, Situation } from '../core/refusal';

/** Refuses a pattern without a field, or with an empty list or object, as EventBridge does. */
export function requirePattern(pattern: events.EventPattern): void {
  const empty = emptyPartOf('eventPattern', pattern);
  if (empty === undefined) return;
  const isWhole = empty === 'eventPattern';
  refuse('Notification.event', {
    prop: empty,
    given: new Situation('an empty one'),
    allowed: isWhole ? 'a pattern with at least one field' : 'a list or an object with at least one entry',
    change: isWhole ? 'name the source and the type of the events' : `add an entry, or leave ${empty} out`,
  });
}

/** Refuses a pattern above the quota of EventBridge. */
export function requirePatternSize(scope: Construct, id: string, pattern: events.EventPattern): void {
  const length = estimatedLength(scope, pattern);
  if (length <= MAX_PATTERN_LENGTH) return;
  refuse(scope, {
    prop: `eventPattern of notification '${id}'`,
    given: new Situation(`about ${length} characters`),
    allowed: `at most ${MAX_PATTERN_LENGTH} characters, the quota "Event pattern size" of EventBridge`,
    change: 'create several notifications with shorter patterns',
  });
}

/** The path of the first empty list or object. Tokens, such as `events.Match`, are not empty. */
function emptyPartOf(path: string, value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Token.isUnresolved(value)) return undefined;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  if (entries.length === 0) return path;
  const pathOf = (key: string) => Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
  return entries.map(([key, each]) => emptyPartOf(pathOf(key), each)).find((empty) => empty !== undefined);
}
