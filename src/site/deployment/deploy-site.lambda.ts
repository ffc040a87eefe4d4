import { setMaxListeners } from 'events';
import { setTimeout as sleep } from 'timers/promises';
import { CloudFrontClient, CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import {
  DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, PutObjectCommand, S3Client,
} from '@aws-sdk/client-s3';
import { mapConcurrently } from './map-concurrently';
import { headersOf, isEntryPoint, ObjectHeaders } from './object-headers';
import { filesOf, SiteFile } from './site-archive';
import { SiteProperties } from './deploy-site-contract';
import { answer, ANSWER_MARGIN, CustomResourceRequest } from '../../blocks/custom-resource';

/** What the Lambda runtime tells about the invocation. */
interface Invocation {
  getRemainingTimeInMillis(): number;
}

/** Throttling and server errors are retried by the SDK, ever slower while they last. */
const CLIENT = { maxAttempts: 8, retryMode: 'adaptive', requestHandler: { connectionTimeout: 5_000, socketTimeout: 20_000 } };
/** How many files are under way at a time. */
const AT_A_TIME = 20;
/** How many objects S3 removes in one call. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const REMOVED_AT_ONCE = 1_000;
/** How long to wait for what passes, in milliseconds: doubled each time, two minutes in all. */
const FIRST_PAUSE = 1_000;
const LAST_PAUSE = 64_000;

/** Brings the files of a site into its bucket. */
export async function handler(request: CustomResourceRequest<SiteProperties>, invocation: Invocation): Promise<void> {
  const deployment = new Deployment(request);
  await answer(request, {
    // The id never changes, whatever becomes of the bucket and the distribution: there is nothing to clean up under an old one.
    physicalId: () => request.PhysicalResourceId ?? `site-files/${request.LogicalResourceId}`,
    standing: () => deployment.standing,
    timeLeft: invocation.getRemainingTimeInMillis() - ANSWER_MARGIN,
    run: (signal) => deployment.run(signal),
  });
}

class Deployment {
  /** What the work has come to, for the reason of a failure. */
  public standing = 'nothing was changed';

  private readonly s3 = new S3Client(CLIENT);
  private readonly cloudFront = new CloudFrontClient(CLIENT);
  private readonly site: SiteProperties;
  private readonly done = { uploaded: 0, unchanged: 0, removed: 0 };

  constructor(private readonly request: CustomResourceRequest<SiteProperties>) {
    this.site = request.ResourceProperties;
  }

  /**
   * Does what is asked, again while it meets something that passes: every step may be repeated.
   * A deletion leaves the files: whether they go is decided for the bucket, which may outlive this resource.
   */
  public async run(signal: AbortSignal): Promise<void> {
    if (this.request.RequestType === 'Delete') return;
    // Each call listens for the end of the time; Node would take so many for a leak, and say so in the log.
    setMaxListeners(0, signal);
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      try {
        await this.deploy(signal);
        return console.log(JSON.stringify({ request: this.request.RequestType, archive: this.site.ArchiveKey, ...this.done }));
      } catch (error) {
        if (pause > LAST_PAUSE || !(error instanceof StepError) || !error.mayPass) throw error;
        await sleep(pause, undefined, { signal });
      }
    }
  }

  /**
   * First what pages refer to, then the pages, then away with what no page refers to any more: the site is whole at every
   * moment, and where a step fails.
   */
  private async deploy(signal: AbortSignal): Promise<void> {
    this.done.unchanged = 0;
    const files = filesOf(await this.archive(signal));
    const sizes = await this.listed(signal);
    await this.bring(files.filter(({ key }) => !isEntryPoint(key)), sizes, signal);
    await this.bring(files.filter(({ key }) => isEntryPoint(key)), sizes, signal);
    const wanted = new Set(files.map(({ key }) => key));
    await this.remove([...sizes.keys()].filter((key) => !wanted.has(key)), signal);
    await this.invalidate(signal);
  }

  private async archive(signal: AbortSignal): Promise<Uint8Array> {
    const { ArchiveBucket: Bucket, ArchiveKey: Key } = this.site;
    const { Body } = await step(`reading the archive s3://${Bucket}/${Key}`, this.s3.send(new GetObjectCommand({ Bucket, Key }), { abortSignal: signal }));
    // The SDK's retries end where the body begins.
    return Body!.transformToByteArray().catch((error) => { throw new StepError(`reading the archive s3://${Bucket}/${Key}`, error, true); });
  }

  /** What is in the bucket, with sizes. */
  private async listed(signal: AbortSignal): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    const pages = paginateListObjectsV2({ client: this.s3 }, { Bucket: this.site.Bucket }, { abortSignal: signal });
    const read = async () => {
      for await (const { Contents = [] } of pages) Contents.forEach(({ Key, Size }) => sizes.set(Key!, Size!));
    };
    await step(`listing s3://${this.site.Bucket}`, read());
    return sizes;
  }

  private async bring(files: SiteFile[], sizes: Map<string, number>, signal: AbortSignal): Promise<void> {
    await mapConcurrently(files, AT_A_TIME, async (file) => {
      const headers = headersOf(file.key, this.site.ImmutablePaths ?? []);
      if (sizes.get(file.key) === file.content.length && await this.isThere(file, headers, signal)) {
        this.done.unchanged++;
        return;
      }
      await step(`writing ${file.key}`, this.s3.send(new PutObjectCommand({
        Bucket: this.site.Bucket,
        Key: file.key,
        Body: file.content,
        ChecksumSHA256: file.checksum,
        ContentType: headers.contentType,
        CacheControl: headers.cacheControl,
      }), { abortSignal: signal }));
      this.done.uploaded++;
      this.tell();
    });
  }

  /** Whether the bucket holds just this. By the checksum that S3 keeps: an ETag says nothing about what a key of KMS encrypts. */
  private async isThere(file: SiteFile, headers: ObjectHeaders, signal: AbortSignal): Promise<boolean> {
    const command = new HeadObjectCommand({ Bucket: this.site.Bucket, Key: file.key, ChecksumMode: 'ENABLED' });
    const there = await step(`looking at ${file.key}`, this.s3.send(command, { abortSignal: signal }));
    return there.ChecksumSHA256 === file.checksum && there.ContentType === headers.contentType && there.CacheControl === headers.cacheControl
      && there.SSEKMSKeyId === this.site.KeyArn;
  }

  /** Pages first, so that none is left that refers to what is gone. The bucket keeps the old versions. */
  private async remove(keys: string[], signal: AbortSignal): Promise<void> {
    const order = [...keys.filter(isEntryPoint), ...keys.filter((key) => !isEntryPoint(key))];
    for (let begin = 0; begin < order.length; begin += REMOVED_AT_ONCE) {
      const batch = order.slice(begin, begin + REMOVED_AT_ONCE);
      const Delete = { Objects: batch.map((Key) => ({ Key })), Quiet: true };
      const { Errors: errors = [] } = await step(`removing ${batch[0]} and others`,
        this.s3.send(new DeleteObjectsCommand({ Bucket: this.site.Bucket, Delete }), { abortSignal: signal }));
      if (errors.length > 0) throw new StepError(`removing ${errors[0].Key}`, new Error(`${errors[0].Code}: ${errors[0].Message}`), true);
      this.done.removed += batch.length;
      this.tell();
    }
  }

  /**
   * Of everything, which counts as one path. Also when the resource is created, as the distribution may be older than it, and also when nothing
   * was changed, as an attempt that broke off may have changed it. The id of the request makes a repetition the same invalidation.
   */
  private async invalidate(signal: AbortSignal): Promise<void> {
    await step(`invalidating distribution ${this.site.DistributionId}`, this.cloudFront.send(new CreateInvalidationCommand({
      DistributionId: this.site.DistributionId,
      InvalidationBatch: { CallerReference: this.request.RequestId, Paths: { Quantity: 1, Items: ['/*'] } },
    }), { abortSignal: signal }));
  }

  private tell(): void {
    this.standing = `${this.done.uploaded} files were written and ${this.done.removed} removed`;
  }
}

/** Says which step failed: the answer to a HEAD, for one, has no words of its own. */
async function step<Result>(what: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw new StepError(what, error as ServiceError, passes(error as ServiceError));
  }
}

/**
 * What is denied may be allowed in a moment: each deployment permits the function to read a new archive, right before it is called, and IAM takes
 * its time. CloudFront works on 15 such invalidations at a time.
 */
function passes(error: ServiceError): boolean {
  const status = error.$metadata?.httpStatusCode;
  // An object that was listed, and is gone: somebody else is at work in the bucket.
  return status === 403 || status === 404 || error.name === 'TooManyInvalidationsInProgress';
}

interface ServiceError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

class StepError extends Error {
  constructor(what: string, error: Error, public readonly mayPass: boolean) {
    super(`${what}: ${[...new Set([error.name, error.message])].join(': ')}`);
  }
}
