import { Duration, Tokenization } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { SESSION_USER } from './bastion-start';

/** Options for the session document. */
export interface SessionDocumentOptions {
  readonly logGroup: logs.ILogGroup;
  readonly encryptionKey: kms.IKey;
  readonly idleTimeout: Duration;
  readonly maxSessionDuration: Duration;
}

/**
 * Creates the session document: streamed logs, a customer managed key, timeouts, and a user other than root.
 *
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-schema.html
 */
export function sessionDocument(scope: Construct, id: string, options: SessionDocumentOptions): ssm.CfnDocument {
  return new ssm.CfnDocument(scope, id, {
    documentType: 'Session',
    documentFormat: 'JSON',
    // A new version keeps the name, so the permissions for the document do not change.
    updateMethod: 'NewVersion',
    content: {
      schemaVersion: '1.0',
      description: `Opens a shell on ${scope.node.path} and logs its input and output`,
      sessionType: 'Standard_Stream',
      inputs: {
        s3BucketName: '',
        s3KeyPrefix: '',
        s3EncryptionEnabled: true,
        cloudWatchLogGroupName: options.logGroup.logGroupName,
        cloudWatchEncryptionEnabled: true,
        // Streams the log. An interrupted session would never upload a log at its end.
        cloudWatchStreamingEnabled: true,
        kmsKeyId: options.encryptionKey.keyArn,
        runAsEnabled: true,
        runAsDefaultUser: SESSION_USER,
        idleSessionTimeout: minutes(options.idleTimeout),
        maxSessionDuration: minutes(options.maxSessionDuration),
        shellProfile: { linux: 'cd && exec bash --login', windows: '' },
      },
    },
  });
}

function minutes(duration: Duration): string {
  return Tokenization.stringifyNumber(duration.toMinutes());
}
