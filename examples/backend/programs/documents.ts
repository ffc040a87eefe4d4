import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({});

/** The documents of the jobs, in the bucket of the API. Logs contain the key, so it is the opaque ID of a job. */
export class Documents {
  private readonly bucket: string;

  constructor(bucket: string) {
    this.bucket = bucket;
  }

  public async store(id: string, document: Buffer): Promise<void> {
    await s3.send(new PutObjectCommand({ Bucket: this.bucket, Key: keyOf(id), Body: document }));
  }

  public async read(id: string, abortSignal: AbortSignal): Promise<Uint8Array> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: keyOf(id) }), { abortSignal });
    return Body!.transformToByteArray();
  }
}

const keyOf = (id: string) => `jobs/${id}`;
