import { Duration, Token } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { refuse, requireInteger } from '../core/refusal';
import { passwordClasses, ValueShape } from './rotator/secret-value';

/** How long a password is: 32 letters and digits hold 190 bits, beyond the 112 that NIST SP 800-131A asks of any key. */
const PASSWORD_LENGTH = 32;
/** The shortest password: NIST SP 800-63B-4 asks for 15 where it stands alone; below this a rotation would add little. */
const PASSWORD_MIN_LENGTH = 16;
/** The longest password: what RDS takes for the engine that takes most, PostgreSQL. */
const PASSWORD_MAX_LENGTH = 128;
/** All punctuation but `-._~`, which RFC 3986 lets stand in every part of a URL unescaped. */
const PASSWORD_EXCLUDED = '!"#$%&\'()*+,/:;<=>?@[\\]^`{|}';
/** How many bytes a signing key has: at least the 64 that HS512 asks for (RFC 7518, section 3.2), in groups of three. */
const KEY_BYTES = 66;
/** The shortest signing key: at least the 32 that HS256 asks for (RFC 7518, section 3.2), in groups of three. */
const KEY_MIN_BYTES = 33;
/** The longest signing key. A hash uses no more than its block, 128 bytes for SHA-512 (RFC 2104, section 2). */
const KEY_MAX_BYTES = 129;
/** How many bytes a key of a ring has: the 32 that AES-256 asks for, rounded up to groups of three. */
const RING_KEY_BYTES = 33;
/** The shortest time between two rotations of a ring, in hours: a ring that keeps 500 keys would be full in three months at four hours. */
const RING_MIN_HOURS = 24;

/** What a generated password looks like. */
export interface PasswordOptions {
  /**
   * How many characters it has, from 16 to 128.
   * @default 32
   */
  readonly length?: number;
  /**
   * Characters that it must not have. At least one lower-case letter, one upper-case letter and one digit must remain,
   * since a password has one of each class that is left. A value known only at deployment is refused.
   * @default - all punctuation but `-._~`, so that it can stand in a URL, a connection string and a shell unescaped
   */
  readonly excludeCharacters?: string;
}

/** What a generated signing key looks like, alone or in a list. */
export interface SigningKeyOptions {
  /**
   * How many random bytes each key has: a multiple of three from 33 to 129, so that its text needs no padding.
   * @default 66
   */
  readonly bytes?: number;
}

/**
 * A secret that is generated, and generated anew at each rotation.
 *
 * The first value comes from CloudFormation and is the same kind of text whatever the options say: 32 letters and digits
 * for a password, 44 for a key ring, 88 for signing keys. From the first rotation on, the options hold. Were the first value to follow the
 * options, an edit of them would replace a value in use at once, without a rotation.
 */
export abstract class GeneratedSecret {
  /** A password: a text of letters, digits and punctuation. */
  public static password(options: PasswordOptions = {}): GeneratedSecret {
    return new Password(options);
  }

  /**
   * One key for signatures that this system makes and checks itself, for programs that take no list: `signingKeys` is
   * the easier choice where they do.
   *
   * It is random bytes written as base64url. After a rotation the previous value stays readable under the staging label
   * `AWSPREVIOUS`, and must go on verifying until what it signed has expired.
   */
  public static signingKey(options: SigningKeyOptions = {}): GeneratedSecret {
    return new SigningKey(options);
  }

  /**
   * Keys for signatures that outlive a rotation: session cookies, JSON web tokens, links in mails.
   *
   * The value is a list of at most three keys, separated by commas. The first one signs and all of them verify. The second
   * one is announced, so that every task knows it before the next rotation makes it sign; the third one signed before, and
   * verifies until the next rotation. So a signature is good for as long as two rotations lie apart. Each key is
   * random bytes written as base64url. A Node program that keeps its sessions in signed cookies:
   *
   *     app.use(session({ secret: process.env.SESSION_SECRETS.split(','), … }));
   */
  public static signingKeys(options: SigningKeyOptions = {}): GeneratedSecret {
    return new SigningKeys(options);
  }

  /**
   * Keys that encrypt stored data, as fields of a database. No rotation ever drops one: what it encrypted could not be read again.
   *
   * The value is a list of keys, separated by commas. The first one encrypts and all of them decrypt. The second one is
   * announced, so that every task knows it before the next rotation makes it encrypt; behind them stand the older ones, the
   * newest in front. A ring takes 500 keys; a rotation beyond fails, is told by an alarm, and changes nothing.
   *
   * A key is 44 characters of base64url with at least 256 random bits. It is the input of a key derivation, not an AES key,
   * and what is derived from it is named in what it encrypted:
   *
   *     const [first] = process.env.ENCRYPTION_KEYS.split(',');
   *     const aesKey = Buffer.from(hkdfSync('sha256', first, '', 'field encryption', 32));
   *     const keyId = createHash('sha256').update(first).digest('hex').slice(0, 16);
   */
  public static keyRing(): GeneratedSecret {
    return new KeyRing();
  }

  /** @internal */
  public abstract _validate(scope: Construct, prop: string, rotateEvery?: Duration): void;

  /** @internal */
  public abstract _shape(): ValueShape;

  /** @internal */
  public abstract _firstValue(): secretsmanager.SecretStringGenerator;

  /**
   * The id of the scope that the secret stands in.
   * @internal
   */
  public _family(): string {
    return 'Generated';
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
      allowed: 'a text known at synthesis that leaves a lower-case letter, an upper-case letter and a digit',
      change: 'exclude fewer characters',
    });
  }

  public _shape(): ValueShape {
    return { kind: 'password', length: this.options.length ?? PASSWORD_LENGTH, excludeCharacters: this.excluded };
  }

  public _firstValue(): secretsmanager.SecretStringGenerator {
    return lettersAndDigits(PASSWORD_LENGTH);
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

/** Their first value is the one of a signing key: who changes from one to the other keeps the key in use. */
class SigningKeys extends SigningKey {
  public _shape(): ValueShape {
    return { kind: 'signingKeys', bytes: this.options.bytes ?? KEY_BYTES };
  }
}

class KeyRing extends GeneratedSecret {
  public _validate(scope: Construct, prop: string, rotateEvery?: Duration): void {
    if (!rotateEvery || rotateEvery.isUnresolved() || rotateEvery.toHours({ integral: false }) >= RING_MIN_HOURS) return;
    refuse(scope, {
      prop: 'rotateEvery',
      given: rotateEvery,
      allowed: `a day or more, since ${prop} is a key ring that keeps every key`,
      change: 'put the key ring into a construct of its own that rotates less often',
    });
  }

  public _shape(): ValueShape {
    return { kind: 'keyRing', bytes: RING_KEY_BYTES };
  }

  public _firstValue(): secretsmanager.SecretStringGenerator {
    return lettersAndDigits(RING_KEY_BYTES / 3 * 4);
  }

  /** Apart from the others: were a ring to become another kind in place, CloudFormation would write a new value over its keys. */
  public _family(): string {
    return 'KeyRings';
  }
}

/** Never to be edited: CloudFormation would replace the values of all secrets that exist (aws-cdk #19985). */
function lettersAndDigits(passwordLength: number): secretsmanager.SecretStringGenerator {
  return { passwordLength, excludePunctuation: true, includeSpace: false, requireEachIncludedType: true };
}
