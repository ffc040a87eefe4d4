// Requests and responses: JSON with a limited size, and errors without details.

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
class Refusal extends Error {
  constructor(status, message, headers = {}) {
    super(message);
    Object.assign(this, { status, headers });
  }
}

/** The body of a request, as an object. */
async function readJson(request) {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new Refusal(415, 'the content type must be application/json');
  }
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // The rest of the body is not read, so the connection cannot be used again.
    if (size > MAX_BODY_BYTES) throw new Refusal(413, 'the body is too large', { connection: 'close' });
    chunks.push(chunk);
  }
  const body = parse(Buffer.concat(chunks).toString('utf8'));
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refusal(400, 'the body must be a JSON object');
  }
  return body;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    // The message of the error contains parts of the body.
    throw new Refusal(400, 'the body must be a JSON object');
  }
}

/** Refuses fields that the API does not need: a client must not send more than necessary. */
function requireFields(body, ...names) {
  const unknown = Object.keys(body).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Refusal(400, `the body may contain only ${names.join(' and ')}`);
}

const respond = (response, status, body, headers = {}) =>
  response.writeHead(status, { ...HEADERS, ...headers }).end(body === undefined ? undefined : JSON.stringify(body));

module.exports = { MAX_BODY_BYTES, readJson, Refusal, requireFields, respond };
