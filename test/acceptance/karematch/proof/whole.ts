import { Template } from 'aws-cdk-lib/assertions';
import * as database from './database';
import * as entrance from './entrance';
import { BUCKET, FUNCTION, LOG_GROUP } from './parts';
import * as registry from './registry';
import * as secrets from './secrets';
import * as site from './site';
import { all, rotatingKeys, storesTakeTlsAlone } from '../../../support/template/reading';

/** A rotating customer managed key of the app encrypts each store. */
export function encryptedAtRest(main: Template, images: Template) {
  database.encrypted(main);
  database.noOtherStore(main);
  site.encrypted(main);
  secrets.encrypted(main);
  registry.encrypted(main, images);
  const keys = rotatingKeys(main);
  for (const [type, property] of [
    [LOG_GROUP, 'KmsKeyId'],
    ['AWS::SNS::Topic', 'KmsMasterKeyId'],
    ['AWS::SQS::Queue', 'KmsMasterKeyId'],
  ]) {
    for (const { Properties } of all(main, type)) expect(keys).toContainEqual(Properties[property]);
  }
  for (const { Properties } of all(main, FUNCTION)) {
    if (Properties.Environment) expect(keys).toContainEqual(Properties.KmsKeyArn);
  }
  bucketsAreEncrypted(main);
}

/**
 * The key of the site encrypts its bucket. Load balancers, CloudFront and S3 deliver logs only to buckets with SSE-S3.
 */
export function bucketsAreEncrypted(main: Template) {
  const algorithms = all(main, BUCKET).map(({ Properties }) =>
    Properties.BucketEncryption.ServerSideEncryptionConfiguration.map(
      (rule: { ServerSideEncryptionByDefault: { SSEAlgorithm: string } }) =>
        rule.ServerSideEncryptionByDefault.SSEAlgorithm,
    ).join(),
  );
  expect(algorithms.sort()).toEqual(['AES256', 'AES256', 'aws:kms']);
  site.encrypted(main);
}

/** Browser to CloudFront, CloudFront to load balancer, load balancer to tasks, tasks to database. */
export function encryptedInTransit(main: Template) {
  site.browsersSpeakTls12(main);
  site.apiBehindTheSite(main);
  entrance.internetComesInOverHttps(main);
  entrance.httpRedirects(main);
  entrance.targetsSpeakHttps(main);
  database.tlsOnly(main);
  storesTakeTlsAlone(main);
}
