// A site of one page. Put your own in its place.
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

// Each task makes its own certificate when it starts: load balancers encrypt to their targets without verifying names.
const [key, cert] = ['/tmp/key.pem', '/tmp/cert.pem'];
execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90',
  '-subj', '/CN=task', '-keyout', key, '-out', cert], { stdio: 'ignore' });

const server = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert), minVersion: 'TLSv1.2' }, ({ url }, response) => {
  const found = url.split('?')[0] === '/';
  response.writeHead(found ? 200 : 404, HEADERS).end(found ? PAGE : '');
}).listen(Number(process.env.PORT ?? '8443'));

// Longer than the load balancer keeps a silent connection (60 s): else it sends a request into one that is just being closed.
server.keepAliveTimeout = 65_000;
// ECS sends SIGTERM and waits; requests under way are answered first.
process.on('SIGTERM', () => server.close(() => process.exit(0)));
