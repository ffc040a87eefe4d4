import { IncomingMessage, ServerResponse } from 'node:http';

/** The firewall blocks longer bodies too. */
const MAX_BODY_BYTES = 8 * 1024;
const HEADERS = {
  'content-type': 'application/json',
  // A response can contain health information, which no cache may store.
  'cache-control': 'no-store',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
};

/** A response other than success. Its text is for the client, so it contains no data of the request. */
export class Refusal extends Error {
  public readonly status: number;
  public readonly headers: Record<string, string>;

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** The body of a request, which must not be empty. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // The rest of the body is not read, so the connection cannot be used again.
    if (size > MAX_BODY_BYTES) throw new Refusal(413, 'the document is too large', { connection: 'close' });
    chunks.push(chunk);
  }
  if (size === 0) throw new Refusal(400, 'the document is empty');
  return Buffer.concat(chunks);
}

export function respond(response: ServerResponse, status: number, body: object, headers: object = {}): void {
  response.writeHead(status, { ...HEADERS, ...headers }).end(JSON.stringify(body));
}
