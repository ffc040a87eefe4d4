import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EngineProfile, ParameterGuard } from './engine-profile';
import { refuse, Situation } from '../../core/refusal';

/** The values of a Boolean parameter. */
const ON = ['1', 'on', 'true'];
const OFF = ['0', 'off', 'false'];

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
    requireTrimmed(scope, writtenName);
    const name = writtenName.toLowerCase();
    const guard = guardOf(profile, name);
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
  if (profile.guards[name]) return profile.guards[name];
  const fixed = profile.parameters[name];
  return fixed === undefined ? undefined : exactly(fixed, 'which the construct requires');
}

/** Refuses a name with surrounding spaces, which would match no guard. */
function requireTrimmed(scope: Construct, name: string): void {
  if (name === name.trim()) return;
  const allowed = 'an object whose keys have no surrounding spaces';
  refuse(scope, {
    prop: 'parameters',
    given: new Situation(`the key '${name}'`),
    allowed,
    change: `use '${name.trim()}'`,
  });
}
