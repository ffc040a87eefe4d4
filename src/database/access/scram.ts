import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'crypto';

/**
 * The iterations that PostgreSQL uses by default.
 * https://www.postgresql.org/docs/current/runtime-config-connection.html
 */
const ITERATIONS = 4096;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/**
 * Returns the SCRAM-SHA-256 verifier of a password of ASCII characters, as PostgreSQL stores it.
 *
 * The format is that of RFC 5803 and RFC 7677.
 * A statement with the verifier contains no password, so no log of the server can contain one.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(SALT_BYTES)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, HASH_BYTES, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest();
  const [saltText, stored, server] = [salt, storedKey, hmac('Server Key')].map((bytes) => bytes.toString('base64'));
  return `SCRAM-SHA-256$${ITERATIONS}:${saltText}$${stored}:${server}`;
}
