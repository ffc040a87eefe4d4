import { CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/** Neither a reserved word of an engine nor one of the names that everybody tries first (Security Hub RDS.25). */
export const MASTER_USER_NAME = 'dbowner';
/** How often RDS changes the master password of data that is kept, in days. By itself it does so every 7 days. */
const ROTATION_DAYS = 30;

/**
 * Has the password that RDS manages changed every 30 days. RDS does the changing, so the schedule has rules and no function.
 *
 * The schedule is never deleted on its own: it ends with the secret, which ends with the database, and asking to cancel
 * the rotation of a secret that a service manages could only hold a deletion up. It is for data that is kept: a disposable database
 * has none, so that its template retains nothing, and RDS's own rhythm of 7 days holds.
 */
export function rotateMasterPassword(scope: Construct, id: string, secret: secretsmanager.ISecret): CfnResource {
  const schedule = new secretsmanager.CfnRotationSchedule(scope, id, {
    secretId: secret.secretArn,
    rotateImmediatelyOnUpdate: false,
    rotationRules: { automaticallyAfterDays: ROTATION_DAYS },
  });
  schedule.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return schedule;
}
