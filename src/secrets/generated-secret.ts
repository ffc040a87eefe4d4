import { Duration, Token } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { checkFactory } from '../core/check-props';
import { markChoice } from '../core/choice';
import { refuse, requireInteger } from '../core/refusal';
import { passwordClasses, ValueShape } from './rotator/secret-value';

/** The default length of a password: 32 letters and digits are 190 bits. NIST SP 800-131A requires 112 of any key. */
const PASSWORD_LENGTH = 32;
/** The minimum length of a password. NIST SP 800-63B-4 requires 15 for a password without a second factor. */
const PASSWORD_MIN_LENGTH = 16;
/** The maximum length of a password: the limit of RDS for PostgreSQL, the highest of all engines. */
const PASSWORD_MAX_LENGTH = 128;
/** All punctuation except `-._~`, which RFC 3986 allows unescaped in every part of a URL. */
const PASSWORD_EXCLUDED = '!"#$%&\'()*+,/:;<=>?@[\\]^`{|}';
/**
 * The default size of a signing key in bytes: the 64 that HS512 requires (RFC 7518, section 3.2), in groups of three.
 */
const KEY_BYTES = 66;
/**
 * The minimum size of a signing key in bytes: the 32 that HS256 requires (RFC 7518, section 3.2), in groups of three.
 */
const KEY_MIN_BYTES = 33;
/** The maximum size of a signing key in bytes. SHA-512 uses at most its block of 128 bytes (RFC 2104, section 2). */
const KEY_MAX_BYTES = 129;
/** The size of a key in a ring in bytes: the 32 that AES-256 requires, in groups of three. */
const RING_KEY_BYTES = 33;
/** The shortest rotation period of a ring, in hours. Every four hours, a ring of 500 keys is full in three months. */
const RING_MIN_HOURS = 24;

/** The options of a generated password. */
export interface PasswordOptions {
  /**
   * The number of characters, from 16 to 128.
   * @default 32
   */
  readonly length?: number;
  /**
   * The characters that the password does not contain.
   *
   * A password contains a character of each remaining class. At least one lowercase letter, one uppercase letter and
   * one digit must remain. A value that is known only at deployment is refused.
   * @default - all punctuation except `-._~`, so that a URL, a connection string or a shell needs no escaping
   */
  readonly excludeCharacters?: string;
}

/** The options of a generated signing key, or of a list of signing keys. */
export interface SigningKeyOptions {
  /**
   * The number of random bytes of each key: a multiple of three from 33 to 129, so that its text needs no padding.
   * @default 66
   */
  readonly bytes?: number;
}

/**
 * A secret whose value is generated, and is replaced at each rotation.
 *
 * CloudFormation generates the first value, with a length that does not depend on the options: 32 letters and digits
 * for a password, 44 for a key ring, 88 for signing keys. The options apply from the first rotation. If the first
 * value depended on the options, a change of the options would replace a value in use without a rotation.
 *
 * @example
 * new RotatingSecrets(this, 'Secrets', {
 *   secrets: { session: GeneratedSecret.signingKeys(), fields: GeneratedSecret.keyRing() },
 * });
 */
export abstract class GeneratedSecret {
  /** A password of letters, digits and punctuation. */
  public static password(options: PasswordOptions = {}): GeneratedSecret {
    checkFactory('GeneratedSecret.password', { options });
    return new Password(options);
  }

  /**
   * A single signing key, for a program that cannot use a list. Otherwise, prefer `signingKeys`.
   *
   * The value is random bytes in base64url. After a rotation, the previous value is available under the staging label
   * `AWSPREVIOUS`. The program must accept it until the signatures that it created have expired.
   */
  public static signingKey(options: SigningKeyOptions = {}): GeneratedSecret {
    checkFactory('GeneratedSecret.signingKey', { options });
    return new SigningKey(options);
  }

  /**
   * A list of signing keys, for signatures that must be valid after a rotation: session cookies, JSON Web Tokens, links
   * in emails.
   *
   * The value is a comma-separated list of at most three keys. Sign with the first key, and verify with all of them.
   * The second key is announced: every task has it before the next rotation moves it to the first place. The third key
   * is the previous first key, and is valid until the next rotation. Therefore, a signature is valid for at least one
   * rotation period. Each key is random bytes in base64url. A Node.js program that uses signed session cookies:
   *
   *     app.use(session({ secret: process.env.SESSION_SECRETS.split(','), … }));
   */
  public static signingKeys(options: SigningKeyOptions = {}): GeneratedSecret {
    checkFactory('GeneratedSecret.signingKeys', { options });
    return new SigningKeys(options);
  }

