/** A word that ends in the name of a secret: `PASSWORD`, `DBPASSWORD`, `JWTSECRET`. */
const SECRET_WORD =
  /(PASSWORD|PASSWD|PASSPHRASE|PASSCODE|SECRETS?|PWD|TOKEN|CREDENTIALS?|APIKEY|ACCESSKEY|PRIVATEKEY)$/;
/** The names of things that have a password. */
const WITH_PASSWORD = 'DB|DATABASE|PG|POSTGRES|MYSQL|REDIS|SMTP|MAIL|ADMIN|ROOT|USER|LOGIN';
/** `PASS` and `CREDS`, alone or after the name of something that has a password. */
const PASS_WORD = new RegExp(`^((${WITH_PASSWORD})?PASS|(${WITH_PASSWORD}|API|AWS)?CREDS?)$`);
/** `PW` at the end of a name. At its start, it is the prefix of Playwright: `PW_TEST_HTML_REPORT_OPEN`. */
const PW_WORD = new RegExp(`^(${WITH_PASSWORD})?PW$`);
/** The servers whose `…_AUTH` is a password, as the AUTH of Redis. */
const SERVERS = /^(REDIS|VALKEY|ELASTICACHE|CACHE|MEMCACHED|MONGO|MONGODB|DB|DATABASE|AMQP|RABBITMQ|MQTT|SMTP|NPM)$/;
/** A method of authentication, which is no password. */
const METHOD = new RegExp(`^(${[
  'none', 'basic', 'plain', 'login', 'digest', 'bearer', 'cram-?md5', 'md5', 'ntlm', 'ldaps?', 'kerberos', 'gssapi',
  'sspi', 'pam', 'radius', 'peer', 'ident', 'trust', 'cert(ificate)?', 'm?tls', 'ssl', 'x-?509', 'jwt', 'oauth-?2?',
  'xoauth2', 'oidc', 'saml', 'sasl', 'iam', '(aws|mongodb-aws|scram)[\\w-]*', 'password', 'token', 'secret', 'key',
  'user(name)?', 'acl', 'rbac', 'auto', 'default', 'required?', 'optional', 'internal', 'anonymous', 'x',
].join('|')})$`, 'i');
/** `admin:password`, but not `host:6379`. */
const USER_AND_PASSWORD = /^(?![^:]*:\d{1,5}$)[^\s:/]+:[^\s:/]{4,}$/;
/** The endings of names whose value can be a user with a password. */
const LOGINS = ['AUTH', 'LOGIN', 'LOGINS', 'USERS'];
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
  'KMS',
  'CMK',
  'LIMIT',
  'LOOKUP',
];
/** The words that say that a key or a token is public: `STRIPE_PUBLISHABLE_KEY`, `MAPBOX_PUBLIC_TOKEN`. */
const PUBLIC_WORDS = ['PUBLISHABLE', 'PUBLIC', 'PUB'];
/** The name of a key that a page shows to its visitors, such as that of a captcha. */
const SITE_KEY = /(^|_)SITE_?KEY$/;
/**
 * The name of an API key of Firebase. It identifies an app and is public by design.
 *
 * https://firebase.google.com/docs/projects/api-keys
 */
const FIREBASE_KEY = /(^|_)FIREBASE_(WEB_)?API_?KEY$/;
/**
 * The name of a key of Google that a page has in its code. The key accepts only requests of the pages that it names.
 *
 * https://developers.google.com/maps/api-security-best-practices
 */
const BROWSER_KEY = /(^|_)BROWSER_(API_?)?KEY$/;
/** A switch. */
const BOOLEAN = /^(true|false|yes|no|on|off|enabled|disabled)$/i;
/** A quantity, such as a number of days. */
const NUMBER = /^\d{1,9}(\.\d+)?$/;

/** A value of `…_AUTH` that is too long to be a mode or a switch. */
const LONG_VALUE = /^[\w+/=.:-]{16,}$/;

/** The endings of names whose values refer to a secret or describe one. */
const POINTER_ENDINGS = new RegExp(`_(${[
  'ARN', 'ARNS', 'NAME', 'NAMES', 'ID', 'IDS', 'FILE', 'PATH', 'DIR', 'URL', 'URI', 'HOST', 'PREFIX', 'ALIAS',
  'TTL', 'EXPIRY', 'EXPIRATION', 'SECONDS', 'MINUTES', 'HOURS', 'DAYS', 'LENGTH',
  'ALGORITHM', 'ISSUER', 'AUDIENCE', 'ENDPOINT', 'REGION', 'VERSION', 'ENABLED', 'TYPE', 'HEADER', 'FIELD',
  'POLICY', 'PROVIDER', 'BACKEND', 'METHOD', 'MODE', 'SOURCE', 'LEVEL', 'STORE', 'FORMAT', 'SCHEME', 'STRATEGY',
  'SCOPE', 'SCOPES', 'CLAIM', 'SIZE', 'COUNT', 'LIMIT', 'PORT', 'STATUS', 'STDIN', 'ALG', 'STAGE', 'BUCKET',
  'COOKIE', 'REGEX', 'PATTERN', 'TABLE', 'QUEUE', 'TOPIC', 'ROLE', 'DOMAIN', 'NAMESPACE',
].join('|')})$`, 'i');

/** The mark in a value of a part that a template does not contain. */
export const UNKNOWN_PART = '\uFFFC';
/** The text of a URL that is not a password: an unknown part, a shell variable or a placeholder. */
const NO_PASSWORD = `(?:${UNKNOWN_PART}+|\\$\\{?\\w+\\}?|\\{\\w*\\}|<[^>@]*>|%s|\\*+)@`;
const URL_WITH_PASSWORD = new RegExp(
  `(?:^|[\\s"'=,(])[a-z][a-z0-9+.-]*://[^/\\s:@]*:(?!${NO_PASSWORD})[^/\\s@]+@`,
  'i',
);

