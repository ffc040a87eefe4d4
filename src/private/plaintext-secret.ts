/** Words in the name of a variable whose value nobody but the program may know. */
const SECRET_WORDS = /(^|_)(PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|SECRETS|TOKEN|API_?KEY|PRIVATE_?KEY|SECRET_?KEY|ACCESS_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY|CREDENTIALS?)(_|$)/i;

/** Endings by which a name says that its value only points at a secret, or describes one. */
const POINTER_ENDINGS = /_(ARN|NAME|ID|IDS|FILE|PATH|DIR|URL|URI|HOST|PREFIX|ALIAS|TTL|EXPIRY|EXPIRATION|SECONDS|MINUTES|HOURS|DAYS|LENGTH|ALGORITHM|ISSUER|AUDIENCE|ENDPOINT|REGION|VERSION|ENABLED|TYPE|HEADER|FIELD)$/i;

/** Values that are secrets whatever the name says. */
const SECRET_VALUES: Array<[what: string, pattern: RegExp]> = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['an AWS access key', /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a JSON Web Token', /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/],
  ['an address with a password in it', /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s:@]+@/i],
];

/** What makes an environment variable with this literal value look like a secret in the open, or undefined if nothing does. */
export function plaintextSecret(name: string, value: string): string | undefined {
  if (value === '') return undefined;
  const shape = SECRET_VALUES.find(([, pattern]) => pattern.test(value));
  if (shape) return `its value is ${shape[0]}`;
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[-.]/g, '_');
  return SECRET_WORDS.test(words) && !POINTER_ENDINGS.test(words) ? 'its name says that it is a secret' : undefined;
}
