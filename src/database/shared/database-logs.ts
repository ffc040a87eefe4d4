import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { auditLogGroup } from '../../blocks/log-group';

/**
 * The log groups that RDS writes to, by the type of the log. RDS would make them itself, without key and retention, under names that hold
 * the identifier of what writes; so they have to exist before it.
 */
export function databaseLogGroups(
  scope: Construct,
  prefix: string,
  logTypes: string[],
  encryptionKey: kms.IKey,
): { [logType: string]: logs.LogGroup } {
  return Object.fromEntries(logTypes.map((logType) => [logType, auditLogGroup(scope, `${logType[0].toUpperCase()}${logType.slice(1)}Log`, {
    encryptionKey,
    logGroupName: `${prefix}/${logType}`,
  })]));
}
