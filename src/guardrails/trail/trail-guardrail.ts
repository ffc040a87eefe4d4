import { ArnFormat, Aws, Duration, Stack } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, IDependable } from 'constructs';
import { silentTrailAlarm, trailAlarms } from './trail-alarms';
import { emptyAfterWriters } from '../../blocks/empty-after-writers';
import { cloudTrail, cloudTrailLooks, cloudWatchLogs, encryptionKeyFor } from '../../blocks/encryption-key';
import { logBucket } from '../../blocks/log-bucket';
import { applicationLogGroup, protectAuditLog } from '../../blocks/log-group';
import { ManagedPolicyRole } from '../../blocks/managed-policy-role';
import { physicalName } from '../../blocks/physical-name';
import { acknowledge, reportedText } from '../../core/acknowledge';
import { protectionOf } from '../../core/data-protection';
import { refuse, requireDays, requireDistinct, Situation } from '../../core/refusal';
import { AlarmDefinition } from '../../monitoring/alarm-definition';
import { GuardrailMode } from '../guardrail';
import { GuardrailContext } from '../switches';

/**
 * The maximum number of data resources over all selectors of a trail.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
 */
export const MOST_PHI_BUCKETS = 250;
/** The number of buckets up to which the check compares their ARNs. It compares only the number of more buckets. */
const MAX_COMPARED_ARNS = 20;

/** The settings of the CloudTrail trail: 45 CFR 164.312(b), 164.308(a)(1)(ii)(D). */
export interface TrailOptions {
  /**
   * The buckets whose object-level events the trail logs. An empty list, more than 250 buckets and a bucket that is
   * listed twice are refused. The prop is also refused when the trail is adopted.
   * @default - all buckets of the account, as the AWS Config rule `cloudtrail-s3-dataevents-enabled` requires
   */
  readonly phiBuckets?: s3.IBucket[];
  /**
   * The time for which the log files are retained and locked: 1 to 36,500 whole days. Nobody can delete a file earlier
   * or shorten its retention, not even the root user or AWS Support. Disposable data is not locked. Refused when the
   * trail is adopted.
   * @default - six years (2192 days), as HIPAA requires for documentation: 45 CFR 164.316(b)(2)(i)
   */
  readonly retention?: Duration;
  /**
   * The log group of the adopted trail, in this account and region. The stack creates the metric filters and alarms of
   * a trail for it. Refused unless the trail is adopted.
   * @default - no alarms for the events of an adopted trail
   */
  readonly logGroup?: logs.ILogGroup;
}

/** The context of a trail. */
interface TrailContext extends Pick<GuardrailContext, 'check'> {
  /** The key that the user passed. */
  readonly givenKey?: kms.IKey;
}

/** The resources of a trail, its alarms and widgets. */
export interface TrailInPlace {
  readonly trail?: cloudtrail.CfnTrail;
  readonly bucket?: s3.Bucket;
  readonly logGroup?: logs.ILogGroup;
  readonly alarms: AlarmDefinition[];
  readonly widgets: cloudwatch.IWidget[];
}

/**
 * Creates a trail of all regions, or adds the alarms to the log group of an adopted trail.
 *
 * A trail that it creates has its own key, validated log files, a locked bucket, and a log group with metric filters
 * and alarms.
 */
export function defineTrail(
  scope: Construct, context: TrailContext, mode: GuardrailMode, options: TrailOptions = {},
): TrailInPlace {
  if (mode === 'create') return new OwnTrail(options).define(scope, context);
  const { logGroup } = options;
  if (mode === 'adopt') checkAdopted(context);
  if (mode === 'skip' || !logGroup) return { alarms: [], widgets: [] };
  return { logGroup, ...watchedEvents(new Construct(scope, 'Trail'), logGroup, []) };
}

class OwnTrail {
  constructor(private readonly options: TrailOptions) {}