  /**
   * A list of keys that encrypt stored data, such as database fields. A rotation never removes a key.
   *
   * The value is a comma-separated list of keys. Encrypt with the first key, and decrypt with all of them. The second
   * key is announced: every task has it before the next rotation moves it to the first place. Older keys follow, newest
   * first. A ring has at most 500 keys. A rotation of a full ring fails without changing the value, and an alarm fires.
   *
   * A key is 44 characters of base64url with at least 256 random bits. It is the input of a key derivation, not an
   * AES key. Store an ID of the key with the encrypted data:
   *
   *     const [first] = process.env.ENCRYPTION_KEYS.split(',');
   *     const aesKey = Buffer.from(hkdfSync('sha256', first, '', 'field encryption', 32));
   *     const keyId = createHash('sha256').update(first).digest('hex').slice(0, 16);
   */
  public static keyRing(): GeneratedSecret {
    return new KeyRing();
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'GeneratedSecret');

  /** @internal */
  public abstract _validate(scope: Construct, prop: string, rotateEvery?: Duration): void;

  /** @internal */
  public abstract _shape(): ValueShape;

  /** @internal */
  public abstract _firstValue(): secretsmanager.SecretStringGenerator;

  /**
   * Returns the ID of the scope that contains the secret.
   * @internal
   */
  public _family(): string {
    return 'Generated';
  }

  /**
   * Whether the value in use remains valid until the next rotation.
   * @internal
   */
  public _overlaps(): boolean {
    return true;
  }
}

class Password extends GeneratedSecret {
  constructor(private readonly options: PasswordOptions) {
    super();
  }

  public _validate(scope: Construct, prop: string): void {
    requireInteger(scope, `${prop}.length`, this.options.length, PASSWORD_MIN_LENGTH, PASSWORD_MAX_LENGTH);
    const remaining = Token.isUnresolved(this.excluded) ? '' : passwordClasses(this.excluded).join('');
    if (/[a-z]/.test(remaining) && /[A-Z]/.test(remaining) && /[0-9]/.test(remaining)) return;
    refuse(scope, {
      prop: `${prop}.excludeCharacters`,
      given: this.excluded,
      allowed: 'a string known at synthesis that leaves a lowercase letter, an uppercase letter and a digit',
      change: 'exclude fewer characters',
    });
  }

  public _shape(): ValueShape {
    return { kind: 'password', length: this.options.length ?? PASSWORD_LENGTH, excludeCharacters: this.excluded };
  }

  public _firstValue(): secretsmanager.SecretStringGenerator {
    return lettersAndDigits(PASSWORD_LENGTH);
  }

  /** The other side of a login accepts only the new password. */
  public _overlaps(): boolean {
    return false;
  }

  private get excluded(): string {
    return this.options.excludeCharacters ?? PASSWORD_EXCLUDED;
  }
}

class SigningKey extends GeneratedSecret {
  constructor(protected readonly options: SigningKeyOptions) {
    super();
  }

  public _validate(scope: Construct, prop: string): void {
    const { bytes } = this.options;
    requireInteger(scope, `${prop}.bytes`, bytes, KEY_MIN_BYTES, KEY_MAX_BYTES);
    if (bytes === undefined || Token.isUnresolved(bytes) || bytes % 3 === 0) return;
    refuse(scope, {
      prop: `${prop}.bytes`,
      given: bytes,
      allowed: `a multiple of three from ${KEY_MIN_BYTES} to ${KEY_MAX_BYTES}`,
      change: `pass ${Math.ceil(bytes / 3) * 3}`,
    });
  }

  public _shape(): ValueShape {
    return { kind: 'signingKey', bytes: this.options.bytes ?? KEY_BYTES };
  }

  public _firstValue(): secretsmanager.SecretStringGenerator {
    return lettersAndDigits(KEY_BYTES / 3 * 4);
  }
}

/** Keys whose first value equals that of a signing key. A change of the kind then does not replace the key in use. */
class SigningKeys extends SigningKey {
  public _shape(): ValueShape {
    return { kind: 'signingKeys', bytes: this.options.bytes ?? KEY_BYTES };
  }
}

class KeyRing extends GeneratedSecret {
  public _validate(scope: Construct, prop: string, rotateEvery?: Duration): void {
    if (!rotateEvery || rotateEvery.isUnresolved() || rotateEvery.toHours({ integral: false }) >= RING_MIN_HOURS) {
      return;
    }
    refuse(scope, {
      prop: 'rotateEvery',
      given: rotateEvery,
      allowed: `at least 1 day, because the key ring ${prop} retains every key`,
      change: 'create the key ring in a separate RotatingSecrets that rotates less often',
    });
  }

  public _shape(): ValueShape {
    return { kind: 'keyRing', bytes: RING_KEY_BYTES };
  }

  public _firstValue(): secretsmanager.SecretStringGenerator {
    return lettersAndDigits(RING_KEY_BYTES / 3 * 4);
  }

  /** A separate scope. In a shared scope, a change of the kind would make CloudFormation overwrite the keys. */
  public _family(): string {
    return 'KeyRings';
  }
}

/** Do not change this: CloudFormation would replace the values of all existing secrets (aws-cdk #19985). */
function lettersAndDigits(passwordLength: number): secretsmanager.SecretStringGenerator {
  return { passwordLength, excludePunctuation: true, includeSpace: false, requireEachIncludedType: true };
}
