import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { RotatedGroup, ValueShape } from './secret-value';
import { HandlerFunction } from '../../blocks/handler-function';

/** How long one step may take, in seconds: a handful of calls to Secrets Manager with their retries. */
const STEP_TIMEOUT_SECONDS = 60;

/** A secret and what its values look like. */
export interface RotatedSecret {
  readonly secret: secretsmanager.ISecret;
  readonly shape: ValueShape;
}

/** Secrets that rotate. */
export interface SecretRotatorProps {
  /** The secrets. */
  readonly secrets: RotatedSecret[];
  /** The time between two rotations: whole days, or fewer than 24 whole hours. */
  readonly every: Duration;
  /** The key of the secrets, of the function's environment, log and dead letters. */
  readonly encryptionKey: kms.IKey;
}

/** Rotates secrets whose value lives nowhere but in the secret: one function, and a schedule for each secret. */
export class SecretRotator extends Construct {
  public readonly handler: HandlerFunction;

  constructor(scope: Construct, id: string, props: SecretRotatorProps) {
    super(scope, id);
    this.handler = this.defineFunction(props);
    this.letSecretsManagerInvoke();
    for (const { secret } of props.secrets) this.schedule(secret, props.every);
  }

  private defineFunction(props: SecretRotatorProps): HandlerFunction {
    return new HandlerFunction(this, 'Function', {
      handler: 'secrets/rotator/rotate-secret',
      description: 'Rotates generated secrets',
      timeout: Duration.seconds(STEP_TIMEOUT_SECONDS),
      encryptionKey: props.encryptionKey,
      environment: { ROTATED: Stack.of(this).toJsonString(this.groupByShape(props.secrets)) },
      statements: [new iam.PolicyStatement({
        actions: [
          'secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage',
        ],
        resources: props.secrets.map(({ secret }) => secret.secretArn),
      })],
      outsideVpcReason: 'The rotation of generated secrets calls Secrets Manager alone. The secrets belong to no VPC; a function in one would need a NAT gateway or an endpoint to reach the same API, and a security group more to guard',
      noReservedConcurrencyReason: 'Secrets Manager calls the rotation of generated secrets a few times a month, one step after the other; an account with 10 concurrent executions has none to reserve',
    });
  }

  /** One entry for all secrets of a shape: the environment of a function holds 4 KB. */
  private groupByShape(secrets: RotatedSecret[]): RotatedGroup[] {
    const groups = new Map<string, { shape: ValueShape; secretArns: string[] }>();
    for (const { secret, shape } of secrets) {
      const key = JSON.stringify(shape);
      const group = groups.get(key) ?? { shape, secretArns: [] };
      group.secretArns.push(secret.secretArn);
      groups.set(key, group);
    }
    return [...groups.values()];
  }

  /**
   * On behalf of this account alone. AWS documents the account as the condition for this principal, and no narrower one:
   * a permission that does not match makes the creation of the schedule fail. Of other secrets the handler's policy knows nothing.
   * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_turn-on-cli.html
   */
  private letSecretsManagerInvoke(): void {
    this.handler.function.addPermission('SecretsManager', {
      principal: new iam.ServicePrincipal('secretsmanager.amazonaws.com'),
      action: 'lambda:InvokeFunction',
      sourceAccount: Stack.of(this).account,
    });
  }

  /**
   * aws-cdk-lib's `RotationSchedule` would let the function ask for random passwords with a wildcard resource, write the
   * function's role into the key's policy, and let Secrets Manager invoke it on behalf of any account.
   */
  private schedule(secret: secretsmanager.ISecret, every: Duration): void {
    const schedule = new secretsmanager.CfnRotationSchedule(this, `${secret.node.id}Schedule`, {
      secretId: secret.secretArn,
      rotationLambdaArn: this.handler.function.functionArn,
      rotationRules: isWholeDays(every) ? { automaticallyAfterDays: every.toDays() } : { scheduleExpression: `rate(${every.toHours()} hours)` },
      rotateImmediatelyOnUpdate: false,
    });
    schedule.node.addDependency(this.handler.function.permissionsNode.findChild('SecretsManager'));
  }
}

/** Whether a duration can be said in days. One that is known only at deployment has to be given in days. */
function isWholeDays(duration: Duration): boolean {
  return duration.isUnresolved() || Number.isInteger(duration.toDays({ integral: false }));
}