  public define(guardrails: Construct, context: TrailContext): TrailInPlace {
    this.validate(guardrails);
    const scope = new Construct(guardrails, 'Trail');
    // The policies of the bucket and the key contain the name of the trail, and the trail refers to both. A fixed name
    // avoids a circular dependency.
    const trailName = physicalName(scope, 'hipaa-trail');
    const encryptionKey = encryptionKeyFor(scope, context.givenKey, {
      description: 'CloudTrail: log files and log group',
      // A key of another stack cannot refer to the name of this trail without a circular dependency between the stacks,
      // so its policy allows all trails of the account.
      users: [
        ...[cloudTrail, cloudTrailLooks].map((user) => user(context.givenKey ? '*' : trailName)),
        cloudWatchLogs,
      ],
    });
    const bucket = this.defineBucket(scope, trailName, encryptionKey);
    const logGroup = protectAuditLog(applicationLogGroup(scope, 'Log', { encryptionKey }));
    const trail = this.defineTrail(scope, { trailName, encryptionKey, bucket, logGroup });
    this.check(context, trail);
    return { trail, bucket, logGroup, ...watchedEvents(scope, logGroup, [trail]) };
  }

  private defineBucket(scope: Construct, trailName: string, encryptionKey: kms.IKey): s3.Bucket {
    const bucket = logBucket(scope, 'Bucket', {
      holds: `the log files of the trail of ${scope.node.path}`,
      encryption: { key: encryptionKey },
      retention: this.options.retention,
      objectLock: true,
      disableBucketKey: true,
    });
    const service = [new iam.ServicePrincipal('cloudtrail.amazonaws.com')];
    const trailArn = Stack.of(scope).formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: trailName });
    const fromTrail = { 'aws:SourceArn': trailArn };
    const add = (props: iam.PolicyStatementProps) => bucket.addToResourcePolicy(new iam.PolicyStatement(props));
    add({
      sid: 'TrailLooks',
      principals: service,
      actions: ['s3:GetBucketAcl'],
      resources: [bucket.bucketArn],
      conditions: { StringEquals: fromTrail },
    });
    add({
      sid: 'TrailWrites',
      principals: service,
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/*`)],
      conditions: { StringEquals: { ...fromTrail, 's3:x-amz-acl': 'bucket-owner-full-control' } },
    });
    const denied = {
      effect: iam.Effect.DENY,
      principals: [new iam.AnyPrincipal()],
      resources: [bucket.arnForObjects('*')],
    };
    // A request without a source ARN also differs, so this denies every caller except CloudTrail on behalf of this
    // trail.
    add({ ...denied, sid: 'NobodyElseWrites', actions: ['s3:PutObject'], conditions: { ArnNotEquals: fromTrail } });
    if (!protectionOf(scope).isDisposable) {
      add({ ...denied, sid: 'NobodyDeletes', actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'] });
    }
    return bucket;
  }

  private defineTrail(
    scope: Construct, made: { trailName: string; encryptionKey: kms.IKey; bucket: s3.Bucket; logGroup: logs.LogGroup },
  ): cloudtrail.CfnTrail {
    const role = logRole(scope, made.logGroup);
    const trail = new cloudtrail.CfnTrail(scope, 'Resource', {
      trailName: made.trailName,
      isLogging: true,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: true,
      kmsKeyId: made.encryptionKey.keyArn,
      s3BucketName: made.bucket.bucketName,
      cloudWatchLogsLogGroupArn: made.logGroup.logGroupArn,
      cloudWatchLogsRoleArn: role.roleArn,
      eventSelectors: [{
        includeManagementEvents: true,
        readWriteType: 'All',
        dataResources: [{ type: 'AWS::S3::Object', values: this.dataEvents }],
      }],
    });
    trail.applyRemovalPolicy(protectionOf(scope).removalPolicy);
    trail.node.addDependency(made.bucket.policy!, role);
    emptyAfterWriters(made.bucket, trail);
    return trail;
  }

  private get dataEvents(): string[] {
    return this.options.phiBuckets?.map((each) => each.arnForObjects('')) ?? [`arn:${Aws.PARTITION}:s3`];
  }

  /** Lets the check compare the trail with these settings. */
  private check({ check }: TrailContext, trail: cloudtrail.CfnTrail): void {
    const { dataEvents } = this;
    check.add({
      Trail: {
        Name: trail.trailName!,
        BucketName: trail.s3BucketName,
        KeyArn: trail.kmsKeyId!,
        LogGroupArn: trail.cloudWatchLogsLogGroupArn!,
        RoleArn: trail.cloudWatchLogsRoleArn!,
        DataEvents: String(dataEvents.length),
        DataEventArns: dataEvents.length > MAX_COMPARED_ARNS ? undefined : dataEvents,
      },
    });
    check.addReads([new iam.PolicyStatement({
      actions: ['cloudtrail:GetEventSelectors', 'cloudtrail:GetTrail', 'cloudtrail:GetTrailStatus'],
      resources: [trail.attrArn],
    })]);
  }

  private validate(scope: Construct): void {
    const { phiBuckets, retention } = this.options;
    if (phiBuckets && (phiBuckets.length === 0 || phiBuckets.length > MOST_PHI_BUCKETS)) {
      refuse(scope, {
        prop: 'trail.phiBuckets',
        given: new Situation(`a list of ${phiBuckets.length} buckets`),
        allowed: `1 to ${MOST_PHI_BUCKETS} buckets`,
        change: 'list the buckets that contain PHI, or remove the prop for every bucket of the account',
      });
    }
    // CloudTrail requires different values. Two imports can be of one bucket.
    requireDistinct(scope, 'trail.phiBuckets', phiBuckets,
      ({ bucketArn }) => JSON.stringify(Stack.of(scope).resolve(bucketArn)));
    requireDays(scope, 'trail.retention', retention, 1);
  }
}

/** Lets the check look for a trail of all regions. It belongs to the account, or to another one of its organization. */
function checkAdopted({ check }: TrailContext): void {
  check.add({ AdoptedTrail: 'true' });
  check.addReads([
    new iam.PolicyStatement({ actions: ['cloudtrail:DescribeTrails'], resources: ['*'] }),
    new iam.PolicyStatement({
      actions: ['cloudtrail:GetEventSelectors', 'cloudtrail:GetTrailStatus'],
      resources: [`arn:${Aws.PARTITION}:cloudtrail:*:*:trail/*`],
    }),
  ]);
}

/**
 * Creates the role that CloudTrail writes to the log group with.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
 */
function logRole(scope: Construct, logGroup: logs.LogGroup): ManagedPolicyRole {
  const stack = Stack.of(scope);
  const role = new ManagedPolicyRole(scope, 'LogRole', {
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cross-service-confused-deputy-prevention.html
    assumedBy: new iam.ServicePrincipal('cloudtrail.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
    description: 'Writes the events of the trail to its log group',
  });
  const streams = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: `${logGroup.logGroupName}:log-stream:${stack.account}_CloudTrail_${stack.region}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [streams] }),
  );
  const policy = role.node.findChild('Policy') as iam.ManagedPolicy;
  acknowledge(policy, {
    rules: [`AwsSolutions-IAM5[Resource::${reportedText(scope, streams)}]`],
    reason: 'CloudTrail creates and numbers the streams of its log group, and adds streams under load. Only the '
      + 'beginning of their names is fixed: the account, "CloudTrail" and the region.',
  });
  // A retained trail continues to write and needs the role and its policy.
  const { removalPolicy } = protectionOf(scope);
  for (const part of [role, policy]) part.applyRemovalPolicy(removalPolicy);
  return role;
}

function watchedEvents(
  scope: Construct,
  logGroup: logs.ILogGroup,
  trail: IDependable[],
): { alarms: AlarmDefinition[]; widgets: cloudwatch.IWidget[] } {
  const alarms = trailAlarms(scope, logGroup);
  return {
    alarms: [...alarms, silentTrailAlarm(logGroup, trail)],
    widgets: [new cloudwatch.GraphWidget({ title: 'Events of the trail', left: alarms.map(({ metric }) => metric) })],
  };
}
