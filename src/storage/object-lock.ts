import { Annotations, Duration } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { checkFactory } from '../core/check-props';
import { markChoice } from '../core/choice';
import { protectionOf } from '../core/data-protection';
import { requireDays, requireText } from '../core/refusal';

/** The retention that object lock enforces, and why. */
export interface ObjectLockOptions {
  /** How long nobody can delete a version, from its upload: 1 to 36,500 whole days. */
  readonly retention: Duration;
  /**
   * The law or the policy that requires the retention. An information of the synthesis quotes it. A blank string is
   * refused.
   */
  readonly reason: string;
}

/**
 * The S3 Object Lock of a bucket: versions that nobody can delete or overwrite.
 *
 * Disposable data has no retention, so that its stack can be deleted. Object Lock cannot be disabled again.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 *
 * @example
 * new PhiBucket(this, 'Consents', {
 *   objectLock: ObjectLock.governance({ retention: Duration.days(365), reason: 'retention policy, section 4' }),
 * });
 */
export abstract class ObjectLock {
  /** Versions have no retention. People can place a legal hold on a version, for example as evidence. */
  public static legalHoldsOnly(): ObjectLock {
    return new LegalHoldsOnly();
  }

  /**
   * Each version has a retention that principals with `s3:BypassGovernanceRetention` can shorten.
   *
   * Each upload must contain a checksum, as those of current AWS SDKs do.
   */
  public static governance(options: ObjectLockOptions): ObjectLock {
    checkFactory('ObjectLock.governance', { options });
    return new Retention('governance', options);
  }

  /**
   * Each version has a retention that nobody can shorten, not even the root user or AWS.
   *
   * Until the last version expires, its storage costs money, and the data of a patient cannot be deleted on request.
   * Each upload must contain a checksum, as those of current AWS SDKs do.
   */
  public static compliance(options: ObjectLockOptions): ObjectLock {
    checkFactory('ObjectLock.compliance', { options });
    return new Retention('compliance', options);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'ObjectLock');

  /**
   * Returns the default retention of the versions in a bucket.
   * @internal
   */
  public abstract _retention(scope: Construct): s3.CfnBucket.DefaultRetentionProperty | undefined;
}

class LegalHoldsOnly extends ObjectLock {
  public _retention(): undefined {
    return undefined;
  }
}

class Retention extends ObjectLock {
  constructor(private readonly mode: 'governance' | 'compliance', private readonly options: ObjectLockOptions) {
    super();
  }

  public _retention(scope: Construct): s3.CfnBucket.DefaultRetentionProperty | undefined {
    const { retention, reason } = this.options;
    requireText(scope, 'objectLock.reason', reason, 'name the law or the policy that requires the retention');
    requireDays(scope, 'objectLock.retention', retention, 1);
    if (protectionOf(scope).isDisposable) return undefined;
    const who = this.mode === 'compliance' ? 'nobody' : 'only a principal with s3:BypassGovernanceRetention';
    Annotations.of(scope).addInfoV2('cdk-hipaa:object-lock',
      `${who} can delete a version within ${retention.toHumanString()} after its upload (reason given: ${reason})`);
    return { mode: this.mode.toUpperCase(), days: retention.toDays() };
  }
}
