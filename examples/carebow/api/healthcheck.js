// The health check of the container: exits with 0 if the program in the same container responds.
const https = require('node:https');

const { PORT = '8443' } = process.env;
const TIMEOUT_SECONDS = 3;

https.get({
  host: '127.0.0.1',
  port: Number(PORT),
  path: '/healthz',
  timeout: TIMEOUT_SECONDS * 1000,
  // The certificate of the task is its own, and the request does not leave the container.
  rejectUnauthorized: false,
}, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1));
