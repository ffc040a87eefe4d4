import { ArnFormat, Aws, Duration, Stack, Token } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { trailAlarms } from './trail-alarms';
import { GuardrailMode } from '../guardrail';
import { AlarmDefinition } from '../../monitoring/alarm-definition';
import { acknowledge } from '../../core/acknowledge';
import { emptyAfterWriters } from '../../blocks/empty-after-writers';
import { cloudTrail, cloudTrailLooks, cloudWatchLogs, encryptionKeyFor } from '../../blocks/encryption-key';
import { logBucket } from '../../blocks/log-bucket';
import { applicationLogGroup } from '../../blocks/log-group';
import { ManagedPolicyRole } from '../../blocks/managed-policy-role';
import { physicalName } from '../../blocks/physical-name';
import { refuse, Situation } from '../../core/refusal';
import { DataProtection } from '../../core/data-protection';

/** How many buckets one trail can name: 250 data resources over all its selectors. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html */
export const MOST_PHI_BUCKETS = 250;
/** The longest default retention that S3 takes, in days: a hundred years. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DefaultRetention.html */
const LONGEST_RETENTION_DAYS = 36_500;

/** The settings of the CloudTrail trail: 45 CFR 164.312(b), 164.308(a)(1)(ii)(D). */
export interface TrailOptions {
  /**
   * The buckets whose object-level events the trail logs. An empty list and more than 250 buckets are refused, and so is this
   * prop when the trail is adopted.
   * @default - all buckets of the account, as the AWS Config rule `cloudtrail-s3-dataevents-enabled` requires
   */
  readonly phiBuckets?: s3.IBucket[];
  /**
   * How long the log files are retained and locked: 1 to 36,500 whole days. Nobody can delete a file earlier or shorten its
   * retention, not even the root user or AWS Support. Refused when the trail is adopted.
   * @default - six years (2192 days), as HIPAA requires for documentation: 45 CFR 164.316(b)(2)(i)
   */
  readonly retention?: Duration;
  /**
   * The log group of the adopted trail, in this account and region. The stack creates the metric filters and alarms of a trail
   * for it. Refused unless the trail is adopted.
   * @default - no alarms for the events of an adopted trail
   */
  readonly logGroup?: logs.ILogGroup;
}

/** The context of a trail. */
interface TrailContext {
  readonly encryptionKey?: kms.IKey;
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
 * Creates a trail of all regions with its own key, validated log files, a locked bucket, and a log group with metric filters
 * and alarms; or adds the alarms to the log group of an adopted trail.
 */
export function defineTrail(scope: Construct, context: TrailContext, mode: GuardrailMode, options: TrailOptions = {}): TrailInPlace {
  if (mode === 'create') return new OwnTrail(options).define(scope, context);
  const { logGroup } = options;
  if (mode === 'skip' || !logGroup) return { alarms: [], widgets: [] };
  return { logGroup, ...watchedEvents(new Construct(scope, 'Trail'), logGroup) };
}

class OwnTrail {
  constructor(private readonly options: TrailOptions) {}

  public define(guardrails: Construct, context: TrailContext): TrailInPlace {
    this.validate(guardrails);
    const scope = new Construct(guardrails, 'Trail');
    // Bucket and key name the trail, and the trail names both: a name that is known beforehand breaks the circle.
    const trailName = physicalName(scope, 'hipaa-trail');
    const encryptionKey = encryptionKeyFor(scope, context.encryptionKey, {
      description: 'CloudTrail: log files and log group',
      // A key of another stack cannot know the name of this one, as that would make a circle of stacks: it lets in the trails of the account.
      users: [...[cloudTrail, cloudTrailLooks].map((user) => user(context.encryptionKey ? '*' : trailName)), cloudWatchLogs],
    });
    const bucket = this.defineBucket(scope, trailName, encryptionKey);
    const logGroup = applicationLogGroup(scope, 'Log', { encryptionKey });
    const trail = this.defineTrail(scope, { trailName, encryptionKey, bucket, logGroup });
    return { trail, bucket, logGroup, ...watchedEvents(scope, logGroup) };
  }

