import { createHash, createHmac } from 'crypto';
import { scramVerifier } from '../../../src/database/access/scram';

/** The example of RFC 7677, section 3: https://www.rfc-editor.org/rfc/rfc7677 */
const SALT = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
const MESSAGE = 'n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,'
  + 's=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const PROOF = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64');
const SERVER_SIGNATURE = '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

const hmac = (key: Buffer) => createHmac('sha256', key).update(MESSAGE).digest();
const keysOf = (verifier: string) => verifier.split(/[$:]/).slice(3).map((text) => Buffer.from(text, 'base64'));

test('the verifier accepts the client of RFC 7677 and proves the server to it', () => {
  const verifier = scramVerifier('pencil', SALT);
  const [storedKey, serverKey] = keysOf(verifier);
  // eslint-disable-next-line no-bitwise
  const clientKey = Buffer.from(hmac(storedKey).map((byte, index) => byte ^ PROOF[index]));
  expect(createHash('sha256').update(clientKey).digest()).toEqual(storedKey);
  expect(hmac(serverKey).toString('base64')).toBe(SERVER_SIGNATURE);
  expect(verifier).toMatch(/^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$[\w+/]{43}=:[\w+/]{43}=$/);
});

test('each verifier has a salt of its own, of 16 bytes', () => {
  const [one, other] = [scramVerifier('pencil'), scramVerifier('pencil')];
  expect(one).not.toBe(other);
  expect(Buffer.from(one.split(/[$:]/)[2], 'base64')).toHaveLength(16);
  expect(one).not.toContain('pencil');
});
