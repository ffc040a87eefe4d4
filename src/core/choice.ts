import { internalMethodsOf, listFactories } from './prop-type';
import { refuseUse } from './refusal';

/** The first argument of a private constructor, which plain JavaScript can call without it. */
export const FROM_FACTORY = Symbol('factory');

/**
 * Marks an instance of a class that only its factories create.
 *
 * It refuses instances that plain JavaScript created.
 *
 * A choice class calls it in a field: `public readonly _choiceClass: string = markChoice(this, 'NatStrategy')`. By this
 * field, `check-props.ts` recognizes values, also those of another copy of the package.
 * @param instance the new instance
 * @param name the class
 * @param complete whether a factory created the instance; by default, whether it is of a subclass
 */
export function markChoice(instance: object, name: string, complete = isOfSubclass(instance)): string {
  const refuseCall = (what: string) =>
    refuseUse(name, `instances must come from a factory, but ${what}`, `use ${listFactories(name)}`);
  if (!complete) refuseCall(`new ${name}() was called`);
  const missing = internalMethodsOf(name).find((method) => !(method in instance));
  if (missing) refuseCall(`${instance.constructor.name} extends it without ${missing}`);
  return name;
}

function isOfSubclass(instance: object): boolean {
  const parent = Object.getPrototypeOf(Object.getPrototypeOf(instance));
  return Object.getPrototypeOf(parent) !== null;
}
