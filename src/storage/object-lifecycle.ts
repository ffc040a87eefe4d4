import { Duration, Token } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { IConstruct } from 'constructs';
import { refuse, refuseUse, requireDays, requireText, Situation } from '../core/refusal';

/** The default retention of replaced and deleted versions, in days. */
export const NONCURRENT_VERSION_DAYS = 90;
/** The age at which the parts of an incomplete upload are deleted, in days. */
export const INCOMPLETE_UPLOAD_DAYS = 7;
/**
 * The storage classes for objects that survive the loss of a zone, from the warmest to the coldest.
 *
 * A transition only leads to a colder class.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
 */
const CLASSES = ['STANDARD_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'];
/** The class with a minimum age, in days, before and after its transition. Source: the same page. */
const INFREQUENT_ACCESS = 'STANDARD_IA';
const LEAST_INFREQUENT_DAYS = 30;
/** The maximum length of a key, in bytes. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MOST_KEY_BYTES = 1_024;
/** The rules of an S3 bucket, without the two that each bucket has. */
const MOST_RULES = 998;

/** The transition of objects to another storage class. */
export interface ObjectTransition {
  /**
   * The storage class. `ONE_ZONE_INFREQUENT_ACCESS` is refused, because the loss of a zone destroys its objects. A
   * class that is warmer than that of an earlier transition is refused.
   */
  readonly storageClass: s3.StorageClass;
  /**
   * The age of the object, in whole days. `INFREQUENT_ACCESS` requires 30 days or more, and 30 days between it and the
   * next transition.
   */
  readonly after: Duration;
}

/** The storage class and the deletion of objects by their age. */
export interface ObjectLifecycle {
  /**
   * The prefix of the keys of the objects, such as `exports/`. A prefix with a slash at its start is refused, because
   * the keys of objects have none.
   * @default - all objects
   */
  readonly prefix?: string;
  /**
   * The transitions to cheaper storage classes.
   * @default - none
   */
  readonly transitions?: ObjectTransition[];
  /**
   * The age at which an object is deleted, in whole days. Its last version can be restored for
   * `noncurrentVersionRetention`. An age that is not longer than that of each transition is refused.
   * @default - objects are never deleted
   */
  readonly expireAfter?: Duration;
}

/** The lifecycle of all versions of a bucket. */
export interface BucketLifecycle {
  readonly lifecycle?: ObjectLifecycle[];
  readonly noncurrentVersionRetention?: Duration;
}

/** Refuses a lifecycle that S3 refuses, or that puts objects into one zone. */
export function requireLifecycle(
  scope: IConstruct, { lifecycle = [], noncurrentVersionRetention }: BucketLifecycle,
): void {
  requireDays(scope, 'noncurrentVersionRetention', noncurrentVersionRetention, 1);
  if (lifecycle.length > MOST_RULES) {
    refuse(scope, {
      prop: 'lifecycle',
      given: new Situation(`${lifecycle.length} rules`),
      allowed: `at most ${MOST_RULES} rules (the quota of S3, without the rules that each bucket has)`,
      change: 'use fewer prefixes',
    });
  }
  lifecycle.forEach((rule, index) => requireRule(scope, `lifecycle[${index}]`, rule));
}

function requireRule(
  scope: IConstruct, prop: string, { prefix, transitions = [], expireAfter }: ObjectLifecycle,
): void {
  requireText(scope, `${prop}.prefix`, prefix, 'name the prefix, or leave it out for all objects');
  requireKeyLength(scope, `${prop}.prefix`, prefix);
  if (prefix?.startsWith('/')) {
    refuse(scope, {
      prop: `${prop}.prefix`, given: prefix, allowed: 'without a slash at its start', change: 'remove the first slash',
    });
  }
  if (transitions.length === 0 && !expireAfter) {
    refuseUse(scope, `${prop} must contain transitions or expireAfter`, 'add one of them, or remove the rule');
  }
  requireDays(scope, `${prop}.expireAfter`, expireAfter, 1);
  transitions.forEach((transition, index) =>
    requireTransition(scope, `${prop}.transitions[${index}]`, transition, transitions[index - 1]));
  requireLaterExpiration(scope, `${prop}.expireAfter`, expireAfter, transitions);
}

/** Refuses a prefix that is longer than a key can be. Tokens and `undefined` pass. */
export function requireKeyLength(scope: IConstruct, prop: string, prefix: string | undefined): void {
  if (prefix === undefined || Token.isUnresolved(prefix)) return;
  const bytes = Buffer.byteLength(prefix);
  if (bytes <= MOST_KEY_BYTES) return;
  refuse(scope, {
    prop,
    given: new Situation(`${bytes} bytes`),
    allowed: `at most ${MOST_KEY_BYTES} bytes, the maximum length of a key`,
    change: 'shorten the prefix',
  });
}

function requireTransition(
  scope: IConstruct, prop: string, { storageClass, after }: ObjectTransition, before?: ObjectTransition,
): void {
  const isInfrequent = storageClass.value === INFREQUENT_ACCESS;
  if (!CLASSES.includes(storageClass.value)) {
    refuse(scope, {
      prop: `${prop}.storageClass`,
      given: storageClass.value,
      allowed: `one of ${CLASSES.join(', ')}, whose objects survive the loss of a zone`,
      change: 'use another member of s3.StorageClass',
    });
  }
  requireDays(scope, `${prop}.after`, after, isInfrequent ? LEAST_INFREQUENT_DAYS : 0);
  if (!before) return;
  if (CLASSES.indexOf(storageClass.value) <= CLASSES.indexOf(before.storageClass.value)) {
    refuse(scope, {
      prop: `${prop}.storageClass`,
      given: storageClass.value,
      allowed: `colder than ${before.storageClass.value}, the class of the transition before it`,
      change: 'sort the transitions by their age, or remove one of the two',
    });
  }
  if (after.isUnresolved() || before.after.isUnresolved()) return;
  const least = before.after.toDays() + (before.storageClass.value === INFREQUENT_ACCESS ? LEAST_INFREQUENT_DAYS : 1);
  requireDays(scope, `${prop}.after`, after, least);
}

function requireLaterExpiration(
  scope: IConstruct, prop: string, expireAfter: Duration | undefined, transitions: ObjectTransition[],
): void {
  const last = transitions.at(-1)?.after;
  if (!expireAfter || !last || expireAfter.isUnresolved() || last.isUnresolved()) return;
  if (expireAfter.toDays() > last.toDays()) return;
  refuse(scope, {
    prop,
    given: expireAfter,
    allowed: `longer than ${last.toHumanString()}, the age of the last transition`,
    change: 'raise it, or remove the transition',
  });
}

/** The rules of the bucket: those of the app, and those that delete what nobody uses. */
export function lifecycleRules({ lifecycle = [], noncurrentVersionRetention }: BucketLifecycle): s3.LifecycleRule[] {
  return [
    {
      id: 'NoncurrentVersions',
      enabled: true,
      noncurrentVersionExpiration: noncurrentVersionRetention ?? Duration.days(NONCURRENT_VERSION_DAYS),
      abortIncompleteMultipartUploadAfter: Duration.days(INCOMPLETE_UPLOAD_DAYS),
    },
    { id: 'DeleteMarkers', enabled: true, expiredObjectDeleteMarker: true },
    ...lifecycle.map(({ prefix, transitions, expireAfter }, index): s3.LifecycleRule => ({
      id: `Objects${index + 1}`,
      enabled: true,
      prefix,
      expiration: expireAfter,
      transitions: transitions?.map(({ storageClass, after }) => ({ storageClass, transitionAfter: after })),
    })),
  ];
}
