import { createHash } from 'crypto';
import { Arrived, FakeHttp, Reply } from './fake-http';

/** An object of a bucket. */
export interface FakeObject {
  readonly body: Buffer;
  readonly contentType?: string;
  readonly cacheControl?: string;
  /** The Base64 SHA-256 of the body. Only for an object that was written with a checksum. */
  readonly checksum?: string;
  readonly keyArn?: string;
}

/**
 * S3 with path-style requests. Verifies the checksum of each body, and encrypts every object with the key of the
 * bucket.
 */
export class FakeS3 extends FakeHttp {
  /** The objects of each bucket, by key. */
  public readonly buckets: Record<string, Map<string, FakeObject>> = {};
  /** The encryption key of the buckets. */
  public keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/site';
  /** The number of objects on a page of a list. */
  public pageSize = 1_000;
  /** The keys of each deletion, in order. */
  public readonly removals: string[][] = [];
  /** The keys that a deletion reports as failed. */
  public readonly irremovable: string[] = [];

  /** The calls that changed an object. */
  public get changes(): string[] {
    return this.calls.filter((call) => /^(put|delete)/.test(call));
  }

  protected nameOf({ method, url }: Arrived): string {
    const [, , ...key] = decodeURIComponent(url.pathname).split('/');
    if (url.searchParams.has('list-type')) return 'list';
    if (url.searchParams.has('delete')) return 'delete';
    return `${method.toLowerCase()} ${key.join('/')}`;
  }

  protected perform(call: string, request: Arrived): Reply {
    const bucket = this.buckets[request.url.pathname.split('/')[1]];
    const key = call.slice(call.indexOf(' ') + 1);
    if (call === 'list') return this.list(bucket, request.url.searchParams.get('continuation-token') ?? '');
    if (call === 'delete') return this.remove(bucket, request.body.toString());
    if (call.startsWith('put')) return this.put(bucket, key, request);
    const object = bucket.get(key);
    if (!object) return { status: 404, body: this.errorBody('NoSuchKey') };
    return {
      body: object.body,
      headers: Object.fromEntries(Object.entries({
        'content-length': String(object.body.length),
        'content-type': object.contentType,
        'cache-control': object.cacheControl,
        'x-amz-checksum-sha256': request.headers['x-amz-checksum-mode'] === 'ENABLED' ? object.checksum : undefined,
        'x-amz-server-side-encryption-aws-kms-key-id': object.keyArn,
      }).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    };
  }

  protected errorBody(code: string): string {
    return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>as S3 says it</Message></Error>`;
  }

  private put(bucket: Map<string, FakeObject>, key: string, { headers, body }: Arrived): Reply {
    const checksum = createHash('sha256').update(body).digest('base64');
    if (headers['x-amz-checksum-sha256'] !== checksum) return { status: 400, body: this.errorBody('BadDigest') };
    bucket.set(key, {
      body,
      contentType: headers['content-type'],
      cacheControl: headers['cache-control'],
      checksum,
      keyArn: this.keyArn,
    });
    return {};
  }

  private list(bucket: Map<string, FakeObject>, after: string): Reply {
    const keys = [...bucket.keys()].sort().filter((key) => key > after);
    const page = keys.slice(0, this.pageSize);
    const more = keys.length > page.length;
    const contents = page.map(
      (key) => `<Contents><Key>${escape(key)}</Key><Size>${bucket.get(key)!.body.length}</Size></Contents>`,
    );
    const next = more ? `<NextContinuationToken>${escape(page.at(-1)!)}</NextContinuationToken>` : '';
    return {
      body:
        `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}` +
        '</ListBucketResult>',
    };
  }

  private remove(bucket: Map<string, FakeObject>, body: string): Reply {
    const keys = [...body.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => unescape(key));
    const errors = keys.filter((key) => this.irremovable.includes(key));
    keys.filter((key) => !errors.includes(key)).forEach((key) => bucket.delete(key));
    this.removals.push(keys);
    const failed = errors.map(
      (key) => `<Error><Key>${escape(key)}</Key><Code>AccessDenied</Code><Message>as S3 says it</Message></Error>`,
    );
    return { body: `<?xml version="1.0"?><DeleteResult>${failed.join('')}</DeleteResult>` };
  }
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function unescape(text: string): string {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&amp;/g, '&');
}
