// Session tokens: the first key signs and every key verifies, so a token remains valid after a rotation.
const { createHmac, timingSafeEqual } = require('node:crypto');

const LIFETIME_SECONDS = 900;

/** Signs and verifies tokens with the keys of `GeneratedSecret.signingKeys()`, separated by commas. */
function sessions(list, now = () => Date.now() / 1000) {
  const keys = list.split(',');
  const signature = (key, claims) => createHmac('sha256', key).update(claims).digest();
  return {
    sign(user) {
      const claims = Buffer.from(JSON.stringify({ user, expires: now() + LIFETIME_SECONDS })).toString('base64url');
      return `${claims}.${signature(keys[0], claims).toString('base64url')}`;
    },
    /** The user of a token, or undefined for an invalid signature or an expired token. */
    verify(token = '') {
      const [claims, given = ''] = token.split('.');
      const bytes = Buffer.from(given, 'base64url');
      const signed = keys.some((key) => {
        const expected = signature(key, claims);
        return expected.length === bytes.length && timingSafeEqual(expected, bytes);
      });
      if (!signed) return undefined;
      const { user, expires } = JSON.parse(Buffer.from(claims, 'base64url'));
      return expires > now() ? user : undefined;
    },
  };
}

module.exports = { sessions };
