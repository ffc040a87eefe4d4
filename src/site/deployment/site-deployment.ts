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
import { acknowledge } from '../../core/acknowledge';
import { HandlerFunction } from '../../blocks/handler-function';
import { refuse, Situation } from '../../core/refusal';

/** How long one deployment may take, in minutes. The largest site that is allowed takes two or three. */
const FUNCTION_TIMEOUT_MINUTES = 10;
/**
 * How long a request may wait, in minutes, for a function that is free, or for another attempt after one that broke off. Then Lambda drops it:
 * nothing of a request is still to come when CloudFormation has stopped waiting for it and gone on, which would bring older files back.
 */
const EVENT_AGE_MINUTES = 5;
/** How long CloudFormation waits for an answer, in minutes: the last attempt that may begin, and its end. */
const ANSWER_TIMEOUT_MINUTES = EVENT_AGE_MINUTES + FUNCTION_TIMEOUT_MINUTES;
/** The memory of the function, in MiB: twice what it took for an archive of the largest size (docs/decisions/0011-site-deployment.md). */
const FUNCTION_MEMORY_MEBIBYTES = 1_769;
const BYTES_PER_MEBIBYTE = 1024 * 1024;

/** What the operating system leaves in folders, and no site means to publish. */
const LITTER = ['.DS_Store', 'Thumbs.db', 'desktop.ini'];

/** The files of a site, and where they go. */
export interface SiteDeploymentProps {
  /** The folder that holds the files. Its content is the whole site. */
  readonly source: string;
  /** The bucket of the site. It belongs to the deployment alone: what is in it and not in the folder is removed. */
  readonly bucket: s3.Bucket;
  /** The distribution in front of the bucket. */
  readonly distribution: cloudfront.IDistribution;
  /** Path patterns, as CloudFront's, of files whose name changes with their content. */
  readonly immutablePaths: string[];
  /** The key of the bucket. It also encrypts the log, the environment and the dead letters of the function. */
  readonly encryptionKey: kms.IKey;
}

/**
 * Puts the files of a folder into the bucket of a site, each time that its stack is deployed.
 *
 * A function of its own reads the archive that the CDK uploaded, brings what has changed, pages last, removes what is gone, and has the distribution
 * forget what it cached. A deployment that fails is rolled back to the files before it. When the stack is deleted, the files stay as
 * long as their bucket does.
 */
export class SiteDeployment extends Construct {
  /** The function that brings the files. */
  public readonly handler: HandlerFunction;
  /** What is there once the files are. */
  public readonly files: IDependable;

  constructor(scope: Construct, id: string, props: SiteDeploymentProps) {
    super(scope, id);
    this.refuseTooLarge(props.source);
    const archive = new assets.Asset(this, 'Archive', { path: props.source, exclude: LITTER, followSymlinks: SymlinkFollowMode.ALWAYS });
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
      outsideVpcReason: `The function of ${this.node.path} copies the public files of a site from one bucket to another and speaks to S3, CloudFront and CloudFormation alone: `
        + 'no data of the application passes through it, and no network has to let it in.',
      noReservedConcurrencyReason: `The function of ${this.node.path} runs once for each deployment of its stack, and CloudFormation sends the next request only after the answer to the one before: `
        + 'reserving would take executions from the application.',
    });
    handler.function.configureAsyncInvoke({ maxEventAge: Duration.minutes(EVENT_AGE_MINUTES) });
    return handler;
  }

  /** One resource for all files: a new archive is an update of it, and a rollback brings the archive before. */
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
      reason: `The files of ${this.node.path} have the names that the site gives them, and those of tomorrow are not known today; all objects of the bucket are files of this one site.`,
    });
  }

  private refuseTooLarge(source: string): void {
    const { files, bytes } = measure(source);
    const change = 'leave source out and deploy the files from a pipeline, with aws s3 sync for example';
    if (files > MAX_SITE_FILES) {
      refuse(this.node.scope!, { prop: 'source', given: new Situation(`a folder of more than ${MAX_SITE_FILES} files`), allowed: `at most ${MAX_SITE_FILES} files`, change });
    }
    if (bytes > MAX_SITE_MEBIBYTES * BYTES_PER_MEBIBYTE) {
      const given = new Situation(`a folder of ${Math.ceil(bytes / BYTES_PER_MEBIBYTE)} MiB`);
      refuse(this.node.scope!, { prop: 'source', given, allowed: `at most ${MAX_SITE_MEBIBYTES} MiB`, change });
    }
  }
}

/** How much is in a folder, links followed. Counting ends once there are too many files. */
function measure(folder: string): { files: number; bytes: number } {
  const total = { files: 0, bytes: 0 };
  const open = [folder];
  while (open.length > 0 && total.files <= MAX_SITE_FILES) {
    const at = open.pop()!;
    for (const name of fs.readdirSync(at)) {
      const entry = fs.statSync(path.join(at, name));
      if (entry.isDirectory()) {open.push(path.join(at, name));} else if (!LITTER.includes(name)) {
        total.files += 1;
        total.bytes += entry.size;
      }
    }
  }
  return total;
}
