/**
 * The folder of the documentation, which the packages do not contain.
 *
 * The address has no version. A version would change the alarms of a deployed stack with each release.
 */
const DOCS = 'https://github.com/cdk-hipaa/cdk-hipaa/blob/main/docs';

/** The address of a page of the documentation, for messages and alarms. */
export function pageUrl(page: string): string {
  return `${DOCS}/${page}`;
}
