import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EngineProfile, ParameterGuard } from './engine-profile';
import { refuse, Situation } from '../../core/refusal';

/** The values of a Boolean parameter. */
const ON = ['1', 'on', 'true'];
const OFF = ['0', 'off', 'false'];

/**
 * The names of parameters.
 *
 * RDS documents no limit. MySQL lists the names of its variables in columns of 64 characters, and those of PostgreSQL
 * are shorter: https://dev.mysql.com/doc/refman/8.4/en/performance-schema-system-variable-tables.html
 */
const NAME = /^[a-z][a-z0-9._-]{0,63}$/;
/** The size of the buffer into which MySQL reads a line of an option file. Values of PostgreSQL are far shorter. */
const LONGEST_VALUE = 4_096;
const LONGEST_SHOWN = 60;

/** Only one value. */
export function exactly(value: string, why: string): ParameterGuard {
  return { allowed: `'${value}', ${why}`, accepts: (given) => given.trim().toLowerCase() === value.toLowerCase() };
}

/** One of several values. */
export function oneOf(values: string[], why: string): ParameterGuard {
  return {
    allowed: `one of ${values.join(', ')}, ${why}`,
    accepts: (given) => values.includes(given.trim().toLowerCase()),
  };
}

/** A Boolean parameter that must be on. */
export function switchedOn(why: string): ParameterGuard {
  return { allowed: `'1', ${why}`, accepts: (given) => ON.includes(given.trim().toLowerCase()) };
}

/** A Boolean parameter that must be off. */
export function switchedOff(why: string): ParameterGuard {
  return { allowed: `'0', ${why}`, accepts: (given) => OFF.includes(given.trim().toLowerCase()) };
}

/** No value: the default of the engine is the safe one. */
export function leftToTheEngine(why: string): ParameterGuard {
  return { allowed: `unset, ${why}`, accepts: () => false };
}

/** A comma-separated list of one or more of `names`. */
export function listOf(names: string[], why: string): ParameterGuard {
  return {
    allowed: `a list of one or more of ${names.join(', ')}, ${why}`,
    accepts: (given) => given.split(',').every((item) => names.includes(item.trim())),
  };
}

/** A number of at least `min`. */
export function atLeast(min: number, why: string): ParameterGuard {
  return {
    allowed: `a number of at least ${min}, ${why}`,
    accepts: (given) => given.trim() !== '' && Number(given) >= min,
  };
}

/** A comma-separated list that contains all of `names` and nothing that matches `refused`. */
export function listWith(names: string[], why: string, refused?: RegExp): ParameterGuard {
  return {
    allowed: `a list with ${names.join(' and ')}, ${why}`,
    accepts: (given) => {
      const items = given.split(',').map((item) => item.trim().toLowerCase());
      return names.every((name) => items.includes(name)) && !items.some((item) => refused?.test(item));
    },
  };
}

/** Merges the given parameters into those of the engine. Values that weaken TLS or the audit are refused. */
export function guardedParameters(
  scope: Construct,
  profile: EngineProfile,
  given: { [name: string]: string } = {},
): { [name: string]: string } {
  const parameters = { ...profile.parameters };
  for (const [writtenName, value] of Object.entries(given)) {
    requireName(scope, writtenName);
    const name = writtenName.toLowerCase();
    const guard = guardOf(profile, name);
    requireOneLine(scope, writtenName, value, guard !== undefined);
    if (guard && (Token.isUnresolved(value) || !guard.accepts(value))) {
      refuse(scope, {
        prop: `parameters['${writtenName}']`,
        given: value,
        allowed: guard.allowed,
        change: 'remove the parameter, or use an allowed value',
      });
    }
    requireOnce(scope, given, name);
    parameters[name] = value;
  }
  return parameters;
}

/** Refuses two names of one parameter: the order of a map must not decide which value counts. */
function requireOnce(scope: Construct, given: { [name: string]: string }, name: string): void {
  const names = Object.keys(given).filter((each) => each.toLowerCase() === name);
  if (names.length === 1) return;
  refuse(scope, {
    prop: 'parameters',
    given: new Situation(names.join(' and ')),
    allowed: 'names that differ by more than case, because RDS ignores the case',
    change: 'remove one of the two',
  });
}

function guardOf(profile: EngineProfile, name: string): ParameterGuard | undefined {
  if (Object.hasOwn(profile.guards, name)) return profile.guards[name];
  return Object.hasOwn(profile.parameters, name)
    ? exactly(profile.parameters[name], 'which the construct requires')
    : undefined;
}

/** Refuses a name that no parameter can have. With surrounding spaces, it would match no guard either. */
function requireName(scope: Construct, name: string): void {
  // The name of a token is unknown, so it would match no guard.
  if (!Token.isUnresolved(name) && NAME.test(name.toLowerCase())) return;
  const trimmed = name.trim();
  refuse(scope, {
    prop: 'parameters',
    given: new Situation(Token.isUnresolved(name) ? 'a token as a key' : `the key '${shorten(name)}'`),
    allowed: 'an object whose keys are names of parameters: a letter, then letters, digits, dots, underscores and '
      + 'hyphens, at most 64 characters',
    change: trimmed !== name && NAME.test(trimmed.toLowerCase()) ? `use '${trimmed}'` : 'correct the name',
  });
}

/** Refuses a value that is not one line of a configuration file. Guards decide about blank values. Tokens pass. */
function requireOneLine(scope: Construct, name: string, value: string, isGuarded: boolean): void {
  if (Token.isUnresolved(value)) return;
  const isBlank = value.trim() === '' && !isGuarded;
  if (!isBlank && value.length <= LONGEST_VALUE && !/\p{Cc}/u.test(value)) return;
  refuse(scope, {
    prop: `parameters['${name}']`,
    given: value.length > LONGEST_VALUE ? new Situation(`${value.length} characters`) : shorten(value),
    allowed: `a non-blank value on one line of at most ${LONGEST_VALUE} characters`,
    change: 'correct the value, or remove the parameter to use the default of the engine',
  });
}

/** The text on one line, shortened for a message. */
function shorten(text: string): string {
  const line = JSON.stringify(text).slice(1, -1);
  return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN)}…` : line;
}
