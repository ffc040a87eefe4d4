import { IConstruct } from 'constructs';

/**
 * The name of an environment variable of a binding: the ID of the resource in upper snake case, and a suffix.
 *
 * The queue `ClaimJobs` with the suffix `QUEUE_URL` has the variable `CLAIM_JOBS_QUEUE_URL`. Characters that a name
 * cannot contain become underscores.
 */
export function variableName({ node }: IConstruct, suffix: string): string {
  const words = node.id
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const name = `${words}_${suffix}`.toUpperCase();
  return /^\d/.test(name) ? `_${name}` : name;
}
