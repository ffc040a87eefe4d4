import { IConstruct } from 'constructs';

/**
 * Returns the name of the environment variable of a resource in `uses`: `REPORTS_BUCKET_NAME`.
 *
 * It is the ID of the construct in upper snake case and a suffix, so it does not depend on the stack.
 * @param suffix what the value is: `BUCKET_NAME`
 */
export function variableName(construct: IConstruct, suffix: string): string {
  const words = construct.node.id
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  // The name of a variable does not start with a digit.
  const start = /^\d/.test(words) ? '_' : '';
  return `${start}${words}_${suffix}`.toUpperCase();
}