/** The password or key in a connection string or URL: `host=db password=…`, `…?api_key=…`, `AccountKey=…`. */
const CONNECTION_STRING = new RegExp(
  '(?:^|[\\s;&?"\'(,{])(?:password|passwd|pwd|api[-_]?key|accountkey|sharedaccesskey)\\s*=\\s*'
    + `(?!${UNKNOWN_PART}|["']?[$<{%*]|(?:true|false)\\b)["']?[^\\s;&"'<{]{3}`,
  'i',
);

/** The password after the name of the user: `app:password@tcp(db:3306)` of Go, `jdbc:oracle:thin:app/password@db`. */
const CONNECTION_WITH_USER = new RegExp(
  `(?:^|[\\s"'=,(])[\\w.-]+:(?!${NO_PASSWORD})[^\\s@/:]+@(?:tcp|unix)\\(`
    + `|\\bjdbc:oracle:\\w+:[\\w.-]+/(?!${NO_PASSWORD})[^\\s@/]+@`,
  'i',
);

/** How the tokens of providers start. */
const PROVIDER_TOKENS = [
  'sk_live_', 'rk_live_', 'sk_test_', 'rk_test_', 'whsec_', 'gh[pousr]_', 'github_pat_', 'xox[baprs]-', 'sk-', 'SG\\.',
  'AIza',
].join('|');

/** Values that are secrets under any name. */
const SECRET_VALUES: Array<[what: string, pattern: RegExp]> = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----/],
  ['an AWS access key', /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a provider access token', new RegExp(`\\b(${PROVIDER_TOKENS})[\\w-]{16,}`)],
  ['a JSON Web Token', /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/],
  ['a URL that contains a password', URL_WITH_PASSWORD],
  ['a connection string that contains a password', CONNECTION_STRING],
  ['a connection string that contains a password', CONNECTION_WITH_USER],
  ['an authorization header', /^\s*(Bearer|Basic)\s+(?=\S*[\d=])[\w+/=.~-]{16,}\s*$/],
  ['a webhook URL', /\bhttps:\/\/(hooks\.slack\.com\/services|discord(app)?\.com\/api\/webhooks)\/\w+\/[\w-]{8,}/],
];
/** The values that browsers send: publishable keys of Stripe, project keys of PostHog and public tokens of Mapbox. */
const PUBLIC_VALUE = /^((pk_(live|test)_|phc_)\w+|pk\.eyJ[\w-]+\.[\w-]+)$/;
/** A value that says where a secret is: an ARN, or the path of a file. */
const POINTER = /^(arn:[\w-]+:[\w-]+:[\w-]*:\d*:\S+|(\/[\w.-]+)+\.(json|pem|key|crt|txt))$/;
/** The key of an object with an asset of the CDK: its hash and its extension. */
const ASSET_KEY = /^[0-9a-f]{64}\.\w+$/;
/** The value that a Google API key has under every name. */
const GOOGLE_KEY = /^AIza[\w-]{35}$/;

/** Returns why a literal environment variable appears to be a plaintext secret, or undefined. */
export function plaintextSecret(name: string, value: string): string | undefined {
  const shape = secretValue(name, value);
  if (shape) return shape;
  if (value === '' || BOOLEAN.test(value) || PUBLIC_VALUE.test(value)) return undefined;
  if (POINTER.test(value) || ASSET_KEY.test(value)) return undefined;
  const separated = separatedName(name);
  const isSecret = !POINTER_ENDINGS.test(separated) && isSecretName(separated.split('_'), value);
  return isSecret ? 'its name is the name of a secret' : undefined;
}

/** Returns why a value is a secret under any name, or undefined. */
export function secretValue(name: string, value: string): string | undefined {
  if (GOOGLE_KEY.test(value) && isPublicName(separatedName(name).split('_'))) return undefined;
  const shape = SECRET_VALUES.find(([, pattern]) => pattern.test(value));
  return shape && `its value is ${shape[0]}`;
}

function separatedName(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[-.]/g, '_').toUpperCase();
}

function isSecretName(words: string[], value: string): boolean {
  const [last, before] = [words[words.length - 1], words[words.length - 2]];
  if (isPublicName(words)) return false;
  const isSecretWord = (word: string) => SECRET_WORD.test(word) || PASS_WORD.test(word);
  if (PW_WORD.test(last)) return true;
  if (LOGINS.includes(last) && USER_AND_PASSWORD.test(value)) return true;
  // The number of a name such as `SECRET_ROTATION_DAYS` is a quantity, that of `DB_PASSWORD` is a password.
  if (words.some(isSecretWord)) return isSecretWord(last) || !NUMBER.test(value);
  if (last === 'KEY') return before !== undefined && !OPEN_KEYS.includes(before);
  if (last !== 'AUTH' || METHOD.test(value)) return false;
  return LONG_VALUE.test(value) || (SERVERS.test(before ?? '') && !NUMBER.test(value));
}

/** Whether a name says that its key or token is public. A further word for a secret contradicts it. */
function isPublicName(words: string[]): boolean {
  const name = words.join('_');
  if ([SITE_KEY, FIREBASE_KEY, BROWSER_KEY].some((known) => known.test(name))) {
    return !words.slice(0, -1).some((word) => SECRET_WORD.test(word));
  }
  const isPublic = words.some((word) => PUBLIC_WORDS.includes(word)) && /(^|_)(KEY|APIKEY|TOKEN)$/.test(name);
  return isPublic && !words.slice(0, -1).some((word) => SECRET_WORD.test(word) || word === 'PRIVATE');
}
