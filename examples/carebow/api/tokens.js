// JSON Web Tokens (RFC 7519) with HMAC SHA-256. The first key signs and every key verifies, so a token remains valid
// after a rotation of the keys.
const { createHmac, timingSafeEqual } = require('node:crypto');

/** The only algorithm. A token cannot choose another one: RFC 8725, section 3.1. */
const ALGORITHM = 'HS256';
const MAX_LENGTH = 4096;
const LIFETIME_SECONDS = 900;
/** The tolerated difference between the clocks of the issuer and of a task. */
const SKEW_SECONDS = 30;
/** An opaque ID. A name or an email address is refused, because logs and encryption contexts contain the ID. */
const SUBJECT = /^[A-Za-z0-9_-]{1,64}$/;
const PART = /^[A-Za-z0-9_-]+$/;

const parse = (part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
const format = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

class Tokens {
  /**
   * @param {{ keys: string, issuer: string, audience: string }} options `keys` is the value of
   * `GeneratedSecret.signingKeys()`: keys separated by commas
   */
  constructor({ keys, issuer, audience }, now = () => Date.now() / 1000) {
    this.keys = keys.split(',').filter(Boolean);
    if (this.keys.length === 0) throw new Error('there is no signing key');
    Object.assign(this, { issuer, audience, now });
  }

  /** A token for a user. */
  sign(sub) {
    const { issuer: iss, audience: aud } = this;
    const iat = Math.floor(this.now());
    const signed = `${format({ alg: ALGORITHM, typ: 'JWT' })}.${format({
      sub, iss, aud, iat, exp: iat + LIFETIME_SECONDS,
    })}`;
    return `${signed}.${this.signature(this.keys[0], signed).toString('base64url')}`;
  }

  /** The user of a token. Throws with the reason if the token is not valid. */
  verify(token) {
    const parts = token.length > MAX_LENGTH ? [] : token.split('.');
    if (parts.length !== 3 || !parts.every((part) => PART.test(part))) throw new Error('malformed');
    const [header, claims, signature] = parts;
    this.verifyHeader(objectOf(header));
    this.verifySignature(`${header}.${claims}`, Buffer.from(signature, 'base64url'));
    return this.subjectOf(objectOf(claims));
  }

  verifyHeader({ alg, crit }) {
    if (alg !== ALGORITHM) throw new Error('algorithm');
    // The verifier would have to understand each extension that `crit` lists.
    if (crit !== undefined) throw new Error('extension');
  }

  verifySignature(signed, given) {
    const valid = this.keys.filter((key) => {
      const expected = this.signature(key, signed);
      return expected.length === given.length && timingSafeEqual(expected, given);
    });
    if (valid.length === 0) throw new Error('signature');
  }

  subjectOf({ iss, aud, exp, nbf = 0, sub }) {
    const now = this.now();
    if (iss !== this.issuer) throw new Error('issuer');
    if (![aud].flat().includes(this.audience)) throw new Error('audience');
    if (!Number.isFinite(exp) || exp <= now) throw new Error('expired');
    if (!Number.isFinite(nbf) || nbf > now + SKEW_SECONDS) throw new Error('not valid yet');
    if (typeof sub !== 'string' || !SUBJECT.test(sub)) throw new Error('subject');
    return sub;
  }

  signature(key, signed) {
    return createHmac('sha256', key).update(signed).digest();
  }
}

function objectOf(part) {
  let value;
  try {
    value = parse(part);
  } catch {
    // Not JSON.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('malformed');
  return value;
}

module.exports = { Tokens };
