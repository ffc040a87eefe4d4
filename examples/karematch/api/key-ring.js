// Encrypts single fields with the keys of a ring: the first key encrypts, every key decrypts.
const { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } = require('node:crypto');

const VERSION = 'v1';
// The sizes that NIST SP 800-38D recommends for GCM. Tags of another length are rejected: a short tag can be guessed.
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

class KeyRing {
  /** @param {string} text the value of the secret: keys separated by commas */
  constructor(text) {
    // The key is the text itself: the derivation uses it without decoding.
    const keys = text.split(',').map((key) => ({
      id: createHash('sha256').update(key).digest('hex').slice(0, 16),
      aes: Buffer.from(hkdfSync('sha256', key, '', 'field encryption', 32)),
    }));
    this.first = keys[0];
    this.byId = new Map(keys.map((key) => [key.id, key]));
  }

  /**
   * The field as it is stored: format, key id, and nonce with ciphertext and tag.
   * @param {string} plaintext
   * @param {string} place the location of the field, such as `patients/42/phone`: decryption fails at another one
   */
  encrypt(plaintext, place) {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.first.aes, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(place));
    const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
    const bytes = Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]);
    return [VERSION, this.first.id, bytes.toString('base64url')].join('.');
  }

  /** The plaintext of a stored field, by the key that encrypted it. */
  decrypt(stored, place) {
    const [version, id, body] = stored.split('.');
    if (version !== VERSION || !body) throw new Error('this is not an encrypted field');
    const key = this.byId.get(id);
    if (!key) throw new Error(`the ring has no key ${id}`);
    const bytes = Buffer.from(body, 'base64url');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key.aes, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(place))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
  }

  /** Whether an older key encrypted the field. Encrypt it again before you remove that key. */
  isOutdated(stored) {
    return !stored.startsWith(`${VERSION}.${this.first.id}.`);
  }
}

module.exports = { KeyRing };
