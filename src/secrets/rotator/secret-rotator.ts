import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { RotatedGroup, ValueShape } from './secret-value';
import { HandlerFunction } from '../../blocks/handler-function';
import { rotationRules } from '../../blocks/rotation-window';

/** The time limit of one step, in seconds: a few calls to Secrets Manager, with retries. */
const STEP_TIMEOUT_SECONDS = 60;

/** A secret and the shape of its values. */
export interface RotatedSecret {
  readonly secret: secretsmanager.ISecret;
  readonly shape: ValueShape;
}

/** The props of `SecretRotator`. */
export interface SecretRotatorProps {
  /** The secrets. */
  readonly secrets: RotatedSecret[];
  /** The rotation period: whole days, or fewer than 24 whole hours. */
  readonly every: Duration;
  /** The window in which the secrets rotate. */
  readonly maintenanceWindow: string;
  /** The key of the secrets, and of the function's environment, log and dead-letter queue. */
  readonly encryptionKey: kms.IKey;
}

/**
 * Rotates secrets whose value is stored only in Secrets Manager.
 *
 * All secrets share one function; each has its own schedule.
 */
export class SecretRotator extends Construct {
  public readonly handler: HandlerFunction;

  constructor(scope: Construct, id: string, props: SecretRotatorProps) {
    super(scope, id);
    this.handler = this.defineFunction(props);
    this.letSecretsManagerInvoke();
    for (const { secret } of props.secrets) this.schedule(secret, props);
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
          'secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        resources: props.secrets.map(({ secret }) => secret.secretArn),
      })],
      outsideVpcReason: 'The function that rotates generated secrets calls only Secrets Manager. In a VPC it would '
        + 'need a NAT gateway or an endpoint to reach the same API, and one more security group.',
      noReservedConcurrencyReason: 'Secrets Manager rotates each generated secret at most every four hours, one step '
        + 'at a time. An account with 10 concurrent executions has none to reserve.',
    });
  }

  /** Groups the secrets by shape, because the environment of a function is limited to 4 KB. */
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
   * Allows Secrets Manager of this account to invoke the function.
   *
   * AWS documents the account as the condition for this principal, and no narrower one. The creation of a schedule
   * fails if the permission does not match. The policy of the handler contains only the secrets that it rotates.
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
   * Creates a rotation schedule as an L1 resource.
   *
   * `RotationSchedule` of aws-cdk-lib grants the function random passwords on a wildcard resource, adds the function's
   * role to the key policy, and allows Secrets Manager of any account to invoke the function.
   */
  private schedule(secret: secretsmanager.ISecret, { every, maintenanceWindow }: SecretRotatorProps): void {
    const schedule = new secretsmanager.CfnRotationSchedule(this, `${secret.node.id}Schedule`, {
      secretId: secret.secretArn,
      rotationLambdaArn: this.handler.function.functionArn,
      rotationRules: rotationRules(every, maintenanceWindow),
      rotateImmediatelyOnUpdate: false,
    });
    schedule.node.addDependency(this.handler.function.permissionsNode.findChild('SecretsManager'));
  }
}
