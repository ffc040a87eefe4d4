// Authenticates each request, finds its route, and records the access in the audit log.
const { randomUUID } = require('node:crypto');
const { Refusal, respond } = require('./http');
const { audit, log } = require('./log');

const RECORD = /^(\/api\/v1\/[a-z-]+)\/([^/]+)$/;

/**
 * The request handler of the API.
 * @param {{ tokens: import('./tokens').Tokens, routes: Record<string, Function> }} parts
 */
function createApp({ tokens, routes }) {
  /** The user of a request. The reason of a refusal is in the log, and not in the response. */
  function authenticate({ headers, socket }) {
    try {
      return tokens.verify(/^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '');
    } catch ({ message }) {
      log('warn', { event: 'login_failed', reason: message, address: addressOf(headers) ?? socket.remoteAddress });
      throw new Refusal(401, 'unauthorized', { 'www-authenticate': 'Bearer' });
    }
  }

  /** Answers an authenticated request, and records the access whether or not it succeeds. */
  async function access(request, response, path) {
    const user = authenticate(request);
    const found = match(routes, request.method, path);
    const accessed = { action: found.name, actor: user, record: found.id, request: randomUUID() };
    try {
      const { status, body, record = found.id } = await found.handler({ user, id: found.id, request });
      audit({ ...accessed, record, status });
      respond(response, status, body);
    } catch (error) {
      audit({ ...accessed, status: error.status ?? 500 });
      throw error;
    }
  }

  return async (request, response) => {
    const [path] = request.url.split('?');
    try {
      // The check does not query the database: a slow database must not cause the replacement of every task.
      if (path === '/healthz') respond(response, 200, { status: 'ok' });
      else await access(request, response, path);
    } catch (error) {
      fail(response, error);
    }
  };
}

/** The route of a request, with the ID of the record in the path. */
function match(routes, method, path) {
  const [, collection, id] = RECORD.exec(path) ?? [undefined, path];
  const pattern = id === undefined ? path : `${collection}/:id`;
  const name = `${method} ${pattern}`;
  if (Object.hasOwn(routes, name)) return { name, handler: routes[name], id: id && shortened(id) };
  const allowed = Object.keys(routes).filter((each) => each.endsWith(` ${pattern}`)).map((each) => each.split(' ')[0]);
  if (allowed.length === 0) throw new Refusal(404, 'there is no such resource');
  throw new Refusal(405, 'this method is not allowed', { allow: allowed.join(', ') });
}

/** A client chooses the ID, and the log contains it. No valid ID is longer, or has other characters. */
const shortened = (id) => id.replace(/[^0-9a-f-]/g, '').slice(0, 36);

/** The encrypted log receives the details of a failure, and the client does not. */
function fail(response, error) {
  if (response.headersSent) return response.destroy();
  if (error instanceof Refusal) return respond(response, error.status, { error: error.message }, error.headers);
  log('error', { error: error.name, code: error.code, message: error.message });
  return respond(response, 500, { error: 'internal' });
}

/** The client address, which the load balancer appends. */
const addressOf = (headers) => headers['x-forwarded-for']?.split(',').at(-1).trim();

module.exports = { createApp };
