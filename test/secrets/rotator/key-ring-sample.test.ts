import { createHmac } from 'crypto';
import * as fs from 'fs';
import { createRequire } from 'module';
import * as path from 'path';
import { KeyListShape, nextKeyList } from '../../../src/secrets/rotator/key-list';

/** The module that encrypts fields in the API of the KareMatch example. */
interface KeyRing {
  encrypt(plaintext: string, place: string): string;
  decrypt(stored: string, place: string): string;
  isOutdated(stored: string): boolean;
}
const { KeyRing } = jest.requireActual<{ KeyRing: new (text: string) => KeyRing }>(
  path.join('..', '..', '..', 'examples', 'karematch', 'api', 'key-ring.js'),
);

const RING: KeyListShape = { kind: 'keyRing', bytes: 33 };
const SIGNING: KeyListShape = { kind: 'signingKeys', bytes: 66 };
const PLACE = 'patients/42/phone';
const PHONE = '+1 555 0100, ask for Zoë';

function values(shape: KeyListShape, rotations: number): string[] {
  const list = [nextKeyList(undefined, shape)];
  for (let i = 0; i < rotations; i++) list.push(nextKeyList(list[i], shape));
  return list;
}

describe('fields encrypted with a ring', () => {
  test('can be read after any number of rotations', () => {
    const rings = values(RING, 24).map((text) => new KeyRing(text));
    const fields = rings.map((ring) => ring.encrypt(PHONE, PLACE));
    expect(new Set(fields.map((field) => rings[24].decrypt(field, PLACE)))).toEqual(new Set([PHONE]));
  });

  test('can be read by a task that was started one rotation earlier', () => {
    const rings = values(RING, 24).map((text) => new KeyRing(text));
    rings
      .slice(1)
      .forEach((ring, index) => expect(rings[index].decrypt(ring.encrypt(PHONE, PLACE), PLACE)).toBe(PHONE));
  });

  test('can be detected if their key is old, so that they can be encrypted again before the key is retired', () => {
    const texts = values(RING, 3);
    const old = new KeyRing(texts[0]).encrypt(PHONE, PLACE);
    const ring = new KeyRing(texts[3]);
    expect(ring.isOutdated(old)).toBe(true);
    const current = ring.encrypt(ring.decrypt(old, PLACE), PLACE);
    expect(ring.isOutdated(current)).toBe(false);
    const retired = new KeyRing(texts[3].split(',').slice(0, 2).join(','));
    expect(retired.decrypt(current, PLACE)).toBe(PHONE);
    expect(() => retired.decrypt(old, PLACE)).toThrow(/^the ring has no key [0-9a-f]{16}$/);
  });

  test('are never equal, and contain neither the text nor a key', () => {
    const [text] = values(RING, 0);
    const ring = new KeyRing(text);
    expect(ring.encrypt(PHONE, PLACE)).not.toBe(ring.encrypt(PHONE, PLACE));
    expect(ring.encrypt('', PLACE)).toMatch(/^v1\.[0-9a-f]{16}\.[A-Za-z0-9_-]{38}$/);
    expect(ring.decrypt(ring.encrypt('', PLACE), PLACE)).toBe('');
  });

  test('are refused in another place, changed, truncated, with a short tag, or in another format', () => {
    const ring = new KeyRing(values(RING, 2)[2]);
    const stored = ring.encrypt(PHONE, PLACE);
    const [version, id, body] = stored.split('.');
    const bytes = Buffer.from(body, 'base64url');
    const changed = Buffer.from(bytes);
    changed[20] = 255 - changed[20];
    const as = (other: Buffer) => [version, id, other.toString('base64url')].join('.');
    expect(() => ring.decrypt(stored, 'patients/43/phone')).toThrow('unable to authenticate data');
    expect(() => ring.decrypt(as(changed), PLACE)).toThrow('unable to authenticate data');
    expect(() => ring.decrypt(as(bytes.subarray(0, -1)), PLACE)).toThrow('unable to authenticate data');
    expect(() => ring.decrypt(as(bytes.subarray(0, 20)), PLACE)).toThrow();
    expect(() => ring.decrypt(PHONE, PLACE)).toThrow('this is not an encrypted field');
    expect(() => ring.decrypt(`v2.${id}.${body}`, PLACE)).toThrow('this is not an encrypted field');
  });
});

test('the page derives keys as the module does, with the documented result', () => {
  const page = fs.readFileSync(path.join(__dirname, '..', '..', '..', 'docs', 'rotating-secrets.md'), 'utf8');
  const snippet = /^```js\n(.*hkdfSync[\s\S]*?)^```/m.exec(page)![1];
  const text = 'firstKeyAsCloudFormationMakesIt0123456789abc';
  const [key] = new Function('require', 'process', `${snippet}; return keys;`)(createRequire(__filename), {
    env: { ENCRYPTION_KEYS: text },
  });
  expect(new KeyRing(text).encrypt(PHONE, PLACE)).toContain(`v1.${key.id}.`);
  expect(page.replace(/\n/g, ' ')).toContain(`For \`${text}\` the result is \`${key.aes.toString('hex')}\`.`);
});

describe('signatures with signing keys in middleware that accepts several secrets', () => {
  const sign = (keys: string[], text: string) => createHmac('sha512', keys[0]).update(text).digest('base64url');
  const verify = (keys: string[], text: string, signature: string) =>
    keys.some((key) => sign([key], text) === signature);
  const lists = values(SIGNING, 12).map((text) => text.split(','));

  test('are valid until the rotation after the next one, and then invalid', () => {
    const verified = lists
      .slice(3, -3)
      .map((keys, index) =>
        [-1, 0, 1, 2].map((later) => verify(lists[index + 3 + later], 'session', sign(keys, 'session'))),
      );
    expect(new Set(verified.map((answers) => answers.join()))).toEqual(new Set(['true,true,true,false']));
  });
});
