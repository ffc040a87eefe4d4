import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct, IDependable } from 'constructs';
import { rotatedContainerSecret } from '../../binding/container-secret';
import { IServiceBindable, ServiceBinding, ServiceBindingContext } from '../../binding/service-binding';
import { rotationRules } from '../../blocks/rotation-window';
import { relax, RelaxationOptions } from '../../core/relaxation';
import { ClientVariables } from '../engines/engine-profile';

/** The name of the master user: not a reserved word, and not a common default name (Security Hub control RDS.25). */
export const MASTER_USER_NAME = 'dbowner';
/** The rotation period of the master password of retained data, in days: a month. The default of RDS is 7 days. */
const ROTATION_DAYS = 30;
const ROTATION_ID = 'PasswordRotation';
const MASTER_USER_ID = 'MasterUser';

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

/** The secret and the connection with which a service logs in as the master user. */
export interface MasterLogin {
  readonly secret: secretsmanager.ISecret;
  readonly connectable: ec2.IConnectable;
  /** The dependables after which the server accepts connections. */
  readonly ready: IDependable[];
  /** The environment variables of a client. */
  variables(context: ServiceBindingContext): ClientVariables;
}

/** The master user of a database, as an item of `uses`. */
export class MasterUser extends Construct implements IServiceBindable {
  constructor(scope: Construct, id: string, private readonly login: MasterLogin) {
    super(scope, id);
  }

  public bindToService(context: ServiceBindingContext): ServiceBinding {
    const { connectable, ready, secret } = this.login;
    const { environment, user, password } = this.login.variables(context);
    return {
      connectable,
      waitFor: ready,
      environment,
      secrets: {
        [user]: rotatedContainerSecret(secret, 'username'),
        [password]: rotatedContainerSecret(secret, 'password'),
      },
      rotatedSecrets: [secret],
    };
  }
}

/** Returns the master user for a service, and records the reason. */
export function masterUser(scope: Construct, { reason }: RelaxationOptions, login: MasterLogin): IServiceBindable {
  relax(scope, {
    id: 'master-user',
    what: 'a service logs in to the database as the master user, which can change every role and the audit, and whose '
      + 'password stops working at each rotation',
    reason,
  });
  const present = scope.node.tryFindChild(MASTER_USER_ID);
  return present instanceof MasterUser ? present : new MasterUser(scope, MASTER_USER_ID, login);
}
