import { setMaxListeners } from 'events';
import { setTimeout as sleep } from 'timers/promises';
import { CloudFrontClient, CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import {
  DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, PutObjectCommand, S3Client,
} from '@aws-sdk/client-s3';
import { SiteProperties } from './deploy-site-contract';
import { mapConcurrently } from './map-concurrently';
import { headersOf, isEntryPoint, ObjectHeaders } from './object-headers';
import { filesOf, SiteFile } from './site-archive';
import { answer, ANSWER_MARGIN, CustomResourceRequest } from '../../blocks/custom-resource';

/** The part of the Lambda context that the handler uses. */
interface Invocation {
  getRemainingTimeInMillis(): number;
}

/** The SDK retries throttling and server errors with increasing delays. */
const CLIENT = {
  maxAttempts: 8,
  retryMode: 'adaptive',
  requestHandler: { connectionTimeout: 5_000, socketTimeout: 20_000 },
};
/** The number of files that are processed in parallel. */
const CONCURRENCY = 20;
/**
 * The maximum number of objects that S3 deletes in a call.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 */
const MAX_DELETED_OBJECTS = 1_000;
/**
 * The delays before another attempt after a temporary error, in milliseconds: doubled each time, two minutes in total.
 */
const FIRST_PAUSE = 1_000;
const LAST_PAUSE = 64_000;

/** Deploys the files of a site to its bucket. */
export async function handler(request: CustomResourceRequest<SiteProperties>, invocation: Invocation): Promise<void> {
  const deployment = new Deployment(request);
  await answer(request, {
    // The id never changes, even if the bucket or the distribution is replaced: an old id would have no resource to
    // delete.
    physicalId: () => request.PhysicalResourceId ?? `site-files/${request.LogicalResourceId}`,
    standing: () => deployment.standing,
    timeLeft: invocation.getRemainingTimeInMillis() - ANSWER_MARGIN,
    run: (signal) => deployment.run(signal),
  });
}

class Deployment {
  /** The progress, for the reason of a failure. */
  public standing = 'nothing was changed';

  private readonly s3 = new S3Client(CLIENT);
  private readonly cloudFront = new CloudFrontClient(CLIENT);
  private readonly site: SiteProperties;
  private readonly done = { uploaded: 0, unchanged: 0, removed: 0 };

  constructor(private readonly request: CustomResourceRequest<SiteProperties>) {
    this.site = request.ResourceProperties;
  }

  /**
   * Deploys the files, and repeats the deployment after temporary errors: every step is idempotent.
   *
   * A deletion of the resource keeps the files: the removal policy of the bucket decides about them.
   */
  public async run(signal: AbortSignal): Promise<void> {
    if (this.request.RequestType === 'Delete') return;
    // Each call adds a listener to the signal; Node would log a warning about a possible leak.
    setMaxListeners(0, signal);
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      try {
        await this.deploy(signal);
        return console.log(
          JSON.stringify({ request: this.request.RequestType, archive: this.site.ArchiveKey, ...this.done }),
        );
      } catch (error) {
        if (pause > LAST_PAUSE || !(error instanceof StepError) || !error.temporary) throw error;
        await sleep(pause, undefined, { signal });
      }
    }
  }

  /**
   * Writes first the files that pages reference, then the pages, and then deletes the old files: the site is consistent
   * at every moment, and after a failed step.
   */
  private async deploy(signal: AbortSignal): Promise<void> {
    this.done.unchanged = 0;
    const files = filesOf(await this.archive(signal));
    const sizes = await this.listed(signal);
    await this.upload(files.filter(({ key }) => !isEntryPoint(key)), sizes, signal);
    await this.upload(files.filter(({ key }) => isEntryPoint(key)), sizes, signal);
    const wanted = new Set(files.map(({ key }) => key));
    await this.remove([...sizes.keys()].filter((key) => !wanted.has(key)), signal);
    await this.invalidate(signal);
  }

  private async archive(signal: AbortSignal): Promise<Uint8Array> {
    const { ArchiveBucket: Bucket, ArchiveKey: Key } = this.site;
    const { Body } = await step(
      `reading the archive s3://${Bucket}/${Key}`,
      this.s3.send(new GetObjectCommand({ Bucket, Key }), { abortSignal: signal }),
    );
    // The SDK does not retry errors while the body is read.
    return Body!.transformToByteArray().catch((error) => {
      throw new StepError(`reading the archive s3://${Bucket}/${Key}`, error, true);
    });
  }

  /** The keys and sizes of the objects in the bucket. */
  private async listed(signal: AbortSignal): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    const pages = paginateListObjectsV2({ client: this.s3 }, { Bucket: this.site.Bucket }, { abortSignal: signal });
    const read = async () => {
      for await (const { Contents = [] } of pages) Contents.forEach(({ Key, Size }) => sizes.set(Key!, Size!));
    };
    await step(`listing s3://${this.site.Bucket}`, read());
    return sizes;
  }

  private async upload(files: SiteFile[], sizes: Map<string, number>, signal: AbortSignal): Promise<void> {
    await mapConcurrently(files, CONCURRENCY, async (file) => {
      const headers = headersOf(file.key, this.site.ImmutablePaths ?? []);
      if (sizes.get(file.key) === file.content.length && await this.isUnchanged(file, headers, signal)) {
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
      this.reportProgress();
    });
  }

  /**
   * Whether the bucket contains this file. Compares the checksum: the ETag of an object with a KMS key is not a digest.
   */
  private async isUnchanged(file: SiteFile, headers: ObjectHeaders, signal: AbortSignal): Promise<boolean> {
    const command = new HeadObjectCommand({ Bucket: this.site.Bucket, Key: file.key, ChecksumMode: 'ENABLED' });
    const there = await step(`looking at ${file.key}`, this.s3.send(command, { abortSignal: signal }));
    return (
      there.ChecksumSHA256 === file.checksum &&
      there.ContentType === headers.contentType &&
      there.CacheControl === headers.cacheControl &&
      there.SSEKMSKeyId === this.site.KeyArn
    );
  }

  /** Deletes pages first, so that no page references a deleted file. The bucket keeps the old versions. */
  private async remove(keys: string[], signal: AbortSignal): Promise<void> {
    const order = [...keys.filter(isEntryPoint), ...keys.filter((key) => !isEntryPoint(key))];
    for (let begin = 0; begin < order.length; begin += MAX_DELETED_OBJECTS) {
      const batch = order.slice(begin, begin + MAX_DELETED_OBJECTS);
      const Delete = { Objects: batch.map((Key) => ({ Key })), Quiet: true };
      const { Errors: errors = [] } = await step(`removing ${batch[0]} and others`,
        this.s3.send(new DeleteObjectsCommand({ Bucket: this.site.Bucket, Delete }), { abortSignal: signal }));
      if (errors.length > 0) {
        throw new StepError(`removing ${errors[0].Key}`, new Error(`${errors[0].Code}: ${errors[0].Message}`), true);
      }
      this.done.removed += batch.length;
      this.reportProgress();
    }
  }

  /**
   * Invalidates all files, which counts as one path.
   *
   * It does so at creation too, because the distribution can be older than the resource, and without changes too,
   * because an earlier attempt can have made them. With the request id as reference, a repetition is the same
   * invalidation.
   */
  private async invalidate(signal: AbortSignal): Promise<void> {
    await step(
      `invalidating distribution ${this.site.DistributionId}`,
      this.cloudFront.send(
        new CreateInvalidationCommand({
          DistributionId: this.site.DistributionId,
          InvalidationBatch: { CallerReference: this.request.RequestId, Paths: { Quantity: 1, Items: ['/*'] } },
        }),
        { abortSignal: signal },
      ),
    );
  }

  private reportProgress(): void {
    this.standing = `${this.done.uploaded} files were written and ${this.done.removed} removed`;
  }
}

/** Adds the step to an error: the response to a HEAD request, for example, has no message. */
async function step<Result>(what: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw new StepError(what, error as ServiceError, isTemporary(error as ServiceError));
  }
}

/**
 * Whether an error can disappear after a delay.
 *
 * Each deployment allows the function to read a new archive immediately before the call, and IAM permissions take
 * effect after a delay. CloudFront processes at most 15 invalidations of this kind in parallel.
 */
function isTemporary(error: ServiceError): boolean {
  const status = error.$metadata?.httpStatusCode;
  // 404: another process deleted a listed object.
  return status === 403 || status === 404 || error.name === 'TooManyInvalidationsInProgress';
}

interface ServiceError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

class StepError extends Error {
  constructor(what: string, error: Error, public readonly temporary: boolean) {
    super(`${what}: ${[...new Set([error.name, error.message])].join(': ')}`);
  }
}
