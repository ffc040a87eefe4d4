import { SdkSettings } from './account';
import { ACCOUNT } from './environment';

/** A service with the Query protocol. */
export interface QueryApi {
  readonly service: string;
  readonly version: string;
}

/**
 * Calls an API that answers in XML, and returns the answer.
 *
 * The project does not depend on the SDK's clients of these services. The endpoint does not verify signatures.
 */
export async function ask(
  { endpoint, region }: SdkSettings, { service, version }: QueryApi, Action: string, input: Record<string, string> = {},
): Promise<string> {
  const credential = `${ACCOUNT}/20260101/${region}/${service}/aws4_request`;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { Authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=none` },
    body: new URLSearchParams({ Action, Version: version, ...input }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${Action}: ${response.status} ${text}`);
  return text;
}

export const fields = (text: string, name: string): string[] =>
  [...text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, value]) => value);
export const field = (text: string | undefined, name: string): string | undefined => fields(text ?? '', name)[0];

/** The members of the lists with this name, which can contain other lists. */
export function members(text: string, name: string): string[] {
  return [...text.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].flatMap(([, list]) => {
    const found: string[] = [];
    let depth = 0;
    let start = 0;
    for (const { 0: tag, index } of list.matchAll(/<\/?member>/g)) {
      if (tag === '<member>' && depth++ === 0) start = index + tag.length;
      if (tag === '</member>' && --depth === 0) found.push(list.slice(start, index));
    }
    return found;
  });
}
