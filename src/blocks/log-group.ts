import { RemovalPolicy } from 'aws-cdk-lib';
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

/**
 * Creates a log group for audit logs: flow logs, firewall logs, database connections, shell sessions.
 *
 * Unless data is disposable, nobody can delete it before its deletion protection is off (45 CFR 164.312(b)).
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/protecting-log-groups-from-deletion.html
 */
export function auditLogGroup(scope: Construct, id: string, options: LogGroupOptions): logs.LogGroup {
  return protectAuditLog(logGroup(scope, id, options, AUDIT_LOG_RETENTION_DAYS));
}

/**
 * Protects a log group from deletion, unless data is disposable.
 *
 * The rollback of a failed creation retains the group: its deletion would fail. The name of the next attempt differs,
 * also a physical name, because it contains a part of the stack ID.
 */
export function protectAuditLog(group: logs.LogGroup): logs.LogGroup {
  const { isDisposable } = protectionOf(group);
  const resource = group.node.defaultChild as logs.CfnLogGroup;
  // The explicit `false` turns the protection off when a retained environment becomes disposable.
  resource.deletionProtectionEnabled = !isDisposable;
  if (!isDisposable) resource.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return group;
}

/**
 * Creates a log group for the output of applications and functions.
 *
 * With the retention of audit logs or a longer one, it has the same protection.
 */
export function applicationLogGroup(scope: Construct, id: string, options: LogGroupOptions): logs.LogGroup {
  const group = logGroup(scope, id, options, APPLICATION_LOG_RETENTION_DAYS);
  return (options.retention ?? 0) >= AUDIT_LOG_RETENTION_DAYS ? protectAuditLog(group) : group;
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
