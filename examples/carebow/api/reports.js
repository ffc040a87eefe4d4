// Presigned URLs: clients upload and download reports directly, and only with a URL of this API.
const { GetObjectCommand, PutObjectCommand, S3Client } = require('@aws-sdk/client-s3');
const { getSignedUrl } = require('@aws-sdk/s3-request-presigner');

const EXPIRY_SECONDS = 300;
const MAX_BYTES = 10 * 1024 * 1024;
const CONTENT_TYPE = 'application/pdf';

class Reports {
  /** @param {string} bucket */
  constructor(bucket) {
    this.bucket = bucket;
    // The checksum of an empty body would otherwise be part of each upload URL.
    this.s3 = new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  }

  /** Whether a report of this size can be uploaded. */
  accepts(bytes) {
    return Number.isInteger(bytes) && bytes > 0 && bytes <= MAX_BYTES;
  }

  /** A URL that uploads a PDF file of exactly this size. */
  uploadUrl(id, bytes) {
    return this.sign(new PutObjectCommand({
      Bucket: this.bucket, Key: keyOf(id), ContentType: CONTENT_TYPE, ContentLength: bytes,
    }));
  }

  /** A URL that downloads a report as a file. */
  downloadUrl(id) {
    return this.sign(new GetObjectCommand({
      Bucket: this.bucket, Key: keyOf(id), ResponseContentDisposition: 'attachment; filename="report.pdf"',
    }));
  }

  sign(command) {
    const signableHeaders = new Set(['content-length', 'content-type', 'host']);
    return getSignedUrl(this.s3, command, { expiresIn: EXPIRY_SECONDS, signableHeaders });
  }
}

/** Access logs and CloudTrail contain the key, so it is an opaque ID. */
const keyOf = (id) => `reports/${id}`;

module.exports = { CONTENT_TYPE, EXPIRY_SECONDS, Reports };
