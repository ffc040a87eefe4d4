import { Duration, SecretValue } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { AgeWatch } from './age-watch';
import { ExternalSecret } from './external-secret';
import { GeneratedSecret } from './generated-secret';
import { AlarmDefinition, IMonitored, MonitoringPlan } from '../monitoring/monitored';
import { acknowledge } from '../core/acknowledge';
import { encryptionKeyFor } from '../blocks/encryption-key';
import { pinFeatureFlags } from '../core/feature-flags';
import { HandlerFunction } from '../blocks/handler-function';
import { refuse } from '../core/refusal';
import { declareWatchable } from '../core/monitored-mark';
import { DataProtection } from '../core/data-protection';
import { containerSecret, rotatedContainerSecret } from '../binding/container-secret';
import { grantSecretRead } from '../binding/grant-read';
import { SecretRotator } from './rotator/secret-rotator';

/** How often generated secrets rotate, in days. Stricter than AWS Config's `secretsmanager-secret-periodic-rotation`, which asks for 90. */
const ROTATE_EVERY_DAYS = 30;
/** The shortest and the longest time between two rotations that Secrets Manager takes, in hours and in days. */
const ROTATE_MIN_HOURS = 4;
const ROTATE_MAX_DAYS = 1000;
/** How many secrets one construct holds: their ARNs stand in a function's environment, which holds 4 KB. */
const MAX_SECRETS = 20;
/** What an external secret holds until a person has entered its value. Never to be edited: CloudFormation would write it over what was entered. */
const NOT_ENTERED = 'not-entered-yet';
/** What a secret may be called. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** The secrets of a system. At least one, generated or external, has to be given. */
export interface RotatingSecretsProps {
  /**
   * Secrets that are generated and rotated, by name. At most 20. A name starts with a letter and has at most 64 letters,
   * digits, hyphens and underscores.
   * @default - none
   */
  readonly secrets?: { [name: string]: GeneratedSecret };

  /**
   * Secrets that others issue and people enter, by name. At most 20. A name that `secrets` has is refused.
   * @default - none
   */
  readonly externalSecrets?: { [name: string]: ExternalSecret };

  /**
   * The time between two rotations of each generated secret: 4 to 23 whole hours, or 1 to 1000 whole days, which are the
   * limits of Secrets Manager. A value known only at deployment has to be given in days.
   * @default Duration.days(30)
   */
  readonly rotateEvery?: Duration;

  /**
   * The key for the secrets, and for the log, the environment and the dead letters of the functions that look after them.
   * The policy of an imported key must let CloudWatch Logs use it.
   * @default - a key of its own that KMS rotates yearly
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Secrets of an application, each encrypted with a customer-managed key.
 *
 * Generated ones rotate every 30 days, and a service that was given one by `forContainer` is rolled when its rotation
 * has succeeded. A key that encrypts stored data is one of a key ring, which no rotation takes a key from. External ones are entered by people and watched for age. A secret survives the deletion of its stack,
 * and cannot be deleted before its resource policy is, unless `DataProtection` says that data is disposable here.
 */
export class RotatingSecrets extends Construct implements IMonitored {
  /** The key that encrypts the secrets. */
  public readonly encryptionKey: kms.IKey;

  private readonly generated = new Map<string, secretsmanager.Secret>();
  private readonly external = new Map<string, secretsmanager.Secret>();
  private readonly rotator?: SecretRotator;
  private readonly ageWatch?: AgeWatch;

  constructor(scope: Construct, id: string, props: RotatingSecretsProps) {
    super(scope, id);
    pinFeatureFlags(this);
    declareWatchable(this);
    this.validate(props);
    this.encryptionKey = encryptionKeyFor(this, props.encryptionKey, { description: `Secrets of ${this.node.path}` });
    this.rotator = this.defineGenerated(props.secrets ?? {}, props.rotateEvery ?? Duration.days(ROTATE_EVERY_DAYS));
    this.ageWatch = this.defineExternal(props.externalSecrets ?? {});
  }

  /** A secret by its name. A name that does not exist is refused. */
  public get(name: string): secretsmanager.ISecret {
    return this.generated.get(name) ?? this.external.get(name) ?? refuse(this, {
      prop: 'name',
      given: name,
      allowed: this.names(),
      change: 'pass one of these names, or add the secret to secrets or externalSecrets',
    });
  }

