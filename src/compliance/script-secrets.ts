import { UNKNOWN } from './values';
import { plaintextSecret } from '../core/plaintext-secret';

/** The end of a name that a program gives to a secret. Names such as `tokenUse` are not. */
const SECRET_NAME
  = /(PASSWORD|PASSWD|PASSPHRASE|SECRET|PWD|(^|_)PW|CREDS|CREDENTIALS|TOKEN|(API|ACCESS|PRIVATE|SECRET|ENCRYPTION|SIGNING)_?KEY)$/;
/** The start of a value that a script computes or reads: a variable, a command, a placeholder. */
const COMPUTED = new RegExp(`^(["']?([$\`<{%(*]|${UNKNOWN}|id=|arn:)|process\\.env|os\\.|[\\w.]+[[(])`);
const QUOTED = '"[^"\\n]*"|\'[^\'\\n]*\'';
/** `DB_PASSWORD=hunter2`, also after `export` and `-e`. */
const ASSIGNMENT = new RegExp(`(?:^|[\\s;&|"'(])([A-Za-z_][\\w.]*)=(${QUOTED}|[^\\s;&|"')]+)`, 'gm');
/** `--db-password=hunter2` and `--db-password hunter2`. */
const OPTION = new RegExp(`(?:^|\\s)--?([A-Za-z][\\w-]*)(?:=|\\s+)(${QUOTED}|[^\\s;&|"'-][^\\s;&|"']*)`, 'gm');
/** `DB_PASSWORD: hunter2` of YAML, `password: 'hunter2'` and `password = "hunter2"` of a program. */
const YAML = new RegExp(`^\\s*-?\\s*([A-Za-z_][\\w-]*):[ \\t]+(${QUOTED}|[^\\s#|>&!\\[{]\\S*)\\s*$`, 'gm');
const PROGRAM = new RegExp(`([A-Za-z_][\\w-]*)["']?\\]?\\s*[:=]\\s*(${QUOTED})`, 'g');
/** The options of programs that take a password without a name. */
const PROGRAMS: Array<[name: string, pattern: RegExp]> = [
  ['curl', /\bcurl\b[^\n;|]*\s(?:-u|--user)[\s=]+["']?[\w.@-]+:(?![$<{%])[^\s"':]+/],
  ['mysql', /\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n;|]*\s-p(?![$<{%\s"'])[^\s"']+/],
  ['authorization', /["'`](?:Basic|Bearer)\s+(?=[^\s"'`]*[\d=])[\w+/=.~-]{16,}["'`]/],
  ['sshpass', /\bsshpass\s+-p\s*["']?(?![$<{%])[^\s"']+/],
];
/** The sections of a build specification whose values are the names of secrets. */
const STORED = /^(\s*)(secrets-manager|parameter-store|exported-variables):[^\n]*\n(?:\1\s+[^\n]*(?:\n|$))*/gm;

/**
 * Returns the names of the variables, options and programs that have a secret in the text of a script: the commands of
 * a container, user data, a build specification, or the code of an inline function.
 */
export function secretsInScript(script: string, isProgram: boolean): string[] {
  const text = script.replace(STORED, '');
  // A program without quotation marks reads a variable or calls a function.
  const patterns = isProgram ? [PROGRAM] : [ASSIGNMENT, OPTION, YAML, PROGRAM];
  const found = patterns.flatMap((pattern) => [...text.matchAll(pattern)])
    .filter(([, name, value]) => isSecret(name, value))
    .map(([, name]) => name);
  const programs = PROGRAMS.filter(([, pattern]) => pattern.test(text)).map(([name]) => name);
  return [...new Set([...found, ...programs])];
}

function isSecret(name: string, given: string): boolean {
  const value = given.replace(/^(["'])(.*)\1$/, '$2');
  const last = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[-.]/g, '_').toUpperCase();
  return SECRET_NAME.test(last) && !COMPUTED.test(given) && !value.includes(UNKNOWN)
    && value.toLowerCase() !== name.toLowerCase() && plaintextSecret(name, value) !== undefined;
}
