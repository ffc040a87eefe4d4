/**
 * The entries of a map of the user, sorted by key.
 *
 * Lists in a template, such as environment variables and policy statements, then have the same order for any order of
 * the keys. The order does not depend on the language of the machine.
 */
export function sortedEntries<T>(map: { readonly [key: string]: T } = {}): Array<[string, T]> {
  return Object.entries(map).sort(([one], [other]) => one < other ? -1 : 1);
}
