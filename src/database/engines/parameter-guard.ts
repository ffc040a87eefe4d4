import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EngineProfile, ParameterGuard } from './engine-profile';
import { refuse, Situation } from '../../core/refusal';

/** What engines take for a switch. */
const ON = ['1', 'on', 'true'];
const OFF = ['0', 'off', 'false'];

/** One value only, or none. */
export function exactly(value: string, why: string): ParameterGuard {
  return { allowed: `'${value}', ${why}`, accepts: (given) => given.trim().toLowerCase() === value.toLowerCase() };
}

/** One of several values. */
export function oneOf(values: string[], why: string): ParameterGuard {
  return { allowed: `one of ${values.join(', ')}, ${why}`, accepts: (given) => values.includes(given.trim().toLowerCase()) };
}

/** A switch that has to be on. */
export function switchedOn(why: string): ParameterGuard {
  return { allowed: `'1', ${why}`, accepts: (given) => ON.includes(given.trim().toLowerCase()) };
}

/** A switch that has to be off. */
export function switchedOff(why: string): ParameterGuard {
  return { allowed: `'0', ${why}`, accepts: (given) => OFF.includes(given.trim().toLowerCase()) };
}

/** No value at all: that of the engine is the safe one. */
export function leftToTheEngine(why: string): ParameterGuard {
  return { allowed: `no value but the engine's own, ${why}`, accepts: () => false };
}

/** A list with commas of some of `names`, and of one at least. */
export function listOf(names: string[], why: string): ParameterGuard {
  return { allowed: `a list of ${names.join(' and ')}, ${why}`, accepts: (given) => given.split(',').every((item) => names.includes(item.trim())) };
}

/** A number of at least `min`. */
export function atLeast(min: number, why: string): ParameterGuard {
  return { allowed: `a number of at least ${min}, ${why}`, accepts: (given) => given.trim() !== '' && Number(given) >= min };
}

/** A list with commas that names all of `names`, and nothing that `refused` matches. */
export function listWith(names: string[], why: string, refused?: RegExp): ParameterGuard {
  return {
    allowed: `a list that has ${names.join(' and ')}, ${why}`,
    accepts: (given) => {
      const items = given.split(',').map((item) => item.trim().toLowerCase());
      return names.every((name) => items.includes(name)) && !items.some((item) => refused?.test(item));
    },
  };
}

/** The engine's parameters together with the user's, none of which may weaken what the engine's are there for. */
export function guardedParameters(scope: Construct, profile: EngineProfile, given: { [name: string]: string } = {}): { [name: string]: string } {
  const parameters = { ...profile.parameters };
  for (const [writtenName, value] of Object.entries(given)) {
    requireWritten(scope, writtenName, value);
    const name = writtenName.toLowerCase();
    const guard = guardOf(profile, name);
    if (guard && (Token.isUnresolved(value) || !guard.accepts(value))) {
      refuse(scope, { prop: `parameters['${writtenName}']`, given: value, allowed: guard.allowed, change: 'leave the parameter out, or give it an allowed value' });
    }
    parameters[name] = value;
  }
  return parameters;
}

function guardOf(profile: EngineProfile, name: string): ParameterGuard | undefined {
  if (profile.guards[name]) return profile.guards[name];
  const fixed = profile.parameters[name];
  return fixed === undefined ? undefined : exactly(fixed, 'which this construct relies on');
}

/** A name with blanks around it would pass every guard; and what is no text, as JavaScript may pass it, cannot be judged. */
function requireWritten(scope: Construct, name: string, value: unknown): void {
  if (name !== name.trim()) {
    refuse(scope, { prop: 'parameters', given: new Situation(`given with the name '${name}'`), allowed: 'a name without blanks around it', change: `write '${name.trim()}'` });
  }
  if (typeof value !== 'string' && !Token.isUnresolved(value)) {
    refuse(scope, { prop: `parameters['${name}']`, given: value, allowed: 'a text', change: 'put the value in quotes' });
  }
}
