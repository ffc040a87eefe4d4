import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { DataProtection } from '../core/data-protection';

/** How long audit logs are kept: HIPAA asks for six years of documentation, 45 CFR 164.316(b)(2)(i). */
export const AUDIT_LOG_RETENTION_DAYS = 2192;
/** How long application logs are kept unless the app says otherwise: what AWS Config's `cw-loggroup-retention-period-check` asks for by default. */
export const APPLICATION_LOG_RETENTION_DAYS = 365;

/** An encrypted, retained log group. */
export interface LogGroupOptions {
  /** The key. Its policy must let CloudWatch Logs use it: see `cloudWatchLogs`. */
  readonly encryptionKey: kms.IKey;
  /** The retention. Default: six years for audit logs, one year for application logs. */
  readonly retention?: logs.RetentionDays;
  /** A physical name, only where a service demands one. */
  readonly logGroupName?: string;
}

/** Logs that prove who did what: flow logs, firewall, database connections, shell sessions. */
export function auditLogGroup(scope: Construct, id: string, options: LogGroupOptions): logs.LogGroup {
  return logGroup(scope, id, options, AUDIT_LOG_RETENTION_DAYS);
}

/** What applications and functions print. */
export function applicationLogGroup(scope: Construct, id: string, options: LogGroupOptions): logs.LogGroup {
  return logGroup(scope, id, options, APPLICATION_LOG_RETENTION_DAYS);
}

function logGroup(scope: Construct, id: string, options: LogGroupOptions, defaultRetention: logs.RetentionDays): logs.LogGroup {
  const protection = DataProtection.of(scope);
  return new logs.LogGroup(scope, id, {
    logGroupName: options.logGroupName,
    encryptionKey: options.encryptionKey,
    retention: options.retention ?? defaultRetention,
    removalPolicy: options.logGroupName === undefined ? protection.removalPolicy : protection.namedRemovalPolicy,
  });
}
