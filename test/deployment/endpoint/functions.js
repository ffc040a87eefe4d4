// Runs functions as Lambda does at a cold start: each invocation loads the code again, with its own environment.
// Only the AWS SDK stays loaded. A request and a response are one line of JSON each.
const fs = require('fs');
const https = require('https');
const http = require('http');
const path = require('path');
const readline = require('readline');
const timers = require('timers/promises');

const environment = { ...process.env };
const answer = (response) => fs.writeSync(1, `${JSON.stringify(response)}\n`);

// The output of a function is its log. The standard output belongs to the responses.
let log = [];
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk, encoding, done) => {
    log.push(String(chunk));
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback) callback();
    return true;
  };
}

// A function pauses while a service works. Here, a service has finished when it is asked again.
const { setTimeout: wait } = timers;
timers.setTimeout = (pause, ...others) => wait(Math.min(pause, 1), ...others);

// The functions of the CDK use HTTPS for their response. The endpoint has no certificate.
const { request } = https;
https.request = (options, callback) => {
  if (!['localhost', '127.0.0.1'].includes(options.hostname)) return request(options, callback);
  const { port } = new URL(process.env.AWS_ENDPOINT_URL);
  return http.request({ ...options, protocol: 'http:', port, agent: undefined }, callback);
};

function load({ directory, handler }) {
  const dot = handler.lastIndexOf('.');
  const file = require.resolve(path.resolve(directory, handler.slice(0, dot)));
  for (const loaded of Object.keys(require.cache)) {
    if (loaded.startsWith(directory)) delete require.cache[loaded];
  }
  return require(file)[handler.slice(dot + 1)];
}

async function run({ directory, handler, variables, event, context, seconds }) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment, variables);
  process.chdir(directory);
  const end = Date.now() + seconds * 1000;
  const given = { ...context, getRemainingTimeInMillis: () => end - Date.now() };
  return new Promise((resolve, reject) => {
    const done = (error, result) => (error ? reject(error) : resolve(result));
    const running = load({ directory, handler })(event, given, done);
    if (running && typeof running.then === 'function') running.then(resolve, reject);
  });
}

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  log = [];
  try {
    const result = await run(JSON.parse(line));
    answer({ result: result === undefined ? null : result, log: log.join('') });
  } catch (error) {
    answer({ error: { errorMessage: error.message, errorType: error.name, trace: [error.stack] }, log: log.join('') });
  }
});
