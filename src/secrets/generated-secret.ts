import { Token } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { refuse, requireInteger } from '../private/refusal';
import { passwordClasses, ValueShape } from '../rotation/secret-value';

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

/** What a generated signing key looks like. */
export interface SigningKeyOptions {
  /**
   * How many random bytes it has: a multiple of three from 33 to 129, so that its text needs no padding.
   * @default 66
   */
  readonly bytes?: number;
}

/**
 * A secret that is generated, and generated anew at each rotation.
 *
 * The first value comes from CloudFormation and is the same kind of text whatever the options say: 32 letters and digits
 * for a password, 88 for a signing key. From the first rotation on, the options hold. Were the first value to follow the
 * options, an edit of them would replace a value in use at once, without a rotation.
 */
export abstract class GeneratedSecret {
  /** A password: a text of letters, digits and punctuation. */
  public static password(options: PasswordOptions = {}): GeneratedSecret {
    return new Password(options);
  }

  /**
   * A key for signatures that this system makes and checks itself: session cookies, JSON web tokens, webhooks.
   *
   * It is random bytes written as base64url. After a rotation the previous value stays readable under the staging label
   * `AWSPREVIOUS`, and must go on verifying until what it signed has expired.
   */
  public static signingKey(options: SigningKeyOptions = {}): GeneratedSecret {
    return new SigningKey(options);
  }

  /** @internal */
  public abstract _validate(scope: Construct, prop: string): void;

  /** @internal */
  public abstract _shape(): ValueShape;

  /** @internal */
  public abstract _firstValue(): secretsmanager.SecretStringGenerator;
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
  constructor(private readonly options: SigningKeyOptions) {
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

/** Never to be edited: CloudFormation would replace the values of all secrets that exist (aws-cdk #19985). */
function lettersAndDigits(passwordLength: number): secretsmanager.SecretStringGenerator {
  return { passwordLength, excludePunctuation: true, includeSpace: false, requireEachIncludedType: true };
}
