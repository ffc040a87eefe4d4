/** A word that ends in the name of a secret: `PASSWORD`, `DBPASSWORD`, `JWTSECRET`. */
const SECRET_WORD =
  /(PASSWORD|PASSWD|PASSPHRASE|PASSCODE|SECRETS?|PWD|TOKEN|CREDENTIALS?|APIKEY|ACCESSKEY|PRIVATEKEY)$/;
/** `PASS`, alone or after the name of something that has a password. */
const PASS_WORD = /^(DB|DATABASE|PG|POSTGRES|MYSQL|REDIS|SMTP|MAIL|ADMIN|ROOT|USER|LOGIN)?PASS$/;
/** The words before `KEY` in the names of keys that are not secret. */
const OPEN_KEYS = [
  'PUBLIC',
  'PUB',
  'PRIMARY',
  'PARTITION',
  'SORT',
  'RANGE',
  'HASH',
  'FOREIGN',
  'CACHE',
  'OBJECT',
  'S3',
  'ROUTING',
  'INDEX',
  'BUCKET',
  'IDEMPOTENCY',
  'HOST',
];
/** A value of `…_AUTH` that is too long to be a mode or a switch. */
const LONG_VALUE = /^[\w+/=.:-]{16,}$/;

/** The endings of names whose values refer to a secret or describe one. */
const POINTER_ENDINGS = new RegExp(`_(${[
  'ARN', 'ARNS', 'NAME', 'NAMES', 'ID', 'IDS', 'FILE', 'PATH', 'DIR', 'URL', 'URI', 'HOST', 'PREFIX', 'ALIAS',
  'TTL', 'EXPIRY', 'EXPIRATION', 'SECONDS', 'MINUTES', 'HOURS', 'DAYS', 'LENGTH',
  'ALGORITHM', 'ISSUER', 'AUDIENCE', 'ENDPOINT', 'REGION', 'VERSION', 'ENABLED', 'TYPE', 'HEADER', 'FIELD',
].join('|')})$`, 'i');

/** Values that are secrets under any name. */
const SECRET_VALUES: Array<[what: string, pattern: RegExp]> = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['an AWS access key', /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a provider access token', /\b(sk_live_|rk_live_|gh[pousr]_|github_pat_|xox[baprs]-|sk-|SG\.|AIza)[\w-]{16,}/],
  ['a JSON Web Token', /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/],
  ['a URL that contains a password', /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s:@]+@/i],
];

/** Returns why a literal environment variable appears to be a plaintext secret, or undefined. */
export function plaintextSecret(name: string, value: string): string | undefined {
  if (value === '') return undefined;
  const shape = SECRET_VALUES.find(([, pattern]) => pattern.test(value));
  if (shape) return `its value is ${shape[0]}`;
  const separated = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[-.]/g, '_').toUpperCase();
  const isSecret = !POINTER_ENDINGS.test(separated) && isSecretName(separated.split('_'), value);
  return isSecret ? 'its name is the name of a secret' : undefined;
}

function isSecretName(words: string[], value: string): boolean {
  const [last, before] = [words[words.length - 1], words[words.length - 2]];
  if (words.some((word) => SECRET_WORD.test(word) || PASS_WORD.test(word))) return true;
  if (last === 'KEY') return before !== undefined && !OPEN_KEYS.includes(before);
  return last === 'AUTH' && LONG_VALUE.test(value);
}
