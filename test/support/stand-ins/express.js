// A stand-in for Express 5, with the parts that the programs of the examples use.

/** Adds the methods of Express to a response of Node.js. */
const extend = (response) => Object.assign(response, {
  status(code) {
    response.statusCode = code;
    return response;
  },
  set(name, value) {
    response.setHeader(name, value);
    return response;
  },
  json(value) {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  },
});

/** The parameters of a path such as `/notes/:id`, or undefined for another path. */
function parametersOf(pattern, path) {
  const [given, actual] = [pattern.split('/'), path.split('/')];
  if (given.length !== actual.length) return undefined;
  const fits = given.every((part, index) => part.startsWith(':') || part === actual[index]);
  if (!fits) return undefined;
  return Object.fromEntries(given.map((part, index) => [part.slice(1), actual[index]]));
}

function express() {
  const chain = [];
  const add = (method) => (first, ...others) => {
    const [paths, handlers] = typeof first === 'function' ? [[''], [first, ...others]] : [[first].flat(), others];
    for (const handler of handlers) chain.push({ method, paths, handler });
  };
  const app = (request, response) => {
    const rest = [...chain];
    const path = request.url.split('?')[0];
    const next = (error) => {
      const layer = rest.shift();
      if (!layer) return response.status(error ? 500 : 404).end();
      const { method, paths, handler } = layer;
      const matches = (each) => (method ? parametersOf(each, path) : path.startsWith(each) && {});
      const params = (!method || method === request.method) && paths.map(matches).find(Boolean);
      if (!params || (handler.length === 4) !== (error !== undefined)) return next(error);
      request.params = params;
      const call = async () => (error ? handler(error, request, response, next) : handler(request, response, next));
      return void call().catch(next);
    };
    extend(response);
    next();
  };
  return Object.assign(app, { disable() {}, use: add(), get: add('GET'), post: add('POST') });
}

/** Parses a body with JSON. A probe of a test has an object as its body. */
express.json = () => async (request, _response, next) => {
  if (typeof request.on !== 'function' || request.method === 'GET') return next();
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    request.body = JSON.parse(Buffer.concat(chunks));
  } catch {
    return next(Object.assign(new Error('the body is not JSON'), { status: 400 }));
  }
  return next();
};

module.exports = express;
