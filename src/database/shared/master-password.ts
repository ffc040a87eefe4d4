import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct, IDependable } from 'constructs';
import { rotatedContainerSecret } from '../../binding/container-secret';
import { ServiceBinding } from '../../binding/service-binding';
import { rotationRules } from '../../blocks/rotation-window';
import { ClientVariables } from '../engines/engine-profile';

/** The name of the master user: not a reserved word, and not a common default name (Security Hub control RDS.25). */
export const MASTER_USER_NAME = 'dbowner';
/** The rotation period of the master password of retained data, in days: a month. The default of RDS is 7 days. */
const ROTATION_DAYS = 30;
const ROTATION_ID = 'PasswordRotation';

/**
 * Rotates the master password once a month in the maintenance window, unless data is disposable. RDS rotates the
 * password, so the schedule has no function.
 *
 * The password changes at once. Services that use it replace their tasks immediately, so a rotation belongs into the
 * window in which the database can restart anyway. The schedule of a managed secret can have any expression and window:
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_managed.html
 *
 * The schedule is retained, also by a rollback: RDS deletes the secret with the database, and the deletion of a
 * schedule on a managed secret could block the stack. A disposable database has no schedule, so that its template
 * retains nothing, and rotates every 7 days.
 */
export function masterSecret(
  scope: Construct,
  secret: secretsmanager.ISecret,
  { disposable, maintenanceWindow }: { readonly disposable: boolean; readonly maintenanceWindow: string },
): secretsmanager.ISecret {
  if (disposable) return secret;
  const schedule = new secretsmanager.CfnRotationSchedule(scope, ROTATION_ID, {
    secretId: secret.secretArn,
    rotateImmediatelyOnUpdate: false,
    rotationRules: rotationRules(Duration.days(ROTATION_DAYS), maintenanceWindow),
  });
  schedule.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return secret;
}

/** The schedule that `masterSecret` created, if there is one. */
export function passwordRotation(scope: IConstruct): IConstruct[] {
  const schedule = scope.node.tryFindChild(ROTATION_ID);
  return schedule ? [schedule] : [];
}

/** The binding of a service that logs in as the master user with the password. */
export function masterUserBinding(
  connectable: ec2.IConnectable, variables: ClientVariables, secret: secretsmanager.ISecret, waitFor: IDependable[],
): ServiceBinding {
  return {
    connectable,
    waitFor,
    environment: variables.environment,
    secrets: {
      [variables.user]: rotatedContainerSecret(secret, 'username'),
      [variables.password]: rotatedContainerSecret(secret, 'password'),
    },
    rotatedSecrets: [secret],
  };
}
