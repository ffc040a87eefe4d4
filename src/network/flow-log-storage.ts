import { ArnFormat, Duration, Stack, Token } from 'aws-cdk-lib';
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
import { checkFactory } from '../core/check-props';
import { markChoice } from '../core/choice';
import { refuse, refuseUse, requireDays } from '../core/refusal';

/** The description of the KMS key. */
const KEY_DESCRIPTION = 'VPC flow logs';

/** The longest prefix leaves room for the folders and the file name that VPC Flow Logs adds to a key. */
const MAX_PREFIX_LENGTH = 512;
/**
 * The characters that are safe in the key of an object. An asterisk would be a wildcard in the policy of the bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
const PREFIX = /^[\w!.'()-]+(\/[\w!.'()-]+)*$/;
/** VPC Flow Logs adds this folder itself. */
const RESERVED_FOLDER = 'AWSLogs';

/** Options for flow logs in CloudWatch Logs. */
export interface FlowLogGroupOptions {
  /**
   * The time for which CloudWatch Logs keeps the flow logs.
   * @default - six years (2192 days), the HIPAA retention period for documentation: 45 CFR 164.316(b)(2)(i)
   */
  readonly retention?: logs.RetentionDays;
}

/** Options for flow logs in an S3 bucket. */
export interface FlowLogBucketOptions {
  /**
   * Your own bucket.
   *
   * The construct does not change its encryption or retention. If the bucket is imported, its bucket policy and the
   * policy of its key must already allow log delivery.
   * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
   * @default - the network creates a bucket that is encrypted, versioned and private, and that requires TLS
   */
  readonly bucket?: s3.IBucket;
  /**
   * The time for which the new bucket keeps the flow logs: 1 to 36,500 whole days. Not allowed with your own bucket.
   * @default - six years (2192 days), the HIPAA retention period for documentation: 45 CFR 164.316(b)(2)(i)
   */
  readonly retention?: Duration;
  /**
   * The key prefix of the flow logs: folder names with slashes between them. The folder name `AWSLogs` is reserved, so
   * it is refused.
   * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-create-flow-log.html
   * @default - no prefix: `AWSLogs/<account>/vpcflowlogs/…`
   */
  readonly prefix?: string;
}

/** The resources that a flow log writes to. */
export interface FlowLogTarget {
  readonly destination: ec2.FlowLogDestination;
  readonly logGroup?: logs.LogGroup;
  readonly bucket?: s3.IBucket;
  readonly encryptionKey?: kms.IKey;
  /** The resources that must exist before the flow log. */
  readonly ready: IDependable[];
}

/**
 * The storage of the flow logs of a network.
 *
 * @example
 * new HipaaVpc(this, 'Network', { flowLogs: FlowLogStorage.bucket() });
 */
export abstract class FlowLogStorage {
  /** Stores flow logs in an encrypted log group, where CloudWatch Logs Insights queries them. */
  public static cloudWatchLogs(options: FlowLogGroupOptions = {}): FlowLogStorage {
    checkFactory('FlowLogStorage.cloudWatchLogs', { options });
    return new ToLogGroup(options);
  }

  /** Stores flow logs in an S3 bucket. Delivery costs half as much per gigabyte, and queries need Athena. */
  public static bucket(options: FlowLogBucketOptions = {}): FlowLogStorage {
    checkFactory('FlowLogStorage.bucket', { options });
    return new ToBucket(options);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'FlowLogStorage');

  /**
   * Creates the resources that the flow log writes to.
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
    const role = new ManagedPolicyRole(scope, 'FlowLogRole', {
      assumedBy: flowLogService(scope), description: 'Writes VPC flow logs to their log group',
    });
    const destination = ec2.FlowLogDestination.toCloudWatchLogs(logGroup, role);
    return { destination, logGroup, encryptionKey, ready: [role] };
  }
}

class ToBucket extends FlowLogStorage {
  constructor(private readonly options: FlowLogBucketOptions) {
    super();
  }

  public _bind(scope: Construct, givenKey: kms.IKey | undefined): FlowLogTarget {
    const { bucket, prefix, retention } = this.options;
    requirePrefix(scope, prefix);
    requireDays(scope, 'flowLogs.retention', retention, 1);
    if (bucket) {
      this.refuseWithOwnBucket(scope, 'flowLogs.retention', retention);
      this.refuseWithOwnBucket(scope, 'encryptionKey', givenKey);
      return { destination: ec2.FlowLogDestination.toS3(bucket, prefix), bucket, ready: [] };
    }
    const encryptionKey = encryptionKeyFor(scope, givenKey, { description: KEY_DESCRIPTION, users: [logDelivery] });
    const created = logBucket(scope, 'FlowLogBucket', {
      holds: `the flow logs of ${scope.node.path}`,
      encryption: { key: encryptionKey },
      retention,
    });
    return { destination: ec2.FlowLogDestination.toS3(created, prefix), bucket: created, encryptionKey, ready: [] };
  }

  private refuseWithOwnBucket(scope: Construct, prop: string, given: unknown): void {
    if (given === undefined) return;
    refuseUse(scope, `${prop} does not apply to a bucket of your own`, `remove ${prop}, and configure that bucket`);
  }

}

function requirePrefix(scope: Construct, prefix: string | undefined): void {
  if (prefix === undefined || Token.isUnresolved(prefix)) return;
  const folders = prefix.split('/');
  const isPath = folders.every((folder) => folder !== '.' && folder !== '..' && folder !== RESERVED_FOLDER);
  if (isPath && PREFIX.test(prefix) && prefix.length <= MAX_PREFIX_LENGTH) return;
  refuse(scope, {
    prop: 'flowLogs.prefix',
    given: prefix,
    allowed: `folder names with slashes between them, none of them ${RESERVED_FOLDER}, which is reserved`,
    change: "use a name such as 'flow-logs', or leave prefix out",
  });
}

/**
 * The principal of VPC Flow Logs, limited to the flow logs of this account.
 *
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
 */
function flowLogService(scope: Construct): iam.ServicePrincipal {
  const stack = Stack.of(scope);
  return new iam.ServicePrincipal('vpc-flow-logs.amazonaws.com', {
    conditions: {
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnLike: {
        'aws:SourceArn': stack.formatArn({
          service: 'ec2', resource: 'vpc-flow-log', resourceName: '*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
        }),
      },
    },
  });
}
