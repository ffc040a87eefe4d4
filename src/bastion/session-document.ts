import { Duration, Tokenization } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { SESSION_USER } from './bastion-start';

/** How sessions are. */
export interface SessionDocumentOptions {
  readonly logGroup: logs.ILogGroup;
  readonly encryptionKey: kms.IKey;
  readonly idleTimeout: Duration;
  readonly longestSession: Duration;
}

/**
 * The document by which sessions are opened: written down as they happen, encrypted with a key of one's own, closed when nobody types, and never root's.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-schema.html
 */
export function sessionDocument(scope: Construct, id: string, options: SessionDocumentOptions): ssm.CfnDocument {
  return new ssm.CfnDocument(scope, id, {
    documentType: 'Session',
    documentFormat: 'JSON',
    // Another version under the same name: who may use it stays as it is.
    updateMethod: 'NewVersion',
    content: {
      schemaVersion: '1.0',
      description: `A shell on ${scope.node.path}: what is shown and typed is kept`,
      sessionType: 'Standard_Stream',
      inputs: {
        s3BucketName: '',
        s3KeyPrefix: '',
        s3EncryptionEnabled: true,
        cloudWatchLogGroupName: options.logGroup.logGroupName,
        cloudWatchEncryptionEnabled: true,
        // As it happens, and not at the end, which a session that is cut never comes to.
        cloudWatchStreamingEnabled: true,
        kmsKeyId: options.encryptionKey.keyArn,
        runAsEnabled: true,
        runAsDefaultUser: SESSION_USER,
        idleSessionTimeout: minutes(options.idleTimeout),
        maxSessionDuration: minutes(options.longestSession),
        shellProfile: { linux: 'cd && exec bash --login', windows: '' },
      },
    },
  });
}

function minutes(duration: Duration): string {
  return Tokenization.stringifyNumber(duration.toMinutes());
}
