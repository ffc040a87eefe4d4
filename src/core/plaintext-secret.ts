/** Last or only words of a name whose value nobody but the program may know; `DBPASSWORD` and `JWTSECRET` end in one, too. */
const SECRET_WORD = /(PASSWORD|PASSWD|PASSPHRASE|PASSCODE|SECRETS?|PWD|TOKEN|CREDENTIALS?|APIKEY|ACCESSKEY|PRIVATEKEY)$/;
/** `PASS` alone, or behind what has a password. */
const PASS_WORD = /^(DB|DATABASE|PG|POSTGRES|MYSQL|REDIS|SMTP|MAIL|ADMIN|ROOT|USER|LOGIN)?PASS$/;
/** Keys that are no secret. */
const OPEN_KEYS = ['PUBLIC', 'PUB', 'PRIMARY', 'PARTITION', 'SORT', 'RANGE', 'HASH', 'FOREIGN', 'CACHE', 'OBJECT', 'S3', 'ROUTING', 'INDEX', 'BUCKET', 'IDEMPOTENCY', 'HOST'];
/** A value behind `…_AUTH` that is no mode or switch. */
const LONG_VALUE = /^[\w+/=.:-]{16,}$/;

/** Endings by which a name says that its value only points at a secret, or describes one. */
const POINTER_ENDINGS = /_(ARN|ARNS|NAME|NAMES|ID|IDS|FILE|PATH|DIR|URL|URI|HOST|PREFIX|ALIAS|TTL|EXPIRY|EXPIRATION|SECONDS|MINUTES|HOURS|DAYS|LENGTH|ALGORITHM|ISSUER|AUDIENCE|ENDPOINT|REGION|VERSION|ENABLED|TYPE|HEADER|FIELD)$/i;

/** Values that are secrets whatever the name says. */
const SECRET_VALUES: Array<[what: string, pattern: RegExp]> = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['an AWS access key', /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['an access token of a provider', /\b(sk_live_|rk_live_|gh[pousr]_|github_pat_|xox[baprs]-|sk-|SG\.|AIza)[\w-]{16,}/],
  ['a JSON Web Token', /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/],
  ['an address with a password in it', /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s:@]+@/i],
];

/** What makes an environment variable with this literal value look like a secret in the open, or undefined if nothing does. */
export function plaintextSecret(name: string, value: string): string | undefined {
  if (value === '') return undefined;
  const shape = SECRET_VALUES.find(([, pattern]) => pattern.test(value));
  if (shape) return `its value is ${shape[0]}`;
  const separated = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[-.]/g, '_').toUpperCase();
  return !POINTER_ENDINGS.test(separated) && isSecretName(separated.split('_'), value) ? 'its name says that it is a secret' : undefined;
}

function isSecretName(words: string[], value: string): boolean {
  const [last, before] = [words[words.length - 1], words[words.length - 2]];
  if (words.some((word) => SECRET_WORD.test(word) || PASS_WORD.test(word))) return true;
  if (last === 'KEY') return before !== undefined && !OPEN_KEYS.includes(before);
  return last === 'AUTH' && LONG_VALUE.test(value);
}
