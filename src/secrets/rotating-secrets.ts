import { Duration, SecretValue, Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ExternalAges } from './external-ages';
import { ExternalSecretOptions, maxAgeInDays, NOT_ENTERED, requireExternalSecret } from './external-secret';
import { RotatingSecretsProps } from './rotating-secrets-props';
import { SecretRotator } from './rotator/secret-rotator';
import { secretsPlan } from './secrets-monitoring';
import { containerSecret, overlappingContainerSecret, rotatedContainerSecret } from '../binding/container-secret';
import { grantSecretRead } from '../binding/grant-read';
import { secretsManager } from '../blocks/aws-cdk-key-users';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { requireMaintenanceWindow } from '../blocks/maintenance-window';
import { protectedSecret } from '../blocks/protected-secret';
import { DEFAULT_ROTATION_WINDOW } from '../blocks/rotation-window';
import { acknowledge } from '../core/acknowledge';
import { checkArguments, checkProps } from '../core/check-props';
import { pinFeatureFlags } from '../core/feature-flags';
import { isInherited, NOT_INHERITED } from '../core/inherited-names';
import { declareWatchable } from '../core/monitored-mark';
import { refuse, refuseUse, Situation } from '../core/refusal';
import { sortedEntries } from '../core/sorted-entries';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

/**
 * The default rotation period of generated secrets, in days.
 *
 * The AWS Config rule `secretsmanager-secret-periodic-rotation` requires 90 days.
 */
const ROTATE_EVERY_DAYS = 30;
/**
 * The shortest and the longest rotation period that Secrets Manager accepts, in hours and in days.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
 */
const ROTATE_MIN_HOURS = 4;
const ROTATE_MAX_DAYS = 999;
/** The maximum number of secrets: the environment of a function, which contains their ARNs, is limited to 4 KB. */
const MAX_SECRETS = 20;
/** The pattern of secret names. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/**
 * The secrets of an application, encrypted with a customer managed key.
 *
 * By default, generated secrets rotate once a month. A `SecureFargateService` that receives a generated secret from
 * `forContainer` is deployed again after each rotation. A rotation never removes a key from a key ring. People enter
 * the values of external secrets, and an alarm fires when a value is too old.
 *
 * A secret is retained when its stack is deleted, and its resource policy denies `DeleteSecret`. `DataProtection` can
 * make it disposable.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const images: HardenedRepository;
 *
 * const secrets = new RotatingSecrets(this, 'Secrets', {
 *   secrets: { session: GeneratedSecret.signingKeys(), admin: GeneratedSecret.password() },
 * });
 * new SecureFargateService(this, 'Api', {
 *   vpc: network,
 *   image: images.image('1.4.2'),
 *   secrets: { SESSION_KEYS: secrets.forContainer('session') },
 * });
 */
export class RotatingSecrets extends Construct implements IMonitored {
  /** The key that encrypts the secrets. */
  public readonly encryptionKey: kms.IKey;

  private readonly generated = new Map<string, secretsmanager.Secret>();
  private readonly overlapping = new Set<string>();
  private readonly external = new Map<string, secretsmanager.Secret>();
  private readonly rotator?: SecretRotator;
  private readonly ageWatch?: ExternalAges;

