// A site with one page. Replace it with your own.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');

const PAGE = '<!doctype html><html lang="en"><title>Omnirapeutic</title><h1>Omnirapeutic</h1><p>It runs.</p></html>';
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': 'default-src \'none\'; frame-ancestors \'none\'',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

// Each task creates its own certificate at start: load balancers do not verify the certificates of their targets.
const folder = fs.mkdtempSync('/tmp/tls-');
const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
execFileSync('openssl', [
  'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90',
  '-subj', '/CN=task', '-keyout', key, '-out', cert,
], { stdio: 'ignore' });

const server = https.createServer({
  key: fs.readFileSync(key),
  cert: fs.readFileSync(cert),
  minVersion: 'TLSv1.2',
}, ({ url }, response) => {
  const found = url.split('?')[0] === '/';
  response.writeHead(found ? 200 : 404, HEADERS).end(found ? PAGE : '');
}).listen(Number(process.env.PORT ?? '8443'));

// Longer than the idle timeout of the load balancer (60 s), which could otherwise use a connection that is closing.
server.keepAliveTimeout = 65_000;
// ECS sends SIGTERM and waits. Active requests complete first.
process.on('SIGTERM', () => server.close(() => process.exit(0)));
