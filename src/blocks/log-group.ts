import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { protectionOf } from '../core/data-protection';

/** The retention of audit logs, in days: HIPAA requires documentation for six years, 45 CFR 164.316(b)(2)(i). */
export const AUDIT_LOG_RETENTION_DAYS = 2192;
/**
 * The default retention of application logs, in days.
 *
 * It is the default of the AWS Config rule `cw-loggroup-retention-period-check`.
 */
export const APPLICATION_LOG_RETENTION_DAYS = 365;

/** The options of an encrypted log group. */
export interface LogGroupOptions {
  /** The key. Its policy must allow CloudWatch Logs, see `cloudWatchLogs`. */
  readonly encryptionKey: kms.IKey;
  /** The retention. Default: six years for audit logs, one year for application logs. */
  readonly retention?: logs.RetentionDays;
  /** A physical name, only if a service requires one. */
  readonly logGroupName?: string;
}

/** Creates a log group for audit logs: flow logs, firewall logs, database connections, shell sessions. */
export function auditLogGroup(scope: Construct, id: string, options: LogGroupOptions): logs.LogGroup {
  return logGroup(scope, id, options, AUDIT_LOG_RETENTION_DAYS);
}

/** Creates a log group for the output of applications and functions. */
export function applicationLogGroup(scope: Construct, id: string, options: LogGroupOptions): logs.LogGroup {
  return logGroup(scope, id, options, APPLICATION_LOG_RETENTION_DAYS);
}

function logGroup(
  scope: Construct,
  id: string,
  options: LogGroupOptions,
  defaultRetention: logs.RetentionDays,
): logs.LogGroup {
  return new logs.LogGroup(scope, id, {
    logGroupName: options.logGroupName,
    encryptionKey: options.encryptionKey,
    retention: options.retention ?? defaultRetention,
    removalPolicy: protectionOf(scope).removalPolicy,
  });
}