  private defineBucket(scope: Construct, trailName: string, encryptionKey: kms.IKey): s3.Bucket {
    const bucket = logBucket(scope, 'Bucket', {
      holds: `the files of the trail of ${scope.node.path}`,
      encryption: { key: encryptionKey },
      retention: this.options.retention,
      objectLock: true,
      disableBucketKey: true,
    });
    const service = [new iam.ServicePrincipal('cloudtrail.amazonaws.com')];
    const fromTrail = { 'aws:SourceArn': Stack.of(scope).formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: trailName }) };
    const add = (props: iam.PolicyStatementProps) => bucket.addToResourcePolicy(new iam.PolicyStatement(props));
    add({ sid: 'TrailLooks', principals: service, actions: ['s3:GetBucketAcl'], resources: [bucket.bucketArn], conditions: { StringEquals: fromTrail } });
    add({
      sid: 'TrailWrites',
      principals: service,
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/*`)],
      conditions: { StringEquals: { ...fromTrail, 's3:x-amz-acl': 'bucket-owner-full-control' } },
    });
    const nobody = { effect: iam.Effect.DENY, principals: [new iam.AnyPrincipal()], resources: [bucket.arnForObjects('*')] };
    // Who is not CloudTrail on behalf of this trail brings no such ARN, which is unequal too.
    add({ ...nobody, sid: 'NobodyElseWrites', actions: ['s3:PutObject'], conditions: { ArnNotEquals: fromTrail } });
    if (!DataProtection.of(scope).isDisposable) add({ ...nobody, sid: 'NobodyDeletes', actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'] });
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
        dataResources: [{ type: 'AWS::S3::Object', values: this.options.phiBuckets?.map((each) => each.arnForObjects('')) ?? [`arn:${Aws.PARTITION}:s3`] }],
      }],
    });
    trail.applyRemovalPolicy(DataProtection.of(scope).namedRemovalPolicy);
    trail.node.addDependency(made.bucket.policy!, role);
    emptyAfterWriters(made.bucket, trail);
    return trail;
  }

  private validate(scope: Construct): void {
    const { phiBuckets, retention } = this.options;
    if (phiBuckets && (phiBuckets.length === 0 || phiBuckets.length > MOST_PHI_BUCKETS)) {
      refuse(scope, {
        prop: 'trail.phiBuckets',
        given: new Situation(`a list of ${phiBuckets.length} buckets`),
        allowed: `1 to ${MOST_PHI_BUCKETS} buckets`,
        change: 'name the buckets that hold PHI, or leave it out for every bucket of the account',
      });
    }
    if (!retention || retention.isUnresolved()) return;
    const days = retention.toDays({ integral: false });
    if (Number.isInteger(days) && days >= 1 && days <= LONGEST_RETENTION_DAYS) return;
    refuse(scope, {
      prop: 'trail.retention',
      given: retention,
      allowed: `1 to ${LONGEST_RETENTION_DAYS} whole days`,
      change: 'use Duration.days(…)',
    });
  }
}

/** What CloudTrail writes its events to the log group with. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html */
function logRole(scope: Construct, logGroup: logs.LogGroup): ManagedPolicyRole {
  const stack = Stack.of(scope);
  const role = new ManagedPolicyRole(scope, 'LogRole', {
    assumedBy: new iam.ServicePrincipal('cloudtrail.amazonaws.com'),
    description: 'Writes the events of the trail into its log group',
  });
  const streams = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: `${logGroup.logGroupName}:log-stream:${stack.account}_CloudTrail_${stack.region}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [streams] }));
  const policy = role.node.findChild('Policy') as iam.ManagedPolicy;
  acknowledge(policy, {
    rules: [`AwsSolutions-IAM5[Resource::${resourceOf(scope, logGroup)}]`],
    reason: 'CloudTrail makes the streams of its log group itself, numbers them, and adds one when it has much to write: the account, "CloudTrail" and the region are what is known of their names.',
  });
  // A trail that is kept goes on writing, and needs these to do it.
  const { namedRemovalPolicy } = DataProtection.of(scope);
  for (const part of [role, policy]) part.applyRemovalPolicy(namedRemovalPolicy);
  return role;
}

/** The streams as cdk-nag writes them. */
function resourceOf(scope: Construct, logGroup: logs.LogGroup): string {
  const stack = Stack.of(scope);
  const part = (value: string, pseudo: string) => Token.isUnresolved(value) ? `<AWS::${pseudo}>` : value;
  const [region, account] = [part(stack.region, 'Region'), part(stack.account, 'AccountId')];
  const logicalId = stack.resolve((logGroup.node.defaultChild as logs.CfnLogGroup).logicalId);
  return `arn:<AWS::Partition>:logs:${region}:${account}:log-group:<${logicalId}>:log-stream:${account}_CloudTrail_${region}*`;
}

function watchedEvents(scope: Construct, logGroup: logs.ILogGroup): { alarms: AlarmDefinition[]; widgets: cloudwatch.IWidget[] } {
  const alarms = trailAlarms(scope, logGroup);
  return { alarms, widgets: [new cloudwatch.GraphWidget({ title: 'What the trail has to tell', left: alarms.map(({ metric }) => metric) })] };
}
