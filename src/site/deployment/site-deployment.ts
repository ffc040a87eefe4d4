import * as fs from 'fs';
import * as path from 'path';
import { CustomResource, Duration, Stack, SymlinkFollowMode } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import { Construct, IDependable } from 'constructs';
import { MAX_SITE_FILES, MAX_SITE_MEBIBYTES, SiteProperties } from './deploy-site-contract';
import { HandlerFunction } from '../../blocks/handler-function';
import { acknowledge } from '../../core/acknowledge';
import { refuse, Situation } from '../../core/refusal';

/** The timeout of a deployment, in minutes. The largest allowed site takes two to three minutes. */
const FUNCTION_TIMEOUT_MINUTES = 10;
/**
 * The maximum age of a request that waits for its first or next attempt, in minutes. Lambda then drops it.
 *
 * So no attempt starts after CloudFormation stopped waiting and continued, which would deploy older files.
 */
const EVENT_AGE_MINUTES = 5;
/** How long CloudFormation waits for a response, in minutes: until the end of the latest possible attempt. */
const ANSWER_TIMEOUT_MINUTES = EVENT_AGE_MINUTES + FUNCTION_TIMEOUT_MINUTES;
/**
 * The memory of the function, in MiB: twice the usage for the largest archive (docs/decisions/0011-site-deployment.md).
 */
const FUNCTION_MEMORY_MEBIBYTES = 1_769;
const BYTES_PER_MEBIBYTE = 1024 * 1024;

/** Files that operating systems create in directories. They are not part of a site. */
const SYSTEM_FILES = ['.DS_Store', 'Thumbs.db', 'desktop.ini'];

/** Properties of a `SiteDeployment`. */
export interface SiteDeploymentProps {
  /** The local directory with all files of the site. */
  readonly source: string;
  /** The bucket of the site. The deployment deletes files that the directory does not contain. */
  readonly bucket: s3.Bucket;
  /** The distribution in front of the bucket. */
  readonly distribution: cloudfront.IDistribution;
  /** The CloudFront path patterns of files whose name changes with their content. */
  readonly immutablePaths: string[];
  /** The key of the bucket. It also encrypts the log, the environment and the dead-letter queue of the function. */
  readonly encryptionKey: kms.IKey;
}

/**
 * Deploys the files of a directory to the bucket of a site at each deployment of the stack.
 *
 * A Lambda function reads the archive that the CDK uploaded, writes changed files, pages last, deletes old files, and
 * invalidates the cache of the distribution. A failed deployment rolls back to the previous files. When the stack is
 * deleted, the files stay until their bucket is deleted.
 */
export class SiteDeployment extends Construct {
  /** The function that deploys the files. */
  public readonly handler: HandlerFunction;
  /** The resource that exists after the files are deployed. */
  public readonly files: IDependable;

  constructor(scope: Construct, id: string, props: SiteDeploymentProps) {
    super(scope, id);
    this.refuseTooLarge(props.source);
    const archive = new assets.Asset(this, 'Archive', {
      path: props.source,
      exclude: SYSTEM_FILES,
      followSymlinks: SymlinkFollowMode.ALWAYS,
    });
    this.handler = this.defineFunction(archive, props);
    this.acknowledgeObjects(props.bucket);
    this.files = this.defineFiles(archive, props);
  }

