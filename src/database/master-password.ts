import { CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/** How often RDS changes the master password, in days. By itself it would do so every 7 days. */
const ROTATION_DAYS = 30;

/**
 * Has the password that RDS manages changed every 30 days. RDS does the changing, so the schedule has rules and no function.
 *
 * The schedule is never deleted on its own: it ends with the secret, which ends with the database, and asking to cancel
 * the rotation of a secret that a service manages could only hold a deletion up.
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