  /**
   * A secret for a container, by its name: ECS puts its whole text into an environment variable when a task starts.
   *
   * A `SecureFargateService` that gets a generated one is rolled after each rotation. A name that does not exist is refused.
   */
  public forContainer(name: string): ecs.Secret {
    const secret = this.get(name);
    return this.generated.has(name) ? rotatedContainerSecret(secret) : containerSecret(secret);
  }

  /**
   * Lets a principal of this account read exactly the named secrets, and use the key for these alone.
   *
   * For applications that read a secret while they run, as one that verifies signatures with the previous key does. No
   * names, and names that do not exist, are refused.
   */
  public grantRead(grantee: iam.IGrantable, ...names: string[]): iam.Grant {
    if (names.length === 0) {
      refuse(this, { prop: 'names', given: names, allowed: this.names(), change: 'name each secret that may be read' });
    }
    return grantSecretRead(grantee, names.map((name) => this.get(name)));
  }

  /** What is to be watched: rotations that fail, and external secrets that become too old. */
  public monitoringPlan(): MonitoringPlan {
    return {
      title: `Secrets ${this.node.path}`,
      alarms: [
        ...this.rotator ? failures('Rotation', this.rotator.handler, 'A generated secret could not be rotated; its current value goes on working.') : [],
        ...this.ageWatch ? [...failures('Age', this.ageWatch.handler, 'The age of external secrets could not be measured.'), ...this.ageWatch.alarms()] : [],
      ],
      widgets: [
        ...this.rotator ? [new cloudwatch.GraphWidget({
          title: 'Rotation steps',
          left: [this.rotator.handler.function.metricInvocations({ statistic: 'Sum' }), this.rotator.handler.function.metricErrors({ statistic: 'Sum' })],
        })] : [],
        ...this.ageWatch ? [new cloudwatch.GraphWidget({ title: 'Age of external secrets (days)', left: this.ageWatch.ages() })] : [],
      ],
    };
  }

  private validate(props: RotatingSecretsProps): void {
    const generated = Object.entries(props.secrets ?? {});
    const external = Object.entries(props.externalSecrets ?? {});
    if (generated.length + external.length === 0) {
      refuse(this, { prop: 'secrets', given: undefined, allowed: 'at least one secret', change: 'name a secret in secrets or externalSecrets, or leave the construct out' });
    }
    this.validateNames('secrets', generated.map(([name]) => name));
    this.validateNames('externalSecrets', external.map(([name]) => name));
    const twice = external.find(([name]) => props.secrets?.[name]);
    if (twice) {
      refuse(this, { prop: 'externalSecrets', given: twice[0], allowed: 'a name that secrets does not have', change: 'give one of the two another name' });
    }
    this.validateInterval(props.rotateEvery);
    for (const [name, secret] of generated) secret._validate(this, `secrets.${name}`, props.rotateEvery);
    for (const [name, secret] of external) secret._validate(this, `externalSecrets.${name}`);
  }

  private validateNames(prop: string, names: string[]): void {
    if (names.length > MAX_SECRETS) {
      refuse(this, { prop: `the number of ${prop}`, given: names.length, allowed: `at most ${MAX_SECRETS}`, change: 'spread them over two constructs' });
    }
    const invalid = names.find((name) => !NAME.test(name));
    if (invalid === undefined) return;
    refuse(this, {
      prop: `the name of one of ${prop}`,
      given: invalid,
      allowed: 'a letter followed by up to 63 letters, digits, hyphens and underscores',
      change: 'name the secret after what it is for',
    });
  }

  private validateInterval(every: Duration | undefined): void {
    if (!every || every.isUnresolved()) return;
    const hours = every.toHours({ integral: false });
    const wholeDays = hours % 24 === 0 && hours >= 24 && hours <= ROTATE_MAX_DAYS * 24;
    const wholeHours = Number.isInteger(hours) && hours >= ROTATE_MIN_HOURS && hours < 24;
    if (wholeDays || wholeHours) return;
    refuse(this, {
      prop: 'rotateEvery',
      given: every,
      allowed: `${ROTATE_MIN_HOURS} to 23 whole hours or 1 to ${ROTATE_MAX_DAYS} whole days`,
      change: 'pass Duration.hours(…) or Duration.days(…) in that range',
    });
  }