  private defineFunction(archive: assets.Asset, props: SiteDeploymentProps): HandlerFunction {
    const { bucket, distribution } = props;
    const allow = (actions: string[], resources: string[]) => new iam.PolicyStatement({ actions, resources });
    const handler = new HandlerFunction(this, 'Function', {
      handler: 'site/deployment/deploy-site',
      description: 'Deploys the files of a site',
      timeout: Duration.minutes(FUNCTION_TIMEOUT_MINUTES),
      memorySize: FUNCTION_MEMORY_MEBIBYTES,
      encryptionKey: props.encryptionKey,
      statements: [
        allow(['s3:GetObject'], [archive.bucket.arnForObjects(archive.s3ObjectKey)]),
        allow(['s3:ListBucket'], [bucket.bucketArn]),
        allow(['s3:DeleteObject', 's3:GetObject', 's3:PutObject'], [bucket.arnForObjects('*')]),
        allow(['cloudfront:CreateInvalidation'], [distribution.distributionArn]),
      ],
      outsideVpcReason: `The function of ${this.node.path} copies the public files of a site between two buckets and `
        + 'calls only S3, CloudFront and CloudFormation: it processes no data of the application and needs no access '
        + 'to a network.',
      noReservedConcurrencyReason: `The function of ${this.node.path} runs once for each deployment of its stack, and `
        + 'CloudFormation sends a request only after the response to the previous one: a reservation would take '
        + 'executions from the application.',
    });
    handler.function.configureAsyncInvoke({ maxEventAge: Duration.minutes(EVENT_AGE_MINUTES) });
    return handler;
  }

  /** One resource for all files: a new archive updates it, and a rollback restores the previous archive. */
  private defineFiles(archive: assets.Asset, props: SiteDeploymentProps): CustomResource {
    const properties: SiteProperties = {
      ArchiveBucket: archive.s3BucketName,
      ArchiveKey: archive.s3ObjectKey,
      Bucket: props.bucket.bucketName,
      KeyArn: props.encryptionKey.keyArn,
      DistributionId: props.distribution.distributionId,
      ImmutablePaths: props.immutablePaths,
    };
    const files = new CustomResource(this, 'Files', {
      resourceType: 'Custom::SiteFiles',
      serviceToken: this.handler.function.functionArn,
      serviceTimeout: Duration.minutes(ANSWER_TIMEOUT_MINUTES),
      properties: { ...properties },
    });
    files.node.addDependency(this.handler);
    return files;
  }

  private acknowledgeObjects(bucket: s3.Bucket): void {
    const logicalId = Stack.of(this).resolve((bucket.node.defaultChild as s3.CfnBucket).logicalId);
    acknowledge(this.handler.node.findChild('Role').node.findChild('Policy'), {
      rules: [`AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/*]`],
      reason: `The file names of ${this.node.path} are those of the site and change with it; the bucket contains only `
        + 'files of this site.',
    });
  }

  private refuseTooLarge(source: string): void {
    const { files, bytes } = measure(source);
    const change = 'leave source out and deploy the files from a pipeline, for example with aws s3 sync';
    if (files > MAX_SITE_FILES) {
      const given = new Situation('a directory with more');
      refuse(this.node.scope!, {
        prop: 'source',
        given,
        allowed: `a directory with at most ${MAX_SITE_FILES} files`,
        change,
      });
    }
    if (bytes > MAX_SITE_MEBIBYTES * BYTES_PER_MEBIBYTE) {
      const given = new Situation(`a directory with ${Math.ceil(bytes / BYTES_PER_MEBIBYTE)} MiB`);
      refuse(this.node.scope!, {
        prop: 'source',
        given,
        allowed: `a directory with at most ${MAX_SITE_MEBIBYTES} MiB`,
        change,
      });
    }
  }
}

/**
 * The number and size of the files in a directory, including link targets. Counting stops above the maximum number of
 * files.
 */
function measure(folder: string): { files: number; bytes: number } {
  const total = { files: 0, bytes: 0 };
  const open = [folder];
  while (open.length > 0 && total.files <= MAX_SITE_FILES) {
    const at = open.pop()!;
    for (const name of fs.readdirSync(at)) {
      const entry = fs.statSync(path.join(at, name));
      if (entry.isDirectory()) {open.push(path.join(at, name));} else if (!SYSTEM_FILES.includes(name)) {
        total.files += 1;
        total.bytes += entry.size;
      }
    }
  }
  return total;
}
