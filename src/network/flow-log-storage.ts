import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, IDependable } from 'constructs';
import { cloudWatchLogs, encryptionKeyFor, logDelivery } from '../blocks/encryption-key';
import { logBucket } from '../blocks/log-bucket';
import { auditLogGroup } from '../blocks/log-group';
import { ManagedPolicyRole } from '../blocks/managed-policy-role';
import { refuse } from '../core/refusal';

/** What the keys of flow logs are for, as the console shows it. */
const KEY_DESCRIPTION = 'VPC flow logs';

/** Flow logs in CloudWatch Logs. */
export interface FlowLogGroupOptions {
  /**
   * How long the flow logs are kept.
   * @default - six years (2192 days), as HIPAA asks for documentation: 45 CFR 164.316(b)(2)(i)
   */
  readonly retention?: logs.RetentionDays;
}

/** Flow logs in a bucket. */
export interface FlowLogBucketOptions {
  /**
   * A bucket of your own. It is written as it is: its encryption, its retention and, where it is imported, its policy
   * (and the policy of its key) are yours to set.
   * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
   * @default - a bucket is created: encrypted, versioned, closed to the public and to anything but TLS
   */
  readonly bucket?: s3.IBucket;
  /**
   * How long the flow logs are kept in the bucket that is created: whole days, one at least. Refused with a bucket of your own.
   * @default - six years (2192 days), as HIPAA asks for documentation: 45 CFR 164.316(b)(2)(i)
   */
  readonly retention?: Duration;
  /**
   * Where in the bucket the flow logs begin, without a slash at its end.
   * @default - at the root: `AWSLogs/<account>/vpcflowlogs/…`
   */
  readonly prefix?: string;
}

/** What a destination has made. */
export interface FlowLogTarget {
  readonly destination: ec2.FlowLogDestination;
  readonly logGroup?: logs.LogGroup;
  readonly bucket?: s3.IBucket;
  readonly encryptionKey?: kms.IKey;
  /** What has to be there before the first record is written. */
  readonly ready: IDependable[];
}

/** Where the flow logs go. */
export abstract class FlowLogStorage {
  /** To an encrypted log group, where they can be queried at once. */
  public static cloudWatchLogs(options: FlowLogGroupOptions = {}): FlowLogStorage {
    return new ToLogGroup(options);
  }

  /** To a bucket, which costs half as much per gigabyte delivered, but has to be queried with Athena. */
  public static bucket(options: FlowLogBucketOptions = {}): FlowLogStorage {
    return new ToBucket(options);
  }

  /**
   * Makes what the flow log writes into.
   * @internal
   */
  public abstract _bind(scope: Construct, encryptionKey: kms.IKey | undefined): FlowLogTarget;
}

class ToLogGroup extends FlowLogStorage {
  constructor(private readonly options: FlowLogGroupOptions) {
    super();
  }

  public _bind(scope: Construct, givenKey: kms.IKey | undefined): FlowLogTarget {
    const encryptionKey = encryptionKeyFor(scope, givenKey, { description: KEY_DESCRIPTION, users: [cloudWatchLogs] });
    const logGroup = auditLogGroup(scope, 'FlowLogGroup', { encryptionKey, retention: this.options.retention });
    const role = new ManagedPolicyRole(scope, 'FlowLogRole', { assumedBy: flowLogService(scope), description: 'Writes VPC flow logs into their log group' });
    return { destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup, role), logGroup, encryptionKey, ready: [role] };
  }
}

class ToBucket extends FlowLogStorage {
  constructor(private readonly options: FlowLogBucketOptions) {
    super();
  }

  public _bind(scope: Construct, givenKey: kms.IKey | undefined): FlowLogTarget {
    const { bucket, prefix } = this.options;
    if (bucket) {
      this.refuseBesideBucket(scope, 'flowLogs.retention', this.options.retention);
      this.refuseBesideBucket(scope, 'encryptionKey', givenKey);
      return { destination: ec2.FlowLogDestination.toS3(bucket, prefix), bucket, ready: [] };
    }
    const encryptionKey = encryptionKeyFor(scope, givenKey, { description: KEY_DESCRIPTION, users: [logDelivery] });
    const created = logBucket(scope, 'FlowLogBucket', {
      holds: `the flow logs of ${scope.node.path}`,
      encryption: { key: encryptionKey },
      retention: this.retention(scope),
    });
    return { destination: ec2.FlowLogDestination.toS3(created, prefix), bucket: created, encryptionKey, ready: [] };
  }

  private refuseBesideBucket(scope: Construct, prop: string, given: unknown): void {
    if (given === undefined) return;
    refuse(scope, { prop, given, allowed: 'nothing beside a bucket of your own', change: 'leave it out, and set it on that bucket' });
  }

  private retention(scope: Construct): Duration | undefined {
    const { retention } = this.options;
    if (!retention || retention.isUnresolved()) return retention;
    const days = retention.toDays({ integral: false });
    if (!Number.isInteger(days) || days < 1) {
      refuse(scope, { prop: 'flowLogs.retention', given: retention, allowed: 'a number of whole days, one at least', change: 'say it as Duration.days(…)' });
    }
    return retention;
  }
}

/** The flow log service, on behalf of this account's flow logs only: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html */
function flowLogService(scope: Construct): iam.ServicePrincipal {
  const stack = Stack.of(scope);
  return new iam.ServicePrincipal('vpc-flow-logs.amazonaws.com', {
    conditions: {
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'ec2', resource: 'vpc-flow-log', resourceName: '*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME }) },
    },
  });
}