  private defineGenerated(secrets: { [name: string]: GeneratedSecret }, every: Duration): SecretRotator | undefined {
    for (const [name, secret] of Object.entries(secrets)) {
      const scope = this.node.tryFindChild(secret._family()) as Construct ?? new Construct(this, secret._family());
      this.generated.set(name, this.defineSecret(scope, name, { generateSecretString: secret._firstValue() }));
    }
    if (this.generated.size === 0) return undefined;
    return new SecretRotator(this, 'Rotation', {
      secrets: Object.entries(secrets).map(([name, secret]) => ({ secret: this.get(name), shape: secret._shape() })),
      every,
      encryptionKey: this.encryptionKey,
    });
  }

  private defineExternal(secrets: { [name: string]: ExternalSecret }): AgeWatch | undefined {
    const scope = new Construct(this, 'External');
    for (const name of Object.keys(secrets)) {
      const secret = this.defineSecret(scope, name, { secretStringValue: SecretValue.unsafePlainText(NOT_ENTERED) });
      this.external.set(name, secret);
      acknowledge(secret, {
        rules: ['HIPAA.Security-SecretsManagerRotationEnabled', 'AwsSolutions-SMG4', 'NIST.800.53.R5-SecretsManagerRotationEnabled'],
        reason: `Only the issuer of ${name} can make a new value, which a person then enters; an alarm fires when the value is too old`,
      });
    }
    if (this.external.size === 0) return undefined;
    return new AgeWatch(this, 'Age', {
      secrets: Object.entries(secrets).map(([name, secret]) => ({ name, secret: this.get(name), maxAgeDays: secret._maxAgeDays() })),
      encryptionKey: this.encryptionKey,
    });
  }

  private defineSecret(scope: Construct, name: string, value: secretsmanager.SecretProps): secretsmanager.Secret {
    const secret = new secretsmanager.Secret(scope, name, {
      description: `${name} of ${this.node.path}`,
      encryptionKey: this.encryptionKey,
      removalPolicy: DataProtection.of(this).removalPolicy,
      ...value,
    });
    this.protect(secret);
    return secret;
  }

  /** Refuses unencrypted requests, policies that open the secret to the public, and, where data is kept, its deletion. */
  private protect(secret: secretsmanager.Secret): void {
    const protection = DataProtection.of(this);
    const deny = (sid: string, statement: iam.PolicyStatementProps) => secret.addToResourcePolicy(new iam.PolicyStatement({
      sid, effect: iam.Effect.DENY, principals: [new iam.AnyPrincipal()], resources: ['*'], ...statement,
    }));
    deny('EncryptedRequestsOnly', { actions: ['secretsmanager:*'], conditions: { Bool: { 'aws:SecureTransport': 'false' } } });
    if (!protection.isDisposable) deny('NoDeletion', { actions: ['secretsmanager:DeleteSecret'] });
    const policy = secret.node.findChild('Policy').node.defaultChild as secretsmanager.CfnResourcePolicy;
    policy.blockPublicPolicy = true;
    policy.applyRemovalPolicy(protection.removalPolicy);
  }

  private names(): string {
    return [...this.generated.keys(), ...this.external.keys()].map((name) => `'${name}'`).join(' or ');
  }
}

/** That a function failed, and that an event of its own waits for a person because it failed every time. */
function failures(what: string, { function: handler, deadLetterQueue }: HandlerFunction, consequence: string): AlarmDefinition[] {
  const period = Duration.minutes(5);
  const description = `${consequence} First read the log of function ${handler.functionName}.`;
  return [
    { id: `${what}Errors`, metric: handler.metricErrors({ period, statistic: 'Sum' }), description },
    {
      id: `${what}DeadLetters`,
      metric: deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
      description: `${description} Then purge queue ${deadLetterQueue.queueName}: until it is empty the alarm stays.`,
    },
  ].map((rule) => ({ ...rule, threshold: 0, missingData: cloudwatch.TreatMissingData.NOT_BREACHING }));
}
