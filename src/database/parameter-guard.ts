import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EngineProfile, ParameterGuard } from './engine-profile';
import { refuse } from '../private/refusal';

/** One value only, or none. */
export function exactly(value: string, why: string): ParameterGuard {
  return { allowed: `'${value}', ${why}`, accepts: (given) => given.trim().toLowerCase() === value.toLowerCase() };
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
