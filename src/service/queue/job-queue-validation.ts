import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { JobQueueProps } from './job-queue-props';
import { refuse, requireInteger } from '../../core/refusal';
import { requireSeconds } from '../duration-bounds';

const DEFAULT_VISIBILITY_MINUTES = 2;
const DEFAULT_RETENTION_DAYS = 4;
/** Enough for stopped tasks and a short outage. Few enough to find a bad job soon. */
const DEFAULT_MAX_RECEIVE_COUNT = 5;
/** Longer than the time to start a worker from zero tasks. A person can act on the same day. */
const DEFAULT_MAX_AGE_MINUTES = 30;
/** The default of SQS. Source: the page on key management below. */
const DEFAULT_DATA_KEY_REUSE_MINUTES = 5;

/** The retention of dead letters, in days: the maximum of SQS. */
export const DEAD_LETTER_RETENTION_DAYS = 14;

/**
 * The quotas of SQS, in seconds. The shortest retention of SQS is a minute, in which nobody can act.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
const MAX_VISIBILITY_SECONDS = 43_200;
const MIN_RETENTION_SECONDS = 3_600;
const MAX_RETENTION_SECONDS = Duration.days(DEAD_LETTER_RETENTION_DAYS - 1).toSeconds();
const MIN_AGE_SECONDS = 60;
/**
 * The range of the data key reuse period.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
const MIN_DATA_KEY_REUSE_SECONDS = 60;
const MAX_DATA_KEY_REUSE_SECONDS = 86_400;
/**
 * The maximum of `maxReceiveCount`.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 */
const MOST_RECEIVES = 1_000;

/** The settings of a queue, with the defaults. */
export interface JobQueueSettings {
  readonly visibilityTimeout: Duration;
  readonly retention: Duration;
  readonly maxReceiveCount: number;
  readonly maxAge: Duration;
  readonly dataKeyReuse: Duration;
}

/** Returns the settings of a queue. Refuses those that SQS refuses, and those that lose a failing job. */
export function settingsOf(scope: Construct, props: JobQueueProps): JobQueueSettings {
  const settings = {
    visibilityTimeout: props.visibilityTimeout ?? Duration.minutes(DEFAULT_VISIBILITY_MINUTES),
    retention: props.retention ?? Duration.days(DEFAULT_RETENTION_DAYS),
    maxReceiveCount: props.maxReceiveCount ?? DEFAULT_MAX_RECEIVE_COUNT,
    maxAge: props.maxAge ?? Duration.minutes(DEFAULT_MAX_AGE_MINUTES),
    dataKeyReuse: props.dataKeyReuse ?? Duration.minutes(DEFAULT_DATA_KEY_REUSE_MINUTES),
  };
  const { visibilityTimeout, retention, maxReceiveCount, maxAge, dataKeyReuse } = settings;
  requireSeconds(scope, 'visibilityTimeout', visibilityTimeout, 1, MAX_VISIBILITY_SECONDS);
  requireSeconds(scope, 'retention', retention, MIN_RETENTION_SECONDS, MAX_RETENTION_SECONDS);
  requireInteger(scope, 'maxReceiveCount', maxReceiveCount, 1, MOST_RECEIVES);
  requireSeconds(scope, 'maxAge', maxAge, MIN_AGE_SECONDS, MAX_RETENTION_SECONDS);
  requireSeconds(scope, 'dataKeyReuse', dataKeyReuse, MIN_DATA_KEY_REUSE_SECONDS, MAX_DATA_KEY_REUSE_SECONDS);
  requireBeforeExpiry(scope, settings);
  return settings;
}

/** Refuses settings with which SQS deletes a job before it is a dead letter, or before the alarm. */
function requireBeforeExpiry(scope: Construct, settings: JobQueueSettings): void {
  const { visibilityTimeout, retention, maxReceiveCount, maxAge } = settings;
  if (retention.isUnresolved()) return;
  const attempts = visibilityTimeout.isUnresolved() ? 0 : visibilityTimeout.toSeconds() * maxReceiveCount;
  if (attempts >= retention.toSeconds()) {
    refuse(scope, {
      prop: 'visibilityTimeout',
      given: visibilityTimeout,
      allowed: `shorter than retention (${retention.toHumanString()}) divided by maxReceiveCount (${maxReceiveCount}), `
        + 'because SQS otherwise deletes a failing job before it moves to the dead-letter queue',
      change: 'shorten visibilityTimeout and extend it in the worker, or lengthen retention',
    });
  }
  if (maxAge.isUnresolved() || maxAge.toSeconds() < retention.toSeconds()) return;
  refuse(scope, {
    prop: 'maxAge',
    given: maxAge,
    allowed: `shorter than retention (${retention.toHumanString()}), because SQS then deletes the job`,
    change: 'shorten maxAge, or lengthen retention',
  });
}
