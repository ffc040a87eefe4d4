/** The allowed names, as a continuation of "must be …". */
export const NOT_INHERITED = 'a name that JavaScript objects do not have themselves, unlike toString and constructor';

/**
 * Whether every JavaScript object has a member of this name. No construct can have such an ID, because the children of
 * a construct are the members of an object.
 */
export function isInherited(name: string): boolean {
  return name in {};
}