  constructor(scope: Construct, id: string, props: RotatingSecretsProps) {
    super(scope, id);
    checkProps(this, 'RotatingSecretsProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    this.validate(props);
    this.encryptionKey = encryptionKeyFor(this, props.encryptionKey, {
      description: `Secrets of ${this.node.path}`, users: [cloudWatchLogs], usersOfAwsCdk: secretsManager,
    });
    this.rotator = this.defineGenerated(props);
    this.ageWatch = this.defineExternal(props.externalSecrets ?? {});
  }

  /** Returns a secret by its name. An unknown name is refused. */
  public get(name: string): secretsmanager.ISecret {
    checkArguments(this, 'RotatingSecrets.get', { name });
    return this.generated.get(name) ?? this.external.get(name) ?? refuse(this, {
      prop: 'name',
      given: name,
      allowed: this.names(),
      change: 'pass one of these names, or add the secret to secrets or externalSecrets',
    });
  }

  /**
   * Returns a secret for a container, by its name. An unknown name is refused.
   *
   * ECS reads the value into an environment variable when a task starts. A `SecureFargateService` that receives a
   * generated secret is deployed again after each rotation: immediately for a password, and in its maintenance window
   * for signing keys and key rings, whose previous value remains valid until the next rotation.
   */
  public forContainer(name: string): ecs.Secret {
    checkArguments(this, 'RotatingSecrets.forContainer', { name });
    const secret = this.get(name);
    if (!this.generated.has(name)) return containerSecret(secret);
    return this.overlapping.has(name) ? overlappingContainerSecret(secret) : rotatedContainerSecret(secret);
  }

  /**
   * Allows a principal of this account to read the named secrets.
   *
   * The principal can use the key only for these secrets. Call this method for a program that reads a secret while it
   * runs, for example to verify signatures with the previous key. A call without names and unknown names are refused.
   */
  public grantRead(grantee: iam.IGrantable, ...names: string[]): iam.Grant {
    checkArguments(this, 'RotatingSecrets.grantRead', { grantee, names });
    if (names.length === 0) refuseUse(this, 'grantRead must be called with at least one name', `pass ${this.names()}`);
    return grantSecretRead(grantee, names.map((name) => this.get(name)));
  }

  /** Returns the alarms on failed rotations and on external secrets that are too old. */
  public monitoringPlan(): MonitoringPlan {
    return secretsPlan(this.node.path, this.rotator?.handler, this.ageWatch);
  }

  private validate(props: RotatingSecretsProps): void {
    const generated = Object.entries(props.secrets ?? {});
    const external = Object.entries(props.externalSecrets ?? {});
    if (generated.length + external.length === 0) {
      refuseUse(
        this,
        'secrets or externalSecrets must contain at least one secret',
        'add a secret, or remove the construct',
      );
    }
    this.validateNames('secrets', generated.map(([name]) => name));
    this.validateNames('externalSecrets', external.map(([name]) => name));
    const twice = external.find(([name]) => Object.hasOwn(props.secrets ?? {}, name));
    if (twice) {
      refuseUse(
        this,
        `secrets and externalSecrets must have different names, but both contain '${twice[0]}'`,
        'rename one of the two',
      );
    }
    this.refuseSameLetters([...generated, ...external].map(([name]) => name));
    this.validateInterval(props.rotateEvery);
    this.validateWindow(props.maintenanceWindow);
    for (const [name, secret] of generated) secret._validate(this, `secrets.${name}`, props.rotateEvery);
    for (const [name, secret] of external) requireExternalSecret(this, `externalSecrets.${name}`, secret);
  }

  private validateNames(prop: string, names: string[]): void {
    if (names.length > MAX_SECRETS) {
      const given = new Situation(`${names.length} secrets`);
      const change = 'split them between two RotatingSecrets';
      refuse(this, { prop, given, allowed: `at most ${MAX_SECRETS} secrets`, change });
    }
    const each = { prop: `each name in ${prop}`, change: 'rename the secret' };
    const invalid = names.find((name) => !NAME.test(name));
    if (invalid !== undefined) {
      const allowed = 'a letter followed by up to 63 letters, digits, hyphens and underscores';
      refuse(this, { ...each, given: invalid, allowed });
    }
    const inherited = names.find(isInherited);
    if (inherited !== undefined) refuse(this, { ...each, given: inherited, allowed: NOT_INHERITED });
  }

  /** The names of alarms and resources are derived from these names. */
  private refuseSameLetters(names: string[]): void {
    const letters = names.map((name) => name.toLowerCase());
    const second = names.findIndex((_, index) => letters.indexOf(letters[index]) !== index);
    if (second < 0) return;
    const first = names[letters.indexOf(letters[second])];
    refuseUse(
      this,
      `names in secrets and externalSecrets must differ in more than their case, but '${first}' and `
        + `'${names[second]}' do not`,
      'rename one of the two',
    );
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
      change: 'use Duration.hours() or Duration.days() with a number in this range',
    });
  }

  /** The schedule is computed from the window, so a token cannot be used. */
  private validateWindow(given: string | undefined): void {
    requireMaintenanceWindow(this, given);
    if (!Token.isUnresolved(given)) return;
    refuse(this, {
      prop: 'maintenanceWindow',
      given,
      allowed: 'a window that is known at synthesis',
      change: "pass a text such as 'sun:05:00-sun:06:00'",
    });
  }

  private defineGenerated({ secrets = {}, ...props }: RotatingSecretsProps): SecretRotator | undefined {
    for (const [name, secret] of sortedEntries(secrets)) {
      const scope = this.node.tryFindChild(secret._family()) as Construct ?? new Construct(this, secret._family());
      this.generated.set(name, this.defineSecret(scope, name, { generateSecretString: secret._firstValue() }));
      if (secret._overlaps()) this.overlapping.add(name);
    }
    if (this.generated.size === 0) return undefined;
    return new SecretRotator(this, 'Rotation', {
      secrets: sortedEntries(secrets).map(([name, secret]) => ({ secret: this.get(name), shape: secret._shape() })),
      every: props.rotateEvery ?? Duration.days(ROTATE_EVERY_DAYS),
      maintenanceWindow: props.maintenanceWindow ?? DEFAULT_ROTATION_WINDOW,
      encryptionKey: this.encryptionKey,
    });
  }

  private defineExternal(secrets: { [name: string]: ExternalSecretOptions }): ExternalAges | undefined {
    const scope = new Construct(this, 'External');
    for (const [name] of sortedEntries(secrets)) {
      const secret = this.defineSecret(scope, name, { secretStringValue: SecretValue.unsafePlainText(NOT_ENTERED) });
      this.external.set(name, secret);
      acknowledge(secret, {
        rules: [
          'HIPAA.Security-SecretsManagerRotationEnabled',
          'AwsSolutions-SMG4',
          'NIST.800.53.R5-SecretsManagerRotationEnabled',
        ],
        reason: `Only the issuer of ${name} can create a new value, and a person enters it. An alarm fires when `
          + 'the value is too old.',
      }, {
        rules: ['cdk-hipaa::PlaintextSecret[SecretString]'],
        reason: `The template has a placeholder until a person enters the value of ${name}, and no deployment `
          + 'writes it again.',
      });
    }
    if (this.external.size === 0) return undefined;
    return new ExternalAges(this, 'Age', {
      secrets: sortedEntries(secrets)
        .map(([name, options]) => ({ name, secret: this.get(name), maxAgeDays: maxAgeInDays(options) })),
      encryptionKey: this.encryptionKey,
    });
  }

  private defineSecret(scope: Construct, name: string, value: secretsmanager.SecretProps): secretsmanager.Secret {
    return protectedSecret(scope, name, {
      description: `${name} of ${this.node.path}`,
      encryptionKey: this.encryptionKey,
      ...value,
    });
  }

  private names(): string {
    return [...this.generated.keys(), ...this.external.keys()].map((name) => `'${name}'`).join(' or ');
  }
}
