import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { Answer, Origin } from './edge';
import { headersOf } from '../../../../src/site/deployment/object-headers';

/** The origin of a deployed folder: each file at its path, with the headers of the deployment. */
export function bucketOf(template: Template, folder: string): Origin {
  const { ImmutablePaths } = Object.values(
    template.toJSON().Resources as Record<string, { Properties?: Record<string, string[]> }>,
  )
    .map(({ Properties }) => Properties ?? {})
    .find((properties) => properties.ImmutablePaths)!;
  // A caller that may list the bucket receives 404 for a missing file. Others receive 403.
  const mayList = JSON.stringify(template.findResources('AWS::S3::BucketPolicy')).includes('"s3:ListBucket"');
  return async ({ path: name }): Promise<Answer> => {
    const file = path.join(folder, decodeURIComponent(name));
    if (!file.startsWith(folder) || !fs.existsSync(file) || !fs.statSync(file).isFile()) {
      const [status, code] = mayList ? [404, 'NoSuchKey'] : [403, 'AccessDenied'];
      return {
        status: Number(status),
        headers: { 'content-type': 'application/xml' },
        body: Buffer.from(`<Error><Code>${code}</Code></Error>`),
      };
    }
    const { contentType, cacheControl } = headersOf(name.slice(1), ImmutablePaths);
    return {
      status: 200,
      headers: { 'content-type': contentType, 'cache-control': cacheControl },
      body: fs.readFileSync(file),
    };
  };
}
