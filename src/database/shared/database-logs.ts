import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { auditLogGroup } from '../../blocks/log-group';

/**
 * Creates the log groups that RDS writes to, by log type. RDS would create them without a key and without retention.
 * Their names contain the identifier of the database, so they must exist before it.
 */
export function databaseLogGroups(
  scope: Construct,
  prefix: string,
  logTypes: string[],
  encryptionKey: kms.IKey,
): { [logType: string]: logs.LogGroup } {
  return Object.fromEntries(
    logTypes.map((logType) => [
      logType,
      auditLogGroup(scope, `${logType[0].toUpperCase()}${logType.slice(1)}Log`, {
        encryptionKey,
        logGroupName: `${prefix}/${logType}`,
      }),
    ]),
  );
}
