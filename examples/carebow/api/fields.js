// Encrypts single fields with data keys of KMS. A field can be decrypted only at the location where it was encrypted.
const { createCipheriv, createDecipheriv, randomBytes } = require('node:crypto');
const { DecryptCommand, GenerateDataKeyCommand } = require('@aws-sdk/client-kms');

const VERSION = 'v1';
const ALGORITHM = 'aes-256-gcm';
// The sizes that NIST SP 800-38D recommends for GCM. Tags of another length are rejected: a short tag can be guessed.
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

class Fields {
  /**
   * @param {import('@aws-sdk/client-kms').KMSClient} kms
   * @param {string} keyArn
   */
  constructor(kms, keyArn) {
    Object.assign(this, { kms, keyArn });
  }

  /**
   * The field as it is stored: version, encrypted data key, and nonce with ciphertext and tag.
   * @param {string} plaintext
   * @param {Record<string, string>} place the encryption context. CloudTrail records it, so it must not contain PHI
   */
  async encrypt(plaintext, place) {
    const { Plaintext, CiphertextBlob } = await this.kms.send(new GenerateDataKeyCommand({
      KeyId: this.keyArn, KeySpec: 'AES_256', EncryptionContext: place,
    }));
    const nonce = randomBytes(NONCE_BYTES);
    const bytes = withKey(Plaintext, (key) => {
      const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(textOf(place));
      return Buffer.concat([nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    });
    return [VERSION, Buffer.from(CiphertextBlob).toString('base64url'), bytes.toString('base64url')].join('.');
  }

  /** The plaintext of a stored field. Fails if the field was changed, or encrypted at another location. */
  async decrypt(stored, place) {
    const [version, dataKey, body] = stored.split('.');
    if (version !== VERSION || !dataKey || !body) throw new Error('this is not an encrypted field');
    const { Plaintext } = await this.kms.send(new DecryptCommand({
      KeyId: this.keyArn, CiphertextBlob: Buffer.from(dataKey, 'base64url'), EncryptionContext: place,
    }));
    const bytes = Buffer.from(body, 'base64url');
    return withKey(Plaintext, (key) => {
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(textOf(place))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      const ciphertext = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
    });
  }
}

/** Uses a data key once, and overwrites it. */
function withKey(key, use) {
  try {
    return use(key);
  } finally {
    key.fill(0);
  }
}

/** The same bytes for the same context, in any order of its keys. */
const textOf = (place) => Buffer.from(JSON.stringify(Object.entries(place).sort()));

module.exports = { Fields };
